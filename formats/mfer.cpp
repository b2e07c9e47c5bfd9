// SPDX-License-Identifier: Apache-2.0
#include "formats/mfer.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/mfer_frame.h"
#include "formats/mfer_text.h"
#include "formats/scp_ecg_header.h"
#include "formats/signals.h"

namespace telavis {
namespace {

using mfer::Charset;
using mfer::Definitions;

enum class Tag : std::uint8_t {
  zero = 0x00,
  byte_order = 0x01,
  version = 0x02,
  charset = 0x03,
  block = 0x04,
  channels = 0x05,
  sequences = 0x06,
  pointer = 0x07,
  waveform = 0x08,
  lead = 0x09,
  type = 0x0A,
  interval = 0x0B,
  sensitivity = 0x0C,
  offset = 0x0D,
  compression = 0x0E,
  filter = 0x11,
  null = 0x12,
  note = 0x16,
  manufacturer = 0x17,
  wave = 0x1E,
  channel = 0x3F,
  preamble = 0x40,
  group = 0x67,
  end = 0x80,
  patient_name = 0x81,
  patient_id = 0x82,
  age = 0x83,
  sex = 0x84,
  time = 0x85,
};

constexpr std::size_t kMaxDepth = 8;  // of groups in groups; the standard has one
// Frames times channels: a day of twelve leads in frames of a second has a million.
constexpr std::size_t kMaxChannelFrames = 4'000'000;
constexpr std::size_t kMaxNotes = 10'000;
constexpr std::uint8_t kIndefinite = 0x80;  // a length: until two zero bytes
constexpr std::size_t kMaxLengthBytes = 4;

tl::unexpected<Error> malformed() {
  return fail(ErrorCode::malformed_file,
              "The MFER file is damaged. Export the recording again from the device.");
}

struct Head {
  Tag tag = Tag::zero;
  std::uint32_t channel = 0;          // of Tag::channel
  std::optional<std::size_t> length;  // nullopt: indefinite
};

// A tag and its length, big-endian whatever the byte order of the file (ISO 22077-1, 5.1). nullopt
// when the file ends or the length is too long.
std::optional<Head> read_head(ByteReader& reader) {
  Head head;
  const auto tag = reader.u8();
  if (!tag) return std::nullopt;
  head.tag = Tag{*tag};
  if (head.tag == Tag::zero || head.tag == Tag::end) {
    head.length = 0;
    return head;
  }
  if (head.tag == Tag::channel) {
    std::uint8_t part = 0x80;  // seven bits a byte, the last without the upper bit
    for (int i = 0; (part & 0x80) != 0; ++i) {
      const auto next = reader.u8();
      if (!next || i == 4) return std::nullopt;
      part = *next;
      head.channel = (head.channel << 7) | (part & 0x7F);
    }
  }
  const auto first = reader.u8();
  if (!first) return std::nullopt;
  if (*first == kIndefinite) return head;
  if (*first < kIndefinite) {
    head.length = *first;
    return head;
  }
  std::size_t length = 0;
  const std::size_t bytes = *first & 0x7F;
  if (bytes > kMaxLengthBytes) return std::nullopt;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto next = reader.u8();
    if (!next) return std::nullopt;
    length = (length << 8) | *next;
  }
  head.length = length;
  return head;
}

// Walks the definitions of a file, in the order in which they take effect.
class Decoder {
 public:
  Result<EcgRecording> decode(ByteView file);

 private:
  Result<void> walk(ByteReader& reader, std::size_t end, bool indefinite,
                    std::optional<std::uint32_t> channel, std::size_t depth);
  Result<void> take(const Head& head, ByteView value, std::optional<std::uint32_t> channel);
  bool define(Tag tag, ByteView value, Definitions& definitions);
  void describe(Tag tag, ByteView value);
  Result<void> add_frame(ByteView wave);
  void finish();
  void add_channels(std::vector<mfer::Channel> channels, std::vector<Lead>* beat);

