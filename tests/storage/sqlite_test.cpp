// SPDX-License-Identifier: Apache-2.0
// What the contract cannot see: files, migrations, query plans, crashes.
#include "storage/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "storage/blobs_file.h"
#include "storage/repository.h"
#include "storage/schema.h"
#include "tests/child_process.h"
#include "tests/full_disk.h"
#include "tests/storage/sample_cases.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Bytes file_bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

class SqliteTest : public testing::Test {
 protected:
  fs::path file() const { return folder_.path() / "telavis.db"; }
  SqliteOptions options() const { return {file(), {}, std::chrono::seconds(30)}; }
  std::unique_ptr<Repository> opened() {
    auto repository = open_sqlite_repository(options());
    EXPECT_TRUE(repository) << repository.error().text;
    return repository ? std::move(*repository) : nullptr;
  }
  /// Opens, and expects that it fails so, with the file left as it was.
  void expect_refused(ErrorCode code, const std::string& text) {
    const Bytes before = file_bytes(file());
    const auto names = names_in(folder_.path());
    const auto repository = open_sqlite_repository(options());
    ASSERT_FALSE(repository);
    EXPECT_EQ(repository.error().code, code) << repository.error().text;
    EXPECT_THAT(repository.error().text, HasSubstr(text));
    EXPECT_EQ(file_bytes(file()), before);
    EXPECT_EQ(names_in(folder_.path()), names);
  }

  TempFolder folder_;
};

// ---- files

TEST_F(SqliteTest, ANewDatabaseCanBeReadByItsOwnerOnly) {
  const auto repository = opened();
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
  }
  EXPECT_EQ(names_in(folder_.path()).size(), 3U);  // with its log and its shared memory
}

TEST_F(SqliteTest, AFileThatIsNoDatabaseIsNeverOverwritten) {
  for (const std::string& content :
       {std::string("x"),
        std::string("a letter, much longer than the header of a database: ") +
            std::string(200, '.'),
        std::string("SQLite format 3\0 and then cut", 29)}) {
    std::ofstream(file(), std::ios::binary) << content;
    expect_refused(ErrorCode::storage_failed, "not a database");
  }
}

TEST_F(SqliteTest, TheDatabaseOfAnotherProgramIsNeverTouched) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(other, "pragma journal_mode=wal; create table t(a); insert into t values(1)",
                   nullptr, nullptr, nullptr),
      SQLITE_OK);
  expect_refused(ErrorCode::configuration_invalid, "another program");  // while it is in use
  sqlite3_close(other);
  expect_refused(ErrorCode::configuration_invalid, "another program");
}

TEST_F(SqliteTest, ATornDatabaseIsToldAndLeftAlone) {
  opened().reset();
  const auto size = fs::file_size(file());
  ASSERT_GT(size, 8192U);
  fs::resize_file(file(), size / 2);
  const auto repository = open_sqlite_repository(options());
  ASSERT_FALSE(repository);
  EXPECT_EQ(repository.error().code, ErrorCode::storage_failed);
  EXPECT_THAT(repository.error().text, HasSubstr("backup"));
  EXPECT_EQ(fs::file_size(file()), size / 2);
}

TEST_F(SqliteTest, AnEmptiedDatabaseDoesNotLoseItsLog) {
  const auto repository = opened();
  must_commit(*repository, commit_of(queued_case("c"), "e"));
  fs::path log = file();
  log += "-wal";
  const fs::path copy = folder_.path() / "copy.db";
  fs::path copied_log = copy;
  copied_log += "-wal";
  fs::copy_file(log, copied_log);
  std::ofstream(copy).flush();
  const auto emptied = open_sqlite({copy, {}, {}});
  ASSERT_FALSE(emptied);
  EXPECT_THAT(emptied.error().text, HasSubstr("log"));
  EXPECT_EQ(fs::file_size(copied_log), fs::file_size(log));
}

TEST_F(SqliteTest, AFolderThatDoesNotExistIsAnError) {
  const auto repository =
      open_sqlite_repository({folder_.path() / "nowhere" / "telavis.db", {}, {}});
  ASSERT_FALSE(repository);
  EXPECT_EQ(repository.error().code, ErrorCode::storage_failed);
}

