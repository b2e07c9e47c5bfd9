// SPDX-License-Identifier: Apache-2.0
// What people ask the engine to do with a case.
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "engine/core/close_out.h"
#include "engine/core/json_reader.h"
#include "engine/core/outcome.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxKeyBytes = 200;  // a UUID has 36
constexpr std::size_t kMinReason = 10;     // characters of a referent's reason
constexpr std::size_t kMaxReason = 1'000;
constexpr std::size_t kMaxReasonCode = 100;
constexpr std::size_t kMaxDialogueText = 8'000;  // bytes; a longer letter comes as a file
constexpr std::size_t kMaxDraft = 8 * kMaxTextBytes;
constexpr Duration kReferentAccess = std::chrono::hours(1);

// Reasons are codes, so that no free text reaches the audit.
const std::vector<std::string_view> kDeclineReasons = {"conflict_of_interest", "unavailable",
                                                       "not_my_field", "other"};
const std::vector<std::string_view> kCancelReasons = {"resolved_otherwise", "sent_by_mistake",
                                                      "patient_withdrew",   "sent_to_emergency",
                                                      "seen_in_person",     "other"};
const std::vector<std::string_view> kReassignReasons = {"requester_choice", "expert_choice",
                                                        "nobody_eligible", "no_answer", "other"};

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

std::string command_hash(std::string_view body, const std::vector<UploadedFile>& files) {
  std::string all = hash_hex(body);
  for (const UploadedFile& file : files) all += hash_hex(file.bytes);
  return hash_hex(all);
}

Result<std::string> reason_of(std::string_view body, const std::vector<std::string_view>& known) {
  JsonReader json(body);
  std::string reason = json.choice("reason", known);
  if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  return reason;
}

/// A withdrawal is a document for the patient's record, whichever way it was said. A case has one:
/// it needs no limit against loops.
std::vector<MessageDraft> withdrawal_noted(const Case& withdrawn) {
  return {{MessageKind::refusal,
           withdrawn.requester,
           {},
           {},
           {},
           message(kMailLanguage, "refusal.withdrawn")}};
}

}  // namespace

Result<void> check_referent_reason(std::string_view reason) {
  if (reason.size() >= kMinReason && reason.size() <= kMaxReason) return {};
  return fail(ErrorCode::invalid_field, "'reason' must have 10 to 1,000 characters.");
}

// ---- the door -----------------------------------------------------------------------------------

Result<std::optional<Receipt>> Service::known_answer(const User& actor, std::string_view route,
                                                     std::string_view key, EventToApply& event) {
  if (const auto usable = check_key(key); !usable) return tl::unexpected(usable.error());
  // Keys are the client's words: only their hash becomes part of an event id.
  event.id = fmt::format("http/{}/{}/{}", actor.id.value, route, hash_hex(key));
  event.actor = actor.id;
  const auto known = ports_.repository.find_event(event.id);
  if (!known) return tl::unexpected(known.error());
  if (!*known) return std::nullopt;
  auto receipt = replay((*known)->answer, (*known)->request_hash, event.request_hash);
  if (!receipt) return tl::unexpected(receipt.error());
  return std::move(*receipt);
}

Result<Receipt> Service::apply_command(const EventToApply& event, std::optional<Case> loaded,
                                       const EventApplier::Check& check) {
  const auto applied = applier_.apply(event, std::move(loaded), check);
  if (!applied) return tl::unexpected(applied.error());
  if (applied->outcome == CommitOutcome::committed) return Receipt{applied->answer, false};
  return replay(applied->answer, applied->request_hash, event.request_hash);
}

Result<Receipt> Service::command(const User& actor, std::string_view name, std::string_view key,
                                 const CaseId& id, std::string_view body,
                                 const std::vector<UploadedFile>& files) {
  const CaseCommand* found = find_case_command(name);
  if (found == nullptr) {
    return audited<Receipt>(actor, "unknown_command",
                            fail(ErrorCode::not_found, "There is no such command of a case."));
  }
  return audited(actor, name, command_checked(actor, *found, key, id, body, files));
}

Result<Receipt> Service::command_checked(const User& actor, const CaseCommand& command,
                                         std::string_view key, const CaseId& id,
                                         std::string_view body,
                                         const std::vector<UploadedFile>& files) {
  EventToApply event;
  event.request_hash = command_hash(body, files);
  const auto known = known_answer(actor, fmt::format("{}/{}", id.value, command.name), key, event);
  if (!known) return tl::unexpected(known.error());
  if (*known) return **known;
  return run_command({std::move(event), actor, command.name, id, body, files}, command);
}

