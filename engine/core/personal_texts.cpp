// SPDX-License-Identifier: Apache-2.0
#include "engine/core/personal_texts.h"

#include <array>
#include <boost/json.hpp>

#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr auto kTemplateFields = std::to_array<std::string_view>(
    {"conclusion", "conduct", "pedagogy", "prescriptions", "to_redo", "data_sufficient",
     "orientation", "suspicion", "confidence", "media_quality", "in_person.needed",
     "in_person.delay_days", "in_person.with"});

template <typename Text>
void check_count(JsonReader& reader, std::string_view name, const std::vector<Text>& texts,
                 std::size_t most) {
  if (texts.size() <= most) return;
  reader.wrong(name, "holds more than the " + std::to_string(most) + " that are kept");
}

OpinionTemplate read_template(JsonReader& item) {
  OpinionTemplate made{
      item.text("title", kMaxName), item.optional_text("speciality", kMaxCode), {}};
  auto fields = item.object("fields", true);
  if (!fields) return made;
  for (const std::string_view name : kTemplateFields) {
    std::string text = fields->optional_text(name, kMaxPersonalTextBytes);
    if (!text.empty()) made.fields.emplace(name, std::move(text));
  }
  static_cast<void>(fields->finish());  // what is wrong stays noted in the reader above
  return made;
}

}  // namespace

PersonalTexts read_personal_texts(JsonReader& reader) {
  PersonalTexts texts;
  for (JsonReader& item : reader.objects("templates")) {
    texts.templates.push_back(read_template(item));
    static_cast<void>(item.finish());
  }
  for (JsonReader& item : reader.objects("phrases")) {
    texts.phrases.push_back({item.text("title", kMaxName),
                             item.optional_text("speciality", kMaxCode),
                             item.text("text", kMaxPersonalTextBytes)});
    static_cast<void>(item.finish());
  }
  check_count(reader, "templates", texts.templates, kMaxTemplates);
  check_count(reader, "phrases", texts.phrases, kMaxPhrases);
  return texts;
}

std::string personal_texts_json(const PersonalTexts& texts) {
  json::array templates;
  for (const OpinionTemplate& one : texts.templates) {
    json::object fields;
    for (const auto& [name, text] : one.fields) fields[name] = text;
    templates.push_back(json::object{
        {"title", one.title}, {"speciality", one.speciality}, {"fields", std::move(fields)}});
  }
  json::array phrases;
  for (const Phrase& one : texts.phrases) {
    phrases.push_back(
        json::object{{"title", one.title}, {"speciality", one.speciality}, {"text", one.text}});
  }
  return json::serialize(
      json::object{{"templates", std::move(templates)}, {"phrases", std::move(phrases)}});
}

}  // namespace telavis
