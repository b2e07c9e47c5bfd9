// SPDX-License-Identifier: Apache-2.0
// Coming in, the second factor, one's sessions, and the ways back in.
#include "engine/core/json_reader.h"
#include "engine/http/access_views.h"
#include "engine/http/browser_kind.h"
#include "engine/http/case_views.h"
#include "engine/http/route.h"
#include "engine/http/session_cookie.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxLoginBytes = 200;        // an address at most
constexpr std::size_t kMaxOneTimeCodeBytes = 100;  // typed with spaces

Origin origin_of(const Call& call) {
  return {call.request.peer, browser_kind(call.request.header("user-agent"))};
}

Result<HttpResponse> me_answer(Call& call, const Visit& visit) {
  call.visit = visit;
  call.actor = visit.user;
  const auto enrolled = call.access.has_factor(visit.user.id);
  if (!enrolled) return tl::unexpected(enrolled.error());
  const auto text = me_json(call.reader(), visit, call.access.rules(), *enrolled);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> me_with_cookie(Call& call, const OpenedSession& opened) {
  auto response = me_answer(call, opened.visit);
  if (response) response->headers.emplace_back("Set-Cookie", set_session(opened.cookie));
  return response;
}

Result<HttpResponse> done(const Result<void>& result) {
  if (!result) return tl::unexpected(result.error());
  HttpResponse response;
  response.status = 204;
  return response;
}

/// The only member of a small body.
Result<std::string> member_of(const Call& call, const char* name, std::size_t most) {
  JsonReader json(as_text(call.request.body));
  std::string text = json.text(name, most);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  return text;
}

}  // namespace

Result<HttpResponse> log_in(Call& call) {
  JsonReader json(as_text(call.request.body));
  const std::string login = json.text("login", kMaxLoginBytes);
  const std::string password = json.text("password", kMaxPasswordBytes);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  const auto opened = call.access.log_in(login, password, origin_of(call));
  if (!opened) return tl::unexpected(opened.error());
  return me_with_cookie(call, *opened);
}

Result<HttpResponse> give_second_factor(Call& call) {
  const auto code = member_of(call, "code", kMaxOneTimeCodeBytes);
  if (!code) return tl::unexpected(code.error());
  const auto opened = call.access.give_second_factor(call.visit, *code);
  if (!opened) return tl::unexpected(opened.error());
  return me_with_cookie(call, *opened);
}

Result<HttpResponse> unlock_session(Call& call) {
  const auto password = member_of(call, "password", kMaxPasswordBytes);
  if (!password) return tl::unexpected(password.error());
  const auto visit = call.access.unlock(call.visit, *password, origin_of(call));
  if (!visit) return tl::unexpected(visit.error());
  return me_answer(call, *visit);
}

Result<HttpResponse> log_out(Call& call) {
  auto response = done(call.access.log_out(call.session));
  if (response) response->headers.emplace_back("Set-Cookie", clear_session());
  return response;
}

Result<HttpResponse> show_me(Call& call) {
  return me_answer(call, call.visit);
}

// ---- the second factor --------------------------------------------------------------------------

Result<HttpResponse> propose_factor(Call& call) {
  JsonReader json(as_text(call.request.body));
  const std::string code = json.optional_text("code", kMaxOneTimeCodeBytes);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  const auto proposed = call.access.propose_factor(call.visit, code);
  if (!proposed) return tl::unexpected(proposed.error());
  const auto text = proposed_factor_json(*proposed);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> confirm_factor(Call& call) {
  const auto code = member_of(call, "code", kMaxOneTimeCodeBytes);
  if (!code) return tl::unexpected(code.error());
  const auto confirmed = call.access.confirm_factor(call.visit, *code);
  if (!confirmed) return tl::unexpected(confirmed.error());
  HttpResponse response = json_response(recovery_codes_json(confirmed->recovery_codes));
  response.headers.emplace_back("Set-Cookie", set_session(confirmed->session.cookie));
  return response;
}

// ---- sessions -----------------------------------------------------------------------------------

Result<HttpResponse> list_sessions(Call& call) {
  const auto sessions = call.access.sessions(call.visit);
  if (!sessions) return tl::unexpected(sessions.error());
  return json_response(sessions_json(*sessions));
}

Result<HttpResponse> end_session(Call& call) {
  return done(call.access.end_session(call.visit, call.record));
}

Result<HttpResponse> end_other_sessions(Call& call) {
  return done(call.access.end_other_sessions(call.visit));
}

// ---- the ways back in ---------------------------------------------------------------------------

Result<HttpResponse> ask_for_access_code(Call& call) {
  const auto login = member_of(call, "login", kMaxLoginBytes);
  if (!login) return tl::unexpected(login.error());
  return done(call.access.ask_for_code(*login, origin_of(call)));
}

Result<HttpResponse> recover_password(Call& call) {
  JsonReader json(as_text(call.request.body));
  const std::string login = json.text("login", kMaxLoginBytes);
  const std::string code = json.text("code", kMaxOneTimeCodeBytes);
  const std::string second_factor = json.text("second_factor", kMaxOneTimeCodeBytes);
  const std::string password = json.text("password", kMaxPasswordBytes);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  return done(call.access.recover_password(login, code, second_factor, password, origin_of(call)));
}

Result<HttpResponse> recover_factor(Call& call) {
  JsonReader json(as_text(call.request.body));
  const std::string login = json.text("login", kMaxLoginBytes);
  const std::string code = json.text("code", kMaxOneTimeCodeBytes);
  const std::string password = json.text("password", kMaxPasswordBytes);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  return done(call.access.recover_factor(login, code, password, origin_of(call)));
}

}  // namespace telavis
