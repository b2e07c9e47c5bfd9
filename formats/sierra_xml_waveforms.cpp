// SPDX-License-Identifier: Apache-2.0
#include "formats/sierra_xml_waveforms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/base64.h"
#include "formats/sierra_xml_xli.h"
#include "formats/xml_digits.h"
#include "formats/xml_values.h"

namespace telavis::sierra {
namespace {

using xml::Element;
using xml::equal_ignoring_case;

constexpr std::size_t kMaxChannels = 64;        // 12 and 16 are usual
constexpr double kMaxSamplingHz = 100'000;      // 500 and 1000 are usual
constexpr double kMaxSamplesPerLead = 1 << 22;  // an hour at 1000 Hz, with room
// Unpacked XLI of all channels together: what a damaged file can make us allocate.
constexpr double kMaxUnpackedSamples = 1 << 25;
constexpr int kSampleBits = 16;

// What a waveform element says of itself; where it does not, the acquisition speaks (1.03).
struct Signal {
  std::string_view encoding;
  std::string_view compression;
  double interval_us = 0;
  double gain_nv = 0;
  double samples_per_lead = 0;  // announced, 0 when it is not
  std::int32_t offset = 0;
  std::vector<std::string_view> labels;
};

std::string_view first_of(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (!xml::trimmed(text).empty()) return xml::trimmed(text);
  }
  return {};
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  constexpr std::string_view kBlank = " \t\r\n,";
  std::size_t begin = 0;
  while ((begin = text.find_first_not_of(kBlank, begin)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBlank, begin), text.size());
    if (out.size() < kMaxChannels) out.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return out;
}

tl::unexpected<Error> refuse(ErrorCode code, std::string_view why) {
  return fail(code, fmt::format("This Philips Sierra XML file {}. Export the recording again from "
                                "the device or from TraceMaster.",
                                why));
}

std::optional<double> interval_of(std::string_view hz_text) {
  const auto hz = xml::scaled_number(hz_text, 0);
  if (!hz || *hz < 1 || *hz > kMaxSamplingHz) return std::nullopt;
  return 1e6 / *hz;
}

std::vector<std::string_view> labels_of(const Element& waveforms, const Element& acquisition) {
  auto labels = words(waveforms.attribute("leadlabels"));
  const std::string_view stated = first_of({waveforms.attribute("numberofleads"),
                                            acquisition.child("numberchannelsvalid").text(),
                                            acquisition.child("numberchannelsallocated").text()});
  const int count = xml::whole_number(stated, 1, static_cast<int>(kMaxChannels)).value_or(0);
  if (labels.empty()) {
    // 1.03 does not list them: STD-12 and 10-WIRE are recorded in this order.
    labels = {"I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"};
  }
  if (count > 0 && labels.size() > static_cast<std::size_t>(count)) {
    labels.resize(static_cast<std::size_t>(count));
  }
  return labels;
}

std::string_view compression_of(const Element& waveforms) {
  const std::string_view flag = xml::trimmed(waveforms.attribute("compressflag"));
  if (equal_ignoring_case(flag, "False")) return {};
  const std::string_view method =
      first_of({waveforms.attribute("compression"), waveforms.attribute("compressmethod")});
  const bool none =
      equal_ignoring_case(method, "None") || equal_ignoring_case(method, "Uncompressed");
  return none ? std::string_view() : method;
}

Result<Signal> read_signal(const Element& waveforms, const Element& acquisition) {
  Signal out;
  const auto stated = [&](std::string_view attribute, std::string_view element,
                          std::string_view other_element = {}) {
    return first_of({waveforms.attribute(attribute), acquisition.child(element).text(),
                     acquisition.child(other_element.empty() ? element : other_element).text()});
  };
  out.encoding = xml::trimmed(waveforms.attribute("dataencoding"));
  out.compression = compression_of(waveforms);
  const auto interval = interval_of(stated("samplespersecond", "samplingrate"));
  // In microvolts a step.
  const auto gain = xml::scaled_number(stated("resolution", "resolution", "signalresolution"), 3);
  if (!interval || !gain || *gain <= 0) {
    return refuse(ErrorCode::malformed_file, "does not say how its leads were sampled");
  }
  out.interval_us = *interval;
  out.gain_nv = *gain;
  const std::string_view bits =
      first_of({waveforms.attribute("bitspersample"), waveforms.attribute("nbitspersample"),
                acquisition.child("bitspersample").text()});
  if (xml::whole_number(bits, 1, 64).value_or(kSampleBits) != kSampleBits &&
      !equal_ignoring_case(out.encoding, "Plain")) {
    return refuse(ErrorCode::unsupported_encoding, "has samples of another size than 16 bits");
  }
  const auto duration_ms = xml::scaled_number(waveforms.attribute("durationperchannel"), 0);
  if (duration_ms && *duration_ms > 0) {
    out.samples_per_lead = std::round(*duration_ms * 1000.0 / out.interval_us);
  }
  if (out.samples_per_lead > kMaxSamplesPerLead) {
    return refuse(ErrorCode::limit_exceeded, "announces a recording of more than an hour");
  }
  out.offset =
      xml::whole_number(stated("signaloffset", "signaloffset"), -32'768, 65'535).value_or(0);
  out.labels = labels_of(waveforms, acquisition);
  return out;
}

std::optional<Bytes> bytes_from_hex(std::string_view text) {
  Bytes out;
  int high = -1;
  for (const char c : text) {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) {
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return std::nullopt;
    } else if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  return high < 0 ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Bytes> bytes_of(std::string_view encoding, std::string_view text) {
  return equal_ignoring_case(encoding, "Hex") ? bytes_from_hex(text) : base64_decoded(text);
}

// Samples that are not compressed: text, or little-endian words of 16 bits.
std::optional<std::vector<std::int32_t>> plain_samples(std::string_view encoding,
                                                       std::string_view text) {
  std::vector<std::int32_t> samples;
  if (equal_ignoring_case(encoding, "Plain")) {
    auto digits = xml::read_digits(text);
    if (!digits || digits->decimals != 0) return std::nullopt;
    return std::move(digits->samples);
  }
  const auto bytes = bytes_of(encoding, text);
  if (!bytes) return std::nullopt;
  ByteReader reader(*bytes);
  samples.reserve(bytes->size() / 2);
  while (const auto sample = reader.i16le()) samples.push_back(*sample);
  return samples;
}

// All of the first lead, then all of the second, ...
std::vector<std::vector<std::int32_t>> split(const std::vector<std::int32_t>& samples,
                                             const Signal& signal) {
  const std::size_t leads = signal.labels.size();
  const std::size_t each = signal.samples_per_lead > 0
                               ? static_cast<std::size_t>(signal.samples_per_lead)
                               : samples.size() / leads;
  std::vector<std::vector<std::int32_t>> out;
  for (std::size_t begin = 0; each > 0 && begin < samples.size() && out.size() < leads;
       begin += each) {
    const std::size_t end = std::min(begin + each, samples.size());
    out.emplace_back(samples.begin() + static_cast<std::ptrdiff_t>(begin),
                     samples.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return out;
}

void restore(const Signal& signal, std::vector<std::vector<std::int32_t>>& leads) {
  const auto find = [&](LeadCode code) -> std::vector<std::int32_t>* {
    for (std::size_t i = 0; i < std::min(leads.size(), signal.labels.size()); ++i) {
      if (lead_from_name(signal.labels[i]) == code) return &leads[i];
    }
    return nullptr;
  };
  restore_limb_leads({find(LeadCode::I), find(LeadCode::II), find(LeadCode::III),
                      find(LeadCode::aVR), find(LeadCode::aVL), find(LeadCode::aVF)});
}

Result<std::vector<std::vector<std::int32_t>>> unpack(const Signal& signal, std::string_view text) {
  if (!equal_ignoring_case(signal.compression, "XLI")) {
    return refuse(ErrorCode::unsupported_encoding, "is compressed by another method than XLI");
  }
  const auto bytes = bytes_of(signal.encoding, text);
  const double limit = kMaxUnpackedSamples / static_cast<double>(signal.labels.size());
  const double each =
      signal.samples_per_lead > 0 ? 2 * signal.samples_per_lead : kMaxSamplesPerLead;
  auto leads = bytes ? unpack_xli(*bytes, signal.labels.size(),
                                  static_cast<std::size_t>(std::min(each, limit)))
                     : std::nullopt;
  if (!leads) return refuse(ErrorCode::malformed_file, "holds damaged waveforms");
  restore(signal, *leads);
  return std::move(*leads);
}

void add(const Signal& signal, std::string_view label, std::vector<std::int32_t> samples,
         EcgRecording& recording) {
  Lead lead;
  xml::name_lead(label, lead);
  lead.sampling_interval_us = signal.interval_us;
  lead.gain_nv_per_lsb = signal.gain_nv;
  for (std::int32_t& sample : samples) {
    const std::int64_t value = std::int64_t{sample} - signal.offset;
    sample = static_cast<std::int32_t>(std::clamp<std::int64_t>(value, INT32_MIN, INT32_MAX));
  }
  lead.samples = std::move(samples);
  if (signal.samples_per_lead > 0 && !lead.samples.empty() &&
      static_cast<double>(lead.samples.size()) != signal.samples_per_lead) {
    xml::note_length(lead, recording.findings);
  }
  xml::add_lead(std::move(lead), recording.leads, recording.findings);
}

Result<void> read_parsed(const Element& waveforms, const Element& acquisition,
                         EcgRecording& recording) {
  const auto signal = read_signal(waveforms, acquisition);
  if (!signal) return tl::unexpected(signal.error());
  std::vector<std::vector<std::int32_t>> leads;
  if (signal->compression.empty()) {
    const auto samples = plain_samples(signal->encoding, waveforms.text());
    if (!samples) return refuse(ErrorCode::malformed_file, "holds damaged waveforms");
    leads = split(*samples, *signal);
  } else {
    auto unpacked = unpack(*signal, waveforms.text());
    if (!unpacked) return tl::unexpected(unpacked.error());
    leads = std::move(*unpacked);
  }
  leads.resize(signal->labels.size());  // a lead without data is told of as empty
  for (std::size_t i = 0; i < leads.size(); ++i) {
    add(*signal, signal->labels[i], std::move(leads[i]), recording);
  }
  return {};
}

// Each lead in an element of its own. Not seen in files: unverified.
Result<void> read_lead_by_lead(const Element& waveforms, const Element& acquisition,
                               EcgRecording& recording) {
  auto signal = read_signal(waveforms, acquisition);
  if (!signal) return tl::unexpected(signal.error());
  if (!signal->compression.empty()) {
    return refuse(ErrorCode::unsupported_encoding, "compresses each lead on its own");
  }
  for (const Element waveform : waveforms.children("leadwaveform")) {
    auto samples = plain_samples(signal->encoding, waveform.text());
    if (!samples) return refuse(ErrorCode::malformed_file, "holds damaged waveforms");
    const auto duration_ms = xml::scaled_number(waveform.attribute("duration"), 0).value_or(0);
    signal->samples_per_lead = std::round(duration_ms * 1000.0 / signal->interval_us);
    add(*signal, waveform.attribute("leadname"), std::move(*samples), recording);
  }
  return {};
}

void read_filters(const Element& waveforms, const Element& acquisition, Filters& filters) {
  // 1.03 gives the band as "0.05-150".
  const std::string_view band = xml::trimmed(acquisition.child("signalbandwidth").text());
  const std::size_t dash = std::min(band.find('-'), band.size());
  const auto high_pass =
      xml::scaled_number(first_of({waveforms.attribute("hipass"),
                                   acquisition.child("hipass").text(), band.substr(0, dash)}),
                         0);
  const auto low_pass = xml::scaled_number(
      first_of({waveforms.attribute("lowpass"), acquisition.child("lowpass").text(),
                band.substr(std::min(dash + 1, band.size()))}),
      0);
  if (high_pass && *high_pass > 0) filters.high_pass_hz = high_pass;
  if (low_pass && *low_pass > 0) filters.low_pass_hz = low_pass;
  const std::string_view applied =
      first_of({waveforms.attribute("notchfiltered"), acquisition.child("notchfiltered").text()});
  if (!equal_ignoring_case(applied, "True")) return;
  const auto frequencies = words(first_of(
      {waveforms.attribute("notchfilterfreqs"), acquisition.child("notchfilterfreqs").text()}));
  if (frequencies.empty()) return;
  const auto hz = xml::whole_number(frequencies.front(), 50, 60);
  if (hz && (*hz == 50 || *hz == 60)) filters.notch_hz = hz;
}

}  // namespace

Result<void> read_rhythm(const Element& root, EcgRecording& recording) {
  const Element acquisition = root.path({"dataacquisition", "signalcharacteristics"});
  const Element waveforms = root.child("waveforms");
  Element parsed = waveforms.child("parsedwaveforms");
  if (!parsed) parsed = root.child("parsedwaveforms");
  if (parsed) {
    read_filters(parsed, acquisition, recording.filters);
    return read_parsed(parsed, acquisition, recording);
  }
  const Element single = waveforms.child("leadwaveforms");
  if (single) {
    read_filters(single, acquisition, recording.filters);
    return read_lead_by_lead(single, acquisition, recording);
  }
  if (waveforms.child("unparsedwaveforms")) {
    return refuse(ErrorCode::unsupported_format, "keeps its waveforms in a file of their own");
  }
  return refuse(ErrorCode::malformed_file, "holds no waveforms");
}

void read_beats(const Element& root, EcgRecording& recording) {
  Element beats = root.path({"waveforms", "repbeats"});
  if (!beats) beats = root.child("repbeats");
  if (!beats) return;
  const auto interval = interval_of(beats.attribute("samplespersec"));
  const auto gain = xml::scaled_number(beats.attribute("resolution"), 3);  // in microvolts
  const std::string_view compression = xml::trimmed(beats.attribute("compression"));
  bool readable = interval && gain && *gain > 0 && compression.empty();
  for (const Element beat : beats.children("repbeat")) {
    if (!readable) break;
    const Element waveform = beat.child("waveform");  // 1.03 has the data in the beat itself
    auto samples =
        plain_samples(beats.attribute("dataencoding"), waveform ? waveform.text() : beat.text());
    readable = samples.has_value();
    if (!readable) break;
    Lead lead;
    xml::name_lead(beat.attribute("leadname"), lead);
    lead.sampling_interval_us = *interval;
    lead.gain_nv_per_lsb = *gain;
    lead.samples = std::move(*samples);
    xml::add_lead(std::move(lead), recording.median_beat, recording.findings);
  }
  if (readable) return;
  recording.median_beat.clear();
  recording.findings.push_back({"median_unreadable", Severity::info,
                                "The averaged beat of the device cannot be read and is left out."});
}

}  // namespace telavis::sierra
