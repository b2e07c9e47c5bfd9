// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: exams that came without a request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/stores.h"

namespace telavis::test::repository_exams_test {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

const Bytes kWrapped = {1, 2, 3, 4, 5, 6, 7, 8, 9};

ReceivedExam exam_of(const std::string& id, Instant received_at = kMonday) {
  ReceivedExam exam;
  exam.id = id;
  exam.device = "cart";
  exam.holder = UserId("gp");
  exam.programme = ProgrammeId("p");
  exam.received_at = received_at;
  exam.reader = "1";
  exam.size = 100;
  exam.bytes_mark = "bytes of " + id;
  exam.recording_mark = "recording of " + id;
  exam.object_id = "1.2." + id;
  exam.wrapped_key = kWrapped;
  exam.sealed_card = bytes_of("card " + id);
  exam.sealed = bytes_of("file " + id);
  return exam;
}

class ExamsContract : public RepositoryContract {
 protected:
  void put(const ReceivedExam& exam) {
    const auto done = repository().put_exam(exam);
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_FALSE(*done) << **done;
  }
  std::string known(const ReceivedExam& exam) {
    const auto done = repository().put_exam(exam);
    EXPECT_TRUE(done) << done.error().text;
    return done && *done ? **done : "";
  }
  ReceivedExam one(const std::string& id) {
    const auto found = repository().received_exam(id);
    EXPECT_TRUE(found && *found) << id;
    return found && *found ? **found : ReceivedExam{};
  }
  std::vector<std::string> ids(const ReceivedExamQuery& query) {
    const auto found = repository().received_exams(query);
    EXPECT_TRUE(found) << found.error().text;
    std::vector<std::string> all;
    for (const ReceivedExam& exam : found.value_or(std::vector<ReceivedExam>{}))
      all.push_back(exam.id);
    return all;
  }
  bool change(ReceivedExam exam, ReceivedExamState to, ReceivedExamState from) {
    exam.state = to;
    const auto changed = repository().change_exam(exam, from);
    EXPECT_TRUE(changed) << changed.error().text;
    return changed.value_or(false);
  }
  std::int64_t count(const std::string& state) { return repository().exam_counts()->at(state); }
};

TEST_P(ExamsContract, AnExamComesBackAsItWas) {
  ReceivedExam exam = exam_of("e1", kMonday + Duration(1));
  exam.state = ReceivedExamState::unreadable;
  exam.why = "malformed_file";
  put(exam);
  const ReceivedExam found = one("e1");
  EXPECT_EQ(found.device, "cart");
  EXPECT_EQ(found.holder, UserId("gp"));
  EXPECT_EQ(found.programme, ProgrammeId("p"));
  EXPECT_EQ(found.received_at, kMonday + Duration(1));
  EXPECT_EQ(found.state, ReceivedExamState::unreadable);
  EXPECT_EQ(found.why, "malformed_file");
  EXPECT_EQ(found.reader, "1");
  EXPECT_EQ(found.size, 100);
  EXPECT_EQ(found.object_id, "1.2.e1");
  EXPECT_EQ(found.wrapped_key, kWrapped);
  EXPECT_EQ(found.sealed_card, bytes_of("card e1"));
  EXPECT_EQ(found.sealed, bytes_of("file e1"));
  const auto listed = repository().received_exams({});
  ASSERT_TRUE(listed && listed->size() == 1);
  EXPECT_THAT(listed->front().sealed, IsEmpty());
  EXPECT_EQ(listed->front().sealed_card, bytes_of("card e1"));
  EXPECT_FALSE(*repository().received_exam("e2"));
}

TEST_P(ExamsContract, TheSameBytesOrRecordingOfOneHolderIsOneExam) {
  put(exam_of("e1"));
  ReceivedExam again = exam_of("e2");
  again.bytes_mark = "bytes of e1";
  EXPECT_EQ(known(again), "e1");
  again = exam_of("e2");
  again.recording_mark = "recording of e1";
  EXPECT_EQ(known(again), "e1");
  again.holder = UserId("other");  // a colleague's is his own
  put(again);
  ReceivedExam photo = exam_of("e3");
  photo.recording_mark.clear();
  put(photo);
  photo = exam_of("e4");
  photo.recording_mark.clear();  // no mark is not the same mark
  put(photo);
}

TEST_P(ExamsContract, WhatWasDiscardedMayComeAgain) {
  put(exam_of("e1"));
  ASSERT_TRUE(change(one("e1"), ReceivedExamState::discarded, ReceivedExamState::waiting));
  EXPECT_THAT(one("e1").sealed, IsEmpty());
  EXPECT_THAT(one("e1").sealed_card, IsEmpty());
  EXPECT_THAT(one("e1").wrapped_key, IsEmpty());
  EXPECT_FALSE(change(one("e1"), ReceivedExamState::discarded, ReceivedExamState::waiting));
  ReceivedExam again = exam_of("e2");
  again.bytes_mark = "bytes of e1";
  put(again);
  EXPECT_FALSE(*repository().received_exam("e1"));
  EXPECT_THAT(ids({}), ElementsAre("e2"));
}

TEST_P(ExamsContract, AreListedByWhoeverLooks) {
  put(exam_of("e1"));
  put(exam_of("e2", kMonday + hours(1)));
  ReceivedExam other = exam_of("e3", kMonday - hours(1));
  other.holder = UserId("other");
  other.programme = ProgrammeId("q");
  other.state = ReceivedExamState::unreadable;
  other.reader = "0";
  put(other);
  EXPECT_THAT(ids({}), ElementsAre("e2", "e1", "e3"));
  ReceivedExamQuery query;
  query.limit = 1;
  EXPECT_THAT(ids(query), ElementsAre("e2"));
  query = {};
  query.holder = UserId("gp");
  EXPECT_THAT(ids(query), ElementsAre("e2", "e1"));
  query = {};
  query.state = ReceivedExamState::unreadable;
  EXPECT_THAT(ids(query), ElementsAre("e3"));
  query.not_read_by = "0";
  EXPECT_THAT(ids(query), IsEmpty());
  query = {};
  query.programmes = {ProgrammeId("q"), ProgrammeId("r")};
  EXPECT_THAT(ids(query), ElementsAre("e3"));
  EXPECT_EQ(count("waiting"), 2);
  EXPECT_EQ(count("unreadable"), 1);
  EXPECT_EQ(count("joined"), 0);
}

TEST_P(ExamsContract, ACaseTakesItOnceAndWholly) {
  put(exam_of("e1"));
  put(exam_of("e2"));
  Commit commit = commit_of(queued_case("c1"), "submit");
  commit.joins = {"e1", "e3"};
  EXPECT_EQ(outcome_of(commit), CommitOutcome::exam_gone);
  EXPECT_FALSE(*repository().load_case(CaseId("c1")));
  EXPECT_EQ(count("waiting"), 2);
  commit.joins = {"e1", "e1"};
  EXPECT_EQ(outcome_of(commit), CommitOutcome::exam_gone);
  commit.joins = {"e1"};
  EXPECT_EQ(outcome_of(commit), CommitOutcome::committed);
  EXPECT_EQ(outcome_of(commit), CommitOutcome::duplicate);
  const ReceivedExam joined = one("e1");
  EXPECT_EQ(joined.state, ReceivedExamState::joined);
  EXPECT_EQ(joined.case_id, CaseId("c1"));
  EXPECT_THAT(joined.sealed, IsEmpty());
  EXPECT_THAT(joined.wrapped_key, IsEmpty());
  Commit second = commit_of(queued_case("c2"), "submit-2");
  second.joins = {"e1"};
  EXPECT_EQ(outcome_of(second), CommitOutcome::exam_gone);
  ReceivedExam again = exam_of("e4");
  again.bytes_mark = "bytes of e1";
  EXPECT_EQ(known(again), "e1");
}

TEST_P(ExamsContract, AreReadAgain) {
  ReceivedExam exam = exam_of("e1");
  exam.state = ReceivedExamState::unreadable;
  exam.recording_mark.clear();
  put(exam);
  put(exam_of("e2"));
  exam.reader = "2";
  exam.sealed_card = bytes_of("read");
  exam.recording_mark = "recording of e2";
  exam.state = ReceivedExamState::waiting;
  const auto taken = repository().change_exam(exam, ReceivedExamState::unreadable);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::state_conflict);
  EXPECT_EQ(one("e1").state, ReceivedExamState::unreadable);
  exam.recording_mark = "recording of e1";
  EXPECT_TRUE(change(exam, ReceivedExamState::waiting, ReceivedExamState::unreadable));
  EXPECT_EQ(one("e1").reader, "2");
  EXPECT_EQ(one("e1").sealed_card, bytes_of("read"));
  EXPECT_EQ(one("e1").sealed, bytes_of("file e1"));
  EXPECT_FALSE(change(exam, ReceivedExamState::waiting, ReceivedExamState::unreadable));
}

