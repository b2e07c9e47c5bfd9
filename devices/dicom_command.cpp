// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_command.h"

#include <algorithm>

namespace telavis {
namespace {

// Elements of group 0000 (PS3.7 E.1-1).
constexpr std::uint16_t kGroupLength = 0x0000;
constexpr std::uint16_t kAffectedClass = 0x0002;
constexpr std::uint16_t kRequestedClass = 0x0003;
constexpr std::uint16_t kField = 0x0100;
constexpr std::uint16_t kMessageId = 0x0110;
constexpr std::uint16_t kAnsweredId = 0x0120;
constexpr std::uint16_t kDataSetType = 0x0800;
constexpr std::uint16_t kStatus = 0x0900;
constexpr std::uint16_t kComment = 0x0902;
constexpr std::uint16_t kAffectedInstance = 0x1000;
constexpr std::uint16_t kRequestedInstance = 0x1001;
constexpr std::uint16_t kEventType = 0x1002;
constexpr std::uint16_t kActionType = 0x1008;

constexpr std::uint16_t kNoDataSet = 0x0101;
constexpr std::uint16_t kSomeDataSet = 0x0001;  // anything but the above
constexpr std::size_t kMaxUidBytes = 64;
constexpr std::size_t kMaxCommentBytes = 64;

std::string unpadded(ByteView value) {
  std::string_view text = as_text(value);
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

std::uint16_t number(ByteView value) {
  return ByteReader(value).u16le().value_or(0);
}

void put_number(ByteWriter& out, std::uint16_t element, std::uint16_t value) {
  out.u16le(0);
  out.u16le(element);
  out.u32le(sizeof(value));
  out.u16le(value);
}

void put_text(ByteWriter& out, std::uint16_t element, std::string_view value, char padding) {
  const bool odd = value.size() % 2 != 0;
  out.u16le(0);
  out.u16le(element);
  out.u32le(static_cast<std::uint32_t>(value.size() + (odd ? 1 : 0)));
  out.text(value);
  if (odd) out.u8(static_cast<std::uint8_t>(padding));
}

std::string comment_of(std::string_view text) {
  std::string comment(text.substr(0, kMaxCommentBytes));
  for (char& c : comment) {
    if (c < ' ' || c > '~' || c == '\\') c = ' ';
  }
  return comment;
}

}  // namespace

std::optional<DicomCommand> parse_dicom_command(ByteView bytes) {
  ByteReader reader(bytes);
  DicomCommand command;
  bool has_field = false;
  while (reader.remaining() > 0) {
    const auto group = reader.u16le();
    const auto element = reader.u16le();
    const auto length = reader.u32le();
    if (!group || !element || !length || *group != 0) return std::nullopt;
    const auto value = reader.take(*length);
    if (!value) return std::nullopt;
    switch (*element) {
      case kAffectedClass:
      case kRequestedClass:
        command.sop_class = unpadded(*value);
        break;
      case kField:
        command.field = number(*value);
        has_field = true;
        break;
      case kMessageId:
        command.message_id = number(*value);
        break;
      case kDataSetType:
        command.has_data = number(*value) != kNoDataSet;
        break;
      case kAffectedInstance:
      case kRequestedInstance:
        command.sop_instance = unpadded(*value);
        break;
      case kActionType:
        command.action_type = number(*value);
        break;
      default:  // priorities, move originators: nothing depends on them
        break;
    }
  }
  if (!has_field) return std::nullopt;
  return command;
}

Bytes dicom_command_bytes(const DicomReply& reply) {
  const bool answer = (reply.field & dicom_field::kAnswer) != 0;
  Bytes elements;
  ByteWriter out(elements);
  if (!reply.sop_class.empty()) put_text(out, kAffectedClass, reply.sop_class, '\0');
  put_number(out, kField, reply.field);
  if (answer) {
    put_number(out, kAnsweredId, reply.answers);
  } else {
    put_number(out, kMessageId, reply.message_id);
  }
  put_number(out, kDataSetType, reply.has_data ? kSomeDataSet : kNoDataSet);
  if (answer) put_number(out, kStatus, reply.status);
  if (!reply.comment.empty()) put_text(out, kComment, comment_of(reply.comment), ' ');
  if (!reply.sop_instance.empty()) put_text(out, kAffectedInstance, reply.sop_instance, '\0');
  if (reply.event != 0) put_number(out, kEventType, reply.event);
  if (reply.action != 0) put_number(out, kActionType, reply.action);

  Bytes bytes;
  ByteWriter whole(bytes);
  whole.u16le(0);
  whole.u16le(kGroupLength);
  whole.u32le(sizeof(std::uint32_t));
  whole.u32le(static_cast<std::uint32_t>(elements.size()));
  whole.bytes(elements);
  return bytes;
}

std::uint16_t dicom_status_of(const Error& error) {
  if (error.code == ErrorCode::forbidden) return dicom_status::kNotAuthorized;
  if (error.code == ErrorCode::limit_exceeded) return dicom_status::kTooLarge;
  if (error.code == ErrorCode::no_exam) return dicom_status::kCannotUnderstand;
  return dicom_status::kOutOfResources;  // nothing is kept, and trying again may help
}

bool is_uid_text(std::string_view text) {
  return !text.empty() && text.size() <= kMaxUidBytes &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace telavis