  std::uint64_t number(ByteView bytes) const;
  std::string text(ByteView bytes);
  void read_name(ByteView value);
  void read_birth(ByteView value);
  void read_time(ByteView value);
  void read_filter(ByteView value);
  void note(std::string_view code, Severity severity, std::string_view what);

  EcgRecording recording_;
  bool little_endian_ = false;
  bool ended_ = false;
  Charset charset_ = Charset::unstated;
  std::size_t channel_count_ = 1;
  Definitions parent_;
  std::map<std::uint32_t, Definitions> children_;
  std::size_t channel_frames_ = 0;
  std::size_t notes_ = 0;
  std::vector<mfer::Channel> rhythm_, beat_;
};

// Once each.
void Decoder::note(std::string_view code, Severity severity, std::string_view what) {
  const bool told = std::ranges::any_of(
      recording_.findings, [&](const Finding& finding) { return finding.code == code; });
  if (!told) recording_.findings.push_back({std::string(code), severity, std::string(what)});
}

std::uint64_t Decoder::number(ByteView bytes) const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 8); ++i) {
    value = (value << 8) | bytes[little_endian_ ? bytes.size() - 1 - i : i];
  }
  return value;
}

std::string Decoder::text(ByteView bytes) {
  constexpr std::size_t kMaxTextBytes = 4096;  // of a name or a note
  auto read = mfer::text_in(bytes.first(std::min(bytes.size(), kMaxTextBytes)), charset_);
  if (read.unread) {
    note("text_encoding_unread", Severity::warning,
         "Texts of the file are in a character set that is not read; the characters are replaced. "
         "Check the identity with the sender.");
  }
  return std::move(read.utf8);
}

// "family^its reading^given^its reading": a second part alone is the given name.
void Decoder::read_name(ByteView value) {
  std::vector<std::string> parts;
  std::string whole = text(value);
  for (std::size_t begin = 0; begin <= whole.size();) {
    const std::size_t end = std::min(whole.find('^', begin), whole.size());
    parts.emplace_back(without_blanks(std::string_view(whole).substr(begin, end - begin)));
    begin = end + 1;
  }
  recording_.patient.family_name = parts[0];
  recording_.patient.given_name = parts.size() > 2 && !parts[2].empty() ? parts[2]
                                  : parts.size() > 1                    ? parts[1]
                                                                        : std::string();
}

// Age in years (1) and days (2), then the day of birth: year (2), month, day. 0xFF and 0: unknown.
void Decoder::read_birth(ByteView value) {
  if (value.size() < 7) return;
  const auto year = static_cast<int>(number(value.subspan(3, 2)));
  if (year == 0 || year == 0xFFFF) return;
  if (const auto date = scp::iso_date(year, value[5], value[6])) {
    recording_.patient.birth_date = *date;
    return;
  }
  note("birth_date_invalid", Severity::warning,
       "The birth date in the file is no date and is left out. Check the identity.");
}

void Decoder::read_time(ByteView value) {
  if (value.size() < 7) return;
  const auto date = scp::iso_date(static_cast<int>(number(value.first(2))), value[2], value[3]);
  if (!date || value[4] > 23 || value[5] > 59 || value[6] > 59) {
    note("acquisition_time_invalid", Severity::warning,
         "The file says in an impossible way when the recording was made. Ask the sender, and set "
         "the clock of the device.");
    return;
  }
  recording_.acquired_at.local =
      fmt::format("{}T{:02}:{:02}:{:02}", *date, value[4], value[5], value[6]);
}

// "HPF=0.05^...", "LPF=100", "BEF=50" (ISO 22077-1, 5.3.7; unverified).
void Decoder::read_filter(ByteView value) {
  const std::string whole = text(value);
  const std::string_view filter = whole;
  const std::size_t equals = filter.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view kind = without_blanks(filter.substr(0, equals));
  std::string_view amount = without_blanks(filter.substr(equals + 1));
  amount = amount.substr(0, amount.find_first_not_of("0123456789."));
  const auto hertz = number_of(amount);
  if (!hertz || *hertz <= 0) return;
  if (kind == "HPF") recording_.filters.high_pass_hz = hertz;
  if (kind == "LPF") recording_.filters.low_pass_hz = hertz;
  if (kind == "BEF" && (*hertz == 50 || *hertz == 60)) {
    recording_.filters.notch_hz = static_cast<int>(*hertz);
  }
}

