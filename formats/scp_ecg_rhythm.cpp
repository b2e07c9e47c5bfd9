// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_rhythm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>

#include "formats/scp_ecg_beats.h"
#include "formats/scp_ecg_samples.h"

namespace telavis::scp {
namespace {

constexpr std::size_t kLeadEntryBytes = 9;  // u32 start, u32 end, u8 lead
constexpr unsigned kMaxDecimation = 4;      // section 6 against section 5 (EN 1064 clause 5.9)
constexpr unsigned kFirstProtocolWithZones = 13;
// Version 3 knows neither bimodal compression nor section 4, and may use the flag otherwise (as
// BioSig reads it; unverified).
constexpr unsigned kFirstProtocolWithoutBimodal = 30;
constexpr std::uint16_t kLongTermSection = 12;
// A length in whole milliseconds leaves so many samples open on either side, at 5 kHz.
constexpr std::uint64_t kMaxMedianReach = 6;
// No beat is longer; beyond, only the nearest count is tried, which bounds the work.
constexpr std::uint64_t kMaxMedianSamples = 65'535;

struct LeadEntry {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  LeadCode code = LeadCode::unspecified;
  std::string label;

  // Sample numbers count from 1 and `end` is included. Some writers start at 0 and then mean the
  // count by `end`. Nothing when the numbers make no sense.
  std::optional<std::size_t> announced() const {
    if (start == 0) return end;
    if (end < start) return std::nullopt;
    return std::size_t{end} - start + 1;
  }
  std::uint32_t first() const { return std::max<std::uint32_t>(start, 1); }
  std::string title() const { return label.empty() ? lead_name(code) : label; }
};

struct LeadTable {
  std::vector<LeadEntry> entries;  // as many as section 3 holds, at most `declared` or `held`
  std::uint8_t flags = 0;
  std::size_t declared = 0;
  std::size_t held = 0;  // whole entries that stand in the section
};

// How section 6 is to be read beside the sections that it may depend on.
struct Plan {
  SampleCoding coding;
  std::optional<Beats> beats;
  bool subtracted = false;
  unsigned factor = 1;                      // decimation
  bool bimodal_without_decimation = false;  // must then prove itself: see decode_rhythm
  double interval_us = 0;
  std::optional<CommonGain> gain;  // when beats are added
};

void note(std::vector<Finding>& findings, std::string code, Severity severity, std::string text) {
  findings.push_back({std::move(code), severity, std::move(text)});
}

Result<LeadTable> read_lead_table(const Record& record) {
  const Section* section = record.find(3);
  if (section == nullptr) return broken("This SCP-ECG file names no lead (no section 3).");
  ByteReader reader(section->data);
  const auto count = reader.u8();
  const auto flags = reader.u8();
  if (!flags || *count == 0) return broken("This SCP-ECG file names no lead (empty section 3).");
  LeadTable table{{}, *flags, *count, reader.remaining() / kLeadEntryBytes};
  if (table.held == 0) return broken("The list of leads (section 3) is cut short.");
  if (table.declared > kMaxLeads) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("This SCP-ECG file announces {} leads; at most {} are read. Export the "
                            "recording again from the device.",
                            table.declared, kMaxLeads));
  }
  while (table.entries.size() < std::min(table.held, kMaxLeads)) {
    const std::uint32_t start = reader.u32le().value_or(0);
    const std::uint32_t end = reader.u32le().value_or(0);
    table.entries.push_back({start, end, LeadCode{reader.u8().value_or(0)}, {}});
  }
  return table;
}

bool fills_the_section(const std::optional<CodedLeads>& coded) {
  return coded && coded->complete && coded->bytes_over <= 1;  // a byte may pad the section
}

// Some writers count fewer leads than section 3 lists; the lengths of section 6 tell which is true.
std::optional<CodedLeads> read_rhythm_section(ByteView data, LeadTable& table,
                                              std::vector<Finding>& findings) {
  auto coded = read_coded_leads(data, table.declared);
  std::size_t leads = std::min(table.declared, table.entries.size());
  if (table.held > table.declared && !fills_the_section(coded)) {
    auto by_list = read_coded_leads(data, table.entries.size());
    if (fills_the_section(by_list)) {
      coded = std::move(by_list);
      leads = table.entries.size();
    }
  }
  if (leads != table.declared) {
    note(findings, "lead_count_mismatch", Severity::warning,
         fmt::format("The file counts {} leads and describes {}; {} are read. Compare with the "
                     "printout of the device.",
                     table.declared, table.held, leads));
  }
  table.entries.resize(leads);
  if (coded) coded->leads.resize(leads);
  return coded;
}

