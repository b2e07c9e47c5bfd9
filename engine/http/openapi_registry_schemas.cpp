// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

namespace telavis {
namespace {

constexpr std::string_view kSchemas = R"json({
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
  "due_back_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "returned_on": {"$ref": "#/components/schemas/DateOrEmpty"}, "consumables": {"type": "string"}}},
"DeviceAnswer": {"type": "object", "additionalProperties": false, "required": ["version", "device"], "properties": {
  "version": {"$ref": "#/components/schemas/Version"}, "device": {"$ref": "#/components/schemas/LentDevice"}}},
"DevicesAnswer": {"type": "object", "additionalProperties": false, "required": ["devices"], "properties": {
  "devices": {"type": "array", "items": {"$ref": "#/components/schemas/DeviceAnswer"}}}},
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
"DirectoryEntry": {"type": "object", "additionalProperties": false, "required": ["id", "kind", "name", "speciality", "place", "territory", "phone", "next_open_at"], "properties": {
  "id": {"type": "string"}, "kind": {"type": "string", "enum": ["expert", "group"]}, "name": {"type": "string"}, "speciality": {"type": "string"},
  "place": {"type": "string"}, "territory": {"type": "string"}, "phone": {"type": "string", "description": "Direct line."},
  "next_open_at": {"$ref": "#/components/schemas/InstantOrNull", "description": "null: takes no cases at present."}}},
"DirectoryAnswer": {"type": "object", "additionalProperties": false, "required": ["directory"], "properties": {
  "directory": {"type": "array", "items": {"$ref": "#/components/schemas/DirectoryEntry"}}}}
})json";

}  // namespace

std::string_view openapi_registry_schemas() {
  return kSchemas;
}

}  // namespace telavis
