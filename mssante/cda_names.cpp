// SPDX-License-Identifier: Apache-2.0
#include "mssante/cda_names.h"

#include "formats/identity.h"
#include "formats/xml_values.h"

namespace telavis::cda {

PersonTitle person_title(std::string_view title) {
  const auto words = name_words(title);
  if (words.empty()) return {};
  const std::string& first = words.front();
  if (first == "DR" || first == "DOCTEUR") return {{}, "DR"};
  if (first == "PR" || first == "PROFESSEUR") return {{}, "PR"};
  if (first == "M" || first == "MONSIEUR") return {"M", {}};
  if (first == "MME" || first == "MADAME") return {"MME", {}};
  return {};
}

std::string title_of(std::string_view prefix, std::string_view suffix) {
  if (suffix == "DR") return "Dr";
  if (suffix == "PR") return "Pr";
  if (prefix == "MME") return "Mme";
  if (prefix == "M") return "M.";
  return {};
}

std::string_view confidentiality_label(std::string_view code) {
  if (code == "R") return "Restreint";
  if (code == "V") return "Très restreint";
  return "Normal";
}

std::string_view gender_code(std::string_view sex) {
  return sex == "U" ? "UN" : sex;
}

std::string_view gender_label(std::string_view sex) {
  if (sex == "F") return "Féminin";
  if (sex == "M") return "Masculin";
  return "Inconnu";
}

std::string_view sex_of(std::string_view gender_code) {
  if (gender_code == "M") return "M";
  if (gender_code == "F") return "F";
  if (gender_code == "UN" || gender_code == "U") return "U";
  return {};
}

std::string hl7_date(std::string_view iso) {
  if (iso.size() != 10) return {};
  return std::string(iso.substr(0, 4)) + std::string(iso.substr(5, 2)) + std::string(iso.substr(8));
}

std::string iso_date(std::string_view hl7) {
  const auto read = xml::timestamp(hl7);
  return read ? read->date : std::string();
}

}  // namespace telavis::cda
