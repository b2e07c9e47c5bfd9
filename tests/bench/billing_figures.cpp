// SPDX-License-Identifier: Apache-2.0
// Seconds and peak memory of exports: billing_figures [COUNT], a million acts unless told
// otherwise. Each export runs in a process of its own.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "engine/billing/act_records.h"
#include "engine/billing/acts.h"
#include "engine/billing/eligibility.h"
#include "engine/billing/fec.h"
#include "engine/billing/sepa.h"

namespace telavis {
namespace {

using Steady = std::chrono::steady_clock;

/// A year's act of a region, without a million of them in memory.
class MadeActs {
 public:
  explicit MadeActs(std::int64_t count) : count_(count) {
    professional_.rpps = "10001234565";
    professional_.title = "Dr";
    professional_.family_name = "D'Été";
    programme_.name_fr = "Rythmologie";
    programme_.time_zone = "America/Guadeloupe";
  }
  Walk<ActRecord> walk() const {
    return [this](const auto& take) -> Result<void> {
      ActRow row;
      row.programme = ProgrammeId("rythmologie-guadeloupe");
      row.act.code = "TE2";
      row.act.professional = UserId("u-expert");
      row.act.care_date = "2026-01-06";
      row.act.tariff_zone = "DROM";
      row.act.tariff_id = "TE2-2026-DROM";
      row.act.amount_cents = 2760;
      row.act.rules = "cap\tmet\tknown=1\tmost=4\n";
      for (std::int64_t i = 0; i < count_; ++i) {
        row.case_number = fmt::format("TE-2026-{:08}", i);
        row.submitted_at = parse_instant("2026-01-05T10:00:00Z").value() + Duration(i * 1'000);
        row.signed_at = row.submitted_at + std::chrono::hours(21);
        if (auto taken = take(ActRecord{row, professional_, programme_}); !taken) return taken;
      }
      return {};
    };
  }

 private:
  std::int64_t count_;
  User professional_;
  Programme programme_;
};

/// Forgets the bytes and counts them.
ByteSink counting(std::size_t& bytes) {
  return [&bytes](std::string_view chunk) -> Result<void> {
    bytes += chunk.size();
    return {};
  };
}

bool write_table(TableFormat format, std::int64_t count, std::size_t& bytes) {
  auto table = open_table(format, billing_columns(), counting(bytes));
  if (!table) return false;
  const MadeActs acts(count);
  const auto written = acts.walk()([&](const ActRecord& one) -> Result<void> {
    const ActRow& row = one.row;
    const std::array<TableCell, 16> cells = {
        std::string_view(row.case_number),
        ZonedInstant{row.submitted_at, one.programme.time_zone},
        ZonedInstant{row.signed_at, one.programme.time_zone},
        21.0,
        std::string_view(row.act.code),
        std::string_view("requis"),
        std::string_view(one.professional.rpps),
        std::string_view("Dr D'Été"),
        std::string_view(one.programme.name_fr),
        std::string_view(row.act.tariff_zone),
        std::string_view(row.act.care_date),
        row.act.amount_cents,
        std::string_view("OUI"),
        std::string_view(""),
        std::string_view(row.act.payer),
        std::string_view(row.act.tariff_id)};
    return (*table)->row(cells);
  });
  return written && (*table)->finish();
}

bool write_payments(std::int64_t count, std::size_t& bytes) {
  SepaBatch batch{
      "BENCH", Instant{}, {"Association", "FR7630006000011234567890189", ""}, "", "2026-04-20"};
  const Walk<CreditTransfer> walk = [&](const auto& take) -> Result<void> {
    CreditTransfer one{"", {"Dr D'Été", "FR1420041010050500013M02606", ""}, 2760, "Acte TE2"};
    for (std::int64_t i = 0; i < count; ++i) {
      one.end_to_end_id = fmt::format("ACT-{:08}", i);
      if (auto taken = take(one); !taken) return taken;
    }
    return {};
  };
  return write_credit_transfers(batch, walk, counting(bytes)).has_value();
}

bool write_entries(std::int64_t count, std::size_t& bytes) {
  const Walk<FecLine> walk = [&](const auto& take) -> Result<void> {
    FecLine line;
    line.journal = "OD";
    line.journal_name = "Indemnités";
    line.entry_date = line.piece_date = line.validated_on = "2026-04-01";
    line.account_name = "Médecins";
    line.label = "Acte TE2";
    for (std::int64_t i = 1; i <= count; ++i) {
      line.entry = i;
      line.piece = fmt::format("ACTE-{:08}", i);
      line.account = "622600";
      line.debit_cents = 2760;
      line.credit_cents = 0;
      if (auto taken = take(line); !taken) return taken;
      line.account = "467100";
      std::swap(line.debit_cents, line.credit_cents);
      if (auto taken = take(line); !taken) return taken;
    }
    return {};
  };
  return write_fec(walk, counting(bytes)).has_value();
}

bool write_records(bool fhir, std::int64_t count, std::size_t& bytes) {
  const MadeActs acts(count);
  if (fhir) return write_fhir_bundle(acts.walk(), Instant{}, counting(bytes)).has_value();
  return acts
      .walk()([&](const ActRecord& one) -> Result<void> {
        const auto line = act_json_line(one);
        if (!line) return tl::unexpected(line.error());
        bytes += line->size();
        return {};
      })
      .has_value();
}

bool decide_all(std::int64_t count, std::size_t& bytes) {
  const TariffTable tables = TariffTable::embedded().value();
  ActFacts facts;
  facts.professional = UserId("e");
  facts.other = UserId("r");
  facts.profession = "medecin";
  facts.territory = "971";
  facts.known.resize(6);
  for (std::int64_t i = 0; i < count; ++i) {
    facts.signed_at = Instant(Duration(1'767'600'000'000 + i * 1'000));
    bytes += static_cast<std::size_t>(eligibility(tables, facts).cents);
  }
  return true;
}

void measure(const char* name, std::int64_t count, const auto& work) {
  // What is still unwritten would be written by the child once more.
  if (std::fflush(stdout) != 0) std::_Exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    std::size_t bytes = 0;
    const auto from = Steady::now();
    const bool done = work(count, bytes);
    const double seconds = std::chrono::duration<double>(Steady::now() - from).count();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print("{:<12} {:>8.2f} s {:>10.0f} /s {:>7.1f} MB out {:>6.1f} MB peak{}\n", name, seconds,
               static_cast<double>(count) / seconds, static_cast<double>(bytes) / 1e6,
               static_cast<double>(usage.ru_maxrss) / 1024, done ? "" : " FAILED");
    const bool told = std::fflush(stdout) == 0;
    std::_Exit(done && told ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
}

}  // namespace
}  // namespace telavis

int main(int argc, char** argv) {
  using namespace telavis;
  std::int64_t count = 1'000'000;
  if (argc > 1) std::from_chars(argv[1], argv[1] + std::string_view(argv[1]).size(), count);
  measure("eligibility", count, decide_all);
  measure("csv-fr", count, [](std::int64_t n, std::size_t& b) {
    return write_table(TableFormat::csv_french, n, b);
  });
  measure("csv", count,
          [](std::int64_t n, std::size_t& b) { return write_table(TableFormat::csv, n, b); });
  measure("xlsx", count,
          [](std::int64_t n, std::size_t& b) { return write_table(TableFormat::xlsx, n, b); });
  measure("pain.001", count, write_payments);
  measure("fec", count, write_entries);
  measure("json lines", count,
          [](std::int64_t n, std::size_t& b) { return write_records(false, n, b); });
  measure("fhir", count, [](std::int64_t n, std::size_t& b) { return write_records(true, n, b); });
  return 0;
}