TEST_F(SqliteTest, ACaseThatIsDamagedIsAnErrorAndTheOthersAreRead) {
  auto repository = opened();
  must_commit(*repository, commit_of(queued_case("c1"), "e1"));
  must_commit(*repository, commit_of(queued_case("c2"), "e2"));
  auto database = open_sqlite(options());
  ASSERT_TRUE((*database)->run("update cases set body = '{' where id = 'c1'"));
  const auto damaged_case = repository->load_case(CaseId("c1"));
  ASSERT_FALSE(damaged_case);
  EXPECT_EQ(damaged_case.error().code, ErrorCode::storage_failed);
  EXPECT_TRUE(repository->load_case(CaseId("c2")));
}

// ---- schema

TEST_F(SqliteTest, MigratesOnceAndKeepsWhatIsThere) {
  must_commit(*opened(), commit_of(queued_case("c"), "e"));
  const auto repository = opened();
  EXPECT_EQ(loaded(*repository, CaseId("c")).version, 1);
  auto database = open_sqlite(options());
  const auto rows = (*database)->run("select version, applied_at from schema_version");
  ASSERT_EQ(rows->size(), embedded_schema().size());
  RowReader row(rows->front());
  EXPECT_EQ(row.integer(), 1);
  EXPECT_GT(row.integer(), 1'700'000'000'000);  // SQLite's own clock, in milliseconds since 1970
}

TEST_F(SqliteTest, ASchemaNewerThanTheProgramIsRefused) {
  opened().reset();
  {
    auto database = open_sqlite(options());
    ASSERT_TRUE((*database)->run("insert into schema_version values (999, 0)"));
  }
  const auto repository = open_sqlite_repository(options());
  ASSERT_FALSE(repository);
  EXPECT_EQ(repository.error().code, ErrorCode::configuration_invalid);
  EXPECT_THAT(repository.error().text, HasSubstr("999"));
}

EmbeddedFile migration(std::string_view path, std::string_view sql) {
  return {path, as_bytes(sql)};
}

TEST_F(SqliteTest, AMigrationThatFailsLeavesTheOneBefore) {
  auto database = open_sqlite(options());
  ASSERT_TRUE(database);
  const EmbeddedFile first = migration(
      "001.sql", "create table schema_version (version bigint primary key, applied_at bigint);");
  const EmbeddedFile broken =
      migration("002.sql", "create table t (a bigint); create tabel u (a);");
  const EmbeddedFile repaired = migration("002.sql", "create table t (a bigint);");
  EXPECT_FALSE(migrate(**database, std::array{broken, first}));
  EXPECT_FALSE(*(*database)->has_table("t"));
  EXPECT_TRUE(*(*database)->has_table("schema_version"));
  EXPECT_TRUE(migrate(**database, std::array{first, repaired}));
  EXPECT_TRUE(*(*database)->has_table("t"));
  EXPECT_TRUE(migrate(**database, std::array{first, repaired}));
  EXPECT_FALSE(migrate(**database, std::array{repaired}));  // a gap
}

TEST_F(SqliteTest, ManyProcessesMayOpenANewDatabaseAtOnce) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      const auto repository = open_sqlite_repository(options());
      ASSERT_TRUE(repository) << repository.error().text;
      must_commit(**repository,
                  commit_of(queued_case("c" + std::to_string(t)), "e" + std::to_string(t)));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened()->cases({})->size(), 8U);
}

