// SPDX-License-Identifier: Apache-2.0
// Uploads that arrive in pieces, on a line that breaks: one sealed file each, whose pieces are
// durable before their sender hears of it.
//
// Layout of a file, named by the upload's id: records of a length (32 bits, little endian) and as
// many sealed bytes; the first holds what is known of the upload, each other one a piece. What a
// crash left of a record at the end is taken off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/crypto.h"
#include "engine/core/exam_door.h"
#include "engine/core/time.h"
#include "formats/exam.h"
#include "formats/result.h"

namespace telavis {

/// Of one sender: a practice sends one after the other, a doctor a question of 20 files.
inline constexpr std::size_t kMaxUploadsOfSender = 24;
/// What all unfinished uploads may come to on the disk.
inline constexpr std::int64_t kMaxSpooledBytes = std::int64_t{4} << 30;
/// Of one upload: pieces of 16 KiB for the largest file.
inline constexpr std::size_t kMaxUploadPieces = 4096;
/// Of one piece: it is in memory whole, and sent again whole when the line breaks.
inline constexpr std::size_t kMaxPieceBytes = std::size_t{8} << 20;
/// Who has not ended an upload after a day begins it anew.
inline constexpr Duration kUploadLife = std::chrono::hours(24);

struct Upload {
  std::string id;
  std::string sender;       // an id: who began it, and nobody else, goes on with it
  std::string name;         // of the file, as the sender called it
  std::string sha256;       // hex, of the whole file; empty: not declared
  std::int64_t length = 0;  // bytes, 1 to kMaxFileBytes
  std::int64_t offset = 0;  // bytes that are here
  Instant expires_at;
  std::optional<TakenExam> taken;  // it is whole, and the engine has it

  bool is_whole() const { return offset == length; }
};

/// Thread-safe. Errors of all calls: storage_failed, storage_full.
class UploadStore {
 public:
  /// Makes the folder (0700), and takes up what is in it and opens with this key; the rest is
  /// removed.
  static Result<std::unique_ptr<UploadStore>> open(std::filesystem::path folder, const Key& key,
                                                   Random& random);

  /// `wanted`: sender, name, sha256 and length. Errors also: no_exam (no length), body_too_large,
  /// too_many_attempts (too many of this sender, or of all, are unfinished).
  Result<Upload> begin(Upload wanted, Instant now);
  /// Errors also: not_found (there is none of this sender, or its time is over).
  Result<Upload> find(const std::string& id, const std::string& sender, Instant now);
  /// The pieces come one after the other. Errors also: not_found; state_conflict (it does not begin
  /// where the last one ended, or another piece is being written); body_too_large (beyond the
  /// length); limit_exceeded (too many pieces).
  Result<Upload> append(const std::string& id, const std::string& sender, std::int64_t offset,
                        ByteView piece, Instant now);
  /// The bytes of one that is whole. Errors also: not_found, state_conflict (it is not whole),
  /// crypto_failed (the file was changed).
  Result<Bytes> whole(const std::string& id, const std::string& sender, Instant now);
  /// The engine has it: the bytes go, what became of it is told until its time is over or the
  /// engine starts anew. Errors also: not_found.
  Result<void> taken(const std::string& id, const TakenExam& exam);
  /// Success also when there is none.
  Result<void> remove(const std::string& id, const std::string& sender);
  /// Removes those whose time is over. Gives how many.
  Result<int> expire(Instant now);

 private:
  struct Kept {
    Upload upload;
    std::int64_t end = 0;    // of the file
    std::size_t pieces = 0;  // records but the first
  };
  class Turn;

  UploadStore(std::filesystem::path folder, const Key& key, Random& random)
      : folder_(std::move(folder)), key_(key), random_(random) {}
  Result<void> load();
  std::optional<Kept> read(const std::string& id) const;
  Result<Kept> held(const std::string& id, const std::string& sender, Instant now) const;
  Result<void> write_piece(const Kept& kept, ByteView record);
  std::filesystem::path file_of(const std::string& id) const { return folder_ / id; }

  const std::filesystem::path folder_;
  const Key key_;
  Random& random_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept> uploads_;
  std::set<std::string> busy_;
};

}  // namespace telavis
