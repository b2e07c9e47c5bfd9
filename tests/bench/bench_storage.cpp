// SPDX-License-Identifier: Apache-2.0
// What a durable write costs: every figure includes its fsync. TMPDIR chooses the disk.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "storage/blobs_file.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTypicalRequestBytes = 3'000;  // sealed question and context
constexpr std::size_t kTypicalMailBytes = 4'000;     // an invitation, sealed
constexpr std::size_t kTypicalBlobBytes = 34'000;    // a 12-lead SCP-ECG of 10 s

/// A folder that is removed at the end of a run.
struct Folder {
  Folder() {
    std::string name = fs::temp_directory_path() / "telavis-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~Folder() {
    std::error_code error;
    fs::remove_all(path, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path path;
};

/// A commit as a submission makes it: event, case, audit entry, one mail.
Commit submission(std::int64_t n) {
  Commit commit;
  Case& subject = commit.next;
  subject.id = CaseId("case-" + std::to_string(n));
  subject.number = "TE-2026-" + std::to_string(n);
  subject.version = 1;
  subject.programme = ProgrammeId("rythmologie");
  subject.requester = UserId("gp-" + std::to_string(n % 50));
  subject.submitted_at = from_epoch_ms(1'767'600'000'000 + n);
  subject.route_at = subject.submitted_at;
  subject.promise = promise_of(subject.plan, subject.submitted_at);
  subject.breach_alert_at = subject.promise->breach_at;
  subject.wrapped_key = Bytes(72, 1);
  subject.sealed_request = Bytes(kTypicalRequestBytes, 2);
  commit.event_id = "event-" + std::to_string(n);
  commit.event_kind = "submit";
  commit.at = subject.submitted_at;
  commit.audit.push_back(
      append_audit(subject.id.value, subject.audit, {commit.at, "gp", "submit", ""}));
  commit.outbox.push_back({OutboxId("mail-" + std::to_string(n)), subject.id,
                           MessageKind::invitation, "filiere@telavis.test", "dr@medecin.test",
                           Bytes(kTypicalMailBytes, 3), commit.at, commit.at, 0});
  return commit;
}

void submissions(benchmark::State& state) {
  const Folder folder;
  auto repository = open_sqlite_repository({folder.path / "telavis.db", {}});
  std::int64_t n = 0;
  for ([[maybe_unused]] auto step : state) {
    const auto result = (*repository)->commit(submission(++n));
    if (!result || result->outcome != CommitOutcome::committed) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(submissions)->UseRealTime();

/// Looking for work in a database of open cases, none of which is due.
void nothing_due(benchmark::State& state) {
  const Folder folder;
  auto repository = open_sqlite_repository({folder.path / "telavis.db", {}});
  for (std::int64_t n = 1; n <= state.range(0); ++n) {
    if (!(*repository)->commit(submission(n))) std::abort();
  }
  const Instant before = from_epoch_ms(1'767'600'000'000);
  for ([[maybe_unused]] auto step : state) {
    if (!(*repository)->due_cases(before, 100)) state.SkipWithError("refused");
    if (!(*repository)->claim_outbox(before, std::chrono::minutes(1)))
      state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(nothing_due)->Arg(100)->Arg(2'000)->UseRealTime();

void blob_puts(benchmark::State& state) {
  const Folder folder;
  auto store = FileBlobStore::open(folder.path / "blobs");
  const Bytes sealed(static_cast<std::size_t>(state.range(0)), 7);
  std::int64_t n = 0;
  for ([[maybe_unused]] auto step : state) {
    if (!store->put(BlobRef("case-" + std::to_string(++n)), sealed)) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(blob_puts)->Arg(kTypicalBlobBytes)->Arg(4'000'000)->UseRealTime();

}  // namespace
}  // namespace telavis