TEST_P(ExamsContract, ExpireByTheInstant) {
  put(exam_of("e1"));
  put(exam_of("e2", kMonday + Duration(1)));
  put(exam_of("e3"));
  Commit commit = commit_of(queued_case("c1"), "submit");
  commit.joins = {"e3"};
  ASSERT_EQ(outcome_of(commit), CommitOutcome::committed);
  EXPECT_EQ(repository().expire_exams(kMonday).value(), 0);
  EXPECT_EQ(repository().expire_exams(kMonday + Duration(1)).value(), 1);
  EXPECT_EQ(one("e1").state, ReceivedExamState::expired);
  EXPECT_THAT(one("e1").sealed, IsEmpty());
  EXPECT_EQ(one("e2").state, ReceivedExamState::waiting);
  EXPECT_EQ(one("e3").state, ReceivedExamState::joined);
}

TEST_P(ExamsContract, CountsWhatADeviceHasSent) {
  put(exam_of("e1"));
  put(exam_of("e2", kMonday + hours(1)));
  ReceivedExam other = exam_of("e3");
  other.device = "other";
  put(other);
  EXPECT_EQ(repository().sent_by_device("cart", kMonday)->exams, 2);
  EXPECT_EQ(repository().sent_by_device("cart", kMonday)->bytes, 200);
  EXPECT_EQ(repository().sent_by_device("cart", kMonday + Duration(1))->exams, 1);
  EXPECT_EQ(repository().sent_by_device("none", kMonday)->bytes, 0);
}

