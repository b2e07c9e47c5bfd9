// SPDX-License-Identifier: Apache-2.0
#include "devices/drop_box.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/descriptor.h"
#include "engine/core/durable_file.h"
#include "formats/text.h"
#include "formats/wfdb.h"

namespace telavis {
namespace {

constexpr int kLooks = 3;
constexpr int kLooksWhenClosed = 2;
constexpr int kMaxSameNames = 1'000;        // of one name in a folder: "a.scp", "a (2).scp", ...
constexpr std::size_t kMaxNameBytes = 240;  // of 255, with room for " (999)" and ".txt"
constexpr mode_t kFolderModeBits = 07777;   // of what the folder above has
constexpr mode_t kRefusedCopyMode = 0600;
constexpr mode_t kReasonMode = 0644;  // for the practice, and without anything of a patient

std::string_view extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

/// "a.scp", "a (2).scp", ...: short enough to have a text beside it.
std::string numbered(std::string_view name, int number) {
  std::string_view extension = extension_of(name);
  if (extension.size() > kMaxNameBytes / 2) extension = {};
  std::string_view stem = name.substr(0, name.size() - extension.size());
  if (stem.size() + extension.size() > kMaxNameBytes) {
    std::size_t end = kMaxNameBytes - extension.size();
    // Not within a character of UTF-8.
    while (end > 1 && (static_cast<unsigned char>(stem[end]) & 0xC0U) == 0x80U) --end;
    stem = stem.substr(0, end);
  }
  std::string out(stem);
  if (number > 1) out += " (" + std::to_string(number) + ")";
  return out.append(extension);
}

std::string reason_text(const Error& error, bool kept) {
  const std::string_view id = kept ? "drop.unreadable" : "drop.refused";
  std::string text;
  for (const Language language : {Language::french, Language::english}) {
    const std::string reason = error_sentence(language, error);
    if (!text.empty()) text += "\r\n";
    text += message(language, id, {{"reason", reason}}) + "\r\n";
  }
  return text;
}

/// What a network's file system cannot do is no failure: a rename that is lost with the power
/// brings the file back, and the engine knows it.
Result<void> sync_folder(int folder) {
  if (::fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS) return {};
  return tl::unexpected(disk_error("Syncing a folder of a device", errno));
}

/// The sub-folder, never through a link; made like the folder above it.
Result<int> open_or_make(int folder, std::string_view name) {
  const std::string path(name);
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int opened = ::openat(folder, path.c_str(), kFlags);
  if (opened < 0 && errno == ENOENT) {
    struct stat above {};
    if (::fstat(folder, &above) != 0 ||
        (::mkdirat(folder, path.c_str(), above.st_mode & kFolderModeBits) != 0 && errno != EEXIST))
      return tl::unexpected(disk_error("Making a sub-folder of a device's folder", errno));
    opened = ::openat(folder, path.c_str(), kFlags);
    // Past the umask, so that whoever fills the folder can empty this one. Some shares know no
    // modes.
    if (opened >= 0) static_cast<void>(::fchmod(opened, above.st_mode & kFolderModeBits));
  }
  if (opened < 0) return tl::unexpected(disk_error("Opening a sub-folder of a device", errno));
  return opened;
}

bool is_there(int folder, const std::string& name) {
  struct stat status {};
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/// 0 or an errno; EEXIST: there is one of that name, which stays.
int rename_to_new(int from, const std::string& name, int into, const std::string& target) {
  if (::renameat2(from, name.c_str(), into, target.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return errno;
  // NFS and some SMB servers. Nobody else puts files there.
  if (is_there(into, target)) return EEXIST;
  return ::renameat(from, name.c_str(), into, target.c_str()) == 0 ? 0 : errno;
}

/// Under its name again, or the next one that is free.
void move_back(int from, const std::string& target, int folder, const std::string& name) {
  for (int number = 1; number <= kMaxSameNames; ++number) {
    if (rename_to_new(from, target, folder, numbered(name, number)) != EEXIST) return;
  }
}

enum class AnyFile { replaced, refused };

/// Errors also: state_conflict (there is one of that name, which stays).
Result<void> write_file_at(int folder, const std::string& name, ByteView bytes, AnyFile there,
                           mode_t mode) {
  const int how = there == AnyFile::replaced ? O_TRUNC : O_EXCL;
  const Descriptor file(
      ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | how | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.is_open() && errno == EEXIST)
    return fail(ErrorCode::state_conflict, "There is a file of that name.");
  if (!file.is_open()) return tl::unexpected(disk_error("Writing beside a device's files", errno));
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return tl::unexpected(disk_error("Writing beside a device's files", errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0)
    return tl::unexpected(disk_error("Writing beside a device's files", errno));
  return {};
}

Result<void> write_reason(int folder, const std::string& name, const std::string& text) {
  return write_file_at(folder, name, as_bytes(text), AnyFile::replaced, kReasonMode);
}

tl::unexpected<Error> too_many_of_one_name() {
  return fail(ErrorCode::storage_failed,
              "There are a thousand files of one name in a sub-folder of a device: remove them.");
}

/// Of the file, not of the engine, the disk or the moment: trying again would change nothing.
bool is_for_good(ErrorCode code) {
  return code == ErrorCode::no_exam || code == ErrorCode::limit_exceeded;
}

/// Nothing else of this device would be taken either.
bool is_about_all(ErrorCode code) {
  return code == ErrorCode::forbidden || code == ErrorCode::too_many_attempts ||
         code == ErrorCode::storage_full || code == ErrorCode::storage_failed ||
         code == ErrorCode::unavailable;
}

}  // namespace

bool is_passed_over(std::string_view name) {
  const std::string text = lowered(name);
  constexpr std::array<std::string_view, 6> kTemporary = {".tmp",     ".temp",     ".part",
                                                          ".partial", ".filepart", ".crdownload"};
  return text.empty() || text.front() == '.' || text.front() == '~' || text.back() == '~' ||
         text == "thumbs.db" || text == "desktop.ini" ||
         std::ranges::any_of(kTemporary, [&](auto end) { return text.ends_with(end); });
}

Result<void> put_refused(const std::filesystem::path& folder, const std::string& name,
                         ByteView bytes, const Error& error, bool kept) {
  const Descriptor above(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!above.is_open()) return tl::unexpected(disk_error("Opening the watched folder", errno));
  const auto opened = open_or_make(above.get(), kRefusedFolder);
  if (!opened) return tl::unexpected(opened.error());
  const Descriptor place(*opened);
  for (int number = 1; number <= kMaxSameNames; ++number) {
    const std::string target = numbered(name, number);
    if (is_there(place.get(), target)) continue;
    if (auto written = write_reason(place.get(), target + ".txt", reason_text(error, kept));
        !written)
      return written;
    auto written = write_file_at(place.get(), target, bytes, AnyFile::refused, kRefusedCopyMode);
    if (!written && written.error().code == ErrorCode::state_conflict) continue;
    if (!written) return written;
    return sync_folder(place.get());
  }
  return too_many_of_one_name();
}

void DropBox::Pause::begin(Instant now) {
  until = now + next;
  next = std::min(next * 2, kLongestPauseOfAFile);
}

DropBox::Stamp DropBox::stamp_of(const struct stat& status) {
  return {status.st_size,
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
          status.st_ino};
}

void DropBox::was_written(const std::string& name) {
  const auto found = seen_.find(name);
  if (found == seen_.end()) return;
  found->second.closed = false;
  found->second.looks = 0;  // begins to be looked at anew, also when size and time stay
}

void DropBox::was_closed(const std::string& name) {
  if (is_passed_over(name) || (seen_.size() >= kMaxFilesSeen && !seen_.contains(name))) return;
  Seen& file = seen_[name];
  file.closed = true;
  file.looks = 0;
}

Result<void> DropBox::list(int folder, Instant now) {
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder_, failed);
  for (auto& [name, file] : seen_) file.present = false;
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    const std::string name = entries->path().filename().native();
    struct stat status {};
    if (is_passed_over(name) || (seen_.size() >= kMaxFilesSeen && !seen_.contains(name)) ||
        ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode))
      continue;
    Seen& file = seen_[name];
    const Stamp stamp = stamp_of(status);
    const bool went_back = now < file.since;  // our clock
    if (file.looks == 0 || stamp != file.stamp || went_back) {
      if (stamp != file.stamp) file.pause = {};
      file.stamp = stamp;
      file.since = now;
      file.looks = 0;
    }
    file.looks = std::min(file.looks + 1, kLooks);
    file.present = true;
  }
  if (failed) return tl::unexpected(disk_error("Reading the folder of a device", failed.value()));
  std::erase_if(seen_, [](const auto& entry) { return !entry.second.present; });
  return {};
}

bool DropBox::is_complete(const Seen& file, Instant now) const {
  if (file.stamp.size == 0 && now - file.since < kEmptyPatience) return false;
  return file.closed ? file.looks >= kLooksWhenClosed && now - file.since >= kClosedFor
                     : file.looks >= kLooks && now - file.since >= kSettledAfter;
}

bool DropBox::waits_for_header(const std::string& name, const Seen& file, Instant now) const {
  if (lowered(extension_of(name)) != ".dat") return false;
  if (now - file.since < kRecordPatience) return true;
  const std::string stem = lowered(name.substr(0, name.size() - extension_of(name).size()));
  return std::ranges::any_of(
      seen_, [&](const auto& entry) { return lowered(entry.first) == stem + ".hea"; });
}

std::vector<std::string> DropBox::complete_files(Instant now) const {
  std::vector<std::string> names;
  for (const auto& [name, file] : seen_) {
    if (is_complete(file, now) && file.pause.over(now) && !waits_for_header(name, file, now))
      names.push_back(name);
  }
  return names;
}

void DropBox::note(const std::optional<Error>& error) {
  const auto code = error ? std::optional(error->code) : std::nullopt;
  if (error && code != failing_) ports_.failed(device_, *error);
  failing_ = code;
}

int DropBox::look() {
  const Instant now = ports_.clock.now();
  if (!pause_.over(now)) return 0;
  const auto stop = [&](const Error& error) {
    pause_.begin(now);
    note(error);
  };
  const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.is_open()) {
    stop(disk_error("Opening the folder of a device", errno));
    return 0;
  }
  if (const auto listed = list(folder.get(), now); !listed) {
    stop(listed.error());
    return 0;
  }
  const auto names = complete_files(now);
  if (names.empty()) return 0;
  const auto from = ports_.door.admit({DeviceProof::folder, device_, {}, {}});
  if (!from) {
    stop(from.error());
    return 0;
  }
  int moved = 0;
  std::optional<Error> last;
  for (const std::string& name : names) {
    if (!seen_.contains(name)) continue;  // went with another
    const auto step = handle(folder.get(), *from, name);
    if (step) {
      if (*step == Step::moved) ++moved;
      continue;
    }
    if (is_about_all(step.error().code)) {
      stop(step.error());
      return moved;
    }
    last = step.error();
    seen_[name].pause.begin(now);
  }
  pause_ = {};
  note(last);
  return moved;
}

Result<std::optional<DropBox::Part>> DropBox::read(int folder, const std::string& name,
                                                   std::size_t limit) {
  // Without O_NONBLOCK a pipe put in its place would hold us for ever.
  const Descriptor file(
      ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ELOOP) return std::nullopt;
    Error error = disk_error("Reading a file of a device", errno);
    error.code = ErrorCode::internal;  // of this file alone
    return tl::unexpected(std::move(error));
  }
  const auto as_seen = [&] {
    struct stat status {};
    const auto seen = seen_.find(name);
    if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && seen != seen_.end() &&
        stamp_of(status) == seen->second.stamp)
      return true;
    if (seen != seen_.end()) seen->second.looks = 0;
    return false;
  };
  if (!as_seen()) return std::nullopt;
  Part part{name, seen_[name].stamp, {}};
  const auto size = static_cast<std::uint64_t>(part.stamp.size);
  if (size == 0) return fail(ErrorCode::no_exam, "The file is empty.");
  if (size > limit)
    return fail(ErrorCode::limit_exceeded, "A file is larger than " +
                                               std::to_string(kMaxFileBytes >> 20) +
                                               " MiB. Export a smaller one.");
  part.bytes.resize(size);
  std::size_t filled = 0;
  while (filled < part.bytes.size()) {
    const ssize_t count =
        ::read(file.get(), part.bytes.data() + filled, part.bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      Error error = disk_error("Reading a file of a device", errno);
      error.code = ErrorCode::internal;
      return tl::unexpected(std::move(error));
    }
    if (count == 0) return std::nullopt;
    filled += static_cast<std::size_t>(count);
  }
  if (!as_seen()) return std::nullopt;
  return part;
}

