// SPDX-License-Identifier: Apache-2.0
#include "formats/wfdb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/signals.h"
#include "formats/wfdb_header.h"
#include "formats/wfdb_samples.h"

namespace telavis {
namespace {

using wfdb::Channel;
using wfdb::Header;
using wfdb::Signal;

constexpr std::size_t kMaxHeaderBytes = std::size_t{1} << 20;  // text; real ones have a kilobyte
constexpr double kDefaultGain = 200;                           // header(5): steps a millivolt
constexpr std::string_view kHeaderEnding = ".hea";

using Files = std::vector<NamedFile>;

const NamedFile* file_named(const Files& files, std::string_view name) {
  const auto found = std::ranges::find(files, name, &NamedFile::name);
  return found == files.end() ? nullptr : &*found;
}

// The files of a record whose samples are still to be read. Each is given once, so that a header
// cannot make more samples than its files hold.
struct Source {
  const Files& files;
  std::vector<std::string_view> read = {};

  bool take(std::string_view name) {
    if (std::ranges::find(read, name) != read.end()) return false;
    read.push_back(name);
    return true;
  }
};

bool has_no_file(std::string_view name) {
  return name == "~" || name == "-";  // a signal without samples, the standard input
}

// Adds `name` once. False when it is no plain name.
bool add_name(std::vector<std::string>& names, std::string name) {
  if (!wfdb::is_plain_name(name)) return false;
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  return true;
}

Result<std::vector<std::string>> files_of(const Header& header) {
  std::vector<std::string> names;
  bool plain = true;
  for (const Signal& signal : header.signals) {
    if (!has_no_file(signal.file)) plain = add_name(names, std::string(signal.file)) && plain;
  }
  for (const wfdb::Segment& segment : header.segments) {
    if (has_no_file(segment.name)) continue;
    plain = add_name(names, std::string(segment.name).append(kHeaderEnding)) && plain;
  }
  if (!plain) {
    return fail(ErrorCode::malformed_file,
                "The WFDB header names a file by more than its name. Put the files of the record "
                "into one folder and write their names alone into the header.");
  }
  return names;
}

bool is_wanted(const Signal& signal) {
  return !has_no_file(signal.file) && nanovolts_of_unit(signal.unit).has_value() &&
         signal_kind(signal.description) != SignalKind::other;
}

Result<void> check_formats(const Header& header) {
  for (const Signal& signal : header.signals) {
    if (has_no_file(signal.file) || wfdb::is_readable(signal.format)) continue;
    if (wfdb::is_flac(signal.format)) {
      return fail(ErrorCode::unsupported_encoding,
                  fmt::format("The WFDB record is compressed with FLAC (format {}), which is not "
                              "read. Write it again in format 16 (xform or wrsamp -O 16).",
                              signal.format));
    }
    return fail(ErrorCode::unsupported_encoding,
                fmt::format("WFDB signal format {} is not known. Write the record again in format "
                            "16.",
                            signal.format));
  }
  return {};
}

// Signals of one file stand one behind the other in the header (header(5)).
std::size_t group_end(const std::vector<Signal>& signals, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < signals.size() && signals[end].file == signals[begin].file) ++end;
  return end;
}

void check_sum(const Header& header, const Channel& channel, std::vector<Finding>& findings) {
  if (!header.samples || !channel.signal->checksum) return;
  if (channel.checksum == static_cast<std::uint16_t>(*channel.signal->checksum)) return;
  findings.push_back({"crc_mismatch", Severity::warning,
                      "The checksum of a signal is wrong: the file was damaged or edited after the "
                      "recording. Ask for the original."});
}

Result<void> read_file_of(std::span<Channel> group, const Header& header, Source& source,
                          std::vector<Finding>& findings) {
  const Signal& first = *group.front().signal;
  if (std::ranges::none_of(group, &Channel::wanted)) return {};
  const bool again = !source.take(first.file);
  if (again || std::ranges::any_of(group, [&](const Channel& channel) {
        return channel.signal->format != first.format ||
               channel.signal->byte_offset != first.byte_offset;
      })) {
    return fail(ErrorCode::malformed_file,
                "The WFDB header describes one signal file in two ways. Export the record again.");
  }
  const NamedFile* file = file_named(source.files, first.file);
  if (file == nullptr) {
    return fail(ErrorCode::truncated_file,
                "A signal file that the WFDB header names is missing. Send the header together "
                "with all its signal files.");
  }
  const std::uint64_t frames =
      wfdb::read_group(group, file->bytes, header.samples.value_or(UINT64_MAX));
  if (header.samples && frames < *header.samples) {
    findings.push_back({"data_truncated", Severity::error,
                        "A signal file ends before its recording does: what is there is shown. "
                        "Send the file again."});
    return {};
  }
  for (const Channel& channel : group) {
    if (channel.wanted) check_sum(header, channel, findings);
  }
  return {};
}

Result<std::vector<Channel>> read_channels(const Header& header, Source& source,
                                           std::vector<Finding>& findings) {
  if (auto formats = check_formats(header); !formats) return tl::unexpected(formats.error());
  std::vector<Channel> channels;
  for (const Signal& signal : header.signals) channels.push_back({&signal, is_wanted(signal)});
  for (std::size_t begin = 0; begin < channels.size();) {
    const std::size_t end = group_end(header.signals, begin);
    auto read =
        read_file_of(std::span(channels).subspan(begin, end - begin), header, source, findings);
    if (!read) return tl::unexpected(read.error());
    begin = end;
  }
  return channels;
}

// The signals of a segment may differ from those of the first in where their samples lie, never in
// what these mean.
bool alike(const Signal& left, const Signal& right) {
  return left.gain == right.gain && left.baseline == right.baseline && left.unit == right.unit &&
         left.adc_zero == right.adc_zero && left.description == right.description &&
         left.samples_per_frame == right.samples_per_frame;
}

// Appends the samples of a segment. False when its signals are not those of the first one.
bool append_segment(std::vector<Channel>& whole, std::vector<Channel> part) {
  if (whole.size() != part.size()) return false;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (!alike(*whole[i].signal, *part[i].signal)) return false;
    whole[i].samples.insert(whole[i].samples.end(), part[i].samples.begin(), part[i].samples.end());
  }
  return true;
}

