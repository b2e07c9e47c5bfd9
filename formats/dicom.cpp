// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/oflog/oflog.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "formats/dicom_text.h"
#include "formats/jpeg.h"
#include "formats/jpeg_codec.h"
#include "formats/jpeg_markers.h"

namespace telavis {
namespace {

// PS3.3 A.34.3.4, the 12-lead ECG object.
constexpr std::size_t kMaxChannels = 13;
constexpr std::size_t kMaxSamples = 16'384;
constexpr std::int32_t kPaddingValue = -32'768;  // what other writers of ECG objects use
constexpr double kMinHz = 200;
constexpr double kMaxHz = 1000;

constexpr std::size_t kLongString = 64;  // LO, PS3.5 table 6.2-1
constexpr std::size_t kMaxUid = 64;
constexpr int kTranscodeQuality = 95;  // one re-encoding must not be visible at full size
constexpr std::size_t kWriteChunk = std::size_t{1} << 20;

// The library would write its warnings, with values of attributes in them, to standard error.
void silence_dcmtk() {
  static const bool silent = [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    return true;
  }();
  static_cast<void>(silent);
}

/// Puts attributes with an explicit VR, so that nothing depends on the data dictionary file, and
/// keeps the first failure.
class Attributes {
 public:
  Attributes(DcmItem& item, OFCondition& status) : item_(item), status_(status) {}

  void text(const DcmTagKey& key, DcmEVR vr, const std::string& value) {
    note(value.empty() ? item_.insertEmptyElement(DcmTag(key, DcmVR(vr)))
                       : item_.putAndInsertString(DcmTag(key, DcmVR(vr)), value.c_str()));
  }
  void empty(const DcmTagKey& key, DcmEVR vr) { text(key, vr, {}); }
  void u16(const DcmTagKey& key, std::size_t value) {
    note(item_.putAndInsertUint16(DcmTag(key, DcmVR(EVR_US)), static_cast<Uint16>(value)));
  }
  void u16s(const DcmTagKey& key, DcmEVR vr, const std::vector<Uint16>& values) {
    note(item_.putAndInsertUint16Array(DcmTag(key, DcmVR(vr)), values.data(), values.size()));
  }
  void u32(const DcmTagKey& key, std::size_t value) {
    note(item_.putAndInsertUint32(DcmTag(key, DcmVR(EVR_UL)), static_cast<Uint32>(value)));
  }
  /// Appends an item to a sequence, and `fill`s it.
  template <typename Fill>
  void item(const DcmTagKey& key, Fill fill) {
    DcmItem* appended = nullptr;
    note(item_.findOrCreateSequenceItem(DcmTag(key, DcmVR(EVR_SQ)), appended, -2));
    if (appended == nullptr) return;
    Attributes inner(*appended, status_);
    fill(inner);
  }
  void code(const DcmTagKey& key, const std::string& value, const char* scheme,
            const char* meaning) {
    item(key, [&](Attributes& at) {
      at.text(DCM_CodeValue, EVR_SH, value);
      at.text(DCM_CodingSchemeDesignator, EVR_SH, scheme);
      at.text(DCM_CodeMeaning, EVR_LO, meaning);
    });
  }
  void note(const OFCondition& condition) {
    if (status_.good() && condition.bad()) status_ = condition;
  }

