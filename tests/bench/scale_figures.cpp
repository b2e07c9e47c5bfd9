// SPDX-License-Identifier: Apache-2.0
// What a durable commit costs, alone and among others, and what a case costs in a database of a
// thousand, a hundred thousand, a million: it must be the same.
//
//   scale_figures FOLDER [COUNT...]      FOLDER on the disk in question; without COUNT: commits
//   only
//
// Real time depends on who else uses the machine; processor time does not. Both are medians.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/crypto.h"
#include "storage/sqlite.h"
#include "tests/bench/made_cases.h"

namespace telavis::bench {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

template <typename T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().text);
  std::exit(1);
}
void must(const Result<void>& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().text);
  std::exit(1);
}

KeyRing some_keys() {
  SystemRandom random;
  return KeyRing({random_key(random)});
}

/// A folder that is removed at the end.
struct Folder {
  explicit Folder(const fs::path& parent) {
    std::string name = parent / "telavis-scale-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      fmt::print(stderr, "no folder can be made in {}\n", parent.string());
      std::exit(1);
    }
    path = name;
  }
  ~Folder() {
    std::error_code error;
    fs::remove_all(path, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path path;
};

double thread_cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// Times of one kind of work, microseconds.
struct Times {
  std::vector<double> real, cpu;
  void take(const std::function<void()>& work) {
    const double cpu_start = thread_cpu_us();
    const auto start = SteadyClock::now();
    work();
    real.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count());
    cpu.push_back(thread_cpu_us() - cpu_start);
  }
};

/// Each thread commits new cases one after the other: how long each waits until it is durable.
void measure_commits(const fs::path& parent, std::size_t threads, std::int64_t each) {
  const Folder folder(parent);
  const auto repository = must(open_sqlite_repository({folder.path / "telavis.db", {}}));
  const KeyRing keys = some_keys();
  std::vector<Times> times(threads);
  const auto start = SteadyClock::now();
  std::vector<std::thread> workers;
  for (std::size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      SystemRandom random;
      for (std::int64_t i = 0; i < each; ++i) {
        const auto made = made_case(static_cast<std::int64_t>(t) * each + i, true, keys, random);
        times[t].take([&] { must(repository->commit(made.commit)); });
      }
    });
  }
  for (auto& worker : workers) worker.join();
  const std::chrono::duration<double> taken = SteadyClock::now() - start;
  std::vector<double> all;
  for (const Times& one : times) all.insert(all.end(), one.real.begin(), one.real.end());
  fmt::print("commits, {} thread{}: p50 {:.2f} ms, p99 {:.2f} ms, {:.0f}/s\n", threads,
             threads == 1 ? "" : "s", quantile(all, 0.5) / 1e3, quantile(all, 0.99) / 1e3,
             static_cast<double>(all.size()) / taken.count());
}

double resident_mb() {
  std::ifstream status("/proc/self/statm");
  std::string whole((std::istreambuf_iterator<char>(status)), std::istreambuf_iterator<char>());
  const std::size_t at = whole.find(' ') + 1;
  long pages = 0;
  std::from_chars(whole.data() + at, whole.data() + whole.size(), pages);
  return static_cast<double>(pages) * 4096 / 1e6;
}

/// The costs of one case in a database of `count`: work that a node does for each.
void measure_at(const fs::path& file, Repository& repository, const KeyRing& keys,
                std::int64_t& count) {
  constexpr int kRounds = 200;
  SystemRandom random;
  std::vector<Case> fresh;
  Times insert, step, due, list, load;
  const std::int64_t before = count;
  for (int i = 0; i < kRounds; ++i) {
    const auto made = made_case(count++, true, keys, random);
    insert.take([&] { must(repository.commit(made.commit)); });
    fresh.push_back(made.commit.next);
  }
  for (const Case& subject : fresh) {
    const Commit commit = accepted(subject);
    step.take([&] { must(repository.commit(commit)); });
  }
  for (int i = 0; i < kRounds; ++i) {
    CaseQuery of_one;
    of_one.requester = requester_of(i);
    of_one.limit = 50;
    list.take([&] { must(repository.cases(of_one)); });
    due.take([&] { must(repository.due_cases(kFirst, 100)); });
    const ProgrammeId programme("programme-" + std::to_string(i % kProgrammes));
    load.take([&] {
      must(repository.pool_load(programme, asked_at(count) - std::chrono::hours(30 * 24)));
    });
  }
  fmt::print("{:>9}", before);
  for (const Times* one : {&insert, &step, &due, &list, &load}) {
    fmt::print(" | {:>8.0f} {:>8.0f}", quantile(one->real, 0.5), quantile(one->cpu, 0.5));
  }
  fmt::print(" | {:>8.0f} | {:>6.0f}\n", static_cast<double>(fs::file_size(file)) / 1e6,
             resident_mb());
  std::fflush(stdout);
}

void measure_scale(const fs::path& parent, const std::vector<std::int64_t>& counts) {
  const Folder folder(parent);
  const fs::path file = folder.path / "telavis.db";
  const KeyRing keys = some_keys();
  const auto repository = must(open_sqlite_repository({file, {}}));
  std::int64_t count = 0;
  fmt::print(
      "microseconds, real and processor\n"
      "    cases |   insert a case   |     one step      |    due look-up    |  a person's list  |"
      "  load of a pool   |  file MB | RSS MB\n");
  for (const std::int64_t wanted : counts) {
    Filling filling;
    filling.first = count;
    filling.count = std::max<std::int64_t>(0, wanted - count);
    must(fill(*repository, keys, filling));
    count += filling.count;
    measure_at(file, *repository, keys, count);
  }
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    fmt::print(stderr, "scale_figures FOLDER [COUNT...]\n");
    return 2;
  }
  std::vector<std::int64_t> counts;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& text = arguments[i];
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), counts.emplace_back());
    if (error != std::errc() || end != text.data() + text.size() || counts.back() < 0) {
      fmt::print(stderr, "'{}' is no number of cases\n", text);
      return 2;
    }
  }
  measure_commits(arguments[0], 1, 2'000);
  measure_commits(arguments[0], 8, 500);
  if (!counts.empty()) measure_scale(arguments[0], counts);
  return 0;
}

}  // namespace
}  // namespace telavis::bench

int main(int argc, char** argv) {
  return telavis::bench::run({argv + 1, argv + argc});
}
