// SPDX-License-Identifier: Apache-2.0
// The value sets of the documents: dated data (cda_codes.json), compiled in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telavis {

struct CodedWord {
  std::string code;
  std::string label;
};

enum class CdaValueSet {
  services,           // NGAP codes that an act of telemedicine may be documented with
  professions,        // of 1.2.250.1.213.1.1.4.5, without and with a speciality
  sectors,            // of 1.2.250.1.71.4.2.4
  practice_settings,  // of 1.2.250.1.213.1.1.4.9
  sections,           // LOINC
};

/// The words that stand beside a code; nullopt: not a code of ours.
std::optional<std::string> cda_label(CdaValueSet set, std::string_view code);

/// Profession and speciality of somebody: by the words of his speciality ("Médecine générale") when
/// one of them is known, otherwise by the speciality of the programme whose expert he is (empty for
/// a requester), otherwise the profession alone; nullopt for a profession that no code names.
std::optional<CodedWord> profession_code(std::string_view profession, std::string_view speciality,
                                         std::string_view programme_speciality);

/// "1" before a FINESS (9 characters), "3" before a SIRET (14 digits): the identifier of an
/// organisation in 1.2.250.1.71.4.2.2. Empty for anything else.
std::string organization_id(std::string_view finess_or_siret);

}  // namespace telavis
