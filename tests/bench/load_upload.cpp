// SPDX-License-Identifier: Apache-2.0
// How many uploads a second a running server takes: every answer counted here is a durable case.
//
//   load_upload URL CA_FILE LOGIN PASSWORD PROGRAMME EXAM_FILE THREADS SECONDS
//
// Each thread is one doctor's session on a connection of its own and sends the file again and
// again, with a new Idempotency-Key each time.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "devices/https_client.h"

namespace telavis {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Load {
  std::string url, ca_file, login, password, programme;
  UploadedFile exam;
  int threads = 0;
  int seconds = 0;
};

struct Outcome {
  std::vector<double> milliseconds;  // of each accepted upload
  int refused = 0;
  std::string first_refusal;
};

std::string request_json(const std::string& programme) {
  return R"({"programme":")" + programme +
         R"(","patient":{"family_name":"CHARGE","given_name":"Essai","birth_date":"1970-01-01",)"
         R"("sex":"unknown"},"reason":"other","question":"Essai de charge.",)"
         R"("consent":{"given_by":"patient","information":"oral"}})";
}

Outcome send_until(const Load& load, const std::string& key_prefix, SteadyClock::time_point end) {
  Outcome outcome;
  const auto refuse = [&](const std::string& why) {
    ++outcome.refused;
    if (outcome.first_refusal.empty()) outcome.first_refusal = why;
  };
  HttpsClient session({load.url, load.ca_file});
  const auto login =
      session.post_json("/api/v1/login", R"({"login":")" + load.login + R"(","password":")" +
                                             load.password + R"("})");
  if (!login || login->status != 200) {
    refuse(login ? std::string(as_text(login->body)) : login.error().text);
    return outcome;
  }
  const std::string request = request_json(load.programme);
  for (int i = 0; SteadyClock::now() < end; ++i) {
    const auto start = SteadyClock::now();
    const auto answer = session.post_multipart("/api/v1/cases", request, {load.exam},
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
  const std::string run_id = std::to_string(std::random_device{}());
  const auto start = SteadyClock::now();
  const auto end = start + std::chrono::seconds(load.seconds);
  std::vector<Outcome> outcomes(static_cast<std::size_t>(load.threads));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    threads.emplace_back([&, i] {
      outcomes[i] = send_until(load, "load-" + run_id + "-" + std::to_string(i) + "-", end);
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

bool parse_count(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out > 0 && out <= 10'000;
}

}  // namespace
}  // namespace telavis

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  telavis::Load load;
  if (arguments.size() != 8 || !telavis::parse_count(arguments[6], load.threads) ||
      !telavis::parse_count(arguments[7], load.seconds)) {
    fmt::print(stderr,
               "load_upload URL CA_FILE LOGIN PASSWORD PROGRAMME EXAM_FILE THREADS SECONDS\n");
    return 2;
  }
  load.url = arguments[0];
  load.ca_file = arguments[1];
  load.login = arguments[2];
  load.password = arguments[3];
  load.programme = arguments[4];
  std::ifstream in(arguments[5], std::ios::binary);
  load.exam = {
      "web", "exam", {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}};
  if (load.exam.bytes.empty()) {
    fmt::print(stderr, "{} cannot be read or is empty\n", arguments[5]);
    return 2;
  }
  return telavis::run(load);
}
