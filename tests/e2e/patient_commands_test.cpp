// SPDX-License-Identifier: Apache-2.0
// The commands of docs/patient-rights.md as they stand there, beside a real server; and a master
// key that is replaced under requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <regex>
#include <thread>

#include "tests/e2e/server_process.h"

namespace telavis::patient_commands_test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::Client;
using test::Demonstration;
using test::Process;
using test::Ran;
using testing::HasSubstr;
using testing::Not;

constexpr int kPatience = 600;  // tenths of a second: the key file is looked at every five seconds

class PatientCommands : public testing::Test {
 protected:
  PatientCommands() {
    page_ = test::slurp(fs::path(TELAVIS_SOURCE_DIR) / "docs/patient-rights.md");
    const auto from = page_.find('{', page_.find("`identity.json`"));
    demo_.secret("identity.json", page_.substr(from, page_.find("```", from) - from));
    demo_.secret("password", demo_.password_of("balisier") + "\n");
    demo_.secret("password2", demo_.password_of("pointe") + "\n");
    demo_.secret("reason", "Demande de la patiente par courrier du 20 novembre.\n");
  }
  Ran telavis(const std::string& arguments) const {
    return test::run_telavis(demo_.folder, arguments + " --config conf.json");
  }
  /// The commands of a chapter, `NUMBER` filled in.
  std::vector<std::string> commands(const std::string& from, const std::string& to,
                                    const std::string& number = "") const {
    const auto begin = page_.find(from);
    const std::string part = page_.substr(begin, page_.find(to, begin) - begin);
    const std::regex line("(^|\n)telavis ([^\n]+)");
    std::vector<std::string> found;
    for (std::sregex_iterator at(part.begin(), part.end(), line), last; at != last; ++at) {
      found.push_back(std::regex_replace((*at)[2].str(), std::regex("NUMBER"), number));
    }
    EXPECT_FALSE(found.empty()) << from;
    return found;
  }
  static json::value body_of(const Result<HttpsAnswer>& answer, int status) {
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().text);
    if (!answer) return {};
    EXPECT_EQ(answer->status, status) << as_text(answer->body);
    return json::parse(as_text(answer->body));
  }
  /// Sent, answered, delivered and closed. Gives its number.
  std::string closed_case(Process& server) {
    Client gps(demo_.url, demo_.data, "requester");
    Client experts(demo_.url, demo_.data, "expert");
    HttpsClient* gp = gps.session(gps.logins().front());
    const json::value sent =
        body_of(gp->post_multipart("/api/v1/cases", test::demonstration_request(),
                                   test::demonstration_files(), "one"),
                201);
    const std::string path =
        std::string("/api/v1/cases/") + sent.at("case").at("id").as_string().c_str();
    const auto wait_for_state = [&](std::string_view state) {
      for (int i = 0; i < kPatience; ++i) {
        const json::value shown = body_of(gp->get(path), 200);
        if (shown.at("case").at("state").as_string() == state) return true;
        EXPECT_TRUE(server.runs_for(100));
      }
      return false;
    };
    EXPECT_TRUE(wait_for_state("offered"));
    for (const std::string& login : experts.logins()) {
      experts.session(login)->post_json(
          path + "/opinion", R"({"conclusion":"Vu.","orientation":"emergency_15"})", "two");
    }
    EXPECT_TRUE(wait_for_state("delivered"));
    body_of(gp->post_json(path + "/acknowledge", "{}", "three"), 200);
    body_of(gp->post_json(path + "/close-out",
                          R"({"outcome":"new_advice","referral":"avoided","value_for_patient":5,
                              "value_for_requester":4})",
                          "four"),
            200);
    EXPECT_TRUE(wait_for_state("closed"));
    return sent.at("case").at("number").as_string().c_str();
  }

  Demonstration demo_{R"("log_level":"error")"};
  std::string page_;
};

TEST_F(PatientCommands, OfThePageAreTrue) {
  Process server(demo_.serve());
  ASSERT_TRUE(server.wait_for("listening on"));
  const std::string number = closed_case(server);
  if (HasFailure()) return;

  const auto rights = commands("## The four rights", "## One case");
  const std::vector<std::string> words = {"written: ",
                                          "Zéphir",
                                          number + " restricted\n",
                                          number + " used again\n",
                                          "opposition: on file\n",
                                          "opposition lifted\n"};
  ASSERT_EQ(rights.size(), words.size());
  for (std::size_t i = 0; i < rights.size(); ++i) {
    const Ran ran = telavis(rights[i]);
    EXPECT_EQ(ran.status, 0) << rights[i] << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(words[i])) << rights[i];
    EXPECT_THAT(ran.output, HasSubstr("cases of this person: " + number + "\n")) << rights[i];
    EXPECT_THAT(ran.output, Not(HasSubstr("MONSTRATION"))) << rights[i];
  }
  struct ::stat status {};
  ASSERT_EQ(::stat((demo_.folder / "copie.zip").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const Ran again = telavis(rights[0]);
  EXPECT_NE(again.status, 0);
  EXPECT_THAT(again.output, HasSubstr("it is not replaced"));

  const auto steps = commands("## One case", "## The master key", number);
  ASSERT_EQ(steps.size(), 4U);
  const std::vector<std::string> said = {"hold: done", "release-hold: done", "erasure asked for",
                                         number + ": erased\n"};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Ran ran = telavis(steps[i]);
    EXPECT_EQ(ran.status, 0) << steps[i] << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(said[i])) << steps[i];
    const std::vector<std::string> repeated = {"nothing to do", "nothing to do",
                                               "you asked for it on", "was erased on"};
    EXPECT_THAT(telavis(steps[i]).output, HasSubstr(repeated[i])) << steps[i];
  }
  fs::remove(demo_.folder / "copie.zip");
  EXPECT_THAT(telavis(rights[0]).output, HasSubstr("not_found"));
}

