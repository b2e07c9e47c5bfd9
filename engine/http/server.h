// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 over TLS: sockets, limits and time limits. What a request means is the handler's matter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/core/http_message.h"
#include "formats/result.h"

namespace telavis {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8443;     // 0: any free one, told by port()
  std::string certificate_file;  // PEM, the chain
  std::string key_file;          // PEM

  /// A browser sends about 1 KiB; a cookie and an Idempotency-Key change little.
  std::size_t max_header_bytes = 16 * 1024;
  /// All bodies held at a time, announced or received: what uploads may take of the memory.
  std::size_t max_held_body_bytes = std::size_t{512} << 20;
  std::size_t max_connections = 256;

  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  /// From the first byte of a request (of a connection: from the handshake) to the end of its
  /// header.
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
  /// A body, and an answer, must move on by `min_progress_bytes` (or end) in each such window. 8
  /// KiB/s is a tenth of what the slowest rural line gives.
  std::chrono::milliseconds progress_window = std::chrono::seconds(60);
  std::size_t min_progress_bytes = 480 * 1024;
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(30);
  /// How long to go on reading from a client that has had its last answer, so that the answer is
  /// not lost to a reset, and how much.
  std::chrono::milliseconds linger_timeout = std::chrono::seconds(5);
  std::size_t max_linger_bytes = std::size_t{64} << 20;
  /// How long stop() waits for requests in flight.
  std::chrono::milliseconds stop_grace = std::chrono::seconds(20);

  std::size_t io_threads = 2;
  /// Most of what they do is waiting for the disk: who waits at the same time shares a commit.
  std::size_t worker_threads = 16;
};

/// `handle` and `body_limit` run on a worker and may block; `refuse` must not. All are called from
/// several threads at a time.
struct HttpHandler {
  std::function<HttpResponse(const HttpRequest&)> handle;
  /// Asked with the header alone, before a body is read: how many bytes it may have. An error is
  /// sent by `refuse` and the connection closed without reading the body.
  std::function<Result<std::size_t>(const HttpRequest& header)> body_limit;
  /// The answer to a request that the server itself refuses. `header` may be empty.
  std::function<HttpResponse(const HttpRequest& header, const Error& error)> refuse;
};

class Server {
 public:
  /// Listens at once. Errors: configuration_invalid (certificate, key, address, port in use).
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, HttpHandler handler);
  ~Server();  // stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Stops listening, closes idle connections, lets requests in flight end, joins. May be called
  /// twice; not from a handler.
  void stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace telavis
