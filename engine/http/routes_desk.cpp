// SPDX-License-Identifier: Apache-2.0
// The routes of what a doctor has of his own.
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::size_t kTextsJson = 1024 * 1024;  // as many texts as are kept, of a usual length

constexpr std::size_t kLongOpinion = 8 * kMaxTextBytes;  // as of the command

const std::vector<Role> kExperts = {Role::expert};

std::vector<Route> text_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/me/texts",
       .roles = kExperts,
       .handler = show_own_texts,
       .operation = "showOwnTexts",
       .summary = "The user's templates and phrases for opinions. Nobody else reads them; no "
                  "patient's data belongs in them.",
       .response_schema = "OwnTexts"},
      {.method = "PUT",
       .path = "/api/v1/me/texts",
       .roles = kExperts,
       .max_body_bytes = kTextsJson,
       .handler = replace_own_texts,
       .operation = "replaceOwnTexts",
       .summary = "All of them in place of the version that is named: up to 100 templates and 300 "
                  "phrases.",
       .request_schema = "OwnTexts",
       .response_schema = "OwnTexts"},
  };
}

std::vector<Route> slot_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/me/slots",
       .roles = kExperts,
       .handler = list_own_slots,
       .operation = "listOwnSlots",
       .summary = "The appointments to come that the user may offer inside an opinion, in order.",
       .response_schema = "SlotsAnswer"},
      {.method = "POST",
       .path = "/api/v1/me/slots",
       .roles = kExperts,
       .max_body_bytes = kSmallJson,
       .handler = add_own_slot,
       .operation = "addOwnSlot",
       .summary = "One more; one at a time.",
       .request_schema = "NewSlot",
       .response_schema = "SlotAnswer",
       .success = 201},
      {.method = "DELETE",
       .path = "/api/v1/me/slots/{slot}",
       .roles = kExperts,
       .handler = remove_own_slot,
       .operation = "removeOwnSlot",
       .summary = "It is not offered any more; one that an opinion offers stays.",
       .success = 204},
  };
}

std::vector<Route> year_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/me/year",
       .roles = {Role::requester, Role::expert},
       .handler = show_own_year,
       .operation = "showOwnYear",
       .summary = "How many questions of the user were answered, and how many opinions he gave, in "
                  "a civil year: those with an act.",
       .response_schema = "OwnYear",
       .query = {"year"}},
  };
}

std::vector<Route> reading_routes() {
  return {
      {.method = "GET",
       .path = "/api/v1/briefs",
       .roles = {Role::requester, Role::expert, Role::medical_referent},
       .reading_acts = true,
       .handler = list_briefs,
       .operation = "listBriefs",
       .summary = "What a list shows of the patients of cases that have not ended and that the "
                  "user may read: reason, sex and age; the age band of a pool that is asked "
                  "openly. The reading is written down in each case, once a session.",
       .response_schema = "BriefsAnswer"},
      {.method = "GET",
       .path = "/api/v1/me/notebook",
       .roles = {Role::requester},
       .reading_acts = true,
       .handler = show_notebook,
       .operation = "showNotebook",
       .summary = "The user's own readings beside the opinions, newest first, at most 200; the "
                  "reading is written down in each case, once a session.",
       .response_schema = "NotebookAnswer"},
      {.method = "POST",
       .path = "/api/v1/cases/{id}/preview",
       .roles = kExperts,
       .max_body_bytes = kLongOpinion,
       .handler = preview_report,
       .operation = "previewReport",
       .summary = "The report as it would be if the user signed this opinion now. Nothing is kept; "
                  "the reading is written down.",
       .request_schema = "OpinionText",
       .response_type = "application/pdf"},
  };
}

}  // namespace

std::vector<Route> desk_routes() {
  std::vector<Route> all = text_routes();
  for (const auto& part : {slot_routes(), year_routes(), reading_routes()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace telavis
