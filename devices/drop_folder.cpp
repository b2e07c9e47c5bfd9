// SPDX-License-Identifier: Apache-2.0
#include "devices/drop_folder.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>
#include <utility>

#include "engine/core/durable_file.h"
#include "engine/core/ids.h"

namespace telavis {
namespace {

constexpr std::uint32_t kClosed = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t kOfInterest =
    kClosed | IN_CREATE | IN_MODIFY | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;
constexpr int kReadsAtATime = 64;  // of 64 KiB: what is not read is read at the next look

}  // namespace

FolderNews::FolderNews() : queue_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FolderNews::~FolderNews() {
  if (queue_ >= 0) ::close(queue_);
}

void FolderNews::watch(const std::filesystem::path& folder, const std::string& key) {
  if (queue_ < 0) return;
  const int id = ::inotify_add_watch(queue_, folder.c_str(), kOfInterest);
  if (id >= 0) keys_[id] = key;
}

std::vector<FolderNews::Item> FolderNews::read() {
  std::vector<Item> items;
  alignas(inotify_event) std::array<char, 64 * 1024> buffer{};
  for (int i = 0; queue_ >= 0 && i < kReadsAtATime; ++i) {
    const ssize_t count = ::read(queue_, buffer.data(), buffer.size());
    if (count <= 0) break;
    const auto end = static_cast<std::size_t>(count);
    for (std::size_t at = 0; at + sizeof(inotify_event) <= end;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += sizeof event + event.len;
      const auto key = keys_.find(event.wd);
      if (key == keys_.end()) continue;
      if ((event.mask & IN_IGNORED) != 0) {
        keys_.erase(key);
      } else if (event.len > 0) {
        items.push_back({key->second, std::string(name, ::strnlen(name, event.len)),
                         (event.mask & kClosed) != 0});
      }
    }
  }
  return items;
}

DropFolder::DropFolder(std::filesystem::path folder, DropPorts ports, bool by_events)
    : folder_(std::move(folder)),
      ports_(std::move(ports)),
      news_(by_events ? std::make_unique<FolderNews>() : nullptr) {}

Result<void> DropFolder::find_devices() {
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder_, failed);
  if (failed) {
    return fail(ErrorCode::storage_failed,
                "The watched folder cannot be read: " + failed.message() +
                    "; make it, mount it, or take it out of \"folders\".");
  }
  std::set<std::string> found;
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    const auto& entry = *entries;
    const std::string name = entry.path().filename().native();
    std::error_code unknown;
    if (!is_record_id(name) ||
        entry.symlink_status(unknown).type() != std::filesystem::file_type::directory)
      continue;
    if (found.size() >= kMaxDropDevices) break;
    found.insert(name);
    boxes_.try_emplace(name, entry.path(), name, ports_);
    if (news_) news_->watch(entry.path(), name);
  }
  std::erase_if(boxes_, [&](const auto& box) { return !found.contains(box.first); });
  return {};
}

Result<int> DropFolder::look() {
  if (auto found = find_devices(); !found) return tl::unexpected(found.error());
  if (news_) {
    for (const FolderNews::Item& item : news_->read()) {
      const auto box = boxes_.find(item.key);
      if (box == boxes_.end()) continue;
      if (item.closed) {
        box->second.was_closed(item.name);
      } else {
        box->second.was_written(item.name);
      }
    }
  }
  int moved = 0;
  for (auto& [device, box] : boxes_) moved += box.look();
  return moved;
}

}  // namespace telavis