// Definitions that a channel may have of its own. False when `tag` is none of them.
bool Decoder::define(Tag tag, ByteView value, Definitions& definitions) {
  const auto scaled = [&]() -> std::optional<mfer::Scaled> {
    if (value.size() < 3 || value.size() > 6) return std::nullopt;
    return mfer::Scaled{value[0], static_cast<std::int8_t>(value[1]),
                        static_cast<std::uint32_t>(number(value.subspan(2)))};
  };
  const auto count = [&]() -> std::optional<std::uint32_t> {
    if (value.empty() || value.size() > 4) return std::nullopt;
    return static_cast<std::uint32_t>(number(value));
  };
  const auto typed = [&]() -> std::optional<mfer::TypedValue> {
    if (value.empty() || value.size() > 8) return std::nullopt;
    return mfer::TypedValue{Bytes(value.begin(), value.end()), little_endian_};
  };
  const auto code = [&]() -> std::optional<std::uint16_t> {
    if (value.empty()) return std::nullopt;
    return static_cast<std::uint16_t>(number(value.first(std::min<std::size_t>(value.size(), 2))));
  };
  // Not a switch over the enumeration: most tags are no definitions of a channel.
  if (tag == Tag::block) {
    definitions.block = count();
  } else if (tag == Tag::sequences) {
    definitions.sequences = count();
  } else if (tag == Tag::waveform) {
    definitions.waveform = code();
  } else if (tag == Tag::lead) {
    definitions.lead = code();
    constexpr std::size_t kMaxNameBytes = 64;
    const ByteView name = value.subspan(std::min<std::size_t>(value.size(), 2));
    definitions.lead_text = text(name.first(std::min(name.size(), kMaxNameBytes)));
  } else if (tag == Tag::type) {
    definitions.type = value.empty() ? std::nullopt : std::optional(value[0]);
  } else if (tag == Tag::interval) {
    definitions.interval = scaled();
  } else if (tag == Tag::sensitivity) {
    definitions.sensitivity = scaled();
  } else if (tag == Tag::null) {
    definitions.null = typed();
  } else if (tag == Tag::offset) {
    definitions.offset = typed();
  } else {
    return false;
  }
  return true;
}

// What is said of the whole recording. Events, values and the rest of the standard's tags are
// passed over.
void Decoder::describe(Tag tag, ByteView value) {
  if (tag == Tag::byte_order) little_endian_ = !value.empty() && value[0] == 1;
  if (tag == Tag::version && value.size() >= 2) {
    recording_.version = fmt::format("{}.{}", value[0], value[1]);
  }
  if (tag == Tag::charset) charset_ = mfer::charset_of(as_text(value));
  if (tag == Tag::patient_name) read_name(value);
  if (tag == Tag::patient_id) {
    const std::string id = text(value);
    recording_.patient.id = id.substr(0, id.find('^'));
  }
  if (tag == Tag::age) read_birth(value);
  if (tag == Tag::sex && !value.empty()) {
    recording_.patient.sex = value[0] == 1 ? Sex::male : value[0] == 2 ? Sex::female : Sex::unknown;
  }
  if (tag == Tag::time) read_time(value);
  if (tag == Tag::filter) read_filter(value);
  if (tag == Tag::note && recording_.statements.size() < kMaxStatements && ++notes_ <= kMaxNotes) {
    add_statement(recording_, text(value));
  }
  if (tag == Tag::manufacturer) {  // maker^model^version^serial
    std::string parts[4];
    std::size_t part = 0;
    for (const char character : text(value)) {
      if (character == '^') {
        ++part;
      } else if (part < 4) {
        parts[part] += character;
      }
    }
    recording_.device = {parts[0], parts[1], parts[3]};
  }
}

