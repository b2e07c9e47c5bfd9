// SPDX-License-Identifier: Apache-2.0
// Hostile DICOM. Beyond not crashing: what decodes obeys its contract, and a tracing that the
// writer takes comes back with the same samples.
#include <cstdlib>
#include <set>
#include <utility>

#include "formats/dicom.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"
#include "formats/dicom_walk.h"
#include "formats/inspect.h"
#include "formats/jpeg.h"
#include "formats/text.h"

namespace {

using namespace telavis;

// Larger pictures take long and find nothing that smaller ones do not.
constexpr std::uint64_t kMaxFuzzPixels = 1 << 16;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_large(const DicomFile& file) {
  const std::uint64_t rows = dicom_unsigned(file.dataset, dicom_tag::kRows).value_or(0);
  const std::uint64_t columns = dicom_unsigned(file.dataset, dicom_tag::kColumns).value_or(0);
  return rows * columns > kMaxFuzzPixels;
}

void check_leads(const std::vector<Lead>& leads) {
  std::set<std::pair<LeadCode, std::string>> names;
  for (const Lead& lead : leads) {
    require(!lead.samples.empty() && lead.gain_nv_per_lsb > 0 && lead.sampling_interval_us > 0);
    require(names.emplace(lead.code, lead.label).second);
  }
}

void check_recording(const EcgRecording& recording) {
  require(!recording.leads.empty());
  check_leads(recording.leads);
  check_leads(recording.median_beat);
  require(is_valid_utf8(inspect_json(recording)));
  DicomContext context;
  context.study_uid = context.series_uid = context.instance_uid = "2.25.1";
  const auto written = write_dicom_ecg(recording, context);
  if (!written) return;
  const auto back = decode_dicom(*written);
  require(back.has_value());
  const auto& again = std::get<EcgRecording>(back->exam);
  for (const Lead& lead : recording.leads) {
    const Lead* const read = again.lead(lead.code);
    require(read != nullptr && read->samples == lead.samples);
  }
}

void check_photo(const SkinPhoto& photo, const Bytes& document) {
  const auto inside = inspect_jpeg(document);
  require(inside && inside->width == photo.width && inside->height == photo.height);
  for (const PrivateMetadata kind : inside->private_metadata) {
    require(kind == PrivateMetadata::exif && inside->orientation != 1);
  }
  require(is_valid_utf8(inspect_json(photo)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file(data, size);
  looks_like_dicom(file);
  const auto walked = walk_dicom(file);
  if (walked && is_large(*walked)) return 0;
  const auto exam = decode_dicom(file);
  if (!exam) {
    require(!exam.error().text.empty());
    return 0;
  }
  if (const auto* recording = std::get_if<EcgRecording>(&exam->exam)) {
    require(exam->document.empty());
    check_recording(*recording);
  } else if (const auto* photo = std::get_if<SkinPhoto>(&exam->exam)) {
    check_photo(*photo, exam->document);
  } else {
    require(!exam->document.empty());
  }
  return 0;
}
