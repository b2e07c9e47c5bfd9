// SPDX-License-Identifier: Apache-2.0
// An ExamDoor that keeps what it was given in memory, and fails when a test says so.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/exam_door.h"

namespace telavis {

class FakeDoor : public ExamDoor {
 public:
  struct Taken {
    std::string device;
    UploadedFile file;
    std::string object_id;
  };

  /// By the name of a claim, whatever proves it.
  std::map<std::string, SendingDevice> devices;
  std::vector<AwaitedExam> awaited_exams;
  /// Asked before anything is kept; an error is what take() answers.
  std::function<std::optional<Error>(const UploadedFile&)> refuse;
  /// Of files that are kept and cannot be read.
  std::function<std::optional<Error>(const UploadedFile&)> unreadable;

  Result<SendingDevice> admit(const DeviceClaim& claim) override {
    const std::lock_guard lock(mutex_);
    claims_.push_back(claim);
    const auto found = devices.find(claim.name);
    if (found == devices.end())
      return fail(ErrorCode::forbidden, "This device is not registered: ask the association.");
    return found->second;
  }
  Result<TakenExam> take(const SendingDevice& from, const UploadedFile& file,
                         const std::string& object_id) override {
    const std::lock_guard lock(mutex_);
    if (refuse) {
      if (auto error = refuse(file)) return tl::unexpected(*error);
    }
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (taken_[i].file.bytes == file.bytes)
        return TakenExam{"exam-" + std::to_string(i), ExamTaken::known, std::nullopt};
    }
    taken_.push_back({from.id, file, object_id});
    TakenExam answer{"exam-" + std::to_string(taken_.size() - 1), ExamTaken::waiting, std::nullopt};
    if (unreadable) answer.why = unreadable(file);
    if (answer.why) answer.outcome = ExamTaken::unreadable;
    return answer;
  }
  Result<std::vector<bool>> keeps(const SendingDevice& by,
                                  const std::vector<std::string>& object_ids) override {
    const std::lock_guard lock(mutex_);
    std::vector<bool> kept;
    for (const std::string& id : object_ids) {
      kept.push_back(std::ranges::any_of(
          taken_, [&](const Taken& one) { return one.device == by.id && one.object_id == id; }));
    }
    return kept;
  }
  Result<std::vector<AwaitedExam>> awaited(const SendingDevice&) override {
    const std::lock_guard lock(mutex_);
    return awaited_exams;
  }

  std::vector<Taken> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  std::vector<DeviceClaim> claims() const {
    const std::lock_guard lock(mutex_);
    return claims_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Taken> taken_;
  std::vector<DeviceClaim> claims_;
};

}  // namespace telavis
