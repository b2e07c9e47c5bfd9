// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

namespace telavis {
namespace {

constexpr std::string_view kSchemas = R"json({
"Error": {"type": "object", "additionalProperties": false, "required": ["error"], "properties": {
  "error": {"type": "object", "additionalProperties": false, "required": ["code", "text"], "properties": {
    "code": {"type": "string", "description": "Stable name of the refusal."},
    "text": {"type": "string", "description": "A sentence for the person, French or English by Accept-Language."}}}}},
"Status": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}},
"Openapi": {"type": "object", "required": ["openapi", "info", "paths"]},
"Instant": {"type": "string", "format": "date-time", "description": "UTC, whole seconds."},
"InstantOrNull": {"type": ["string", "null"], "format": "date-time"},
"Credentials": {"type": "object", "additionalProperties": false, "required": ["login", "password"], "properties": {
  "login": {"type": "string", "maxLength": 200}, "password": {"type": "string", "maxLength": 1024}}},
"Role": {"type": "string", "enum": ["requester", "expert", "coordinator", "treasurer", "medical_referent", "admin"]},
"Me": {"type": "object", "additionalProperties": false, "required": ["id", "login", "display_name", "rpps", "memberships"], "properties": {
  "id": {"type": "string"}, "login": {"type": "string"}, "display_name": {"type": "string"}, "rpps": {"type": "string"},
  "memberships": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["programme", "programme_name", "role"], "properties": {
    "programme": {"type": "string"}, "programme_name": {"type": "string"}, "role": {"$ref": "#/components/schemas/Role"}}}}}},
"MeAnswer": {"type": "object", "additionalProperties": false, "required": ["user"], "properties": {"user": {"$ref": "#/components/schemas/Me"}}},
"Programme": {"type": "object", "additionalProperties": false, "required": ["id", "name", "speciality", "association", "time_zone", "answer_hours"], "properties": {
  "id": {"type": "string"}, "name": {"type": "string"}, "speciality": {"type": "string"}, "association": {"type": "string"},
  "time_zone": {"type": "string"}, "answer_hours": {"type": "integer"}}},
"ProgrammesAnswer": {"type": "object", "additionalProperties": false, "required": ["programmes"], "properties": {
  "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Programme"}}}},
"Doctor": {"type": "object", "additionalProperties": false, "required": ["display_name", "rpps"], "properties": {
  "display_name": {"type": "string"}, "rpps": {"type": "string"}}},
"ExamSummary": {"type": "object", "additionalProperties": false, "required": ["kind", "format", "detail", "findings"], "properties": {
  "kind": {"type": "string", "enum": ["ecg", "photo", "document"]}, "format": {"type": "string"}, "detail": {"type": "string"},
  "findings": {"type": "array", "items": {"type": "string"}}}},
"PermittedActions": {"type": "object", "additionalProperties": false, "required": ["accept", "decline", "answer", "cancel", "open", "read_content", "read_report"], "properties": {
  "accept": {"type": "boolean"}, "decline": {"type": "boolean"}, "answer": {"type": "boolean"}, "cancel": {"type": "boolean"},
  "open": {"type": "boolean"}, "read_content": {"type": "boolean"}, "read_report": {"type": "boolean"}}},