// Leads without a code are told apart by their place in the file.
void label_unspecified(std::vector<LeadEntry>& entries) {
  if (std::ranges::count(entries, LeadCode::unspecified, &LeadEntry::code) < 2) return;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].code == LeadCode::unspecified) entries[i].label = fmt::format("lead {}", i + 1);
  }
}

Result<void> check_coding(const CodedLeads& rhythm) {
  if (rhythm.gain_nv == 0) {
    return broken(
        "The file gives 0 as the value of one step of the samples, so their height is not known.");
  }
  if (rhythm.interval_us == 0) return broken("The file gives 0 as the time between two samples.");
  if (rhythm.difference_order > 2) {
    return fail(ErrorCode::unsupported_encoding,
                "This SCP-ECG file uses a difference coding that no standard knows. Export the "
                "recording again with standard compression, or without any.");
  }
  return {};
}

// The interval of section 6 in those of section 5, which are rounded to whole microseconds; 0 when
// it is no whole number.
unsigned decimation(std::uint16_t rhythm_us, std::uint16_t beat_us) {
  if (beat_us == 0) return 0;
  const unsigned factor = (rhythm_us + beat_us / 2U) / beat_us;
  const int error = int{rhythm_us} - static_cast<int>(factor) * beat_us;
  return static_cast<unsigned>(std::abs(error)) <= factor ? factor : 0;
}

std::optional<CodedLeads> read_median_section(const Record& record, const LeadTable& table) {
  const Section* section = record.find(5);
  if (section == nullptr || section->data.empty()) return std::nullopt;
  auto coded = read_coded_leads(section->data, table.declared);
  if (!fills_the_section(coded) && table.entries.size() > table.declared) {
    coded = read_coded_leads(section->data, table.entries.size());
  }
  if (coded) coded->leads.resize(table.entries.size());
  return coded;
}

Result<std::optional<Beats>> read_beats_if_any(const Record& record, bool announced) {
  const Section* section = record.find(4);
  if (section == nullptr) {
    if (announced) return broken("Subtracted beats are announced, but section 4 is absent.");
    return std::optional<Beats>();
  }
  auto beats = read_beats(section->data);
  if (!beats && announced) return broken("The list of beats (section 4) is cut short.");
  return beats;
}

// What was done to the rhythm, from all sections that have a say in it. Section 3 may announce that
// a typical beat was subtracted: it was only if section 4 lists a beat of type 0; many writers set
// the flag and subtract nothing.
Result<Plan> make_plan(const Record& record, const LeadTable& table, const CodedLeads& rhythm,
                       const std::optional<CodedLeads>& median, unsigned protocol) {
  Plan plan;
  auto coding = read_sample_coding(record);
  if (!coding) return tl::unexpected(coding.error());
  plan.coding = std::move(*coding);
  plan.interval_us = rhythm.interval_us;
  const bool announced = (table.flags & kFlagSubtraction) != 0;
  auto beats = read_beats_if_any(record, announced);
  if (!beats) return tl::unexpected(beats.error());
  plan.beats = std::move(*beats);
  plan.subtracted = announced && plan.beats && plan.beats->subtracted();
  const bool old = protocol != 0 && protocol < kFirstProtocolWithZones;
  const bool bimodal = rhythm.bimodal != 0 && protocol < kFirstProtocolWithoutBimodal;
  if (!plan.subtracted && !bimodal) return plan;
  const bool usable =
      median && median->gain_nv != 0 && median->interval_us != 0 && median->difference_order <= 2;
  if (plan.subtracted && !usable) {
    return broken("A reference beat was subtracted, but section 5 does not hold it.");
  }
  const unsigned factor = usable ? decimation(rhythm.interval_us, median->interval_us) : 1;
  if (factor == 0 || factor > kMaxDecimation) {
    return fail(ErrorCode::unsupported_encoding,
                "The rhythm and the reference beat of this SCP-ECG file have sampling rates that "
                "do not fit together. Export the recording again with standard compression, or "
                "without any.");
  }
  plan.bimodal_without_decimation = bimodal && (!usable || !plan.beats);
  if (!plan.bimodal_without_decimation) plan.factor = factor;
  if (plan.factor > 1) plan.interval_us = median->interval_us;
  // Without the flag of version 1.3 the whole rhythm is decimated; version 1 has no flag.
  if (!bimodal && !old && plan.beats) plan.beats->zones.clear();
  if (plan.subtracted) plan.gain = common_gain(rhythm.gain_nv, median->gain_nv);
  return plan;
}

