// SPDX-License-Identifier: Apache-2.0
// How a question comes in: the request, its exams, and what the programme asks of both.
#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "engine/core/lent_device.h"
#include "engine/core/patient_marks.h"
#include "engine/core/retention.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

constexpr std::size_t kNumberBytes = 5;  // 40 random bits: 8 characters
constexpr std::string_view kActingDoctor = "acting_doctor";

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "'" : ", '") + name + "'";
  return list;
}

std::string upload_hash(std::string_view request_json, const std::vector<UploadedFile>& files) {
  std::string all = hash_hex(request_json);
  for (const UploadedFile& file : files) all += hash_hex(file.bytes);
  return hash_hex(all);
}

}  // namespace

Result<Receipt> Service::submit(const User& actor, std::string_view key,
                                std::string_view request_json,
                                const std::vector<UploadedFile>& files, Incomplete incomplete) {
  return audited(actor, "submit", submit_checked(actor, key, request_json, files, incomplete));
}

Result<void> Service::check_requester(const User& actor, const Programme& programme) {
  if (!actor.has(Role::requester, programme.id)) {
    return fail(ErrorCode::forbidden, "You are not enrolled as a requester of this programme.");
  }
  if (programme.training_required && actor.enrolment.trained_on.empty()) {
    return fail(ErrorCode::forbidden,
                "This programme asks for a training before the first request: ask the association "
                "for a date.");
  }
  return {};
}

std::vector<std::string> Service::patient_marks_of(const CaseRequest& request, Instant now) const {
  return patient_marks(lookup_, mark_year(now), request.patient, request.ins);
}

std::vector<std::string> Service::marks_so_far(const PatientIdentity& patient,
                                               const InsIdentity& ins) {
  return patient_marks_of_years(lookup_, kFirstMarkYear, mark_year(ports_.clock.now()), patient,
                                ins);
}

Result<void> Service::check_opposition(const CaseRequest& request) {
  const auto opposed = ports_.repository.opposition(marks_so_far(request.patient, request.ins));
  if (!opposed) return tl::unexpected(opposed.error());
  if (!*opposed) return {};
  return fail(ErrorCode::consent_missing,
              "This patient has opposed the exchange of his data here: refer him by other ways, or "
              "have the association take his opposition back at his word.");
}

Result<void> Service::name_requested(const CaseRequest& request, const Programme& programme,
                                     Case& draft) {
  draft.requested_experts = request.requested_experts;
  draft.requested_group = request.requested_group;
  if (!draft.requested_group.empty()) {
    auto group = ports_.repository.group(draft.requested_group);
    if (!group) return tl::unexpected(group.error());
    if (!*group || (*group)->programme != programme.id) {
      return fail(ErrorCode::invalid_field,
                  "'requested_group' is no group practice of this programme: look at the "
                  "directory.");
    }
    draft.requested_experts = (*group)->members;
  }
  for (const UserId& id : draft.requested_experts) {
    const auto expert = ports_.repository.user(id);
    if (!expert) return tl::unexpected(expert.error());
    if (!*expert || !(*expert)->has(Role::expert, programme.id)) {
      return fail(ErrorCode::invalid_field,
                  "'requested_experts' names somebody who is no expert of this programme: look at "
                  "the directory.");
    }
  }
  return {};
}

Result<void> Service::put_exams(const BlobRef& blob, const Key& data_key,
                                const std::vector<ArchivedExam>& exams) {
  // Durable before the commit that names it: a crash between the two leaves an orphan, not a hole.
  return ports_.blobs.put(blob, seal_stream(data_key, "exams/" + blob.value, pack_exams(exams)));
}

