// SPDX-License-Identifier: Apache-2.0
// Roots of a running engine, kept as an outsider would keep them, and what the verification says.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/audit_rooting.h"
#include "engine/core/audit_verify.h"
#include "tests/service/stories_world.h"

namespace telavis::test {

inline SealKey seal_key() {
  return SealKey(Key(std::array<std::uint8_t, 32>{2}));  // of Engine
}

/// What left the machine, by name; never overwritten.
class Keeper {
 public:
  RootSink sink() {
    return {"keeper", [this](const AuditRoot& root) -> Result<void> {
              ++calls;
              if (fails_next > 0) {
                --fails_next;
                return fail(ErrorCode::unavailable, "nobody is at home");
              }
              const auto [kept, fresh] =
                  documents.emplace(root_file_name(root.number), root.document);
              if (!fresh && kept->second != root.document)
                return fail(ErrorCode::state_conflict, "another root has this number");
              return {};
            }};
  }
  std::map<std::string, std::string> documents;
  int fails_next = 0;
  int calls = 0;
};

inline AuditVerification verify_all(Repository& repository, const Keeper& keeper,
                                    const Service* service = nullptr,
                                    Instant now = at("2036-01-01T00:00:00Z")) {
  AuditVerifyOptions options{seal_key().public_key(), now, {}};
  if (service != nullptr) {
    options.opinion_hash = [service](const Case& subject, const Opinion& opinion, ByteView sealed) {
      return service->opinion_hash_of(subject, opinion, sealed);
    };
  }
  AuditVerifier verifier(repository, std::move(options));
  for (const auto& [name, document] : keeper.documents) verifier.add_root(name, document);
  auto found = verifier.run();
  EXPECT_TRUE(found) << (found ? "" : found.error().text);
  return found ? std::move(*found) : AuditVerification{};
}

inline std::vector<std::string> words(const AuditVerification& verification) {
  std::vector<std::string> lines;
  for (const AuditFinding& one : verification.findings)
    lines.push_back(one.chain + " " + std::to_string(one.sequence) + ": " + one.text);
  return lines;
}

/// A run with everything in it: answers, a correction, a late second opinion, a cancelled case, a
/// declined one, refusals, changes of what is on file.
class AuditStory : public Story {
 protected:
  AuditRooter rooter(Repository& repository) {
    return AuditRooter(disk.clock, repository, seal_key(), {{}, "test"}, {keeper.sink()});
  }
  void root_now() {
    const auto number = rooter(*engine.repository).root_now();
    ASSERT_TRUE(number) << number.error().text;
  }
  void live() {
    cases.push_back(answered());
    root_now();
    disk.clock.advance(hours(1));
    const CaseId corrected = answered();
    const std::string hash = engine.load(corrected).opinion->hash;
    engine.done(first, "correct", corrected,
                with(with(kOpinionJson, "ZZCONCLUSION", "ZZCORRECTED"), "{",
                     R"({"corrects":")" + hash + R"(",)"));
    run_until(disk.clock.now() + minutes(2));
    cases.push_back(corrected);
    const CaseId passed_on = submitted();
    name_experts(passed_on);
    const User silent = first;
    engine.done(silent, "accept", passed_on);
    run_until(disk.clock.now() + hours(40));
    EXPECT_EQ(engine.expert_of(passed_on).id, second.id);
    engine.done(second, "opinion", passed_on, kOpinionJson);
    run_until(disk.clock.now() + minutes(2));
    engine.done(silent, "opinion", passed_on, kUrgentJson);  // kept, not billed
    cases.push_back(passed_on);
    root_now();
    disk.clock.advance(hours(1));
    const CaseId cancelled = submitted();
    engine.done(engine.gp, "cancel", cancelled, reason("patient_withdrew"));
    cases.push_back(cancelled);
    EXPECT_FALSE(engine.service.open(engine.other_gp, cancelled));
    EXPECT_TRUE(engine.service.open(engine.gp, corrected));
    User moved = engine.expert_a;
    moved.office_phone = "+590590000001";
    engine.put(moved);
    engine.put(rhythmology());
    EXPECT_TRUE(engine.settle());
    root_now();
  }

  Keeper keeper;
  std::vector<CaseId> cases;
};

}  // namespace telavis::test
