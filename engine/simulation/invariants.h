// SPDX-License-Identifier: Apache-2.0
// What must hold after every commit, every step and in the whole database, whatever people do.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/simulation/memory_repository.h"

namespace telavis {

/// The first thing that did not hold. `text` names the case, what was wrong, and the case's chain.
struct Violation {
  CaseId case_id;
  std::string text;
};

class Invariants {
 public:
  /// Looks at every commit that the model takes from now on.
  explicit Invariants(MemoryRepository& model);
  Invariants(const Invariants&) = delete;
  Invariants& operator=(const Invariants&) = delete;

  /// The cases that the step touched; the engine has come to rest and shows `now`.
  void after_step(Instant now);
  /// Every case, every index, every message. `submitted`: cases that people were given receipts of.
  void whole_database(Instant now, std::size_t submitted);
  /// Every chain from its first entry; nothing is left in the outbox.
  void at_the_end();

  /// A mail was taken over by the wire in the nth life of the process. True: it is a copy of one
  /// that left before. Only a mail whose sender died before he could note it leaves again, with the
  /// same bytes.
  bool mail_left(const OutboxMessage& message, ByteView mime, std::int64_t life);
  /// Commits so far that somebody asked for.
  std::int64_t asked_commits() const { return asked_commits_; }

  void fail(const CaseId& id, const std::string& what);
  const std::optional<Violation>& violation() const { return violation_; }

 private:
  void on_commit(const Case* before, const Commit& commit);
  void check_move(const Case* before, const Commit& commit);
  void check_promise(const Case* before, const Commit& commit);
  void check_chain(const Case* before, const Commit& commit);
  void check_answer(const Case* before, const Commit& commit);
  void check_recipients(const Commit& commit);
  void check_sent(const Commit& commit);
  void check_loads();
  bool is_recipient(const Case& subject, const OutboxMessage& message) const;
  const std::string& address_of(const UserId& id) const;
  /// Was ever asked; `now`: is asked now, himself or through his group's mailbox.
  bool is_asked(const Case& subject, const std::string& address, bool now) const;
  bool is_staff(const Case& subject, Role role, const std::string& address) const;

  MemoryRepository& model_;
  std::vector<CaseId> touched_;
  struct Left {
    std::size_t hash = 0;  // of the mail's bytes
    std::int64_t life = 0;
  };
  std::unordered_map<std::string, Left> left_;  // by message
  std::int64_t asked_commits_ = 0;
  std::optional<Violation> violation_;
};

/// May a case go from one state to the other in one event? Both may be the same.
bool is_allowed_edge(CaseState from, CaseState to);

}  // namespace telavis
