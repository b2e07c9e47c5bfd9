// SPDX-License-Identifier: Apache-2.0
#include "mssante/maildir_mailbox.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/fakes.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;

class MaildirBox : public testing::Test {
 protected:
  MaildirBox() {
    fs::create_directories(folder() / "new");
    fs::create_directories(folder() / "cur");
  }
  fs::path folder() const { return temporary_.path() / "box@telavis.test"; }
  /// `second` orders the mails: names say nothing.
  void put(const std::string& name, int second, const std::string& text = "Subject: x\n\ny\n") {
    std::ofstream(folder() / "new" / name) << text;
    fs::last_write_time(folder() / "new" / name,
                        fs::file_time_type() + std::chrono::seconds(1'000'000 + second));
  }
  std::vector<std::uint32_t> uids(MailboxCursor cursor = {}, std::size_t limit = 10) {
    const auto mails = mailbox_.fetch_after(cursor, limit);
    EXPECT_TRUE(mails) << (mails ? "" : mails.error().text);
    std::vector<std::uint32_t> found;
    if (!mails) return found;
    for (const FetchedMail& mail : *mails) {
      found.push_back(mail.cursor.last_uid);
      last_ = mail.cursor;
    }
    return found;
  }
  using Uids = std::vector<std::uint32_t>;

  TempFolder temporary_;
  SimClock clock_{Instant(std::chrono::hours(24 * 365 * 56))};
  MaildirMailbox mailbox_{folder(), clock_};
  MailboxCursor last_;
};

TEST_F(MaildirBox, GivesMailsInTheOrderOfTheirArrivalAndEachOnce) {
  put("b", 1, "Subject: first\n\n1\n");
  put("a", 2);
  EXPECT_EQ(uids({}, 1), (Uids{1}));
  const auto first = mailbox_.fetch_after({}, 1).value();
  EXPECT_EQ(as_text(first[0].mime), "Subject: first\n\n1\n");
  EXPECT_EQ(first[0].gap, MailGap::none);
  EXPECT_EQ(uids(last_), (Uids{2}));
  EXPECT_EQ(uids(last_), Uids());
  put("0", 0);  // older by its date and yet newer here
  EXPECT_EQ(uids(last_), (Uids{3}));
}

TEST_F(MaildirBox, AReaderMayMoveFlagAndDeleteMails) {
  put("a", 1);
  put("b", 2);
  put("c", 3);
  EXPECT_EQ(uids(), (Uids{1, 2, 3}));
  fs::rename(folder() / "new" / "c", folder() / "cur" / "c:2,S");
  fs::remove(folder() / "new" / "b");
  MaildirMailbox again(folder(), clock_);
  EXPECT_EQ(again.fetch_after({}, 10).value().size(), 2U);
  EXPECT_EQ(uids({last_.uid_validity, 1}), (Uids{3}));
}

TEST_F(MaildirBox, ACursorOfAnotherTimeStandsForNothing) {
  put("a", 1);
  uids();
  EXPECT_NE(last_.uid_validity, 0U);
  EXPECT_EQ(uids({last_.uid_validity + 1, 1}), (Uids{1}));
}

TEST_F(MaildirBox, ACrashInTheListOfNumbersLosesNothing) {
  put("a", 1);
  uids();
  std::ofstream(folder() / "telavis-uids", std::ios::app) << "2 b";  // without its end
  put("b", 2);
  EXPECT_EQ(uids(), (Uids{1, 2}));
  EXPECT_EQ(uids(last_), Uids());
}

TEST_F(MaildirBox, ATouchedListOfNumbersIsAnError) {
  put("a", 1);
  uids();
  for (const char* line : {"1 b\n", "x b\n", "0 b\n", "3\n", "99999999999 b\n"}) {
    const auto before = read_file(folder() / "telavis-uids");
    std::ofstream(folder() / "telavis-uids", std::ios::app) << line;
    const auto mails = mailbox_.fetch_after({}, 10);
    ASSERT_FALSE(mails) << line;
    EXPECT_EQ(mails.error().code, ErrorCode::malformed_file);
    std::ofstream(folder() / "telavis-uids", std::ios::binary) << as_text(before);
  }
}

TEST_F(MaildirBox, NothingButFilesIsRead) {
  EXPECT_TRUE(MaildirMailbox(temporary_.path() / "none", clock_).fetch_after({}, 10)->empty());
  std::ofstream(temporary_.path() / "secret") << "Subject: s\n\nZZSECRET\n";
  fs::create_symlink(temporary_.path() / "secret", folder() / "new" / "link");
  fs::create_directory(folder() / "new" / "folder");
  std::ofstream(folder() / "new" / ".hidden") << "x";
  EXPECT_EQ(uids(), Uids());
  EXPECT_FALSE(fs::exists(folder() / "telavis-uids.tmp"));
}

TEST_F(MaildirBox, AMailThatIsTooLargeIsToldAndPassed) {
  put("a", 1);
  fs::resize_file(folder() / "new" / "a", (std::uintmax_t{50} << 20) + 1);
  put("b", 2);
  const auto mails = mailbox_.fetch_after({}, 10).value();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].gap, MailGap::too_large);
  EXPECT_TRUE(mails[0].mime.empty());
  EXPECT_EQ(mails[1].gap, MailGap::none);
}

}  // namespace
}  // namespace telavis::test
