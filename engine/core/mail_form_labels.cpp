// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_form_labels.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/clinical_form.h"
#include "engine/core/mail_lines.h"

namespace telavis {
namespace {

constexpr std::size_t kLongestPrefix = 8;  // bytes before a label: "- ", "* ", "12. "
constexpr std::size_t kMostWords = 40;     // the longest red flag has 22

struct Known {
  std::string_view words;
  FormField field;
  bool loose = false;
};
using enum FormField;
// Usual ones beside those of the template, folded.
constexpr auto kKnown = std::to_array<Known>({
    {"NOM DE NAISSANCE", family_name},
    {"NOM", family_name},
    {"NOM DU PATIENT", family_name},
    {"NOM DE LA PATIENTE", family_name},
    {"PRENOM", given_name},
    {"PRENOMS", given_name},
    {"PRENOM DU PATIENT", given_name},
    {"PRENOM DE NAISSANCE", given_name},
    {"NOM PRENOM", full_name},
    {"NOM ET PRENOM", full_name},
    {"NOM PRENOM DU PATIENT", full_name},
    {"PATIENT", full_name},
    {"PATIENTE", full_name},
    {"DATE DE NAISSANCE", birth_date},
    {"DDN", birth_date, true},
    {"NE LE", birth_date, true},
    {"NEE LE", birth_date, true},
    {"NE E LE", birth_date, true},
    {"SEXE", sex},
    {"INS", ins},
    {"MATRICULE INS", ins},
    {"NIR", ins},
    {"NUMERO DE SECURITE SOCIALE", ins},
    {"TELEPHONE DU PATIENT", phone},
    {"TELEPHONE PATIENT", phone},
    {"TEL PATIENT", phone},
    {"TEL DU PATIENT", phone},
    {"MOTIF", reason},
    {"MOTIF DE LA DEMANDE", reason},
    {"QUESTION", question},
    {"QUESTION POSEE", question},
    {"QUESTION AU MEDECIN REQUIS", question},
    {"MA QUESTION", question},
    {"CONTEXTE", context},
    {"CONTEXTE CLINIQUE", context},
    {"HISTOIRE", context},
    {"HISTOIRE DE LA MALADIE", context},
    {"CLINIQUE", context},
    {"MA LECTURE", own_reading},
    {"LECTURE", own_reading},
    {"INTERPRETATION", own_reading},
    {"MON INTERPRETATION", own_reading},
    {"MON AVIS", own_reading},
    {"TA", pressure},
    {"PA", pressure},
    {"TENSION", pressure},
    {"TENSION ARTERIELLE", pressure},
    {"PRESSION ARTERIELLE", pressure},
    {"SIGNES DE GRAVITE", red_flags},
    {"SIGNE DE GRAVITE", red_flags},
    {"SIGNES D ALERTE", red_flags},
    {"INFORMATION DU PATIENT", information},
    {"PATIENT INFORME", information},
    {"PATIENTE INFORMEE", information},
    {"INFORMATION", information},
    {"CONSENTEMENT", consent},
    {"CONSENTEMENT DU PATIENT", consent},
    {"CONSENTEMENT DE LA PATIENTE", consent},
    {"CONSENTEMENT DONNE PAR", consent},
    {"REPRESENTANT", representative},
    {"REPRESENTANT LEGAL", representative},
    {"OPPOSITION", opposition},
    {"OPPOSITIONS", opposition},
    {"OPPOSITION DU PATIENT", opposition},
    {"SECRET DEMANDE PAR LE MINEUR", minor_secrecy},
    {"SECRET DU MINEUR", minor_secrecy},
    {"ADULTE CHOISI PAR LE MINEUR", accompanying_adult},
    {"ADULTE ACCOMPAGNANT", accompanying_adult},
    {"PROTECTION JURIDIQUE", guardianship},
    {"REGULATION FAITE A", regulated_at, true},
    {"REGULATION FAITE", regulated_at},
    {"MEDECIN REQUIS", requested_expert},
    {"EXPERT", requested_expert},
    {"MEDECIN TRAITANT", attending_physician},
    {"MEDECIN QUI AGIRA", acting_doctor},
    {"MEDECIN PRENANT EN CHARGE", acting_doctor},
});

struct KnownItem {
  std::string_view words;
  std::string_view item;
};
constexpr auto kKnownItems = std::to_array<KnownItem>({
    {"DOULEURS THORACIQUES", "symptoms.chest_pain"},
    {"SYNCOPES", "symptoms.syncope"},
    {"ESSOUFFLEMENT", "symptoms.dyspnoea"},
    {"PAS", "vitals.systolic_mmhg"},
    {"TAS", "vitals.systolic_mmhg"},
    {"PAD", "vitals.diastolic_mmhg"},
    {"TAD", "vitals.diastolic_mmhg"},
    {"FC", "vitals.heart_rate_bpm"},
    {"POULS", "vitals.heart_rate_bpm"},
    {"SAT", "vitals.spo2_percent"},
    {"SATURATION", "vitals.spo2_percent"},
    {"SAO2", "vitals.spo2_percent"},
    {"TRAITEMENT", "treatments"},
    {"TRAITEMENTS", "treatments"},
    {"TTT", "treatments"},
    {"TRAITEMENT EN COURS", "treatments"},
    {"ATCD", "history"},
    {"ATCDS", "history"},
    {"PACEMAKER", "device.pacemaker"},
    {"STIMULATEUR", "device.pacemaker"},
    {"PM", "device.pacemaker"},
    {"DEFIBRILLATEUR", "device.icd"},
    {"DAI", "device.icd"},
    {"POTASSIUM", "labs.potassium_mmol_l"},
    {"K", "labs.potassium_mmol_l"},
    {"RYTHME", "own_reading.rhythm"},
    {"CONCLUSION", "own_reading.conclusion"},
    {"MA CONCLUSION", "own_reading.conclusion"},
    {"SIEGE", "lesion.site"},
    {"LOCALISATION", "lesion.site"},
    {"TAILLE DE LA LESION", "lesion.size_mm"},
    {"DEMANGEAISONS", "lesion.itch"},
    {"HYPOTHESE", "own_reading.hypothesis"},
    {"MON HYPOTHESE", "own_reading.hypothesis"},
});

std::string without_parentheses(std::string_view text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (depth == 0) out += c;
    if (c == ')' && depth > 0) --depth;
  }
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (MailWord& word : mail_words(without_parentheses(text)))
    words.push_back(std::move(word.folded));
  return words;
}

void add(std::vector<FormLabel>& labels, std::string_view text, FormField field,
         std::string_view item = {}, bool loose = false) {
  FormLabel label{words_of(text), field, std::string(item), loose};
  if (!label.words.empty()) labels.push_back(std::move(label));
}

void add_item(std::vector<FormLabel>& labels, std::string_view name) {
  for (const std::string_view family : {"form.", "report.item."}) {
    const std::string id = std::string(family) + std::string(name);
    if (!has_message(id)) continue;
    add(labels, message(Language::french, id), item, name);
    add(labels, message(Language::english, id), item, name);
  }
}

/// What lies between a label and its value: a remark in parentheses, marks of bold type, a colon.
/// How many bytes; `colon`: there is one, or what does for it.
std::size_t separator_length(std::string_view rest, bool& colon) {
  std::size_t at = 0;
  int depth = 0;
  colon = false;
  while (at < rest.size()) {
    const std::string_view here = rest.substr(at);
    if (here[0] == '(') {
      ++depth;
    } else if (here[0] == ')' && depth > 0) {
      --depth;
    } else if (depth == 0) {
      const bool dash = here.starts_with("- ") || here.starts_with("\u2013 ");
      if (here[0] == ':' || here[0] == '=' || here[0] == '\t' || (dash && at > 0 && !colon)) {
        colon = true;
        if (here.starts_with("\u2013")) at += 2;
      } else if (here.starts_with("\u00A0")) {
        ++at;
      } else if (here.starts_with("\u202F")) {
        at += 2;
      } else if (here[0] != ' ' && here[0] != '*' && here[0] != '_' &&
                 !(here[0] == '?' && !colon)) {
        break;
      }
    }
    ++at;
  }
  return depth > 0 ? 0 : at;  // a parenthesis that does not close belongs to the value
}

bool begins_with(const std::vector<MailWord>& words, std::size_t first, const FormLabel& label) {
  if (first + label.words.size() > words.size()) return false;
  for (std::size_t i = 0; i < label.words.size(); ++i) {
    if (words[first + i].folded != label.words[i]) return false;
  }
  return true;
}

}  // namespace

