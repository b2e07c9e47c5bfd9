// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/access_desk.h"
#include "engine/core/audit_root.h"
#include "engine/core/declaration.h"
#include "engine/core/retention.h"
#include "engine/core/service_ports.h"
#include "engine/dicom_settings.h"
#include "engine/mail_config.h"
#include "formats/exam.h"
#include "formats/result.h"
#include "mssante/case_document.h"
#include "mssante/mss_profile.h"
#include "mssante/trust_domain.h"

namespace telavis {

/// Where signed audit roots go: one of these three.
struct RootSinkConfig {
  std::filesystem::path folder;
  std::string mail_to, mail_from;
  std::string s3_endpoint;  // the others hold for this one
  std::string s3_bucket, s3_prefix, s3_region;
  std::filesystem::path s3_access_key_file;  // two lines, 0600: access key, secret key
  std::filesystem::path s3_ca_file;          // empty: what the system trusts
};

/// A folder whose sub-folders are named by devices on file (docs/devices.md).
struct WatchedFolder {
  std::filesystem::path path;
  bool on_share = false;  // NFS, SMB: the system does not tell what others write
};

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
  std::filesystem::path lookup_key_file;  // of the patients' marks; never rotated
  std::filesystem::path backup_key_file;  // seals backups
  std::filesystem::path maildir;          // <data_dir>/maildir; where `mail` has no mailbox
  MailConfig mail;
  std::optional<DicomSettings> dicom;  // none: no device sends by DICOM
  std::filesystem::path tariffs_file;  // empty: the table that is compiled in
  std::chrono::milliseconds worker_poll{250};
  std::chrono::minutes clock_jump_hold{15};
  bool metrics_for_all = false;
  AccessRules access;
  /// The demonstration's fictive people come in by password alone; refused anywhere else.
  bool demonstration_without_second_factor = false;
  std::string log_level = "info";
  std::filesystem::path log_folder;  // empty: standard error
  int log_days = 180;
  int access_trace_months = usual_trace_months();
  ExamLimits exam_limits;
  TrayRules tray;
  ClinicalTools clinical_tools;
  Declaration declaration;
  RootSchedule root_schedule;
  DocumentSettings documents;          // without a root OID none is made; see documents_in_use()
  std::vector<WatchedFolder> folders;  // of devices that export to this machine
  std::chrono::milliseconds folder_poll{2000};
  std::vector<RootSinkConfig> root_sinks;  // empty: no roots are made
  MssProfile mss_profile;
  std::optional<TrustListOptions> trust_list;  // none: recipients are not looked up
};

/// Reads a JSON file (comments allowed) and fills in the paths. Unknown members are refused.
/// Errors: not_found, configuration_invalid.
Result<Config> load_config(const std::filesystem::path& file);
/// Defaults under `data_dir`.
Config default_config(const std::filesystem::path& data_dir);
/// What a command line names: a file, otherwise a folder, otherwise "data" here. Errors: as
/// load_config.
Result<Config> chosen_config(const std::string& file, const std::string& data_dir);

}  // namespace telavis
