// SPDX-License-Identifier: Apache-2.0
// A request for an opinion in the body of a mail: "Label : value", a line each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/programme.h"
#include "engine/core/request.h"

namespace telavis {

/// What the lines of a mail say. Labels are those of the template, those of the request form and
/// usual short ones ("DDN", "TA", "FC"), whatever their case, accents, order, colons and quotation.
struct FormReading {
  /// `programme` is set; what was not said is empty. Words without a label are in `context`, and so
  /// is what a value says beyond its code, behind its label: nothing that was written is lost.
  /// An INS has the status provisional, and the NIR's OID unless the line names another one.
  CaseRequest request;
  // Persons in words, to be looked up: the expert who is asked, the patient's own doctor, the
  // doctor who will act for a paramedical requester.
  std::string requested_expert, attending_physician, acting_doctor;
  std::string case_number;       // "TE-2026-7K3M9Q2A", when exactly one is named
  bool consent_refused = false;  // the patient says no, or opposes the exchange
  /// A sign of the checklist is answered yes, or "yes" to the list without saying which.
  bool red_flag = false;
  /// Dotted names of what was said and understood: "patient.birth_date", "vitals.systolic_mmhg",
  /// "red_flag.shock", ...
  std::vector<std::string> given;
  /// Likewise of what is mandatory and absent: "patient.family_name", ".given_name", ".birth_date",
  /// ".sex" (which an exam may bring), "reason", "question", "information.form",
  /// "consent.given_by", then those of missing_items().
  std::vector<std::string> missing;
  /// "unreadable:<name>", "repeated:<name>" (two answers that differ: none is taken),
  /// "red_flags_unclear", "two_cases".
  std::vector<std::string> doubts;
};

/// `text` is that of IncomingMail. What the sender quotes is read only when his own lines have no
/// label at all: he filled in the form that was sent to him.
FormReading read_form(std::string_view text, const Programme& programme);

/// An answer to "what is missing" joined to what was known: what the answer says replaces, texts
/// without label are appended.
CaseRequest completed_request(CaseRequest known, const FormReading& answer);

/// What is mandatory and absent, as FormReading::missing.
std::vector<std::string> missing_of_form(const CaseRequest& request, const Programme& programme);

/// The form to be filled in, for a mail: in French, LF. read_form() reads it.
std::string form_template(const Programme& programme);

}  // namespace telavis
