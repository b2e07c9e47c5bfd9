// SPDX-License-Identifier: Apache-2.0
// Exams that devices leave without a request, until a case takes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "fixtures/synthetic_ecg.h"
#include "formats/dicom.h"
#include "formats/scp_ecg.h"
#include "tests/service/world.h"

namespace telavis::test::exam_tray_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ExamTrayTest : public ::testing::Test {
 protected:
  ExamTrayTest() {
    engine.enrol();
    LentDevice cart;
    cart.id = "cart-1";
    cart.programme = kRhythmology;
    cart.serial = "SN-1";
    cart.holder = engine.gp.id;
    cart.lent_on = "2026-01-02";
    cart.ae_title = "CART1";
    put(cart);
  }
  void put(const LentDevice& device) {
    const auto done = engine.repository->put_device(device, engine.by_operator());
    ASSERT_TRUE(done) << done.error().text;
  }
  /// The cart's record, changed.
  void change(const std::function<void(LentDevice&)>& how) {
    LentDevice cart = engine.repository->device("cart-1").value().value();
    how(cart);
    put(cart);
  }
  ExamTray& tray() { return engine.service.tray(); }
  static DeviceClaim by_title(const std::string& title) {
    return {DeviceProof::ae_title, title, "", "192.0.2.7"};
  }
  SendingDevice cart() { return tray().admit(by_title("CART1")).value(); }
  TakenExam sent(const Bytes& file, const std::string& object_id = "") {
    const auto taken = tray().take(cart(), {"dicom:CART1", "ecg.scp", file}, object_id);
    EXPECT_TRUE(taken) << taken.error().text;
    return taken.value_or(TakenExam{});
  }
  std::vector<TrayEntry> waiting(const User& actor) {
    auto listed = tray().list(actor);
    EXPECT_TRUE(listed) << listed.error().text;
    return listed.value_or(std::vector<TrayEntry>{});
  }
  /// A recording of this person, made a day before the test begins.
  static EcgRecording recording_of(const PatientIdentity& patient,
                                   const std::string& local = "2026-01-05T09:10:00") {
    fixtures::SyntheticEcg parameters;
    parameters.patient = patient;
    parameters.acquired_at.local = local;
    parameters.device.serial = "SN-1";
    return fixtures::synthetic_ecg(parameters);
  }
  static PatientIdentity asked_about() {
    return {"", "ZZPATIENTNAME", "Camille", "1961-03-02", Sex::female};
  }
  static std::string request_with(const std::string& id, const std::string& confirmed = "") {
    const std::string json = kRequestJson;
    return json.substr(0, json.rfind('}')) + R"(,"tray":[{"id":")" + id + R"(","confirmed":[)" +
           confirmed + "]}]}";
  }
  Result<Receipt> submitted(const std::string& json) {
    return engine.service.submit(engine.gp, "key-" + std::to_string(++key), json, {});
  }
  std::int64_t refusals(const std::string& action) {
    std::int64_t count = 0;
    const auto chain = engine.repository->audit_chain("node").value();
    for (const AuditEntry& entry : chain) count += entry.what.action == action ? 1 : 0;
    return count;
  }

  Disk disk;
  Engine engine{disk};
  int key = 0;
  const Bytes ecg = encode_scp_ecg(recording_of(asked_about())).value();
};

TEST_F(ExamTrayTest, ATokenAdmitsUntilItEnds) {
  const auto code = engine.registry.pair_device({}, "cart-1").value().code;
  const std::string token = engine.registry.redeem_pairing(code).value().token;
  const auto by_token = [&](const std::string& shown) {
    return tray().admit({DeviceProof::token, shown, "", "192.0.2.7"});
  };
  EXPECT_EQ(by_token(token).value().id, "cart-1");
  EXPECT_EQ(by_token(device_token_hash(token)).error().code, ErrorCode::forbidden);
  EXPECT_EQ(by_token("").error().code, ErrorCode::forbidden);
  change([](LentDevice& device) { device.suspended = true; });
  EXPECT_EQ(by_token(token).error().code, ErrorCode::forbidden);
  change([](LentDevice& device) { device.suspended = false; });
  EXPECT_EQ(by_token(token).error().code, ErrorCode::forbidden);  // it ended
}

