// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "formats/scp_ecg.h"
#include "formats/scp_ecg_header.h"
#include "formats/scp_ecg_huffman.h"
#include "formats/scp_ecg_record.h"
#include "formats/scp_ecg_report.h"
#include "formats/scp_ecg_rhythm.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::uint8_t kVersion = 20;              // 2.0
constexpr std::size_t kSections = 12;              // 0..11, as version 2 has them
constexpr std::size_t kMaxLeadBytes = 65'535;      // section 6 counts the bytes of a lead in a u16
constexpr std::size_t kMaxTextBytes = 65'534;      // lengths are u16 and include the final zero
constexpr std::size_t kMaxStatements = 255;        // counted in a u8
constexpr std::uint8_t kManufacturerInText = 255;  // code of tag 14: see the string
constexpr std::uint8_t kCompatibilityLevel1 = 0x90;  // identity and rhythm, no reference beat
constexpr unsigned kMaxCountedSimultaneous = 31;     // five bits of section 3
// On- and offsets of the one reference beat are laid out from here; with intervals below this limit
// none of them can meet a value that means "no value".
constexpr int kBeatStartMs = 100;
constexpr int kMaxIntervalMs = 9'000;

tl::unexpected<Error> cannot(std::string text) {
  return fail(ErrorCode::unsupported_conversion, std::move(text));
}

std::optional<Bytes> latin1_from_utf8(std::string_view text) {
  Bytes out;
  while (!text.empty()) {
    const std::size_t length = utf8_character_length(text);
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (length == 1) {
      out.push_back(first);
    } else if (length == 2 && first <= 0xC3) {
      out.push_back(static_cast<std::uint8_t>((first << 6) | (text[1] & 0x3F)));
    } else {
      return std::nullopt;
    }
    text.remove_prefix(length);
  }
  return out;
}

// Version 2 texts are ISO-8859-1. Where that cannot carry the text, or would be read back as
// another, UTF-8 is written, which every reader of version 3 expects.
Result<Bytes> device_text(std::string_view text, std::size_t max_bytes, std::string_view field) {
  if (text.find('\0') != std::string_view::npos) {
    return cannot(fmt::format("The {} holds a zero byte, which ends texts in SCP-ECG.", field));
  }
  auto bytes = latin1_from_utf8(text);
  if (!bytes || text_from_device(*bytes) != text) bytes.emplace(text.begin(), text.end());
  if (text_from_device(*bytes) != text) {
    return cannot(fmt::format("The {} is no clean UTF-8 text. Type it again.", field));
  }
  if (bytes->size() > max_bytes) {
    return cannot(fmt::format("The {} is longer than the {} bytes that SCP-ECG leaves for it.",
                              field, max_bytes));
  }
  return *bytes;
}

Bytes section(std::uint16_t id, const Bytes& data) {
  const std::size_t padding = data.size() % 2;  // sections start at even offsets
  Bytes out;
  ByteWriter writer(out);
  writer.u16le(0);  // CRC, below
  writer.u16le(id);
  writer.u32le(static_cast<std::uint32_t>(scp::kSectionHeaderBytes + data.size() + padding));
  writer.u8(kVersion);
  writer.u8(kVersion);
  writer.text(id == 0 ? scp::kMagic : std::string_view("\0\0\0\0\0\0", 6));
  writer.bytes(data);
  if (padding != 0) writer.u8(0);
  const std::uint16_t crc = scp::crc16(ByteView(out).subspan(2));
  out[0] = static_cast<std::uint8_t>(crc & 0xFF);
  out[1] = static_cast<std::uint8_t>(crc >> 8);
  return out;
}

// `sections` by id; index 0 is made here, an empty one stays absent.
Bytes record(const std::array<Bytes, kSections>& sections) {
  const std::size_t pointers_bytes = scp::kSectionHeaderBytes + kSections * scp::kPointerBytes;
  Bytes pointers;
  ByteWriter writer(pointers);
  std::size_t offset = scp::kRecordHeaderBytes;
  for (std::size_t id = 0; id < kSections; ++id) {
    const std::size_t length = id == 0 ? pointers_bytes : sections[id].size();
    writer.u16le(static_cast<std::uint16_t>(id));
    writer.u32le(static_cast<std::uint32_t>(length));
    writer.u32le(length == 0 ? 0 : static_cast<std::uint32_t>(offset + 1));  // counted from 1
    offset += length;
  }
  Bytes body;
  ByteWriter body_writer(body);
  body_writer.u32le(static_cast<std::uint32_t>(offset));
  body_writer.bytes(section(0, pointers));
  for (std::size_t id = 1; id < kSections; ++id) body_writer.bytes(sections[id]);
  Bytes out;
  ByteWriter out_writer(out);
  out_writer.u16le(scp::crc16(body));
  out_writer.bytes(body);
  return out;
}

