// SPDX-License-Identifier: Apache-2.0
// A disk whose sync fails once, and which forgets by that what it had to write: what is read still
// shows it, a later sync succeeds, and a power cut loses it. (As Linux does with pages whose
// writing failed.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <new>

#include "storage/sqlite.h"
#include "tests/storage/sample_cases.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;

/// What a power cut would leave of each file.
struct Image {
  std::string durable;
  std::vector<std::pair<std::size_t, std::size_t>> dirty;  // written since the last sync: from, to
};
struct Disk {
  std::mutex mutex;
  std::map<std::string, Image> images;
  std::string failing;  // the end of the names whose next sync fails, empty: none
  int failed = 0;
};
Disk disk;

sqlite3_vfs* real_vfs() {
  static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
  return found;
}

struct LyingFile {
  sqlite3_file base;
  std::string* path;  // nullptr: not ours to watch
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
LyingFile* of(sqlite3_file* file) {
  return reinterpret_cast<LyingFile*>(file);
}

int close_file(sqlite3_file* file) {
  delete of(file)->path;
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xClose(real);
}
int read_file(sqlite3_file* file, void* out, int count, sqlite3_int64 at) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xRead(real, out, count, at);
}
int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  sqlite3_file* const real = of(file)->real();
  const int code = real->pMethods->xWrite(real, bytes, count, at);
  const std::lock_guard lock(disk.mutex);
  const auto from = static_cast<std::size_t>(at);
  disk.images[*of(file)->path].dirty.emplace_back(from, from + static_cast<std::size_t>(count));
  return code;
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  sqlite3_file* const real = of(file)->real();
  const std::lock_guard lock(disk.mutex);
  std::string& durable = disk.images[*of(file)->path].durable;
  durable.resize(std::min(durable.size(), static_cast<std::size_t>(size)));
  return real->pMethods->xTruncate(real, size);
}
int sync_file(sqlite3_file* file, int flags) {
  const std::lock_guard lock(disk.mutex);
  Image& image = disk.images[*of(file)->path];
  const auto dirty = std::exchange(image.dirty, {});
  if (!disk.failing.empty() && of(file)->path->ends_with(disk.failing)) {
    disk.failing.clear();
    ++disk.failed;
    return SQLITE_IOERR_FSYNC;
  }
  std::ifstream now(*of(file)->path, std::ios::binary);
  for (const auto& [from, to] : dirty) {
    if (image.durable.size() < to) image.durable.resize(to);
    now.clear();
    now.seekg(static_cast<std::streamoff>(from));
    now.read(image.durable.data() + from, static_cast<std::streamsize>(to - from));
  }
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xSync(real, flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xFileSize(real, size);
}
int lock_file(sqlite3_file* file, int level) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xLock(real, level);
}
int unlock_file(sqlite3_file* file, int level) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xUnlock(real, level);
}
int check_lock(sqlite3_file* file, int* held) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xCheckReservedLock(real, held);
}
int control(sqlite3_file* file, int what, void* with) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xFileControl(real, what, with);
}
int sector_size(sqlite3_file* file) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xSectorSize(real);
}
int characteristics(sqlite3_file* file) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xDeviceCharacteristics(real);
}
int map_memory(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xShmMap(real, region, size, extend, out);
}
int lock_memory(sqlite3_file* file, int offset, int count, int flags) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xShmLock(real, offset, count, flags);
}
void memory_barrier(sqlite3_file* file) {
  sqlite3_file* const real = of(file)->real();
  real->pMethods->xShmBarrier(real);
}
int unmap_memory(sqlite3_file* file, int remove) {
  sqlite3_file* const real = of(file)->real();
  return real->pMethods->xShmUnmap(real, remove);
}

const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     file_size,
                                     lock_file,
                                     unlock_file,
                                     check_lock,
                                     control,
                                     sector_size,
                                     characteristics,
                                     map_memory,
                                     lock_memory,
                                     memory_barrier,
                                     unmap_memory,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* out) {
  LyingFile* const lying = of(file);
  const int code = real_vfs()->xOpen(real_vfs(), name, lying->real(), flags, out);
  const bool opened = lying->real()->pMethods != nullptr;
  lying->base.pMethods = opened ? &kMethods : nullptr;
  lying->path = opened ? new std::string(name == nullptr ? "" : name) : nullptr;
  return code;
}
int delete_file(sqlite3_vfs* /*vfs*/, const char* name, int sync) {
  {
    const std::lock_guard lock(disk.mutex);
    disk.images.erase(name);
  }
  return real_vfs()->xDelete(real_vfs(), name, sync);
}

class LyingDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    disk.images.clear();
    disk.failing.clear();
    disk.failed = 0;
    vfs_ = *real_vfs();
    vfs_.zName = "lying";
    vfs_.szOsFile = static_cast<int>(sizeof(LyingFile)) + real_vfs()->szOsFile;
    vfs_.xOpen = open_file;
    vfs_.xDelete = delete_file;
    ASSERT_EQ(sqlite3_vfs_register(&vfs_, 1), SQLITE_OK);
  }
  void TearDown() override {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_vfs(), 1);
  }

  fs::path file(const std::string& name) const { return folder_.path() / name / "telavis.db"; }
  std::unique_ptr<Repository> opened(const std::string& name) {
    fs::create_directories(folder_.path() / name);
    auto repository = open_sqlite_repository({file(name), {}, std::chrono::seconds(5)});
    EXPECT_TRUE(repository) << repository.error().text;
    return repository ? std::move(*repository) : nullptr;
  }
  static Result<CommitResult> put(Repository& repository, const std::string& id) {
    return repository.commit(commit_of(queued_case(id), "e-" + id));
  }
  /// The process dies: what follows sees its files as the system shows them.
  void kill(const std::string& name, const std::string& next) {
    fs::create_directories(folder_.path() / next);
    for (const char* end : {"", "-wal"}) {
      const std::string from = file(name).native() + end, to = file(next).native() + end;
      fs::copy_file(from, to);
      const std::lock_guard lock(disk.mutex);
      disk.images[to] = disk.images[from];
    }
  }
  /// The power goes: only what was written to the disk is there.
  void cut_power(const std::string& name, const std::string& next) {
    fs::create_directories(folder_.path() / next);
    const std::lock_guard lock(disk.mutex);
    for (const char* end : {"", "-wal"}) {
      const std::string to = file(next).native() + end;
      std::ofstream out(to, std::ios::binary);
      out << disk.images[file(name).native() + end].durable;
    }
  }
  static bool has(Repository& repository, const std::string& id) {
    const auto found = repository.load_case(CaseId(id));
    EXPECT_TRUE(found) << found.error().text;
    return found && *found;
  }

  TempFolder folder_;
  sqlite3_vfs vfs_{};
};

TEST_F(LyingDiskTest, AProcessThatGoesOnLosesNothing) {
  const auto repository = opened("a");
  ASSERT_TRUE(put(*repository, "before"));
  disk.failing = "-wal";
  const auto failed = put(*repository, "failed");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::storage_failed);
  EXPECT_THAT(failed.error().text, testing::HasSubstr("dmesg"));
  EXPECT_EQ(disk.failed, 1);
  ASSERT_TRUE(put(*repository, "failed"));
  ASSERT_TRUE(put(*repository, "after"));
  cut_power("a", "b");
  const auto rest = opened("b");
  for (const char* id : {"before", "failed", "after"}) EXPECT_TRUE(has(*rest, id)) << id;
}

TEST_F(LyingDiskTest, AProcessThatStartsAnewLosesNothingEither) {
  const auto repository = opened("a");
  ASSERT_TRUE(put(*repository, "before"));
  disk.failing = "-wal";
  ASSERT_FALSE(put(*repository, "failed"));
  kill("a", "b");
  const auto next = opened("b");
  const bool taken = has(*next, "failed");  // its answer was an error: it may be there or not
  ASSERT_TRUE(put(*next, "after"));
  cut_power("b", "c");
  const auto rest = opened("c");
  EXPECT_TRUE(has(*rest, "before"));
  EXPECT_TRUE(has(*rest, "after"));
  EXPECT_EQ(has(*rest, "failed"), taken);
}

TEST_F(LyingDiskTest, ADatabaseWhoseSyncFailedIsWrittenAgainFromItsLog) {
  auto repository = opened("a");
  disk.failing = "telavis.db";
  int count = 0;
  for (; count < 400 && disk.failed == 0; ++count)
    ASSERT_TRUE(put(*repository, "c" + std::to_string(count)));
  ASSERT_EQ(disk.failed, 1);  // while SQLite copied its log into the database
  cut_power("a", "b");
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(put(*repository, "d" + std::to_string(i)));
  cut_power("a", "c");
  const auto at_once = opened("b");
  const auto later = opened("c");
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(has(*at_once, "c" + std::to_string(i))) << i;
    ASSERT_TRUE(has(*later, "c" + std::to_string(i))) << i;
  }
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(has(*later, "d" + std::to_string(i))) << i;
}

}  // namespace
}  // namespace telavis::test
