// SPDX-License-Identifier: Apache-2.0
// What people ask the engine to do.
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>

#include "engine/core/service.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxKeyBytes = 200;  // a UUID has 36
constexpr std::size_t kMinReason = 10;     // characters of a referent's reason
constexpr std::size_t kMaxReason = 1'000;
constexpr std::size_t kNumberBytes = 5;  // 40 random bits: 8 characters
constexpr Duration kReferentAccess = std::chrono::hours(1);

// Reasons are codes, so that no free text reaches the audit.
constexpr std::array<std::string_view, 4> kDeclineReasons = {"conflict_of_interest", "unavailable",
                                                             "not_my_field", "other"};
constexpr std::array<std::string_view, 4> kCancelReasons = {"resolved_otherwise", "sent_by_mistake",
                                                            "patient_withdrew", "other"};

Result<void> check_reason(std::string_view code, const std::array<std::string_view, 4>& known) {
  if (std::find(known.begin(), known.end(), code) != known.end()) return {};
  std::string list;
  for (const std::string_view word : known) list += (list.empty() ? "" : ", ") + std::string(word);
  return fail(ErrorCode::invalid_field, "'reason' must be one of: " + list + ".");
}

Result<void> check_key(std::string_view key) {
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (key.empty() || key.size() > kMaxKeyBytes || !visible) {
    return fail(ErrorCode::idempotency_key_missing,
                "Send an Idempotency-Key header: 1 to 200 visible ASCII characters, new for each "
                "command and the same when it is repeated.");
  }
  return {};
}

/// The stored answer of the first time, or a refusal when the body is another one.
Result<Receipt> replay(const std::string& answer, const std::string& stored_hash,
                       const std::string& request_hash) {
  if (stored_hash != request_hash) {
    return fail(ErrorCode::idempotency_key_reused,
                "This Idempotency-Key was used for another request: take a new key.");
  }
  return Receipt{answer, true};
}

Result<Receipt> receipt_of(const AppliedEvent& applied, const std::string& request_hash) {
  if (applied.outcome == CommitOutcome::committed) return Receipt{applied.answer, false};
  return replay(applied.answer, applied.request_hash, request_hash);
}

/// Keys are the client's words: only their hash becomes part of an event id.
std::string http_event_id(const User& actor, std::string_view route, std::string_view key) {
  return fmt::format("http/{}/{}/{}", actor.id.value, route, hash_hex(key));
}

std::string upload_hash(std::string_view request_json, const std::vector<UploadedFile>& files) {
  std::string all = hash_hex(request_json);
  for (const UploadedFile& file : files) all += hash_hex(file.bytes);
  return hash_hex(all);
}

}  // namespace

Result<Receipt> Service::submit(const User& actor, std::string_view key,
                                std::string_view request_json,
                                const std::vector<UploadedFile>& files) {
  return audited(actor, "submit", submit_checked(actor, key, request_json, files));
}

Result<Receipt> Service::submit_checked(const User& actor, std::string_view key,
                                        std::string_view request_json,
                                        const std::vector<UploadedFile>& files) {
  if (const auto usable = check_key(key); !usable) return tl::unexpected(usable.error());
  const std::string event_id = http_event_id(actor, "cases", key);
  const std::string request_hash = upload_hash(request_json, files);
  const auto known = ports_.repository.find_event(event_id);
  if (!known) return tl::unexpected(known.error());
  if (*known) return replay((*known)->answer, (*known)->request_hash, request_hash);

  auto request = parse_case_request(request_json);
  if (!request) return tl::unexpected(request.error());
  const auto programme = ports_.repository.programme(request->programme);
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme) {
    return fail(ErrorCode::unknown_programme,
                "There is no such programme: ask for the list at /api/v1/programmes.");
  }
  if (!actor.has(Role::requester, request->programme)) {
    return fail(ErrorCode::forbidden, "You are not enrolled as a requester of this programme.");
  }
  const auto exams = take_in(*request, **programme, files, ports_);
  if (!exams) return tl::unexpected(exams.error());
  const auto local = local_time(ports_.clock.now(), (*programme)->time_zone);
  if (!local) return tl::unexpected(local.error());

  event::Submit submission;
  Case& draft = submission.draft;
  submission.sla = (*programme)->sla;
  draft.id = CaseId(random_id(ports_.random, 16));
  draft.number = "TE-" + local->date.substr(0, 4) + "-" + random_id(ports_.random, kNumberBytes);
  for (char& c : draft.number) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  draft.programme = request->programme;
  draft.programme_version = (*programme)->version;
  draft.requester = actor.id;
  for (const ArchivedExam& exam : *exams) {
    draft.exams.push_back(summary_of(exam.normalised.exam));
  }
  const Key data_key = random_key(ports_.random);
  draft.wrapped_key = applier_.wrap(draft.id, data_key);
  draft.sealed_request = seal(data_key, ports_.random, "request/" + draft.id.value,
                              as_bytes(case_request_json(*request)));
  draft.exam_blob = BlobRef(draft.id.value + "-exams");
  const Bytes sealed = seal_stream(data_key, "exams/" + draft.id.value, pack_exams(*exams));
  // Durable before the commit that names it: a crash between the two leaves an orphan, not a hole.
  if (const auto put = ports_.blobs.put(draft.exam_blob, sealed); !put) {
    return tl::unexpected(put.error());
  }
  const CaseId id = draft.id;
  const auto applied = applier_.apply(
      {event_id, request_hash, id, actor.id, std::move(submission), std::nullopt, {}, {}});
  if (!applied) return tl::unexpected(applied.error());
  return receipt_of(*applied, request_hash);
}

