// SPDX-License-Identifier: Apache-2.0
// The case as a file that is kept: erasure by two persons or by age, legal hold, restriction,
// oppositions, patients' marks, and master keys that are replaced.
#include <gmock/gmock.h>

#include <set>

#include "engine/core/patient_marks.h"
#include "engine/core/received_mail.h"
#include "tests/service/stories_world.h"

namespace telavis::test::custody_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string kReason = R"({"reason":"ZZREASON: asked in writing"})";
const PatientIdentity kPatient{"", "ZZPATIENTNAME", "Camille", "1961-03-02", Sex::female};

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class Custody : public Story {
 protected:
  Custody() { engine.put(second_coordinator); }

  CaseId closed() {
    const CaseId id = answered();
    EXPECT_TRUE(engine.service.report(engine.gp, id));
    engine.done(engine.gp, "close-out", id, kCloseOutJson);
    EXPECT_EQ(engine.load(id).state, CaseState::closed);
    return id;
  }
  std::set<std::string> blobs() const {
    std::set<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(disk.folder / "blobs")) {
      if (entry.is_regular_file()) all.insert(entry.path().filename().string());
    }
    return all;
  }
  std::vector<CaseId> found() {
    return engine.repository->cases_of_patient(engine.service.marks_so_far(kPatient, {})).value();
  }
  std::string last_detail(const CaseId& id, const std::string& action) {
    std::string detail = "none";
    const auto chain = engine.repository->audit_chain(id.value).value();
    for (const AuditEntry& entry : chain) {
      if (entry.what.action == action) detail = entry.what.detail;
    }
    return detail;
  }
  /// Nobody reads anything of it any more.
  void expect_erased(const CaseId& id) {
    const Case subject = engine.load(id);
    EXPECT_TRUE(subject.erased_at);
    EXPECT_THAT(subject.wrapped_key, IsEmpty());
    EXPECT_THAT(subject.sealed_request, IsEmpty());
    EXPECT_THAT(subject.sealed_opinion, IsEmpty());
    EXPECT_THAT(blobs(), IsEmpty());
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_THAT(disk.erasures, ElementsAre(id));
    for (const User& user : {engine.gp, first, engine.referent, engine.coordinator}) {
      EXPECT_FALSE(engine.service.open(user, id)) << user.login;
      EXPECT_FALSE(engine.service.report(user, id)) << user.login;
      EXPECT_FALSE(engine.service.exams(user, id)) << user.login;
    }
    EXPECT_FALSE(engine.service.open_as_referent(engine.referent, "k", id, "a long enough reason"));
    EXPECT_FALSE(engine.service.staff_reasons(engine.referent, id));
    // The figures, the acts and the chain stay.
    EXPECT_TRUE(engine.service.figures(engine.gp, id));
    EXPECT_THAT(engine.service.acts(engine.gp, "", "").value(), SizeIs(1));
    EXPECT_EQ(verify_chain(engine.repository->audit_chain(id.value).value(), subject.audit), 0);
  }

  User second_coordinator = person("coordinator2", Role::coordinator, kRhythmology);
};

// ---- erasure by two persons ---------------------------------------------------------------------

