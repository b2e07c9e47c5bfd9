// SPDX-License-Identifier: Apache-2.0
// What experts keep to work with and how much they take, over days: appointments inside opinions,
// quotas, digests; and what becomes of patients, over months.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/service/stories_world.h"

namespace telavis::test::expert_desk_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ExpertDesk : public Story {
 protected:
  PersonalDesk& desk() { return engine.service.desk(); }
  /// Id of a new one of the first expert, so many hours ahead.
  std::string slot_in(double count) {
    Slot slot;
    slot.starts_at = hour(count);
    slot.place = "Cabinet du Port";
    slot.booking = "au 0590 00 00 00";
    const auto added = desk().add_slot(first, slot);
    EXPECT_TRUE(added) << (added ? "" : added.error().text);
    return added ? added->id : "";
  }
  static std::string offering(const std::string& id) {
    return with(kInPersonJson, "{", R"({"slots":[{"id":")" + id + R"("}],)");
  }
  std::size_t offered() {
    const auto slots = desk().slots(first).value();
    return static_cast<std::size_t>(
        std::ranges::count_if(slots, [](const Slot& slot) { return !slot.offered_in.empty(); }));
  }
  /// Somebody with these terms, from now on.
  void set(User& user, const std::function<void(ExpertTerms&)>& change) {
    change(user.terms);
    engine.put(user);
  }
};

// ---- texts --------------------------------------------------------------------------------------

TEST_F(ExpertDesk, TextsAreTheirOwnersAloneAndSealed) {
  OwnTexts texts;
  texts.texts.phrases = {{"Merci", "", "ZZPHRASE"}};
  const auto kept = desk().put_texts(engine.expert_a, texts);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->version, 1);
  EXPECT_EQ(desk().texts(engine.expert_a)->texts, texts.texts);
  EXPECT_TRUE(desk().texts(engine.expert_b)->texts.phrases.empty());
  // Another window knows the version of before.
  EXPECT_EQ(desk().put_texts(engine.expert_a, texts).error().code, ErrorCode::version_conflict);
  const Bytes sealed = (*engine.repository->personal_texts(engine.expert_a.id))->sealed;
  EXPECT_THAT(std::string(as_text(sealed)), Not(HasSubstr("ZZPHRASE")));
  // Moved to another person it opens for nobody.
  ASSERT_TRUE(engine.repository->put_personal_texts({engine.expert_b.id, 1, sealed}));
  EXPECT_EQ(desk().texts(engine.expert_b).error().code, ErrorCode::crypto_failed);
}

// ---- appointments -------------------------------------------------------------------------------

TEST_F(ExpertDesk, AnAppointmentIsOfferedInsideOneOpinion) {
  const CaseId id = submitted();
  name_experts(id);
  const std::string slot = slot_in(50);
  std::vector<ReportContent> drawn;
  engine.drawn = [&](const ReportContent& content) { drawn.push_back(content); };
  engine.done(first, "opinion", id, offering(slot));
  EXPECT_EQ(offered(), 1U);
  disk.clock.advance(minutes(1));
  ASSERT_TRUE(engine.settle());
  const auto opened = engine.service.open(engine.gp, id);
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->opinion->slots.size(), 1U);
  EXPECT_EQ(opened->opinion->slots[0].place, "Cabinet du Port");
  EXPECT_EQ(opened->opinion->slots[0].starts_at, hour(50));
  std::string words;
  for (const ReportSection& section : drawn.at(0).sections) {
    for (const auto& [label, text] : section.lines) words += label + ": " + text + "\n";
  }
  EXPECT_THAT(words, HasSubstr("08/01/2026 à 10:00, Cabinet du Port ; pour réserver : au 0590"));
  // Not a second time, nor taken away: its patient may have booked it.
  EXPECT_EQ(desk().erase_slot(first, slot).error().code, ErrorCode::state_conflict);
  const CaseId other = submitted();
  name_experts(other);
  if (first.id == engine.load(id).expert) {
    EXPECT_EQ(engine.refused(first, "opinion", other, offering(slot)), ErrorCode::invalid_field);
  } else {  // nor by a colleague, in his name
    EXPECT_EQ(engine.refused(first, "opinion", other, offering(slot)), ErrorCode::invalid_field);
  }
}

