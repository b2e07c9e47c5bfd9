// SPDX-License-Identifier: Apache-2.0
// Sections 2, 5 and 6 of SCP-ECG as values: how samples are coded, and the coded leads (EN 1064
// clauses 5.5, 5.8 and 5.9). Private to scp_ecg*.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"
#include "formats/scp_ecg_record.h"
#include "formats/scp_ecg_tables.h"

namespace telavis::scp {

/// Writers close a lead on a whole byte and some add one more; beyond that, samples were left
/// unread.
inline constexpr std::size_t kMaxPaddingBits = 15;

struct PlainSamples {};    // 16-bit numbers
struct DefaultHuffman {};  // table 19999
using SampleCoding = std::variant<PlainSamples, DefaultHuffman, HuffmanTables>;

/// Plain when section 2 is absent, empty, or counts no table.
Result<SampleCoding> read_sample_coding(const Record& record);

struct CodedLeads {
  std::uint16_t gain_nv = 0;
  std::uint16_t interval_us = 0;
  std::uint8_t difference_order = 0;
  std::uint8_t bimodal = 0;     // of section 6; reserved in section 5
  std::vector<ByteView> leads;  // as many as asked for, cut by the end of the section
  std::size_t bytes_over = 0;   // behind the last lead
  bool complete = false;        // no lead was cut
};
/// The data of section 5 or 6. nullopt when even the lengths of the leads are cut.
std::optional<CodedLeads> read_coded_leads(ByteView data, std::size_t leads);

struct DecodedValues {
  std::vector<std::int32_t> values;
  std::size_t bits_left = 0;
};
/// At most `wanted` values of one lead, before differences are undone; all that there are when the
/// samples are plain, whose number needs no statement.
DecodedValues decode_values(const SampleCoding& coding, ByteView data, std::uint64_t wanted);

/// Turns differences into samples in place; false when a sample leaves 16 bits, which only damage
/// can cause. Orders above 2 do not exist.
bool integrate(std::span<std::int32_t> samples, int order);

/// An error that names what is wrong and asks for a new export.
tl::unexpected<Error> broken(std::string_view what);

}  // namespace telavis::scp
