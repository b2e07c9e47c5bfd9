// SPDX-License-Identifier: Apache-2.0
// Waveform Module (PS3.3 C.10.9): multiplex groups to leads.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "formats/dicom_codes.h"
#include "formats/dicom_read.h"
#include "formats/dicom_samples.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxChannels = 256;  // electrode arrays have as many; PS3.3 A.34 has 24
constexpr std::size_t kMaxGroups = 64;     // PS3.3 A.34 has at most five
/// Samples of all leads together, 192 MiB of them: a file of 64 MiB holds as many only when they
/// are of 8 bits, and a Holter of 24 hours is no exam for a second opinion on a tracing.
constexpr std::size_t kMaxSamples = std::size_t{48} << 20;
constexpr double kMaxBeatSeconds = 2;  // a derived group as short as this is an averaged beat
/// Instants before a lead starts: an hour at 1,000 a second. Each costs whoever draws or lists it.
constexpr double kMaxOffset = 1 << 22;
constexpr double kMinHz = 1;
constexpr double kMaxHz = 100'000;

using Findings = std::vector<Finding>;

void note(Findings& findings, const char* code, std::string text) {
  const auto same = [&](const Finding& finding) {
    return finding.code == code && finding.text == text;
  };
  if (std::ranges::any_of(findings, same)) return;
  findings.push_back({code, Severity::warning, std::move(text)});
}

/// A multiplex group whose samples are still in the file.
struct Group {
  SampleLayout layout;
  std::size_t samples = 0;  // a channel
  double interval_us = 0;
  double offset_us = 0;
  bool derived = false;
  std::vector<DicomItem> definitions;

  double seconds() const { return static_cast<double>(samples) * interval_us / 1e6; }
};

/// A lead of a group, and what its channel says besides.
struct Channel {
  Lead lead;
  Filters filters;
};

/// Frequencies are decimals; the interval that was meant is a whole number of nanoseconds unless
/// it is a fraction like 1/600 s.
double interval_of(double hz) {
  constexpr double kMeant = 1e-9;  // relative: DS has 16 characters, of which 14 digits at worst
  const double interval = 1e6 / hz;
  const double nanoseconds = std::round(interval * 1000) / 1000;
  return std::abs(nanoseconds - interval) <= kMeant * interval ? nanoseconds : interval;
}

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::malformed_file,
              fmt::format("The tracing in the DICOM file is damaged: {}. Export it again from the "
                          "device.",
                          what));
}

Result<SampleCode> read_sample_code(const DicomItem& item) {
  const std::string_view interpretation = dicom_raw_text(item, dicom_tag::kWaveformInterpretation);
  const auto allocated = dicom_unsigned(item, dicom_tag::kWaveformBitsAllocated);
  const auto code = sample_code(interpretation, allocated.value_or(0));
  if (code) return *code;
  if (interpretation == "MB" || interpretation == "AB") {
    return fail(ErrorCode::unsupported_encoding,
                "The samples of this DICOM object are coded as sound (mu-law or A-law), which is "
                "no tracing. Export the ECG as 12-lead or General ECG.");
  }
  return fail(ErrorCode::unsupported_encoding,
              "The samples of this DICOM object are of a kind that the standard does not have. "
              "Export the ECG again, or as SCP-ECG.");
}

Result<Group> read_group(const DicomItem& item, Findings& findings) {
  Group group;
  const auto code = read_sample_code(item);
  if (!code) return tl::unexpected(code.error());
  const auto channels = dicom_unsigned(item, dicom_tag::kWaveformChannels);
  const auto samples = dicom_unsigned(item, dicom_tag::kWaveformSamples);
  const auto hz = dicom_number(item, dicom_tag::kSamplingFrequency);
  if (!channels || *channels == 0 || !samples || *samples == 0) {
    return damaged("it does not say how many channels and samples it has");
  }
  if (*channels > kMaxChannels) {
    return fail(ErrorCode::limit_exceeded,
                "The DICOM object has more channels than any ECG. Export the ECG alone.");
  }
  if (!hz || !(*hz >= kMinHz && *hz <= kMaxHz)) {
    return damaged("its sampling frequency is missing or impossible");
  }
  group.definitions = dicom_items(item, dicom_tag::kChannelDefinitions);
  if (group.definitions.size() != *channels) {
    return damaged("its channels are not described one by one");
  }
  const DicomElement* data = item.find(dicom_tag::kWaveformData);
  if (data == nullptr || data->encapsulated) return damaged("it holds no samples");
  group.layout = {.code = *code,
                  .channels = *channels,
                  .big_endian = item.encoding.big_endian,
                  .in_words = data->vr[1] == 'W',
                  .data = data->value};
  group.samples = std::min<std::size_t>(*samples, group.layout.samples());
  if (group.samples == 0) return damaged("it holds no samples");
  if (group.samples < *samples) {
    note(findings, "lead_length_mismatch",
         fmt::format("The file states {} samples a lead and holds {}; what is there is shown.",
                     *samples, group.samples));
  }
  group.interval_us = interval_of(*hz);
  group.offset_us = 1000 * dicom_number(item, dicom_tag::kMultiplexTimeOffset).value_or(0);
  group.derived = dicom_raw_text(item, dicom_tag::kWaveformOriginality) == "DERIVED";
  if (const DicomElement* padding = item.find(dicom_tag::kWaveformPadding)) {
    group.layout.padding = padding_value(group.layout, padding->value);
  }
  return group;
}

