// SPDX-License-Identifier: Apache-2.0
// kill -9 on the real server under load, checked from outside by clients that keep their own lists:
// what was acknowledged is there, nothing is there twice. TELAVIS_KILLS sets how many (default 20).
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "engine/core/audit.h"
#include "storage/sqlite.h"
#include "tests/e2e/server_process.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kClients = 3;
// Cases without an opinion that one client has at a time: enough that a kill finds them in every
// state.
constexpr std::ptrdiff_t kMostOpen = 3;
const std::string kOpinion = R"({"conclusion":"Vu.","orientation":"gp_management"})";

int kills_wanted() {
  const char* text = std::getenv("TELAVIS_KILLS");  // NOLINT(concurrency-mt-unsafe)
  int kills = 20;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), kills);
  return kills;
}

/// One command: tried until it is acknowledged, and never forgotten after that.
struct Command {
  std::string login;  // whose it became
  std::string path;
  int unanswered = 0;
  std::string answer;  // of the first 2xx; empty: none yet
};

/// What the client knows and the server must not forget.
struct Wanted {
  std::string key, id;
  Command submitted, accepted, answered;
  bool delivered = false;
};

struct Counts {
  std::size_t acknowledged = 0, repeated = 0, lost = 0, changed = 0;
  Counts& operator+=(const Counts& other) {
    acknowledged += other.acknowledged;
    repeated += other.repeated;
    lost += other.lost;
    changed += other.changed;
    return *this;
  }
};

/// One client: a GP and both experts, with connections of their own.
class Load {
 public:
  Load(const Demonstration& demonstration, std::size_t number)
      : gps_(demonstration.url, demonstration.data, "requester"),
        experts_(demonstration.url, demonstration.data, "expert"),
        request_(demonstration_request()),
        files_(demonstration_files()),
        number_(number) {}

  bool log_in() {
    for (Client* people : {&gps_, &experts_}) {
      for (const std::string& login : people->logins()) {
        if (people->session(login) == nullptr) return false;
      }
    }
    return true;
  }
  /// One round over what is not answered; false when the server is gone.
  bool round() {
    if (std::count_if(wanted_.begin(), wanted_.end(), [](const Wanted& item) {
          return item.answered.answer.empty();
        }) < kMostOpen) {
      wanted_.push_back({"key-" + std::to_string(number_) + "-" + std::to_string(wanted_.size()),
                         "",
                         {},
                         {},
                         {}});
    }
    HttpsClient* gp = gps_.session(gps_.logins().front());
    if (gp == nullptr) return false;
    for (Wanted& item : wanted_) {
      if (!item.answered.answer.empty()) continue;
      if (item.id.empty() && !submit(*gp, item)) return false;
      if (!follow(*gp, item)) return false;
    }
    return gp->get("/api/v1/cases").has_value();
  }
  /// At the end, with a server that stays: everything, until it is delivered.
  bool finish() {
    HttpsClient* gp = gps_.session(gps_.logins().front());
    if (gp == nullptr) return false;
    for (Wanted& item : wanted_) {
      if (item.id.empty() && !submit(*gp, item)) return false;
      while (!item.delivered) {
        if (!follow(*gp, item)) return false;
      }
    }
    return true;
  }
  /// Every acknowledged command once more, under its key: it must have the answer of the first
  /// time. False when the server is gone.
  bool ask_again() {
    for (Wanted& item : wanted_) {
      const auto again = [&](Client& people, const Command& command, const auto& send) {
        HttpsClient* who = people.session(command.login);
        if (who == nullptr) return false;
        const Result<HttpsAnswer> answer = send(*who);
        if (!answer) return false;
        counts_.changed += answer->status / 100 != 2 || as_text(answer->body) != command.answer;
        return true;
      };
      const auto post = [&](const Command& command, const char* what, const std::string& body) {
        return again(experts_, command, [&](HttpsClient& expert) {
          return expert.post_json(command.path, body, item.key + what);
        });
      };
      if (!again(gps_, item.submitted,
                 [&](HttpsClient& gp) {
                   return gp.post_multipart(item.submitted.path, request_, files_, item.key);
                 }) ||
          !post(item.accepted, "accept", "{}") || !post(item.answered, "opinion", kOpinion))
        return false;
    }
    return true;
  }

  const std::vector<Wanted>& wanted() const { return wanted_; }
  const Counts& counts() const { return counts_; }

 private:
  /// False when the server gave no answer.
  bool note(Command& command, const std::string& login, const std::string& path,
            const Result<HttpsAnswer>& answer) {
    if (!answer) {
      ++command.unanswered;
      return false;
    }
    if (answer->status / 100 != 2) return true;
    command.login = login;
    command.path = path;
    command.answer = as_text(answer->body);
    counts_.acknowledged += 1;
    counts_.repeated += command.unanswered > 0 ? 1 : 0;
    return true;
  }