tl::unexpected<Error> variable_layout() {
  return fail(ErrorCode::unsupported_format,
              "The segments of this WFDB record differ in their signals, which is not read. Send "
              "one segment.");
}

// Headers of the segments outlive the channels, which point into them.
Result<std::vector<Channel>> read_segments(const Header& header, Source& source,
                                           std::vector<Header>& headers,
                                           std::vector<Finding>& findings) {
  headers.reserve(header.segments.size());
  std::vector<Channel> whole;
  for (const wfdb::Segment& segment : header.segments) {
    // A first segment without samples describes a layout that varies; "~" is a gap.
    if (segment.samples == 0 || has_no_file(segment.name)) return variable_layout();
    const NamedFile* file =
        file_named(source.files, std::string(segment.name).append(kHeaderEnding));
    if (file == nullptr) {
      return fail(ErrorCode::truncated_file,
                  "A segment that the WFDB header names is missing. Send the header together with "
                  "the headers and signal files of all its segments.");
    }
    auto part_header = wfdb::read_header(as_text(file->bytes));
    if (!part_header) return tl::unexpected(part_header.error());
    if (!part_header->segments.empty()) return variable_layout();
    if (part_header->frequency_hz != header.frequency_hz) return variable_layout();
    part_header->samples = segment.samples;
    headers.push_back(std::move(*part_header));
    auto part = read_channels(headers.back(), source, findings);
    if (!part) return tl::unexpected(part.error());
    if (headers.size() == 1) {
      whole = std::move(*part);
    } else if (!append_segment(whole, std::move(*part))) {
      return variable_layout();
    }
  }
  return whole;
}

// Samples less the value that stands for 0 V, upright.
void shift(std::vector<std::int32_t>& samples, std::int64_t baseline, bool turned) {
  for (std::int32_t& sample : samples) {
    if (sample == kNotMeasured) continue;
    const std::int64_t value = turned ? baseline - sample : sample - baseline;
    sample = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(value, std::int64_t{kNotMeasured} + 1, INT32_MAX));
  }
}

void add_channels(const Header& header, std::vector<Channel> channels, EcgRecording& recording) {
  std::size_t left_out = 0;
  std::size_t without_gain = 0;
  for (Channel& channel : channels) {
    const Signal& signal = *channel.signal;
    const double unit_nv = nanovolts_of_unit(signal.unit).value_or(0);
    const double gain = signal.gain == 0 ? kDefaultGain : signal.gain;
    Lead lead;
    lead.gain_nv_per_lsb = unit_nv / std::abs(gain);
    if (!channel.wanted || !std::isnormal(lead.gain_nv_per_lsb)) {
      ++left_out;
      continue;
    }
    if (signal.gain == 0) ++without_gain;
    lead.sampling_interval_us =
        1e6 / header.frequency_hz / static_cast<double>(signal.samples_per_frame);
    lead.samples = std::move(channel.samples);
    shift(lead.samples, signal.baseline.value_or(signal.adc_zero), gain < 0);
    add_lead(recording, std::move(lead), signal.description);
  }
  if (left_out > 0) {
    recording.findings.push_back(
        {"signals_left_out", Severity::info,
         fmt::format("Signals that are no ECG lead in volts, and are not shown: {}.", left_out)});
  }
  if (without_gain > 0) {
    recording.findings.push_back(
        {"gain_missing", Severity::warning,
         fmt::format("The file does not state the gain of its leads; {} steps a millivolt are "
                     "taken, as the format has it. Do not measure amplitudes.",
                     kDefaultGain)});
  }
}

