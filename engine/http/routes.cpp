// SPDX-License-Identifier: Apache-2.0
#include "devices/http_upload.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::size_t kSmallJson = 8 * 1024;             // a login, a reason
constexpr std::size_t kOpinionJson = 8 * kMaxTextBytes;  // three long texts, doubled by escapes

const std::vector<Role> kDoctors = {Role::requester, Role::expert, Role::medical_referent};
const std::vector<Role> kCaseReaders = {Role::requester, Role::expert, Role::medical_referent,
                                        Role::coordinator, Role::treasurer};
const std::vector<Role> kActReaders = {Role::requester, Role::expert, Role::coordinator,
                                       Role::treasurer};

std::vector<Route> session_routes() {
  return {
      {.method = "POST",
       .path = "/api/v1/login",
       .audience = Audience::anyone,
       .max_body_bytes = kSmallJson,
       .handler = log_in,
       .operation = "logIn",
       .summary =
           "Opens a session; its cookie is set. 10 failures in 15 minutes for one login from "
           "one address are too many.",
       .request_schema = "Credentials",
       .response_schema = "MeAnswer"},
      {.method = "POST",
       .path = "/api/v1/logout",
       .max_body_bytes = kSmallJson,
       .handler = log_out,
       .operation = "logOut",
       .summary = "Ends the session.",
       .success = 204},
      {.method = "GET",
       .path = "/api/v1/me",
       .handler = show_me,
       .operation = "showMe",
       .summary = "Who is logged in, and in which roles.",
       .response_schema = "MeAnswer"},
      {.method = "GET",
       .path = "/api/v1/programmes",
       .handler = list_programmes,
       .operation = "listProgrammes",
       .summary = "The programmes the user is a member of.",
       .response_schema = "ProgrammesAnswer"},
  };
}

std::vector<Route> case_routes() {
  return {
      {.method = "POST",
       .path = "/api/v1/cases",
       .roles = {Role::requester},
       .max_body_bytes = kMaxUploadBytes,
       .is_command = true,
       .handler = submit_case,
       .operation = "submitCase",
       .summary = "Asks for an opinion: a part `request` and 1 to 20 parts `file`, tracings "
                  "(SCP-ECG) or photos (JPEG). Identity may be left out when a tracing carries it.",
       .request_schema = "Upload",
       .response_schema = "CommandAnswer",
       .success = 201},
      {.method = "GET",
       .path = "/api/v1/cases",
       .roles = kCaseReaders,
       .handler = list_cases,
       .operation = "listCases",
       .summary = "The cases of the user in whichever role, newest first. No identity, no content.",
       .response_schema = "CasesAnswer"},
      {.method = "GET",
       .path = "/api/v1/cases/{id}",
       .roles = kCaseReaders,
       .reading_acts = true,
       .handler = show_case,
       .operation = "showCase",
       .summary = "One case. `content` is there for the requester, the expert, and the medical "
                  "referent who opened the case; the reading is written down.",
       .response_schema = "CaseAnswer"},
      {.method = "POST",
       .path = "/api/v1/cases/{id}/accept",
       .roles = {Role::expert},
       .max_body_bytes = kSmallJson,
       .is_command = true,
       .handler = accept_case,
       .operation = "acceptCase",
       .summary = "The expert who is offered the case takes it.",
       .response_schema = "CommandAnswer"},
      {.method = "POST",
       .path = "/api/v1/cases/{id}/decline",
       .roles = {Role::expert},
       .max_body_bytes = kSmallJson,
       .is_command = true,
       .handler = decline_case,
       .operation = "declineCase",
       .summary = "The expert who is offered the case leaves it to another.",
       .request_schema = "DeclineReason",
       .response_schema = "CommandAnswer"},
      {.method = "POST",
       .path = "/api/v1/cases/{id}/opinion",
       .roles = {Role::expert},
       .max_body_bytes = kOpinionJson,
       .is_command = true,
       .handler = answer_case,
       .operation = "answerCase",
       .summary = "The expert signs his opinion; it leaves at `pending_release_at`. Answering an "
                  "offer accepts it.",
       .request_schema = "OpinionText",
       .response_schema = "CommandAnswer"},
      {.method = "POST",
       .path = "/api/v1/cases/{id}/cancel",
       .roles = {Role::requester},
       .max_body_bytes = kSmallJson,
       .is_command = true,
       .handler = cancel_case,
       .operation = "cancelCase",
       .summary = "The requester withdraws the question, until an opinion is signed.",
       .request_schema = "CancelReason",
       .response_schema = "CommandAnswer"},
      {.method = "POST",
       .path = "/api/v1/cases/{id}/open",
       .roles = {Role::medical_referent},
       .max_body_bytes = kSmallJson,
       .is_command = true,
       .handler = open_case,
       .operation = "openCase",
       .summary = "The medical referent opens the content for one hour, with a reason of at least "
                  "10 characters; it is written down.",
       .request_schema = "OpenReason",
       .response_schema = "CommandAnswer"},
  };
}