TEST_F(SqliteTest, AWriterThatIsHeldUpTooLongIsToldSo) {
  const auto repository = open_sqlite_repository({file(), {}, std::chrono::milliseconds(1)});
  ASSERT_TRUE(repository);
  auto other = open_sqlite(options());
  const auto transaction = Transaction::begin(**other);
  ASSERT_TRUE(transaction);
  const auto result = (*repository)->commit(commit_of(queued_case("c"), "e"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::storage_failed);
  EXPECT_THAT(result.error().text, HasSubstr("another process"));
  EXPECT_TRUE((*repository)->cases({}));  // readers are not held up
}

/// The process beside must not have this one's connections: it starts before they are there.
TEST_F(SqliteTest, AnotherProcessThatClosesTheDatabaseLeavesTheLogToWhoHoldsIt) {
  { ASSERT_NE(opened(), nullptr); }  // makes the file: the next one to open it looks into it
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t beside = ::fork();
  if (beside == 0) {
    char word = 0;
    const bool told = ::read(go[0], &word, 1) == 1;
    const bool worked = told && opened()->users().has_value();
    ::_exit(worked ? 0 : 1);  // opened() is gone: it has closed the database
  }
  const auto repository = opened();
  must_commit(*repository, commit_of(queued_case("c1"), "e1"));
  ASSERT_EQ(::write(go[1], "g", 1), 1);
  int status = -1;
  ASSERT_EQ(::waitpid(beside, &status, 0), beside);
  ASSERT_EQ(status, 0);
  ::close(go[0]);
  ::close(go[1]);
  EXPECT_TRUE(std::filesystem::exists(file().string() + "-wal"));
  must_commit(*repository, commit_of(queued_case("c2"), "e2"));
}

TEST_F(SqliteTest, NothingIsAcknowledgedOnceTheFilesAreGone) {
  for (const std::string gone : {"", "-wal"}) {
    const auto repository = opened();
    must_commit(*repository, commit_of(queued_case("c" + gone), "e" + gone));
    const std::string name = file().string() + gone;
    std::filesystem::rename(name, name + ".away");
    const auto refused = repository->commit(commit_of(queued_case("d" + gone), "f" + gone));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::storage_failed);
    EXPECT_THAT(refused.error().text, HasSubstr("removed or replaced"));
    EXPECT_FALSE(repository->append_node_audit({kMonday, "engine", "login", ""}));
    EXPECT_FALSE(repository->erase_expired_sessions(kMonday));  // outside a transaction
    std::filesystem::rename(name + ".away", name);
    EXPECT_TRUE(repository->append_node_audit({kMonday, "engine", "login", ""}));
  }
}

// ---- audit

TEST_F(SqliteTest, AChainThatIsChangedOrCutShortShows) {
  const auto repository = opened();
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(repository->append_node_audit({kMonday, "engine", "login", std::to_string(i)}));
  auto database = open_sqlite(options());
  const auto verdict = [&] {
    return verify_chain(*repository->audit_chain("node"), *repository->node_audit_head());
  };
  EXPECT_EQ(verdict(), 0);
  ASSERT_TRUE((*database)->run("update audit set detail = 'x' where sequence = 2"));
  EXPECT_EQ(verdict(), 2);
  ASSERT_TRUE((*database)->run("update audit set detail = '1' where sequence = 2"));
  ASSERT_TRUE((*database)->run("delete from audit where sequence = 3"));
  EXPECT_EQ(verdict(), 3);
}

// ---- plans

/// Passes everything on and remembers what was asked.
class RecordingDatabase : public Database {
 public:
  RecordingDatabase(std::unique_ptr<Database> inner, std::vector<std::string>& statements)
      : inner_(std::move(inner)), statements_(statements) {}
  using Database::run;
  Result<Rows> run(std::string_view sql, std::span<const Value> values) override {
    statements_.emplace_back(sql);
    return inner_->run(sql, values);
  }
  Result<void> run_script(std::string_view sql) override { return inner_->run_script(sql); }
  Result<bool> has_table(std::string_view name) override { return inner_->has_table(name); }
  Result<void> begin() override { return inner_->begin(); }
  Result<void> commit() override { return inner_->commit(); }
  void rollback() override { inner_->rollback(); }
  void forget_past() override { inner_->forget_past(); }

 private:
  std::unique_ptr<Database> inner_;
  std::vector<std::string>& statements_;
};

class PlanTest : public SqliteTest {
 protected:
  PlanTest() { opened().reset(); }
  std::unique_ptr<Database> recording() {
    return std::make_unique<RecordingDatabase>(std::move(*open_sqlite(options())), statements_);
  }
  /// The steps of each statement that was run, and the statement itself.
  std::vector<std::pair<std::string, std::string>> plans() {
    std::vector<std::pair<std::string, std::string>> plans;
    auto database = open_sqlite(options());
    for (const std::string& statement : statements_) {
      const auto rows = (*database)->run("explain query plan " + statement);
      EXPECT_TRUE(rows) << statement << rows.error().text;
      std::string steps;
      for (const Row& row : *rows) steps += std::get<std::string>(row.back()) + "\n";
      plans.emplace_back(statement, steps);
    }
    return plans;
  }
  /// The plan of the one statement that holds these words.
  std::string plan_of(std::string_view words) {
    std::string found;
    for (const auto& [statement, steps] : plans()) {
      if (statement.find(words) != std::string::npos) found = steps;
    }
    EXPECT_NE(found, "") << words;
    return found;
  }

