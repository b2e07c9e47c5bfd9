// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

namespace telavis {
namespace {

constexpr std::string_view kSchemas = R"json({
"Error": {"type": "object", "additionalProperties": false, "required": ["error"], "properties": {
  "error": {"type": "object", "additionalProperties": false, "required": ["code", "text"], "properties": {
    "code": {"type": "string", "description": "Stable name of the refusal."},
    "text": {"type": "string", "description": "A sentence for the person, French or English by Accept-Language."},
    "field": {"type": "string", "description": "The member of the request that is missing or wrong, e.g. patient.birth_date; absent when none is named."}}}}},
"Status": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}},
"Openapi": {"type": "object", "required": ["openapi", "info", "paths"]},
"Instant": {"type": "string", "format": "date-time", "description": "UTC, whole seconds."},
"InstantOrNull": {"type": ["string", "null"], "format": "date-time"},
"Role": {"type": "string", "enum": ["requester", "expert", "coordinator", "treasurer", "medical_referent", "admin"]},
"Me": {"type": "object", "additionalProperties": false, "required": ["id", "login", "display_name", "rpps", "memberships"], "properties": {
  "id": {"type": "string"}, "login": {"type": "string"}, "display_name": {"type": "string"}, "rpps": {"type": "string"},
  "memberships": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["programme", "programme_name", "role"], "properties": {
    "programme": {"type": "string"}, "programme_name": {"type": "string"}, "role": {"$ref": "#/components/schemas/Role"}}}}}},
"MeAnswer": {"type": "object", "additionalProperties": false, "required": ["user", "session"], "properties": {
  "user": {"$ref": "#/components/schemas/Me"}, "session": {"$ref": "#/components/schemas/OwnSession"}}},
"Labelled": {"type": "object", "additionalProperties": false, "required": ["code", "label"], "properties": {
  "code": {"type": "string"}, "label": {"type": "string", "description": "In the reader's language."}}},
"RedFlagExit": {"type": "string", "enum": ["15_now", "in_person_today"]},
"FormItem": {"type": "object", "additionalProperties": false, "required": ["name", "label", "mandatory", "type", "unit", "least", "most", "choices"], "properties": {
  "name": {"type": "string", "description": "Dotted path inside `clinical` of the request, e.g. vitals.heart_rate_bpm."},
  "label": {"type": "string"}, "mandatory": {"type": "boolean"},
  "type": {"type": "string", "enum": ["yes_no", "whole_number", "decimal", "date_or_month", "choice", "text", "texts"]},
  "unit": {"type": "string"}, "least": {"type": ["number", "null"]}, "most": {"type": ["number", "null"]},
  "choices": {"type": "array", "items": {"$ref": "#/components/schemas/Labelled"}}}},
"Programme": {"type": "object", "additionalProperties": false,
  "required": ["id", "version", "name", "speciality", "association", "territories", "time_zone", "policy", "answer_hours", "working_hours", "lines", "reasons", "form", "red_flags", "wanted_photos", "languages", "training_required", "notice_version", "usual_wait_minutes", "experts_present"],
  "properties": {
  "id": {"type": "string"}, "version": {"type": "integer"}, "name": {"type": "string"},
  "speciality": {"type": "string", "enum": ["cardiology", "dermatology"]}, "association": {"type": "string"},
  "territories": {"type": "array", "items": {"type": "string"}}, "time_zone": {"type": "string"},
  "policy": {"$ref": "#/components/schemas/OfferPolicy"},
  "answer_hours": {"type": "integer", "description": "Of the ordinary promise; in working hours when `working_hours`."},
  "working_hours": {"type": "boolean"},
  "lines": {"type": "array", "description": "Quicker promises for some reasons; a case of a line that is not open takes the ordinary promise.", "items": {
    "type": "object", "additionalProperties": false, "required": ["name", "reasons", "answer_hours", "open"], "properties": {
      "name": {"type": "string"}, "reasons": {"type": "array", "items": {"type": "string"}},
      "answer_hours": {"type": "integer"}, "open": {"type": "boolean"}}}},
  "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Labelled"}},
  "form": {"type": "array", "description": "Clinical items, in the order of the form.", "items": {"$ref": "#/components/schemas/FormItem"}},
  "red_flags": {"type": "array", "description": "The checklist: every question is answered; yes leads out of the programme.", "items": {
    "type": "object", "additionalProperties": false, "required": ["code", "sentence", "exit"], "properties": {
      "code": {"type": "string"}, "sentence": {"type": "string"}, "exit": {"$ref": "#/components/schemas/RedFlagExit"}}}},
  "wanted_photos": {"type": "array", "items": {"$ref": "#/components/schemas/PhotoRole"}},
  "languages": {"type": "array", "items": {"type": "string"}},
  "training_required": {"type": "boolean"},
  "notice_version": {"type": "string", "description": "Of the notice at /api/v1/programmes/{programme}/notice."},
  "usual_wait_minutes": {"type": ["integer", "null"], "description": "Median elapsed time to the first opinion, of the cases answered in the last 90 days; null below five of them."},
  "experts_present": {"type": "integer", "description": "Experts who take cases and are within their hours now."}}},
