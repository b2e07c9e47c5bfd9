// SPDX-License-Identifier: Apache-2.0
// The commands of docs/people.md are run as they stand there, on the demonstration's programmes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "tests/e2e/binary.h"
#include "tests/temp_folder.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class AdminCommands : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(telavis("init --demonstration").status, 0);
    std::ifstream in(fs::path(TELAVIS_SOURCE_DIR) / "docs" / "people.md");
    page_.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    // Days to come stay so, whenever this runs.
    page_ = std::regex_replace(page_, std::regex("2027-"), "2997-");
  }

  /// In the test's folder, on its data folder.
  test::Ran telavis(const std::string& arguments) const {
    return test::run_telavis(folder_.path(), arguments + " --data-dir data");
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(folder_.path() / name);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  /// The first JSON object after `mark`, to the `end` that follows it.
  std::string object_after(const std::string& mark, const std::string& end) const {
    const auto from = page_.find('{', page_.find(mark));
    EXPECT_NE(from, std::string::npos) << mark;
    return page_.substr(from, page_.find(end, from) - from);
  }
  /// Lines that begin with "telavis ", between two headings.
  std::vector<std::string> commands(const std::string& from, const std::string& to) const {
    const auto begin = page_.find(from);
    const std::string part = page_.substr(begin, page_.find(to, begin) - begin);
    const std::regex line("(^|\n)telavis ([^\n]+)");
    std::vector<std::string> found;
    for (std::sregex_iterator at(part.begin(), part.end(), line), last; at != last; ++at) {
      found.push_back((*at)[2]);
    }
    EXPECT_FALSE(found.empty()) << from;
    return found;
  }
  void run_all(const std::string& from, const std::string& to) const {
    for (const std::string& command : commands(from, to)) {
      const test::Ran outcome = telavis(command);
      EXPECT_EQ(outcome.status, 0) << command << "\n" << outcome.output;
    }
  }

  test::TempFolder folder_;
  std::string page_;
};

const std::string kLogin = "zoe.exemple@medecin.mssante.test";

TEST_F(AdminCommands, OfThePageAboutPeopleAreTrue) {
  write("form.json", object_after("`form.json`", "```"));
  write("device.json", object_after("in `device.json`", "`."));
  EXPECT_THAT(telavis("person activate " + kLogin).output, HasSubstr("not_found"));
  run_all("## 1.", "## 2.");
  const test::Ran early = telavis("person activate " + kLogin);
  EXPECT_NE(early.status, 0);
  EXPECT_THAT(early.output, HasSubstr("no_identity_check, no_decision, no_charter, no_training"));
  run_all("## 2.", "## 3.");
  EXPECT_THAT(telavis("person show " + kLogin).output, Not(HasSubstr("before an active")));
  run_all("## 3.", "## 4.");

  // In place of the doctor's own activation.
  ASSERT_EQ(telavis("person export " + kLogin + " --output zoe.json").status, 0);
  write("zoe.json", std::regex_replace(read("zoe.json"), std::regex("\"status\":\"requested\""),
                                       "\"status\":\"active\""));
  EXPECT_THAT(telavis("person import zoe.json").output, HasSubstr("changed "));
  EXPECT_THAT(telavis("person import zoe.json").output, HasSubstr("unchanged "));
  run_all("## Lent", "## Group");
  run_all("## 4.", "## Who");
  EXPECT_THAT(telavis("person list --status left").output, HasSubstr(kLogin));
}

