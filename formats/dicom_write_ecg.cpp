// SPDX-License-Identifier: Apache-2.0
// ECG Waveform objects (PS3.3 A.34.3, A.34.4 and the General 32-bit ECG).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "formats/dicom.h"
#include "formats/dicom_builder.h"
#include "formats/dicom_codes.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_walk.h"

namespace telavis {
namespace {

// PS3.3 A.34.3.4.
constexpr std::size_t kTwelveLeadChannels = 13;
constexpr std::size_t kTwelveLeadSamples = 16'384;
// PS3.3 A.34.4.4.
constexpr std::size_t kGeneralChannels = 24;
constexpr double kMinHz = 200;
constexpr double kMaxHz = 1000;
/// Of one object, all channels: 64 MiB of 32 bits, what a file may have that is taken back.
constexpr std::size_t kMaxSamples = std::size_t{16} << 20;

constexpr std::string_view kTwelveLead = "1.2.840.10008.5.1.4.1.1.9.1.1";
constexpr std::string_view kGeneral = "1.2.840.10008.5.1.4.1.1.9.1.2";
constexpr std::string_view kGeneral32 = "1.2.840.10008.5.1.4.1.1.9.1.4";

/// One multiplex group: every lead from the first instant of any to the last, so that leads
/// recorded one after the other keep their places.
struct Group {
  std::string_view originality;
  double sampling_interval_us = 0;
  std::size_t first_sample = 0;
  std::size_t samples = 0;
  bool padded = false;             // some lead does not fill it
  bool wide = false;               // some sample does not fit in 16 bits
  std::int32_t lowest = 0;         // of all samples
  std::vector<const Lead*> leads;  // I II III aVR aVL aVF V1..V6, then the others as recorded
};

tl::unexpected<Error> cannot_hold(const std::string& what) {
  return fail(ErrorCode::unsupported_conversion, what + ": send the original file instead");
}

Result<void> check_lead(const Lead& lead) {
  if (dicom_lead_meaning(lead.code) == nullptr) {
    return cannot_hold(
        fmt::format("lead {} has no code in DICOM (CID 3001)", static_cast<int>(lead.code)));
  }
  if (!std::isfinite(lead.gain_nv_per_lsb) || lead.gain_nv_per_lsb <= 0) {
    return cannot_hold("a lead has no usable amplitude scale");
  }
  if (!std::isfinite(lead.sampling_interval_us) || lead.sampling_interval_us <= 0) {
    return cannot_hold("a lead has no usable sampling interval");
  }
  if (lead.samples.empty()) return cannot_hold("a lead of this recording is empty");
  return {};
}

std::vector<const Lead*> in_dicom_order(const std::vector<Lead>& recorded) {
  std::vector<const Lead*> leads;
  for (const LeadCode code : kTwelveLeads) {
    for (const Lead& lead : recorded) {
      if (lead.code == code) leads.push_back(&lead);
    }
  }
  for (const Lead& lead : recorded) {
    if (std::ranges::find(kTwelveLeads, lead.code) == kTwelveLeads.end()) leads.push_back(&lead);
  }
  return leads;
}

Result<Group> multiplex(const std::vector<Lead>& recorded, std::string_view originality) {
  Group group;
  group.originality = originality;
  group.leads = in_dicom_order(recorded);
  if (group.leads.empty()) return cannot_hold("this recording holds no lead");
  group.sampling_interval_us = group.leads.front()->sampling_interval_us;
  group.first_sample = group.leads.front()->first_sample;
  std::size_t end = 0;
  constexpr std::int32_t kHighest16 = std::numeric_limits<std::int16_t>::max();
  for (const Lead* lead : group.leads) {
    if (const auto good = check_lead(*lead); !good) return tl::unexpected(good.error());
    if (lead->sampling_interval_us != group.sampling_interval_us) {
      return cannot_hold("the leads of this recording differ in sampling rate");
    }
    group.first_sample = std::min<std::size_t>(group.first_sample, lead->first_sample);
    end = std::max(end, lead->first_sample + lead->samples.size());
    const auto [low, high] = std::ranges::minmax(lead->samples);
    group.lowest = std::min(group.lowest, low);
    group.wide = group.wide || low < -kHighest16 - 1 || high > kHighest16;
  }
  group.samples = end - group.first_sample;
  if (group.samples > kMaxSamples / group.leads.size()) {
    return cannot_hold("this recording is too long for one DICOM object");
  }
  group.padded = std::ranges::any_of(
      group.leads, [&](const Lead* lead) { return lead->samples.size() != group.samples; });
  // The lowest value marks gaps, so no sample may have it.
  if (group.padded && group.lowest == -kHighest16 - 1) group.wide = true;
  if (group.padded && group.lowest == std::numeric_limits<std::int32_t>::min()) {
    return cannot_hold(
        "a lead that was not recorded all the time holds the value that would mark its gaps");
  }
  return group;
}

/// Whether the object may be one of 12 leads.
bool is_twelve_lead(const Group& group) {
  constexpr std::array kRecorded = {LeadCode::I,  LeadCode::II, LeadCode::V1, LeadCode::V2,
                                    LeadCode::V3, LeadCode::V4, LeadCode::V5, LeadCode::V6};
  return group.leads.size() <= kTwelveLeadChannels && group.samples <= kTwelveLeadSamples &&
         std::ranges::all_of(kRecorded, [&](LeadCode code) {
           return std::ranges::find(group.leads, code, &Lead::code) != group.leads.end();
         });
}

Result<std::string_view> choose_class(const std::vector<Group>& groups) {
  bool wide = false;
  bool twelve = true;
  for (const Group& group : groups) {
    if (group.leads.size() > kGeneralChannels) {
      return cannot_hold(
          fmt::format("a DICOM ECG object holds at most {} leads, this recording "
                      "has {}",
                      kGeneralChannels, group.leads.size()));
    }
    const double hz = 1e6 / group.sampling_interval_us;
    wide = wide || group.wide || !(hz >= kMinHz && hz <= kMaxHz);
    twelve = twelve && (group.originality == "DERIVED" ? group.leads.size() <= kTwelveLeadChannels
                                                       : is_twelve_lead(group));
  }
  if (wide) return kGeneral32;
  return twelve ? kTwelveLead : kGeneral;
}

DicomBuilder channel_definition(const Lead& lead, const Filters& filters, bool wide) {
  DicomBuilder at;
  at.code(dicom_tag::kChannelSource, fmt::format("2:{}", static_cast<int>(lead.code)), "MDC",
          dicom_lead_meaning(lead.code));
  if (lead.derived) {
    at.text(dicom_tag::kChannelDerivation, "LO", "Calculated from other leads of this recording");
  }
  at.text(dicom_tag::kChannelSensitivity, "DS", dicom_decimal(lead.gain_nv_per_lsb / 1000));
  at.code(dicom_tag::kChannelUnits, "uV", "UCUM", "microvolt");
  at.text(dicom_tag::kChannelCorrection, "DS", "1");
  at.text(dicom_tag::kChannelBaseline, "DS", "0");
  at.text(dicom_tag::kChannelSampleSkew, "DS", "0");
  at.u16(dicom_tag::kWaveformBitsStored, wide ? 32 : 16);
  if (filters.high_pass_hz) {
    at.text(dicom_tag::kFilterLow, "DS", dicom_decimal(*filters.high_pass_hz));
  }
  if (filters.low_pass_hz) {
    at.text(dicom_tag::kFilterHigh, "DS", dicom_decimal(*filters.low_pass_hz));
  }
  if (filters.notch_hz)
    at.text(dicom_tag::kFilterNotch, "DS", fmt::format("{}", *filters.notch_hz));
  return at;
}

/// Samples of all leads, instant after instant, padding where a lead has none.
Bytes interleaved(const Group& group, bool wide) {
  const std::size_t channels = group.leads.size();
  const std::size_t width = wide ? 4 : 2;
  Bytes samples(group.samples * channels * width);
  const auto put = [&](std::size_t index, std::int32_t value) {
    for (std::size_t byte = 0; byte < width; ++byte) {
      samples[index * width + byte] =
          static_cast<std::uint8_t>(static_cast<std::uint32_t>(value) >> (8 * byte));
    }
  };
  const std::int32_t padding =
      wide ? std::numeric_limits<std::int32_t>::min() : std::numeric_limits<std::int16_t>::min();
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const Lead& lead = *group.leads[channel];
    const std::size_t from = lead.first_sample - group.first_sample;
    const std::size_t to = from + lead.samples.size();
    for (std::size_t i = 0; i < group.samples; ++i) {
      put(i * channels + channel, i >= from && i < to ? lead.samples[i - from] : padding);
    }
  }
  return samples;
}

DicomBuilder waveform_item(const Group& group, const Filters& filters, bool wide, bool alone) {
  DicomBuilder at;
  // No Multiplex Group Time Offset: it belongs to synchronised clocks (PS3.3 C.10.9), and the
  // averaged beat has no instant of its own.
  at.text(dicom_tag::kWaveformOriginality, "CS", group.originality);
  if (!alone) {
    at.text(dicom_tag::kMultiplexLabel, "SH",
            group.originality == "DERIVED" ? "MEDIAN BEAT" : "RHYTHM");
  }
  at.u16(dicom_tag::kWaveformChannels, group.leads.size());
  at.u32(dicom_tag::kWaveformSamples, group.samples);
  at.text(dicom_tag::kSamplingFrequency, "DS", dicom_decimal(1e6 / group.sampling_interval_us));
  for (const Lead* lead : group.leads) {
    at.item(dicom_tag::kChannelDefinitions, channel_definition(*lead, filters, wide));
  }
  at.u16(dicom_tag::kWaveformBitsAllocated, wide ? 32 : 16);
  at.text(dicom_tag::kWaveformInterpretation, "CS", wide ? "SL" : "SS");
  if (group.padded) {
    at.bytes(dicom_tag::kWaveformPadding, "OW", wide ? Bytes{0, 0, 0, 0x80} : Bytes{0, 0x80});
  }
  at.bytes(dicom_tag::kWaveformData, "OW", interleaved(group, wide));
  return at;
}

/// An annotation of every channel of the first group.
DicomBuilder annotation() {
  DicomBuilder at;
  at.u16s(dicom_tag::kReferencedChannels, "US", {1, 0});
  return at;
}

void put_statement(DicomBuilder& dataset, std::string_view text) {
  while (!text.empty()) {
    std::string_view rest;
    const std::string part = dicom_long_text(text, rest);
    text = rest;
    if (part.empty()) continue;
    DicomBuilder at = annotation();
    at.text(dicom_tag::kUnformattedText, "ST", part);
    dataset.item(dicom_tag::kAnnotations, at);
  }
}

void put_annotations(DicomBuilder& dataset, const EcgRecording& recording, const Group& group) {
  for (const std::string& statement : recording.statements) put_statement(dataset, statement);
  if (recording.statements_confirmed) put_statement(dataset, kConfirmedReport);
  for (const CodedMeasurement& measurement : coded_measurements(recording.measurements)) {
    DicomBuilder at = annotation();
    at.code(dicom_tag::kConceptName, measurement.code.value, measurement.code.scheme,
            measurement.code.meaning);
    at.text(dicom_tag::kNumericValue, "DS", fmt::format("{}", measurement.value));
    at.code(dicom_tag::kMeasurementUnits, measurement.unit, "UCUM",
            measurement.unit == "ms"    ? "millisecond"
            : measurement.unit == "deg" ? "degree"
                                        : "per minute");
    dataset.item(dicom_tag::kAnnotations, at);
  }
  const double interval = group.sampling_interval_us;
  // Of 600 samples a second the frequency is the round number, of every 1,667 us the interval.
  const bool whole = std::round(interval * 1000) / 1000 == interval;
  if (whole && std::fmod(1e6, interval) != 0) {
    put_statement(dataset,
                  fmt::format("{}{}{}", kIntervalNote, dicom_decimal(interval), kIntervalUnit));
  }
}

/// The averaged beat stands alone: when it began is not known, so it starts at zero.
Result<std::vector<Group>> groups_of(const EcgRecording& recording) {
  std::vector<Group> groups;
  auto rhythm = multiplex(recording.leads, "ORIGINAL");
  if (!rhythm) return tl::unexpected(rhythm.error());
  groups.push_back(std::move(*rhythm));
  if (recording.median_beat.empty()) return groups;
  auto beat = multiplex(recording.median_beat, "DERIVED");
  if (!beat) return tl::unexpected(beat.error());
  groups.push_back(std::move(*beat));
  return groups;
}

}  // namespace

Result<Bytes> write_dicom_ecg(const EcgRecording& recording, const DicomContext& context) {
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
  const auto groups = groups_of(recording);
  if (!groups) return tl::unexpected(groups.error());
  const auto sop_class = choose_class(*groups);
  if (!sop_class) return tl::unexpected(sop_class.error());

  DicomBuilder dataset;
  put_header(dataset, {*sop_class, "ECG", patient, recording.device, acquired}, context);
  dataset.empty(dicom_tag::kAcquisitionContext, "SQ");  // type 2: nothing is known of it
  dataset.text(dicom_tag::kContentDate, "DA", content.date);
  dataset.text(dicom_tag::kContentTime, "TM", content.time);
  dataset.text(dicom_tag::kAcquisitionDateTime, "DT", dicom_date_time(recording.acquired_at));
  const bool wide = *sop_class == kGeneral32;
  for (const Group& group : *groups) {
    dataset.item(dicom_tag::kWaveformSequence,
                 waveform_item(group, recording.filters, wide, groups->size() == 1));
  }
  put_annotations(dataset, recording, groups->front());
  return dicom_file(*sop_class, context.instance_uid, kExplicitLittle, dataset);
}

}  // namespace telavis
