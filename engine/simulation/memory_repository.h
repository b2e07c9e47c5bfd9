// SPDX-License-Identifier: Apache-2.0
// The Repository port in memory: for the simulation, which commits millions of events, and as the
// model that a database is compared with. It keeps the contract of tests/storage but for threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/core/ports.h"
#include "engine/simulation/memory_outbox.h"

namespace telavis {

/// For one thread. Nothing is forgotten while it lives, but for the bytes of messages that are sent
/// or dead: a simulation of many cases runs them as many small worlds.
class MemoryRepository : public Repository {
 public:
  /// `lease_now_ms`: the clock of the leases.
  explicit MemoryRepository(std::function<std::int64_t()> lease_now_ms)
      : lease_now_ms_(std::move(lease_now_ms)) {}

  Result<CommitResult> commit(const Commit& commit) override;
  Result<std::optional<StoredEvent>> find_event(const std::string& event_id) override;
  Result<std::optional<Case>> load_case(const CaseId& id) override;
  Result<std::optional<Case>> case_by_number(const std::string& number) override;
  Result<std::vector<Case>> cases(const CaseQuery& query) override;
  Result<std::vector<CaseId>> case_ids(const CaseId& after, std::size_t limit) override;
  Result<std::map<UserId, PoolLoad>> pool_load(const ProgrammeId& id, Instant since) override;
  Result<std::map<UserId, std::int64_t>> previous_contacts(const UserId& requester) override;
  Result<std::vector<CaseId>> open_cases_of(const UserId& expert) override;
  Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) override;

  Result<std::vector<CaseId>> cases_of_patient(const std::vector<std::string>& marks) override;
  Result<void> put_opposition(const Opposition& opposition) override;
  Result<std::optional<Opposition>> opposition(const std::vector<std::string>& marks) override;
  Result<void> erase_opposition(const std::vector<std::string>& marks) override;

  Result<std::vector<CaseId>> cases_not_wrapped_by(const std::string& key_id,
                                                   std::size_t limit) override;
  Result<bool> rewrap(const CaseId& id, ByteView before, ByteView after) override;

