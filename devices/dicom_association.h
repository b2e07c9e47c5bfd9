// SPDX-License-Identifier: Apache-2.0
// One association as its acceptor (PS3.8): DCMTK reads A-ASSOCIATE-RQ and the PDUs, we what is in
// them. Internal to the DICOM adapter.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devices/dicom_command.h"
#include "devices/dicom_deadline.h"
#include "devices/dicom_tls.h"
#include "formats/bytes.h"

namespace telavis {

struct DicomPeer {
  std::string calling, called;  // AE titles without blanks around
  std::string certificate;      // hex SHA-256; empty: none shown, or no TLS
};

/// What may be asked of us, and how it may be encoded, the best first.
struct DicomService {
  std::string_view abstract_syntax;
  std::vector<std::string_view> transfer_syntaxes;
};

enum class DicomRejection {
  calling_unknown,  // PS3.8 9.3.4: calling-AE-title-not-recognized
  called_unknown,   // called-AE-title-not-recognized
  busy,             // temporary-congestion: try again
};

class DicomAssociation {
 public:
  /// On a connected socket, which blocks and stays the caller's; it is shut down at the end, never
  /// closed. Waits for the whole A-ASSOCIATE-RQ before DCMTK sees a byte of it. nullptr: none came.
  /// `tls` may be null. `max_pdu`: 4096 .. 131072.
  static std::unique_ptr<DicomAssociation> receive(int socket, const DicomTls* tls,
                                                   std::size_t max_pdu);
  ~DicomAssociation();

  const DicomPeer& peer() const;

  void reject(DicomRejection why);
  /// False: the connection is gone.
  bool accept(std::span<const DicomService> services);
  /// Empty when the presentation context was not accepted.
  std::string_view abstract_syntax(std::uint8_t context) const;
  std::string_view transfer_syntax(std::uint8_t context) const;

  /// The next command set. nullopt: it is over; a release has been answered, what breaks the
  /// protocol or exceeds kMaxDicomCommandBytes aborted.
  std::optional<DicomCommand> next_command();
  /// The data set of the command before, fragment by fragment, in order. False: it did not arrive
  /// whole, and the association is over; also when `sink` says so.
  bool read_data(std::uint8_t context, const std::function<bool(ByteView)>& sink);
  /// `data` in the context's transfer syntax. False: the connection is gone.
  bool send(std::uint8_t context, const DicomReply& reply, ByteView data = {});
  void abort();

 private:
  struct State;
  explicit DicomAssociation(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace telavis
