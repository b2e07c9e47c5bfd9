// SPDX-License-Identifier: Apache-2.0
// Every figure about an association's activity, from rows without identities: one list of
// definitions for pages, exports and the yearly report (docs/figures.md). Each figure has a label
// "figures.<id>" and a definition "figures.<id>.about" in the catalogue.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/ports.h"
#include "formats/result.h"

namespace telavis {

enum class FigureKind {
  count,      // how many
  share,      // `count` of `of`
  hours,      // median and P90 of `count` delays, in hours
  per_month,  // median and P90 over `count` requesters, a calendar month
};
std::string_view figure_kind_name(FigureKind kind);

struct Figure {
  std::string_view id;
  FigureKind kind = FigureKind::count;
  std::int64_t count = 0;
  std::int64_t of = 0;                // of a share: its denominator
  std::optional<double> median, p90;  // of a spread; none of no value
  bool masked = false;                // too few to be told outside: no number is given

  /// Of a share with a denominator: 0..1.
  std::optional<double> fraction() const;
};

/// How an answer in codes is spread: "figures.<id>", and "<words>.<code>" for each code.
struct Distribution {
  struct Entry {
    std::string code;
    std::int64_t count = 0;
    bool masked = false;
  };
  std::string_view id;
  std::string_view words;
  std::int64_t of = 0;
  std::vector<Entry> entries;  // every known code, then others that occurred
  bool masked = false;         // `of` as well
};

/// The figures of a part: a month, a territory, a programme.
struct FigureGroup {
  std::string key;    // "2026-01", "971", id of a programme
  std::string label;  // for readers
  std::vector<Figure> figures;
};

struct FigureQuestion {
  std::vector<ProgrammeId> programmes;
  std::string from, to;  // local dates of the request, both included
  Language language = Language::french;
};

struct FigureReport {
  FigureQuestion question;
  std::vector<std::string> programme_names;
  std::vector<Figure> figures;
  std::vector<Distribution> distributions;
  std::vector<FigureGroup> months;       // every month of the period
  std::vector<FigureGroup> territories;  // of requesters, as on file today; "" where none is
  std::vector<FigureGroup> programmes;
  bool outside = false;  // masked
};

/// Counts rows: the definitions themselves.
class FigureTally {
 public:
  void add(const CaseRow& row, Instant now);
  /// In the order in which they are shown. `months`: calendar months that the period touches.
  std::vector<Figure> figures(int months) const;
  std::vector<Distribution> distributions() const;

 private:
  void add_answer(const CaseRow& row);
  void add_codes(const CaseRow& row, const OpinionCodes& codes);

  struct Ratio {
    std::int64_t count = 0, of = 0;
    void add(bool counts) {
      ++of;
      count += counts ? 1 : 0;
    }
  };
  using Codes = std::map<std::string, std::int64_t>;

  std::int64_t requests_ = 0, incomplete_ = 0, cancelled_ = 0;
  Ratio redirected_, answered_, within_48h_, within_promise_, declined_;
  Ratio in_person_, insufficient_, urgent_, malignant_, abnormal_ecg_, agreement_;
  std::set<UserId> requesters_, experts_;
  std::vector<std::int64_t> delays_ms_;
  std::map<UserId, std::int64_t> ecgs_;  // by requester
  Codes declines_, orientations_, suspicions_, tracings_, photo_quality_, ecg_quality_, agreements_;
};

/// Errors: invalid_field (no programme, a date that does not exist, the end before the beginning,
/// over kMostFigureMonths), not_found (programme), those of storage.
inline constexpr int kMostFigureMonths = 120;  // ten years: what a chart still shows
Result<FigureReport> figures_of(Repository& repository, const FigureQuestion& question,
                                Instant now);

/// Fewer are masked outside the association, as statistical offices do: somebody who knows the
/// place could tell who they are.
inline constexpr std::int64_t kLeastTold = 5;
/// As it may leave: numbers from 1 to 4 are masked, shares that such a number can be worked out
/// from, medians of fewer than 5 values; where one part alone is masked, the next smallest one too,
/// so that a total does not give it away.
FigureReport for_outside(FigureReport report);

}  // namespace telavis
