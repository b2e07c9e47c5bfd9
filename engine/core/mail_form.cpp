// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/mail_form_labels.h"
#include "engine/core/mail_form_values.h"
#include "engine/core/mail_lines.h"
#include "engine/core/mail_signature.h"
#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxAnswers = 500;   // the longest form has some sixty
constexpr std::size_t kMaxFileName = 200;  // bytes, as request.cpp has it
constexpr std::string_view kNir = "1.2.250.1.213.1.4.8";

void note(std::vector<std::string>& list, std::string text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

/// The name in `given` and `missing`.
std::string name_of(const FormLabel& label) {
  switch (label.field) {
    case FormField::family_name:
      return "patient.family_name";
    case FormField::given_name:
      return "patient.given_name";
    case FormField::full_name:
      return "patient.name";
    case FormField::birth_date:
      return "patient.birth_date";
    case FormField::sex:
      return "patient.sex";
    case FormField::ins:
      return "ins.matricule";
    case FormField::phone:
      return "patient_phone";
    case FormField::reason:
      return "reason";
    case FormField::question:
      return "question";
    case FormField::context:
      return "context";
    case FormField::own_reading:
      return "own_reading";
    case FormField::item:
      return label.item;
    case FormField::pressure:
      return "vitals.pressure";
    case FormField::red_flags:
      return "red_flags";
    case FormField::red_flag:
      return "red_flag." + label.item;
    case FormField::information:
      return "information.form";
    case FormField::consent:
      return "consent.given_by";
    case FormField::representative:
      return "consent.representative_name";
    case FormField::opposition:
      return "oppositions";
    case FormField::minor_secrecy:
      return "minor_secrecy";
    case FormField::accompanying_adult:
      return "consent.accompanying_adult";
    case FormField::guardianship:
      return "guardianship";
    case FormField::regulated_at:
      return "regulated_at";
    case FormField::requested_expert:
      return "requested_expert";
    case FormField::attending_physician:
      return "attending_physician";
    case FormField::acting_doctor:
      return "acting_doctor";
  }
  return {};
}

/// How far a value goes on below its line.
enum class Extent { line, paragraph, to_next_label };

Extent extent_of(const FormLabel& label) {
  switch (label.field) {
    case FormField::question:
    case FormField::context:
    case FormField::own_reading:
      return Extent::to_next_label;
    case FormField::item: {
      const ClinicalType type = clinical_item(label.item)->type;
      const bool text = type == ClinicalType::text || type == ClinicalType::texts;
      return text ? Extent::paragraph : Extent::line;
    }
    default:
      return Extent::line;
  }
}

/// One label with what stands behind it.
struct Said {
  FormLabel label;
  std::string shown;  // the label as written
  std::string value;
};

struct Lines {
  std::vector<Said> said;
  std::string free_text;
};

/// The lines of the template itself, folded: they say nothing when they come back.
std::set<std::string> template_lines(const Programme& programme) {
  std::set<std::string> lines;
  for (const MailLine& line : mail_lines(form_template(programme)))
    lines.insert(folded_text(line.text));
  return lines;
}

class Gather {
 public:
  explicit Gather(const Programme& programme)
      : labels_(form_labels(programme)), template_(template_lines(programme)) {}

  Lines read(const std::vector<std::string>& lines) {
    out_ = {};
    open_ = false;
    for (const std::string& line : lines) one(line);
    for (Said& said : out_.said) said.value = clean(said.value);
    out_.free_text = std::string(trim_blank(out_.free_text));
    return std::move(out_);
  }

 private:
  /// Marks of bold type around a value.
  static std::string clean(std::string_view value) {
    value = trim_blank(value);
    while (value.starts_with('*') || value.starts_with('_')) value = trim_blank(value.substr(1));
    while (value.ends_with('*') || value.ends_with('_')) {
      value = trim_blank(value.substr(0, value.size() - 1));
    }
    return std::string(value);
  }

  void one(const std::string& line) {
    const bool blank = trim_blank(line).empty();
    const LabelledLine found = read_label(labels_, line);
    const bool of_template = !blank && template_.contains(folded_text(line));
    // A word that is a label, alone on its line in a sentence's place, opens texts only.
    const bool opens =
        found.label != nullptr && (found.colon || !found.value.empty() || of_template ||
                                   extent_of(*found.label) != Extent::line);
    if (opens && out_.said.size() < kMaxAnswers) {
      out_.said.push_back({*found.label, std::string(found.name), std::string(found.value)});
      open_ = true;
      extent_ = extent_of(*found.label);
      // The list of signs below their question.
      if (found.label->field == FormField::red_flag && !found.colon) {
        out_.said.pop_back();
        open_ = false;
      }
      return;
    }
    if (of_template) return;
    if (open_ && goes_on(blank)) {
      out_.said.back().value += "\n" + line;
      return;
    }
    if (!blank) open_ = false;
    if (!is_greeting(line)) out_.free_text += line + "\n";
  }

  bool goes_on(bool blank) const {
    const bool empty = trim_blank(out_.said.back().value).empty();
    if (extent_ == Extent::to_next_label || empty) return true;
    return extent_ == Extent::paragraph && !blank;
  }

  std::vector<FormLabel> labels_;
  std::set<std::string> template_;
  Lines out_;
  bool open_ = false;
  Extent extent_ = Extent::line;
};

class Assemble {
 public:
  Assemble(FormReading& out, const Programme& programme) : out_(out), programme_(programme) {}

  void take(const std::vector<Said>& said) {
    std::map<std::string, const Said*> by_name;
    std::set<std::string> repeated;
    for (const Said& one : said) {
      if (one.value.empty()) continue;
      const std::string name = name_of(one.label);
      const auto [at, added] = by_name.emplace(name, &one);
      const bool same = added || folded_text(at->second->value) == folded_text(one.value);
      if (same) continue;
      if (one.label.field == FormField::red_flag || one.label.field == FormField::red_flags) {
        raise_if_yes(one);
      }
      repeated.insert(name);
    }
    // In the order of the mail: what goes to `context` stays readable.
    for (const Said& one : said) {
      const std::string name = name_of(one.label);
      const auto found = by_name.find(name);
      if (found == by_name.end() || found->second != &one) continue;
      if (repeated.contains(name)) {
        raise_if_yes(one);
        note(out_.doubts, "repeated:" + name);
        continue;
      }
      const std::size_t before = out_.doubts.size();
      apply(one);
      if (out_.doubts.size() == before) note(out_.given, name);
    }
  }

 private:
  CaseRequest& request() { return out_.request; }

  void unreadable(const Said& said) {
    note(out_.doubts, "unreadable:" + name_of(said.label));
    keep_words(said);
  }
  /// Behind its label, for the expert to read.
  void keep_words(const Said& said) {
    std::string& context = request().context;
    context += (context.empty() ? "" : "\n") + said.shown + " : " + said.value;
  }
  void raise_if_yes(const Said& said) {
    const auto answer = typed_yes_no(said.value);
    const bool numbers = said.value.find_first_of("123456789") != std::string::npos;
    if ((answer && answer->value == "yes") ||
        (said.label.field == FormField::red_flags && numbers)) {
      out_.red_flag = true;
    }
  }

  void set_text(const Said& said, std::string& target, std::size_t most) {
    if (said.value.size() > most || said.value.find('\n') != std::string::npos) {
      unreadable(said);
    } else {
      target = said.value;
    }
  }

  void apply(const Said& said) {
    switch (said.label.field) {
      case FormField::family_name:
        return set_text(said, request().patient.family_name, kMaxFileName);
      case FormField::given_name:
        return set_text(said, request().patient.given_name, kMaxFileName);
      case FormField::phone:
        return set_text(said, request().patient_phone, kMaxPhone);
      case FormField::accompanying_adult:
        return set_text(said, request().consent.accompanying_adult, kMaxFileName);
      case FormField::requested_expert:
        return set_text(said, out_.requested_expert, kMaxFileName);
      case FormField::attending_physician:
        return set_text(said, out_.attending_physician, kMaxFileName);
      case FormField::acting_doctor:
        return set_text(said, out_.acting_doctor, kMaxFileName);
      case FormField::question:
        return long_text(said, request().question);
      case FormField::context:
        return long_text(said, request().context);
      case FormField::own_reading:
        return long_text(said, request().own_reading);
      case FormField::red_flags:
        return red_flags(said);
      case FormField::red_flag:
        return red_flag(said);
      case FormField::item:
        return item(said);
      case FormField::pressure:
        return pressure(said);
      case FormField::reason:
        return reason(said);
      default:
        return person(said);
    }
  }

  void person(const Said& said) {
    switch (said.label.field) {
      case FormField::full_name:
        return full_name(said);
      case FormField::birth_date:
        if (auto date = typed_date(said.value, false)) {
          request().patient.birth_date = *date;
          return;
        }
        return unreadable(said);
      case FormField::sex:
        if (const auto sex = typed_sex(said.value)) {
          request().patient.sex = *sex;
          return;
        }
        return unreadable(said);
      case FormField::ins:
        return ins(said);
      case FormField::information:
        return information(said);
      case FormField::consent:
        return consent(said);
      case FormField::representative:
        return representative(said, said.value);
      case FormField::opposition:
        return opposition(said);
      case FormField::minor_secrecy:
        if (const auto answer = typed_yes_no(said.value)) {
          request().minor_secrecy = answer->value == "yes";
          return;
        }
        return unreadable(said);
      case FormField::guardianship:
        return guardianship(said);
      case FormField::regulated_at:
        if (const auto time = typed_time(said.value)) {
          request().regulated_at = *time;
          return;
        }
        return unreadable(said);
      default:
        return;
    }
  }

  void long_text(const Said& said, std::string& target) {
    target += (target.empty() ? "" : "\n") + said.value;
    if (target.size() > kMaxTextBytes) {
      note(out_.doubts, "unreadable:" + name_of(said.label));
      target.clear();
    }
  }

  /// "DUPONT Marie", "Mme DUPONT-LE GALL Marie": the family's name is in capitals.
  void full_name(const Said& said) {
    std::string family;
    std::string given;
    const std::string_view line = said.value;
    for (std::size_t begin = 0; begin < line.size();) {
      const std::size_t end = std::min(line.find(' ', begin), line.size());
      const std::string_view word = line.substr(begin, end - begin);
      begin = end + 1;
      const std::string folded = folded_text(word);
      if (folded.empty() || folded == "MME" || folded == "M" || folded == "MR" ||
          folded == "MADAME" || folded == "MONSIEUR" || folded == "MLLE") {
        continue;
      }
      const bool capitals = std::ranges::none_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
      std::string& part = capitals ? family : given;
      part += (part.empty() ? "" : " ") + std::string(word);
    }
    if (family.empty() || given.empty() ||
        said.value.find_first_of("0123456789,\n") != std::string::npos ||
        family.size() > kMaxFileName || given.size() > kMaxFileName) {
      return unreadable(said);
    }
    request().patient.family_name = family;
    request().patient.given_name = given;
    note(out_.given, "patient.family_name");
    note(out_.given, "patient.given_name");
  }

  void ins(const Said& said) {
    std::string matricule;
    std::string_view rest = said.value;
    for (; !rest.empty() && matricule.size() < 15; rest.remove_prefix(1)) {
      const char c = rest.front();
      const bool kept = (c >= '0' && c <= '9') || c == 'A' || c == 'B' || c == 'a' || c == 'b';
      if (kept) matricule += c == 'a' ? 'A' : c == 'b' ? 'B' : c;
      if (!kept && c != ' ' && c != '.' && c != '-') break;
    }
    const std::size_t oid = rest.find("1.2.250.");
    const std::string_view named =
        oid == std::string_view::npos
            ? kNir
            : rest.substr(oid,
                          std::min(rest.find_first_not_of("0123456789.", oid), rest.size()) - oid);
    const InsIdentity identity{matricule, std::string(named), InsStatus::provisional, false};
    if (!check_ins(identity)) return unreadable(said);
    request().ins = identity;
    request().patient.id = matricule;
  }

  void reason(const Said& said) {
    const std::string words = folded_text(said.value);
    std::optional<std::string> found;
    for (std::size_t i = 0; i < programme_.reasons.size(); ++i) {
      const std::string& code = programme_.reasons[i];
      const std::string label = folded_text(message(Language::french, "reason." + code));
      const std::string letter(1, static_cast<char>('A' + i));
      // "b", "b) Nævus qui change", the label, or a beginning of it that is enough.
      const bool named = words == letter || words == label ||
                         words == fmt::format("{} {}", letter, label) ||
                         words == folded_text(code) || words.starts_with(label + " ") ||
                         (words.size() >= 5 && label.starts_with(words));
      if (!named) continue;
      if (found) return unreadable(said);
      found = code;
    }
    if (!found) return unreadable(said);
    request().reason = *found;
  }

  void add_item(std::string_view name, std::string value) {
    request().clinical.push_back({std::string(name), std::move(value)});
  }
  void item(const Said& said) {
    auto value = typed_item(*clinical_item(said.label.item), said.value);
    if (!value) return unreadable(said);
    add_item(said.label.item, std::move(value->value));
    if (value->says_more) keep_words(said);
  }
  void pressure(const Said& said) {
    const auto both = typed_pressure(said.value);
    if (!both || programme_.speciality != "cardiology") return unreadable(said);
    for (const auto& [name, value] : {std::pair("vitals.systolic_mmhg", both->first),
                                      {"vitals.diastolic_mmhg", both->second}}) {
      if (std::ranges::find(out_.given, name) != out_.given.end()) {
        note(out_.doubts, "repeated:" + std::string(name));
        continue;
      }
      add_item(name, fmt::format("{}", value));
      note(out_.given, name);
    }
  }

  /// "aucun", or the numbers of the list.
  void red_flags(const Said& said) {
    if (says_none(said.value)) {
      for (const RedFlag& flag : programme_.red_flags) answer(flag.code, false);
      return;
    }
    std::set<std::size_t> numbers;
    for (const MailWord& word : mail_words(said.value)) {
      std::size_t number = 0;
      for (const char c : word.folded) {
        number = c >= '0' && c <= '9' && number < 1'000
                     ? number * 10 + static_cast<std::size_t>(c - '0')
                     : 10'000;
      }
      const bool joins = word.folded == "ET" || word.folded == "OUI" || word.folded == "N" ||
                         word.folded == "NUMERO" || word.folded == "NUMEROS" ||
                         word.folded == "SIGNE" || word.folded == "SIGNES";
      if (joins) continue;
      if (number < 1 || number > programme_.red_flags.size()) return red_flags_unclear(said);
      numbers.insert(number - 1);
    }
    if (numbers.empty()) return red_flags_unclear(said);
    out_.red_flag = true;
    for (std::size_t i = 0; i < programme_.red_flags.size(); ++i) {
      answer(programme_.red_flags[i].code, numbers.contains(i));
    }
  }
  void red_flags_unclear(const Said& said) {
    // "oui" to a list of emergencies is one, whichever it is.
    const auto yes = typed_yes_no(said.value);
    if (yes && yes->value == "yes") out_.red_flag = true;
    note(out_.doubts, "red_flags_unclear");
    keep_words(said);
  }
  void red_flag(const Said& said) {
    const auto value = typed_yes_no(said.value);
    if (!value) return unreadable(said);
    answer(said.label.item, value->value == "yes");
    if (value->says_more) keep_words(said);
  }
  void answer(const std::string& code, bool yes) {
    const auto [at, added] = request().red_flags.emplace(code, yes);
    if (!added && at->second != yes) note(out_.doubts, "repeated:red_flag." + code);
    at->second = at->second || yes;
    if (at->second) out_.red_flag = true;
    note(out_.given, "red_flag." + code);
  }

  void information(const Said& said) {
    const std::string folded = " " + folded_text(said.value) + " ";
    const bool oral = folded.find(" ORAL") != std::string::npos;
    const bool written = folded.find(" ECRI") != std::string::npos;
    const auto answer = typed_yes_no(said.value);
    const bool no = (answer && answer->value == "no") || folded.find(" PAS ") != std::string::npos;
    if (oral == written || no) return unreadable(said);
    request().information.form = oral ? "oral" : "written";
  }

  void consent(const Said& said) {
    const std::string folded = folded_text(said.value);
    const auto answer = typed_yes_no(said.value);
    if ((answer && answer->value == "no") || folded.starts_with("REFUS")) {
      out_.consent_refused = true;
      return unreadable(said);
    }
    // A bare yes is the patient's only where the label says so.
    const std::string label = folded_text(said.shown);
    const bool of_patient = label.ends_with("PATIENT") || label.ends_with("PATIENTE");
    const bool patient = folded == "PATIENT" || folded == "PATIENTE" || folded == "LE PATIENT" ||
                         folded == "LA PATIENTE" || folded == "OUI PATIENT" ||
                         folded == "OUI LE PATIENT" || folded == "OUI LA PATIENTE" ||
                         (of_patient && (folded == "OUI" || folded == "O" ||
                                         folded == "RECUEILLI" || folded == "OUI RECUEILLI"));
    if (patient) {
      request().consent.given_by = "patient";
      return;
    }
    const std::size_t colon = said.value.find(':');
    if (folded.find("REPRESENTANT") != std::string::npos && colon != std::string::npos) {
      return representative(said, std::string_view(said.value).substr(colon + 1));
    }
    unreadable(said);
  }

  /// "Mme Exemple, mère"
  void representative(const Said& said, std::string_view who) {
    const std::size_t comma = who.find_first_of(",;");
    if (comma == std::string_view::npos) return unreadable(said);
    const std::string_view name = trim_blank(who.substr(0, comma));
    const std::string_view quality = trim_blank(who.substr(comma + 1));
    const bool one_line = who.find('\n') == std::string_view::npos;
    if (name.empty() || quality.empty() || who.size() > kMaxFileName || !one_line)
      return unreadable(said);
    request().consent.given_by = "representative";
    request().consent.representative_name = name;
    request().consent.representative_quality = quality;
    note(out_.given, "consent.given_by");
  }

  void opposition(const Said& said) {
    if (says_none(said.value)) return;
    Oppositions& oppositions = request().oppositions;
    const std::string folded = folded_text(said.value);
    const auto names = [&](std::string_view words) {
      return folded.find(words) != std::string::npos;
    };
    bool any = false;
    const auto set = [&](bool& member, bool named) {
      member = member || named;
      any = any || named;
    };
    set(oppositions.attending_physician, names("MEDECIN TRAITANT"));
    set(oppositions.citizen_mailbox, names("ESPACE SANTE"));
    set(oppositions.teaching, names("ENSEIGNEMENT"));
    set(oppositions.research, names("RECHERCHE"));
    set(oppositions.exchange, names("ECHANGE"));
    if (oppositions.exchange) out_.consent_refused = true;
    if (!any || names(" PAS ") || names("AUCUNE")) unreadable(said);
  }

  void guardianship(const Said& said) {
    const std::string folded = folded_text(said.value);
    if (says_none(said.value)) return;
    if (folded.starts_with("TUTELLE")) {
      request().guardianship = Guardianship::tutelle;
    } else if (folded.starts_with("CURATELLE")) {
      request().guardianship = Guardianship::curatelle;
    } else if (folded.starts_with("HABILITATION")) {
      request().guardianship = Guardianship::habilitation;
    } else {
      unreadable(said);
    }
  }

  FormReading& out_;
  const Programme& programme_;
};

void sort_items(CaseRequest& request, std::string_view speciality) {
  const auto kinds = clinical_items(speciality);
  const auto place = [&](const ClinicalItem& one) {
    return std::ranges::find_if(kinds, [&](const auto& kind) { return kind.name == one.name; }) -
           kinds.begin();
  };
  std::ranges::stable_sort(request.clinical, {}, place);
}

}  // namespace

