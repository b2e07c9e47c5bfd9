// SPDX-License-Identifier: Apache-2.0
#include "storage/case_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/storage/sample_cases.h"

namespace telavis::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The row that a repository stores of it, in the order of kCaseColumns.
Row row_of(const Case& subject) {
  return {subject.id.value,
          subject.number,
          subject.version,
          std::string(case_state_name(subject.state)),
          subject.programme.value,
          subject.requester.value,
          subject.expert ? Cell(subject.expert->value) : Cell(),
          to_epoch_ms(subject.submitted_at),
          subject.audit.length,
          subject.audit.hash,
          case_body(subject),
          subject.wrapped_key,
          subject.sealed_request,
          subject.sealed_opinion};
}

TEST(CaseRecordTest, ACaseIsReadBackWhole) {
  Case erased = answered_case("c3");
  erased.wrapped_key.clear();
  for (const Case& subject : {queued_case("c1"), answered_case("c2"), erased, Case{}}) {
    const auto read = read_case(row_of(subject));
    ASSERT_TRUE(read) << read.error().text;
    expect_same(*read, subject);
  }
}

TEST(CaseRecordTest, AnyCaseIsReadBackWhole) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    ByChance chance(seed);
    Case subject;
    chance.fill(subject);
    const auto read = read_case(row_of(subject));
    ASSERT_TRUE(read) << "seed " << seed << case_body(subject);
    ASSERT_EQ(shown(*read), shown(subject)) << "seed " << seed;
  }
}

TEST(CaseRecordTest, WhatIsEmptyTakesNoRoom) {
  Case subject;
  const std::string body = case_body(subject);
  for (const char* absent : {"offers", "promise", "dialogue", "reminded", "opinion", "report_blob",
                             "route_at", "working_hours", "missing"})
    EXPECT_THAT(body, Not(HasSubstr(std::string("\"") + absent + "\""))) << body;
}

TEST(CaseRecordTest, APresentInstantOfNoughtIsNotAnAbsentOne) {
  Case subject = queued_case("c");
  subject.breached_at = Instant{};
  subject.plan.sla.release_delay = Duration{};
  subject.programme_version = 0;
  Case read;
  ASSERT_TRUE(read_case_body(case_body(subject), read));
  EXPECT_EQ(read.breached_at, Instant{});
  EXPECT_EQ(read.plan.sla.release_delay, Duration{});
  EXPECT_EQ(read.programme_version, 0);
  EXPECT_FALSE(read.delivered_at);
}

TEST(CaseRecordTest, InstantsBeforeAndFarAfterTodayAreKept) {
  Case subject = queued_case("c");
  subject.promise->breach_at = from_epoch_ms(-5);
  subject.route_at = from_epoch_ms(253'402'300'799'999);  // 9999-12-31
  Case read;
  ASSERT_TRUE(read_case_body(case_body(subject), read));
  EXPECT_EQ(read.promise->breach_at, subject.promise->breach_at);
  EXPECT_EQ(read.route_at, subject.route_at);
}

TEST(CaseRecordTest, ADamagedBodyIsAnErrorAndNothingElse) {
  const std::string whole = case_body(answered_case("c"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Case read;
    const auto outcome = read_case_body(std::string_view(whole).substr(0, length), read);
    ASSERT_FALSE(outcome) << length;
    EXPECT_EQ(outcome.error().code, ErrorCode::storage_failed);
  }
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"declined\"", "\"eaten\""},
                                 {"\"outcome\":", "\"unknown\":"},
                                 {"\"sla\":{", "\"sla\":{\"breach\":\"x\",\"old\":{"},
                                 {"\"plan\":", "\"plans\":"},
                                 {"\"offers\":[", "\"offers\":[7,"},
                                 {"\"waited\":", "\"waited\":0.5,\"x\":"},
                                 {"\"reminded\":true", "\"reminded\":1"},
                                 {"\"from\":480", "\"from\":1441"},
                                 {"\"Bwg=\"", "\"Bwg*\""},
                                 {"\"exam_blobs\":", "\"unknown\":"}}) {
    std::string changed = whole;
    const std::size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from << whole;
    changed.replace(at, from.size(), to);
    Case read;
    EXPECT_FALSE(read_case_body(changed, read)) << from;
  }
}

TEST(CaseRecordTest, ARowWithACellOfAnotherTypeIsDamaged) {
  Row row = row_of(queued_case("id"));
  ASSERT_TRUE(read_case(row));
  for (std::size_t i = 0; i < row.size(); ++i) {
    Row changed = row;
    if (std::holds_alternative<std::int64_t>(changed[i]))
      changed[i] = std::string("x");
    else
      changed[i] = std::int64_t{3};
    EXPECT_FALSE(read_case(changed)) << i;
  }
  Row shorter(row.begin(), row.end() - 1);
  EXPECT_FALSE(read_case(shorter));
  row.emplace_back(std::monostate());
  EXPECT_FALSE(read_case(row));
}

TEST(CaseRecordTest, EveryTimerHasANameThatIsRead) {
  for (int i = 0; i <= static_cast<int>(kLastTimerKind); ++i) {
    const auto kind = static_cast<TimerKind>(i);
    EXPECT_EQ(timer_kind_from_name(timer_kind_name(kind)), kind);
  }
  EXPECT_FALSE(timer_kind_from_name("tea"));
}

}  // namespace
}  // namespace telavis::test
