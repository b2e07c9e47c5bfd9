// SPDX-License-Identifier: Apache-2.0
// The contract of BlobStore, held by every implementation; then what only files can get wrong.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utime.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>

#include "storage/blobs_file.h"
#include "tests/child_process.h"
#include "tests/fakes.h"
#include "tests/faulty.h"
#include "tests/full_disk.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;

Bytes pattern(std::size_t size, std::uint8_t seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + seed);
  return bytes;
}

FileBlobStore open_store(const fs::path& root) {
  auto opened = FileBlobStore::open(root);
  EXPECT_TRUE(opened) << opened.error().text;
  return std::move(*opened);
}

struct BlobStoreKind {
  const char* name;
  std::function<std::unique_ptr<BlobStore>(const fs::path&)> make;
};

class BlobStoreContract : public testing::TestWithParam<BlobStoreKind> {
 protected:
  void SetUp() override { store_ = GetParam().make(folder_.path()); }
  TempFolder folder_;
  std::unique_ptr<BlobStore> store_;
};

TEST_P(BlobStoreContract, GivesBackWhatWasPut) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{34'000}, std::size_t{5'000'000}}) {
    const BlobRef ref("case-" + std::to_string(size));
    ASSERT_TRUE(store_->put(ref, pattern(size, 7)));
    const auto got = store_->get(ref);
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_EQ(*got, pattern(size, 7));
  }
}

