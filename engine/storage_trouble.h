// SPDX-License-Identifier: Apache-2.0
// What the operator is told when disk or database fail: since when, how often, and in the log one
// line at the beginning and one at the end, however many requests were refused in between.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

/// A trouble is over when the stores have worked, unrefuted, for so long: a disk that is nearly
/// full takes small files and refuses large ones, and would say so all day.
inline constexpr Duration kQuietEnd = std::chrono::minutes(1);

struct StorageFigures {
  std::int64_t errors = 0;       // since the start of the program
  std::optional<Instant> since;  // of the trouble that lasts
};

/// Thread-safe.
class StorageTrouble {
 public:
  explicit StorageTrouble(std::function<void(const std::string&)> log) : log_(std::move(log)) {}

  /// Anything but storage_failed and storage_full is none of its business.
  void failed(const Error& error, Instant at);
  /// Both stores have just been written.
  void worked(Instant at);
  /// By the code's name; both codes are always there.
  std::map<std::string, StorageFigures> figures() const;

 private:
  struct Trouble {
    StorageFigures figures;
    Instant last;
  };

  std::function<void(const std::string&)> log_;
  mutable std::mutex mutex_;
  std::map<ErrorCode, Trouble> troubles_ = {{ErrorCode::storage_failed, {}},
                                            {ErrorCode::storage_full, {}}};
};

}  // namespace telavis
