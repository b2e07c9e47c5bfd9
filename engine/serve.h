// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engine/http/api.h"
#include "engine/http/server.h"
#include "engine/node.h"
#include "engine/workers.h"

namespace telavis {

/// A node with its workers and its HTTPS server; stops in order when it goes.
class Running {
 public:
  /// Errors: configuration_invalid (certificate, address, port in use; open to others without a
  /// declaration).
  static Result<std::unique_ptr<Running>> start(Node& node);
  const std::string& base_url() const { return base_url_; }

 private:
  explicit Running(Node& node);

  std::unique_ptr<Api> api_;
  Workers workers_;
  std::unique_ptr<Server> server_;
  std::string base_url_;
};

}  // namespace telavis
