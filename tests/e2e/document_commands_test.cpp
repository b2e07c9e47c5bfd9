// SPDX-License-Identifier: Apache-2.0
// `telavis document` beside a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/json_reader.h"
#include "tests/e2e/server_process.h"

namespace telavis::document_commands_test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::Client;
using test::Demonstration;
using test::Process;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int kPatience = 300;  // tenths of a second

class DocumentCommand : public testing::Test {
 protected:
  /// Both streams of the command.
  std::string telavis(const std::string& arguments) const {
    return test::run_telavis(demo_.folder, "document " + arguments + " --config conf.json").output;
  }
  std::string file(const char* name) const { return test::slurp(demo_.folder / name); }

  Demonstration demo_{R"("log_level":"error")"};
};

TEST_F(DocumentCommand, WritesWhatWouldBeSent) {
  Process server(demo_.serve());
  ASSERT_TRUE(server.wait_for("listening on"));
  Client gps(demo_.url, demo_.data, "requester");
  Client experts(demo_.url, demo_.data, "expert");
  HttpsClient* gp = gps.session(gps.logins().front());
  const auto sent = gp->post_multipart("/api/v1/cases", test::demonstration_request(),
                                       test::demonstration_files(), "one");
  ASSERT_TRUE(sent && sent->status == 201);
  const json::value made = json::parse(as_text(sent->body));
  const std::string number = made.at("case").at("number").as_string().c_str();
  const std::string path =
      std::string("/api/v1/cases/") + made.at("case").at("id").as_string().c_str();

  EXPECT_EQ(telavis("--case " + number + " --kind tlm-da --out da.xml"), "");
  EXPECT_THAT(file("da.xml"), HasSubstr("1.2.250.1.213.1.1.1.38"));
  EXPECT_THAT(file("da.xml"), HasSubstr("2.999.1.1.1."));
  EXPECT_THAT(telavis("--case " + number + " --kind tlm-cr --out cr.xml"),
              HasSubstr("state_conflict"));
  EXPECT_THAT(telavis("--case " + number + " --kind tlm-da --out da.xml"),
              HasSubstr("not replaced"));

  bool answered = false;
  for (int i = 0; i < kPatience && !answered; ++i) {
    for (const std::string& login : experts.logins()) {
      experts.session(login)->post_json(path + "/opinion",
                                        R"({"conclusion":"Vu.","orientation":"gp_management"})",
                                        "answer-" + std::to_string(i));
    }
    const auto shown = gp->get(path);
    ASSERT_TRUE(shown && shown->status == 200);
    answered = as_text(shown->body).find("\"conclusion\":\"Vu.\"") != std::string_view::npos;
    if (!answered) {
      ASSERT_TRUE(server.runs_for(100));
    }
  }
  ASSERT_TRUE(answered);
  EXPECT_EQ(telavis("--case " + number + " --kind tlm-cr --out cr.xml"), "");
  EXPECT_THAT(file("cr.xml"), HasSubstr("application/pdf"));
  EXPECT_EQ(telavis("--case " + number + " --kind pdf --out cr.pdf"), "");
  EXPECT_THAT(file("cr.pdf"), StartsWith("%PDF-1.4"));
}

TEST_F(DocumentCommand, IsForThoseWhoSeeTheCase) {
  Process server(demo_.serve());
  ASSERT_TRUE(server.wait_for("listening on"));
  Client gps(demo_.url, demo_.data, "requester");
  HttpsClient* gp = gps.session(gps.logins().front());
  const auto sent = gp->post_multipart("/api/v1/cases", test::demonstration_request(),
                                       test::demonstration_files(), "one");
  ASSERT_TRUE(sent && sent->status == 201);
  const json::value made = json::parse(as_text(sent->body));
  const std::string number = made.at("case").at("number").as_string().c_str();
  const json::value logins = json::parse(file("data/demonstration-logins.json"));
  for (const json::value& login : logins.at("logins").as_array()) {
    if (login.at("role").as_string() == "expert" || login.at("role").as_string() == "requester") {
      continue;
    }
    demo_.secret("password", login.at("password").as_string().c_str());
    const std::string said =
        telavis("--case " + number + " --kind tlm-da --out x.xml --as " +
                login.at("login").as_string().c_str() + " --password-file password");
    EXPECT_THAT(said, testing::AnyOf(HasSubstr("forbidden"), HasSubstr("not_found")))
        << login.at("login").as_string();
    EXPECT_FALSE(fs::exists(demo_.folder / "x.xml"));
  }
  EXPECT_THAT(telavis("--case TE-2026-00000000 --kind pdf --out x.pdf"), HasSubstr("not_found"));
}

}  // namespace
}  // namespace telavis::document_commands_test
