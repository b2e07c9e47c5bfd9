// SPDX-License-Identifier: Apache-2.0
// The loop without an operator: a mail is a file in the Maildir of a programme's mailbox. And what
// an operator's configuration must have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/base64.h"
#include "tests/e2e/maildir_drop.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MailFiles, AQuestionPutIntoTheMaildirBecomesACase) {
  Demonstration demo(R"("log_level":"error","mail":{"poll_s":1})");
  const std::string ecg = slurp(fs::path(TELAVIS_SOURCE_DIR) / "fixtures/demo-ecg.scp");
  drop(demo, "one",
       "From: <zephir@guadeloupe.telavis.test>\nTo: <" + kBox +
           ">\nSubject: Avis ECG\nMessage-ID: <one@client.test>\nMIME-Version: 1.0\n"
           "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
           "Content-Type: text/plain; charset=utf-8\n\nMotif : trouble du rythme\n"
           "Question : Le rythme est-il régulier ?\n--b\n"
           "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
           "Content-Disposition: attachment; filename=trace.scp\n\n" +
           base64_encoded(as_bytes(ecg)) + "\n--b--\n");
  drop(demo, "two",
       "From: <nobody@guadeloupe.telavis.test>\nTo: <" + kBox +
           ">\nSubject: Bonjour\nMessage-ID: <two@client.test>\n\nUne question ?\n");
  Process server(demo.serve(), demo.folder / "log");
  ASSERT_TRUE(server.wait_for("listening on"));
  const auto told = wait_mails(demo, "zephir@guadeloupe.telavis.test");
  ASSERT_EQ(told.size(), 1U) << slurp(demo.folder / "log");
  EXPECT_THAT(told[0], HasSubstr("In-Reply-To: <one@client.test>"));
  EXPECT_EQ(wait_mails(demo, "nobody@guadeloupe.telavis.test").size(), 1U);
  // A second start finds nothing new.
  server.kill_now();
  Process again(demo.serve(), demo.folder / "log");
  ASSERT_TRUE(again.wait_for("listening on"));
  EXPECT_TRUE(again.runs_for(2500));
  EXPECT_EQ(mails(demo, "zephir@guadeloupe.telavis.test").size(), 1U);
  EXPECT_TRUE(again.stop());
}

TEST(MailFiles, AnOperatorNeedsATrustListAndAProductReference) {
  const std::string operators =
      R"("mail":{"ca_file":"ca.pem","accounts":[{"address":"a@op.test","certificate_file":"c.pem",
         "key_file":"c.key","submission":{"host":"smtp.op.test"}}]})";
  const auto refusal = [](const Demonstration& demo) {
    const fs::path log = demo.folder / "log";
    EXPECT_EQ(Process(demo.serve(), log).finish(), 1);
    return slurp(log);
  };
  EXPECT_THAT(refusal(Demonstration(operators)), HasSubstr("add a trust_list"));
  EXPECT_THAT(refusal(Demonstration(operators + R"(,"trust_list":{})")),
              HasSubstr("mss_profile.nil"));
  EXPECT_THAT(
      refusal(Demonstration(operators + R"(,"trust_list":{},"mss_profile":{"nil":"REF-1"})")),
      Not(HasSubstr("trust_list is missing")));
}

}  // namespace
}  // namespace telavis::test
