// SPDX-License-Identifier: Apache-2.0
// The HL7 V2 fields that XDS metadata hold as text (IHE ITI TF-3, table 4.2.3.1.7-2), and HL7
// times.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/result.h"

namespace telavis {

/// `text` as a component of a field, in at most `max_bytes` of UTF-8: separators escaped (HL7 V2.5,
/// 2.7), control characters as spaces, never cut within a character or an escape.
std::string hl7_component(std::string_view text, std::size_t max_bytes);
/// The components of `text` between `separator`, escapes resolved. Never empty.
std::vector<std::string> hl7_components(std::string_view text, char separator);

/// Components of a CX: "279035121518989^^^&1.2.250.1.213.1.4.8&ISO^NH".
struct PatientCx {
  std::string id;
  std::string authority;  // OID
  std::string type;       // "NH": national health identifier; "PI": of the sender

  bool operator==(const PatientCx&) const = default;
};
PatientCx patient_cx(std::string_view text);
std::string patient_cx_text(const PatientCx& cx);

/// True for a day or an instant of the calendar with 4, 6, 8, 10, 12 or 14 digits and nothing else:
/// the form of the times in XDS metadata (DTM), which are UTC.
bool is_dtm(std::string_view text);

/// A CDA time with an offset ("20210101003000+0100") in UTC with as many digits ("20201231233000");
/// a fraction of a second is left off. A day or less ("20210101") has no offset and stays as it is.
/// Errors: invalid_field (no such instant, or a time of day without offset).
Result<std::string> utc_digits(std::string_view hl7_time);

/// A dotted OID of at most 64 characters (the bound that DICOM and IHE set).
bool is_oid(std::string_view text);

}  // namespace telavis
