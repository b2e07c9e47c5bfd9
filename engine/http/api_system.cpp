// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "engine/http/error_status.h"
#include "engine/http/openapi.h"
#include "engine/http/route.h"

namespace telavis {

Result<HttpResponse> show_engine(Call& call) {
  namespace json = boost::json;
  const ClinicalTools& tools = call.options.clinical_tools;
  const Declaration& declared = call.options.declaration;
  return json_response(json::serialize(
      json::object{{"clinical_tools", json::object{{"enabled", tools.enabled},
                                                   {"responsible", tools.responsible},
                                                   {"statement", tools.statement}}},
                   {"declaration", json::object{{"controller", declared.controller},
                                                {"host", declared.host},
                                                {"host_certificate", declared.host_certificate},
                                                {"dpo", declared.dpo},
                                                {"date", declared.date}}}}));
}

Result<HttpResponse> show_openapi(Call&) {
  static const std::string document = openapi_json(routes());
  return json_response(document);
}

Result<HttpResponse> show_health(Call&) {
  return json_response(R"({"status":"up"})");
}

Result<HttpResponse> show_readiness(Call& call) {
  if (const auto ready = call.options.ready(); !ready) {
    // The code says what is wrong; the status is what load balancers look at.
    HttpResponse response = error_response(ready.error(), call.language);
    response.status = http_status(ErrorCode::unavailable);
    return response;
  }
  return json_response(R"({"status":"ready"})");
}

namespace {

Result<EngineFigures> figures_of(Service& service, Instant now) {
  Repository& repository = service.repository();
  auto cases = repository.case_figures(now);
  if (!cases) return tl::unexpected(cases.error());
  auto messages = repository.outbox_counts();
  if (!messages) return tl::unexpected(messages.error());
  auto received = repository.received_counts();
  if (!received) return tl::unexpected(received.error());
  auto exams = repository.exam_counts();
  if (!exams) return tl::unexpected(exams.error());
  return EngineFigures{std::move(*cases), std::move(*messages), std::move(*received),
                       std::move(*exams), service.tray().refused_claims()};
}

}  // namespace

Result<HttpResponse> show_metrics(Call& call) {
  std::optional<EngineFigures> engine;
  if (auto counted = figures_of(call.service, call.service.clock().now()); counted) {
    engine = std::move(*counted);
  } else {
    call.options.failed(counted.error());
  }
  HttpResponse response = json_response(
      call.metrics.text(engine, call.options.figures(),
                        call.service.unaudited_refusals() + call.access.unaudited_refusals()));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace telavis
