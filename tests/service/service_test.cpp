// SPDX-License-Identifier: Apache-2.0
#include "engine/core/service.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/service/world.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const std::string kUnavailable = R"({"reason":"unavailable"})";

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() { engine.enrol(); }

  Result<Receipt> submit(const std::string& key = "k1", const std::string& json = kRequestJson) {
    return engine.service.submit(engine.gp, key, json, {{"web", "ecg.scp", ecg}});
  }

  CaseId submitted(const std::string& key = "k1") {
    const auto receipt = submit(key);
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().text);
    const auto cases = engine.repository->cases({});
    EXPECT_FALSE(cases->empty());
    return cases->front().id;
  }

  Case load(const CaseId& id) { return engine.load(id); }
  User expert_of(const CaseId& id) { return engine.expert_of(id); }

  std::set<std::string> refusals() {
    std::set<std::string> found;
    const auto chain = engine.repository->audit_chain("node").value();
    for (const AuditEntry& entry : chain) {
      if (entry.what.action.rfind("refused:", 0) == 0) found.insert(entry.what.detail);
    }
    EXPECT_EQ(verify_chain(chain, engine.repository->node_audit_head().value()), 0);
    return found;
  }

  Disk disk;
  Engine engine{disk};
  const Bytes ecg = fixture("demo-ecg.scp");
  const Bytes photo = fixture("demo-lesion.jpg");
};

TEST_F(ServiceTest, OneTracingBecomesTwoBillableActs) {
  const CaseId id = submitted();
  EXPECT_EQ(load(id).state, CaseState::queued);
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(load(id).state, CaseState::offered);
  const User expert = expert_of(id);
  const auto invitations = mails_of(disk, expert.mail_address);
  ASSERT_EQ(invitations.size(), 1U);
  EXPECT_EQ(invitations[0].find("ZZ"), std::string::npos);  // no identity, no clinical text

  ASSERT_TRUE(engine.service.command(expert, "accept", "a1", id, "{}"));
  disk.clock.advance(minutes(30));
  ASSERT_TRUE(engine.service.command(expert, "opinion", "a2", id, kOpinionJson));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(load(id).state, CaseState::accepted);  // 60 s to take it back
  disk.clock.advance(seconds(60));
  ASSERT_TRUE(engine.settle());

  const Case done = load(id);
  EXPECT_EQ(done.state, CaseState::delivered);
  EXPECT_EQ(done.opinion->hash, opinion_hash(id, expert.id, done.opinion->signed_at,
                                             opinion_json(parse_opinion(kOpinionJson).value())));
  EXPECT_TRUE(verify_seal(SealKey(Key(std::array<std::uint8_t, 32>{2})).public_key(),
                          done.opinion->hash, done.opinion->seal));
  ASSERT_EQ(mails_of(disk, engine.gp.mail_address).size(), 1U);
  EXPECT_NE(mails_of(disk, engine.gp.mail_address)[0].find("application/pdf"), std::string::npos);

  const auto acts = engine.repository->acts({}).value();
  ASSERT_EQ(acts.size(), 2U);
  std::map<std::string, std::int64_t> cents;
  for (const ActRow& row : acts) {
    cents[row.act.code] = row.act.amount_cents;
    EXPECT_TRUE(row.act.billable);
    EXPECT_EQ(row.act.care_date, "2026-01-06");
  }
  EXPECT_EQ(cents, (std::map<std::string, std::int64_t>{{"TE2", 2760}, {"RQD", 1200}}));

  const auto chain = engine.repository->audit_chain(id.value).value();
  EXPECT_EQ(verify_chain(chain, done.audit), 0);
  const Bytes pdf = engine.service.report(engine.gp, id).value();
  EXPECT_EQ(as_text(pdf).substr(0, 5), "%PDF-");
}

