// SPDX-License-Identifier: Apache-2.0
#include "engine/core/json_reader.h"
#include "engine/http/case_views.h"
#include "engine/http/route.h"
#include "engine/http/session_cookie.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxLoginBytes = 200;  // an address at most

struct Credentials {
  std::string login;
  std::string password;
};

Result<Credentials> parse_credentials(ByteView body) {
  JsonReader json(as_text(body));
  Credentials credentials{json.text("login", kMaxLoginBytes),
                          json.text("password", kMaxPasswordBytes)};
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  return credentials;
}

}  // namespace

Result<HttpResponse> log_in(Call& call) {
  const auto credentials = parse_credentials(call.request.body);
  if (!credentials) return tl::unexpected(credentials.error());
  const std::string& login = credentials->login;
  if (!call.throttle.begin(login, call.request.peer, call.service.clock().now())) {
    return fail(ErrorCode::too_many_attempts,
                "Too many failed attempts for this login. Wait a quarter of an hour.");
  }
  const auto session = call.service.login(login, credentials->password);
  if (!session) return tl::unexpected(session.error());
  call.throttle.succeeded(login, call.request.peer);
  auto user = call.service.user_of_session(*session);
  if (!user) return tl::unexpected(user.error());
  call.actor = std::move(*user);
  const auto text = me_json(call.reader());
  if (!text) return tl::unexpected(text.error());
  HttpResponse response = json_response(*text);
  response.headers.emplace_back("Set-Cookie", set_session(*session));
  return response;
}

Result<HttpResponse> log_out(Call& call) {
  if (auto ended = call.service.logout(call.session); !ended) return tl::unexpected(ended.error());
  HttpResponse response;
  response.status = 204;
  response.headers.emplace_back("Set-Cookie", clear_session());
  return response;
}

Result<HttpResponse> show_me(Call& call) {
  const auto text = me_json(call.reader());
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

}  // namespace telavis
