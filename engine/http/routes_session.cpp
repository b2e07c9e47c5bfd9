// SPDX-License-Identifier: Apache-2.0
// The routes of coming in: password, second factor, sessions, and the ways back in.
#include "engine/http/route.h"

namespace telavis {
namespace {

std::vector<Route> coming_in_routes() {
  return {
      {.method = "POST",
       .path = "/api/v1/login",
       .audience = Audience::anyone,
       .max_body_bytes = kSmallJson,
       .handler = log_in,
       .operation = "logIn",
       .summary =
           "Opens a session; its cookie is set. `session.stage` says what is still to be given: "
           "until it is `open`, the session can do nothing else. 10 failures in 15 minutes for one "
           "login from one address are too many.",
       .request_schema = "Credentials",
       .response_schema = "MeAnswer"},
      {.method = "POST",
       .path = "/api/v1/login/second-factor",
       .half_open = true,
       .max_body_bytes = kSmallJson,
       .handler = give_second_factor,
       .operation = "giveSecondFactor",
       .summary = "The code of the authenticator app (RFC 6238), or one of the recovery codes; a "
                  "code is never taken twice. The session goes on under another cookie. 5 failures "
                  "in 15 minutes are too many.",
       .request_schema = "OneTimeCode",
       .response_schema = "MeAnswer"},
      {.method = "POST",
       .path = "/api/v1/session/unlock",
       .half_open = true,
       .max_body_bytes = kSmallJson,
       .handler = unlock_session,
       .operation = "unlockSession",
       .summary = "The password again, for a session that nobody has touched for a while.",
       .request_schema = "PasswordAgain",
       .response_schema = "MeAnswer"},
      {.method = "POST",
       .path = "/api/v1/logout",
       .half_open = true,
       .max_body_bytes = kSmallJson,
       .handler = log_out,
       .operation = "logOut",
       .summary = "Ends the session.",
       .success = 204},
      {.method = "GET",
       .path = "/api/v1/me",
       .half_open = true,
       .handler = show_me,
       .operation = "showMe",
       .summary = "Who is logged in, in which roles, and what the session may do. The header "
                  "Telavis-Idle-Seconds, here and anywhere, says for how long nobody has touched "
                  "the page that asks.",
       .response_schema = "MeAnswer"},
  };
}

std::vector<Route> own_access_routes() {
  return {
      {.method = "POST",
       .path = "/api/v1/me/second-factor",
       .half_open = true,
       .max_body_bytes = kSmallJson,
       .handler = propose_factor,
       .operation = "proposeSecondFactor",
       .summary = "A new secret for an authenticator app, to be confirmed by its first code. Who "
                  "has a second factor already gives a code of it.",
       .request_schema = "FactorProposal",
       .response_schema = "ProposedFactor"},
      {.method = "POST",
       .path = "/api/v1/me/second-factor/confirm",
       .half_open = true,
       .max_body_bytes = kSmallJson,
       .handler = confirm_factor,
       .operation = "confirmSecondFactor",
       .summary = "The proposed secret counts from now on; the session is open, under another "
                  "cookie, and the person's other sessions end. The recovery codes are told once.",
       .request_schema = "OneTimeCode",
       .response_schema = "RecoveryCodesAnswer"},
      {.method = "GET",
       .path = "/api/v1/me/sessions",
       .handler = list_sessions,
       .operation = "listSessions",
       .summary = "One's own sessions, newest first.",
       .response_schema = "SessionsAnswer"},
      {.method = "POST",
       .path = "/api/v1/me/sessions/{session}/end",
       .max_body_bytes = kSmallJson,
       .handler = end_session,
       .operation = "endSession",
       .summary = "Ends one of one's own sessions.",
       .success = 204},
      {.method = "POST",
       .path = "/api/v1/me/sessions/end-others",
       .max_body_bytes = kSmallJson,
       .handler = end_other_sessions,
       .operation = "endOtherSessions",
       .summary = "Ends all of one's own sessions but this one.",
       .success = 204},
  };
}

std::vector<Route> way_back_routes() {
  return {
      {.method = "POST",
       .path = "/api/v1/recovery",
       .audience = Audience::anyone,
       .max_body_bytes = kSmallJson,
       .handler = ask_for_access_code,
       .operation = "askForAccessCode",
       .summary = "A code by secure mail to the address on file, good for 15 minutes and 5 tries. "
                  "The answer is the same whether there is such a person or not.",
       .request_schema = "RecoveryQuestion",
       .success = 204},
      {.method = "POST",
       .path = "/api/v1/recovery/password",
       .audience = Audience::anyone,
       .max_body_bytes = kSmallJson,
       .handler = recover_password,
       .operation = "recoverPassword",
       .summary = "A new password for the mailed code and the second factor. All sessions end.",
       .request_schema = "PasswordRecovery",
       .success = 204},
      {.method = "POST",
       .path = "/api/v1/recovery/second-factor",
       .audience = Audience::anyone,
       .max_body_bytes = kSmallJson,
       .handler = recover_factor,
       .operation = "recoverSecondFactor",
       .summary = "Removes the second factor for the mailed code and the password; the next login "
                  "enrols another one. All sessions end.",
       .request_schema = "SecondFactorRecovery",
       .success = 204},
  };
}

}  // namespace

std::vector<Route> session_routes() {
  std::vector<Route> all = coming_in_routes();
  for (const auto& part : {own_access_routes(), way_back_routes()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace telavis
