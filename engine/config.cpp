// SPDX-License-Identifier: Apache-2.0
#include "engine/config.h"

#include <charconv>
#include <optional>

#include "engine/core/json_reader.h"
#include "engine/core/time.h"
#include "engine/files.h"
#include "engine/mss_config.h"

namespace telavis {
namespace {

constexpr std::int64_t kMostExamsAnHour = 100'000;
constexpr std::int64_t kMostMegabytesADay = 1'000'000;
constexpr std::int64_t kMostTrayDays = 366;
constexpr std::int64_t kMostIdleMinutes = 60;   // a room that patients come into
constexpr std::int64_t kMostSessionHours = 24;  // a day on call
constexpr std::size_t kMaxConfigBytes = 1 << 20;
constexpr std::size_t kMaxPath = 4096;
constexpr int kMaxLogDays = 3650;         // longer is an archive, not a log
constexpr int kMaxTraceMonths = 12 * 50;  // the longest a record is kept, by far

void fill_paths(Config& config) {
  const auto under = [&](std::filesystem::path& path, const char* standard) {
    if (path.empty()) path = config.data_dir / standard;
  };
  under(config.certificate_file, "tls/certificate.pem");
  under(config.certificate_key_file, "tls/key.pem");
  under(config.master_key_file, "keys/master.key");
  under(config.seal_key_file, "keys/seal.key");
  under(config.lookup_key_file, "keys/lookup.key");
  under(config.backup_key_file, "keys/backup.key");
  under(config.maildir, "maildir");
  if (!config.dicom) return;
  DicomConfig& dicom = config.dicom->config;
  dicom.spool_folder = config.data_dir / "spool";
  if (config.dicom->tls && dicom.certificate_file.empty()) {
    dicom.certificate_file = config.certificate_file;
    dicom.key_file = config.certificate_key_file;
  }
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

Result<void> read_tray_rules(JsonReader& reader, TrayRules& rules) {
  auto members = reader.object("tray", false);
  if (!members) return {};
  if (members->has("exams_an_hour"))
    rules.exams_an_hour = members->number("exams_an_hour", 1, kMostExamsAnHour);
  if (members->has("megabytes_a_day"))
    rules.bytes_a_day = members->number("megabytes_a_day", 1, kMostMegabytesADay) * 1'000'000;
  if (members->has("kept_days"))
    rules.kept = std::chrono::days(members->number("kept_days", 1, kMostTrayDays));
  return members->finish();
}

Result<void> read_access(JsonReader& reader, Config& config) {
  auto members = reader.object("access", false);
  if (!members) return {};
  AccessRules& rules = config.access;
  rules.second_factor_for_staff =
      members->boolean("second_factor_for_staff", rules.second_factor_for_staff);
  if (members->has("idle_lock_minutes"))
    rules.idle_lock =
        std::chrono::minutes(members->number("idle_lock_minutes", 1, kMostIdleMinutes));
  if (members->has("session_hours"))
    rules.session_life = std::chrono::hours(members->number("session_hours", 1, kMostSessionHours));
  config.demonstration_without_second_factor =
      members->boolean("demonstration_without_second_factor", false);
  return members->finish();
}

Result<void> read_clinical_tools(JsonReader& reader, ClinicalTools& tools) {
  auto members = reader.object("clinical_tools", false);
  if (!members) return {};
  tools.enabled = members->boolean("enabled", false);
  tools.responsible = members->optional_text("responsible", kMaxDeclaredBytes);
  tools.statement = members->optional_text("statement", kMaxDeclaredBytes);
  if (auto read = members->finish(); !read) return read;
  return check_clinical_tools(tools);
}

Result<void> read_declaration(JsonReader& reader, Declaration& declaration) {
  auto members = reader.object("declaration", false);
  if (!members) return {};
  declaration.controller = members->optional_text("controller", kMaxDeclaredBytes);
  declaration.host = members->optional_text("host", kMaxDeclaredBytes);
  declaration.host_certificate = members->optional_text("host_certificate", kMaxDeclaredBytes);
  declaration.dpo = members->optional_text("dpo", kMaxDeclaredBytes);
  declaration.date = members->optional_text("date", kMaxDeclaredBytes);
  if (!declaration.date.empty() && !is_iso_date(declaration.date)) {
    members->wrong("date", "must be a date like 2026-03-02");
  }
  return members->finish();
}

Result<void> read_documents(JsonReader& reader, DocumentSettings& documents) {
  auto members = reader.object("documents", false);
  if (!members) return {};
  documents.root_oid = members->optional_text("root_oid", kMaxDeclaredBytes);
  documents.custodian = members->optional_text("custodian", kMaxDeclaredBytes);
  documents.custodian_name = members->optional_text("custodian_name", kMaxDeclaredBytes);
  documents.facility_sector = members->optional_text("facility_sector", kMaxDeclaredBytes);
  documents.practice_setting = members->optional_text("practice_setting", kMaxDeclaredBytes);
  documents.test_identities = members->boolean("test_identities", false);
  if (auto read = members->finish(); !read) return read;
  return check_documents(documents);
}

/// "02:00" as the time since midnight.
std::optional<Duration> time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hour = 0, minute = 0;
  const auto digits = [](std::string_view two, int& value) {
    const auto [end, error] = std::from_chars(two.data(), two.data() + two.size(), value);
    return error == std::errc() && end == two.data() + two.size() && value >= 0;
  };
  if (!digits(text.substr(0, 2), hour) || !digits(text.substr(3, 2), minute)) return std::nullopt;
  if (hour > 23 || minute > 59) return std::nullopt;
  return std::chrono::hours(hour) + std::chrono::minutes(minute);
}

Result<void> read_s3_sink(JsonReader& s3, RootSinkConfig& sink) {
  sink.s3_endpoint = s3.text("endpoint", kMaxPath);
  while (sink.s3_endpoint.ends_with('/')) sink.s3_endpoint.pop_back();
  sink.s3_bucket = s3.text("bucket", kMaxPath);
  sink.s3_prefix = s3.optional_text("prefix", kMaxPath);
  sink.s3_region = s3.text("region", kMaxPath);
  sink.s3_access_key_file = s3.text("access_key_file", kMaxPath);
  sink.s3_ca_file = s3.optional_text("ca_file", kMaxPath);
  return s3.finish();
}

Result<void> read_root_sink(JsonReader& reader, RootSinkConfig& sink) {
  sink.folder = reader.optional_text("folder", kMaxPath);
  sink.mail_to = reader.optional_text("mail_to", kMaxPath);
  sink.mail_from = reader.optional_text("mail_from", kMaxPath);
  auto s3 = reader.object("s3", false);
  if (s3) {
    if (auto read = read_s3_sink(*s3, sink); !read) return read;
  }
  const int kinds = (sink.folder.empty() ? 0 : 1) + (sink.mail_to.empty() ? 0 : 1) + (s3 ? 1 : 0);
  if (kinds != 1 || sink.mail_to.empty() != sink.mail_from.empty())
    reader.wrong("sinks", "names either a folder, or mail_to with mail_from, or s3");
  return reader.finish();
}

Result<void> read_audit_root(JsonReader& reader, Config& config) {
  auto members = reader.object("audit_root", false);
  if (!members) return {};
  const std::string at = members->optional_text("at", kMaxPath);
  const auto time = at.empty() ? config.root_schedule.at : time_of_day(at);
  if (!time) members->wrong("at", "is no time of the day like 02:00");
  config.root_schedule.at = time.value_or(config.root_schedule.at);
  const std::string zone = members->optional_text("time_zone", kMaxPath);
  if (!zone.empty()) config.root_schedule.time_zone = zone;
  for (JsonReader& one : members->objects("sinks")) {
    config.root_sinks.emplace_back();
    if (auto read = read_root_sink(one, config.root_sinks.back()); !read) return read;
  }
  if (auto read = members->finish(); !read) return read;
  const auto known = root_is_due(config.root_schedule, Instant(), Instant());
  if (!known) return tl::unexpected(known.error());
  return {};
}

Result<void> read_folders(JsonReader& reader, Config& config) {
  if (!reader.has("folders")) return {};
  for (JsonReader& one : reader.objects("folders")) {
    WatchedFolder folder;
    folder.path = one.text("path", kMaxPath);
    folder.on_share = one.boolean("on_share", false);
    if (auto read = one.finish(); !read) return read;
    config.folders.push_back(std::move(folder));
  }
  return {};
}

/// An operator's rules hold once there is an operator (ECO.2.4.3; nothing leaves the trust domain).
Result<void> check_operator(const Config& config) {
  if (config.mail.mailboxes.empty()) return {};
  if (!config.trust_list) {
    return fail(ErrorCode::configuration_invalid,
                "mail.accounts names an operator and trust_list is missing: add a trust_list with "
                "its url and ca_file, or with neither and the list as "
                "<data_dir>/trust_list/listeblanche.xml.");
  }
  if (config.mss_profile.nil.empty()) {
    return fail(ErrorCode::configuration_invalid,
                "mail.accounts names an operator and mss_profile.nil is empty: add the reference "
                "that convergence.esante.gouv.fr gave this product.");
  }
  return {};
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
  config.lookup_key_file = text("lookup_key_file", "");
  config.backup_key_file = text("backup_key_file", "");
  config.maildir = text("maildir", "");
  config.tariffs_file = text("tariffs_file", "");
  config.worker_poll =
      std::chrono::milliseconds(number("worker_poll_ms", config.worker_poll.count(), 10, 60'000));
  config.folder_poll =
      std::chrono::milliseconds(number("folder_poll_ms", config.folder_poll.count(), 100, 60'000));
  config.clock_jump_hold = std::chrono::minutes(
      number("clock_jump_hold_minutes", config.clock_jump_hold.count(), 0, 7 * 24 * 60));
  config.metrics_for_all = reader.boolean("metrics_for_all", config.metrics_for_all);
  if (reader.has("log_level")) {
    config.log_level = reader.choice("log_level", {"debug", "info", "warning", "error"});
  }
  config.log_folder = text("log_folder", "");
  config.log_days = static_cast<int>(number("log_days", config.log_days, 1, kMaxLogDays));
  config.access_trace_months = static_cast<int>(number(
      "access_trace_months", config.access_trace_months, least_trace_months(), kMaxTraceMonths));
  auto read = read_exam_limits(reader, config.exam_limits);
  if (read) read = read_tray_rules(reader, config.tray);
  if (read) read = read_access(reader, config);
  if (read) read = read_clinical_tools(reader, config.clinical_tools);
  if (read) read = read_declaration(reader, config.declaration);
  if (read) read = read_documents(reader, config.documents);
  if (read) read = read_audit_root(reader, config);
  if (read) read = read_mss_profile(reader, config.mss_profile);
  if (read) read = read_trust_list(reader, config.trust_list);
  if (read) read = read_mail(reader, config.mail);
  if (read) read = read_dicom(reader, config.dicom);
  if (read) read = read_folders(reader, config);
  if (read) read = reader.finish();
  if (read) read = check_operator(config);
  if (!read) {
    return fail(ErrorCode::configuration_invalid, file.string() + ": " + read.error().text);
  }
  fill_paths(config);
  return config;
}

Result<Config> chosen_config(const std::string& file, const std::string& data_dir) {
  if (!file.empty()) return load_config(file);
  return default_config(data_dir.empty() ? "data" : data_dir);
}

}  // namespace telavis