"ProgrammesAnswer": {"type": "object", "additionalProperties": false, "required": ["programmes"], "properties": {
  "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Programme"}}}},
"OfferPolicy": {"type": "string", "enum": ["direct", "rotation", "open"]},
"Doctor": {"type": "object", "additionalProperties": false, "required": ["id", "display_name", "rpps"], "properties": {
  "id": {"type": "string"}, "display_name": {"type": "string"}, "rpps": {"type": "string"}}},
"DoctorOrNull": {"oneOf": [{"$ref": "#/components/schemas/Doctor"}, {"type": "null"}]},
"ExamSummary": {"type": "object", "additionalProperties": false, "required": ["kind", "format", "detail", "findings"], "properties": {
  "kind": {"type": "string", "enum": ["ecg", "photo", "document"]}, "format": {"type": "string"}, "detail": {"type": "string"},
  "findings": {"type": "array", "items": {"type": "string"}}}},
"CaseState": {"type": "string", "enum": ["incomplete", "redirected", "queued", "offered", "accepted", "waiting", "answered", "delivered", "closed", "cancelled"]},
"DialogueKind": {"type": "string", "enum": ["need_info", "info", "follow_up", "follow_up_answer", "call", "appointment", "close_out", "outcome"]},
"Promise": {"type": "object", "additionalProperties": false, "required": ["completed_at", "remind_at", "warn_at", "take_back_at", "breach_at"],
  "description": "Fixed when the request was complete. `breach_at` is when the answer is promised for.", "properties": {
  "completed_at": {"$ref": "#/components/schemas/Instant"}, "remind_at": {"$ref": "#/components/schemas/Instant"},
  "warn_at": {"$ref": "#/components/schemas/Instant"}, "take_back_at": {"$ref": "#/components/schemas/Instant"},
  "breach_at": {"$ref": "#/components/schemas/Instant"}}},
"Offer": {"type": "object", "additionalProperties": false, "required": ["expert", "offered_at", "expires_at", "outcome", "reason"], "properties": {
  "expert": {"$ref": "#/components/schemas/Doctor"}, "offered_at": {"$ref": "#/components/schemas/Instant"},
  "expires_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "null when the whole pool is asked."},
  "outcome": {"type": "string", "enum": ["pending", "accepted", "declined", "expired", "given_back", "taken_back", "withdrawn"]},
  "reason": {"type": "string", "description": "Code of a decline; shown to the expert himself, the coordinator and the medical referent, otherwise empty."}}},
