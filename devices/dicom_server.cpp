// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_server.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "devices/dicom_deadline.h"
#include "devices/dicom_session.h"

namespace telavis {
namespace {

// How late a connection may be cut; and how long its thread's place stays taken after its end.
constexpr int kWatchMilliseconds = 100;
constexpr int kBacklog = 64;
constexpr std::size_t kMaxAeTitle = 16;  // PS3.5 6.2, AE

/// One that closes itself.
class Socket {
 public:
  explicit Socket(int socket = -1) : socket_(socket) {}
  Socket(Socket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(socket_, other.socket_);
    return *this;
  }
  ~Socket() {
    if (socket_ >= 0) ::close(socket_);
  }
  int get() const { return socket_; }

 private:
  int socket_;
};

struct Connection {
  Connection(Socket accepted, std::string address, std::chrono::milliseconds whole)
      : socket(std::move(accepted)), peer(std::move(address)), deadline(whole) {}
  Socket socket;
  std::string peer;
  DicomDeadline deadline;
  std::atomic<bool> done{false};
  bool cut = false;  // to make room; the watcher's alone
  std::thread thread;
};

bool is_ae_title(const std::string& title) {
  if (title.empty() || title.size() > kMaxAeTitle) return false;
  for (const char c : title) {
    if (c <= ' ' || c > '~' || c == '\\') return false;
  }
  return true;
}

tl::unexpected<Error> cannot_listen(const DicomConfig& config) {
  return fail(ErrorCode::configuration_invalid,
              "DICOM cannot listen on " + config.listen_address + " port " +
                  std::to_string(config.port) +
                  ": name an address of this machine and a port that is free.");
}

Result<Socket> listen_on(const DicomConfig& config) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(config.port);
  if (::getaddrinfo(config.listen_address.c_str(), service.c_str(), &hints, &found) != 0)
    return cannot_listen(config);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  Socket socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (socket.get() < 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      ::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return cannot_listen(config);
  }
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  std::array<char, NI_MAXSERV> service{};
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, nullptr, 0, service.data(),
                    service.size(), NI_NUMERICSERV) != 0) {
    return 0;
  }
  std::uint16_t port = 0;
  for (const char* digit = service.data(); *digit != '\0'; ++digit)
    port = static_cast<std::uint16_t>(port * 10 + (*digit - '0'));
  return port;
}

std::string numeric(const sockaddr_storage& address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(),
                    nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  return host.data();
}

}  // namespace

struct DicomServer::State {
  State(DicomConfig given, ExamDoor& door, DecodeSlots& slots, Clock& clock)
      : config(std::move(given)), shared{config, door, slots, clock, nullptr, {}, {}} {
    shared.enter = [this](const std::string& device) { return enter(device); };
  }

  std::shared_ptr<void> enter(const std::string& device);
  void watch();
  bool accept_one();
  bool has_room_for(const std::string& peer);
  void start_thread(Socket socket, std::string peer);
  void sweep();

  const DicomConfig config;
  DicomShared shared;
  Socket listener, wake;
  std::uint16_t port = 0;
  std::thread watcher;
  std::atomic<bool> stopping{false};
  std::atomic<int> open{0};
  std::list<Connection> connections;  // the watcher's alone

  std::mutex mutex;
  std::map<std::string, int> associations;  // by device
};

std::shared_ptr<void> DicomServer::State::enter(const std::string& device) {
  const std::lock_guard lock(mutex);
  if (associations[device] >= config.limits.associations_per_device) return nullptr;
  ++associations[device];
  return {this, [device](State* state) {
            const std::lock_guard again(state->mutex);
            if (--state->associations[device] == 0) state->associations.erase(device);
          }};
}

void DicomServer::State::start_thread(Socket socket, std::string peer) {
  // Blocking from here on: whoever waits too long is cut by the watcher.
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags & ~O_NONBLOCK) != 0) return;
  Connection& made =
      connections.emplace_back(std::move(socket), std::move(peer), config.limits.association);
  made.deadline.allow(config.limits.request);
  try {
    made.thread = std::thread([this, &made] {
      serve_dicom_connection(made.socket.get(), made.peer, shared, made.deadline);
      ::shutdown(made.socket.get(), SHUT_RDWR);
      made.done = true;
    });
  } catch (const std::exception&) {
    connections.pop_back();
    throw;
  }
  ++open;
}