Result<Receipt> Service::submit_checked(const User& actor, std::string_view key,
                                        std::string_view request_json,
                                        const std::vector<UploadedFile>& files,
                                        Incomplete incomplete) {
  EventToApply event;
  event.request_hash = upload_hash(request_json, files);
  const auto known = known_answer(actor, "cases", key, event);
  if (!known) return tl::unexpected(known.error());
  if (*known) return **known;

  auto request = parse_case_request(request_json);
  if (!request) return tl::unexpected(request.error());
  const auto programme = ports_.repository.programme(request->programme);
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme) {
    return fail(ErrorCode::unknown_programme,
                "There is no such programme: ask for the list at /api/v1/programmes.");
  }
  if (const auto may = check_requester(actor, **programme); !may)
    return tl::unexpected(may.error());
  auto made = submission(actor, *request, **programme, files, incomplete);
  if (!made) return tl::unexpected(made.error());
  made->id = event.id;
  made->request_hash = event.request_hash;
  return apply_command(*made, std::nullopt, {});
}

Result<EventToApply> Service::submission(const User& actor, CaseRequest& request,
                                         const Programme& programme,
                                         const std::vector<UploadedFile>& files,
                                         Incomplete incomplete, LenientIntake* mail) {
  const Instant now = ports_.clock.now();
  auto draft = draft_of(actor, request, programme, files, now, incomplete, mail);
  if (!draft) return tl::unexpected(draft.error());
  EventToApply event;
  for (const TrayPick& pick : request.tray) event.joins.push_back(pick.id);
  event.actor = actor.id;
  event.at = now;
  event.case_id = draft->id;
  event.patient_marks = patient_marks_of(request, now);
  event.body = event::Submit{std::move(*draft)};
  return event;
}

Result<Case> Service::draft_of(const User& actor, CaseRequest& request, const Programme& programme,
                               const std::vector<UploadedFile>& files, Instant now,
                               Incomplete incomplete, LenientIntake* mail) {
  const auto checked = checked_request(actor, request, programme, files, now, mail);
  if (!checked) return tl::unexpected(checked.error());
  if (checked->empty() && mail == nullptr && incomplete == Incomplete::refused) {
    return fail(ErrorCode::no_exam, "Attach at least one tracing or photo.");
  }
  Case draft;
  draft.missing = missing_of(actor, request, programme, !checked->empty());
  draft.redirect_exit = redirect_exit(request, programme);
  if (!draft.missing.empty() && draft.redirect_exit.empty() && incomplete == Incomplete::refused) {
    return fail(ErrorCode::missing_field, "The request lacks " + listed(draft.missing) +
                                              ": fill these in and send it again.");
  }
  const auto local = local_time(now, programme.time_zone);
  if (!local) return tl::unexpected(local.error());
  draft.id = CaseId(random_id(ports_.random, 16));
  draft.number = "TE-" + local->date.substr(0, 4) + "-" + random_id(ports_.random, kNumberBytes);
  for (char& c : draft.number) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  draft.programme = programme.id;
  draft.programme_version = programme.version;
  draft.plan = plan_of(programme, request.reason);
  draft.requester = actor.id;
  draft.kept_until = kept_until(now, draft.plan.retention_years, request.patient.birth_date);
  if (const auto named = name_requested(request, programme, draft); !named) {
    return tl::unexpected(named.error());
  }
  for (const ArchivedExam& exam : *checked) {
    draft.exams.push_back(summary_of(exam.normalised.exam));
  }
  const Key data_key = random_key(ports_.random);
  draft.wrapped_key = applier_.wrap(draft.id, data_key);
  draft.sealed_request = sealed_request(draft, data_key, request);
  if (checked->empty()) return draft;
  draft.exam_blobs = {BlobRef(draft.id.value + "-exams")};
  if (const auto put = put_exams(draft.exam_blobs.front(), data_key, *checked); !put) {
    return tl::unexpected(put.error());
  }
  return draft;
}

Result<std::vector<ArchivedExam>> Service::checked_request(const User& actor, CaseRequest& request,
                                                           const Programme& programme,
                                                           const std::vector<UploadedFile>& files,
                                                           Instant now, LenientIntake* mail) {
  if (const auto fits = check_against(request, programme); !fits) {
    return tl::unexpected(fits.error());
  }
  fill_information(request, actor.id, now);
  auto exams = exams_of(actor, request, programme, files, now, mail);
  if (!exams) return exams;
  // A patient in danger is never turned away for a form: what the consent lacks is asked for when
  // the doctor resumes, before anybody else may see the case.
  const bool goes_on = redirect_exit(request, programme).empty();
  if (goes_on) {
    const auto may = check_patient(request, programme, now, mail != nullptr);
    if (!may) return tl::unexpected(may.error());
  }
  return exams;
}

