// SPDX-License-Identifier: Apache-2.0
#include "engine/http/server.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/http/test_server.h"

namespace telavis::server_test {
namespace {

using test::echo;
using test::handler_with;
using test::TlsProbe;
using HttpsServer = test::ServerTest;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string text_of(const HttpsAnswer& answer) {
  return std::string(as_text(answer.body));
}

TEST_F(HttpsServer, AnswersAndSaysSoSafely) {
  start(options(), handler_with(echo));
  auto session = client();
  const auto answer = session.get("/a%20b?c=d");
  ASSERT_TRUE(answer.has_value()) << answer.error().text;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(text_of(*answer), "GET /a b 0");
  const auto header = [&](const std::string& name) { return answer->headers.at(name); };
  EXPECT_EQ(header("strict-transport-security"), "max-age=31536000");
  EXPECT_EQ(header("x-content-type-options"), "nosniff");
  EXPECT_EQ(header("referrer-policy"), "no-referrer");
  EXPECT_EQ(header("x-frame-options"), "DENY");
  EXPECT_EQ(header("cross-origin-opener-policy"), "same-origin");
  EXPECT_EQ(header("cache-control"), "no-store");
  EXPECT_EQ(header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
}

TEST_F(HttpsServer, RefusesTls11AndTakesTls12And13) {
  start(options(), handler_with(echo));
  TlsProbe old(server_->port(), TLS1_1_VERSION);
  EXPECT_FALSE(old.handshake());
  TlsProbe twelve(server_->port(), TLS1_2_VERSION);
  ASSERT_TRUE(twelve.handshake());
  EXPECT_EQ(twelve.version(), "TLSv1.2");
  TlsProbe thirteen(server_->port());
  ASSERT_TRUE(thirteen.handshake());
  EXPECT_EQ(thirteen.version(), "TLSv1.3");
}

TEST_F(HttpsServer, ClientTrustsNoOtherCertificateAndNoOtherHost) {
  start(options(), handler_with(echo));
  const test::CertificateFolder other;
  const std::string port = std::to_string(server_->port());
  HttpsClient stranger({"https://localhost:" + port, other.certificate()});
  const auto distrusted = stranger.get("/");
  ASSERT_FALSE(distrusted.has_value());
  EXPECT_EQ(distrusted.error().code, ErrorCode::unavailable);
  HttpsClient misnamed({"https://127.0.0.2:" + port, folder_.certificate()});
  EXPECT_FALSE(misnamed.get("/").has_value());
  HttpsClient by_address({"https://127.0.0.1:" + port, folder_.certificate()});
  EXPECT_TRUE(by_address.get("/").has_value());
}

TEST_F(HttpsServer, KeepsTheConnectionAndTakesPipelinedRequests) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(kGet + "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"));
  EXPECT_NE(probe.read_answer().find("GET /a 0"), std::string::npos);
  EXPECT_NE(probe.read_answer().find("POST /b 3"), std::string::npos);
  ASSERT_TRUE(probe.send("GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_NE(probe.read_to_end().find("GET /c 0"), std::string::npos);
  EXPECT_TRUE(probe.ended_cleanly());
}

TEST_F(HttpsServer, HeadHasTheLengthAndNoBody) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string answer = probe.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 9\r\n"), std::string::npos) << answer;  // "HEAD /a 0"
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpsServer, ChunkedBodyArrivesWhole) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n"
      "0\r\n\r\n"));
  EXPECT_NE(probe.read_answer().find("POST /a 7"), std::string::npos);
}

TEST_F(HttpsServer, ExpectContinueIsAnswered) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(
      "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(probe.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(probe.send("ab"));
  EXPECT_NE(probe.read_answer().find("POST /a 2"), std::string::npos);
}

TEST_F(HttpsServer, BodyOverTheLimitIsToldSoWhoeverSendsItAll) {
  start(options(), handler_with(echo));
  // More than any socket buffer holds: the client is still sending when the answer is written.
  const std::string large(8 << 20, 'x');
  auto session = client();
  const auto answer = session.post_json("/a", large);
  ASSERT_TRUE(answer.has_value()) << answer.error().text;
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(text_of(*answer), R"({"error":{"code":"body_too_large"}})");
  // A client that reads only after it has sent everything sees the answer too.
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n"));
  ASSERT_TRUE(probe.send(large));
  EXPECT_TRUE(probe.read_to_end().starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(probe.ended_cleanly());
}

TEST_F(HttpsServer, ChunkedBodyOverTheLimitIsRefused) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(
      probe.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                 std::string(1001, 'x') + "\r\n0\r\n\r\n"));
  EXPECT_TRUE(probe.read_to_end().starts_with("HTTP/1.1 413"));
}

TEST_F(HttpsServer, RefusalBeforeTheBodyIsRead) {
  HttpHandler handler = handler_with(echo);
  handler.body_limit = [](const HttpRequest& header) -> Result<std::size_t> {
    EXPECT_EQ(header.path, "/secret");
    return fail(ErrorCode::login_required, "Log in.");
  };
  start(options(), handler);
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send("POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"));
  EXPECT_TRUE(probe.read_to_end().starts_with("HTTP/1.1 401"));
}

