// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_rhythm.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "formats/scp_ecg_huffman.h"

namespace telavis::scp {
namespace {

// Writers close a lead on a whole byte and some add one more; beyond that, samples were left
// unread.
constexpr std::size_t kMaxPaddingBits = 15;
constexpr std::size_t kReferenceBeatBytes = 14;  // u16 type, u32 begin, u32 fiducial, u32 end
constexpr std::string_view kAskForPlainExport =
    "Export the recording again with standard compression, or without any.";

struct LeadEntry {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  LeadCode code = LeadCode::unspecified;

  // Sample numbers count from 1 and `end` is included. Some writers start at 0 and then mean the
  // count by `end`. Nothing when the numbers make no sense.
  std::optional<std::size_t> announced() const {
    if (start == 0) return end;
    if (end < start) return std::nullopt;
    return std::size_t{end} - start + 1;
  }
};

struct LeadTable {
  std::vector<LeadEntry> entries;
  std::uint8_t flags = 0;
};

struct Coding {
  bool huffman = false;
  std::uint8_t difference_order = 0;
  std::uint16_t gain_nv = 0;
  std::uint16_t interval_us = 0;
};

tl::unexpected<Error> broken(std::string_view what) {
  return fail(
      ErrorCode::malformed_file,
      fmt::format("{} Export the recording again from the device and send the new file.", what));
}

tl::unexpected<Error> unsupported(std::string_view what) {
  return fail(ErrorCode::unsupported_encoding, fmt::format("{} {}", what, kAskForPlainExport));
}

Result<LeadTable> read_lead_table(const Record& record) {
  const Section* section = record.find(3);
  if (section == nullptr) return broken("This SCP-ECG file names no lead (no section 3).");
  ByteReader reader(section->data);
  const auto count = reader.u8();
  const auto flags = reader.u8();
  if (!flags || *count == 0) return broken("This SCP-ECG file names no lead (empty section 3).");
  if (*count > kMaxLeads) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("This SCP-ECG file announces {} leads; at most {} are read. Export the "
                            "recording again from the device.",
                            *count, kMaxLeads));
  }
  LeadTable table{{}, *flags};
  for (unsigned i = 0; i < *count; ++i) {
    const auto start = reader.u32le();
    const auto end = reader.u32le();
    const auto code = reader.u8();
    if (!code) return broken("The list of leads (section 3) is cut short.");
    table.entries.push_back({*start, *end, LeadCode{*code}});
  }
  return table;
}

// True when samples are Huffman-coded; they are plain 16-bit numbers when section 2 is absent.
Result<bool> read_huffman_choice(const Record& record) {
  const Section* section = record.find(2);
  if (section == nullptr) return false;
  const auto tables = ByteReader(section->data).u16le();
  if (!tables) return false;
  if (*tables == kDefaultHuffmanTable) return true;
  return unsupported("This SCP-ECG file uses compression tables of its own (section 2).");
}

// Section 3 may announce that a typical beat was subtracted. It was only if section 4 lists a beat
// of type 0; many writers set the flag and subtract nothing.
Result<void> refuse_subtraction(const Record& record, std::uint8_t flags) {
  if ((flags & kFlagSubtraction) == 0) return {};
  const Section* section = record.find(4);
  if (section == nullptr) return broken("Subtracted beats are announced, but section 4 is absent.");
  ByteReader reader(section->data);
  reader.skip(4);  // length of the beat, place of its fiducial point
  const auto beats = reader.u16le();
  if (!beats) return broken("Subtracted beats are announced, but section 4 is cut short.");
  for (unsigned i = 0; i < *beats; ++i) {
    const auto type = reader.u16le();
    if (!type || !reader.skip(kReferenceBeatBytes - 2)) {
      return broken("The list of beats (section 4) is cut short.");
    }
    if (*type == 0) {
      return unsupported("This SCP-ECG file is compressed by subtracting a reference beat.");
    }
  }
  return {};
}

Result<Coding> read_coding(ByteReader& reader, bool huffman) {
  const auto gain = reader.u16le();
  const auto interval = reader.u16le();
  const auto difference = reader.u8();
  const auto bimodal = reader.u8();
  if (!bimodal) return broken("The rhythm data (section 6) are cut short.");
  if (*gain == 0) return broken("The file gives 0 as the value of one step of the samples.");
  if (*interval == 0) return broken("The file gives 0 as the time between two samples.");
  if (*bimodal != 0) return unsupported("This SCP-ECG file uses bimodal compression.");
  if (*difference > 2) return unsupported("This SCP-ECG file uses an unknown difference coding.");
  return Coding{huffman, *difference, *gain, *interval};
}

struct DecodedLead {
  std::vector<std::int32_t> samples;
  bool as_announced = false;
};

DecodedLead decode_plain(ByteView data, std::optional<std::size_t> announced) {
  DecodedLead lead;
  lead.samples.resize(data.size() / 2);
  for (std::size_t i = 0; i < lead.samples.size(); ++i) {
    lead.samples[i] = static_cast<std::int16_t>(data[2 * i] | (data[2 * i + 1] << 8));
  }
  lead.as_announced = announced == lead.samples.size() && data.size() % 2 == 0;
  return lead;
}

DecodedLead decode_huffman(ByteView data, std::optional<std::size_t> announced) {
  DecodedLead lead;
  if (!announced) return lead;  // padding cannot be told from samples
  lead.samples.resize(std::min(*announced, 8 * data.size()));  // a code takes at least one bit
  const HuffmanRead read = decode_default_huffman(data, lead.samples);
  lead.as_announced = read.values == *announced && read.bits_left <= kMaxPaddingBits;
  lead.samples.resize(read.values);
  return lead;
}

