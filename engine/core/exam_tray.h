// SPDX-License-Identifier: Apache-2.0
// Exams that came without a request ("tracés reçus"): how devices leave them, and who sees what of
// them until a case takes them. A part of Service.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/exam_door.h"
#include "engine/core/received_exam.h"
#include "engine/core/service_apply.h"

namespace telavis {

class Service;

/// An exam as its holder lists it.
struct TrayEntry {
  ReceivedExam exam;  // without bytes
  ExamCard card;
  Instant kept_until;
};

/// One that a referent has asked to see.
struct OpenedExam {
  ReceivedExam exam;
  std::string name;  // of the file, as its sender called it
  Bytes original;
};

class ExamTray : public ExamDoor {
 public:
  ExamTray(Service& service, ServicePorts& ports, const RingInUse& ring, const Key& lookup)
      : service_(service), ports_(ports), ring_(ring), lookup_(lookup) {}

  // ---- for devices: see ExamDoor
  Result<SendingDevice> admit(const DeviceClaim& claim) override;
  Result<TakenExam> take(const SendingDevice& from, const UploadedFile& file,
                         const std::string& object_id) override;
  Result<std::vector<bool>> keeps(const SendingDevice& by,
                                  const std::vector<std::string>& object_ids) override;
  Result<std::vector<AwaitedExam>> awaited(const SendingDevice& by) override;
  /// Refused claims since the start, by proof: for /metrics.
  std::map<std::string, std::int64_t> refused_claims() const;

  // ---- for the doctor who holds the device
  /// What waits for him, newest first. The reading is audited.
  Result<std::vector<TrayEntry>> list(const User& actor);
  /// Read anew, as the viewer shows it. Audited. Errors: not_found, those of normalise.
  Result<ArchivedExam> open(const User& actor, const std::string& id);
  /// Errors: not_found.
  Result<void> discard(const User& actor, const std::string& id);

  // ---- for the medical referents of the programme
  /// Unreadable ones, newest first; nothing of their content. Errors: forbidden.
  Result<std::vector<ReceivedExam>> unreadable(const User& actor);
  /// With a reason, audited. Errors: forbidden, not_found, invalid_field (reason).
  Result<OpenedExam> open_unreadable(const User& actor, const std::string& id,
                                     std::string_view reason);

  // ---- for a request that takes exams from the tray
  /// Their files, with the source "device:<id>". Errors: not_found (none of his, or it does not
  /// wait any more), invalid_field (one twice).
  Result<std::vector<UploadedFile>> picked(const User& actor, const std::vector<TrayPick>& picks);

  // ---- workers
  /// Tries unreadable exams again that another version of the engine has read last; gives how many.
  Result<int> read_again(std::size_t limit);
  /// Gives how many have expired.
  Result<std::int64_t> expire();

 private:
  Result<SendingDevice> admit_checked(const DeviceClaim& claim);
  Result<std::optional<LentDevice>> device_of(const DeviceClaim& claim);
  Result<void> check_share(const SendingDevice& from, std::size_t bytes);
  Result<TakenExam> take_checked(const SendingDevice& from, const UploadedFile& file,
                                 const std::string& object_id);
  /// Fills in what reading the file gives.
  std::optional<Error> read_into(ReceivedExam& exam, ExamCard& card, ByteView file) const;
  Result<TakenExam> known(const std::string& id);
  Result<ReceivedExam> his(const User& actor, const std::string& id);
  Result<bool> read_one_again(const ReceivedExam& listed);
  Result<void> note(const std::string& actor, std::string_view action, const std::string& detail);
  /// Tells the coordinators of a registered device that keeps being refused, once a day.
  void count_refusal(const DeviceClaim& claim);

  Service& service_;
  ServicePorts& ports_;
  const RingInUse& ring_;
  const Key& lookup_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> refused_;
  struct Refusals {
    Instant since;
    int count = 0;
  };
  std::map<std::string, Refusals> refusals_of_;
  std::map<std::string, std::pair<std::string, Instant>> worklists_;  // shown last, by device
};

/// The files that a device left, as `ArchivedExam::source` names them.
inline constexpr std::string_view kDeviceSource = "device:";

/// What the doctor must confirm of an exam from his tray before a request takes it, as codes:
/// "identity_differs", "exam_without_identity", "exam_old" (over 7 days, or of no known day).
std::vector<std::string> to_confirm(const ArchivedExam& exam, Instant now);
/// Each of them is confirmed, and stands with the exam as a finding. Errors: exam_unconfirmed
/// (names the place of the exam in `picks`, and the codes).
Result<void> check_confirmed(std::vector<ArchivedExam>& exams, const std::vector<TrayPick>& picks,
                             Instant now);

}  // namespace telavis
