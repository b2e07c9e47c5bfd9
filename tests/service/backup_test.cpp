// SPDX-License-Identifier: Apache-2.0
// A backup of an engine in use, and what a restore makes of it.
#include "engine/backup/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/backup/erasure_log.h"
#include "engine/backup/manifest.h"
#include "engine/backup/restore.h"
#include "engine/core/durable_file.h"
#include "engine/core/received_mail.h"
#include "tests/service/world.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;
using testing::HasSubstr;

const Key kBackupKey(std::array<std::uint8_t, 32>{9});
const Key kSealSeed(std::array<std::uint8_t, 32>{2});  // as the engine of world.h has it

Bytes content(const fs::path& file) {
  return read_whole(file, std::size_t{1} << 30).value();
}

void overwrite(const fs::path& file, ByteView bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() { engine.enrol(); }

  CaseId submitted(const std::string& key) {
    const auto receipt =
        engine.service.submit(engine.gp, key, kRequestJson, {{"web", "ecg.scp", ecg}});
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().text);
    std::set<CaseId> now;
    const auto listed = engine.repository->cases({});
    for (const Case& one : *listed) now.insert(one.id);
    for (const CaseId& id : now) {
      if (!known.contains(id)) {
        known = now;
        return id;
      }
    }
    ADD_FAILURE() << "no new case";
    return {};
  }
  /// Answered and delivered: with a report, acts and mails.
  CaseId answered(const std::string& key) {
    const CaseId id = submitted(key);
    EXPECT_TRUE(engine.settle());
    const User expert = engine.expert_of(id);
    engine.done(expert, "accept", id);
    engine.done(expert, "opinion", id, kOpinionJson);
    disk.clock.advance(minutes(2));
    EXPECT_TRUE(engine.settle());
    EXPECT_FALSE(engine.load(id).report_blob.empty());
    return id;
  }
  Result<BackupReport> try_backup() {
    disk.clock.advance(minutes(1));
    return make_backup({disk.folder / "telavis.db", disk.folder / "blobs", disk.folder, out,
                        kBackupKey, kSealSeed, disk.clock.now()});
  }
  BackupReport backup() {
    auto report = try_backup();
    EXPECT_TRUE(report) << (report ? "" : report.error().text);
    return report ? *report : BackupReport{};
  }
  RestoreJob job(const std::string& name) {
    return {out / name, out / keys_file_name(name), {out / kErasureFile}, {}, target, kBackupKey,
            kSealSeed,  KeyRing({kMasterKey}),      disk.clock.now()};
  }
  /// Expects a failure that leaves nothing.
  void refused(const RestoreJob& with, ErrorCode code, const std::string& what) {
    const auto report = restore_backup(with);
    ASSERT_FALSE(report) << what;
    EXPECT_EQ(report.error().code, code) << what << ": " << report.error().text;
    EXPECT_FALSE(fs::exists(target)) << what;
    EXPECT_EQ(std::distance(fs::directory_iterator(restored_in.path()), {}), 0) << what;
  }
  void receive(const std::string& id, std::uint32_t uid, const CaseId& of = CaseId()) {
    SystemRandom random;
    ReceivedMail mail;
    mail.id = id;
    mail.account = "filiere@telavis.test";
    mail.at = {7, uid};
    mail.received_at = disk.clock.now();
    mail.case_id = of;
    mail.verdict = of.empty() ? "" : "case_made";
    seal_received(mail, KeyRing({kMasterKey}), random, as_bytes("mail " + id));
    ASSERT_TRUE(engine.repository->put_received({mail}, mail.account, mail.at));
  }
  /// Its text after the restore; empty: unreadable.
  static std::string text_of(Repository& repository, const std::string& id) {
    const ReceivedMail mail = repository.received_mail(id).value().value();
    const auto opened = open_received(mail, KeyRing({kMasterKey}));
    return opened ? std::string(as_text(*opened)) : "";
  }
  std::unique_ptr<Repository> restored_repository() {
    return std::move(open_sqlite_repository({target / "telavis.db", {}}).value());
  }

  Disk disk;
  Engine engine{disk, nullptr, Reports::plain};
  const Bytes ecg = fixture("demo-ecg.scp");
  std::set<CaseId> known;
  TempFolder out_folder, restored_in;
  const fs::path out = out_folder.path() / "backups";
  const fs::path target = restored_in.path() / "data";
};

