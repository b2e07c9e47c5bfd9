// SPDX-License-Identifier: Apache-2.0
// The machine fails under the real server: what cannot be kept is refused in clear words, what was
// acknowledged stays, /readyz, /metrics and the log say so, and when the machine works again the
// server goes on by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "tests/e2e/server_process.h"
#include "tests/full_disk.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AnyOf;
using testing::HasSubstr;

// Answers of the server to wait for something that it does by itself: a few seconds.
constexpr int kMostAnswers = 20'000;

std::string code_of(const HttpsAnswer& answer) {
  return json::parse(as_text(answer.body)).at("error").at("code").as_string().c_str();
}

class Fault : public ::testing::Test {
 protected:
  void start() {
    server_.reset();
    server_ = std::make_unique<Process>(demo_.serve(), log_, [this] {
      ::setenv("LD_PRELOAD", TELAVIS_FAILING_MACHINE, 1);     // NOLINT(concurrency-mt-unsafe)
      ::setenv("TELAVIS_FAILING_MACHINE", plan_.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    });
    ASSERT_TRUE(server_->wait_for("listening on"));
  }
  /// See failing_machine.cpp; empty: all is well.
  void machine(const std::string& plan) {
    const fs::path beside = demo_.folder / "plan.new";
    std::ofstream(beside) << plan;
    fs::rename(beside, plan_);
  }

  HttpsClient& gp() { return *gps_.session(gps_.logins().front()); }
  HttpsAnswer submit(const std::string& key) {
    auto answer =
        gp().post_multipart("/api/v1/cases", demonstration_request(), demonstration_files(), key);
    EXPECT_TRUE(answer);
    return answer.value_or(HttpsAnswer{});
  }
  std::string submitted(const std::string& key) {
    const HttpsAnswer answer = submit(key);
    EXPECT_EQ(answer.status, 201) << as_text(answer.body);
    if (answer.status != 201) return "";
    return json::parse(as_text(answer.body)).at("case").at("id").as_string().c_str();
  }
  HttpsAnswer get(const std::string& path) {
    auto answer = gp().get(path);
    EXPECT_TRUE(answer) << path;
    return answer.value_or(HttpsAnswer{});
  }
  std::string state_of(const std::string& id) {
    const HttpsAnswer answer = get("/api/v1/cases/" + id);
    EXPECT_EQ(answer.status, 200) << as_text(answer.body);
    if (answer.status != 200) return "";
    return json::parse(as_text(answer.body)).at("case").at("state").as_string().c_str();
  }
  void wait_for_state(const std::string& id, const std::string& state) {
    for (int i = 0; i < kMostAnswers && !HasFailure(); ++i) {
      if (state_of(id) == state) return;
    }
    FAIL() << id << " never became " << state;
  }
  /// By whichever expert it was offered to; the status of the other's 404 does not count.
  HttpsAnswer expert_does(const std::string& id, const std::string& what, const std::string& body) {
    HttpsAnswer last;
    for (const std::string& login : experts_.logins()) {
      HttpsClient* expert = experts_.session(login);
      if (expert == nullptr) continue;
      auto answer = expert->post_json("/api/v1/cases/" + id + "/" + what, body, id + what);
      EXPECT_TRUE(answer);
      if (answer && (last.status == 0 || answer->status != 404)) last = *answer;
    }
    return last;
  }
  /// A figure of /metrics; nullopt: there is no such line.
  std::optional<double> metric(const std::string& name) {
    const HttpsAnswer answer = get("/metrics");
    const std::string text = "\n" + std::string(as_text(answer.body));
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) return std::nullopt;
    double value = 0;
    const char* from = text.data() + at + name.size() + 2;
    std::from_chars(from, text.data() + text.size(), value);
    return value;
  }
  void wait_for_metric(const std::string& name, double value) {
    for (int i = 0; i < kMostAnswers; ++i) {
      if (metric(name) == value) return;
    }
    FAIL() << name << " never became " << value;
  }
  std::size_t log_lines(const std::string& with) const {
    std::ifstream in(log_);
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) {
      count += line.find(with) != std::string::npos ? 1 : 0;
    }
    return count;
  }
  int exit_of(const std::vector<std::string>& command) { return Process(command, log_).finish(); }

  Demonstration demo_{R"("log_level":"error")"};
  const fs::path log_ = demo_.folder / "log", plan_ = demo_.folder / "plan";
  std::unique_ptr<Process> server_;
  Client gps_{demo_.url, demo_.data, "requester"}, experts_{demo_.url, demo_.data, "expert"};
};

