// SPDX-License-Identifier: Apache-2.0
// Certificates and signed XML made while a test runs: the other side of mssante/xml_signature, by
// OpenSSL and xmlsec themselves.
#pragma once

#include <libxml/parser.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "mssante/xml_signature.h"

namespace telavis::test {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using TestKey = std::unique_ptr<EVP_PKEY, FreeKey>;
using TestCertificate = std::unique_ptr<X509, FreeCertificate>;

inline void need(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

inline std::string pem_of(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}
inline std::string pem_of(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

/// A key and its certificate, valid from 2025-01-01 to `until` (ASN.1: "20270101000000Z"). `host`:
/// of a TLS server.
struct Identity {
  TestKey key;
  TestCertificate certificate;

  Identity(const std::string& name, const Identity* issuer,
           const std::string& until = "20270101000000Z", bool rsa = false,
           const std::string& host = "")
      : key(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")), certificate(X509_new()) {
    X509* const x = certificate.get();
    static long serial = 1;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    ASN1_TIME_set_string(X509_getm_notBefore(x), "20250101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(x), until.c_str());
    X509_set_pubkey(x, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* const by = issuer == nullptr ? x : issuer->certificate.get();
    X509_set_issuer_name(x, X509_get_subject_name(by));
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, by, x, nullptr, nullptr, 0);
    const auto extend = [&](int what, const std::string& value) {
      X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
      X509_add_ext(x, extension, -1);
      X509_EXTENSION_free(extension);
    };
    extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!host.empty()) extend(NID_subject_alt_name, "DNS:" + host);
    need(X509_sign(x, issuer == nullptr ? key.get() : issuer->key.get(), EVP_sha256()) > 0, "sign");
  }
  std::string pem() const { return pem_of(certificate.get()); }
};

struct SigningWay {
  xmlSecTransformId signature = nullptr;  // nullptr: ECDSA with SHA-256
  xmlSecTransformId digest = nullptr;     // nullptr: SHA-256
  bool with_certificate = true;           // else the bare key (KeyValue)
  std::string uri = {};
};

/// The document with an enveloped signature as the last child of its root.
inline std::string sign_xml(const std::string& xml, const Identity& by,
                            const SigningWay& way = {}) {
  // xmlsec is set up once a process, by whoever verifies first.
  static_cast<void>(signed_content({}, "", "", Instant()));
  xmlDoc* const document =
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr, XML_PARSE_NONET);
  need(document != nullptr, "the XML of a test");
  xmlNode* const root = xmlDocGetRootElement(document);
  xmlNode* const signature = xmlSecTmplSignatureCreate(
      document, xmlSecTransformExclC14NId,
      way.signature == nullptr ? xmlSecTransformEcdsaSha256Id : way.signature, nullptr);
  xmlAddChild(root, signature);
  xmlNode* const reference = xmlSecTmplSignatureAddReference(
      signature, way.digest == nullptr ? xmlSecTransformSha256Id : way.digest, nullptr,
      reinterpret_cast<const xmlChar*>(way.uri.c_str()), nullptr);
  xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId);
  xmlNode* const info = xmlSecTmplSignatureEnsureKeyInfo(signature, nullptr);
  if (way.with_certificate)
    xmlSecTmplX509DataAddCertificate(xmlSecTmplKeyInfoAddX509Data(info));
  else
    xmlSecTmplKeyInfoAddKeyValue(info);
  xmlSecDSigCtx* const context = xmlSecDSigCtxCreate(nullptr);
  const std::string key = pem_of(by.key.get());
  context->signKey = xmlSecCryptoAppKeyLoadMemory(
      reinterpret_cast<const xmlSecByte*>(key.data()), static_cast<xmlSecSize>(key.size()),
      xmlSecKeyDataFormatPem, nullptr, nullptr, nullptr);
  need(context->signKey != nullptr, "key");
  const std::string certificate = by.pem();
  xmlSecCryptoAppKeyCertLoadMemory(
      context->signKey, reinterpret_cast<const xmlSecByte*>(certificate.data()),
      static_cast<xmlSecSize>(certificate.size()), xmlSecKeyDataFormatPem);
  need(xmlSecDSigCtxSign(context, signature) >= 0, "xmlsec signs");
  xmlChar* bytes = nullptr;
  int size = 0;
  xmlDocDumpMemoryEnc(document, &bytes, &size, "UTF-8");
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  xmlFree(bytes);
  xmlSecDSigCtxDestroy(context);
  xmlFreeDoc(document);
  return out;
}

}  // namespace telavis::test
