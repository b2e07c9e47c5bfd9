// SPDX-License-Identifier: Apache-2.0
#include "mssante/mail_connection.h"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "engine/core/mail_address.h"

namespace telavis {
namespace {

using Steady = std::chrono::steady_clock;

/// For TLS 1.2: forward secrecy and authenticated encryption alone, which is what the guides of
/// ANSSI ask for (unverified). TLS 1.3 has nothing else.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// What a server said is kept to tell a refusal from a pause, not to be shown: a line suffices.
constexpr std::size_t kMaxKeptLine = 1024;

constexpr std::size_t kMaxHostLength = 253;  // RFC 1035, 2.3.4

/// libcurl wants one global set-up before any thread; a static does that.
void set_up_curl_once() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(result);  // curl_easy_init fails below when this failed
}

struct EasyFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, EasyFree>;

tl::unexpected<Error> unreachable(const MailAccount& account, const std::string& why) {
  return fail(ErrorCode::mail_unreachable, account.host + ":" + std::to_string(account.port) +
                                               " could not be reached: " + why +
                                               ". It is tried again.");
}

/// The stream over libcurl's own socket and TLS session.
class CurlConnection : public MailConnection {
 public:
  CurlConnection(Easy easy, curl_socket_t socket, MailAccount account)
      : easy_(std::move(easy)), socket_(socket), account_(std::move(account)) {}

  Result<void> write(std::string_view bytes) override {
    const auto until = Steady::now() + account_.timeout;
    while (!bytes.empty()) {
      std::size_t sent = 0;
      const CURLcode result = curl_easy_send(easy_.get(), bytes.data(), bytes.size(), &sent);
      if (result == CURLE_OK) {
        bytes.remove_prefix(sent);
      } else if (result != CURLE_AGAIN) {
        return unreachable(account_, curl_easy_strerror(result));
      } else if (auto ready = wait(POLLOUT, until); !ready) {
        return ready;
      }
    }
    return {};
  }

  Result<std::size_t> read(std::span<char> out) override {
    const auto until = Steady::now() + account_.timeout;
    for (;;) {
      std::size_t received = 0;
      // Asked before waiting: what TLS has decrypted already wakes no poll.
      const CURLcode result = curl_easy_recv(easy_.get(), out.data(), out.size(), &received);
      if (result == CURLE_OK) return received;
      if (result != CURLE_AGAIN) return unreachable(account_, curl_easy_strerror(result));
      if (auto ready = wait(POLLIN, until); !ready) return tl::unexpected(ready.error());
    }
  }

 private:
  Result<void> wait(short events, Steady::time_point until) {
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
      if (left <= 0) return unreachable(account_, "it was silent for too long");
      pollfd waited{socket_, events, 0};
      const int count = ::poll(&waited, 1, static_cast<int>(left));
      if (count > 0) return {};
      if (count < 0 && errno != EINTR) {
        return unreachable(account_, std::generic_category().message(errno));
      }
    }
  }

  Easy easy_;
  curl_socket_t socket_;
  MailAccount account_;
};

// ---- what the account says ----------------------------------------------------------------------

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostLength &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.';
         });
}

bool needs_token(const MailAccount& account) {
  return account.sasl == "XOAUTH2" || account.sasl == "OAUTHBEARER" || account.sasl == "PLAIN";
}

Result<void> check(const MailAccount& account, const TokenSource* tokens) {
  const auto wrong = [](const char* what) {
    return fail(ErrorCode::configuration_invalid,
                std::string("A mail account is not usable: ") + what + ".");
  };
  if (!is_address(account.address)) return wrong("address is no mail address");
  if (!is_host(account.host)) return wrong("host is no host name");
  if (account.port == 0) return wrong("port is missing");
  if (account.ca_file.empty()) return wrong("ca_file is missing");
  if (account.certificate_file.empty() != account.key_file.empty())
    return wrong("certificate_file and key_file go together");
  if (account.timeout.count() <= 0) return wrong("timeout must be a second or more");
  if (!account.sasl.empty() && !needs_token(account) && account.sasl != "EXTERNAL")
    return wrong("sasl is none of XOAUTH2, OAUTHBEARER, PLAIN, EXTERNAL");
  if (needs_token(account) && (account.login.empty() || tokens == nullptr))
    return wrong("sasl needs a login and a token");
  return {};
}

std::string url_of(MailProtocol protocol, const MailAccount& account) {
  const bool imap = protocol == MailProtocol::imap;
  const bool at_once = account.security == MailSecurity::implicit_tls;
  std::string url = imap ? (at_once ? "imaps" : "imap") : (at_once ? "smtps" : "smtp");
  url += "://" + account.host + ":" + std::to_string(account.port) + "/";
  // In an SMTP URL the path is the name that EHLO gives.
  if (!imap) url += account.address.substr(account.address.find('@') + 1);
  return url;
}

// ---- what came of it ----------------------------------------------------------------------------

/// What libcurl left behind about a connection that could not be made.
struct Trace {
  std::array<char, CURL_ERROR_SIZE> words{};  // libcurl's own, with those of OpenSSL
  std::string last_line;                      // of the server
  std::string_view text() const { return words.data(); }
};