Result<std::optional<DropBox::Verdict>> DropBox::gather(int folder, Part header) {
  Verdict record;
  const auto names = wfdb_signal_files(header.bytes);
  const Instant now = ports_.clock.now();
  const bool is_late = now - seen_[header.name].since >= kRecordPatience;
  std::size_t room = kMaxFileBytes - std::min<std::size_t>(kMaxFileBytes, header.bytes.size());
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const auto seen = seen_.find(name);
    if (name == header.name) continue;
    if (seen == seen_.end() || !is_complete(seen->second, now)) {
      if (!is_late) return std::nullopt;
      record.refused = Error{ErrorCode::truncated_file,
                             "This is the header of a recording whose signal files are not in the "
                             "folder: export all of them again."};
      record.parts.clear();
      break;
    }
    auto part = read(folder, name, room);
    if (!part) return tl::unexpected(part.error());
    if (!*part) return std::nullopt;
    room -= (*part)->bytes.size();
    record.parts.push_back(std::move(**part));
  }
  record.parts.push_back(std::move(header));
  return record;
}

Result<DropBox::Verdict> DropBox::take(const SendingDevice& from, Part file, Bytes bytes) {
  Verdict verdict;
  const auto taken = ports_.door.take(from, {"folder:" + device_, file.name, std::move(bytes)}, {});
  if (!taken && !is_for_good(taken.error().code)) return tl::unexpected(taken.error());
  if (!taken) {
    verdict.refused = taken.error();
  } else if (taken->why) {
    verdict.refused = *taken->why;
    verdict.kept = true;
  }
  verdict.parts.push_back(std::move(file));
  return verdict;
}

