// SPDX-License-Identifier: Apache-2.0
#include "devices/upload_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "tests/fakes.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

const Instant kNow = from_epoch_ms(1'800'000'000'000);

class UploadStoreTest : public ::testing::Test {
 protected:
  UploadStoreTest() { open(); }
  void open() {
    store_.reset();
    auto opened = UploadStore::open(folder_.path() / "uploads", key_, random_);
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    store_ = std::move(*opened);
  }
  Upload wanted(std::int64_t length, const std::string& sender = "device:cart-1") {
    Upload upload;
    upload.sender = sender;
    upload.name = "DUPONT.scp";
    upload.length = length;
    return upload;
  }
  std::string begun(std::int64_t length, const std::string& sender = "device:cart-1") {
    const auto upload = store_->begin(wanted(length, sender), kNow);
    EXPECT_TRUE(upload.has_value()) << (upload ? "" : upload.error().text);
    return upload ? upload->id : "";
  }
  Result<Upload> append(const std::string& id, std::int64_t offset, const std::string& text,
                        const std::string& sender = "device:cart-1") {
    return store_->append(id, sender, offset, as_bytes(text), kNow);
  }
  Result<std::string> whole(const std::string& id) {
    return store_->whole(id, "device:cart-1", kNow).map([](const Bytes& bytes) {
      return std::string(as_text(bytes));
    });
  }
  std::int64_t offset(const std::string& id) {
    return store_->find(id, "device:cart-1", kNow).value().offset;
  }
  fs::path file(const std::string& id) { return folder_.path() / "uploads" / id; }
  std::size_t files() {
    return static_cast<std::size_t>(std::distance(
        fs::directory_iterator(folder_.path() / "uploads"), fs::directory_iterator()));
  }

  TempFolder folder_;
  SeededRandom random_{1};
  Key key_ = random_key(random_);
  std::unique_ptr<UploadStore> store_;
};

TEST_F(UploadStoreTest, PiecesBecomeAFile) {
  const std::string id = begun(10);
  EXPECT_EQ(append(id, 0, "01234").value().offset, 5);
  EXPECT_EQ(append(id, 5, "567").value().offset, 8);
  EXPECT_EQ(whole(id).error().code, ErrorCode::state_conflict);
  EXPECT_TRUE(append(id, 8, "89").value().is_whole());
  EXPECT_EQ(whole(id).value(), "0123456789");
  ASSERT_TRUE(store_->taken(id, {"exam-1", ExamTaken::waiting, std::nullopt}));
  const auto told = store_->find(id, "device:cart-1", kNow).value();
  EXPECT_EQ(told.taken->id, "exam-1");
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(store_->expire(kNow + kUploadLife).value(), 1);
  EXPECT_FALSE(store_->find(id, "device:cart-1", kNow));
}

TEST_F(UploadStoreTest, WhatWasAnsweredSurvives) {
  const std::string id = begun(10);
  ASSERT_TRUE(append(id, 0, "01234"));
  open();
  const auto found = store_->find(id, "device:cart-1", kNow).value();
  EXPECT_EQ(found.offset, 5);
  EXPECT_EQ(found.length, 10);
  EXPECT_EQ(found.name, "DUPONT.scp");
  EXPECT_EQ(found.expires_at, kNow + kUploadLife);
  ASSERT_TRUE(append(id, 5, "56789"));
  open();
  EXPECT_EQ(whole(id).value(), "0123456789");
}

TEST_F(UploadStoreTest, WhatACrashLeftOfAPieceIsTakenOff) {
  const std::string id = begun(10);
  ASSERT_TRUE(append(id, 0, "01234"));
  const auto sound = fs::file_size(file(id));
  ASSERT_TRUE(append(id, 5, "567"));
  const auto end = fs::file_size(file(id));
  for (auto size = end - 1; size > sound; --size) {
    fs::resize_file(file(id), size);
    open();
    EXPECT_EQ(offset(id), 5) << size;
    EXPECT_EQ(fs::file_size(file(id)), sound) << size;
    ASSERT_TRUE(append(id, 5, "567"));
  }
  // The length without the bytes, as a power cut may leave it.
  fs::resize_file(file(id), sound + 2);
  fs::resize_file(file(id), end);
  open();
  EXPECT_EQ(offset(id), 5);
  ASSERT_TRUE(append(id, 5, "56789"));
  EXPECT_EQ(whole(id).value(), "0123456789");
}

