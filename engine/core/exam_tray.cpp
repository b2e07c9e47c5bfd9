// SPDX-License-Identifier: Apache-2.0
#include "engine/core/exam_tray.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/service.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kIdBytes = 16;
// A cart that was returned is switched off the same day; five are no mistake any more.
constexpr int kRefusalsUntilAlert = 5;
constexpr Duration kRefusalsCountedFor = std::chrono::hours(1);
// A cart asks every few seconds: the same list is one reading of the hour.
constexpr Duration kWorklistReadFor = std::chrono::hours(1);
constexpr std::size_t kMaxTokenDigits = 16;  // of a hash, for the audit

tl::unexpected<Error> not_there() {
  return fail(ErrorCode::not_found,
              "There is no such exam in your tray: it may be in a case already.");
}

/// What the audit says of a claim: never the token itself.
std::string words_of(const DeviceClaim& claim) {
  const std::string name = claim.proof == DeviceProof::token
                               ? hash_hex(claim.name).substr(0, kMaxTokenDigits)
                               : claim.name;
  return fmt::format("{}:{}", device_proof_name(claim.proof), name);
}

}  // namespace

// ---- devices ------------------------------------------------------------------------------------

Result<std::optional<LentDevice>> ExamTray::device_of(const DeviceClaim& claim) {
  switch (claim.proof) {
    case DeviceProof::ae_title:
      return ports_.repository.device_by_ae_title(claim.name);
    case DeviceProof::token:
      return ports_.repository.device_by_token(device_token_hash(claim.name));
    case DeviceProof::folder:
      return ports_.repository.device(claim.name);
  }
  return std::nullopt;
}

Result<SendingDevice> ExamTray::admit_checked(const DeviceClaim& claim) {
  const auto device = device_of(claim);
  if (!device) return tl::unexpected(device.error());
  if (!*device) {
    return fail(ErrorCode::forbidden,
                "This device is not on the association's register: have it entered there.");
  }
  if (!(*device)->may_send()) {
    return fail(ErrorCode::forbidden,
                "This device is suspended, or lent to nobody: ask the association.");
  }
  const bool has_certificate = (*device)->certificate.empty() ||
                               claim.proof != DeviceProof::ae_title ||
                               (*device)->certificate == claim.certificate;
  if (!has_certificate) {
    return fail(ErrorCode::forbidden,
                "This device must send over TLS with the certificate on file: ask the association "
                "when it was renewed.");
  }
  const auto holder = ports_.repository.user(*(*device)->holder);
  if (!holder) return tl::unexpected(holder.error());
  if (!*holder || !(*holder)->has(Role::requester, (*device)->programme)) {
    return fail(ErrorCode::forbidden,
                "The doctor who holds this device is no requester of its programme: ask the "
                "association.");
  }
  return SendingDevice{(*device)->id, *(*device)->holder, (*device)->programme};
}

Result<SendingDevice> ExamTray::admit(const DeviceClaim& claim) {
  auto admitted = admit_checked(claim);
  if (!admitted && admitted.error().code == ErrorCode::forbidden) {
    service_.audit_refusal(words_of(claim), "device", admitted.error());
    count_refusal(claim);
  }
  return admitted;
}

void ExamTray::count_refusal(const DeviceClaim& claim) {
  const Instant now = ports_.clock.now();
  const auto device = device_of(claim);
  {
    const std::lock_guard lock(mutex_);
    refused_[std::string(device_proof_name(claim.proof))] += 1;
    // Of a device that nobody knows there is no coordinator to tell: the figure and the audit do.
    if (!device || !*device) return;
    Refusals& refusals = refusals_of_[(*device)->id];
    if (now - refusals.since >= kRefusalsCountedFor) refusals = {now, 0};
    if (++refusals.count != kRefusalsUntilAlert) return;
  }
  const auto programme = ports_.repository.programme((*device)->programme);
  const auto today = to_epoch_ms(now) / std::chrono::milliseconds(std::chrono::days(1)).count();
  if (!programme || !*programme) return;
  const auto told =
      service_.alert_staff(**programme, Role::coordinator, MessageKind::device_alert, (*device)->id,
                           fmt::format("device/{}/{}", (*device)->id, today));
  // The refusal stands, and is audited; the next hour tries again.
  if (!told) service_.audit_refusal("engine", "device_alert", told.error());
}

std::map<std::string, std::int64_t> ExamTray::refused_claims() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

