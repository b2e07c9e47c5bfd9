// SPDX-License-Identifier: Apache-2.0
#include "engine/core/dicom_studies.h"

#include <algorithm>
#include <array>
#include <variant>

#include "engine/core/received_exam.h"
#include "engine/core/service.h"
#include "formats/dicom.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"

namespace telavis {
namespace {

// Of a large node: some 400 bytes each. Above it all are forgotten and read again as needed.
constexpr std::size_t kMaxRemembered = 20'000;
constexpr std::size_t kMaxUidCharacters = 64;  // PS3.5 9.1
constexpr std::uint32_t kSeriesDescription = 0x0008103E;

/// "2.25.<integer>" (PS3.5 B.2) of the first 16 bytes of a hash: always the same.
std::string uid_of(const std::string& what) {
  const auto digest = from_hex(sha256_hex(as_bytes("DICOM " + what)));
  std::array<std::uint8_t, 16> uuid{};
  if (digest) std::copy_n(digest->begin(), uuid.size(), uuid.begin());
  return dicom_uid(uuid);
}

bool is_uid(std::string_view text) {
  return !text.empty() && text.size() <= kMaxUidCharacters &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

int whole(const DicomItem& dataset, std::uint32_t tag) {
  return static_cast<int>(std::min<std::uint32_t>(dicom_unsigned(dataset, tag).value_or(0),
                                                  static_cast<std::uint32_t>(INT32_MAX)));
}

DicomHeading read_heading(const DicomFile& file) {
  const DicomItem& dataset = file.dataset;
  const std::string_view sets = dicom_raw_text(dataset, dicom_tag::kSpecificCharacterSet);
  const auto text = [&](std::uint32_t tag) {
    return dicom_utf8(dicom_raw_text(dataset, tag), sets);
  };
  DicomHeading heading;
  heading.study = text(dicom_tag::kStudyInstance);
  heading.series = text(dicom_tag::kSeriesInstance);
  heading.instance = text(dicom_tag::kSopInstance);
  heading.sop_class = text(dicom_tag::kSopClass);
  heading.transfer_syntax = file.transfer_syntax;
  heading.modality = text(dicom_tag::kModality);
  heading.description = text(kSeriesDescription);
  heading.study_date = text(dicom_tag::kStudyDate);
  heading.study_time = text(dicom_tag::kStudyTime);
  heading.series_number = whole(dataset, dicom_tag::kSeriesNumber);
  heading.instance_number = whole(dataset, dicom_tag::kInstanceNumber);
  heading.rows = whole(dataset, dicom_tag::kRows);
  heading.columns = whole(dataset, dicom_tag::kColumns);
  heading.frames = whole(dataset, dicom_tag::kNumberOfFrames);
  return heading;
}

struct Written {
  Bytes file;
  DicomHeading heading;
};

/// A file as it came. nullopt: it is no DICOM file with UIDs of its own.
std::optional<Written> as_it_came(ByteView original) {
  if (!looks_like_dicom(original)) return std::nullopt;
  const auto walked = walk_dicom(original);
  if (!walked) return std::nullopt;
  DicomHeading heading = read_heading(*walked);
  for (const std::string* uid :
       {&heading.study, &heading.series, &heading.instance, &heading.sop_class}) {
    if (!is_uid(*uid)) return std::nullopt;
  }
  return Written{Bytes(original.begin(), original.end()), std::move(heading)};
}

Result<Bytes> encoded(const NormalisedExam& exam, const DicomInstance& of) {
  const std::string place =
      of.case_id.empty() ? of.received : of.case_id.value + "/" + std::to_string(of.exam);
  DicomContext context;
  context.study_uid =
      of.case_id.empty() ? uid_of("study of received " + of.received) : dicom_study_of(of.case_id);
  context.series_uid = uid_of("series of " + place);
  context.instance_uid = uid_of("instance of " + place);
  context.patient = of.patient;
  context.accession_number = of.accession;
  context.referring_physician = of.requester;
  if (const auto* recording = std::get_if<EcgRecording>(&exam.exam))
    return write_dicom_ecg(*recording, context);
  const auto& made =
      std::visit([](const auto& any) -> const AcquiredAt& { return any.acquired_at; }, exam.exam);
  context.content_local = made.local.empty() ? of.asked_local : made.local;
  context.device = std::visit([](const auto& any) { return any.device; }, exam.exam);
  if (const auto* photo = std::get_if<SkinPhoto>(&exam.exam))
    return write_dicom_photo(exam.document, context, photo->role);
  return write_dicom_pdf(exam.document, "", context);
}

/// Errors: unsupported_conversion (it cannot be written as DICOM), and those of the writers.
Result<Written> as_dicom(ByteView original, const NormalisedExam& exam, const DicomInstance& of) {
  if (auto own = as_it_came(original)) return std::move(*own);
  auto file = encoded(exam, of);
  if (!file) return tl::unexpected(file.error());
  auto walked = walk_dicom(*file);
  if (!walked) return tl::unexpected(walked.error());
  return Written{std::move(*file), read_heading(*walked)};
}

/// The same object may have gone into two cases: one of them stands for it.
void leave_out_doubled(std::vector<DicomInstance>& instances) {
  std::set<std::string> seen;
  std::erase_if(instances, [&](const DicomInstance& one) {
    return !seen.insert(one.heading.instance).second;
  });
}

}  // namespace

std::string dicom_study_of(const CaseId& id) {
  return uid_of("study of " + id.value);
}

// ---- what is remembered -------------------------------------------------------------------------

std::optional<DicomStudies::Headings> DicomStudies::remembered(const Place& place,
                                                               std::size_t count) {
  const std::lock_guard lock(mutex_);
  const auto found = headings_.find(place);
  if (found == headings_.end() || found->second.size() != count) return std::nullopt;
  return found->second;
}

void DicomStudies::remember(const Place& place, const Headings& headings) {
  const std::lock_guard lock(mutex_);
  if (headings_.size() >= kMaxRemembered) {
    headings_.clear();
    by_study_.clear();
  }
  headings_[place] = headings;
  for (const auto& heading : headings) {
    if (heading) by_study_[heading->study].insert(place);
  }
}

Result<DicomStudies::Headings> DicomStudies::headings_of(const Case& subject,
                                                         const std::vector<DicomInstance>& frames) {
  const Place place{subject.id, {}};
  if (auto known = remembered(place, frames.size())) return std::move(*known);
  const auto exams = service_.archived_exams(subject);
  if (!exams) return tl::unexpected(exams.error());
  Headings headings;
  for (std::size_t i = 0; i < std::min(exams->size(), frames.size()); ++i) {
    const ArchivedExam& exam = (*exams)[i];
    auto written = as_dicom(exam.original, exam.normalised, frames[i]);
    headings.push_back(written ? std::optional(std::move(written->heading)) : std::nullopt);
  }
  headings.resize(frames.size());
  remember(place, headings);
  return headings;
}

Result<DicomStudies::Headings> DicomStudies::heading_of(const ReceivedExam& exam,
                                                        const DicomInstance& frame) {
  const Place place{{}, exam.id};
  if (auto known = remembered(place, 1)) return std::move(*known);
  const auto whole_exam = ports_.repository.received_exam(exam.id);
  if (!whole_exam) return tl::unexpected(whole_exam.error());
  if (!*whole_exam || (*whole_exam)->state != ReceivedExamState::waiting) return Headings(1);
  const auto file = open_exam(**whole_exam, *service_.ring_.get());
  if (!file) return tl::unexpected(file.error());
  Headings headings(1);
  if (auto own = as_it_came(*file)) {
    headings[0] = std::move(own->heading);
  } else {
    const auto normalised = ports_.normalise(*file);
    // It could be read when it came, so perhaps it can be again: not remembered.
    if (!normalised) return headings;
    auto written = as_dicom(*file, *normalised, frame);
    if (written) headings[0] = std::move(written->heading);
  }
  remember(place, headings);
  return headings;
}

// ---- what is his --------------------------------------------------------------------------------

Result<std::string> DicomStudies::local(Instant at, const ProgrammeId& programme,
                                        std::string_view zone) {
  std::string known(zone);
  if (known.empty()) {
    const auto found = ports_.repository.programme(programme);
    if (!found) return tl::unexpected(found.error());
    known = *found ? (*found)->time_zone : "UTC";
  }
  const auto instant = local_time(at, known);
  if (!instant) return tl::unexpected(instant.error());
  return instant->date + "T" + instant->time;
}

Result<void> DicomStudies::add_case(const User& actor, const Case& subject,
                                    std::vector<DicomInstance>& to) {
  if (subject.exam_blobs.empty() || service_.access(actor, subject) != CaseAccess::content)
    return {};
  const auto request = service_.applier_.request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto requester = service_.applier_.person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  const auto asked = local(subject.submitted_at, subject.programme, subject.plan.time_zone);
  if (!asked) return tl::unexpected(asked.error());
  std::vector<DicomInstance> frames(subject.exams.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i] = {subject.id, i, {}, {}, request->patient, subject.number, requester->display_name(),
                 *asked};
  }
  auto headings = headings_of(subject, frames);
  if (!headings) return tl::unexpected(headings.error());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!(*headings)[i]) continue;
    frames[i].heading = std::move(*(*headings)[i]);
    to.push_back(std::move(frames[i]));
  }
  return {};
}