// ---- section 1 ----

void put_tag(Bytes& out, scp::Tag tag, ByteView value) {
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(tag));
  writer.u16le(static_cast<std::uint16_t>(value.size()));
  writer.bytes(value);
}

Result<void> put_text(Bytes& out, scp::Tag tag, std::string_view text, std::string_view field) {
  auto value = device_text(text, kMaxTextBytes, field);
  if (!value) return tl::unexpected(value.error());
  value->push_back(0);
  put_tag(out, tag, *value);
  return {};
}

int number_at(std::string_view text, std::size_t offset, std::size_t digits) {
  int value = -1;
  if (text.size() < offset + digits) return value;
  const char* begin = text.data() + offset;
  std::from_chars(begin, begin + digits, value);
  return value;
}

Result<Bytes> date_bytes(std::string_view iso) {
  const int year = number_at(iso, 0, 4);
  const int month = number_at(iso, 5, 2);
  const int day = number_at(iso, 8, 2);
  if (scp::iso_date(year, month, day) != iso) {
    return cannot("A date is not of the form YYYY-MM-DD or does not exist.");
  }
  return Bytes{static_cast<std::uint8_t>(year & 0xFF), static_cast<std::uint8_t>(year >> 8),
               static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)};
}

Result<Bytes> time_bytes(std::string_view clock) {
  const int hour = number_at(clock, 0, 2);
  const int minute = number_at(clock, 3, 2);
  const int second = number_at(clock, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
      fmt::format("{:02}:{:02}:{:02}", hour, minute, second) != clock) {
    return cannot("The time of the recording is not of the form HH:MM:SS.");
  }
  return Bytes{static_cast<std::uint8_t>(hour), static_cast<std::uint8_t>(minute),
               static_cast<std::uint8_t>(second)};
}

struct Moment {
  Bytes date;
  Bytes time;
};
// Empty when `local` is.
Result<Moment> moment_bytes(std::string_view local) {
  if (local.empty()) return Moment{};
  if (local.size() < 11 || local[10] != 'T') {
    return cannot("The time of the recording is not of the form YYYY-MM-DDTHH:MM:SS.");
  }
  auto date = date_bytes(local.substr(0, 10));
  if (!date) return tl::unexpected(date.error());
  auto time = time_bytes(local.substr(11));
  if (!time) return tl::unexpected(time.error());
  return Moment{std::move(*date), std::move(*time)};
}

Result<void> put_patient(Bytes& out, const PatientIdentity& patient) {
  Result<void> done;
  if (!patient.family_name.empty()) {
    done = put_text(out, scp::Tag::family_name, patient.family_name, "family name");
  }
  if (done && !patient.given_name.empty()) {
    done = put_text(out, scp::Tag::given_name, patient.given_name, "given name");
  }
  if (done) done = put_text(out, scp::Tag::patient_id, patient.id, "patient number");  // mandatory
  if (!done) return done;
  if (!patient.birth_date.empty()) {
    const auto date = date_bytes(patient.birth_date);
    if (!date) return tl::unexpected(date.error());
    put_tag(out, scp::Tag::birth_date, *date);
  }
  switch (patient.sex) {
    case Sex::unknown:
      break;
    case Sex::male:
      put_tag(out, scp::Tag::sex, Bytes{1});
      break;
    case Sex::female:
      put_tag(out, scp::Tag::sex, Bytes{2});
      break;
    case Sex::other:
      put_tag(out, scp::Tag::sex, Bytes{9});
      break;  // "unspecified"
  }
  return {};
}