 private:
  DcmItem& item_;
  OFCondition& status_;
};

tl::unexpected<Error> dcmtk_failure(const OFCondition& condition) {
  return fail(
      ErrorCode::internal,
      fmt::format("the DICOM object could not be written ({}): report this", condition.text()));
}

Result<Bytes> write_object(DcmFileFormat& object, E_TransferSyntax syntax) {
  Bytes file;
  Bytes chunk(kWriteChunk);
  DcmOutputBufferStream stream(chunk.data(), static_cast<offile_off_t>(chunk.size()));
  const auto drain = [&] {
    void* bytes = nullptr;
    offile_off_t count = 0;
    stream.flushBuffer(bytes, count);
    const auto* from = static_cast<const std::uint8_t*>(bytes);
    file.insert(file.end(), from, from + count);
  };
  object.transferInit();
  OFCondition status = EC_StreamNotifyClient;
  while (status == EC_StreamNotifyClient) {  // the chunk is full
    status = object.write(stream, syntax, EET_ExplicitLength, nullptr);
    drain();
  }
  object.transferEnd();
  if (status.bad()) return dcmtk_failure(status);
  return file;
}

bool legal_uid(std::string_view uid) {
  if (uid.empty() || uid.size() > kMaxUid) return false;
  bool at_start = true;
  for (std::size_t i = 0; i < uid.size(); ++i) {
    const bool last = i + 1 == uid.size();
    if (uid[i] == '.') {
      if (at_start || last) return false;
      at_start = true;
    } else if (uid[i] < '0' || uid[i] > '9') {
      return false;
    } else {
      if (at_start && uid[i] == '0' && !last && uid[i + 1] != '.') return false;
      at_start = false;
    }
  }
  return true;
}

Result<void> check_context(const DicomContext& context, const PatientIdentity& patient) {
  if (!legal_uid(context.study_uid) || !legal_uid(context.series_uid) ||
      !legal_uid(context.instance_uid)) {
    return fail(ErrorCode::unsupported_conversion,
                "a DICOM object needs legal study, series and instance UIDs (PS3.5 chapter 9)");
  }
  // A patient identifier that were cut or changed could be somebody else's.
  if (dicom_text(patient.id, kLongString) != patient.id) {
    return fail(
        ErrorCode::unsupported_conversion,
        "the patient identifier is longer than 64 characters or holds a character that DICOM "
        "does not allow: send the original file instead");
  }
  return {};
}

bool is_empty(const PatientIdentity& patient) {
  return patient.id.empty() && patient.family_name.empty() && patient.given_name.empty() &&
         patient.birth_date.empty() && patient.sex == Sex::unknown;
}

std::string dicom_sex(Sex sex) {
  switch (sex) {
    case Sex::unknown:
      return {};
    case Sex::male:
      return "M";
    case Sex::female:
      return "F";
    case Sex::other:
      return "O";
  }
  return {};
}

/// Patient, General Study, General Series, General Equipment, SOP Common (PS3.3 C.7 and C.12).
struct ObjectIdentity {
  const char* sop_class;
  const char* modality;
  PatientIdentity patient;
  DeviceIdentity device;
  DicomInstant study;
};

void put_identity(Attributes& at, const ObjectIdentity& identity, const DicomContext& context) {
  at.text(DCM_SpecificCharacterSet, EVR_CS, "ISO_IR 192");
  at.text(DCM_SOPClassUID, EVR_UI, identity.sop_class);
  at.text(DCM_SOPInstanceUID, EVR_UI, context.instance_uid);
  at.text(DCM_PatientName, EVR_PN, dicom_person_name(identity.patient));
  at.text(DCM_PatientID, EVR_LO, identity.patient.id);
  at.text(DCM_PatientBirthDate, EVR_DA, dicom_instant(identity.patient.birth_date).date);
  at.text(DCM_PatientSex, EVR_CS, dicom_sex(identity.patient.sex));
  at.text(DCM_StudyInstanceUID, EVR_UI, context.study_uid);
  at.text(DCM_StudyDate, EVR_DA, identity.study.date);
  at.text(DCM_StudyTime, EVR_TM, identity.study.time);
  at.empty(DCM_ReferringPhysicianName, EVR_PN);
  at.empty(DCM_StudyID, EVR_SH);
  at.empty(DCM_AccessionNumber, EVR_SH);
  at.text(DCM_Modality, EVR_CS, identity.modality);
  at.text(DCM_SeriesInstanceUID, EVR_UI, context.series_uid);
  at.text(DCM_SeriesNumber, EVR_IS, "1");
  at.text(DCM_InstanceNumber, EVR_IS, "1");
  at.text(DCM_Manufacturer, EVR_LO, dicom_text(identity.device.manufacturer, kLongString));
  if (!identity.device.model.empty()) {
    at.text(DCM_ManufacturerModelName, EVR_LO, dicom_text(identity.device.model, kLongString));
  }
  if (!identity.device.serial.empty()) {
    at.text(DCM_DeviceSerialNumber, EVR_LO, dicom_text(identity.device.serial, kLongString));
  }
  at.empty(DCM_AcquisitionContextSequence, EVR_SQ);  // type 2: nothing is known of it
}

// ---- ECG ----

/// Code meaning of a lead in CID 3001 (PS3.16); the code itself is "2:<id>" in scheme MDC.
const char* lead_meaning(LeadCode code) {
  switch (code) {
    case LeadCode::unspecified:
      return nullptr;
    case LeadCode::I:
      return "Lead I";
    case LeadCode::II:
      return "Lead II";
    case LeadCode::V1:
      return "Lead V1";
    case LeadCode::V2:
      return "Lead V2";
    case LeadCode::V3:
      return "Lead V3";
    case LeadCode::V4:
      return "Lead V4";
    case LeadCode::V5:
      return "Lead V5";
    case LeadCode::V6:
      return "Lead V6";
    case LeadCode::V7:
      return "Lead V7";
    case LeadCode::V2R:
      return "Lead V2R";
    case LeadCode::V3R:
      return "Lead V3R";
    case LeadCode::V4R:
      return "Lead V4R";
    case LeadCode::V5R:
      return "Lead V5R";
    case LeadCode::V6R:
      return "Lead V6R";
    case LeadCode::V7R:
      return "Lead V7R";
    case LeadCode::X:
      return "Lead X";
    case LeadCode::Y:
      return "Lead Y";
    case LeadCode::Z:
      return "Lead Z";
    case LeadCode::III:
      return "Lead III";
    case LeadCode::aVR:
      return "aVR, augmented voltage, right";
    case LeadCode::aVL:
      return "aVL, augmented voltage, left";
    case LeadCode::aVF:
      return "aVF, augmented voltage, foot";
    case LeadCode::minus_aVR:
      return "-aVR";
    case LeadCode::V8:
      return "Lead V8";
    case LeadCode::V9:
      return "Lead V9";
    case LeadCode::V8R:
      return "Lead V8R";
    case LeadCode::V9R:
      return "Lead V9R";
  }
  return nullptr;
}

/// One multiplex group: every lead from the first instant of any to the last, so that leads
/// recorded one after the other keep their places.
struct Group {
  double sampling_interval_us = 0;
  std::size_t first_sample = 0;
  std::size_t samples = 0;
  bool padded = false;             // some lead does not fill it
  std::vector<const Lead*> leads;  // I II III aVR aVL aVF V1..V6, then the others as recorded
};

Result<void> check_lead(const Lead& lead) {
  if (lead_meaning(lead.code) == nullptr) {
    return fail(
        ErrorCode::unsupported_conversion,
        fmt::format("lead {} has no code in DICOM (CID 3001): send the original file instead",
                    static_cast<int>(lead.code)));
  }
  if (!std::isfinite(lead.gain_nv_per_lsb) || lead.gain_nv_per_lsb <= 0) {
    return fail(ErrorCode::unsupported_conversion,
                "a lead has no usable amplitude scale: send the original file instead");
  }
  const double hz = 1e6 / lead.sampling_interval_us;
  if (!(hz >= kMinHz && hz <= kMaxHz)) {
    return fail(
        ErrorCode::unsupported_conversion,
        "a 12-lead DICOM object holds 200 to 1,000 samples a second: send the original file "
        "instead");
  }
  if (lead.samples.empty()) {
    return fail(ErrorCode::unsupported_conversion,
                "a lead of this recording is empty: send the original file instead");
  }
  const auto [low, high] = std::minmax_element(lead.samples.begin(), lead.samples.end());
  if (*low < std::numeric_limits<std::int16_t>::min() ||
      *high > std::numeric_limits<std::int16_t>::max()) {
    return fail(ErrorCode::unsupported_conversion,
                "a sample does not fit in the 16 bits of a 12-lead DICOM object: send the original "
                "file instead");
  }
  return {};
}

std::vector<const Lead*> in_dicom_order(const EcgRecording& recording) {
  std::vector<const Lead*> leads;
  for (const LeadCode code : kTwelveLeads) {
    if (const Lead* lead = recording.lead(code)) leads.push_back(lead);
  }
  for (const Lead& lead : recording.leads) {
    if (std::find(kTwelveLeads.begin(), kTwelveLeads.end(), lead.code) == kTwelveLeads.end()) {
      leads.push_back(&lead);
    }
  }
  return leads;
}

Result<Group> multiplex(const EcgRecording& recording) {
  constexpr std::array kRecorded = {LeadCode::I,  LeadCode::II, LeadCode::V1, LeadCode::V2,
                                    LeadCode::V3, LeadCode::V4, LeadCode::V5, LeadCode::V6};
  for (const LeadCode code : kRecorded) {
    if (recording.lead(code) == nullptr) {
      return fail(ErrorCode::unsupported_conversion,
                  "this recording lacks leads of a 12-lead ECG: send the original file instead");
    }
  }
  Group group;
  group.leads = in_dicom_order(recording);
  group.sampling_interval_us = group.leads.front()->sampling_interval_us;
  group.first_sample = group.leads.front()->first_sample;
  std::size_t end = 0;
  bool uses_padding_value = false;
  for (const Lead* lead : group.leads) {
    if (const auto good = check_lead(*lead); !good) return tl::unexpected(good.error());
    if (lead->sampling_interval_us != group.sampling_interval_us) {
      return fail(ErrorCode::unsupported_conversion,
                  "the leads of this recording differ in sampling rate: send the original file "
                  "instead");
    }
    group.first_sample = std::min<std::size_t>(group.first_sample, lead->first_sample);
    end = std::max(end, lead->first_sample + lead->samples.size());
    uses_padding_value = uses_padding_value || std::find(lead->samples.begin(), lead->samples.end(),
                                                         kPaddingValue) != lead->samples.end();
  }
  group.samples = end - group.first_sample;
  group.padded = std::any_of(group.leads.begin(), group.leads.end(), [&](const Lead* lead) {
    return lead->samples.size() != group.samples;
  });
  if (group.leads.size() > kMaxChannels || group.samples > kMaxSamples) {
    return fail(ErrorCode::unsupported_conversion,
                fmt::format("a 12-lead DICOM object holds at most {} leads of {} samples, this "
                            "recording has {} of {}: send the original file instead",
                            kMaxChannels, kMaxSamples, group.leads.size(), group.samples));
  }
  if (group.padded && uses_padding_value) {
    return fail(
        ErrorCode::unsupported_conversion,
        "a lead that was not recorded all the time holds the value that would mark its gaps: "
        "send the original file instead");
  }
  return group;
}

void put_channel(Attributes& at, const Lead& lead, const Filters& filters) {
  at.code(DCM_ChannelSourceSequence, fmt::format("2:{}", static_cast<int>(lead.code)), "MDC",
          lead_meaning(lead.code));
  if (lead.derived) {
    at.text(DCM_ChannelDerivationDescription, EVR_LO,
            "Calculated from other leads of this recording");
  }
  at.text(DCM_ChannelSensitivity, EVR_DS, dicom_decimal(lead.gain_nv_per_lsb / 1000));
  at.code(DCM_ChannelSensitivityUnitsSequence, "uV", "UCUM", "microvolt");
  at.text(DCM_ChannelSensitivityCorrectionFactor, EVR_DS, "1");
  at.text(DCM_ChannelBaseline, EVR_DS, "0");
  at.text(DCM_ChannelSampleSkew, EVR_DS, "0");
  at.u16(DCM_WaveformBitsStored, 16);
  // Named after the edges of the pass-band: "low" is the high-pass corner (PS3.3 C.10.9.1.4).
  if (filters.high_pass_hz) {
    at.text(DCM_FilterLowFrequency, EVR_DS, dicom_decimal(*filters.high_pass_hz));
  }
  if (filters.low_pass_hz) {
    at.text(DCM_FilterHighFrequency, EVR_DS, dicom_decimal(*filters.low_pass_hz));
  }
  if (filters.notch_hz) {
    at.text(DCM_NotchFilterFrequency, EVR_DS, fmt::format("{}", *filters.notch_hz));
  }
}

void put_group(Attributes& at, const Group& group, const Filters& filters) {
  at.text(DCM_WaveformOriginality, EVR_CS, "ORIGINAL");
  at.u16(DCM_NumberOfWaveformChannels, group.leads.size());
  at.u32(DCM_NumberOfWaveformSamples, group.samples);
  at.text(DCM_SamplingFrequency, EVR_DS, dicom_decimal(1e6 / group.sampling_interval_us));
  for (const Lead* lead : group.leads) {
    at.item(DCM_ChannelDefinitionSequence,
            [&](Attributes& channel) { put_channel(channel, *lead, filters); });
  }
  at.u16(DCM_WaveformBitsAllocated, 16);
  at.text(DCM_WaveformSampleInterpretation, EVR_CS, "SS");
  constexpr auto kPadding = static_cast<Uint16>(kPaddingValue);
  if (group.padded) at.u16s(DCM_WaveformPaddingValue, EVR_OW, {kPadding});
  const std::size_t channels = group.leads.size();
  std::vector<Uint16> samples(group.samples * channels, kPadding);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const Lead& lead = *group.leads[channel];
    const std::size_t from = lead.first_sample - group.first_sample;
    for (std::size_t i = 0; i < lead.samples.size(); ++i) {
      samples[(from + i) * channels + channel] = static_cast<Uint16>(lead.samples[i]);
    }
  }
  at.u16s(DCM_WaveformData, EVR_OW, samples);
}

void put_annotation(Attributes& at, std::string_view text) {
  while (!text.empty()) {
    std::string_view rest;
    const std::string part = dicom_long_text(text, rest);
    text = rest;
    if (part.empty()) continue;
    at.item(DCM_WaveformAnnotationSequence, [&](Attributes& annotation) {
      annotation.text(DCM_UnformattedTextValue, EVR_ST, part);
      annotation.u16s(DCM_ReferencedWaveformChannels, EVR_US, {1, 0});  // group 1, every channel
    });
  }
}

}  // namespace