TEST_F(ExamTrayTest, WaitsForItsHolderAndNobodyElse) {
  const TakenExam taken = sent(ecg);
  EXPECT_EQ(taken.outcome, ExamTaken::waiting);
  const auto his = waiting(engine.gp);
  ASSERT_EQ(his.size(), 1U);
  EXPECT_EQ(his[0].exam.id, taken.id);
  EXPECT_EQ(his[0].card.kind, "ecg");
  EXPECT_EQ(his[0].card.patient.family_name, "ZZPATIENTNAME");
  EXPECT_EQ(his[0].card.recorded_at.substr(0, 10), "2026-01-05");
  EXPECT_EQ(his[0].kept_until, disk.clock.now() + std::chrono::days(30));
  const auto opened = tray().open(engine.gp, taken.id);
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ(opened->original, ecg);
  for (const User& other :
       {engine.other_gp, engine.expert_a, engine.coordinator, engine.referent}) {
    EXPECT_THAT(waiting(other), IsEmpty());
    EXPECT_EQ(tray().open(other, taken.id).error().code, ErrorCode::not_found);
    EXPECT_EQ(tray().discard(other, taken.id).error().code, ErrorCode::not_found);
  }
  // Nothing of the patient lies open in the database.
  for (const auto& file : std::filesystem::directory_iterator(disk.folder)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    EXPECT_THAT(bytes, Not(HasSubstr("ZZPATIENTNAME"))) << file.path();
  }
}

TEST_F(ExamTrayTest, OnlyARegisteredLentDeviceMaySend) {
  EXPECT_EQ(tray().admit(by_title("OTHER")).error().code, ErrorCode::forbidden);
  EXPECT_EQ(tray().admit({DeviceProof::token, "CART1", "", ""}).error().code, ErrorCode::forbidden);
  EXPECT_EQ(tray().admit({DeviceProof::folder, "cart-1", "", ""})->holder, engine.gp.id);
  const SendingDevice admitted = cart();
  change([](LentDevice& device) { device.suspended = true; });
  EXPECT_FALSE(tray().admit(by_title("CART1")));
  // Suspended while it was sending.
  EXPECT_EQ(tray().take(admitted, {"", "", ecg}, "").error().code, ErrorCode::forbidden);
  change([](LentDevice& device) {
    device.suspended = false;
    device.returned_on = "2026-01-05";
  });
  EXPECT_FALSE(tray().admit(by_title("CART1")));
  change([&](LentDevice& device) {
    device.returned_on.clear();
    device.holder = engine.other_gp.id;
  });
  EXPECT_EQ(tray().take(admitted, {"", "", ecg}, "").error().code, ErrorCode::forbidden);
  EXPECT_EQ(cart().holder, engine.other_gp.id);
  change([&](LentDevice& device) { device.holder = engine.expert_a.id; });
  EXPECT_FALSE(tray().admit(by_title("CART1")));
  EXPECT_EQ(refusals("refused:device"), 5);
  EXPECT_EQ(refusals("refused:exam"), 2);
  EXPECT_EQ(tray().refused_claims().at("ae_title"), 4);
  EXPECT_EQ(tray().refused_claims().at("token"), 1);
}

TEST_F(ExamTrayTest, ACertificateGoesWithItsTitle) {
  const std::string hash(64, 'a');
  change([&](LentDevice& device) { device.certificate = hash; });
  EXPECT_FALSE(tray().admit(by_title("CART1")));
  EXPECT_FALSE(tray().admit({DeviceProof::ae_title, "CART1", std::string(64, 'b'), ""}));
  EXPECT_TRUE(tray().admit({DeviceProof::ae_title, "CART1", hash, ""}));
  EXPECT_TRUE(tray().admit({DeviceProof::folder, "cart-1", "", ""}));
}

TEST_F(ExamTrayTest, ATokenIsNeverWrittenDown) {
  EXPECT_FALSE(tray().admit({DeviceProof::token, "SECRETTOKEN", "", ""}));
  const auto chain = engine.repository->audit_chain("node").value();
  for (const AuditEntry& entry : chain)
    EXPECT_THAT(entry.what.actor + entry.what.detail, Not(HasSubstr("SECRETTOKEN")));
}

