// SPDX-License-Identifier: Apache-2.0
#include "engine/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/fakes.h"

namespace telavis::test {
namespace {

using testing::ElementsAre;

const Instant kNow = parse_instant("2026-01-06T12:00:00Z").value();

/// What the workers say, and a way to wait for it.
class Told {
 public:
  WorkerPorts ports() {
    return {.now = [] { return kNow; },
            .log = [this](const std::string& line) { add(lines_, line); },
            .failed = [this](const Error& error) { add(codes_, error.code); }};
  }
  void round() {
    const std::lock_guard lock(mutex_);
    ++rounds_;
    changed_.notify_all();
  }
  void wait_for_rounds(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return rounds_ >= count; });
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::vector<ErrorCode> codes() {
    const std::lock_guard lock(mutex_);
    return codes_;
  }

 private:
  template <typename T>
  void add(std::vector<T>& list, T item) {
    const std::lock_guard lock(mutex_);
    list.push_back(std::move(item));
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  int rounds_ = 0;
  std::vector<std::string> lines_;
  std::vector<ErrorCode> codes_;
};

constexpr std::chrono::milliseconds kNoPause(0);

TEST(Workers, CountWhatADutyDidAndFailedAt) {
  Told told;
  int round = 0;  // the duty's thread alone
  const auto duty = [&]() -> Result<int> {
    told.round();
    switch (++round) {
      case 1:
      case 2:
      case 3:
        return fail(ErrorCode::storage_full, "no room");
      case 4:
        return fail(ErrorCode::storage_failed, "no disk");
      default:
        return round == 5 ? 7 : 0;
    }
  };
  {
    Workers workers({{"outbox", kNoPause, duty}}, told.ports());
    told.wait_for_rounds(7);  // by then round 6 is noted
    const DutyFigures figures = workers.figures().at("outbox");
    EXPECT_EQ(figures.handled, 7);
    EXPECT_EQ(figures.failures, 4);
    EXPECT_EQ(figures.last_success, kNow);
    EXPECT_EQ(figures.last_error, "");
  }
  EXPECT_THAT(told.codes(), ElementsAre(ErrorCode::storage_full, ErrorCode::storage_full,
                                        ErrorCode::storage_full, ErrorCode::storage_failed));
  EXPECT_THAT(told.lines(), ElementsAre("outbox: storage_full: no room",
                                        "outbox: storage_failed: no disk", "outbox: works again"));
}

TEST(Workers, OneDutyThatIsStuckHoldsUpNoOther) {
  Told told;
  std::mutex gate;
  gate.lock();
  {
    Workers workers({{"stuck", kNoPause,
                      [&]() -> Result<int> {
                        const std::lock_guard wait(gate);
                        return 0;
                      }},
                     {"other", kNoPause,
                      [&]() -> Result<int> {
                        told.round();
                        return 0;
                      }}},
                    told.ports());
    told.wait_for_rounds(100);
    EXPECT_EQ(workers.figures().at("stuck").last_success, Instant());
    EXPECT_EQ(workers.figures().at("other").last_success, kNow);
    gate.unlock();
  }
}

TEST(Workers, StopDoesNotWaitForAPause) {
  Told told;
  const auto duty = [&]() -> Result<int> {
    told.round();
    return 0;
  };
  Workers workers({{"daily", std::chrono::hours(24), duty}}, told.ports());
  told.wait_for_rounds(1);
}  // this test ends

}  // namespace
}  // namespace telavis::test
