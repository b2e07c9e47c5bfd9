// SPDX-License-Identifier: Apache-2.0
#include "engine/config.h"

#include "engine/core/json_reader.h"
#include "engine/files.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxConfigBytes = 1 << 20;
constexpr std::size_t kMaxPath = 4096;

void fill_paths(Config& config) {
  const auto under = [&](std::filesystem::path& path, const char* standard) {
    if (path.empty()) path = config.data_dir / standard;
  };
  under(config.certificate_file, "tls/certificate.pem");
  under(config.certificate_key_file, "tls/key.pem");
  under(config.master_key_file, "keys/master.key");
  under(config.seal_key_file, "keys/seal.key");
  under(config.maildir, "maildir");
}

/// Each with its default and what it may at most be; the reasons stand beside the members
/// (formats/quality.h, formats/photo_quality.h) and in telavis.conf.json.
void read_ecg_limits(JsonReader& reader, EcgQualityLimits& limits) {
  const auto read = [&](const char* name, double& value, double most) {
    value = reader.decimal(name, value, 0, most);
  };
  read("min_duration_s", limits.min_duration_s, 3600);
  read("max_interval_us", limits.max_interval_us, 1e6);
  read("flat_swing_uv", limits.flat_swing_uv, 1e4);
  read("saturated_run_ms", limits.saturated_run_ms, 1e4);
  read("saturated_mv", limits.saturated_mv, 1e3);
  read("einthoven_residual_uv", limits.einthoven_residual_uv, 1e4);
  read("mains_uv", limits.mains_uv, 1e4);
  read("wander_mv", limits.wander_mv, 1e3);
  read("muscle_uv", limits.muscle_uv, 1e4);
  read("reversal_wave_uv", limits.reversal_wave_uv, 1e4);
}

void read_photo_limits(JsonReader& reader, PhotoQualityLimits& limits) {
  const auto whole = [&](const char* name, int& value, int most) {
    if (reader.has(name)) value = static_cast<int>(reader.number(name, 0, most));
  };
  const auto read = [&](const char* name, double& value, double most) {
    value = reader.decimal(name, value, 0, most);
  };
  whole("min_longer_side_px", limits.min_longer_side_px, 20'000);
  whole("min_shorter_side_px", limits.min_shorter_side_px, 20'000);
  whole("min_bright", limits.min_bright, 255);
  read("min_detail", limits.min_detail, 100);
  read("max_clipped", limits.max_clipped, 1);
  read("max_highlight_chroma", limits.max_highlight_chroma, 200);
  read("max_foreign_chroma", limits.max_foreign_chroma, 200);
}

Result<void> read_exam_limits(JsonReader& reader, ExamLimits& limits) {
  auto members = reader.object("exam_limits", false);
  if (!members) return {};
  if (auto ecg = members->object("ecg", false)) {
    read_ecg_limits(*ecg, limits.ecg);
    if (auto read = ecg->finish(); !read) return read;
  }
  if (auto photo = members->object("photo", false)) {
    read_photo_limits(*photo, limits.photo);
    if (auto read = photo->finish(); !read) return read;
  }
  return members->finish();
}

}  // namespace

Config default_config(const std::filesystem::path& data_dir) {
  Config config;
  config.data_dir = data_dir;
  fill_paths(config);
  return config;
}

Result<Config> load_config(const std::filesystem::path& file) {
  const auto bytes = read_file(file, kMaxConfigBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  JsonReader reader(as_text(*bytes), JsonReader::Comments::allowed);
  Config config;
  const auto text = [&](const char* name, const std::string& standard) {
    const std::string given = reader.optional_text(name, kMaxPath);
    return given.empty() ? standard : given;
  };
  const auto number = [&](const char* name, std::int64_t standard, std::int64_t least,
                          std::int64_t most) {
    return reader.has(name) ? reader.number(name, least, most) : standard;
  };
  config.data_dir = text("data_dir", config.data_dir.string());
  config.listen_address = text("listen_address", config.listen_address);
  config.listen_port =
      static_cast<std::uint16_t>(number("listen_port", config.listen_port, 0, 65535));
  config.certificate_file = text("certificate_file", "");
  config.certificate_key_file = text("certificate_key_file", "");
  config.master_key_file = text("master_key_file", "");
  config.seal_key_file = text("seal_key_file", "");
  config.maildir = text("maildir", "");
  config.tariffs_file = text("tariffs_file", "");
  config.worker_poll =
      std::chrono::milliseconds(number("worker_poll_ms", config.worker_poll.count(), 10, 60'000));
  config.metrics_for_all = reader.boolean("metrics_for_all", config.metrics_for_all);
  if (reader.has("log_level")) {
    config.log_level = reader.choice("log_level", {"debug", "info", "warning", "error"});
  }
  auto read = read_exam_limits(reader, config.exam_limits);
  if (read) read = reader.finish();
  if (!read) {
    return fail(ErrorCode::configuration_invalid, file.string() + ": " + read.error().text);
  }
  fill_paths(config);
  return config;
}

}  // namespace telavis
