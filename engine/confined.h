// SPDX-License-Identifier: Apache-2.0
// Work on bytes that nobody vouches for, in a process of its own: what a decoder does to itself
// there, or how long and how much it eats, becomes a refusal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

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

/// normalise_exam in a new process of `program`, which must be this executable; for servers.
/// Errors: those of normalise_exam and run_confined; unavailable when no process could be started.
Result<NormalisedExam> normalise_in_child(const std::filesystem::path& program, ByteView file);

/// The other side of normalise_in_child: the file on descriptor 0, the answer on descriptor 1.
void answer_normalise();                                             // does not return
inline constexpr const char* kAnswerNormalise = "answer-normalise";  // the subcommand's name

}  // namespace telavis
