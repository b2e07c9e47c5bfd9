// SPDX-License-Identifier: Apache-2.0
// Pages are told that something has changed: who is, when, and how the connection waits for it.
#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/core/change_board.h"
#include "tests/http/api_world.h"
#include "tests/http/test_server.h"

namespace telavis::test::changes_test {

const std::set<std::string> kGpAlone = {"user/gp"};

class Changes : public ::testing::Test {
 protected:
  HttpResponse watch(const Visitor& visitor, const std::string& seen = "") {
    HttpRequest request = world_.request(visitor, "GET", "/api/v1/changes");
    if (!seen.empty()) request.headers["last-event-id"] = seen;
    return world_.api.handle(request);
  }
  static std::string id_of(const HttpResponse& response) {
    const std::string text(as_text(response.body));
    const auto begin = text.find("\nid: ") + 5;
    return text.substr(begin, text.find('\n', begin) - begin);
  }
  /// What is answered once `meanwhile` has happened, or the time is over.
  HttpResponse after(const HttpResponse& waiting, const std::function<void()>& meanwhile,
                     int& woken) {
    EXPECT_TRUE(waiting.late);
    const auto take_back = waiting.late->arrange([&woken] { ++woken; });
    meanwhile();
    take_back();
    return waiting.late->answer();
  }

  ApiWorld world_;
};

TEST_F(Changes, AreToldToWhomTheyConcernAndToNobodyElse) {
  const Visitor gp = world_.visitor(world_.engine.gp);
  const Visitor coordinator = world_.visitor(world_.engine.coordinator);
  const Visitor foreign = world_.visitor(world_.foreign_coordinator);
  struct Seen {
    Visitor who;
    bool told;
    HttpResponse waiting;
    int woken = 0;
  };
  std::vector<Seen> everyone;
  for (const auto& [who, told] : {std::pair{gp, true}, {coordinator, true}, {foreign, false}}) {
    const HttpResponse first = watch(who);
    ASSERT_FALSE(first.late);  // who has just loaded his page has missed nothing
    EXPECT_EQ(first.content_type, "text/event-stream");
    EXPECT_EQ(as_text(first.body).find("event:"), std::string_view::npos);
    everyone.push_back({who, told, watch(who, id_of(first))});
  }
  std::vector<std::function<void()>> taken_back;
  for (Seen& seen : everyone) {
    ASSERT_TRUE(seen.waiting.late);
    taken_back.push_back(seen.waiting.late->arrange([&seen] { ++seen.woken; }));
  }
  const CaseId id = world_.submitted();
  for (const Seen& seen : everyone) {
    const std::string text(as_text(seen.waiting.late->answer().body));
    EXPECT_EQ(seen.woken, seen.told ? 1 : 0) << seen.who.name;
    EXPECT_EQ(text.find("event: changed\ndata: cases\n\n") != std::string::npos, seen.told) << text;
    EXPECT_EQ(text.find(id.value), std::string::npos);
  }
  for (const auto& take_back : taken_back) take_back();
}

TEST_F(Changes, WhatHappenedBetweenTwoLooksIsTold) {
  const Visitor gp = world_.visitor(world_.engine.gp);
  const std::string seen = id_of(watch(gp));
  world_.submitted();
  int woken = 0;
  const HttpResponse told = after(
      watch(gp, seen), [] {}, woken);
  EXPECT_EQ(woken, 1);  // at once
  EXPECT_NE(as_text(told.body).find("event: changed"), std::string_view::npos);
  // The engine was started again since: what a page has seen before says nothing.
  woken = 0;
  after(
      watch(gp, "0-7"), [] {}, woken);
  EXPECT_EQ(woken, 1);
}

TEST_F(Changes, AreForThoseWhoAreLoggedIn) {
  const HttpResponse refused = watch({"nobody", ""});
  EXPECT_EQ(refused.status, 401);
  EXPECT_FALSE(refused.late);
}

TEST(ChangeBoard, ForgetsWhoWaitsNoMore) {
  ChangeBoard board("run");
  int woken = 0;
  const auto waiter = board.wait(kGpAlone, board.mark(kGpAlone), [&] { ++woken; });
  board.forget(waiter);
  Case subject;
  subject.requester = UserId("gp");
  board.changed(subject);
  EXPECT_EQ(woken, 0);
  EXPECT_EQ(board.mark(kGpAlone), "run-1");
  board.forget(waiter);  // again: nothing
}

// ---- the connection -----------------------------------------------------------------------------

using LateServer = ServerTest;

/// Answers "late" to whoever waits.
struct Bell {
  std::mutex mutex;
  std::vector<std::function<void()>> waiting;
  int taken_back = 0;

  HttpResponse held(std::chrono::milliseconds at_most) {
    HttpResponse response;
    response.late = std::make_shared<LateAnswer>();
    response.late->at_most = at_most;
    response.late->arrange = [this](std::function<void()> ready) {
      const std::lock_guard lock(mutex);
      waiting.push_back(std::move(ready));
      return [this] {
        const std::lock_guard again(mutex);
        ++taken_back;
      };
    };
    response.late->answer = [] {
      HttpResponse answer;
      answer.body = {'l', 'a', 't', 'e'};
      return answer;
    };
    return response;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return waiting.size();
  }
  void ring() {
    std::vector<std::function<void()>> all;
    {
      const std::lock_guard lock(mutex);
      all = waiting;
    }
    for (const auto& ready : all) ready();
  }
};

const std::string kGetLate = "GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(LateServer, AnswersWhenItIsReadyAndTheConnectionGoesOn) {
  Bell bell;
  ServerOptions one_worker = options();
  one_worker.worker_threads = 1;
  start(one_worker, handler_with([&](const HttpRequest& request) {
          return request.path == "/late" ? bell.held(std::chrono::hours(1)) : echo(request);
        }));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(kGetLate));
  while (bell.count() == 0) std::this_thread::yield();
  // Waiting takes no worker: the only one answers others.
  TlsProbe other(server_->port());
  ASSERT_TRUE(other.handshake());
  ASSERT_TRUE(other.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_NE(other.read_answer().find("GET /a 0"), std::string::npos);
  bell.ring();
  bell.ring();  // twice is once
  EXPECT_NE(probe.read_answer().find("late"), std::string::npos);
  ASSERT_TRUE(probe.send("GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_NE(probe.read_answer().find("GET /b 0"), std::string::npos);
  EXPECT_EQ(bell.taken_back, 1);
}

TEST_F(LateServer, AnswersWhenTheTimeIsOver) {
  Bell bell;
  start(options(),
        handler_with([&](const HttpRequest&) { return bell.held(std::chrono::milliseconds(1)); }));
  EXPECT_EQ(as_text(client().get("/late")->body), "late");
  EXPECT_EQ(bell.taken_back, 1);
}

TEST_F(LateServer, StopsWithoutWaitingForIt) {
  Bell bell;
  start(options(),
        handler_with([&](const HttpRequest&) { return bell.held(std::chrono::hours(1)); }));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(kGetLate));
  while (bell.count() == 0) std::this_thread::yield();
  server_->stop();
  EXPECT_EQ(probe.read_to_end(), "");
  EXPECT_EQ(bell.taken_back, 1);
  bell.ring();  // what comes too late finds nobody
}

}  // namespace telavis::test::changes_test
