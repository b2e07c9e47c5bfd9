// SPDX-License-Identifier: Apache-2.0
// The labels of a request by mail: what stands in front of a colon, and what it means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/programme.h"

namespace telavis {

enum class FormField {
  family_name,
  given_name,
  full_name,
  birth_date,
  sex,
  ins,
  phone,
  reason,
  question,
  context,
  own_reading,
  item,      // a clinical one
  pressure,  // both pressures in one line
  red_flags,
  red_flag,  // one of the checklist
  information,
  consent,
  representative,
  opposition,
  minor_secrecy,
  accompanying_adult,
  guardianship,
  regulated_at,
  requested_expert,
  attending_physician,
  acting_doctor,
};

struct FormLabel {
  std::vector<std::string> words;  // folded
  FormField field = FormField::context;
  std::string item;    // of `item` and `red_flag`: the name or code
  bool loose = false;  // needs no colon: "Né le 02/03/1961"
};

/// Longest first.
std::vector<FormLabel> form_labels(const Programme& programme);

/// A line with a label; `label` is nullptr when it has none.
struct LabelledLine {
  const FormLabel* label = nullptr;
  std::string_view name;   // as it is written
  std::string_view value;  // behind the colon, without blanks
  bool colon = false;
};
LabelledLine read_label(const std::vector<FormLabel>& labels, std::string_view line);

}  // namespace telavis
