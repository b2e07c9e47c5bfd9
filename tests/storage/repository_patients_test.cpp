// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: patients by their marks, the keys of their cases, audit roots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const Result<std::vector<CaseId>>& ids) {
  EXPECT_TRUE(ids) << ids.error().text;
  std::vector<std::string> all;
  for (const CaseId& one : ids.value_or(std::vector<CaseId>{})) all.push_back(one.value);
  return all;
}

class PatientContract : public RepositoryContract {
 protected:
  Case stored(const std::string& id, std::vector<std::string> marks, Instant submitted_at = kMonday,
              Bytes wrapped_key = {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
    Case subject = queued_case(id);
    subject.submitted_at = submitted_at;
    subject.wrapped_key = std::move(wrapped_key);
    Commit commit = commit_of(subject, "submit-" + id);
    commit.patient_marks = std::move(marks);
    must_commit(repository(), commit);
    return commit.next;
  }
  Case change(const Case& subject, const std::string& event_id, std::vector<std::string> marks) {
    Commit commit = commit_of(subject, event_id);
    commit.patient_marks = std::move(marks);
    must_commit(repository(), commit);
    return commit.next;
  }
  std::vector<std::string> of_patient(const std::vector<std::string>& marks) {
    return texts(repository().cases_of_patient(marks));
  }
  std::vector<std::string> wrapped_by_others(const std::string& key_id, std::size_t limit = 100) {
    return texts(repository().cases_not_wrapped_by(key_id, limit));
  }
  std::string opposed(const std::vector<std::string>& marks) {
    const auto found = repository().opposition(marks);
    EXPECT_TRUE(found) << found.error().text;
    return found && *found ? (*found)->mark + " " + (*found)->actor + " " + (*found)->detail : "";
  }
};

TEST_P(PatientContract, CasesByAnyMarkOldestFirst) {
  stored("b", {"2026:ins", "2026:traits"}, kMonday + hours(1));
  stored("a", {"2026:traits"}, kMonday + hours(2));
  stored("c", {"2026:traits"}, kMonday);
  stored("d", {"2026:other"});
  EXPECT_THAT(of_patient({"2026:traits", "2026:ins"}), ElementsAre("c", "b", "a"));
  EXPECT_THAT(of_patient({"2026:ins"}), ElementsAre("b"));
  EXPECT_THAT(of_patient({"2025:ins"}), IsEmpty());
  EXPECT_THAT(of_patient({}), IsEmpty());
}

TEST_P(PatientContract, NewMarksReplaceAndNoneLeave) {
  const Case first = stored("a", {"m1", "m2", "m2"});
  const Case second = change(first, "e2", {});
  EXPECT_THAT(of_patient({"m1"}), ElementsAre("a"));
  change(second, "e3", {"m2", "m3"});
  EXPECT_THAT(of_patient({"m1"}), IsEmpty());
  EXPECT_THAT(of_patient({"m2"}), ElementsAre("a"));
  EXPECT_THAT(of_patient({"m3"}), ElementsAre("a"));
}

TEST_P(PatientContract, MarksGoWithTheKey) {
  Case subject = stored("a", {"m1"});
  stored("b", {"m1"});
  subject.wrapped_key.clear();
  const Case erased = change(subject, "erase", {"m1", "m9"});
  EXPECT_THAT(of_patient({"m1", "m9"}), ElementsAre("b"));
  change(erased, "later", {});
  EXPECT_THAT(of_patient({"m1"}), ElementsAre("b"));
  EXPECT_THAT(wrapped_by_others(""), ElementsAre("b"));
}

TEST_P(PatientContract, AConflictMarksNothing) {
  const Case first = stored("a", {"m1"});
  change(first, "e2", {});
  Commit late = commit_of(first, "e3");
  late.patient_marks = {"m2"};
  EXPECT_EQ(outcome_of(late), CommitOutcome::conflict);
  EXPECT_THAT(of_patient({"m1"}), ElementsAre("a"));
  EXPECT_THAT(of_patient({"m2"}), IsEmpty());
}

TEST_P(PatientContract, OppositionsByAnyMark) {
  EXPECT_EQ(opposed({"m1"}), "");
  ASSERT_TRUE(repository().put_opposition({"m1", kMonday, "operator", "statistics"}));
  ASSERT_TRUE(repository().put_opposition({"m2", kMonday - hours(1), "dr", "research"}));
  EXPECT_EQ(opposed({"m1"}), "m1 operator statistics");
  EXPECT_EQ(opposed({"m0", "m1", "m2"}), "m2 dr research");
  ASSERT_TRUE(repository().put_opposition({"m2", kMonday, "dr", "all"}));
  EXPECT_EQ(opposed({"m2"}), "m2 dr all");
  ASSERT_TRUE(repository().erase_opposition({"m2", "m7"}));
  ASSERT_TRUE(repository().erase_opposition({}));
  EXPECT_EQ(opposed({"m2"}), "");
  EXPECT_EQ(opposed({"m1", "m2"}), "m1 operator statistics");
  EXPECT_EQ(opposed({}), "");
}

TEST_P(PatientContract, ByNumberAndByIdInOrder) {
  for (const char* id : {"c", "a", "d", "b"}) stored(id, {});
  const auto found = repository().case_by_number("TE-2026-d");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, CaseId("d"));
  const auto none = repository().case_by_number("TE-2026-D");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  EXPECT_THAT(texts(repository().case_ids(CaseId(), 3)), ElementsAre("a", "b", "c"));
  EXPECT_THAT(texts(repository().case_ids(CaseId("c"), 3)), ElementsAre("d"));
  EXPECT_THAT(texts(repository().case_ids(CaseId("bb"), 3)), ElementsAre("c", "d"));
  EXPECT_THAT(texts(repository().case_ids(CaseId("d"), 3)), IsEmpty());
}