// Adds up neighbours: the first value stays, every other becomes a running sum. Modulo 2^32, so
// that damaged data cannot overflow it.
void running_sum(std::span<std::int32_t> values) {
  std::uint32_t sum = 0;
  for (std::int32_t& value : values) {
    sum += static_cast<std::uint32_t>(value);
    value = static_cast<std::int32_t>(sum);
  }
}

// Turns differences into samples in place; false when a sample leaves 16 bits, which only damage
// can cause.
bool integrate(std::span<std::int32_t> samples, int order) {
  if (order == 1) running_sum(samples);
  if (order == 2 && samples.size() > 2) {
    // The first two are samples. The rest are differences of differences, of which the first is
    // that of the two samples.
    const auto first = static_cast<std::uint32_t>(samples[0]);
    auto sum = static_cast<std::uint32_t>(samples[1]);
    std::uint32_t difference = sum - first;
    for (std::int32_t& value : samples.subspan(2)) {
      difference += static_cast<std::uint32_t>(value);
      sum += difference;
      value = static_cast<std::int32_t>(sum);
    }
  }
  return std::ranges::all_of(
      samples, [](std::int32_t sample) { return sample == static_cast<std::int16_t>(sample); });
}

std::string length_text(const LeadEntry& entry, std::size_t decoded) {
  const auto announced = entry.announced();
  return fmt::format(
      "Lead {}: {} samples are announced, its data give {}. What could be decoded is "
      "kept.",
      lead_name(entry.code), announced ? fmt::to_string(*announced) : "impossible", decoded);
}

Lead decode_lead(ByteView data, const LeadEntry& entry, const Coding& coding,
                 std::vector<Finding>& findings) {
  DecodedLead decoded = coding.huffman ? decode_huffman(data, entry.announced())
                                       : decode_plain(data, entry.announced());
  if (!decoded.as_announced) {
    findings.push_back(
        {"lead_length_mismatch", Severity::warning, length_text(entry, decoded.samples.size())});
  }
  if (!integrate(decoded.samples, coding.difference_order)) {
    findings.push_back({"sample_out_of_range", Severity::error,
                        fmt::format("Lead {} holds values that no device can measure: its data are "
                                    "damaged. Export the recording again.",
                                    lead_name(entry.code))});
  }
  Lead lead;
  lead.code = entry.code;
  lead.samples = std::move(decoded.samples);
  lead.gain_nv_per_lsb = coding.gain_nv;
  lead.sampling_interval_us = coding.interval_us;
  lead.first_sample = entry.start == 0 ? 0 : entry.start - 1;
  return lead;
}

// Leads recorded one group after another start later, but never after the sum of all leads: a start
// beyond is a mistake that would make every table of samples huge.
void bound_starts(std::vector<Lead>& leads, std::vector<Finding>& findings) {
  std::size_t total = 0;
  for (const Lead& lead : leads) total += lead.samples.size();
  for (Lead& lead : leads) {
    if (lead.first_sample <= total) continue;
    findings.push_back({"lead_start_invalid", Severity::warning,
                        fmt::format("Lead {} is said to start after the end of the recording; it "
                                    "is shown from the beginning.",
                                    lead_name(lead.code))});
    lead.first_sample = 0;
  }
}

Result<std::vector<Lead>> read_rhythm(ByteView data, bool huffman,
                                      const std::vector<LeadEntry>& entries,
                                      std::vector<Finding>& findings) {
  ByteReader reader(data);
  const auto coding = read_coding(reader, huffman);
  if (!coding) return tl::unexpected(coding.error());
  std::vector<std::uint16_t> lengths;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto length = reader.u16le();
    if (!length) return broken("The rhythm data (section 6) are cut short.");
    lengths.push_back(*length);
  }
  std::vector<Lead> leads;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto bytes = reader.take(std::min<std::size_t>(lengths[i], reader.remaining()));
    const auto same_code = [&](const Lead& lead) { return lead.code == entries[i].code; };
    const std::string name = lead_name(entries[i].code);
    if (std::ranges::any_of(leads, same_code)) {
      findings.push_back(
          {"duplicate_lead", Severity::warning,
           fmt::format("Lead {} stands twice in the file; the first is kept.", name)});
      continue;
    }
    Lead lead = decode_lead(*bytes, entries[i], *coding, findings);
    if (lead.samples.empty()) {
      findings.push_back({"lead_empty", Severity::warning,
                          fmt::format("Lead {} holds no sample and is left out.", name)});
      continue;
    }
    leads.push_back(std::move(lead));
  }
  if (leads.empty()) return broken("No lead of this SCP-ECG file holds any sample.");
  bound_starts(leads, findings);
  return leads;
}

}  // namespace

Result<std::vector<Lead>> read_leads(const Record& record, std::vector<Finding>& findings) {
  const auto table = read_lead_table(record);
  if (!table) return tl::unexpected(table.error());
  const auto huffman = read_huffman_choice(record);
  if (!huffman) return tl::unexpected(huffman.error());
  if (const auto plain = refuse_subtraction(record, table->flags); !plain) {
    return tl::unexpected(plain.error());
  }
  const Section* rhythm = record.find(6);
  if (rhythm == nullptr) return broken("This SCP-ECG file holds no rhythm data (no section 6).");
  return read_rhythm(rhythm->data, *huffman, table->entries, findings);
}

}  // namespace telavis::scp
