// SPDX-License-Identifier: Apache-2.0
#include "engine/exam_commands.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "engine/document_inspect.h"
#include "engine/files.h"
#include "formats/aecg.h"
#include "formats/dicom.h"
#include "formats/exam.h"
#include "formats/inspect.h"
#include "formats/jpeg.h"
#include "formats/normalise.h"
#include "formats/render.h"
#include "formats/scp_ecg.h"
#include "formats/wfdb.h"

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
  if (extension == ".xml") return encode_aecg(recording);
  const EcgRecording complete = with_derived_limb_leads(recording);
  if (extension == ".dcm") return write_dicom_ecg(complete, dicom_context(random));
  if (extension == ".pdf") return render_ecg_pdf(complete);
  if (extension == ".jpg" || extension == ".jpeg") return render_ecg_jpeg(complete, kPictureDpi);
  if (extension == ".svg") {
    const auto svg = render_ecg_svg(complete);
    if (!svg) return tl::unexpected(svg.error());
    return Bytes(svg->begin(), svg->end());
  }
  return no_conversion(extension, "tracing", ".dcm .scp .xml .pdf .svg .jpg");
}

Result<Bytes> convert_photo(const SkinPhoto& photo, Bytes upright, const std::string& extension,
                            Random& random) {
  if (extension == ".jpg" || extension == ".jpeg") return upright;
  if (extension == ".dcm") return write_dicom_photo(upright, dicom_context(random), photo.role);
  if (extension == ".pdf") return render_photo_pdf(upright);
  return no_conversion(extension, "photo", ".jpg .dcm .pdf");
}

Result<Bytes> convert_document(Bytes pdf, const std::string& extension, Random& random) {
  if (extension == ".pdf") return pdf;
  if (extension == ".dcm") return write_dicom_pdf(pdf, "", dicom_context(random));
  return no_conversion(extension, "document", ".pdf .dcm");
}

/// A WFDB record is a header and the files it names: those beside it are taken with it.
Result<Bytes> read_wfdb_record(const std::filesystem::path& file, Bytes header) {
  const auto names = wfdb_signal_files(header);
  if (!names) return tl::unexpected(names.error());
  std::vector<NamedFile> record = {{file.filename().string(), header}};
  std::vector<Bytes> signals;
  signals.reserve(names->size());  // the record holds views into them
  std::size_t left = kMaxFileBytes - header.size();
  for (const std::string& name : *names) {
    auto signal = read_file(file.parent_path() / name, left);
    if (!signal) return tl::unexpected(signal.error());
    left -= signal->size();
    signals.push_back(std::move(*signal));
    record.push_back({name, signals.back()});
  }
  return pack_wfdb(record);
}

Result<Bytes> read_exam_file(const std::filesystem::path& file) {
  auto bytes = read_file(file, kMaxFileBytes);
  if (!bytes) return bytes;
  if (looks_like_wfdb_header(*bytes)) return read_wfdb_record(file, std::move(*bytes));
  // A signal file says nothing about itself: the header that names it may stand beside it.
  const std::filesystem::path beside = std::filesystem::path(file).replace_extension(".hea");
  if (sniff(*bytes) != FileFormat::unknown || !std::filesystem::exists(beside)) return bytes;
  auto header = read_file(beside, kMaxFileBytes);
  if (!header || !looks_like_wfdb_header(*header)) return bytes;
  const auto names = wfdb_signal_files(*header);
  if (!names || std::ranges::find(*names, file.filename().string()) == names->end()) return bytes;
  return read_wfdb_record(beside, std::move(*header));
}

// Whole or not at all: written under another name until it is complete.
Result<void> write_samples(const EcgRecording& recording, const std::filesystem::path& path) {
  const std::filesystem::path part = path.string() + ".part";
  const auto failed = [&]() -> Result<void> {
    std::error_code ignored;  // what is left is only the part
    std::filesystem::remove(part, ignored);
    return fail(ErrorCode::storage_failed, "Cannot write the samples to " + path.string() +
                                               ": check the folder and the space left.");
  };
  struct Close {
    // What it says no longer matters: the file was flushed and synced.
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(part.c_str(), "wbe"));
  if (!file) return failed();
  const bool written = write_samples_csv(recording, [&](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  });
  if (!written || std::fflush(file.get()) != 0 || fsync(fileno(file.get())) != 0) return failed();
  std::error_code error;
  std::filesystem::rename(part, path, error);
  if (error) return failed();
  return {};
}

/// The exam as the intake would see it, with its checks. A JPEG is described even when its picture
/// is damaged, of which its headers say nothing.
Result<Exam> examined(ByteView file) {
  auto normalised = normalise_exam(file);
  if (normalised) {
    check_exam(*normalised, {});
    return std::move(normalised->exam);
  }
  if (sniff(file) != FileFormat::jpeg) return tl::unexpected(normalised.error());
  auto exam = decode_exam(file);
  if (exam) {
    std::get<SkinPhoto>(*exam).findings.push_back(
        {"picture_damaged", Severity::error,
         "The picture itself is damaged: it would be refused. Take it again or send it again."});
  }
  return exam;
}

tl::unexpected<Error> no_samples() {
  return fail(ErrorCode::unsupported_conversion,
              "A photo or a document has no samples: leave --samples out.");
}

}  // namespace

Result<Bytes> inspect_file(const std::filesystem::path& file,
                           const std::filesystem::path& samples) {
  const auto bytes = read_exam_file(file);
  if (!bytes) return tl::unexpected(bytes.error());
  if (const auto document = inspect_document(*bytes)) {
    if (!samples.empty()) return no_samples();
    return Bytes(document->begin(), document->end());
  }
  const auto exam = examined(*bytes);
  if (!exam) return tl::unexpected(exam.error());
  if (!samples.empty()) {
    const auto* recording = std::get_if<EcgRecording>(&*exam);
    if (recording == nullptr) return no_samples();
    const auto written = write_samples(*recording, samples);
    if (!written) return tl::unexpected(written.error());
  }
  const std::string json = inspect_json(*exam);
  return Bytes(json.begin(), json.end());
}

Result<Bytes> convert_file(const std::filesystem::path& in, const std::string& extension,
                           Random& random) {
  const auto bytes = read_exam_file(in);
  if (!bytes) return tl::unexpected(bytes.error());
  auto exam = normalise_exam(*bytes);
  if (!exam) return tl::unexpected(exam.error());
  if (const auto* recording = std::get_if<EcgRecording>(&exam->exam)) {
    return convert_tracing(*recording, extension, random);
  }
  if (const auto* photo = std::get_if<SkinPhoto>(&exam->exam)) {
    return convert_photo(*photo, std::move(exam->document), extension, random);
  }
  return convert_document(std::move(exam->document), extension, random);
}

}  // namespace telavis
