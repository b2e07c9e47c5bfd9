// SPDX-License-Identifier: Apache-2.0
#include "engine/mail_archive.h"

#include <gtest/gtest.h>

#include "formats/zip.h"

namespace telavis::test {
namespace {

Bytes text(std::string_view words) {
  const auto view = as_bytes(words);
  return {view.begin(), view.end()};
}

TEST(MailArchive, GivesFilesByTheirBareNames) {
  const Bytes archive =
      write_zip({{"a/trace.scp", text("1")}, {"b/trace.scp", text("22")}, {"photo.jpg", {}}})
          .value();
  const auto files = unpack_mail_archive(archive);
  ASSERT_TRUE(files) << files.error().text;
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ(files->at(0).name, "trace.scp");
  EXPECT_EQ(files->at(0).bytes, text("1"));
  EXPECT_EQ(files->at(1).name, "2-trace.scp");
  EXPECT_EQ(files->at(1).bytes, text("22"));
  EXPECT_EQ(files->at(2).name, "photo.jpg");
}

TEST(MailArchive, AnArchiveInsideStaysOne) {
  const Bytes inner = write_zip({{"x", text("x")}}).value();
  const auto files = unpack_mail_archive(write_zip({{"inner.zip", inner}}).value());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->at(0).bytes, inner);
}

TEST(MailArchive, WhatIsTooMuchOrDamagedIsRefusedWhole) {
  std::vector<ZipEntry> many;
  for (std::size_t i = 0; i <= kMaxArchiveFiles; ++i) many.push_back({std::to_string(i), {}});
  EXPECT_EQ(unpack_mail_archive(write_zip(many).value()).error().code, ErrorCode::limit_exceeded);
  // Zeros pack a thousand to one: two of these are no larger than a mail.
  const Bytes zeros(kMaxArchiveBytes / 2 + 1);
  EXPECT_EQ(unpack_mail_archive(write_zip({{"a", zeros}, {"b", zeros}}).value()).error().code,
            ErrorCode::limit_exceeded);
  Bytes cut = write_zip({{"a", text("words")}}).value();
  cut.resize(cut.size() / 2);
  EXPECT_EQ(unpack_mail_archive(cut).error().code, ErrorCode::malformed_file);
  EXPECT_FALSE(unpack_mail_archive({}));
}

}  // namespace
}  // namespace telavis::test
