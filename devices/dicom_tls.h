// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "formats/result.h"

class DcmTransportConnection;
class DcmTLSTransportLayer;

namespace telavis {

/// DICOM's Non-downgrading BCP 195 TLS Profile (PS3.15 B.10): TLS 1.2 or newer. Thread-safe.
class DicomTls {
 public:
  /// PEM files. Errors: configuration_invalid.
  static Result<std::shared_ptr<const DicomTls>> load(const std::filesystem::path& certificate,
                                                      const std::filesystem::path& key);

  /// As a server, on a connected socket that blocks and stays the caller's; nullptr when no
  /// connection came about. A client is asked for a certificate and may show none; whose it is, the
  /// register of devices says, not an authority: it holds the hash of the very certificate.
  std::shared_ptr<DcmTransportConnection> handshake(int socket) const;

 private:
  explicit DicomTls(std::shared_ptr<DcmTLSTransportLayer> layer) : layer_(std::move(layer)) {}
  std::shared_ptr<DcmTLSTransportLayer> layer_;
};

/// Hex SHA-256 of the certificate (DER) that the peer of a TLS connection showed; empty: none.
std::string shown_certificate(DcmTransportConnection& connection);

}  // namespace telavis