"CaseFigures": {"type": "object", "additionalProperties": false,
  "required": ["id", "number", "state", "programme", "programme_name", "speciality", "submitted_at", "breach_at", "breached", "answered_at", "delivered_at", "requester", "expert", "exams", "my_role", "may", "pending_release_at"],
  "properties": {
  "id": {"type": "string", "pattern": "^[0-9a-z]{26}$"},
  "number": {"type": "string", "description": "Pseudonymous."},
  "state": {"type": "string", "enum": ["queued", "offered", "accepted", "answered", "delivered", "closed", "cancelled"]},
  "programme": {"type": "string"}, "programme_name": {"type": "string"}, "speciality": {"type": "string"},
  "submitted_at": {"$ref": "#/components/schemas/Instant"},
  "breach_at": {"$ref": "#/components/schemas/Instant", "description": "When the answer is promised for."},
  "breached": {"type": "boolean"},
  "answered_at": {"$ref": "#/components/schemas/InstantOrNull"},
  "delivered_at": {"$ref": "#/components/schemas/InstantOrNull"},
  "requester": {"$ref": "#/components/schemas/Doctor"},
  "expert": {"oneOf": [{"$ref": "#/components/schemas/Doctor"}, {"type": "null"}]},
  "exams": {"type": "array", "items": {"$ref": "#/components/schemas/ExamSummary"}},
  "my_role": {"type": ["string", "null"], "description": "null in the answer to a decline: the case is no longer the expert's."},
  "may": {"$ref": "#/components/schemas/PermittedActions"},
  "pending_release_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "For the expert who signed: when his opinion leaves."}}},
"CasesAnswer": {"type": "object", "additionalProperties": false, "required": ["cases"], "properties": {
  "cases": {"type": "array", "items": {"$ref": "#/components/schemas/CaseFigures"}}}},
"CommandAnswer": {"type": "object", "additionalProperties": false, "required": ["case"],
  "description": "The case as the command left it; a repeated Idempotency-Key gives the same bytes and the header Idempotency-Replayed.",
  "properties": {"case": {"type": "object", "additionalProperties": false, "required": ["id", "number", "state", "submitted_at", "breach_at"], "properties": {
    "id": {"type": "string"}, "number": {"type": "string"}, "state": {"type": "string"},
    "submitted_at": {"type": "string", "format": "date-time"}, "breach_at": {"type": "string", "format": "date-time"}}}}},
"Sex": {"type": "string", "enum": ["female", "male", "other", "unknown"]},
"Orientation": {"type": "string", "enum": ["gp_management", "in_person", "emergency_15", "other_specialty", "repeat_recording"]},
"Patient": {"type": "object", "additionalProperties": false, "required": ["family_name", "given_name", "birth_date", "sex"], "properties": {
  "id": {"type": "string", "description": "INS number; optional in a request."}, "family_name": {"type": "string"}, "given_name": {"type": "string"},
  "birth_date": {"type": "string", "format": "date"}, "sex": {"$ref": "#/components/schemas/Sex"}}},
"Opinion": {"type": "object", "additionalProperties": false, "required": ["conclusion", "conduct", "orientation", "data_sufficient", "pedagogy", "signed_at", "expert"], "properties": {
  "conclusion": {"type": "string"}, "conduct": {"type": "string"}, "orientation": {"$ref": "#/components/schemas/Orientation"},
  "data_sufficient": {"type": "boolean"}, "pedagogy": {"type": "string"}, "signed_at": {"$ref": "#/components/schemas/Instant"},
  "expert": {"type": "object", "additionalProperties": false, "required": ["display_name"], "properties": {"display_name": {"type": "string"}}}}},
"CaseContent": {"type": "object", "additionalProperties": false, "required": ["patient", "reason", "question", "context", "own_reading", "opinion"], "properties": {
  "patient": {"$ref": "#/components/schemas/Patient"}, "reason": {"type": "string"}, "question": {"type": "string"},
  "context": {"type": "string"}, "own_reading": {"type": "string"},
  "opinion": {"oneOf": [{"$ref": "#/components/schemas/Opinion"}, {"type": "null"}]}}},
"CaseAnswer": {"type": "object", "additionalProperties": false, "required": ["case"], "properties": {
  "case": {"$ref": "#/components/schemas/CaseFigures"}, "content": {"$ref": "#/components/schemas/CaseContent"}}},
"CaseRequest": {"type": "object", "additionalProperties": false, "required": ["programme", "reason", "question", "consent"], "properties": {
  "programme": {"type": "string"},
  "patient": {"$ref": "#/components/schemas/Patient", "description": "May be absent when a tracing carries the identity."},
  "reason": {"type": "string", "enum": ["screening_sport", "screening_chronic_disease", "preoperative", "rhythm_disorder", "conduction_disorder", "atypical_chest_pain_non_urgent", "treatment_monitoring_qt", "suspicious_lesion", "changing_naevus", "rash", "chronic_dermatosis", "wound", "other"]},
  "question": {"type": "string"}, "context": {"type": "string"}, "own_reading": {"type": "string"},
  "file_roles": {"type": "array", "description": "What each file shows, in their order; none, or one a file.", "items": {"$ref": "#/components/schemas/PhotoRole"}},
  "consent": {"type": "object", "additionalProperties": false, "required": ["given_by", "information"], "properties": {
    "given_by": {"type": "string", "enum": ["patient", "representative"]}, "information": {"type": "string", "enum": ["oral", "written"]}}}}},
"Upload": {"type": "object", "required": ["request", "file"], "properties": {
  "request": {"$ref": "#/components/schemas/CaseRequest"},
  "file": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "string", "contentMediaType": "application/octet-stream"}}}},