Filters read_filters(const DicomItem& channel, Findings& findings) {
  const auto positive = [&](std::uint32_t tag) {
    const auto value = dicom_number(channel, tag);
    return value && *value > 0 ? value : std::nullopt;  // 0 is what is written for "none"
  };
  Filters filters;
  filters.high_pass_hz = positive(dicom_tag::kFilterLow);
  filters.low_pass_hz = positive(dicom_tag::kFilterHigh);
  if (filters.high_pass_hz && filters.low_pass_hz && *filters.high_pass_hz > *filters.low_pass_hz) {
    std::swap(filters.high_pass_hz, filters.low_pass_hz);
    note(findings, "filters_swapped",
         "The file names its low-pass filter as the lower edge and its high-pass filter as the "
         "upper one; they were exchanged.");
  }
  if (const auto notch = positive(dicom_tag::kFilterNotch); notch && *notch < kMaxHz) {
    filters.notch_hz = static_cast<int>(std::lround(*notch));
  }
  return filters;
}

/// Nanovolts of one step; nullopt with a finding when the channel does not say, or is no voltage.
std::optional<double> read_gain(const DicomItem& channel, std::string_view sets,
                                const std::string& title, double& nanovolts_a_unit,
                                Findings& findings) {
  const auto sensitivity = dicom_number(channel, dicom_tag::kChannelSensitivity);
  const DicomCode unit = dicom_code(channel, dicom_tag::kChannelUnits, sets);
  const bool has_unit = !unit.value.empty() || !unit.meaning.empty();
  const auto nanovolts = nanovolts_per_unit(unit);
  const double correction = dicom_number(channel, dicom_tag::kChannelCorrection).value_or(1);
  if (has_unit && !nanovolts) {
    note(findings, "channel_not_ecg",
         fmt::format("Channel {} is not a voltage and is left out.", title));
    return std::nullopt;
  }
  if (!sensitivity || !nanovolts || *sensitivity == 0 || correction == 0) {
    note(findings, "lead_scale_missing",
         fmt::format("Lead {} does not say its amplitude in volts and is left out. Export the ECG "
                     "again.",
                     title));
    return std::nullopt;
  }
  nanovolts_a_unit = *nanovolts;
  return without_binary_noise(*sensitivity * correction * *nanovolts);
}

/// Which lead the channel is, or how it calls itself.
void name_lead(const DicomItem& channel, std::string_view sets, std::size_t number, Lead& lead) {
  const DicomCode source = dicom_code(channel, dicom_tag::kChannelSource, sets);
  const std::string label = dicom_utf8(dicom_raw_text(channel, dicom_tag::kChannelLabel), sets);
  auto code = lead_from_dicom(source);
  if (!code) code = lead_from_label(label);
  if (code) {
    lead.code = *code;
    return;
  }
  const std::string said = source.meaning.empty() ? source.value : source.meaning;
  lead.label = !label.empty() ? label : !said.empty() ? said : fmt::format("{}", number);
}

/// Leads of a hemodynamic object stand beside pressures and other signals.
bool is_wanted(const Lead& lead, bool hemodynamic, Findings& findings) {
  if (!hemodynamic || lead.code != LeadCode::unspecified) return true;
  note(findings, "channel_not_ecg",
       fmt::format("Channel {} is no ECG lead and is left out.", lead.label));
  return false;
}

void note_skew(const DicomItem& channel, const std::string& title, Findings& findings) {
  const double time = dicom_number(channel, dicom_tag::kChannelTimeSkew).value_or(0);
  const double samples = dicom_number(channel, dicom_tag::kChannelSampleSkew).value_or(0);
  if (time == 0 && samples == 0) return;
  note(findings, "lead_skew",
       fmt::format("Lead {} was sampled a little later or earlier than the others; it is shown as "
                   "if at the same instants.",
                   title));
}

