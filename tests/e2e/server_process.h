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
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "devices/https_client.h"
#include "tests/e2e/binary.h"
#include "tests/service/second_factor.h"
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

/// One of the demonstration's people, who comes in with password and second factor.
struct Person {
  std::string url, ca_file, login, password, totp_secret;

  /// The cookie of his open session, shared by all who speak for him in this process: a one-time
  /// code serves once. Empty: the server does not answer, or does not let him in.
  std::string session() const {
    static std::mutex mutex;
    static std::map<std::string, std::string> cookies;
    const std::lock_guard lock(mutex);
    std::string& cookie = cookies[url + "/" + login];
    if (!cookie.empty()) {
      const auto me = HttpsClient({url, ca_file, cookie}).get("/api/v1/me");
      if (!me) return {};
      if (me->status == 200 && stage_in(*me) == "open") return cookie;
    }
    cookie = come_in();
    return cookie;
  }

 private:
  static std::string stage_in(const HttpsAnswer& answer) {
    const boost::json::value me = boost::json::parse(as_text(answer.body));
    return me.at("session").at("stage").as_string().c_str();
  }
  /// The server's clock, in seconds since 1970: some tests move it.
  static std::int64_t clock_of(const HttpsAnswer& answer) {
    std::tm date{};
    EXPECT_NE(::strptime(answer.headers.at("date").c_str(), "%a, %d %b %Y %H:%M:%S", &date),
              nullptr);
    return ::timegm(&date);
  }
  static std::string cookie_in(const HttpsAnswer& answer) {
    const std::string& header = answer.headers.at("set-cookie");
    return header.substr(0, header.find(';'));
  }
  std::string come_in() const {
    HttpsClient client({url, ca_file});
    const boost::json::object credentials{{"login", login}, {"password", password}};
    const auto half = client.post_json("/api/v1/login", boost::json::serialize(credentials));
    if (!half || half->status != 200) return {};
    if (stage_in(*half) == "open") return cookie_in(*half);
    // The oldest code that may still be good comes first: it leaves the others for who comes next.
    const std::int64_t now = clock_of(*half) / 30;
    for (const std::int64_t step : {now - 1, now, now + 1}) {
      const boost::json::object code{{"code", totp_code(from_base32(totp_secret), step)}};
      const auto whole =
          client.post_json("/api/v1/login/second-factor", boost::json::serialize(code));
      if (!whole) return {};
      if (whole->status == 200) return cookie_in(*whole);
    }
    return {};
  }
};

/// People of one role, each with a session that outlives the server.
class Client {
 public:
  Client(const std::string& url, const std::filesystem::path& data, const std::string& role) {
    const boost::json::value logins = boost::json::parse(slurp(data / "demonstration-logins.json"));
    for (const boost::json::value& item : logins.at("logins").as_array()) {
      const auto& login = item.as_object();
      if (login.at("programme").as_string() != kProgramme) continue;
      if (login.at("role").as_string() != role) continue;
      const auto text = [&](const char* name) { return std::string(login.at(name).as_string()); };
      people_.emplace(text("login"), Known{{url, (data / "tls/certificate.pem").string(),
                                            text("login"), text("password"), text("totp_secret")},
                                           nullptr});
    }
  }

  /// The session, logged in; nullptr when the server does not answer.
  HttpsClient* session(const std::string& login) {
    Known& known = people_.at(login);
    if (!known.http) {
      const std::string cookie = known.person.session();
      if (cookie.empty()) return nullptr;
      known.http = std::make_unique<HttpsClient>(
          HttpsClientOptions{known.person.url, known.person.ca_file, cookie});
    }
    return known.http.get();
  }
  std::vector<std::string> logins() const {
    std::vector<std::string> names;
    for (const auto& [name, known] : people_) names.push_back(name);
    return names;
  }

 private:
  struct Known {
    Person person;
    std::unique_ptr<HttpsClient> http;
  };
  std::map<std::string, Known> people_;
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