  Result<std::optional<OutboxMessage>> find_message(const OutboxId& id) override;
  Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) override;
  Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                               Instant next_attempt_at, const std::string& reason) override;
  Result<void> complete_outbox(const OutboxCompletion& completion) override;
  Result<void> release_leases() override;
  Result<void> put_message(const OutboxMessage& message) override;

  Result<MailboxCursor> mailbox_cursor(const std::string& account) override;
  Result<void> put_received(const std::vector<ReceivedMail>& mails, const std::string& account,
                            const MailboxCursor& cursor) override;
  Result<std::vector<ReceivedMail>> unhandled_mails(std::size_t limit) override;
  Result<std::vector<ReceivedMail>> received_by_fingerprint(
      const std::string& fingerprint) override;
  Result<std::vector<ReceivedMail>> received_mails(const ReceivedQuery& query) override;
  Result<std::optional<ReceivedMail>> received_mail(const std::string& id) override;
  Result<void> close_received(const std::string& id, const std::string& verdict,
                              const CaseId& case_id, const std::string& detail) override;
  Result<std::int64_t> forget_received(Instant received_before) override;
  Result<std::map<std::string, std::int64_t>> received_counts() override;
  Result<std::vector<ReceivedKey>> received_not_wrapped_by(const std::string& key_id,
                                                           std::size_t limit) override;
  Result<bool> rewrap_received(const std::string& id, ByteView before, ByteView after) override;
  Result<std::optional<std::string>> put_exam(const ReceivedExam& exam) override;
  Result<std::vector<ReceivedExam>> received_exams(const ReceivedExamQuery& query) override;
  Result<std::optional<ReceivedExam>> received_exam(const std::string& id) override;
  Result<bool> change_exam(const ReceivedExam& next, ReceivedExamState expected) override;
  Result<std::int64_t> expire_exams(Instant received_before) override;
  Result<SentAmount> sent_by_device(const std::string& device, Instant since) override;
  Result<bool> keeps_object(const std::string& device, const std::string& object_id) override;
  Result<std::map<std::string, std::int64_t>> exam_counts() override;
  Result<std::vector<ReceivedKey>> exams_not_wrapped_by(const std::string& key_id,
                                                        std::size_t limit) override;
  Result<bool> rewrap_exam(const std::string& id, ByteView before, ByteView after) override;

  Result<std::vector<ActRow>> acts(const ActQuery& query) override;

  Result<void> append_node_audit(const AuditDraft& draft) override;
  Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) override;
  Result<AuditHead> node_audit_head() override;
  Result<std::int64_t> expire_traces(Instant before, Instant now, std::size_t limit) override;
  Result<std::vector<AuditEntry>> audit_entries(const std::string& chain, std::int64_t after,
                                                std::size_t limit) override;
  Result<std::vector<ChainHead>> unrooted_heads(std::size_t limit) override;
  Result<void> put_audit_root(const AuditRoot& root, const std::vector<ChainHead>& heads) override;
  Result<void> mark_root_exported(std::int64_t number, Instant at) override;
  Result<std::vector<AuditRoot>> audit_roots(std::int64_t after, std::size_t limit) override;

  Result<void> put_programme(const Programme& programme, const Change& change) override;
  Result<std::optional<Programme>> programme(const ProgrammeId& id) override;
  Result<std::vector<Programme>> programmes() override;
  Result<void> put_user(const User& user, const Change& change) override;
  Result<std::optional<User>> user(const UserId& id) override;
  Result<std::optional<User>> user_by_login(const std::string& login) override;
  Result<std::vector<User>> members(const ProgrammeId& id, Role role) override;
  Result<std::vector<User>> users() override;
  Result<void> put_group(const GroupPractice& group, const Change& change) override;
  Result<std::optional<GroupPractice>> group(const std::string& id) override;
  Result<std::vector<GroupPractice>> groups(const ProgrammeId& id) override;
  Result<void> put_device(const LentDevice& device, const Change& change) override;
  Result<std::optional<LentDevice>> device(const std::string& id) override;
  Result<std::optional<LentDevice>> device_by_serial(const std::string& serial) override;
  Result<std::optional<LentDevice>> device_by_ae_title(const std::string& title) override;
  Result<std::vector<LentDevice>> lent_devices() override;
  Result<std::optional<LentDevice>> device_by_token(const std::string& token_hash) override;
  Result<void> put_pairing(const std::string& device, const std::string& code_hash,
                           Instant expires_at) override;
  Result<std::optional<std::string>> take_pairing(const std::string& code_hash,
                                                  const std::string& token_hash,
                                                  Instant now) override;
  Result<std::vector<Revision>> revisions(const std::string& kind, const std::string& id) override;

  Result<void> put_activation(const UserId& user, const std::string& code_hash, Instant expires_at,
                              const OutboxMessage& kit) override;
  Result<bool> take_activation(const UserId& user, const std::string& code_hash,
                               Instant now) override;

  Result<void> put_session(const Session& session) override;
  Result<bool> change_session(const std::string& token_hash, const Session& next) override;
  Result<void> touch_session(const std::string& token_hash, Instant last_seen_at) override;
  Result<std::optional<Session>> session(const std::string& token_hash) override;
  Result<std::vector<Session>> sessions_of(const UserId& user) override;
  Result<void> erase_session(const std::string& token_hash) override;
  Result<void> erase_sessions_of(const UserId& user, const std::string& but) override;
  Result<void> erase_expired_sessions(Instant now) override;

  Result<std::optional<SecondFactor>> second_factor(const UserId& user) override;
  Result<void> put_second_factor(const SecondFactor& factor,
                                 const std::vector<std::string>& recovery_codes,
                                 const std::optional<OutboxMessage>& tells) override;
  Result<bool> take_factor_step(const UserId& user, std::int64_t step,
                                std::int64_t newest) override;
  Result<std::optional<std::int64_t>> take_recovery_code(const UserId& user,
                                                         const std::string& code_hash) override;
  Result<std::int64_t> recovery_codes_left(const UserId& user) override;
  Result<bool> erase_second_factor(const UserId& user, const OutboxMessage& tells) override;
  Result<std::vector<ReceivedKey>> factors_not_wrapped_by(const std::string& key_id,
                                                          std::size_t limit) override;
  Result<bool> rewrap_factor(const std::string& id, ByteView before, ByteView after) override;
  Result<void> put_access_code(const AccessCode& code, const OutboxMessage& message) override;
  Result<bool> take_access_code(const UserId& user, const std::string& code_hash,
                                Instant now) override;
  Result<std::map<UserId, std::int64_t>> taken_since(Instant since) override;
  Result<std::optional<SealedTexts>> personal_texts(const UserId& user) override;
  Result<bool> put_personal_texts(const SealedTexts& texts) override;
  Result<bool> put_slot(const Slot& slot) override;
  Result<std::vector<Slot>> slots(const UserId& expert, Instant from) override;
  Result<bool> erase_slot(const UserId& expert, const std::string& id) override;
  Result<bool> begin_attempt(const std::string& mark, Instant now,
                             const AttemptLimit& limit) override;
  Result<void> forget_attempts(const std::string& mark) override;
  Result<void> erase_attempts_before(Instant before) override;

  Result<std::vector<CaseRow>> case_rows(const CaseRowQuery& query) override;
  Result<std::map<ProgrammeId, CaseFigures>> case_figures(Instant now) override;
  Result<std::map<std::string, std::int64_t>> outbox_counts() override;
  Result<std::int64_t> pending_of_no_case() override;

  // ---- beside the port, without copies: what a simulation looks at
  /// Called with each commit that is taken, before it changes the case (nullptr: a new one).
  using Observer = std::function<void(const Case* before, const Commit& commit)>;
  void observe(Observer observer) { observer_ = std::move(observer); }
  /// Runs once, when the next commit has been decided and is not taken yet: what another node does
  /// in between.
  void interleave(std::function<void()> meanwhile) { meanwhile_ = std::move(meanwhile); }
  const Case* peek(const CaseId& id) const;
  const User* peek_user(const UserId& id) const;
  const std::set<UserId>* peek_members(const ProgrammeId& id, Role role) const;
  bool is_group_mailbox_of(const UserId& member, const std::string& address) const;
  const std::vector<AuditEntry>* peek_chain(const CaseId& id) const;
  const std::vector<BillableAct>* peek_acts(const CaseId& id) const;
  void each_case(const std::function<void(const Case&)>& visit) const;  // in the order they came
  std::size_t case_count() const { return order_.size(); }
  std::int64_t commit_count() const { return commits_; }
  const MemoryOutbox& outbox() const { return outbox_; }
  std::int64_t node_audit_length() const { return node_head_.length; }
  std::optional<Instant> next_timer_at() const;

 private:
  struct Row {
    Case value;
    std::optional<Timer> timer;
    std::vector<AuditEntry> audit;
    std::vector<BillableAct> acts;
    Instant acts_signed_at;
    std::vector<std::string> patient_marks;
    std::int64_t rooted_length = 0;
  };
  /// Newest first, then by id.
  using Place = std::pair<std::int64_t, std::string>;
  static Place place_of(const Case& subject);

  std::optional<CommitResult> refusal(const Commit& commit, const Row* row) const;
  void index(const Case& subject);
  void unindex(const Case& subject);
  void add_named_offers(const Case& subject, std::size_t first);
  Result<std::int64_t> next_version(const std::string& kind, const std::string& id,
                                    const Change& change) const;
  void revise(Revision revision);
  void mark(Row& row, const std::vector<std::string>& marks);
  void forget_mails_of(const CaseId& erased);
  bool may_offer(const Commit& commit) const;
  void offer(const Commit& commit);
  bool may_join(const Commit& commit) const;
  void join(const Commit& commit);
  void count_events(const Case* before, const Case& after);
  void add_node_audit(const AuditDraft& draft);

  std::function<std::int64_t()> lease_now_ms_;
  Observer observer_;
  std::function<void()> meanwhile_;
  std::int64_t commits_ = 0;

  std::unordered_map<std::string, Row> rows_;
  std::vector<const Row*> order_;
  std::unordered_map<std::string, CaseId> numbers_;
  std::unordered_map<std::string, StoredEvent> events_;
  std::set<std::pair<Instant, std::string>> timers_;
  std::set<Place> places_;
  std::map<ProgrammeId, std::set<Place>> by_programme_;
  std::map<UserId, std::set<Place>> by_requester_;  // his delegates too
  std::map<UserId, std::set<Place>> by_expert_;
  std::map<UserId, std::set<CaseId>> open_of_;
  struct Load {
    std::int64_t open_cases = 0;
    std::vector<Instant> offers;  // by name, ascending; they stay where they were made
  };
  std::map<std::pair<ProgrammeId, UserId>, Load> load_;
  std::map<UserId, std::map<UserId, std::int64_t>> contacts_;
  std::map<UserId, std::multiset<Instant>> taken_;

  std::map<ProgrammeId, std::map<std::string, std::int64_t>> happened_;

  std::map<std::string, std::set<std::string>> cases_of_mark_;
  std::map<std::string, Opposition> oppositions_;
  std::vector<AuditRoot> roots_;

  std::map<std::string, MailboxCursor> mailboxes_;
  std::map<std::string, ReceivedMail> received_;
  std::map<std::string, ReceivedExam> exams_;

  MemoryOutbox outbox_;

  AuditHead node_head_;
  std::int64_t node_rooted_length_ = 0;
  std::vector<AuditEntry> node_audit_;
  std::map<ProgrammeId, Programme> programmes_;
  std::map<UserId, User> users_;
  std::map<std::string, UserId> logins_;
  std::map<std::pair<ProgrammeId, Role>, std::set<UserId>> members_;
  std::map<std::string, GroupPractice> groups_;
  std::map<std::string, LentDevice> devices_;
  std::map<std::pair<std::string, std::string>, std::vector<Revision>> revisions_;
  struct Activation {
    std::string code_hash;
    Instant expires_at;
  };
  std::map<UserId, Activation> activations_;
  std::map<std::string, Activation> pairings_;        // by device
  std::map<std::string, std::string> device_tokens_;  // hashes, by device
  std::map<std::string, Session> sessions_;
  std::map<std::string, SecondFactor> factors_;  // by person
  std::map<UserId, std::set<std::string>> recovery_codes_;
  std::map<UserId, SealedTexts> texts_;
  std::map<std::string, Slot> slots_;
  std::map<UserId, AccessCode> access_codes_;
  std::map<std::string, std::vector<Instant>> attempts_;
};

}  // namespace telavis