TEST_P(BlobStoreContract, PutAgainReplacesTheWhole) {
  const BlobRef ref("twice");
  ASSERT_TRUE(store_->put(ref, pattern(10'000, 1)));
  ASSERT_TRUE(store_->put(ref, pattern(10, 2)));
  EXPECT_EQ(*store_->get(ref), pattern(10, 2));
}

TEST_P(BlobStoreContract, WhatIsNotThereIsNotFound) {
  const auto got = store_->get(BlobRef("nothing"));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::not_found);
}

TEST_P(BlobStoreContract, EraseIsForGoodAndMayBeRepeated) {
  const BlobRef ref("gone");
  ASSERT_TRUE(store_->put(ref, pattern(100, 3)));
  ASSERT_TRUE(store_->put(BlobRef("stays"), pattern(100, 4)));
  EXPECT_TRUE(store_->erase(ref));
  EXPECT_EQ(store_->get(ref).error().code, ErrorCode::not_found);
  EXPECT_TRUE(store_->erase(ref));
  EXPECT_TRUE(store_->get(BlobRef("stays")));
}

TEST_P(BlobStoreContract, ManyThreadsPutAndGet) {
  std::vector<std::thread> threads;
  for (std::uint8_t t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 20; ++i) {
        const BlobRef ref("t" + std::to_string(t) + "-" + std::to_string(i));
        EXPECT_TRUE(store_->put(ref, pattern(2'000, t)));
        EXPECT_TRUE(store_->put(BlobRef("shared"), pattern(2'000, t)));
        EXPECT_EQ(*store_->get(ref), pattern(2'000, t));
        // Some writer's bytes, never a mixture.
        const auto shared = store_->get(BlobRef("shared"));
        ASSERT_TRUE(shared);
        EXPECT_EQ(*shared, pattern(2'000, shared->front()));
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Each, BlobStoreContract,
                         testing::Values(BlobStoreKind{"memory",
                                                       [](const fs::path&) {
                                                         return std::make_unique<MemoryBlobStore>();
                                                       }},
                                         BlobStoreKind{"files",
                                                       [](const fs::path& folder) {
                                                         return std::make_unique<FileBlobStore>(
                                                             open_store(folder / "blobs"));
                                                       }}),
                         [](const auto& kind) { return kind.param.name; });

TEST(FileBlobStoreTest, RefusesNamesThatAreNotRefs) {
  const TempFolder folder;
  FileBlobStore store = open_store(folder.path() / "blobs");
  std::ofstream(folder.path() / "secret") << "secret";
  for (const char* name :
       {"", ".", "..", "../secret", "a/b", "/etc/passwd", "UPPER", "a.b", "é", "a b", "a\nb"}) {
    const BlobRef ref(name);
    EXPECT_EQ(store.put(ref, pattern(1, 1)).error().code, ErrorCode::storage_failed) << name;
    EXPECT_EQ(store.get(ref).error().code, ErrorCode::storage_failed) << name;
    EXPECT_EQ(store.erase(ref).error().code, ErrorCode::storage_failed) << name;
  }
  EXPECT_FALSE(store.put(BlobRef(std::string("a\0b", 3)), pattern(1, 1)));
  EXPECT_FALSE(store.put(BlobRef(std::string(300, 'a')), pattern(1, 1)));
  EXPECT_TRUE(fs::exists(folder.path() / "secret"));
}

TEST(FileBlobStoreTest, NobodyElseCanReadAndNothingElseIsLeft) {
  const TempFolder folder;
  FileBlobStore store = open_store(folder.path() / "blobs");
  ASSERT_TRUE(store.put(BlobRef("one"), pattern(1'000, 1)));
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "blobs")) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, entry.is_directory() ? 0700U : 0600U) << entry.path();
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 1);
}

TEST(FileBlobStoreTest, AnotherStoreOnTheFolderFindsEverything) {
  const TempFolder folder;
  for (int i = 0; i < 40; ++i) {  // a new store each time: what a restart is
    FileBlobStore store = open_store(folder.path() / "blobs");
    ASSERT_TRUE(store.put(BlobRef("b" + std::to_string(i)), pattern(100, 1)));
  }
  FileBlobStore store = open_store(folder.path() / "blobs");
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(store.get(BlobRef("b" + std::to_string(i))));
}

TEST(FileBlobStoreTest, RootThatIsAFileIsAClearError) {
  const TempFolder folder;
  std::ofstream(folder.path() / "blobs") << "x";
  const auto opened = FileBlobStore::open(folder.path() / "blobs");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::storage_failed);
}

TEST(FileBlobStoreTest, ASymbolicLinkIsNotFollowed) {
  const TempFolder folder;
  FileBlobStore store = open_store(folder.path() / "blobs");
  ASSERT_TRUE(store.put(BlobRef("real"), pattern(10, 1)));
  fs::path file;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "blobs"))
    if (entry.is_regular_file()) file = entry.path();
  fs::rename(file, folder.path() / "moved");
  fs::create_symlink(folder.path() / "moved", file);
  EXPECT_EQ(store.get(BlobRef("real")).error().code, ErrorCode::storage_failed);
}

TEST(FileBlobStoreTest, ListsOldBlobsAndSweepsWhatWritersLeft) {
  const TempFolder folder;
  FileBlobStore store = open_store(folder.path() / "blobs");
  for (const char* name : {"old-b", "old-a", "new"})
    ASSERT_TRUE(store.put(BlobRef(name), pattern(10, 1)));
  fs::path leaf;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "blobs")) {
    if (!entry.is_regular_file()) continue;
    leaf = entry.path().parent_path();
    const bool is_new = entry.path().filename() == "new";
    const utimbuf times{1'000, is_new ? 3'000 : 1'000};  // seconds since 1970
    ASSERT_EQ(::utime(entry.path().c_str(), &times), 0);
  }
  std::ofstream(leaf / ".scratch-dead") << "half";
  const utimbuf times{1'000, 1'000};
  ASSERT_EQ(::utime((leaf / ".scratch-dead").c_str(), &times), 0);
  std::ofstream(leaf / ".scratch-live") << "half";

  const auto old = store.written_before(from_epoch_ms(2'000'000));
  ASSERT_TRUE(old) << old.error().text;
  EXPECT_EQ(*old, (std::vector<BlobRef>{BlobRef("old-a"), BlobRef("old-b")}));
  EXPECT_EQ(*store.sweep_scratch(from_epoch_ms(2'000'000)), 1U);
  EXPECT_FALSE(fs::exists(leaf / ".scratch-dead"));
  EXPECT_TRUE(fs::exists(leaf / ".scratch-live"));
  EXPECT_TRUE(store.get(BlobRef("old-a")));
}

TEST(FileBlobStoreTest, AFileTooLargeForTheLimitIsDiskFullAndLeavesNothing) {
  const TempFolder folder;
  const int answer = run_in_child([&] {
    FileBlobStore store = open_store(folder.path() / "blobs");
    if (!store.put(BlobRef("kept"), pattern(1'000, 1))) return 1;
    if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR) return 2;
    const rlimit limit{10'000, 10'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
    const auto put = store.put(BlobRef("kept"), pattern(50'000, 2));
    if (put || put.error().code != ErrorCode::storage_full) return 4;
    if (*store.get(BlobRef("kept")) != pattern(1'000, 1)) return 5;
    return store.put(BlobRef("small"), pattern(1'000, 3)) ? 0 : 6;
  });
  EXPECT_EQ(answer, 0);
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "blobs"))
    EXPECT_FALSE(entry.path().filename().native().starts_with(".")) << entry.path();
}

TEST(FileBlobStoreTest, AFullDiskIsToldAndPassesWhenThereIsSpaceAgain) {
  const TempFolder folder;
  const int answer = run_in_child([&] {
    if (!mount_small_disk(folder.path(), 256)) return kCannotMount;
    FileBlobStore store = open_store(folder.path() / "blobs");
    if (!store.put(BlobRef("first"), pattern(100'000, 1))) return 1;
    const auto put = store.put(BlobRef("second"), pattern(300'000, 2));
    if (put || put.error().code != ErrorCode::storage_full) return 2;
    if (store.get(BlobRef("second"))) return 3;
    if (*store.get(BlobRef("first")) != pattern(100'000, 1)) return 4;
    return store.put(BlobRef("third"), pattern(100'000, 3)) ? 0 : 5;
  });
  if (answer == kCannotMount) GTEST_SKIP() << "skipped: mounting a small disk needs root";
  EXPECT_EQ(answer, 0);
}

}  // namespace
}  // namespace telavis::test
