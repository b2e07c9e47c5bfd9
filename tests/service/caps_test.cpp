// SPDX-License-Identifier: Apache-2.0
// Caps of acts, through the door that opinions leave by.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/billing/eligibility.h"
#include "tests/service/world.h"

namespace telavis::caps_test {

using namespace test;
using std::chrono::minutes;

class Caps : public ::testing::Test {
 protected:
  Caps() { engine.enrol(); }

  CaseId asked(int n) {
    const std::string key = "k" + std::to_string(n);
    const auto receipt = engine.service.submit(engine.gp, key, kRequestJson,
                                               {{"web", "ecg.scp", fixture("demo-ecg.scp")}});
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().text);
    EXPECT_TRUE(engine.settle());
    const auto cases = engine.repository->cases({});
    for (const Case& one : *cases) {
      if (!one.answered_at) return one.id;
    }
    return {};
  }
  void answer(const CaseId& id) {
    const auto signed_ =
        engine.service.command(engine.expert_of(id), "opinion", "a" + id.value, id, kOpinionJson);
    EXPECT_TRUE(signed_) << (signed_ ? "" : signed_.error().text);
    disk.clock.advance(minutes(2));
    EXPECT_TRUE(engine.settle());
  }
  /// Billable and refused acts of each doctor.
  std::map<std::string, std::pair<int, int>> counts() {
    std::map<std::string, std::pair<int, int>> all;
    const auto rows = engine.repository->acts({});
    for (const ActRow& row : *rows) {
      auto& [billable, refused] = all[row.act.professional.value];
      row.act.billable ? ++billable : ++refused;
      EXPECT_EQ(row.act.refusal, row.act.billable ? "" : "CAP_REACHED");
      EXPECT_TRUE(parse_rules(row.act.rules));
      EXPECT_FALSE(row.act.rules.empty());
    }
    return all;
  }

  Disk disk;
  Engine engine{disk, nullptr, Reports::plain};
};

TEST_F(Caps, ADoctorBillsFourQuestionsAboutAPatientAYear) {
  for (int n = 0; n < 6; ++n) answer(asked(n));
  for (const auto& [doctor, acts] : counts()) EXPECT_LE(acts.first, 4) << doctor;
  EXPECT_EQ(counts()[engine.gp.id.value], (std::pair{4, 2}));
  // The year after they count anew.
  disk.clock.set(at("2027-01-05T12:00:00Z"));
  answer(asked(7));
  EXPECT_EQ(counts()[engine.gp.id.value], (std::pair{5, 2}));
}

TEST_F(Caps, ActsOfTheOtherPatientDoNotCount) {
  for (int n = 0; n < 4; ++n) answer(asked(n));
  std::string json = kRequestJson;
  const std::size_t at_name = json.find("ZZPATIENTNAME");
  ASSERT_NE(at_name, std::string::npos);
  json.replace(at_name, 13, "ZZSOMEBODYELSE");
  const auto receipt = engine.service.submit(engine.gp, "other", json,
                                             {{"web", "ecg.scp", fixture("demo-ecg.scp")}});
  ASSERT_TRUE(receipt) << receipt.error().text;
  ASSERT_TRUE(engine.settle());
  const auto cases = engine.repository->cases({});
  for (const Case& one : *cases) {
    if (!one.answered_at) answer(one.id);
  }
  EXPECT_EQ(counts()[engine.gp.id.value], (std::pair{5, 0}));
}

}  // namespace telavis::caps_test
