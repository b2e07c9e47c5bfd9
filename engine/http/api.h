// SPDX-License-Identifier: Apache-2.0
// The HTTP API: a request becomes a call of the service, a refusal becomes a status and a sentence.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "devices/decode_slots.h"
#include "devices/upload_store.h"
#include "engine/core/access_desk.h"
#include "engine/core/declaration.h"
#include "engine/core/exam_door.h"
#include "engine/core/http_message.h"
#include "engine/core/registry.h"
#include "engine/core/service.h"
#include "engine/http/metrics.h"
#include "formats/embedded_file.h"
#include "formats/result.h"

namespace telavis {

/// Where exams go that devices send; all must outlive the Api.
struct ExamReception {
  ExamDoor* door = nullptr;
  DecodeSlots* slots = nullptr;
  UploadStore* uploads = nullptr;
};

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
  std::optional<ExamReception> reception = std::nullopt;  // none: no device may send here
};

/// Thread-safe. The three functions are those of HttpHandler (server.h).
class Api {
 public:
  Api(Service& service, Registry& registry, AccessDesk& access, ApiOptions options);
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