Result<void> put_device(Bytes& out, const DeviceIdentity& device) {
  auto model = device_text(device.model, scp::kDeviceModelBytes, "model of the device");
  if (!model) return tl::unexpected(model.error());
  const auto serial = device_text(device.serial, kMaxTextBytes / 4, "serial number of the device");
  if (!serial) return tl::unexpected(serial.error());
  const auto maker =
      device_text(device.manufacturer, kMaxTextBytes / 4, "name of the manufacturer");
  if (!maker) return tl::unexpected(maker.error());
  model->resize(scp::kDeviceModelBytes);
  Bytes value(scp::kDeviceManufacturerCodeOffset, 0);  // no institution, department, device; a cart
  ByteWriter writer(value);
  writer.u8(kManufacturerInText);
  writer.bytes(*model);
  writer.u8(kVersion);
  writer.u8(kCompatibilityLevel1);
  value.resize(scp::kDeviceStringsOffset - 1, 0);  // language, abilities, mains: not stated
  writer.u8(1);  // bytes of the analysing programme's name: none but the zero
  writer.u8(0);
  writer.bytes(*serial);
  writer.text(
      std::string_view("\0\0Telavis\0", 10));  // end of serial, system software, this software
  writer.bytes(*maker);
  writer.u8(0);
  put_tag(out, scp::Tag::acquiring_device, value);
  return {};
}

Result<void> put_filters(Bytes& out, const Filters& filters) {
  const auto put_number = [&](scp::Tag tag, double value) -> Result<void> {
    const double rounded = std::round(value);
    if (!(std::abs(value - rounded) < 1e-6) || rounded < 1 || rounded > 65'535) {
      return cannot(
          "A filter limit does not fit SCP-ECG, which has steps of 0.01 Hz for the "
          "high-pass and of 1 Hz for the low-pass.");
    }
    const auto stored = static_cast<std::uint16_t>(rounded);
    put_tag(
        out, tag,
        Bytes{static_cast<std::uint8_t>(stored & 0xFF), static_cast<std::uint8_t>(stored >> 8)});
    return {};
  };
  Result<void> done;
  if (filters.high_pass_hz) done = put_number(scp::Tag::high_pass, *filters.high_pass_hz * 100);
  if (done && filters.low_pass_hz) done = put_number(scp::Tag::low_pass, *filters.low_pass_hz);
  if (!done || !filters.notch_hz) return done;
  if (*filters.notch_hz != 50 && *filters.notch_hz != 60) {
    return cannot("SCP-ECG knows notch filters of 50 and of 60 Hz only.");
  }
  put_tag(out, scp::Tag::filters,
          Bytes{static_cast<std::uint8_t>(*filters.notch_hz == 60 ? 1 : 2)});
  return {};
}

Result<Bytes> section1(const EcgRecording& recording, const Moment& moment) {
  Bytes out;
  auto done = put_patient(out, recording.patient);
  if (done) done = put_device(out, recording.device);
  if (!done) return tl::unexpected(done.error());
  if (!moment.date.empty()) {
    put_tag(out, scp::Tag::acquisition_date, moment.date);
    put_tag(out, scp::Tag::acquisition_time, moment.time);
  }
  if (done = put_filters(out, recording.filters); !done) return tl::unexpected(done.error());
  if (const auto offset = recording.acquired_at.utc_offset_minutes) {
    if (std::abs(*offset) > scp::kMaxUtcOffsetMinutes) return cannot("No such time zone exists.");
    Bytes value;
    ByteWriter writer(value);
    writer.i16le(static_cast<std::int16_t>(*offset));
    writer.u16le(0);  // no place in the list of time zones
    writer.u8(0);     // no text
    put_tag(out, scp::Tag::time_zone, value);
  }
  put_tag(out, scp::Tag::end, {});
  return section(1, out);
}

// ---- sections 3 and 6 ----

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
  return section(3, out);
}

// The lead's differences, Huffman-coded; nullopt when one of them has no code or the lead grows too
// long.
std::optional<Bytes> encode_lead(const std::vector<std::int32_t>& samples, std::size_t order) {
  std::vector<std::int32_t> values = samples;
  for (std::size_t i = samples.size(); i-- > order;) {
    if (order == 1) values[i] = samples[i] - samples[i - 1];
    if (order == 2) values[i] = samples[i] - 2 * samples[i - 1] + samples[i - 2];
    if (values[i] != static_cast<std::int16_t>(values[i])) return std::nullopt;
  }
  Bytes out;
  scp::encode_default_huffman(values, out);
  if (out.size() > kMaxLeadBytes) return std::nullopt;
  return out;
}

