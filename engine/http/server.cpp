// SPDX-License-Identifier: Apache-2.0
// A connection lives on one strand; its handler runs on the worker pool and comes back to it. One
// read or write is pending at a time, so the stream's deadline is always the deadline of that step.
#include "engine/http/server.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/http/security_headers.h"
#include "engine/http/target.h"
#include "formats/text.h"

namespace telavis {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Body = http::vector_body<std::uint8_t>;

constexpr std::size_t kFirstReadBytes = 4096;  // what wakes an idle connection
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";  // RFC 9110, 10.1.1

// Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else (RFC 9325, 4.2).
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// Requires that a transfer goes on: `advance` says when a new window begins.
class ProgressWindow {
 public:
  explicit ProgressWindow(std::size_t least_bytes) : least_bytes_(least_bytes) {}
  bool advance(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ < least_bytes_) return false;
    bytes_ = 0;
    return true;
  }

 private:
  std::size_t least_bytes_;
  std::size_t bytes_ = 0;
};

/// Bytes of request bodies that are held now, by everyone.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t limit) : limit_(limit) {}
  bool take(std::size_t bytes) {
    std::size_t held = held_.load();
    do {
      if (bytes > limit_ - held) return false;
    } while (!held_.compare_exchange_weak(held, held + bytes));
    return true;
  }
  void give_back(std::size_t bytes) { held_ -= bytes; }

 private:
  std::size_t limit_;
  std::atomic<std::size_t> held_ = 0;
};

class Session;

