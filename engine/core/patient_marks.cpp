// SPDX-License-Identifier: Apache-2.0
#include "engine/core/patient_marks.h"

#include <fmt/format.h>
#include <algorithm>

#include "formats/identity.h"

namespace telavis {
namespace {

constexpr std::size_t kMarkDigits = 32;  // 128 bits: no two patients of a country share one

std::string run_together(const std::string& name) {
  std::string all;
  for (const std::string& word : name_words(name)) all += word;
  return all;
}

std::string mark(const Key& of_year, int year, std::string_view kind,
                 const std::vector<std::string>& members) {
  std::string text(kind);
  // A byte that no member holds keeps "AB", "C" apart from "A", "BC".
  for (const std::string& member : members) text.append(1, '\0').append(member);
  return fmt::format("{}:{}", year,
                     to_hex(derive_key(of_year, text).view()).substr(0, kMarkDigits));
}

}  // namespace

int mark_year(Instant now) {
  return std::max(kFirstMarkYear, year_of(now));
}

std::vector<std::string> patient_marks(const Key& lookup, int year, const PatientIdentity& patient,
                                       const InsIdentity& ins) {
  const Key of_year = derive_key(lookup, fmt::format("telavis/patient-marks/{}", year));
  std::vector<std::string> marks;
  if (!ins.matricule.empty()) {
    marks.push_back(mark(of_year, year, "ins", {ins.oid, ins.matricule}));
  }
  const std::string family = run_together(patient.family_name);
  const auto given = name_words(patient.given_name);
  if (!family.empty() && !patient.birth_date.empty()) {
    marks.push_back(mark(of_year, year, "traits",
                         {family, given.empty() ? "" : given.front(), patient.birth_date,
                          std::string(sex_name(patient.sex))}));
  }
  return marks;
}

std::vector<std::string> patient_marks_of_years(const Key& lookup, int from_year, int to_year,
                                                const PatientIdentity& patient,
                                                const InsIdentity& ins) {
  std::vector<std::string> all;
  for (int year = from_year; year <= to_year; ++year) {
    for (std::string& mark : patient_marks(lookup, year, patient, ins)) {
      all.push_back(std::move(mark));
    }
  }
  return all;
}

}  // namespace telavis