"CaseFigures": {"type": "object", "additionalProperties": false,
  "required": ["id", "number", "state", "programme", "programme_name", "speciality", "time_zone", "policy", "line", "exams", "missing", "redirect_exit", "dialogue", "mail_reports", "my_role", "actions", "readable", "requester", "expert", "delegate", "offers", "submitted_at", "promise", "breached_at", "late", "requester_waits", "no_expert_since", "waiting_since", "waited_seconds", "answered_at", "delivered_at", "opened_at", "follow_up_due_at", "close_out_at", "pending_release_at", "urgent", "urgent_alert", "acknowledged_at", "appointment_awaited", "outcome_asked", "restricted_at", "erased_at", "kept_until", "legal_hold_since", "erasure_request"],
  "properties": {
  "id": {"type": "string", "pattern": "^[0-9a-z]{26}$"},
  "number": {"type": "string", "description": "Pseudonymous."},
  "state": {"$ref": "#/components/schemas/CaseState"},
  "programme": {"type": "string"}, "programme_name": {"type": "string"}, "speciality": {"type": "string"}, "time_zone": {"type": "string", "description": "Of the programme, IANA: the promise is told in it."},
  "policy": {"$ref": "#/components/schemas/OfferPolicy"},
  "line": {"type": ["string", "null"], "description": "The quicker promise it takes, or empty; null for who does not see the content."},
  "exams": {"type": "array", "items": {"$ref": "#/components/schemas/ExamSummary"}},
  "missing": {"type": "array", "description": "Items without which no clock runs.", "items": {
    "type": "object", "additionalProperties": false, "required": ["name", "label"], "properties": {
      "name": {"type": "string"}, "label": {"type": "string"}}}},
  "redirect_exit": {"oneOf": [{"$ref": "#/components/schemas/RedFlagExit"}, {"type": "null"}], "description": "Where a red flag led, for who sees the content."},
  "dialogue": {"type": "object", "additionalProperties": false, "description": "How many entries there are of each kind.",
    "required": ["need_info", "info", "follow_up", "follow_up_answer", "call", "appointment", "close_out", "outcome"], "properties": {
      "need_info": {"type": "integer"}, "info": {"type": "integer"}, "follow_up": {"type": "integer"}, "follow_up_answer": {"type": "integer"},
      "call": {"type": "integer"}, "appointment": {"type": "integer"}, "close_out": {"type": "integer"}, "outcome": {"type": "integer"}}},
  "mail_reports": {"type": "array", "description": "What became of messages of the case, oldest first: of a refusal the reason, later reports of delivery and reading. Empty for who neither looks after the case nor sees its content.", "items": {
    "type": "object", "additionalProperties": false, "required": ["kind", "outcome", "status", "text", "at"], "properties": {
      "kind": {"type": "string", "description": "Which message, e.g. report."},
      "outcome": {"type": "string", "enum": ["failed", "delivered", "relayed", "displayed"]},
      "status": {"type": "string", "description": "Of a failure: a code, or what the server reported (RFC 3463)."},
      "text": {"type": "string", "description": "Of a failure, in the reader's language; otherwise empty."},
      "at": {"$ref": "#/components/schemas/Instant"}}}},
  "my_role": {"type": ["string", "null"]},
  "actions": {"type": "array", "description": "Commands that would be taken from the reader now: POST /api/v1/cases/{id}/<name>.", "items": {"type": "string"}},
  "readable": {"type": "array", "description": "What the reader may open now.", "items": {"type": "string", "enum": ["coded", "content", "report", "letter", "routing", "staff_reasons"]}},
  "requester": {"$ref": "#/components/schemas/Doctor"},
  "expert": {"$ref": "#/components/schemas/DoctorOrNull", "description": "Who has accepted it, or answered it."},
  "delegate": {"$ref": "#/components/schemas/DoctorOrNull", "description": "Who may read for the requester an opinion left unopened."},
  "offers": {"type": "array", "description": "Oldest first; an expert sees his own.", "items": {"$ref": "#/components/schemas/Offer"}},
  "submitted_at": {"$ref": "#/components/schemas/Instant"},
  "restricted_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "The patient has it kept and not used since."},
  "erased_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "Nothing of the patient is left since."},
  "kept_until": {"$ref": "#/components/schemas/InstantOrNull", "description": "Erased then, once it has ended; for the coordinator and the medical referent, as the two below."},
  "legal_hold_since": {"$ref": "#/components/schemas/InstantOrNull"},
  "erasure_request": {"description": "Waits for another person's approval.", "oneOf": [{"type": "null"}, {"type": "object", "additionalProperties": false, "required": ["by", "at"], "properties": {
    "by": {"$ref": "#/components/schemas/Doctor"}, "at": {"$ref": "#/components/schemas/Instant"}}}]},
  "promise": {"oneOf": [{"$ref": "#/components/schemas/Promise"}, {"type": "null"}], "description": "null until the request is complete."},
  "breached_at": {"$ref": "#/components/schemas/InstantOrNull"},
  "late": {"type": "boolean", "description": "The answer came, or is still owed, after the promised instant."},
  "requester_waits": {"type": "boolean"},
  "no_expert_since": {"$ref": "#/components/schemas/InstantOrNull"},
  "waiting_since": {"$ref": "#/components/schemas/InstantOrNull", "description": "For information from the requester."},
  "waited_seconds": {"type": "integer", "description": "In all, without the present wait."},
  "answered_at": {"$ref": "#/components/schemas/InstantOrNull"},
  "delivered_at": {"$ref": "#/components/schemas/InstantOrNull"},
  "opened_at": {"$ref": "#/components/schemas/InstantOrNull"},
  "follow_up_due_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "A question of the requester is open until then."},
  "close_out_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "The next reminder of the closing questions, at last the closing."},
  "pending_release_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "For the expert who signed: when his opinion leaves."},
  "urgent": {"type": ["boolean", "null"], "description": "Of the opinion; null without one and for who does not see the content."},
  "urgent_alert": {"type": "boolean", "description": "An alert is open until the requester acknowledges."},
  "acknowledged_at": {"$ref": "#/components/schemas/InstantOrNull"},
  "appointment_awaited": {"type": ["boolean", "null"], "description": "As `urgent`."},
  "outcome_asked": {"type": ["boolean", "null"], "description": "As `urgent`: a month after an opinion that wanted the patient seen, nobody has said what was found."}}},
