// SPDX-License-Identifier: Apache-2.0
// `telavis audit` on a real folder: roots leave to a folder, the verification holds, and a change
// of the database does not pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/e2e/binary.h"
#include "tests/temp_folder.h"

namespace telavis::audit_commands_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class AuditCommands : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_.path() / "roots");
    configure(R"([{"folder":"roots"},)"
              R"({"mail_to":"audit@association.telavis.test","mail_from":"t@node.telavis.test"}])");
    ASSERT_EQ(telavis("init --demonstration --config c.json").status, 0);
  }
  void configure(const std::string& sinks) const {
    std::ofstream(folder_.path() / "c.json")
        << R"({"data_dir":"data","audit_root":{"at":"02:00","time_zone":"Europe/Paris","sinks":)"
        << sinks << "}}";
  }
  /// In the test's folder.
  test::Ran telavis(const std::string& arguments) const {
    return test::run_telavis(folder_.path(), arguments);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(folder_.path() / name);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }

  test::TempFolder folder_;
};

TEST_F(AuditCommands, RootsLeaveAndTheVerificationSaysHowFarItReaches) {
  const std::string c = " --config c.json";
  test::Ran verified = telavis("audit verify" + c);
  EXPECT_EQ(verified.status, 0) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("no root document was given"));

  test::Ran made = telavis("audit root" + c);
  EXPECT_EQ(made.status, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("what was due is made and exported"));
  made = telavis("audit root" + c);
  EXPECT_THAT(made.output, HasSubstr("no audit root is due"));
  made = telavis("audit root --now" + c);
  EXPECT_THAT(made.output, HasSubstr("audit root 2 is made and exported"));
  const std::string first = read("roots/audit-root-000001.jsonl");
  EXPECT_THAT(first, HasSubstr(R"("chain":"node")"));

  verified = telavis("audit verify" + c);
  EXPECT_EQ(verified.status, 0) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("covered up to root 2 of "));
  EXPECT_THAT(verified.output, HasSubstr("; 0 entries in 0 chains since then are not covered"));
  EXPECT_NE(telavis("audit verify --public-key " + std::string(64, '0') + c).status, 0);

  const test::Ran lines = telavis("audit export --chain node" + c);
  EXPECT_EQ(lines.status, 0);
  EXPECT_THAT(lines.output, HasSubstr(R"({"chain":"node","sequence":1,"at":)"));
  EXPECT_EQ(telavis("audit export --to 2000-01-01" + c).output, "");
  EXPECT_NE(telavis("audit export --from yesterday" + c).status, 0);

  // Another folder's roots, one changed, one missing.
  fs::copy(folder_.path() / "roots", folder_.path() / "copy");
  write("copy/audit-root-000001.jsonl", first + "\n");
  verified = telavis("audit verify --roots copy" + c);
  EXPECT_NE(verified.status, 0);
  EXPECT_THAT(verified.output, HasSubstr("roots 0: audit-root-000001.jsonl: "));
  EXPECT_THAT(verified.output, HasSubstr("roots 1: "));

  // The keeper's folder already has the next number.
  write("roots/audit-root-000003.jsonl", "something else\n");
  made = telavis("audit root --now" + c);
  EXPECT_NE(made.status, 0);
  EXPECT_THAT(made.output, HasSubstr("nothing was overwritten"));
  EXPECT_EQ(read("roots/audit-root-000003.jsonl"), "something else\n");
  fs::remove(folder_.path() / "roots" / "audit-root-000003.jsonl");
  EXPECT_EQ(telavis("audit root" + c).status, 0);
  EXPECT_THAT(read("roots/audit-root-000003.jsonl"), HasSubstr(R"({"root":3,)"));
  EXPECT_EQ(telavis("audit verify" + c).status, 0);
}

TEST_F(AuditCommands, SinksThatCannotBeAreSaid) {
  for (const char* sinks :
       {R"([{}])", R"([{"folder":"a","mail_to":"b@c.test","mail_from":"d@c.test"}])",
        R"([{"mail_to":"b@c.test"}])", R"([{"s3":{"endpoint":"https://s3.test"}}])",
        R"([{"tape":"a"}])"}) {
    configure(sinks);
    EXPECT_THAT(telavis("audit verify --config c.json").output, HasSubstr("configuration_invalid"))
        << sinks;
  }
  configure("[]");
  EXPECT_THAT(telavis("audit root --config c.json").output, HasSubstr("name one in"));
  configure(R"([{"folder":"not-mounted"}])");
  EXPECT_THAT(telavis("audit root --config c.json").output, HasSubstr("mount the share"));
  EXPECT_FALSE(fs::exists(folder_.path() / "not-mounted"));
  configure(
      R"([{"s3":{"endpoint":"http://localhost:1","bucket":"b","region":"r","access_key_file":"k"}}])");
  EXPECT_THAT(telavis("audit root --config c.json").output, HasSubstr("not_found"));
  write("k", "access\nsecret\n");
  EXPECT_THAT(telavis("audit root --config c.json").output, HasSubstr("chmod 600"));
  fs::permissions(folder_.path() / "k", fs::perms::owner_read);
  const test::Ran refused = telavis("audit root --config c.json");
  EXPECT_THAT(refused.output, HasSubstr("could not be reached"));
  EXPECT_THAT(refused.output, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace telavis::audit_commands_test