TEST_F(Custody, TwoPersonsEraseAClosedCase) {
  const CaseId id = closed();
  EXPECT_THAT(found(), ElementsAre(id));
  EXPECT_EQ(engine.refused(engine.gp, "request-erasure", id, kReason), ErrorCode::forbidden);
  EXPECT_EQ(engine.refused(first, "request-erasure", id, kReason), ErrorCode::forbidden);
  EXPECT_EQ(engine.refused(engine.treasurer, "request-erasure", id, kReason), ErrorCode::forbidden);
  EXPECT_EQ(engine.refused(engine.coordinator, "approve-erasure", id), ErrorCode::state_conflict);
  EXPECT_EQ(engine.refused(engine.coordinator, "request-erasure", id, R"({"reason":"short"})"),
            ErrorCode::invalid_field);

  engine.done(engine.coordinator, "request-erasure", id, kReason);
  EXPECT_EQ(engine.refused(second_coordinator, "request-erasure", id, kReason),
            ErrorCode::state_conflict);
  EXPECT_EQ(engine.refused(engine.coordinator, "approve-erasure", id), ErrorCode::forbidden);
  const auto reasons = engine.service.staff_reasons(second_coordinator, id);
  ASSERT_TRUE(reasons);
  ASSERT_THAT(*reasons, SizeIs(1));
  EXPECT_EQ(reasons->front().text, "ZZREASON: asked in writing");
  EXPECT_EQ(reasons->front().action, "request_erasure");
  EXPECT_EQ(engine.service.staff_reasons(engine.gp, id).error().code, ErrorCode::forbidden);

  engine.done(second_coordinator, "approve-erasure", id);
  expect_erased(id);
  const std::string detail = last_detail(id, "approve_erasure");
  EXPECT_THAT(detail, HasSubstr("before_retention; asked by u-coordinator at "));
  EXPECT_THAT(detail, HasSubstr(last_detail(id, "request_erasure")));
  for (const char* command : {"hold", "restrict", "request-erasure", "approve-erasure"}) {
    EXPECT_EQ(engine.refused(engine.coordinator, command, id, kReason), ErrorCode::state_conflict);
  }
}

TEST_F(Custody, ARepeatedApprovalGetsItsFirstAnswer) {
  const CaseId id = closed();
  engine.done(engine.coordinator, "request-erasure", id, kReason);
  const auto first_time =
      engine.service.command(engine.referent, "approve-erasure", "once", id, "{}");
  ASSERT_TRUE(first_time);
  const auto again = engine.service.command(engine.referent, "approve-erasure", "once", id, "{}");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->json, first_time->json);
  expect_erased(id);
}

TEST_F(Custody, ARequestLapsesIsWithdrawnAndEndsWhenTheCaseGoesOn) {
  const CaseId id = closed();
  engine.done(engine.coordinator, "request-erasure", id, kReason);
  disk.clock.advance(hours(30 * 24));
  EXPECT_EQ(engine.refused(engine.referent, "approve-erasure", id), ErrorCode::state_conflict);

  engine.done(engine.coordinator, "request-erasure", id, kReason);
  engine.done(engine.referent, "withdraw-erasure", id);
  EXPECT_EQ(engine.refused(engine.referent, "approve-erasure", id), ErrorCode::state_conflict);
  EXPECT_FALSE(engine.load(id).erased_at);
}

TEST_F(Custody, AFollowUpQuestionEndsARequest) {
  const CaseId id = closed();
  engine.done(engine.coordinator, "request-erasure", id, kReason);
  engine.done(engine.gp, "follow-up", id, kText);
  EXPECT_FALSE(engine.load(id).erasure_request);
  EXPECT_EQ(engine.refused(engine.referent, "approve-erasure", id), ErrorCode::state_conflict);
  EXPECT_EQ(engine.refused(engine.referent, "request-erasure", id, kReason),
            ErrorCode::state_conflict);
}

TEST_F(Custody, AnOpenCaseIsWithdrawnBeforeItIsErased) {
  const CaseId id = submitted();
  EXPECT_EQ(engine.refused(engine.coordinator, "request-erasure", id, kReason),
            ErrorCode::state_conflict);
  engine.done(engine.gp, "cancel", id, reason("patient_withdrew"));
  engine.done(engine.coordinator, "request-erasure", id, kReason);
  engine.done(engine.referent, "approve-erasure", id);
  EXPECT_THAT(blobs(), IsEmpty());
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Custody, WithoutALineInTheErasureLogNothingIsErased) {
  const CaseId id = closed();
  engine.done(engine.coordinator, "request-erasure", id, kReason);
  disk.erasure_log_fails = true;
  EXPECT_EQ(engine.refused(engine.referent, "approve-erasure", id), ErrorCode::storage_failed);
  EXPECT_FALSE(engine.load(id).erased_at);
  EXPECT_TRUE(engine.service.report(engine.gp, id));
  disk.erasure_log_fails = false;
  engine.done(engine.referent, "approve-erasure", id);
  expect_erased(id);
}