TEST_F(UploadStoreTest, NothingOfItStandsInTheClear) {
  const std::string id = begun(9);
  ASSERT_TRUE(append(id, 0, "TRACING!!"));
  std::ifstream in(file(id), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (const char* text : {"DUPONT", "TRACING", "cart-1"})
    EXPECT_EQ(bytes.find(text), std::string::npos) << text;
  EXPECT_EQ(fs::status(file(id)).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder_.path() / "uploads").permissions(), fs::perms::owner_all);
  // Nor does another key open it.
  key_ = random_key(random_);
  open();
  EXPECT_FALSE(store_->find(id, "device:cart-1", kNow));
  EXPECT_EQ(files(), 0U);
}

TEST_F(UploadStoreTest, AFileThatWasChangedIsNotTaken) {
  const std::string id = begun(4);
  ASSERT_TRUE(append(id, 0, "0123"));
  std::fstream bytes(file(id), std::ios::binary | std::ios::in | std::ios::out);
  bytes.seekp(-1, std::ios::end);
  bytes.put('x');
  bytes.close();
  EXPECT_EQ(whole(id).error().code, ErrorCode::crypto_failed);
}

TEST_F(UploadStoreTest, PiecesAreHeldInOrderAndInBounds) {
  const std::string id = begun(4);
  EXPECT_EQ(append(id, 1, "1").error().code, ErrorCode::state_conflict);
  EXPECT_EQ(append(id, 0, "01234").error().code, ErrorCode::body_too_large);
  EXPECT_EQ(append(id, 0, "").value().offset, 0);
  ASSERT_TRUE(append(id, 0, "01"));
  EXPECT_EQ(append(id, 0, "01").error().code, ErrorCode::state_conflict);
  EXPECT_EQ(append(id, 2, "23", "device:cart-2").error().code, ErrorCode::not_found);
  EXPECT_EQ(append("../../etc/passwd", 0, "x").error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->append(id, "device:cart-1", 2, as_bytes("23"), kNow + kUploadLife).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(offset(id), 2);
}

TEST_F(UploadStoreTest, LimitsHold) {
  EXPECT_EQ(store_->begin(wanted(0), kNow).error().code, ErrorCode::no_exam);
  EXPECT_EQ(store_->begin(wanted(static_cast<std::int64_t>(kMaxFileBytes) + 1), kNow).error().code,
            ErrorCode::body_too_large);
  for (std::size_t i = 0; i < kMaxUploadsOfSender; ++i) begun(4);
  EXPECT_EQ(store_->begin(wanted(4), kNow).error().code, ErrorCode::too_many_attempts);
  const std::string other = begun(4, "device:cart-2");
  ASSERT_TRUE(store_->remove(other, "device:cart-1"));  // not his
  EXPECT_TRUE(store_->find(other, "device:cart-2", kNow));
  ASSERT_TRUE(store_->remove(other, "device:cart-2"));
  EXPECT_FALSE(store_->find(other, "device:cart-2", kNow));
  EXPECT_EQ(store_->expire(kNow + kUploadLife - std::chrono::milliseconds(1)).value(), 0);
  EXPECT_EQ(store_->expire(kNow + kUploadLife).value(), static_cast<int>(kMaxUploadsOfSender));
  EXPECT_EQ(files(), 0U);
  // All of them together, whoever sends.
  const auto largest = static_cast<std::int64_t>(kMaxFileBytes);
  for (std::int64_t i = 0; i < kMaxSpooledBytes / largest; ++i)
    begun(largest, "device:" + std::to_string(i));
  EXPECT_EQ(store_->begin(wanted(1), kNow).error().code, ErrorCode::too_many_attempts);
}

TEST_F(UploadStoreTest, TooManyPiecesAreAFlood) {
  const std::string id = begun(100'000);
  auto upload = append(id, 0, "x");
  for (std::size_t i = 1; i < kMaxUploadPieces; ++i)
    upload = append(id, static_cast<std::int64_t>(i), "x");
  EXPECT_TRUE(upload.has_value());
  EXPECT_EQ(append(id, upload->offset, "x").error().code, ErrorCode::limit_exceeded);
}

TEST_F(UploadStoreTest, WhatIsNoUploadIsRemoved) {
  const std::string id = begun(4);
  fs::create_directory(folder_.path() / "elsewhere");
  std::ofstream(folder_.path() / "uploads" / "noise") << "noise";
  std::ofstream(folder_.path() / "uploads" / ".scratch-abc") << "half";
  fs::create_symlink("/etc/passwd", folder_.path() / "uploads" / "link");
  open();
  EXPECT_TRUE(store_->find(id, "device:cart-1", kNow));
  EXPECT_EQ(files(), 1U);
  EXPECT_TRUE(fs::exists("/etc/passwd"));
}

}  // namespace
}  // namespace telavis::test
