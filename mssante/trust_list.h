// SPDX-License-Identifier: Apache-2.0
// MSSanté's trust list (liste blanche): the domains of the trust domain with the certificates of
// their operators. XML, namespace https://listeblanche.mssante.fr/schema (copies of 2025 and 2026).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/time.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// 8,655 entries of 2026 take 5 MB.
inline constexpr std::size_t kMaxTrustListBytes = std::size_t{32} << 20;

/// The form in which domains are compared: A-labels (IDNA2008, UTS 46 non-transitional), lower
/// case, without the dot of the root. nullopt when the text is no domain name.
std::optional<std::string> domain_a_label(std::string_view domain);

struct TrustList {
  Instant generated_at;  // DateDeGeneration
  /// By A-label: the distinguished names of the operators' certificates, as written. A domain
  /// stands in the list once for each of them. Membership is all that counts: many names do not end
  /// in ".mssante.fr".
  std::map<std::string, std::vector<std::string>, std::less<>> domains;
  std::size_t entries = 0;
  std::size_t unusable = 0;  // entries whose name is no domain name
  bool is_signed = false;    // and the signature is right

  /// `domain` may have letters of any alphabet and case.
  bool holds(std::string_view domain) const;
};

/// How far a signature in the list is needed. That the list is signed is recalled, not sourced: no
/// public copy is.
struct SignatureRules {
  std::string ca_pem;  // certificates that are trusted to vouch for the signer; PEM, concatenated
  std::string signer;  // common name of the certificate that must have signed; empty: any of the CA
  bool required = false;
};

/// A list that is whole: UTF-8 without document type or entities, nothing behind its end, at least
/// one domain. A signature inside is verified, whether required or not, with certificates valid at
/// DateDeGeneration; only what it covers is then read. Contact fields are not kept. Errors, none of
/// which says what a list contains: truncated_file, malformed_file, limit_exceeded, unknown_format
/// (it is no trust list), forbidden (a signature that is missing, wrong or of somebody else).
Result<TrustList> parse_trust_list(ByteView xml, const SignatureRules& rules);

}  // namespace telavis