TEST_F(ExpertDesk, AnOpinionThatIsTakenBackOrCorrectedGivesItsAppointmentsFree) {
  const CaseId id = submitted();
  name_experts(id);
  const std::string slot = slot_in(50), later = slot_in(60);
  engine.done(first, "opinion", id, offering(slot));
  engine.done(first, "take-opinion-back", id);
  EXPECT_EQ(offered(), 0U);
  engine.done(first, "opinion", id, offering(slot));
  disk.clock.advance(minutes(1));
  ASSERT_TRUE(engine.settle());
  const std::string hash = engine.load(id).opinion->hash;
  engine.done(first, "correct", id,
              with(offering(later), "{", R"({"corrects":")" + hash + R"(",)"));
  EXPECT_EQ(offered(), 2U);  // the first one until the correction leaves
  disk.clock.advance(minutes(1));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(offered(), 1U);
  EXPECT_THAT(slots_of(engine.load(id)), ElementsAre(later));
}

TEST_F(ExpertDesk, APastAppointmentIsNotOffered) {
  const CaseId id = submitted();
  name_experts(id);
  const std::string slot = slot_in(2);
  Slot past;
  past.starts_at = hour(-1);
  EXPECT_EQ(desk().add_slot(first, past).error().code, ErrorCode::invalid_field);
  disk.clock.set(hour(2.5));
  EXPECT_THAT(desk().slots(first).value(), IsEmpty());
  EXPECT_EQ(engine.refused(first, "opinion", id, offering(slot)), ErrorCode::invalid_field);
  const std::string next = slot_in(50);
  EXPECT_EQ(engine.refused(first, "opinion", id,
                           with(kOpinionJson, "{", R"({"slots":[{"id":")" + next + R"("}],)")),
            ErrorCode::invalid_field);  // nobody is to be seen
}

// ---- how much -----------------------------------------------------------------------------------

TEST_F(ExpertDesk, AWeeklyQuotaIsObeyedAndComesBackAfterAWeek) {
  set(engine.expert_a, [](ExpertTerms& terms) { terms.max_weekly_cases = 1; });
  set(engine.expert_b, [](ExpertTerms& terms) { terms.max_weekly_cases = 2; });
  std::map<UserId, int> asked;
  for (int i = 0; i < 3; ++i) {
    const CaseId id = submitted();
    const User expert = engine.expert_of(id);
    ++asked[expert.id];
    engine.done(expert, "opinion", id, kOpinionJson);
    disk.clock.advance(minutes(1));
    ASSERT_TRUE(engine.settle());
  }
  EXPECT_EQ(asked[engine.expert_a.id], 1);
  EXPECT_EQ(asked[engine.expert_b.id], 2);
  const CaseId id = submitted();
  EXPECT_EQ(engine.load(id).state, CaseState::queued);  // both have had enough
  const auto rounds = engine.service.routing(engine.coordinator, id);
  ASSERT_TRUE(rounds);
  for (const Considered& one : rounds->back().considered) EXPECT_EQ(one.excluded_because, "quota");
  EXPECT_EQ(
      engine.refused(engine.coordinator, "reassign", id,
                     R"({"expert":")" + engine.expert_a.id.value + R"(","reason":"no_answer"})"),
      ErrorCode::no_eligible_expert);
  disk.clock.set(hour(7 * 24) + minutes(10));
  const CaseId next_week = submitted();
  EXPECT_EQ(engine.load(next_week).state, CaseState::offered);
}

TEST_F(ExpertDesk, WhatHeDeclinedCostsNothingOfHisQuota) {
  for (User* user : {&engine.expert_a, &engine.expert_b}) {
    set(*user, [](ExpertTerms& terms) { terms.max_weekly_cases = 1; });
  }
  const CaseId id = submitted();
  name_experts(id);
  engine.done(first, "decline", id, reason("unavailable"));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.expert_of(id).id, second.id);
  const CaseId other = submitted();
  EXPECT_EQ(engine.expert_of(other).id, first.id);
}

