// SPDX-License-Identifier: Apache-2.0
#include "devices/stow_rs.h"

#include <algorithm>
#include <utility>

#include "devices/dicom_command.h"
#include "devices/multipart.h"
#include "formats/dicom.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::string_view kMultipart = "multipart/related";
constexpr std::string_view kInstanceType = "application/dicom";

constexpr std::uint32_t kStowedClass = 0x00081150;     // Referenced SOP Class UID
constexpr std::uint32_t kStowedInstance = 0x00081155;  // Referenced SOP Instance UID
constexpr std::uint32_t kRetrieveUrl = 0x00081190;
constexpr std::uint32_t kStowFailure = 0x00081197;
constexpr std::uint32_t kFailedInstances = 0x00081198;
constexpr std::uint32_t kStowedInstances = 0x00081199;
constexpr std::uint32_t kOtherFailures = 0x0008119A;

tl::unexpected<Error> no_stow(const std::string& what) {
  return fail(ErrorCode::malformed_request,
              what + ": send multipart/related with parts of application/dicom.");
}

std::string type_of(std::string_view content_type) {
  const auto type = parse_parameterised(content_type);
  return type ? type->value : std::string();
}

std::uint16_t failure_of(const TakenExam& taken) {
  if (taken.outcome != ExamTaken::unreadable) return dicom_status::kSuccess;
  if (!taken.why) return dicom_status::kCannotUnderstand;
  if (taken.why->code == ErrorCode::unsupported_format) return dicom_status::kClassNotSupported;
  if (taken.why->code == ErrorCode::unsupported_encoding) return dicom_status::kSyntaxNotSupported;
  return dicom_status::kCannotUnderstand;
}

/// Its UIDs, as far as it can be read.
StowedInstance announced(ByteView file) {
  StowedInstance made;
  const auto walked = walk_dicom(file);
  if (!walked) return made;
  const auto uid = [&](std::uint32_t tag) {
    const std::string_view text = dicom_raw_text(walked->dataset, tag);
    return is_uid_text(text) ? std::string(text) : std::string();
  };
  made.study = uid(dicom_tag::kStudyInstance);
  made.sop_class = uid(dicom_tag::kSopClass);
  made.sop_instance = uid(dicom_tag::kSopInstance);
  return made;
}

StowedInstance stow_one(const StowDoor& at, ByteView file, std::string_view study) {
  const auto slot = at.slots.take();
  if (!looks_like_dicom(file)) return {{}, {}, {}, dicom_status::kCannotUnderstand};
  StowedInstance made = announced(file);
  if (!study.empty() && made.study != study) {
    made.failure = dicom_status::kNotOfClass;  // A9xx: the data set is not what was announced
    return made;
  }
  const std::string name = made.sop_instance.empty() ? "" : made.sop_instance + ".dcm";
  const auto taken =
      at.door.take(at.device, {"stow:" + at.device.id, name, Bytes(file.begin(), file.end())},
                   made.sop_instance);
  made.failure = taken ? failure_of(*taken) : dicom_status_of(taken.error());
  return made;
}

}  // namespace

bool is_stow_type(std::string_view content_type) {
  const auto type = parse_parameterised(content_type);
  if (!type || type->value != kMultipart) return false;
  const auto of = type->parameter("type");
  return of && lowered(*of) == kInstanceType;
}

Result<std::vector<ByteView>> parse_stow(std::string_view content_type, ByteView body) {
  const auto type = parse_parameterised(content_type);
  const auto boundary = type ? boundary_of(*type) : std::nullopt;
  if (!boundary || !is_stow_type(content_type))
    return no_stow("The Content-Type has no valid boundary");
  PartWalker walker(*boundary, as_text(body));
  if (auto begun = walker.begin(); !begun) return tl::unexpected(begun.error());
  std::vector<ByteView> instances;
  while (!walker.at_end()) {
    const auto part = walker.take();
    if (!part) return tl::unexpected(part.error());
    // A part that does not say is of the type that the body says.
    const std::string_view said = part->header("content-type");
    if (!said.empty() && type_of(said) != kInstanceType)
      return no_stow("A part is of another type than the body says");
    if (instances.size() == kMaxStowInstances) {
      return fail(ErrorCode::limit_exceeded,
                  "At most " + std::to_string(kMaxStowInstances) +
                      " instances may be sent at a time: send several requests.");
    }
    instances.push_back(as_bytes(part->content));
  }
  if (instances.empty()) return no_stow("There is no instance in the body");
  return instances;
}

std::vector<StowedInstance> stow(const StowDoor& at, const std::vector<ByteView>& instances,
                                 std::string_view study) {
  std::vector<StowedInstance> stowed;
  stowed.reserve(instances.size());
  for (const ByteView one : instances) stowed.push_back(stow_one(at, one, study));
  return stowed;
}

int stow_status(const std::vector<StowedInstance>& instances) {
  const auto failed = [](const StowedInstance& one) { return one.failure != 0; };
  const auto busy = [](const StowedInstance& one) {
    return one.failure == dicom_status::kOutOfResources;
  };
  if (std::ranges::none_of(instances, failed)) return 200;
  if (!std::ranges::all_of(instances, failed)) return 202;
  return std::ranges::any_of(instances, busy) ? 503 : 409;
}

DicomBuilder stow_answer(const std::vector<StowedInstance>& instances,
                         const std::function<std::string(const StowedInstance&)>& url_of) {
  DicomBuilder answer;
  for (const StowedInstance& one : instances) {
    DicomBuilder item;
    if (one.failure != 0) item.u16(kStowFailure, one.failure);
    if (one.sop_instance.empty() && one.failure != 0) {
      answer.item(kOtherFailures, item);
      continue;
    }
    item.text(kStowedClass, "UI", one.sop_class);
    item.text(kStowedInstance, "UI", one.sop_instance);
    if (one.failure == 0) item.text(kRetrieveUrl, "UR", url_of(one));
    answer.item(one.failure == 0 ? kStowedInstances : kFailedInstances, item);
  }
  return answer;
}

}  // namespace telavis