"OpinionText": {"type": "object", "additionalProperties": false, "required": ["conclusion", "orientation"], "properties": {
  "conclusion": {"type": "string"}, "conduct": {"type": "string"}, "orientation": {"$ref": "#/components/schemas/Orientation"},
  "data_sufficient": {"type": "boolean"}, "pedagogy": {"type": "string"}}},
"DeclineReason": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
  "reason": {"type": "string", "enum": ["conflict_of_interest", "unavailable", "not_my_field", "other"]}}},
"CancelReason": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
  "reason": {"type": "string", "enum": ["resolved_otherwise", "sent_by_mistake", "patient_withdrew", "other"]}}},
"OpenReason": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
  "reason": {"type": "string", "minLength": 10, "maxLength": 1000}}},
"Finding": {"type": "object", "additionalProperties": false, "required": ["code", "severity", "text"], "properties": {
  "code": {"type": "string"}, "severity": {"type": "string", "enum": ["info", "warning", "error"]}, "text": {"type": "string"}}},
"Lead": {"type": "object", "additionalProperties": false, "required": ["code", "derived", "gain_nv_per_lsb", "sampling_interval_us", "first_sample", "samples"], "properties": {
  "code": {"type": "string"}, "derived": {"type": "boolean", "description": "Computed from leads I and II."},
  "gain_nv_per_lsb": {"type": "number"}, "sampling_interval_us": {"type": "number"}, "first_sample": {"type": "integer"},
  "samples": {"type": "array", "items": {"type": "integer"}}}},
"Ecg": {"type": "object", "additionalProperties": false, "required": ["kind", "acquired_at", "device", "findings", "leads"], "properties": {
  "kind": {"const": "ecg"}, "acquired_at": {"type": "string", "description": "ISO 8601, with an offset only if the device gave one; empty when unknown."},
  "device": {"type": "object", "additionalProperties": false, "required": ["manufacturer", "model"], "properties": {
    "manufacturer": {"type": "string"}, "model": {"type": "string"}}},
  "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
  "leads": {"type": "array", "items": {"$ref": "#/components/schemas/Lead"}}}},
"Photo": {"type": "object", "additionalProperties": false, "required": ["kind", "role", "width", "height", "findings"], "properties": {
  "kind": {"const": "photo"}, "role": {"$ref": "#/components/schemas/PhotoRole"}, "width": {"type": "integer"}, "height": {"type": "integer"},
  "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}}},
"PhotoRole": {"type": "string", "enum": ["unstated", "overview", "close_up", "dermoscopy"]},
"Document": {"type": "object", "additionalProperties": false, "required": ["kind", "pages", "findings"], "properties": {
  "kind": {"const": "document"}, "pages": {"type": "integer"},
  "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}}},
"Exam": {"oneOf": [{"$ref": "#/components/schemas/Ecg"}, {"$ref": "#/components/schemas/Photo"}, {"$ref": "#/components/schemas/Document"}]},
"Act": {"type": "object", "additionalProperties": false, "required": ["case_number", "role", "code", "professional", "care_date", "tariff_zone", "amount_cents", "billable", "refusal"], "properties": {
  "case_number": {"type": "string"}, "role": {"type": "string", "enum": ["expert", "requester"]}, "code": {"type": "string"},
  "professional": {"type": "string"}, "care_date": {"type": "string", "format": "date"}, "tariff_zone": {"type": "string"},
  "amount_cents": {"type": "integer"}, "billable": {"type": "boolean"}, "refusal": {"type": "string", "description": "Why not billable; empty when it is."}}},
"ActsAnswer": {"type": "object", "additionalProperties": false, "required": ["acts"], "properties": {
  "acts": {"type": "array", "items": {"$ref": "#/components/schemas/Act"}}}}
})json";

}  // namespace

std::string_view openapi_schemas() {
  return kSchemas;
}

}  // namespace telavis
