// SPDX-License-Identifier: Apache-2.0
// kill -9 on the real server under load, checked from outside by a client that keeps its own list:
// what was acknowledged is there, nothing is there twice. TELAVIS_KILLS sets how many (default 20).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "devices/https_client.h"
#include "tests/e2e/binary.h"
#include "tests/temp_folder.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view kProgramme = "rythmologie-guadeloupe";

int kills_wanted() {
  const char* text = std::getenv("TELAVIS_KILLS");  // NOLINT(concurrency-mt-unsafe)
  int kills = 20;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), kills);
  return kills;
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

int free_port() {
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

/// A child process whose standard output is read.
class Process {
 public:
  explicit Process(const std::vector<std::string>& command) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no server outlives its test
      ::dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> arguments;
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

class Client {
 public:
  Client(const std::string& url, const fs::path& data, const std::string& role) : url_(url) {
    const json::value logins = json::parse(slurp(data / "demonstration-logins.json"));
    for (const json::value& item : logins.at("logins").as_array()) {
      const auto& login = item.as_object();
      if (login.at("programme").as_string() != kProgramme) continue;
      if (login.at("role").as_string() != role) continue;
      sessions_.emplace(std::string(login.at("login").as_string()),
                        Session{HttpsClient({url, (data / "tls/certificate.pem").string()}),
                                json::serialize(json::object{{"login", login.at("login")},
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

/// What the client knows and the server must not forget.
struct Wanted {
  std::string key;
  std::string id;  // empty until acknowledged
  bool accepted = false, answered = false, delivered = false;
};

class Load {
 public:
  Load(const std::string& url, const fs::path& data)
      : gps_(url, data, "requester"), experts_(url, data, "expert") {
    const fs::path source(TELAVIS_SOURCE_DIR);
    ecg_ = slurp(source / "fixtures/demo-ecg.scp");  // the patient's identity is in it
    const json::value demonstration = json::parse(slurp(source / "engine/demo/demonstration.json"));
    for (const json::value& request : demonstration.at("requests").as_array()) {
      if (request.at("programme").as_string() == kProgramme) request_ = json::serialize(request);
    }
  }

  /// One round over everything that is not finished; false when the server is gone.
  bool round(bool with_new) {
    if (with_new) wanted_.push_back({"key-" + std::to_string(wanted_.size()), ""});
    HttpsClient* gp = gps_.session(gps_.logins().front());
    if (gp == nullptr) return false;
    for (Wanted& item : wanted_) {
      if (item.id.empty() && !submit(*gp, item)) return false;
    }
    for (Wanted& item : wanted_) {
      if (!item.delivered && !follow(*gp, item)) return false;
    }
    return true;
  }

  bool finished() const {
    return std::all_of(wanted_.begin(), wanted_.end(),
                       [](const Wanted& item) { return item.delivered; });
  }
  const std::vector<Wanted>& wanted() const { return wanted_; }

 private:
  bool submit(HttpsClient& gp, Wanted& item) {
    const auto bytes = as_bytes(ecg_);
    const auto answer = gp.post_multipart(
        "/api/v1/cases", request_, {{"web", "e.scp", Bytes(bytes.begin(), bytes.end())}}, item.key);
    if (!answer) return false;
    EXPECT_EQ(answer->status, 201) << as_text(answer->body);
    item.id = json::parse(as_text(answer->body)).at("case").at("id").as_string().c_str();
    return true;
  }

  bool command(const Wanted& item, const char* what, const std::string& body, bool& done) {
    for (const std::string& login : experts_.logins()) {
      HttpsClient* expert = experts_.session(login);
      if (expert == nullptr) return false;
      const auto answer =
          expert->post_json("/api/v1/cases/" + item.id + "/" + what, body, item.key + what);
      if (!answer) return false;
      if (answer->status == 200) {
        done = true;
        return true;
      }
      EXPECT_EQ(answer->status, 404) << as_text(answer->body);  // the other expert's case
    }
    return true;
  }

  bool follow(HttpsClient& gp, Wanted& item) {
    const auto shown = gp.get("/api/v1/cases/" + item.id);
    if (!shown) return false;
    EXPECT_EQ(shown->status, 200) << "an acknowledged case is lost: " << item.id;
    if (shown->status != 200) return false;
    const json::value answer = json::parse(as_text(shown->body));
    const std::string state(answer.at("case").at("state").as_string());
    item.delivered = state == "delivered";
    if (state == "offered" && !item.accepted) return command(item, "accept", "{}", item.accepted);
    if (state == "accepted" && !item.answered) {
      return command(item, "opinion", R"({"conclusion":"Vu.","orientation":"gp_management"})",
                     item.answered);
    }
    return true;
  }

  Client gps_, experts_;
  std::string ecg_, request_;
  std::vector<Wanted> wanted_;
};

std::size_t files_in(const fs::path& folder) {
  return fs::exists(folder) ? static_cast<std::size_t>(std::distance(fs::directory_iterator(folder),
                                                                     fs::directory_iterator{}))
                            : 0;
}

class Kill : public ::testing::Test {
 protected:
  Kill() {
    data_ = folder_ / "data";
    const int port = free_port();
    url_ = "https://localhost:" + std::to_string(port);
    config_ = (folder_ / "conf.json").string();
    std::ofstream(config_) << R"({"data_dir":")" << data_.string() << R"(","listen_port":)" << port
                           << R"(,"worker_poll_ms":10,"log_level":"error"})";
    EXPECT_EQ(Process({TELAVIS_BINARY, "init", "--demonstration", "--config", config_}).finish(),
              0);
  }

  void expect_exactly_once(const Load& load) {
    const std::size_t cases = load.wanted().size();
    std::size_t invitations = 0;
    for (const char* expert : {"corail", "alize"}) {
      invitations +=
          files_in(data_ / "maildir" / (std::string(expert) + "@guadeloupe.telavis.test") / "new");
    }
    EXPECT_EQ(invitations, cases);
    EXPECT_EQ(files_in(data_ / "maildir/zephir@guadeloupe.telavis.test/new"), cases);
    Process exported({TELAVIS_BINARY, "export", "billing", "--config", config_});
    EXPECT_EQ(exported.finish(), 0);
    const std::string& csv = exported.printed();
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), 1 + 2 * cases);
    std::istringstream lines(csv);
    std::set<std::string> acts;
    std::string line;
    while (std::getline(lines, line)) {
      const std::size_t number_end = line.find(';');
      const bool expert = line.find(";TE2;") != std::string::npos;
      EXPECT_TRUE(acts.insert(line.substr(0, number_end) + (expert ? "/TE2" : "/RQD")).second)
          << line;
    }
  }

  test::TempFolder temporary_;
  fs::path folder_ = temporary_.path(), data_;
  std::string config_, url_;
};

TEST_F(Kill, NothingIsLostAndNothingIsDoubled) {
  const int kills = kills_wanted();
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  std::printf("seed %u, %d kills\n", seed, kills);
  Load load(url_, data_);
  for (int i = 0; i < kills; ++i) {
    Process server({TELAVIS_BINARY, "serve", "--config", config_});
    ASSERT_TRUE(server.wait_for("listening on")) << "the server did not start after kill " << i;
    std::atomic<bool> gone = false;
    std::thread client([&] {
      while (!gone && load.round(true)) {
      }
    });
    EXPECT_TRUE(server.runs_for(static_cast<int>(random() % 200))) << "the server ended by itself";
    server.kill_now();
    gone = true;
    client.join();
    if (HasFailure()) return;
  }
  Process server({TELAVIS_BINARY, "serve", "--config", config_});
  ASSERT_TRUE(server.wait_for("listening on"));
  constexpr int kMaxRounds = 20'000;  // of a server that answers: it does not finish by itself
  for (int i = 0; i < kMaxRounds && !load.finished(); ++i) ASSERT_TRUE(load.round(false));
  EXPECT_TRUE(load.finished());
  server.kill_now();
  std::printf("%zu cases\n", load.wanted().size());
  expect_exactly_once(load);
}

}  // namespace
}  // namespace telavis