FormReading read_form(std::string_view text, const Programme& programme) {
  FormReading out;
  out.request.programme = programme.id;
  const OwnText parts = own_text(text, {});
  std::vector<std::string> own;
  for (const OwnLine& line : parts.own) own.push_back(line.text);
  Gather gather(programme);
  Lines lines = gather.read(own);
  // A form may stand below the closing words; nothing else there is clinical.
  const Lines below = gather.read(parts.signature);
  lines.said.insert(lines.said.end(), below.said.begin(), below.said.end());
  const auto answered = [](const Said& said) { return !said.value.empty(); };
  if (!std::ranges::any_of(lines.said, answered)) {
    Lines quoted = gather.read(parts.quoted);
    lines.said = std::move(quoted.said);
  }
  out.request.context = lines.free_text.substr(0, std::min(lines.free_text.size(), kMaxTextBytes));
  Assemble(out, programme).take(lines.said);
  if (out.request.context.size() > kMaxTextBytes) {
    note(out.doubts, "unreadable:context");
    out.request.context.clear();
  }
  sort_items(out.request, programme.speciality);
  const auto numbers = case_numbers_in(text);
  if (numbers.size() == 1) out.case_number = numbers.front();
  if (numbers.size() > 1) note(out.doubts, "two_cases");
  out.missing = missing_of_form(out.request, programme);
  return out;
}