TEST_F(PatientCommands, RefuseWhatWouldShowAnIdentityOrActForNobody) {
  const std::string rest = " --password-file password --reason-file reason";
  const std::string log = "patient access-log --identity identity.json";
  EXPECT_THAT(telavis(log + " --family X --as balisier" + rest).output, HasSubstr("--family"));
  EXPECT_THAT(telavis(log + " --as pointe --password-file password2 --reason-file reason").output,
              HasSubstr("Only a medical referent"));
  EXPECT_THAT(telavis(log + " --as pointe" + rest).output, HasSubstr("login_failed"));
  EXPECT_THAT(telavis(log + " --as balisier" + rest).output, HasSubstr("not_found"));
  fs::permissions(demo_.folder / "identity.json", fs::perms::group_read, fs::perm_options::add);
  EXPECT_THAT(telavis(log + " --as balisier" + rest).output, HasSubstr("chmod 600"));
  EXPECT_THAT(telavis("case erase TE-1999-NONE --as balisier" + rest).output,
              HasSubstr("not_found"));
}

TEST_F(PatientCommands, AMasterKeyIsReplacedUnderRequests) {
  const auto keys = commands("## The master key", "- **rotate**");
  ASSERT_EQ(keys, (std::vector<std::string>{"key rotate", "key status", "key retire"}));
  std::vector<std::string> ids;
  {
    Process server(demo_.serve());
    ASSERT_TRUE(server.wait_for("listening on"));
    std::atomic<bool> enough = false;
    std::atomic<int> sent = 0;
    std::thread client([&] {
      Client gps(demo_.url, demo_.data, "requester");
      HttpsClient* gp = gps.session(gps.logins().front());
      while (!enough) {
        const json::value answer =
            body_of(gp->post_multipart("/api/v1/cases", test::demonstration_request(),
                                       test::demonstration_files(), "k" + std::to_string(sent)),
                    201);
        ids.emplace_back(answer.at("case").at("id").as_string().c_str());
        ++sent;
      }
    });
    for (int i = 0; i < kPatience && sent < 5; ++i) EXPECT_TRUE(server.runs_for(100));
    const Ran rotated = telavis("key rotate");
    EXPECT_EQ(rotated.status, 0) << rotated.output;
    EXPECT_THAT(rotated.output, HasSubstr("The running server takes it up"));
    const int at_rotation = sent;
    // The older key, in the second line, ends with no case.
    const std::regex none("\n[0-9a-f]{16} +0 cases +0 received mails +0 others\n");
    std::string status;
    for (int i = 0; i < kPatience; ++i) {
      status = telavis("key status").output;
      if (std::regex_search(status, none)) break;
      EXPECT_TRUE(server.runs_for(100));
    }
    EXPECT_TRUE(std::regex_search(status, none)) << status;
    for (int i = 0; i < kPatience && sent < at_rotation + 5; ++i) {
      EXPECT_TRUE(server.runs_for(100));
    }
    enough = true;
    client.join();
    EXPECT_GE(sent, at_rotation + 5);
    const Ran early = telavis("key retire");
    EXPECT_NE(early.status, 0);
    EXPECT_THAT(early.output, HasSubstr("less than ten minutes ago"));
    EXPECT_TRUE(server.stop());
  }
  const Ran retired = telavis("key retire");
  EXPECT_EQ(retired.status, 0) << retired.output;
  EXPECT_THAT(retired.output, HasSubstr("removed: "));
  EXPECT_THAT(telavis("key retire").output, HasSubstr("there is one key"));
  const std::string file = test::slurp(demo_.data / "keys/master.key");
  EXPECT_EQ(std::count(file.begin(), file.end(), '\n'), 1);

  Process server(demo_.serve());
  ASSERT_TRUE(server.wait_for("listening on"));
  Client gps(demo_.url, demo_.data, "requester");
  HttpsClient* gp = gps.session(gps.logins().front());
  for (const std::string& id : ids) {
    const json::value shown = body_of(gp->get("/api/v1/cases/" + id), 200);
    EXPECT_TRUE(shown.as_object().contains("content")) << json::serialize(shown);
    if (HasFailure()) return;
  }
}

TEST_F(PatientCommands, WithoutAServerARotationWrapsTheCasesItself) {
  {
    Process server(demo_.serve());
    ASSERT_TRUE(server.wait_for("listening on"));
    closed_case(server);
    EXPECT_TRUE(server.stop());
  }
  // The case, and the second factors of the demonstration.
  EXPECT_THAT(telavis("key rotate").output, HasSubstr("rewrapped: 22 keys"));
  EXPECT_THAT(telavis("key retire").output, HasSubstr("removed: "));
  // A key that is in nobody's file any more is said.
  demo_.secret("data/keys/master.key", std::string(64, 'a') + "\n");
  EXPECT_THAT(telavis("key status").output, HasSubstr("1 cases hang on a key that is not in"));
}

}  // namespace
}  // namespace telavis::patient_commands_test
