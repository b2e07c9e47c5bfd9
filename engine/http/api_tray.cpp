// SPDX-License-Identifier: Apache-2.0
// Exams that came without a request: the tray of who holds the device, and what nobody could read.
#include <boost/json.hpp>
#include <utility>

#include "engine/core/json_reader.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

namespace json = boost::json;

json::object entry_view(const TrayEntry& entry) {
  const ExamCard& card = entry.card;
  json::array findings;
  for (const std::string& code : card.findings) findings.emplace_back(code);
  return {{"id", entry.exam.id},
          {"device", entry.exam.device},
          {"programme", entry.exam.programme.value},
          {"received_at", format_utc(entry.exam.received_at)},
          {"kept_until", format_utc(entry.kept_until)},
          {"name", card.name},
          {"kind", card.kind},
          {"format", card.format},
          {"detail", card.detail},
          {"recorded_at", card.recorded_at},
          {"patient", json::object{{"family_name", card.patient.family_name},
                                   {"given_name", card.patient.given_name},
                                   {"birth_date", card.patient.birth_date},
                                   {"sex", sex_name(card.patient.sex)}}},
          {"findings", std::move(findings)}};
}

}  // namespace

Result<HttpResponse> list_tray(Call& call) {
  const auto entries = call.service.tray().list(call.actor);
  if (!entries) return tl::unexpected(entries.error());
  json::array exams;
  for (const TrayEntry& entry : *entries) exams.push_back(entry_view(entry));
  return json_response(json::serialize(json::object{{"exams", std::move(exams)}}));
}

Result<HttpResponse> discard_tray_exam(Call& call) {
  if (auto gone = call.service.tray().discard(call.actor, call.record); !gone)
    return tl::unexpected(gone.error());
  HttpResponse response;
  response.status = 204;
  return response;
}

Result<HttpResponse> list_unreadable_exams(Call& call) {
  const auto exams = call.service.tray().unreadable(call.actor);
  if (!exams) return tl::unexpected(exams.error());
  json::array listed;
  for (const ReceivedExam& exam : *exams) {
    listed.push_back(json::object{{"id", exam.id},
                                  {"device", exam.device},
                                  {"programme", exam.programme.value},
                                  {"received_at", format_utc(exam.received_at)},
                                  {"bytes", exam.size},
                                  {"why", exam.why},
                                  {"read_by", exam.reader}});
  }
  return json_response(json::serialize(json::object{{"exams", std::move(listed)}}));
}

Result<HttpResponse> download_unreadable_exam(Call& call) {
  JsonReader body(as_text(call.request.body));
  const std::string reason = body.text("reason", kMaxReasonBytes);
  if (auto read = body.finish(); !read) return tl::unexpected(read.error());
  auto opened = call.service.tray().open_unreadable(call.actor, call.record, reason);
  if (!opened) return tl::unexpected(opened.error());
  // As bytes to be saved, and not under the name that its sender gave: that may be the patient's.
  return file_response(std::move(opened->original), "application/octet-stream",
                       "attachment; filename=\"exam-" + opened->exam.id + ".bin\"");
}

}  // namespace telavis
