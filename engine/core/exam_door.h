// SPDX-License-Identifier: Apache-2.0
// The one door for exams that come without a request: what an ECG cart, a practice's gateway or a
// folder sends. Adapters in `devices` see this and nothing else of the engine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/exam_intake.h"
#include "engine/core/ids.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// How a sender says which device of the association's register it is.
enum class DeviceProof {
  ae_title,  // DICOM: calling AE title; a device with a certificate must show it as well
  token,     // HTTPS: what a pairing code was exchanged for
  folder,    // a folder of this machine, named after the device: the file system decides who writes
};
std::string_view device_proof_name(DeviceProof proof);

struct DeviceClaim {
  DeviceProof proof = DeviceProof::ae_title;
  std::string name;         // AE title, token, or id of the device
  std::string certificate;  // hex SHA-256 of the client's certificate; empty: it showed none
  std::string peer;         // network address, for the audit; empty: this machine
};

/// A device that may send now: it is registered, lent, and not suspended.
struct SendingDevice {
  std::string id;
  UserId holder;  // in whose tray its exams wait
  ProgrammeId programme;
};

enum class ExamTaken {
  waiting,     // in the tray of the device's holder
  known,       // was taken before: the same bytes, or the same recording in another format
  unreadable,  // kept sealed, for the medical referent and a later version; `why` says what to do
};
std::string_view exam_taken_name(ExamTaken taken);

struct TakenExam {
  std::string id;
  ExamTaken outcome = ExamTaken::waiting;
  std::optional<Error> why;  // with `unreadable`
};

/// An exam that a request of the device's holder waits for: what a cart's worklist shows.
struct AwaitedExam {
  CaseId case_id;
  std::string number;  // of the case: DICOM's Accession Number (0008,0050)
  PatientIdentity patient;
  std::string ins;  // the INS's number when the request has one; empty otherwise
  Instant asked_at;
  std::string requester;  // display name of the doctor who waits for it
};

/// Everything is durable before it is answered with success. Thread-safe. Errors of all: those of
/// storage (storage_failed, storage_full: to be tried again).
class ExamDoor {
 public:
  virtual ~ExamDoor() = default;
  /// Errors: forbidden (unknown, suspended or not lent; audited, and told to the coordinator when
  /// it is repeated).
  virtual Result<SendingDevice> admit(const DeviceClaim& claim) = 0;
  /// `object_id`: the SOP Instance UID of a DICOM object, for keeps(); empty otherwise. Admission
  /// is asked again: a device may have been suspended since. Errors: forbidden, no_exam (no bytes),
  /// limit_exceeded (above kMaxFileBytes), too_many_attempts (the device has sent its share for
  /// now: try again later).
  virtual Result<TakenExam> take(const SendingDevice& from, const UploadedFile& file,
                                 const std::string& object_id) = 0;
  /// Which of these objects of the device are kept, in order (DICOM Storage Commitment).
  virtual Result<std::vector<bool>> keeps(const SendingDevice& by,
                                          const std::vector<std::string>& object_ids) = 0;
  /// Requests of the device's holder that lack an exam, newest first. The reading is audited.
  virtual Result<std::vector<AwaitedExam>> awaited(const SendingDevice& by) = 0;
};

}  // namespace telavis