Result<void> ExamTray::check_share(const SendingDevice& from, std::size_t bytes) {
  const TrayRules& rules = ports_.tray_rules;
  const Instant now = ports_.clock.now();
  const auto hour = ports_.repository.sent_by_device(from.id, now - std::chrono::hours(1));
  if (!hour) return tl::unexpected(hour.error());
  const auto day = ports_.repository.sent_by_device(from.id, now - std::chrono::hours(24));
  if (!day) return tl::unexpected(day.error());
  if (hour->exams < rules.exams_an_hour &&
      day->bytes + static_cast<std::int64_t>(bytes) <= rules.bytes_a_day)
    return {};
  return fail(ErrorCode::too_many_attempts,
              "This device has sent its share for now: the rest is taken later, keep it.");
}

Result<TakenExam> ExamTray::take(const SendingDevice& from, const UploadedFile& file,
                                 const std::string& object_id) {
  auto taken = take_checked(from, file, object_id);
  if (!taken) service_.audit_refusal("device:" + from.id, "exam", taken.error());
  return taken;
}

std::optional<Error> ExamTray::read_into(ReceivedExam& exam, ExamCard& card, ByteView file) const {
  auto normalised = ports_.normalise(file);
  exam.reader = ports_.tray_rules.reader;
  if (!normalised) {
    exam.state = ReceivedExamState::unreadable;
    exam.why = error_name(normalised.error().code);
    return normalised.error();
  }
  check_exam(*normalised, ports_.exam_limits);
  exam.state = ReceivedExamState::waiting;
  exam.why.clear();
  exam.recording_mark = mark_of_recording(lookup_, normalised->exam);
  card = card_of(normalised->exam, card.name);
  return std::nullopt;
}

Result<TakenExam> ExamTray::known(const std::string& id) {
  const auto exam = ports_.repository.received_exam(id);
  if (!exam) return tl::unexpected(exam.error());
  if (!*exam || (*exam)->state != ReceivedExamState::unreadable)
    return TakenExam{id, ExamTaken::known, std::nullopt};
  const auto file = open_exam(**exam, *ring_.get());
  if (!file) return tl::unexpected(file.error());
  auto read = ports_.normalise(*file);
  // What a newer version can read is found by read_again(); the sender need not wait for it.
  if (read) return TakenExam{id, ExamTaken::known, std::nullopt};
  return TakenExam{id, ExamTaken::unreadable, std::move(read.error())};
}

Result<TakenExam> ExamTray::take_checked(const SendingDevice& from, const UploadedFile& file,
                                         const std::string& object_id) {
  if (file.bytes.empty()) {
    return fail(ErrorCode::no_exam, "The file is empty: export the exam again.");
  }
  if (file.bytes.size() > kMaxFileBytes) {
    return fail(ErrorCode::limit_exceeded, "A file may have 64 MiB at most: send fewer photos.");
  }
  const auto device = ports_.repository.device(from.id);
  if (!device) return tl::unexpected(device.error());
  if (!*device || !(*device)->may_send() || (*device)->holder != from.holder) {
    return fail(ErrorCode::forbidden,
                "This device is suspended, or lent to somebody else now: ask the association.");
  }
  if (const auto within = check_share(from, file.bytes.size()); !within)
    return tl::unexpected(within.error());
  ReceivedExam exam;
  exam.id = random_id(ports_.random, kIdBytes);
  exam.device = from.id;
  exam.holder = from.holder;
  exam.programme = from.programme;
  exam.received_at = ports_.clock.now();
  exam.size = static_cast<std::int64_t>(file.bytes.size());
  exam.bytes_mark = mark_of_bytes(lookup_, file.bytes);
  exam.object_id = object_id;
  ExamCard card;
  card.name = text_from_device(as_bytes(file.name));  // a folder's names are any bytes
  auto why = read_into(exam, card, file.bytes);
  seal_exam(exam, *ring_.get(), ports_.random, file.bytes, card);
  const auto same = ports_.repository.put_exam(exam);
  if (!same) return tl::unexpected(same.error());
  if (*same) return known(**same);
  if (auto noted = note("device:" + from.id, "exam-received",
                        fmt::format("{} {}", exam.id, received_exam_state_name(exam.state)));
      !noted)
    return tl::unexpected(noted.error());
  return TakenExam{exam.id, why ? ExamTaken::unreadable : ExamTaken::waiting, std::move(why)};
}

Result<std::vector<bool>> ExamTray::keeps(const SendingDevice& by,
                                          const std::vector<std::string>& object_ids) {
  std::vector<bool> kept;
  for (const std::string& id : object_ids) {
    const auto here = ports_.repository.keeps_object(by.id, id);
    if (!here) return tl::unexpected(here.error());
    kept.push_back(*here);
  }
  return kept;
}

