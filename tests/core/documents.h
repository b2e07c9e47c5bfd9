// SPDX-License-Identifier: Apache-2.0
// For tests of documents: the fixtures' exams, fictive doctors, and what a content says.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/core/exam_archive.h"
#include "engine/core/people.h"
#include "formats/exam.h"
#include "formats/render.h"

namespace telavis::test {

inline ArchivedExam fixture_exam(const std::string& name) {
  std::ifstream in(std::filesystem::path(TELAVIS_SOURCE_DIR) / "fixtures" / name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Bytes bytes(text.begin(), text.end());
  return {"web", name, bytes, normalise_exam(bytes).value()};
}

inline User doctor(const std::string& id, const std::string& given, const std::string& family) {
  User user;
  user.id = UserId(id);
  user.title = "Dr";
  user.given_name = given;
  user.family_name = family;
  user.rpps = "99900000011";
  user.mobile_phone = "0690 00 00 01";
  user.office_phone = "0590 00 00 02";
  user.place = "Sainte-Rose";
  return user;
}

/// Every word of a content, a line a line: "heading", "label|text".
inline std::string said_in(const ReportContent& content) {
  std::string text = content.title + "\n" + content.subtitle + "\n" + content.footer + "\n";
  for (const ReportSection& section : content.sections) {
    text += section.heading + "\n";
    for (const auto& [label, value] : section.lines) text += label + "|" + value + "\n";
  }
  return text;
}

}  // namespace telavis::test
