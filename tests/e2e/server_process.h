// SPDX-License-Identifier: Apache-2.0
// The real server as a process, on a demonstration of its own, and the people who use it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "devices/https_client.h"
#include "tests/e2e/binary.h"
#include "tests/temp_folder.h"

namespace telavis::test {

inline constexpr std::string_view kProgramme = "rythmologie-guadeloupe";

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

/// A child process whose standard output is read, and its log, when there is a file for it.
class Process {
 public:
  explicit Process(
      const std::vector<std::string>& command, const std::filesystem::path& log = {},
      const std::function<void()>& before_it_starts = [] {}) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no server outlives its test
      ::dup2(ends[1], STDOUT_FILENO);
      if (!log.empty())
        ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
      before_it_starts();
      std::vector<char*> arguments;
      arguments.reserve(command.size() + 1);
      for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
      arguments.push_back(nullptr);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ends[0];
  }
  ~Process() {
    if (pid_ > 0) kill_now();
    ::close(out_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Reads until `text` was printed or the process ended.
  bool wait_for(const std::string& text) {
    char buffer[4096];
    while (printed_.find(text) == std::string::npos) {
      const ssize_t count = ::read(out_, buffer, sizeof buffer);
      if (count <= 0) return false;
      printed_.append(buffer, static_cast<std::size_t>(count));
    }
    return true;
  }
  /// Lets it run for a while: true when it is still running then.
  bool runs_for(int milliseconds) {
    pollfd waited{out_, 0, 0};  // only a hang-up wakes
    return ::poll(&waited, 1, milliseconds) == 0;
  }
  /// Ends it as an operator does; true: in order.
  bool stop() {
    ::kill(pid_, SIGTERM);
    return finish() == 0;
  }
  pid_t pid() const { return pid_; }
  void kill_now() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  int finish() {
    wait_for("\x01 never printed");
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  const std::string& printed() const { return printed_; }

 private:
  pid_t pid_ = 0;
  int out_ = -1;
  std::string printed_;
};

/// People of one role, each with a session that outlives the server.
class Client {
 public:
  Client(const std::string& url, const std::filesystem::path& data, const std::string& role)
      : url_(url) {
    const boost::json::value logins = boost::json::parse(slurp(data / "demonstration-logins.json"));
    for (const boost::json::value& item : logins.at("logins").as_array()) {
      const auto& login = item.as_object();
      if (login.at("programme").as_string() != kProgramme) continue;
      if (login.at("role").as_string() != role) continue;
      sessions_.emplace(
          std::string(login.at("login").as_string()),
          Session{HttpsClient({url, (data / "tls/certificate.pem").string()}),
                  boost::json::serialize(boost::json::object{{"login", login.at("login")},
                                                             {"password", login.at("password")}})});
    }
  }

  struct Session {
    HttpsClient http;
    std::string credentials;
    bool logged_in = false;
  };

  /// The session, logged in; nullptr when the server does not answer.
  HttpsClient* session(const std::string& login) {
    Session& session = sessions_.at(login);
    if (!session.logged_in) {
      const auto answer = session.http.post_json("/api/v1/login", session.credentials);
      if (!answer || answer->status != 200) return nullptr;
      session.logged_in = true;
    }
    return &session.http;
  }
  std::vector<std::string> logins() const {
    std::vector<std::string> names;
    for (const auto& [name, session] : sessions_) names.push_back(name);
    return names;
  }

 private:
  std::string url_;
  std::map<std::string, Session> sessions_;
};

/// A data folder with the demonstration's people. Hashing their passwords takes seconds: it is made
/// once a process, and copied.
inline const std::filesystem::path& demonstration_data() {
  static const TempFolder made;
  static const std::filesystem::path data = [] {
    auto folder = made.path() / "data";
    EXPECT_EQ(Process({TELAVIS_BINARY, "init", "--demonstration", "--data-dir", folder}).finish(),
              0);
    return folder;
  }();
  return data;
}

/// Such a folder, and the server's configuration.
struct Demonstration {
  /// `members` are more of the configuration: R"("log_level":"error")".
  explicit Demonstration(const std::string& members) {
    const int port = free_port();
    url = "https://localhost:" + std::to_string(port);
    std::ofstream(config) << R"({"data_dir":")" << data.string() << R"(","listen_port":)" << port
                          << R"(,"worker_poll_ms":10,)" << members << "}";
    std::filesystem::copy(demonstration_data(), data, std::filesystem::copy_options::recursive);
  }
  std::vector<std::string> serve() const { return {TELAVIS_BINARY, "serve", "--config", config}; }
  /// A file that nobody else reads.
  void secret(const std::string& name, const std::string& text) const {
    const auto file = folder / name;
    std::ofstream(file) << text;
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  std::string password_of(const std::string& login) const {
    const boost::json::value logins = boost::json::parse(slurp(data / "demonstration-logins.json"));
    for (const boost::json::value& item : logins.at("logins").as_array()) {
      if (item.at("login").as_string() == login) return item.at("password").as_string().c_str();
    }
    return {};
  }

  TempFolder temporary;
  std::filesystem::path folder = temporary.path(), data = folder / "data";
  std::string config = (folder / "conf.json").string(), url;
};

/// A request of the demonstration; the patient's identity is in the tracing.
inline std::string demonstration_request() {
  const auto file = std::filesystem::path(TELAVIS_SOURCE_DIR) / "engine/demo/demonstration.json";
  const boost::json::value demonstration = boost::json::parse(slurp(file));
  for (const boost::json::value& request : demonstration.at("requests").as_array()) {
    if (request.at("programme").as_string() == kProgramme) return boost::json::serialize(request);
  }
  return {};
}
inline std::vector<UploadedFile> demonstration_files() {
  const std::string ecg =
      slurp(std::filesystem::path(TELAVIS_SOURCE_DIR) / "fixtures/demo-ecg.scp");
  return {{"web", "e.scp", Bytes(ecg.begin(), ecg.end())}};
}

}  // namespace telavis::test