TEST_F(ExamTrayTest, TheCoordinatorHearsOfADeviceThatKeepsBeingRefused) {
  change([](LentDevice& device) { device.suspended = true; });
  const auto alerts = [&] {
    engine.settle();
    return std::ranges::count(engine.postman.left(), MessageKind::device_alert, &LeftMail::kind);
  };
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(tray().admit(by_title("CART1")));
  EXPECT_EQ(alerts(), 0);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(tray().admit(by_title("CART1")));
  EXPECT_EQ(alerts(), 1);
  EXPECT_EQ(engine.postman.left().back().to, engine.coordinator.mail_address);
  EXPECT_THAT(engine.postman.left().back().text, HasSubstr("cart-1"));
  disk.clock.advance(std::chrono::hours(2));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(tray().admit(by_title("CART1")));
  EXPECT_EQ(alerts(), 1);  // once a day
  disk.clock.advance(std::chrono::hours(24));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(tray().admit(by_title("CART1")));
  EXPECT_EQ(alerts(), 2);
}

TEST_F(ExamTrayTest, TheSameExamIsTakenOnce) {
  const TakenExam first = sent(ecg);
  const TakenExam again = sent(ecg);
  EXPECT_EQ(again.outcome, ExamTaken::known);
  EXPECT_EQ(again.id, first.id);
  // The same recording as another format has it.
  const DicomContext context{"2.25.1", "2.25.2", "2.25.3", {}, {}, {}};
  const auto dicom = write_dicom_ecg(recording_of(asked_about()), context);
  ASSERT_TRUE(dicom) << dicom.error().text;
  EXPECT_EQ(sent(*dicom).id, first.id);
  EXPECT_EQ(waiting(engine.gp).size(), 1U);
  // Another minute is another exam, whatever else is the same.
  const auto later = encode_scp_ecg(recording_of(asked_about(), "2026-01-05T09:12:00"));
  EXPECT_EQ(sent(*later).outcome, ExamTaken::waiting);
  EXPECT_EQ(waiting(engine.gp).size(), 2U);
}

TEST_F(ExamTrayTest, ARequestTakesAnExamOfItsPatient) {
  const TakenExam taken = sent(ecg);
  const auto receipt = submitted(request_with(taken.id));
  ASSERT_TRUE(receipt) << receipt.error().text;
  EXPECT_THAT(waiting(engine.gp), IsEmpty());
  const Case subject = engine.repository->cases({})->front();
  ASSERT_EQ(subject.exams.size(), 1U);
  const auto exams = engine.service.exams(engine.gp, subject.id);
  ASSERT_TRUE(exams) << exams.error().text;
  EXPECT_EQ(exams->front().original, ecg);
  EXPECT_EQ(exams->front().source, "device:cart-1");
  EXPECT_EQ(exams->front().name, "ecg.scp");
  // It is in no other case, and is not taken a second time.
  EXPECT_EQ(submitted(request_with(taken.id)).error().code, ErrorCode::not_found);
  EXPECT_EQ(sent(ecg).outcome, ExamTaken::known);
  EXPECT_EQ(engine.repository->received_exam(taken.id).value()->case_id, subject.id);
}

TEST_F(ExamTrayTest, ARepeatedRequestIsAnsweredAgain) {
  const TakenExam taken = sent(ecg);
  const std::string json = request_with(taken.id);
  const auto first = engine.service.submit(engine.gp, "same", json, {});
  const auto again = engine.service.submit(engine.gp, "same", json, {});
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->json, first->json);
}

TEST_F(ExamTrayTest, NobodyTakesAnExamOfAnothersTray) {
  const TakenExam taken = sent(ecg);
  const auto other = engine.service.submit(engine.other_gp, "k", request_with(taken.id), {});
  EXPECT_EQ(other.error().code, ErrorCode::not_found);
  EXPECT_EQ(waiting(engine.gp).size(), 1U);
}