Result<std::vector<ArchivedExam>> Service::exams_of(const User& actor, CaseRequest& request,
                                                    const Programme& programme,
                                                    const std::vector<UploadedFile>& files,
                                                    Instant now, LenientIntake* mail) {
  auto all = tray_.picked(actor, request.tray);
  if (!all) return tl::unexpected(all.error());
  all->insert(all->begin(), files.begin(), files.end());
  auto exams = take_in(request, programme, *all, ports_, mail);
  if (!exams) return exams;
  if (const auto said = check_confirmed(*exams, request.tray, now); !said)
    return tl::unexpected(said.error());
  for (ArchivedExam& exam : *exams) {
    if (const auto bound = bind_device(actor, exam); !bound) return tl::unexpected(bound.error());
  }
  return exams;
}

Result<void> Service::check_patient(CaseRequest& request, const Programme& programme, Instant now,
                                    bool by_mail) {
  const auto may = check_consent(request, programme, now);
  if (!may) {
    const bool asked_anew = by_mail && !request.oppositions.exchange;
    if (!asked_anew) return may;
    // A minor without his representative, a birth to come: what is told and cannot be is missing.
    if (may.error().code == ErrorCode::consent_missing) {
      request.consent = {};
    } else {
      request.patient.birth_date.clear();
    }
  }
  return check_opposition(request);
}

Result<void> Service::bind_device(const User& actor, ArchivedExam& exam) {
  const std::string serial = serial_of(exam.normalised.exam);
  if (serial.empty()) return {};
  const auto device = ports_.repository.device_by_serial(serial);
  if (!device) return tl::unexpected(device.error());
  if (auto finding = loan_finding(*device, actor.id)) {
    findings_of(exam.normalised.exam).push_back(std::move(*finding));
  }
  return {};
}

std::vector<std::string> Service::missing_of(const User& actor, const CaseRequest& request,
                                             const Programme& programme, bool has_exam) {
  std::vector<std::string> missing = missing_items(request, programme);
  if (!acts_upon_opinions(actor.profession) && !request.acting_doctor.is_named())
    missing.emplace_back(kActingDoctor);
  if (!has_exam) missing.emplace_back(kMissingExam);
  return missing;
}

Bytes Service::sealed_request(const Case& subject, const Key& data_key,
                              const CaseRequest& request) {
  return seal(data_key, ports_.random, "request/" + subject.id.value,
              as_bytes(case_request_json(request)));
}

Result<EventBody> Service::read_complete(const CommandCall& call) {
  auto request = parse_case_request(
      call.body, call.mail == nullptr ? RequestShape::whole : RequestShape::unfinished);
  if (!request) return tl::unexpected(request.error());
  return completion(call, std::move(*request));
}

Result<EventBody> Service::completion(const CommandCall& call, CaseRequest request) {
  const auto programme = applier_.programme_of(call.subject);
  if (!programme) return tl::unexpected(programme.error());
  if (request.programme != programme->id) {
    return fail(ErrorCode::invalid_field,
                "'programme' must be the one of this case: withdraw it to ask another programme.");
  }
  if (const auto fits = check_against(request, *programme); !fits) {
    return tl::unexpected(fits.error());
  }
  fill_information(request, call.actor.id, call.now);
  event::Complete body;
  const auto files = add_files(call, request, *programme);
  if (!files) return tl::unexpected(files.error());
  std::tie(body.more_exams, body.more_exams_blob) = *files;
  if (const auto may = check_patient(request, *programme, call.now, call.mail != nullptr); !may) {
    return tl::unexpected(may.error());
  }
  Case named;
  if (const auto known = name_requested(request, *programme, named); !known) {
    return tl::unexpected(known.error());
  }
  body.plan = plan_of(*programme, request.reason);
  body.requested_experts = std::move(named.requested_experts);
  body.requested_group = std::move(named.requested_group);
  const bool has_exam = !call.subject.exams.empty() || !body.more_exams.empty();
  body.missing = missing_of(call.actor, request, *programme, has_exam);
  body.redirect_exit = redirect_exit(request, *programme);
  body.kept_until = kept_until(call.now, body.plan->retention_years, request.patient.birth_date);
  body.sealed_request = sealed_request(call.subject, call.data_key, request);
  call.patient_marks = patient_marks_of(request, call.now);
  return body;
}