TEST_F(BackupTest, EverythingComesBack) {
  const CaseId done = answered("k1");
  const CaseId open = submitted("k2");
  const BackupReport made = backup();
  EXPECT_EQ(made.cases, 2);
  EXPECT_EQ(made.blobs, 3);  // two exams, one report
  EXPECT_EQ(made.linked, 0);

  const auto report = restore_backup(job(made.name));
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->cases, 2);
  EXPECT_EQ(report->blobs, 3);
  EXPECT_EQ(report->erased_again, 0);
  EXPECT_EQ(report->chains, 3);
  const auto repository = restored_repository();
  const auto blobs = FileBlobStore::open(target / "blobs");
  for (const CaseId& id : {done, open}) {
    const Case before = engine.load(id);
    const Case after = repository->load_case(id).value().value();
    EXPECT_EQ(after.version, before.version);
    EXPECT_EQ(after.wrapped_key, before.wrapped_key);
    EXPECT_EQ(after.sealed_request, before.sealed_request);
    EXPECT_EQ(after.audit.hash, before.audit.hash);
    for (const BlobRef& ref : blobs_of(before)) {
      auto store = FileBlobStore::open(target / "blobs");
      EXPECT_EQ(store->get(ref).value(), engine.blobs.get(ref).value());
    }
  }
  EXPECT_EQ(repository->acts({})->size(), engine.repository->acts({})->size());
  EXPECT_EQ(*repository->outbox_counts(), *engine.repository->outbox_counts());
  const auto node = repository->audit_chain("node").value();
  EXPECT_EQ(node.back().what.action, "restore");
  EXPECT_EQ(verify_chain(node, repository->node_audit_head().value()), 0);
}

TEST_F(BackupTest, ReceivedMailsComeBackReadable) {
  const CaseId id = submitted("k1");
  receive("m1", 1, id);
  receive("m2", 2);
  ASSERT_TRUE(restore_backup(job(backup().name)));
  const auto repository = restored_repository();
  EXPECT_EQ(text_of(*repository, "m1"), "mail m1");
  EXPECT_EQ(repository->unhandled_mails(9)->size(), 1U);
  EXPECT_EQ(text_of(*repository, "m2"), "mail m2");
  EXPECT_EQ(*repository->mailbox_cursor("filiere@telavis.test"), (MailboxCursor{7, 2}));
}

TEST_F(BackupTest, NoKeyStandsInTheBackupItself) {
  const CaseId id = answered("k1");
  receive("m1", 1);
  const BackupReport made = backup();
  const Manifest manifest = read_manifest(out / made.name, SealKey(kSealSeed).public_key()).value();
  ASSERT_EQ(manifest.parts.size(), 1U);
  const Bytes database =
      unseal_stream(database_key(kBackupKey), part_binding(made.name, manifest.parts.front().name),
                    content(out / made.name / manifest.parts.front().name))
          .value();
  for (const Bytes& key :
       {engine.load(id).wrapped_key, engine.repository->received_mail("m1").value()->wrapped_key}) {
    EXPECT_EQ(std::search(database.begin(), database.end(), key.begin(), key.end()),
              database.end());
  }
  EXPECT_FALSE(fs::exists(disk.folder / ".backup"));  // the unsealed copy is gone
}

TEST_F(BackupTest, ASecondBackupLinksWhatTheFirstOneHas) {
  answered("k1");
  const BackupReport first = backup();
  submitted("k2");
  const BackupReport second = backup();
  EXPECT_EQ(second.blobs, 3);
  EXPECT_EQ(second.linked, 2);
  fs::remove_all(out / first.name);
  const auto report = restore_backup(job(second.name));
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->blobs, 3);
}