TEST_F(HttpsServer, UploadsShareTheMemoryTheyMayHold) {
  ServerOptions small = options();
  small.max_held_body_bytes = 1500;
  start(small, handler_with(echo));
  TlsProbe first(server_->port());
  ASSERT_TRUE(first.handshake());
  ASSERT_TRUE(first.send(
      "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"));
  EXPECT_TRUE(first.read_answer().starts_with("HTTP/1.1 100"));  // 1000 bytes are held now
  TlsProbe second(server_->port());
  ASSERT_TRUE(second.handshake());
  ASSERT_TRUE(second.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 501\r\n\r\n"));
  EXPECT_TRUE(second.read_to_end().starts_with("HTTP/1.1 503"));
  ASSERT_TRUE(first.send(std::string(1000, 'x')));
  EXPECT_NE(first.read_answer().find("POST /a 1000"), std::string::npos);
  TlsProbe third(server_->port());
  ASSERT_TRUE(third.handshake());
  ASSERT_TRUE(third.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 501\r\n\r\n" +
                         std::string(501, 'x')));
  EXPECT_NE(third.read_answer().find("POST /a 501"), std::string::npos);
}

class Malformed : public HttpsServer, public ::testing::WithParamInterface<const char*> {};

TEST_P(Malformed, IsAnsweredWith400AndTheConnectionEnds) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(GetParam()));
  const std::string answer = probe.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_NE(answer.find(R"({"error":{"code":"malformed_request"}})"), std::string::npos);
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, Malformed,
    ::testing::Values(
        "NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",                        // no Host
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",  // two
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",          // broken escape
        "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",          // control character
        "GET x HTTP/1.1\r\nHost: x\r\n\r\n",             // no path
        "GET / HTTP/1.1\r\nHost: x\r\n: z\r\n\r\n", "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        // Two ways of saying where the request ends: smuggling.
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        "Content-Length: 3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));

TEST_F(HttpsServer, LongHeaderIsRefused) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(
      probe.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'y') + "\r\n\r\n"));
  EXPECT_TRUE(probe.read_to_end().starts_with("HTTP/1.1 400"));
}

