// SPDX-License-Identifier: Apache-2.0
#include "formats/result.h"

namespace telavis {

std::string_view error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::empty_file:
      return "empty_file";
    case ErrorCode::unknown_format:
      return "unknown_format";
    case ErrorCode::unsupported_format:
      return "unsupported_format";
    case ErrorCode::malformed_file:
      return "malformed_file";
    case ErrorCode::truncated_file:
      return "truncated_file";
    case ErrorCode::limit_exceeded:
      return "limit_exceeded";
    case ErrorCode::unsupported_encoding:
      return "unsupported_encoding";
    case ErrorCode::unsupported_conversion:
      return "unsupported_conversion";
    case ErrorCode::malformed_request:
      return "malformed_request";
    case ErrorCode::body_too_large:
      return "body_too_large";
    case ErrorCode::missing_field:
      return "missing_field";
    case ErrorCode::invalid_field:
      return "invalid_field";
    case ErrorCode::consent_missing:
      return "consent_missing";
    case ErrorCode::unknown_programme:
      return "unknown_programme";
    case ErrorCode::no_exam:
      return "no_exam";
    case ErrorCode::exam_unconfirmed:
      return "exam_unconfirmed";
    case ErrorCode::idempotency_key_missing:
      return "idempotency_key_missing";
    case ErrorCode::idempotency_key_reused:
      return "idempotency_key_reused";
    case ErrorCode::login_required:
      return "login_required";
    case ErrorCode::login_failed:
      return "login_failed";
    case ErrorCode::second_factor_required:
      return "second_factor_required";
    case ErrorCode::second_factor_failed:
      return "second_factor_failed";
    case ErrorCode::recovery_failed:
      return "recovery_failed";
    case ErrorCode::session_locked:
      return "session_locked";
    case ErrorCode::too_many_attempts:
      return "too_many_attempts";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::method_not_allowed:
      return "method_not_allowed";
    case ErrorCode::state_conflict:
      return "state_conflict";
    case ErrorCode::version_conflict:
      return "version_conflict";
    case ErrorCode::no_eligible_expert:
      return "no_eligible_expert";
    case ErrorCode::no_tariff:
      return "no_tariff";
    case ErrorCode::configuration_invalid:
      return "configuration_invalid";
    case ErrorCode::storage_failed:
      return "storage_failed";
    case ErrorCode::storage_full:
      return "storage_full";
    case ErrorCode::crypto_failed:
      return "crypto_failed";
    case ErrorCode::mail_failed:
      return "mail_failed";
    case ErrorCode::mail_unreachable:
      return "mail_unreachable";
    case ErrorCode::mail_refused:
      return "mail_refused";
    case ErrorCode::render_failed:
      return "render_failed";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace telavis