TEST_F(ExpertDesk, ADigestTellsAtItsHourInPlaceOfEachCase) {
  // 9 h there is an hour from the start, and within half of a window of four hours.
  for (User* user : {&engine.expert_a, &engine.expert_b}) {
    set(*user, [](ExpertTerms& terms) { terms.digest_hours = {9, 20}; });
  }
  const CaseId one = submitted(), two = submitted();
  mails();
  EXPECT_EQ(engine.service.send_digests().value(), 0);
  disk.clock.set(hour(0.99));
  EXPECT_EQ(engine.service.send_digests().value(), 0);
  disk.clock.set(hour(1));
  const auto sent = engine.service.send_digests();
  ASSERT_TRUE(sent);
  EXPECT_EQ(*sent, 2);  // one case for each
  EXPECT_EQ(engine.service.send_digests().value(), 0);
  ASSERT_TRUE(engine.settle());
  EXPECT_THAT(mails(), ElementsAre("1:00 expert_digest experta", "1:00 expert_digest expertb"));
  const auto left = engine.postman.left();
  const std::string text = left.back().text;
  const std::string own = left.back().to == engine.expert_of(two).mail_address
                              ? engine.load(two).number
                              : engine.load(one).number;
  EXPECT_THAT(text, HasSubstr(own));
  EXPECT_THAT(text, Not(HasSubstr("ZZ")));
  // What comes after 9 h would be told at 20 h, too late: it is told at once.
  submitted();
  EXPECT_EQ(mails().size(), 1U);
}

TEST_F(ExpertDesk, ADigestThatTheNodeSleptThroughIsSentWhenItIsBack) {
  for (User* user : {&engine.expert_a, &engine.expert_b}) {
    set(*user, [](ExpertTerms& terms) { terms.digest_hours = {9}; });
  }
  submitted();
  disk.clock.set(hour(2));
  EXPECT_EQ(engine.service.send_digests().value(), 1);
}

// ---- what became of the patient -----------------------------------------------------------------

TEST_F(ExpertDesk, TheOutcomeIsAskedForAfterOneAndThreeMonthsOfAClosedCase) {
  const CaseId id = answered(kInPersonJson);
  ASSERT_TRUE(engine.service.report(engine.gp, id));
  engine.done(engine.gp, "appointment", id, R"({"date":"2026-02-01"})");
  const Case closed = engine.done(engine.gp, "close-out", id, R"({"outcome":"confirmed"})");
  ASSERT_EQ(closed.state, CaseState::closed);
  mails();
  run_until(hour(31 * 24));
  EXPECT_THAT(mails(), ElementsAre("720:01 outcome_reminder gp"));
  EXPECT_EQ(engine.refused(first, "outcome", id, R"({"result":"benign"})"), ErrorCode::forbidden);
  const Case told = engine.done(engine.gp, "outcome", id, R"({"result":"not_known_yet"})");
  EXPECT_EQ(told.state, CaseState::closed);
  run_until(hour(91 * 24));
  EXPECT_THAT(mails(), ElementsAre("2160:01 outcome_reminder gp"));
  const Case known =
      engine.done(engine.gp, "outcome", id, R"({"result":"melanoma","text":"ZZ Breslow 0,4 mm"})");
  EXPECT_EQ(known.state, CaseState::closed);
  EXPECT_EQ(known.kept_until, closed.kept_until);  // of the same civil year
  EXPECT_EQ(engine.service.open(first, id)->dialogue.back().text,
            R"({"result":"melanoma","text":"ZZ Breslow 0,4 mm"})");
  run_until(hour(200 * 24));
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_THAT(audited(id), Contains("record_outcome"));
  // A year later it is a word about the patient like any other: kept as long after it.
  disk.clock.set(hour(400 * 24));
  const Case late = engine.done(engine.gp, "outcome", id, R"({"result":"melanoma"})");
  EXPECT_GT(late.kept_until, closed.kept_until);
}