  std::vector<std::string> statements_;
  SqlRepository repository_{recording(), recording()};
};

/// Everything that a commit can do, on a case that is there.
void commit_all(Repository& repository) {
  Commit first = commit_of(queued_case("c"), "e1");
  first.outbox.push_back(message_of(first.next, "m", kMonday));
  must_commit(repository, first);
  const auto claim = repository.claim_outbox(kMonday, std::chrono::minutes(1));
  ASSERT_TRUE(claim && *claim);
  Case next = answered_case("c");
  next.version = first.next.version;
  next.audit = first.next.audit;
  Commit second = commit_of(next, "e2");
  second.completes = {OutboxId("m"), (*claim)->lease_token, OutboxState::sent};
  second.acts = {act_of(next, ActRole::expert)};
  must_commit(repository, second);
}

TEST_F(PlanTest, NoQuestionAboutCasesReadsAWholeTable) {
  commit_all(repository_);
  const auto none = repository_.claim_outbox(kMonday, std::chrono::minutes(1));
  ASSERT_TRUE(none && !*none);
  EXPECT_FALSE(repository_.complete_outbox({OutboxId("m"), "1", OutboxState::sent}));
  EXPECT_FALSE(repository_.postpone_outbox(OutboxId("m"), "1", kMonday, ""));
  ASSERT_TRUE(repository_.due_cases(kMonday, 10));
  ASSERT_TRUE(repository_.pool_load(ProgrammeId("p"), kMonday));
  ASSERT_TRUE(repository_.previous_contacts(UserId("u")));
  ASSERT_TRUE(repository_.open_cases_of(UserId("u")));
  ASSERT_TRUE(repository_.load_case(CaseId("c")));
  ASSERT_TRUE(repository_.find_event("e"));
  ASSERT_TRUE(repository_.audit_chain("c"));
  ASSERT_TRUE(repository_.case_figures(kMonday));
  ASSERT_TRUE(repository_.outbox_counts());
  for (const bool open_only : {false, true}) {
    CaseQuery query;
    query.open_only = open_only;
    query.programmes = {ProgrammeId("p"), ProgrammeId("q")};
    ASSERT_TRUE(repository_.cases(query));
    query.requester = UserId("u");
    ASSERT_TRUE(repository_.cases(query));
    query.expert = UserId("u");
    ASSERT_TRUE(repository_.cases(query));
    query.requester.reset();
    ASSERT_TRUE(repository_.cases(query));
  }
  ActQuery acts;
  acts.from_date = "2026-01-01";
  acts.to_date = "2026-01-31";
  ASSERT_TRUE(repository_.acts(acts));
  for (const auto& [statement, steps] : plans()) {
    // Lists also the tables that it would read to settle a broken reference; there never is one.
    if (statement.starts_with("insert into cases")) {
      EXPECT_THAT(steps, testing::Not(HasSubstr("SCAN events")));
      continue;
    }
    for (const char* table : {"cases", "listed", "other", "participants", "named_offers",
                              "pool_load", "outbox", "events", "audit", "acts", "counters"})
      EXPECT_THAT(steps, testing::Not(HasSubstr(std::string("SCAN ") + table))) << statement;
  }
}

TEST_F(PlanTest, WhatIsAskedMostIsAnsweredOutOfAnIndexInItsOrder) {
  ASSERT_TRUE(repository_.due_cases(kMonday, 10));
  const std::string due = plan_of("next_timer_at <=");
  EXPECT_EQ(due, "SEARCH cases USING COVERING INDEX cases_due (next_timer_at<?)\n");

  ASSERT_TRUE(repository_.claim_outbox(kMonday, std::chrono::minutes(1)));
  const std::string claim = plan_of("update outbox");
  EXPECT_THAT(claim, HasSubstr("outbox USING COVERING INDEX outbox_due"));
  EXPECT_THAT(claim, testing::Not(HasSubstr("TEMP B-TREE")));

  ASSERT_TRUE(repository_.pool_load(ProgrammeId("p"), kMonday));
  EXPECT_THAT(
      plan_of("day = $2"),
      HasSubstr(
          "SEARCH pool_load USING INDEX sqlite_autoindex_pool_load_1 (programme=? AND day=?)"));
  EXPECT_THAT(
      plan_of("from named_offers"),
      HasSubstr(
          "SEARCH pool_load USING INDEX sqlite_autoindex_pool_load_1 (programme=? AND day>?)"));
  EXPECT_THAT(plan_of("from named_offers"), HasSubstr("SEARCH named_offers USING COVERING INDEX"));
  EXPECT_THAT(plan_of("from named_offers"),
              HasSubstr("(programme=? AND offered_at>? AND offered_at<?)"));

  ASSERT_TRUE(repository_.open_cases_of(UserId("u")));
  EXPECT_EQ(plan_of("stake > 0"),
            "SEARCH participants USING COVERING INDEX participants_stake (person=?)\n");
  ASSERT_TRUE(repository_.previous_contacts(UserId("u")));
  EXPECT_THAT(plan_of("answered_by"),
              HasSubstr("SEARCH cases USING COVERING INDEX cases_contacts (requester=?"));
}

