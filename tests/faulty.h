// SPDX-License-Identifier: Apache-2.0
// Ports that fail at one chosen call: what crash_at_n loops are made of. Wrap every port with the
// same FaultPlan, run once with `fail_at` 0 to count the calls, then once for each n up to that
// count.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/ports.h"

namespace telavis::test {

/// Where the Nth call fails: the caller cannot tell the two apart, but the world differs.
enum class FaultSide {
  before,  // nothing was done
  after,   // all was done, the answer was lost
};
/// What comes after the fault.
enum class FaultExtent {
  once,         // the next call works: a passing failure
  from_then_on  // no later call reaches its port: the process is dead
};

class FaultPlan {
 public:
  FaultPlan() = default;
  FaultPlan(std::int64_t fail_at, FaultSide side, FaultExtent extent)
      : fail_at_(fail_at), side_(side), extent_(extent) {}

  enum class Verdict { work, fail_before, fail_after };
  /// Counts one call and tells what becomes of it.
  Verdict next(const char* what) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    if (fail_at_ == 0 || calls_ < fail_at_) return Verdict::work;
    if (calls_ == fail_at_) {
      failed_call_ = what;
      return side_ == FaultSide::before ? Verdict::fail_before : Verdict::fail_after;
    }
    return extent_ == FaultExtent::once ? Verdict::work : Verdict::fail_before;
  }

  std::int64_t calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  /// Name of the call that failed, empty when none did.
  std::string failed_call() const {
    const std::lock_guard lock(mutex_);
    return failed_call_;
  }

  /// Does `work` or fails as planned; for the ports whose answer is a Result.
  template <typename Work>
  std::invoke_result_t<Work> run(const char* what, Work work) {
    const Verdict verdict = next(what);
    if (verdict != Verdict::fail_before) {
      auto answer = work();
      if (verdict == Verdict::work) return answer;
    }
    return fail(ErrorCode::storage_failed, std::string("planned fault in ") + what);
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t fail_at_ = 0;  // 1-based over all ports; 0: never
  FaultSide side_ = FaultSide::before;
  FaultExtent extent_ = FaultExtent::once;
  std::int64_t calls_ = 0;
  std::string failed_call_;
};

class FaultyBlobStore : public BlobStore {
 public:
  FaultyBlobStore(BlobStore& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  Result<void> put(const BlobRef& ref, ByteView sealed) override {
    return plan_.run("blobs.put", [&] { return inner_.put(ref, sealed); });
  }
  Result<Bytes> get(const BlobRef& ref) override {
    return plan_.run("blobs.get", [&] { return inner_.get(ref); });
  }
  Result<void> erase(const BlobRef& ref) override {
    return plan_.run("blobs.erase", [&] { return inner_.erase(ref); });
  }

 private:
  BlobStore& inner_;
  FaultPlan& plan_;
};

class FaultyMailer : public Mailer {
 public:
  FaultyMailer(Mailer& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  SendResult send(const Envelope& envelope, ByteView mime) override {
    const auto verdict = plan_.next("mailer.send");
    if (verdict != FaultPlan::Verdict::fail_before) {
      SendResult answer = inner_.send(envelope, mime);
      if (verdict == FaultPlan::Verdict::work) return answer;
    }
    return {SendOutcome::retry, "planned fault in mailer.send"};
  }

 private:
  Mailer& inner_;
  FaultPlan& plan_;
};

class FaultyMailbox : public Mailbox {
 public:
  FaultyMailbox(Mailbox& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  Result<std::vector<FetchedMail>> fetch_after(const MailboxCursor& cursor,
                                               std::size_t limit) override {
    return plan_.run("mailbox.fetch_after", [&] { return inner_.fetch_after(cursor, limit); });
  }

 private:
  Mailbox& inner_;
  FaultPlan& plan_;
};

class FaultyRepository : public Repository {
 public:
  FaultyRepository(Repository& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}

