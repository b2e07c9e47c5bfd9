// SPDX-License-Identifier: Apache-2.0
#include "engine/core/ports.h"

namespace telavis {

std::string_view outbox_state_name(OutboxState state) {
  switch (state) {
    case OutboxState::pending:
      return "pending";
    case OutboxState::sent:
      return "sent";
    case OutboxState::dead:
      return "dead";
  }
  return "dead";
}

std::string_view received_exam_state_name(ReceivedExamState state) {
  switch (state) {
    case ReceivedExamState::waiting:
      return "waiting";
    case ReceivedExamState::unreadable:
      return "unreadable";
    case ReceivedExamState::joined:
      return "joined";
    case ReceivedExamState::discarded:
      return "discarded";
    case ReceivedExamState::expired:
      return "expired";
  }
  return "";
}

std::optional<ReceivedExamState> received_exam_state_from_name(std::string_view name) {
  for (const auto state :
       {ReceivedExamState::waiting, ReceivedExamState::unreadable, ReceivedExamState::joined,
        ReceivedExamState::discarded, ReceivedExamState::expired}) {
    if (received_exam_state_name(state) == name) return state;
  }
  return std::nullopt;
}

bool has_bytes(ReceivedExamState state) {
  return state == ReceivedExamState::waiting || state == ReceivedExamState::unreadable;
}

std::string revision_words(const Revision& revision) {
  return revision.id + " v" + std::to_string(revision.version) + " " +
         hash_of_fields({revision.definition});
}

Result<void> check_commit(const Commit& commit) {
  if (commit.event_id.empty()) return fail(ErrorCode::internal, "a commit without an event id");
  if (commit.next.version != commit.expected_version + 1)
    return fail(ErrorCode::internal, "a commit must carry the next version of its case");
  if (!commit.acts.empty() && !commit.next.opinion)
    return fail(ErrorCode::internal, "acts without an opinion");
  for (const AuditEntry& entry : commit.audit) {
    if (entry.chain != commit.next.id.value)
      return fail(ErrorCode::internal, "an audit entry of another case");
  }
  if (!commit.audit.empty() && (commit.audit.back().sequence != commit.next.audit.length ||
                                commit.audit.back().hash != commit.next.audit.hash))
    return fail(ErrorCode::internal, "the audit entries do not end at the head of the case");
  return {};
}

}  // namespace telavis
