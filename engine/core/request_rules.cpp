// SPDX-License-Identifier: Apache-2.0
// The rules that a request is held against: programme, consent, completeness, red flags.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/core/request.h"

namespace telavis {
namespace {

constexpr int kMajority = 18;
/// Clocks of a practice and of the server differ.
constexpr Duration kClockDifference = std::chrono::minutes(10);

Error no_consent(std::string text) {
  return {ErrorCode::consent_missing, std::move(text)};
}

bool names_representative(const Consent& consent) {
  return !consent.representative_name.empty() && !consent.representative_quality.empty();
}

Result<void> check_minor(const CaseRequest& request) {
  if (request.guardianship != Guardianship::none) {
    return fail(ErrorCode::invalid_field,
                "'guardianship' is for adults: a minor has representatives. Send \"none\".");
  }
  if (!request.minor_secrecy) {
    if (request.consent.given_by == "representative") return {};
    return tl::unexpected(no_consent(
        "The patient is a minor: a holder of parental authority consents ('given_by': "
        "'representative', with name and quality). If the minor keeps this secret from them, set "
        "'minor_secrecy' and name in 'accompanying_adult' the adult of his choice."));
  }
  if (request.consent.given_by == "patient" && !request.consent.accompanying_adult.empty()) {
    return {};
  }
  return tl::unexpected(
      no_consent("A minor who keeps this secret from his parents consents himself ('given_by': "
                 "'patient'), accompanied by an adult of his choice: name this adult in "
                 "'accompanying_adult'."));
}

Result<void> check_adult(const CaseRequest& request) {
  if (request.minor_secrecy) {
    return fail(ErrorCode::invalid_field,
                "'minor_secrecy' is set and the patient is an adult: check the birth date.");
  }
  switch (request.guardianship) {
    case Guardianship::none:
    case Guardianship::curatelle:
      return {};
    case Guardianship::tutelle:
    case Guardianship::habilitation:
      if (names_representative(request.consent)) return {};
      return tl::unexpected(
          no_consent("The patient is under tutelle or habilitation: name the person in charge of "
                     "the protection in 'representative_name' and 'representative_quality', "
                     "whether this person consents or the patient himself."));
  }
  return {};
}

Result<void> check_information(const InformationGiven& information, Instant now) {
  if (information.at.empty()) return {};
  const auto at = parse_instant(information.at);
  if (!at) return tl::unexpected(at.error());
  if (*at <= now + kClockDifference) return {};
  return fail(ErrorCode::invalid_field,
              "'information.at' lies in the future: give the instant at which the patient was "
              "informed.");
}

}  // namespace

void fill_information(CaseRequest& request, const UserId& requester, Instant now) {
  InformationGiven& information = request.information;
  if (information.text_version.empty()) information.text_version = kNoticeVersion;
  if (information.by.empty()) information.by = requester.value;
  if (information.at.empty()) information.at = format_utc(now);
}

Result<void> check_against(const CaseRequest& request, const Programme& programme) {
  const auto refuse = [](std::string text) {
    return fail(ErrorCode::invalid_field, std::move(text));
  };
  const bool reason_known =
      request.reason.empty() ||  // of an unfinished request: missing_items() says so
      std::ranges::find(programme.reasons, request.reason) != programme.reasons.end();
  if (!reason_known) {
    return refuse(fmt::format("'reason' must be one of the programme's: {}.",
                              fmt::join(programme.reasons, ", ")));
  }
  const auto known = clinical_items(programme.speciality);
  for (const ClinicalItem& item : request.clinical) {
    if (std::ranges::any_of(known, [&](const auto& kind) { return kind.name == item.name; })) {
      continue;
    }
    return refuse(
        fmt::format("'clinical.{}' is no item of {}: leave it out, or choose another "
                    "programme.",
                    item.name, programme.speciality));
  }
  for (const auto& answer : request.red_flags) {
    if (std::ranges::any_of(programme.red_flags,
                            [&](const RedFlag& flag) { return flag.code == answer.first; })) {
      continue;
    }
    return refuse(
        "'red_flags' answers a question that is not on the programme's checklist: load "
        "the form again.");
  }
  const bool names_somebody =
      !request.requested_experts.empty() || !request.requested_group.empty();
  if (names_somebody && programme.policy != OfferPolicy::direct) {
    return refuse(
        "'requested_experts' and 'requested_group' are for programmes in which the "
        "requester chooses the expert: leave them out here.");
  }
  if (!request.requested_experts.empty() && !request.requested_group.empty()) {
    return refuse(
        "Name experts ('requested_experts') or a group practice ('requested_group'), "
        "not both.");
  }
  return {};
}

Result<void> check_consent(const CaseRequest& request, const Programme& programme, Instant now) {
  const auto today = local_time(now, programme.time_zone);
  if (!today) return tl::unexpected(today.error());
  if (request.oppositions.exchange) {
    return tl::unexpected(no_consent(
        "The patient opposes the exchange of data between professionals: nothing can be asked of "
        "an expert. Refer the patient in person."));
  }
  if (request.consent.given_by.empty() || request.patient.birth_date.empty()) return {};
  if (const auto informed = check_information(request.information, now); !informed) {
    return tl::unexpected(informed.error());
  }
  const int age = age_in_years(request.patient.birth_date, today->date);
  if (age < 0) {
    return fail(ErrorCode::invalid_field,
                "'patient.birth_date' is no date in the past: correct it.");
  }
  return age < kMajority ? check_minor(request) : check_adult(request);
}

std::vector<std::string> missing_items(const CaseRequest& request, const Programme& programme) {
  std::vector<std::string> missing;
  const PatientIdentity& patient = request.patient;
  for (const auto& [lacks, name] :
       {std::pair(
            patient.family_name.empty() || patient.given_name.empty() || patient.birth_date.empty(),
            "patient"),
        std::pair(request.reason.empty(), "reason"),
        std::pair(request.question.empty(), "question"),
        std::pair(request.information.form.empty(), "information"),
        std::pair(request.consent.given_by.empty(), "consent")}) {
    if (lacks) missing.emplace_back(name);
  }
  for (const FormItem& item : programme.form) {
    const bool given = std::ranges::any_of(
        request.clinical, [&](const ClinicalItem& known) { return known.name == item.name; });
    if (item.mandatory && !given) missing.push_back(item.name);
  }
  for (const RedFlag& flag : programme.red_flags) {
    if (!request.red_flags.contains(flag.code)) missing.push_back("red_flag." + flag.code);
  }
  return missing;
}

bool acts_upon_opinions(std::string_view profession) {
  return profession == "medecin" || profession == "chirurgien-dentiste" ||
         profession == "sage-femme";
}

std::string redirect_exit(const CaseRequest& request, const Programme& programme) {
  if (!request.regulated_at.empty()) return {};
  std::string exit;
  for (const RedFlag& flag : programme.red_flags) {
    const auto answer = request.red_flags.find(flag.code);
    if (answer == request.red_flags.end() || !answer->second) continue;
    if (exit.empty() || flag.exit == "15_now") exit = flag.exit;
  }
  return exit;
}

int age_in_years(std::string_view birth_date, std::string_view local_date) {
  if (!is_iso_date(birth_date) || !is_iso_date(local_date) || birth_date > local_date) return -1;
  const auto year = [](std::string_view date) {
    int value = 0;
    std::from_chars(date.data(), date.data() + 4, value);
    return value;
  };
  // Somebody born on 29 February is a year older on 1 March of other years.
  const bool before_birthday = local_date.substr(5) < birth_date.substr(5);
  return year(local_date) - year(birth_date) - (before_birthday ? 1 : 0);
}

std::string age_band(std::string_view birth_date, std::string_view local_date) {
  const int age = age_in_years(birth_date, local_date);
  if (age < 0) return {};
  if (age < 3) return "0-2";
  if (age < 12) return "3-11";
  if (age < kMajority) return "12-17";
  if (age < 30) return "18-29";
  if (age >= 90) return "90+";
  return fmt::format("{}-{}", age / 10 * 10, age / 10 * 10 + 9);
}

}  // namespace telavis