/// The sessions that live.
class SessionList {
 public:
  void add(const void* key, std::weak_ptr<Session> session) {
    const std::lock_guard lock(mutex_);
    sessions_[key] = std::move(session);
  }
  void remove(const void* key) {
    {
      const std::lock_guard lock(mutex_);
      sessions_.erase(key);
    }
    changed_.notify_all();
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
  }
  std::vector<std::shared_ptr<Session>> all() {
    std::vector<std::shared_ptr<Session>> found;
    const std::lock_guard lock(mutex_);
    for (const auto& [key, weak] : sessions_) {
      if (auto session = weak.lock()) found.push_back(std::move(session));
    }
    return found;
  }
  void wait_until_empty() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return sessions_.empty(); });
  }
  void wait_until_empty(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [this] { return sessions_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<const void*, std::weak_ptr<Session>> sessions_;
};

/// What all sessions share.
struct Shared {
  Shared(const ServerOptions& given, HttpHandler given_handler)
      : options(given), handler(std::move(given_handler)), bodies(given.max_held_body_bytes) {}

  ServerOptions options;
  HttpHandler handler;
  BodyBudget bodies;
  SessionList sessions;
  std::atomic<bool> stopping = false;
  std::function<void()> session_ended;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  asio::io_context io;
  asio::thread_pool workers{options.worker_threads};
};

const Error kNoRoom{ErrorCode::internal, "The server could not do this. Try again."};

// A handler does not throw, but memory may run out in it.
HttpResponse answer_of(const HttpHandler& handler, const HttpRequest& request) {
  try {
    return handler.handle(request);
  } catch (const std::exception&) {
    return handler.refuse(request, kNoRoom);
  }
}

Result<std::size_t> body_limit_of(const HttpHandler& handler, const HttpRequest& header) {
  try {
    return handler.body_limit(header);
  } catch (const std::exception&) {
    return tl::unexpected(kNoRoom);
  }
}

std::string peer_text(const Tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

/// The header as the handlers see it. nullopt: the request is not valid HTTP.
std::optional<HttpRequest> header_of(const http::request<Body>& message, bool chunked,
                                     std::string peer) {
  HttpRequest out;
  const auto method = message.method_string();
  out.method.assign(method.data(), method.size());
  const auto target = parse_target({message.target().data(), message.target().size()});
  if (!target) return std::nullopt;
  out.path = target->path;
  out.query = target->query;
  out.peer = std::move(peer);
  for (const auto& field : message) {
    std::string name(field.name_string().data(), field.name_string().size());
    name = lowered(name);
    const std::string value(field.value().data(), field.value().size());
    const auto [place, is_new] = out.headers.try_emplace(name, value);
    if (is_new) continue;
    if (name == "host") return std::nullopt;  // RFC 9112, 3.2
    place->second += (name == "cookie" ? "; " : ", ") + value;
  }
  if (message.version() >= 11 && out.headers.count("host") == 0) return std::nullopt;
  // A transfer coding that was not understood would hide where the request ends.
  if (out.headers.count("transfer-encoding") != 0 && !chunked) return std::nullopt;
  return out;
}

// ---- one connection -----------------------------------------------------------------------------

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Tcp::socket socket, Shared& shared)
      : shared_(shared),
        peer_(peer_text(socket)),
        stream_(std::move(socket), shared.tls),
        read_window_(shared.options.min_progress_bytes),
        write_window_(shared.options.min_progress_bytes) {}
  ~Session() {
    forget_late();
    release_body();
    shared_.sessions.remove(this);
    shared_.session_ended();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() {
    shared_.sessions.add(this, weak_from_this());
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->handshake(); });
  }

  /// The server stops: nothing in flight ends at once, anything else after its answer.
  void stop_when_idle() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      if (self->idle_) self->close();
    });
  }
  void abort() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->close(); });
  }

 private:
  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }
  const ServerOptions& options() const { return shared_.options; }
  void close() {
    forget_late();
    tcp().close();
  }

  template <typename Step>
  auto then(Step step) {
    return [self = shared_from_this(), step](error_code error, std::size_t bytes = 0) {
      (self.get()->*step)(error, bytes);
    };
  }

  void handshake() {
    if (shared_.stopping) return close();
    idle_ = true;
    tcp().expires_after(options().handshake_timeout);
    stream_.async_handshake(asio::ssl::stream_base::server, then(&Session::on_handshake));
  }

  void on_handshake(error_code error, std::size_t) {
    if (error) return close();
    read_request(options().header_timeout);
  }

  /// Waits for the first bytes of a request, at most `patience`.
  void read_request(std::chrono::milliseconds patience) {
    if (shared_.stopping) return shut_down();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options().max_header_bytes));
    parser_->body_limit(boost::none);  // set when the header is known
    header_ = {};
    unread_body_ = false;
    if (buffer_.size() > 0) return read_header();
    idle_ = true;
    tcp().expires_after(patience);
    stream_.async_read_some(buffer_.prepare(kFirstReadBytes), then(&Session::on_first_bytes));
  }

  void on_first_bytes(error_code error, std::size_t bytes) {
    if (error == asio::error::eof) return shut_down();
    if (error) return close();
    buffer_.commit(bytes);
    read_header();
  }

  void read_header() {
    idle_ = false;
    tcp().expires_after(options().header_timeout);
    http::async_read_header(stream_, buffer_, *parser_, then(&Session::on_header));
  }

  void on_header(error_code error, std::size_t) {
    if (error) return read_failed(error);
    auto header = header_of(parser_->get(), parser_->chunked(), peer_);
    if (!header) return refuse({ErrorCode::malformed_request, "This is not a valid HTTP request."});
    header_ = std::move(*header);
    if (parser_->is_done()) return handle();
    unread_body_ = true;
    on_worker([](Session& self) {
      auto limit = body_limit_of(self.shared_.handler, self.header_);
      self.on_strand([limit = std::move(limit)](Session& back) { back.on_body_limit(limit); });
    });
  }

  void on_body_limit(const Result<std::size_t>& limit) {
    if (!limit) return refuse(limit.error());
    const std::uint64_t announced = parser_->content_length().value_or(*limit);
    if (announced > *limit) return refuse_size(*limit);
    if (!shared_.bodies.take(static_cast<std::size_t>(announced))) {
      return refuse(
          {ErrorCode::unavailable, "Too many uploads are under way. Try again in a minute."});
    }
    held_bytes_ = static_cast<std::size_t>(announced);
    parser_->body_limit(*limit);
    read_window_ = ProgressWindow(options().min_progress_bytes);
    tcp().expires_after(options().progress_window);
    const auto expect = header_.header("expect");
    if (beast::iequals({expect.data(), expect.size()}, "100-continue")) {
      return asio::async_write(stream_, asio::buffer(kContinue), then(&Session::on_continue_sent));
    }
    read_body();
  }

  void on_continue_sent(error_code error, std::size_t) {
    if (error) return close();
    read_body();
  }

  void read_body() {
    http::async_read_some(stream_, buffer_, *parser_, then(&Session::on_body_part));
  }

  void on_body_part(error_code error, std::size_t bytes) {
    if (error) return read_failed(error);
    if (parser_->is_done()) {
      unread_body_ = false;
      header_.body = std::move(parser_->get().body());
      return handle();
    }
    if (read_window_.advance(bytes)) tcp().expires_after(options().progress_window);
    read_body();
  }

  /// What came is not HTTP, or no more comes.
  void read_failed(error_code error) {
    if (error == http::error::end_of_stream) return shut_down();
    if (error == http::error::body_limit) return refuse_size(0);
    const bool is_grammar =
        error.category() == http::make_error_code(http::error::bad_value).category();
    if (!is_grammar || error == http::error::partial_message) return close();
    unread_body_ = true;
    if (error == http::error::header_limit) {
      return refuse({ErrorCode::malformed_request, "The header of this request is too long."});
    }
    refuse({ErrorCode::malformed_request, "This is not a valid HTTP request."});
  }

  void refuse_size(std::size_t limit) {
    refuse({ErrorCode::body_too_large,
            limit == 0 ? std::string("This request is larger than it may be.")
                       : "This request may have at most " + std::to_string(limit) +
                             " bytes. Send fewer or smaller files."});
  }

  /// After a refusal where the next request begins is not known: the connection ends.
  void refuse(const Error& error) { respond(shared_.handler.refuse(header_, error), false); }

  void handle() {
    // No limit while the handler works: it is ours, and it ends.
    tcp().expires_never();
    const bool keep_alive = parser_->keep_alive();
    on_worker([keep_alive](Session& self) {
      auto response = std::make_shared<HttpResponse>(answer_of(self.shared_.handler, self.header_));
      self.on_strand([response, keep_alive](Session& back) {
        if (response->late) return back.wait_for(std::move(response->late), keep_alive);
        back.respond(std::move(*response), keep_alive);
      });
    });
  }

  /// Idle until there is something to answer: a server that stops does not wait for it.
  void wait_for(std::shared_ptr<LateAnswer> late, bool keep_alive) {
    if (shared_.stopping) return close();
    release_body();
    idle_ = true;
    late_ = std::move(late);
    patience_.expires_after(late_->at_most);
    patience_.async_wait([self = shared_from_this(), keep_alive](error_code error) {
      if (!error) self->answer_late(keep_alive);
    });
    take_back_ = late_->arrange([weak = weak_from_this(), keep_alive] {
      if (auto self = weak.lock())
        self->on_strand([keep_alive](Session& back) { back.answer_late(keep_alive); });
    });
  }

  /// Called for what is ready and for what has waited long enough: the second finds nothing to do.
  void answer_late(bool keep_alive) {
    if (!late_) return;
    const std::shared_ptr<LateAnswer> late = forget_late();
    idle_ = false;
    on_worker([late, keep_alive](Session& self) {
      auto response = std::make_shared<HttpResponse>(late->answer());
      self.on_strand([response, keep_alive](Session& back) {
        back.respond(std::move(*response), keep_alive);
      });
    });
  }

  std::shared_ptr<LateAnswer> forget_late() {
    if (!late_) return nullptr;
    take_back_();
    patience_.cancel();
    return std::exchange(late_, nullptr);
  }

  void respond(HttpResponse response, bool keep_alive) {
    release_body();
    add_security_headers(response);
    const bool bodyless = response.status == 204 || response.status == 304;
    message_.emplace();
    message_->version(11);
    message_->result(static_cast<unsigned>(response.status));
    message_->keep_alive(keep_alive && !shared_.stopping);
    for (const auto& [name, value] : response.headers) message_->insert(name, value);
    if (!bodyless) {
      message_->set(http::field::content_type, response.content_type);
      message_->content_length(response.body.size());
      if (header_.method != "HEAD") message_->body() = std::move(response.body);
    }
    serializer_.emplace(*message_);
    write_window_ = ProgressWindow(options().min_progress_bytes);
    tcp().expires_after(options().progress_window);
    write();
  }

  void write() { http::async_write_some(stream_, *serializer_, then(&Session::on_written)); }

  void on_written(error_code error, std::size_t bytes) {
    if (error) return close();
    if (!serializer_->is_done()) {
      if (write_window_.advance(bytes)) tcp().expires_after(options().progress_window);
      return write();
    }
    const bool keep_alive = message_->keep_alive();
    serializer_.reset();
    message_.reset();
    if (!keep_alive) return shut_down();
    read_request(options().idle_timeout);
  }

  /// Ends the connection so that the client can still read what was sent last.
  void shut_down() {
    idle_ = false;
    tcp().expires_after(options().linger_timeout);
    // As if the client had said its goodbye already: ours is sent, and nobody waited for.
    SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
    stream_.async_shutdown(then(&Session::on_tls_shutdown));
  }

  void on_tls_shutdown(error_code, std::size_t) {
    error_code ignored;  // the client may be gone: nothing is left to be done about it
    tcp().socket().shutdown(Tcp::socket::shutdown_send, ignored);
    if (!unread_body_ || ignored) return close();
    drain();
  }

  /// Bytes that nobody reads would make the kernel answer the client with a reset, which may
  /// overtake our last answer.
  void drain() { tcp().async_read_some(asio::buffer(scratch_), then(&Session::on_drained)); }

  void on_drained(error_code error, std::size_t bytes) {
    drained_bytes_ += bytes;
    if (error || drained_bytes_ > options().max_linger_bytes) return close();
    drain();
  }

  void release_body() {
    header_.body = Bytes();
    shared_.bodies.give_back(held_bytes_);
    held_bytes_ = 0;
  }

  template <typename Work>
  void on_worker(Work work) {
    asio::post(shared_.workers, [self = shared_from_this(), work] { work(*self); });
  }
  template <typename Work>
  void on_strand(Work work) {
    asio::post(stream_.get_executor(),
               [self = shared_from_this(), work = std::move(work)] { work(*self); });
  }

  Shared& shared_;
  std::string peer_;
  beast::ssl_stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<Body>> parser_;
  HttpRequest header_;
  std::optional<http::response<Body>> message_;
  std::optional<http::response_serializer<Body>> serializer_;
  ProgressWindow read_window_;
  ProgressWindow write_window_;
  std::array<char, 16 * 1024> scratch_{};
  std::size_t held_bytes_ = 0;
  asio::steady_timer patience_{stream_.get_executor()};
  std::shared_ptr<LateAnswer> late_;
  std::function<void()> take_back_;
  std::size_t drained_bytes_ = 0;
  bool unread_body_ = false;
  bool idle_ = false;
};

