// SPDX-License-Identifier: Apache-2.0
// Mails that nobody could file, over HTTP: who sees what, and what becomes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/http/api_world.h"

namespace telavis::kept_mails_test {
namespace {

using test::ApiWorld;
using test::Visitor;
using testing::HasSubstr;
using testing::Not;

const std::string kReason = R"({"reason":"Message resté sans suite, à relire.")";

class KeptMails : public testing::Test {
 protected:
  KeptMails() {
    auto& engine = world.engine;
    Programme other = engine.repository->programme(test::kDermatology).value().value();
    other.mailbox = "dermatologie@guadeloupe.telavis.test";
    EXPECT_TRUE(engine.put(other));
    const std::string mailbox =
        engine.repository->programme(test::kRhythmology).value().value().mailbox;
    const std::string text = "Return-Path: <" + engine.expert_a.mail_address + ">\r\nFrom: <" +
                             engine.expert_a.mail_address + ">\r\nTo: <" + mailbox +
                             ">\r\nSubject: ZZSUBJECT\r\nMessage-ID: <one@client.test>\r\n"
                             "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
                             "\r\n--b\r\nContent-Type: text/plain\r\n\r\nZZTEXT\r\n--b\r\n"
                             "Content-Type: application/pdf\r\n"
                             "Content-Disposition: attachment; filename=lettre.pdf\r\n\r\n%PDF-1.4"
                             "\r\n--b--\r\n";
    FetchedMail fetched;
    fetched.cursor = {1, 1};
    fetched.mime.assign(text.begin(), text.end());
    bytes = fetched.mime;
    const ReceivedMail mail = engine.service.taken_in(mailbox, fetched);
    id = mail.id;
    EXPECT_TRUE(engine.repository->put_received({mail}, mailbox, fetched.cursor));
    EXPECT_TRUE(engine.service.handle_mails(10));
  }
  Visitor referent() { return world.visitor(world.engine.referent); }
  boost::json::value listed(const User& user) {
    return ApiWorld::parsed(world.get(world.visitor(user), "/api/v1/kept-mails")).at("mails");
  }
  std::string path(const std::string& rest) const { return "/api/v1/kept-mails/" + id + rest; }
  std::ptrdiff_t noted(const std::string& action) {
    const auto chain = world.engine.repository->audit_chain("node").value();
    return std::ranges::count(chain, action,
                              [](const AuditEntry& entry) { return entry.what.action; });
  }

  ApiWorld world;
  Bytes bytes;
  std::string id;
};

TEST_F(KeptMails, AreListedWithoutTheirContentForTheirReferentAlone) {
  const auto his = listed(world.engine.referent);
  ASSERT_EQ(his.as_array().size(), 1U);
  EXPECT_EQ(his.at(0).at("id").as_string(), id);
  EXPECT_EQ(his.at(0).at("verdict").as_string(), "asked_again");
  const std::string text = boost::json::serialize(his);
  EXPECT_THAT(text, Not(HasSubstr("ZZ")));
  EXPECT_THAT(text, Not(HasSubstr(world.engine.expert_a.mail_address)));
  EXPECT_THAT(text, Not(HasSubstr(world.engine.expert_a.id.value)));
  EXPECT_TRUE(listed(world.foreign_referent).as_array().empty());
  for (const User& user : {world.engine.coordinator, world.engine.treasurer, world.engine.gp,
                           world.engine.expert_a, world.engine.admin}) {
    EXPECT_EQ(world.get(world.visitor(user), "/api/v1/kept-mails").status, 403) << user.login;
    EXPECT_EQ(world.post(world.visitor(user), path("/open"), kReason + "}").status, 403);
    EXPECT_EQ(world.post(world.visitor(user), path("/original"), kReason + "}").status, 403);
    EXPECT_EQ(
        world.post(world.visitor(user), path("/file"), kReason + R"(,"as":"nothing"})").status,
        403);
  }
  const Visitor foreign = world.visitor(world.foreign_referent);
  EXPECT_EQ(world.post(foreign, path("/open"), kReason + "}").status, 404);
  EXPECT_EQ(world.post(foreign, path("/original"), kReason + "}").status, 404);
  EXPECT_EQ(world.post(foreign, path("/file"), kReason + R"(,"as":"nothing"})").status, 404);
  EXPECT_EQ(noted("mail_opened"), 0);
}

TEST_F(KeptMails, AreOpenedWithAReasonThatIsWrittenDown) {
  EXPECT_EQ(world.post(referent(), path("/open"), R"({"reason":"short"})").status, 422);
  EXPECT_EQ(noted("mail_opened"), 0);
  const auto opened = ApiWorld::parsed(world.post(referent(), path("/open"), kReason + "}"));
  const auto& content = opened.at("content");
  EXPECT_EQ(content.at("subject").as_string(), "ZZSUBJECT");
  EXPECT_THAT(std::string(content.at("text").as_string()), HasSubstr("ZZTEXT"));
  EXPECT_EQ(content.at("from").as_string(), world.engine.expert_a.mail_address);
  ASSERT_EQ(content.at("attachments").as_array().size(), 1U);
  EXPECT_EQ(content.at("attachments").at(0).at("name").as_string(), "lettre.pdf");
  EXPECT_EQ(noted("mail_opened"), 1);
  const auto whole = world.post(referent(), path("/original"), kReason + "}");
  EXPECT_EQ(whole.body, bytes);
  EXPECT_EQ(whole.content_type, "application/octet-stream");
  EXPECT_EQ(noted("mail_opened"), 2);
}

TEST_F(KeptMails, AreFiledOnce) {
  EXPECT_EQ(world.post(referent(), path("/file"), kReason + R"(,"as":"elsewhere"})").status, 422);
  EXPECT_EQ(world
                .post(referent(), path("/file"),
                      kReason + R"(,"as":"information","case_number":"TE-2026-00000000"})")
                .status,
            404);
  const auto filed = world.post(referent(), path("/file"), kReason + R"(,"as":"nothing"})");
  EXPECT_EQ(ApiWorld::parsed(filed).at("verdict").as_string(), "dismissed");
  EXPECT_TRUE(listed(world.engine.referent).as_array().empty());
  EXPECT_EQ(world.post(referent(), path("/file"), kReason + R"(,"as":"nothing"})").status, 409);
}

}  // namespace
}  // namespace telavis::kept_mails_test
