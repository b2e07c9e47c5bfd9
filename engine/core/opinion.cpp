// SPDX-License-Identifier: Apache-2.0
#include "engine/core/opinion.h"

#include <boost/json.hpp>

#include "engine/core/crypto.h"
#include "engine/core/json_reader.h"
#include "engine/core/request.h"
#include "engine/core/text_bounds.h"

namespace telavis {

namespace {

std::string optional_choice(JsonReader& reader, std::string_view name,
                            const std::vector<std::string_view>& allowed) {
  return reader.optional_text(name, kMaxCode).empty() ? std::string()
                                                      : reader.choice(name, allowed);
}

InPerson read_in_person(JsonReader& reader) {
  InPerson in_person;
  in_person.needed = reader.boolean("needed", true);
  in_person.with = optional_choice(reader, "with", {"requis", "other"});
  if (reader.has("delay_days")) {
    in_person.delay_days = static_cast<int>(reader.number("delay_days", 0, kMaxInPersonDays));
  }
  return in_person;
}

std::vector<OfferedSlot> read_slots(JsonReader& reader) {
  std::vector<OfferedSlot> slots;
  if (!reader.has("slots")) return slots;
  for (JsonReader& item : reader.objects("slots")) {
    OfferedSlot slot{item.text("id", kMaxCode), {}, "", ""};
    const std::string starts_at = item.optional_text("starts_at", kMaxCode);
    if (!starts_at.empty()) {
      const auto instant = parse_instant(starts_at);
      if (!instant) item.wrong("starts_at", "must be an instant such as 2026-01-06T12:00:00Z");
      slot.starts_at = instant.value_or(Instant());
    }
    slot.place = item.optional_text("place", kMaxSlotText);
    slot.booking = item.optional_text("booking", kMaxSlotText);
    static_cast<void>(item.finish());  // what is wrong stays noted in `reader`
    slots.push_back(std::move(slot));
  }
  if (slots.size() > kMaxOfferedSlots) reader.wrong("slots", "offers more than 10 appointments");
  return slots;
}

bool says_nothing(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The rules between the members.
void check(JsonReader& reader, const OpinionText& opinion) {
  if (says_nothing(opinion.conclusion) && opinion.data_sufficient) {
    reader.refuse({ErrorCode::missing_field,
                   "'conclusion' is missing: write one, or say that the data are insufficient "
                   "('data_sufficient': false)."});
  }
  if (!opinion.data_sufficient && says_nothing(opinion.to_redo)) {
    reader.refuse({ErrorCode::missing_field,
                   "'to_redo' is missing: the data are insufficient, say what has to be recorded "
                   "or photographed again, and how."});
  }
  const bool to_be_seen = opinion.orientation == "in_person";
  if (to_be_seen && !opinion.in_person.needed) {
    reader.refuse({ErrorCode::missing_field,
                   "'in_person' is missing: the patient is to be seen, say within how many days "
                   "('in_person': {'needed': true, 'delay_days': 14})."});
  }
  if (opinion.in_person.needed && !opinion.in_person.delay_days) {
    reader.refuse({ErrorCode::missing_field,
                   "'in_person.delay_days' is missing: say within how many days the patient is to "
                   "be seen."});
  }
  if (!opinion.slots.empty() && !opinion.in_person.needed) {
    reader.wrong("slots", "are offered to a patient who is to be seen: say so in 'in_person'");
  }
}

}  // namespace

Result<OpinionText> parse_opinion(std::string_view json) {
  JsonReader reader(json);
  OpinionText opinion;
  opinion.conclusion = reader.optional_text("conclusion", kMaxTextBytes);
  opinion.conduct = reader.optional_text("conduct", kMaxTextBytes);
  opinion.own_words = reader.optional_text("own_words", kMaxTextBytes);
  const std::vector<std::string_view> orientations = {"gp_management", "in_person", "emergency_15",
                                                      "other_specialty", "repeat_recording"};
  opinion.orientation = opinion.own_words.empty()
                            ? reader.choice("orientation", orientations)
                            : optional_choice(reader, "orientation", orientations);
  opinion.data_sufficient = reader.boolean("data_sufficient", true);
  opinion.pedagogy = reader.optional_text("pedagogy", kMaxTextBytes);
  opinion.media_quality = optional_choice(reader, "media_quality", {"good", "usable", "unusable"});
  opinion.to_redo = reader.optional_text("to_redo", kMaxTextBytes);
  opinion.suspicion = optional_choice(reader, "suspicion",
                                      {"none", "benign", "premalignant", "malignant_suspected"});
  opinion.tracing = optional_choice(reader, "tracing", {"normal", "doubtful", "abnormal"});
  opinion.confidence = optional_choice(reader, "confidence", {"high", "medium", "low"});
  if (auto in_person = reader.object("in_person", false)) {
    opinion.in_person = read_in_person(*in_person);
    if (const auto read = in_person->finish(); !read) return tl::unexpected(read.error());
  }
  opinion.slots = read_slots(reader);
  opinion.agreement_with_own_reading = optional_choice(reader, "agreement_with_own_reading",
                                                       {"full", "partial", "none", "not_given"});
  opinion.prescriptions = reader.optional_text("prescriptions", kMaxTextBytes);
  opinion.technical_incidents = reader.optional_text("technical_incidents", kMaxTextBytes);
  check(reader, opinion);
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return opinion;
}

std::string opinion_json(const OpinionText& opinion) {
  namespace json = boost::json;
  json::object in_person{{"needed", opinion.in_person.needed}, {"with", opinion.in_person.with}};
  if (opinion.in_person.delay_days) in_person["delay_days"] = *opinion.in_person.delay_days;
  json::object members{{"conclusion", opinion.conclusion},
                       {"conduct", opinion.conduct},
                       {"orientation", opinion.orientation},
                       {"data_sufficient", opinion.data_sufficient},
                       {"pedagogy", opinion.pedagogy},
                       {"media_quality", opinion.media_quality},
                       {"to_redo", opinion.to_redo},
                       {"suspicion", opinion.suspicion},
                       {"confidence", opinion.confidence},
                       {"in_person", std::move(in_person)},
                       {"agreement_with_own_reading", opinion.agreement_with_own_reading},
                       {"prescriptions", opinion.prescriptions},
                       {"technical_incidents", opinion.technical_incidents}};
  // Only where there are some: opinions of before keep their hash.
  if (!opinion.slots.empty()) {
    json::array slots;
    for (const OfferedSlot& slot : opinion.slots) {
      slots.push_back(json::object{{"id", slot.id},
                                   {"starts_at", format_utc(slot.starts_at)},
                                   {"place", slot.place},
                                   {"booking", slot.booking}});
    }
    members["slots"] = std::move(slots);
  }
  if (!opinion.own_words.empty()) members["own_words"] = opinion.own_words;
  if (!opinion.tracing.empty()) members["tracing"] = opinion.tracing;
  return json::serialize(members);
}

OpinionMarks marks_of(const OpinionText& opinion) {
  return {
      .urgent = opinion.orientation == "emergency_15",
      .needs_appointment = opinion.in_person.needed || opinion.suspicion == "malignant_suspected",
      .codes = OpinionCodes{.orientation = opinion.orientation,
                            .suspicion = opinion.suspicion,
                            .tracing = opinion.tracing,
                            .media_quality = opinion.media_quality,
                            .agreement = opinion.agreement_with_own_reading,
                            .in_person = opinion.in_person.needed,
                            .data_sufficient = opinion.data_sufficient}};
}

std::string opinion_hash(const CaseId& case_id, const UserId& expert, Instant signed_at,
                         std::string_view canonical_json) {
  namespace json = boost::json;
  // An array of strings: no two different inputs serialise alike.
  return hash_hex(json::serialize(json::array{
      case_id.value, expert.value, std::to_string(to_epoch_ms(signed_at)), canonical_json}));
}

}  // namespace telavis