TEST_F(ExamTrayTest, WhatSpeaksAgainstAnExamMustBeConfirmed) {
  struct Difference {
    EcgRecording recording;
    std::vector<std::string> codes;
  };
  PatientIdentity born_later = asked_about();
  born_later.birth_date = "1961-03-03";
  PatientIdentity man = asked_about();
  man.sex = Sex::male;
  PatientIdentity named_otherwise = asked_about();
  named_otherwise.family_name = "AUTRE";
  const std::vector<Difference> differences = {
      {recording_of(born_later), {"identity_differs"}},
      {recording_of(man, "2026-01-05T09:11:00"), {"identity_differs"}},
      {recording_of(named_otherwise, "2026-01-05T09:12:00"), {"identity_differs"}},
      {recording_of({}, "2026-01-05T09:13:00"), {"exam_without_identity"}},
      {recording_of(asked_about(), "2025-12-27T23:59:59"), {"exam_old"}},
      {recording_of(asked_about(), "2026-01-08T00:00:00"), {"exam_old"}},
      {recording_of({}, "2001-01-05T09:10:00"), {"exam_without_identity", "exam_old"}}};
  for (const auto& [recording, codes] : differences) {
    const TakenExam taken = sent(encode_scp_ecg(recording).value());
    const auto refused = submitted(request_with(taken.id));
    ASSERT_FALSE(refused) << codes.front();
    EXPECT_EQ(refused.error().code, ErrorCode::exam_unconfirmed) << refused.error().text;
    std::string confirmed;
    for (const std::string& code : codes) {
      EXPECT_THAT(refused.error().text, HasSubstr(code));
      EXPECT_EQ(submitted(request_with(taken.id, "\"other\"")).error().code,
                ErrorCode::exam_unconfirmed);
      confirmed += (confirmed.empty() ? "\"" : ",\"") + code + "\"";
    }
    const auto receipt = submitted(request_with(taken.id, confirmed));
    ASSERT_TRUE(receipt) << receipt.error().text;
    disk.clock.advance(std::chrono::seconds(1));  // so that the next is the newest
    const auto found = engine.repository->cases({})->front().exams.front().findings;
    for (const std::string& code : codes) EXPECT_THAT(found, Contains(code));
  }
}

TEST_F(ExamTrayTest, NamesInAnotherOrderOrWithoutAccentsAreTheSame) {
  PatientIdentity swapped = asked_about();
  swapped.family_name = "CAMILLE";
  swapped.given_name = "Zzpatientname";
  const TakenExam taken = sent(encode_scp_ecg(recording_of(swapped)).value());
  const auto receipt = submitted(request_with(taken.id));
  EXPECT_TRUE(receipt) << receipt.error().text;
  const TakenExam accented =
      sent(encode_scp_ecg(recording_of({"", "Zzpâtientnamé", "CAMILLE", "1961-03-02", Sex::female},
                                       "2026-01-05T10:10:00"))
               .value());
  const auto second = submitted(request_with(accented.id));
  EXPECT_TRUE(second) << second.error().text;
}

TEST_F(ExamTrayTest, ARequestMayWaitForItsExam) {
  const auto kept = engine.service.submit(engine.gp, "k", kRequestJson, {}, Incomplete::kept);
  ASSERT_TRUE(kept) << kept.error().text;
  const Case subject = engine.repository->cases({})->front();
  EXPECT_EQ(subject.state, CaseState::incomplete);
  EXPECT_THAT(subject.missing, ElementsAre("exam"));
  const auto awaited = tray().awaited(cart());
  ASSERT_TRUE(awaited) << awaited.error().text;
  ASSERT_EQ(awaited->size(), 1U);
  EXPECT_EQ(awaited->front().number, subject.number);
  EXPECT_EQ(awaited->front().patient.family_name, "ZZPATIENTNAME");
  ASSERT_TRUE(tray().awaited(cart()));
  EXPECT_EQ(refusals("worklist-read"), 1);  // one reading, however often the cart asks
  const TakenExam taken = sent(ecg);
  const Case complete = engine.done(engine.gp, "complete", subject.id, request_with(taken.id));
  EXPECT_NE(complete.state, CaseState::incomplete);
  EXPECT_EQ(complete.exams.size(), 1U);
  EXPECT_THAT(tray().awaited(cart()).value(), IsEmpty());
  EXPECT_THAT(waiting(engine.gp), IsEmpty());
}

