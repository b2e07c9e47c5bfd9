// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace telavis {

/// Every refusal of the project, in one closed list. `error_name` gives the stable name used in
/// JSON, logs and audit entries; the catalogue holds a French and an English sentence for each.
enum class ErrorCode {
  // what a file can be refused for
  empty_file,
  unknown_format,
  unsupported_format,
  malformed_file,
  truncated_file,
  limit_exceeded,
  unsupported_encoding,
  unsupported_conversion,
  // what a request can be refused for
  malformed_request,
  body_too_large,
  missing_field,
  invalid_field,
  consent_missing,
  unknown_programme,
  no_exam,
  exam_unconfirmed,
  idempotency_key_missing,
  idempotency_key_reused,
  // who may do what, and when
  login_required,
  login_failed,
  second_factor_required,
  second_factor_failed,
  recovery_failed,
  session_locked,
  too_many_attempts,
  forbidden,
  not_found,
  method_not_allowed,
  state_conflict,
  version_conflict,
  no_eligible_expert,
  // what billing refuses
  no_tariff,
  // what the machine refuses
  configuration_invalid,
  storage_failed,
  storage_full,
  crypto_failed,
  mail_failed,
  mail_unreachable,
  mail_refused,
  render_failed,
  unavailable,
  internal,
};

/// Stable snake_case name of a code, e.g. "unknown_format".
std::string_view error_name(ErrorCode code);

/// A refusal or a failure. `text` is English and tells the person what to do next. It never carries
/// an identity or clinical text, so that it may be logged.
struct Error {
  ErrorCode code;
  std::string text;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string text) {
  return tl::unexpected<Error>(Error{code, std::move(text)});
}

}  // namespace telavis
