// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "engine/core/time.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// What an enveloped signature (XMLDSig, a child of the root element) covers: the bytes that were
/// digested, canonical XML without the signature. Whoever reads these and nothing else reads what
/// was signed, whatever else the file holds. Accepted: one reference to the whole document;
/// enveloped, inclusive or exclusive C14N; RSA or ECDSA with SHA-256, -384, -512; the key from an
/// X.509 certificate that `ca_pem` (PEM, any number) vouches for at `valid_at` and whose common
/// name is `signer` unless that is empty. `xml` is UTF-8 without document type. Errors: forbidden
/// (anything else), configuration_invalid (`ca_pem` holds no certificate), limit_exceeded.
/// Thread-safe.
Result<Bytes> signed_content(ByteView xml, std::string_view ca_pem, std::string_view signer,
                             Instant valid_at);

}  // namespace telavis
