// SPDX-License-Identifier: Apache-2.0
// The HTTP API: a request becomes a call of the service, a refusal becomes a status and a sentence.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "engine/core/declaration.h"
#include "engine/core/http_message.h"
#include "engine/core/registry.h"
#include "engine/core/service.h"
#include "engine/http/metrics.h"
#include "formats/embedded_file.h"
#include "formats/result.h"

namespace telavis {

struct ApiOptions {
  std::span<const EmbeddedFile> static_files;  // the pages; must outlive the Api
  /// For /readyz: database and blob store can be written, or why not.
  std::function<Result<void>()> ready = [] { return Result<void>(); };
  /// For /metrics.
  std::function<NodeFigures()> figures = [] { return NodeFigures(); };
  /// Told of every refusal, from every thread.
  std::function<void(const Error&)> failed = [](const Error&) {};
  bool metrics_for_all = false;  // otherwise /metrics answers loopback peers only
  ClinicalTools clinical_tools = {};
  Declaration declaration = {};
};

/// Thread-safe. The three functions are those of HttpHandler (server.h).
class Api {
 public:
  Api(Service& service, Registry& registry, ApiOptions options);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  HttpResponse handle(const HttpRequest& request);
  /// Who may not use a route does not get to send it a body.
  Result<std::size_t> body_limit(const HttpRequest& header);
  HttpResponse refuse(const HttpRequest& header, const Error& error) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telavis
