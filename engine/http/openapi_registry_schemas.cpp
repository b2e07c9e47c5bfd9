// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

namespace telavis {
namespace {

constexpr std::string_view kRegistrySchemas = R"json({
"Version": {"type": "integer", "description": "The version that the change was made on; 0 for something new. Another one there by then is 409."},
"VersionOnly": {"type": "object", "additionalProperties": false, "required": ["version"], "properties": {"version": {"$ref": "#/components/schemas/Version"}}},
"DateOrEmpty": {"type": "string", "description": "ISO 8601 date; empty while it has not happened."},
"DateRange": {"type": "object", "additionalProperties": false, "required": ["from", "to"], "properties": {
  "from": {"type": "string", "format": "date"}, "to": {"type": "string", "format": "date", "description": "Last day, included."}}},
"Remark": {"type": "object", "additionalProperties": false, "required": ["code", "text"], "properties": {"code": {"type": "string"}, "text": {"type": "string"}}},
"MembershipOnFile": {"type": "object", "additionalProperties": false, "required": ["role"], "properties": {
  "programme": {"type": "string", "description": "Empty for the role admin."}, "role": {"$ref": "#/components/schemas/Role"}}},
"Timetable": {"type": "object", "required": ["time_zone", "week"], "properties": {
  "time_zone": {"type": "string"}, "holidays": {"type": "string"}, "week": {"type": "object"}, "shut": {"type": "array", "items": {"$ref": "#/components/schemas/DateRange"}}}},
"ExpertTerms": {"type": "object", "additionalProperties": false, "properties": {
  "territories": {"type": "array", "items": {"type": "string"}},
  "exam_kinds": {"type": "array", "items": {"type": "string", "enum": ["ecg", "photo", "document"]}},
  "max_open_cases": {"type": "integer", "description": "0: no limit."},
  "max_weekly_cases": {"type": "integer", "description": "Taken in the last seven days, in all programmes; 0: no limit."},
  "digest_hours": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 23}, "description": "Full hours of his day at which one mail tells of what he was offered; none: one mail a case."},
  "conflicts": {"type": "array", "items": {"type": "string"}, "description": "Requesters whose cases he never gets."},
  "availability": {"oneOf": [{"$ref": "#/components/schemas/Timetable"}, {"type": "null"}]}}},
"Enrolment": {"type": "object", "additionalProperties": false, "properties": {
  "requested_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "identity_checked_on": {"$ref": "#/components/schemas/DateOrEmpty"},
  "decided_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "decided_by": {"type": "string"}, "trained_on": {"$ref": "#/components/schemas/DateOrEmpty"},
  "charter_signed_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "charter_version": {"type": "string"}, "insured_until": {"$ref": "#/components/schemas/DateOrEmpty"},
  "order_checked_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "replaces": {"type": "string"},
  "replaces_during": {"oneOf": [{"$ref": "#/components/schemas/DateRange"}, {"type": "null"}]}}},
"Person": {"type": "object", "additionalProperties": false, "required": ["id", "login", "status", "memberships"], "properties": {
  "id": {"type": "string"}, "login": {"type": "string"}, "title": {"type": "string"}, "given_name": {"type": "string"}, "family_name": {"type": "string"},
  "rpps": {"type": "string"}, "profession": {"type": "string"}, "speciality": {"type": "string"}, "mail_address": {"type": "string"},
  "mobile_phone": {"type": "string"}, "office_phone": {"type": "string"}, "place": {"type": "string"}, "territory": {"type": "string"},
  "status": {"type": "string", "enum": ["requested", "active", "suspended", "left"]}, "available": {"type": "boolean"}, "delegate": {"type": ["string", "null"]},
  "enrolment": {"$ref": "#/components/schemas/Enrolment"}, "terms": {"$ref": "#/components/schemas/ExpertTerms"},
  "memberships": {"type": "array", "items": {"$ref": "#/components/schemas/MembershipOnFile"}}}},
"PersonAnswer": {"type": "object", "additionalProperties": false, "required": ["version", "person"], "properties": {
  "version": {"type": "integer"}, "person": {"$ref": "#/components/schemas/Person"}}},
"PersonReplacement": {"type": "object", "additionalProperties": false, "required": ["version", "person"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "person": {"$ref": "#/components/schemas/Person"}}},
"PersonRecord": {"type": "object", "additionalProperties": false, "required": ["version", "person", "warnings", "obstacles"], "properties": {
  "version": {"type": "integer"}, "person": {"$ref": "#/components/schemas/Person"},
  "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Remark"}},
  "obstacles": {"type": "array", "description": "What stands between the person and an active membership.", "items": {"$ref": "#/components/schemas/Remark"}}}},
