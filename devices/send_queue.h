// SPDX-License-Identifier: Apache-2.0
// What a practice's computer holds until the line is back: a folder of sealed files, one an exam.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/crypto.h"
#include "engine/core/exam_door.h"
#include "formats/result.h"

namespace telavis {

/// An exam that waits to be sent.
struct QueuedExam {
  std::string name;    // of the file, as the device called it
  std::string sha256;  // hex
  Bytes bytes;
};

/// For a watched folder it stands where the engine would: what it takes is durable, and is sent
/// later. Not for use by two threads at a time. Errors of all calls: storage_failed, storage_full.
class SendQueue : public ExamDoor {
 public:
  /// Makes the folder (0700).
  static Result<std::unique_ptr<SendQueue>> open(std::filesystem::path folder, const Key& key);

  /// Anybody: the server decides.
  Result<SendingDevice> admit(const DeviceClaim& claim) override;
  /// Of bytes that wait already: known. Errors also: no_exam, limit_exceeded.
  Result<TakenExam> take(const SendingDevice& from, const UploadedFile& file,
                         const std::string& object_id) override;
  /// Errors: unavailable.
  Result<std::vector<bool>> keeps(const SendingDevice& by,
                                  const std::vector<std::string>& object_ids) override;
  Result<std::vector<AwaitedExam>> awaited(const SendingDevice& by) override;

  /// Ids of what waits, in the order in which it came.
  Result<std::vector<std::string>> waiting() const;
  /// Errors also: not_found, crypto_failed (the file was changed, or its key is another).
  Result<QueuedExam> load(const std::string& id) const;
  /// Where its upload stands on the server; empty: not begun.
  std::string place(const std::string& id) const;
  Result<void> set_place(const std::string& id, const std::string& place);
  /// The server has it, or will not have it.
  Result<void> remove(const std::string& id);

 private:
  SendQueue(std::filesystem::path folder, const Key& key) : folder_(std::move(folder)), key_(key) {}
  std::string id_of(const std::string& sha256) const;

  const std::filesystem::path folder_;
  const Key key_;
};

}  // namespace telavis