TEST_F(BackupTest, EachBackupIsOneStateWhileUploadsGoOn) {
  std::atomic<bool> stop = false;
  std::atomic<int> acknowledged = 0;
  std::thread uploads([&] {
    for (int i = 0; !stop && i < 2000; ++i) {
      const auto receipt = engine.service.submit(engine.gp, "load-" + std::to_string(i),
                                                 kRequestJson, {{"web", "ecg.scp", ecg}});
      if (receipt) ++acknowledged;
    }
  });
  while (acknowledged < 5) std::this_thread::yield();
  std::vector<std::pair<int, BackupReport>> made;
  for (int i = 0; i < 3; ++i) {
    const int before = acknowledged;
    made.emplace_back(before, backup());
  }
  stop = true;
  uploads.join();
  for (const auto& [before, one] : made) {
    EXPECT_GE(one.cases, before);  // all that was acknowledged is in it
    const auto report = restore_backup(job(one.name));
    ASSERT_TRUE(report) << report.error().text;
    EXPECT_EQ(report->cases, one.cases);
    EXPECT_EQ(report->blobs, one.blobs);
    fs::remove_all(target);
  }
}

TEST_F(BackupTest, AnyByteThatChangedIsFound) {
  answered("k1");
  const BackupReport made = backup();
  std::vector<fs::path> files = {out / keys_file_name(made.name)};
  for (const auto& entry : fs::recursive_directory_iterator(out / made.name)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  ASSERT_EQ(files.size(), 7U);  // keys, manifest, signature, list, one part, two sealed files
  for (const fs::path& file : files) {
    const Bytes sound = content(file);
    for (const std::size_t at : {std::size_t{0}, sound.size() / 2, sound.size() - 1}) {
      Bytes bad = sound;
      bad[at] ^= 0x04;
      overwrite(file, bad);
      refused(job(made.name), ErrorCode::crypto_failed, file.filename().string());
    }
    overwrite(file, ByteView(sound).first(sound.size() - 1));
    refused(job(made.name), ErrorCode::crypto_failed, file.filename().string() + " cut short");
    fs::remove(file);
    refused(job(made.name), ErrorCode::not_found, file.filename().string() + " gone");
    overwrite(file, sound);
  }
  EXPECT_TRUE(restore_backup(job(made.name)));
}

TEST_F(BackupTest, WithAnotherKeyNothingIsRestored) {
  answered("k1");
  const BackupReport made = backup();
  const Key other(std::array<std::uint8_t, 32>{77});
  auto with = job(made.name);
  with.seal_seed = other;
  refused(with, ErrorCode::crypto_failed, "seal key");
  with = job(made.name);
  with.backup_key = other;
  refused(with, ErrorCode::crypto_failed, "backup key");
  with = job(made.name);
  with.ring = KeyRing({other});
  refused(with, ErrorCode::crypto_failed, "master key");
  with.ring = KeyRing({other, kMasterKey});  // rotated since
  EXPECT_TRUE(restore_backup(with));
}

TEST_F(BackupTest, AFolderThatIsNotEmptyIsLeftAlone) {
  submitted("k1");
  const BackupReport made = backup();
  fs::create_directories(target);
  std::ofstream(target / "letter") << "x";
  const auto report = restore_backup(job(made.name));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::configuration_invalid);
  EXPECT_TRUE(fs::exists(target / "letter"));
  fs::remove(target / "letter");
  EXPECT_TRUE(restore_backup(job(made.name)));  // an empty one is taken
}

// ---- erased since -------------------------------------------------------------------------------

