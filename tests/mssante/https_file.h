// SPDX-License-Identifier: Apache-2.0
// A TLS server on a free port that answers each request with the bytes a test has planned, well or
// badly: the other side of mssante/https_get, by OpenSSL itself.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "tests/mssante/signed_xml.h"

namespace telavis::test {

enum class AfterAnswer {
  close,  // in order
  cut,    // the connection is reset
  hold,   // nothing more comes, until the client goes
};

struct PlannedAnswer {
  std::string bytes;  // status line, header fields and body, as they are sent
  AfterAnswer then = AfterAnswer::close;
};

inline std::string http_answer(const std::string& status, const std::string& body,
                               const std::string& more_fields = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + more_fields + "\r\n" + body;
}

/// Serves one connection after the other. A request that nothing was planned for is cut.
class HttpsFile {
 public:
  /// `max_version`: of TLS, as OpenSSL names it; 0: any.
  explicit HttpsFile(const Identity& identity, int max_version = 0)
      : context_(SSL_CTX_new(TLS_server_method())) {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    if (max_version != 0) {
      SSL_CTX_set_security_level(context_.get(), 0);
      SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context_.get(), max_version);
    }
    need(SSL_CTX_use_certificate(context_.get(), identity.certificate.get()) == 1, "certificate");
    need(SSL_CTX_use_PrivateKey(context_.get(), identity.key.get()) == 1, "key");
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    need(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
             ::listen(listener_, 8) == 0 &&
             ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0,
         "listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpsFile() {
    ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
    thread_.join();
    ::close(listener_);
  }
  HttpsFile(const HttpsFile&) = delete;
  HttpsFile& operator=(const HttpsFile&) = delete;

  std::string url(const std::string& host = "localhost") const {
    return "https://" + host + ":" + std::to_string(port_) + "/listeblanchemssante.xml";
  }
  void plan(PlannedAnswer answer) {
    const std::lock_guard lock(mutex_);
    planned_.push_back(std::move(answer));
  }
  /// Whole requests that came over TLS.
  int requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  void serve() {
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      const timeval limit{20, 0};  // a failing test ends
      ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
      const std::unique_ptr<SSL, Free> ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), socket);
      if (SSL_accept(ssl.get()) == 1 && read_request(ssl.get())) answer(ssl.get(), socket);
      ::close(socket);
    }
  }
  static bool read_request(SSL* ssl) {
    std::string request;
    char byte = 0;
    while (!request.ends_with("\r\n\r\n")) {
      if (SSL_read(ssl, &byte, 1) != 1) return false;
      request += byte;
    }
    return request.starts_with("GET /listeblanchemssante.xml HTTP/1.1\r\n");
  }
  PlannedAnswer next() {
    const std::lock_guard lock(mutex_);
    ++requests_;
    if (planned_.empty()) return {"", AfterAnswer::cut};
    PlannedAnswer answer = std::move(planned_.front());
    planned_.pop_front();
    return answer;
  }
  void answer(SSL* ssl, int socket) {
    const PlannedAnswer answer = next();
    // A client that has seen enough goes before the end: no failure here.
    if (!answer.bytes.empty())
      SSL_write(ssl, answer.bytes.data(), static_cast<int>(answer.bytes.size()));
    switch (answer.then) {
      case AfterAnswer::close:
        SSL_shutdown(ssl);
        break;
      case AfterAnswer::cut: {
        const linger reset{1, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        break;
      }
      case AfterAnswer::hold: {
        char byte = 0;
        SSL_read(ssl, &byte, 1);
        break;
      }
    }
  }

  std::unique_ptr<SSL_CTX, Free> context_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::deque<PlannedAnswer> planned_;
  int requests_ = 0;
  std::thread thread_;
};

}  // namespace telavis::test
