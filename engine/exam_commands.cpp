// SPDX-License-Identifier: Apache-2.0
#include "engine/exam_commands.h"

#include <array>

#include "engine/files.h"
#include "formats/dicom.h"
#include "formats/exam.h"
#include "formats/inspect.h"
#include "formats/jpeg.h"
#include "formats/normalise.h"
#include "formats/render.h"
#include "formats/scp_ecg.h"

namespace telavis {
namespace {

constexpr int kPictureDpi = 150;  // legible on a screen, 1.5 MB at most

DicomContext dicom_context(Random& random) {
  const auto uid = [&random] {
    std::array<std::uint8_t, 16> uuid{};
    random.fill(uuid);
    return dicom_uid(uuid);
  };
  DicomContext context;
  context.study_uid = uid();
  context.series_uid = uid();
  context.instance_uid = uid();
  return context;
}

tl::unexpected<Error> no_conversion(const std::string& extension, const char* what,
                                    const char* known) {
  return fail(ErrorCode::unsupported_conversion, std::string("A ") + what +
                                                     " cannot be written as '" + extension +
                                                     "': use one of " + known + ".");
}

Result<Bytes> convert_tracing(const EcgRecording& recording, const std::string& extension,
                              Random& random) {
  if (extension == ".scp") return encode_scp_ecg(recording);
  const EcgRecording complete = with_derived_limb_leads(recording);
  if (extension == ".dcm") return write_dicom_ecg(complete, dicom_context(random));
  if (extension == ".pdf") return render_ecg_pdf(complete);
  if (extension == ".jpg" || extension == ".jpeg") return render_ecg_jpeg(complete, kPictureDpi);
  if (extension == ".svg") {
    const auto svg = render_ecg_svg(complete);
    if (!svg) return tl::unexpected(svg.error());
    return Bytes(svg->begin(), svg->end());
  }
  return no_conversion(extension, "tracing", ".dcm .scp .pdf .svg .jpg");
}

Result<Bytes> convert_photo(ByteView original, const std::string& extension, Random& random) {
  auto normalised = normalise_jpeg(original);
  if (!normalised) return normalised;
  if (extension == ".jpg" || extension == ".jpeg") return normalised;
  if (extension == ".dcm") return write_dicom_photo(*normalised, dicom_context(random));
  if (extension == ".pdf") return render_photo_pdf(*normalised);
  return no_conversion(extension, "photo", ".jpg .dcm .pdf");
}

}  // namespace

Result<std::string> inspect_file(const std::filesystem::path& file,
                                 const std::filesystem::path& samples) {
  const auto bytes = read_file(file, kMaxFileBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto exam = decode_exam(*bytes);
  if (!exam) return tl::unexpected(exam.error());
  if (!samples.empty()) {
    const auto* recording = std::get_if<EcgRecording>(&*exam);
    if (recording == nullptr) {
      return fail(ErrorCode::unsupported_conversion,
                  "A photo has no samples: leave --samples out.");
    }
    const auto written = write_file(samples, as_bytes(samples_csv(*recording)), FileMode::plain);
    if (!written) return tl::unexpected(written.error());
  }
  return inspect_json(*exam);
}

Result<void> convert_file(const std::filesystem::path& in, const std::filesystem::path& out,
                          Random& random) {
  const auto bytes = read_file(in, kMaxFileBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto exam = decode_exam(*bytes);
  if (!exam) return tl::unexpected(exam.error());
  const std::string extension = out.extension().string();
  const auto* recording = std::get_if<EcgRecording>(&*exam);
  const auto converted = recording != nullptr ? convert_tracing(*recording, extension, random)
                                              : convert_photo(*bytes, extension, random);
  if (!converted) return tl::unexpected(converted.error());
  return write_file(out, *converted, FileMode::plain);
}

}  // namespace telavis
