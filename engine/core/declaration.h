// SPDX-License-Identifier: Apache-2.0
// What an operator declares before doctors use the engine for patients. Nobody but the operator can
// know it, so it stands in the configuration and has no default.
#pragma once

#include <string>
#include <vector>

#include "formats/result.h"

namespace telavis {

/// Who answers for the processing of health data here (Regulation (EU) 2016/679, art. 4 and 37; CSP
/// L1111-8 for the host). Free words, shown to patients as they are; empty: not declared.
struct Declaration {
  std::string controller;        // "ESS Cardio Guadeloupe, 12 rue ..., Pointe-à-Pitre"
  std::string host;              // of the machine
  std::string host_certificate;  // HDS: number and end of validity, or why none is needed
  std::string dpo;               // data-protection officer: name or function, and how to write
  std::string date;              // of this declaration, ISO
  bool operator==(const Declaration&) const = default;
};

/// A name with its address: two lines of the patient's notice.
inline constexpr std::size_t kMaxDeclaredBytes = 120;

/// Names of the members that are not declared, as in the configuration ("declaration.controller").
std::vector<std::string> undeclared(const Declaration& declaration);

/// True for addresses that only the machine itself reaches: 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view address);

/// Whether a server may listen there: anywhere once everything is declared, else on loopback.
/// Errors: configuration_invalid, which names what is missing.
Result<void> may_listen(std::string_view address, const Declaration& declaration);

/// One switch for what goes beyond carrying and showing (docs/regulation.md): the hint at exchanged
/// electrodes, display filters, calipers and QTc, brightness. Off until somebody answers for it.
struct ClinicalTools {
  bool enabled = false;
  std::string responsible;  // who answers for it
  std::string statement;    // the document by which he does, or its date
};
/// Errors: configuration_invalid (enabled, and nobody answers for it).
Result<void> check_clinical_tools(const ClinicalTools& tools);

}  // namespace telavis
