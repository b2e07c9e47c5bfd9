// SPDX-License-Identifier: Apache-2.0
// The places outside the database that keep signed audit roots: a folder, a mailbox, a bucket.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/config.h"
#include "engine/core/audit_rooting.h"
#include "engine/core/service.h"

namespace telavis {

/// One sink for each of the configuration. `service` must outlive them.
std::vector<RootSink> root_sinks(const Config& config, Service& service);

/// Writes the root beside the others, never over a differing one. The folder must exist. Errors:
/// not_found, state_conflict (another document has the name), storage_full, storage_failed.
Result<void> put_root_in_folder(const std::filesystem::path& folder, const AuditRoot& root);
/// A message with the document attached; one a root, however often this is called.
Result<void> mail_root(Service& service, const std::string& from, const std::string& to,
                       const AuditRoot& root);

/// A root document of a folder, by its name.
struct RootFile {
  std::string name;
  std::string document;
};
/// Those of a folder, by number; other files are left alone. Errors: not_found, storage_failed.
Result<std::vector<RootFile>> roots_of_folder(const std::filesystem::path& folder);

}  // namespace telavis