struct Failing {
  std::string name, plan;
  int status;
  std::string code;
};

class FailingDisk : public Fault, public testing::WithParamInterface<Failing> {};

TEST_P(FailingDisk, RefusesTellsAndGoesOn) {
  const Failing& failing = GetParam();
  start();
  const std::string first = submitted("first");
  wait_for_state(first, "offered");
  for (const std::string& login : experts_.logins()) ASSERT_NE(experts_.session(login), nullptr);

  machine(failing.plan);
  for (int i = 0; i < 5; ++i) {
    const HttpsAnswer refused = submit("second");
    EXPECT_EQ(refused.status, failing.status);
    EXPECT_EQ(code_of(refused), failing.code);
  }
  EXPECT_THAT(expert_does(first, "accept", "{}").status, AnyOf(503, 507));
  const HttpsAnswer not_ready = get("/readyz");
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_EQ(code_of(not_ready), failing.code);
  EXPECT_GE(metric("telavis_storage_errors_total{code=\"" + failing.code + "\"}"), 5.0);
  EXPECT_GT(
      metric("telavis_storage_trouble_since_timestamp_seconds{code=\"" + failing.code + "\"}"),
      0.0);
  EXPECT_EQ(log_lines(failing.code + " begins"), 1U);

  machine("");
  EXPECT_EQ(get("/readyz").status, 200);
  const std::string second = submitted("second");
  EXPECT_EQ(expert_does(first, "accept", "{}").status, 200);
  EXPECT_EQ(
      expert_does(first, "opinion", R"({"conclusion":"Vu.","orientation":"gp_management"})").status,
      200);
  wait_for_state(first, "delivered");
  wait_for_state(second, "offered");
  server_->kill_now();
  start();
  EXPECT_EQ(state_of(first), "delivered");
  EXPECT_EQ(state_of(second), "offered");
  EXPECT_LT(log_lines(""), 40U) << "the log was flooded";
}

INSTANTIATE_TEST_SUITE_P(
    Machine, FailingDisk,
    testing::Values(Failing{"Full", "write " + std::to_string(ENOSPC), 507, "storage_full"},
                    Failing{"OverQuota", "write " + std::to_string(EDQUOT), 507, "storage_full"},
                    Failing{"ReadOnly", "write " + std::to_string(EROFS), 503, "storage_failed"},
                    Failing{"FsyncFails", "fsync " + std::to_string(EIO), 503, "storage_failed"}),
    [](const testing::TestParamInfo<Failing>& named) { return named.param.name; });

TEST_F(Fault, AClockThatJumpsSendsNobodyAnything) {
  start();
  const std::string id = submitted("first");
  wait_for_state(id, "offered");
  const auto mails = [&] {
    return metric("telavis_outbox_messages{state=\"sent\"}").value_or(0) +
           metric("telavis_outbox_messages{state=\"pending\"}").value_or(0);
  };
  wait_for_metric("telavis_outbox_messages{state=\"sent\"}", 1);
  EXPECT_EQ(metric("telavis_timers_held"), 0.0);

  machine("clock 180000");  // 50 hours: every reminder, the take-back and the breach are due
  wait_for_metric("telavis_timers_held", 1);
  EXPECT_EQ(metric("telavis_clock_jumps_total"), 1.0);
  EXPECT_NEAR(metric("telavis_clock_last_jump_seconds").value_or(0), 180'000, 5);
  EXPECT_EQ(log_lines("clock: it jumped"), 1U);
  EXPECT_EQ(get("/api/v1/cases").status, 401) << "sessions are two days old now";
  gps_ = Client(demo_.url, demo_.data, "requester");
  const std::string during = submitted("during");  // intake goes on
  wait_for_state(during, "offered");               // and is offered
  EXPECT_EQ(state_of(id), "offered");
  EXPECT_EQ(metric("telavis_case_events_total{programme=\"rythmologie-guadeloupe\",event="
                   "\"breaches\"}"),
            0.0);

  machine("");
  wait_for_metric("telavis_timers_held", 0);
  EXPECT_EQ(metric("telavis_clock_jumps_total"), 2.0);
  EXPECT_EQ(get("/api/v1/cases").status, 401) << "a session of the day after tomorrow";
  gps_ = Client(demo_.url, demo_.data, "requester");
  EXPECT_EQ(state_of(id), "offered");
  EXPECT_EQ(mails(), 2.0) << "two invitations and nothing else";
}

TEST_F(Fault, AClockBehindTheDatabaseHoldsFromTheStart) {
  machine("clock -864000");
  start();
  wait_for_metric("telavis_timers_held", 1);
  EXPECT_EQ(metric("telavis_clock_jumps_total"), 1.0);
  submitted("first");
  machine("");
  wait_for_metric("telavis_timers_held", 0);
}

TEST_F(Fault, ASecondServerIsRefusedByAnyPath) {
  start();
  EXPECT_EQ(exit_of(demo_.serve()), 1);
  EXPECT_EQ(log_lines("Another Telavis"), 1U);
  const fs::path other = demo_.folder / "other";
  fs::copy(demo_.data, other, fs::copy_options::recursive);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    fs::remove(other / ("telavis.db" + std::string(suffix)));
  }
  const auto expect_refused = [&](const std::string& how) {
    EXPECT_EQ(exit_of({TELAVIS_BINARY, "serve", "--data-dir", other.string()}), 1) << how;
    EXPECT_EQ(exit_of({TELAVIS_BINARY, "person", "list", "--data-dir", other.string()}), 1) << how;
  };
  expect_refused("no database, but sealed files");
  fs::create_symlink(demo_.data / "telavis.db", other / "telavis.db");
  expect_refused("symbolic link");
  fs::remove(other / "telavis.db");
  fs::create_hard_link(demo_.data / "telavis.db", other / "telavis.db");
  expect_refused("hard link");
  fs::create_directory_symlink(demo_.data, demo_.folder / "linked");
  EXPECT_EQ(exit_of({TELAVIS_BINARY, "serve", "--data-dir", (demo_.folder / "linked").string()}),
            1);
  submitted("first");
}

