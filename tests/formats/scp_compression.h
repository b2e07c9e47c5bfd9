// SPDX-License-Identifier: Apache-2.0
// The compressions of SCP-ECG as an encoder applies them, for tests: tables of codes spelled as
// strings, differences, decimation between protected zones, subtraction of a reference beat.
// Nothing here is shared with the codec; what a decoder must give back is computed sample by
// sample.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/formats/scp_builder.h"

namespace telavis::test {

using Values = std::vector<int>;

inline Values differences(const Values& samples, int order) {
  Values out = samples;
  for (std::size_t i = static_cast<std::size_t>(order); i < samples.size(); ++i) {
    if (order == 1) out[i] = samples[i] - samples[i - 1];
    if (order == 2) out[i] = samples[i] - 2 * samples[i - 1] + samples[i - 2];
  }
  return out;
}

// ---- tables of one's own ----

struct TableCode {
  std::string prefix;     // in the order of transmission
  int literal_bits = 0;   // that follow the prefix
  bool switches = false;  // to the table of number `value`, counted from 1
  int value = 0;
};
using CodeTable = std::vector<TableCode>;

inline Bytes tables_section(const std::vector<CodeTable>& tables) {
  Bytes out;
  append16(out, static_cast<unsigned>(tables.size()));
  for (const CodeTable& table : tables) {
    append16(out, static_cast<unsigned>(table.size()));
    for (const TableCode& code : table) {
      std::uint32_t base = 0;
      for (std::size_t i = 0; i < code.prefix.size(); ++i) {
        if (code.prefix[i] == '1') base += std::uint32_t{1} << i;
      }
      const std::size_t bits = code.prefix.size();
      append_all(out,
                 {static_cast<std::uint8_t>(bits),
                  static_cast<std::uint8_t>(bits + static_cast<std::size_t>(code.literal_bits)),
                  static_cast<std::uint8_t>(code.switches ? 0 : 1)});
      append16(out, static_cast<unsigned>(code.value + 65536) % 65536);
      append32(out, base);
    }
  }
  return out;
}

inline std::string literal(int value, int bits) {
  std::string out;
  for (int bit = bits - 1; bit >= 0; --bit) {
    out += (static_cast<std::int64_t>(value) >> bit & 1) != 0 ? '1' : '0';
  }
  return out;
}
inline bool fits(int value, int bits) {
  return bits > 0 && std::int64_t{value} >= -(std::int64_t{1} << (bits - 1)) &&
         std::int64_t{value} < std::int64_t{1} << (bits - 1);
}

inline std::optional<std::string> spell(const CodeTable& table, int value) {
  for (const TableCode& code : table) {
    if (!code.switches && code.literal_bits == 0 && code.value == value) return code.prefix;
  }
  for (const TableCode& code : table) {
    if (!code.switches && fits(value, code.literal_bits)) {
      return code.prefix + literal(value, code.literal_bits);
    }
  }
  return std::nullopt;
}

/// One string a value: the switches that come before it and its code. Switches where the table in
/// use has no code for the value, and now and then for no reason.
inline std::vector<std::string> spell_all(const std::vector<CodeTable>& tables,
                                          const Values& values, std::mt19937& random) {
  std::vector<std::string> out;
  std::size_t table = 0;
  for (const int value : values) {
    std::string text;
    for (int tries = 0;; ++tries) {
      const auto code = spell(tables[table], value);
      if (code && (tries > 0 || random() % 4 != 0)) {
        text += *code;
        break;
      }
      std::vector<const TableCode*> ways;
      for (const TableCode& way : tables[table]) {
        if (way.switches) ways.push_back(&way);
      }
      if (ways.empty()) continue;
      const TableCode* way = ways[random() % ways.size()];
      text += way->prefix;
      table = static_cast<std::size_t>(way->value - 1);
    }
    out.push_back(text);
  }
  return out;
}

inline Bytes own_table_bytes(const std::vector<CodeTable>& tables, const Values& values,
                             std::mt19937& random) {
  std::string bits;
  for (const std::string& code : spell_all(tables, values, random)) bits += code;
  return pack_bits(bits);
}

/// Tables over random trees of prefixes, some of them long; each has a code for any 16-bit number
/// and one to every table.
inline std::vector<CodeTable> random_tables(std::size_t count, std::mt19937& random) {
  std::vector<CodeTable> tables;
  for (std::size_t t = 0; t < count; ++t) {
    std::vector<std::string> leaves = {"0", "1"};
    const std::size_t wanted = count + 2 + random() % 40;
    while (leaves.size() < wanted) {
      std::size_t at = random() % leaves.size();
      if (random() % 3 == 0) {  // grow one branch deep
        at = static_cast<std::size_t>(std::ranges::max_element(leaves, {}, &std::string::size) -
                                      leaves.begin());
      }
      if (leaves[at].size() >= 32) continue;
      leaves.push_back(leaves[at] + "1");
      leaves[at] += "0";
    }
    std::shuffle(leaves.begin(), leaves.end(), random);
    CodeTable table;
    const auto shortest = std::ranges::min_element(leaves, {}, &std::string::size);
    table.push_back({*shortest, 16, false, 77});  // the base value of a literal means nothing
    leaves.erase(shortest);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (i < count) {
        table.push_back({leaves[i], 0, true, static_cast<int>(i) + 1});
      } else {
        table.push_back({leaves[i], 0, false, static_cast<int>(random() % 41) - 20});
      }
    }
    tables.push_back(table);
  }
  return tables;
}

// ---- reference beats ----