Result<DropBox::Step> DropBox::handle(int folder, const SendingDevice& from,
                                      const std::string& name) {
  const auto slot = ports_.slots.take();
  auto file = read(folder, name, kMaxFileBytes);
  if (!file && is_for_good(file.error().code)) {
    return place(folder, {{{name, seen_[name].stamp, {}}}, file.error(), false});
  }
  if (!file) return tl::unexpected(file.error());
  if (!*file) return Step::left;
  Part part = std::move(**file);
  std::vector<Part> others;
  Bytes bytes;
  if (looks_like_wfdb_header(part.bytes)) {
    auto record = gather(folder, std::move(part));
    if (!record && is_for_good(record.error().code))
      return place(folder, {{{name, seen_[name].stamp, {}}}, record.error(), false});
    if (!record) return tl::unexpected(record.error());
    if (!*record) return Step::left;
    if ((*record)->refused) return place(folder, **record);
    part = std::move((*record)->parts.back());
    (*record)->parts.pop_back();
    others = std::move((*record)->parts);
    if (others.empty()) {
      bytes = std::move(part.bytes);
    } else {
      std::vector<NamedFile> files = {{part.name, part.bytes}};
      for (const Part& other : others) files.push_back({other.name, other.bytes});
      bytes = pack_wfdb(files);
      for (Part& other : others) other.bytes = {};
      part.bytes = {};
    }
  } else {
    bytes = std::move(part.bytes);
  }
  auto verdict = take(from, std::move(part), std::move(bytes));
  if (!verdict) return tl::unexpected(verdict.error());
  // The one that names the recording goes last: a crash before leaves it to be found.
  verdict->parts.insert(verdict->parts.begin(), std::make_move_iterator(others.begin()),
                        std::make_move_iterator(others.end()));
  return place(folder, *verdict);
}