"PeopleAnswer": {"type": "object", "additionalProperties": false, "required": ["people"], "properties": {
  "people": {"type": "array", "items": {"$ref": "#/components/schemas/PersonAnswer"}}}},
"EnrolmentForm": {"type": "object", "additionalProperties": false,
  "required": ["programme", "role", "given_name", "family_name", "rpps", "profession", "speciality", "mail_address", "mobile_phone", "office_phone", "place", "territory"], "properties": {
  "programme": {"type": "string"}, "role": {"type": "string", "enum": ["requester", "expert"]}, "title": {"type": "string"},
  "given_name": {"type": "string"}, "family_name": {"type": "string"}, "rpps": {"type": "string"}, "profession": {"type": "string"}, "speciality": {"type": "string"},
  "mail_address": {"type": "string", "description": "MSSanté address."}, "mobile_phone": {"type": "string"}, "office_phone": {"type": "string"},
  "place": {"type": "string"}, "territory": {"type": "string", "description": "Code of the département."},
  "replaces": {"type": "object", "additionalProperties": false, "required": ["name", "from", "to"], "description": "Of a locum.", "properties": {
    "name": {"type": "string"}, "from": {"type": "string", "format": "date"}, "to": {"type": "string", "format": "date"}}}}},
"EnrolmentAnswer": {"type": "object", "additionalProperties": false, "required": ["enrolment"], "properties": {
  "enrolment": {"type": "object", "additionalProperties": false, "required": ["id", "status", "warnings"], "properties": {
    "id": {"type": "string"}, "status": {"const": "requested"}, "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Remark"}}}}}},
"Activation": {"type": "object", "additionalProperties": false, "required": ["login", "code", "password"], "properties": {
  "login": {"type": "string"}, "code": {"type": "string"}, "password": {"type": "string", "minLength": 12, "maxLength": 1024}}},
"EnrolmentDecision": {"type": "object", "additionalProperties": false, "required": ["version", "decision"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "decision": {"type": "string", "enum": ["accepted", "refused"]}}},
"DayOf": {"type": "object", "additionalProperties": false, "required": ["version", "date"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "date": {"type": "string", "format": "date"}}},
"CharterSigned": {"type": "object", "additionalProperties": false, "required": ["version", "charter", "date"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "charter": {"type": "string", "description": "Which version of the charter."}, "date": {"type": "string", "format": "date"}}},
"InsuredUntil": {"type": "object", "additionalProperties": false, "required": ["version", "until"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "until": {"type": "string", "format": "date"}}},
"Replacement": {"type": "object", "additionalProperties": false, "required": ["version", "name", "from", "to"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "name": {"type": "string"}, "from": {"type": "string", "format": "date"}, "to": {"type": "string", "format": "date"}}},
"MembershipsChange": {"type": "object", "additionalProperties": false, "required": ["version", "memberships"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "memberships": {"type": "array", "items": {"$ref": "#/components/schemas/MembershipOnFile"}}}},
"ContactChange": {"type": "object", "additionalProperties": false, "required": ["version"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "mobile_phone": {"type": "string"}, "office_phone": {"type": "string"}, "place": {"type": "string"}}},
"TermsChange": {"type": "object", "additionalProperties": false, "required": ["version"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "available": {"type": "boolean"}, "terms": {"$ref": "#/components/schemas/ExpertTerms"}}},
"Absence": {"type": "object", "additionalProperties": false, "required": ["version", "from", "to"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "from": {"type": "string", "format": "date"}, "to": {"type": "string", "format": "date"},
  "delegate": {"type": "string", "description": "Id of a person with the same role in the same programme."}}},
"Group": {"type": "object", "additionalProperties": false, "required": ["id", "programme", "name", "mail_address", "members"], "properties": {
  "id": {"type": "string"}, "programme": {"type": "string"}, "name": {"type": "string"}, "mail_address": {"type": "string"}, "phone": {"type": "string"},
  "members": {"type": "array", "items": {"type": "string"}}}},
"GroupAnswer": {"type": "object", "additionalProperties": false, "required": ["version", "group"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "group": {"$ref": "#/components/schemas/Group"}}},
"GroupsAnswer": {"type": "object", "additionalProperties": false, "required": ["groups"], "properties": {
  "groups": {"type": "array", "items": {"$ref": "#/components/schemas/GroupAnswer"}}}},
