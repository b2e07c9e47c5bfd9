// SPDX-License-Identifier: Apache-2.0
// XML tracings made as text, for tests: nothing here is shared with the codecs. Base64, CRC-32 and
// XLI are written once more, the plain way.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

inline Bytes xml_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

// ASCII text as UTF-16, with or without byte order mark.
inline Bytes as_utf16(std::string_view text, bool little, bool mark) {
  Bytes out;
  const auto put = [&](unsigned unit) {
    const auto high = static_cast<std::uint8_t>(unit / 256);
    const auto low = static_cast<std::uint8_t>(unit % 256);
    out.push_back(little ? low : high);
    out.push_back(little ? high : low);
  };
  if (mark) put(0xFEFF);
  for (const char c : text) put(static_cast<std::uint8_t>(c));
  return out;
}

inline std::string base64_of(const Bytes& bytes) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bits;
  for (const std::uint8_t byte : bytes) {
    for (int bit = 7; bit >= 0; --bit) bits += (byte >> bit) % 2 != 0 ? '1' : '0';
  }
  while (bits.size() % 6 != 0) bits += '0';
  std::string out;
  for (std::size_t i = 0; i < bits.size(); i += 6) {
    std::size_t value = 0;
    for (std::size_t j = i; j < i + 6; ++j) value = value * 2 + (bits[j] == '1' ? 1 : 0);
    out += alphabet[value];
  }
  while (out.size() % 4 != 0) out += '=';
  return out;
}

inline std::uint32_t crc32_bit_by_bit(const Bytes& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const bool odd = ((crc ^ (static_cast<std::uint32_t>(byte) >> bit)) & 1) != 0;
      crc /= 2;
      if (odd) crc ^= 0xEDB88320;
    }
  }
  return crc ^ 0xFFFFFFFF;
}

inline Bytes words_of(const std::vector<int>& samples) {
  Bytes out;
  for (const int sample : samples) {
    const unsigned word = static_cast<unsigned>(sample) & 0xFFFF;
    out.push_back(static_cast<std::uint8_t>(word % 256));
    out.push_back(static_cast<std::uint8_t>(word / 256));
  }
  return out;
}

inline std::string text_of(const std::vector<int>& samples) {
  std::string out;
  for (const int sample : samples) out += std::to_string(sample) + " ";
  return out;
}

// ---- HL7 aECG ----

struct AecgLead {
  std::string code;
  std::string digits;
  std::string scale = R"(<scale value="2.5" unit="uV"/>)";
  std::string origin = R"(<origin value="0" unit="uV"/>)";
  std::string attributes = {};
};

inline std::string aecg_sequence(const AecgLead& lead) {
  return "<component><sequence><code code=\"" + lead.code + "\" " + lead.attributes +
         "/><value xsi:type=\"SLIST_PQ\">" + lead.origin + lead.scale + "<digits>" + lead.digits +
         "</digits></value></sequence></component>";
}

inline std::string aecg_set(const std::string& time, const std::vector<AecgLead>& leads) {
  std::string out = "<component><sequenceSet>" + time;
  for (const AecgLead& lead : leads) out += aecg_sequence(lead);
  return out + "</sequenceSet></component>";
}

inline std::string aecg_absolute(const std::string& head, const std::string& increment = "0.002",
                                 const std::string& unit = "s") {
  return "<component><sequence><code code=\"TIME_ABSOLUTE\"/><value xsi:type=\"GLIST_TS\"><head "
         "value=\"" +
         head + "\"/><increment value=\"" + increment + "\" unit=\"" + unit +
         "\"/></value></sequence></component>";
}

inline std::string aecg_relative(const std::string& head, const std::string& unit = "s") {
  return "<component><sequence><code code=\"TIME_RELATIVE\"/><value xsi:type=\"GLIST_PQ\"><head "
         "value=\"" +
         head + "\" unit=\"" + unit +
         "\"/><increment value=\"2\" unit=\"ms\"/></value></sequence></component>";
}

inline std::string aecg_annotation(const std::string& code, const std::string& value,
                                   const std::string& inner = "") {
  return "<component><annotation><code code=\"" + code + "\"/>" + value + inner +
         "</annotation></component>";
}

inline std::string aecg_pq(const std::string& value, const std::string& unit) {
  return "<value xsi:type=\"PQ\" value=\"" + value + "\" unit=\"" + unit + "\"/>";
}

inline std::string aecg_series(const std::string& sets, const std::string& after = "",
                               const std::string& before = "", const std::string& code = "RHYTHM") {
  return "<component><series><code code=\"" + code + "\"/>" + before + sets + after +
         "</series></component>";
}

inline std::string aecg_file(const std::string& series, const std::string& subject = "") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- made by a test -->\n"
         "<AnnotatedECG xmlns=\"urn:hl7-org:v3\" "
         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><id root=\"x\"/>"
         "<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>" +
         subject +
         "</trialSubject></subject></subjectAssignment></componentOf></timepointEvent>"
         "</componentOf>" +
         series + "</AnnotatedECG>\n";
}

inline std::string small_aecg() {
  return aecg_file(
      aecg_series(aecg_set(aecg_absolute("20240229101112.000+0100"),
                           {{"MDC_ECG_LEAD_I", "1 -2\n3"}, {"MDC_ECG_LEAD_II", "4 5 -6"}})));
}

// ---- GE MUSE ----

struct MuseLead {
  std::string id = "I";
  std::vector<int> samples = {1, -2, 300};
  std::map<std::string, std::string> changed = {};  // element -> content
};