Result<Bytes> section6(const LeadList& leads) {
  for (const std::size_t order : {std::size_t{2}, std::size_t{1}, std::size_t{0}}) {
    std::vector<Bytes> coded;
    for (const Lead* lead : leads) {
      auto bytes = encode_lead(lead->samples, std::min(order, lead->samples.size()));
      if (!bytes) break;
      coded.push_back(std::move(*bytes));
    }
    if (coded.size() < leads.size()) continue;  // a lower order has smaller differences at steps
    Bytes out;
    ByteWriter writer(out);
    writer.u16le(static_cast<std::uint16_t>(leads.front()->gain_nv_per_lsb));
    writer.u16le(static_cast<std::uint16_t>(leads.front()->sampling_interval_us));
    writer.u8(static_cast<std::uint8_t>(order));
    writer.u8(0);  // not bimodal
    for (const Bytes& lead : coded) writer.u16le(static_cast<std::uint16_t>(lead.size()));
    for (const Bytes& lead : coded) writer.bytes(lead);
    return section(6, out);
  }
  return cannot(
      "A lead is too long for SCP-ECG, which leaves 65,535 bytes for each. Shorten the "
      "recording.");
}

// ---- sections 7 and 8 ----

struct BeatTimes {
  std::uint16_t p_on = scp::kNotComputed, p_off = scp::kNotComputed, qrs_on = scp::kNotComputed,
                qrs_off = scp::kNotComputed, t_off = scp::kNotComputed;
};

Result<BeatTimes> beat_times(const Measurements& m) {
  for (const auto& interval : {m.p_duration_ms, m.pr_ms, m.qrs_ms, m.qt_ms}) {
    if (interval && (*interval < 0 || *interval > kMaxIntervalMs)) {
      return cannot(fmt::format("An interval lies outside of 0 to {} ms.", kMaxIntervalMs));
    }
  }
  if (m.p_duration_ms && !m.pr_ms && (m.qrs_ms || m.qt_ms)) {
    return cannot(
        "SCP-ECG places all waves in one beat: a P duration beside a QRS or QT needs the "
        "PR interval.");
  }
  const auto at = [](int start, std::optional<int> length) {
    return length ? static_cast<std::uint16_t>(start + *length) : scp::kNotComputed;
  };
  BeatTimes times;
  if (m.p_duration_ms || m.pr_ms) times.p_on = kBeatStartMs;
  times.p_off = at(kBeatStartMs, m.p_duration_ms);
  if (m.pr_ms || m.qrs_ms || m.qt_ms) {
    const int qrs_on = kBeatStartMs + m.pr_ms.value_or(0);
    times.qrs_on = static_cast<std::uint16_t>(qrs_on);
    times.qrs_off = at(qrs_on, m.qrs_ms);
    times.t_off = at(qrs_on, m.qt_ms);
  }
  return times;
}

bool states_nothing(const Measurements& m) {
  return !m.ventricular_rate_bpm && !m.atrial_rate_bpm && !m.rr_ms && !m.pp_ms &&
         !m.p_duration_ms && !m.pr_ms && !m.qrs_ms && !m.qt_ms && !m.qtc_ms && !m.p_axis_deg &&
         !m.qrs_axis_deg && !m.t_axis_deg && m.pacemaker_spikes.value_or(0) == 0;
}

