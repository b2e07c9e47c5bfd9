// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

namespace telavis {
namespace {

constexpr std::string_view kDeskSchemas = R"json({
"OpinionTemplate": {"type": "object", "additionalProperties": false, "required": ["title", "fields"], "properties": {
  "title": {"type": "string", "maxLength": 200}, "speciality": {"type": "string", "description": "Of a programme; empty: any."},
  "fields": {"type": "object", "description": "Texts and codes by the answer form's names: conclusion, conduct, pedagogy, prescriptions, to_redo, data_sufficient, orientation, suspicion, confidence, media_quality, in_person.needed, in_person.delay_days, in_person.with.", "additionalProperties": {"type": "string", "maxLength": 4000}}}},
"Phrase": {"type": "object", "additionalProperties": false, "required": ["title", "text"], "properties": {
  "title": {"type": "string", "maxLength": 200}, "speciality": {"type": "string"}, "text": {"type": "string", "maxLength": 4000}}},
"OwnTexts": {"type": "object", "additionalProperties": false, "required": ["version", "templates", "phrases"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"},
  "templates": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/OpinionTemplate"}},
  "phrases": {"type": "array", "maxItems": 300, "items": {"$ref": "#/components/schemas/Phrase"}}}},
"NewSlot": {"type": "object", "additionalProperties": false, "required": ["starts_at", "place", "booking"], "properties": {
  "starts_at": {"$ref": "#/components/schemas/Instant"}, "place": {"type": "string", "maxLength": 500},
  "booking": {"type": "string", "maxLength": 500, "description": "How to book it."}}},
"Slot": {"type": "object", "additionalProperties": false, "required": ["id", "starts_at", "place", "booking", "offered"], "properties": {
  "id": {"type": "string"}, "starts_at": {"$ref": "#/components/schemas/Instant"}, "place": {"type": "string"}, "booking": {"type": "string"},
  "offered": {"type": "boolean", "description": "In an opinion: it is offered in no other."}}},
"SlotAnswer": {"type": "object", "additionalProperties": false, "required": ["slot"], "properties": {"slot": {"$ref": "#/components/schemas/Slot"}}},
"SlotsAnswer": {"type": "object", "additionalProperties": false, "required": ["slots"], "properties": {
  "slots": {"type": "array", "items": {"$ref": "#/components/schemas/Slot"}}}},
"OfferedSlot": {"type": "object", "additionalProperties": false, "required": ["id"], "description": "As it was when the opinion was signed; who signs names the id alone.", "properties": {
  "id": {"type": "string"}, "starts_at": {"$ref": "#/components/schemas/Instant"}, "place": {"type": "string"}, "booking": {"type": "string"}}},
"BriefsAnswer": {"type": "object", "additionalProperties": false, "required": ["briefs"], "properties": {
  "briefs": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["id", "reason", "reason_words", "sex", "age", "age_band"], "properties": {
    "id": {"type": "string"}, "reason": {"type": "string"}, "reason_words": {"type": "string"}, "sex": {"type": "string"},
    "age": {"type": ["integer", "null"], "description": "Years when it was asked."},
    "age_band": {"type": ["string", "null"], "description": "In place of the age, before somebody of the pool accepts."}}}}}},
"NotebookAnswer": {"type": "object", "additionalProperties": false, "required": ["notebook"], "properties": {
  "notebook": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["id", "number", "answered_at", "reason_words", "own_reading", "conclusion", "agreement", "outcome"], "properties": {
    "id": {"type": "string"}, "number": {"type": "string"}, "answered_at": {"$ref": "#/components/schemas/Instant"}, "reason_words": {"type": "string"},
    "own_reading": {"type": "string"}, "conclusion": {"type": "string"},
    "agreement": {"type": "string", "enum": ["", "full", "partial", "none", "not_given"]},
    "outcome": {"oneOf": [{"$ref": "#/components/schemas/Outcome"}, {"type": "null"}]}}}}}},
"OwnYear": {"type": "object", "additionalProperties": false, "required": ["year", "asked", "answered"], "properties": {
  "year": {"type": "integer"}, "asked": {"type": "integer"}, "answered": {"type": "integer"}}}
})json";

}  // namespace

std::string_view openapi_desk_schemas() {
  return kDeskSchemas;
}

}  // namespace telavis
