// SPDX-License-Identifier: Apache-2.0
// What a doctor has of his own: texts to write opinions with, appointments to offer, his year.
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/request_words.h"
#include "engine/http/admin_body.h"
#include "engine/http/route.h"
#include "engine/http/target.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr int kFirstYear = 2000, kLastYear = 2999;  // a slip of the keyboard, otherwise

Result<HttpResponse> texts_answer(const Result<OwnTexts>& own) {
  if (!own) return tl::unexpected(own.error());
  json::object view = json::parse(personal_texts_json(own->texts)).as_object();
  view["version"] = own->version;
  return json_response(json::serialize(view));
}

json::object slot_view(const Slot& slot) {
  return {{"id", slot.id},
          {"starts_at", format_utc(slot.starts_at)},
          {"place", slot.place},
          {"booking", slot.booking},
          {"offered", !slot.offered_in.empty()}};
}

Result<int> year_of(std::string_view query) {
  const std::string text = query_value(query, "year").value_or("");
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  if (error != std::errc() || end != text.data() + text.size() || year < kFirstYear ||
      year > kLastYear) {
    return fail(ErrorCode::invalid_field, "year must be a year such as 2026.");
  }
  return year;
}

json::object brief_view(const CaseId& id, const CaseBrief& brief, Language language) {
  return {{"id", id.value},
          {"reason", brief.reason},
          {"reason_words", coded(language, "reason", brief.reason)},
          {"sex", brief.sex},
          {"age", brief.age ? json::value(*brief.age) : json::value(nullptr)},
          {"age_band", brief.coded ? json::value(brief.age_band) : json::value(nullptr)}};
}

/// His own words, and the items of the form about them.
std::string own_reading(const CaseRequest& request, Language language) {
  std::string words = request.own_reading;
  for (const ClinicalItem& item : request.clinical) {
    if (!item.name.starts_with("own_reading.")) continue;
    words += (words.empty() ? "" : "\n") + value_in_words(item, language);
  }
  return words;
}

json::object notebook_view(const NotebookEntry& entry, Language language) {
  return {{"id", entry.id.value},
          {"number", entry.number},
          {"answered_at", format_utc(entry.answered_at)},
          {"reason_words", coded(language, "reason", entry.request.reason)},
          {"own_reading", own_reading(entry.request, language)},
          {"conclusion", entry.conclusion},
          {"agreement", entry.agreement},
          {"outcome", entry.outcome.empty() ? json::value(nullptr) : json::parse(entry.outcome)}};
}

/// What names a session in the memory of what it has shown.
std::string session_of(const Call& call) {
  return hash_hex(call.session);
}

}  // namespace

Result<HttpResponse> list_briefs(Call& call) {
  const auto cases = call.service.list(call.actor);
  if (!cases) return tl::unexpected(cases.error());
  const auto briefs = call.service.briefs(call.actor, session_of(call), *cases);
  if (!briefs) return tl::unexpected(briefs.error());
  json::array listed;
  for (const auto& [id, brief] : *briefs) listed.push_back(brief_view(id, brief, call.language));
  return json_response(json::serialize(json::object{{"briefs", std::move(listed)}}));
}

Result<HttpResponse> show_notebook(Call& call) {
  const auto entries = call.service.notebook(call.actor, session_of(call));
  if (!entries) return tl::unexpected(entries.error());
  json::array listed;
  for (const NotebookEntry& entry : *entries) {
    listed.push_back(notebook_view(entry, call.language));
  }
  return json_response(json::serialize(json::object{{"notebook", std::move(listed)}}));
}

Result<HttpResponse> preview_report(Call& call) {
  auto pdf = call.service.preview(call.actor, call.case_id, as_text(call.request.body));
  if (!pdf) return tl::unexpected(pdf.error());
  return file_response(std::move(*pdf), "application/pdf", "inline");
}

Result<HttpResponse> show_own_texts(Call& call) {
  return texts_answer(call.service.desk().texts(call.actor));
}

Result<HttpResponse> replace_own_texts(Call& call) {
  AdminBody body(call);
  OwnTexts texts{body.version().value_or(0), read_personal_texts(body.json)};
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return texts_answer(call.service.desk().put_texts(call.actor, texts));
}

Result<HttpResponse> list_own_slots(Call& call) {
  const auto slots = call.service.desk().slots(call.actor);
  if (!slots) return tl::unexpected(slots.error());
  json::array listed;
  for (const Slot& slot : *slots) listed.push_back(slot_view(slot));
  return json_response(json::serialize(json::object{{"slots", std::move(listed)}}));
}

Result<HttpResponse> add_own_slot(Call& call) {
  JsonReader body(as_text(call.request.body));
  Slot slot;
  const auto starts_at = parse_instant(body.text("starts_at", kMaxCode));
  slot.place = body.text("place", kMaxSlotText);
  slot.booking = body.text("booking", kMaxSlotText);
  if (!starts_at) body.wrong("starts_at", "must be an instant such as 2026-01-06T12:00:00Z");
  if (auto read = body.finish(); !read) return tl::unexpected(read.error());
  slot.starts_at = *starts_at;
  const auto added = call.service.desk().add_slot(call.actor, std::move(slot));
  if (!added) return tl::unexpected(added.error());
  return json_response(json::serialize(json::object{{"slot", slot_view(*added)}}), 201);
}

Result<HttpResponse> remove_own_slot(Call& call) {
  if (auto gone = call.service.desk().erase_slot(call.actor, call.record); !gone)
    return tl::unexpected(gone.error());
  HttpResponse response;
  response.status = 204;
  return response;
}

Result<HttpResponse> show_own_year(Call& call) {
  const auto year = year_of(call.request.query);
  if (!year) return tl::unexpected(year.error());
  const auto count = call.service.desk().year(call.actor, *year);
  if (!count) return tl::unexpected(count.error());
  return json_response(json::serialize(
      json::object{{"year", *year}, {"asked", count->asked}, {"answered", count->answered}}));
}

}  // namespace telavis