/// Sample numbers count from 1.
struct BeatPlace {
  unsigned type = 0;
  unsigned begin = 0, fiducial = 0, end = 0;
  unsigned protect_begin = 0, protect_end = 0;
};

inline Bytes beats_section(unsigned length_ms, unsigned fiducial,
                           const std::vector<BeatPlace>& beats, bool with_zones = true) {
  Bytes out;
  append16(out, length_ms);
  append16(out, fiducial);
  append16(out, static_cast<unsigned>(beats.size()));
  for (const BeatPlace& beat : beats) {
    append16(out, beat.type);
    append32(out, beat.begin);
    append32(out, beat.fiducial);
    append32(out, beat.end);
  }
  for (const BeatPlace& beat : beats) {
    if (!with_zones) break;
    append32(out, beat.protect_begin);
    append32(out, beat.protect_end);
  }
  return out;
}

inline Bytes coded_section(unsigned gain, unsigned interval, unsigned difference, unsigned bimodal,
                           const std::vector<Bytes>& leads) {
  Bytes out;
  append16(out, gain);
  append16(out, interval);
  append_all(out, {static_cast<std::uint8_t>(difference), static_cast<std::uint8_t>(bimodal)});
  for (const Bytes& lead : leads) append16(out, static_cast<unsigned>(lead.size()));
  for (const Bytes& lead : leads) append_all(out, lead);
  return out;
}

/// The value of the reference beat at sample number `number`, 0 where no beat was subtracted.
inline int beat_at(const std::vector<BeatPlace>& beats, const Values& reference, unsigned fiducial,
                   unsigned number) {
  int sum = 0;
  for (const BeatPlace& beat : beats) {
    if (beat.type != 0 || number < beat.begin || number > beat.end) continue;
    const int at =
        static_cast<int>(fiducial) - 1 + static_cast<int>(number) - static_cast<int>(beat.fiducial);
    if (at >= 0 && at < static_cast<int>(reference.size())) {
      sum += reference[static_cast<std::size_t>(at)];
    }
  }
  return sum;
}

// ---- bimodal compression ----

inline bool is_protected(const std::vector<BeatPlace>& beats, unsigned number) {
  return std::ranges::any_of(beats, [&](const BeatPlace& beat) {
    return beat.protect_begin != 0 && number >= beat.protect_begin && number <= beat.protect_end;
  });
}

/// Runs of equal protection: [begin, end) of indexes; the sample of index i has the number first +
/// i.
inline std::vector<std::pair<std::size_t, std::size_t>> equal_runs(
    const std::vector<BeatPlace>& beats, unsigned first, std::size_t count) {
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (std::size_t i = 0; i < count; ++i) {
    const bool here = is_protected(beats, first + static_cast<unsigned>(i));
    if (i > 0 && here == is_protected(beats, first + static_cast<unsigned>(i) - 1)) {
      runs.back().second = i + 1;
    } else {
      runs.push_back({i, i + 1});
    }
  }
  return runs;
}

/// What is stored of residuals: means of blocks outside of protected zones, what is left over
/// whole.
inline Values decimated(const Values& residual, const std::vector<BeatPlace>& beats, unsigned first,
                        unsigned factor) {
  Values out;
  for (const auto& [begin, end] : equal_runs(beats, first, residual.size())) {
    std::size_t i = begin;
    if (!is_protected(beats, first + static_cast<unsigned>(begin))) {
      for (; i + factor <= end; i += factor) {
        double sum = 0;
        for (std::size_t k = 0; k < factor; ++k) sum += residual[i + k];
        out.push_back(static_cast<int>(std::lround(sum / factor)));
      }
    }
    for (; i < end; ++i) out.push_back(residual[i]);
  }
  return out;
}

/// What a decoder makes of it, each sample by itself: interpolation, then the mean of three.
inline Values expanded(const Values& stored, const std::vector<BeatPlace>& beats, unsigned first,
                       unsigned factor, std::size_t count) {
  Values full;
  std::size_t used = 0;
  for (const auto& [begin, end] : equal_runs(beats, first, count)) {
    const std::size_t length = end - begin;
    const bool kept = is_protected(beats, first + static_cast<unsigned>(begin));
    const std::size_t blocks = kept ? 0 : length / factor;
    for (std::size_t i = 0; i < length; ++i) {
      if (i >= blocks * factor) {
        full.push_back(stored[used + blocks + i - blocks * factor]);
        continue;
      }
      const std::size_t half = factor / 2;
      const std::size_t block = i < half ? 0 : (i - half) / factor;
      const double part = i < half ? 0 : static_cast<double>((i - half) % factor) / factor;
      const int from = stored[used + block];
      const int to = block + 1 < blocks ? stored[used + block + 1] : from;
      full.push_back(static_cast<int>(std::lround(from + (to - from) * part)));
    }
    used += blocks + (length - blocks * factor);
  }
  Values out = full;
  const auto border_before = [&](unsigned number) {  // between number - 1 and number
    return std::ranges::any_of(beats, [&](const BeatPlace& beat) {
      return beat.type == 0 && (beat.begin == number || beat.end + 1 == number);
    });
  };
  for (std::size_t i = 1; i + 1 < count; ++i) {
    const unsigned number = first + static_cast<unsigned>(i);
    if (is_protected(beats, number) || border_before(number) || border_before(number + 1)) continue;
    out[i] = static_cast<int>(std::lround((full[i - 1] + full[i] + full[i + 1]) / 3.0));
  }
  return out;
}

}  // namespace telavis::test