std::vector<Route> document_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/cases/{id}/exams/{n}",
       .roles = kDoctors,
       .reading_acts = true,
       .handler = show_exam,
       .operation = "showExam",
       .summary = "Exam `n`, from 0: the leads of a tracing with their samples, or the size of a "
                  "photo.",
       .response_schema = "Exam"},
      {.method = "GET",
       .path = "/api/v1/cases/{id}/exams/{n}/image",
       .roles = kDoctors,
       .reading_acts = true,
       .handler = show_exam_image,
       .operation = "showExamImage",
       .summary = "The photo, upright and without private metadata, or the tracing drawn on "
                  "millimetre paper. `size` is `preview` or `full`.",
       .response_type = "image/jpeg",
       .query = {"size"}},
      {.method = "GET",
       .path = "/api/v1/cases/{id}/exams/{n}/document",
       .roles = kDoctors,
       .reading_acts = true,
       .handler = show_exam_document,
       .operation = "showExamDocument",
       .summary = "The PDF that came as an exam.",
       .response_type = "application/pdf"},
      {.method = "GET",
       .path = "/api/v1/cases/{id}/exams/{n}/original",
       .roles = kDoctors,
       .reading_acts = true,
       .handler = download_original,
       .operation = "downloadOriginal",
       .summary = "The file as it was sent.",
       .response_type = "application/octet-stream"},
      {.method = "GET",
       .path = "/api/v1/cases/{id}/report",
       .roles = kDoctors,
       .reading_acts = true,
       .handler = download_report,
       .operation = "downloadReport",
       .summary = "The report. Read by the requester, it is delivered.",
       .response_type = "application/pdf"},
      {.method = "GET",
       .path = "/api/v1/acts",
       .roles = kActReaders,
       .handler = list_acts,
       .operation = "listActs",
       .summary = "Acts by care date, `from` and `to` included: those of the programme for its "
                  "treasurer and coordinator, otherwise the user's own.",
       .response_schema = "ActsAnswer",
       .query = {"from", "to"}},
      {.method = "GET",
       .path = "/api/v1/exports/billing.csv",
       .roles = {Role::treasurer},
       .handler = export_billing,
       .operation = "exportBilling",
       .summary = "The same acts for a spreadsheet.",
       .response_type = "text/csv",
       .query = {"from", "to"}},
  };
}

std::vector<Route> system_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/openapi.json",
       .audience = Audience::anyone,
       .handler = show_openapi,
       .operation = "showOpenapi",
       .summary = "This document.",
       .response_schema = "Openapi"},
      {.method = "GET",
       .path = "/healthz",
       .audience = Audience::anyone,
       .handler = show_health,
       .operation = "showHealth",
       .summary = "The process is up.",
       .response_schema = "Status"},
      {.method = "GET",
       .path = "/readyz",
       .audience = Audience::anyone,
       .handler = show_readiness,
       .operation = "showReadiness",
       .summary = "The database answers and files can be stored.",
       .response_schema = "Status"},
      {.method = "GET",
       .path = "/metrics",
       .audience = Audience::operators,
       .handler = show_metrics,
       .operation = "showMetrics",
       .summary = "Counters for Prometheus; for this machine only unless configured otherwise.",
       .response_type = "text/plain"},
  };
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> table = [] {
    std::vector<Route> all;
    for (const auto& part : {session_routes(), case_routes(), document_routes(), system_routes()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return table;
}

}  // namespace telavis