bool looks_like_dicom(ByteView file) {
  return file.size() >= 132 && as_text(file.subspan(128, 4)) == "DICM";
}

Result<Bytes> write_dicom_ecg(const EcgRecording& recording, const DicomContext& context) {
  silence_dcmtk();
  const PatientIdentity& patient = is_empty(context.patient) ? recording.patient : context.patient;
  if (const auto good = check_context(context, patient); !good) return tl::unexpected(good.error());
  const DicomInstant acquired = dicom_instant(recording.acquired_at.local);
  const DicomInstant content = dicom_instant(
      context.content_local.empty() ? recording.acquired_at.local : context.content_local);
  if (acquired.time.empty() || content.time.empty()) {
    return fail(ErrorCode::unsupported_conversion,
                "this recording does not say when it was made, which DICOM requires: set the clock "
                "of the device, or send the original file instead");
  }
  const auto group = multiplex(recording);
  if (!group) return tl::unexpected(group.error());

  DcmFileFormat object;
  OFCondition status = EC_Normal;
  Attributes at(*object.getDataset(), status);
  put_identity(at, {UID_TwelveLeadECGWaveformStorage, "ECG", patient, recording.device, acquired},
               context);
  at.text(DCM_ContentDate, EVR_DA, content.date);
  at.text(DCM_ContentTime, EVR_TM, content.time);
  at.text(DCM_AcquisitionDateTime, EVR_DT, dicom_date_time(recording.acquired_at));
  at.item(DCM_WaveformSequence,
          [&](Attributes& item) { put_group(item, *group, recording.filters); });
  for (const std::string& statement : recording.statements) put_annotation(at, statement);
  if (std::fmod(1e6, group->sampling_interval_us) != 0) {
    // The frequency is then a rounded quotient; the device stated the interval.
    put_annotation(at, fmt::format("Sampling interval stated by the device: {} us",
                                   dicom_decimal(group->sampling_interval_us)));
  }
  if (status.bad()) return dcmtk_failure(status);
  return write_object(object, EXS_LittleEndianExplicit);
}