Result<void> Decoder::add_frame(ByteView wave) {
  if (wave.empty()) return {};
  channel_frames_ += channel_count_;
  if (channel_frames_ > kMaxChannelFrames) {
    return fail(ErrorCode::limit_exceeded,
                "The MFER file has too many frames. Export a shorter part of the recording.");
  }
  auto channels = mfer::channels_of(parent_, children_, channel_count_);
  if (!channels) return tl::unexpected(channels.error());
  auto& tracing = parent_.waveform == mfer::kDominantBeat ? beat_ : rhythm_;
  if (tracing.empty()) tracing = *channels;
  const bool same = std::ranges::equal(tracing, *channels, [](const auto& left, const auto& right) {
    return left.definitions.same_channel(right.definitions);
  });
  if (!same) {
    note("frame_unread", Severity::warning,
         "The file holds a further recording with other leads, which is not shown. Export it by "
         "itself.");
    return {};
  }
  for (std::size_t i = 0; i < tracing.size(); ++i) {
    tracing[i].definitions = std::move((*channels)[i].definitions);  // the length may differ
  }
  if (!mfer::read_frame(tracing, wave, little_endian_)) {
    note("data_truncated", Severity::error,
         "The file ends before its recording does: what is there is shown. Export the recording "
         "again.");
  }
  return {};
}

Result<void> Decoder::take(const Head& head, ByteView value, std::optional<std::uint32_t> channel) {
  if (head.tag == Tag::wave) return add_frame(value);
  if (head.tag == Tag::compression && !value.empty() &&
      number(value.first(std::min<std::size_t>(value.size(), 2))) != 0) {
    return fail(ErrorCode::unsupported_encoding,
                "The MFER file is compressed, which is not read. Choose the export without "
                "compression on the device.");
  }
  if (head.tag == Tag::channels) {
    const std::uint64_t count = value.empty() ? 1 : number(value);
    if (count == 0 || value.size() > 4) return malformed();
    if (count > kMaxSignals) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("The MFER file has more than {} channels. Export the ECG leads "
                              "alone.",
                              kMaxSignals));
    }
    channel_count_ = count;
    children_.clear();  // the count begins a new description (ISO 22077-1, 5.2)
    return {};
  }
  if (channel && *channel >= kMaxSignals) return {};
  if (!define(head.tag, value, channel ? children_[*channel] : parent_)) describe(head.tag, value);
  return {};
}

Result<void> Decoder::walk(ByteReader& reader, std::size_t end, bool indefinite,
                           std::optional<std::uint32_t> channel, std::size_t depth) {
  if (depth > kMaxDepth) return malformed();
  while (reader.position() < end && !ended_) {
    const auto head = read_head(reader);
    if (!head) return malformed();
    if (head->tag == Tag::end) ended_ = true;
    if (head->tag == Tag::zero && indefinite) {  // two zero bytes end it
      reader.skip(1);
      return {};
    }
    if (head->tag == Tag::end || head->tag == Tag::zero) continue;
    const bool nested = head->tag == Tag::channel || head->tag == Tag::group;
    if (!head->length && !nested) return malformed();
    const std::size_t left = std::max(end, reader.position()) - reader.position();
    std::size_t length = head->length.value_or(left);
    if (length > left) {
      // A transmission that was cut leaves the wave short: what is there is worth showing.
      if (head->tag != Tag::wave) return malformed();
      length = left;
      note("data_truncated", Severity::error,
           "The file ends before its recording does: what is there is shown. Export the recording "
           "again.");
    }
    Result<void> done;
    if (nested) {
      const auto inner = head->tag == Tag::channel ? std::optional(head->channel) : channel;
      const std::size_t stop = reader.position() + length;
      done = walk(reader, stop, !head->length, inner, depth + 1);
      if (done && head->length && !reader.seek(stop)) return malformed();
    } else {
      done = take(*head, reader.take(length).value_or(ByteView{}), channel);
    }
    if (!done) return done;
  }
  return {};
}

