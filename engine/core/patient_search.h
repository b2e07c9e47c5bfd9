// SPDX-License-Identifier: Apache-2.0
// Which cases are one person's. Pure: marks find candidates (patient_marks.h), this looks at the
// identity that each of them holds. What cannot be told apart is left to the person who asks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/crypto.h"
#include "engine/core/ins.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// Whom somebody asks about: an INS, or family name, given name, birth date and sex, or both.
struct PatientQuery {
  InsIdentity ins;
  PatientIdentity patient;
  std::vector<std::string> other_family_names;  // of birth, of use
  std::vector<std::string> accepted;  // numbers of doubtful cases that somebody has looked at
};

/// {"ins": {"matricule", "oid"}, "family_name", "other_family_names": [], "given_name",
/// "birth_date", "sex"}; an `oid` that is left out is the NIR's. Errors: malformed_request,
/// missing_field, invalid_field; the text holds no value.
Result<PatientQuery> parse_patient_query(std::string_view json);

/// Marks of every year until `to_year`, for each of the names.
std::vector<std::string> marks_of_query(const Key& lookup, int from_year, int to_year,
                                        const PatientQuery& query);

/// A case that a mark led to, with the identity that its request holds.
struct Candidate {
  Case subject;
  PatientIdentity patient;
  InsIdentity ins;
};

struct PatientMatch {
  std::vector<Case> cases;             // of this person, in the order of the candidates
  std::vector<std::string> by_traits;  // numbers among them that no INS confirms
  std::vector<std::string> doubtful;   // numbers: may be another person's; not in `cases`
  std::size_t of_others = 0;           // the same mark, another person
};

/// - The same INS: this person's; doubtful when the birth dates differ.
/// - Another INS: another person's, whatever the names.
/// - An INS missing on one side: this person's when family name, birth date and sex are the same
///   and all words of one given name stand in the other; doubtful when the same can be said of a
///   case of somebody else, and all of them when two contradict each other (two INS, or
///   "Anne-Marie" and "Anne-Lise" where "Anne" was asked for).
/// A doubtful case whose number is in `accepted` is this person's.
PatientMatch match_patient(const PatientQuery& query, std::vector<Candidate> candidates);

}  // namespace telavis