/// One channel as a lead; nullopt with a finding when it cannot be one.
std::optional<Channel> read_channel(const Group& group, std::size_t index, std::string_view sets,
                                    bool hemodynamic, Findings& findings) {
  const DicomItem& definition = group.definitions[index];
  Channel channel;
  Lead& lead = channel.lead;
  name_lead(definition, sets, index + 1, lead);
  if (!is_wanted(lead, hemodynamic, findings)) return std::nullopt;
  const std::string title = lead_title(lead);
  double nanovolts_a_unit = 0;
  const auto gain = read_gain(definition, sets, title, nanovolts_a_unit, findings);
  if (!gain) return std::nullopt;
  const double baseline = dicom_number(definition, dicom_tag::kChannelBaseline).value_or(0);
  const auto stored = dicom_unsigned(definition, dicom_tag::kWaveformBitsStored);
  auto read = read_samples(group.layout, index, group.samples, stored.value_or(0));
  if (read.values.empty()) {
    note(findings, "lead_empty", fmt::format("Lead {} holds no sample and is left out.", title));
    return std::nullopt;
  }
  if (read.held > 0) {
    note(findings, "lead_gap",
         fmt::format("Lead {} was interrupted: {} samples are missing and are drawn as a level "
                     "line.",
                     title, read.held));
  }
  const auto scaled = scale_samples(read.values, *gain, baseline * nanovolts_a_unit);
  if (!scaled) {
    note(findings, "sample_out_of_range",
         fmt::format("Lead {} holds impossible values and is left out. Export it again.", title));
    return std::nullopt;
  }
  note_skew(definition, title, findings);
  lead.samples = std::move(read.values);
  lead.gain_nv_per_lsb = *scaled;
  lead.sampling_interval_us = group.interval_us;
  const auto offset = std::llround(group.offset_us / group.interval_us);
  lead.first_sample = static_cast<std::uint32_t>(offset) + static_cast<std::uint32_t>(read.first);
  lead.derived = !dicom_raw_text(definition, dicom_tag::kChannelDerivation).empty();
  channel.filters = read_filters(definition, findings);
  return channel;
}

bool names_the_same(const Lead& left, const Lead& right) {
  return left.code == right.code && left.label == right.label;
}

Lead* find_same(std::vector<Lead>& leads, const Lead& wanted) {
  const auto found =
      std::ranges::find_if(leads, [&](const Lead& lead) { return names_the_same(lead, wanted); });
  return found == leads.end() ? nullptr : &*found;
}

/// Whether `next` goes on where `lead` ends.
bool continues(const Lead& lead, const Lead& next) {
  return lead.sampling_interval_us == next.sampling_interval_us &&
         lead.gain_nv_per_lsb == next.gain_nv_per_lsb &&
         std::uint64_t{lead.first_sample} + lead.samples.size() == next.first_sample;
}

/// Adds the leads of a group to those of the recording; a lead of an earlier group may go on.
void add_leads(std::vector<Lead> found, std::size_t known, std::vector<Lead>& leads,
               Findings& findings) {
  for (Lead& lead : found) {
    Lead* const same = find_same(leads, lead);
    if (same == nullptr) {
      leads.push_back(std::move(lead));
    } else if (static_cast<std::size_t>(same - leads.data()) < known && continues(*same, lead)) {
      same->samples.insert(same->samples.end(), lead.samples.begin(), lead.samples.end());
    } else if (static_cast<std::size_t>(same - leads.data()) < known) {
      note(findings, "group_unread",
           fmt::format("A second part of lead {} does not follow the first and is left out. Ask "
                       "for the whole recording if it matters.",
                       lead_title(lead)));
    } else {
      note(findings, "duplicate_lead",
           fmt::format("Lead {} stands twice; the first is kept.", lead_title(lead)));
    }
  }
}

void set_filters(const Filters& filters, bool first, Filters& of_recording, Findings& findings) {
  if (first) {
    of_recording = filters;
    return;
  }
  const bool same = filters.high_pass_hz == of_recording.high_pass_hz &&
                    filters.low_pass_hz == of_recording.low_pass_hz &&
                    filters.notch_hz == of_recording.notch_hz;
  if (same) return;
  note(findings, "filters_differ",
       "The leads were not all filtered alike; the filters of the first lead are shown.");
}

