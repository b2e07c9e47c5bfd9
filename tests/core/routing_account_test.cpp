// SPDX-License-Identifier: Apache-2.0
#include "engine/core/routing_account.h"

#include <gtest/gtest.h>

namespace telavis {
namespace {

AuditEntry entry(const std::string& action, const std::string& detail) {
  return {"case", 1, {from_epoch_ms(1'000), "engine", action, detail}, ""};
}

TEST(RoutingAccount, WhatIsWrittenIsReadAgain) {
  Assignment assignment;
  assignment.chosen = {{UserId("u-b"), {}, {}}, {UserId("u-c"), {}, {}}};
  assignment.considered = {{UserId("u-a"), "conflict_of_interest", 0, ""},
                           {UserId("u-b"), "", 1'000'000'000'015, "asked 0, open 3, territory 1"},
                           {UserId("u-c"), "", -40, "asked 1, open 0, territory 0"}};
  const std::string detail = routing_detail(assignment);
  EXPECT_EQ(detail,
            "offered to u-b u-c; u-a: conflict_of_interest; u-b: score 1000000000015, asked 0, "
            "open 3, territory 1; u-c: score -40, asked 1, open 0, territory 0");
  const auto rounds =
      routing_rounds({entry("submit", "p v1 queued"), entry("route", detail)}).value();
  ASSERT_EQ(rounds.size(), 1U);
  EXPECT_EQ(rounds[0].at, from_epoch_ms(1'000));
  EXPECT_EQ(rounds[0].chosen, (std::vector<UserId>{UserId("u-b"), UserId("u-c")}));
  ASSERT_EQ(rounds[0].considered.size(), 3U);
  EXPECT_EQ(rounds[0].considered[0].excluded_because, "conflict_of_interest");
  EXPECT_EQ(rounds[0].considered[1].score, 1'000'000'000'015);
  EXPECT_EQ(rounds[0].considered[1].why, "asked 0, open 3, territory 1");
  EXPECT_EQ(rounds[0].considered[2].score, -40);
}

TEST(RoutingAccount, NobodyEligible) {
  EXPECT_EQ(routing_detail({}), "no eligible expert");
  Assignment nobody;
  nobody.considered = {{UserId("u-a"), "absent", 0, ""}};
  const auto rounds = routing_rounds({entry("route", routing_detail(nobody))}).value();
  EXPECT_TRUE(rounds.at(0).chosen.empty());
  EXPECT_EQ(rounds.at(0).considered.at(0).excluded_because, "absent");
}

TEST(RoutingAccount, WhatSomebodyElseWroteIsToldAsDamage) {
  for (const char* detail : {"", "something", "offered to u-a; u-a", "offered to u-a; u-a: ",
                             "offered to u-a; u-a: score x, why", "offered to u-a; : score 1, why",
                             "offered to u-a; u-a: score 99999999999999999999, why"}) {
    const auto rounds = routing_rounds({entry("route", detail)});
    ASSERT_FALSE(rounds) << detail;
    EXPECT_EQ(rounds.error().code, ErrorCode::internal);
  }
}

}  // namespace
}  // namespace telavis