TEST_F(PlanTest, ListsOfCasesAreReadInTheirOrder) {
  CaseQuery of_expert;
  of_expert.expert = UserId("u");
  ASSERT_TRUE(repository_.cases(of_expert));
  EXPECT_THAT(plan_of("from participants"),
              HasSubstr("SEARCH listed USING COVERING INDEX participants_person "
                        "(person=? AND side=?)"));
  CaseQuery of_programme;
  of_programme.programmes = {ProgrammeId("p")};
  ASSERT_TRUE(repository_.cases(of_programme));
  EXPECT_THAT(plan_of("found_at from cases where programme"),
              HasSubstr("SEARCH cases USING COVERING INDEX cases_programme (programme=?)"));
  of_programme.open_only = true;
  ASSERT_TRUE(repository_.cases(of_programme));
  EXPECT_THAT(
      plan_of("is_open = 1"),
      HasSubstr("SEARCH cases USING COVERING INDEX cases_open (programme=? AND is_open=?)"));
  for (const auto& [statement, steps] : plans()) {
    // Only what was chosen is sorted, once: never the whole list.
    const std::size_t sorted = steps.find("TEMP B-TREE");
    EXPECT_EQ(steps.find("TEMP B-TREE", sorted + 1), std::string::npos) << statement << steps;
  }
}

TEST_F(PlanTest, NoQuestionAboutPeopleReadsAWholeTable) {
  ASSERT_TRUE(repository_.user_by_login("l"));
  ASSERT_TRUE(repository_.members(ProgrammeId("p"), Role::expert));
  ASSERT_TRUE(repository_.session("s"));
  ASSERT_TRUE(repository_.erase_expired_sessions(kMonday));
  for (const auto& [statement, steps] : plans()) {
    for (const char* table : {"users", "memberships", "sessions"})
      EXPECT_THAT(steps, testing::Not(HasSubstr(std::string("SCAN ") + table + "\n"))) << statement;
  }
}

// ---- crashes

/// Case "c" as it may stand after some whole number of the events e1, e2, ...
void expect_some_prefix(Repository& repository, std::int64_t least, std::int64_t most) {
  const auto found = repository.load_case(CaseId("c"));
  ASSERT_TRUE(found) << found.error().text;
  const Case subject = found->value_or(Case{});
  EXPECT_GE(subject.version, least);
  EXPECT_LE(subject.version, most);
  const auto chain = repository.audit_chain("c");
  ASSERT_TRUE(chain) << chain.error().text;
  EXPECT_EQ(verify_chain(*chain, subject.audit), 0);
  EXPECT_EQ(static_cast<std::int64_t>(chain->size()), subject.version);
  EXPECT_EQ(repository.outbox_counts()->at("pending"), subject.version);
  for (std::int64_t i = 1; i <= most; ++i)
    EXPECT_EQ(repository.find_event("e" + std::to_string(i))->has_value(), i <= subject.version);
}

Result<CommitResult> commit_next(Repository& repository) {
  const auto found = repository.load_case(CaseId("c"));
  if (!found) return tl::unexpected(found.error());
  Commit commit = commit_of(found->value_or(queued_case("c")),
                            "e" + std::to_string(found->value_or(Case{}).version + 1));
  commit.outbox.push_back(message_of(commit.next, "m-" + commit.event_id, kMonday));
  return repository.commit(commit);
}

