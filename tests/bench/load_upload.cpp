// SPDX-License-Identifier: Apache-2.0
// How many uploads a second a running server takes: every answer counted here is a durable case.
//
//   load_upload URL CA_FILE LOGIN PASSWORD REQUEST_FILE EXAM_FILE THREADS SECONDS [TOTP_SECRET]
//
// REQUEST_FILE is the part `request` of POST /api/v1/cases, e.g. one of "requests" of
// engine/demo/demonstration.json; it may leave the patient out when the exam names one. Each thread
// has a connection of its own in one doctor's session and sends the file again and again, with a
// new Idempotency-Key each time. TOTP_SECRET is that of his second factor, in base32.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "devices/https_client.h"
#include "engine/core/totp.h"
#include "tests/service/second_factor.h"

namespace telavis {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Load {
  std::string url, ca_file, login, password, request, totp_secret;
  UploadedFile exam;
  int threads = 0;
  int seconds = 0;
};

struct Outcome {
  std::vector<double> milliseconds;  // of each accepted upload
  int refused = 0;
  std::string first_refusal;
};

std::string cookie_in(const HttpsAnswer& answer) {
  const auto header = answer.headers.find("set-cookie");
  return header == answer.headers.end() ? "" : header->second.substr(0, header->second.find(';'));
}

/// One session for all threads: a one-time code serves once.
Result<std::string> logged_in(const Load& load) {
  HttpsClient session({load.url, load.ca_file});
  auto answer =
      session.post_json("/api/v1/login", R"({"login":")" + load.login + R"(","password":")" +
                                             load.password + R"("})");
  if (answer && answer->status == 200 && !load.totp_secret.empty()) {
    const auto code = totp_code(test::from_base32(load.totp_secret), ::time(nullptr) / 30);
    answer = session.post_json("/api/v1/login/second-factor", R"({"code":")" + code + R"("})");
  }
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == 200) return cookie_in(*answer);
  return fail(ErrorCode::login_failed, std::string(as_text(answer->body)));
}

Outcome send_until(const Load& load, HttpsClient& session, const std::string& key_prefix,
                   SteadyClock::time_point end) {
  Outcome outcome;
  const auto refuse = [&](const std::string& why) {
    ++outcome.refused;
    if (outcome.first_refusal.empty()) outcome.first_refusal = why;
  };
  for (int i = 0; SteadyClock::now() < end; ++i) {
    const auto start = SteadyClock::now();
    const auto answer = session.post_multipart("/api/v1/cases", load.request, {load.exam},
                                               key_prefix + std::to_string(i));
    const std::chrono::duration<double, std::milli> taken = SteadyClock::now() - start;
    if (answer && answer->status == 201) {
      outcome.milliseconds.push_back(taken.count());
    } else {
      refuse(answer ? std::string(as_text(answer->body)) : answer.error().text);
    }
  }
  return outcome;
}

int run(const Load& load) {
  // Before the clock runs: a password costs more than an upload.
  const auto cookie = logged_in(load);
  if (!cookie) {
    fmt::print(stderr, "{}\n", cookie.error().text);
    return 1;
  }
  std::vector<HttpsClient> sessions;
  for (int i = 0; i < load.threads; ++i) {
    sessions.emplace_back(HttpsClientOptions{load.url, load.ca_file, *cookie});
  }
  const std::string run_id = std::to_string(std::random_device{}());
  const auto start = SteadyClock::now();
  const auto end = start + std::chrono::seconds(load.seconds);
  std::vector<Outcome> outcomes(static_cast<std::size_t>(load.threads));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    threads.emplace_back([&, i] {
      outcomes[i] =
          send_until(load, sessions[i], "load-" + run_id + "-" + std::to_string(i) + "-", end);
    });
  }
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> taken = SteadyClock::now() - start;

  Outcome all;
  for (const Outcome& one : outcomes) {
    all.milliseconds.insert(all.milliseconds.end(), one.milliseconds.begin(),
                            one.milliseconds.end());
    all.refused += one.refused;
    if (all.first_refusal.empty()) all.first_refusal = one.first_refusal;
  }
  std::sort(all.milliseconds.begin(), all.milliseconds.end());
  const auto percentile = [&](double fraction) {
    if (all.milliseconds.empty()) return 0.0;
    const auto last = static_cast<double>(all.milliseconds.size() - 1);
    return all.milliseconds[static_cast<std::size_t>(last * fraction)];
  };
  fmt::print(
      "{} uploads of {} bytes in {:.1f} s over {} connections: {:.1f}/s, p50 {:.1f} ms, "
      "p99 {:.1f} ms, {} refused\n",
      all.milliseconds.size(), load.exam.bytes.size(), taken.count(), load.threads,
      static_cast<double>(all.milliseconds.size()) / taken.count(), percentile(0.5),
      percentile(0.99), all.refused);
  if (all.refused > 0) fmt::print("first refusal: {}\n", all.first_refusal);
  return all.refused == 0 ? 0 : 1;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool parse_count(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out > 0 && out <= 10'000;
}

}  // namespace
}  // namespace telavis

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  telavis::Load load;
  if (arguments.size() < 8 || arguments.size() > 9 ||
      !telavis::parse_count(arguments[6], load.threads) ||
      !telavis::parse_count(arguments[7], load.seconds)) {
    fmt::print(stderr,
               "load_upload URL CA_FILE LOGIN PASSWORD REQUEST_FILE EXAM_FILE THREADS SECONDS "
               "[TOTP_SECRET]\n");
    return 2;
  }
  load.url = arguments[0];
  load.ca_file = arguments[1];
  load.login = arguments[2];
  load.password = arguments[3];
  if (arguments.size() == 9) load.totp_secret = arguments[8];
  load.request = telavis::content_of(arguments[4]);
  const std::string exam = telavis::content_of(arguments[5]);
  load.exam = {"web", "exam", {exam.begin(), exam.end()}};
  if (load.request.empty() || exam.empty()) {
    fmt::print(stderr, "{} or {} cannot be read or is empty\n", arguments[4], arguments[5]);
    return 2;
  }
  return telavis::run(load);
}