inline std::string muse_lead(const MuseLead& lead) {
  const Bytes bytes = words_of(lead.samples);
  std::map<std::string, std::string> fields = {
      {"LeadSampleCountTotal", std::to_string(lead.samples.size())},
      {"LeadAmplitudeUnitsPerBit", "4.88"},
      {"LeadAmplitudeUnits", "MICROVOLTS"},
      {"LeadID", lead.id},
      {"LeadOffsetFirstSample", "0"},
      {"LeadSampleSize", "2"},
      {"LeadOff", "FALSE"},
      {"LeadDataCRC32", std::to_string(crc32_bit_by_bit(bytes))},
      {"WaveFormData", "\n" + base64_of(bytes) + "\n"},
  };
  for (const auto& [name, content] : lead.changed) fields[name] = content;
  std::string out = "<LeadData>";
  for (const auto& [name, content] : fields) {
    out.append("<").append(name).append(">").append(content).append("</").append(name).append(">");
  }
  return out + "</LeadData>";
}

inline std::string muse_waveform(const std::string& type, const std::vector<MuseLead>& leads,
                                 const std::string& base = "500",
                                 const std::string& exponent = "0") {
  std::string out = "<Waveform><WaveformType>" + type + "</WaveformType><SampleBase>" + base +
                    "</SampleBase><SampleExponent>" + exponent +
                    "</SampleExponent><HighPassFilter>16</HighPassFilter><LowPassFilter>150"
                    "</LowPassFilter><ACFilter>50</ACFilter>";
  for (const MuseLead& lead : leads) out += muse_lead(lead);
  return out + "</Waveform>";
}

inline std::string muse_file(const std::string& content) {
  return "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
         "<!DOCTYPE RestingECG SYSTEM \"restecg.dtd\">\n<RestingECG><MuseInfo><MuseVersion>9.0"
         "</MuseVersion></MuseInfo>" +
         content + "</RestingECG>\n";
}

inline std::string small_muse() {
  return muse_file(muse_waveform("Median", {{"I", {7, 8}}}) +
                   muse_waveform("Rhythm", {{"I"}, {"V1", {5, 6, 7}}}));
}

// ---- Philips Sierra ----

// A chunk of XLI with LZW as compressors write it: greedy, 10 bits, end code 1023.
inline Bytes xli_chunk(const std::vector<int>& samples) {
  const auto wrap = [](int value) { return static_cast<int>(static_cast<std::int16_t>(value)); };
  const std::size_t n = samples.size();
  std::vector<int> corrections(n + 1, 0);
  for (std::size_t i = 2; i < n; ++i) {
    corrections[i] = wrap(2 * samples[i - 1] - samples[i - 2] - samples[i]);
  }
  std::vector<int> words = samples;
  for (std::size_t i = 2; i < n; ++i) words[i] = wrap(corrections[i + 1] + 64);
  std::string bytes;
  for (const int word : words) bytes += static_cast<char>((word >> 8) & 0xFF);
  for (const int word : words) bytes += static_cast<char>(word & 0xFF);
  std::map<std::string, int> codes;
  for (int i = 0; i < 256; ++i) codes[std::string(1, static_cast<char>(i))] = i;
  std::string bits;
  const auto put = [&](int code) {
    for (int bit = 9; bit >= 0; --bit) bits += (code >> bit) % 2 != 0 ? '1' : '0';
  };
  std::string text;
  for (const char c : bytes) {
    if (codes.contains(text + c)) {
      text += c;
      continue;
    }
    put(codes[text]);
    if (codes.size() < 1023) codes.emplace(text + c, static_cast<int>(codes.size()));
    text = std::string(1, c);
  }
  if (!text.empty()) put(codes[text]);
  put(1023);
  while (bits.size() % 8 != 0) bits += '0';
  const auto correction = static_cast<unsigned>(n > 2 ? corrections[2] : 0) & 0xFFFF;
  const std::size_t length = bits.size() / 8;
  Bytes out = {static_cast<std::uint8_t>(length % 256),
               static_cast<std::uint8_t>(length / 256),
               0,
               0,
               1,
               0,
               static_cast<std::uint8_t>(correction % 256),
               static_cast<std::uint8_t>(correction / 256)};
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    unsigned value = 0;
    for (std::size_t j = i; j < i + 8; ++j) value = value * 2 + (bits[j] == '1' ? 1 : 0);
    out.push_back(static_cast<std::uint8_t>(value));
  }
  return out;
}

inline std::string sierra_file(const std::string& waveforms, const std::string& more = "") {
  return "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<restingecgdata "
         "xmlns=\"http://www3.medical.philips.com\" status=\"Confirmed\"><documentinfo>"
         "<documentversion>1.04</documentversion></documentinfo>"
         "<dataacquisition date=\"2010-01-19\" time=\"15:19:22\"><machine machineid=\"S1\" "
         "detaildescription=\"Maker:M5000:C.01\">Model</machine><signalcharacteristics>"
         "<samplingrate>500</samplingrate><resolution>5</resolution></signalcharacteristics>"
         "</dataacquisition>" +
         more + "<waveforms>" + waveforms + "</waveforms></restingecgdata>";
}

inline std::string sierra_waveform(const std::string& attributes, const std::string& data) {
  return "<parsedwaveforms " + attributes + ">" + data + "</parsedwaveforms>";
}

inline std::string small_sierra() {
  Bytes data = xli_chunk({10, 12, 11, -400, 3});
  for (const std::uint8_t byte : xli_chunk({20, 21, -7, 300, 300})) data.push_back(byte);
  return sierra_file(sierra_waveform(
      R"(dataencoding="Base64" compression="XLI" numberofleads="2" leadlabels="I II" durationperchannel="10")",
      base64_of(data)));
}

}  // namespace telavis::test
