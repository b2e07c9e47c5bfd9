// SPDX-License-Identifier: Apache-2.0
#include "engine/http/error_status.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

namespace telavis {

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed_request:
    case ErrorCode::idempotency_key_missing:
      return 400;
    case ErrorCode::login_required:
    case ErrorCode::login_failed:
    case ErrorCode::second_factor_required:
    case ErrorCode::second_factor_failed:
    case ErrorCode::recovery_failed:
    case ErrorCode::session_locked:
      return 401;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::method_not_allowed:
      return 405;
    case ErrorCode::state_conflict:
    case ErrorCode::version_conflict:
    case ErrorCode::idempotency_key_reused:
    case ErrorCode::no_eligible_expert:
      return 409;
    case ErrorCode::body_too_large:
      return 413;
    // Understood, and not to be processed as it stands.
    case ErrorCode::empty_file:
    case ErrorCode::unknown_format:
    case ErrorCode::unsupported_format:
    case ErrorCode::malformed_file:
    case ErrorCode::truncated_file:
    case ErrorCode::limit_exceeded:
    case ErrorCode::unsupported_encoding:
    case ErrorCode::unsupported_conversion:
    case ErrorCode::missing_field:
    case ErrorCode::invalid_field:
    case ErrorCode::consent_missing:
    case ErrorCode::unknown_programme:
    case ErrorCode::no_exam:
    case ErrorCode::exam_unconfirmed:
    case ErrorCode::no_tariff:
      return 422;
    case ErrorCode::too_many_attempts:
      return 429;
    case ErrorCode::configuration_invalid:
    case ErrorCode::crypto_failed:
    case ErrorCode::mail_failed:
    case ErrorCode::mail_refused:
    case ErrorCode::render_failed:
    case ErrorCode::internal:
      return 500;
    case ErrorCode::storage_failed:
    case ErrorCode::unavailable:
    case ErrorCode::mail_unreachable:
      return 503;
    case ErrorCode::storage_full:
      return 507;
  }
  return 500;
}

std::string_view refused_member(const Error& error) {
  const bool about_a_member = error.code == ErrorCode::missing_field ||
                              error.code == ErrorCode::invalid_field ||
                              error.code == ErrorCode::consent_missing;
  const std::string_view text = error.text;
  const std::size_t open = about_a_member ? text.find('\'') : std::string_view::npos;
  if (open == std::string_view::npos) return {};
  const std::string_view quoted = text.substr(open + 1);
  const std::string_view member = quoted.substr(0, quoted.find('\''));
  const bool is_name =
      member.size() < quoted.size() && std::all_of(member.begin(), member.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
      });
  return is_name ? member : std::string_view();
}

HttpResponse error_response(const Error& error, Language language) {
  namespace json = boost::json;
  json::object refusal{{"code", error_name(error.code)}, {"text", error_sentence(language, error)}};
  if (const auto member = refused_member(error); !member.empty()) refusal["field"] = member;
  const std::string text = json::serialize(json::object{{"error", std::move(refusal)}});
  HttpResponse response;
  response.status = http_status(error.code);
  const auto bytes = as_bytes(text);
  response.body.assign(bytes.begin(), bytes.end());
  return response;
}

}  // namespace telavis
