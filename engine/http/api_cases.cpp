// SPDX-License-Identifier: Apache-2.0
#include "devices/http_upload.h"
#include "engine/core/json_reader.h"
#include "engine/http/case_views.h"
#include "engine/http/route.h"
#include "engine/http/target.h"

namespace telavis {
namespace {

Result<std::string> parse_reason(ByteView body) {
  JsonReader json(as_text(body));
  std::string reason = json.text("reason", kMaxReasonBytes);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  return reason;
}

/// What a command answers: the receipt fixed with its event, the same bytes at every repetition.
Result<HttpResponse> command_response(const Result<Receipt>& receipt, int status) {
  if (!receipt) return tl::unexpected(receipt.error());
  const auto id = case_of_receipt(*receipt);
  if (!id) return tl::unexpected(id.error());
  HttpResponse response = json_response(receipt->json, status);
  if (receipt->replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  if (status == 201) response.headers.emplace_back("Location", "/api/v1/cases/" + id->value);
  return response;
}

std::string_view key_of(const Call& call) {
  return call.request.header("idempotency-key");
}

/// The parts of an upload; JSON alone is a form without files.
Result<UploadForm> form_of(Call& call, std::string_view command) {
  const std::string_view type = call.request.header("content-type");
  if (!type.starts_with("multipart/")) {
    return UploadForm{std::string(as_text(call.request.body)), {}};
  }
  auto form = parse_upload(type, call.request.body);
  if (form) {
    if (auto put = put_in_pieces(call, form->files); !put) form = tl::unexpected(put.error());
  }
  if (!form) call.service.audit_refusal(call.actor.id.value, command, form.error());
  return form;
}

Result<Incomplete> incomplete_of(std::string_view query) {
  const auto wanted = query_value(query, "incomplete");
  if (!wanted) return Incomplete::refused;
  if (*wanted == "keep") return Incomplete::kept;
  return fail(ErrorCode::invalid_field, "incomplete must be keep, or be left out.");
}

}  // namespace

Result<HttpResponse> submit_case(Call& call) {
  const auto incomplete = incomplete_of(call.request.query);
  if (!incomplete) return tl::unexpected(incomplete.error());
  const auto form = form_of(call, "submit");
  if (!form) return tl::unexpected(form.error());
  const auto receipt =
      call.service.submit(call.actor, key_of(call), form->request_json, form->files, *incomplete);
  if (receipt && !receipt->replayed) call.metrics.record_upload(call.request.body.size());
  return command_response(receipt, 201);
}

Result<HttpResponse> list_cases(Call& call) {
  const auto cases = call.service.list(call.actor);
  if (!cases) return tl::unexpected(cases.error());
  const auto text = case_list_json(call.reader(), *cases);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> show_case(Call& call) {
  const auto subject = call.service.figures(call.actor, call.case_id);
  if (!subject) return tl::unexpected(subject.error());
  const CaseAccess access = call.service.access(call.actor, *subject);
  Result<std::string> text;
  if (access == CaseAccess::content) {
    const auto opened = call.service.open(call.actor, call.case_id);
    if (!opened) return tl::unexpected(opened.error());
    text = case_content_json(call.reader(), *opened);
  } else if (access == CaseAccess::coded) {
    const auto opened = call.service.open_coded(call.actor, call.case_id);
    if (!opened) return tl::unexpected(opened.error());
    text = case_coded_json(call.reader(), *opened);
  } else {
    text = case_figures_json(call.reader(), *subject);
  }
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> show_routing(Call& call) {
  const auto rounds = call.service.routing(call.actor, call.case_id);
  if (!rounds) return tl::unexpected(rounds.error());
  const auto text = routing_json(call.reader(), *rounds);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> show_staff_reasons(Call& call) {
  const auto reasons = call.service.staff_reasons(call.actor, call.case_id);
  if (!reasons) return tl::unexpected(reasons.error());
  const auto text = staff_reasons_json(call.reader(), *reasons);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> command_case(Call& call) {
  const std::string_view path = call.request.path;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const auto form = form_of(call, name);
  if (!form) return tl::unexpected(form.error());
  const auto receipt = call.service.command(call.actor, name, key_of(call), call.case_id,
                                            form->request_json, form->files);
  if (receipt && !receipt->replayed && !form->files.empty()) {
    call.metrics.record_upload(call.request.body.size());
  }
  return command_response(receipt, 200);
}

Result<HttpResponse> open_case(Call& call) {
  const auto reason = parse_reason(call.request.body);
  if (!reason) return tl::unexpected(reason.error());
  return command_response(
      call.service.open_as_referent(call.actor, key_of(call), call.case_id, *reason), 200);
}

}  // namespace telavis
