// SPDX-License-Identifier: Apache-2.0
// Invoices of the association as Factur-X 1.09 XML, profile BASIC WL (UN/CEFACT Cross Industry
// Invoice D22B).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/result.h"

namespace telavis {

struct InvoiceParty {
  std::string name;
  std::string siren;  // empty: none, of a person
  std::string line, post_code, town;
  std::string country = "FR";
};

struct Invoice {
  std::string number;     // of a series without gaps
  std::string issued_on;  // ISO date
  std::string due_on;
  InvoiceParty seller;  // with SIREN and town
  InvoiceParty buyer;
  std::vector<std::int64_t> line_cents;  // what is added up; at least one, each above zero
  /// Why no VAT is asked for. Article 293 B of the CGI (franchise en base), or 261-7-1 for a
  /// disinterested association: which one is the accountant's choice (low certainty).
  std::string exemption = "TVA non applicable, art. 293 B du CGI";
  std::string note;       // empty: none
  bool corrects = false;  // a credit note (type 381) of the invoice `corrected`
  std::string corrected;
};

/// Errors: missing_field, invalid_field.
Result<std::string> factur_x(const Invoice& invoice);

}  // namespace telavis