TEST_F(AdminCommands, TheFilesOfOneNodeAreTakenByAnother) {
  for (const std::string kind : {"programme", "person", "group", "device"}) {
    std::string exporting = kind;
    exporting.append(" export --output ").append(kind).append(".jsonl");
    const test::Ran exported = telavis(exporting);
    ASSERT_EQ(exported.status, 0) << exported.output;
    EXPECT_THAT(read(kind + ".jsonl"), Not(HasSubstr("argon2")));
    ASSERT_EQ(telavis(kind + " list").status, 0);
    ASSERT_EQ(telavis(kind + " list --json").output, read(kind + ".jsonl"));
  }
  const test::Ran again = telavis("programme import programme.jsonl");
  EXPECT_EQ(again.status, 0) << again.output;
  EXPECT_THAT(again.output, Not(HasSubstr("new ")));
  EXPECT_THAT(again.output, HasSubstr("unchanged "));
  // A programme that was changed needs its next version.
  const std::string all = read("programme.jsonl");
  std::string first = all.substr(0, all.find('\n'));
  first = std::regex_replace(first, std::regex("\"version\":1"), "\"version\":2");
  write("next.json", first);
  EXPECT_THAT(telavis("programme import next.json").output, HasSubstr("changed "));
  const test::Ran gap = [&] {
    write("gap.json", std::regex_replace(first, std::regex("\"version\":2"), "\"version\":4"));
    return telavis("programme import gap.json");
  }();
  EXPECT_NE(gap.status, 0);
  EXPECT_THAT(gap.output, HasSubstr("version"));
  write("broken.jsonl", first + "\n{\"id\":1}\n");
  EXPECT_THAT(telavis("programme import broken.jsonl").output, HasSubstr("Record 2 of 2"));
}

TEST_F(AdminCommands, ShowCasesByNumberWithoutThePatient) {
  write("conf.json", R"({"data_dir":"data","listen_port":0,"worker_poll_ms":20})");
  const test::Ran job = telavis("demo --once --config conf.json");
  ASSERT_EQ(job.status, 0) << job.output;
  const std::regex number("TE-[0-9]{4}-[0-9A-Z]{8}");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(job.output, found, number));
  const std::string first = found[0];
  const test::Ran list = telavis("case list");
  EXPECT_THAT(list.output, HasSubstr(first));
  EXPECT_THAT(telavis("case list --open").output, Not(HasSubstr(first)));
  const test::Ran shown = telavis("case show " + first);
  EXPECT_THAT(shown.output, HasSubstr(R"("state":"delivered")"));
  const test::Ran history = telavis("case history " + first);
  EXPECT_THAT(history.output, HasSubstr(R"("action":"accept")"));
  for (const test::Ran& outcome : {list, shown, history}) {
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_THAT(outcome.output, Not(HasSubstr("EXEMPLE")));
  }
}

TEST_F(AdminCommands, ResetASecondFactorOnce) {
  const test::Ran done = telavis("person reset-second-factor zephir");
  EXPECT_EQ(done.status, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("told by mail"));
  const test::Ran again = telavis("person reset-second-factor zephir");
  EXPECT_NE(again.status, 0);
  EXPECT_THAT(again.output, HasSubstr("no second factor"));
  EXPECT_THAT(telavis("audit export").output, HasSubstr("factor_reset"));
}

TEST_F(AdminCommands, OnlyADemonstrationDoesWithoutASecondFactor) {
  write("c.json", R"({"data_dir":"data","access":{"demonstration_without_second_factor":true}})");
  const auto list = [&] {
    return test::run_telavis(folder_.path(), "person list --config c.json");
  };
  EXPECT_EQ(list().status, 0);
  fs::remove(folder_.path() / "data/demonstration-logins.json");
  EXPECT_THAT(list().output, HasSubstr("configuration_invalid"));
  write("c.json", R"({"data_dir":"data","access":{"idle_lock_minutes":0}})");
  EXPECT_THAT(list().output, HasSubstr("idle_lock_minutes"));
}

TEST_F(AdminCommands, SayWhatToDoNext) {
  for (const auto& [arguments, words] : std::vector<std::pair<std::string, std::string>>{
           {"person show nobody", "telavis person list"},
           {"person decide demo-admin", "--accept or --refuse"},
           {"person order", "--due"},
           {"device lend none --to demo-admin", "no such device"},
           {"group import none.json", "none.json"},
           {"case show TE-1999-NONE", "telavis case list"},
           {"case history none", "telavis case list"}}) {
    const test::Ran outcome = telavis(arguments);
    EXPECT_NE(outcome.status, 0) << arguments;
    EXPECT_THAT(outcome.output, HasSubstr(words)) << arguments;
  }
}

}  // namespace
}  // namespace telavis