TEST_F(ServiceTest, TheActIsPricedByTheLocalDayOfTheOpinion) {
  // 2026-01-01T02:00Z is still 31 December in Guadeloupe: the tariff of 2025.
  disk.clock.set(at("2026-01-01T01:00:00Z"));
  const CaseId id = submitted();
  ASSERT_TRUE(engine.settle());
  ASSERT_TRUE(engine.service.command(expert_of(id), "opinion", "a", id, kOpinionJson));
  disk.clock.advance(minutes(2));
  ASSERT_TRUE(engine.settle());
  const auto acts = engine.repository->acts({}).value();
  ASSERT_EQ(acts.size(), 2U);
  EXPECT_EQ(acts[0].act.care_date, "2025-12-31");
  EXPECT_EQ(acts[0].act.amount_cents + acts[1].act.amount_cents, 2400 + 1200);
}

TEST_F(ServiceTest, APhotoTravelsTheSameWay) {
  const auto receipt =
      engine.service.submit(engine.gp, "k", kRequestJson, {{"web", "lesion.jpg", photo}});
  ASSERT_TRUE(receipt) << receipt.error().text;
  const CaseId id = engine.repository->cases({})->front().id;
  ASSERT_TRUE(engine.settle());
  const User expert = expert_of(id);
  const auto exams = engine.service.exams(expert, id);
  ASSERT_TRUE(exams) << exams.error().text;
  ASSERT_EQ(exams->size(), 1U);
  EXPECT_EQ(exams->front().original, photo);
  EXPECT_FALSE(exams->front().normalised.preview.empty());
  ASSERT_TRUE(engine.service.command(expert, "opinion", "a", id, kOpinionJson));
  disk.clock.advance(minutes(2));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(load(id).state, CaseState::delivered);
}

TEST_F(ServiceTest, TheSameKeyGivesTheSameAnswer) {
  const auto first = submit("k1");
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->replayed);
  const auto again = submit("k1");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->json, first->json);
  EXPECT_EQ(engine.repository->cases({})->size(), 1U);
  const auto other_body =
      engine.service.submit(engine.gp, "k1", kRequestJson, {{"web", "x.jpg", photo}});
  EXPECT_EQ(other_body.error().code, ErrorCode::idempotency_key_reused);
  // The key is the user's own: the same word of another user is another key.
  EXPECT_FALSE(engine.service.submit(engine.other_gp, "k1", kRequestJson, {{"web", "e", ecg}})
                   .value()
                   .replayed);
  EXPECT_EQ(submit("").error().code, ErrorCode::idempotency_key_missing);
  EXPECT_EQ(submit("a b").error().code, ErrorCode::idempotency_key_missing);
}

TEST_F(ServiceTest, BadInputIsRefusedAuditedAndStoresNothing) {
  const auto refuse = [&](const Bytes& file, ErrorCode expected) {
    const auto receipt =
        engine.service.submit(engine.gp, "bad", kRequestJson, {{"web", "f", file}});
    ASSERT_FALSE(receipt) << error_name(expected);
    EXPECT_EQ(receipt.error().code, expected) << receipt.error().text;
    EXPECT_FALSE(receipt.error().text.empty());
    EXPECT_TRUE(refusals().contains(std::string(error_name(expected))));
  };
  refuse({}, ErrorCode::empty_file);
  refuse(Bytes(300, 'x'), ErrorCode::unknown_format);
  refuse(Bytes(ecg.begin(), ecg.begin() + 1000), ErrorCode::truncated_file);
  Bytes giant(ecg.begin(), ecg.begin() + 300);
  giant[2] = giant[3] = giant[4] = 0;
  giant[5] = 4;  // the record claims 64 MiB
  refuse(giant, ErrorCode::truncated_file);
  const Bytes bomb = {0xFF, 0xD8, 0xFF, 0xC0, 0x00, 0x11, 8, 0xFF, 0xDC, 0xFF, 0xDC,
                      3,    1,    0x22, 0,    2,    0x11, 1, 3,    0x11, 1};
  refuse(bomb, ErrorCode::limit_exceeded);
  EXPECT_EQ(engine.service.submit(engine.gp, "b", kRequestJson, {}).error().code,
            ErrorCode::no_exam);
  const auto refused = [&](const std::string& what, const std::string& by) {
    return submit("b", with(kRequestJson, what, by)).error().code;
  };
  EXPECT_EQ(refused("\"rythmologie\"", "\"nowhere\""), ErrorCode::unknown_programme);
  EXPECT_EQ(refused("{\"given_by\":\"patient\"}", "true"), ErrorCode::consent_missing);
  EXPECT_EQ(refused("\"red_flags\":{\"st_elevation\":false},", ""), ErrorCode::missing_field);
  EXPECT_EQ(
      engine.service.submit(engine.expert_a, "b", kRequestJson, {{"web", "e", ecg}}).error().code,
      ErrorCode::forbidden);
  for (const char* code : {"no_exam", "unknown_programme", "consent_missing", "forbidden"}) {
    EXPECT_TRUE(refusals().contains(code)) << code;
  }
  EXPECT_TRUE(engine.repository->cases({})->empty());
}

