// SPDX-License-Identifier: Apache-2.0
#include "engine/core/patient_search.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/core/json_reader.h"
#include "engine/core/patient_marks.h"
#include "engine/core/time.h"
#include "formats/identity.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxSearchedName = 200;
constexpr std::size_t kMaxOtherNames = 10;  // marriages and both spellings of a double name
constexpr std::size_t kMaxIdentifier = 64;
constexpr std::string_view kNirOid = "1.2.250.1.213.1.4.8";

enum class Verdict { certain, by_traits, doubtful, other };

struct Judged {
  Candidate candidate;
  Verdict verdict;
};

bool same_ins(const InsIdentity& left, const InsIdentity& right) {
  return left.matricule == right.matricule && left.oid == right.oid;
}

/// Both are known and differ.
bool contradict(const InsIdentity& left, const InsIdentity& right) {
  return !left.matricule.empty() && !right.matricule.empty() && !same_ins(left, right);
}

bool has_traits(const PatientIdentity& patient) {
  return !patient.family_name.empty() && !patient.birth_date.empty();
}

std::string without_gaps(const std::string& name) {
  std::string all;
  for (const std::string& word : name_words(name)) all += word;
  return all;
}

bool given_names_agree(const PatientIdentity& left, const PatientIdentity& right) {
  const auto ours = name_words(left.given_name);
  const auto theirs = name_words(right.given_name);
  const auto within = [](const auto& few, const auto& many) {
    return std::all_of(few.begin(), few.end(), [&](const std::string& word) {
      return std::find(many.begin(), many.end(), word) != many.end();
    });
  };
  return within(ours, theirs) || within(theirs, ours);
}

bool births_agree(const PatientIdentity& left, const PatientIdentity& right) {
  return left.birth_date == right.birth_date && left.sex == right.sex &&
         given_names_agree(left, right);
}

bool traits_agree(const PatientQuery& query, const PatientIdentity& found) {
  if (!has_traits(query.patient) || !births_agree(query.patient, found)) return false;
  const std::string name = without_gaps(found.family_name);
  const auto is_it = [&](const std::string& other) { return without_gaps(other) == name; };
  return is_it(query.patient.family_name) ||
         std::any_of(query.other_family_names.begin(), query.other_family_names.end(), is_it);
}

Verdict judge(const PatientQuery& query, const Candidate& candidate) {
  const std::string& asked = query.patient.birth_date;
  if (!query.ins.matricule.empty() && same_ins(query.ins, candidate.ins)) {
    const bool born_another_day = !asked.empty() && asked != candidate.patient.birth_date;
    return born_another_day ? Verdict::doubtful : Verdict::certain;
  }
  if (contradict(query.ins, candidate.ins)) return Verdict::other;
  return traits_agree(query, candidate.patient) ? Verdict::by_traits : Verdict::other;
}

/// Somebody else's case is of the same birth: this one may be his.
bool may_be_anothers(const Candidate& one, const std::vector<Judged>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Judged& another) {
    return another.verdict == Verdict::other &&
           births_agree(one.patient, another.candidate.patient);
  });
}

/// Of what only names led to, two cases contradict each other: the rest may be of either person.
bool two_persons(const std::vector<Judged>& all) {
  const auto any_by_traits = [&](const auto& is_it) {
    return std::any_of(all.begin(), all.end(), [&](const Judged& one) {
      return one.verdict == Verdict::by_traits && is_it(one.candidate);
    });
  };
  return any_by_traits([&](const Candidate& one) {
    return any_by_traits([&](const Candidate& another) {
      return contradict(one.ins, another.ins) || !given_names_agree(one.patient, another.patient);
    });
  });
}

}  // namespace

Result<PatientQuery> parse_patient_query(std::string_view json) {
  PatientQuery query;
  JsonReader reader(json);
  if (auto ins = reader.object("ins", false)) {
    query.ins.matricule = ins->text("matricule", kMaxIdentifier);
    std::erase(query.ins.matricule, ' ');  // as it stands on a card
    query.ins.oid = ins->optional_text("oid", kMaxIdentifier);
    if (query.ins.oid.empty()) query.ins.oid = kNirOid;
    if (const auto read = ins->finish(); !read) return tl::unexpected(read.error());
  }
  PatientIdentity& patient = query.patient;
  const bool named = reader.has("family_name") || query.ins.matricule.empty();
  if (named) {
    patient.family_name = reader.text("family_name", kMaxSearchedName);
    patient.given_name = reader.text("given_name", kMaxSearchedName);
    patient.birth_date = reader.text("birth_date", 10);
    const std::string sex = reader.choice("sex", {"male", "female", "other", "unknown"});
    for (const Sex known : {Sex::male, Sex::female, Sex::other}) {
      if (sex == sex_name(known)) patient.sex = known;
    }
    if (reader.has("other_family_names")) {
      query.other_family_names = reader.texts("other_family_names", kMaxSearchedName);
    }
    if (!patient.birth_date.empty() && !is_iso_date(patient.birth_date)) {
      reader.wrong("birth_date", "must be a date like 1961-03-02");
    }
    if (!patient.family_name.empty() && name_words(patient.family_name).empty()) {
      reader.wrong("family_name", "must hold a letter");
    }
    if (query.other_family_names.size() > kMaxOtherNames) {
      reader.wrong("other_family_names", "must be ten names at most");
    }
  }
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  if (const auto right = check_ins(query.ins); !right) return tl::unexpected(right.error());
  patient.id = query.ins.matricule;
  return query;
}

std::vector<std::string> marks_of_query(const Key& lookup, int from_year, int to_year,
                                        const PatientQuery& query) {
  auto marks = patient_marks_of_years(lookup, from_year, to_year, query.patient, query.ins);
  for (const std::string& name : query.other_family_names) {
    PatientIdentity named = query.patient;
    named.family_name = name;
    for (std::string& mark : patient_marks_of_years(lookup, from_year, to_year, named, {})) {
      marks.push_back(std::move(mark));
    }
  }
  return marks;
}

PatientMatch match_patient(const PatientQuery& query, std::vector<Candidate> candidates) {
  std::vector<Judged> judged;
  judged.reserve(candidates.size());
  for (Candidate& candidate : candidates) {
    const Verdict verdict = judge(query, candidate);
    judged.push_back({std::move(candidate), verdict});
  }
  const bool two = two_persons(judged);
  PatientMatch match;
  for (Judged& one : judged) {
    Case& subject = one.candidate.subject;
    const bool by_traits = one.verdict == Verdict::by_traits;
    if (one.verdict == Verdict::other) {
      ++match.of_others;
      continue;
    }
    const bool doubtful = one.verdict == Verdict::doubtful ||
                          (by_traits && (two || may_be_anothers(one.candidate, judged)));
    const bool accepted = std::find(query.accepted.begin(), query.accepted.end(), subject.number) !=
                          query.accepted.end();
    if (doubtful && !accepted) {
      match.doubtful.push_back(subject.number);
      continue;
    }
    if (by_traits) match.by_traits.push_back(subject.number);
    match.cases.push_back(subject);  // the others are still compared with it
  }
  return match;
}

}  // namespace telavis