"CasesAnswer": {"type": "object", "additionalProperties": false, "required": ["cases"], "properties": {
  "cases": {"type": "array", "items": {"$ref": "#/components/schemas/CaseFigures"}}}},
"CommandAnswer": {"type": "object", "additionalProperties": false, "required": ["case"],
  "description": "The case as the command left it; a repeated Idempotency-Key gives the same bytes and the header Idempotency-Replayed.",
  "properties": {"case": {"type": "object", "additionalProperties": false, "required": ["id", "number", "state", "submitted_at"], "properties": {
    "id": {"type": "string"}, "number": {"type": "string"}, "state": {"$ref": "#/components/schemas/CaseState"},
    "submitted_at": {"$ref": "#/components/schemas/Instant"},
    "breach_at": {"$ref": "#/components/schemas/Instant", "description": "Once the request is complete."},
    "missing": {"type": "array", "items": {"type": "string"}, "description": "While incomplete."},
    "redirect_exit": {"$ref": "#/components/schemas/RedFlagExit", "description": "While redirected."},
    "pending_release_at": {"$ref": "#/components/schemas/Instant", "description": "Until a signed opinion leaves."}}}}},
"Sex": {"type": "string", "enum": ["female", "male", "other", "unknown"]},
"Orientation": {"type": "string", "enum": ["gp_management", "in_person", "emergency_15", "other_specialty", "repeat_recording"]},
"Patient": {"type": "object", "additionalProperties": false, "required": ["family_name", "given_name", "birth_date", "sex"], "properties": {
  "family_name": {"type": "string"}, "given_name": {"type": "string"},
  "birth_date": {"type": "string", "format": "date"}, "sex": {"$ref": "#/components/schemas/Sex"}}},
"Ins": {"type": "object", "additionalProperties": false, "required": ["matricule", "oid", "status"], "properties": {
  "matricule": {"type": "string", "description": "15 characters, the key included."}, "oid": {"type": "string"},
  "status": {"type": "string", "enum": ["provisional", "retrieved", "validated", "qualified"]},
  "from_insi": {"type": "boolean", "description": "It was read from the INSi service; needed for retrieved and qualified."}}},
"NamedDoctor": {"type": "object", "additionalProperties": false, "description": "A doctor outside the case; without an address nothing is sent to him.", "properties": {
  "name": {"type": "string"}, "address": {"type": "string", "description": "Of his secure mail."}}},
"CaseRequest": {"type": "object", "additionalProperties": false, "required": ["programme", "reason", "question", "information", "consent"], "properties": {
  "programme": {"type": "string"},
  "patient": {"$ref": "#/components/schemas/Patient", "description": "May be absent when a tracing carries the identity."},
  "ins": {"$ref": "#/components/schemas/Ins"},
  "patient_phone": {"type": "string"},
  "reason": {"type": "string", "description": "One of `reasons` of the programme."},
  "question": {"type": "string"}, "context": {"type": "string"}, "own_reading": {"type": "string"},
  "clinical": {"type": "object", "description": "The items of `form` of the programme, nested by the dots of their names: {\"vitals\": {\"heart_rate_bpm\": 72}}. Booleans, numbers, texts, lists of texts."},
  "red_flags": {"type": "object", "description": "The answer, a boolean, to each code of `red_flags` of the programme."},
  "regulated_at": {"type": "string", "description": "Local time of day, 14:05, when the regulation was called before sending."},
  "tray": {"type": "array", "maxItems": 20, "description": "Exams of the requester's tray; they come behind the files.", "items": {"type": "object", "additionalProperties": false, "required": ["id"], "properties": {
    "id": {"type": "string"}, "confirmed": {"type": "array", "description": "What speaks against the exam and the doctor has checked: identity_differs, exam_without_identity, exam_old.", "items": {"type": "string"}}}}},
  "file_roles": {"type": "array", "description": "What each file shows, in their order, then each exam of the tray; none, or one each.", "items": {"$ref": "#/components/schemas/PhotoRole"}},
  "information": {"type": "object", "additionalProperties": false, "required": ["form"], "properties": {
    "form": {"type": "string", "enum": ["oral", "written"]},
    "text_version": {"type": "string", "description": "Of the notice; the engine's own when left out."},
    "by": {"type": "string", "description": "The sender when left out."},
    "at": {"type": "string", "description": "RFC 3339; now when left out."}}},
  "consent": {"type": "object", "additionalProperties": false, "required": ["given_by"], "properties": {
    "given_by": {"type": "string", "enum": ["patient", "representative"]},
    "representative_name": {"type": "string"}, "representative_quality": {"type": "string"},
    "accompanying_adult": {"type": "string", "description": "Whom a minor chose, with `minor_secrecy`."}}},
  "oppositions": {"type": "object", "additionalProperties": false, "properties": {
    "exchange": {"type": "boolean"}, "attending_physician": {"type": "boolean"}, "citizen_mailbox": {"type": "boolean"},
    "teaching": {"type": "boolean"}, "research": {"type": "boolean"}}},
  "minor_secrecy": {"type": "boolean"},
  "attending_physician": {"$ref": "#/components/schemas/NamedDoctor", "description": "Where he is not the requester; gets a copy of the report unless the patient opposes it."},
  "acting_doctor": {"$ref": "#/components/schemas/NamedDoctor", "description": "Who will act; mandatory for a requester who is no doctor, dentist or midwife."},
  "patient_informed": {"type": "boolean", "description": "The patient was told of the opinion: it may go to his own mailbox. Usually said later, by patient-informed."},
  "guardianship": {"type": "string", "enum": ["none", "tutelle", "curatelle", "habilitation"]},
  "requested_experts": {"type": "array", "description": "User ids, with the policy `direct`.", "items": {"type": "string"}},
  "requested_group": {"type": "string", "description": "In their place: id of a group practice."}}},
