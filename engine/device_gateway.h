// SPDX-License-Identifier: Apache-2.0
// What a node has for devices that send by themselves: the spool of uploads, the watched folders,
// and the slots that bound the memory of all of it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "devices/decode_slots.h"
#include "devices/drop_folder.h"
#include "devices/upload_store.h"
#include "engine/config.h"
#include "engine/core/exam_door.h"
#include "engine/http/api.h"
#include "engine/workers.h"

namespace telavis {

/// Exams that are whole in memory at a time: each takes up to six times kMaxFileBytes.
inline constexpr int kDecodeSlots = 2;

class DeviceGateway {
 public:
  /// What is given must outlive it; `master` seals the spool. `failed` is told of each trouble of a
  /// device's folder. Errors: storage_failed, storage_full (the folder of uploads).
  static Result<std::unique_ptr<DeviceGateway>> open(const Config& config, ExamDoor& door,
                                                     Clock& clock, Random& random,
                                                     const Key& master,
                                                     std::function<void(const Error&)> failed);

  ExamReception reception() { return {&door_, &slots_, uploads_.get()}; }
  DecodeSlots& slots() { return slots_; }
  /// They use it until they end.
  std::vector<Duty> duties();

 private:
  DeviceGateway(ExamDoor& door, Clock& clock, std::chrono::milliseconds poll)
      : door_(door), clock_(clock), poll_(poll) {}

  ExamDoor& door_;
  Clock& clock_;
  std::chrono::milliseconds poll_;
  DecodeSlots slots_{kDecodeSlots};
  std::unique_ptr<UploadStore> uploads_;
  std::vector<std::unique_ptr<DropFolder>> folders_;
};

}  // namespace telavis
