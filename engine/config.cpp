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
  if (const auto read = reader.finish(); !read) {
    return fail(ErrorCode::configuration_invalid, file.string() + ": " + read.error().text);
  }
  fill_paths(config);
  return config;
}

}  // namespace telavis