"OpinionText": {"type": "object", "additionalProperties": false, "required": ["orientation"],
  "description": "A conclusion, or insufficient data and what to do again; `in_person` with the orientation of that name.", "properties": {
  "conclusion": {"type": "string"}, "conduct": {"type": "string"}, "orientation": {"$ref": "#/components/schemas/Orientation"},
  "data_sufficient": {"type": "boolean"}, "pedagogy": {"type": "string"},
  "media_quality": {"type": "string", "enum": ["", "good", "usable", "unusable"]},
  "to_redo": {"type": "string"},
  "suspicion": {"type": "string", "enum": ["", "none", "benign", "premalignant", "malignant_suspected"]},
  "tracing": {"type": "string", "enum": ["", "normal", "doubtful", "abnormal"], "description": "Of an ECG, as its reader judges it."},
  "confidence": {"type": "string", "enum": ["", "high", "medium", "low"]},
  "in_person": {"type": "object", "additionalProperties": false, "required": ["needed"], "properties": {
    "needed": {"type": "boolean"}, "with": {"type": "string", "enum": ["", "requis", "other"]},
    "delay_days": {"type": "integer", "minimum": 0, "maximum": 730}}},
  "slots": {"type": "array", "maxItems": 10, "description": "Appointments of the expert's own, with an in-person need.", "items": {"$ref": "#/components/schemas/OfferedSlot"}},
  "agreement_with_own_reading": {"type": "string", "enum": ["", "full", "partial", "none", "not_given"]},
  "prescriptions": {"type": "string", "description": "Empty: none."},
  "technical_incidents": {"type": "string", "description": "What the expert met; the engine adds to the report what it knows."}}},
"Correction": {"type": "object", "required": ["orientation", "corrects"],
  "description": "An OpinionText with the hash of the opinion that it replaces.", "properties": {
  "corrects": {"type": "string"}, "orientation": {"$ref": "#/components/schemas/Orientation"}}},
"Draft": {"type": "object", "description": "Any object: usually an OpinionText that is not finished."},
"Opinion": {"type": "object", "additionalProperties": false, "required": ["text", "expert", "signed_at", "released_at", "hash", "seal", "corrects", "urgent", "needs_appointment"], "properties": {
  "text": {"$ref": "#/components/schemas/OpinionText"}, "expert": {"$ref": "#/components/schemas/Doctor"},
  "signed_at": {"$ref": "#/components/schemas/Instant"},
  "released_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "null: it is about to leave, and its author reads it."},
  "hash": {"type": "string"}, "seal": {"type": ["string", "null"], "description": "The engine's, not a doctor's signature."},
  "corrects": {"type": "string", "description": "Hash of the opinion that it replaces, or empty."},
  "urgent": {"type": "boolean"}, "needs_appointment": {"type": "boolean"}}},
