// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "formats/scp_ecg_huffman.h"
#include "formats/scp_ecg_record.h"
#include "formats/scp_ecg_rhythm.h"

namespace telavis {
namespace {

using scp::cannot;

constexpr std::size_t kMaxLeadBytes = 65'535;     // sections 5 and 6 count a lead's bytes in a u16
constexpr unsigned kMaxCountedSimultaneous = 31;  // five bits of section 3

Bytes section(std::uint16_t id, const Bytes& data, ScpVersion version) {
  if (data.empty()) return {};
  const std::size_t padding = data.size() % 2;  // sections start at even offsets
  Bytes out;
  ByteWriter writer(out);
  writer.u16le(0);  // CRC, below
  writer.u16le(id);
  writer.u32le(static_cast<std::uint32_t>(scp::kSectionHeaderBytes + data.size() + padding));
  writer.u8(scp::version_byte(version));
  writer.u8(scp::version_byte(version));
  writer.text(id == 0 ? scp::kMagic : std::string_view("\0\0\0\0\0\0", 6));
  writer.bytes(data);
  if (padding != 0) writer.u8(0);
  const std::uint16_t crc = scp::crc16(ByteView(out).subspan(2));
  out[0] = static_cast<std::uint8_t>(crc & 0xFF);
  out[1] = static_cast<std::uint8_t>(crc >> 8);
  return out;
}

// `sections` by id and without headers; index 0 is made here, an empty one stays absent.
Bytes record(std::vector<Bytes> sections, ScpVersion version) {
  const std::size_t pointers_bytes =
      scp::kSectionHeaderBytes + sections.size() * scp::kPointerBytes;
  Bytes pointers;
  ByteWriter writer(pointers);
  std::size_t offset = scp::kRecordHeaderBytes;
  for (std::size_t id = 0; id < sections.size(); ++id) {
    sections[id] = section(static_cast<std::uint16_t>(id), sections[id], version);
    const std::size_t length = id == 0 ? pointers_bytes : sections[id].size();
    writer.u16le(static_cast<std::uint16_t>(id));
    writer.u32le(static_cast<std::uint32_t>(length));
    writer.u32le(length == 0 ? 0 : static_cast<std::uint32_t>(offset + 1));  // counted from 1
    offset += length;
  }
  sections[0] = section(0, pointers, version);
  Bytes body;
  ByteWriter body_writer(body);
  body_writer.u32le(static_cast<std::uint32_t>(offset));
  for (const Bytes& bytes : sections) body_writer.bytes(bytes);
  Bytes out;
  ByteWriter out_writer(out);
  out_writer.u16le(scp::crc16(body));
  out_writer.bytes(body);
  return out;
}

// 0..11 as versions 1 and 2 have them, 0..18 from version 3 on.
std::size_t section_count(ScpVersion version) {
  switch (version) {
    case ScpVersion::v2:
      return 12;
    case ScpVersion::v3:
      return 19;
  }
  return 0;
}

using LeadList = std::vector<const Lead*>;

Result<void> check_leads(const LeadList& leads) {
  const Lead& first = *leads.front();
  const auto whole_u16 = [](double value) {
    return value >= 1 && value <= 65'535 && value == std::floor(value);
  };
  if (!whole_u16(first.gain_nv_per_lsb)) {
    return cannot("SCP-ECG stores a step as a whole number of nanovolts, 1 to 65,535.");
  }
  if (!whole_u16(first.sampling_interval_us)) {
    return cannot("SCP-ECG stores the time between samples as whole microseconds, 1 to 65,535.");
  }
  if (leads.size() > scp::kMaxLeads) {
    return cannot(fmt::format("SCP-ECG is written with at most {} leads.", scp::kMaxLeads));
  }
  for (const Lead* lead : leads) {
    if (lead->gain_nv_per_lsb != first.gain_nv_per_lsb ||
        lead->sampling_interval_us != first.sampling_interval_us ||
        lead->samples.size() != first.samples.size()) {
      return cannot("SCP-ECG is written when all leads have the same step, interval and length.");
    }
    if (lead->first_sample > first.samples.size() * leads.size()) {
      return cannot("A lead starts after the end of all others.");
    }
    const auto id = static_cast<std::uint16_t>(lead->code);
    const auto twins = std::ranges::count(leads, lead->code, &Lead::code);
    if (id > 255 || twins > 1) return cannot("A lead has no SCP-ECG number or stands twice.");
    if (std::ranges::any_of(lead->samples, [](std::int32_t sample) {
          return sample != static_cast<std::int16_t>(sample);
        })) {
      return cannot("A sample does not fit the 16 bits of SCP-ECG.");
    }
  }
  return {};
}

Bytes section3(const LeadList& leads) {
  const bool simultaneous = std::ranges::all_of(
      leads, [&](const Lead* lead) { return lead->first_sample == leads.front()->first_sample; });
  const unsigned counted = simultaneous ? std::min<unsigned>(static_cast<unsigned>(leads.size()),
                                                             kMaxCountedSimultaneous)
                                        : 0;
  Bytes out;
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(leads.size()));
  writer.u8(
      static_cast<std::uint8_t>((counted << 3) | (simultaneous ? scp::kFlagSimultaneous : 0)));
  for (const Lead* lead : leads) {
    writer.u32le(lead->first_sample + 1);
    writer.u32le(lead->first_sample + static_cast<std::uint32_t>(lead->samples.size()));
    writer.u8(static_cast<std::uint8_t>(lead->code));
  }
  return out;
}

// The lead's differences, Huffman-coded; nullopt when one of them has no code or the lead grows too
// long.
std::optional<Bytes> encode_lead(const std::vector<std::int32_t>& samples, std::size_t order,
                                 scp::Padding padding) {
  std::vector<std::int32_t> values = samples;
  for (std::size_t i = samples.size(); i-- > order;) {
    if (order == 1) values[i] = samples[i] - samples[i - 1];
    if (order == 2) values[i] = samples[i] - 2 * samples[i - 1] + samples[i - 2];
    if (values[i] != static_cast<std::int16_t>(values[i])) return std::nullopt;
  }
  Bytes out;
  scp::encode_default_huffman(values, out, padding);
  if (out.size() > kMaxLeadBytes) return std::nullopt;
  return out;
}

// The data of section 5 or 6; an absent lead has no bytes.
Result<Bytes> coded_leads(const LeadList& leads, const Lead& like, scp::Padding padding) {
  for (const std::size_t order : {std::size_t{2}, std::size_t{1}, std::size_t{0}}) {
    std::vector<Bytes> coded;
    for (const Lead* lead : leads) {
      std::optional<Bytes> bytes = Bytes{};
      if (lead != nullptr) {
        bytes = encode_lead(lead->samples, std::min(order, lead->samples.size()), padding);
      }
      if (!bytes) break;
      coded.push_back(std::move(*bytes));
    }
    if (coded.size() < leads.size()) continue;  // a lower order has smaller differences at steps
    Bytes out;
    ByteWriter writer(out);
    writer.u16le(static_cast<std::uint16_t>(like.gain_nv_per_lsb));
    writer.u16le(static_cast<std::uint16_t>(like.sampling_interval_us));
    writer.u8(static_cast<std::uint8_t>(order));
    // Section 5: reserved. Section 6: not bimodal; version 3 may have given the byte another sense
    // (Huffman used), which the only open reader of that version passes over. Unverified.
    writer.u8(0);
    for (const Bytes& lead : coded) writer.u16le(static_cast<std::uint16_t>(lead.size()));
    for (const Bytes& lead : coded) writer.bytes(lead);
    return out;
  }
  return cannot(
      "A lead is too long for SCP-ECG, which leaves 65,535 bytes for each. Shorten the "
      "recording.");
}

// The median beats in the order of the written leads, null where there is none.
Result<LeadList> medians_of(const LeadList& leads, const std::vector<Lead>& median_beat) {
  LeadList medians;
  LeadList present;
  for (const Lead* lead : leads) {
    const auto found = std::ranges::find(median_beat, lead->code, &Lead::code);
    const bool there = found != median_beat.end() && !found->samples.empty();
    medians.push_back(there ? &*found : nullptr);
    if (there) present.push_back(&*found);
  }
  if (present.empty()) return LeadList{};
  if (const auto fit = check_leads(present); !fit) return tl::unexpected(fit.error());
  return medians;
}

// The data of section 4: no beat is subtracted, only the length of the median is stated, in whole
// milliseconds that must give the count of samples back.
Result<Bytes> median_length_data(const Lead& median) {
  const auto interval = static_cast<std::uint64_t>(median.sampling_interval_us);
  const std::uint64_t length_ms = (median.samples.size() * interval + 500) / 1000;
  if (length_ms > 65'535 || (length_ms * 1000 + interval / 2) / interval != median.samples.size()) {
    return cannot(
        "The averaged beat has a length that whole milliseconds cannot state, as SCP-ECG does. "
        "Leave it out.");
  }
  Bytes out;
  ByteWriter writer(out);
  writer.u16le(static_cast<std::uint16_t>(length_ms));
  writer.u16le(0);  // its fiducial point is not known
  writer.u16le(0);  // no beat was subtracted
  return out;
}

// Section 5, when there is a median beat. Version 2 states its length in section 4, which version 3
// forbids (as BioSig reads it): there the padding shows where each lead ends.
Result<void> put_median(std::vector<Bytes>& sections, const LeadList& leads,
                        const std::vector<Lead>& median_beat, ScpVersion version) {
  const auto medians = medians_of(leads, median_beat);
  if (!medians) return tl::unexpected(medians.error());
  if (medians->empty()) return {};
  const Lead& like =
      **std::ranges::find_if(*medians, [](const Lead* lead) { return lead != nullptr; });
  if (version == ScpVersion::v2) {
    auto length = median_length_data(like);
    if (!length) return tl::unexpected(length.error());
    sections[4] = std::move(*length);
  }
  auto data = coded_leads(*medians, like, scp::Padding::ones);
  if (!data) return tl::unexpected(data.error());
  sections[5] = std::move(*data);
  return {};
}

}  // namespace