Result<Receipt> Service::run_command(CommandToRun run, const CaseCommand& command) {
  const User& actor = run.actor;
  EventToApply& event = run.event;
  auto subject = ports_.repository.load_case(run.id);
  if (!subject) return tl::unexpected(subject.error());
  if (!*subject) {
    return tl::unexpected(check_access(nullptr, CaseAccess::none, command.least).error());
  }
  const auto role = part_in(actor, **subject, command);
  if (!role) return tl::unexpected(role.error());
  if ((*subject)->wrapped_key.empty()) {
    return fail(ErrorCode::state_conflict,
                "The content of this case was erased: nothing can be done with it any more.");
  }
  if (!run.files.empty() && !command.takes_files) {
    return fail(ErrorCode::malformed_request, "This command takes no files.");
  }
  const auto data_key = applier_.data_key(**subject);
  if (!data_key) return tl::unexpected(data_key.error());
  event.case_id = run.id;
  event.actor = actor.id;
  event.role = *role;
  event.at = ports_.clock.now();
  auto read =
      (this->*body_reader(command.name))({actor, **subject, *data_key, run.body, run.files,
                                          *event.at, event.patient_marks, event.joins, run.mail});
  if (!read) return tl::unexpected(read.error());
  event.body = std::move(*read);
  if (std::holds_alternative<event::Cancel>(event.body)) event.replies = withdrawal_noted;
  const auto same_part = [&](const Case& changed) -> Result<void> {
    const auto part = part_in(actor, changed, command);
    if (!part) return tl::unexpected(part.error());
    if (*part == *event.role) return {};
    return fail(ErrorCode::forbidden, "Your part in this case has just changed: load it again.");
  };
  const bool erases = std::holds_alternative<event::ApproveErasure>(event.body);
  const Case before = erases ? **subject : Case();
  auto receipt = apply_command(event, std::move(*subject), same_part);
  if (receipt && erases) {
    if (const auto erased = erase_blobs(before); !erased) return tl::unexpected(erased.error());
  }
  return receipt;
}

Result<Role> Service::part_in(const User& actor, const Case& subject,
                              const CaseCommand& command) const {
  const CaseAccess granted = access(actor, subject);
  if (granted < CaseAccess::coded && reaches_decision(actor, subject, command)) {
    return Role::expert;
  }
  if (const auto seen = check_access(&subject, granted, command.least); !seen) {
    return tl::unexpected(seen.error());
  }
  const auto role = acting_role(actor, subject, command);
  if (!role) return fail(ErrorCode::forbidden, "Your part in this case does not allow this.");
  return *role;
}

Service::BodyReader Service::body_reader(std::string_view command) {
  struct Row {
    std::string_view command;
    BodyReader reader;
  };
  static constexpr auto kRows =
      std::to_array<Row>({{"complete", &Service::read_complete},
                          {"resume", &Service::read_resume},
                          {"info", &Service::read_info},
                          {"wait", &Service::read_nothing<event::WaitOn>},
                          {"transfer", &Service::read_transfer},
                          {"cancel", &Service::read_cancel},
                          {"acknowledge", &Service::read_nothing<event::Acknowledge>},
                          {"patient-informed", &Service::read_patient_informed},
                          {"follow-up", &Service::read_dialogue<event::FollowUp>},
                          {"close-out", &Service::read_close_out},
                          {"outcome", &Service::read_outcome},
                          {"call", &Service::read_dialogue<event::LogCall>},
                          {"appointment", &Service::read_appointment},
                          {"accept", &Service::read_nothing<event::Accept>},
                          {"decline", &Service::read_decline},
                          {"give-back", &Service::read_give_back},
                          {"need-info", &Service::read_dialogue<event::NeedInfo>},
                          {"draft", &Service::read_draft},
                          {"opinion", &Service::read_opinion},
                          {"take-opinion-back", &Service::read_nothing<event::TakeOpinionBack>},
                          {"correct", &Service::read_correction},
                          {"follow-up-answer", &Service::read_dialogue<event::FollowUpAnswer>},
                          {"reassign", &Service::read_reassign},
                          {"request-erasure", &Service::read_reason<event::RequestErasure>},
                          {"approve-erasure", &Service::read_nothing<event::ApproveErasure>},
                          {"withdraw-erasure", &Service::read_nothing<event::WithdrawErasure>},
                          {"hold", &Service::read_reason<event::Hold>},
                          {"release-hold", &Service::read_reason<event::ReleaseHold>},
                          {"restrict", &Service::read_reason<event::Restrict>},
                          {"lift-restriction", &Service::read_nothing<event::LiftRestriction>}});
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [&](const Row& one) { return one.command == command; });
  return row == kRows.end() ? nullptr : row->reader;
}

// ---- bodies -------------------------------------------------------------------------------------

