// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_samples.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/scp_ecg_huffman.h"
#include "formats/scp_ecg_rhythm.h"

namespace telavis::scp {
namespace {

std::vector<std::int32_t> plain_values(ByteView data) {
  std::vector<std::int32_t> values(data.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<std::int16_t>(data[2 * i] | (data[2 * i + 1] << 8));
  }
  return values;
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

}  // namespace

tl::unexpected<Error> broken(std::string_view what) {
  return fail(
      ErrorCode::malformed_file,
      fmt::format("{} Export the recording again from the device and send the new file.", what));
}

Result<SampleCoding> read_sample_coding(const Record& record) {
  const Section* section = record.find(2);
  if (section == nullptr) return PlainSamples{};
  ByteReader reader(section->data);
  const auto tables = reader.u16le();
  if (!tables || *tables == 0) return PlainSamples{};
  if (*tables == kDefaultHuffmanTable) return DefaultHuffman{};
  auto own = HuffmanTables::read(reader, *tables);
  if (!own) return tl::unexpected(own.error());
  return std::move(*own);
}

std::optional<CodedLeads> read_coded_leads(ByteView data, std::size_t leads) {
  ByteReader reader(data);
  const auto gain = reader.u16le();
  const auto interval = reader.u16le();
  const auto difference = reader.u8();
  const auto bimodal = reader.u8();
  if (!bimodal) return std::nullopt;
  CodedLeads out{*gain, *interval, *difference, *bimodal, {}, 0, true};
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < leads; ++i) {
    const auto length = reader.u16le();
    if (!length) return std::nullopt;
    lengths.push_back(*length);
  }
  for (const std::size_t length : lengths) {
    out.complete = out.complete && length <= reader.remaining();
    out.leads.push_back(*reader.take(std::min(length, reader.remaining())));
  }
  out.bytes_over = reader.remaining();
  return out;
}

DecodedValues decode_values(const SampleCoding& coding, ByteView data, std::uint64_t wanted) {
  DecodedValues out;
  if (std::holds_alternative<PlainSamples>(coding)) {
    out.values = plain_values(data);
    out.bits_left = 8 * (data.size() % 2);
    return out;
  }
  // A code takes at least one bit.
  out.values.resize(std::min<std::uint64_t>(wanted, std::uint64_t{8} * data.size()));
  const auto* own = std::get_if<HuffmanTables>(&coding);
  const HuffmanRead read =
      own != nullptr ? own->decode(data, out.values) : decode_default_huffman(data, out.values);
  out.values.resize(read.values);
  out.bits_left = read.bits_left;
  return out;
}

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

}  // namespace telavis::scp