/// Makes room where it is taken by somebody who has not asked for an association: connections that
/// only stand there, from however many addresses, keep no device out.
bool DicomServer::State::has_room_for(const std::string& peer) {
  const DicomLimits& limits = config.limits;
  int served = 0, half_open = 0, same = 0;
  Connection* oldest = nullptr;
  for (Connection& one : connections) {
    if (one.cut) continue;
    ++served;
    same += one.peer == peer ? 1 : 0;
    if (one.deadline.established()) continue;
    ++half_open;
    if (oldest == nullptr) oldest = &one;
  }
  if (same >= limits.connections_per_peer) return false;
  if (served < limits.connections && half_open < limits.half_open()) return true;
  if (oldest == nullptr) return false;
  oldest->cut = true;
  ::shutdown(oldest->socket.get(), SHUT_RDWR);
  ++shared.counters.refused;
  return true;
}

/// False: the system cannot for now; asking at once again would only take its time.
bool DicomServer::State::accept_one() {
  // As many have been cut as may be served: they end within a moment, and who comes waits for that.
  if (static_cast<int>(connections.size()) >= 2 * config.limits.connections) return false;
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  Socket socket(
      ::accept4(listener.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC));
  if (socket.get() < 0) return errno == EAGAIN || errno == ECONNABORTED || errno == EINTR;
  std::string peer = numeric(address, size);
  if (!has_room_for(peer)) {
    ++shared.counters.refused;  // closed: a sender tries again
    return true;
  }
  try {
    start_thread(std::move(socket), std::move(peer));
  } catch (const std::exception&) {  // no thread, no memory
    return false;
  }
  return true;
}

void DicomServer::State::sweep() {
  const auto now = DicomDeadline::Clock::now();
  for (auto one = connections.begin(); one != connections.end();) {
    if (one->done) {
      one->thread.join();
      one = connections.erase(one);
      --open;
      continue;
    }
    if (stopping || one->deadline.passed(now)) ::shutdown(one->socket.get(), SHUT_RDWR);
    ++one;
  }
}

void DicomServer::State::watch() {
  std::array<pollfd, 2> waited{{{wake.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}}};
  bool accepting = true;
  while (!stopping || !connections.empty()) {
    const nfds_t some = stopping ? 0 : accepting ? 2 : 1;
    waited[1].revents = 0;
    ::poll(waited.data(), some, kWatchMilliseconds);
    sweep();
    accepting = true;
    if (!stopping && (waited[1].revents & POLLIN) != 0) accepting = accept_one();
  }
}

DicomServer::DicomServer(DicomConfig config, ExamDoor& door, DecodeSlots& slots, Clock& clock)
    : state_(std::make_unique<State>(std::move(config), door, slots, clock)) {}

DicomServer::~DicomServer() {
  stop();
}

Result<void> DicomServer::start() {
  State& state = *state_;
  if (!is_ae_title(state.config.ae_title)) {
    return fail(ErrorCode::configuration_invalid,
                "The AE title of DICOM has 1 to 16 characters of ASCII, without blanks.");
  }
  if (!state.config.certificate_file.empty()) {
    auto tls = DicomTls::load(state.config.certificate_file, state.config.key_file);
    if (!tls) return tl::unexpected(tls.error());
    state.shared.tls = std::move(*tls);
  }
  std::error_code error;
  std::filesystem::create_directories(state.config.spool_folder, error);
  if (error) {
    return fail(ErrorCode::storage_failed,
                "The folder of what arrives by DICOM cannot be made: look at the disk.");
  }
  auto listener = listen_on(state.config);
  if (!listener) return tl::unexpected(listener.error());
  state.listener = std::move(*listener);
  state.port = port_of(state.listener.get());
  state.wake = Socket(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (state.wake.get() < 0)
    return fail(ErrorCode::storage_failed, "The system has no file descriptor left.");
  // TLS writes without MSG_NOSIGNAL; threads inherit what is blocked.
  sigset_t pipe_alone, before;
  sigemptyset(&pipe_alone);
  sigaddset(&pipe_alone, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_alone, &before);
  state.watcher = std::thread([&state] { state.watch(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return {};
}

void DicomServer::stop() {
  State& state = *state_;
  if (!state.watcher.joinable()) return;
  state.stopping = true;
  const std::uint64_t one = 1;
  static_cast<void>(::write(state.wake.get(), &one, sizeof(one)) == sizeof(one));
  state.watcher.join();
  state.listener = Socket();
}

std::uint16_t DicomServer::port() const {
  return state_->port;
}

DicomCounts DicomServer::counts() const {
  const DicomCounters& of = state_->shared.counters;
  return {of.associations, of.refused, of.objects,     of.unreadable,
          of.not_taken,    of.queries, of.commitments, state_->open};
}

}  // namespace telavis
