// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "engine/http/openapi.h"
#include "engine/http/route.h"

namespace telavis {

Result<HttpResponse> show_openapi(Call&) {
  static const std::string document = openapi_json(routes());
  return json_response(document);
}

Result<HttpResponse> show_health(Call&) {
  return json_response(R"({"status":"up"})");
}

Result<HttpResponse> show_readiness(Call& call) {
  if (!call.options.ready()) {
    return fail(ErrorCode::unavailable,
                "The database or the blob store does not answer. See the log of the server.");
  }
  return json_response(R"({"status":"ready"})");
}

Result<HttpResponse> show_metrics(Call& call) {
  Repository& repository = call.service.repository();
  auto cases = repository.case_figures(call.service.clock().now());
  if (!cases) return tl::unexpected(cases.error());
  auto messages = repository.outbox_counts();
  if (!messages) return tl::unexpected(messages.error());
  const EngineFigures engine{std::move(*cases), std::move(*messages)};
  HttpResponse response =
      json_response(call.metrics.text(engine, call.service.unaudited_refusals()));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace telavis