std::string length_text(const LeadEntry& entry, std::size_t decoded) {
  const auto announced = entry.announced();
  return fmt::format(
      "Lead {}: {} samples are announced, its data give {}. What could be decoded is "
      "kept.",
      entry.title(), announced ? fmt::to_string(*announced) : "impossible", decoded);
}

void note_range(const LeadEntry& entry, std::vector<Finding>& findings) {
  note(findings, "sample_out_of_range", Severity::error,
       fmt::format("Lead {} holds values that no device can measure: its data are damaged. Export "
                   "the recording again.",
                   entry.title()));
}

// ---- the reference beat ----

using BeatValues =
    std::vector<std::vector<std::int32_t>>;  // a lead each, empty where there is none

struct MedianTry {
  BeatValues values;
  bool fits = true;  // every lead gave `count` values and no more than padding is left
};
MedianTry try_median(const CodedLeads& median, const SampleCoding& coding, std::uint64_t count) {
  MedianTry result;
  for (const ByteView data : median.leads) {
    DecodedValues decoded = decode_values(coding, data, count);
    result.fits =
        result.fits &&
        (data.empty() || (decoded.values.size() == count && decoded.bits_left <= kMaxPaddingBits));
    result.values.push_back(std::move(decoded.values));
  }
  return result;
}

// The length is stated in whole milliseconds, rounded in an unknown way: the nearest count of
// samples that every lead gives without leaving more than padding.
BeatValues median_of_length(const CodedLeads& median, const SampleCoding& coding,
                            std::uint64_t length_ms) {
  const std::uint64_t nearest = (length_ms * 1000 + median.interval_us / 2U) / median.interval_us;
  const std::uint64_t reach =
      nearest > kMaxMedianSamples
          ? 0
          : std::min<std::uint64_t>(1000U / median.interval_us + 1U, kMaxMedianReach);
  MedianTry first = try_median(median, coding, nearest);
  if (first.fits) return std::move(first.values);
  for (std::uint64_t away = 1; away <= reach; ++away) {
    for (const std::uint64_t count : {nearest + away, nearest - std::min(away, nearest)}) {
      MedianTry other = try_median(median, coding, count);
      if (other.fits) return std::move(other.values);
    }
  }
  return std::move(first.values);
}

// All leads are equally long; the shortest has the least padding.
BeatValues median_without_length(const CodedLeads& median, const SampleCoding& coding) {
  BeatValues beats = try_median(median, coding, std::numeric_limits<std::uint64_t>::max()).values;
  if (std::holds_alternative<PlainSamples>(coding)) return beats;
  std::size_t count = std::numeric_limits<std::size_t>::max();
  for (const auto& beat : beats) {
    if (!beat.empty()) count = std::min(count, beat.size());
  }
  for (auto& beat : beats) beat.resize(std::min(count, beat.size()));
  return beats;
}

BeatValues decode_median(const CodedLeads& median, const Plan& plan,
                         const std::vector<LeadEntry>& entries, unsigned protocol,
                         std::vector<Finding>& findings) {
  const std::uint64_t length_ms = plan.beats ? plan.beats->reference_length_ms : 0;
  BeatValues beats = length_ms != 0 ? median_of_length(median, plan.coding, length_ms)
                                    : median_without_length(median, plan.coding);
  if (length_ms == 0 && protocol < kFirstProtocolWithoutBimodal &&
      !std::holds_alternative<PlainSamples>(plan.coding)) {
    note(findings, "median_length_unknown", Severity::info,
         "The file does not state the length of the averaged beat; it is shown as long as its data "
         "last.");
  }
  for (std::size_t i = 0; i < beats.size(); ++i) {
    if (!integrate(beats[i], median.difference_order)) note_range(entries[i], findings);
  }
  return beats;
}

