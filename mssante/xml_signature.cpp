// SPDX-License-Identifier: Apache-2.0
#include "mssante/xml_signature.h"

#include <libxml/parser.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/x509.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <mutex>
#include <string>

namespace telavis {
namespace {

// Root, operator and one more between: the IGC-Santé chain has three (recalled, unverified).
constexpr int kMaxChain = 5;
constexpr std::size_t kMaxCommonName = 256;  // X.520 allows 64
constexpr std::size_t kMaxAnchorsBytes = std::size_t{1} << 20;

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
struct FreeManager {
  void operator()(xmlSecKeysMngr* manager) const { xmlSecKeysMngrDestroy(manager); }
};
struct FreeContext {
  void operator()(xmlSecDSigCtx* context) const { xmlSecDSigCtxDestroy(context); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeStore {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
struct FreeVerification {
  void operator()(X509_STORE_CTX* verification) const { X509_STORE_CTX_free(verification); }
};
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }  // holds what others own
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using Anchors = std::unique_ptr<X509_STORE, FreeStore>;
using Verification = std::unique_ptr<X509_STORE_CTX, FreeVerification>;
using Between = std::unique_ptr<STACK_OF(X509), FreeStack>;
using Document = std::unique_ptr<xmlDoc, FreeDocument>;
using Manager = std::unique_ptr<xmlSecKeysMngr, FreeManager>;
using Context = std::unique_ptr<xmlSecDSigCtx, FreeContext>;

/// Its own words would name parts of the file, and go to the standard error stream.
void say_nothing(const char* /*file*/, int /*line*/, const char* /*function*/,
                 const char* /*object*/, const char* /*subject*/, int /*reason*/,
                 const char* /*text*/) {}

/// xmlsec keeps tables of its own: one signature at a time, a few a day.
std::unique_lock<std::mutex> hold_xmlsec(bool& usable) {
  static std::mutex mutex;
  std::unique_lock lock(mutex);
  static const bool initialised = [] {
    if (xmlSecInit() < 0 || xmlSecCryptoAppInit(nullptr) < 0 || xmlSecCryptoInit() < 0)
      return false;
    xmlSecErrorsSetCallback(&say_nothing);
    return true;
  }();
  usable = initialised;
  return lock;
}

tl::unexpected<Error> refused(std::string_view why) {
  return fail(ErrorCode::forbidden, "the XML signature is not accepted: " + std::string(why));
}

Result<Document> read_document(ByteView xml) {
  if (xml.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return fail(ErrorCode::limit_exceeded, "the signed XML is too large");
  // The encoding is given: one that the file declares could show another document than the one
  // that was looked at before.
  Document document(xmlReadMemory(reinterpret_cast<const char*>(xml.data()),
                                  static_cast<int>(xml.size()), nullptr, "UTF-8",
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (!document || xmlDocGetRootElement(document.get()) == nullptr)
    return refused("the file is no XML");
  if (document->intSubset != nullptr || document->extSubset != nullptr)
    return refused("the file has a document type");
  return document;
}

Result<xmlNode*> the_signature(const Document& document) {
  xmlNode* const root = xmlDocGetRootElement(document.get());
  xmlNode* found = nullptr;
  for (xmlNode* node = xmlFirstElementChild(root); node != nullptr;
       node = xmlNextElementSibling(node)) {
    if (xmlSecCheckNodeName(node, xmlSecNodeSignature, xmlSecDSigNs) == 0) continue;
    if (found != nullptr) return refused("there is more than one");
    found = node;
  }
  if (found == nullptr) return refused("there is none in the root element");
  return found;
}

/// Each certificate of a PEM text as a trust anchor, and no other.
Result<Anchors> anchors_in(std::string_view pem) {
  Anchors anchors(X509_STORE_new());
  const std::unique_ptr<BIO, FreeBio> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(std::min(pem.size(), kMaxAnchorsBytes))));
  if (!anchors || !text) return fail(ErrorCode::internal, "OpenSSL could not be set up");
  int loaded = 0;
  while (const Certificate one{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(anchors.get(), one.get()) != 1)
      return fail(ErrorCode::internal, "OpenSSL could not be set up");
    ++loaded;
  }
  const bool read_to_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (loaded == 0)
    return fail(ErrorCode::configuration_invalid,
                "the signature's CA file holds no certificate (PEM)");
  if (!read_to_the_end)
    return fail(ErrorCode::configuration_invalid,
                "a certificate of the signature's CA file cannot be read");
  return anchors;
}

/// xmlsec's own store trusts every authority of the system, those of the web among them. So it
/// verifies no certificate here: vouched_for() does, once the signature is known to be right.
xmlSecKeysMngr* without_trust() {
  static const Manager manager = [] {
    Manager made(xmlSecKeysMngrCreate());
    if (made && xmlSecCryptoAppDefaultKeysMngrInit(made.get()) < 0) made.reset();
    return made;
  }();
  return manager.get();
}

xmlSecKeyData* certificates_of(const xmlSecDSigCtx& context) {
  return context.signKey == nullptr ? nullptr
                                    : xmlSecKeyGetData(context.signKey, xmlSecKeyDataX509Id);
}

/// Does a chain lead from the certificate whose key was used to an anchor? The others that the
/// signature brings may stand between.
bool vouched_for(const xmlSecDSigCtx& context, X509_STORE* anchors, Instant valid_at) {
  xmlSecKeyData* const data = certificates_of(context);
  X509* const signer = data == nullptr ? nullptr : xmlSecOpenSSLKeyDataX509GetKeyCert(data);
  const Between between(sk_X509_new_null());
  const Verification verification(X509_STORE_CTX_new());
  if (signer == nullptr || !between || !verification) return false;
  for (xmlSecSize i = 0; i < xmlSecOpenSSLKeyDataX509GetCertsSize(data); ++i) {
    if (sk_X509_push(between.get(), xmlSecOpenSSLKeyDataX509GetCert(data, i)) <= 0) return false;
  }
  if (X509_STORE_CTX_init(verification.get(), anchors, signer, between.get()) != 1) return false;
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(verification.get());
  X509_VERIFY_PARAM_set_depth(rules, kMaxChain);
  X509_VERIFY_PARAM_set_time(
      rules, std::chrono::floor<std::chrono::seconds>(valid_at).time_since_epoch().count());
  const bool vouched = X509_verify_cert(verification.get()) == 1;
  ERR_clear_error();
  return vouched;
}

bool allow_only_what_is_needed(xmlSecDSigCtx* context) {
  context->flags |= XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
  context->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
  // A key that the file itself brings (KeyValue) would be anybody's.
  if (xmlSecPtrListAdd(&context->keyInfoReadCtx.enabledKeyData,
                       const_cast<void*>(static_cast<const void*>(xmlSecKeyDataX509Id))) < 0)
    return false;
  for (const xmlSecTransformId id :
       {xmlSecTransformEnvelopedId, xmlSecTransformInclC14NId, xmlSecTransformInclC14N11Id,
        xmlSecTransformExclC14NId, xmlSecTransformSha256Id, xmlSecTransformSha384Id,
        xmlSecTransformSha512Id}) {
    if (xmlSecDSigCtxEnableReferenceTransform(context, id) < 0) return false;
  }
  for (const xmlSecTransformId id :
       {xmlSecTransformInclC14NId, xmlSecTransformInclC14N11Id, xmlSecTransformExclC14NId,
        xmlSecTransformRsaSha256Id, xmlSecTransformRsaSha384Id, xmlSecTransformRsaSha512Id,
        xmlSecTransformEcdsaSha256Id, xmlSecTransformEcdsaSha384Id, xmlSecTransformEcdsaSha512Id}) {
    if (xmlSecDSigCtxEnableSignatureTransform(context, id) < 0) return false;
  }
  return true;
}

std::string common_name_of_signer(const xmlSecDSigCtx& context) {
  xmlSecKeyData* const data = certificates_of(context);
  X509* const certificate = data == nullptr ? nullptr : xmlSecOpenSSLKeyDataX509GetKeyCert(data);
  if (certificate == nullptr) return {};
  std::array<char, kMaxCommonName> name{};
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                               name.data(), static_cast<int>(name.size()));
  return length <= 0 ? std::string() : std::string(name.data(), static_cast<std::size_t>(length));
}

Result<Bytes> covered_bytes(xmlSecDSigCtx* context) {
  if (xmlSecPtrListGetSize(&context->signedInfoReferences) != 1)
    return refused("it must cover the whole document and nothing else");
  auto* const reference = static_cast<xmlSecDSigReferenceCtxPtr>(
      xmlSecPtrListGetItem(&context->signedInfoReferences, 0));
  xmlSecBuffer* const buffer =
      reference == nullptr ? nullptr : xmlSecDSigReferenceCtxGetPreDigestBuffer(reference);
  if (buffer == nullptr || xmlSecBufferGetData(buffer) == nullptr)
    return refused("what it covers cannot be seen");
  const xmlSecByte* const bytes = xmlSecBufferGetData(buffer);
  return Bytes(bytes, bytes + xmlSecBufferGetSize(buffer));
}

}  // namespace

Result<Bytes> signed_content(ByteView xml, std::string_view ca_pem, std::string_view signer,
                             Instant valid_at) {
  bool usable = false;
  const auto lock = hold_xmlsec(usable);
  if (!usable) return fail(ErrorCode::internal, "xmlsec could not be set up");
  const auto anchors = anchors_in(ca_pem);
  if (!anchors) return tl::unexpected(anchors.error());
  const auto document = read_document(xml);
  if (!document) return tl::unexpected(document.error());
  const auto signature = the_signature(*document);
  if (!signature) return tl::unexpected(signature.error());
  const Context context(xmlSecDSigCtxCreate(without_trust()));
  if (!context || !allow_only_what_is_needed(context.get()))
    return fail(ErrorCode::internal, "xmlsec could not be set up");
  context->keyInfoReadCtx.flags |= XMLSEC_KEYINFO_FLAGS_X509DATA_DONT_VERIFY_CERTS;
  if (xmlSecDSigCtxVerify(context.get(), *signature) < 0 ||
      context->status != xmlSecDSigStatusSucceeded)
    return refused("its value or its algorithms are wrong");
  if (!vouched_for(*context, anchors->get(), valid_at))
    return refused("the configured CA does not vouch for its certificate");
  if (!signer.empty() && common_name_of_signer(*context) != signer)
    return refused("somebody else than the configured signer made it");
  return covered_bytes(context.get());
}

}  // namespace telavis
