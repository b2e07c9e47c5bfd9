// SPDX-License-Identifier: Apache-2.0
// VL Photographic and Dermoscopic Photography Image (PS3.3 A.32.4 and A.32.11), Encapsulated PDF
// (A.45.1).
#include <fmt/format.h>

#include <string>
#include <utility>

#include "formats/dicom.h"
#include "formats/dicom_builder.h"
#include "formats/dicom_tags.h"
#include "formats/jpeg.h"
#include "formats/jpeg_codec.h"
#include "formats/jpeg_markers.h"

namespace telavis {
namespace {

constexpr int kTranscodeQuality = 95;  // one re-encoding must not be visible at full size
constexpr std::string_view kBaseline = "1.2.840.10008.1.2.4.50";
constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
constexpr std::string_view kPhotographic = "1.2.840.10008.5.1.4.1.1.77.1.4";
constexpr std::string_view kDermoscopic = "1.2.840.10008.5.1.4.1.1.77.1.7";
constexpr std::string_view kEncapsulatedPdf = "1.2.840.10008.5.1.4.1.1.104.1";
constexpr std::string_view kFrameSuffix = ".1";
constexpr std::size_t kMaxUid = 64;
constexpr std::string_view kUnknown = "unknown";  // where a value is required and none is known
constexpr std::size_t kTitleCharacters = 1024;    // ST
constexpr std::size_t kPdfHeaderWindow = 1024;    // PDF 32000-1 annex H, note 13

/// What stands in the object: a baseline JPEG, upright, grey or YCbCr.
struct PhotoStream {
  Bytes jpeg;
  JpegFrame frame;
  Bytes icc;
  bool transcoded = false;
};

bool passes_through(const JpegLayout& layout) {
  const JpegColour colour = layout.colour();
  return layout.frame.process == JpegProcess::baseline && layout.orientation == 1 &&
         (colour == JpegColour::ycc || colour == JpegColour::grey);
}

Result<PhotoStream> photo_stream(ByteView file) {
  PhotoStream stream;
  // Again, so that nothing private enters an object whoever calls this.
  auto normalised = normalise_jpeg(file);
  if (!normalised) return tl::unexpected(normalised.error());
  auto layout = read_jpeg_layout(*normalised);
  if (!layout) return tl::unexpected(layout.error());
  stream.jpeg = std::move(*normalised);
  if (!passes_through(*layout)) {
    auto jpeg = reencode_jpeg(stream.jpeg, kFullSize, kTranscodeQuality);
    if (!jpeg) return tl::unexpected(jpeg.error());
    stream.jpeg = std::move(*jpeg);
    stream.transcoded = true;
    layout = read_jpeg_layout(stream.jpeg);
    if (!layout) return tl::unexpected(layout.error());
  }
  stream.frame = layout->frame;
  if (stream.frame.components == 3) stream.icc = std::move(layout->icc);
  return stream;
}

void put_picture(DicomBuilder& at, const PhotoStream& stream) {
  const JpegFrame& frame = stream.frame;
  const auto samples = static_cast<std::size_t>(frame.components);
  const auto rows = static_cast<std::size_t>(frame.height);
  const auto columns = static_cast<std::size_t>(frame.width);
  const std::string_view origin = stream.transcoded ? "DERIVED\\PRIMARY" : "ORIGINAL\\PRIMARY";
  at.text(dicom_tag::kImageType, "CS", origin);
  at.u16(dicom_tag::kSamplesPerPixel, samples);
  // The one name that VL objects have for colours in JPEG (PS3.3 C.8.12.1.1.1); how far chroma is
  // really subsampled, if at all, stands in the stream.
  at.text(dicom_tag::kPhotometric, "CS", samples > 1 ? "YBR_FULL_422" : "MONOCHROME2");
  if (samples > 1) at.u16(dicom_tag::kPlanarConfiguration, 0);
  at.u16(dicom_tag::kRows, rows);
  at.u16(dicom_tag::kColumns, columns);
  at.u16(dicom_tag::kBitsAllocated, 8);
  at.u16(dicom_tag::kBitsStored, 8);
  at.u16(dicom_tag::kHighBit, 7);
  at.u16(dicom_tag::kPixelRepresentation, 0);
  at.text(dicom_tag::kLossyCompression, "CS", "01");
  at.text(dicom_tag::kLossyRatio, "DS",
          fmt::format("{:.2f}", static_cast<double>(rows * columns * samples) /
                                    static_cast<double>(stream.jpeg.size())));
  at.text(dicom_tag::kLossyMethod, "CS", "ISO_10918_1");
  if (!stream.icc.empty() && samples == 3) at.bytes(dicom_tag::kIccProfile, "OB", stream.icc);
}

/// What a dermoscopic object has besides: Dermoscopic Image (PS3.3 C.8.12.9), Frame of Reference,
/// Enhanced General Equipment.
void put_dermoscopy(DicomBuilder& at, const DicomContext& context) {
  // How the picture was taken is not known here: type 2, empty. A dermatoscope shows some square
  // centimetres, in which no one is recognised; a sender who knows better sends a photo.
  at.text(dicom_tag::kRecognizableFeatures, "CS", "NO");
  at.empty(dicom_tag::kLightSourcePolarization, "CS");
  at.empty(dicom_tag::kEmitterColourTemperature, "US");
  at.empty(dicom_tag::kContactMethod, "CS");
  at.empty(dicom_tag::kOpticalMagnification, "DS");
  // A picture shares its frame with no other; a UID of its own follows from that of the object.
  const bool fits = context.instance_uid.size() + kFrameSuffix.size() <= kMaxUid;
  at.text(dicom_tag::kFrameOfReference, "UI",
          fits ? context.instance_uid + std::string(kFrameSuffix) : context.instance_uid);
  at.empty(dicom_tag::kPositionReference, "LO");
  const DeviceIdentity& device = context.device;
  if (device.manufacturer.empty()) at.text(dicom_tag::kManufacturer, "LO", kUnknown);
  if (device.model.empty()) at.text(dicom_tag::kModelName, "LO", kUnknown);
  if (device.serial.empty()) at.text(dicom_tag::kDeviceSerialNumber, "LO", kUnknown);
  at.text(dicom_tag::kSoftwareVersions, "LO", kUnknown);
}

}  // namespace

Result<Bytes> write_dicom_photo(ByteView normalised_jpeg, const DicomContext& context,
                                PhotoRole role) {
  if (const auto good = check_context(context, context.patient); !good) {
    return tl::unexpected(good.error());
  }
  auto stream = photo_stream(normalised_jpeg);
  if (!stream) return tl::unexpected(stream.error());

  const bool dermoscopic = role == PhotoRole::dermoscopy;
  const std::string_view sop_class = dermoscopic ? kDermoscopic : kPhotographic;
  const DicomInstant taken = dicom_instant(context.content_local);
  DicomBuilder dataset;
  put_header(dataset,
             {sop_class, dermoscopic ? "DMS" : "XC", context.patient, context.device, taken},
             context);
  dataset.empty(dicom_tag::kAcquisitionContext, "SQ");  // type 2: nothing is known of it
  if (!taken.time.empty()) {                            // type 1C: absent when unknown
    dataset.text(dicom_tag::kContentDate, "DA", taken.date);
    dataset.text(dicom_tag::kContentTime, "TM", taken.time);
  }
  dataset.empty(dicom_tag::kPatientOrientation, "CS");
  // Type 2C: the part photographed may be paired, its side unknown.
  dataset.empty(dicom_tag::kLaterality, "CS");
  put_picture(dataset, *stream);
  if (dermoscopic) put_dermoscopy(dataset, context);
  dataset.frame(dicom_tag::kPixelData, std::move(stream->jpeg));
  return dicom_file(sop_class, context.instance_uid, kBaseline, dataset);
}

Result<Bytes> write_dicom_pdf(ByteView pdf, std::string_view title, const DicomContext& context) {
  if (const auto good = check_context(context, context.patient); !good) {
    return tl::unexpected(good.error());
  }
  if (as_text(pdf).substr(0, kPdfHeaderWindow).find("%PDF-") == std::string_view::npos) {
    return fail(ErrorCode::malformed_file, "this is no PDF: send the report as PDF");
  }
  const DicomInstant written = dicom_instant(context.content_local);
  DicomBuilder dataset;
  put_header(dataset, {kEncapsulatedPdf, "DOC", context.patient, context.device, written}, context);
  dataset.text(dicom_tag::kConversionType, "CS", "WSD");  // made on a workstation
  dataset.text(dicom_tag::kContentDate, "DA", written.date);
  dataset.text(dicom_tag::kContentTime, "TM", written.time);
  dataset.empty(dicom_tag::kAcquisitionDateTime, "DT");
  // A report names the patient it is about.
  dataset.text(dicom_tag::kBurnedIn, "CS", "YES");
  dataset.text(dicom_tag::kDocumentTitle, "ST", dicom_text(title, kTitleCharacters));
  dataset.empty(dicom_tag::kConceptName, "SQ");
  dataset.text(dicom_tag::kDocumentMimeType, "LO", "application/pdf");
  dataset.u32(dicom_tag::kDocumentLength, pdf.size());
  dataset.bytes(dicom_tag::kEncapsulatedDocument, "OB", Bytes(pdf.begin(), pdf.end()));
  return dicom_file(kEncapsulatedPdf, context.instance_uid, kExplicitLittleEndian, dataset);
}

}  // namespace telavis