Result<void> DicomStudies::add_received(const ReceivedExam& exam, std::vector<DicomInstance>& to) {
  const auto card = open_card(exam, *service_.ring_.get());
  if (!card) return tl::unexpected(card.error());
  auto received = local(exam.received_at, exam.programme, {});
  if (!received) return tl::unexpected(received.error());
  DicomInstance frame{{}, 0, exam.id, {}, card->patient, {}, {}, std::move(*received)};
  auto heading = heading_of(exam, frame);
  if (!heading) return tl::unexpected(heading.error());
  if (!heading->front()) return {};
  frame.heading = std::move(*heading->front());
  to.push_back(std::move(frame));
  return {};
}

Result<std::vector<DicomInstance>> DicomStudies::own(const User& actor) {
  const auto run = [&]() -> Result<std::vector<DicomInstance>> {
    std::vector<DicomInstance> found;
    const auto waiting = ports_.repository.received_exams(
        {actor.id, {}, ReceivedExamState::waiting, {}, ReceivedExamQuery().limit});
    if (!waiting) return tl::unexpected(waiting.error());
    for (const ReceivedExam& exam : *waiting) {
      if (auto added = add_received(exam, found); !added) return tl::unexpected(added.error());
    }
    const auto cases = service_.list(actor);
    if (!cases) return tl::unexpected(cases.error());
    for (const Case& subject : *cases) {
      if (auto added = add_case(actor, subject, found); !added)
        return tl::unexpected(added.error());
    }
    leave_out_doubled(found);
    return found;
  };
  return service_.audited(actor, "dicom_search", run());
}

