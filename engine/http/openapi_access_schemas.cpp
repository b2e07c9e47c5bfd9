// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

namespace telavis {
namespace {

constexpr std::string_view kAccessSchemas = R"json({
"Credentials": {"type": "object", "additionalProperties": false, "required": ["login", "password"], "properties": {
  "login": {"type": "string", "maxLength": 200}, "password": {"type": "string", "maxLength": 1024}}},
"PasswordAgain": {"type": "object", "additionalProperties": false, "required": ["password"], "properties": {
  "password": {"type": "string", "maxLength": 1024}}},
"OneTimeCode": {"type": "object", "additionalProperties": false, "required": ["code"], "properties": {
  "code": {"type": "string", "maxLength": 100, "description": "Six digits, or a recovery code; spaces and dashes do not count."}}},
"FactorProposal": {"type": "object", "additionalProperties": false, "properties": {
  "code": {"type": "string", "maxLength": 100, "description": "Of the second factor that is to be replaced."}}},
"ProposedFactor": {"type": "object", "additionalProperties": false, "required": ["secret", "uri", "qr_svg"], "properties": {
  "secret": {"type": "string", "description": "Base32 (RFC 4648), 160 bits."},
  "uri": {"type": "string", "description": "otpauth://totp/..., as authenticator apps read it."},
  "qr_svg": {"type": "string", "description": "The uri as a QR code: an SVG document."}}},
"RecoveryCodesAnswer": {"type": "object", "additionalProperties": false, "required": ["recovery_codes"], "properties": {
  "recovery_codes": {"type": "array", "items": {"type": "string"}, "description": "Each serves once in place of a code of the app."}}},
"RecoveryQuestion": {"type": "object", "additionalProperties": false, "required": ["login"], "properties": {
  "login": {"type": "string", "maxLength": 200}}},
"PasswordRecovery": {"type": "object", "additionalProperties": false, "required": ["login", "code", "second_factor", "password"], "properties": {
  "login": {"type": "string", "maxLength": 200}, "code": {"type": "string", "maxLength": 100, "description": "As it was mailed."},
  "second_factor": {"type": "string", "maxLength": 100}, "password": {"type": "string", "minLength": 12, "maxLength": 1024, "description": "The new one."}}},
"SecondFactorRecovery": {"type": "object", "additionalProperties": false, "required": ["login", "code", "password"], "properties": {
  "login": {"type": "string", "maxLength": 200}, "code": {"type": "string", "maxLength": 100, "description": "As it was mailed."},
  "password": {"type": "string", "maxLength": 1024}}},
"OwnSession": {"type": "object", "additionalProperties": false, "required": ["stage", "second_factor", "idle_lock_seconds", "expires_at"], "properties": {
  "stage": {"type": "string", "enum": ["open", "enrolment", "second_factor", "locked"], "description": "What is to be given first, unless it is open."},
  "second_factor": {"type": "boolean", "description": "One is enrolled."},
  "idle_lock_seconds": {"type": "integer"}, "expires_at": {"type": "string", "format": "date-time"}}},
"SessionSummary": {"type": "object", "additionalProperties": false, "required": ["id", "created_at", "last_seen_at", "browser", "current"], "properties": {
  "id": {"type": "string"}, "created_at": {"type": "string", "format": "date-time"}, "last_seen_at": {"type": "string", "format": "date-time"},
  "browser": {"type": "string", "description": "Browser and system, coarsely: firefox/linux."}, "current": {"type": "boolean"}}},
"SessionsAnswer": {"type": "object", "additionalProperties": false, "required": ["sessions"], "properties": {
  "sessions": {"type": "array", "items": {"$ref": "#/components/schemas/SessionSummary"}}}}
})json";

}  // namespace

std::string_view openapi_access_schemas() {
  return kAccessSchemas;
}

}  // namespace telavis