  bool submit(HttpsClient& gp, Wanted& item) {
    const auto answer = gp.post_multipart("/api/v1/cases", request_, files_, item.key);
    if (!note(item.submitted, gps_.logins().front(), "/api/v1/cases", answer)) return false;
    EXPECT_EQ(answer->status, 201) << as_text(answer->body);
    if (answer->status != 201) return false;
    item.id = json::parse(item.submitted.answer).at("case").at("id").as_string().c_str();
    return true;
  }

  bool command(const Wanted& item, const char* what, const std::string& body, Command& noted) {
    const std::string path = "/api/v1/cases/" + item.id + "/" + what;
    for (const std::string& login : experts_.logins()) {
      HttpsClient* expert = experts_.session(login);
      if (expert == nullptr) return false;
      const auto answer = expert->post_json(path, body, item.key + what);
      if (!note(noted, login, path, answer)) return false;
      if (!noted.answer.empty()) return expert->get("/api/v1/cases/" + item.id).has_value();
      EXPECT_EQ(answer->status, 404) << as_text(answer->body);  // the other expert's case
    }
    return true;
  }

  bool follow(HttpsClient& gp, Wanted& item) {
    const auto shown = gp.get("/api/v1/cases/" + item.id);
    if (!shown) return false;
    if (shown->status != 200) {
      ++counts_.lost;
      ADD_FAILURE() << "an acknowledged case is lost: " << item.id << ", " << shown->status;
      return false;
    }
    const json::value answer = json::parse(as_text(shown->body));
    const std::string state(answer.at("case").at("state").as_string());
    const bool before_acceptance = state == "queued" || state == "offered";
    if (before_acceptance && !item.accepted.answer.empty()) {
      ++counts_.lost;
      ADD_FAILURE() << "an acknowledged acceptance is lost: " << item.id << " is " << state;
      return false;
    }
    if (state == "offered") return command(item, "accept", "{}", item.accepted);
    if (state == "accepted" && item.accepted.answer.empty())
      return command(item, "accept", "{}", item.accepted);  // it was done, the answer was lost
    if (item.answered.answer.empty() && !before_acceptance)
      return command(item, "opinion", kOpinion, item.answered);
    item.delivered = state == "delivered";
    return !item.delivered || gp.get("/api/v1/cases/" + item.id + "/report").has_value();
  }

  Client gps_, experts_;
  std::string request_;
  std::vector<UploadedFile> files_;
  std::size_t number_;
  std::vector<Wanted> wanted_;
  Counts counts_;
};

/// The mails of one Maildir folder by Message-ID: how many files have each.
std::map<std::string, int> mails_by_id(const fs::path& maildir) {
  std::map<std::string, int> found;
  for (const char* part : {"new", "cur"}) {
    if (!fs::exists(maildir / part)) continue;
    for (const auto& entry : fs::directory_iterator(maildir / part)) {
      const std::string mime = slurp(entry.path());
      const auto at = mime.find("\nMessage-I");
      EXPECT_NE(at, std::string::npos) << "a mail is torn";
      if (at != std::string::npos) ++found[mime.substr(at + 13, mime.find('\n', at + 1) - at - 13)];
    }
  }
  return found;
}

class Kill : public ::testing::Test {
 protected:
  std::size_t cases() const {
    std::size_t count = 0;
    for (const auto& load : loads_) count += load->wanted().size();
    return count;
  }

  void all_clients(const std::function<void(Load&)>& work) {
    std::vector<std::thread> threads;
    threads.reserve(loads_.size());
    for (const auto& load : loads_) threads.emplace_back([&] { work(*load); });
    for (std::thread& thread : threads) thread.join();
  }

  /// What left: a case's invitation and report to the expert, the report to the GP, none of them
  /// twice.
  std::size_t expect_mails() {
    std::size_t copies = 0, to_experts = 0, reports = 0;
    for (const char* address : {"corail", "alize", "zephir"}) {
      const auto mails =
          mails_by_id(demo_.data / "maildir" / (std::string(address) + "@guadeloupe.telavis.test"));
      (std::string_view(address) == "zephir" ? reports : to_experts) += mails.size();
      for (const auto& [id, files] : mails) copies += static_cast<std::size_t>(files - 1);
    }
    EXPECT_EQ(to_experts, 2 * cases());
    EXPECT_EQ(reports, cases());
    return copies;
  }