TEST_F(Custody, AnErasureThatLosesToAHoldTakesItsLineBack) {
  const CaseId id = closed();
  engine.done(engine.coordinator, "request-erasure", id, kReason);
  disk.meanwhile = [&] {
    disk.meanwhile = {};
    engine.done(engine.coordinator, "hold", id, kReason);
  };
  EXPECT_EQ(engine.refused(engine.referent, "approve-erasure", id), ErrorCode::state_conflict);
  EXPECT_FALSE(engine.load(id).erased_at);
  EXPECT_TRUE(engine.load(id).legal_hold);
  EXPECT_THAT(disk.erasures, IsEmpty());
}

// ---- what is left on the disk -------------------------------------------------------------------

TEST(CustodyOnDisk, NoKeyAndNothingSealedIsLeftInAnyFile) {
  Disk disk;
  CaseId id;
  Case before;
  {
    Engine engine(disk);
    engine.enrol();
    const auto receipt = engine.service.submit(engine.gp, "k", kRequestJson,
                                               {{"web", "ecg.scp", fixture("demo-ecg.scp")}});
    ASSERT_TRUE(receipt);
    id = engine.repository->cases({}).value().front().id;
    before = engine.done(engine.gp, "cancel", id, reason("patient_withdrew"));
    engine.done(engine.coordinator, "request-erasure", id, kReason);
    engine.done(engine.referent, "approve-erasure", id);
  }
  // The first 8 bytes name the master key, which other cases have too.
  const std::string key(before.wrapped_key.begin() + 8, before.wrapped_key.end());
  const std::string request(before.sealed_request.begin(), before.sealed_request.begin() + 64);
  const auto marks = patient_marks(kLookupKey, 2026, kPatient, {});
  int looked_at = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(disk.folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = bytes_of(entry.path());
    EXPECT_EQ(bytes.find(key), std::string::npos) << entry.path();
    EXPECT_EQ(bytes.find(request), std::string::npos) << entry.path();
    for (const std::string& mark : marks) {
      EXPECT_EQ(bytes.find(mark), std::string::npos) << entry.path();
    }
    ++looked_at;
  }
  EXPECT_GT(looked_at, 0);
}

/// A cancelled case whose erasure is asked for, and the approval; the calls of ports before it.
struct Approval {
  Approval(Disk& disk, FaultPlan& plan) : engine(disk, &plan) {
    engine.enrol();
    EXPECT_TRUE(engine.service.submit(engine.gp, "k", kRequestJson,
                                      {{"web", "ecg.scp", fixture("demo-ecg.scp")}}));
    id = engine.repository->cases({}).value().front().id;
    engine.done(engine.gp, "cancel", id, reason("patient_withdrew"));
    engine.done(engine.coordinator, "request-erasure", id, kReason);
    calls_before = plan.calls();
    approved = approve(engine).has_value();
  }
  Result<Receipt> approve(Engine& by) const {
    return by.service.command(by.referent, "approve-erasure", "approval", id, "{}");
  }
  Engine engine;
  CaseId id;
  std::int64_t calls_before = 0;
  bool approved = false;
};

