// SPDX-License-Identifier: Apache-2.0
// `telavis mail` beside a real server: what nobody could file, at the medical referent's terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/e2e/maildir_drop.h"

namespace telavis::mail_commands_test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::Demonstration;
using test::kBox;
using test::Process;
using test::Ran;
using testing::HasSubstr;
using testing::Not;

const std::string kExpert = "alize@guadeloupe.telavis.test";

class MailCommand : public testing::Test {
 protected:
  MailCommand() {
    demo_.secret("reason", "Message resté sans suite, à relire.\n");
    for (const char* login : {"balisier", "pointe", "abgrall"})
      demo_.secret(login, demo_.password_of(login) + "\n");
  }
  Ran telavis(const std::string& arguments, const std::string& login = "balisier") const {
    return test::run_telavis(demo_.folder, "mail " + arguments + " --as " + login +
                                               " --password-file " + login + " --config conf.json");
  }
  Ran with_reason(const std::string& arguments, const std::string& login = "balisier") const {
    return telavis(arguments + " --reason-file reason", login);
  }
  json::array listed() const {
    const Ran ran = telavis("list");
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_THAT(ran.output, Not(HasSubstr("ZZ")));
    EXPECT_THAT(ran.output, Not(HasSubstr(kExpert)));
    return json::parse(ran.output).at("mails").as_array();
  }

  Demonstration demo_{R"("log_level":"error","mail":{"poll_s":1})"};
  const std::string text_ = "Return-Path: <" + kExpert + ">\r\nFrom: <" + kExpert + ">\r\nTo: <" +
                            kBox +
                            ">\r\nSubject: ZZSUBJECT\r\nMessage-ID: <one@client.test>\r\n"
                            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
                            "\r\n--b\r\nContent-Type: text/plain\r\n\r\nZZTEXT\r\n--b\r\n"
                            "Content-Type: application/pdf\r\n"
                            "Content-Disposition: attachment; filename=lettre.pdf\r\n\r\n%PDF-1.4"
                            "\r\n--b--\r\n";
};

TEST_F(MailCommand, ListsOpensAndFilesWhatNobodyCouldFile) {
  Process server(demo_.serve(), demo_.folder / "log");
  ASSERT_TRUE(server.wait_for("listening on"));
  test::drop(demo_, "one", text_);
  ASSERT_EQ(test::wait_mails(demo_, kExpert).size(), 1U) << test::slurp(demo_.folder / "log");
  const json::array mails = listed();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].at("mailbox").as_string(), kBox);
  EXPECT_EQ(mails[0].at("verdict").as_string(), "asked_again");
  const std::string id = mails[0].at("id").as_string().c_str();

  // Nobody else, and nobody without a reason.
  EXPECT_THAT(telavis("list", "pointe").output, HasSubstr("forbidden"));
  EXPECT_THAT(telavis("list", "abgrall").output, HasSubstr("\"mails\":[]"));
  EXPECT_THAT(with_reason("open " + id, "pointe").output, HasSubstr("forbidden"));
  EXPECT_THAT(with_reason("open " + id, "abgrall").output, HasSubstr("not_found"));
  const Ran unreasoned = telavis("open " + id);
  EXPECT_NE(unreasoned.status, 0);
  EXPECT_THAT(unreasoned.output, Not(HasSubstr("ZZ")));

  const Ran opened = with_reason("open " + id);
  ASSERT_EQ(opened.status, 0) << opened.output;
  const json::value content = json::parse(opened.output).at("content");
  EXPECT_EQ(content.at("subject").as_string(), "ZZSUBJECT");
  EXPECT_THAT(std::string(content.at("text").as_string()), HasSubstr("ZZTEXT"));
  EXPECT_EQ(content.at("attachments").at(0).at("name").as_string(), "lettre.pdf");
  const Ran written = with_reason("open " + id + " --out one.eml");
  EXPECT_EQ(written.status, 0);
  EXPECT_EQ(written.output, "");
  EXPECT_EQ(test::slurp(demo_.folder / "one.eml"), text_);
  struct ::stat status {};
  ASSERT_EQ(::stat((demo_.folder / "one.eml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_THAT(with_reason("open " + id + " --out one.eml").output, HasSubstr("not replaced"));

  const std::string file = "file " + id + " --into ";
  EXPECT_NE(with_reason(file + "elsewhere").status, 0);
  EXPECT_THAT(with_reason(file + "information --case TE-2026-00000000").output,
              HasSubstr("not_found"));
  EXPECT_THAT(with_reason(file + "nothing", "abgrall").output, HasSubstr("not_found"));
  EXPECT_EQ(listed().size(), 1U);
  const Ran again = with_reason(file + "again");
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(json::parse(again.output).at("verdict").as_string(), "asked_again");
  const Ran filed = with_reason(file + "nothing");
  EXPECT_EQ(filed.status, 0);
  EXPECT_EQ(json::parse(filed.output).at("verdict").as_string(), "dismissed");
  EXPECT_TRUE(listed().empty());
  EXPECT_THAT(with_reason(file + "nothing").output, HasSubstr("state_conflict"));
  EXPECT_TRUE(server.stop());
}

TEST_F(MailCommand, NeedsAPersonWhoLogsInAndTheNameOfAMail) {
  EXPECT_NE(test::run_telavis(demo_.folder, "mail list --config conf.json").status, 0);
  demo_.secret("pointe", demo_.password_of("balisier") + "\n");
  EXPECT_THAT(telavis("list", "pointe").output, HasSubstr("login_failed"));
  EXPECT_THAT(with_reason("open none").output, HasSubstr("not_found"));
  EXPECT_NE(with_reason("open").status, 0);
  EXPECT_NE(with_reason("file none").status, 0);
  fs::permissions(demo_.folder / "balisier", fs::perms::group_read, fs::perm_options::add);
  EXPECT_THAT(telavis("list").output, HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace telavis::mail_commands_test
