// SPDX-License-Identifier: Apache-2.0
#include "engine/core/report_copies.h"

#include <algorithm>
#include <string>

#include "engine/core/mail_address.h"
#include "formats/identity.h"

namespace telavis {
namespace {

constexpr std::string_view kAroundNames = " \t\n,;:<>()\"";

bool sends_to(const Programme& programme, std::string_view whom) {
  return std::ranges::find(programme.report_copies, whom) != programme.report_copies.end();
}

bool stand_in(const std::vector<std::string>& words, const std::vector<std::string>& all) {
  return !words.empty() && std::ranges::all_of(words, [&](const std::string& word) {
    return std::ranges::find(all, word) != all.end();
  });
}

}  // namespace

std::vector<CopyTo> report_copies(const ReportCopying& copying) {
  const CaseRequest& request = copying.request;
  std::vector<CopyTo> copies;
  std::vector<std::string_view> reached = {copying.requester.mail_address};
  const auto doctor = [&](CopyTo to, std::string_view address, bool wanted) {
    const bool again = std::ranges::any_of(
        reached, [&](std::string_view other) { return same_address(other, address); });
    if (!wanted || address.empty() || again) return;
    reached.push_back(address);
    copies.push_back(to);
  };
  doctor(CopyTo::expert, copying.expert.mail_address, copying.programme.by_mail);
  doctor(CopyTo::attending_physician, request.attending_physician.address,
         sends_to(copying.programme, "attending_physician") &&
             !request.oppositions.attending_physician);
  doctor(CopyTo::acting_doctor, request.acting_doctor.address, true);
  const bool citizen = sends_to(copying.programme, "citizen_mailbox") &&
                       !request.oppositions.citizen_mailbox && request.patient_informed;
  if (citizen && copying.citizen_box) copies.push_back(CopyTo::citizen);
  return copies;
}

NamedDoctor named_doctor(std::string_view words, const std::vector<User>& known) {
  NamedDoctor doctor{std::string(words), {}};
  for (std::size_t at = 0; at < words.size() && doctor.address.empty();) {
    const std::size_t begin = words.find_first_not_of(kAroundNames, at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(words.find_first_of(kAroundNames, begin), words.size());
    const std::string_view word = words.substr(begin, end - begin);
    if (is_address(word)) {
      doctor.address = word;
      doctor.name = std::string(words.substr(0, begin)) + std::string(words.substr(end));
    }
    at = end;
  }
  const std::size_t first = doctor.name.find_first_not_of(kAroundNames);
  const std::size_t last = doctor.name.find_last_not_of(kAroundNames);
  doctor.name = first == std::string::npos ? "" : doctor.name.substr(first, last + 1 - first);
  if (!doctor.address.empty()) return doctor;
  const auto said = name_words(doctor.name);
  std::vector<std::string> found;
  for (const User& user : known) {
    const bool his = user.may_log_in() && acts_upon_opinions(user.profession) &&
                     stand_in(name_words(user.family_name), said) &&
                     stand_in(name_words(user.given_name), said);
    if (his) found.push_back(user.mail_address);
  }
  if (found.size() == 1) doctor.address = found.front();
  return doctor;
}

}  // namespace telavis
