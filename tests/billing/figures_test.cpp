// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::DoubleNear;
using testing::Optional;

constexpr Instant kBegin = Instant(Duration(1'767'600'000'000));  // 2026-01-05T08:00:00Z
constexpr Instant kLongAfter = kBegin + hours(24 * 365);

OpinionCodes managed_by_gp() {
  OpinionCodes codes;
  codes.orientation = "gp_management";
  codes.data_sufficient = true;
  return codes;
}

/// Answered after so long, by expert "e-1".
CaseRow answered(int number, Duration delay) {
  CaseRow row;
  row.id = CaseId("c-" + std::to_string(number));
  row.programme = ProgrammeId("p");
  row.requester = UserId("gp-" + std::to_string(number % 7));
  row.state = CaseState::delivered;
  row.submitted_at = kBegin + minutes(number);
  row.completed_at = row.submitted_at;
  row.breach_at = row.submitted_at + hours(48);
  row.answered_at = row.submitted_at + delay;
  row.answered_by = UserId("e-1");
  row.offers = 1;
  row.codes = managed_by_gp();
  return row;
}

Figure figure(const std::vector<Figure>& figures, std::string_view id) {
  for (const Figure& one : figures) {
    if (one.id == id) return one;
  }
  ADD_FAILURE() << id;
  return {};
}
Figure figure(const FigureTally& tally, std::string_view id, int months = 1) {
  return figure(tally.figures(months), id);
}
Distribution distribution(const std::vector<Distribution>& all, std::string_view id) {
  for (const Distribution& one : all) {
    if (one.id == id) return one;
  }
  ADD_FAILURE() << id;
  return {};
}
/// "3/10"
std::string ratio(const Figure& of) {
  return std::to_string(of.count) + "/" + std::to_string(of.of);
}
/// "31.9"
std::string percent(const Figure& of) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", of.fraction().value_or(-1) * 100);
  return text;
}

// ---- published sets, from synthetic cases (sources: docs/figures.md)

TEST(PublishedFigures, OfTheEcgProgrammeOfPaysDeLaLoire) {
  FigureTally tally;
  for (int i = 0; i < 959; ++i) {
    CaseRow row = answered(i, hours(9));
    row.has_ecg = true;
    row.codes->tracing = i < 306 ? (i % 2 == 0 ? "abnormal" : "doubtful") : "normal";
    tally.add(row, kLongAfter);
  }
  EXPECT_EQ(figure(tally, "requests").count, 959);
  EXPECT_EQ(ratio(figure(tally, "abnormal_ecg")), "306/959");
  EXPECT_EQ(percent(figure(tally, "abnormal_ecg")), "31.9");
  EXPECT_EQ(percent(figure(tally, "within_48h")), "100.0");
  // 959 requests of 7 doctors in 15 months: each about 9 a month.
  EXPECT_THAT(figure(tally, "ecg_per_month", 15).median, Optional(DoubleNear(137 / 15.0, 0.01)));
}

TEST(PublishedFigures, OfDermatoOncologyInBrittany) {
  FigureTally tally;
  for (int i = 0; i < 11'000; ++i) {
    CaseRow row = answered(i, hours(20));
    row.has_photo = true;
    row.codes->suspicion = i < 101 ? "malignant_suspected" : "benign";
    row.codes->in_person = i < 4'433;
    tally.add(row, kLongAfter);
  }
  EXPECT_EQ(ratio(figure(tally, "in_person")), "4433/11000");
  EXPECT_EQ(percent(figure(tally, "in_person")), "40.3");
  EXPECT_EQ(ratio(figure(tally, "malignant")), "101/11000");
}

TEST(PublishedFigures, OfDermatologyInPicardy) {
  FigureTally tally;
  for (int i = 0; i < 300; ++i)
    tally.add(answered(i, i < 219 ? hours(20) : hours(150)), kLongAfter);
  EXPECT_EQ(percent(figure(tally, "within_48h")), "73.0");
  EXPECT_EQ(ratio(figure(tally, "within_48h")), "219/300");
}

// ---- the definitions

