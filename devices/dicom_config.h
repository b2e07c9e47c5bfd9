// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "formats/exam.h"

namespace telavis {

struct DicomLimits {
  // A connection costs a thread and two PDUs. A practice sends over one or two at a time.
  int connections = 64;
  int connections_per_peer = 16;  // behind one address there may be a whole practice
  int associations_per_device = 4;
  std::size_t pdu_bytes = std::size_t{64} << 10;  // 4096 .. 131072: what DCMTK can receive
  std::size_t object_bytes = kMaxFileBytes;
  std::chrono::milliseconds request{15'000};  // TLS handshake and A-ASSOCIATE-RQ together
  std::chrono::milliseconds idle{60'000};     // between two messages, or two fragments of one
  std::chrono::milliseconds association{1'800'000};
  std::size_t worklist_entries = 200;  // a doctor awaits a handful

  /// Of the connections, those without an association yet. A device asks for one within a second or
  /// two, so that who has waited longest is not missed when more come: he is cut.
  int half_open() const { return connections > 1 ? connections / 2 : 1; }
};

struct DicomConfig {
  std::string listen_address = "127.0.0.1";  // numeric
  std::uint16_t port = 11112;                // IANA: dicom; 0: any that is free
  std::string ae_title = "TELAVIS";          // ours: called by devices
  std::filesystem::path certificate_file;    // PEM; both empty: no TLS
  std::filesystem::path key_file;
  std::filesystem::path
      spool_folder;  // what arrives waits there, in files without names; made when missing
  // Its answers name patients to whoever knows the AE title of a device that has no certificate.
  bool worklist = false;
  std::string time_zone = "Europe/Paris";  // of the worklist's dates
  DicomLimits limits;
};

/// Since the start. Connections that ended before an association are none.
struct DicomCounts {
  std::uint64_t associations = 0;
  std::uint64_t refused = 0;     // unknown devices, wrong AE titles, too many at a time, or cut
                                 // to make room before they had asked for an association
  std::uint64_t objects = 0;     // taken
  std::uint64_t unreadable = 0;  // taken, and told to the sender as an error
  std::uint64_t not_taken = 0;   // answered with another error
  std::uint64_t queries = 0;     // of the worklist
  std::uint64_t commitments = 0;
  int open = 0;  // connections now
};

}  // namespace telavis
