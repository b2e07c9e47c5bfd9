// SPDX-License-Identifier: Apache-2.0
// DIMSE command sets (PS3.7 chapter 9, 10 and annex E): read and written here, so that nothing else
// sees the lengths that a peer claims. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// A command has a dozen elements of at most 66 bytes; some writers add texts.
inline constexpr std::size_t kMaxDicomCommandBytes = 8192;

/// Command fields (PS3.7 E.1-1). An answer has the top bit of its request.
namespace dicom_field {
inline constexpr std::uint16_t kStore = 0x0001;
inline constexpr std::uint16_t kFind = 0x0020;
inline constexpr std::uint16_t kEcho = 0x0030;
inline constexpr std::uint16_t kEventReport = 0x0100;
inline constexpr std::uint16_t kAction = 0x0130;
inline constexpr std::uint16_t kCancel = 0x0FFF;
inline constexpr std::uint16_t kAnswer = 0x8000;
}  // namespace dicom_field

/// Status codes (PS3.7 annex C; PS3.4 B.2.3, J.3.2, K.4.1.1.4).
namespace dicom_status {
inline constexpr std::uint16_t kSuccess = 0x0000;
inline constexpr std::uint16_t kPending = 0xFF00;
inline constexpr std::uint16_t kOutOfResources = 0xA700;  // senders try again later
inline constexpr std::uint16_t kNotOfClass = 0xA900;
inline constexpr std::uint16_t kCannotUnderstand = 0xC000;
inline constexpr std::uint16_t kTooLarge = 0xC001;  // Cxxx: error, "cannot understand"
inline constexpr std::uint16_t kProcessingFailure = 0x0110;
inline constexpr std::uint16_t kInvalidArgument = 0x0115;
inline constexpr std::uint16_t kInvalidInstance = 0x0117;
inline constexpr std::uint16_t kClassNotSupported = 0x0122;
inline constexpr std::uint16_t kNoSuchAction = 0x0123;
inline constexpr std::uint16_t kNotAuthorized = 0x0124;
/// PS3.18 table I.2-2 besides: in the answer to a store transaction over the web.
inline constexpr std::uint16_t kSyntaxNotSupported = 0xC122;
}  // namespace dicom_status

/// Of an object that ExamDoor::take did not take.
std::uint16_t dicom_status_of(const Error& error);

struct DicomCommand {
  std::uint8_t context = 0;  // presentation context that it came on
  std::uint16_t field = 0;
  std::uint16_t message_id = 0;
  bool has_data = false;
  std::string sop_class;  // Affected or Requested SOP Class UID, without padding
  std::string sop_instance;
  std::uint16_t action_type = 0;
};

/// From Implicit VR Little Endian without the fragments' headers; `context` is the caller's to set.
/// nullopt: no command set (lengths beyond the end, other groups, no command field).
std::optional<DicomCommand> parse_dicom_command(ByteView bytes);

struct DicomReply {
  std::uint16_t field = 0;
  std::uint16_t answers = 0;     // Message ID Being Responded To, when `field` is an answer
  std::uint16_t message_id = 0;  // of a request of ours
  std::uint16_t status = dicom_status::kSuccess;  // of an answer
  bool has_data = false;
  std::string sop_class;
  std::string sop_instance;  // left out when empty
  std::string comment;       // Error Comment (LO): cut to 64 characters of ASCII
  std::uint16_t event = 0;   // Event Type ID, left out when 0
  std::uint16_t action = 0;  // Action Type ID, likewise
};
Bytes dicom_command_bytes(const DicomReply& reply);

/// 1 to 64 digits and dots: what carts write as UIDs, also with empty components or leading zeros.
bool is_uid_text(std::string_view text);

}  // namespace telavis