TEST(CustodyOnDisk, ACrashAtAnyCallErasesWhollyOrNotAtAll) {
  std::int64_t first_call = 0;
  std::int64_t last_call = 0;
  {
    Disk disk;
    FaultPlan plan;
    const Approval whole(disk, plan);
    ASSERT_TRUE(whole.approved);
    first_call = whole.calls_before + 1;
    last_call = plan.calls();
  }
  ASSERT_GE(last_call - first_call, 3);
  int erased_with_files_left = 0;
  for (std::int64_t n = first_call; n <= last_call; ++n) {
    for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
      Disk disk;
      CaseId id;
      {
        FaultPlan plan(n, side, FaultExtent::from_then_on);
        const Approval crashed(disk, plan);
        EXPECT_FALSE(crashed.approved) << plan.failed_call();
        id = crashed.id;
      }
      Engine engine(disk);
      const Case subject = engine.load(id);
      if (subject.erased_at) {
        EXPECT_THAT(subject.wrapped_key, IsEmpty());
        EXPECT_THAT(disk.erasures, ElementsAre(id));
        EXPECT_FALSE(engine.service.open(engine.gp, id));
        ++erased_with_files_left;  // sealed by a key that is gone; the sweep takes them
      } else {
        EXPECT_TRUE(engine.service.open(engine.gp, id)) << n;
        EXPECT_TRUE(engine.service.exams(engine.gp, id)) << n;
      }
      // Whoever tries again is served, and it was done once.
      EXPECT_TRUE(engine.service.command(engine.referent, "approve-erasure", "approval", id, "{}"));
      EXPECT_TRUE(engine.load(id).erased_at);
      int approvals = 0;
      const auto chain = engine.repository->audit_chain(id.value).value();
      for (const AuditEntry& entry : chain) {
        approvals += entry.what.action == "approve_erasure" ? 1 : 0;
      }
      EXPECT_EQ(approvals, 1) << n;
    }
  }
  EXPECT_GT(erased_with_files_left, 0);
}

// ---- retention ----------------------------------------------------------------------------------

TEST_F(Custody, ACaseIsErasedAtTheEndOfTheYearTwentyYearsAfterItsEnd) {
  const CaseId id = closed();
  EXPECT_EQ(engine.load(id).kept_until, at("2047-01-01T00:00:00Z"));
  // Looking at it, holding and restricting it make it no younger.
  run_until(at("2030-06-01T08:00:00Z"));
  EXPECT_TRUE(engine.service.open(engine.gp, id));
  engine.done(engine.coordinator, "hold", id, kReason);
  engine.done(engine.coordinator, "release-hold", id, kReason);
  engine.done(engine.coordinator, "restrict", id, kReason);
  engine.done(engine.coordinator, "lift-restriction", id);
  EXPECT_EQ(engine.load(id).kept_until, at("2047-01-01T00:00:00Z"));

  run_until(at("2046-12-31T23:59:59Z"));
  EXPECT_TRUE(engine.service.open(engine.gp, id));
  run_until(at("2047-01-01T00:00:00Z"));
  expect_erased(id);
  EXPECT_EQ(last_detail(id, "timer"), "retention");
  EXPECT_FALSE(next_timer(engine.load(id)));
}

TEST_F(Custody, AWordAboutThePatientKeepsItLonger) {
  const CaseId id = closed();
  run_until(at("2027-02-01T12:00:00Z"));
  engine.done(first, "call", id, kText);
  EXPECT_EQ(engine.load(id).state, CaseState::closed);
  EXPECT_EQ(engine.load(id).kept_until, at("2048-01-01T00:00:00Z"));
}

TEST_F(Custody, TheCaseOfAChildIsKeptUntilHisTwentyEighthBirthday) {
  const auto child = [&](const std::string& born) {
    std::string json = with(kRequestJson, "1961-03-02", born);
    json = with(json, R"({"given_by":"patient"})",
                R"({"given_by":"representative","representative_name":"Mme Exemple",
                    "representative_quality":"mother"})");
    return engine.load(submitted(json)).kept_until;
  };
  EXPECT_EQ(child("2025-11-30"), at("2054-01-01T00:00:00Z"));
  EXPECT_EQ(child("2024-02-29"), at("2053-01-01T00:00:00Z"));
  EXPECT_EQ(child("2012-11-30"), at("2047-01-01T00:00:00Z"));  // 28 in 2040: the years are longer
}

