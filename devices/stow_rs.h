// SPDX-License-Identifier: Apache-2.0
// Storing over the web (PS3.18 10.5, "STOW-RS"): a body of several instances, one after the other
// through the one door, and the answer that says of each what became of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/decode_slots.h"
#include "engine/core/exam_door.h"
#include "formats/bytes.h"
#include "formats/dicom_builder.h"
#include "formats/result.h"

namespace telavis {

/// Of one request. An exam has a few; a gateway that has more sends several requests. All of a body
/// besides is held to kMaxUploadBytes.
inline constexpr std::size_t kMaxStowInstances = 200;

/// Of a body that is no `multipart/related; type="application/dicom"` (415), as against one that
/// says so and is not (400).
bool is_stow_type(std::string_view content_type);

/// The instances in a body, each a view into it. Errors: malformed_request (framing, none at all, a
/// part of another type), limit_exceeded (more than kMaxStowInstances).
Result<std::vector<ByteView>> parse_stow(std::string_view content_type, ByteView body);

/// What became of one instance.
struct StowedInstance {
  std::string study, sop_class, sop_instance;  // empty: it could not be read so far
  std::uint16_t failure = 0;                   // Failure Reason (0008,1197); 0: it is kept
};

/// Where instances go, and how many may be whole in memory at a time.
struct StowDoor {
  ExamDoor& door;
  DecodeSlots& slots;
  const SendingDevice& device;
};
/// Durable before it is said to be kept. `study`: of the URL, which each must belong to; empty:
/// any.
std::vector<StowedInstance> stow(const StowDoor& at, const std::vector<ByteView>& instances,
                                 std::string_view study);

/// 200: all are kept; 202: some; 409: none, and sending again changes nothing; 503: none for now.
int stow_status(const std::vector<StowedInstance>& instances);

/// The answer's data set (PS3.18 table 10.5.3-2 and annex I): Referenced SOP Sequence, Failed SOP
/// Sequence and, of those that have no UIDs, Other Failures Sequence. `url_of` gives where an
/// instance can be retrieved.
DicomBuilder stow_answer(const std::vector<StowedInstance>& instances,
                         const std::function<std::string(const StowedInstance&)>& url_of);

}  // namespace telavis
