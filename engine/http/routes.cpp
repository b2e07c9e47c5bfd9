// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "devices/http_upload.h"
#include "engine/core/case_commands.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::size_t kLongJson = 8 * kMaxTextBytes;  // four long texts, doubled by escapes

const std::vector<Role> kDoctors = {Role::requester, Role::expert, Role::medical_referent};
const std::vector<Role> kCaseReaders = {Role::requester, Role::expert, Role::medical_referent,
                                        Role::coordinator, Role::treasurer};
const std::vector<Role> kActReaders = {Role::requester, Role::expert, Role::coordinator,
                                       Role::treasurer};

std::vector<Route> general_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/changes",
       .unattended = true,
       .handler = watch_changes,
       .operation = "watchChanges",
       .summary = "Server-sent events: `changed` when a list that the user sees has changed, with "
                  "no word of what. The answer ends with the first event or after 25 s; "
                  "EventSource comes back by itself (Last-Event-ID).",
       .response_type = "text/event-stream"},
      {.method = "GET",
       .path = "/api/v1/engine",
       .audience = Audience::anyone,
       .handler = show_engine,
       .operation = "showEngine",
       .summary = "Who answers for the patients' data here, and whether the clinical tools are on: "
                  "what pages and notices obey.",
       .response_schema = "EngineAnswer"},
      {.method = "GET",
       .path = "/api/v1/programmes",
       .handler = list_programmes,
       .operation = "listProgrammes",
       .summary = "The programmes the user is a member of, with the form of a request.",
       .response_schema = "ProgrammesAnswer"},
      {.method = "GET",
       .path = "/api/v1/programmes/{programme}/notice",
       .handler = download_notice,
       .operation = "downloadNotice",
       .summary = "The notice that a patient is given before a request.",
       .response_type = "application/pdf"},
  };
}

std::vector<Route> case_routes() {
  return {
      {.method = "POST",
       .path = "/api/v1/cases",
       .roles = {Role::requester},
       .max_body_bytes = kMaxUploadBytes,
       .is_command = true,
       .takes_files = true,
       .handler = submit_case,
       .operation = "submitCase",
       .summary =
           "Asks for an opinion: a part `request` and up to 20 parts `file`, tracings or "
           "photos; JSON alone when all its exams are in the tray. Identity may be left out when "
           "a tracing carries it. With `incomplete=keep` a request that lacks mandatory items, its "
           "exam too, waits for them; otherwise it is refused.",
       .request_schema = "CaseRequest",
       .response_schema = "CommandAnswer",
       .success = 201,
       .query = {"incomplete"}},
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
                  "referent who opened the case, `coded` for a pool that is asked openly; the "
                  "reading is written down.",
       .response_schema = "CaseAnswer"},
      {.method = "GET",
       .path = "/api/v1/cases/{id}/routing",
       .roles = {Role::coordinator, Role::medical_referent},
       .handler = show_routing,
       .operation = "showRouting",
       .summary = "How the experts were chosen: who was considered, excluded and why, and the "
                  "scores.",
       .response_schema = "RoutingAnswer"},
      {.method = "GET",
       .path = "/api/v1/cases/{id}/staff-reasons",
       .roles = {Role::coordinator, Role::medical_referent},
       .reading_acts = true,
       .handler = show_staff_reasons,
       .operation = "showStaffReasons",
       .summary = "Why the case was held, restricted, or is to be erased; the reading is written "
                  "down.",
       .response_schema = "StaffReasonsAnswer"},
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

/// "give-back" -> "giveBackCase".
std::string operation_of(std::string_view command) {
  std::string name;
  bool capital = false;
  for (const char c : command) {
    if (c == '-') {
      capital = true;
      continue;
    }
    name += capital ? static_cast<char>(c - 'a' + 'A') : c;
    capital = false;
  }
  return name + "Case";
}

struct CommandNames {
  std::string path;
  std::string operation;
};

const std::vector<CommandNames>& command_names() {
  static const std::vector<CommandNames> names = [] {
    std::vector<CommandNames> made;
    for (const CaseCommand& command : case_commands()) {
      made.push_back(
          {"/api/v1/cases/{id}/" + std::string(command.name), operation_of(command.name)});
    }
    return made;
  }();
  return names;
}

std::size_t body_limit_of(const CaseCommand& command) {
  if (command.takes_files) return kMaxUploadBytes;
  return command.schema.empty() ? kSmallJson : kLongJson;
}

/// A route for each of case_commands().
std::vector<Route> command_routes() {
  std::vector<Route> all;
  const std::span<const CaseCommand> commands = case_commands();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const CaseCommand& command = commands[i];
    Route route{.method = "POST",
                .path = command_names()[i].path,
                .roles = command.roles,
                .max_body_bytes = body_limit_of(command),
                .is_command = true,
                .handler = command_case,
                .operation = command_names()[i].operation,
                .summary = command.summary,
                .request_schema = command.schema,
                .response_schema = "CommandAnswer"};
    route.takes_files = command.takes_files;
    all.push_back(std::move(route));
  }
  return all;
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
       .summary = "The PDF that came as an exam; a tracing is drawn on A4 millimetre paper at "
                  "25 mm/s and 10 mm/mV. `layout` of a tracing is `automatic`, "
                  "`three_by_four_rhythm`, `six_by_two` or `twelve_by_one`.",
       .response_type = "application/pdf",
       .query = {"layout"}},
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
       .path = "/api/v1/cases/{id}/letter",
       .roles = kDoctors,
       .reading_acts = true,
       .handler = download_letter,
       .operation = "downloadLetter",
       .summary = "The letter that goes with the patient after a red flag, with his exams.",
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
       .path = "/api/v1/exports/billing",
       .roles = {Role::treasurer},
       .handler = export_billing,
       .operation = "exportBilling",
       .summary = "The treasurer's acts as a table, as `format` says: csv-fr, csv or xlsx.",
       .response_type = "application/octet-stream",
       .query = {"from", "to", "format"}},
  };
}

