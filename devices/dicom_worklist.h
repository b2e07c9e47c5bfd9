// SPDX-License-Identifier: Apache-2.0
// Modality Worklist (PS3.4 annex K): which exams are awaited, so that a cart picks its patient
// instead of typing a name. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/exam_door.h"
#include "formats/dicom_builder.h"
#include "formats/dicom_walk.h"

namespace telavis {

inline constexpr std::string_view kModalityWorklist = "1.2.840.10008.5.1.4.31";

/// Matching keys (PS3.4 K.6-1), in UTF-8; empty ones match everything.
struct WorklistQuery {
  std::string patient_name, patient_id, accession;
  std::string birth_date;               // DA: one day or a range
  std::string modality, station, date;  // of the scheduled procedure step; date as above
};
WorklistQuery read_worklist_query(const DicomItem& query);

/// What an awaited exam is on the worklist. It is scheduled today as long as it is awaited: carts
/// ask for the day.
struct WorklistEntry {
  AwaitedExam exam;
  std::string station;   // AE title of the device that asks
  std::string date;      // DA: today in the practice's zone
  std::string time;      // TM: when it was asked, if that was today; else 000000
  std::string modality;  // what the device asked for
};

/// Wildcards `*` and `?`; names without regard to case and accents, and by words, as their order
/// differs among carts (PS3.4 C.2.2.2.4).
bool matches(const WorklistQuery& query, const WorklistEntry& entry);

/// The modality to answer with: what is asked for, when objects of it can be received; ECG when
/// none is asked for; empty when no exam here is of what is asked for.
std::string worklist_modality(const WorklistQuery& query);

/// All mandatory return keys (PS3.4 K.6-1), in UTF-8 (ISO_IR 192). The Study Instance UID is always
/// the same for a case.
DicomBuilder worklist_item(const WorklistEntry& entry);

}  // namespace telavis
