// SPDX-License-Identifier: Apache-2.0
#include "engine/dicom_settings.h"

#include "engine/core/time.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxDicomText = 4096;
constexpr std::int64_t kMostConnections = 1000;  // a thread each
constexpr std::int64_t kMostSeconds = 3600;
constexpr std::int64_t kMostMinutes = 24 * 60;

}  // namespace

Result<void> read_dicom(JsonReader& reader, std::optional<DicomSettings>& dicom) {
  auto members = reader.object("dicom", false);
  if (!members) return {};
  DicomConfig& config = dicom.emplace().config;
  const auto number = [&](const char* name, auto standard, std::int64_t least, std::int64_t most) {
    return members->has(name) ? members->number(name, least, most)
                              : static_cast<std::int64_t>(standard);
  };
  const auto text = [&](const char* name, const std::string& standard) {
    const std::string given = members->optional_text(name, kMaxDicomText);
    return given.empty() ? standard : given;
  };
  config.listen_address = text("listen_address", config.listen_address);
  config.port = static_cast<std::uint16_t>(number("listen_port", config.port, 0, 65535));
  config.ae_title = text("ae_title", config.ae_title);
  dicom->tls = members->boolean("tls", dicom->tls);
  config.certificate_file = members->optional_text("certificate_file", kMaxDicomText);
  config.key_file = members->optional_text("certificate_key_file", kMaxDicomText);
  config.worklist = members->boolean("worklist", config.worklist);
  config.time_zone = text("time_zone", config.time_zone);
  DicomLimits& limits = config.limits;
  limits.connections =
      static_cast<int>(number("connections", limits.connections, 1, kMostConnections));
  limits.connections_per_peer = static_cast<int>(
      number("connections_per_address", limits.connections_per_peer, 1, kMostConnections));
  limits.associations_per_device = static_cast<int>(
      number("associations_per_device", limits.associations_per_device, 1, kMostConnections));
  limits.request = std::chrono::seconds(
      number("request_s", std::chrono::duration_cast<std::chrono::seconds>(limits.request).count(),
             1, kMostSeconds));
  limits.idle = std::chrono::seconds(
      number("idle_s", std::chrono::duration_cast<std::chrono::seconds>(limits.idle).count(), 1,
             kMostSeconds));
  limits.association = std::chrono::minutes(
      number("association_minutes",
             std::chrono::duration_cast<std::chrono::minutes>(limits.association).count(), 1,
             kMostMinutes));
  if (config.certificate_file.empty() != config.key_file.empty())
    members->wrong("certificate_key_file", "goes with certificate_file");
  if (!dicom->tls && !config.certificate_file.empty())
    members->wrong("tls", "is false and a certificate is named: leave one of them out");
  if (!local_time(Instant(), config.time_zone))
    members->wrong("time_zone", "is no zone like Europe/Paris");
  return members->finish();
}

}  // namespace telavis
