// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "formats/exam.h"
#include "formats/result.h"

namespace telavis {

/// Every option, with its default; telavis.conf.json says what each is for. Relative paths are
/// relative to the working folder; an empty path means "under data_dir".
struct Config {
  std::filesystem::path data_dir = "data";
  std::string listen_address = "127.0.0.1";
  std::uint16_t listen_port = 8443;
  std::filesystem::path certificate_file;  // <data_dir>/tls/certificate.pem
  std::filesystem::path certificate_key_file;
  std::filesystem::path master_key_file;  // <data_dir>/keys/master.key
  std::filesystem::path seal_key_file;
  std::filesystem::path maildir;       // <data_dir>/maildir
  std::filesystem::path tariffs_file;  // empty: the table that is compiled in
  std::chrono::milliseconds worker_poll{250};
  bool metrics_for_all = false;
  std::string log_level = "info";
  ExamLimits exam_limits;
};

/// Reads a JSON file (comments allowed) and fills in the paths. Unknown members are refused.
/// Errors: not_found, configuration_invalid.
Result<Config> load_config(const std::filesystem::path& file);
/// Defaults under `data_dir`.
Config default_config(const std::filesystem::path& data_dir);

}  // namespace telavis