Result<void> check_stated(const Measurements& m) {
  for (const auto& value :
       {m.ventricular_rate_bpm, m.atrial_rate_bpm, m.rr_ms, m.pp_ms, m.qtc_ms}) {
    if (value &&
        (*value < 1 || *value > 65'535 || !scp::stated_value(static_cast<std::uint16_t>(*value)))) {
      return cannot("A rate or an interval has no place in SCP-ECG (1 to 65,535, some reserved).");
    }
  }
  for (const auto& axis : {m.p_axis_deg, m.qrs_axis_deg, m.t_axis_deg}) {
    if (axis && std::abs(*axis) > scp::kMaxAxisDegrees) return cannot("An axis is no angle.");
  }
  if (m.pacemaker_spikes && (*m.pacemaker_spikes < 0 || *m.pacemaker_spikes > 255)) {
    return cannot("SCP-ECG counts at most 255 pacemaker spikes.");
  }
  return {};
}

Result<Bytes> section7(const Measurements& m) {
  if (states_nothing(m)) return Bytes{};
  if (const auto stated = check_stated(m); !stated) return tl::unexpected(stated.error());
  const auto times = beat_times(m);
  if (!times) return tl::unexpected(times.error());
  const auto number = [](std::optional<int> value) {
    return static_cast<std::uint16_t>(value.value_or(scp::kNotComputed));
  };
  const int spikes = m.pacemaker_spikes.value_or(0);
  Bytes out;
  ByteWriter writer(out);
  writer.u8(1);  // one reference beat
  writer.u8(static_cast<std::uint8_t>(spikes));
  writer.u16le(number(m.rr_ms));
  writer.u16le(number(m.pp_ms));
  for (const std::uint16_t instant :
       {times->p_on, times->p_off, times->qrs_on, times->qrs_off, times->t_off}) {
    writer.u16le(instant);
  }
  for (const auto& axis : {m.p_axis_deg, m.qrs_axis_deg, m.t_axis_deg}) writer.u16le(number(axis));
  for (int i = 0; i < spikes; ++i) {  // only their number is known
    writer.u16le(scp::kNotComputed);
    writer.u16le(scp::kNotComputed);
  }
  out.resize(out.size() + static_cast<std::size_t>(spikes) * scp::kSpikeInfoBytes, 0);
  writer.u16le(0);  // no list of beats
  writer.u16le(number(m.ventricular_rate_bpm));
  writer.u16le(number(m.atrial_rate_bpm));
  writer.u16le(number(m.qtc_ms));
  writer.u8(0);     // correction formula not known
  writer.u16le(0);  // no tagged field
  return section(7, out);
}

Result<Bytes> section8(const std::vector<std::string>& statements, const Moment& moment) {
  if (statements.empty()) return Bytes{};
  if (statements.size() > kMaxStatements) {
    return cannot(fmt::format("SCP-ECG counts at most {} statements.", kMaxStatements));
  }
  Bytes out = {0};  // original report, not overread
  ByteWriter writer(out);
  writer.bytes(moment.date);
  writer.bytes(moment.time);
  out.resize(scp::kStatementsHeadBytes, 0);
  writer.u8(static_cast<std::uint8_t>(statements.size()));
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto text = device_text(statements[i], kMaxTextBytes, "statement of the device");
    if (!text) return tl::unexpected(text.error());
    writer.u8(static_cast<std::uint8_t>(i + 1));
    writer.u16le(static_cast<std::uint16_t>(text->size() + 1));
    writer.bytes(*text);
    writer.u8(0);
  }
  return section(8, out);
}

}  // namespace

Result<Bytes> encode_scp_ecg(const EcgRecording& recording) {
  LeadList leads;
  for (const Lead& lead : recording.leads) {
    if (!lead.derived) leads.push_back(&lead);
  }
  if (leads.empty() || leads.front()->samples.empty()) {
    return fail(ErrorCode::malformed_file, "There is no recorded lead to write.");
  }
  if (const auto fit = check_leads(leads); !fit) return tl::unexpected(fit.error());
  const auto moment = moment_bytes(recording.acquired_at.local);
  if (!moment) return tl::unexpected(moment.error());
  auto header = section1(recording, *moment);
  if (!header) return tl::unexpected(header.error());
  auto rhythm = section6(leads);
  if (!rhythm) return tl::unexpected(rhythm.error());
  auto measurements = section7(recording.measurements);
  if (!measurements) return tl::unexpected(measurements.error());
  auto statements = section8(recording.statements, *moment);
  if (!statements) return tl::unexpected(statements.error());
  Bytes table;
  ByteWriter(table).u16le(scp::kDefaultHuffmanTable);
  std::array<Bytes, kSections> sections;
  sections[1] = std::move(*header);
  sections[2] = section(2, table);
  sections[3] = section3(leads);
  sections[6] = std::move(*rhythm);
  sections[7] = std::move(*measurements);
  sections[8] = std::move(*statements);
  return record(sections);
}

}  // namespace telavis