TEST_F(ExamTrayTest, WhatCannotBeReadIsKeptForTheReferentAndTriedAgain) {
  Bytes broken = ecg;
  broken.resize(broken.size() / 2);
  const TakenExam taken = sent(broken, "1.2.3");
  EXPECT_EQ(taken.outcome, ExamTaken::unreadable);
  ASSERT_TRUE(taken.why);
  EXPECT_EQ(sent(broken).outcome, ExamTaken::unreadable);  // told again, kept once
  EXPECT_THAT(waiting(engine.gp), IsEmpty());
  EXPECT_THAT(tray().keeps(cart(), {"1.2.3", "1.2.4"}).value(), ElementsAre(true, false));
  for (const User& other : {engine.gp, engine.expert_a, engine.coordinator}) {
    EXPECT_EQ(tray().unreadable(other).error().code, ErrorCode::forbidden);
    EXPECT_EQ(tray().open_unreadable(other, taken.id, "pour voir ce fichier").error().code,
              ErrorCode::not_found);
  }
  const auto listed = tray().unreadable(engine.referent);
  ASSERT_TRUE(listed && listed->size() == 1);
  EXPECT_EQ(listed->front().why, error_name(taken.why->code));
  EXPECT_FALSE(tray().open_unreadable(engine.referent, taken.id, "court"));
  const auto opened = tray().open_unreadable(engine.referent, taken.id, "pour voir ce fichier");
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ(opened->original, broken);
  EXPECT_EQ(tray().read_again(10).value(), 0);  // this version has tried
  disk.tray_rules.reader = "2";
  Engine newer(disk);
  EXPECT_EQ(newer.service.tray().read_again(10).value(), 1);
  EXPECT_EQ(newer.service.tray().read_again(10).value(), 0);
  EXPECT_EQ(newer.repository->received_exam(taken.id).value()->reader, "2");
  EXPECT_EQ(newer.repository->received_exam(taken.id).value()->state,
            ReceivedExamState::unreadable);
}

TEST_F(ExamTrayTest, ANewerVersionReadsWhatAnOlderCouldNot) {
  // As an older engine kept it: by its code alone.
  ReceivedExam exam;
  const TakenExam first = sent(ecg);
  exam = engine.repository->received_exam(first.id).value().value();
  exam.state = ReceivedExamState::unreadable;
  exam.why = "unknown_format";
  exam.reader = "0";
  exam.recording_mark.clear();
  ASSERT_TRUE(engine.repository->change_exam(exam, ReceivedExamState::waiting).value());
  EXPECT_THAT(waiting(engine.gp), IsEmpty());
  EXPECT_EQ(tray().read_again(10).value(), 1);
  const auto his = waiting(engine.gp);
  ASSERT_EQ(his.size(), 1U);
  EXPECT_EQ(his[0].card.kind, "ecg");
  EXPECT_EQ(his[0].card.name, "ecg.scp");
}

TEST_F(ExamTrayTest, ADeviceHasItsShare) {
  disk.tray_rules.exams_an_hour = 2;
  disk.tray_rules.bytes_a_day = static_cast<std::int64_t>(ecg.size()) * 3;
  Engine strict(disk);
  ExamTray& strict_tray = strict.service.tray();
  const SendingDevice device = strict_tray.admit(by_title("CART1")).value();
  const auto send = [&](int minute) {
    const auto file = encode_scp_ecg(
        recording_of(asked_about(), "2026-01-05T09:1" + std::to_string(minute) + ":00"));
    const auto taken = strict_tray.take(device, {"dicom:CART1", "", *file}, "");
    return taken ? ErrorCode::internal : taken.error().code;
  };
  EXPECT_EQ(send(0), ErrorCode::internal);
  EXPECT_EQ(send(1), ErrorCode::internal);
  EXPECT_EQ(send(2), ErrorCode::too_many_attempts);
  disk.clock.advance(std::chrono::minutes(61));
  EXPECT_EQ(send(2), ErrorCode::internal);
  EXPECT_EQ(send(3), ErrorCode::too_many_attempts);  // of the day
  disk.clock.advance(std::chrono::hours(24));
  EXPECT_EQ(send(3), ErrorCode::internal);
}

TEST_F(ExamTrayTest, NothingIsKeptForEver) {
  const TakenExam taken = sent(ecg);
  disk.clock.advance(std::chrono::days(30));
  EXPECT_EQ(tray().expire().value(), 0);
  disk.clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(tray().expire().value(), 1);
  EXPECT_THAT(waiting(engine.gp), IsEmpty());
  EXPECT_EQ(submitted(request_with(taken.id)).error().code, ErrorCode::not_found);
  EXPECT_EQ(sent(ecg).outcome, ExamTaken::waiting);  // sent again because it is wanted
}

TEST_F(ExamTrayTest, DiscardedIsGone) {
  const TakenExam taken = sent(ecg);
  ASSERT_TRUE(tray().discard(engine.gp, taken.id));
  EXPECT_THAT(waiting(engine.gp), IsEmpty());
  EXPECT_EQ(tray().open(engine.gp, taken.id).error().code, ErrorCode::not_found);
  EXPECT_EQ(sent(ecg).outcome, ExamTaken::waiting);
}

