// SPDX-License-Identifier: Apache-2.0
#include "storage/case_record.h"

#include <gtest/gtest.h>

#include "tests/storage/sample_cases.h"

namespace telavis::test {
namespace {

TEST(CaseRecordTest, TheBodyIsReadBackWhole) {
  for (const Case& subject : {queued_case("c1"), answered_case("c2")}) {
    Case read;
    ASSERT_TRUE(read_case_body(case_body(subject), read));
    // What has a column of its own is not in the body.
    read.id = subject.id;
    read.number = subject.number;
    read.version = subject.version;
    read.state = subject.state;
    read.programme = subject.programme;
    read.requester = subject.requester;
    read.expert = subject.expert;
    read.submitted_at = subject.submitted_at;
    read.audit = subject.audit;
    read.wrapped_key = subject.wrapped_key;
    read.sealed_request = subject.sealed_request;
    read.sealed_opinion = subject.sealed_opinion;
    expect_same(read, subject);
  }
}

TEST(CaseRecordTest, InstantsBeforeAndFarAfterTodayAreKept) {
  Case subject = queued_case("c");
  subject.breach_at = from_epoch_ms(-5);
  subject.route_at = from_epoch_ms(253'402'300'799'999);  // 9999-12-31
  Case read;
  ASSERT_TRUE(read_case_body(case_body(subject), read));
  EXPECT_EQ(read.breach_at, subject.breach_at);
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
                                 {"\"sla\":{", "\"sla\":{\"breach\":\"x\",\"old\":{"},
                                 {"\"offers\":[", "\"offers\":[7,"},
                                 {"\"exam_blob\":", "\"unknown\":"}}) {
    std::string changed = whole;
    const std::size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    Case read;
    EXPECT_FALSE(read_case_body(changed, read)) << from;
  }
}

TEST(CaseRecordTest, ARowWithACellOfAnotherTypeIsDamaged) {
  Row row = {std::string("id"),
             std::string("TE"),
             std::int64_t{1},
             std::string("queued"),
             std::string("p"),
             std::string("gp"),
             std::monostate(),
             std::int64_t{5},
             std::int64_t{0},
             std::string(),
             case_body(queued_case("id")),
             Bytes{1},
             Bytes{2},
             Bytes{}};
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
  for (const TimerKind kind :
       {TimerKind::route, TimerKind::offer_window, TimerKind::release, TimerKind::breach})
    EXPECT_EQ(timer_kind_from_name(timer_kind_name(kind)), kind);
  EXPECT_FALSE(timer_kind_from_name("tea"));
}

}  // namespace
}  // namespace telavis::test
