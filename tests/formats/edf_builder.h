// SPDX-License-Identifier: Apache-2.0
// Writes EDF, EDF+ and BDF files, written apart from the reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

struct EdfSignal {
  std::string label, unit = "mV", physical_min = "-5", physical_max = "5";
  std::string digital_min = "-5000", digital_max = "5000", prefilter = "HP:0.05Hz LP:150Hz N:50Hz";
  std::size_t per_record = 0;
  std::vector<int> samples;       // of all records
  std::vector<std::string> tals;  // of an annotation signal, one a record
};

struct EdfFile {
  std::string patient = "MCH-0234567 F 02-MAY-1951 Essai_Camille";
  std::string recording = "Startdate 02-MAR-2002 X X SYNTH_1";
  std::string date = "02.03.02", time = "14.05.06", reserved, record_s = "1";
  int records = 1;
  int stated_records = -2;  // -2: as many as there are
  bool bdf = false;
  std::vector<EdfSignal> signals;

  Bytes build() const {
    std::string out = bdf ? "\xFF"
                            "BIOSEMI"
                          : padded("0", 8);
    out += padded(patient, 80) + padded(recording, 80) + padded(date, 8) + padded(time, 8);
    out += padded(std::to_string(256 * (signals.size() + 1)), 8) + padded(reserved, 44);
    out += padded(std::to_string(stated_records == -2 ? records : stated_records), 8);
    out += padded(record_s, 8) + padded(std::to_string(signals.size()), 4);
    for (const auto& s : signals) out += padded(s.label, 16);
    for (std::size_t i = 0; i < signals.size(); ++i) out += padded("", 80);
    for (const auto& s : signals) out += padded(s.unit, 8);
    for (const auto& s : signals) out += padded(s.physical_min, 8);
    for (const auto& s : signals) out += padded(s.physical_max, 8);
    for (const auto& s : signals) out += padded(s.digital_min, 8);
    for (const auto& s : signals) out += padded(s.digital_max, 8);
    for (const auto& s : signals) out += padded(s.prefilter, 80);
    for (const auto& s : signals) out += padded(std::to_string(s.per_record), 8);
    for (std::size_t i = 0; i < signals.size(); ++i) out += padded("", 32);
    const std::size_t width = bdf ? 3 : 2;
    for (int r = 0; r < records; ++r) {
      for (const auto& s : signals) {
        std::string block;
        if (!s.tals.empty()) {
          block = s.tals.at(static_cast<std::size_t>(r));
        } else {
          for (std::size_t i = 0; i < s.per_record; ++i) {
            const int value = s.samples.at(static_cast<std::size_t>(r) * s.per_record + i);
            for (std::size_t b = 0; b < width; ++b) block += static_cast<char>(value >> (8 * b));
          }
        }
        block.resize(s.per_record * width);
        out += block;
      }
    }
    return {out.begin(), out.end()};
  }

 private:
  static std::string padded(std::string_view text, std::size_t width) {
    std::string field(text.substr(0, width));
    field.resize(width, ' ');
    return field;
  }
};

/// Two leads of four samples in two records.
inline EdfFile small_edf() {
  EdfFile file;
  file.records = 2;
  EdfSignal one{"ECG I"};
  one.per_record = 2;
  one.samples = {1, -2, 300, -400};
  EdfSignal two = one;
  two.label = "ECG II";
  two.samples = {5, 6, 7, 8};
  file.signals = {one, two};
  return file;
}

/// A signal of annotations, `bytes` bytes a record.
inline EdfSignal edf_annotations(std::vector<std::string> tals, std::size_t bytes = 40) {
  EdfSignal signal{"EDF Annotations", "", "-1", "1", "-32768", "32767", ""};
  signal.per_record = bytes / 2;
  signal.tals = std::move(tals);
  return signal;
}

}  // namespace telavis::test
