// SPDX-License-Identifier: Apache-2.0
// What is done for a device on one connection. Internal to the DICOM adapter; the server makes the
// threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "devices/decode_slots.h"
#include "devices/dicom_association.h"
#include "devices/dicom_config.h"
#include "devices/dicom_deadline.h"
#include "devices/dicom_tls.h"
#include "engine/core/exam_door.h"
#include "engine/core/ports.h"

namespace telavis {

/// DicomCounts while threads count.
struct DicomCounters {
  std::atomic<std::uint64_t> associations{0}, refused{0}, objects{0}, unreadable{0}, not_taken{0},
      queries{0}, commitments{0};
};

/// What all connections share; outlives them.
struct DicomShared {
  const DicomConfig& config;
  ExamDoor& door;
  DecodeSlots& slots;
  Clock& clock;
  std::shared_ptr<const DicomTls> tls;  // null: without
  DicomCounters counters;
  /// A device's place among its associations, until it is destroyed; null: it has enough of them.
  std::function<std::shared_ptr<void>(const std::string& device)> enter;
};

/// What may be asked on an association.
const std::vector<DicomService>& dicom_services();

/// Serves a connected socket, which blocks, to its end and shuts it down; closing it is the
/// caller's. `peer`: its address. Never throws. `deadline` is told how long each step may take.
void serve_dicom_connection(int socket, const std::string& peer, DicomShared& shared,
                            DicomDeadline& deadline);

}  // namespace telavis