Result<Service::AddedExams> Service::add_files(const CommandCall& call, CaseRequest& request,
                                               const Programme& programme) {
  AddedExams added;
  if (call.files.empty() && request.tray.empty()) return added;
  auto exams = exams_of(call.actor, request, programme, call.files, call.now, call.mail);
  if (!exams) {
    const std::string code(error_name(exams.error().code));
    const auto noted = record_read(call.actor, call.subject.id, event::FilesRefused{code});
    return tl::unexpected(noted ? exams.error() : noted.error());
  }
  for (const TrayPick& pick : request.tray) call.joins.push_back(pick.id);
  for (const ArchivedExam& exam : *exams) added.first.push_back(summary_of(exam.normalised.exam));
  if (exams->empty()) return added;
  added.second = BlobRef(call.subject.id.value + "-exams-" + random_id(ports_.random, 5));
  if (const auto put = put_exams(added.second, call.data_key, *exams); !put) {
    return tl::unexpected(put.error());
  }
  return added;
}

Result<EventBody> Service::read_resume(const CommandCall& call) {
  const auto programme = applier_.programme_of(call.subject);
  if (!programme) return tl::unexpected(programme.error());
  auto request = resumed_request(call);
  if (!request) return tl::unexpected(request.error());
  if (request->regulated_at.empty()) {
    return fail(ErrorCode::missing_field,
                "'regulated_at' is missing: the time at which the regulation was called.");
  }
  if (const auto fits = check_against(*request, *programme); !fits) {
    return tl::unexpected(fits.error());
  }
  fill_information(*request, call.actor.id, call.now);
  if (const auto may = check_patient(*request, *programme, call.now, call.mail != nullptr); !may) {
    return tl::unexpected(may.error());
  }
  call.patient_marks = patient_marks_of(*request, call.now);
  return event::Resume{
      sealed_request(call.subject, call.data_key, *request),
      missing_of(call.actor, *request, *programme, !call.subject.exams.empty()),
      kept_until(call.now, call.subject.plan.retention_years, request->patient.birth_date)};
}

Result<CaseRequest> Service::resumed_request(const CommandCall& call) {
  JsonReader json(call.body);
  // What lacked in the hurry, the consent for one, is given with the whole request.
  if (json.has("programme")) {
    auto whole = parse_case_request(call.body);
    if (whole && whole->programme != call.subject.programme) {
      return fail(ErrorCode::invalid_field, "'programme' must be the one of this case.");
    }
    return whole;
  }
  auto request = applier_.request_of(call.subject);
  if (!request) return request;
  request->regulated_at = json.text("regulated_at", 5);
  if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  // The parser knows what a time of day is.
  return parse_case_request(case_request_json(*request), RequestShape::unfinished);
}

Result<EventBody> Service::read_info(const CommandCall& call) {
  auto request = applier_.request_of(call.subject);
  if (!request) return tl::unexpected(request.error());
  request->file_roles.clear();
  const auto programme = applier_.programme_of(call.subject);
  if (!programme) return tl::unexpected(programme.error());
  auto sealed = sealed_text(call);
  if (!sealed) return tl::unexpected(sealed.error());
  const auto files = add_files(call, *request, *programme);
  if (!files) return tl::unexpected(files.error());
  return event::Info{std::move(*sealed), files->first, files->second};
}

}  // namespace telavis
