// SPDX-License-Identifier: Apache-2.0
// First line of the input: the Content-Type; the rest: the body of a request that stores instances.
// What is taken is written as JSON and XML too, as a retrieval would.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "devices/dicom_command.h"
#include "devices/dicom_data.h"
#include "devices/stow_rs.h"
#include "formats/dicom.h"
#include "formats/dicom_model.h"

namespace {

using namespace telavis;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) std::abort();
}

/// Whatever is taken is looked at in every way.
class CuriousDoor : public ExamDoor {
 public:
  Result<SendingDevice> admit(const DeviceClaim& /*claim*/) override {
    return SendingDevice{"device", UserId("holder"), ProgrammeId("programme")};
  }
  Result<TakenExam> take(const SendingDevice& /*from*/, const UploadedFile& file,
                         const std::string& object_id) override {
    require(looks_like_dicom(file.bytes));
    require(object_id.empty() || is_uid_text(object_id));
    TakenExam taken{"exam", ExamTaken::waiting, std::nullopt};
    const auto walked = walk_dicom(file.bytes);
    if (!walked) {
      taken.outcome = ExamTaken::unreadable;
      return taken;
    }
    const BulkUri uri = [&](const DicomPath& path) {
      // What is announced is there.
      const auto bytes = dicom_bulk_data(walked->dataset, path);
      require(bytes || path == "7fe00010" || path.find('.') != std::string::npos);
      return std::optional(path);
    };
    require(is_closed(dicom_json(walked->dataset, uri)));
    require(dicom_xml(walked->dataset, uri).ends_with("</NativeDicomModel>"));
    std::size_t held = 0;
    if (const auto frames = dicom_frames(walked->dataset)) {
      for (const Bytes& frame : *frames) held += frame.size();
      require(held <= file.bytes.size() + walked->inflated.size());
    }
    return taken;
  }
  Result<std::vector<bool>> keeps(const SendingDevice& /*by*/,
                                  const std::vector<std::string>& ids) override {
    return std::vector<bool>(ids.size());
  }
  Result<std::vector<AwaitedExam>> awaited(const SendingDevice& /*by*/) override {
    return std::vector<AwaitedExam>();
  }

 private:
  /// Outside of texts every bracket has its partner, and no control character is left in one.
  static bool is_closed(const std::string& json) {
    std::string open;
    bool text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
      const char c = json[i];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (text && c == '\\') {
        ++i;
      } else if (c == '"') {
        text = !text;
      } else if (!text && (c == '{' || c == '[')) {
        open += c == '{' ? '}' : ']';
      } else if (!text && (c == '}' || c == ']')) {
        if (open.empty() || open.back() != c) return false;
        open.pop_back();
      }
    }
    return open.empty() && !text;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t* const end = data + size;
  const std::uint8_t* const line_end = std::find(data, end, static_cast<std::uint8_t>('\n'));
  const ByteView type(data, line_end);
  const ByteView body(line_end == end ? end : line_end + 1, end);
  const auto instances = parse_stow(as_text(type), body);
  if (!instances) return 0;
  require(!instances->empty() && instances->size() <= kMaxStowInstances);
  CuriousDoor door;
  DecodeSlots slots(1);
  const SendingDevice device{"device", UserId("holder"), ProgrammeId("programme")};
  const auto stowed = stow({door, slots, device}, *instances, {});
  require(stowed.size() == instances->size());
  const int status = stow_status(stowed);
  require(status == 200 || status == 202 || status == 409);
  const DicomBuilder answer = stow_answer(
      stowed, [](const StowedInstance& one) { return "https://telavis.test/" + one.study; });
  require(read_dicom_data(answer.encoded(), kExplicitLittle).has_value());
  return 0;
}
