// SPDX-License-Identifier: Apache-2.0
// Work on bytes that nobody vouches for, in a process of its own: what a decoder does to itself
// there, or how long and how much it eats, becomes a refusal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "formats/bytes.h"
#include "formats/exam.h"
#include "formats/result.h"

namespace telavis {

struct ConfinedLimits {
  /// Of processor time: the largest files that are read take about a second of it.
  std::uint64_t cpu_seconds = 5;
  /// Of memory the process may write to; with its code it stays below 512 MB. The largest picture
  /// (64 Mpx) takes 192 MiB as pixels, and the same again where it is turned.
  std::uint64_t memory_bytes = std::uint64_t{448} << 20;
  /// Of anything it writes: the samples of a file of 64 MiB as text stay below.
  std::uint64_t file_bytes = std::uint64_t{2} << 30;
};

/// Runs `work` in a child made by fork, so only where the process has a single thread. Errors:
/// those of `work`; malformed_file when the child died, limit_exceeded when it passed a limit
/// above.
Result<Bytes> run_confined(const std::function<Result<Bytes>()>& work,
                           const ConfinedLimits& limits = {});

/// normalise_exam in processes apart from this one, for servers. A helper process of `program`,
/// which must be this executable, forks one for each file: a file never meets the memory in which
/// another was decoded, nor the server's keys. Helpers are started as they are needed, kept, and
/// end with the pool. Used from any thread.
class Decoders {
 public:
  explicit Decoders(std::filesystem::path program);
  ~Decoders();
  Decoders(const Decoders&) = delete;
  Decoders& operator=(const Decoders&) = delete;

  /// Errors: those of normalise_exam and run_confined; unavailable when no process could be
  /// started.
  Result<NormalisedExam> normalise(ByteView file);

 private:
  class Helper;
  std::optional<Helper> take_idle();
  void give_back(Helper helper);

  std::filesystem::path program_;
  std::mutex mutex_;
  std::vector<Helper> idle_;
};

/// The helper's side: work comes by the socket on descriptor 0 until it is closed.
[[noreturn]] void serve_decoding();
inline constexpr const char* kServeDecoding = "serve-decoding";  // the subcommand's name

}  // namespace telavis
