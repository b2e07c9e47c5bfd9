// SPDX-License-Identifier: Apache-2.0
// The door for devices that speak DICOM: C-ECHO, C-STORE, Modality Worklist, Storage Commitment.
#pragma once

#include <cstdint>
#include <memory>

#include "devices/decode_slots.h"
#include "devices/dicom_config.h"
#include "engine/core/exam_door.h"
#include "engine/core/ports.h"
#include "formats/result.h"

namespace telavis {

/// A thread accepts and watches, one serves each connection: none can hold up another. Success is
/// answered after ExamDoor::take has returned it, never before.
class DicomServer {
 public:
  /// What is referred to outlives the server.
  DicomServer(DicomConfig config, ExamDoor& door, DecodeSlots& slots, Clock& clock);
  ~DicomServer();  // stops

  /// Once. Errors: configuration_invalid (address, port, certificate, AE title), storage_failed.
  Result<void> start();
  /// Cuts every connection and waits for what is being stored: a sender that has no answer sends
  /// again.
  void stop();

  std::uint16_t port() const;  // that is listened on
  DicomCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace telavis