Result<Bytes> encode_scp_ecg(const EcgRecording& recording, ScpVersion version) {
  LeadList leads;
  for (const Lead& lead : recording.leads) {
    if (!lead.derived) leads.push_back(&lead);
  }
  if (leads.empty() || leads.front()->samples.empty()) {
    return fail(ErrorCode::malformed_file, "There is no recorded lead to write.");
  }
  if (const auto fit = check_leads(leads); !fit) return tl::unexpected(fit.error());
  const auto moment = scp::moment_bytes(recording.acquired_at.local);
  if (!moment) return tl::unexpected(moment.error());
  std::vector<Bytes> sections(section_count(version));
  ByteWriter(sections[2]).u16le(scp::kDefaultHuffmanTable);
  sections[3] = section3(leads);
  Result<void> done;
  const auto put = [&](std::size_t id, Result<Bytes> data) {
    if (!done) return;
    if (!data) {
      done = tl::unexpected(data.error());
      return;
    }
    sections[id] = std::move(*data);
  };
  put(1, scp::header_data(recording, *moment, version));
  put(6, coded_leads(leads, *leads.front(), scp::Padding::zeros));
  put(7, scp::measurements_data(recording.measurements));
  put(8, scp::statements_data(recording, *moment, version));
  put(10, scp::lead_measurements_data(recording.lead_measurements));
  if (done) done = put_median(sections, leads, recording.median_beat, version);
  if (!done) return tl::unexpected(done.error());
  return record(std::move(sections), version);
}

}  // namespace telavis