class ErasedSinceTest : public BackupTest {
 protected:
  /// As the engine does it: the key first, then the files.
  void erase(const CaseId& id) {
    Case before = engine.load(id);
    Commit commit;
    commit.event_id = "erase-" + id.value;
    commit.at = disk.clock.now();
    commit.expected_version = before.version;
    commit.next = before;
    commit.next.state = CaseState::closed;
    commit.next.version += 1;
    erase_content(commit.next, commit.at);
    commit.audit.push_back(
        append_audit(id.value, commit.next.audit, {commit.at, "engine", "erase", ""}));
    ASSERT_EQ(engine.repository->commit(commit)->outcome, CommitOutcome::committed);
    for (const BlobRef& ref : blobs_of(before)) ASSERT_TRUE(engine.blobs.erase(ref));
  }
  void expect_erased(const CaseId& id, const CaseId& other) {
    const auto repository = restored_repository();
    const Case gone = repository->load_case(id).value().value();
    EXPECT_TRUE(gone.wrapped_key.empty());
    EXPECT_TRUE(gone.sealed_request.empty());
    EXPECT_TRUE(gone.erased_at);
    EXPECT_TRUE(has_ended(gone.state));
    EXPECT_EQ(verify_chain(repository->audit_chain(id.value).value(), gone.audit), 0);
    EXPECT_FALSE(repository->load_case(other).value()->wrapped_key.empty());
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(target / "blobs"))
      files += entry.is_regular_file() ? 1 : 0;
    EXPECT_EQ(files, blobs_of(engine.load(other)).size());
  }
};

TEST_F(ErasedSinceTest, TheListOfALaterBackupErasesAgain) {
  const CaseId id = answered("k1");
  const CaseId other = submitted("k2");
  const BackupReport older = backup();
  erase(id);
  const BackupReport newer = backup();
  EXPECT_EQ(newer.erased_cases, 1);
  const auto report = restore_backup(job(older.name));  // with its own keys
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->erased_again, 1);
  expect_erased(id, other);
}

TEST_F(ErasedSinceTest, MailsOfACaseThatIsErasedAgainAreUnreadable) {
  const CaseId id = answered("k1");
  const CaseId other = submitted("k2");
  receive("m1", 1, id);
  receive("m2", 2, other);
  receive("m3", 3);
  const BackupReport older = backup();
  ASSERT_TRUE(engine.repository->close_received("m3", "opinion", id, ""));
  erase(id);
  const BackupReport newer = backup();
  {
    ASSERT_TRUE(restore_backup(job(older.name)));
    const auto repository = restored_repository();
    EXPECT_EQ(text_of(*repository, "m1"), "");
    EXPECT_EQ(text_of(*repository, "m2"), "mail m2");
  }
  fs::remove_all(target);
  auto with = job(older.name);  // m3 has no key in the newer file, and was of no case in the older
  with.wrapped_keys = out / keys_file_name(newer.name);
  ASSERT_TRUE(restore_backup(with));
  const auto repository = restored_repository();
  EXPECT_EQ(text_of(*repository, "m2"), "mail m2");
  EXPECT_EQ(text_of(*repository, "m3"), "");
  EXPECT_EQ(repository->received_mail("m3").value()->verdict, "erased");
  EXPECT_EQ(repository->received_mail("m1").value()->verdict, "case_made");
  EXPECT_TRUE(repository->unhandled_mails(9)->empty());
  EXPECT_TRUE(repository->received_not_wrapped_by("none", 9)->size() == 1);
}

TEST_F(ErasedSinceTest, AnOpenCaseOfThenEndsAsItDid) {
  const CaseId id = submitted("k1");
  const CaseId other = submitted("k2");
  const BackupReport older = backup();
  erase(id);
  ErasureLog log(disk.folder / "erasures.jsonl");
  ASSERT_TRUE(log.erased(id, disk.clock.now()));
  auto with = job(older.name);
  with.erasures = {disk.folder / "erasures.jsonl"};
  ASSERT_TRUE(restore_backup(with));
  expect_erased(id, other);
  const auto repository = restored_repository();
  const Case gone = repository->load_case(id).value().value();
  EXPECT_EQ(gone.state, CaseState::cancelled);
  EXPECT_FALSE(next_timer(gone));
}

