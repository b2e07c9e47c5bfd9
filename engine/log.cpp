// SPDX-License-Identifier: Apache-2.0
#include "engine/log.h"

#include <spdlog/sinks/daily_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace telavis {
namespace {

constexpr std::string_view kPrefix = "telavis_", kSuffix = ".log";
constexpr std::size_t kDateLength = 10;  // 2026-11-22

std::shared_ptr<spdlog::logger> writing_to(spdlog::sink_ptr sink) {
  auto made = std::make_shared<spdlog::logger>("telavis", std::move(sink));
  made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  made->flush_on(spdlog::level::info);  // what a crash would take is what one wants to read
  return made;
}

std::shared_ptr<spdlog::logger>& instance() {
  static auto made = writing_to(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return made;
}

spdlog::logger& logger() {
  return *instance();
}

/// The day of a log file; none: it is not one of ours.
std::optional<Instant> day_of(const std::string& name) {
  if (name.size() != kPrefix.size() + kDateLength + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix))
    return std::nullopt;
  const auto day = parse_instant(name.substr(kPrefix.size(), kDateLength) + "T00:00:00Z");
  return day ? std::optional(*day) : std::nullopt;
}

}  // namespace

Result<void> log_to_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  try {
    const auto level = logger().level();
    // Its own limit on files stops at the first day without one: remove_old_logs() does not.
    auto to_file = writing_to(std::make_shared<spdlog::sinks::daily_file_sink_mt>(
        (folder / "telavis.log").string(), 0, 0));
    to_file->set_level(level);
    instance() = std::move(to_file);
  } catch (const spdlog::spdlog_ex&) {
    return fail(ErrorCode::storage_failed, "No log can be written in " + folder.string() +
                                               ": give a folder that this user may write to.");
  }
  return {};
}

Result<int> remove_old_logs(const std::filesystem::path& folder, Instant now, int days) {
  int removed = 0;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto day = day_of(entry->path().filename().string());
    if (!day || now - *day <= std::chrono::hours(24) * (days + 1)) continue;
    if (std::filesystem::remove(entry->path(), error)) ++removed;
    if (error) break;
  }
  if (error)
    return fail(ErrorCode::storage_failed,
                "Old logs in " + folder.string() + " cannot be removed: " + error.message());
  return removed;
}

void set_log_level(const std::string& level) {
  logger().set_level(spdlog::level::from_str(level));
}
void log_info(const std::string& line) {
  logger().info(line);
}
void log_warning(const std::string& line) {
  logger().warn(line);
}
void log_error(const std::string& line) {
  logger().error(line);
}

}  // namespace telavis
