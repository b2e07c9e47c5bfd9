// SPDX-License-Identifier: Apache-2.0
// Every file operation of this process below one folder, SQLite's too, and the disks that a power
// cut may leave of them. See docs/decisions/014-power-loss-by-recording.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

struct FileOperation {
  enum class Kind {
    make_folder,
    name,    // `path` now names `file`: creation, link, the new name of a rename
    unname,  // `path` names nothing: unlink, the old name of a rename
    rename,  // both at once, within one folder
    write,
    truncate,
    sync_file,
    sync_folder,
  };
  Kind kind;
  std::filesystem::path path = {};  // of the folder for make_folder and sync_folder
  int file = 0;                     // for operations on content, and what a name is given to
  std::filesystem::path from = {};  // rename
  std::size_t offset = 0;           // of a write; the new size of truncate
  Bytes bytes = {};
};

/// What becomes of the operations that nobody had synced.
enum class Unsynced {
  dropped,  // the strictest: none reached the disk
  kept,     // all of them did, as after a kill
  torn,     // any of them did, of a write any of its sectors
};

/// Records from its construction on; one at a time in a process.
class RecordedDisk {
 public:
  /// The folder is there, is empty and is on the disk. Files that end in "-shm" are left out:
  /// SQLite makes them anew.
  explicit RecordedDisk(std::filesystem::path root);
  ~RecordedDisk();
  RecordedDisk(const RecordedDisk&) = delete;
  RecordedDisk& operator=(const RecordedDisk&) = delete;

  /// How many operations there were so far.
  std::size_t operations() const;
  std::string describe(std::size_t operation) const;
  /// Makes what the disk may hold after a power cut behind the first `cut` operations; `seed`
  /// tears.
  void rebuild(std::size_t cut, Unsynced unsynced, std::uint64_t seed,
               const std::filesystem::path& into) const;
};

}  // namespace telavis::test
