// SPDX-License-Identifier: Apache-2.0
// The main job as people and workers do it who try again until it is done: what crash tests repeat.
#pragma once

#include <functional>
#include <string>

#include "tests/service/world.h"

namespace telavis::test {

inline const std::string kInfo = R"({"text":"ZZINFO"})";

/// A command that the engine has answered with success; its name is its key.
struct Acknowledged {
  User actor;
  std::string name;  // "submit", or one of case_commands()
  CaseId id;
  std::string body;
};
using Acknowledge = std::function<void(const Acknowledged&)>;

/// What people do next with the case, as far as it is: a question and its answer, the opinion, and
/// a correction of it. Each command has one key, whoever repeats it. False: a port failed.
inline bool do_next(Engine& engine, const Case& subject, const Acknowledge& acknowledge) {
  const CaseId id = subject.id;
  const auto command = [&](const User& actor, const char* name, const std::string& body) {
    if (!engine.service.command(actor, name, name, id, body)) return false;
    acknowledge({actor, name, id, body});
    return true;
  };
  switch (subject.state) {
    case CaseState::offered:
      return command(engine.expert_of(id), "accept", "{}");
    case CaseState::waiting:
      return command(engine.gp, "info", kInfo);
    case CaseState::accepted:
      if (subject.pending_opinion) return true;
      if (subject.dialogue.empty()) return command(engine.expert_of(id), "need-info", kInfo);
      return command(engine.expert_of(id), "opinion", kOpinionJson);
    case CaseState::delivered: {
      if (subject.pending_opinion || !subject.kept_opinions.empty()) return true;
      const std::string corrects = R"({"corrects":")" + subject.opinion->hash + R"(",)";
      return command(engine.expert_of(id), "correct", corrects + kOpinionJson.substr(1));
    }
    case CaseState::incomplete:
    case CaseState::redirected:
    case CaseState::queued:
    case CaseState::answered:
    case CaseState::closed:
    case CaseState::cancelled:
      return true;
  }
  return true;
}

inline bool is_done(const Case& subject) {
  return subject.state == CaseState::delivered && subject.kept_opinions.size() == 1 &&
         !subject.pending_opinion;
}

/// Does what is left of the main job, as people and workers would who try again. False: a port
/// failed on the way.
inline bool go_on(
    Disk& disk, Engine& engine, const Bytes& ecg,
    const Acknowledge& acknowledge = [](const Acknowledged&) {}) {
  if (!engine.service.submit(engine.gp, "submit", kRequestJson, {{"web", "ecg.scp", ecg}})) {
    return false;
  }
  acknowledge({engine.gp, "submit", CaseId(), kRequestJson});
  for (int step = 0; step < 10; ++step) {
    if (!engine.settle()) return false;
    const auto listed = engine.service.list(engine.gp);
    if (!listed || listed->empty()) return false;
    if (is_done(listed->front())) return true;
    if (!do_next(engine, listed->front(), acknowledge)) return false;
    disk.clock.advance(std::chrono::minutes(2));
  }
  return false;
}

inline void expect_exactly_once(const Disk& disk, Engine& engine, const std::string& what) {
  const auto cases = engine.repository->cases({}).value();
  ASSERT_EQ(cases.size(), 1U) << what;
  EXPECT_TRUE(is_done(cases[0])) << what;
  EXPECT_EQ(cases[0].dialogue.size(), 2U) << what;
  EXPECT_EQ(engine.repository->acts({})->size(), 2U) << what;
  // An invitation and the information; the question and two reports.
  const std::size_t to_experts = mails_of(disk, engine.expert_a.mail_address).size() +
                                 mails_of(disk, engine.expert_b.mail_address).size();
  EXPECT_EQ(to_experts, 2U) << what;
  EXPECT_EQ(mails_of(disk, engine.gp.mail_address).size(), 3U) << what;
  const auto chain = engine.repository->audit_chain(cases[0].id.value).value();
  EXPECT_EQ(verify_chain(chain, cases[0].audit), 0) << what;
  EXPECT_TRUE(engine.service.report(engine.gp, cases[0].id)) << what;
  EXPECT_EQ(engine.service.open(engine.gp, cases[0].id)->dialogue[1].text, "ZZINFO") << what;
}

}  // namespace telavis::test
