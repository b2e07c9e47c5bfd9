// SPDX-License-Identifier: Apache-2.0
// The shipped programmes with fictive people, and the main job done on them over the real
// interfaces.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/node.h"

namespace telavis {

struct DemonstrationLogin {
  std::string programme;  // empty for the administrator
  std::string role;
  std::string name;
  std::string login;
  std::string password;
  std::string totp_secret;  // base32, of the second factor
};

/// Installs programmes, people, group practices, random passwords and second factors, and keeps the
/// logins in <data_dir>/demonstration-logins.json (0600). Where that file is, it is only read.
/// Errors: storage_failed, configuration_invalid.
Result<std::vector<DemonstrationLogin>> install_demonstration(Node& node);

/// Those that install_demonstration() has kept. Errors: not_found, configuration_invalid.
Result<std::vector<DemonstrationLogin>> demonstration_logins(const Config& config);

/// True for a data folder that install_demonstration() was used on.
bool is_demonstration(const Config& config);

/// What the configuration says; in a demonstration without a root OID: the OID for examples
/// (2.999, ITU-T X.660), a fictive custodian and the INS of test domains.
DocumentSettings documents_in_use(const Config& config);

/// A complete request of the demonstration, without the patient's identity.
struct DemonstrationRequest {
  ProgrammeId programme;
  std::string json;  // an object, as POST /api/v1/cases takes it
};
/// One for each speciality.
std::vector<DemonstrationRequest> demonstration_requests();

/// An exam to run the main job on.
struct DemonstrationExam {
  std::string name;
  Bytes bytes;
};
std::vector<DemonstrationExam> embedded_exams();

/// Uploads, accepts, answers over HTTPS as the demonstration's doctors would, and prints a line for
/// each step with what was produced. The server and its workers must be running. Errors: whatever
/// the first step that fails says.
Result<void> run_main_job(Node& node, const std::string& base_url,
                          const std::vector<DemonstrationLogin>& logins,
                          const DemonstrationExam& exam,
                          const std::function<void(const std::string&)>& print);

}  // namespace telavis
