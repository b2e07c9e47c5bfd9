// SPDX-License-Identifier: Apache-2.0
// What is asked every few seconds, of a database of 1,000,000 open cases and a million sent
// messages; and what a case costs to write and to read. TMPDIR chooses the disk; it takes 2 GB.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "storage/case_record.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t kCases = 1'000'000;
constexpr std::int64_t kExperts = 400;
constexpr std::int64_t kRequesters = 10'000;
constexpr Instant kNow = Instant(Duration(1'767'600'000'000));

/// An accepted case as most are: one exam, one expert who declined, one who has it.
Case accepted_case() {
  Case subject;
  subject.id = CaseId("abcdefghijklmnopqrstuvwxyz");
  subject.number = "TE-2026-7K3M9Q";
  subject.version = 4;
  subject.state = CaseState::accepted;
  subject.programme = ProgrammeId("rythmologie");
  subject.requester = UserId("requesterrequesterrequeste");
  subject.expert = UserId("expertexpertexpertexpertex");
  subject.offers = {
      {UserId("otherotherotherotherothero"), kNow, kNow + hours(4), OfferOutcome::declined,
       "leave"},
      {*subject.expert, kNow + hours(1), kNow + hours(5), OfferOutcome::accepted, ""}};
  subject.exams = {{"ecg", "SCP-ECG", "12 x 10.0 s", {"lead_off", "mains_noise"}}};
  subject.plan.time_zone = "America/Guadeloupe";
  subject.submitted_at = kNow;
  subject.promise = promise_of(subject.plan, kNow);
  subject.breach_alert_at = subject.promise->breach_at;
  subject.hold_until = subject.promise->take_back_at;
  subject.audit = {9, std::string(64, 'a')};
  subject.wrapped_key = Bytes(72, 1);
  subject.sealed_request = Bytes(3'000, 2);
  subject.exam_blobs = {BlobRef("abcdefghijklmnopqrstuvwxyz-exams-1")};
  return subject;
}

/// `items` pieces of dialogue of some 200 words, sealed.
Case with_dialogue(std::int64_t items) {
  constexpr std::size_t kSealedBytes = 1'200;
  Case subject = accepted_case();
  for (std::int64_t i = 0; i < items; ++i)
    subject.dialogue.push_back({i % 2 == 0 ? DialogueKind::need_info : DialogueKind::info,
                                subject.requester, kNow + minutes(i), Bytes(kSealedBytes, 7)});
  return subject;
}

Row row_of(const Case& subject) {
  return {subject.id.value,        subject.number,
          subject.version,         std::string(case_state_name(subject.state)),
          subject.programme.value, subject.requester.value,
          subject.expert->value,   to_epoch_ms(subject.submitted_at),
          subject.audit.length,    subject.audit.hash,
          case_body(subject),      subject.wrapped_key,
          subject.sealed_request,  subject.sealed_opinion};
}

void case_written(benchmark::State& state) {
  const Case subject = with_dialogue(state.range(0));
  for ([[maybe_unused]] auto step : state) benchmark::DoNotOptimize(case_body(subject));
  state.counters["body_bytes"] = static_cast<double>(case_body(subject).size());
}
BENCHMARK(case_written)->Arg(0)->Arg(20)->Unit(benchmark::kMicrosecond);

void case_read(benchmark::State& state) {
  const Row row = row_of(with_dialogue(state.range(0)));
  for ([[maybe_unused]] auto step : state) {
    if (!read_case(row)) state.SkipWithError("refused");
  }
}
BENCHMARK(case_read)->Arg(0)->Arg(20)->Unit(benchmark::kMicrosecond);

/// Open cases made by the database itself: their bodies are real, their sealed parts short.
class Million {
 public:
  Million() {
    std::string name = fs::temp_directory_path() / "telavis-sweep-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    repository_ = std::move(*open_sqlite_repository(options()));
    database_ = std::move(*open_sqlite(options()));
    fill();
  }
  ~Million() {
    repository_.reset();
    database_.reset();
    std::error_code error;
    fs::remove_all(folder_, error);
  }
  Million(const Million&) = delete;
  Million& operator=(const Million&) = delete;

  Repository& repository() { return *repository_; }
  /// Makes the timers of the first `due` cases stand before `kNow`, all others after it.
  void make_due(std::int64_t due) {
    must("update cases set next_timer_at = next_timer_at + 100000000 where next_timer_at <= $1",
         {value(kNow)});
    must("update cases set next_timer_at = $1 - rowid where rowid <= $2", {value(kNow), due});
  }
  std::string plan_of(const std::string& sql) {
    const auto rows = database_->run("explain query plan " + sql);
    std::string plan;
    for (const Row& row : *rows)
      plan += (plan.empty() ? "" : "; ") + std::get<std::string>(row.back());
    return plan;
  }

 private:
  SqliteOptions options() const { return {folder_ / "telavis.db", {}}; }
  void must(const std::string& sql, std::initializer_list<Value> values = {}) {
    const auto rows = database_->run(sql, values);
    if (rows) return;
    fmt::print(stderr, "{}\n", rows.error().text);
    std::abort();
  }
  void fill() {
    const Case subject = accepted_case();
    const std::string body = case_body(subject);
    const std::string numbers =
        "with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < " +
        std::to_string(kCases) + ") ";
    if (!database_->begin()) std::abort();
    // Promises over four days, half a day of them broken; timers from one minute to two days off.
    must(
        numbers +
            "insert into cases (id, number, version, state, is_open, programme, requester, expert, "
            "answered_by, submitted_at, breach_at, offers, declines, breached, next_timer_kind, "
            "next_timer_at, audit_length, audit_hash, body, wrapped_key, sealed_request, "
            "sealed_opinion) select 'case-' || i, 'TE-2026-' || i, 4, 'accepted', 1, "
            "'programme-' || (i % 4), 'gp-' || (i % $2), 'expert-' || (i % $3), null, $1 - i, "
            "$1 + (i % 5760) * 60000 - 43200000, 2, 1, 0, 'take_back', "
            "$1 + 60000 + (i * 7919) % 172800000, 9, $4, $5, x'00', x'00', x'' from n",
        {value(kNow), kRequesters, kExperts, std::string_view(subject.audit.hash),
         std::string_view(body)});
    must(
        "insert into participants select id, requester, 'requester', 0, programme, submitted_at "
        "from cases");
    must(
        "insert into participants select id, expert, 'expert', 2, programme, submitted_at "
        "from cases");
    must("insert into named_offers select programme, submitted_at, expert, id, 1 from cases");
    must(
        "insert into pool_load select programme, submitted_at / 86400000, expert, count(*) "
        "from cases group by 1, 2, 3");
    must("insert into pool_load select programme, -1, expert, count(*) from cases group by 1, 3");
    must(
        "insert into counters select programme, 'state.' || state, count(*) from cases "
        "group by programme, state");
    must(
        "insert into open_promises select programme, breach_at / 60000, count(*) from cases "
        "where is_open = 1 group by programme, breach_at / 60000");
    must(numbers +
         "insert into outbox select 'mail-' || i, 'case-' || i, 'invitation', 'a', 'b', i, i, "
         "'sent', 0, i, 1, 0, '', x'00' from n");
    must("insert into counters values ('', 'outbox.sent', $1)", {kCases});
    if (!database_->commit()) std::abort();
  }

  fs::path folder_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<Database> database_;
};

Million& million() {
  static Million one;
  return one;
}

void sweep(benchmark::State& state) {
  million().make_due(state.range(0));
  for ([[maybe_unused]] auto step : state) {
    const auto due = million().repository().due_cases(kNow, 1'000);
    if (!due || static_cast<std::int64_t>(due->size()) != state.range(0))
      state.SkipWithError("refused");
  }
  state.SetLabel(million().plan_of(
      "select id, next_timer_kind, next_timer_at from cases where next_timer_at <= $1 order by "
      "next_timer_at, id limit $2"));
}
BENCHMARK(sweep)->Arg(0)->Arg(1'000)->Unit(benchmark::kMicrosecond);

template <typename Ask>
void ask(benchmark::State& state, Ask question) {
  million();
  for ([[maybe_unused]] auto step : state) {
    if (!question(million().repository())) state.SkipWithError("refused");
  }
}

void metrics(benchmark::State& state) {
  ask(state, [](Repository& repository) {
    return repository.case_figures(kNow) && repository.outbox_counts();
  });
}
BENCHMARK(metrics)->Unit(benchmark::kMicrosecond);

void nothing_to_send(benchmark::State& state) {
  ask(state,
      [](Repository& repository) { return repository.claim_outbox(kNow, minutes(1)).has_value(); });
}
BENCHMARK(nothing_to_send)->Unit(benchmark::kMicrosecond);

void newest_cases_of_an_expert(benchmark::State& state) {
  CaseQuery query;
  query.expert = UserId("expert-7");
  query.open_only = true;
  ask(state, [&](Repository& repository) { return repository.cases(query).has_value(); });
}
BENCHMARK(newest_cases_of_an_expert)->Unit(benchmark::kMicrosecond);

void newest_cases_of_two_programmes(benchmark::State& state) {
  CaseQuery query;
  query.programmes = {ProgrammeId("programme-1"), ProgrammeId("programme-2")};
  query.open_only = true;
  ask(state, [&](Repository& repository) { return repository.cases(query).has_value(); });
}
BENCHMARK(newest_cases_of_two_programmes)->Unit(benchmark::kMicrosecond);

void contacts_of_a_requester(benchmark::State& state) {
  ask(state, [](Repository& repository) {
    return repository.previous_contacts(UserId("gp-7")).has_value();
  });
}
BENCHMARK(contacts_of_a_requester)->Unit(benchmark::kMicrosecond);

/// 250,000 open cases of one programme: no pool will ever have so many.
void load_of_a_pool(benchmark::State& state) {
  ask(state, [](Repository& repository) {
    return repository.pool_load(ProgrammeId("programme-1"), kNow - hours(24 * 30)).has_value();
  });
}
BENCHMARK(load_of_a_pool)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace telavis
