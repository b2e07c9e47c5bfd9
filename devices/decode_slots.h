// SPDX-License-Identifier: Apache-2.0
// How many files are whole in memory at a time: what arrives waits on the disk until one of the
// slots is free, so that memory does not grow with the number of those who send.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace telavis {

class DecodeSlots {
 public:
  /// `slots` at least 1. A file of kMaxFileBytes needs about six times its size while it is read.
  explicit DecodeSlots(int slots) : free_(slots) {}

  /// Held until it is destroyed.
  class Slot {
   public:
    explicit Slot(DecodeSlots& of) : of_(&of) {}
    Slot(Slot&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (of_ != nullptr) of_->give_back();
    }

   private:
    DecodeSlots* of_;
  };

  /// Waits for a free one.
  [[nodiscard]] Slot take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return free_ > 0; });
    --free_;
    return Slot(*this);
  }

 private:
  void give_back() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    returned_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  int free_;
};

}  // namespace telavis
