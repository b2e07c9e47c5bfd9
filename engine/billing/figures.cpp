// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/figures.h"

#include <algorithm>
#include <array>

namespace telavis {
namespace {

constexpr Duration kTwoDays = std::chrono::hours(48);
constexpr std::int64_t kMsPerMinuteOfDelay = 60'000;
constexpr double kMinutesPerHour = 60.0;

/// The middle value; of an even number, the mean of the two in the middle.
double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// Nearest rank: the smallest value that at least nine of ten do not exceed.
double p90_of(std::vector<double>& values) {
  const std::size_t rank = (values.size() * 9 + 9) / 10;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

Figure spread(std::string_view id, FigureKind kind, std::vector<double> values) {
  Figure figure{id, kind, static_cast<std::int64_t>(values.size()), 0, {}, {}, false};
  if (values.empty()) return figure;
  figure.median = median_of(values);
  figure.p90 = p90_of(values);
  return figure;
}

Distribution distribution(std::string_view id, std::string_view words,
                          std::initializer_list<const char*> known,
                          std::map<std::string, std::int64_t> counts) {
  Distribution made{id, words, 0, {}, false};
  for (const auto& [code, count] : counts) made.of += count;
  for (const char* code : known) {
    made.entries.push_back({code, counts[code], false});
    counts.erase(code);
  }
  for (const auto& [code, count] : counts) made.entries.push_back({code, count, false});
  return made;
}

bool is_too_small(std::int64_t count) {
  return count > 0 && count < kLeastTold;
}

/// What opinions say of patients: there the few others are as easily known as the few.
constexpr std::array<std::string_view, 6> kOfOpinions = {
    "in_person", "urgent", "malignant", "abnormal_ecg", "insufficient", "agreement"};

bool tells_too_much(const Figure& figure) {
  const bool small = is_too_small(figure.count);
  if (figure.kind != FigureKind::share) return small;
  const bool of_opinions =
      std::find(kOfOpinions.begin(), kOfOpinions.end(), figure.id) != kOfOpinions.end();
  return small || is_too_small(figure.of) ||
         (of_opinions && is_too_small(figure.of - figure.count));
}

void mask(Figure& figure) {
  figure.masked = true;
  figure.count = 0;
  figure.of = 0;
  figure.median.reset();
  figure.p90.reset();
}

/// Where one of several parts is masked, the next smallest one is too.
template <typename Part, typename IsMasked, typename CountOf, typename Mask>
void mask_with_another(std::vector<Part>& parts, IsMasked is_masked, CountOf count_of,
                       Mask mask_part) {
  if (std::count_if(parts.begin(), parts.end(), is_masked) != 1) return;
  Part* smallest = nullptr;
  for (Part& part : parts) {
    if (is_masked(part) || count_of(part) == 0) continue;
    if (smallest == nullptr || count_of(part) < count_of(*smallest)) smallest = &part;
  }
  if (smallest != nullptr) mask_part(*smallest);
}

void mask(Distribution& shown) {
  using Entry = Distribution::Entry;
  const auto mask_entry = [](Entry& entry) {
    entry.masked = true;
    entry.count = 0;
  };
  if (is_too_small(shown.of)) {
    shown.masked = true;
    shown.of = 0;
    for (Entry& entry : shown.entries) mask_entry(entry);
    return;
  }
  for (Entry& entry : shown.entries) {
    if (is_too_small(entry.count)) mask_entry(entry);
  }
  mask_with_another(
      shown.entries, [](const Entry& entry) { return entry.masked; },
      [](const Entry& entry) { return entry.count; }, mask_entry);
}

void mask(std::vector<FigureGroup>& groups) {
  for (FigureGroup& group : groups) {
    for (Figure& figure : group.figures) {
      if (tells_too_much(figure)) mask(figure);
    }
  }
  if (groups.empty()) return;
  for (std::size_t i = 0; i < groups.front().figures.size(); ++i) {
    mask_with_another(
        groups, [i](const FigureGroup& group) { return group.figures[i].masked; },
        [i](const FigureGroup& group) { return group.figures[i].count; },
        [i](FigureGroup& group) { mask(group.figures[i]); });
  }
}

}  // namespace

std::string_view figure_kind_name(FigureKind kind) {
  switch (kind) {
    case FigureKind::count:
      return "count";
    case FigureKind::share:
      return "share";
    case FigureKind::hours:
      return "hours";
    case FigureKind::per_month:
      return "per_month";
  }
  return "";
}

std::optional<double> Figure::fraction() const {
  if (kind != FigureKind::share || masked || of == 0) return std::nullopt;
  return static_cast<double>(count) / static_cast<double>(of);
}

void FigureTally::add(const CaseRow& row, Instant now) {
  if (row.completed_at || row.redirected) redirected_.add(row.redirected);
  if (!row.completed_at) {
    if (!row.redirected) ++incomplete_;
    return;
  }
  ++requests_;
  requesters_.insert(row.requester);
  std::int64_t& ecgs = ecgs_[row.requester];
  if (row.has_ecg) ++ecgs;
  declined_.of += row.offers;
  declined_.count += static_cast<std::int64_t>(row.declines.size());
  for (const std::string& reason : row.declines) ++declines_[reason];
  answered_.add(row.answered_at.has_value());
  if (row.answered_at) return add_answer(row);
  if (row.state == CaseState::cancelled) {
    ++cancelled_;
    return;
  }
  // Nobody has answered yet: late once the time is over, and neither before.
  if (now - *row.completed_at > kTwoDays) within_48h_.add(false);
  if (now > *row.breach_at) within_promise_.add(false);
}

void FigureTally::add_answer(const CaseRow& row) {
  const Duration delay = *row.answered_at - *row.completed_at;
  delays_ms_.push_back(delay.count());
  within_48h_.add(delay <= kTwoDays);
  within_promise_.add(*row.answered_at <= *row.breach_at);
  if (row.answered_by) experts_.insert(*row.answered_by);
  if (row.codes) add_codes(row, *row.codes);
}

void FigureTally::add_codes(const CaseRow& row, const OpinionCodes& codes) {
  if (!codes.orientation.empty()) {
    in_person_.add(codes.in_person || codes.orientation == "in_person");
    urgent_.add(row.urgent);
    insufficient_.add(!codes.data_sufficient);
    ++orientations_[codes.orientation];
  }
  if (!codes.suspicion.empty()) {
    malignant_.add(codes.suspicion == "malignant_suspected");
    ++suspicions_[codes.suspicion];
  }
  if (!codes.tracing.empty()) {
    abnormal_ecg_.add(codes.tracing != "normal");
    ++tracings_[codes.tracing];
  }
  if (!codes.media_quality.empty()) {
    if (row.has_photo) ++photo_quality_[codes.media_quality];
    if (row.has_ecg) ++ecg_quality_[codes.media_quality];
  }
  // Without a reading of the requester there is nothing to agree with.
  if (!codes.agreement.empty() && codes.agreement != "not_given") {
    agreement_.add(codes.agreement == "full");
    ++agreements_[codes.agreement];
  }
}

std::vector<Figure> FigureTally::figures(int months) const {
  const auto count = [](std::string_view id, std::size_t how_many) {
    return Figure{id, FigureKind::count, static_cast<std::int64_t>(how_many), 0, {}, {}, false};
  };
  const auto share = [](std::string_view id, const Ratio& ratio) {
    return Figure{id, FigureKind::share, ratio.count, ratio.of, {}, {}, false};
  };
  std::vector<double> hours;
  hours.reserve(delays_ms_.size());
  // By the minute: what is shown is a tenth of an hour.
  for (const std::int64_t delay : delays_ms_) {
    const std::int64_t minutes = delay / kMsPerMinuteOfDelay;
    hours.push_back(static_cast<double>(minutes) / kMinutesPerHour);
  }
  std::vector<double> ecgs;
  for (const auto& [requester, asked] : ecgs_) {
    if (asked > 0) ecgs.push_back(static_cast<double>(asked) / months);
  }
  return {count("requests", static_cast<std::size_t>(requests_)),
          count("requesters", requesters_.size()),
          count("experts", experts_.size()),
          share("answered", answered_),
          spread("delay", FigureKind::hours, std::move(hours)),
          share("within_48h", within_48h_),
          share("within_promise", within_promise_),
          share("declined", declined_),
          count("cancelled", static_cast<std::size_t>(cancelled_)),
          share("redirected", redirected_),
          count("incomplete", static_cast<std::size_t>(incomplete_)),
          share("in_person", in_person_),
          share("urgent", urgent_),
          share("malignant", malignant_),
          share("abnormal_ecg", abnormal_ecg_),
          share("insufficient", insufficient_),
          share("agreement", agreement_),
          spread("ecg_per_month", FigureKind::per_month, std::move(ecgs))};
}

std::vector<Distribution> FigureTally::distributions() const {
  return {
      distribution("declines", "web.decline",
                   {"conflict_of_interest", "unavailable", "not_my_field", "other"}, declines_),
      distribution(
          "orientations", "orientation",
          {"gp_management", "other_specialty", "in_person", "repeat_recording", "emergency_15"},
          orientations_),
      distribution("suspicions", "suspicion",
                   {"none", "benign", "premalignant", "malignant_suspected"}, suspicions_),
      distribution("tracings", "tracing", {"normal", "doubtful", "abnormal"}, tracings_),
      distribution("photo_quality", "media_quality", {"good", "usable", "unusable"},
                   photo_quality_),
      distribution("ecg_quality", "media_quality", {"good", "usable", "unusable"}, ecg_quality_),
      distribution("agreements", "agreement", {"full", "partial", "none"}, agreements_)};
}

FigureReport for_outside(FigureReport report) {
  report.outside = true;
  for (Figure& figure : report.figures) {
    if (tells_too_much(figure)) mask(figure);
  }
  for (Distribution& shown : report.distributions) mask(shown);
  for (auto* groups : {&report.months, &report.territories, &report.programmes}) mask(*groups);
  return report;
}

}  // namespace telavis