"Contact": {"type": "object", "additionalProperties": false, "required": ["display_name", "place", "office_phone", "mobile_phone", "mail_address"], "properties": {
  "display_name": {"type": "string"}, "place": {"type": "string"}, "office_phone": {"type": "string"},
  "mobile_phone": {"type": "string"}, "mail_address": {"type": "string"}}},
"DialogueEntry": {"type": "object", "additionalProperties": false, "required": ["kind", "author", "at", "text", "answers"], "properties": {
  "kind": {"$ref": "#/components/schemas/DialogueKind"}, "author": {"$ref": "#/components/schemas/Doctor"},
  "at": {"$ref": "#/components/schemas/Instant"}, "text": {"type": ["string", "null"]},
  "answers": {"oneOf": [{"$ref": "#/components/schemas/Appointment"}, {"$ref": "#/components/schemas/CloseOut"}, {"type": "null"}],
    "description": "Of an appointment and a close-out, in the place of `text`."}}},
"CaseContent": {"type": "object", "additionalProperties": false, "required": ["request", "sensitive_photos", "words", "contacts", "dialogue", "draft", "opinion", "corrected_opinions", "technical_incidents"], "properties": {
  "request": {"$ref": "#/components/schemas/CaseRequest", "description": "As it stands; what the sender left out is filled in."},
  "sensitive_photos": {"type": "boolean", "description": "Of a minor, or of a site that is intimate or not said in ordinary words: pages cover the photos until the reader asks for them."},
  "words": {"type": "object", "additionalProperties": false, "required": ["reason", "clinical", "red_flags", "ins_qualified"],
    "description": "Its codes and values in the reader's language.", "properties": {
    "reason": {"type": "string"},
    "clinical": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["name", "label", "value"], "properties": {
      "name": {"type": "string"}, "label": {"type": "string"}, "value": {"type": "string"}}}},
    "red_flags": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["code", "sentence", "answer"], "properties": {
      "code": {"type": "string"}, "sentence": {"type": "string"}, "answer": {"type": "boolean"}}}},
    "ins_qualified": {"type": "boolean", "description": "Only then is `ins` shown as an INS."}}},
  "contacts": {"type": "object", "additionalProperties": false, "required": ["requester", "expert"], "properties": {
    "requester": {"$ref": "#/components/schemas/Contact"},
    "expert": {"oneOf": [{"$ref": "#/components/schemas/Contact"}, {"type": "null"}]}}},
  "dialogue": {"type": "array", "items": {"$ref": "#/components/schemas/DialogueEntry"}},
  "draft": {"oneOf": [{"$ref": "#/components/schemas/Draft"}, {"type": "null"}], "description": "For the expert who writes it."},
  "opinion": {"oneOf": [{"$ref": "#/components/schemas/Opinion"}, {"type": "null"}]},
  "corrected_opinions": {"type": "array", "description": "Opinions that a correction replaced, oldest first.", "items": {
    "type": "object", "additionalProperties": false, "required": ["hash", "signed_at", "released_at"], "properties": {
      "hash": {"type": "string"}, "signed_at": {"$ref": "#/components/schemas/Instant"}, "released_at": {"$ref": "#/components/schemas/Instant"}}}},
  "technical_incidents": {"type": "array", "description": "What the engine met until now, oldest first; those of after the report stand here only.", "items": {
    "type": "object", "additionalProperties": false, "required": ["at", "text"], "properties": {
      "at": {"$ref": "#/components/schemas/Instant"}, "text": {"type": "string"}}}}}},
"EngineAnswer": {"type": "object", "additionalProperties": false, "required": ["clinical_tools", "declaration"], "properties": {
  "clinical_tools": {"type": "object", "additionalProperties": false, "required": ["enabled", "responsible", "statement"],
    "description": "The hint at exchanged electrodes, display filters, calipers and QTc, brightness.", "properties": {
    "enabled": {"type": "boolean"}, "responsible": {"type": "string", "description": "Who answers for them."},
    "statement": {"type": "string", "description": "By which document, or since when."}}},
  "declaration": {"type": "object", "additionalProperties": false, "required": ["controller", "host", "host_certificate", "dpo", "date"],
    "description": "Empty members are not declared.", "properties": {
    "controller": {"type": "string"}, "host": {"type": "string"}, "host_certificate": {"type": "string"},
    "dpo": {"type": "string"}, "date": {"type": "string"}}}}},
"CodedRequest": {"type": "object", "additionalProperties": false, "required": ["age_band", "sex", "reason", "reason_words"], "properties": {
  "age_band": {"type": "string", "description": "60-69; empty when unknown."}, "sex": {"$ref": "#/components/schemas/Sex"},
  "reason": {"type": "string"}, "reason_words": {"type": "string"}}},