TEST_F(ServiceTest, AWrongCrcIsAFindingAndTheCaseIsTaken) {
  Bytes damaged = ecg;
  damaged[0] ^= 0xFF;
  const auto receipt =
      engine.service.submit(engine.gp, "k", kRequestJson, {{"web", "e.scp", damaged}});
  ASSERT_TRUE(receipt) << receipt.error().text;
  const Case subject = engine.repository->cases({})->front();
  const auto& findings = subject.exams.front().findings;
  EXPECT_NE(std::find(findings.begin(), findings.end(), "crc_mismatch"), findings.end());
}

TEST_F(ServiceTest, NobodyEligibleKeepsTheCaseAndTellsTheCoordinator) {
  for (User* expert : {&engine.expert_a, &engine.expert_b}) {
    expert->available = false;
    engine.put(*expert);
  }
  const CaseId id = submitted();
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(load(id).state, CaseState::queued);
  EXPECT_EQ(mails_of(disk, engine.coordinator.mail_address).size(), 1U);
  engine.expert_b.available = true;
  engine.put(engine.expert_b);
  disk.clock.advance(hours(1));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(expert_of(id).id, engine.expert_b.id);
}

TEST_F(ServiceTest, ADeclineOrSilenceGoesToTheNextExpert) {
  const CaseId id = submitted();
  ASSERT_TRUE(engine.settle());
  const User first = expert_of(id);
  ASSERT_TRUE(engine.service.command(first, "decline", "d", id, kUnavailable));
  // He sees it no more.
  EXPECT_EQ(engine.service.open(first, id).error().code, ErrorCode::not_found);
  ASSERT_TRUE(engine.settle());
  const User second = expert_of(id);
  EXPECT_NE(first.id, second.id);
  disk.clock.advance(hours(4));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(load(id).state, CaseState::queued);  // both were asked
  EXPECT_EQ(engine.refused(second, "accept", id), ErrorCode::state_conflict);
  EXPECT_EQ(engine.refused(first, "accept", id), ErrorCode::not_found);
}

TEST_F(ServiceTest, OnlyThoseOfTheCaseSeeIt) {
  const CaseId id = submitted();
  ASSERT_TRUE(engine.settle());
  const User expert = expert_of(id);
  const User& other_expert = expert.id == engine.expert_a.id ? engine.expert_b : engine.expert_a;
  for (const User* stranger :
       std::initializer_list<const User*>{&other_expert, &engine.other_gp, &engine.admin}) {
    EXPECT_EQ(engine.service.open(*stranger, id).error().code, ErrorCode::not_found);
    EXPECT_EQ(engine.service.figures(*stranger, id).error().code, ErrorCode::not_found);
    EXPECT_EQ(engine.service.exams(*stranger, id).error().code, ErrorCode::not_found);
    EXPECT_EQ(engine.service.report(*stranger, id).error().code, ErrorCode::not_found);
    EXPECT_EQ(engine.service.command(*stranger, "accept", "x", id, "{}").error().code,
              ErrorCode::not_found);
    EXPECT_TRUE(engine.service.list(*stranger)->empty());
  }
  for (const User* staff : {&engine.coordinator, &engine.treasurer, &engine.referent}) {
    EXPECT_TRUE(engine.service.figures(*staff, id));
    EXPECT_EQ(engine.service.open(*staff, id).error().code, ErrorCode::forbidden);
    EXPECT_EQ(engine.service.exams(*staff, id).error().code, ErrorCode::forbidden);
    EXPECT_EQ(engine.service.list(*staff)->size(), 1U);
    EXPECT_EQ(engine.service.command(*staff, "opinion", "x", id, kOpinionJson).error().code,
              ErrorCode::forbidden);
  }
  EXPECT_EQ(engine.service.open(engine.gp, id)->request.question, "ZZQUESTION");
  EXPECT_EQ(engine.service.open(expert, id)->request.patient.family_name, "ZZPATIENTNAME");
}

