// SPDX-License-Identifier: Apache-2.0
// What the writer of SCP-ECG is made of. Private to scp_ecg*.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"
#include "formats/scp_ecg.h"

namespace telavis::scp {

/// Lengths of texts are u16 and include the final zero.
inline constexpr std::size_t kMaxTextBytes = 65'534;

/// Protocol version x 10, of section headers and of tag 14.
std::uint8_t version_byte(ScpVersion version);

/// Refusal of something that SCP-ECG cannot carry; the text says which limit.
tl::unexpected<Error> cannot(std::string text);

/// Date and time as SCP-ECG has them; both empty when the recording gives no moment.
struct Moment {
  Bytes date;
  Bytes time;
};
Result<Moment> moment_bytes(std::string_view local);

/// The text as the version has it, without its final zero: UTF-8 in version 3, ISO-8859-1 before.
/// Where that cannot carry it, or would be read back as another, version 2 is given UTF-8 as well.
Result<Bytes> device_text(std::string_view text, std::size_t max_bytes, std::string_view field,
                          ScpVersion version);

// The data of sections; empty when there is nothing to state.
Result<Bytes> header_data(const EcgRecording& recording, const Moment& moment, ScpVersion version);
Result<Bytes> measurements_data(const Measurements& measurements);
Result<Bytes> statements_data(const EcgRecording& recording, const Moment& moment,
                              ScpVersion version);
Result<Bytes> lead_measurements_data(const std::vector<LeadMeasurements>& leads);

}  // namespace telavis::scp