Result<void> load_certificate(asio::ssl::context& tls, const ServerOptions& options) {
  error_code error;
  tls.use_certificate_chain_file(options.certificate_file, error);
  if (error) {
    return fail(ErrorCode::configuration_invalid,
                "The certificate file cannot be used: " + options.certificate_file + " (" +
                    error.message() + ").");
  }
  tls.use_private_key_file(options.key_file, asio::ssl::context::pem, error);
  if (!error && SSL_CTX_check_private_key(tls.native_handle()) == 1) return {};
  return fail(ErrorCode::configuration_invalid,
              "The key file cannot be used, or is not the key of the certificate: " +
                  options.key_file + ".");
}

Result<void> set_up_tls(asio::ssl::context& tls, const ServerOptions& options) {
  SSL_CTX* const native = tls.native_handle();
  SSL_CTX_set_options(
      native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(native, kTls12Ciphers) != 1) {
    return fail(ErrorCode::configuration_invalid,
                "This OpenSSL cannot do TLS 1.2 with forward secrecy. Install OpenSSL 3.");
  }
  return load_certificate(tls, options);
}

}  // namespace

// ---- the server ---------------------------------------------------------------------------------

class Server::Impl {
 public:
  Impl(const ServerOptions& options, HttpHandler handler)
      : shared_(options, std::move(handler)),
        strand_(asio::make_strand(shared_.io)),
        acceptor_(strand_),
        retry_(strand_) {
    shared_.session_ended = [this] { asio::post(strand_, [this] { accept(); }); };
  }
  ~Impl() { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> listen() {
    if (auto tls = set_up_tls(shared_.tls, shared_.options); !tls) return tls;
    error_code error;
    const auto address = asio::ip::make_address(shared_.options.address, error);
    const Tcp::endpoint endpoint(address, shared_.options.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(Tcp::acceptor::max_listen_connections, error);
    if (error) {
      return fail(ErrorCode::configuration_invalid,
                  "Cannot listen on " + shared_.options.address + " port " +
                      std::to_string(shared_.options.port) + ": " + error.message() + ".");
    }
    port_ = acceptor_.local_endpoint().port();
    asio::post(strand_, [this] { accept(); });
    for (std::size_t i = 0; i < shared_.options.io_threads; ++i) {
      threads_.emplace_back([this] { run(); });
    }
    return {};
  }

  std::uint16_t port() const { return port_; }

  void stop() {
    if (shared_.stopping.exchange(true)) return;
    asio::post(strand_, [this] {
      acceptor_.close();
      retry_.cancel();
    });
    for (const auto& session : shared_.sessions.all()) session->stop_when_idle();
    shared_.sessions.wait_until_empty(shared_.options.stop_grace);
    for (const auto& session : shared_.sessions.all()) session->abort();
    shared_.sessions
        .wait_until_empty();  // a closed socket ends every step; handlers end by themselves
    shared_.workers.join();
    work_.reset();
    for (auto& thread : threads_) thread.join();
  }

 private:
  /// One connection that fails for lack of memory must not take the others along.
  void run() {
    for (;;) {
      try {
        shared_.io.run();
        return;
      } catch (const std::exception&) {
        continue;  // its session went with the exception, and its connection is closed
      }
    }
  }

  void accept() {
    const bool full = shared_.sessions.size() >= shared_.options.max_connections;
    if (accepting_ || full || shared_.stopping) return;  // the last: a session's end asks again
    accepting_ = true;
    acceptor_.async_accept(asio::make_strand(shared_.io),
                           [this](error_code error, Tcp::socket socket) {
                             accepting_ = false;
                             if (shared_.stopping) return;
                             if (error) return accept_later();
                             error_code ignored;  // only speed is at stake
                             socket.set_option(Tcp::no_delay(true), ignored);
                             std::make_shared<Session>(std::move(socket), shared_)->start();
                             accept();
                           });
  }

  /// Out of file descriptors, in the main: trying at once would only burn the processor.
  void accept_later() {
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](error_code error) {
      if (!error) accept();
    });
  }

  Shared shared_;
  asio::strand<asio::io_context::executor_type> strand_;  // of the two below
  Tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{shared_.io.get_executor()};
  bool accepting_ = false;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  if (auto listening = impl->listen(); !listening) return tl::unexpected(listening.error());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
  return impl_->port();
}
void Server::stop() {
  impl_->stop();
}

}  // namespace telavis