// ---- photo ----

namespace {

/// What stands in the object: a baseline JPEG, upright, grey or YCbCr.
struct PhotoStream {
  Bytes jpeg;
  JpegFrame frame;
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
  const auto found = read_jpeg_layout(*normalised);
  if (!found) return tl::unexpected(found.error());
  if (passes_through(*found)) {
    stream.frame = found->frame;
    stream.jpeg = std::move(*normalised);
    return stream;
  }
  auto jpeg = reencode_jpeg(*normalised, kFullSize, kTranscodeQuality);
  if (!jpeg) return tl::unexpected(jpeg.error());
  const auto written = read_jpeg_layout(*jpeg);
  if (!written) return tl::unexpected(written.error());
  stream.frame = written->frame;
  stream.jpeg = std::move(*jpeg);
  stream.transcoded = true;
  return stream;
}

void put_picture(Attributes& at, const PhotoStream& stream) {
  const JpegFrame& frame = stream.frame;
  const auto samples = static_cast<std::size_t>(frame.components);
  const auto rows = static_cast<std::size_t>(frame.height);
  const auto columns = static_cast<std::size_t>(frame.width);
  at.text(DCM_ImageType, EVR_CS, stream.transcoded ? "DERIVED\\PRIMARY" : "ORIGINAL\\PRIMARY");
  at.u16(DCM_SamplesPerPixel, samples);
  // The one name that VL objects have for colours in JPEG (PS3.3 C.8.12.1.1.1); how far chroma is
  // really subsampled, if at all, stands in the stream.
  at.text(DCM_PhotometricInterpretation, EVR_CS, samples > 1 ? "YBR_FULL_422" : "MONOCHROME2");
  if (samples > 1) at.u16(DCM_PlanarConfiguration, 0);
  at.u16(DCM_Rows, rows);
  at.u16(DCM_Columns, columns);
  at.u16(DCM_BitsAllocated, 8);
  at.u16(DCM_BitsStored, 8);
  at.u16(DCM_HighBit, 7);
  at.u16(DCM_PixelRepresentation, 0);
  at.text(DCM_LossyImageCompression, EVR_CS, "01");
  at.text(DCM_LossyImageCompressionRatio, EVR_DS,
          fmt::format("{:.2f}", static_cast<double>(rows * columns * samples) /
                                    static_cast<double>(stream.jpeg.size())));
  at.text(DCM_LossyImageCompressionMethod, EVR_CS, "ISO_10918_1");
}

/// PS3.5 A.4: an empty offset table, then the one frame in one fragment of even length.
OFCondition put_frame(DcmItem& dataset, Bytes jpeg) {
  if (jpeg.size() % 2 != 0) jpeg.push_back(0);
  const DcmTag item_tag(DCM_PixelItemTag, DcmVR(EVR_pixelItem));
  auto sequence =
      std::make_unique<DcmPixelSequence>(DcmTag(DCM_PixelSequenceTag, DcmVR(EVR_pixelSQ)));
  auto offset_table = std::make_unique<DcmPixelItem>(item_tag);
  auto fragment = std::make_unique<DcmPixelItem>(item_tag);
  OFCondition status =
      fragment->putUint8Array(jpeg.data(), static_cast<unsigned long>(jpeg.size()));
  if (status.good()) status = sequence->insert(offset_table.get());
  if (status.bad()) return status;
  static_cast<void>(offset_table.release());  // the sequence owns it now
  status = sequence->insert(fragment.get());
  if (status.bad()) return status;
  static_cast<void>(fragment.release());
  auto pixels = std::make_unique<DcmPixelData>(DcmTag(DCM_PixelData, DcmVR(EVR_OB)));
  pixels->putOriginalRepresentation(EXS_JPEGProcess1, nullptr, sequence.release());
  status = dataset.insert(pixels.get());
  if (status.good()) static_cast<void>(pixels.release());
  return status;
}

}  // namespace

