// SPDX-License-Identifier: Apache-2.0
// A watched folder: the way most ECG software of a PC exports. Its sub-folders are named by the id
// of a device on file.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "devices/drop_box.h"

namespace telavis {

/// Sub-folders that are looked at; an association lends some dozens of devices.
inline constexpr std::size_t kMaxDropDevices = 1'000;

/// What the system tells of folders (inotify). On a share it tells nothing of what other machines
/// do, and it may be missing altogether: nobody relies on it.
class FolderNews {
 public:
  FolderNews();
  ~FolderNews();
  FolderNews(const FolderNews&) = delete;
  FolderNews& operator=(const FolderNews&) = delete;

  /// Again is harmless, and needed for a folder that went and came back.
  void watch(const std::filesystem::path& folder, const std::string& key);
  struct Item {
    std::string key;
    std::string name;
    bool closed = false;  // or renamed to; otherwise written to
  };
  /// Since the last call.
  std::vector<Item> read();

 private:
  int queue_ = -1;
  std::map<int, std::string> keys_;
};

/// Not for use by two threads at a time.
class DropFolder {
 public:
  /// `by_events`: false on a share, where inotify would only tell of half.
  DropFolder(std::filesystem::path folder, DropPorts ports, bool by_events = true);

  /// One look at every device's folder. A device that fails keeps the others from nothing. Gives
  /// how many files were moved. Errors: storage_failed (the folder itself is not there, or cannot
  /// be read).
  Result<int> look();

 private:
  Result<void> find_devices();

  std::filesystem::path folder_;
  DropPorts ports_;
  std::unique_ptr<FolderNews> news_;
  std::map<std::string, DropBox> boxes_;
};

}  // namespace telavis
