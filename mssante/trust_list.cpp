// SPDX-License-Identifier: Apache-2.0
#include "mssante/trust_list.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/core/mail_address.h"
#include "formats/text.h"
#include "formats/xml_reader.h"
#include "formats/xml_values.h"
#include "mssante/xml_signature.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxDomainBytes = 1024;  // 253 characters of at most four bytes
constexpr std::size_t kMaxDnBytes = 1024;      // those seen have at most 200
constexpr std::size_t kMaxDns = 64;            // certificates of one domain; five have been seen

struct FreeLabel {
  void operator()(char* label) const { idn2_free(label); }
};

Result<xml::Document> read_xml(ByteView bytes) {
  std::vector<Finding> findings;
  auto document = xml::parse(bytes, findings);
  if (!document) {
    const ErrorCode code = document.error().code;
    return fail(code, code == ErrorCode::truncated_file
                          ? "the trust list is cut: its end is missing"
                          : "the trust list is damaged or too large to be one");
  }
  if (!findings.empty())
    return fail(ErrorCode::malformed_file,
                "the trust list declares another encoding or has bytes behind its end");
  return document;
}

/// "2025-03-13T14:54:10Z"; a fraction of a second is dropped.
Result<Instant> generation_date(xml::Element root) {
  std::string text(xml::trimmed(root.child("DateDeGeneration").text()));
  const std::size_t point = text.find('.');
  if (point != std::string::npos) {
    const std::size_t end = text.find_first_not_of("0123456789", point + 1);
    text.erase(point, end == std::string::npos ? end : end - point);
  }
  const auto instant = parse_instant(text);
  if (!instant)
    return fail(ErrorCode::malformed_file, "the trust list does not say when it was generated");
  return *instant;
}

Result<void> check_list_bytes(ByteView bytes) {
  if (bytes.size() > kMaxTrustListBytes)
    return fail(ErrorCode::limit_exceeded, "the trust list is larger than any is");
  const std::string_view text = as_text(bytes);
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return fail(ErrorCode::malformed_file, "the trust list is not UTF-8");
  // Also inside a comment: the list has no reason to speak of them.
  if (text.find("<!DOCTYPE") != std::string_view::npos ||
      text.find("<!ENTITY") != std::string_view::npos)
    return fail(ErrorCode::malformed_file, "the trust list has a document type");
  return {};
}

Result<xml::Document> read_list(ByteView bytes) {
  auto document = read_xml(bytes);
  if (!document) return document;
  if (document->root().name() != "ListeBlancheMSSante")
    return fail(ErrorCode::unknown_format, "this file is no trust list of MSSanté");
  return document;
}

void add_entry(xml::Element entry, TrustList& list) {
  ++list.entries;
  auto name = domain_a_label(xml::trimmed(entry.child("Nom").text()));
  if (!name) {
    ++list.unusable;
    return;
  }
  auto& operators = list.domains[*std::move(name)];
  const std::string_view dn = xml::trimmed(entry.child("DNCertificatOperateur").text());
  if (dn.empty() || dn.size() > kMaxDnBytes || operators.size() >= kMaxDns) return;
  if (std::find(operators.begin(), operators.end(), dn) == operators.end())
    operators.emplace_back(dn);
}

}  // namespace

std::optional<std::string> domain_a_label(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || domain.size() > kMaxDomainBytes || !is_valid_utf8(domain) ||
      domain.find('\0') != std::string_view::npos)
    return std::nullopt;
  const std::string text(domain);
  std::uint8_t* converted = nullptr;
  const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(text.c_str()), &converted,
                                    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, FreeLabel> label(reinterpret_cast<char*>(converted));
  if (status != IDN2_OK || label == nullptr) return std::nullopt;
  std::string name(label.get());
  // The rules for a domain stand where those for addresses do.
  if (!is_address("a@" + name)) return std::nullopt;
  return name;
}

bool TrustList::holds(std::string_view domain) const {
  const auto name = domain_a_label(domain);
  return name && domains.contains(*name);
}

Result<TrustList> parse_trust_list(ByteView bytes, const SignatureRules& rules) {
  if (auto checked = check_list_bytes(bytes); !checked) return tl::unexpected(checked.error());
  auto document = read_list(bytes);
  if (!document) return tl::unexpected(document.error());
  TrustList list;
  if (document->root().child("Signature")) {
    const auto valid_at = generation_date(document->root());
    if (!valid_at) return tl::unexpected(valid_at.error());
    const auto content = signed_content(bytes, rules.ca_pem, rules.signer, *valid_at);
    if (!content) return tl::unexpected(content.error());
    document = read_list(*content);
    if (!document) return tl::unexpected(document.error());
    list.is_signed = true;
  } else if (rules.required) {
    return fail(ErrorCode::forbidden, "the trust list is not signed, and it must be");
  }
  const auto generated_at = generation_date(document->root());
  if (!generated_at) return tl::unexpected(generated_at.error());
  list.generated_at = *generated_at;
  for (const xml::Element entry : document->root().child("ListeDomaines").children("Domaine"))
    add_entry(entry, list);
  if (list.domains.empty())
    return fail(ErrorCode::malformed_file, "the trust list names no domain");
  return list;
}

}  // namespace telavis
