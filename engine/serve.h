// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "devices/dicom_server.h"
#include "engine/http/api.h"
#include "engine/http/server.h"
#include "engine/node.h"
#include "engine/workers.h"

namespace telavis {

/// A node with its workers and its servers; stops in order when it goes.
class Running {
 public:
  /// Errors: configuration_invalid (certificate, address, port in use; open to others without a
  /// declaration), storage_failed.
  static Result<std::unique_ptr<Running>> start(Node& node);
  const std::string& base_url() const { return base_url_; }

 private:
  explicit Running(Node& node);
  Result<void> start_dicom(Node& node);

  std::unique_ptr<Api> api_;
  Workers workers_;
  // Before the server, which tells its figures as long as it answers.
  std::unique_ptr<DicomServer> dicom_;  // none: it is not configured
  std::unique_ptr<Server> server_;
  std::string base_url_;
};

}  // namespace telavis