TEST_F(SqliteTest, APowerCutAtAnyByteOfTheLogLeavesWholeCommits) {
  opened().reset();  // the schema is in the main file now
  constexpr std::int64_t kCommits = 6;
  const auto repository = opened();
  std::vector<std::uintmax_t> log_size_after = {0};
  fs::path log = file();
  log += "-wal";
  for (std::int64_t i = 0; i < kCommits; ++i) {
    ASSERT_TRUE(commit_next(*repository));
    log_size_after.push_back(fs::file_size(log));
  }
  const Bytes whole_log = file_bytes(log);
  const Bytes main = file_bytes(file());
  for (std::size_t cut = 0; cut <= whole_log.size(); cut += 2'741) {
    const TempFolder crashed;
    const fs::path copy = crashed.path() / "telavis.db";
    std::ofstream(copy, std::ios::binary) << as_text(main);
    std::ofstream(crashed.path() / "telavis.db-wal", std::ios::binary)
        << as_text(ByteView(whole_log).subspan(0, cut));
    // All that was reported to have been committed, if its bytes are there.
    std::int64_t reported = 0;
    while (reported < kCommits && log_size_after[static_cast<std::size_t>(reported) + 1] <= cut)
      ++reported;
    const auto reopened = open_sqlite_repository({copy, {}, {}});
    ASSERT_TRUE(reopened) << cut << reopened.error().text;
    expect_some_prefix(**reopened, reported, kCommits);
    ASSERT_TRUE(commit_next(**reopened));
  }
}

TEST_F(SqliteTest, AKilledProcessLosesNothingThatItReported) {
  opened().reset();
  for (const int kill_after : {1, 3, 10}) {
    int reports[2] = {-1, -1};
    ASSERT_EQ(::pipe(reports), 0);
    const auto before = opened()->load_case(CaseId("c"))->value_or(Case{}).version;
    const pid_t child = ::fork();
    if (child == 0) {
      auto repository = open_sqlite_repository(options());
      while (repository && commit_next(**repository) && ::write(reports[1], "c", 1) == 1) {
      }
      ::_exit(1);
    }
    ::close(reports[1]);
    char report = 0;
    for (int i = 0; i < kill_after; ++i) ASSERT_EQ(::read(reports[0], &report, 1), 1);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    std::int64_t reported = kill_after;
    while (::read(reports[0], &report, 1) == 1) ++reported;
    ::close(reports[0]);
    // The commit under way may be there too: its answer was lost, not its work.
    expect_some_prefix(*opened(), before + reported, before + reported + 1);
  }
}

TEST_F(SqliteTest, EveryStepIsThereForAnotherProcessAtOnce) {
  for (std::int64_t version = 1; version <= 5; ++version) {
    ASSERT_TRUE(commit_next(*opened()));
    expect_some_prefix(*opened(), version, version);
  }
}

/// Commits until the disk is full, in a child process: 0 when that was told as it is and all that
/// was reported is there.
int commit_until_full(const SqliteOptions& options) {
  auto repository = open_sqlite_repository(options);
  if (!repository) return 1;
  Result<CommitResult> result = commit_next(**repository);
  std::int64_t committed = 0;
  for (; result && committed < 1000; ++committed) result = commit_next(**repository);
  if (committed == 0 || result) return 2;
  if (result.error().code != ErrorCode::storage_full) return 3;
  expect_some_prefix(**repository, committed, committed);
  repository->reset();
  repository = open_sqlite_repository(options);
  if (!repository) return 4;
  expect_some_prefix(**repository, committed, committed);
  return testing::Test::HasFailure() ? 5 : 0;
}

TEST_F(SqliteTest, AFullDiskRefusesCommitsAndHurtsNothing) {
  const int answer = run_in_child([&] {
    return mount_small_disk(folder_.path(), 1000) ? commit_until_full(options()) : kCannotMount;
  });
  if (answer == kCannotMount) GTEST_SKIP() << "skipped: mounting a small disk needs root";
  EXPECT_EQ(answer, 0);
}

