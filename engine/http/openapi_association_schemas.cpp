// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

namespace telavis {
namespace {

constexpr std::string_view kAssociationSchemas = R"json({
"Figure": {"type": "object", "additionalProperties": false, "required": ["id", "kind", "count", "of", "percent", "median", "p90", "masked"], "properties": {
  "id": {"type": "string", "description": "docs/figures.md defines it."},
  "kind": {"type": "string", "enum": ["count", "share", "hours", "per_month"]},
  "count": {"type": ["integer", "null"], "description": "How many; of a share those that; of hours and per_month the values. Null: masked."},
  "of": {"type": ["integer", "null"], "description": "Of a share: its denominator."},
  "percent": {"type": ["number", "null"], "description": "One decimal; null of nothing."},
  "median": {"type": ["number", "null"]}, "p90": {"type": ["number", "null"]}, "masked": {"type": "boolean"}}},
"Distribution": {"type": "object", "additionalProperties": false, "required": ["id", "words", "of", "entries"], "properties": {
  "id": {"type": "string"}, "words": {"type": "string", "description": "Family of the codes' words in the catalogue."}, "of": {"type": ["integer", "null"]},
  "entries": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["code", "count", "masked"], "properties": {
    "code": {"type": "string"}, "count": {"type": ["integer", "null"]}, "masked": {"type": "boolean"}}}}}},
"FigureGroup": {"type": "object", "additionalProperties": false, "required": ["key", "label", "figures"], "properties": {
  "key": {"type": "string"}, "label": {"type": "string"}, "figures": {"type": "array", "items": {"$ref": "#/components/schemas/Figure"}}}},
"FiguresAnswer": {"type": "object", "additionalProperties": false, "required": ["from", "to", "outside", "programme_names", "figures", "distributions", "months", "territories", "programmes"], "properties": {
  "from": {"type": "string", "format": "date"}, "to": {"type": "string", "format": "date"}, "outside": {"type": "boolean"},
  "programme_names": {"type": "array", "items": {"type": "string"}},
  "figures": {"type": "array", "items": {"$ref": "#/components/schemas/Figure"}},
  "distributions": {"type": "array", "items": {"$ref": "#/components/schemas/Distribution"}},
  "months": {"type": "array", "items": {"$ref": "#/components/schemas/FigureGroup"}},
  "territories": {"type": "array", "items": {"$ref": "#/components/schemas/FigureGroup"}},
  "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/FigureGroup"}}}},
"ExpertLoad": {"type": "object", "additionalProperties": false, "required": ["id", "programme", "name", "status", "available", "place", "territory", "office_phone", "mobile_phone", "mail_address", "next_open_at", "open_cases", "max_open_cases", "recent_offers"], "properties": {
  "id": {"type": "string"}, "programme": {"type": "string"}, "name": {"type": "string"}, "status": {"type": "string"}, "available": {"type": "boolean"},
  "place": {"type": "string"}, "territory": {"type": "string"}, "office_phone": {"type": "string"}, "mobile_phone": {"type": "string"}, "mail_address": {"type": "string"},
  "next_open_at": {"type": ["string", "null"], "description": "Now while his hours run; null: takes no cases."},
  "open_cases": {"type": "integer", "description": "Offered to him by name, or held."}, "max_open_cases": {"type": "integer", "description": "0: no limit."},
  "recent_offers": {"type": "integer", "description": "By name, in 30 days."}}},
"ExpertLoadsAnswer": {"type": "object", "additionalProperties": false, "required": ["experts"], "properties": {
  "experts": {"type": "array", "items": {"$ref": "#/components/schemas/ExpertLoad"}}}},
"ProgrammePreviewQuestion": {"type": "object", "additionalProperties": false, "required": ["programme", "reason", "exam_kind"], "properties": {
  "programme": {"$ref": "#/components/schemas/Definition"}, "reason": {"type": "string"}, "exam_kind": {"type": "string", "enum": ["ecg", "photo", "document"]},
  "territory": {"type": "string", "description": "Of the requester; département code."}}},
"PreviewedExpert": {"type": "object", "additionalProperties": false, "required": ["expert", "excluded_because", "invite_at", "expires_at"], "properties": {
  "expert": {"type": "string"}, "excluded_because": {"type": "string", "description": "Empty: eligible."},
  "invite_at": {"type": ["string", "null"], "description": "Of those who would be asked first."}, "expires_at": {"type": ["string", "null"]}}},
"ProgrammePreview": {"type": "object", "additionalProperties": false, "required": ["policy", "line", "working_hours", "time_zone", "offer_window_minutes", "promise", "experts"], "properties": {
  "policy": {"type": "string"}, "line": {"type": "string", "description": "Of the fast line; empty: the ordinary promise."}, "working_hours": {"type": "boolean"}, "time_zone": {"type": "string"},
  "offer_window_minutes": {"type": "integer"},
  "promise": {"type": "object", "additionalProperties": false, "required": ["completed_at", "remind_at", "warn_at", "take_back_at", "breach_at"], "properties": {
    "completed_at": {"$ref": "#/components/schemas/Instant"}, "remind_at": {"$ref": "#/components/schemas/Instant"}, "warn_at": {"$ref": "#/components/schemas/Instant"},
    "take_back_at": {"$ref": "#/components/schemas/Instant"}, "breach_at": {"$ref": "#/components/schemas/Instant"}}},
  "experts": {"type": "array", "items": {"$ref": "#/components/schemas/PreviewedExpert"}}}},
"ProgrammePreviewAnswer": {"type": "object", "additionalProperties": false, "required": ["before", "after", "changed"], "properties": {
  "before": {"oneOf": [{"$ref": "#/components/schemas/ProgrammePreview"}, {"type": "null"}], "description": "Null: the reason is new."},
  "after": {"$ref": "#/components/schemas/ProgrammePreview"},
  "changed": {"type": "array", "items": {"type": "string"}, "description": "Members of the definition."}}}
})json";

}  // namespace

std::string_view openapi_association_schemas() {
  return kAssociationSchemas;
}

}  // namespace telavis