TEST_F(Custody, TheYearsAreThoseOfTheProgrammeWhenTheQuestionWasAsked) {
  Programme longer = rhythmology();
  longer.retention_years = 30;
  engine.put(longer);
  const CaseId id = submitted();
  engine.put(rhythmology());
  engine.done(engine.gp, "cancel", id, reason("other"));
  EXPECT_EQ(engine.load(id).kept_until, at("2057-01-01T00:00:00Z"));
}

// ---- legal hold ---------------------------------------------------------------------------------

TEST_F(Custody, AHoldBlocksBothErasuresUntilItIsReleased) {
  const CaseId id = closed();
  engine.done(engine.coordinator, "request-erasure", id, kReason);
  EXPECT_EQ(engine.refused(engine.gp, "hold", id, kReason), ErrorCode::forbidden);
  engine.done(engine.referent, "hold", id, kReason);
  EXPECT_EQ(engine.refused(engine.referent, "approve-erasure", id), ErrorCode::state_conflict);
  EXPECT_EQ(engine.refused(engine.referent, "hold", id, kReason), ErrorCode::state_conflict);
  run_until(at("2050-06-01T12:00:00Z"));
  EXPECT_TRUE(engine.service.open(engine.gp, id));
  engine.done(engine.coordinator, "release-hold", id, kReason);
  const auto reasons = engine.service.staff_reasons(engine.coordinator, id).value();
  EXPECT_THAT(reasons, SizeIs(3));
  ASSERT_TRUE(engine.settle());
  expect_erased(id);  // its years were over long ago
}

// ---- restriction --------------------------------------------------------------------------------

TEST_F(Custody, ARestrictedCaseIsKeptAndNotUsed) {
  const CaseId open = submitted();
  EXPECT_EQ(engine.refused(engine.coordinator, "restrict", open, kReason),
            ErrorCode::state_conflict);
  engine.done(engine.gp, "cancel", open, reason("other"));

  const CaseId id = answered(kInPersonJson);
  run_until(disk.clock.now() + hours(2));
  mails();
  engine.done(engine.coordinator, "restrict", id, kReason);
  const auto refused = engine.service.open(engine.gp, id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::forbidden);
  EXPECT_THAT(refused.error().text, HasSubstr("kept and not used"));
  for (const User& user : {engine.gp, first}) {
    EXPECT_FALSE(engine.service.report(user, id));
    EXPECT_FALSE(engine.service.exams(user, id));
    EXPECT_TRUE(engine.service.figures(user, id));
    EXPECT_EQ(engine.refused(user, "call", id, kText), ErrorCode::forbidden);
  }
  EXPECT_EQ(engine.refused(engine.gp, "follow-up", id, kText), ErrorCode::forbidden);
  EXPECT_EQ(engine.refused(engine.gp, "close-out", id, kCloseOutJson), ErrorCode::forbidden);
  EXPECT_THAT(engine.service.acts(first, "", "").value(), SizeIs(1));
  // The medical referent opens it with a reason, for an hour.
  EXPECT_FALSE(engine.service.open(engine.referent, id));
  EXPECT_TRUE(engine.service.open_as_referent(engine.referent, "k", id, "a long enough reason"));
  EXPECT_TRUE(engine.service.open(engine.referent, id));
  // Nobody is reminded of it.
  run_until(disk.clock.now() + hours(20 * 24));
  EXPECT_THAT(mails(), IsEmpty());

  engine.done(engine.referent, "lift-restriction", id);
  EXPECT_TRUE(engine.service.open(engine.gp, id));
  EXPECT_TRUE(engine.service.report(first, id));
  run_until(disk.clock.now() + hours(24));
  EXPECT_THAT(mails(), Contains(HasSubstr("appointment_reminder gp")));
}

TEST_F(Custody, AnUrgentOpinionIsAcknowledgedBeforeItIsPutAway) {
  const CaseId id = submitted();
  name_experts(id);
  engine.done(first, "opinion", id, kUrgentJson);
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.refused(engine.coordinator, "restrict", id, kReason), ErrorCode::state_conflict);
  engine.done(engine.gp, "acknowledge", id);
  engine.done(engine.coordinator, "restrict", id, kReason);
}