// ---- the rhythm ----

// Residuals without their beat must not be shown as a tracing: false leaves the lead out.
bool restore_beats(std::vector<std::int32_t>& samples, const std::vector<std::int32_t>& reference,
                   const LeadEntry& entry, const Plan& plan, std::vector<Finding>& findings) {
  const Addition added = add_beats(samples, reference, *plan.beats, entry.first(), *plan.gain);
  if (reference.empty() || added.overlapping) {
    note(findings, "reference_beat_missing", Severity::error,
         fmt::format("Lead {} cannot be restored: the averaged beat that was subtracted from it is "
                     "absent or its places are impossible. The lead is left out. Export the "
                     "recording again, without compression.",
                     entry.title()));
    return false;
  }
  if (added.beat_too_short) {
    note(findings, "reference_beat_short", Severity::warning,
         fmt::format("Lead {}: a beat was subtracted over more than the averaged beat lasts; there "
                     "the tracing may be incomplete. Compare with the printout of the device.",
                     entry.title()));
  }
  if (added.out_of_range) note_range(entry, findings);
  return true;
}

Lead decode_lead(ByteView data, const LeadEntry& entry, const CodedLeads& rhythm, const Plan& plan,
                 const std::vector<std::int32_t>& reference, std::vector<Finding>& findings) {
  const auto announced = entry.announced();
  const bool plain = std::holds_alternative<PlainSamples>(plan.coding);
  std::vector<Run> runs;
  if (plan.factor > 1) {
    runs = make_runs(plan.beats->zones, entry.first(), announced.value_or(0));
  }
  const std::uint64_t stored =
      plan.factor > 1 ? stored_count(runs, plan.factor) : announced.value_or(0);
  DecodedValues decoded = decode_values(plan.coding, data, stored);
  const bool as_announced = announced && decoded.values.size() == stored &&
                            decoded.bits_left <= (plain ? 0 : kMaxPaddingBits);
  const bool in_range = integrate(decoded.values, rhythm.difference_order);
  Lead lead;
  lead.code = entry.code;
  lead.label = entry.label;
  lead.gain_nv_per_lsb = plan.gain ? plan.gain->gain_nv : rhythm.gain_nv;
  lead.sampling_interval_us = plan.interval_us;
  lead.first_sample = entry.first() - 1;
  lead.samples = std::move(decoded.values);
  if (plan.factor > 1) {
    lead.samples = interpolate(lead.samples, runs, plan.factor);
    smooth(lead.samples, runs, *plan.beats, entry.first());
  }
  if (!as_announced) {
    note(findings, "lead_length_mismatch", Severity::warning,
         length_text(entry, lead.samples.size()));
  }
  if (!in_range) note_range(entry, findings);
  if (plan.gain && !lead.samples.empty() &&
      !restore_beats(lead.samples, reference, entry, plan, findings)) {
    lead.samples.clear();
  }
  return lead;
}

// Leads recorded one group after another start later, but never after the sum of all leads: a start
// beyond is a mistake that would make every table of samples huge.
void bound_starts(std::vector<Lead>& leads, std::vector<Finding>& findings) {
  std::size_t total = 0;
  for (const Lead& lead : leads) total += lead.samples.size();
  for (Lead& lead : leads) {
    if (lead.first_sample <= total) continue;
    note(findings, "lead_start_invalid", Severity::warning,
         fmt::format("Lead {} is said to start after the end of the recording; it is shown from "
                     "the beginning.",
                     lead_title(lead)));
    lead.first_sample = 0;
  }
}

bool already_there(const std::vector<Lead>& leads, const LeadEntry& entry) {
  return std::ranges::any_of(leads, [&](const Lead& lead) {
    return lead.code == entry.code && lead.label == entry.label;
  });
}