TEST_P(ExamsContract, KeepsObjectsUntilTheyAreGone) {
  put(exam_of("e1"));
  EXPECT_TRUE(repository().keeps_object("cart", "1.2.e1").value());
  EXPECT_FALSE(repository().keeps_object("other", "1.2.e1").value());
  EXPECT_FALSE(repository().keeps_object("cart", "").value());
  ASSERT_TRUE(change(one("e1"), ReceivedExamState::discarded, ReceivedExamState::waiting));
  EXPECT_FALSE(repository().keeps_object("cart", "1.2.e1").value());
}

TEST_P(ExamsContract, KeysAreFoundAndReplaced) {
  put(exam_of("e1"));
  ReceivedExam newer = exam_of("e2");
  newer.wrapped_key = {9, 9, 9, 9, 9, 9, 9, 9, 1};
  put(newer);
  const auto others = repository().exams_not_wrapped_by("0909090909090909", 10);
  ASSERT_TRUE(others && others->size() == 1);
  EXPECT_EQ(others->front().id, "e1");
  EXPECT_EQ(others->front().wrapped, kWrapped);
  EXPECT_EQ(repository().exams_not_wrapped_by("", 1)->size(), 1U);
  EXPECT_FALSE(repository().rewrap_exam("e1", newer.wrapped_key, kWrapped).value());
  EXPECT_TRUE(repository().rewrap_exam("e1", kWrapped, newer.wrapped_key).value());
  EXPECT_THAT(*repository().exams_not_wrapped_by("0909090909090909", 10), IsEmpty());
  ASSERT_TRUE(change(one("e1"), ReceivedExamState::discarded, ReceivedExamState::waiting));
  EXPECT_FALSE(repository().rewrap_exam("e1", newer.wrapped_key, kWrapped).value());
}

INSTANTIATE_TEST_SUITE_P(Stores, ExamsContract, every_store(),
                         [](const auto& of) { return of.param.name; });

}  // namespace telavis::test::repository_exams_test