void Decoder::add_channels(std::vector<mfer::Channel> channels, std::vector<Lead>* beat) {
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const bool wanted = channels[i].wanted;
    const std::string label = mfer::lead_label(channels[i].definitions, i);
    auto lead = mfer::lead_of(std::move(channels[i]));
    const bool ecg =
        lead && (lead->code != LeadCode::unspecified || signal_kind(label) != SignalKind::other);
    if (!wanted || !ecg) {
      ++left_out;
    } else if (beat == nullptr) {
      add_lead(recording_, std::move(*lead), label);
    } else if (lead->code != LeadCode::unspecified) {
      EcgRecording one;  // the same care for what was not measured
      add_lead(one, std::move(*lead), label);
      std::ranges::move(one.leads, std::back_inserter(*beat));
    }
  }
  if (left_out > 0 && beat == nullptr) {
    note("signals_left_out", Severity::info,
         fmt::format("Signals that are no ECG lead in volts, and are not shown: {}.", left_out));
  }
}

void Decoder::finish() {
  add_channels(std::move(rhythm_), nullptr);
  add_channels(std::move(beat_), &recording_.median_beat);
  if (recording_.acquired_at.local.empty()) {
    const bool told = std::ranges::any_of(recording_.findings, [](const Finding& finding) {
      return finding.code == "acquisition_time_invalid";
    });
    if (!told) {
      note("acquisition_time_missing", Severity::warning,
           "The file does not say when the recording was made. Ask the sender, and set the clock "
           "of the device.");
    }
  }
}

Result<EcgRecording> Decoder::decode(ByteView file) {
  recording_.format = "MFER";
  ByteReader reader(file);
  auto walked = walk(reader, file.size(), false, std::nullopt, 0);
  if (!walked && rhythm_.empty()) return tl::unexpected(std::move(walked.error()));
  if (!walked) {
    if (walked.error().code != ErrorCode::malformed_file) {
      return tl::unexpected(std::move(walked.error()));
    }
    note("header_truncated", Severity::warning,
         "The file is damaged behind its recording. What follows is left out.");
  }
  if (channel_frames_ == 0) {
    return fail(ErrorCode::truncated_file,
                "The MFER file holds no waveform. Export the recording again from the device.");
  }
  finish();
  if (recording_.leads.empty()) {
    return fail(ErrorCode::unsupported_format,
                "The MFER file holds no ECG lead in volts. Export the ECG from the device.");
  }
  return std::move(recording_);
}

bool is_known(Tag tag) {
  const auto id = static_cast<std::uint8_t>(tag);
  return (id >= 0x01 && id <= 0x12) || (id >= 0x15 && id <= 0x17) || tag == Tag::wave ||
         (id >= 0x3F && id <= 0x46) || tag == Tag::group || (id >= 0x81 && id <= 0x88);
}

}  // namespace

bool looks_like_mfer(ByteView file) {
  ByteReader reader(file);
  constexpr int kMaxLooked = 200;  // definitions before the waveform
  int definitions = 0;
  bool layout = false;
  for (int i = 0; i < kMaxLooked; ++i) {
    const auto head = read_head(reader);
    if (!head || (head->tag != Tag::zero && !is_known(head->tag))) return false;
    if (head->tag == Tag::zero) continue;
    if (i == 0 && head->tag == Tag::preamble && head->length && *head->length >= 3) {
      const auto text = reader.take(3);
      return text && (as_text(*text) == "MFR" || as_text(*text) == "MFE");
    }
    // Without a preamble: three definitions in a row that fit, one of them of the layout, and a
    // waveform.
    if (head->tag == Tag::wave) return definitions >= 3 && layout && head->length > 0U;
    ++definitions;
    layout = layout || head->tag == Tag::interval || head->tag == Tag::channels;
    if (!head->length) {
      if (head->tag != Tag::channel && head->tag != Tag::group) return false;
    } else if (!reader.skip(*head->length)) {
      return false;
    }
  }
  return false;
}

Result<EcgRecording> decode_mfer(ByteView file) {
  return Decoder().decode(file);
}

}  // namespace telavis