std::vector<FormLabel> form_labels(const Programme& programme) {
  std::vector<FormLabel> labels;
  for (const Known& known : kKnown) add(labels, known.words, known.field, {}, known.loose);
  for (const ClinicalItemKind& kind : clinical_items(programme.speciality)) {
    add_item(labels, kind.name);
    for (const KnownItem& known : kKnownItems) {
      if (known.item == kind.name) add(labels, known.words, item, known.item);
    }
  }
  for (const RedFlag& flag : programme.red_flags) {
    add(labels, message(Language::french, "red_flag." + flag.code), red_flag, flag.code);
    add(labels, message(Language::english, "red_flag." + flag.code), red_flag, flag.code);
  }
  std::ranges::stable_sort(labels, [](const FormLabel& a, const FormLabel& b) {
    return a.words.size() > b.words.size();
  });
  return labels;
}

LabelledLine read_label(const std::vector<FormLabel>& labels, std::string_view line) {
  constexpr std::size_t kWindow = 600;  // bytes: longer than any label
  auto words = mail_words(line.substr(0, std::min(line.size(), kWindow)));
  if (words.size() > kMostWords) words.resize(kMostWords);
  std::size_t first = 0;
  const bool numbered = words.size() > 1 && words[0].folded.size() <= 2 &&
                        words[0].folded.find_first_not_of("0123456789") == std::string::npos &&
                        (line[words[0].end] == '.' || line[words[0].end] == ')');
  if (numbered) first = 1;
  if (words.empty() || words[first].begin > kLongestPrefix) return {};
  for (const FormLabel& label : labels) {
    if (!begins_with(words, first, label)) continue;
    const std::size_t end = words[first + label.words.size() - 1].end;
    LabelledLine found;
    const std::size_t separator = separator_length(line.substr(end), found.colon);
    const std::string_view value = trim_blank(line.substr(end + separator));
    if (!found.colon && !label.loose && !value.empty()) continue;
    found.label = &label;
    found.name = line.substr(words[first].begin, end - words[first].begin);
    found.value = value;
    return found;
  }
  return {};
}

}  // namespace telavis
