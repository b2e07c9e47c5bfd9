// SPDX-License-Identifier: Apache-2.0
#include "devices/drop_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "formats/wfdb.h"
#include "tests/devices/fake_door.h"
#include "tests/fakes.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;
using std::chrono::seconds;

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class DropFolderTest : public ::testing::Test {
 protected:
  DropFolderTest() {
    fs::create_directory(box_);
    door_.devices["cart-1"] = {"cart-1", UserId("martin"), ProgrammeId("rythmo")};
  }

  DropFolder by_looks() { return {folder_.path(), ports_, false}; }
  DropFolder by_events() { return {folder_.path(), ports_}; }
  int look(DropFolder& folder) {
    const auto moved = folder.look();
    EXPECT_TRUE(moved.has_value()) << (moved ? "" : moved.error().text);
    return moved.value_or(-1);
  }
  /// As often as it takes for what lies there to be complete.
  int settle(DropFolder& folder) {
    int moved = 0;
    for (int i = 0; i < 7; ++i) {
      moved += look(folder);
      clock_.advance(seconds(2));
    }
    return moved;
  }

  TempFolder folder_;
  fs::path box_ = folder_.path() / "cart-1";
  SimClock clock_{from_epoch_ms(1'800'000'000'000)};
  FakeDoor door_;
  DecodeSlots slots_{1};
  std::vector<std::string> failures_;
  DropPorts ports_{door_, slots_, clock_, [this](const std::string& device, const Error& error) {
                     failures_.push_back(device + " " + std::string(error_name(error.code)));
                   }};
};

TEST_F(DropFolderTest, AFileThatStaysAsItIsIsTakenAndMoved) {
  DropFolder folder = by_looks();
  write(box_ / "a.scp", "tracing");
  EXPECT_EQ(look(folder), 0);
  clock_.advance(seconds(9));
  EXPECT_EQ(look(folder), 0);
  clock_.advance(seconds(1));
  EXPECT_EQ(look(folder), 1);
  ASSERT_EQ(door_.taken().size(), 1U);
  EXPECT_EQ(door_.taken()[0].device, "cart-1");
  EXPECT_EQ(door_.taken()[0].file.source, "folder:cart-1");
  EXPECT_EQ(door_.taken()[0].file.name, "a.scp");
  EXPECT_EQ(as_text(door_.taken()[0].file.bytes), "tracing");
  EXPECT_EQ(door_.claims()[0].proof, DeviceProof::folder);
  EXPECT_FALSE(fs::exists(box_ / "a.scp"));
  EXPECT_EQ(text_of(box_ / "done" / "a.scp"), "tracing");
}

TEST_F(DropFolderTest, AFileThatGrowsWaits) {
  DropFolder folder = by_looks();
  std::string text = "t";
  for (int i = 0; i < 10; ++i) {
    write(box_ / "a.scp", text += "t");
    look(folder);
    clock_.advance(seconds(8));
  }
  EXPECT_TRUE(door_.taken().empty());
  EXPECT_EQ(settle(folder), 1);
  EXPECT_EQ(as_text(door_.taken()[0].file.bytes), text);
}

TEST_F(DropFolderTest, TheFilesOwnClockDoesNotCount) {
  DropFolder folder = by_looks();
  write(box_ / "a.scp", "from the future");
  fs::last_write_time(box_ / "a.scp", fs::file_time_type::clock::now() + std::chrono::years(3));
  write(box_ / "b.scp", "from the past");
  fs::last_write_time(box_ / "b.scp", fs::file_time_type::clock::now() - std::chrono::years(30));
  EXPECT_EQ(look(folder), 0);
  EXPECT_EQ(settle(folder), 2);
}

TEST_F(DropFolderTest, OurClockMayJump) {
  DropFolder folder = by_looks();
  write(box_ / "a.scp", "tracing");
  look(folder);
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(look(folder), 0);  // two looks are not three
  clock_.jump_back(std::chrono::hours(48));
  EXPECT_EQ(look(folder), 0);
  EXPECT_EQ(settle(folder), 1);
}

TEST_F(DropFolderTest, WhatIsClosedNeedsNoWaiting) {
  DropFolder folder = by_events();
  look(folder);
  write(box_ / "a.scp", "tracing");
  EXPECT_EQ(look(folder), 0);
  clock_.advance(seconds(1));
  EXPECT_EQ(look(folder), 1);
  // Renamed to its name, as careful software does.
  write(box_ / "b.tmp", "another");
  look(folder);
  fs::rename(box_ / "b.tmp", box_ / "b.scp");
  look(folder);
  clock_.advance(seconds(1));
  EXPECT_EQ(look(folder), 1);
}

