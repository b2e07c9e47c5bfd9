// SPDX-License-Identifier: Apache-2.0
// The routes of what an association keeps on file.
#include "engine/http/route.h"

namespace telavis {
namespace {

const std::vector<Role> kStewards = {Role::admin, Role::coordinator};
const std::vector<Role> kAdmins = {Role::admin};

using Handler = Result<HttpResponse> (*)(Call&);

Route reading(std::string_view path, Handler handler, std::string_view operation,
              std::string_view summary, std::string_view answer) {
  return {.method = "GET",
          .path = path,
          .roles = kStewards,
          .reading_acts = true,  // an audit entry
          .handler = handler,
          .operation = operation,
          .summary = summary,
          .response_schema = answer};
}

Route change(std::string_view method, std::string_view path, Handler handler,
             std::string_view operation, std::string_view summary, std::string_view body,
             std::string_view answer) {
  return {.method = method,
          .path = path,
          .roles = kStewards,
          .max_body_bytes = method == "PUT" ? kRecordJson : kSmallJson,
          .handler = handler,
          .operation = operation,
          .summary = summary,
          .request_schema = body,
          .response_schema = answer};
}

Route person_change(std::string_view path, Handler handler, std::string_view operation,
                    std::string_view summary, std::string_view body = "VersionOnly") {
  return change("POST", path, handler, operation, summary, body, "PersonAnswer");
}

Route of_anybody(std::string_view path, Handler handler, std::string_view operation,
                 std::string_view summary, std::string_view body) {
  return {.method = "POST",
          .path = path,
          .audience = Audience::anyone,
          .max_body_bytes = kSmallJson,
          .handler = handler,
          .operation = operation,
          .summary = summary,
          .request_schema = body};
}

/// For the person himself, in whichever role.
Route of_oneself(Route route) {
  route.roles.clear();
  return route;
}

Route for_admins(Route route) {
  route.roles = kAdmins;
  return route;
}

/// Without a body: there is nothing to say, and a repeated request only makes another code.
Route pairing_code() {
  Route route =
      change("POST", "/api/v1/admin/devices/{key}/pairing", make_pairing_code, "makePairingCode",
             "A code that connects the device once, within a day, and makes the one "
             "before worthless.",
             "", "PairingCode");
  route.max_body_bytes = 0;
  route.success = 201;
  return route;
}

std::vector<Route> own_routes() {
  Route enrolment = of_anybody("/api/v1/enrolments", request_enrolment, "requestEnrolment",
                               "Asks an association to take part, as requester or expert. "
                               "10 requests in 15 minutes from one address are too many.",
                               "EnrolmentForm");
  enrolment.response_schema = "EnrolmentAnswer";
  enrolment.success = 201;
  Route activation = of_anybody("/api/v1/activate", activate_account, "activateAccount",
                                "Sets the first or a new password with the one-time code of the "
                                "activation kit.",
                                "Activation");
  activation.success = 204;
  Route directory = reading("/api/v1/directory", show_directory, "showDirectory",
                            "Experts and group practices of a programme, with their direct line: "
                            "whom a requester may choose, or a case be passed on to.",
                            "DirectoryAnswer");
  directory.roles = {Role::requester, Role::expert, Role::coordinator};
  directory.reading_acts = false;
  directory.query = {"programme"};
  Route own_devices =
      of_oneself(reading("/api/v1/me/devices", list_own_devices, "listOwnDevices",
                         "The devices that are lent to the user.", "OwnDevicesAnswer"));
  own_devices.reading_acts = false;
  return {enrolment,
          activation,
          directory,
          of_oneself(reading("/api/v1/me/record", show_own_record, "showOwnRecord",
                             "What is on file about the user.", "PersonRecord")),
          own_devices,
          of_oneself(person_change("/api/v1/me/contact", change_own_contact, "changeOwnContact",
                                   "The user's telephone numbers and place.", "ContactChange")),
          of_oneself(person_change("/api/v1/me/terms", change_own_terms, "changeOwnTerms",
                                   "The user's hours, limit and conflicts of interest; not "
                                   "his territories and kinds of exams.",
                                   "TermsChange")),
          of_oneself(person_change("/api/v1/me/absence", announce_own_absence, "announceOwnAbsence",
                                   "The user is absent; a delegate may read for him.", "Absence"))};
}

std::vector<Route> people_routes() {
  return {
      reading("/api/v1/admin/people", list_people, "listPeople",
              "People of the programmes that the user coordinates; everybody for an administrator.",
              "PeopleAnswer"),
      reading("/api/v1/admin/order-checks", list_due_order_checks, "listDueOrderChecks",
              "Active doctors whose status at the Order was last looked at a year ago.",
              "PeopleAnswer"),
      reading("/api/v1/admin/people/{key}", show_person, "showPerson",
              "One record, with what is missing.", "PersonRecord"),
      for_admins(change("PUT", "/api/v1/admin/people/{key}", replace_person, "replacePerson",
                        "The whole record, new (version 0) or not. The password stays.",
                        "PersonReplacement", "PersonAnswer")),
      reading("/api/v1/admin/people/{key}/history", show_person_history, "showPersonHistory",
              "Every version: who changed what, and when.", "RevisionsAnswer"),
      person_change("/api/v1/admin/people/{key}/identity", check_person_identity,
                    "checkPersonIdentity", "The identity was checked today."),
      person_change("/api/v1/admin/people/{key}/decision", decide_on_person, "decideOnPerson",
                    "The association accepts or refuses the request.", "EnrolmentDecision"),
      person_change("/api/v1/admin/people/{key}/training", record_person_training,
                    "recordPersonTraining", "The day of the training.", "DayOf"),
      person_change("/api/v1/admin/people/{key}/charter", record_person_charter,
                    "recordPersonCharter", "The charter was signed.", "CharterSigned"),
      person_change("/api/v1/admin/people/{key}/insurance", record_person_insurance,
                    "recordPersonInsurance", "The last insured day.", "InsuredUntil"),
      person_change("/api/v1/admin/people/{key}/order", record_person_order_check,
                    "recordPersonOrderCheck", "The status at the Order was looked at.", "DayOf"),
      person_change("/api/v1/admin/people/{key}/replacement", record_person_replacement,
                    "recordPersonReplacement",
                    "The doctor a locum stands for, and his first and last day.", "Replacement"),
      [] {
        Route kit =
            person_change("/api/v1/admin/people/{key}/kit", send_person_kit, "sendPersonKit",
                          "Sends a one-time code to the MSSanté address on file; it makes "
                          "the one before worthless.",
                          "");
        kit.response_schema = "";
        kit.success = 204;
        return kit;
      }(),
      person_change("/api/v1/admin/people/{key}/suspend", suspend_person, "suspendPerson",
                    "Suspends the membership; open cases go to others."),
      person_change("/api/v1/admin/people/{key}/leave", end_person, "endPerson",
                    "The person has left; open cases go to others."),
      person_change("/api/v1/admin/people/{key}/return", resume_person, "resumePerson",
                    "After a suspension: active again. Who had left: to be decided upon anew."),
      person_change("/api/v1/admin/people/{key}/memberships", change_person_memberships,
                    "changePersonMemberships", "The programmes and roles.", "MembershipsChange"),
      person_change("/api/v1/admin/people/{key}/contact", change_person_contact,
                    "changePersonContact", "Telephone numbers and place.", "ContactChange"),
      person_change("/api/v1/admin/people/{key}/terms", change_person_terms, "changePersonTerms",
                    "How an expert takes part.", "TermsChange"),
      person_change("/api/v1/admin/people/{key}/absence", announce_person_absence,
                    "announcePersonAbsence", "The person is absent.", "Absence"),
  };
}

std::vector<Route> record_routes() {
  return {
      reading("/api/v1/admin/groups", list_group_practices, "listGroupPractices",
              "Group practices of the user's programmes.", "GroupsAnswer"),
      reading("/api/v1/admin/groups/{key}", show_group_practice, "showGroupPractice",
              "One group practice.", "GroupAnswer"),
      change("PUT", "/api/v1/admin/groups/{key}", replace_group_practice, "replaceGroupPractice",
             "A group practice, new (version 0) or not.", "GroupAnswer", "GroupAnswer"),
      reading("/api/v1/admin/groups/{key}/history", show_group_history, "showGroupHistory",
              "Every version.", "RevisionsAnswer"),
      reading("/api/v1/admin/devices", list_lent_devices, "listLentDevices",
              "Devices of the user's programmes.", "DevicesAnswer"),
      reading("/api/v1/admin/devices/{key}", show_lent_device, "showLentDevice", "One device.",
              "DeviceAnswer"),
      change("PUT", "/api/v1/admin/devices/{key}", replace_lent_device, "replaceLentDevice",
             "A device, new (version 0) or not.", "DeviceAnswer", "DeviceAnswer"),
      change("POST", "/api/v1/admin/devices/{key}/lend", lend_device_to, "lendDevice",
             "Lent to a doctor of its programme from today.", "Loan", "DeviceAnswer"),
      change("POST", "/api/v1/admin/devices/{key}/return", take_device_back, "takeDeviceBack",
             "Back today.", "LoanEnd", "DeviceAnswer"),
      pairing_code(),
      reading("/api/v1/admin/devices/{key}/history", show_device_history, "showDeviceHistory",
              "Every version: who had it when.", "RevisionsAnswer"),
      reading("/api/v1/admin/programmes", list_all_programmes, "listAllProgrammes",
              "Definitions of the user's programmes.", "DefinitionsAnswer"),
      reading("/api/v1/admin/programmes/{key}", show_programme, "showProgramme",
              "One definition, newest version.", "DefinitionAnswer"),
      for_admins(change("PUT", "/api/v1/admin/programmes/{key}", replace_programme,
                        "replaceProgramme",
                        "The next version of a programme; open cases keep the promise of theirs.",
                        "Definition", "DefinitionAnswer")),
      reading("/api/v1/admin/programmes/{key}/history", show_programme_history,
              "showProgrammeHistory", "Every version.", "RevisionsAnswer"),
  };
}

}  // namespace

std::vector<Route> registry_routes() {
  std::vector<Route> all;
  for (const auto& part : {own_routes(), people_routes(), record_routes()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace telavis