// ---- marks and oppositions ----------------------------------------------------------------------

TEST_F(Custody, APatientIsFoundInEveryYearAndUnderWhatHeIsCalledNow) {
  const CaseId first_year = submitted();
  disk.clock.set(at("2027-03-01T12:00:00Z"));
  const CaseId second_year = submitted();
  const CaseId other = submitted(with(kRequestJson, "Camille", "Dominique"));
  EXPECT_THAT(found(), testing::UnorderedElementsAre(first_year, second_year));
  EXPECT_THAT(found(), Not(Contains(other)));
}

TEST_F(Custody, ACompletedRequestIsFoundUnderItsNewIdentity) {
  const std::string lacking = with(kRequestJson, R"("red_flags":{"st_elevation":false},)", "");
  const CaseId id = submitted(with(lacking, "ZZPATIENTNAME", "ZZMISSPELT"), Incomplete::kept);
  ASSERT_EQ(engine.load(id).state, CaseState::incomplete);
  EXPECT_THAT(found(), IsEmpty());
  engine.done(engine.gp, "complete", id, kRequestJson);
  EXPECT_THAT(found(), ElementsAre(id));
  // Given up unfinished, nobody finds him any more.
  const CaseId purged = submitted(lacking, Incomplete::kept);
  EXPECT_THAT(found(), SizeIs(2));
  run_until(disk.clock.now() + hours(8 * 24));
  EXPECT_EQ(engine.load(purged).state, CaseState::cancelled);
  EXPECT_THAT(found(), ElementsAre(id));
  EXPECT_THAT(disk.erasures, ElementsAre(purged));
}

