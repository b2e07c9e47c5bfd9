// SPDX-License-Identifier: Apache-2.0
// What an expert writes opinions with: templates that fill several fields of the answer form, and
// phrases that go where he types. His own, and about nobody: no patient's data belongs in them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/json_reader.h"

namespace telavis {

inline constexpr std::size_t kMaxTemplates = 100;  // more than anybody finds one in
inline constexpr std::size_t kMaxPhrases = 300;
inline constexpr std::size_t kMaxPersonalTextBytes = 4'000;  // of one text: a page

struct OpinionTemplate {
  std::string title;
  std::string speciality;  // of a programme; empty: any
  /// By the answer form's names: texts, and the codes of its choices (a code of a later form
  /// selects nothing).
  std::map<std::string, std::string> fields;

  bool operator==(const OpinionTemplate&) const = default;
};

struct Phrase {
  std::string title;
  std::string speciality;
  std::string text;

  bool operator==(const Phrase&) const = default;
};

struct PersonalTexts {
  std::vector<OpinionTemplate> templates;
  std::vector<Phrase> phrases;

  bool operator==(const PersonalTexts&) const = default;
};

/// The members {"templates": [{"title","speciality","fields":{"conclusion":...}}], "phrases":
/// [{"title","speciality","text"}]} of an object; what is wrong is noted in the reader.
PersonalTexts read_personal_texts(JsonReader& reader);
std::string personal_texts_json(const PersonalTexts& texts);

}  // namespace telavis