Result<std::vector<AwaitedExam>> ExamTray::awaited(const SendingDevice& by) {
  CaseQuery query;
  query.requester = by.holder;
  query.open_only = true;
  const auto cases = ports_.repository.cases(query);
  if (!cases) return tl::unexpected(cases.error());
  const auto holder = ports_.repository.user(by.holder);
  if (!holder) return tl::unexpected(holder.error());
  std::vector<AwaitedExam> awaited;
  std::string shown;
  for (const Case& subject : *cases) {
    const bool waits = subject.state == CaseState::incomplete && subject.requester == by.holder &&
                       std::ranges::find(subject.missing, kMissingExam) != subject.missing.end();
    if (!waits || !*holder) continue;
    const auto request = service_.applier_.request_of(subject);
    if (!request) return tl::unexpected(request.error());
    awaited.push_back({subject.id, subject.number, request->patient, request->ins.matricule,
                       subject.submitted_at, (*holder)->display_name()});
    shown += subject.id.value + " ";
  }
  const Instant now = ports_.clock.now();
  {
    const std::lock_guard lock(mutex_);
    auto& last = worklists_[by.id];
    if (awaited.empty() || (last.first == shown && now - last.second < kWorklistReadFor))
      return awaited;
    last = {shown, now};
  }
  shown.pop_back();
  if (auto noted = note("device:" + by.id, "worklist-read", shown); !noted)
    return tl::unexpected(noted.error());
  return awaited;
}

Result<void> ExamTray::note(const std::string& actor, std::string_view action,
                            const std::string& detail) {
  return ports_.repository.append_node_audit(
      {ports_.clock.now(), actor, std::string(action), detail});
}

// ---- the doctor ---------------------------------------------------------------------------------

Result<std::vector<TrayEntry>> ExamTray::list(const User& actor) {
  const auto exams = ports_.repository.received_exams(
      {actor.id, {}, ReceivedExamState::waiting, {}, ReceivedExamQuery().limit});
  if (!exams) return tl::unexpected(exams.error());
  const auto ring = ring_.get();
  std::vector<TrayEntry> entries;
  for (const ReceivedExam& exam : *exams) {
    auto card = open_card(exam, *ring);
    if (!card) return tl::unexpected(card.error());
    entries.push_back({exam, std::move(*card), exam.received_at + ports_.tray_rules.kept});
  }
  if (entries.empty()) return entries;
  if (auto noted = note(actor.id.value, "tray-read", std::to_string(entries.size())); !noted)
    return tl::unexpected(noted.error());
  return entries;
}

Result<ReceivedExam> ExamTray::his(const User& actor, const std::string& id) {
  auto exam = ports_.repository.received_exam(id);
  if (!exam) return tl::unexpected(exam.error());
  if (!*exam || (*exam)->holder != actor.id || (*exam)->state != ReceivedExamState::waiting)
    return not_there();
  return std::move(**exam);
}

Result<ArchivedExam> ExamTray::open(const User& actor, const std::string& id) {
  const auto run = [&]() -> Result<ArchivedExam> {
    const auto files = picked(actor, {{id, {}}});
    if (!files) return tl::unexpected(files.error());
    const UploadedFile& file = files->front();
    auto normalised = ports_.normalise(file.bytes);
    if (!normalised) return tl::unexpected(normalised.error());
    check_exam(*normalised, ports_.exam_limits);
    if (auto noted = note(actor.id.value, "tray-exam-read", id); !noted)
      return tl::unexpected(noted.error());
    return ArchivedExam{file.source, file.name, file.bytes, std::move(*normalised)};
  };
  return service_.audited(actor, "open_tray_exam", run());
}

Result<void> ExamTray::discard(const User& actor, const std::string& id) {
  const auto run = [&]() -> Result<void> {
    auto exam = his(actor, id);
    if (!exam) return tl::unexpected(exam.error());
    exam->state = ReceivedExamState::discarded;
    const auto gone = ports_.repository.change_exam(*exam, ReceivedExamState::waiting);
    if (!gone) return tl::unexpected(gone.error());
    if (!*gone) return not_there();
    return note(actor.id.value, "tray-exam-discarded", id);
  };
  return service_.audited(actor, "discard_tray_exam", run());
}

Result<std::vector<UploadedFile>> ExamTray::picked(const User& actor,
                                                   const std::vector<TrayPick>& picks) {
  std::vector<UploadedFile> files;
  for (std::size_t i = 0; i < picks.size(); ++i) {
    for (std::size_t before = 0; before < i; ++before) {
      if (picks[before].id == picks[i].id)
        return fail(ErrorCode::invalid_field, "'tray' names an exam twice.");
    }
    const auto exam = his(actor, picks[i].id);
    if (!exam) return tl::unexpected(exam.error());
    auto file = open_exam(*exam, *ring_.get());
    if (!file) return tl::unexpected(file.error());
    const auto card = open_card(*exam, *ring_.get());
    if (!card) return tl::unexpected(card.error());
    files.push_back({std::string(kDeviceSource) + exam->device, card->name, std::move(*file)});
  }
  return files;
}

