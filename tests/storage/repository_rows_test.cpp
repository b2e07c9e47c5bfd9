// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: the rows that figures are made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

class RowsContract : public RepositoryContract {
 protected:
  void add(const std::string& id, Instant submitted_at, const std::string& programme = "p") {
    Case subject = queued_case(id);
    subject.programme = ProgrammeId(programme);
    subject.submitted_at = submitted_at;
    must_commit(repository(), commit_of(subject, "submit-" + id));
  }
  std::vector<CaseRow> rows(const CaseRowQuery& query) {
    auto found = repository().case_rows(query);
    EXPECT_TRUE(found) << found.error().text;
    return found.value_or(std::vector<CaseRow>());
  }
  std::vector<std::string> row_ids(const CaseRowQuery& query) {
    std::vector<std::string> ids;
    for (const CaseRow& row : rows(query)) ids.push_back(row.id.value);
    return ids;
  }
};

TEST_P(RowsContract, SaysWhatIsCountedOfACaseAndNothingSealed) {
  Case subject = answered_case("one");
  subject.programme = ProgrammeId("p");
  must_commit(repository(), commit_of(subject, "submit-one"));
  const auto found = rows({ProgrammeId("p"), kMonday, kMonday + hours(1)});
  ASSERT_EQ(found.size(), 1U);
  CaseRow expected;
  expected.id = CaseId("one");
  expected.programme = ProgrammeId("p");
  expected.requester = UserId("gp-1");
  expected.state = CaseState::answered;
  expected.submitted_at = kMonday;
  expected.completed_at = kMonday;
  expected.breach_at = kMonday + hours(48);
  expected.answered_at = kMonday + hours(49) + Duration(1);
  expected.answered_by = UserId("expert-2");
  expected.has_ecg = expected.has_photo = true;
  expected.offers = 3;
  expected.declines = {"not_my_field"};
  expected.codes =
      OpinionCodes{"in_person", "malignant_suspected", "abnormal", "usable", "partial", true, true};
  EXPECT_TRUE(found.front() == expected);
  EXPECT_TRUE(found.front() == case_row(subject));
}

TEST_P(RowsContract, AreThoseOfOneProgrammeAndPeriodNewestFirst) {
  add("before", kMonday - Duration(1));
  add("first", kMonday);
  add("last", kMonday + hours(24) - Duration(1));
  add("after", kMonday + hours(24));
  add("elsewhere", kMonday, "q");
  EXPECT_THAT(row_ids({ProgrammeId("p"), kMonday, kMonday + hours(24)}),
              ElementsAre("last", "first"));
  EXPECT_THAT(row_ids({ProgrammeId("none"), kMonday, kMonday + hours(24)}), ElementsAre());
}

TEST_P(RowsContract, ComePageByPageAlsoWithinOneInstant) {
  for (const char* id : {"c", "a", "b", "d"}) add(id, kMonday);
  add("newest", kMonday + hours(1));
  add("oldest", kMonday - hours(1));
  CaseRowQuery query{ProgrammeId("p"), kMonday - hours(2), kMonday + hours(2)};
  query.limit = 2;
  std::vector<std::string> all;
  while (true) {
    const auto page = rows(query);
    for (const CaseRow& row : page) all.push_back(row.id.value);
    if (page.size() < query.limit) break;
    query.after = std::pair(page.back().submitted_at, page.back().id);
  }
  EXPECT_THAT(all, ElementsAre("newest", "a", "b", "c", "d", "oldest"));
}

INSTANTIATE_TEST_SUITE_P(Each, RowsContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
