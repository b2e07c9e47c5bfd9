// SPDX-License-Identifier: Apache-2.0
// HL7 Annotated ECG, release 1 (ANSI/HL7 V3 ECG R1-2004, message PORT_MT020001), as the FDA takes
// it.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// True when the root element is AnnotatedECG.
bool looks_like_aecg(ByteView file);

/// Decodes the first rhythm series with its sequence sets (a lead that starts later, as in a 3x4
/// strip, gets its first_sample from the time of its set; sets that follow one another make one
/// lead), further rhythm series that bring other leads of the same instant, the first
/// representative beat, subject, device, filters, global measurements and interpretation
/// statements. Annotations of single beats and of single leads are not read. Digits that are not
/// whole make a finer gain, an origin is folded into the samples: exact where it can be
/// ("samples_rounded" where not). Prefixes of lead and measurement codes other than MDC (vendors'
/// own) are taken alike: unverified. Errors: those of xml::parse, malformed_file (no lead that can
/// be read).
Result<EcgRecording> decode_aecg(ByteView file);

/// Writes one series: leads of equal start and interval in a sequence set each, gain in uV with as
/// many decimals as it takes, any interval, the median beat as derived series, filters,
/// measurements and statements as annotations, UTF-8. It decodes to the same values but for:
/// derived leads, which are left out; lead measurements, pacemaker spikes and the physician's
/// confirmation, for which the standard has no code; a QTc formula without QTc. Starts are kept
/// relative to the earliest lead. The codes of the atrial rate and of the Hodges and Framingham
/// formulas are unverified. Errors: malformed_file (no lead), unsupported_conversion (a lead
/// without samples, gain or interval).
Result<Bytes> encode_aecg(const EcgRecording& recording);

}  // namespace telavis