TEST_P(PatientContract, RewrapsWhatIsStillThere) {
  const Bytes old_key = {1, 1, 1, 1, 1, 1, 1, 1, 5};
  const Bytes new_key = {2, 2, 2, 2, 2, 2, 2, 2, 5};
  const Case subject = stored("a", {}, kMonday, old_key);
  stored("b", {}, kMonday, new_key);
  stored("c", {}, kMonday, {3, 3, 3, 3, 3, 3, 3, 3, 5});
  EXPECT_THAT(wrapped_by_others("0202020202020202"), ElementsAre("a", "c"));
  EXPECT_THAT(wrapped_by_others("0202020202020202", 1), ElementsAre("a"));

  const auto done = repository().rewrap(subject.id, old_key, new_key);
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_TRUE(*done);
  EXPECT_EQ(*repository().rewrap(subject.id, old_key, new_key), false);
  EXPECT_EQ(*repository().rewrap(CaseId("z"), old_key, new_key), false);
  EXPECT_THAT(wrapped_by_others("0202020202020202"), ElementsAre("c"));
  const Case after = loaded(repository(), subject.id);
  EXPECT_EQ(after.wrapped_key, new_key);
  EXPECT_EQ(after.version, subject.version);
  // Who had loaded it before brings the old key back; the next round finds it again.
  change(subject, "e2", {});
  EXPECT_THAT(wrapped_by_others("0202020202020202"), ElementsAre("a", "c"));
}

TEST_P(PatientContract, AnErasedCaseGetsNoKeyBack) {
  Case subject = stored("a", {});
  subject.wrapped_key.clear();
  change(subject, "erase", {});
  EXPECT_EQ(*repository().rewrap(subject.id, Bytes{}, Bytes(9, 7)), false);
  EXPECT_EQ(*repository().rewrap(subject.id, Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9}, Bytes(9, 7)), false);
  EXPECT_THAT(loaded(repository(), subject.id).wrapped_key, IsEmpty());
}

// ---- audit roots --------------------------------------------------------------------------------

