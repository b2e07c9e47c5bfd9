// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_worklist.h"

#include <algorithm>
#include <array>

#include "engine/core/dicom_studies.h"
#include "formats/dicom_match.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"

namespace telavis {
namespace {

constexpr std::uint32_t kIssuerOfPatientId = 0x00100021;
constexpr std::uint32_t kReferencedStudies = 0x00081110;
constexpr std::uint32_t kReferencedPatients = 0x00081120;
constexpr std::uint32_t kMedicalAlerts = 0x00102000;
constexpr std::uint32_t kAllergies = 0x00102110;
constexpr std::uint32_t kPregnancy = 0x001021C0;
constexpr std::uint32_t kPatientWeight = 0x00101030;
constexpr std::uint32_t kRequestingPhysician = 0x00321032;
constexpr std::uint32_t kProcedureDescription = 0x00321060;
constexpr std::uint32_t kSpecialNeeds = 0x00380050;
constexpr std::uint32_t kPatientState = 0x00380500;
constexpr std::uint32_t kSteps = 0x00400100;
constexpr std::uint32_t kStation = 0x00400001;
constexpr std::uint32_t kStepDate = 0x00400002;
constexpr std::uint32_t kStepTime = 0x00400003;
constexpr std::uint32_t kPerformer = 0x00400006;
constexpr std::uint32_t kStepDescription = 0x00400007;
constexpr std::uint32_t kStepId = 0x00400009;
constexpr std::uint32_t kStationName = 0x00400010;
constexpr std::uint32_t kStepLocation = 0x00400011;
constexpr std::uint32_t kProcedureId = 0x00401001;
constexpr std::uint32_t kPriority = 0x00401003;

// Of the objects that are received (dicom_storage_classes).
constexpr auto kModalities =
    std::to_array<std::string_view>({"ECG", "HD", "XC", "DMS", "ES", "GM", "OT", "DOC"});
constexpr std::string_view kUsualModality = "ECG";

constexpr std::size_t kShort = 16;  // SH
constexpr std::size_t kLong = 64;   // LO, PN
constexpr std::string_view kDescription = "Teleexpertise";

std::string name_of(const PatientIdentity& patient) {
  return patient.family_name + " " + patient.given_name;
}

std::string patient_id_of(const AwaitedExam& exam) {
  return exam.ins.empty() ? exam.patient.id : exam.ins;
}

/// "20260106" from "2026-01-06"; empty otherwise.
std::string da_of(std::string_view iso) {
  return dicom_instant(iso).date;
}

std::string_view sex_of(Sex sex) {
  switch (sex) {
    case Sex::unknown:
      return "";
    case Sex::male:
      return "M";
    case Sex::female:
      return "F";
    case Sex::other:
      return "O";
  }
  return "";
}

DicomBuilder step_of(const WorklistEntry& entry) {
  DicomBuilder step;
  step.text(dicom_tag::kModality, "CS", entry.modality);
  step.text(kStation, "AE", entry.station);
  step.text(kStepDate, "DA", entry.date);
  step.text(kStepTime, "TM", entry.time);
  step.empty(kPerformer, "PN");
  step.text(kStepDescription, "LO", kDescription);
  step.text(kStepId, "SH", dicom_text(entry.exam.number, kShort));
  step.empty(kStationName, "SH");
  step.empty(kStepLocation, "SH");
  return step;
}

}  // namespace

WorklistQuery read_worklist_query(const DicomItem& query) {
  const std::string_view sets = dicom_raw_text(query, dicom_tag::kSpecificCharacterSet);
  const auto text = [&](const DicomItem& item, std::uint32_t tag) {
    return dicom_utf8(dicom_raw_text(item, tag), sets);
  };
  WorklistQuery read;
  read.patient_name = text(query, dicom_tag::kPatientName);
  // The first of the three writings of a name.
  read.patient_name.erase(std::min(read.patient_name.find('='), read.patient_name.size()));
  read.patient_id = text(query, dicom_tag::kPatientId);
  read.accession = text(query, dicom_tag::kAccessionNumber);
  read.birth_date = text(query, dicom_tag::kPatientBirthDate);
  const std::vector<DicomItem> steps = dicom_items(query, kSteps);
  if (!steps.empty()) {
    read.modality = text(steps.front(), dicom_tag::kModality);
    read.station = text(steps.front(), kStation);
    read.date = text(steps.front(), kStepDate);
  }
  return read;
}

std::string worklist_modality(const WorklistQuery& query) {
  if (is_universal_key(query.modality)) return std::string(kUsualModality);
  const auto found = std::ranges::find_if(kModalities, [&](std::string_view one) {
    return matches_dicom_pattern(query.modality, one);
  });
  return found == kModalities.end() ? std::string() : std::string(*found);
}

bool matches(const WorklistQuery& query, const WorklistEntry& entry) {
  return !entry.modality.empty() &&
         matches_dicom_name(query.patient_name, name_of(entry.exam.patient)) &&
         (matches_dicom_text(query.patient_id, patient_id_of(entry.exam)) ||
          matches_dicom_text(query.patient_id, entry.exam.patient.id)) &&
         matches_dicom_text(query.accession, entry.exam.number) &&
         matches_dicom_range(query.birth_date, da_of(entry.exam.patient.birth_date)) &&
         matches_dicom_text(query.station, entry.station) &&
         matches_dicom_range(query.date, entry.date);
}

DicomBuilder worklist_item(const WorklistEntry& entry) {
  const AwaitedExam& exam = entry.exam;
  const std::string number = dicom_text(exam.number, kShort);
  DicomBuilder item;
  item.text(dicom_tag::kSpecificCharacterSet, "CS", "ISO_IR 192");
  item.text(dicom_tag::kAccessionNumber, "SH", number);
  item.text(dicom_tag::kReferringPhysician, "PN", dicom_text(exam.requester, kLong));
  item.bytes(kReferencedStudies, "SQ", {});
  item.bytes(kReferencedPatients, "SQ", {});
  item.text(dicom_tag::kPatientName, "PN", dicom_person_name(exam.patient));
  item.text(dicom_tag::kPatientId, "LO", dicom_text(patient_id_of(exam), kLong));
  item.empty(kIssuerOfPatientId, "LO");
  item.text(dicom_tag::kPatientBirthDate, "DA", da_of(exam.patient.birth_date));
  item.text(dicom_tag::kPatientSex, "CS", sex_of(exam.patient.sex));
  item.empty(kPatientWeight, "DS");
  item.empty(kMedicalAlerts, "LO");
  item.empty(kAllergies, "LO");
  item.empty(kPregnancy, "US");
  item.text(dicom_tag::kStudyInstance, "UI", dicom_study_of(exam.case_id));
  item.text(kRequestingPhysician, "PN", dicom_text(exam.requester, kLong));
  item.text(kProcedureDescription, "LO", kDescription);
  item.empty(kSpecialNeeds, "LO");
  item.empty(kPatientState, "LO");
  item.item(kSteps, step_of(entry));
  item.text(kProcedureId, "SH", number);
  item.empty(kPriority, "SH");
  return item;
}

}  // namespace telavis
