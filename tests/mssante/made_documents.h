// SPDX-License-Identifier: Apache-2.0
// Random cases for the documents: every speciality, profession and status of an identity, with any
// optional item missing. The same seed makes the same case. Every person is fictive.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mssante/case_document.h"

namespace telavis::test {

struct MadeCase {
  DocumentSettings settings;
  Programme programme;
  User requester, expert;
  std::vector<User> named;
  CaseRequest request;
  Case subject;
  Bytes report;

  DocumentInput input() const {
    return {settings, subject, programme, requester, request, named, &expert, report};
  }
};

MadeCase made_case(std::uint64_t seed);

/// A drawn PDF/A-1b of one page or several.
const Bytes& made_report(std::size_t variant);

/// Thirteen characters and their key, reckoned with long division over the digits.
std::string with_ins_key(std::string number);

}  // namespace telavis::test
