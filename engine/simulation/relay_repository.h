// SPDX-License-Identifier: Apache-2.0
// Every call of the Repository port through one gate: for what makes ports fail on purpose.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/ports.h"

namespace telavis {

/// `Gate::run(name, work)` does the work and gives its answer, or another one of the same type.
template <typename Gate>
class RelayRepository : public Repository {
 public:
  RelayRepository(Repository& inner, Gate& gate) : inner_(inner), gate_(gate) {}

  Result<CommitResult> commit(const Commit& commit) override {
    return gate_.run("commit", [&] { return inner_.commit(commit); });
  }
  Result<std::optional<StoredEvent>> find_event(const std::string& event_id) override {
    return gate_.run("find_event", [&] { return inner_.find_event(event_id); });
  }
  Result<std::optional<Case>> load_case(const CaseId& id) override {
    return gate_.run("load_case", [&] { return inner_.load_case(id); });
  }
  Result<std::optional<Case>> case_by_number(const std::string& number) override {
    return gate_.run("case_by_number", [&] { return inner_.case_by_number(number); });
  }
  Result<std::vector<CaseId>> case_ids(const CaseId& after, std::size_t limit) override {
    return gate_.run("case_ids", [&] { return inner_.case_ids(after, limit); });
  }
  Result<std::vector<CaseId>> cases_of_patient(const std::vector<std::string>& marks) override {
    return gate_.run("cases_of_patient", [&] { return inner_.cases_of_patient(marks); });
  }
  Result<void> put_opposition(const Opposition& opposition) override {
    return gate_.run("put_opposition", [&] { return inner_.put_opposition(opposition); });
  }
  Result<std::optional<Opposition>> opposition(const std::vector<std::string>& marks) override {
    return gate_.run("opposition", [&] { return inner_.opposition(marks); });
  }
  Result<void> erase_opposition(const std::vector<std::string>& marks) override {
    return gate_.run("erase_opposition", [&] { return inner_.erase_opposition(marks); });
  }
  Result<std::vector<CaseId>> cases_not_wrapped_by(const std::string& key_id,
                                                   std::size_t limit) override {
    return gate_.run("cases_not_wrapped_by",
                     [&] { return inner_.cases_not_wrapped_by(key_id, limit); });
  }
  Result<bool> rewrap(const CaseId& id, ByteView before, ByteView after) override {
    return gate_.run("rewrap", [&] { return inner_.rewrap(id, before, after); });
  }
  Result<std::vector<ChainHead>> unrooted_heads(std::size_t limit) override {
    return gate_.run("unrooted_heads", [&] { return inner_.unrooted_heads(limit); });
  }
  Result<void> put_audit_root(const AuditRoot& root, const std::vector<ChainHead>& heads) override {
    return gate_.run("put_audit_root", [&] { return inner_.put_audit_root(root, heads); });
  }
  Result<void> mark_root_exported(std::int64_t number, Instant at) override {
    return gate_.run("mark_root_exported", [&] { return inner_.mark_root_exported(number, at); });
  }
  Result<std::vector<AuditRoot>> audit_roots(std::int64_t after, std::size_t limit) override {
    return gate_.run("audit_roots", [&] { return inner_.audit_roots(after, limit); });
  }
  Result<std::vector<Case>> cases(const CaseQuery& query) override {
    return gate_.run("cases", [&] { return inner_.cases(query); });
  }
  Result<std::map<UserId, PoolLoad>> pool_load(const ProgrammeId& id, Instant since) override {
    return gate_.run("pool_load", [&] { return inner_.pool_load(id, since); });
  }
  Result<std::map<UserId, std::int64_t>> previous_contacts(const UserId& requester) override {
    return gate_.run("previous_contacts", [&] { return inner_.previous_contacts(requester); });
  }
  Result<std::vector<CaseId>> open_cases_of(const UserId& expert) override {
    return gate_.run("open_cases_of", [&] { return inner_.open_cases_of(expert); });
  }
  Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) override {
    return gate_.run("due_cases", [&] { return inner_.due_cases(now, limit); });
  }
  Result<std::optional<OutboxMessage>> find_message(const OutboxId& id) override {
    return gate_.run("find_message", [&] { return inner_.find_message(id); });
  }
  Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) override {
    return gate_.run("claim_outbox", [&] { return inner_.claim_outbox(now, lease); });
  }
  Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                               Instant next_attempt_at, const std::string& reason) override {
    return gate_.run("postpone_outbox", [&] {
      return inner_.postpone_outbox(id, lease_token, next_attempt_at, reason);
    });
  }
  Result<void> complete_outbox(const OutboxCompletion& completion) override {
    return gate_.run("complete_outbox", [&] { return inner_.complete_outbox(completion); });
  }
  Result<void> release_leases() override {
    return gate_.run("release_leases", [&] { return inner_.release_leases(); });
  }
  Result<MailboxCursor> mailbox_cursor(const std::string& account) override {
    return gate_.run("mailbox_cursor", [&] { return inner_.mailbox_cursor(account); });
  }
  Result<void> put_received(const std::vector<ReceivedMail>& mails, const std::string& account,
                            const MailboxCursor& cursor) override {
    return gate_.run("put_received", [&] { return inner_.put_received(mails, account, cursor); });
  }
  Result<std::vector<ReceivedMail>> unhandled_mails(std::size_t limit) override {
    return gate_.run("unhandled_mails", [&] { return inner_.unhandled_mails(limit); });
  }
  Result<std::vector<ReceivedMail>> received_by_fingerprint(
      const std::string& fingerprint) override {
    return gate_.run("received_by_fingerprint",
                     [&] { return inner_.received_by_fingerprint(fingerprint); });
  }
  Result<std::vector<ReceivedMail>> received_mails(const ReceivedQuery& query) override {
    return gate_.run("received_mails", [&] { return inner_.received_mails(query); });
  }
  Result<std::optional<ReceivedMail>> received_mail(const std::string& id) override {
    return gate_.run("received_mail", [&] { return inner_.received_mail(id); });
  }
  Result<void> close_received(const std::string& id, const std::string& verdict,
                              const CaseId& case_id, const std::string& detail) override {
    return gate_.run("close_received",
                     [&] { return inner_.close_received(id, verdict, case_id, detail); });
  }
  Result<std::int64_t> forget_received(Instant received_before) override {
    return gate_.run("forget_received", [&] { return inner_.forget_received(received_before); });
  }
  Result<std::map<std::string, std::int64_t>> received_counts() override {
    return gate_.run("received_counts", [&] { return inner_.received_counts(); });
  }
  Result<std::vector<ReceivedKey>> received_not_wrapped_by(const std::string& key_id,
                                                           std::size_t limit) override {
    return gate_.run("received_not_wrapped_by",
                     [&] { return inner_.received_not_wrapped_by(key_id, limit); });
  }
  Result<bool> rewrap_received(const std::string& id, ByteView before, ByteView after) override {
    return gate_.run("rewrap_received", [&] { return inner_.rewrap_received(id, before, after); });
  }
  Result<std::optional<std::string>> put_exam(const ReceivedExam& exam) override {
    return gate_.run("put_exam", [&] { return inner_.put_exam(exam); });
  }
  Result<std::vector<ReceivedExam>> received_exams(const ReceivedExamQuery& query) override {
    return gate_.run("received_exams", [&] { return inner_.received_exams(query); });
  }
  Result<std::optional<ReceivedExam>> received_exam(const std::string& id) override {
    return gate_.run("received_exam", [&] { return inner_.received_exam(id); });
  }
  Result<bool> change_exam(const ReceivedExam& next, ReceivedExamState expected) override {
    return gate_.run("change_exam", [&] { return inner_.change_exam(next, expected); });
  }
  Result<std::int64_t> expire_exams(Instant received_before) override {
    return gate_.run("expire_exams", [&] { return inner_.expire_exams(received_before); });
  }
  Result<SentAmount> sent_by_device(const std::string& device, Instant since) override {
    return gate_.run("sent_by_device", [&] { return inner_.sent_by_device(device, since); });
  }
  Result<bool> keeps_object(const std::string& device, const std::string& object_id) override {
    return gate_.run("keeps_object", [&] { return inner_.keeps_object(device, object_id); });
  }
  Result<std::map<std::string, std::int64_t>> exam_counts() override {
    return gate_.run("exam_counts", [&] { return inner_.exam_counts(); });
  }
  Result<std::vector<ReceivedKey>> exams_not_wrapped_by(const std::string& key_id,
                                                        std::size_t limit) override {
    return gate_.run("exams_not_wrapped_by",
                     [&] { return inner_.exams_not_wrapped_by(key_id, limit); });
  }
  Result<bool> rewrap_exam(const std::string& id, ByteView before, ByteView after) override {
    return gate_.run("rewrap_exam", [&] { return inner_.rewrap_exam(id, before, after); });
  }
  Result<std::vector<ActRow>> acts(const ActQuery& query) override {
    return gate_.run("acts", [&] { return inner_.acts(query); });
  }
  Result<void> append_node_audit(const AuditDraft& draft) override {
    return gate_.run("append_node_audit", [&] { return inner_.append_node_audit(draft); });
  }
  Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) override {
    return gate_.run("audit_chain", [&] { return inner_.audit_chain(chain); });
  }
  Result<std::vector<AuditEntry>> audit_entries(const std::string& chain, std::int64_t after,
                                                std::size_t limit) override {
    return gate_.run("audit_entries", [&] { return inner_.audit_entries(chain, after, limit); });
  }
  Result<void> put_message(const OutboxMessage& message) override {
    return gate_.run("put_message", [&] { return inner_.put_message(message); });
  }
  Result<std::int64_t> expire_traces(Instant before, Instant now, std::size_t limit) override {
    return gate_.run("expire_traces", [&] { return inner_.expire_traces(before, now, limit); });
  }
  Result<AuditHead> node_audit_head() override {
    return gate_.run("node_audit_head", [&] { return inner_.node_audit_head(); });
  }
  Result<void> put_programme(const Programme& programme, const Change& change) override {
    return gate_.run("put_programme", [&] { return inner_.put_programme(programme, change); });
  }
  Result<std::optional<Programme>> programme(const ProgrammeId& id) override {
    return gate_.run("programme", [&] { return inner_.programme(id); });
  }
  Result<std::vector<Programme>> programmes() override {
    return gate_.run("programmes", [&] { return inner_.programmes(); });
  }
  Result<void> put_user(const User& user, const Change& change) override {
    return gate_.run("put_user", [&] { return inner_.put_user(user, change); });
  }
  Result<std::optional<User>> user(const UserId& id) override {
    return gate_.run("user", [&] { return inner_.user(id); });
  }
  Result<std::optional<User>> user_by_login(const std::string& login) override {
    return gate_.run("user_by_login", [&] { return inner_.user_by_login(login); });
  }
  Result<std::vector<User>> members(const ProgrammeId& id, Role role) override {
    return gate_.run("members", [&] { return inner_.members(id, role); });
  }
  Result<std::vector<User>> users() override {
    return gate_.run("users", [&] { return inner_.users(); });
  }
  Result<void> put_group(const GroupPractice& group, const Change& change) override {
    return gate_.run("put_group", [&] { return inner_.put_group(group, change); });
  }
  Result<std::optional<GroupPractice>> group(const std::string& id) override {
    return gate_.run("group", [&] { return inner_.group(id); });
  }
  Result<std::vector<GroupPractice>> groups(const ProgrammeId& id) override {
    return gate_.run("groups", [&] { return inner_.groups(id); });
  }
  Result<void> put_device(const LentDevice& device, const Change& change) override {
    return gate_.run("put_device", [&] { return inner_.put_device(device, change); });
  }
  Result<std::optional<LentDevice>> device(const std::string& id) override {
    return gate_.run("device", [&] { return inner_.device(id); });
  }
  Result<std::optional<LentDevice>> device_by_serial(const std::string& serial) override {
    return gate_.run("device_by_serial", [&] { return inner_.device_by_serial(serial); });
  }
  Result<std::optional<LentDevice>> device_by_ae_title(const std::string& title) override {
    return gate_.run("device_by_ae_title", [&] { return inner_.device_by_ae_title(title); });
  }
  Result<std::vector<LentDevice>> lent_devices() override {
    return gate_.run("lent_devices", [&] { return inner_.lent_devices(); });
  }
  Result<std::vector<Revision>> revisions(const std::string& kind, const std::string& id) override {
    return gate_.run("revisions", [&] { return inner_.revisions(kind, id); });
  }
  Result<std::optional<LentDevice>> device_by_token(const std::string& token_hash) override {
    return gate_.run("device_by_token", [&] { return inner_.device_by_token(token_hash); });
  }
  Result<void> put_pairing(const std::string& device, const std::string& code_hash,
                           Instant expires_at) override {
    return gate_.run("put_pairing",
                     [&] { return inner_.put_pairing(device, code_hash, expires_at); });
  }
  Result<std::optional<std::string>> take_pairing(const std::string& code_hash,
                                                  const std::string& token_hash,
                                                  Instant now) override {
    return gate_.run("take_pairing",
                     [&] { return inner_.take_pairing(code_hash, token_hash, now); });
  }
  Result<void> put_activation(const UserId& user, const std::string& code_hash, Instant expires_at,
                              const OutboxMessage& kit) override {
    return gate_.run("put_activation",
                     [&] { return inner_.put_activation(user, code_hash, expires_at, kit); });
  }
  Result<bool> take_activation(const UserId& user, const std::string& code_hash,
                               Instant now) override {
    return gate_.run("take_activation",
                     [&] { return inner_.take_activation(user, code_hash, now); });
  }
  Result<void> put_session(const Session& session) override {
    return gate_.run("put_session", [&] { return inner_.put_session(session); });
  }
  Result<bool> change_session(const std::string& token_hash, const Session& next) override {
    return gate_.run("change_session", [&] { return inner_.change_session(token_hash, next); });
  }
  Result<void> touch_session(const std::string& token_hash, Instant last_seen_at) override {
    return gate_.run("touch_session",
                     [&] { return inner_.touch_session(token_hash, last_seen_at); });
  }
  Result<std::optional<Session>> session(const std::string& token_hash) override {
    return gate_.run("session", [&] { return inner_.session(token_hash); });
  }
  Result<std::vector<Session>> sessions_of(const UserId& user) override {
    return gate_.run("sessions_of", [&] { return inner_.sessions_of(user); });
  }
  Result<void> erase_session(const std::string& token_hash) override {
    return gate_.run("erase_session", [&] { return inner_.erase_session(token_hash); });
  }
  Result<void> erase_sessions_of(const UserId& user, const std::string& but) override {
    return gate_.run("erase_sessions_of", [&] { return inner_.erase_sessions_of(user, but); });
  }
  Result<void> erase_expired_sessions(Instant now) override {
    return gate_.run("erase_expired_sessions", [&] { return inner_.erase_expired_sessions(now); });
  }
  Result<std::optional<SecondFactor>> second_factor(const UserId& user) override {
    return gate_.run("second_factor", [&] { return inner_.second_factor(user); });
  }
  Result<void> put_second_factor(const SecondFactor& factor,
                                 const std::vector<std::string>& recovery_codes,
                                 const std::optional<OutboxMessage>& tells) override {
    return gate_.run("put_second_factor",
                     [&] { return inner_.put_second_factor(factor, recovery_codes, tells); });
  }
  Result<bool> take_factor_step(const UserId& user, std::int64_t step,
                                std::int64_t newest) override {
    return gate_.run("take_factor_step",
                     [&] { return inner_.take_factor_step(user, step, newest); });
  }
  Result<std::optional<std::int64_t>> take_recovery_code(const UserId& user,
                                                         const std::string& code_hash) override {
    return gate_.run("take_recovery_code",
                     [&] { return inner_.take_recovery_code(user, code_hash); });
  }
  Result<std::int64_t> recovery_codes_left(const UserId& user) override {
    return gate_.run("recovery_codes_left", [&] { return inner_.recovery_codes_left(user); });
  }
  Result<bool> erase_second_factor(const UserId& user, const OutboxMessage& tells) override {
    return gate_.run("erase_second_factor",
                     [&] { return inner_.erase_second_factor(user, tells); });
  }
  Result<std::vector<ReceivedKey>> factors_not_wrapped_by(const std::string& key_id,
                                                          std::size_t limit) override {
    return gate_.run("factors_not_wrapped_by",
                     [&] { return inner_.factors_not_wrapped_by(key_id, limit); });
  }
  Result<bool> rewrap_factor(const std::string& id, ByteView before, ByteView after) override {
    return gate_.run("rewrap_factor", [&] { return inner_.rewrap_factor(id, before, after); });
  }
  Result<std::map<UserId, std::int64_t>> taken_since(Instant since) override {
    return gate_.run("taken_since", [&] { return inner_.taken_since(since); });
  }
  Result<std::optional<SealedTexts>> personal_texts(const UserId& user) override {
    return gate_.run("personal_texts", [&] { return inner_.personal_texts(user); });
  }
  Result<bool> put_personal_texts(const SealedTexts& texts) override {
    return gate_.run("put_personal_texts", [&] { return inner_.put_personal_texts(texts); });
  }
  Result<bool> put_slot(const Slot& slot) override {
    return gate_.run("put_slot", [&] { return inner_.put_slot(slot); });
  }
  Result<std::vector<Slot>> slots(const UserId& expert, Instant from) override {
    return gate_.run("slots", [&] { return inner_.slots(expert, from); });
  }
  Result<bool> erase_slot(const UserId& expert, const std::string& id) override {
    return gate_.run("erase_slot", [&] { return inner_.erase_slot(expert, id); });
  }
  Result<void> put_access_code(const AccessCode& code, const OutboxMessage& message) override {
    return gate_.run("put_access_code", [&] { return inner_.put_access_code(code, message); });
  }
  Result<bool> take_access_code(const UserId& user, const std::string& code_hash,
                                Instant now) override {
    return gate_.run("take_access_code",
                     [&] { return inner_.take_access_code(user, code_hash, now); });
  }
  Result<bool> begin_attempt(const std::string& mark, Instant now,
                             const AttemptLimit& limit) override {
    return gate_.run("begin_attempt", [&] { return inner_.begin_attempt(mark, now, limit); });
  }
  Result<void> forget_attempts(const std::string& mark) override {
    return gate_.run("forget_attempts", [&] { return inner_.forget_attempts(mark); });
  }
  Result<void> erase_attempts_before(Instant before) override {
    return gate_.run("erase_attempts_before", [&] { return inner_.erase_attempts_before(before); });
  }
  Result<std::vector<CaseRow>> case_rows(const CaseRowQuery& query) override {
    return gate_.run("case_rows", [&] { return inner_.case_rows(query); });
  }
  Result<std::map<ProgrammeId, CaseFigures>> case_figures(Instant now) override {
    return gate_.run("case_figures", [&] { return inner_.case_figures(now); });
  }
  Result<std::int64_t> pending_of_no_case() override {
    return gate_.run("pending_of_no_case", [&] { return inner_.pending_of_no_case(); });
  }
  Result<std::map<std::string, std::int64_t>> outbox_counts() override {
    return gate_.run("outbox_counts", [&] { return inner_.outbox_counts(); });
  }

 private:
  Repository& inner_;
  Gate& gate_;
};

}  // namespace telavis
