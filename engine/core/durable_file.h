// SPDX-License-Identifier: Apache-2.0
// Files that survive a power cut: a file is written beside its place, synced, named, and the folder
// that names it is synced too. Error texts carry no path: a path may hold a person's address.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// What an errno of the disk means, and what the operator is to do. storage_full (also of a quota
/// or a limit), otherwise storage_failed.
Error disk_error(std::string_view doing, int error_number);

/// What to do with a file that already has the name.
enum class IfPresent {
  replace,
  keep,  // the first one written stays, whole
};
enum class WriteOutcome { written, kept };

/// Writes `bytes` under the name `target` (mode 0600), through a temporary file in `scratch`, which
/// must be on the same file system. Readers see the whole file or none. Returns after file and
/// folder are on the disk. Both folders must exist. Errors: storage_full, storage_failed; nothing
/// is then left under the name that was not there before, except after a failed sync of the folder,
/// when the file may be there: write it again. A file whose sync failed is given up: a second sync
/// of it may succeed although its bytes are lost, so it is always written whole, to a new file.
Result<WriteOutcome> write_durably(const std::filesystem::path& scratch,
                                   const std::filesystem::path& target, ByteView bytes,
                                   IfPresent if_present);

/// A new file (mode 0600) that is not synced: for many at once, before one sync_file_system().
/// Errors: storage_full, storage_failed (also: there is one already).
Result<void> write_unsynced(const std::filesystem::path& target, ByteView bytes);
/// At the end of a file that is there. Errors: storage_full, storage_failed.
Result<void> append_unsynced(const std::filesystem::path& target, ByteView bytes);
/// Appends one line, its end with it; a file (mode 0600) is made for the first. What a crash left
/// of a line without its end is taken off first. Returns after it is on the disk. One writer at a
/// time. Errors: storage_full, storage_failed; nothing may then be relied on but the lines before.
Result<void> append_line_durably(const std::filesystem::path& file, std::string_view line);
/// Returns after everything written to the file system of `folder` is on the disk. Errors:
/// storage_full, storage_failed.
Result<void> sync_file_system(const std::filesystem::path& folder);

/// The whole of a regular file (never through a symbolic link) of at most `limit` bytes.
/// Errors: not_found, storage_failed.
Result<Bytes> read_whole(const std::filesystem::path& file, std::size_t limit);

/// Success also when the file is not there. Errors: storage_failed.
Result<void> remove_durably(const std::filesystem::path& file);

/// Makes the folder (mode 0700) and those above it, and syncs each one's parent, also of folders
/// that are there already: who made them may have died before syncing. Errors: storage_full,
/// storage_failed.
Result<void> make_folder_durably(const std::filesystem::path& folder);

/// True for the start of the names that write_durably gives its temporary files.
bool is_scratch_name(const std::filesystem::path& file);

}  // namespace telavis