TEST_F(ServiceTest, TheReferentOpensWithAReasonForAnHour) {
  const CaseId id = submitted();
  const User& referent = engine.referent;
  EXPECT_EQ(engine.service.open_as_referent(referent, "o0", id, "short").error().code,
            ErrorCode::invalid_field);
  EXPECT_EQ(engine.service.open_as_referent(engine.coordinator, "o1", id, "I would like to see it")
                .error()
                .code,
            ErrorCode::forbidden);
  ASSERT_TRUE(engine.service.open_as_referent(referent, "o2", id, "Complaint of the patient"));
  EXPECT_TRUE(engine.service.open(referent, id));
  disk.clock.advance(hours(1));
  EXPECT_EQ(engine.service.open(referent, id).error().code, ErrorCode::forbidden);
  bool audited = false;
  const auto chain = engine.repository->audit_chain(id.value).value();
  for (const AuditEntry& entry : chain) {
    EXPECT_EQ(entry.what.detail.find("Complaint"), std::string::npos);
    audited = audited || entry.what.action == "referent_opened";
  }
  EXPECT_TRUE(audited);
}

TEST_F(ServiceTest, NothingReadableReachesTheDisk) {
  const CaseId id = submitted();
  ASSERT_TRUE(engine.settle());
  ASSERT_TRUE(engine.service.command(expert_of(id), "opinion", "a", id, kOpinionJson));
  for (const char* part : {"telavis.db", "telavis.db-wal", "blobs"}) {
    const auto path = disk.folder / part;
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(path)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
      }
    } else if (std::filesystem::exists(path)) {
      files.push_back(path);
    }
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(in),
                                std::istreambuf_iterator<char>()};
      for (const char* marker : {"ZZ", "Camille", "1961-03-02"}) {
        // Two letters may stand in ciphertext by chance; the markers are longer than that.
        const std::string needle = std::string(marker) == "ZZ" ? "ZZQUESTION" : marker;
        EXPECT_EQ(content.find(needle), std::string::npos) << file << " " << needle;
      }
      EXPECT_EQ(content.find("ZZCONCLUSION"), std::string::npos) << file;
      EXPECT_EQ(content.find("ZZPATIENTNAME"), std::string::npos) << file;
    }
  }
}

TEST_F(ServiceTest, AMailThatIsRefusedOrDelayedIsHandled) {
  const CaseId id = submitted();
  ASSERT_TRUE(engine.service.run_timers(10));
  // The expert's folder cannot be made: a file stands in its place.
  const std::string address = expert_of(id).mail_address;
  std::filesystem::create_directories(disk.folder / "maildir");
  std::ofstream(disk.folder / "maildir" / address) << "in the way";
  ASSERT_TRUE(engine.service.deliver_messages(10));
  EXPECT_EQ(engine.service.deliver_messages(10).value(), 0);  // not due yet
  std::filesystem::remove(disk.folder / "maildir" / address);
  disk.clock.advance(minutes(2));
  EXPECT_EQ(engine.service.deliver_messages(10).value(), 1);
  EXPECT_EQ(mails_of(disk, address).size(), 1U);
}

}  // namespace
}  // namespace telavis::test