  /// Two acts a case, each once; gives how many were doubled.
  std::size_t expect_acts() {
    Process exported({TELAVIS_BINARY, "export", "billing", "--config", demo_.config});
    EXPECT_EQ(exported.finish(), 0);
    std::istringstream lines(exported.printed());
    std::set<std::string> acts;
    std::size_t doubled = 0;
    std::string line;
    std::getline(lines, line);  // the heading
    while (std::getline(lines, line)) {
      const bool expert = line.find(";TE2;") != std::string::npos;
      const std::string act = line.substr(0, line.find(';')) + (expert ? "/TE2" : "/RQD");
      doubled += acts.insert(act).second ? 0 : 1;
    }
    EXPECT_EQ(acts.size(), 2 * cases());
    return doubled;
  }

  void expect_whole_chains() {
    auto repository = open_sqlite_repository({demo_.data / "telavis.db", {}});
    ASSERT_TRUE(repository) << repository.error().text;
    CaseQuery all;
    all.limit = cases() + 100;
    const auto stored = (*repository)->cases(all).value();
    EXPECT_EQ(stored.size(), cases()) << "a case was lost or doubled";
    for (const Case& subject : stored) {
      const auto chain = (*repository)->audit_chain(subject.id.value).value();
      EXPECT_EQ(verify_chain(chain, subject.audit), 0) << subject.id.value;
    }
    EXPECT_EQ(verify_chain((*repository)->audit_chain("node").value(),
                           (*repository)->node_audit_head().value()),
              0);
  }

  void expect_sane_metrics() {
    const auto answer =
        HttpsClient({demo_.url, (demo_.data / "tls/certificate.pem").string()}).get("/metrics");
    ASSERT_TRUE(answer) << answer.error().text;
    const std::string text(as_text(answer->body));
    const auto expect_line = [&](const std::string& line) {
      EXPECT_NE(text.find(line + "\n"), std::string::npos) << line;
    };
    expect_line("telavis_cases{programme=\"rythmologie-guadeloupe\",state=\"delivered\"} " +
                std::to_string(cases()));
    expect_line("telavis_outbox_messages{state=\"dead\"} 0");
    expect_line("telavis_outbox_messages{state=\"pending\"} 0");
    expect_line("telavis_outbox_messages{state=\"sent\"} " + std::to_string(3 * cases()));
    expect_line("telavis_duty_failures_total{duty=\"timers\"} 0");
    expect_line("telavis_duty_failures_total{duty=\"outbox\"} 0");
    expect_line("telavis_storage_errors_total{code=\"storage_failed\"} 0");
    expect_line("telavis_clock_jumps_total 0");
    expect_line("telavis_database_up 1");
  }

  Demonstration demo_{R"("log_level":"error")"};
  std::vector<std::unique_ptr<Load>> loads_;
};

TEST_F(Kill, NothingIsLostAndNothingIsDoubled) {
  const int kills = kills_wanted();
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  std::printf("seed %u\n", seed);
  for (std::size_t i = 0; i < kClients; ++i) loads_.push_back(std::make_unique<Load>(demo_, i));
  {
    Process server(demo_.serve());
    ASSERT_TRUE(server.wait_for("listening on"));
    all_clients([](Load& load) { EXPECT_TRUE(load.log_in()); });
  }
  for (int i = 0; i < kills; ++i) {
    Process server(demo_.serve());
    ASSERT_TRUE(server.wait_for("listening on")) << "the server did not start after kill " << i;
    std::atomic<bool> gone = false;
    std::thread clients([&] {
      all_clients([&gone](Load& load) {
        while (!gone && load.round()) {
        }
      });
    });
    EXPECT_TRUE(server.runs_for(static_cast<int>(random() % 400))) << "the server ended by itself";
    server.kill_now();
    gone = true;
    clients.join();
    if (HasFailure()) return;
  }
  Process server(demo_.serve());
  ASSERT_TRUE(server.wait_for("listening on"));
  all_clients([](Load& load) {
    EXPECT_TRUE(load.finish());
    EXPECT_TRUE(load.ask_again());
  });
  expect_sane_metrics();
  server.kill_now();
  Counts counts;
  for (const auto& load : loads_) counts += load->counts();
  const std::size_t copies = expect_mails();
  const std::size_t doubled = expect_acts();
  expect_whole_chains();
  std::printf(
      "kills %d, cases %zu, requests acknowledged %zu, repeated after a kill %zu, lost %zu, "
      "answered otherwise the second time %zu, doubled %zu, wire copies %zu\n",
      kills, cases(), counts.acknowledged, counts.repeated, counts.lost, counts.changed, doubled,
      copies);
  EXPECT_EQ(counts.lost + counts.changed + doubled + copies, 0U);
  EXPECT_GT(counts.acknowledged, 0U);
}

}  // namespace
}  // namespace telavis::test
