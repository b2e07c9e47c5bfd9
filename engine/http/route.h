// SPDX-License-Identifier: Apache-2.0
// The one table of what the API offers: the dispatcher, the OpenAPI document and the tests read it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/http_upload.h"
#include "engine/core/access_desk.h"
#include "engine/core/exam_door.h"
#include "engine/core/registry.h"
#include "engine/core/service.h"
#include "engine/core/text_bounds.h"
#include "engine/http/api.h"
#include "engine/http/case_views.h"
#include "engine/http/metrics.h"

namespace telavis {

// What a body may hold at most, in bytes.
inline constexpr std::size_t kSmallJson = 8 * 1024;    // a login, a reason
inline constexpr std::size_t kRecordJson = 64 * 1024;  // a whole record, a programme with its form
inline constexpr std::size_t kMaxReasonBytes = 4'000;  // 1,000 characters of UTF-8

/// One request on its way through a handler.
struct Call {
  Service& service;
  Registry& registry;
  const ApiOptions& options;
  AccessDesk& access;
  HttpMetrics& metrics;
  const HttpRequest& request;
  Language language;
  std::string_view session;       // the cookie's value, not checked; empty when there is none
  User actor;                     // empty on routes that are open to anyone, and of devices
  Visit visit;                    // likewise
  SendingDevice device;           // on routes of devices
  CaseId case_id;                 // {id}
  std::size_t exam = 0;           // {n}
  std::vector<std::string> uids;  // {study}, {series}, {instance}
  std::string record;             // any other parameter

