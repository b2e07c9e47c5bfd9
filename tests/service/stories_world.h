// SPDX-License-Identifier: Apache-2.0
// Days and weeks of a case in virtual time, and what left by mail meanwhile.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/service/world.h"

namespace telavis::test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline const std::string kText = R"({"text":"ZZTEXT"})";
inline const std::string kUrgentJson = R"({"conclusion":"ZZURGENT","orientation":"emergency_15"})";
inline const std::string kInPersonJson =
    R"({"conclusion":"ZZSEEN","orientation":"in_person","in_person":{"needed":true,"delay_days":10}})";
inline const std::string kCloseOutJson =
    R"({"outcome":"new_advice","referral":"avoided","value_for_patient":5,"value_for_requester":4})";

inline std::string reason(const std::string& code) {
  return R"({"reason":")" + code + R"("})";
}

/// The clock starts at 8 h in Guadeloupe: mails leave in hours 0..12, 24..36, ... of a story.
class Story : public ::testing::Test {
 protected:
  explicit Story(const DocumentSettings& documents = {}) : engine(prepared(disk, documents)) {
    engine.enrol();
  }
  static Disk& prepared(Disk& disk, const DocumentSettings& documents) {
    disk.documents = documents;
    disk.profile.test_identities = documents.test_identities;
    return disk;
  }

  Instant hour(double count) const {
    return start + Duration(static_cast<std::int64_t>(count * 3'600'000.0));
  }

  CaseId submitted(const std::string& json = kRequestJson,
                   Incomplete incomplete = Incomplete::refused) {
    const auto receipt = engine.service.submit(engine.gp, "submit-" + std::to_string(++keys), json,
                                               {{"web", "ecg.scp", ecg}}, incomplete);
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().text);
    EXPECT_TRUE(engine.settle());
    constexpr std::string_view kId = R"("id":")";
    const std::string json_answer = receipt ? receipt->json : "";
    const auto from = json_answer.find(kId) + kId.size();
    return CaseId(json_answer.substr(from, json_answer.find('"', from) - from));
  }

  /// Lets the hours pass, from one due instant to the next; mails that wait are looked at
  /// every hour.
  void run_until(Instant end) {
    while (true) {
      ASSERT_TRUE(engine.settle());
      const Instant now = disk.clock.now();
      if (now >= end) return;
      Instant next = end;
      if (engine.repository->outbox_counts().value().at("pending") > 0) {
        next = std::min<Instant>(end, std::chrono::floor<hours>(now) + hours(1));
      }
      const auto cases = engine.repository->cases({}).value();
      for (const Case& subject : cases) {
        const auto timer = next_timer(subject);
        if (timer && timer->at > now) next = std::min(next, timer->at);
      }
      disk.clock.set(next);
    }
  }

  std::string name_of(const std::string& address) const {
    const auto found = names.find(address);
    return found == names.end() ? address.substr(0, address.find('@')) : found->second;
  }
  /// "0:30 report gp" for each mail that left since the last look, by instant, then by words.
  std::vector<std::string> mails() {
    std::vector<std::pair<Instant, std::string>> lines;
    const auto left = engine.postman.left();
    for (std::size_t i = looked_at; i < left.size(); ++i) {
      const auto since = std::chrono::duration_cast<minutes>(left[i].at - start).count();
      lines.emplace_back(left[i].at,
                         fmt::format("{}:{:02} {} {}", since / 60, since % 60,
                                     message_kind_name(left[i].kind), name_of(left[i].to)));
    }
    looked_at = left.size();
    std::sort(lines.begin(), lines.end());
    std::vector<std::string> words;
    for (auto& [at, line] : lines) words.push_back(std::move(line));
    return words;
  }

  /// What the case's chain says happened; the chain is whole.
  std::vector<std::string> audited(const CaseId& id) {
    const auto chain = engine.repository->audit_chain(id.value).value();
    EXPECT_EQ(verify_chain(chain, engine.load(id).audit), 0);
    std::vector<std::string> actions;
    for (const AuditEntry& entry : chain) {
      EXPECT_EQ(entry.what.detail.find("ZZ"), std::string::npos);
      // Mails that left are looked at by themselves.
      if (entry.what.action != "message_sent") actions.push_back(entry.what.action);
    }
    return actions;
  }

  /// Names the two experts by the order in which the case asks them.
  void name_experts(const CaseId& id) {
    first = engine.expert_of(id);
    second = first.id == engine.expert_a.id ? engine.expert_b : engine.expert_a;
    names[first.mail_address] = "first";
    names[second.mail_address] = "second";
  }

  /// Answered by whoever is asked, and sent.
  CaseId answered(const std::string& opinion = kOpinionJson) {
    const CaseId id = submitted();
    name_experts(id);
    engine.done(first, "opinion", id, opinion);
    disk.clock.advance(minutes(1));
    EXPECT_TRUE(engine.settle());
    EXPECT_EQ(engine.load(id).state, CaseState::delivered);
    return id;
  }

  Disk disk;
  Instant start = disk.clock.now();
  Engine engine;
  User first, second;
  std::map<std::string, std::string> names;
  std::size_t looked_at = 0;
  int keys = 0;
  const Bytes ecg = fixture("demo-ecg.scp");
};

}  // namespace telavis::test