std::size_t keep_line(char* data, std::size_t size, std::size_t count, void* target) {
  auto& line = static_cast<Trace*>(target)->last_line;
  line.assign(data, std::min(size * count, kMaxKeptLine));
  return size * count;
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

bool is_one_of(CURLcode code, std::initializer_list<CURLcode> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// Whether the TLS library of either side said no; a line that was cut is no such answer.
bool refused_by_tls(CURLcode code, std::string_view words) {
  const auto says = [&](std::string_view word) { return words.find(word) != words.npos; };
  if (says("alert internal error") || says("unexpected eof")) return false;
  return says(" alert ") || (code == CURLE_SSL_CONNECT_ERROR && says("SSL routines::"));
}

/// "4xx" of SMTP, or the codes by which an IMAP server asks to come back (RFC 5530).
bool asks_to_come_back(long reply, std::string_view last_line) {
  if (reply >= 400 && reply < 500) return true;
  const auto says = [&](std::string_view word) { return last_line.find(word) != word.npos; };
  return says("[UNAVAILABLE]") || says("[SERVERBUG]") || says("[INUSE]") || says("[LIMIT]");
}

tl::unexpected<Error> failure(CURLcode code, long reply, const Trace& trace,
                              const MailAccount& account) {
  const auto refused = [&](const std::string& why) {
    return fail(ErrorCode::mail_refused,
                account.host + ":" + std::to_string(account.port) + ": " + why);
  };
  const std::string words(trace.text().empty() ? curl_easy_strerror(code) : trace.text());
  const bool later = asks_to_come_back(reply, trace.last_line);
  if (is_one_of(code, {CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CERTPROBLEM}))
    return refused("a file of the account cannot be used (" + words +
                   "). Check ca_file, crl_file, certificate_file and key_file.");
  if (is_one_of(code, {CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER}))
    return refused("its certificate or its TLS is not acceptable (" + words +
                   "). Check the certificate with the operator, and that ca_file and crl_file are "
                   "current.");
  if (refused_by_tls(code, words))
    return refused("TLS was refused (" + words +
                   "). Check the account's certificate and its dates with the operator.");
  if (is_one_of(code, {CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR}) && !later)
    return refused("the login was refused. Check login, sasl and that the token is renewed.");
  if (code == CURLE_USE_SSL_FAILED && !later)
    return refused("it offers no TLS, and nothing is sent without. Check host and port.");
  if (code == CURLE_WEIRD_SERVER_REPLY && reply >= 500)
    return refused("it refuses this client (" + std::to_string(reply) +
                   "). Ask the operator for the reason.");
  return unreachable(account, curl_easy_strerror(code));
}

/// Every option; false: this libcurl lacks one.
bool configure(CURL* easy, MailProtocol protocol, const MailAccount& account,
               const std::string& token, Trace& trace) {
  bool set_all = true;
  const auto set = [&](CURLoption option, auto value) {
    set_all = curl_easy_setopt(easy, option, value) == CURLE_OK && set_all;
  };
  const auto set_text = [&](CURLoption option, const std::string& value) {
    if (!value.empty()) set(option, value.c_str());
  };
  const auto timeout = static_cast<long>(
      std::chrono::duration_cast<std::chrono::milliseconds>(account.timeout).count());
  set(CURLOPT_URL, url_of(protocol, account).c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps,imap,imaps");
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_TIMEOUT_MS, timeout);
  set(CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(account.timeout.count()));
  set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_CIPHER_LIST, kTls12Ciphers);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set_text(CURLOPT_CAINFO, account.ca_file.string());
  set_text(CURLOPT_CRLFILE, account.crl_file.string());
  set_text(CURLOPT_SSLCERT, account.certificate_file.string());
  set_text(CURLOPT_SSLKEY, account.key_file.string());
  if (!account.sasl.empty()) {
    set(CURLOPT_LOGIN_OPTIONS, ("AUTH=" + account.sasl).c_str());
    set(CURLOPT_SASL_IR, 1L);
    set_text(CURLOPT_USERNAME, account.login);
    if (needs_token(account))
      set(account.sasl == "PLAIN" ? CURLOPT_PASSWORD : CURLOPT_XOAUTH2_BEARER, token.c_str());
  }
  set(CURLOPT_ERRORBUFFER, trace.words.data());
  set(CURLOPT_HEADERFUNCTION, &keep_line);
  set(CURLOPT_HEADERDATA, &trace);
  set(CURLOPT_WRITEFUNCTION, &drop);
  return set_all;
}

}  // namespace

Result<std::unique_ptr<MailConnection>> connect_mail(MailProtocol protocol,
                                                     const MailAccount& account,
                                                     TokenSource* tokens) {
  if (auto usable = check(account, tokens); !usable) return tl::unexpected(usable.error());
  Result<std::string> token;
  if (needs_token(account)) token = tokens->token();
  if (!token) return tl::unexpected(token.error());
  set_up_curl_once();
  Easy easy(curl_easy_init());
  Trace trace;
  if (!easy || !configure(easy.get(), protocol, account, *token, trace))
    return fail(ErrorCode::mail_unreachable,
                "libcurl could not be set up for mail; check its installation.");
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) {
    long reply = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &reply);
    return failure(code, reply, trace, account);
  }
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy.get(), CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
      socket == CURL_SOCKET_BAD)
    return unreachable(account, "the connection ended at once");
  // The trace goes with this call.
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, nullptr);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, nullptr);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, nullptr);
  return std::make_unique<CurlConnection>(std::move(easy), socket, account);
}

}  // namespace telavis