  Result<CommitResult> commit(const Commit& commit) override {
    return plan_.run("commit", [&] { return inner_.commit(commit); });
  }
  Result<std::optional<StoredEvent>> find_event(const std::string& event_id) override {
    return plan_.run("find_event", [&] { return inner_.find_event(event_id); });
  }
  Result<std::optional<Case>> load_case(const CaseId& id) override {
    return plan_.run("load_case", [&] { return inner_.load_case(id); });
  }
  Result<std::vector<Case>> cases(const CaseQuery& query) override {
    return plan_.run("cases", [&] { return inner_.cases(query); });
  }
  Result<std::map<UserId, PoolLoad>> pool_load(const ProgrammeId& id, Instant since) override {
    return plan_.run("pool_load", [&] { return inner_.pool_load(id, since); });
  }
  Result<std::map<UserId, std::int64_t>> previous_contacts(const UserId& requester) override {
    return plan_.run("previous_contacts", [&] { return inner_.previous_contacts(requester); });
  }
  Result<std::vector<CaseId>> open_cases_of(const UserId& expert) override {
    return plan_.run("open_cases_of", [&] { return inner_.open_cases_of(expert); });
  }
  Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) override {
    return plan_.run("due_cases", [&] { return inner_.due_cases(now, limit); });
  }
  Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) override {
    return plan_.run("claim_outbox", [&] { return inner_.claim_outbox(now, lease); });
  }
  Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                               Instant next_attempt_at, const std::string& reason) override {
    return plan_.run("postpone_outbox", [&] {
      return inner_.postpone_outbox(id, lease_token, next_attempt_at, reason);
    });
  }
  Result<void> complete_outbox(const OutboxCompletion& completion) override {
    return plan_.run("complete_outbox", [&] { return inner_.complete_outbox(completion); });
  }
  Result<void> release_leases() override {
    return plan_.run("release_leases", [&] { return inner_.release_leases(); });
  }
  Result<std::vector<ActRow>> acts(const ActQuery& query) override {
    return plan_.run("acts", [&] { return inner_.acts(query); });
  }
  Result<void> append_node_audit(const AuditDraft& draft) override {
    return plan_.run("append_node_audit", [&] { return inner_.append_node_audit(draft); });
  }
  Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) override {
    return plan_.run("audit_chain", [&] { return inner_.audit_chain(chain); });
  }
  Result<AuditHead> node_audit_head() override {
    return plan_.run("node_audit_head", [&] { return inner_.node_audit_head(); });
  }
  Result<void> put_programme(const Programme& programme, const Change& change) override {
    return plan_.run("put_programme", [&] { return inner_.put_programme(programme, change); });
  }
  Result<std::optional<Programme>> programme(const ProgrammeId& id) override {
    return plan_.run("programme", [&] { return inner_.programme(id); });
  }
  Result<std::vector<Programme>> programmes() override {
    return plan_.run("programmes", [&] { return inner_.programmes(); });
  }
  Result<void> put_user(const User& user, const Change& change) override {
    return plan_.run("put_user", [&] { return inner_.put_user(user, change); });
  }
  Result<std::optional<User>> user(const UserId& id) override {
    return plan_.run("user", [&] { return inner_.user(id); });
  }
  Result<std::optional<User>> user_by_login(const std::string& login) override {
    return plan_.run("user_by_login", [&] { return inner_.user_by_login(login); });
  }
  Result<std::vector<User>> members(const ProgrammeId& id, Role role) override {
    return plan_.run("members", [&] { return inner_.members(id, role); });
  }
  Result<std::vector<User>> users() override {
    return plan_.run("users", [&] { return inner_.users(); });
  }
  Result<void> put_group(const GroupPractice& group, const Change& change) override {
    return plan_.run("put_group", [&] { return inner_.put_group(group, change); });
  }
  Result<std::optional<GroupPractice>> group(const std::string& id) override {
    return plan_.run("group", [&] { return inner_.group(id); });
  }
  Result<std::vector<GroupPractice>> groups(const ProgrammeId& id) override {
    return plan_.run("groups", [&] { return inner_.groups(id); });
  }
  Result<void> put_device(const LentDevice& device, const Change& change) override {
    return plan_.run("put_device", [&] { return inner_.put_device(device, change); });
  }
  Result<std::optional<LentDevice>> device(const std::string& id) override {
    return plan_.run("device", [&] { return inner_.device(id); });
  }
  Result<std::optional<LentDevice>> device_by_serial(const std::string& serial) override {
    return plan_.run("device_by_serial", [&] { return inner_.device_by_serial(serial); });
  }
  Result<std::vector<LentDevice>> lent_devices() override {
    return plan_.run("lent_devices", [&] { return inner_.lent_devices(); });
  }
  Result<std::vector<Revision>> revisions(const std::string& kind, const std::string& id) override {
    return plan_.run("revisions", [&] { return inner_.revisions(kind, id); });
  }
  Result<void> put_activation(const UserId& user, const std::string& code_hash, Instant expires_at,
                              const OutboxMessage& kit) override {
    return plan_.run("put_activation",
                     [&] { return inner_.put_activation(user, code_hash, expires_at, kit); });
  }
  Result<bool> take_activation(const UserId& user, const std::string& code_hash,
                               Instant now) override {
    return plan_.run("take_activation",
                     [&] { return inner_.take_activation(user, code_hash, now); });
  }
  Result<void> put_session(const Session& session) override {
    return plan_.run("put_session", [&] { return inner_.put_session(session); });
  }
  Result<std::optional<Session>> session(const std::string& token_hash) override {
    return plan_.run("session", [&] { return inner_.session(token_hash); });
  }
  Result<void> erase_session(const std::string& token_hash) override {
    return plan_.run("erase_session", [&] { return inner_.erase_session(token_hash); });
  }
  Result<void> erase_expired_sessions(Instant now) override {
    return plan_.run("erase_expired_sessions", [&] { return inner_.erase_expired_sessions(now); });
  }
  Result<std::map<ProgrammeId, CaseFigures>> case_figures(Instant now) override {
    return plan_.run("case_figures", [&] { return inner_.case_figures(now); });
  }
  Result<std::map<std::string, std::int64_t>> outbox_counts() override {
    return plan_.run("outbox_counts", [&] { return inner_.outbox_counts(); });
  }

 private:
  Repository& inner_;
  FaultPlan& plan_;
};

}  // namespace telavis::test