TEST_F(ErasedSinceTest, AnErasureThatLostToALegalHoldIsNotRepeated) {
  const CaseId id = answered("k1");
  const BackupReport older = backup();
  {
    ErasureLog log(disk.folder / "erasures.jsonl");
    ASSERT_TRUE(log.erased(id, disk.clock.now()));
  }
  fs::copy_file(disk.folder / "erasures.jsonl", disk.folder / "of-yesterday.jsonl");
  // The process died before the commit: the next one finds the case whole.
  ErasureLog log(disk.folder / "erasures.jsonl");
  ASSERT_TRUE(log.settle(*engine.repository, disk.clock.now()));
  ASSERT_TRUE(log.settle(*engine.repository, disk.clock.now()));  // has nothing more to say
  EXPECT_EQ(read_erasures(disk.folder / "erasures.jsonl")->size(), 2U);
  auto with = job(older.name);
  with.erasures = {disk.folder / "erasures.jsonl", disk.folder / "of-yesterday.jsonl"};
  const auto report = restore_backup(with);
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->erased_again, 0);
}

TEST_F(ErasedSinceTest, WhatIsErasedAfterAllIsErasedAgain) {
  const CaseId id = answered("k1");
  const CaseId other = submitted("k2");
  const BackupReport older = backup();
  ErasureLog log(disk.folder / "erasures.jsonl");
  ASSERT_TRUE(log.erased(id, disk.clock.now()));
  ASSERT_TRUE(log.kept(id, disk.clock.now()));
  disk.clock.advance(std::chrono::hours(1));
  erase(id);
  ASSERT_TRUE(log.erased(id, disk.clock.now()));
  ASSERT_TRUE(log.settle(*engine.repository, disk.clock.now()));
  auto with = job(older.name);
  with.erasures = {disk.folder / "erasures.jsonl"};
  ASSERT_TRUE(restore_backup(with));
  expect_erased(id, other);
}

TEST_F(ErasedSinceTest, TheKeysOfALaterBackupLackIt) {
  const CaseId id = answered("k1");
  const CaseId other = submitted("k2");
  const BackupReport older = backup();
  erase(id);
  const BackupReport newer = backup();
  EXPECT_EQ(newest_wrapped_keys(out).value(), out / keys_file_name(newer.name));
  fs::remove(out / keys_file_name(older.name));
  auto with = job(older.name);
  with.wrapped_keys = newest_wrapped_keys(out).value();
  with.erasures.clear();
  const auto report = restore_backup(with);
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->erased_again, 1);
  expect_erased(id, other);
}

TEST_F(ErasedSinceTest, KeysOlderThanTheBackupAreRefused) {
  submitted("k1");
  const BackupReport older = backup();
  submitted("k2");
  const BackupReport newer = backup();
  auto with = job(newer.name);
  with.wrapped_keys = out / keys_file_name(older.name);
  refused(with, ErrorCode::configuration_invalid, "older keys");
}

TEST_F(ErasedSinceTest, AFileThatIsGoneWithoutAnErasureStopsTheBackup) {
  const CaseId id = submitted("k1");
  ASSERT_TRUE(engine.blobs.erase(engine.load(id).exam_blobs.front()));
  const auto report = try_backup();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
  EXPECT_THAT(report.error().text, HasSubstr(id.value));
  EXPECT_FALSE(fs::exists(out / ".unfinished"));
}

// ---- the log of erasures ------------------------------------------------------------------------

TEST(ErasureLogTest, KeepsWholeLinesOnly) {
  TempFolder folder;
  const fs::path file = folder.path() / "erasures.jsonl";
  ErasureLog log(file);
  ASSERT_TRUE(log.erased(CaseId("a"), at("2026-01-06T12:00:00Z")));
  std::ofstream(file, std::ios::app) << R"({"case":"tor)";  // a crash
  EXPECT_EQ(read_erasures(file)->size(), 1U);
  ASSERT_TRUE(log.erased(CaseId("b"), at("2026-01-07T12:00:00Z")));
  const auto read = read_erasures(file);
  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->back().id, CaseId("b"));
  EXPECT_EQ(read->back().at, at("2026-01-07T12:00:00Z"));
  std::ofstream(file, std::ios::app) << "{}\n";
  EXPECT_THAT(read_erasures(file).error().text, HasSubstr("Line 3"));
  EXPECT_EQ(read_erasures(folder.path() / "none").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace telavis::test