TEST_F(DropFolderTest, AWriterWhoHasNotClosedIsWaitedFor) {
  DropFolder folder = by_events();
  look(folder);
  std::ofstream writer(box_ / "a.scp", std::ios::binary);
  writer << "half" << std::flush;
  look(folder);
  clock_.advance(seconds(5));
  EXPECT_EQ(look(folder), 0);
  writer << " whole" << std::flush;
  look(folder);
  clock_.advance(seconds(5));
  EXPECT_EQ(look(folder), 0);
  writer.close();
  look(folder);
  clock_.advance(seconds(1));
  EXPECT_EQ(look(folder), 1);
  EXPECT_EQ(as_text(door_.taken()[0].file.bytes), "half whole");
}

TEST_F(DropFolderTest, NamesThatAreNoExamStay) {
  DropFolder folder = by_looks();
  for (const char* name : {".hidden", "a.TMP", "a.part", "a.filepart", "a.scp~", "~$a.doc",
                           "Thumbs.db", "a.crdownload"}) {
    write(box_ / name, name);
    EXPECT_TRUE(is_passed_over(name)) << name;
  }
  EXPECT_EQ(settle(folder), 0);
  EXPECT_TRUE(door_.claims().empty());  // and nobody was asked for nothing
}

TEST_F(DropFolderTest, LinksPipesAndFoldersAreNotFollowed) {
  DropFolder folder = by_looks();
  TempFolder elsewhere;
  write(elsewhere.path() / "secret", "secret");
  fs::create_symlink(elsewhere.path() / "secret", box_ / "a.scp");
  ASSERT_EQ(::mkfifo((box_ / "b.scp").c_str(), 0600), 0);
  fs::create_directory(box_ / "c.scp");
  fs::create_directory_symlink(box_, folder_.path() / "cart-2");
  EXPECT_EQ(settle(folder), 0);
  EXPECT_TRUE(door_.taken().empty());
  // Nor is a link that stands where files are to go.
  fs::create_directory_symlink(elsewhere.path(), box_ / "done");
  write(box_ / "d.scp", "tracing");
  EXPECT_EQ(settle(folder), 0);
  EXPECT_TRUE(fs::exists(box_ / "d.scp"));
  EXPECT_FALSE(fs::exists(elsewhere.path() / "d.scp"));
  EXPECT_EQ(door_.taken().size(), 1U);
}

TEST_F(DropFolderTest, TheSameNameAgainIsNumbered) {
  DropFolder folder = by_looks();
  for (const char* text : {"first", "second", "third"}) {
    write(box_ / "export.scp", text);
    EXPECT_EQ(settle(folder), 1);
  }
  EXPECT_EQ(text_of(box_ / "done" / "export.scp"), "first");
  EXPECT_EQ(text_of(box_ / "done" / "export (2).scp"), "second");
  EXPECT_EQ(text_of(box_ / "done" / "export (3).scp"), "third");
  EXPECT_EQ(door_.taken().size(), 3U);
}

TEST_F(DropFolderTest, ALongNameStillFindsAPlace) {
  DropFolder folder = by_looks();
  const std::string name = std::string(251, 'e') + ".scp";
  door_.unreadable = [](const UploadedFile&) {
    return Error{ErrorCode::unknown_format, "This is no format that is read here."};
  };
  write(box_ / name, "tracing");
  EXPECT_EQ(settle(folder), 1);
  const std::string kept = std::string(236, 'e') + ".scp";
  EXPECT_TRUE(fs::exists(box_ / "refused" / kept));
  EXPECT_TRUE(fs::exists(box_ / "refused" / (kept + ".txt")));
}

TEST_F(DropFolderTest, WhatCannotBeReadIsRefusedWithAReason) {
  DropFolder folder = by_looks();
  door_.unreadable = [](const UploadedFile&) {
    return Error{ErrorCode::unknown_format, "This is no format that is read here."};
  };
  write(box_ / "a.xyz", "noise");
  EXPECT_EQ(settle(folder), 1);
  EXPECT_EQ(door_.taken().size(), 1U);  // the engine keeps it
  EXPECT_EQ(text_of(box_ / "refused" / "a.xyz"), "noise");
  const std::string reason = text_of(box_ / "refused" / "a.xyz.txt");
  EXPECT_TRUE(reason.starts_with("Telavis n’a pas pu lire ce fichier.")) << reason;
  EXPECT_NE(reason.find("This is no format that is read here."), std::string::npos) << reason;
  EXPECT_FALSE(fs::exists(box_ / "done"));
}