template <typename Body>
Result<EventBody> Service::read_nothing(const CommandCall& call) {
  if (!call.body.empty()) {
    JsonReader json(call.body);
    if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  }
  return Body{};
}

Bytes Service::sealed_dialogue(const CommandCall& call, std::string_view text) {
  return seal(call.data_key, ports_.random, "dialogue/" + call.subject.id.value, as_bytes(text));
}

Result<Bytes> Service::sealed_text(const CommandCall& call) {
  JsonReader json(call.body);
  const std::string text = json.text("text", kMaxDialogueText);
  if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  return sealed_dialogue(call, text);
}

template <typename Body>
Result<EventBody> Service::read_dialogue(const CommandCall& call) {
  auto sealed = sealed_text(call);
  if (!sealed) return tl::unexpected(sealed.error());
  return Body{std::move(*sealed)};
}

template <typename Body>
Result<EventBody> Service::read_reason(const CommandCall& call) {
  JsonReader json(call.body);
  const std::string reason = json.text("reason", kMaxReason);
  if (reason.size() < kMinReason) json.wrong("reason", "must have at least 10 characters");
  if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  return Body{
      seal(call.data_key, ports_.random, "staff/" + call.subject.id.value, as_bytes(reason))};
}

Result<EventBody> Service::read_transfer(const CommandCall& call) {
  JsonReader json(call.body);
  const ProgrammeId id(json.text("programme", kMaxReasonCode));
  if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  const auto programme = ports_.repository.programme(id);
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme || id == call.subject.programme) {
    return fail(ErrorCode::unknown_programme,
                "'programme' must be another programme that you are enrolled in.");
  }
  if (const auto may = check_requester(call.actor, **programme); !may) {
    return tl::unexpected(may.error());
  }
  const auto old = applier_.programme_of(call.subject);
  if (!old) return tl::unexpected(old.error());
  if (old->speciality != (*programme)->speciality) {
    return fail(ErrorCode::invalid_field,
                "'programme' must be of the same speciality: its form asks for other things.");
  }
  const auto request = applier_.request_of(call.subject);
  if (!request) return tl::unexpected(request.error());
  return event::Transfer{id, (*programme)->version, plan_of(**programme, request->reason)};
}

Result<EventBody> Service::read_cancel(const CommandCall& call) {
  auto reason = reason_of(call.body, kCancelReasons);
  if (!reason) return tl::unexpected(reason.error());
  return event::Cancel{std::move(*reason)};
}

Result<EventBody> Service::read_decline(const CommandCall& call) {
  auto reason = reason_of(call.body, kDeclineReasons);
  if (!reason) return tl::unexpected(reason.error());
  return event::Decline{std::move(*reason)};
}

Result<EventBody> Service::read_give_back(const CommandCall& call) {
  auto reason = reason_of(call.body, kDeclineReasons);
  if (!reason) return tl::unexpected(reason.error());
  return event::GiveBack{std::move(*reason)};
}

Result<EventBody> Service::read_close_out(const CommandCall& call) {
  const auto answers = parse_close_out(call.body);
  if (!answers) return tl::unexpected(answers.error());
  return event::CloseOut{sealed_dialogue(call, *answers)};
}

Result<EventBody> Service::read_outcome(const CommandCall& call) {
  const auto outcome = parse_outcome(call.body);
  if (!outcome) return tl::unexpected(outcome.error());
  return event::RecordOutcome{sealed_dialogue(call, outcome->json), outcome->is_known};
}

Result<EventBody> Service::read_appointment(const CommandCall& call) {
  namespace json = boost::json;
  JsonReader reader(call.body);
  const std::string date = reader.optional_text("date", 10);
  const std::string reason = reader.optional_text("reason", kMaxDialogueText);
  if (date.empty() == reason.empty()) {
    reader.wrong("date", "must be given, or 'reason' in its place");
  } else if (!date.empty() && !is_iso_date(date)) {
    reader.wrong("date", "must be a date like 2026-03-02");
  }
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  json::object said;
  said[date.empty() ? "reason" : "date"] = date.empty() ? reason : date;
  return event::SetAppointment{sealed_dialogue(call, json::serialize(said))};
}

Result<EventBody> Service::read_draft(const CommandCall& call) {
  // Unfinished: any JSON object of a sane size; only its author reads it again.
  if (call.body.size() > kMaxDraft) {
    return fail(ErrorCode::limit_exceeded, "This draft is longer than an opinion may be.");
  }
  boost::system::error_code wrong;
  const auto parsed = boost::json::parse(call.body, wrong);
  if (wrong || !parsed.is_object()) {
    return fail(ErrorCode::malformed_request, "A draft is a JSON object.");
  }
  return event::SaveDraft{
      seal(call.data_key, ports_.random, "opinion/" + call.subject.id.value, as_bytes(call.body))};
}

