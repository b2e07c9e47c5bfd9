// SPDX-License-Identifier: Apache-2.0
// Exams and reports: what a doctor looks at, and the files themselves.
#include <utility>
#include <variant>

#include "engine/core/request_words.h"
#include "engine/http/case_views.h"
#include "engine/http/route.h"
#include "engine/http/target.h"
#include "formats/normalise.h"
#include "formats/render.h"

namespace telavis {
namespace {

constexpr int kPreviewDotsPerInch = 72;  // a page of 842 x 595 pixels
constexpr int kFullDotsPerInch = 200;    // a millimetre of paper is 8 pixels

/// Of a case, or of the actor's tray.
Result<ArchivedExam> exam_of(Call& call) {
  if (call.case_id.empty()) return call.service.tray().open(call.actor, call.record);
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

Result<EcgLayout> layout_of(std::string_view query) {
  const auto layout = query_value(query, "layout").value_or("automatic");
  if (layout == "automatic") return EcgLayout::automatic;
  if (layout == "three_by_four_rhythm") return EcgLayout::three_by_four_rhythm;
  if (layout == "six_by_two") return EcgLayout::six_by_two;
  if (layout == "twelve_by_one") return EcgLayout::twelve_by_one;
  return fail(ErrorCode::invalid_field,
              "layout must be automatic, three_by_four_rhythm, six_by_two or twelve_by_one.");
}

/// On A4. Of a case it stands under the patient of the request, whose reading is audited as such.
Result<HttpResponse> draw_tracing(Call& call, const EcgRecording& recorded, EcgLayout layout) {
  EcgRecording recording = with_derived_limb_leads(recorded);
  if (!call.case_id.empty()) {
    const auto opened = call.service.open(call.actor, call.case_id);
    if (!opened) return tl::unexpected(opened.error());
    recording.patient = printed_patient(opened->request);
  }
  auto drawn = render_ecg_pdf(recording, render_labels(call.language), layout);
  if (!drawn) return tl::unexpected(drawn.error());
  return file_response(std::move(*drawn), "application/pdf", "inline");
}

}  // namespace

Result<HttpResponse> show_exam(Call& call) {
  const auto exam = exam_of(call);
  if (!exam) return tl::unexpected(exam.error());
  return json_response(exam_json(exam->normalised.exam));
}

Result<HttpResponse> show_exam_image(Call& call) {
  const auto preview = wants_preview(call.request.query);
  if (!preview) return tl::unexpected(preview.error());
  auto exam = exam_of(call);
  if (!exam) return tl::unexpected(exam.error());
  NormalisedExam& content = exam->normalised;
  if (const auto* recording = std::get_if<EcgRecording>(&content.exam)) {
    auto drawn = render_ecg_jpeg(*recording, *preview ? kPreviewDotsPerInch : kFullDotsPerInch,
                                 render_labels(call.language));
    if (!drawn) return tl::unexpected(drawn.error());
    return file_response(std::move(*drawn), "image/jpeg", "");
  }
  if (std::holds_alternative<PdfDocument>(content.exam)) {
    return fail(ErrorCode::unsupported_conversion,
                "This exam is a document, not a picture: ask for .../document.");
  }
  return file_response(std::move(*preview ? content.preview : content.document), "image/jpeg", "");
}

Result<HttpResponse> show_exam_document(Call& call) {
  const auto layout = layout_of(call.request.query);
  if (!layout) return tl::unexpected(layout.error());
  auto exam = exam_of(call);
  if (!exam) return tl::unexpected(exam.error());
  if (const auto* recording = std::get_if<EcgRecording>(&exam->normalised.exam)) {
    return draw_tracing(call, *recording, *layout);
  }
  if (!std::holds_alternative<PdfDocument>(exam->normalised.exam)) {
    return fail(ErrorCode::unsupported_conversion, "This exam is a photo: ask for .../image.");
  }
  return file_response(std::move(exam->normalised.document), "application/pdf", "inline");
}

Result<HttpResponse> download_original(Call& call) {
  auto exam = exam_of(call);
  if (!exam) return tl::unexpected(exam.error());
  // Named by the case: the name that the sender gave may hold the patient's.
  const std::string of = call.case_id.empty()
                             ? "exam-" + call.record
                             : call.case_id.value + "-" + std::to_string(call.exam);
  const std::string name = of + std::string(file_extension(sniff(exam->original)));
  return file_response(std::move(exam->original), "application/octet-stream",
                       "attachment; filename=\"" + name + "\"");
}

Result<HttpResponse> download_report(Call& call) {
  const auto subject = call.service.figures(call.actor, call.case_id);
  if (!subject) return tl::unexpected(subject.error());
  auto pdf = call.service.report(call.actor, call.case_id);
  if (!pdf) return tl::unexpected(pdf.error());
  return file_response(std::move(*pdf), "application/pdf",
                       "inline; filename=\"" + subject->number + ".pdf\"");
}

Result<HttpResponse> download_letter(Call& call) {
  const auto subject = call.service.figures(call.actor, call.case_id);
  if (!subject) return tl::unexpected(subject.error());
  auto pdf = call.service.transfer_letter(call.actor, call.case_id);
  if (!pdf) return tl::unexpected(pdf.error());
  return file_response(std::move(*pdf), "application/pdf",
                       "inline; filename=\"" + subject->number + "_courrier.pdf\"");
}

}  // namespace telavis
