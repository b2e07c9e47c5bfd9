// SPDX-License-Identifier: Apache-2.0
// Two repositories that get the same calls: the model in memory, and a database that must answer
// alike.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/core/ports.h"

namespace telavis::test {

class RepositoryPair : public Repository {
  // First, because their return types are deduced.
  static auto equal() {
    return [](const auto& a, const auto& b) { return a == b; };
  }
  static auto present() {
    return [](const auto& a, const auto& b) { return a.has_value() == b.has_value(); };
  }
  static auto same_size() {
    return [](const auto& a, const auto& b) { return a.size() == b.size(); };
  }
  static auto same_mails() {
    return [](const auto& a, const auto& b) {
      return std::ranges::equal(a, b, [](const ReceivedMail& x, const ReceivedMail& y) {
        return x.id == y.id && x.verdict == y.verdict && x.case_id == y.case_id &&
               x.detail == y.detail && x.sealed == y.sealed;
      });
    };
  }
  static auto same_user() {
    return [](const auto& a, const auto& b) {
      return a.has_value() == b.has_value() && (!a || a->version == b->version);
    };
  }
  static auto same_users() {
    return [](const auto& a, const auto& b) {
      return std::ranges::equal(a, b, [](const User& x, const User& y) {
        return x.id == y.id && x.version == y.version;
      });
    };
  }

  /// The model's answer; the database's is held against it.
  template <typename Call, typename Same>
  auto both(Call call, Same same, const char* where = __builtin_FUNCTION()) {
    auto answer = call(model_);
    const auto other = call(database_);
    compare(answer, other);
    if (answer && other) {
      EXPECT_TRUE(same(*answer, *other)) << where;
    }
    return answer;
  }
  template <typename Call>
  Result<void> both(Call call) {
    const Result<void> answer = call(model_);
    compare(answer, call(database_));
    return answer;
  }
  template <typename Answer>
  static void compare(const Answer& answer, const Answer& other) {
    EXPECT_EQ(answer.has_value(), other.has_value())
        << (answer ? "" : answer.error().text) << (other ? "" : other.error().text);
    if (!answer && !other) {
      EXPECT_EQ(answer.error().code, other.error().code);
    }
  }

 public:
  RepositoryPair(Repository& model, Repository& database) : model_(model), database_(database) {}