// ---- the medical referent -----------------------------------------------------------------------

Result<std::vector<ReceivedExam>> ExamTray::unreadable(const User& actor) {
  const auto run = [&]() -> Result<std::vector<ReceivedExam>> {
    ReceivedExamQuery query;
    query.state = ReceivedExamState::unreadable;
    query.programmes = actor.programmes_as(Role::medical_referent);
    if (query.programmes.empty())
      return fail(ErrorCode::forbidden, "This is for the medical referent of a programme.");
    return ports_.repository.received_exams(query);
  };
  return service_.audited(actor, "unreadable_exams", run());
}

Result<OpenedExam> ExamTray::open_unreadable(const User& actor, const std::string& id,
                                             std::string_view reason) {
  const auto run = [&]() -> Result<OpenedExam> {
    if (const auto said = check_referent_reason(reason); !said) return tl::unexpected(said.error());
    auto exam = ports_.repository.received_exam(id);
    if (!exam) return tl::unexpected(exam.error());
    if (!*exam || (*exam)->state != ReceivedExamState::unreadable ||
        !actor.has(Role::medical_referent, (*exam)->programme))
      return fail(ErrorCode::not_found, "There is no such exam, or it is not yours.");
    if (auto noted = note(actor.id.value, "unreadable-exam-read", id + " " + hash_hex(reason));
        !noted)
      return tl::unexpected(noted.error());
    const auto card = open_card(**exam, *ring_.get());
    if (!card) return tl::unexpected(card.error());
    auto file = open_exam(**exam, *ring_.get());
    if (!file) return tl::unexpected(file.error());
    return OpenedExam{std::move(**exam), card->name, std::move(*file)};
  };
  return service_.audited(actor, "open_unreadable_exam", run());
}

// ---- workers ------------------------------------------------------------------------------------

Result<bool> ExamTray::read_one_again(const ReceivedExam& listed) {
  auto exam = ports_.repository.received_exam(listed.id);
  if (!exam) return tl::unexpected(exam.error());
  if (!*exam || (*exam)->state != ReceivedExamState::unreadable) return false;
  const auto ring = ring_.get();
  const auto file = open_exam(**exam, *ring);
  if (!file) return tl::unexpected(file.error());
  auto card = open_card(**exam, *ring);
  if (!card) return tl::unexpected(card.error());
  ReceivedExam next = **exam;
  const bool readable = !read_into(next, *card, *file);
  if (readable) {
    if (auto sealed = reseal_card(next, *ring, *card); !sealed)
      return tl::unexpected(sealed.error());
  }
  auto changed = ports_.repository.change_exam(next, ReceivedExamState::unreadable);
  if (!changed && changed.error().code == ErrorCode::state_conflict) {
    // The same recording has come in another format meanwhile.
    next.state = ReceivedExamState::discarded;
    next.why = exam_taken_name(ExamTaken::known);
    changed = ports_.repository.change_exam(next, ReceivedExamState::unreadable);
  }
  if (!changed) return tl::unexpected(changed.error());
  if (!*changed || !readable) return *changed;
  if (auto noted = note("engine", "exam-read-again", next.id); !noted)
    return tl::unexpected(noted.error());
  return true;
}

Result<int> ExamTray::read_again(std::size_t limit) {
  ReceivedExamQuery query;
  query.state = ReceivedExamState::unreadable;
  query.not_read_by = ports_.tray_rules.reader;
  query.limit = limit;
  if (query.not_read_by.empty()) return 0;
  const auto exams = ports_.repository.received_exams(query);
  if (!exams) return tl::unexpected(exams.error());
  int read = 0;
  std::optional<Error> first_error;
  for (const ReceivedExam& exam : *exams) {
    const auto done = read_one_again(exam);
    if (done) {
      read += *done ? 1 : 0;
    } else if (!first_error) {
      first_error = done.error();
    }
  }
  if (first_error) return tl::unexpected(*first_error);
  return read;
}

Result<std::int64_t> ExamTray::expire() {
  auto gone = ports_.repository.expire_exams(ports_.clock.now() - ports_.tray_rules.kept);
  if (!gone) return tl::unexpected(gone.error());
  if (*gone > 0) {
    if (auto noted = note("engine", "exams-expired", std::to_string(*gone)); !noted)
      return tl::unexpected(noted.error());
  }
  return gone;
}

}  // namespace telavis