std::vector<Route> tray_routes() {
  const auto reading = [](std::string_view path, Result<HttpResponse> (*handler)(Call&),
                          std::string_view operation, std::string_view summary,
                          std::string_view schema, std::string_view type) {
    return Route{.method = "GET",
                 .path = path,
                 .roles = {Role::requester},
                 .reading_acts = true,
                 .handler = handler,
                 .operation = operation,
                 .summary = summary,
                 .response_schema = schema,
                 .response_type = type};
  };
  std::vector<Route> all = {
      reading("/api/v1/tray", list_tray, "listTray",
              "Exams that his devices have sent and no request has taken yet, newest first.",
              "TrayAnswer", "application/json"),
      reading("/api/v1/tray/{exam}", show_exam, "showTrayExam",
              "One of them, as showExam gives it.", "Exam", "application/json"),
      reading("/api/v1/tray/{exam}/image", show_exam_image, "showTrayExamImage",
              "As showExamImage.", "", "image/jpeg"),
      reading("/api/v1/tray/{exam}/document", show_exam_document, "showTrayExamDocument",
              "As showExamDocument.", "", "application/pdf"),
      reading("/api/v1/tray/{exam}/original", download_original, "downloadTrayExam",
              "The file as it was sent.", "", "application/octet-stream"),
      {.method = "DELETE",
       .path = "/api/v1/tray/{exam}",
       .roles = {Role::requester},
       .handler = discard_tray_exam,
       .operation = "discardTrayExam",
       .summary = "Takes it out of the tray for good; the device may send it again.",
       .success = 204},
      {.method = "GET",
       .path = "/api/v1/unreadable-exams",
       .roles = {Role::medical_referent},
       .handler = list_unreadable_exams,
       .operation = "listUnreadableExams",
       .summary = "Exams of his programmes' devices that could not be read, newest first; each "
                  "version of the engine tries them again. Nothing of their content.",
       .response_schema = "UnreadableExamsAnswer"},
      {.method = "POST",
       .path = "/api/v1/unreadable-exams/{exam}/original",
       .roles = {Role::medical_referent},
       .max_body_bytes = kSmallJson,
       .handler = download_unreadable_exam,
       .operation = "downloadUnreadableExam",
       .summary = "Such a file as it arrived, with a reason of at least 10 characters; it is "
                  "written down.",
       .request_schema = "OpenReason",
       .response_type = "application/octet-stream"},
  };
  all[2].query = {"size"};
  return all;
}

std::vector<Route> mail_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/kept-mails",
       .roles = {Role::medical_referent},
       .handler = list_kept_mails,
       .operation = "listKeptMails",
       .summary = "Mails to the mailboxes of his programmes that wait for a person, newest first. "
                  "Nothing of their content.",
       .response_schema = "KeptMailsAnswer"},
      {.method = "POST",
       .path = "/api/v1/kept-mails/{mail}/open",
       .roles = {Role::medical_referent},
       .max_body_bytes = kSmallJson,
       .handler = open_kept_mail,
       .operation = "openKeptMail",
       .summary = "Such a mail as it is read, with a reason of at least 10 characters; it is "
                  "written down.",
       .request_schema = "OpenReason",
       .response_schema = "OpenedMailAnswer"},
      {.method = "POST",
       .path = "/api/v1/kept-mails/{mail}/original",
       .roles = {Role::medical_referent},
       .max_body_bytes = kSmallJson,
       .handler = download_kept_mail,
       .operation = "downloadKeptMail",
       .summary = "The same, byte for byte as it arrived.",
       .request_schema = "OpenReason",
       .response_type = "application/octet-stream"},
      {.method = "POST",
       .path = "/api/v1/kept-mails/{mail}/file",
       .roles = {Role::medical_referent},
       .max_body_bytes = kSmallJson,
       .handler = file_kept_mail,
       .operation = "fileKeptMail",
       .summary =
           "Files it: into a case as information or as the opinion of the expert who wrote "
           "it, read again as if it had just come (a request becomes a case), or as nothing. "
           "Its sender is answered as by any mail.",
       .request_schema = "MailFiling",
       .response_schema = "FiledMailAnswer"},
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
    for (const auto& part :
         {session_routes(), general_routes(), case_routes(), command_routes(), document_routes(),
          mail_routes(), tray_routes(), desk_routes(), registry_routes(), association_routes(),
          device_routes(), dicomweb_routes(), system_routes()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return table;
}

}  // namespace telavis
