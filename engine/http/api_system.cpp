// SPDX-License-Identifier: Apache-2.0
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
  const auto states = call.service.repository().counts();
  if (!states) return tl::unexpected(states.error());
  HttpResponse response =
      json_response(call.metrics.text(*states, call.service.unaudited_refusals()));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace telavis