Result<Bytes> write_dicom_photo(ByteView normalised_jpeg, const DicomContext& context) {
  silence_dcmtk();
  if (const auto good = check_context(context, context.patient); !good) {
    return tl::unexpected(good.error());
  }
  auto stream = photo_stream(normalised_jpeg);
  if (!stream) return tl::unexpected(stream.error());

  const DicomInstant taken = dicom_instant(context.content_local);
  DcmFileFormat object;
  OFCondition status = EC_Normal;
  Attributes at(*object.getDataset(), status);
  put_identity(at, {UID_VLPhotographicImageStorage, "XC", context.patient, {}, taken}, context);
  if (!taken.time.empty()) {  // type 1C: absent when unknown
    at.text(DCM_ContentDate, EVR_DA, taken.date);
    at.text(DCM_ContentTime, EVR_TM, taken.time);
  }
  at.empty(DCM_PatientOrientation, EVR_CS);
  at.empty(DCM_Laterality,
           EVR_CS);  // type 2C: the part photographed may be paired, its side unknown
  put_picture(at, *stream);
  at.note(put_frame(*object.getDataset(), std::move(stream->jpeg)));
  if (status.bad()) return dcmtk_failure(status);
  return write_object(object, EXS_JPEGProcess1);
}

}  // namespace telavis