class RootContract : public PatientContract {
 protected:
  /// "chain:length", in order.
  std::vector<std::string> unrooted(std::size_t limit = 100) {
    const auto heads = repository().unrooted_heads(limit);
    EXPECT_TRUE(heads) << heads.error().text;
    std::vector<std::string> all;
    for (const ChainHead& one : heads.value_or(std::vector<ChainHead>{}))
      all.push_back(one.chain + ":" + std::to_string(one.head.length));
    return all;
  }
  static AuditRoot root(std::int64_t number) {
    return {number,
            kMonday + hours(number),
            "hash-" + std::to_string(number),
            number * 10,
            std::nullopt,
            "document-" + std::to_string(number)};
  }
};

TEST_P(RootContract, ARootTakesTheHeadsItNames) {
  const Case a = stored("a", {});
  stored("b", {});
  ASSERT_TRUE(repository().append_node_audit({kMonday, "operator", "test", ""}));
  EXPECT_THAT(unrooted(), ElementsAre("node:1", "a:1", "b:1"));
  EXPECT_THAT(unrooted(2), ElementsAre("node:1", "a:1"));
  const auto heads = repository().unrooted_heads(2);
  ASSERT_TRUE(heads);
  EXPECT_EQ((*heads)[1].head.hash, a.audit.hash);

  change(a, "e2", {});  // while the root was made
  ASSERT_TRUE(repository().put_audit_root(root(1), *heads));
  EXPECT_THAT(unrooted(), ElementsAre("a:2", "b:1"));
  ASSERT_TRUE(repository().put_audit_root(root(2), *repository().unrooted_heads(100)));
  EXPECT_THAT(unrooted(), IsEmpty());
  // A root never takes back what a later one has signed.
  ASSERT_TRUE(repository().put_audit_root(root(3), *heads));
  EXPECT_THAT(unrooted(), IsEmpty());
  ASSERT_TRUE(repository().append_node_audit({kMonday, "operator", "test", ""}));
  EXPECT_THAT(unrooted(), ElementsAre("node:2"));
}

TEST_P(RootContract, RootsAreNumberedWithoutGaps) {
  stored("a", {});
  for (const std::int64_t wrong : {0, 2, -1}) {
    const auto put = repository().put_audit_root(root(wrong), {});
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().code, ErrorCode::version_conflict);
  }
  ASSERT_TRUE(repository().put_audit_root(root(1), {}));
  const auto again = repository().put_audit_root(root(1), *repository().unrooted_heads(9));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::version_conflict);
  EXPECT_THAT(unrooted(), ElementsAre("a:1"));
}

TEST_P(RootContract, ADocumentStaysUntilItIsExported) {
  for (const std::int64_t number : {1, 2, 3})
    ASSERT_TRUE(repository().put_audit_root(root(number), {}));
  ASSERT_TRUE(repository().mark_root_exported(2, kMonday + hours(9)));
  ASSERT_TRUE(repository().mark_root_exported(2, kMonday + hours(10)));
  const auto missing = repository().mark_root_exported(4, kMonday);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);

  const auto roots = repository().audit_roots(1, 5);
  ASSERT_TRUE(roots) << roots.error().text;
  ASSERT_EQ(roots->size(), 2U);
  const AuditRoot& exported = roots->front();
  EXPECT_EQ(exported.number, 2);
  EXPECT_EQ(exported.at, kMonday + hours(2));
  EXPECT_EQ(exported.hash, "hash-2");
  EXPECT_EQ(exported.chains, 20);
  EXPECT_EQ(exported.exported_at, kMonday + hours(9));
  EXPECT_EQ(exported.document, "");
  EXPECT_EQ(roots->back().exported_at, std::nullopt);
  EXPECT_EQ(roots->back().document, "document-3");
  ASSERT_EQ(repository().audit_roots(0, 2)->size(), 2U);
  EXPECT_THAT(*repository().audit_roots(3, 2), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, PatientContract, every_store(),
                         [](const auto& of) { return of.param.name; });
INSTANTIATE_TEST_SUITE_P(Stores, RootContract, every_store(),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace telavis::test
