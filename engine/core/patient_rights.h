// SPDX-License-Identifier: Apache-2.0
// The one audited door to what a patient may ask for: a copy of what is kept about him, who looked
// at it, opposition, restriction (GDPR art. 15, 18, 20 and 21; CSP L1111-7). What Service is for
// one case, for all cases of one person. Only a medical referent comes in, and only to the cases of
// his programmes; a reason is asked for each time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/crypto.h"
#include "engine/core/patient_search.h"
#include "engine/core/ports.h"
#include "engine/core/service.h"

namespace telavis {

/// What a search led to, for a medical referent.
struct FoundCases {
  PatientMatch match;
  std::size_t elsewhere = 0;  // cases with such a mark in programmes of which he is no referent
};

/// One entry of a case's chain, with the words for it left to the reader.
struct AccessLine {
  Instant at;
  std::string case_number;
  std::string time_zone;   // of the programme
  std::string actor;       // user id, "engine" or "operator"
  std::string actor_name;  // empty unless a person
  std::string action;      // event name, or "refused:..."
  std::string detail;      // ids and codes
};

struct PatientCopy {
  Instant made_at;
  FoundCases found;
  std::vector<CaseCopy> cases;
  std::vector<AccessLine> log;  // oldest first within a case
  std::map<UserId, User> people;
  std::map<ProgrammeId, Programme> programmes;
};

struct PatientLog {
  FoundCases found;
  std::vector<AccessLine> lines;
};

struct OppositionAnswer {
  FoundCases found;
  bool stood_before = false;  // an opposition was on file already
};

struct RestrictionAnswer {
  struct Row {
    std::string number;
    std::optional<Error> refused;
    bool stood_before = false;
  };
  FoundCases found;
  std::vector<Row> rows;
};

enum class Restriction { put, lift };

class PatientRights {
 public:
  /// `lookup`: the key of the patient marks.
  PatientRights(Service& service, Random& random, const Key& lookup);

  // Errors of all: forbidden (not a medical referent), invalid_field (a reason of less than 10 or
  // more than 1,000 characters), not_found (no case; of the first two and of restrict_cases), and
  // those of storage. All are audited: in the node's chain, and in that of each case.

  /// Everything about the person in these cases. Each is opened as open_as_referent() opens it,
  /// with the reason sealed in it.
  Result<PatientCopy> copy(const User& actor, const PatientQuery& query, std::string_view reason);
  /// Who read or changed what, and when.
  Result<PatientLog> access_log(const User& actor, const PatientQuery& query,
                                std::string_view reason);
  /// Later requests about this person are refused. What is there stays; repeating is harmless.
  Result<OppositionAnswer> oppose(const User& actor, const PatientQuery& query,
                                  std::string_view reason);
  Result<OppositionAnswer> lift_opposition(const User& actor, const PatientQuery& query,
                                           std::string_view reason);
  /// The command "restrict" or "lift-restriction" on each of his cases. One that is refused does
  /// not keep the others; repeating does what is left.
  Result<RestrictionAnswer> restrict_cases(const User& actor, const PatientQuery& query,
                                           std::string_view reason, Restriction restriction);

 private:
  Result<FoundCases> find(const User& actor, const PatientQuery& query);
  Result<void> check_asker(const User& actor, std::string_view reason) const;
  /// Finds, and writes into the node's chain who asks for what, before anything is shown.
  Result<FoundCases> begin(const User& actor, std::string_view action, const PatientQuery& query,
                           std::string_view reason);
  Result<FoundCases> begin_with_cases(const User& actor, std::string_view action,
                                      const PatientQuery& query, std::string_view reason);
  Result<void> add_log(const User& actor, const Case& subject, std::vector<AccessLine>& lines);
  Result<void> add_case(const User& actor, const Case& subject, std::string_view reason,
                        PatientCopy& copy);
  Result<void> add_people(const Case& subject, std::map<UserId, User>& people);
  std::string reason_mark(std::string_view reason) const;
  template <typename T>
  Result<T> audited(const User& actor, std::string_view action, Result<T> result) {
    if (!result) service_.audit_refusal(actor.id.value, action, result.error());
    return result;
  }

  Service& service_;
  Random& random_;
  Key lookup_;
};

}  // namespace telavis