"LentDevice": {"type": "object", "additionalProperties": false, "required": ["id", "programme", "serial"], "properties": {
  "id": {"type": "string"}, "programme": {"type": "string"}, "serial": {"type": "string", "description": "As in the files that the device writes."},
  "model": {"type": "string"}, "owner": {"type": "string"}, "holder": {"type": ["string", "null"]}, "lent_on": {"$ref": "#/components/schemas/DateOrEmpty"},
  "due_back_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "returned_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "consumables": {"type": "string"},
  "ae_title": {"type": "string", "description": "DICOM calling AE title by which it sends; empty: none."},
  "certificate": {"type": "string", "description": "SHA-256 of the client certificate that goes with it, 64 hexadecimal digits; empty: none is asked for."},
  "suspended": {"type": "boolean", "description": "Nothing is taken from it."}}},
"DeviceAnswer": {"type": "object", "additionalProperties": false, "required": ["version", "device"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "device": {"$ref": "#/components/schemas/LentDevice"}}},
"DevicesAnswer": {"type": "object", "additionalProperties": false, "required": ["devices"], "properties": {
  "devices": {"type": "array", "items": {"$ref": "#/components/schemas/DeviceAnswer"}}}},
"PairingCode": {"type": "object", "additionalProperties": false, "required": ["code", "expires_at"], "properties": {
  "code": {"type": "string", "pattern": "^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$"}, "expires_at": {"$ref": "#/components/schemas/Instant"}}},
"Pairing": {"type": "object", "additionalProperties": false, "required": ["code"], "properties": {
  "code": {"type": "string", "description": "Typed as one likes: small letters, without dashes."}}},
"PairedDevice": {"type": "object", "additionalProperties": false, "required": ["device", "token"], "properties": {
  "device": {"type": "string"}, "token": {"type": "string", "description": "Told once: only its hash is stored."}}},
"TakenExam": {"type": "object", "additionalProperties": false, "required": ["id", "outcome", "why"], "properties": {
  "id": {"type": "string"}, "outcome": {"type": "string", "enum": ["waiting", "known", "unreadable"], "description": "waiting: in the tray of the device's holder; known: taken before; unreadable: kept for the medical referent."},
  "why": {"oneOf": [{"type": "null"}, {"type": "object", "additionalProperties": false, "required": ["code", "text"], "properties": {
    "code": {"type": "string"}, "text": {"type": "string"}}}]}}},
"Loan": {"type": "object", "additionalProperties": false, "required": ["version", "holder"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "holder": {"type": "string"}, "due_back_on": {"type": "string", "format": "date"}}},
"LoanEnd": {"type": "object", "additionalProperties": false, "required": ["version"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "consumables": {"type": "string"}}},
"Definition": {"type": "object", "required": ["id", "version"], "description": "docs/programmes.md explains each member.", "properties": {
  "id": {"type": "string"}, "version": {"type": "integer"}}},
"DefinitionAnswer": {"type": "object", "additionalProperties": false, "required": ["programme"], "properties": {
  "programme": {"$ref": "#/components/schemas/Definition"}}},
"DefinitionsAnswer": {"type": "object", "additionalProperties": false, "required": ["programmes"], "properties": {
  "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Definition"}}}},
"Revision": {"type": "object", "additionalProperties": false, "required": ["version", "at", "actor", "definition"], "properties": {
  "version": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Instant"}, "actor": {"type": "string", "description": "A user's id, operator, anybody or engine."},
  "definition": {"type": "object"}}},
"RevisionsAnswer": {"type": "object", "additionalProperties": false, "required": ["revisions"], "properties": {
  "revisions": {"type": "array", "items": {"$ref": "#/components/schemas/Revision"}}}},
"OwnDevicesAnswer": {"type": "object", "additionalProperties": false, "required": ["devices"], "properties": {
  "devices": {"type": "array", "items": {"type": "object", "additionalProperties": false,
    "required": ["id", "programme", "model", "serial", "owner", "lent_on", "due_back_on", "consumables", "suspended"], "properties": {
    "id": {"type": "string"}, "programme": {"type": "string"}, "model": {"type": "string"}, "serial": {"type": "string"}, "owner": {"type": "string"},
    "lent_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "due_back_on": {"$ref": "#/components/schemas/DateOrEmpty"},
    "consumables": {"type": "string"}, "suspended": {"type": "boolean", "description": "Nothing is taken from it at present."}}}}}},