"CaseAnswer": {"type": "object", "additionalProperties": false, "required": ["case"], "properties": {
  "case": {"$ref": "#/components/schemas/CaseFigures"}, "coded": {"$ref": "#/components/schemas/CodedRequest"},
  "content": {"$ref": "#/components/schemas/CaseContent"}}},
"RoutingAnswer": {"type": "object", "additionalProperties": false, "required": ["rounds"], "properties": {
  "rounds": {"type": "array", "description": "Oldest first.", "items": {"type": "object", "additionalProperties": false, "required": ["at", "considered"], "properties": {
    "at": {"$ref": "#/components/schemas/Instant"},
    "considered": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["expert", "chosen", "excluded_because", "score", "why"], "properties": {
      "expert": {"$ref": "#/components/schemas/Doctor"}, "chosen": {"type": "boolean"},
      "excluded_because": {"type": "string", "description": "A code; empty for who was eligible."},
      "score": {"type": ["integer", "null"], "description": "The highest is chosen."},
      "why": {"type": "string", "description": "What the score is made of."}}}}}}}}},
"Resume": {"type": "object", "additionalProperties": false, "required": ["regulated_at"], "properties": {
  "regulated_at": {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "description": "Local time of day at which the regulation was made."}}},
"DialogueText": {"type": "object", "additionalProperties": false, "required": ["text"], "properties": {"text": {"type": "string", "maxLength": 8000}}},
"Transfer": {"type": "object", "additionalProperties": false, "required": ["programme"], "properties": {"programme": {"type": "string"}}},
"Appointment": {"type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": {
  "date": {"type": "string", "format": "date"}, "reason": {"type": "string", "description": "Why there is none."}}},
"Outcome": {"type": "object", "additionalProperties": false, "required": ["result"], "properties": {
  "result": {"type": "string", "enum": ["benign", "premalignant", "carcinoma", "melanoma", "other_malignant", "confirmed", "other_diagnosis", "not_known_yet", "lost_to_follow_up"]},
  "text": {"type": "string", "maxLength": 2000}}},
"CloseOut": {"type": "object", "additionalProperties": false, "required": ["outcome"], "properties": {
  "outcome": {"type": "string", "enum": ["confirmed", "new_advice", "not_useful", "none_of_these"]},
  "referral": {"type": "string", "enum": ["avoided", "still_needed", "still_not_needed", "newly_needed", "no_benefit", "other"]},
  "value_for_patient": {"type": "integer", "minimum": 1, "maximum": 5}, "value_for_requester": {"type": "integer", "minimum": 1, "maximum": 5},
  "comment": {"type": "string"}}},
"DeclineReason": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
  "reason": {"type": "string", "enum": ["conflict_of_interest", "unavailable", "not_my_field", "other"]}}},
"CancelReason": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
  "reason": {"type": "string", "enum": ["resolved_otherwise", "sent_by_mistake", "patient_withdrew", "sent_to_emergency", "seen_in_person", "other"]}}},
"Reassign": {"type": "object", "additionalProperties": false, "required": ["expert", "reason"], "properties": {
  "expert": {"type": "string", "description": "User id."},
  "reason": {"type": "string", "enum": ["requester_choice", "expert_choice", "nobody_eligible", "no_answer", "other"]}}},
"StaffReason": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
  "reason": {"type": "string", "minLength": 10, "maxLength": 1000, "description": "Sealed; read by the coordinator and the medical referent."}}},
"StaffReasonsAnswer": {"type": "object", "additionalProperties": false, "required": ["reasons"], "properties": {
  "reasons": {"type": "array", "description": "Oldest first.", "items": {"type": "object", "additionalProperties": false, "required": ["action", "by", "at", "reason"], "properties": {
    "action": {"type": "string", "enum": ["request_erasure", "hold", "release_hold", "restrict"]},
    "by": {"$ref": "#/components/schemas/Doctor"}, "at": {"$ref": "#/components/schemas/Instant"}, "reason": {"type": "string"}}}}}},
"OpenReason": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
  "reason": {"type": "string", "minLength": 10, "maxLength": 1000}}},
"Finding": {"type": "object", "additionalProperties": false, "required": ["code", "severity", "text"], "properties": {
  "code": {"type": "string"}, "severity": {"type": "string", "enum": ["info", "warning", "error"]}, "text": {"type": "string"}}},