TEST_F(Custody, AnOpposedPatientIsRefusedAndNothingIsKept) {
  const auto marks = engine.service.marks_so_far(kPatient, {});
  ASSERT_THAT(marks, SizeIs(1));
  ASSERT_TRUE(engine.repository->put_opposition({marks.front(), disk.clock.now(), "operator", ""}));
  disk.clock.set(at("2028-02-01T12:00:00Z"));
  const auto refused =
      engine.service.submit(engine.gp, "k", kRequestJson, {{"web", "ecg.scp", ecg}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::consent_missing);
  EXPECT_THAT(refused.error().text, HasSubstr("opposed"));
  EXPECT_THAT(blobs(), IsEmpty());
  EXPECT_THAT(engine.repository->cases({}).value(), IsEmpty());
  const auto chain = engine.repository->audit_chain("node").value();
  EXPECT_EQ(chain.back().what.action, "refused:submit");
  EXPECT_EQ(chain.back().what.detail, "consent_missing");

  // A patient in danger is sent on; the question is not asked after that either.
  const CaseId red =
      submitted(with(kRequestJson, R"("st_elevation":false)", R"("st_elevation":true)"));
  ASSERT_EQ(engine.load(red).state, CaseState::redirected);
  EXPECT_EQ(engine.refused(engine.gp, "resume", red, R"({"regulated_at":"14:05"})"),
            ErrorCode::consent_missing);

  ASSERT_TRUE(engine.repository->erase_opposition(marks));
  engine.done(engine.gp, "resume", red, R"({"regulated_at":"14:05"})");
}

// ---- master keys --------------------------------------------------------------------------------

const Key kNewMaster(std::array<std::uint8_t, 32>{9});

TEST_F(Custody, AReplacedMasterKeyIsTakenUpAndTheOldOneIsNotNeededAnyMore) {
  const CaseId old_case = answered();
  const KeyRing both({kNewMaster, kMasterKey});
  EXPECT_EQ(engine.service.rewrap(100), 0);
  engine.service.use_ring(both);
  EXPECT_TRUE(engine.service.open(engine.gp, old_case));
  const CaseId new_case = submitted();
  EXPECT_TRUE(is_wrapped_by(both.current_id(), engine.load(new_case).wrapped_key));
  EXPECT_FALSE(is_wrapped_by(both.current_id(), engine.load(old_case).wrapped_key));
  const std::int64_t version = engine.load(old_case).version;
  EXPECT_EQ(engine.service.rewrap(100), 1);
  EXPECT_EQ(engine.service.rewrap(100), 0);
  EXPECT_EQ(engine.load(old_case).version, version);

  engine.service.use_ring(KeyRing({kNewMaster}));
  for (const CaseId& id : {old_case, new_case}) {
    EXPECT_TRUE(engine.service.open(engine.gp, id));
    EXPECT_TRUE(engine.service.exams(engine.gp, id));
  }
  EXPECT_TRUE(engine.service.report(engine.gp, old_case));
  engine.service.use_ring(KeyRing({kMasterKey}));
  EXPECT_EQ(engine.service.open(engine.gp, old_case).error().code, ErrorCode::crypto_failed);
}

TEST_F(Custody, ACaseThatCannotBeWrappedAnewHoldsUpNoOther) {
  const CaseId lost = submitted();
  engine.service.use_ring(KeyRing({Key(std::array<std::uint8_t, 32>{5})}));
  const CaseId kept = submitted();
  engine.service.use_ring(KeyRing({kNewMaster, Key(std::array<std::uint8_t, 32>{5})}));
  const auto wrapped = engine.service.rewrap(100);
  ASSERT_FALSE(wrapped);
  EXPECT_EQ(wrapped.error().code, ErrorCode::crypto_failed);
  const std::string current = KeyRing({kNewMaster}).current_id();
  EXPECT_TRUE(is_wrapped_by(current, engine.load(kept).wrapped_key));
  EXPECT_FALSE(is_wrapped_by(current, engine.load(lost).wrapped_key));
}

TEST_F(Custody, AKitSealedBeforeAKeyWasReplacedStillLeaves) {
  const Bytes sealed = seal_stream(engine.service.node_mail_key(), "mail/m1", as_bytes("kit"));
  OutboxMessage kit;
  kit.id = OutboxId("m1");
  kit.kind = MessageKind::activation_kit;
  kit.from = "association@guadeloupe.telavis.test";
  kit.to = engine.gp.mail_address;
  kit.sealed_mime = sealed;
  kit.created_at = kit.not_before = disk.clock.now();
  ASSERT_TRUE(
      engine.repository->put_activation(engine.gp.id, "hash", disk.clock.now() + hours(1), kit));
  engine.service.use_ring(KeyRing({kNewMaster, kMasterKey}));
  EXPECT_EQ(engine.service.deliver_messages(10), 1);
  EXPECT_THAT(mails_of(disk, engine.gp.mail_address), ElementsAre("kit"));
}

TEST_F(Custody, AReceivedMailStaysReadableWhenAMasterKeyIsReplaced) {
  SystemRandom random;
  ReceivedMail mail;
  mail.id = "m1";
  mail.account = "filiere@telavis.test";
  mail.at = {7, 1};
  seal_received(mail, KeyRing({kMasterKey}), random, as_bytes("From: a\r\n\r\nb"));
  ASSERT_TRUE(engine.repository->put_received({mail}, mail.account, mail.at));
  engine.service.use_ring(KeyRing({kNewMaster, kMasterKey}));
  EXPECT_EQ(engine.service.rewrap(100), 1);
  EXPECT_EQ(engine.service.rewrap(100), 0);
  auto kept = engine.repository->received_mail("m1").value().value();
  const auto opened = open_received(kept, KeyRing({kNewMaster}));
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ(as_text(*opened), "From: a\r\n\r\nb");
  EXPECT_EQ(open_received(kept, KeyRing({kMasterKey})).error().code, ErrorCode::crypto_failed);
  kept.id = "m2";  // a mail put in the place of another one does not open
  EXPECT_EQ(open_received(kept, KeyRing({kNewMaster})).error().code, ErrorCode::crypto_failed);
  kept.wrapped_key.clear();
  EXPECT_EQ(open_received(kept, KeyRing({kNewMaster})).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace telavis::test::custody_test