Result<void> DicomStudies::add_place(const User& actor, const Place& place,
                                     std::vector<DicomInstance>& to) {
  if (!place.first.empty()) {
    const auto subject = ports_.repository.load_case(place.first);
    if (!subject) return tl::unexpected(subject.error());
    return *subject ? add_case(actor, **subject, to) : Result<void>();
  }
  const auto exam = ports_.repository.received_exam(place.second);
  if (!exam) return tl::unexpected(exam.error());
  const bool his =
      *exam && (*exam)->holder == actor.id && (*exam)->state == ReceivedExamState::waiting;
  return his ? add_received(**exam, to) : Result<void>();
}

Result<std::vector<DicomInstance>> DicomStudies::in_study(const User& actor,
                                                          const std::string& study) {
  const auto run = [&]() -> Result<std::vector<DicomInstance>> {
    std::set<Place> places;
    {
      const std::lock_guard lock(mutex_);
      const auto known = by_study_.find(study);
      if (known != by_study_.end()) places = known->second;
    }
    std::vector<DicomInstance> found;
    for (const Place& place : places) {
      if (auto added = add_place(actor, place, found); !added) return tl::unexpected(added.error());
    }
    const auto other = [&](const DicomInstance& one) { return one.heading.study != study; };
    std::erase_if(found, other);
    if (found.empty()) {
      auto all = own(actor);
      if (!all) return all;
      found = std::move(*all);
      std::erase_if(found, other);
    }
    leave_out_doubled(found);
    if (found.empty()) {
      return fail(ErrorCode::not_found, "There is no such study among your cases and exams.");
    }
    return found;
  };
  return service_.audited(actor, "dicom_retrieve", run());
}

// ---- what is shown ------------------------------------------------------------------------------

Result<void> DicomStudies::shown(const User& actor, const std::vector<DicomInstance>& instances) {
  std::set<CaseId> cases;
  std::set<std::string> received;
  for (const DicomInstance& one : instances) {
    if (one.case_id.empty()) {
      received.insert(one.received);
    } else {
      cases.insert(one.case_id);
    }
  }
  for (const CaseId& id : cases) {
    if (auto read = service_.record_read(actor, id, event::ContentRead{"dicom_search"}); !read)
      return read;
  }
  if (received.empty()) return {};
  return ports_.repository.append_node_audit(
      {ports_.clock.now(), actor.id.value, "tray-read", std::to_string(received.size())});
}

Result<std::vector<DicomObject>> DicomStudies::open(const User& actor,
                                                    const std::vector<DicomInstance>& instances) {
  std::map<CaseId, std::vector<ArchivedExam>> opened;
  std::vector<DicomObject> objects;
  std::size_t bytes = 0;
  for (const DicomInstance& one : instances) {
    ArchivedExam exam;
    if (one.case_id.empty()) {
      auto received = service_.tray().open(actor, one.received);
      if (!received) return tl::unexpected(received.error());
      exam = std::move(*received);
    } else {
      if (opened.find(one.case_id) == opened.end()) {
        auto exams = service_.exams(actor, one.case_id);
        if (!exams) return tl::unexpected(exams.error());
        opened[one.case_id] = std::move(*exams);
      }
      std::vector<ArchivedExam>& exams = opened[one.case_id];
      if (one.exam >= exams.size())
        return fail(ErrorCode::not_found, "This exam is not there any more.");
      exam = std::move(exams[one.exam]);
    }
    auto written = as_dicom(exam.original, exam.normalised, one);
    if (!written) return tl::unexpected(written.error());
    bytes += written->file.size();
    if (bytes > kMaxRetrievedBytes) {
      return fail(ErrorCode::limit_exceeded,
                  "These instances are too much for one answer: retrieve them one by one.");
    }
    objects.push_back(
        {std::move(written->heading), std::move(written->file), std::move(exam.normalised)});
  }
  return objects;
}

}  // namespace telavis