TEST_F(DropFolderTest, AnEmptyFileIsOneStillToBeWritten) {
  DropFolder folder = by_looks();
  write(box_ / "a.scp", "");
  EXPECT_EQ(settle(folder), 0);
  clock_.advance(minutes(10));
  EXPECT_EQ(settle(folder), 1);
  EXPECT_TRUE(door_.taken().empty());
  EXPECT_TRUE(fs::exists(box_ / "refused" / "a.scp.txt"));
}

TEST_F(DropFolderTest, ATooLargeFileIsRefusedUnread) {
  DropFolder folder = by_looks();
  write(box_ / "a.scp", "x");
  fs::resize_file(box_ / "a.scp", kMaxFileBytes + 1);
  EXPECT_EQ(settle(folder), 1);
  EXPECT_TRUE(door_.taken().empty());
  EXPECT_TRUE(fs::exists(box_ / "refused" / "a.scp"));
}

TEST_F(DropFolderTest, WhatCannotBeTakenNowIsTriedAgain) {
  DropFolder folder = by_looks();
  for (const ErrorCode code : {ErrorCode::storage_full, ErrorCode::storage_failed,
                               ErrorCode::too_many_attempts, ErrorCode::internal}) {
    door_.refuse = [&](const UploadedFile&) { return Error{code, "not now"}; };
    write(box_ / "a.scp", "tracing " + std::string(error_name(code)));
    EXPECT_EQ(settle(folder), 0);
    EXPECT_TRUE(fs::exists(box_ / "a.scp"));
    door_.refuse = nullptr;
    clock_.advance(minutes(15));
    EXPECT_EQ(settle(folder), 1) << error_name(code);
  }
  EXPECT_EQ(failures_, (std::vector<std::string>{"cart-1 storage_full", "cart-1 storage_failed",
                                                 "cart-1 too_many_attempts", "cart-1 internal"}));
  EXPECT_FALSE(fs::exists(box_ / "refused"));
}

TEST_F(DropFolderTest, TriesBecomeRarer) {
  DropFolder folder = by_looks();
  door_.devices.clear();  // suspended
  write(box_ / "a.scp", "tracing");
  settle(folder);
  for (int i = 0; i < 24 * 60 * 30; ++i) {  // a day
    look(folder);
    clock_.advance(seconds(2));
  }
  EXPECT_LE(door_.claims().size(), 24U * 4 + 8);
  EXPECT_GE(door_.claims().size(), 24U * 4);
  EXPECT_EQ(failures_, std::vector<std::string>{"cart-1 forbidden"});  // told once
  EXPECT_TRUE(fs::exists(box_ / "a.scp"));
  door_.devices["cart-1"] = {"cart-1", UserId("martin"), ProgrammeId("rythmo")};
  clock_.advance(minutes(15));
  EXPECT_EQ(settle(folder), 1);
}

TEST_F(DropFolderTest, OneDevicesTroubleIsNotTheOthers) {
  fs::create_directory(folder_.path() / "unknown");
  fs::create_directory(folder_.path() / "Not an id");
  write(folder_.path() / "unknown" / "a.scp", "a");
  write(folder_.path() / "Not an id" / "a.scp", "a");
  write(folder_.path() / "lost.scp", "a");
  write(box_ / "b.scp", "b");
  DropFolder folder = by_looks();
  EXPECT_EQ(settle(folder), 1);
  EXPECT_EQ(failures_, std::vector<std::string>{"unknown forbidden"});
}

TEST_F(DropFolderTest, OneFilesTroubleIsNotTheOthers) {
  door_.refuse = [](const UploadedFile& file) {
    return file.name == "a.scp" ? std::optional(Error{ErrorCode::internal, "a defect"})
                                : std::nullopt;
  };
  write(box_ / "a.scp", "a");
  write(box_ / "b.scp", "b");
  DropFolder folder = by_looks();
  EXPECT_EQ(settle(folder), 1);
  EXPECT_TRUE(fs::exists(box_ / "done" / "b.scp"));
}

TEST_F(DropFolderTest, AFileThatMayNotBeReadStays) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write(box_ / "a.scp", "a");
  fs::permissions(box_ / "a.scp", fs::perms::none);
  write(box_ / "b.scp", "b");
  DropFolder folder = by_looks();
  EXPECT_EQ(settle(folder), 1);
  fs::permissions(box_ / "a.scp", fs::perms::owner_all);
  clock_.advance(minutes(1));
  EXPECT_EQ(settle(folder), 1);
}