CaseRequest completed_request(CaseRequest known, const FormReading& answer) {
  const CaseRequest& said = answer.request;
  const auto replace = [](std::string& target, const std::string& value) {
    if (!value.empty()) target = value;
  };
  replace(known.patient.family_name, said.patient.family_name);
  replace(known.patient.given_name, said.patient.given_name);
  replace(known.patient.birth_date, said.patient.birth_date);
  if (said.patient.sex != Sex::unknown) known.patient.sex = said.patient.sex;
  if (!said.ins.matricule.empty()) {
    known.ins = said.ins;
    known.patient.id = said.ins.matricule;
  }
  replace(known.patient_phone, said.patient_phone);
  replace(known.reason, said.reason);
  replace(known.question, said.question);
  replace(known.own_reading, said.own_reading);
  replace(known.regulated_at, said.regulated_at);
  replace(known.information.form, said.information.form);
  if (!said.consent.given_by.empty()) known.consent = said.consent;
  replace(known.consent.accompanying_adult, said.consent.accompanying_adult);
  if (!said.context.empty()) known.context += (known.context.empty() ? "" : "\n") + said.context;
  for (const ClinicalItem& item : said.clinical) {
    const auto found = std::ranges::find_if(known.clinical,
                                            [&](const auto& one) { return one.name == item.name; });
    if (found == known.clinical.end()) {
      known.clinical.push_back(item);
    } else {
      *found = item;
    }
  }
  for (const auto& [code, yes] : said.red_flags) known.red_flags[code] = yes;
  known.oppositions.exchange |= said.oppositions.exchange;
  known.oppositions.attending_physician |= said.oppositions.attending_physician;
  known.oppositions.citizen_mailbox |= said.oppositions.citizen_mailbox;
  known.oppositions.teaching |= said.oppositions.teaching;
  known.oppositions.research |= said.oppositions.research;
  known.minor_secrecy = known.minor_secrecy || said.minor_secrecy;
  if (said.guardianship != Guardianship::none) known.guardianship = said.guardianship;
  return known;
}

std::vector<std::string> missing_of_form(const CaseRequest& request, const Programme& programme) {
  std::vector<std::string> missing;
  const auto need = [&](bool there, std::string_view name) {
    if (!there) missing.emplace_back(name);
  };
  need(!request.patient.family_name.empty(), "patient.family_name");
  need(!request.patient.given_name.empty(), "patient.given_name");
  need(!request.patient.birth_date.empty(), "patient.birth_date");
  need(request.patient.sex != Sex::unknown, "patient.sex");
  need(!request.reason.empty(), "reason");
  need(!request.question.empty(), "question");
  need(!request.information.form.empty(), "information.form");
  need(!request.consent.given_by.empty(), "consent.given_by");
  for (std::string& item : missing_items(request, programme)) missing.push_back(std::move(item));
  return missing;
}

}  // namespace telavis