Result<const NamedFile*> header_in(const Files& files) {
  const NamedFile* found = nullptr;
  const NamedFile* of_segments = nullptr;
  std::size_t count = 0;
  for (const NamedFile& file : files) {
    if (!file.name.ends_with(kHeaderEnding) || file.bytes.size() > kMaxHeaderBytes) continue;
    const auto header = wfdb::read_header(as_text(file.bytes));
    if (!header) continue;
    if (!header->segments.empty()) of_segments = &file;
    found = &file;
    ++count;
  }
  if (of_segments != nullptr) return of_segments;
  if (count == 1) return found;
  return fail(ErrorCode::malformed_file,
              count == 0
                  ? "The archive holds no readable WFDB header (.hea). Put the header and its "
                    "signal files into it."
                  : "The archive holds several WFDB records. Send one at a time.");
}

Result<EcgRecording> decode_record(const Header& header, const Files& files) {
  EcgRecording recording;
  recording.format = "WFDB";
  recording.patient.sex = header.sex;
  wfdb::read_time(header, recording);
  std::vector<Header> segments;
  Source source{files};
  auto channels = header.segments.empty()
                      ? read_channels(header, source, recording.findings)
                      : read_segments(header, source, segments, recording.findings);
  if (!channels) return tl::unexpected(std::move(channels.error()));
  add_channels(header, std::move(*channels), recording);
  if (recording.leads.empty()) {
    return fail(ErrorCode::unsupported_format,
                "The WFDB record holds no ECG lead in a unit of voltage. Send the record of the "
                "ECG.");
  }
  return recording;
}

}  // namespace

bool looks_like_wfdb_header(ByteView file) {
  constexpr std::size_t kLooked = 4096;  // comments may stand first
  if (file.size() > kMaxHeaderBytes) return false;
  const std::string_view text = as_text(file);
  if (text.substr(0, kLooked).find('\0') != std::string_view::npos) return false;
  const auto header = wfdb::read_header(text);
  if (!header || header->name.empty()) return false;
  if (!header->segments.empty()) return true;
  return !header->signals.empty() && std::ranges::all_of(header->signals, [](const Signal& signal) {
    return wfdb::is_readable(signal.format) || wfdb::is_flac(signal.format) ||
           has_no_file(signal.file);
  });
}

Result<std::vector<std::string>> wfdb_signal_files(ByteView header) {
  if (header.size() > kMaxHeaderBytes) {
    return fail(ErrorCode::limit_exceeded,
                "The WFDB header is larger than 1 MiB. Send the header, not a signal file.");
  }
  const auto read = wfdb::read_header(as_text(header));
  if (!read) return tl::unexpected(read.error());
  return files_of(*read);
}

Bytes pack_wfdb(std::span<const NamedFile> files) {
  return write_tar(files);
}

bool looks_like_wfdb_archive(ByteView file) {
  if (!looks_like_tar(file)) return false;
  const auto files = read_tar(file);
  return files && std::ranges::any_of(*files, [](const NamedFile& entry) {
           return entry.name.ends_with(kHeaderEnding);
         });
}

Result<EcgRecording> decode_wfdb(ByteView archive_or_lone_header) {
  if (!looks_like_tar(archive_or_lone_header)) {
    const auto names = wfdb_signal_files(archive_or_lone_header);
    if (!names) return tl::unexpected(names.error());
    return fail(ErrorCode::truncated_file,
                fmt::format("This is the header of a WFDB record, whose samples are in other "
                            "files: it names {}. Send the header (.hea) together with them.",
                            names->size()));
  }
  const auto files = read_tar(archive_or_lone_header);
  if (!files) return tl::unexpected(files.error());
  const auto file = header_in(*files);
  if (!file) return tl::unexpected(file.error());
  const auto header = wfdb::read_header(as_text((*file)->bytes));
  if (!header) return tl::unexpected(header.error());
  if (const auto names = files_of(*header); !names) return tl::unexpected(names.error());
  return decode_record(*header, *files);
}

}  // namespace telavis