/// In a child process, on a disk that is made read-only under an open database: 0 when that is told
/// and passes when it is mounted for writing again.
int commit_read_only(const fs::path& mounted, const SqliteOptions& options) {
  auto repository = open_sqlite_repository(options);
  if (!repository || !commit_next(**repository)) return 1;
  const auto remount = [&](unsigned long flags) {
    return ::mount("none", mounted.c_str(), nullptr, MS_REMOUNT | flags, nullptr) == 0;
  };
  repository->reset();
  if (!remount(MS_RDONLY)) return 2;
  const auto refused = open_sqlite_repository(options);
  if (refused || refused.error().code != ErrorCode::storage_failed) return 3;
  EXPECT_THAT(refused.error().text, HasSubstr("read-only"));
  if (!remount(0)) return 5;
  repository = open_sqlite_repository(options);
  if (!repository || !commit_next(**repository)) return 6;
  expect_some_prefix(**repository, 2, 2);
  return testing::Test::HasFailure() ? 7 : 0;
}

TEST_F(SqliteTest, AReadOnlyDiskIsToldAndPasses) {
  const int answer = run_in_child([&] {
    return mount_small_disk(folder_.path(), 4000) ? commit_read_only(folder_.path(), options())
                                                  : kCannotMount;
  });
  if (answer == kCannotMount) GTEST_SKIP() << "skipped: mounting a small disk needs root";
  EXPECT_EQ(answer, 0);
}

// ---- what was erased

std::size_t occurrences(const Bytes& in, const Bytes& of) {
  std::size_t count = 0;
  for (auto at = in.begin(); (at = std::search(at, in.end(), of.begin(), of.end())) != in.end();
       ++at)
    ++count;
  return count;
}

TEST_F(SqliteTest, ADestroyedKeyIsInNoFileAnyMore) {
  const Bytes key(48, 0xE7);
  const auto repository = opened();
  std::vector<Case> cases;
  for (int i = 0; i < 60; ++i) {
    Case subject = queued_case("c" + std::to_string(i));
    subject.wrapped_key = key;
    must_commit(*repository, commit_of(subject, "e" + std::to_string(i)));
    cases.push_back(loaded(*repository, subject.id));
  }
  for (Case& one : cases) {  // longer rows move to other pages
    one.sealed_request = Bytes(5000, 0x11);
    const Commit longer = commit_of(one, "longer-" + one.id.value);
    must_commit(*repository, longer);
    one = longer.next;
  }
  fs::path log = file();
  log += "-wal";
  EXPECT_GT(occurrences(file_bytes(file()), key) + occurrences(file_bytes(log), key), 60U);
  for (Case& one : cases) {
    one.wrapped_key.clear();
    must_commit(*repository, commit_of(one, "erase-" + one.id.value));
  }
  EXPECT_EQ(occurrences(file_bytes(file()), key), 0U);
  EXPECT_EQ(occurrences(file_bytes(log), key), 0U);
}

TEST_F(SqliteTest, TheLogOfAnErasureIsEmptiedOnceItsReaderIsGone) {
  const Bytes key(48, 0xE7);
  const auto repository = opened();
  Case subject = queued_case("c");
  subject.wrapped_key = key;
  Commit first = commit_of(subject, "e1");
  must_commit(*repository, first);
  auto other = open_sqlite(options());
  ASSERT_TRUE((*other)->run("begin"));
  ASSERT_TRUE((*other)->run("select count(*) from cases"));
  first.next.wrapped_key.clear();
  must_commit(*repository, commit_of(first.next, "erase"));
  fs::path log = file();
  log += "-wal";
  EXPECT_GT(occurrences(file_bytes(log), key), 0U);  // it reads what was before
  ASSERT_TRUE((*other)->run("commit"));
  must_commit(*repository, commit_of(queued_case("d"), "e2"));
  EXPECT_EQ(occurrences(file_bytes(log), key) + occurrences(file_bytes(file()), key), 0U);
}

TEST_F(SqliteTest, EveryConnectionIsSetToLoseNothing) {
  for (int i = 0; i < 2; ++i) {  // a new file, then one that exists
    auto database = open_sqlite(options());
    ASSERT_TRUE(database) << database.error().text;
    const auto setting = [&](const std::string& name) {
      return (*database)->run("pragma " + name)->front().front();
    };
    EXPECT_EQ(setting("journal_mode"), Cell(std::string("wal")));
    EXPECT_EQ(setting("synchronous"), Cell(std::int64_t{2}));  // full
    EXPECT_EQ(setting("foreign_keys"), Cell(std::int64_t{1}));
    EXPECT_EQ(setting("secure_delete"), Cell(std::int64_t{1}));
    EXPECT_EQ(setting("application_id"), Cell(std::int64_t{0x54454C56}));
  }
}

}  // namespace
}  // namespace telavis::test