  Reader reader() const;
};

enum class Audience {
  anyone,
  operators,  // loopback peers, unless the configuration says otherwise
  users,      // who is logged in and holds one of the route's roles
  devices,    // a device with its token (docs/devices.md)
};

/// Its texts are views into static storage.
struct Route {
  std::string_view method;
  std::string_view path;  // template
  Audience audience = Audience::users;
  std::vector<Role> roles;  // one of these, in any programme; empty: every user
  /// Also for a session whose second factor is missing, or that is locked: it shows and changes
  /// nothing but that session.
  bool half_open = false;
  bool unattended = false;  // asked by a page by itself: no sign of anybody
  std::size_t max_body_bytes = 0;
  bool is_command = false;   // needs an Idempotency-Key
  bool takes_files = false;  // multipart/form-data, or JSON alone
  bool reading_acts =
      false;  // a GET that is written down or changes a case: HEAD does not stand for it
  bool lone_file = false;  // takes one file, as it is or as the part `file` of a form
  bool tus = false;        // of the upload protocol tus 1.0
  Result<HttpResponse> (*handler)(Call& call) = nullptr;
  // For the OpenAPI document.
  std::string_view operation;
  std::string_view summary;
  std::string_view request_schema;   // name of a schema, empty without a JSON body
  std::string_view request_type;     // of a body that is neither JSON nor one of the above
  std::string_view response_schema;  // name of a schema, or empty
  std::string_view response_type = "application/json";
  int success = 200;
  std::vector<std::string_view> query = {};
};

const std::vector<Route>& routes();
/// The resumable uploads: of devices, and of who is logged in.
inline constexpr std::string_view kUploadsPath = "/api/v1/exams/uploads";
inline constexpr std::string_view kOwnUploadsPath = "/api/v1/uploads";
/// Puts the bytes of those that were sent in pieces (kInPieces) into the list. Errors: not_found,
/// state_conflict (not whole), limit_exceeded (together above kMaxUploadBytes), unavailable.
Result<void> put_in_pieces(Call& call, std::vector<UploadedFile>& files);
/// Every answer of tus names the protocol's version; a refusal says why in the header too, since
/// the answer to a HEAD has no body.
void add_tus_headers(HttpResponse& response, const Error* refusal);

/// Coming in and what is one's own there: a part of routes().
std::vector<Route> session_routes();
/// Those for devices that send over HTTPS, and for uploads in pieces: a part of routes().
std::vector<Route> device_routes();
/// What a doctor has of his own: a part of routes().
std::vector<Route> desk_routes();
/// DICOMweb (PS3.18): a part of routes().
inline constexpr std::string_view kDicomWebPath = "/dicom-web";
std::vector<Route> dicomweb_routes();
/// Those for what an association keeps on file: a part of routes().
std::vector<Route> registry_routes();
/// Those of an association's staff: a part of routes().
std::vector<Route> association_routes();

struct PathParameters {
  CaseId case_id;                 // {id}: 26 characters of lower-case base32
  std::size_t exam = 0;           // {n}: at most two digits
  std::vector<std::string> uids;  // {study}, {series}, {instance}: is_uid_text
  std::string record;             // any other, e.g. {key}, {programme}: is_record_id
};
/// nullopt: `path` does not fit the template, or a parameter has not its form.
std::optional<PathParameters> match_path(std::string_view path_template, std::string_view path);

/// What the engine says of an exam that a device sent, or why it was not taken. Asked under one of
/// the decode slots.
Result<TakenExam> take_from_device(Call& call, UploadedFile file);

HttpResponse json_response(std::string_view text, int status = 200);
/// A refusal with a status that a protocol wants for it.
HttpResponse refusal_with_status(const Call& call, int status, const Error& error);
/// `disposition` may be empty.
HttpResponse file_response(Bytes bytes, std::string_view media_type,
                           const std::string& disposition);

// ---- handlers, by file
Result<HttpResponse> log_in(Call& call);  // api_session.cpp
Result<HttpResponse> log_out(Call& call);
Result<HttpResponse> show_me(Call& call);
Result<HttpResponse> watch_changes(Call& call);
Result<HttpResponse> give_second_factor(Call& call);
Result<HttpResponse> unlock_session(Call& call);
Result<HttpResponse> propose_factor(Call& call);
Result<HttpResponse> confirm_factor(Call& call);
Result<HttpResponse> list_sessions(Call& call);
Result<HttpResponse> end_session(Call& call);
Result<HttpResponse> end_other_sessions(Call& call);
Result<HttpResponse> ask_for_access_code(Call& call);
Result<HttpResponse> recover_password(Call& call);
Result<HttpResponse> recover_factor(Call& call);
Result<HttpResponse> list_programmes(Call& call);  // api_programmes.cpp
Result<HttpResponse> download_notice(Call& call);
Result<HttpResponse> submit_case(Call& call);  // api_cases.cpp
Result<HttpResponse> list_cases(Call& call);
Result<HttpResponse> show_case(Call& call);
Result<HttpResponse> show_routing(Call& call);
Result<HttpResponse> show_staff_reasons(Call& call);
/// Any of case_commands(): the last segment of the path names it.
Result<HttpResponse> command_case(Call& call);
Result<HttpResponse> open_case(Call& call);
Result<HttpResponse> show_exam(Call& call);  // api_documents.cpp
Result<HttpResponse> show_exam_image(Call& call);
Result<HttpResponse> show_exam_document(Call& call);
Result<HttpResponse> download_original(Call& call);
Result<HttpResponse> download_report(Call& call);
Result<HttpResponse> download_letter(Call& call);
Result<HttpResponse> list_acts(Call& call);  // api_acts.cpp
Result<HttpResponse> export_billing(Call& call);
Result<HttpResponse> list_tray(Call& call);  // api_tray.cpp
Result<HttpResponse> discard_tray_exam(Call& call);
Result<HttpResponse> list_unreadable_exams(Call& call);
Result<HttpResponse> download_unreadable_exam(Call& call);
Result<HttpResponse> list_kept_mails(Call& call);  // api_mails.cpp
Result<HttpResponse> open_kept_mail(Call& call);
Result<HttpResponse> download_kept_mail(Call& call);
Result<HttpResponse> file_kept_mail(Call& call);
Result<HttpResponse> request_enrolment(Call& call);  // api_people.cpp
Result<HttpResponse> activate_account(Call& call);
Result<HttpResponse> show_directory(Call& call);
Result<HttpResponse> show_own_record(Call& call);
Result<HttpResponse> change_own_contact(Call& call);
Result<HttpResponse> change_own_terms(Call& call);
Result<HttpResponse> announce_own_absence(Call& call);
Result<HttpResponse> list_people(Call& call);
Result<HttpResponse> show_person(Call& call);
Result<HttpResponse> replace_person(Call& call);
Result<HttpResponse> list_due_order_checks(Call& call);
Result<HttpResponse> check_person_identity(Call& call);
Result<HttpResponse> decide_on_person(Call& call);
Result<HttpResponse> record_person_training(Call& call);
Result<HttpResponse> record_person_charter(Call& call);
Result<HttpResponse> record_person_insurance(Call& call);
Result<HttpResponse> record_person_order_check(Call& call);
Result<HttpResponse> record_person_replacement(Call& call);
Result<HttpResponse> send_person_kit(Call& call);
Result<HttpResponse> suspend_person(Call& call);
Result<HttpResponse> end_person(Call& call);
Result<HttpResponse> resume_person(Call& call);
Result<HttpResponse> change_person_memberships(Call& call);
Result<HttpResponse> change_person_contact(Call& call);
Result<HttpResponse> change_person_terms(Call& call);
Result<HttpResponse> announce_person_absence(Call& call);
Result<HttpResponse> list_group_practices(Call& call);  // api_registry.cpp
Result<HttpResponse> show_group_practice(Call& call);
Result<HttpResponse> replace_group_practice(Call& call);
Result<HttpResponse> list_own_devices(Call& call);
Result<HttpResponse> list_lent_devices(Call& call);
Result<HttpResponse> show_lent_device(Call& call);
Result<HttpResponse> replace_lent_device(Call& call);
Result<HttpResponse> lend_device_to(Call& call);
Result<HttpResponse> take_device_back(Call& call);
Result<HttpResponse> make_pairing_code(Call& call);
Result<HttpResponse> redeem_pairing_code(Call& call);
Result<HttpResponse> list_all_programmes(Call& call);
Result<HttpResponse> show_programme(Call& call);
Result<HttpResponse> replace_programme(Call& call);
Result<HttpResponse> show_person_history(Call& call);
Result<HttpResponse> show_group_history(Call& call);
Result<HttpResponse> show_device_history(Call& call);
Result<HttpResponse> show_programme_history(Call& call);
Result<HttpResponse> show_figures(Call& call);  // api_association.cpp
Result<HttpResponse> export_figures(Call& call);
Result<HttpResponse> list_expert_loads(Call& call);
Result<HttpResponse> preview_programme(Call& call);
Result<HttpResponse> list_briefs(Call& call);  // api_desk.cpp
Result<HttpResponse> show_notebook(Call& call);
Result<HttpResponse> preview_report(Call& call);
Result<HttpResponse> show_own_texts(Call& call);
Result<HttpResponse> replace_own_texts(Call& call);
Result<HttpResponse> list_own_slots(Call& call);
Result<HttpResponse> add_own_slot(Call& call);
Result<HttpResponse> remove_own_slot(Call& call);
Result<HttpResponse> show_own_year(Call& call);
Result<HttpResponse> take_exam(Call& call);            // api_exams.cpp
Result<HttpResponse> show_upload_options(Call& call);  // api_uploads.cpp
Result<HttpResponse> begin_upload(Call& call);
Result<HttpResponse> show_upload(Call& call);
Result<HttpResponse> continue_upload(Call& call);
Result<HttpResponse> end_upload(Call& call);
Result<HttpResponse> store_instances(Call& call);  // api_dicomweb.cpp
Result<HttpResponse> search_studies(Call& call);
Result<HttpResponse> search_series(Call& call);
Result<HttpResponse> search_instances(Call& call);
Result<HttpResponse> retrieve_instances(Call& call);
Result<HttpResponse> retrieve_metadata(Call& call);
Result<HttpResponse> retrieve_rendered(Call& call);
Result<HttpResponse> retrieve_frame(Call& call);
Result<HttpResponse> retrieve_bulk_data(Call& call);
Result<HttpResponse> show_engine(Call& call);  // api_system.cpp
Result<HttpResponse> show_openapi(Call& call);
Result<HttpResponse> show_health(Call& call);
Result<HttpResponse> show_readiness(Call& call);
Result<HttpResponse> show_metrics(Call& call);

}  // namespace telavis