TEST(FigureTally, GivesMedianAndNearestRankNeverAMean) {
  FigureTally tally;
  for (const int hour : {1, 2, 3, 4, 5, 6, 7, 8, 9, 1000})
    tally.add(answered(hour, hours(hour)), kLongAfter);
  const Figure delay = figure(tally, "delay");
  EXPECT_EQ(delay.count, 10);
  EXPECT_THAT(delay.median, Optional(5.5));
  EXPECT_THAT(delay.p90, Optional(9.0));
  tally.add(answered(11, hours(11)), kLongAfter);
  EXPECT_THAT(figure(tally, "delay").median, Optional(6.0));
  EXPECT_THAT(figure(tally, "delay").p90, Optional(11.0));
}

TEST(FigureTally, CountsAnAnswerOwedAsLateOnceItsTimeIsOver) {
  CaseRow open = answered(1, hours(1));
  open.answered_at.reset();
  open.answered_by.reset();
  open.codes.reset();
  open.state = CaseState::accepted;
  FigureTally in_time;
  in_time.add(open, *open.completed_at + hours(48));
  EXPECT_EQ(ratio(figure(in_time, "within_48h")), "0/0");
  EXPECT_FALSE(figure(in_time, "within_48h").fraction());
  FigureTally late;
  late.add(open, *open.completed_at + hours(48) + Duration(1));
  EXPECT_EQ(ratio(figure(late, "within_48h")), "0/1");
  EXPECT_EQ(ratio(figure(late, "within_promise")), "0/1");
  EXPECT_EQ(ratio(figure(late, "answered")), "0/1");
  EXPECT_FALSE(figure(late, "delay").median);
  FigureTally exact;
  exact.add(answered(1, hours(48)), kLongAfter);
  exact.add(answered(2, hours(48) + Duration(1)), kLongAfter);
  EXPECT_EQ(ratio(figure(exact, "within_48h")), "1/2");
}

TEST(FigureTally, LeavesOutWhatNeverBecameARequest) {
  CaseRow redirected = answered(1, hours(1));
  redirected.completed_at.reset();
  redirected.breach_at.reset();
  redirected.answered_at.reset();
  redirected.redirected = true;
  redirected.state = CaseState::redirected;
  CaseRow incomplete = redirected;
  incomplete.redirected = false;
  incomplete.state = CaseState::incomplete;
  CaseRow withdrawn = answered(2, hours(1));
  withdrawn.answered_at.reset();
  withdrawn.state = CaseState::cancelled;
  FigureTally tally;
  for (const CaseRow& row : {redirected, incomplete, withdrawn}) tally.add(row, kLongAfter);
  EXPECT_EQ(figure(tally, "requests").count, 1);
  EXPECT_EQ(ratio(figure(tally, "redirected")), "1/2");
  EXPECT_EQ(figure(tally, "incomplete").count, 1);
  EXPECT_EQ(figure(tally, "cancelled").count, 1);
  EXPECT_EQ(ratio(figure(tally, "within_48h")), "0/0");
}

TEST(FigureTally, CountsOnlyOpinionsThatSayIt) {
  FigureTally tally;
  CaseRow by_mail = answered(1, hours(1));  // in words alone
  by_mail.codes = OpinionCodes{};
  CaseRow of_before = answered(2, hours(1));
  of_before.codes.reset();
  CaseRow coded = answered(3, hours(1));
  coded.codes->agreement = "not_given";
  CaseRow agreed = answered(4, hours(1));
  agreed.codes->agreement = "full";
  agreed.codes->orientation = "in_person";
  CaseRow partly = answered(5, hours(1));
  partly.codes->agreement = "partial";
  partly.codes->data_sufficient = false;
  for (const CaseRow& row : {by_mail, of_before, coded, agreed, partly}) tally.add(row, kLongAfter);
  EXPECT_EQ(ratio(figure(tally, "in_person")), "1/3");
  EXPECT_EQ(ratio(figure(tally, "insufficient")), "1/3");
  EXPECT_EQ(ratio(figure(tally, "agreement")), "1/2");
  EXPECT_EQ(ratio(figure(tally, "malignant")), "0/0");
  EXPECT_EQ(figure(tally, "experts").count, 1);
}