Result<EventBody> Service::read_opinion(const CommandCall& call) {
  return signed_opinion(call, call.body, "");
}

Result<EventBody> Service::read_correction(const CommandCall& call) {
  boost::system::error_code wrong;
  auto parsed = boost::json::parse(call.body, wrong);
  const auto* object = wrong ? nullptr : parsed.if_object();
  const auto* corrects = object == nullptr ? nullptr : object->if_contains("corrects");
  if (corrects == nullptr || !corrects->is_string() || corrects->as_string().empty()) {
    return fail(ErrorCode::missing_field,
                "'corrects' must be the hash of the opinion that this one replaces.");
  }
  const std::string hash(corrects->as_string());
  parsed.as_object().erase("corrects");
  return signed_opinion(call, boost::json::serialize(parsed), hash);
}

Result<EventBody> Service::signed_opinion(const CommandCall& call, std::string_view text,
                                          std::string corrects) {
  auto opinion = parse_opinion(text);
  if (!opinion) return tl::unexpected(opinion.error());
  if (const auto filled = fill_in_slots(call, *opinion); !filled) {
    return tl::unexpected(filled.error());
  }
  const std::string canonical = opinion_json(*opinion);
  event::Sign body;
  body.hash = opinion_hash(call.subject.id, call.actor.id, call.now, canonical);
  body.sealed =
      seal(call.data_key, ports_.random, "opinion/" + call.subject.id.value, as_bytes(canonical));
  body.marks = marks_of(*opinion);
  body.by_mail = call.mail != nullptr;
  body.corrects = std::move(corrects);
  for (const OfferedSlot& slot : opinion->slots) body.slots.push_back(slot.id);
  return body;
}

Result<void> Service::fill_in_slots(const CommandCall& call, OpinionText& opinion) {
  if (opinion.slots.empty()) return {};
  const auto own = ports_.repository.slots(call.actor.id, call.now);
  if (!own) return tl::unexpected(own.error());
  for (OfferedSlot& offered : opinion.slots) {
    const auto slot = std::find_if(own->begin(), own->end(),
                                   [&](const Slot& one) { return one.id == offered.id; });
    const bool free =
        slot != own->end() && (slot->offered_in.empty() || slot->offered_in == call.subject.id);
    if (!free) {
      return fail(ErrorCode::invalid_field,
                  "'slots' names an appointment that is past, gone, or offered in another opinion: "
                  "choose again.");
    }
    offered = {slot->id, slot->starts_at, slot->place, slot->booking};
  }
  return {};
}

Result<EventBody> Service::read_reassign(const CommandCall& call) {
  JsonReader json(call.body);
  const UserId id(json.text("expert", kMaxReasonCode));
  const std::string reason = json.choice("reason", kReassignReasons);
  if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  const auto expert = ports_.repository.user(id);
  if (!expert) return tl::unexpected(expert.error());
  if (!*expert || !(*expert)->has(Role::expert, call.subject.programme)) {
    return fail(ErrorCode::invalid_field, "'expert' must be an expert of this programme.");
  }
  const auto programme = applier_.programme_of(call.subject);
  if (!programme) return tl::unexpected(programme.error());
  const auto chosen = offer_by_name(call.subject, *programme, **expert, call.now);
  if (!chosen) return tl::unexpected(chosen.error());
  return event::Reassign{*chosen, reason};
}

Result<Receipt> Service::open_as_referent(const User& actor, std::string_view key, const CaseId& id,
                                          std::string_view reason) {
  const auto run = [&]() -> Result<Receipt> {
    EventToApply event;
    event.request_hash = command_hash(reason, {});
    const auto known = known_answer(actor, id.value + "/open", key, event);
    if (!known) return tl::unexpected(known.error());
    if (*known) return **known;
    auto subject = case_with_access(actor, id, CaseAccess::figures);
    if (!subject) return tl::unexpected(subject.error());
    if (!actor.has(Role::medical_referent, subject->programme)) {
      return fail(ErrorCode::forbidden, "Only the medical referent of the programme opens a case.");
    }
    if (const auto said = check_referent_reason(reason); !said) {
      return tl::unexpected(said.error());
    }
    const auto data_key = applier_.data_key(*subject);
    if (!data_key) return tl::unexpected(data_key.error());
    event.case_id = id;
    event.role = Role::medical_referent;
    event.at = ports_.clock.now();
    event.body = event::ReferentOpened{
        *event.at + kReferentAccess,
        to_hex(seal(*data_key, ports_.random, "referent/" + id.value, as_bytes(reason)))};
    return apply_command(event, std::move(*subject), {});
  };
  return audited(actor, "open_as_referent", run());
}

}  // namespace telavis