  Result<CommitResult> commit(const Commit& commit) override {
    return both([&](Repository& one) { return one.commit(commit); },
                [](const CommitResult& a, const CommitResult& b) {
                  return a.outcome == b.outcome && a.answer == b.answer &&
                         a.request_hash == b.request_hash;
                });
  }
  Result<std::optional<StoredEvent>> find_event(const std::string& event_id) override {
    return both([&](Repository& one) { return one.find_event(event_id); },
                [](const auto& a, const auto& b) {
                  return a.has_value() == b.has_value() && (!a || a->answer == b->answer);
                });
  }
  Result<std::optional<Case>> load_case(const CaseId& id) override {
    return both([&](Repository& one) { return one.load_case(id); },
                [](const auto& a, const auto& b) {
                  return a.has_value() == b.has_value() &&
                         (!a || (a->version == b->version && a->audit.hash == b->audit.hash));
                });
  }
  Result<std::optional<Case>> case_by_number(const std::string& number) override {
    return both([&](Repository& one) { return one.case_by_number(number); },
                [](const auto& a, const auto& b) {
                  return a.has_value() == b.has_value() && (!a || a->id == b->id);
                });
  }
  Result<std::vector<CaseId>> case_ids(const CaseId& after, std::size_t limit) override {
    return both([&](Repository& one) { return one.case_ids(after, limit); }, equal());
  }
  Result<std::vector<CaseId>> cases_of_patient(const std::vector<std::string>& marks) override {
    return both([&](Repository& one) { return one.cases_of_patient(marks); }, equal());
  }
  Result<void> put_opposition(const Opposition& opposition) override {
    return both([&](Repository& one) { return one.put_opposition(opposition); });
  }
  Result<std::optional<Opposition>> opposition(const std::vector<std::string>& marks) override {
    return both([&](Repository& one) { return one.opposition(marks); }, present());
  }
  Result<void> erase_opposition(const std::vector<std::string>& marks) override {
    return both([&](Repository& one) { return one.erase_opposition(marks); });
  }
  Result<std::vector<CaseId>> cases_not_wrapped_by(const std::string& key_id,
                                                   std::size_t limit) override {
    return both([&](Repository& one) { return one.cases_not_wrapped_by(key_id, limit); }, equal());
  }
  Result<bool> rewrap(const CaseId& id, ByteView before, ByteView after) override {
    return both([&](Repository& one) { return one.rewrap(id, before, after); }, equal());
  }
  Result<std::vector<ChainHead>> unrooted_heads(std::size_t limit) override {
    return both([&](Repository& one) { return one.unrooted_heads(limit); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, [](const ChainHead& x, const ChainHead& y) {
                    return x.chain == y.chain && x.head.length == y.head.length &&
                           x.head.hash == y.head.hash;
                  });
                });
  }
  Result<void> put_audit_root(const AuditRoot& root, const std::vector<ChainHead>& heads) override {
    return both([&](Repository& one) { return one.put_audit_root(root, heads); });
  }
  Result<void> mark_root_exported(std::int64_t number, Instant at) override {
    return both([&](Repository& one) { return one.mark_root_exported(number, at); });
  }
  Result<std::vector<AuditRoot>> audit_roots(std::int64_t after, std::size_t limit) override {
    return both([&](Repository& one) { return one.audit_roots(after, limit); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, {}, &AuditRoot::hash, &AuditRoot::hash);
                });
  }
  Result<std::vector<Case>> cases(const CaseQuery& query) override {
    return both([&](Repository& one) { return one.cases(query); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, {}, &Case::id, &Case::id);
                });
  }
  Result<std::map<UserId, PoolLoad>> pool_load(const ProgrammeId& id, Instant since) override {
    return both([&](Repository& one) { return one.pool_load(id, since); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
                    return x.first == y.first && x.second.open_cases == y.second.open_cases &&
                           x.second.recent_offers == y.second.recent_offers;
                  });
                });
  }
  Result<std::map<UserId, std::int64_t>> previous_contacts(const UserId& requester) override {
    return both([&](Repository& one) { return one.previous_contacts(requester); }, equal());
  }
  Result<std::vector<CaseId>> open_cases_of(const UserId& expert) override {
    return both([&](Repository& one) { return one.open_cases_of(expert); }, equal());
  }
  Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) override {
    return both([&](Repository& one) { return one.due_cases(now, limit); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, [](const DueCase& x, const DueCase& y) {
                    return x.id == y.id && x.kind == y.kind && x.at == y.at;
                  });
                });
  }
  Result<std::optional<OutboxMessage>> find_message(const OutboxId& id) override {
    return both([&](Repository& one) { return one.find_message(id); },
                [](const auto& a, const auto& b) {
                  return a.has_value() == b.has_value() &&
                         (!a || (a->id == b->id && a->case_id == b->case_id && a->to == b->to &&
                                 a->kind == b->kind && a->created_at == b->created_at));
                });
  }
  Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) override {
    return both(
        [&](Repository& one) { return one.claim_outbox(now, lease); },
        [](const auto& a, const auto& b) {
          return a.has_value() == b.has_value() &&
                 (!a || (a->message.id == b->message.id && a->lease_token == b->lease_token &&
                         a->message.sealed_mime == b->message.sealed_mime));
        });
  }
  Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                               Instant next_attempt_at, const std::string& reason) override {
    return both([&](Repository& one) {
      return one.postpone_outbox(id, lease_token, next_attempt_at, reason);
    });
  }
  Result<void> complete_outbox(const OutboxCompletion& completion) override {
    return both([&](Repository& one) { return one.complete_outbox(completion); });
  }
  Result<void> put_message(const OutboxMessage& message) override {
    return both([&](Repository& one) { return one.put_message(message); });
  }
  Result<void> release_leases() override {
    return both([](Repository& one) { return one.release_leases(); });
  }
  Result<MailboxCursor> mailbox_cursor(const std::string& account) override {
    return both([&](Repository& one) { return one.mailbox_cursor(account); }, equal());
  }
  Result<void> put_received(const std::vector<ReceivedMail>& mails, const std::string& account,
                            const MailboxCursor& cursor) override {
    return both([&](Repository& one) { return one.put_received(mails, account, cursor); });
  }
  Result<std::vector<ReceivedMail>> unhandled_mails(std::size_t limit) override {
    return both([&](Repository& one) { return one.unhandled_mails(limit); }, same_mails());
  }
  Result<std::vector<ReceivedMail>> received_by_fingerprint(
      const std::string& fingerprint) override {
    return both([&](Repository& one) { return one.received_by_fingerprint(fingerprint); },
                same_mails());
  }
  Result<std::vector<ReceivedMail>> received_mails(const ReceivedQuery& query) override {
    return both([&](Repository& one) { return one.received_mails(query); }, same_mails());
  }
  Result<std::optional<ReceivedMail>> received_mail(const std::string& id) override {
    return both([&](Repository& one) { return one.received_mail(id); },
                [](const auto& a, const auto& b) {
                  return a.has_value() == b.has_value() &&
                         (!a || (a->id == b->id && a->verdict == b->verdict &&
                                 a->sealed == b->sealed && a->wrapped_key == b->wrapped_key));
                });
  }
  Result<void> close_received(const std::string& id, const std::string& verdict,
                              const CaseId& case_id, const std::string& detail) override {
    return both([&](Repository& one) { return one.close_received(id, verdict, case_id, detail); });
  }
  Result<std::int64_t> forget_received(Instant received_before) override {
    return both([&](Repository& one) { return one.forget_received(received_before); }, equal());
  }
  Result<std::map<std::string, std::int64_t>> received_counts() override {
    return both([](Repository& one) { return one.received_counts(); }, equal());
  }
  Result<std::vector<ReceivedKey>> received_not_wrapped_by(const std::string& key_id,
                                                           std::size_t limit) override {
    return both([&](Repository& one) { return one.received_not_wrapped_by(key_id, limit); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, {}, &ReceivedKey::id, &ReceivedKey::id);
                });
  }
  Result<bool> rewrap_received(const std::string& id, ByteView before, ByteView after) override {
    return both([&](Repository& one) { return one.rewrap_received(id, before, after); }, equal());
  }
  Result<std::optional<std::string>> put_exam(const ReceivedExam& exam) override {
    return both([&](Repository& one) { return one.put_exam(exam); }, equal());
  }
  Result<std::vector<ReceivedExam>> received_exams(const ReceivedExamQuery& query) override {
    return both([&](Repository& one) { return one.received_exams(query); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, {}, &ReceivedExam::id, &ReceivedExam::id);
                });
  }
  Result<std::optional<ReceivedExam>> received_exam(const std::string& id) override {
    return both([&](Repository& one) { return one.received_exam(id); }, present());
  }
  Result<bool> change_exam(const ReceivedExam& next, ReceivedExamState expected) override {
    return both([&](Repository& one) { return one.change_exam(next, expected); }, equal());
  }
  Result<std::int64_t> expire_exams(Instant received_before) override {
    return both([&](Repository& one) { return one.expire_exams(received_before); }, equal());
  }
  Result<SentAmount> sent_by_device(const std::string& device, Instant since) override {
    return both([&](Repository& one) { return one.sent_by_device(device, since); },
                [](const SentAmount& a, const SentAmount& b) {
                  return a.exams == b.exams && a.bytes == b.bytes;
                });
  }
  Result<bool> keeps_object(const std::string& device, const std::string& object_id) override {
    return both([&](Repository& one) { return one.keeps_object(device, object_id); }, equal());
  }
  Result<std::map<std::string, std::int64_t>> exam_counts() override {
    return both([](Repository& one) { return one.exam_counts(); }, equal());
  }
  Result<std::vector<ReceivedKey>> exams_not_wrapped_by(const std::string& key_id,
                                                        std::size_t limit) override {
    return both([&](Repository& one) { return one.exams_not_wrapped_by(key_id, limit); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, {}, &ReceivedKey::id, &ReceivedKey::id);
                });
  }
  Result<bool> rewrap_exam(const std::string& id, ByteView before, ByteView after) override {
    return both([&](Repository& one) { return one.rewrap_exam(id, before, after); }, equal());
  }
  Result<std::vector<ActRow>> acts(const ActQuery& query) override {
    return both([&](Repository& one) { return one.acts(query); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, [](const ActRow& x, const ActRow& y) {
                    return x.act.case_id == y.act.case_id && x.act.role == y.act.role &&
                           x.act.amount_cents == y.act.amount_cents && x.signed_at == y.signed_at;
                  });
                });
  }
  Result<void> append_node_audit(const AuditDraft& draft) override {
    return both([&](Repository& one) { return one.append_node_audit(draft); });
  }
  Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) override {
    return both([&](Repository& one) { return one.audit_chain(chain); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, {}, &AuditEntry::hash, &AuditEntry::hash);
                });
  }
  Result<std::vector<AuditEntry>> audit_entries(const std::string& chain, std::int64_t after,
                                                std::size_t limit) override {
    return both([&](Repository& one) { return one.audit_entries(chain, after, limit); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, [](const AuditEntry& x, const AuditEntry& y) {
                    return x.sequence == y.sequence && x.hash == y.hash;
                  });
                });
  }
  Result<std::int64_t> expire_traces(Instant before, Instant now, std::size_t limit) override {
    return both([&](Repository& one) { return one.expire_traces(before, now, limit); }, equal());
  }
  Result<AuditHead> node_audit_head() override {
    return both([](Repository& one) { return one.node_audit_head(); },
                [](const AuditHead& a, const AuditHead& b) {
                  return a.length == b.length && a.hash == b.hash;
                });
  }
  Result<void> put_programme(const Programme& programme, const Change& change) override {
    return both([&](Repository& one) { return one.put_programme(programme, change); });
  }
  Result<std::optional<Programme>> programme(const ProgrammeId& id) override {
    return both([&](Repository& one) { return one.programme(id); }, equal());
  }
  Result<std::vector<Programme>> programmes() override {
    return both([](Repository& one) { return one.programmes(); }, equal());
  }
  Result<void> put_user(const User& user, const Change& change) override {
    return both([&](Repository& one) { return one.put_user(user, change); });
  }
  Result<std::optional<User>> user(const UserId& id) override {
    return both([&](Repository& one) { return one.user(id); }, same_user());
  }
  Result<std::optional<User>> user_by_login(const std::string& login) override {
    return both([&](Repository& one) { return one.user_by_login(login); }, same_user());
  }
  Result<std::vector<User>> members(const ProgrammeId& id, Role role) override {
    return both([&](Repository& one) { return one.members(id, role); }, same_users());
  }
  Result<std::vector<User>> users() override {
    return both([](Repository& one) { return one.users(); }, same_users());
  }
  Result<void> put_group(const GroupPractice& group, const Change& change) override {
    return both([&](Repository& one) { return one.put_group(group, change); });
  }
  Result<std::optional<GroupPractice>> group(const std::string& id) override {
    return both([&](Repository& one) { return one.group(id); }, present());
  }
  Result<std::vector<GroupPractice>> groups(const ProgrammeId& id) override {
    return both([&](Repository& one) { return one.groups(id); }, same_size());
  }
  Result<void> put_device(const LentDevice& device, const Change& change) override {
    return both([&](Repository& one) { return one.put_device(device, change); });
  }
  Result<std::optional<LentDevice>> device(const std::string& id) override {
    return both([&](Repository& one) { return one.device(id); }, present());
  }
  Result<std::optional<LentDevice>> device_by_serial(const std::string& serial) override {
    return both([&](Repository& one) { return one.device_by_serial(serial); }, present());
  }
  Result<std::optional<LentDevice>> device_by_ae_title(const std::string& title) override {
    return both([&](Repository& one) { return one.device_by_ae_title(title); }, present());
  }
  Result<std::vector<LentDevice>> lent_devices() override {
    return both([](Repository& one) { return one.lent_devices(); }, same_size());
  }
  Result<std::vector<Revision>> revisions(const std::string& kind, const std::string& id) override {
    return both([&](Repository& one) { return one.revisions(kind, id); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, {}, &Revision::definition, &Revision::definition);
                });
  }
  Result<std::optional<LentDevice>> device_by_token(const std::string& token_hash) override {
    return both([&](Repository& one) { return one.device_by_token(token_hash); }, present());
  }
  Result<void> put_pairing(const std::string& device, const std::string& code_hash,
                           Instant expires_at) override {
    return both([&](Repository& one) { return one.put_pairing(device, code_hash, expires_at); });
  }
  Result<std::optional<std::string>> take_pairing(const std::string& code_hash,
                                                  const std::string& token_hash,
                                                  Instant now) override {
    return both([&](Repository& one) { return one.take_pairing(code_hash, token_hash, now); },
                equal());
  }
  Result<void> put_activation(const UserId& user, const std::string& code_hash, Instant expires_at,
                              const OutboxMessage& kit) override {
    return both(
        [&](Repository& one) { return one.put_activation(user, code_hash, expires_at, kit); });
  }
  Result<bool> take_activation(const UserId& user, const std::string& code_hash,
                               Instant now) override {
    return both([&](Repository& one) { return one.take_activation(user, code_hash, now); },
                equal());
  }
  Result<void> put_session(const Session& session) override {
    return both([&](Repository& one) { return one.put_session(session); });
  }
  Result<bool> change_session(const std::string& token_hash, const Session& next) override {
    return both([&](Repository& one) { return one.change_session(token_hash, next); }, equal());
  }
  Result<void> touch_session(const std::string& token_hash, Instant last_seen_at) override {
    return both([&](Repository& one) { return one.touch_session(token_hash, last_seen_at); });
  }
  Result<std::optional<Session>> session(const std::string& token_hash) override {
    return both([&](Repository& one) { return one.session(token_hash); }, present());
  }
  Result<std::vector<Session>> sessions_of(const UserId& user) override {
    return both([&](Repository& one) { return one.sessions_of(user); }, same_size());
  }
  Result<void> erase_session(const std::string& token_hash) override {
    return both([&](Repository& one) { return one.erase_session(token_hash); });
  }
  Result<void> erase_sessions_of(const UserId& user, const std::string& but) override {
    return both([&](Repository& one) { return one.erase_sessions_of(user, but); });
  }
  Result<void> erase_expired_sessions(Instant now) override {
    return both([&](Repository& one) { return one.erase_expired_sessions(now); });
  }
  Result<std::optional<SecondFactor>> second_factor(const UserId& user) override {
    return both([&](Repository& one) { return one.second_factor(user); }, present());
  }
  Result<void> put_second_factor(const SecondFactor& factor,
                                 const std::vector<std::string>& recovery_codes,
                                 const std::optional<OutboxMessage>& tells) override {
    return both(
        [&](Repository& one) { return one.put_second_factor(factor, recovery_codes, tells); });
  }
  Result<bool> take_factor_step(const UserId& user, std::int64_t step,
                                std::int64_t newest) override {
    return both([&](Repository& one) { return one.take_factor_step(user, step, newest); }, equal());
  }
  Result<std::optional<std::int64_t>> take_recovery_code(const UserId& user,
                                                         const std::string& code_hash) override {
    return both([&](Repository& one) { return one.take_recovery_code(user, code_hash); }, equal());
  }
  Result<std::int64_t> recovery_codes_left(const UserId& user) override {
    return both([&](Repository& one) { return one.recovery_codes_left(user); }, equal());
  }
  Result<bool> erase_second_factor(const UserId& user, const OutboxMessage& tells) override {
    return both([&](Repository& one) { return one.erase_second_factor(user, tells); }, equal());
  }
  Result<std::vector<ReceivedKey>> factors_not_wrapped_by(const std::string& key_id,
                                                          std::size_t limit) override {
    return both([&](Repository& one) { return one.factors_not_wrapped_by(key_id, limit); },
                same_size());
  }
  Result<bool> rewrap_factor(const std::string& id, ByteView before, ByteView after) override {
    return both([&](Repository& one) { return one.rewrap_factor(id, before, after); }, equal());
  }
  Result<std::map<UserId, std::int64_t>> taken_since(Instant since) override {
    return both([&](Repository& one) { return one.taken_since(since); }, equal());
  }
  Result<std::optional<SealedTexts>> personal_texts(const UserId& user) override {
    return both([&](Repository& one) { return one.personal_texts(user); }, present());
  }
  Result<bool> put_personal_texts(const SealedTexts& texts) override {
    return both([&](Repository& one) { return one.put_personal_texts(texts); }, equal());
  }
  Result<bool> put_slot(const Slot& slot) override {
    return both([&](Repository& one) { return one.put_slot(slot); }, equal());
  }
  Result<std::vector<Slot>> slots(const UserId& expert, Instant from) override {
    return both([&](Repository& one) { return one.slots(expert, from); }, equal());
  }
  Result<bool> erase_slot(const UserId& expert, const std::string& id) override {
    return both([&](Repository& one) { return one.erase_slot(expert, id); }, equal());
  }
  Result<void> put_access_code(const AccessCode& code, const OutboxMessage& message) override {
    return both([&](Repository& one) { return one.put_access_code(code, message); });
  }
  Result<bool> take_access_code(const UserId& user, const std::string& code_hash,
                                Instant now) override {
    return both([&](Repository& one) { return one.take_access_code(user, code_hash, now); },
                equal());
  }
  Result<bool> begin_attempt(const std::string& mark, Instant now,
                             const AttemptLimit& limit) override {
    return both([&](Repository& one) { return one.begin_attempt(mark, now, limit); }, equal());
  }
  Result<void> forget_attempts(const std::string& mark) override {
    return both([&](Repository& one) { return one.forget_attempts(mark); });
  }
  Result<void> erase_attempts_before(Instant before) override {
    return both([&](Repository& one) { return one.erase_attempts_before(before); });
  }
  Result<std::vector<CaseRow>> case_rows(const CaseRowQuery& query) override {
    return both([&](Repository& one) { return one.case_rows(query); }, equal());
  }
  Result<std::map<ProgrammeId, CaseFigures>> case_figures(Instant now) override {
    return both([&](Repository& one) { return one.case_figures(now); },
                [](const auto& a, const auto& b) {
                  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
                    return x.first == y.first && x.second.by_state == y.second.by_state &&
                           x.second.open_by_time_left == y.second.open_by_time_left &&
                           x.second.events == y.second.events;
                  });
                });
  }
  Result<std::int64_t> pending_of_no_case() override {
    return both([](Repository& one) { return one.pending_of_no_case(); }, equal());
  }
  Result<std::map<std::string, std::int64_t>> outbox_counts() override {
    return both([](Repository& one) { return one.outbox_counts(); }, equal());
  }

 private:
  Repository& model_;
  Repository& database_;
};

}  // namespace telavis::test
