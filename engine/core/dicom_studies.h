// SPDX-License-Identifier: Apache-2.0
// The exams that a person may read, as DICOM: studies, series, instances. What came as DICOM is
// what came, under its own UIDs; anything else is written as DICOM when it is asked for, under UIDs
// that follow from the case. A part of Service.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/exam_archive.h"
#include "engine/core/people.h"
#include "engine/core/service_ports.h"
#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

class Service;
struct ReceivedExam;

/// Of all instances that one request retrieves, in bytes: two of the largest files.
inline constexpr std::size_t kMaxRetrievedBytes = std::size_t{128} << 20;

/// The Study Instance UID of a case's exams that did not come as DICOM; carts find it on their
/// worklist. Always the same.
std::string dicom_study_of(const CaseId& id);

/// What an instance says of itself that names nobody.
struct DicomHeading {
  std::string study, series, instance, sop_class, transfer_syntax;
  std::string modality, description;
  std::string study_date, study_time;                                             // DA, TM
  int series_number = 0, instance_number = 0, rows = 0, columns = 0, frames = 0;  // 0: none
};

struct DicomInstance {
  CaseId case_id;        // empty: it waits in the tray
  std::size_t exam = 0;  // of the case, from 0
  std::string received;  // id of the exam in the tray
  DicomHeading heading;
  /// Of a case the one that the question names, its `id` the INS where it is known; in the tray the
  /// one that the file names.
  PatientIdentity patient;
  std::string accession;    // number of the case
  std::string requester;    // who asks, as he is shown
  std::string asked_local;  // "YYYY-MM-DDTHH:MM:SS" in the programme's zone; of the tray: received
};

/// An instance whole.
struct DicomObject {
  DicomHeading heading;
  Bytes file;                 // PS3.10
  NormalisedExam normalised;  // as it was read when it came: what is drawn of it
};

/// Thread-safe. What nobody may read here is not there: as in Service, whose rules are asked.
class DicomStudies {
 public:
  DicomStudies(Service& service, ServicePorts& ports) : service_(service), ports_(ports) {}

  /// Those of the cases that he lists (Service::list) and may read the content of, and of his tray,
  /// newest first. An exam that cannot be written as DICOM is not among them (write_dicom_ecg). Not
  /// audited: what is shown of them is (`shown`).
  Result<std::vector<DicomInstance>> own(const User& actor);
  /// Those of one study. Errors: not_found.
  Result<std::vector<DicomInstance>> in_study(const User& actor, const std::string& study);
  /// Writes down, in the chain of each case, that he was told of these.
  Result<void> shown(const User& actor, const std::vector<DicomInstance>& instances);
  /// The instances whole, in the same order; audited as any reading of exams. Errors: not_found,
  /// limit_exceeded (more than kMaxRetrievedBytes).
  Result<std::vector<DicomObject>> open(const User& actor,
                                        const std::vector<DicomInstance>& instances);

 private:
  using Headings = std::vector<std::optional<DicomHeading>>;  // nullopt: cannot be written
  using Place = std::pair<CaseId, std::string>;               // a case, or an exam of the tray
  Result<void> add_case(const User& actor, const Case& subject, std::vector<DicomInstance>& to);
  Result<void> add_received(const ReceivedExam& exam, std::vector<DicomInstance>& to);
  Result<void> add_place(const User& actor, const Place& place, std::vector<DicomInstance>& to);
  Result<Headings> headings_of(const Case& subject, const std::vector<DicomInstance>& frames);
  Result<Headings> heading_of(const ReceivedExam& exam, const DicomInstance& frame);
  std::optional<Headings> remembered(const Place& place, std::size_t count);
  void remember(const Place& place, const Headings& headings);
  Result<std::string> local(Instant at, const ProgrammeId& programme, std::string_view zone);

  Service& service_;
  ServicePorts& ports_;
  std::mutex mutex_;
  // Sealed files do not change, so what they say is read once. No identity.
  std::map<Place, Headings> headings_;
  std::map<std::string, std::set<Place>> by_study_;
};

}  // namespace telavis
