// SPDX-License-Identifier: Apache-2.0
#include "engine/http/self_signed.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

namespace telavis {
namespace {

constexpr std::chrono::hours kBefore(24);
constexpr std::chrono::hours kValidity(825 * 24);
constexpr std::size_t kMaxHostBytes = 64;  // a commonName's upper bound (RFC 5280, A.1)

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, Freed<X509_free>>;
using BioHandle = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, Freed<BN_free>>;

tl::unexpected<Error> openssl_failed(const char* step) {
  return fail(ErrorCode::crypto_failed,
              std::string("OpenSSL could not make a certificate (") + step +
                  "). Check the installation of OpenSSL 3, or give a certificate of your own.");
}

bool is_host_name(const std::string& host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

/// 127 random bits: positive, and not to be met twice.
bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7FU) | 0x40U);
  const NumberHandle number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate, Instant now) {
  const auto seconds = [](Instant instant) {
    return static_cast<time_t>(
        std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count());
  };
  const Instant from = now - kBefore;
  // The last second is part of the validity (RFC 5280, 4.1.2.5).
  const Instant until = from + kValidity - std::chrono::seconds(1);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(until)) != nullptr;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_extensions(X509* certificate, const std::string& host) {
  std::string names = "DNS:localhost,IP:127.0.0.1";
  if (host != "localhost") names = "DNS:" + host + "," + names;
  // No authority: who trusts it trusts this server, and nothing that its key could sign.
  return add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
         add_extension(certificate, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, NID_subject_alt_name, names);
}

bool set_name(X509* certificate, const std::string& host) {
  X509_NAME* const name = X509_get_subject_name(certificate);  // owned by the certificate
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(host.data()),
                                    static_cast<int>(host.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

Result<CertificatePair> make_self_signed(const std::string& host, Instant now) {
  if (!is_host_name(host)) {
    return fail(ErrorCode::invalid_field,
                "host must be a DNS name of at most 64 letters, digits, dots and hyphens.");
  }
  const KeyHandle key(EVP_EC_gen("P-256"));
  const CertificateHandle certificate(X509_new());
  if (!key || !certificate) return openssl_failed("key");
  const bool filled =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 && set_serial(certificate.get()) &&
      set_validity(certificate.get(), now) && set_name(certificate.get(), host) &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 && add_extensions(certificate.get(), host);
  if (!filled) return openssl_failed("fields");
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0)
    return openssl_failed("signature");
  const BioHandle certificate_out(BIO_new(BIO_s_mem()));
  const BioHandle key_out(BIO_new(BIO_s_secmem()));
  if (!certificate_out || !key_out ||
      PEM_write_bio_X509(certificate_out.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return openssl_failed("PEM");
  }
  return CertificatePair{text_of(certificate_out.get()), text_of(key_out.get())};
}

}  // namespace telavis