Result<Receipt> Service::command(const User& actor, std::string_view route, std::string_view key,
                                 const CaseId& id, std::string_view body, EventToApply event) {
  if (const auto usable = check_key(key); !usable) return tl::unexpected(usable.error());
  event.id = http_event_id(actor, fmt::format("{}/{}", id.value, route), key);
  event.request_hash = hash_hex(body);
  event.case_id = id;
  event.actor = actor.id;
  const auto known = ports_.repository.find_event(event.id);
  if (!known) return tl::unexpected(known.error());
  if (*known) return replay((*known)->answer, (*known)->request_hash, event.request_hash);
  const auto may_know = [&](const Case& subject) -> Result<void> {
    if (access(actor, subject) != CaseAccess::none) return {};
    return fail(ErrorCode::not_found, "There is no such case, or it is not yours.");
  };
  const auto applied = applier_.apply(event, may_know);
  if (!applied) return tl::unexpected(applied.error());
  return receipt_of(*applied, event.request_hash);
}

Result<Receipt> Service::accept(const User& actor, std::string_view key, const CaseId& id) {
  EventToApply event;
  event.body = event::Accept{};
  return audited(actor, "accept", command(actor, "accept", key, id, "", std::move(event)));
}

Result<Receipt> Service::decline(const User& actor, std::string_view key, const CaseId& id,
                                 std::string_view reason_code) {
  if (const auto known = check_reason(reason_code, kDeclineReasons); !known) {
    return audited<Receipt>(actor, "decline", tl::unexpected(known.error()));
  }
  EventToApply event;
  event.body = event::Decline{std::string(reason_code)};
  return audited(actor, "decline",
                 command(actor, "decline", key, id, reason_code, std::move(event)));
}

Result<Receipt> Service::cancel(const User& actor, std::string_view key, const CaseId& id,
                                std::string_view reason_code) {
  if (const auto known = check_reason(reason_code, kCancelReasons); !known) {
    return audited<Receipt>(actor, "cancel", tl::unexpected(known.error()));
  }
  EventToApply event;
  event.body = event::Cancel{std::string(reason_code)};
  return audited(actor, "cancel", command(actor, "cancel", key, id, reason_code, std::move(event)));
}

Result<Receipt> Service::answer(const User& actor, std::string_view key, const CaseId& id,
                                std::string_view opinion_text) {
  const auto run = [&]() -> Result<Receipt> {
    const auto subject = case_with_access(actor, id, CaseAccess::content);
    if (!subject) return tl::unexpected(subject.error());
    const auto opinion = parse_opinion(opinion_text);
    if (!opinion) return tl::unexpected(opinion.error());
    const auto data_key = applier_.data_key(*subject);
    if (!data_key) return tl::unexpected(data_key.error());
    const std::string canonical = opinion_json(*opinion);
    EventToApply event;
    event.at = ports_.clock.now();
    event.body =
        event::Sign{opinion_hash(id, actor.id, *event.at, canonical),
                    seal(*data_key, ports_.random, "opinion/" + id.value, as_bytes(canonical))};
    return command(actor, "opinion", key, id, opinion_text, std::move(event));
  };
  return audited(actor, "opinion", run());
}

Result<Receipt> Service::open_as_referent(const User& actor, std::string_view key, const CaseId& id,
                                          std::string_view reason) {
  const auto run = [&]() -> Result<Receipt> {
    const auto subject = case_with_access(actor, id, CaseAccess::figures);
    if (!subject) return tl::unexpected(subject.error());
    if (!actor.has(Role::medical_referent, subject->programme)) {
      return fail(ErrorCode::forbidden, "Only the medical referent of the programme opens a case.");
    }
    if (reason.size() < kMinReason || reason.size() > kMaxReason) {
      return fail(ErrorCode::invalid_field, "'reason' must have 10 to 1,000 characters.");
    }
    const auto data_key = applier_.data_key(*subject);
    if (!data_key) return tl::unexpected(data_key.error());
    EventToApply event;
    event.body = event::ReferentOpened{
        ports_.clock.now() + kReferentAccess,
        to_hex(seal(*data_key, ports_.random, "referent/" + id.value, as_bytes(reason)))};
    return command(actor, "open", key, id, reason, std::move(event));
  };
  return audited(actor, "open_as_referent", run());
}

}  // namespace telavis
