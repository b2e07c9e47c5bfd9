// SPDX-License-Identifier: Apache-2.0
// Hostile trust lists, signed and not.
#include <cstdlib>
#include <vector>

#include "mssante/trust_list.h"
#include "mssante/xml_signature.h"

namespace {

using namespace telavis;

// Of a key that was thrown away: no signature is right.
constexpr std::string_view kAuthority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBjDCCATGgAwIBAgIUWd802U1xFW+XFoQDQMbH0Yh/JnYwCgYIKoZIzj0EAwIw\n"
    "GzEZMBcGA1UEAwwQQXV0b3JpdGUgZmljdGl2ZTAeFw0yNjExMjIxNjM0NTlaFw0z\n"
    "NjExMTkxNjM0NTlaMBsxGTAXBgNVBAMMEEF1dG9yaXRlIGZpY3RpdmUwWTATBgcq\n"
    "hkjOPQIBBggqhkjOPQMBBwNCAATfdcE6+r6cNTIth/VompYH5GJNAWJXUMX+xnmj\n"
    "pB22gBoV2yIXCRnW8T6c4RvAUYtPmLgnkD1XXza3j0odurC9o1MwUTAdBgNVHQ4E\n"
    "FgQUCW3WdUEXI3ZVsG0DtLbEmk0Ov4gwHwYDVR0jBBgwFoAUCW3WdUEXI3ZVsG0D\n"
    "tLbEmk0Ov4gwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAzzzl\n"
    "13ZovwfoEMjs9MW/cn5GUMaN7mnzVoKGwqJecbYCIQCJ9O9L/PdrVXgiLJ+cEru9\n"
    "3lDKOg7dcZfWSSMaDqL5SA==\n"
    "-----END CERTIFICATE-----\n";

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto list = parse_trust_list(bytes, {std::string(kAuthority), "", false});
  require(!parse_trust_list(bytes, {std::string(kAuthority), "", true}));
  if (!list) {
    require(!list.error().text.empty());
    // Whatever the list says: xmlsec sees the bytes as they come.
    require(!signed_content(bytes, kAuthority, "", Instant()));
    return 0;
  }
  require(!list->is_signed && !list->domains.empty() && list->entries <= size);
  require(list->domains.size() + list->unusable <= list->entries);
  for (const auto& [name, operators] : list->domains) {
    require(domain_a_label(name) == name && list->holds(name));
    require(operators.size() <= 64);
  }
  return 0;
}
