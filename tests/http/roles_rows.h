// SPDX-License-Identifier: Apache-2.0
// What every route answers to everyone (roles_walk_test.cpp).
#pragma once

#include <map>
#include <string_view>

#include "engine/http/route.h"

namespace telavis::roles_walk_test {

enum Who {
  anonymous,
  suspended,  // an expert with a session of yesterday
  requester,
  other_requester,
  delegate,           // of the requester; he may read what the requester left unopened
  expert,             // who is offered the case, or has answered it
  silent_expert,      // whose offer passed
  taken_back_expert,  // who accepted and was silent
  declined_expert,
  other_expert,  // of the same pool, never asked
  pool_expert,   // is asked openly, with the whole pool of another programme: about that case
  referent,      // who has not opened the case
  coordinator,
  treasurer,
  admin,
  foreign_referent,  // of another programme
  foreign_coordinator,
  kVisitors
};

/// What a route answers those who are logged in; the others get 401.
struct Row {
  int otherwise = 403;
  std::map<Who, int> by;
  bool answered = false;  // asked with an opinion there; the case does not change

  int status(Who who, const Route& route) const {
    const bool nobody = who == anonymous || who == suspended;
    if (nobody && route.audience == Audience::users) return 401;
    const auto found = by.find(who);
    return found == by.end() ? otherwise : found->second;
  }
};

using Statuses = std::map<Who, int>;

inline Statuses with(Statuses some, const Statuses& more) {
  some.insert(more.begin(), more.end());
  return some;
}

// No case of theirs, and a role that would let them ask.
inline const Statuses kOtherRequesters = {{other_requester, 404}, {delegate, 404}};
inline const Statuses kOtherExperts = {{declined_expert, 404}, {other_expert, 404}};
// Somebody whose opinion would still count, but who is not asked now.
inline const Statuses kFormerExperts = {{silent_expert, 409}, {taken_back_expert, 409}};

/// A command of the requester, while an expert is asked.
inline Row by_requester(int status) {
  return {403, with(kOtherRequesters, {{requester, status}}), false};
}
/// A command of the expert who holds or answered a case; here he is only asked.
inline Row by_holder() {
  return {403, with(with(kOtherExperts, kFormerExperts), {{expert, 409}}), false};
}

inline Row by_both(int status) {
  Row row = by_holder();
  row.by = with(row.by, with(kOtherRequesters, {{requester, status}}));
  return row;
}

/// A document of the case; the old case is answered, the delegate was asked to read.
inline Row document(int status) {
  return {403,
          {{requester, status},
           {delegate, status},
           {expert, status},
           {other_requester, 404},
           {silent_expert, 404},
           {taken_back_expert, 404},
           {declined_expert, 404},
           {other_expert, 404},
           {foreign_referent, 404}},
          true};
}

/// What an association keeps on file; the record asked for is a requester's, or the programme.
/// Here nobody gets past the form of a change; tests/http/registry_api_test.cpp goes on from there.
inline void add_registry_rows(std::map<std::string_view, Row>& rows) {
  const Row read{403, {{coordinator, 200}, {admin, 200}, {foreign_coordinator, 404}}, true};
  const Row list{403, {{coordinator, 200}, {admin, 200}, {foreign_coordinator, 200}}, true};
  const Row none{403, {{coordinator, 404}, {admin, 404}, {foreign_coordinator, 404}}, true};
  const Row change{403, {{coordinator, 422}, {admin, 422}, {foreign_coordinator, 422}}, true};
  for (const char* operation : {"listPeople", "listDueOrderChecks", "listGroupPractices",
                                "listLentDevices", "listAllProgrammes"}) {
    rows[operation] = list;
  }
  for (const char* operation :
       {"showPerson", "showPersonHistory", "showProgramme", "showProgrammeHistory"}) {
    rows[operation] = read;
  }
  for (const char* operation :
       {"showGroupPractice", "showGroupHistory", "showLentDevice", "showDeviceHistory"}) {
    rows[operation] = none;
  }
  for (const char* operation :
       {"checkPersonIdentity", "decideOnPerson", "recordPersonTraining", "recordPersonCharter",
        "recordPersonInsurance", "recordPersonOrderCheck", "recordPersonReplacement",
        "suspendPerson", "endPerson", "resumePerson", "changePersonMemberships",
        "changePersonContact", "changePersonTerms", "announcePersonAbsence", "replaceGroupPractice",
        "replaceLentDevice", "lendDevice", "takeDeviceBack"}) {
    rows[operation] = change;
  }
  for (const char* operation : {"replacePerson", "replaceProgramme"}) {
    rows[operation] = {403, {{admin, 422}}, true};
  }
  // The doctors of this stage have no charter on file.
  rows["sendPersonKit"] = {
      403, {{coordinator, 409}, {admin, 409}, {foreign_coordinator, 404}}, true};
  rows["showOwnRecord"] = {200, {}, true};
  const auto of_experts = [](int status) {
    return Row{403,
               {{expert, status},
                {silent_expert, status},
                {taken_back_expert, status},
                {declined_expert, status},
                {other_expert, status},
                {pool_expert, status}},
               true};
  };
  rows["showOwnTexts"] = of_experts(200);
  rows["listOwnSlots"] = of_experts(200);
  for (const char* operation : {"replaceOwnTexts", "addOwnSlot"}) rows[operation] = of_experts(422);
  rows["removeOwnSlot"] = of_experts(404);
  // There is an opinion already: whoever read the case once is refused what he sends.
  rows["previewReport"] = of_experts(404);
  rows["previewReport"].by[expert] = 409;
  rows["previewReport"].by[pool_expert] = 403;
  rows["listBriefs"] = {403,
                        with(of_experts(200).by, {{requester, 200},
                                                  {other_requester, 200},
                                                  {delegate, 200},
                                                  {referent, 200},
                                                  {foreign_referent, 200}}),
                        true};
  rows["showNotebook"] = {403, {{requester, 200}, {other_requester, 200}, {delegate, 200}}, true};
  rows["showOwnYear"] = of_experts(422);  // of no year
  rows["showOwnYear"].by =
      with(rows["showOwnYear"].by, {{requester, 422}, {other_requester, 422}, {delegate, 422}});
  rows["listOwnDevices"] = {200, {}, true};
  for (const char* operation : {"requestEnrolment", "activateAccount", "changeOwnContact",
                                "changeOwnTerms", "announceOwnAbsence"}) {
    rows[operation] = {422, {}, true};
  }
  rows["showDirectory"] = {403, {}, true};  // of no programme
  rows["makePairingCode"] = none;
  rows["redeemPairingCode"] = {422, {}, true};
  // Nobody's session opens these: tests/http/device_api_test.cpp. Here there is no reception at
  // all.
  for (const char* operation :
       {"takeExam", "beginUpload", "showUpload", "continueUpload", "endUpload"}) {
    rows[operation] = {503, {}, true};
  }
  rows["showUploadOptions"] = {204, {}, true};
  rows["showOwnUploadOptions"] = {204, {}, true};
  for (const char* operation :
       {"beginOwnUpload", "showOwnUpload", "continueOwnUpload", "endOwnUpload"}) {
    rows[operation] = {403, {{requester, 503}, {other_requester, 503}, {delegate, 503}}, true};
  }
}

/// Of a study that nobody has: tests/http/dicomweb_api_test.cpp walks those that are there.
inline void add_dicomweb_rows(std::map<std::string_view, Row>& rows) {
  const Statuses nobody = {
      {coordinator, 403}, {treasurer, 403}, {admin, 403}, {foreign_coordinator, 403}};
  const Statuses with_content = {{requester, 200}, {delegate, 200}, {expert, 200}};
  for (const char* operation : {"searchStudies", "searchAllSeries", "searchAllInstances"})
    rows[operation] = {204, with(nobody, with_content), true};
  for (const char* operation :
       {"searchSeries", "searchInstancesOfStudy", "searchInstances", "retrieveStudy",
        "retrieveSeries", "retrieveInstance", "retrieveStudyMetadata", "retrieveSeriesMetadata",
        "retrieveInstanceMetadata", "retrieveRendered", "retrieveFrame", "retrieveBulkData"})
    rows[operation] = {404, nobody, true};
  for (const char* operation : {"storeInstances", "storeInstancesOfStudy"})
    rows[operation] = {503, {}, true};  // as the other doors of devices
}

inline std::map<std::string_view, Row> expected_rows() {
  std::map<std::string_view, Row> rows = {
      {"logIn", {422, {}, true}},
      {"logOut", {204, {}}},
      {"showMe", {200, {}, true}},
      {"watchChanges", {200, {}, true}},
      {"listProgrammes", {200, {}, true}},
      {"downloadNotice", {200, {}, true}},
      {"submitCase", {403, {{requester, 201}, {other_requester, 201}, {delegate, 201}}}},
      {"listCases", {200, {{admin, 403}}, true}},
      {"showCase",
       {404,
        {{requester, 200},
         {delegate, 200},
         {expert, 200},
         {pool_expert, 200},
         {referent, 200},
         {coordinator, 200},
         {treasurer, 200},
         {admin, 403}},
        true}},
      {"showRouting",
       {403,
        {{coordinator, 200}, {referent, 200}, {foreign_referent, 404}, {foreign_coordinator, 404}},
        true}},
      {"openCase", {403, {{referent, 200}, {foreign_referent, 404}}}},
      {"listActs", {200, {{referent, 403}, {admin, 403}, {foreign_referent, 403}}, true}},
      {"exportBilling", {403, {{treasurer, 200}}, true}},
      {"showExam", document(200)},
      {"showExamImage", document(200)},
      {"showExamDocument", document(200)},
      {"downloadOriginal", document(200)},
      {"downloadReport", document(200)},
      {"downloadLetter", document(409)},  // no red flag
  };
  for (const char* open :
       {"showOpenapi", "showHealth", "showReadiness", "showMetrics", "showEngine"}) {
    rows[open] = {200, {}, true};
  }
  for (const char* fine : {"infoCase", "cancelCase"}) rows[fine] = by_requester(200);
  for (const char* not_now :
       {"completeCase", "resumeCase", "waitCase", "transferCase", "acknowledgeCase", "followUpCase",
        "closeOutCase", "outcomeCase", "patientInformedCase"}) {
    rows[not_now] = by_requester(409);
  }
  for (const char* not_now : {"callCase", "appointmentCase"}) rows[not_now] = by_both(409);
  for (const char* not_now : {"giveBackCase", "needInfoCase", "draftCase", "takeOpinionBackCase",
                              "correctCase", "followUpAnswerCase"}) {
    rows[not_now] = by_holder();
  }
  rows["acceptCase"] = {
      403, with(with(kOtherExperts, kFormerExperts), {{expert, 200}, {pool_expert, 200}})};
  rows["declineCase"] = {403, with(kOtherExperts, {{expert, 200}, {pool_expert, 200}})};
  // The first valid opinion is the answer, whoever was asked once.
  rows["opinionCase"] = {
      403, with(kOtherExperts, {{expert, 200}, {silent_expert, 200}, {taken_back_expert, 200}})};
  rows["reassignCase"] = {403, with(with(kOtherExperts, kOtherRequesters),
                                    {{coordinator, 200},
                                     {foreign_coordinator, 404},
                                     // He may know of his case; the named one is of another pool.
                                     {pool_expert, 422}})};
  // The case is asked about: it has not ended, so there is nothing to erase or to restrict.
  const Statuses elsewhere = {{foreign_referent, 404}, {foreign_coordinator, 404}};
  for (const char* not_now : {"requestErasureCase", "approveErasureCase", "withdrawErasureCase",
                              "releaseHoldCase", "restrictCase", "liftRestrictionCase"}) {
    rows[not_now] = {403, with(elsewhere, {{referent, 409}, {coordinator, 409}})};
  }
  rows["holdCase"] = {403, with(elsewhere, {{referent, 200}, {coordinator, 200}})};
  rows["showStaffReasons"] = {403, with(elsewhere, {{referent, 200}, {coordinator, 200}}), true};
  // There is no such exam, and nobody hears that of another's (tests/http/tray_api_test.cpp).
  rows["listTray"] = {403, {{requester, 200}, {other_requester, 200}, {delegate, 200}}, true};
  for (const char* operation : {"showTrayExam", "showTrayExamImage", "showTrayExamDocument",
                                "downloadTrayExam", "discardTrayExam"}) {
    rows[operation] = {403, {{requester, 404}, {other_requester, 404}, {delegate, 404}}, true};
  }
  // Of one's own; nobody here has a second factor yet, and nobody has such a session.
  rows["proposeSecondFactor"] = {200, {}, true};
  rows["listSessions"] = {200, {}, true};
  rows["endSession"] = {404, {}, true};
  rows["endOtherSessions"] = {204, {}, true};
  for (const char* operation : {"giveSecondFactor", "unlockSession", "confirmSecondFactor",
                                "askForAccessCode", "recoverPassword", "recoverSecondFactor"}) {
    rows[operation] = {422, {}, true};
  }
  const Statuses staff = {
      {coordinator, 200}, {treasurer, 200}, {admin, 200}, {foreign_coordinator, 200}};
  for (const char* operation : {"showFigures", "exportFigures"})
    rows[operation] = {403, staff, true};
  rows["listExpertLoads"] = {403, {{coordinator, 200}, {foreign_coordinator, 200}}, true};
  rows["previewProgramme"] = {
      403, {{coordinator, 422}, {admin, 422}, {foreign_coordinator, 422}}, true};
  rows["listUnreadableExams"] = {403, {{referent, 200}, {foreign_referent, 200}}, true};
  rows["downloadUnreadableExam"] = {403, {{referent, 404}, {foreign_referent, 404}}, true};
  // There is no such mail: whoever is no medical referent does not even learn that.
  const Statuses nothing_there = {{referent, 404}, {foreign_referent, 404}};
  rows["listKeptMails"] = {403, {{referent, 200}, {foreign_referent, 200}}, true};
  for (const char* operation : {"openKeptMail", "downloadKeptMail", "fileKeptMail"}) {
    rows[operation] = {403, nothing_there, true};
  }
  add_registry_rows(rows);
  add_dicomweb_rows(rows);
  return rows;
}

inline const std::map<std::string_view, Row>& expected() {
  static const std::map<std::string_view, Row> rows = expected_rows();
  return rows;
}

}  // namespace telavis::roles_walk_test
