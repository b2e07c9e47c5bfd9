// SPDX-License-Identifier: Apache-2.0
// Exams and reports: what a doctor looks at, and the files themselves.
#include <utility>
#include <variant>

#include "engine/http/case_views.h"
#include "engine/http/route.h"
#include "engine/http/target.h"
#include "formats/render.h"

namespace telavis {
namespace {

constexpr int kPreviewDotsPerInch = 72;  // a page of 842 x 595 pixels
constexpr int kFullDotsPerInch = 200;    // a millimetre of paper is 8 pixels

Result<ExamContent> exam_of(Call& call) {
  auto exams = call.service.exams(call.actor, call.case_id);
  if (!exams) return tl::unexpected(exams.error());
  if (call.exam >= exams->size()) {
    return fail(ErrorCode::not_found, "This case has no exam of that number; they count from 0.");
  }
  return std::move((*exams)[call.exam]);
}

Result<bool> wants_preview(std::string_view query) {
  const auto size = query_value(query, "size").value_or("full");
  if (size == "preview") return true;
  if (size == "full") return false;
  return fail(ErrorCode::invalid_field, "size must be preview or full.");
}

HttpResponse document(Bytes bytes, std::string_view media_type, const std::string& disposition) {
  HttpResponse response;
  response.content_type = media_type;
  response.body = std::move(bytes);
  if (!disposition.empty()) response.headers.emplace_back("Content-Disposition", disposition);
  return response;
}

std::string_view extension_of(const Exam& exam) {
  return std::holds_alternative<EcgRecording>(exam) ? ".scp" : ".jpg";
}

}  // namespace

Result<HttpResponse> show_exam(Call& call) {
  const auto exam = exam_of(call);
  if (!exam) return tl::unexpected(exam.error());
  return json_response(exam_json(exam->exam));
}

Result<HttpResponse> show_exam_image(Call& call) {
  const auto preview = wants_preview(call.request.query);
  if (!preview) return tl::unexpected(preview.error());
  auto exam = exam_of(call);
  if (!exam) return tl::unexpected(exam.error());
  if (const auto* recording = std::get_if<EcgRecording>(&exam->exam)) {
    auto drawn = render_ecg_jpeg(*recording, *preview ? kPreviewDotsPerInch : kFullDotsPerInch);
    if (!drawn) return tl::unexpected(drawn.error());
    return document(std::move(*drawn), "image/jpeg", "");
  }
  return document(std::move(*preview ? exam->preview : exam->normalised), "image/jpeg", "");
}

Result<HttpResponse> download_original(Call& call) {
  auto exam = exam_of(call);
  if (!exam) return tl::unexpected(exam.error());
  // Named by the case: the name that the sender gave may hold the patient's.
  const std::string name =
      call.case_id.value + "-" + std::to_string(call.exam) + std::string(extension_of(exam->exam));
  return document(std::move(exam->original.bytes), "application/octet-stream",
                  "attachment; filename=\"" + name + "\"");
}

Result<HttpResponse> download_report(Call& call) {
  const auto subject = call.service.figures(call.actor, call.case_id);
  if (!subject) return tl::unexpected(subject.error());
  auto pdf = call.service.report(call.actor, call.case_id);
  if (!pdf) return tl::unexpected(pdf.error());
  return document(std::move(*pdf), "application/pdf",
                  "inline; filename=\"" + subject->number + ".pdf\"");
}

}  // namespace telavis