std::vector<Lead> read_leads(const Group& group, const DicomFile& file, bool hemodynamic,
                             EcgRecording& recording) {
  const std::string_view sets = dicom_raw_text(file.dataset, dicom_tag::kSpecificCharacterSet);
  std::vector<Lead> leads;
  bool first = recording.leads.empty();
  for (std::size_t index = 0; index < group.layout.channels; ++index) {
    auto channel = read_channel(group, index, sets, hemodynamic, recording.findings);
    if (!channel) continue;
    // Of an averaged beat only the samples are kept.
    if (!group.derived) {
      set_filters(channel->filters, first, recording.filters, recording.findings);
      first = false;
    }
    leads.push_back(std::move(channel->lead));
  }
  return leads;
}

/// Groups in the order of time, and their offsets counted from the first.
Result<std::vector<Group>> read_groups(const DicomFile& file, Findings& findings) {
  const std::vector<DicomItem> items = dicom_items(file.dataset, dicom_tag::kWaveformSequence);
  if (items.empty()) return damaged("it holds no waveform");
  if (items.size() > kMaxGroups) {
    return fail(ErrorCode::limit_exceeded,
                "The DICOM object has more multiplex groups than any ECG. Export it again.");
  }
  std::vector<Group> groups;
  std::size_t samples = 0;
  for (const DicomItem& item : items) {
    auto group = read_group(item, findings);
    if (!group) return tl::unexpected(group.error());
    samples += group->samples * group->layout.channels;
    groups.push_back(std::move(*group));
  }
  if (samples > kMaxSamples) {
    return fail(ErrorCode::limit_exceeded,
                "The tracing in the DICOM file is too long. Send the part that the question is "
                "about.");
  }
  // A file without any original group was computed as a whole: its longest group is the tracing.
  if (std::ranges::all_of(groups, &Group::derived)) {
    std::ranges::max_element(groups, {}, &Group::seconds)->derived = false;
  }
  return groups;
}

/// Original groups start together, or at offsets from one another. Offsets that are no instants of
/// a recording are dropped.
void settle_offsets(std::vector<Group>& groups, Findings& findings) {
  double earliest = std::numeric_limits<double>::max();
  for (const Group& group : groups) {
    if (!group.derived) earliest = std::min(earliest, group.offset_us);
  }
  const bool valid = std::ranges::all_of(groups, [&](const Group& group) {
    return group.derived || group.offset_us - earliest <= kMaxOffset * group.interval_us;
  });
  if (!valid) {
    note(findings, "lead_start_invalid",
         "The stated start of some leads is impossible; they are shown from the beginning.");
  }
  for (Group& group : groups) {
    group.offset_us = valid && !group.derived ? group.offset_us - earliest : 0;
  }
  std::ranges::stable_sort(
      groups, {}, [](const Group& group) { return std::pair(group.derived, group.offset_us); });
}

/// A derived group is the averaged beat when it is as short as one, else leads that were computed
/// from the recorded ones.
void add_derived(const Group& group, std::vector<Lead> leads, EcgRecording& recording) {
  if (group.seconds() <= kMaxBeatSeconds) {
    if (recording.median_beat.empty()) {
      add_leads(std::move(leads), 0, recording.median_beat, recording.findings);
    }
    return;
  }
  for (Lead& lead : leads) {
    if (find_same(recording.leads, lead) != nullptr) {
      note(recording.findings, "group_unread",
           fmt::format("The file also holds lead {} as recalculated by the device; only the "
                       "recorded one is shown.",
                       lead_title(lead)));
      continue;
    }
    lead.derived = true;
    recording.leads.push_back(std::move(lead));
  }
}

}  // namespace

Result<EcgRecording> read_dicom_ecg(const DicomFile& file, bool hemodynamic) {
  EcgRecording recording;
  auto groups = read_groups(file, recording.findings);
  if (!groups) return tl::unexpected(std::move(groups.error()));
  settle_offsets(*groups, recording.findings);
  for (const Group& group : *groups) {
    std::vector<Lead> leads = read_leads(group, file, hemodynamic, recording);
    if (group.derived) {
      add_derived(group, std::move(leads), recording);
    } else {
      add_leads(std::move(leads), recording.leads.size(), recording.leads, recording.findings);
    }
  }
  if (recording.leads.empty()) {
    return fail(ErrorCode::malformed_file,
                "The DICOM file holds no ECG lead that could be read. Export the ECG again, or as "
                "SCP-ECG.");
  }
  read_dicom_annotations(file.dataset, recording);
  return recording;
}

}  // namespace telavis
