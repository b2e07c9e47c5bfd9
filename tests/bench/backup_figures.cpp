// SPDX-License-Identifier: Apache-2.0
// How long a backup and a restore take: backup_figures FOLDER [CASES [KILOBYTES A FILE]]. Makes a
// node of that many cases in FOLDER, backs it up twice and restores it, and prints a line for each.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/backup/backup.h"
#include "engine/backup/manifest.h"
#include "engine/backup/restore.h"
#include "engine/core/durable_file.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

constexpr Instant kStart = Instant(Duration(1'767'600'000'000));
constexpr int kWriters = 16;  // share transactions, and with them their syncs
constexpr int kAuditEntries = 12;
const Key kMaster(std::array<std::uint8_t, 32>{1});
const Key kSeal(std::array<std::uint8_t, 32>{2});
const Key kBackup(std::array<std::uint8_t, 32>{3});

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Delivered, with what such a case weighs: 1 KB of request, 2 KB of opinion, a dozen entries.
Commit delivered_case(int number, const KeyRing& ring, Random& random, const Key& key) {
  Commit commit;
  Case& next = commit.next;
  next.id = CaseId(fmt::format("case-{:08}", number));
  next.number = fmt::format("TE-2026-{:08}", number);
  next.version = 1;
  next.state = CaseState::closed;
  next.programme = ProgrammeId("rythmologie");
  next.requester = UserId(fmt::format("gp-{}", number % 500));
  next.expert = UserId(fmt::format("expert-{}", number % 40));
  next.offers = {
      {*next.expert, kStart, kStart + std::chrono::hours(4), OfferOutcome::accepted, ""}};
  next.submitted_at = kStart + std::chrono::minutes(number);
  next.kept_until = kStart + std::chrono::hours(24 * 365 * 20);
  next.wrapped_key = ring.wrap(random, "data-key/" + next.id.value, key);
  next.sealed_request = Bytes(1'000, 0x5A);
  next.sealed_opinion = Bytes(2'000, 0xA5);
  next.exam_blobs = {BlobRef(next.id.value + "-exams")};
  commit.event_id = "fill/" + next.id.value;
  commit.event_kind = "submit";
  commit.at = next.submitted_at;
  commit.answer = "{}";
  commit.patient_marks = {"2026:" + hash_hex(next.id.value)};
  for (int i = 0; i < kAuditEntries; ++i) {
    commit.audit.push_back(append_audit(next.id.value, next.audit,
                                        {commit.at, "engine", "event", "some codes of it"}));
  }
  return commit;
}

Result<void> fill_from(Repository& repository, const FileBlobStore& blobs, int first, int cases,
                       std::size_t file_bytes) {
  SystemRandom random;
  const KeyRing ring({kMaster});
  for (int i = first; i < cases; i += kWriters) {
    const Key key = random_key(random);
    const Commit commit = delivered_case(i, ring, random, key);
    const BlobRef& ref = commit.next.exam_blobs.front();
    const fs::path file = blobs.path_of(ref);
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    const Bytes sealed = seal_stream(key, "exams/" + ref.value, Bytes(file_bytes, 0x33));
    if (auto written = write_unsynced(file, sealed); !written) return written;
    if (auto done = repository.commit(commit); !done) return tl::unexpected(done.error());
  }
  return {};
}

Result<void> fill(const fs::path& data, int cases, std::size_t file_bytes) {
  if (auto made = make_folder_durably(data); !made) return made;
  auto repository = open_sqlite_repository({data / "telavis.db", {}});
  if (!repository) return tl::unexpected(repository.error());
  const auto blobs = FileBlobStore::open(data / "blobs");
  if (!blobs) return tl::unexpected(blobs.error());
  std::vector<std::thread> writers;
  std::vector<Result<void>> results(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      results[static_cast<std::size_t>(i)] = fill_from(**repository, *blobs, i, cases, file_bytes);
    });
  }
  for (std::thread& one : writers) one.join();
  for (const auto& one : results) {
    if (!one) return one;
  }
  return {};
}

Result<void> measure(const fs::path& folder, int cases, std::size_t file_bytes) {
  const fs::path data = folder / "data", out = folder / "backups";
  const Stopwatch filling;
  if (auto filled = fill(data, cases, file_bytes); !filled) return filled;
  fmt::print("{} cases with a file of {} bytes each; filled in {:.1f} s; database {} MB\n", cases,
             file_bytes, filling.seconds(), fs::file_size(data / "telavis.db") >> 20);
  std::string newest;
  for (int i = 0; i < 2; ++i) {
    const Stopwatch watch;
    const auto made = make_backup({data / "telavis.db", data / "blobs", data, out, kBackup, kSeal,
                                   kStart + std::chrono::hours(i)});
    if (!made) return tl::unexpected(made.error());
    newest = made->name;
    fmt::print("backup {}: {:.1f} s, {} cases, {} files ({} linked), {} MB written\n", i + 1,
               watch.seconds(), made->cases, made->blobs, made->linked, made->bytes >> 20);
  }
  const Stopwatch watch;
  const auto restored = restore_backup({out / newest,
                                        out / keys_file_name(newest),
                                        {},
                                        {},
                                        folder / "restored",
                                        kBackup,
                                        kSeal,
                                        KeyRing({kMaster}),
                                        kStart + std::chrono::hours(9)});
  if (!restored) return tl::unexpected(restored.error());
  fmt::print("restore: {:.1f} s, {} cases, {} chains with {} entries, {} files opened\n",
             watch.seconds(), restored->cases, restored->chains, restored->entries,
             restored->blobs);
  return {};
}

int number(const char* text, int otherwise) {
  int value = otherwise;
  const std::string_view view(text);
  std::from_chars(view.data(), view.data() + view.size(), value);
  return value;
}

}  // namespace
}  // namespace telavis

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("backup_figures FOLDER [CASES [KILOBYTES]]\n", stderr);
    return 2;
  }
  const int cases = argc > 2 ? telavis::number(argv[2], 100'000) : 100'000;
  const int kilobytes = argc > 3 ? telavis::number(argv[3], 34) : 34;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // each line as it comes
  const auto done = telavis::measure(argv[1], cases, static_cast<std::size_t>(kilobytes) << 10);
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().text);
  return 1;
}
