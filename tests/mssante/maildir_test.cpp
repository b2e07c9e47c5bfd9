// SPDX-License-Identifier: Apache-2.0
#include "mssante/maildir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/child_process.h"
#include "tests/full_disk.h"
#include "tests/shared_samples.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;

const std::string kTo = "dr.un@medecin.test";

Bytes mail_of(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

class MaildirTest : public testing::Test {
 protected:
  SendOutcome send(const std::string& key, const std::string& to = kTo,
                   std::string_view text = "Subject: x\r\n\r\nBonjour\r\n") {
    return mailer_.send({key, "filiere@telavis.test", to}, mail_of(text)).outcome;
  }
  fs::path mailbox() const { return root() / kTo; }
  fs::path root() const { return folder_.path() / "mail"; }
  std::size_t count(const char* folder) const {
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(mailbox() / folder)) ++files;
    return files;
  }

  TempFolder folder_;
  MaildirMailer mailer_{root()};
};

TEST_F(MaildirTest, AMailStandsInNewWithItsBytes) {
  EXPECT_EQ(send("k1"), SendOutcome::accepted);
  EXPECT_EQ(read_file(mailbox() / "new" / "k1"), mail_of("Subject: x\r\n\r\nBonjour\r\n"));
  EXPECT_EQ(count("tmp"), 0U);
  EXPECT_EQ(count("cur"), 0U);
  struct stat status {};
  ASSERT_EQ(::stat((mailbox() / "new" / "k1").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(status.st_nlink, 1U);
}

TEST_F(MaildirTest, ARedeliveryNeverDoubles) {
  EXPECT_EQ(send("k1"), SendOutcome::accepted);
  EXPECT_EQ(send("k1"), SendOutcome::accepted);
  EXPECT_EQ(count("new"), 1U);
  // A mail program takes it in, then marks it as read and answered.
  fs::rename(mailbox() / "new" / "k1", mailbox() / "cur" / "k1:2,");
  EXPECT_EQ(send("k1"), SendOutcome::accepted);
  fs::rename(mailbox() / "cur" / "k1:2,", mailbox() / "cur" / "k1:2,RS");
  EXPECT_EQ(send("k1"), SendOutcome::accepted);
  EXPECT_EQ(count("new"), 0U);
  EXPECT_EQ(count("cur"), 1U);
  EXPECT_EQ(count("tmp"), 0U);
}

TEST_F(MaildirTest, AKeyThatBeginsAnotherIsAnotherMessage) {
  EXPECT_EQ(send("k1"), SendOutcome::accepted);
  fs::rename(mailbox() / "new" / "k1", mailbox() / "cur" / "k1:2,S");
  EXPECT_EQ(send("k"), SendOutcome::accepted);
  EXPECT_EQ(send("k12"), SendOutcome::accepted);
  EXPECT_EQ(count("new"), 2U);
}

TEST_F(MaildirTest, ADeliveryThatDiedHalfWayIsRepeated) {
  EXPECT_EQ(send("first"), SendOutcome::accepted);
  std::ofstream(mailbox() / "tmp" / ".scratch-x") << "half a ma";
  EXPECT_EQ(send("k1"), SendOutcome::accepted);
  EXPECT_EQ(read_file(mailbox() / "new" / "k1"), mail_of("Subject: x\r\n\r\nBonjour\r\n"));
}

TEST_F(MaildirTest, ManyDeliverersOfOneMessageLeaveOne) {
  std::vector<std::thread> threads;
  threads.reserve(6);
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(send("k" + std::to_string(i)), SendOutcome::accepted);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count("new"), 5U);
  EXPECT_EQ(count("tmp"), 0U);
}

TEST_F(MaildirTest, AReaderWhoTakesMailsMeanwhileFindsEachOnce) {
  std::atomic<bool> done = false;
  ASSERT_EQ(send("warm-up"), SendOutcome::accepted);
  std::thread reader([&] {
    while (!done) {
      for (int i = 0; i < 20; ++i) {
        const std::string key = "k" + std::to_string(i);
        std::error_code error;
        fs::rename(mailbox() / "new" / key, mailbox() / "cur" / (key + ":2,S"), error);
      }
    }
  });
  for (int i = 0; i < 20; ++i) {
    for (int again = 0; again < 5; ++again)
      EXPECT_EQ(send("k" + std::to_string(i)), SendOutcome::accepted);
  }
  done = true;
  reader.join();
  EXPECT_EQ(count("new") + count("cur"), 21U);
}

TEST_F(MaildirTest, AnAddressOrKeyThatCanNameNothingIsRefusedAndWritesNothing) {
  for (const char* to : {"", "..", "../x@y", "a/b@c", "a@../../b", "no-domain", "a@b\n", "é@b"}) {
    const auto result = mailer_.send({"k", "f@telavis.test", to}, mail_of("x"));
    EXPECT_EQ(result.outcome, SendOutcome::refused) << to;
    EXPECT_FALSE(result.reason.empty());
  }
  for (const char* key : {"", ".hidden", "a/b", "..", "a:2,S", "a b", "é"})
    EXPECT_EQ(send(key), SendOutcome::refused) << key;
  EXPECT_EQ(send(std::string(200, 'k')), SendOutcome::refused);
  EXPECT_FALSE(fs::exists(root()));
}

TEST_F(MaildirTest, WhatTheDiskRefusesIsTriedAgainLater) {
  std::ofstream(root()) << "a file where the folder should be";
  const auto result = mailer_.send({"k", "f@telavis.test", kTo}, mail_of("x"));
  EXPECT_EQ(result.outcome, SendOutcome::retry);
  EXPECT_FALSE(result.reason.empty());
  EXPECT_EQ(result.reason.find(kTo), std::string::npos) << "a reason carries no address";
  fs::remove(root());
  EXPECT_EQ(send("k"), SendOutcome::accepted);
}

TEST_F(MaildirTest, AFullDiskIsTriedAgainAndLeavesNoHalfMail) {
  fs::create_directory(root());
  const int answer = run_in_child([&] {
    if (!mount_small_disk(root(), 64)) return kCannotMount;
    if (send("small") != SendOutcome::accepted) return 1;
    const std::string large(200'000, 'x');
    const auto result = mailer_.send({"large", "f@telavis.test", kTo}, mail_of(large));
    if (result.outcome != SendOutcome::retry) return 2;
    if (result.reason.find("space") == std::string::npos) return 3;
    if (fs::exists(mailbox() / "new" / "large") || count("tmp") != 0) return 4;
    return send("after") == SendOutcome::accepted ? 0 : 5;
  });
  if (answer == kCannotMount) GTEST_SKIP() << "skipped: mounting a small disk needs root";
  EXPECT_EQ(answer, 0);
}

}  // namespace
}  // namespace telavis::test