TEST_F(ExpertDesk, NobodyIsAskedForAnOutcomeWhereNobodyWasToBeSeen) {
  const CaseId id = answered();
  ASSERT_TRUE(engine.service.report(engine.gp, id));
  engine.done(engine.gp, "close-out", id, kCloseOutJson);
  mails();
  run_until(hour(100 * 24));
  EXPECT_THAT(mails(), IsEmpty());
  engine.done(engine.gp, "outcome", id, R"({"result":"confirmed"})");  // said all the same
}

TEST_F(ExpertDesk, AnErasedOrRestrictedCaseIsNotAskedAbout) {
  const CaseId id = answered(kInPersonJson);
  ASSERT_TRUE(engine.service.report(engine.gp, id));
  engine.done(engine.gp, "appointment", id, R"({"date":"2026-02-01"})");
  engine.done(engine.gp, "close-out", id, kCloseOutJson);
  const std::string why = R"({"reason":"asked by the patient"})";
  engine.done(engine.coordinator, "restrict", id, why);
  EXPECT_FALSE(timer_at(engine.load(id), TimerKind::outcome));
  engine.done(engine.coordinator, "lift-restriction", id);
  EXPECT_TRUE(timer_at(engine.load(id), TimerKind::outcome));
  engine.done(engine.coordinator, "request-erasure", id, why);
  const Case erased = engine.done(engine.referent, "approve-erasure", id);
  EXPECT_TRUE(erased.erased_at);
  EXPECT_FALSE(timer_at(erased, TimerKind::outcome));
  EXPECT_EQ(engine.refused(engine.gp, "outcome", id, R"({"result":"benign"})"),
            ErrorCode::forbidden);
}

// ---- the year -----------------------------------------------------------------------------------

TEST_F(ExpertDesk, AYearCountsWhatWasAskedAndAnswered) {
  answered();
  const CaseId id = answered();
  EXPECT_EQ(desk().year(engine.gp, 2026)->asked, 2);
  EXPECT_EQ(desk().year(engine.gp, 2025)->asked, 0);
  const auto given =
      desk().year(engine.expert_a, 2026)->answered + desk().year(engine.expert_b, 2026)->answered;
  EXPECT_EQ(given, 2);
  EXPECT_EQ(desk().year(*engine.repository->user(*engine.load(id).expert).value(), 2026)->asked, 0);
}

// ---- lists --------------------------------------------------------------------------------------

/// A requester's list with one case of his, while a call of a port may fail.
struct OneList {
  OneList(Disk& disk, FaultPlan& plan) : engine(disk, &plan) {
    engine.enrol();
    EXPECT_TRUE(engine.service.submit(engine.gp, "k", kRequestJson,
                                      {{"web", "ecg.scp", fixture("demo-ecg.scp")}}));
    cases = engine.repository->cases({}).value();
    calls_before = plan.calls();
  }
  bool shown() { return engine.service.briefs(engine.gp, "session", cases).has_value(); }
  std::ptrdiff_t readings() {
    return std::ranges::count_if(
        engine.repository->audit_chain(cases.front().id.value).value(),
        [](const AuditEntry& entry) { return entry.what.action == "content_read"; });
  }
  Engine engine;
  std::vector<Case> cases;
  std::int64_t calls_before = 0;
};

TEST(Lists, ShowNoPatientWhoseReadingCouldNotBeWrittenDown) {
  Disk whole_disk;
  FaultPlan counting;
  OneList whole(whole_disk, counting);
  ASSERT_TRUE(whole.shown());
  ASSERT_TRUE(whole.shown());
  EXPECT_EQ(whole.readings(), 1);
  const std::int64_t last = counting.calls();
  ASSERT_GT(last, whole.calls_before);
  for (std::int64_t n = whole.calls_before + 1; n <= last; ++n) {
    Disk disk;
    FaultPlan plan(n, FaultSide::before, FaultExtent::once);
    OneList list(disk, plan);
    for (int turn = 0; turn < 2; ++turn) {
      if (list.shown()) {
        EXPECT_EQ(list.readings(), 1) << plan.failed_call();
      }
    }
    EXPECT_EQ(list.readings(), 1) << plan.failed_call();
  }
}

}  // namespace
}  // namespace telavis::test::expert_desk_test