TEST_F(ExamTrayTest, AFileMayBeCalledAnything) {
  const std::string name = "p\xE9n\xFF\x01\"}.scp";
  ASSERT_TRUE(tray().take(cart(), {"folder:cart-1", name, ecg}, ""));
  const auto his = waiting(engine.gp);
  ASSERT_EQ(his.size(), 1U);
  EXPECT_EQ(his[0].card.name, "p\u00e9n\u00ff \"}.scp");
}

TEST_F(ExamTrayTest, FollowsANewMasterKey) {
  const TakenExam taken = sent(ecg);
  const Key newer(std::array<std::uint8_t, 32>{9});
  engine.service.use_ring(KeyRing({newer, kMasterKey}));
  EXPECT_EQ(engine.service.rewrap(10).value(), 1);
  engine.service.use_ring(KeyRing({newer}));
  EXPECT_EQ(tray().open(engine.gp, taken.id)->original, ecg);
}

TEST_F(ExamTrayTest, EmptyAndTooLargeFilesAreRefused) {
  EXPECT_EQ(tray().take(cart(), {"", "", {}}, "").error().code, ErrorCode::no_exam);
  const Bytes large(kMaxFileBytes + 1);
  EXPECT_EQ(tray().take(cart(), {"", "", large}, "").error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(refusals("refused:exam"), 2);
}

/// A device that sends until it is told that the exam is there, and a doctor who asks about it.
struct CrashedExam {
  explicit CrashedExam(const Bytes& file) : ecg(file) {
    Engine engine(disk);
    engine.enrol();
    LentDevice cart;
    cart.id = "cart-1";
    cart.programme = kRhythmology;
    cart.serial = "SN-1";
    cart.holder = engine.gp.id;
    cart.lent_on = "2026-01-02";
    EXPECT_TRUE(engine.repository->put_device(cart, engine.by_operator()));
  }
  /// True: both are done.
  bool go_on(Engine& engine) {
    ExamTray& tray = engine.service.tray();
    if (!acknowledged) {
      const auto device = tray.admit({DeviceProof::folder, "cart-1", "", ""});
      if (!device) return false;
      const auto taken = tray.take(*device, {"folder", "ecg.scp", ecg}, "");
      if (!taken) return false;
      acknowledged = taken->id;
    }
    const std::string json = kRequestJson.substr(0, kRequestJson.rfind('}')) +
                             R"(,"tray":[{"id":")" + *acknowledged + "\"}]}";
    return engine.service.submit(engine.gp, "once", json, {}).has_value();
  }

  Disk disk;
  const Bytes& ecg;
  std::optional<std::string> acknowledged;
};

void crash_exam_at_every_call(const Bytes& ecg, FaultSide side, FaultExtent extent) {
  for (std::int64_t n = 1;; ++n) {
    CrashedExam story(ecg);
    FaultPlan plan(n, side, extent);
    std::optional<std::string> before;
    {
      Engine engine(story.disk, &plan, Reports::plain);
      for (int attempt = 0; attempt < 3 && !story.go_on(engine); ++attempt) {
        if (extent == FaultExtent::from_then_on) break;
      }
      before = story.acknowledged;
    }
    Engine reopened(story.disk, nullptr, Reports::plain);
    const std::string where = "call " + std::to_string(n) + ", " + plan.failed_call();
    // Acknowledged is kept, whatever died afterwards.
    if (before) {
      const auto kept = reopened.repository->received_exam(*before);
      ASSERT_TRUE(kept && *kept) << where;
    }
    for (int attempt = 0; attempt < 3 && !story.go_on(reopened); ++attempt) {
    }
    const auto cases = reopened.repository->cases({});
    ASSERT_TRUE(cases && cases->size() == 1) << where;
    ASSERT_EQ(cases->front().exams.size(), 1U) << where;
    const auto counts = reopened.repository->exam_counts().value();
    ASSERT_EQ(counts.at("joined"), 1) << where;
    ASSERT_EQ(counts.at("waiting"), 0) << where;
    ASSERT_EQ(reopened.service.exams(reopened.gp, cases->front().id)->front().original, ecg)
        << where;
    if (!plan.failed_call().empty()) continue;
    EXPECT_GT(n, 8) << "the story reached few calls";
    return;
  }
}

TEST_F(ExamTrayTest, WhateverCallFailsTheExamIsInOneCase) {
  for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
    for (const FaultExtent extent : {FaultExtent::once, FaultExtent::from_then_on})
      crash_exam_at_every_call(ecg, side, extent);
  }
}

}  // namespace telavis::test::exam_tray_test