TEST(FigureTally, CountsRefusalsByTheirReason) {
  FigureTally tally;
  CaseRow row = answered(1, hours(1));
  row.offers = 4;
  row.declines = {"not_my_field", "not_my_field", "new_code"};
  tally.add(row, kLongAfter);
  EXPECT_EQ(ratio(figure(tally, "declined")), "3/4");
  const Distribution reasons = distribution(tally.distributions(), "declines");
  EXPECT_EQ(reasons.of, 3);
  ASSERT_EQ(reasons.entries.size(), 5U);
  EXPECT_EQ(reasons.entries[0].count, 0);
  EXPECT_EQ(reasons.entries[2].code, "not_my_field");
  EXPECT_EQ(reasons.entries[2].count, 2);
  EXPECT_EQ(reasons.entries[4].code, "new_code");
}

TEST(FigureTally, EveryFigureAndCodeHasItsWords) {
  for (const Figure& one : FigureTally().figures(1)) {
    EXPECT_TRUE(has_message("figures." + std::string(one.id))) << one.id;
    EXPECT_TRUE(has_message("figures." + std::string(one.id) + ".about")) << one.id;
  }
  for (const Distribution& one : FigureTally().distributions()) {
    EXPECT_TRUE(has_message("figures." + std::string(one.id) + ".about")) << one.id;
    for (const auto& entry : one.entries) {
      EXPECT_TRUE(has_message(std::string(one.words) + "." + entry.code)) << entry.code;
    }
  }
}

// ---- for the outside

TEST(FiguresForOutside, MaskSmallNumbersAndWhatGivesThemAway) {
  FigureReport report;
  FigureTally tally;
  for (int i = 0; i < 20; ++i) {
    CaseRow row = answered(i, hours(1));
    row.codes->suspicion = i < 3 ? "malignant_suspected" : "benign";
    row.codes->in_person = i > 0;  // one is not
    row.codes->agreement = i < 7 ? "full" : i < 9 ? "partial" : "none";
    tally.add(row, kLongAfter);
  }
  report.figures = tally.figures(1);
  report.distributions = tally.distributions();
  const FigureReport told = for_outside(report);
  EXPECT_TRUE(told.outside);
  EXPECT_TRUE(figure(told.figures, "malignant").masked);
  EXPECT_EQ(figure(told.figures, "malignant").count, 0);
  EXPECT_FALSE(figure(told.figures, "malignant").fraction());
  EXPECT_TRUE(figure(told.figures, "in_person").masked);  // 19 of 20
  EXPECT_TRUE(figure(told.figures, "experts").masked);    // one
  EXPECT_FALSE(figure(told.figures, "requests").masked);
  EXPECT_FALSE(figure(told.figures, "urgent").masked);  // none is nobody
  EXPECT_FALSE(figure(told.figures, "requesters").masked);
  // "partial" is too small; the next smallest goes with it, so that 20 does not give it away.
  const Distribution agreement = distribution(told.distributions, "agreements");
  EXPECT_FALSE(agreement.entries[2].masked);
  EXPECT_TRUE(agreement.entries[0].masked);
  EXPECT_TRUE(agreement.entries[1].masked);
  EXPECT_EQ(agreement.of, 20);
}

TEST(FiguresForOutside, MaskASecondPartWhereOneAloneIsMasked) {
  const auto group = [](const std::string& key, int cases) {
    FigureTally tally;
    for (int i = 0; i < cases; ++i) tally.add(answered(i, hours(1)), kLongAfter);
    return FigureGroup{key, key, tally.figures(1)};
  };
  FigureReport report;
  report.territories = {group("22", 40), group("29", 3), group("35", 12), group("56", 0)};
  const FigureReport told = for_outside(report);
  const auto requests = [&](std::size_t i) {
    return figure(told.territories[i].figures, "requests");
  };
  EXPECT_FALSE(requests(0).masked);
  EXPECT_TRUE(requests(1).masked);
  EXPECT_TRUE(requests(2).masked);
  EXPECT_FALSE(requests(3).masked);
  EXPECT_TRUE(figure(told.territories[1].figures, "delay").masked);
  EXPECT_FALSE(figure(told.territories[1].figures, "delay").median);
}

}  // namespace
}  // namespace telavis
