// SPDX-License-Identifier: Apache-2.0
#include "mssante/token_source.h"

#include <gtest/gtest.h>

#include <string>

namespace telavis::test {
namespace {

using namespace std::chrono_literals;

Result<Bytes> token_file(std::string_view text) {
  const auto view = as_bytes(text);
  return Bytes(view.begin(), view.end());
}

TEST(TokenSource, GivesWhatIsThereEachTime) {
  int asked = 0;
  ReadTokens tokens([&] { return token_file(++asked == 1 ? " first\r\n" : "second"); });
  EXPECT_EQ(tokens.token().value(), "first");
  EXPECT_EQ(tokens.token().value(), "second");
}

TEST(TokenSource, NeverShowsWhatIsNoToken) {
  const std::string too_long(kMaxTokenBytes + 1, 'x');
  for (const std::string& text :
       {std::string(), std::string(" \n"), std::string("secret word"), std::string("secret\r\nX"),
        std::string("secr\xe9t"), std::string("secret\x01"), too_long}) {
    ReadTokens tokens([&] { return token_file(text); });
    const auto token = tokens.token();
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, ErrorCode::mail_refused);
    EXPECT_EQ(token.error().text.find("secr"), std::string::npos);
  }
}

TEST(TokenSource, AFileThatCannotBeReadIsTheAccountsTrouble) {
  ReadTokens tokens([]() -> Result<Bytes> {
    return fail(ErrorCode::configuration_invalid, "Others may read token: run chmod 600 on it.");
  });
  const auto token = tokens.token();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, ErrorCode::mail_refused);
  EXPECT_NE(token.error().text.find("chmod"), std::string::npos);
}

TEST(TokenCommand, GivesItsOutput) {
  EXPECT_EQ(as_text(output_of({"/bin/sh", "-c", "printf %s \"$0\"", "a b"}, 60s).value()), "a b");
}

TEST(TokenCommand, ReadsNothingAndInheritsNothing) {
  const auto listed = output_of({"/bin/sh", "-c", "cat; ls /proc/self/fd"}, 60s);
  ASSERT_TRUE(listed);
  EXPECT_EQ(as_text(*listed), "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST(TokenCommand, WhatGoesWrongIsNoToken) {
  for (const auto& command :
       std::vector<std::vector<std::string>>{{},
                                             {"sh", "-c", "echo x"},
                                             {"/no/such/program"},
                                             {"/bin/false"},
                                             {"/bin/sh", "-c", "echo x; exit 3"},
                                             {"/bin/sh", "-c", "kill -9 $$"},
                                             {"/bin/sh", "-c", "yes"}}) {
    const auto output = output_of(command, 60s);
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().code, ErrorCode::mail_refused);
  }
}

TEST(TokenCommand, WhatDoesNotEndIsKilledWithItsChildren) {
  const auto output = output_of({"/bin/sh", "-c", "sleep 1000 & sleep 1000"}, 1s);
  ASSERT_FALSE(output);
}

}  // namespace
}  // namespace telavis::test
