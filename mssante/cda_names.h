// SPDX-License-Identifier: Apache-2.0
// Small words of a document, to and from what we call them.
#pragma once

#include <string>
#include <string_view>

namespace telavis::cda {

/// Civility ("MME") and title ("DR") as the value sets of the header have them.
struct PersonTitle {
  std::string prefix, suffix;
};
/// "Dr", "Docteur", "Pr", "Professeur", "M.", "Mme": of anything else neither.
PersonTitle person_title(std::string_view title);
/// "Dr", "Pr", "M.", "Mme"; the title wins over the civility; empty for any other.
std::string title_of(std::string_view prefix, std::string_view suffix);

std::string_view confidentiality_label(std::string_view code);

/// HL7's code of "M", "F" or "U": it has UN for the last.
std::string_view gender_code(std::string_view sex);
std::string_view gender_label(std::string_view sex);
/// Empty for an unknown code.
std::string_view sex_of(std::string_view gender_code);

/// "1979-03-28" as "19790328".
std::string hl7_date(std::string_view iso);
/// "19790328" or a longer time as "1979-03-28"; empty for anything else.
std::string iso_date(std::string_view hl7);

}  // namespace telavis::cda