Result<std::vector<Lead>> decode_rhythm(const CodedLeads& rhythm, const Plan& plan,
                                        const std::vector<LeadEntry>& entries,
                                        const BeatValues& reference,
                                        std::vector<Finding>& findings) {
  std::uint64_t total = 0;
  std::vector<Lead> leads;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const LeadEntry& entry = entries[i];
    if (already_there(leads, entry)) {
      note(findings, "duplicate_lead", Severity::warning,
           fmt::format("Lead {} stands twice in the file; the first is kept.", entry.title()));
      continue;
    }
    static const std::vector<std::int32_t> kNone;
    Lead lead = decode_lead(rhythm.leads[i], entry, rhythm, plan,
                            i < reference.size() ? reference[i] : kNone, findings);
    total += lead.samples.size();
    if (total > kMaxTotalSamples) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("The leads of this SCP-ECG file hold more than {} samples. Export a "
                              "shorter recording.",
                              kMaxTotalSamples));
    }
    if (plan.bimodal_without_decimation && lead.samples.size() != entry.announced()) {
      return broken(
          "The recording is compressed with the help of sections 4 and 5, which are absent.");
    }
    if (lead.samples.empty()) {
      note(findings, "lead_empty", Severity::warning,
           fmt::format("Lead {} holds no sample and is left out.", entry.title()));
      continue;
    }
    leads.push_back(std::move(lead));
  }
  if (leads.empty()) return broken("No lead of this SCP-ECG file holds any sample.");
  bound_starts(leads, findings);
  return leads;
}

std::vector<Lead> median_leads(BeatValues beats, const CodedLeads& median,
                               const std::vector<LeadEntry>& entries) {
  std::vector<Lead> leads;
  for (std::size_t i = 0; i < beats.size(); ++i) {
    if (beats[i].empty() || already_there(leads, entries[i])) continue;
    Lead lead;
    lead.code = entries[i].code;
    lead.label = entries[i].label;
    lead.samples = std::move(beats[i]);
    lead.gain_nv_per_lsb = median.gain_nv;
    lead.sampling_interval_us = median.interval_us;
    leads.push_back(std::move(lead));
  }
  return leads;
}

}  // namespace

Result<Tracing> read_tracing(const Record& record, unsigned protocol,
                             std::vector<Finding>& findings) {
  auto table = read_lead_table(record);
  if (!table) return tl::unexpected(table.error());
  const Section* section = record.find(6);
  if (section == nullptr && record.find(kLongTermSection) != nullptr) {
    return fail(ErrorCode::unsupported_encoding,
                "This SCP-ECG file holds a long-term recording (section 12), which is not read. "
                "Export the part in question as a resting ECG.");
  }
  if (section == nullptr) return broken("This SCP-ECG file holds no rhythm data (no section 6).");
  const auto rhythm = read_rhythm_section(section->data, *table, findings);
  if (!rhythm) return broken("The rhythm data (section 6) are cut short.");
  if (const auto known = check_coding(*rhythm); !known) return tl::unexpected(known.error());
  label_unspecified(table->entries);
  const auto median = read_median_section(record, *table);
  const auto plan = make_plan(record, *table, *rhythm, median, protocol);
  if (!plan) return tl::unexpected(plan.error());
  BeatValues beats;
  if (median && median->gain_nv != 0 && median->interval_us != 0 && median->difference_order <= 2) {
    beats = decode_median(*median, *plan, table->entries, protocol, findings);
  } else if (record.find(5) != nullptr && !record.find(5)->data.empty()) {
    note(findings, "median_unreadable", Severity::warning,
         "The averaged beat of the device (section 5) cannot be read and is left out.");
  }
  Tracing tracing;
  auto leads = decode_rhythm(*rhythm, *plan, table->entries, beats, findings);
  if (!leads) return tl::unexpected(leads.error());
  tracing.leads = std::move(*leads);
  if (plan->gain && plan->gain->rounded()) {
    note(findings, "gain_rounded", Severity::warning,
         "The steps of the rhythm and of the averaged beat have no common measure; where the beat "
         "was added, values are rounded to one step.");
  }
  if (!beats.empty()) tracing.median_beat = median_leads(std::move(beats), *median, table->entries);
  return tracing;
}

}  // namespace telavis::scp
