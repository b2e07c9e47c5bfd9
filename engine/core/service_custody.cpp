// SPDX-License-Identifier: Apache-2.0
// The case as a file: its erasure, the reasons of the staff, and the master keys.
#include <utility>

#include "engine/core/access_desk.h"
#include "engine/core/received_exam.h"
#include "engine/core/received_mail.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

Result<bool> rewrap_mail(const ServicePorts& ports, const ReceivedKey& key, const KeyRing& ring) {
  const auto after = rewrapped_received(key, ring, ports.random);
  if (!after) return tl::unexpected(after.error());
  return ports.repository.rewrap_received(key.id, key.wrapped, *after);
}

Result<bool> rewrap_exam(const ServicePorts& ports, const ReceivedKey& key, const KeyRing& ring) {
  const auto after = rewrapped_exam(key, ring, ports.random);
  if (!after) return tl::unexpected(after.error());
  return ports.repository.rewrap_exam(key.id, key.wrapped, *after);
}

Result<bool> rewrap_factor(const ServicePorts& ports, const ReceivedKey& key, const KeyRing& ring) {
  const std::string bound_to = factor_bound_to(UserId(key.id));
  const auto seed = ring.unwrap(bound_to, key.wrapped);
  if (!seed) return tl::unexpected(seed.error());
  return ports.repository.rewrap_factor(key.id, key.wrapped,
                                        ring.wrap(ports.random, bound_to, *seed));
}

}  // namespace

Result<void> Service::fire_erasure(const Case& subject, EventToApply event) {
  const auto applied = applier_.apply(event, subject);
  if (!applied) return unless_overtaken(applied);
  return erase_blobs(subject);
}

Result<void> Service::erase_blobs(const Case& before) {
  // The key is gone already: what is left of the files is unreadable wherever a copy may be, and
  // after a crash the sweep of orphans takes them.
  for (const BlobRef& blob : blobs_of(before)) {
    if (auto erased = ports_.blobs.erase(blob); !erased) return erased;
  }
  return {};
}

Result<std::vector<StaffReasonText>> Service::staff_reasons(const User& actor, const CaseId& id) {
  const auto run = [&]() -> Result<std::vector<StaffReasonText>> {
    const auto subject = case_with_access(actor, id, CaseAccess::figures);
    if (!subject) return tl::unexpected(subject.error());
    if (!looks_after(actor, *subject)) {
      return fail(ErrorCode::forbidden,
                  "These reasons are for the coordinator and the medical referent of the "
                  "programme.");
    }
    const auto key = applier_.data_key(*subject);
    if (!key) return tl::unexpected(key.error());
    std::vector<StaffReasonText> reasons;
    for (const StaffReason& reason : subject->staff_reasons) {
      const auto text = unseal(*key, "staff/" + id.value, reason.sealed);
      if (!text) return tl::unexpected(text.error());
      reasons.push_back({reason.action, reason.by, reason.at, std::string(as_text(*text))});
    }
    const auto recorded = record_read(actor, id, event::ContentRead{"staff_reasons"});
    if (!recorded) return tl::unexpected(recorded.error());
    return reasons;
  };
  return audited(actor, "staff_reasons", run());
}

// ---- master keys --------------------------------------------------------------------------------

Result<bool> Service::rewrap_one(const CaseId& id, const KeyRing& ring) {
  const auto subject = ports_.repository.load_case(id);
  if (!subject) return tl::unexpected(subject.error());
  if (!*subject || (*subject)->wrapped_key.empty()) return false;  // erased meanwhile
  const Bytes& before = (*subject)->wrapped_key;
  const std::string bound_to = "data-key/" + id.value;
  const auto key = ring.unwrap(bound_to, before);
  if (!key) return tl::unexpected(key.error());
  // A command that read the case before may write the older one again: it is found once more.
  return ports_.repository.rewrap(id, before, ring.wrap(ports_.random, bound_to, *key));
}

Result<int> Service::rewrap(std::size_t limit) {
  const auto ring = ring_.get();
  const auto ids = ports_.repository.cases_not_wrapped_by(ring->current_id(), limit);
  if (!ids) return tl::unexpected(ids.error());
  const auto mails = ports_.repository.received_not_wrapped_by(ring->current_id(), limit);
  if (!mails) return tl::unexpected(mails.error());
  const auto exams = ports_.repository.exams_not_wrapped_by(ring->current_id(), limit);
  if (!exams) return tl::unexpected(exams.error());
  const auto factors = ports_.repository.factors_not_wrapped_by(ring->current_id(), limit);
  if (!factors) return tl::unexpected(factors.error());
  int wrapped = 0;
  std::optional<Error> first_error;
  const auto count = [&](const Result<bool>& done) {
    if (done) {
      wrapped += *done ? 1 : 0;
    } else if (!first_error) {
      first_error = done.error();
    }
  };
  for (const CaseId& id : *ids) count(rewrap_one(id, *ring));
  for (const ReceivedKey& key : *mails) count(rewrap_mail(ports_, key, *ring));
  for (const ReceivedKey& key : *exams) count(rewrap_exam(ports_, key, *ring));
  for (const ReceivedKey& key : *factors) count(rewrap_factor(ports_, key, *ring));
  if (first_error) return tl::unexpected(*first_error);
  return wrapped;
}

}  // namespace telavis