TEST_F(DropFolderTest, AFolderThatCannotBeWrittenToIsTakenOnce) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  write(box_ / "a.scp", "a");
  fs::permissions(box_, fs::perms::owner_read | fs::perms::owner_exec);
  DropFolder folder = by_looks();
  EXPECT_EQ(settle(folder), 0);
  EXPECT_EQ(door_.taken().size(), 1U);
  fs::permissions(box_, fs::perms::owner_all);
  clock_.advance(minutes(1));
  EXPECT_EQ(settle(folder), 1);
  EXPECT_EQ(door_.taken().size(), 1U);
}

TEST_F(DropFolderTest, AFolderMayGoAndComeBack) {
  DropFolder folder = by_events();
  look(folder);
  fs::remove_all(box_);
  EXPECT_EQ(look(folder), 0);
  fs::create_directory(box_);
  look(folder);
  write(box_ / "a.scp", "a");
  EXPECT_EQ(settle(folder), 1);
  const fs::path away = folder_.path().string() + ".away";
  fs::rename(folder_.path(), away);
  EXPECT_EQ(folder.look().error().code, ErrorCode::storage_failed);
  fs::rename(away, folder_.path());
  write(box_ / "b.scp", "b");
  EXPECT_EQ(settle(folder), 1);
}

TEST_F(DropFolderTest, ACrashBetweenTakingAndMovingDoublesNothing) {
  write(box_ / "a.scp", "tracing");
  {
    DropFolder folder = by_looks();
    settle(folder);
  }
  fs::rename(box_ / "done" / "a.scp", box_ / "a.scp");
  DropFolder folder = by_looks();
  EXPECT_EQ(settle(folder), 1);
  EXPECT_EQ(door_.taken().size(), 1U);
  EXPECT_TRUE(fs::exists(box_ / "done" / "a.scp"));
}

TEST_F(DropFolderTest, AFileReplacedWhileItIsTakenIsTakenAsWell) {
  write(box_ / "a.scp", "first");
  bool replaced = false;
  door_.refuse = [&](const UploadedFile&) -> std::optional<Error> {
    if (!replaced) {
      write(folder_.path() / "new", "second");
      fs::rename(folder_.path() / "new", box_ / "a.scp");
      replaced = true;
    }
    return std::nullopt;
  };
  DropFolder folder = by_looks();
  EXPECT_EQ(settle(folder), 0);
  EXPECT_EQ(text_of(box_ / "a.scp"), "second");
  EXPECT_EQ(settle(folder), 1);
  ASSERT_EQ(door_.taken().size(), 2U);
  EXPECT_EQ(as_text(door_.taken()[1].file.bytes), "second");
  EXPECT_EQ(text_of(box_ / "done" / "a.scp"), "second");
}

TEST_F(DropFolderTest, TheFilesOfOneRecordingAreOneExam) {
  const std::string header = "rec 2 500 5000\nrec.dat 16 1000/mV\nrec.dat 16 1000/mV\n";
  DropFolder folder = by_looks();
  write(box_ / "rec.dat", "samples");
  EXPECT_EQ(settle(folder), 0);  // its header is still to come
  write(box_ / "rec.hea", header);
  EXPECT_EQ(settle(folder), 2 - 1);
  ASSERT_EQ(door_.taken().size(), 1U);
  EXPECT_EQ(door_.taken()[0].file.name, "rec.hea");
  EXPECT_TRUE(looks_like_wfdb_archive(door_.taken()[0].file.bytes));
  EXPECT_TRUE(fs::exists(box_ / "done" / "rec.hea"));
  EXPECT_TRUE(fs::exists(box_ / "done" / "rec.dat"));
}

TEST_F(DropFolderTest, ARecordingInPartsIsNotTaken) {
  DropFolder folder = by_looks();
  write(box_ / "rec.hea", "rec 1 500 5000\nrec.dat 16 1000/mV\n");
  EXPECT_EQ(settle(folder), 0);
  clock_.advance(minutes(10));
  EXPECT_EQ(settle(folder), 1);
  EXPECT_TRUE(fs::exists(box_ / "refused" / "rec.hea.txt"));
  // Some other device's file of that name.
  write(box_ / "export.dat", "no WFDB");
  EXPECT_EQ(settle(folder), 0);
  clock_.advance(minutes(10));
  EXPECT_EQ(settle(folder), 1);
  EXPECT_EQ(door_.taken().size(), 1U);
}

}  // namespace
}  // namespace telavis::test
