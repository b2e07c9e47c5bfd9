// SPDX-License-Identifier: Apache-2.0
// An exam that came apart from the request is never taken for this patient's without the doctor's
// word where anything speaks against it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/exam_tray.h"

namespace telavis {
namespace {

constexpr std::string_view kDiffers = "identity_differs";
constexpr std::string_view kNobody = "exam_without_identity";
constexpr std::string_view kOld = "exam_old";
constexpr std::chrono::days kRecent{7};
// A device's clock is its own, and its time zone often nobody's: a day on either side.
constexpr std::chrono::days kClockSlack{1};

bool names_nobody(const PatientIdentity& patient) {
  return patient.family_name.empty() && patient.given_name.empty() && patient.birth_date.empty();
}

/// By the day that the device wrote, read as UTC.
bool is_recent(const AcquiredAt& acquired, Instant now) {
  const auto midnight = parse_instant(acquired.local.substr(0, 10) + "T00:00:00Z");
  if (!midnight) return false;
  return *midnight >= now - kRecent - kClockSlack && *midnight <= now + kClockSlack;
}

Finding finding_of(std::string_view code) {
  if (code == kNobody) {
    return {std::string(kNobody), Severity::warning,
            "The file names no patient; the requester has confirmed that it is of this one."};
  }
  return {
      std::string(kOld), Severity::warning,
      "The exam is older than seven days, or of no known date; the requester has confirmed it."};
}

}  // namespace

std::vector<std::string> to_confirm(const ArchivedExam& exam, Instant now) {
  std::vector<std::string> codes;
  const Exam& read = exam.normalised.exam;
  const auto& findings = findings_of(read);
  if (std::ranges::any_of(findings, [](const Finding& one) { return one.code == kDiffers; }))
    codes.emplace_back(kDiffers);
  if (std::visit([](const auto& any) { return names_nobody(any.patient); }, read))
    codes.emplace_back(kNobody);
  if (!std::visit([&](const auto& any) { return is_recent(any.acquired_at, now); }, read))
    codes.emplace_back(kOld);
  return codes;
}

Result<void> check_confirmed(std::vector<ArchivedExam>& exams, const std::vector<TrayPick>& picks,
                             Instant now) {
  // Those of the tray stand behind the files that came with the request.
  std::size_t place = exams.size() - std::min(picks.size(), exams.size());
  for (std::size_t i = 0; i < picks.size() && place < exams.size(); ++i, ++place) {
    const auto asked = to_confirm(exams[place], now);
    std::string open;
    for (const std::string& code : asked) {
      if (std::ranges::find(picks[i].confirmed, code) == picks[i].confirmed.end())
        open += (open.empty() ? "" : ", ") + code;
    }
    if (!open.empty()) {
      return fail(ErrorCode::exam_unconfirmed,
                  fmt::format("'tray': exam {} needs your word ({}). Compare name, birth date, sex "
                              "and day with the patient, then send again with these codes under "
                              "'confirmed'.",
                              i + 1, open));
    }
    for (const std::string& code : asked) {
      if (code != kDiffers) findings_of(exams[place].normalised.exam).push_back(finding_of(code));
    }
  }
  return {};
}

}  // namespace telavis