"DirectoryEntry": {"type": "object", "additionalProperties": false, "required": ["id", "kind", "name", "speciality", "place", "territory", "phone", "next_open_at"], "properties": {
  "id": {"type": "string"}, "kind": {"type": "string", "enum": ["expert", "group"]}, "name": {"type": "string"}, "speciality": {"type": "string"},
  "place": {"type": "string"}, "territory": {"type": "string"}, "phone": {"type": "string", "description": "Direct line."},
  "next_open_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "null: takes no cases at present."}}},
"DirectoryAnswer": {"type": "object", "additionalProperties": false, "required": ["directory"], "properties": {
  "directory": {"type": "array", "items": {"$ref": "#/components/schemas/DirectoryEntry"}}}},
"KeptMail": {"type": "object", "additionalProperties": false, "required": ["id", "mailbox", "received_at", "verdict", "why", "case_number"], "properties": {
  "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"}, "mailbox": {"type": "string"}, "received_at": {"$ref": "#/components/schemas/Instant"},
  "verdict": {"type": "string", "description": "kept: nobody but a person can file it; asked_again: its sender was asked to write again."},
  "why": {"type": "string", "description": "Codes."}, "case_number": {"type": ["string", "null"]}}},
"TrayAnswer": {"type": "object", "additionalProperties": false, "required": ["exams"], "properties": {
  "exams": {"type": "array", "items": {"type": "object", "additionalProperties": false,
    "required": ["id", "device", "programme", "received_at", "kept_until", "name", "kind", "format", "detail", "recorded_at", "patient", "findings"], "properties": {
    "id": {"type": "string"}, "device": {"type": "string"}, "programme": {"type": "string"},
    "received_at": {"type": "string", "format": "date-time"}, "kept_until": {"type": "string", "format": "date-time"},
    "name": {"type": "string", "description": "As the sender called the file."}, "kind": {"enum": ["ecg", "photo", "document"]},
    "format": {"type": "string"}, "detail": {"type": "string"},
    "recorded_at": {"type": "string", "description": "As the device wrote it, often without an offset; empty: it does not say."},
    "patient": {"type": "object", "additionalProperties": false, "required": ["family_name", "given_name", "birth_date", "sex"], "properties": {
      "family_name": {"type": "string"}, "given_name": {"type": "string"}, "birth_date": {"type": "string"},
      "sex": {"enum": ["unknown", "male", "female", "other"]}}},
    "findings": {"type": "array", "items": {"type": "string"}}}}}}},
"UnreadableExamsAnswer": {"type": "object", "additionalProperties": false, "required": ["exams"], "properties": {
  "exams": {"type": "array", "items": {"type": "object", "additionalProperties": false,
    "required": ["id", "device", "programme", "received_at", "bytes", "why", "read_by"], "properties": {
    "id": {"type": "string"}, "device": {"type": "string"}, "programme": {"type": "string"},
    "received_at": {"type": "string", "format": "date-time"}, "bytes": {"type": "integer"},
    "why": {"type": "string", "description": "Code of the error."}, "read_by": {"type": "string", "description": "Version of the engine that tried last."}}}}}},
"KeptMailsAnswer": {"type": "object", "additionalProperties": false, "required": ["mails"], "properties": {
  "mails": {"type": "array", "items": {"$ref": "#/components/schemas/KeptMail"}}}},
"MailContent": {"type": "object", "additionalProperties": false, "required": ["from", "from_label", "return_path", "to", "cc", "subject", "date", "nature", "text", "forwarded_text", "attachments", "doubts", "bytes"],
  "description": "As the engine reads it; empty where it could not.", "properties": {
  "from": {"type": "string"}, "from_label": {"type": "string"}, "return_path": {"type": "string"},
  "to": {"type": "array", "items": {"type": "string"}}, "cc": {"type": "array", "items": {"type": "string"}},
  "subject": {"type": "string"}, "date": {"$ref": "#/components/schemas/InstantOrNull"},
  "nature": {"type": "string", "description": "message, or what kind of machine wrote it."},
  "text": {"type": "string"}, "forwarded_text": {"type": "string"},
  "attachments": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["name", "media_type", "bytes"], "properties": {
    "name": {"type": "string"}, "media_type": {"type": "string"}, "bytes": {"type": "integer"}}}},
  "doubts": {"type": "array", "description": "Codes of what was cut or could not be read.", "items": {"type": "string"}},
  "bytes": {"type": "integer", "description": "Of the mail as it arrived."}}},
"OpenedMailAnswer": {"type": "object", "additionalProperties": false, "required": ["mail", "content"], "properties": {
  "mail": {"$ref": "#/components/schemas/KeptMail"}, "content": {"$ref": "#/components/schemas/MailContent"}}},
"MailFiling": {"type": "object", "additionalProperties": false, "required": ["reason", "as"], "properties": {
  "reason": {"type": "string", "minLength": 10, "maxLength": 1000},
  "as": {"type": "string", "enum": ["information", "opinion", "again", "nothing"], "description": "again: read once more as if it had just come."},
  "case_number": {"type": "string", "description": "For information and opinion."}}},
"FiledMailAnswer": {"type": "object", "additionalProperties": false, "required": ["verdict"], "properties": {
  "verdict": {"type": "string", "description": "What became of it."}}}
})json";

}  // namespace

std::string_view openapi_registry_schemas() {
  return kRegistrySchemas;
}

}  // namespace telavis