TEST_F(HttpsServer, PlainHttpGetsNoAnswer) {
  start(options(), handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_GT(::send(probe.socket(), kGet.data(), kGet.size(), 0), 0);
  std::string got(4096, '\0');
  const auto count = ::recv(probe.socket(), got.data(), got.size(), 0);
  EXPECT_EQ(got.find("HTTP/"), std::string::npos);
  EXPECT_LT(count, 100);  // a TLS alert at most
}

// ---- those who dawdle: each is cut by the server; the probe only waits for the end

TEST_F(HttpsServer, CutsAClientThatSendsNoHandshake) {
  ServerOptions fast = options();
  fast.handshake_timeout = std::chrono::milliseconds(50);
  start(fast, handler_with(echo));
  TlsProbe probe(server_->port());
  char byte = 0;
  EXPECT_EQ(::recv(probe.socket(), &byte, 1, 0), 0);
}

TEST_F(HttpsServer, CutsAClientThatNeverEndsItsHeader) {
  ServerOptions fast = options();
  fast.header_timeout = std::chrono::milliseconds(100);
  start(fast, handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send("GET / HTTP/1.1\r\nHost: x\r\n"));
  EXPECT_EQ(probe.read_to_end(), "");
}

TEST_F(HttpsServer, CutsAHeaderThatTricklesIn) {
  ServerOptions fast = options();
  fast.header_timeout = std::chrono::milliseconds(200);
  start(fast, handler_with(echo));
  TlsProbe probe(server_->port(), TLS1_2_VERSION);  // 1.3 would send tickets in between
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send("GET / HTTP/1.1\r\nX: "));
  // A byte each time that nothing has come for 20 ms: no pause is long, the whole is.
  const timeval pause{0, 20'000};
  ::setsockopt(probe.socket(), SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
  int sent = 0;
  char byte = 0;
  ssize_t received = -1;
  while (received < 0 && sent < 1000 && probe.send("y")) {
    ++sent;
    received = ::recv(probe.socket(), &byte, 1, MSG_PEEK);
  }
  EXPECT_GT(sent, 2);
  EXPECT_LT(sent, 1000);  // the server closed long before a header of 16 KiB was full
}

TEST_F(HttpsServer, CutsABodyWithoutProgress) {
  ServerOptions fast = options();
  fast.progress_window = std::chrono::milliseconds(100);
  start(fast, handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nabc"));
  EXPECT_EQ(probe.read_to_end(), "");
}

TEST_F(HttpsServer, CutsAClientThatNeverReads) {
  ServerOptions fast = options();
  fast.progress_window = std::chrono::milliseconds(200);
  fast.stop_grace = std::chrono::hours(1);
  start(fast, handler_with([](const HttpRequest&) {
          HttpResponse response;
          response.body.assign(64 << 20, 'x');
          return response;
        }));
  TlsProbe probe(server_->port(), 0, 4096);
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(kGet));
  // Nothing is read until the server has given up: stop() waits for the answer as long as its
  // session lives, so it comes back only because the session was cut.
  server_->stop();
  EXPECT_LT(probe.read_to_end().size(), std::size_t{64} << 20);
}

TEST_F(HttpsServer, EndsIdleConnections) {
  ServerOptions fast = options();
  fast.idle_timeout = std::chrono::milliseconds(50);
  start(fast, handler_with(echo));
  TlsProbe probe(server_->port());
  ASSERT_TRUE(probe.handshake());
  ASSERT_TRUE(probe.send(kGet));
  EXPECT_TRUE(probe.read_to_end().starts_with("HTTP/1.1 200"));
}

// ---- many at a time

TEST_F(HttpsServer, FiftyConnectionsAtATime) {
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  ServerOptions many = options();
  many.worker_threads = 50;
  start(many, handler_with([&](const HttpRequest& request) {
          // Nobody leaves before all have come: the fifty are served side by side.
          std::unique_lock lock(mutex);
          ++waiting;
          changed.notify_all();
          changed.wait(lock, [&] { return waiting >= 50; });
          return echo(request);
        }));
  std::vector<std::thread> threads;
  threads.reserve(50);
  std::atomic<int> served = 0;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&] {
      auto session = client();
      const auto answer = session.get("/a");
      if (answer && answer->status == 200) ++served;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(served, 50);
}

TEST_F(HttpsServer, WaitsForAPlaceWhenFull) {
  ServerOptions narrow = options();
  narrow.max_connections = 1;
  start(narrow, handler_with(echo));
  auto first = std::make_unique<TlsProbe>(server_->port());
  ASSERT_TRUE(first->handshake());
  {
    TlsProbe second(server_->port());
    const timeval brief{0, 100'000};
    ::setsockopt(second.socket(), SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
    EXPECT_FALSE(second.handshake());
  }
  first.reset();
  TlsProbe third(server_->port());
  EXPECT_TRUE(third.handshake());
}

TEST_F(HttpsServer, StopLetsARequestInFlightEnd) {
  std::mutex mutex;
  std::condition_variable changed;
  bool entered = false, may_leave = false;
  start(options(), handler_with([&](const HttpRequest& request) {
          std::unique_lock lock(mutex);
          entered = true;
          changed.notify_all();
          changed.wait(lock, [&] { return may_leave; });
          return echo(request);
        }));
  const std::uint16_t port = server_->port();
  TlsProbe idle(port);
  ASSERT_TRUE(idle.handshake());
  TlsProbe busy(port);
  ASSERT_TRUE(busy.handshake());
  ASSERT_TRUE(busy.send(kGet));
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return entered; });
  }
  std::thread stopper([&] { server_->stop(); });
  EXPECT_EQ(idle.read_to_end(), "");  // cut while the other still works
  {
    const std::lock_guard lock(mutex);
    may_leave = true;
  }
  changed.notify_all();
  const std::string answer = busy.read_to_end();
  stopper.join();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  TlsProbe late(port);
  EXPECT_FALSE(late.handshake());
}

TEST_F(HttpsServer, StopWhileMany) {
  start(options(), handler_with(echo));
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto session = client();
      while (!done) {
        const auto answer = session.get("/a");
        if (answer) {
          EXPECT_EQ(answer->status, 200);
        } else {
          break;  // the server has gone
        }
      }
    });
  }
  auto session = client();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(session.get("/a").has_value());
  server_->stop();
  server_->stop();  // twice does no harm
  done = true;
  for (auto& thread : threads) thread.join();
}

TEST_F(HttpsServer, HandlerThatThrowsIsAnsweredFor) {
  start(options(),
        handler_with([](const HttpRequest&) -> HttpResponse { throw std::bad_alloc(); }));
  auto session = client();
  const auto answer = session.get("/a");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 500);
}

TEST_F(HttpsServer, SaysWhatIsWrongWithItsConfiguration) {
  ServerOptions bad = options();
  bad.certificate_file = "/nowhere.pem";
  EXPECT_EQ(Server::start(bad, handler_with(echo)).error().code, ErrorCode::configuration_invalid);
  const test::CertificateFolder other;
  bad = options();
  bad.key_file = other.key();
  EXPECT_EQ(Server::start(bad, handler_with(echo)).error().code, ErrorCode::configuration_invalid);
  bad = options();
  bad.address = "not-an-address";
  EXPECT_EQ(Server::start(bad, handler_with(echo)).error().code, ErrorCode::configuration_invalid);
  start(options(), handler_with(echo));
  bad = options();
  bad.port = server_->port();
  EXPECT_EQ(Server::start(bad, handler_with(echo)).error().code, ErrorCode::configuration_invalid);
}

}  // namespace
}  // namespace telavis::server_test