"Lead": {"type": "object", "additionalProperties": false, "required": ["code", "derived", "gain_nv_per_lsb", "sampling_interval_us", "first_sample", "samples"], "properties": {
  "code": {"type": "string"}, "derived": {"type": "boolean", "description": "Computed from leads I and II."},
  "gain_nv_per_lsb": {"type": "number"}, "sampling_interval_us": {"type": "number"}, "first_sample": {"type": "integer"},
  "samples": {"type": "array", "items": {"type": "integer"}}}},
"Ecg": {"type": "object", "additionalProperties": false, "required": ["kind", "acquired_at", "device", "filters", "measurements", "statements", "statements_confirmed", "findings", "leads"], "properties": {
  "kind": {"const": "ecg"}, "acquired_at": {"type": "string", "description": "ISO 8601, with an offset only if the device gave one; empty when unknown."},
  "device": {"type": "object", "additionalProperties": false, "required": ["manufacturer", "model"], "properties": {
    "manufacturer": {"type": "string"}, "model": {"type": "string"}}},
  "filters": {"type": "object", "description": "The device's own, as the file states them.", "additionalProperties": false, "required": ["high_pass_hz", "low_pass_hz", "notch_hz"], "properties": {
    "high_pass_hz": {"type": ["number", "null"]}, "low_pass_hz": {"type": ["number", "null"]}, "notch_hz": {"type": ["integer", "null"]}}},
  "measurements": {"type": "object", "description": "As the device states them, not verified. Milliseconds, degrees, beats per minute.", "additionalProperties": false, "required": ["ventricular_rate_bpm", "atrial_rate_bpm", "rr_ms", "pp_ms", "p_duration_ms", "pr_ms", "qrs_ms", "qt_ms", "qtc_ms", "qtc_formula", "p_axis_deg", "qrs_axis_deg", "t_axis_deg", "pacemaker_spikes"], "properties": {
    "ventricular_rate_bpm": {"type": ["integer", "null"]}, "atrial_rate_bpm": {"type": ["integer", "null"]},
    "rr_ms": {"type": ["integer", "null"]}, "pp_ms": {"type": ["integer", "null"]}, "p_duration_ms": {"type": ["integer", "null"]},
    "pr_ms": {"type": ["integer", "null"]}, "qrs_ms": {"type": ["integer", "null"]}, "qt_ms": {"type": ["integer", "null"]},
    "qtc_ms": {"type": ["integer", "null"]}, "qtc_formula": {"type": ["string", "null"], "enum": ["unknown", "bazett", "hodges", "fridericia", "framingham", null]},
    "p_axis_deg": {"type": ["integer", "null"]}, "qrs_axis_deg": {"type": ["integer", "null"]}, "t_axis_deg": {"type": ["integer", "null"]},
    "pacemaker_spikes": {"type": ["integer", "null"], "description": "Counted by the device."}}},
  "statements": {"type": "array", "description": "The device's own words, not verified.", "items": {"type": "string"}},
  "statements_confirmed": {"type": "boolean", "description": "The file says that a physician confirmed them."},
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
"Act": {"type": "object", "additionalProperties": false, "required": ["case_number", "role", "code", "professional", "care_date", "tariff_zone", "amount_cents", "billable", "refusal", "payer", "tariff_id", "rules"], "properties": {
  "case_number": {"type": "string"}, "role": {"type": "string", "enum": ["expert", "requester"]}, "code": {"type": "string"},
  "professional": {"type": "string"}, "care_date": {"type": "string", "format": "date"}, "tariff_zone": {"type": "string"},
  "amount_cents": {"type": "integer"}, "billable": {"type": "boolean"}, "refusal": {"type": "string", "description": "Why not billable; empty when it is."},
  "payer": {"type": "string", "description": "AMO: the national health insurance, billed by the doctor himself; or a fund."},
  "tariff_id": {"type": "string", "description": "The line of the tariffs; empty: none."},
  "rules": {"type": "array", "description": "Every rule that was applied when the act was made; empty for acts of before rules were recorded.", "items": {"type": "object", "additionalProperties": false, "required": ["rule", "verdict", "text"], "properties": {
    "rule": {"type": "string"}, "verdict": {"type": "string", "enum": ["met", "warned", "refused"]}, "text": {"type": "string"}}}}}},
"ActsAnswer": {"type": "object", "additionalProperties": false, "required": ["acts"], "properties": {
  "acts": {"type": "array", "items": {"$ref": "#/components/schemas/Act"}}}}
})json";

}  // namespace

std::string_view openapi_schemas() {
  return kSchemas;
}

}  // namespace telavis
