// SPDX-License-Identifier: Apache-2.0
// A server on a free port with a certificate of its own, and a TLS connection that sends what no
// library would.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "devices/https_client.h"
#include "engine/http/error_status.h"
#include "engine/http/self_signed.h"
#include "engine/http/server.h"

namespace telavis::test {

/// A folder with certificate.pem and key.pem, gone with the object.
class CertificateFolder {
 public:
  CertificateFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "telavis-http-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
    folder_ = name;
    // The test machine's clock is not ours to choose: the certificate must hold whatever it says.
    timeval now{};
    gettimeofday(&now, nullptr);
    const auto pair =
        make_self_signed("localhost", from_epoch_ms(static_cast<std::int64_t>(now.tv_sec) * 1000));
    EXPECT_TRUE(pair.has_value());
    std::ofstream(certificate()) << pair->certificate_pem;
    std::ofstream(key()) << pair->key_pem;
  }
  ~CertificateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;
  std::string certificate() const { return (folder_ / "certificate.pem").string(); }
  std::string key() const { return (folder_ / "key.pem").string(); }

 private:
  std::filesystem::path folder_;
};

/// One TLS connection, blocking, with a limit of 20 s on every read so that a failing test ends.
class TlsProbe {
 public:
  explicit TlsProbe(std::uint16_t port, int max_version = 0, int receive_buffer = 0) {
    static_cast<void>(signal(SIGPIPE, SIG_IGN));
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (max_version != 0) {
      // Otherwise the client's own policy would refuse, and nothing be learnt of the server's.
      SSL_CTX_set_security_level(context_.get(), 0);
      SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context_.get(), max_version);
    }
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer != 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
  }
  ~TlsProbe() {
    ssl_.reset();
    ::close(socket_);
  }
  TlsProbe(const TlsProbe&) = delete;
  TlsProbe& operator=(const TlsProbe&) = delete;

  bool handshake() { return connected_ && SSL_connect(ssl_.get()) == 1; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  bool send(std::string_view text) {
    return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) ==
           static_cast<int>(text.size());
  }
  /// What comes until the end of the connection.
  std::string read_to_end() {
    std::string all;
    char buffer[4096];
    for (;;) {
      const int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
      if (count <= 0) break;
      all.append(buffer, static_cast<std::size_t>(count));
    }
    ended_cleanly_ = SSL_get_error(ssl_.get(), 0) == SSL_ERROR_ZERO_RETURN ||
                     (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    return all;
  }
  /// One answer with a Content-Length.
  std::string read_answer() {
    std::string all;
    char byte = 0;
    while (all.find("\r\n\r\n") == std::string::npos) {
      if (SSL_read(ssl_.get(), &byte, 1) != 1) return all;
      all += byte;
    }
    const auto place = all.find("Content-Length: ");
    std::size_t length = 0;
    if (place != std::string::npos) {
      for (std::size_t i = place + 16; all[i] >= '0' && all[i] <= '9'; ++i) {
        length = length * 10 + static_cast<std::size_t>(all[i] - '0');
      }
    }
    for (std::size_t i = 0; i < length && SSL_read(ssl_.get(), &byte, 1) == 1; ++i) all += byte;
    return all;
  }
  bool ended_cleanly() const { return ended_cleanly_; }
  int socket() const { return socket_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  int socket_ = -1;
  bool connected_ = false;
  bool ended_cleanly_ = false;
};

/// Refusals as the API words them, a limit of 1,000 bytes, and `handle` as given.
inline HttpHandler handler_with(std::function<HttpResponse(const HttpRequest&)> handle) {
  HttpHandler handler;
  handler.handle = std::move(handle);
  handler.body_limit = [](const HttpRequest&) -> Result<std::size_t> { return std::size_t{1000}; };
  handler.refuse = [](const HttpRequest&, const Error& error) {
    HttpResponse response;
    response.status = http_status(error.code);
    const std::string text =
        "{\"error\":{\"code\":\"" + std::string(error_name(error.code)) + "\"}}";
    response.body.assign(text.begin(), text.end());
    return response;
  };
  return handler;
}

/// Answers with the method, the path and the length of the body.
inline HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.content_type = "text/plain";
  const std::string text =
      request.method + " " + request.path + " " + std::to_string(request.body.size());
  response.body.assign(text.begin(), text.end());
  return response;
}

class ServerTest : public ::testing::Test {
 protected:
  ServerOptions options() const {
    ServerOptions options;
    options.port = 0;
    options.certificate_file = folder_.certificate();
    options.key_file = folder_.key();
    return options;
  }
  void start(const ServerOptions& options, HttpHandler handler) {
    auto started = Server::start(options, std::move(handler));
    ASSERT_TRUE(started.has_value()) << started.error().text;
    server_ = std::move(*started);
  }
  HttpsClient client() const {
    return HttpsClient(
        {"https://localhost:" + std::to_string(server_->port()), folder_.certificate()});
  }

  CertificateFolder folder_;
  std::unique_ptr<Server> server_;
};

}  // namespace telavis::test