Result<DropBox::Step> DropBox::place(int folder, const Verdict& verdict) {
  const std::string text =
      verdict.refused ? reason_text(*verdict.refused, verdict.kept) : std::string();
  const std::string_view into = verdict.refused ? kRefusedFolder : kDoneFolder;
  Step step = Step::left;
  for (const Part& part : verdict.parts) {
    const bool is_last = &part == &verdict.parts.back();
    const auto placed = place_one(folder, part, into, is_last ? text : std::string());
    if (!placed) {
      Error error = placed.error();
      error.code = ErrorCode::internal;  // the engine has it: the others are taken all the same
      return tl::unexpected(std::move(error));
    }
    step = *placed;
  }
  return step;
}

Result<DropBox::Step> DropBox::place_one(int folder, const Part& part, std::string_view into,
                                         const std::string& text) {
  const auto opened = open_or_make(folder, into);
  if (!opened) return tl::unexpected(opened.error());
  const Descriptor place(*opened);
  for (int number = 1; number <= kMaxSameNames; ++number) {
    const std::string target = numbered(part.name, number);
    if (is_there(place.get(), target)) continue;
    // The reason first: a crash in between leaves a file that is tried again, not one unexplained.
    if (!text.empty()) {
      if (auto written = write_reason(place.get(), target + ".txt", text); !written)
        return tl::unexpected(written.error());
    }
    const int renamed = rename_to_new(folder, part.name, place.get(), target);
    if (renamed == EEXIST) continue;
    if (renamed == ENOENT) {  // somebody else took it away
      if (!text.empty()) ::unlinkat(place.get(), (target + ".txt").c_str(), 0);
      return Step::left;
    }
    if (renamed != 0) return tl::unexpected(disk_error("Moving a file of a device", renamed));
    seen_.erase(part.name);
    struct stat status {};
    if (::fstatat(place.get(), target.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        stamp_of(status) != part.stamp) {
      // Written anew in between: it is another file, and waits for its turn.
      if (!text.empty()) ::unlinkat(place.get(), (target + ".txt").c_str(), 0);
      move_back(place.get(), target, folder, part.name);
      return Step::left;
    }
    if (auto synced = sync_folder(place.get()); !synced) return tl::unexpected(synced.error());
    if (auto synced = sync_folder(folder); !synced) return tl::unexpected(synced.error());
    return Step::moved;
  }
  return too_many_of_one_name();
}

}  // namespace telavis
