// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_tls.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/dcmtrans.h>
#include <dcmtk/dcmtls/tlslayer.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "engine/core/crypto.h"
#include "formats/bytes.h"
#include "formats/dicom_library.h"

namespace telavis {
namespace {

tl::unexpected<Error> invalid(const std::string& what, const std::filesystem::path& file) {
  return fail(ErrorCode::configuration_invalid,
              what + " (" + file.string() + "): name a PEM file, and the key that goes with it.");
}

int take_any_certificate(int /*preverified*/, X509_STORE_CTX* /*store*/) {
  return 1;
}

}  // namespace

Result<std::shared_ptr<const DicomTls>> DicomTls::load(const std::filesystem::path& certificate,
                                                       const std::filesystem::path& key) {
  prepare_dicom_library();
  auto layer = std::make_shared<DcmTLSTransportLayer>(NET_ACCEPTOR, nullptr, OFTrue);
  bool ready = layer->setTLSProfile(TSP_Profile_BCP195_ND).good();
  // The profile's own four are for certificates with an RSA key; `telavis init` makes one without.
  for (const char* suite :
       {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"})
    ready = ready && layer->addCipherSuite(suite).good();
  if (!ready || layer->activateCipherSuites().bad()) {
    return fail(ErrorCode::configuration_invalid,
                "The TLS library lacks what DICOM's BCP 195 profile needs: install OpenSSL 3.");
  }
  if (layer->setPrivateKeyFile(key.c_str(), DCF_Filetype_PEM).bad())
    return invalid("The private key of DICOM's TLS cannot be read", key);
  if (layer->setCertificateFile(certificate.c_str(), DCF_Filetype_PEM).bad())
    return invalid("The certificate of DICOM's TLS cannot be read", certificate);
  if (!layer->checkPrivateKeyMatchesCertificate())
    return invalid("The certificate of DICOM's TLS is not that of its private key", certificate);
  layer->setCertificateVerification(DCV_checkCertificate);
  SSL_CTX* const context = layer->getNativeHandle();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, take_any_certificate);
  // A session taken up again would not show the certificate again.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  return std::shared_ptr<const DicomTls>(new DicomTls(std::move(layer)));
}

std::shared_ptr<DcmTransportConnection> DicomTls::handshake(int socket) const {
  const int own = ::dup(socket);  // the connection closes it
  if (own < 0) return nullptr;
  std::shared_ptr<DcmTransportConnection> connection(layer_->createConnection(own, OFTrue));
  if (!connection) {
    ::close(own);
    return nullptr;
  }
  if (connection->serverSideHandshake().bad()) return nullptr;
  return connection;
}

std::string shown_certificate(DcmTransportConnection& connection) {
  Bytes der(connection.getPeerCertificateLength());
  if (der.empty() || connection.getPeerCertificate(der.data(), der.size()) != der.size()) return {};
  return sha256_hex(der);
}

}  // namespace telavis
