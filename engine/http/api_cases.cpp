// SPDX-License-Identifier: Apache-2.0
#include "devices/http_upload.h"
#include "engine/core/json_reader.h"
#include "engine/http/case_views.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxReasonBytes = 4'000;  // 1,000 characters of UTF-8

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

}  // namespace

Result<HttpResponse> submit_case(Call& call) {
  const auto form = parse_upload(call.request.header("content-type"), call.request.body);
  if (!form) {
    call.service.audit_refusal(call.actor.id.value, "submit", form.error());
    return tl::unexpected(form.error());
  }
  const auto receipt =
      call.service.submit(call.actor, key_of(call), form->request_json, form->files);
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
  Result<std::string> text;
  if (call.service.access(call.actor, *subject) == CaseAccess::content) {
    const auto opened = call.service.open(call.actor, call.case_id);
    if (!opened) return tl::unexpected(opened.error());
    text = case_content_json(call.reader(), *opened);
  } else {
    text = case_figures_json(call.reader(), *subject);
  }
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> accept_case(Call& call) {
  return command_response(call.service.accept(call.actor, key_of(call), call.case_id), 200);
}

Result<HttpResponse> decline_case(Call& call) {
  const auto reason = parse_reason(call.request.body);
  if (!reason) return tl::unexpected(reason.error());
  return command_response(call.service.decline(call.actor, key_of(call), call.case_id, *reason),
                          200);
}

Result<HttpResponse> answer_case(Call& call) {
  return command_response(
      call.service.answer(call.actor, key_of(call), call.case_id, as_text(call.request.body)), 200);
}

Result<HttpResponse> cancel_case(Call& call) {
  const auto reason = parse_reason(call.request.body);
  if (!reason) return tl::unexpected(reason.error());
  return command_response(call.service.cancel(call.actor, key_of(call), call.case_id, *reason),
                          200);
}

Result<HttpResponse> open_case(Call& call) {
  const auto reason = parse_reason(call.request.body);
  if (!reason) return tl::unexpected(reason.error());
  return command_response(
      call.service.open_as_referent(call.actor, key_of(call), call.case_id, *reason), 200);
}

}  // namespace telavis
