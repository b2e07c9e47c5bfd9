// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "engine/core/catalogue.h"
#include "engine/core/clinical_form.h"
#include "engine/core/mail_form.h"
#include "engine/core/request_words.h"

namespace telavis {
namespace {

std::string hint_of(const ClinicalItemKind& kind) {
  switch (kind.type) {
    case ClinicalType::yes_no:
      return message(Language::french, "mail_form.hint.yes_no");
    case ClinicalType::whole_number:
    case ClinicalType::decimal:
      return std::string(kind.unit);
    case ClinicalType::date_or_month:
      return message(Language::french, "mail_form.hint.date");
    case ClinicalType::choice: {
      std::string choices;
      for (const std::string_view code : kind.choices) {
        choices += (choices.empty() ? "" : ", ") +
                   coded(Language::french, "form_value." + std::string(kind.name), code);
      }
      return choices;
    }
    case ClinicalType::text:
      return {};
    case ClinicalType::texts:
      return message(Language::french, "mail_form.hint.list");
  }
  return {};
}

void add_line(std::string& out, const std::string& label, const std::string& hint) {
  out += label + (hint.empty() ? "" : " (" + hint + ")") + " :\n";
}

void add_label(std::string& out, std::string_view name) {
  out += message(Language::french, "mail_form." + std::string(name)) + " :\n";
}

}  // namespace

std::string form_template(const Programme& programme) {
  std::string out = message(Language::french, "mail_form.intro") + "\n\n";
  for (const char* name :
       {"family_name", "given_name", "birth_date", "sex", "ins", "phone", "reason"}) {
    add_label(out, name);
  }
  for (std::size_t i = 0; i < programme.reasons.size(); ++i) {
    out += fmt::format("{}) {}\n", static_cast<char>('a' + i),
                       message(Language::french, "reason." + programme.reasons[i]));
  }
  add_label(out, "question");
  out += "\n";
  std::string optional;
  for (const FormItem& item : programme.form) {
    const ClinicalItemKind* kind = clinical_item(item.name);
    if (kind == nullptr) continue;
    add_line(item.mandatory ? out : optional, coded(Language::french, "form", item.name),
             hint_of(*kind));
  }
  if (!programme.red_flags.empty()) {
    out += "\n";
    add_label(out, "red_flags");
    for (std::size_t i = 0; i < programme.red_flags.size(); ++i) {
      out += fmt::format("{}. {}\n", i + 1,
                         message(Language::french, "red_flag." + programme.red_flags[i].code));
    }
  }
  out += "\n";
  for (const char* name : {"information", "consent"}) add_label(out, name);
  out += "\n" + message(Language::french, "mail_form.optional") + "\n" + optional;
  for (const char* name : {"context", "opposition", "attending_physician", "acting_doctor"})
    add_label(out, name);
  if (programme.policy == OfferPolicy::direct) add_label(out, "requested_expert");
  return out;
}

}  // namespace telavis