TEST_F(Fault, ABindMountOfTheDatabaseIsFoundToo) {
  start();
  const fs::path other = demo_.folder / "other";
  fs::create_directory(other);
  fs::copy(demo_.data / "keys", other / "keys");
  std::ofstream(other / "telavis.db") << "";
  bool mounted = true;
  const int status = Process({TELAVIS_BINARY, "serve", "--data-dir", other.string()}, log_, [&] {
                       mounted =
                           ::unshare(CLONE_NEWNS) == 0 &&
                           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                           ::mount((demo_.data / "telavis.db").c_str(),
                                   (other / "telavis.db").c_str(), nullptr, MS_BIND, nullptr) == 0;
                       if (!mounted) ::_exit(kCannotMount);
                     }).finish();
  if (status == kCannotMount) GTEST_SKIP() << "no right to mount anything here";
  EXPECT_EQ(status, 1);
  EXPECT_EQ(log_lines("Another Telavis"), 1U);
}

/// The last process to close an SQLite database removes its log; the command is not the last.
TEST_F(Fault, CommandsBesideTheServerCostNothingThatItAcknowledges) {
  start();
  for (const char* list : {"person", "group", "device"}) {
    EXPECT_EQ(exit_of({TELAVIS_BINARY, list, "list", "--config", demo_.config}), 0);
  }
  EXPECT_EQ(exit_of({TELAVIS_BINARY, "export", "billing", "--config", demo_.config}), 0);
  const std::string id = submitted("first");
  wait_for_state(id, "offered");
  server_->kill_now();
  start();
  EXPECT_EQ(state_of(id), "offered");
}

TEST_F(Fault, NothingIsAcknowledgedWhileTheDatabaseIsGone) {
  start();
  const std::string first = submitted("first");
  wait_for_state(first, "offered");
  const fs::path database = demo_.data / "telavis.db";
  fs::rename(database, demo_.folder / "away.db");
  const HttpsAnswer refused = submit("second");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code_of(refused), "storage_failed");
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_GE(metric("telavis_storage_errors_total{code=\"storage_failed\"}"), 1.0);
  EXPECT_GE(log_lines("removed or replaced"), 1U);
  fs::rename(demo_.folder / "away.db", database);
  EXPECT_EQ(get("/readyz").status, 200);
  const std::string second = submitted("third");
  server_->kill_now();
  start();
  EXPECT_EQ(state_of(first), "offered");
  wait_for_state(second, "offered");

  server_->kill_now();
  fs::remove(database);
  EXPECT_EQ(exit_of(demo_.serve()), 1) << "an empty database in its place would hide the loss";
  EXPECT_FALSE(fs::exists(database));
}

}  // namespace
}  // namespace telavis::test
