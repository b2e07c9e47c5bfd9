// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/bank_returns.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/billing/bank_words.h"
#include "engine/core/time.h"
#include "formats/identity.h"
#include "formats/text.h"
#include "formats/xml_reader.h"

namespace telavis {
namespace {

tl::unexpected<Error> unreadable(std::string_view what) {
  return fail(ErrorCode::malformed_file, std::string(what));
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

Result<xml::Document> parsed_as(ByteView file, std::string_view message) {
  std::vector<Finding> findings;
  auto document = xml::parse(file, findings);
  if (!document) return document;
  if (!document->root().child(message)) {
    return unreadable(fmt::format("This is no {}: choose the bank's file.", message));
  }
  return document;
}

/// Code, or what the banks agreed among themselves.
std::string reason_of(const xml::Element& information) {
  const xml::Element reason = information.child("Rsn");
  const xml::Element code = reason.child("Cd");
  return trimmed((code ? code : reason.child("Prtry")).text());
}

struct CamtEntry {
  std::string date, label;
  bool reversal = false;
  bool credit = false;
};

Result<std::int64_t> signed_amount(const xml::Element& amount, bool credit) {
  const auto cents = parse_amount(trimmed(amount.text()));
  if (!amount || !cents || *cents < 0 || amount.attribute("Ccy") != "EUR") {
    return unreadable("A movement has an amount in euros, with two decimals at most.");
  }
  return credit ? *cents : -*cents;
}

Result<BankMovement> movement_of(const CamtEntry& entry, const xml::Element& amount,
                                 const xml::Element& transaction) {
  const xml::Element side = transaction.child("CdtDbtInd");
  const bool credit = side ? trimmed(side.text()) == "CRDT" : entry.credit;
  const auto cents = signed_amount(amount, credit);
  if (!cents) return tl::unexpected(cents.error());
  BankMovement movement{entry.date, *cents, "", "", entry.label, entry.reversal, ""};
  const xml::Element references = transaction.child("Refs");
  movement.end_to_end_id = trimmed(references.child("EndToEndId").text());
  movement.mandate_id = trimmed(references.child("MndtId").text());
  if (const xml::Element back = transaction.child("RtrInf")) {
    movement.returned = true;
    movement.reason = reason_of(back);
  }
  const std::string words = trimmed(transaction.path({"RmtInf", "Ustrd"}).text());
  if (!words.empty()) movement.label = words;
  return movement;
}

Result<void> read_entry(const xml::Element& element, std::vector<BankMovement>& movements) {
  CamtEntry entry;
  const xml::Element booked = element.child("BookgDt");
  const xml::Element day = booked.child("Dt");
  entry.date = trimmed((day ? day : booked.child("DtTm")).text()).substr(0, 10);
  if (!is_iso_date(entry.date)) return unreadable("A movement has no day of booking.");
  entry.label = trimmed(element.child("AddtlNtryInf").text());
  entry.reversal = trimmed(element.child("RvslInd").text()) == "true";
  entry.credit = trimmed(element.child("CdtDbtInd").text()) == "CRDT";
  bool detailed = false;
  for (const xml::Element details : element.children("NtryDtls")) {
    for (const xml::Element transaction : details.children("TxDtls")) {
      detailed = true;
      // Versions before 2019 write the amount of a transaction one level below.
      xml::Element amount = transaction.child("Amt");
      if (!amount) amount = transaction.path({"AmtDtls", "TxAmt", "Amt"});
      if (!amount) amount = element.child("Amt");
      auto movement = movement_of(entry, amount, transaction);
      if (!movement) return tl::unexpected(movement.error());
      movements.push_back(std::move(*movement));
    }
  }
  if (detailed) return {};
  auto movement = movement_of(entry, element.child("Amt"), {});
  if (!movement) return tl::unexpected(movement.error());
  movements.push_back(std::move(*movement));
  return {};
}

// ---- CSV ----------------------------------------------------------------------------------------

/// Takes the next record off `rest` (RFC 4180, any separator); false: a quote is never closed.
bool take_record(std::string_view& rest, char separator, std::vector<std::string>& cells) {
  cells.assign(1, "");
  bool quoted = false;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (quoted) {
      if (c != '"') {
        cells.back() += c;
      } else if (rest.starts_with('"')) {
        cells.back() += c;
        rest.remove_prefix(1);
      } else {
        quoted = false;
      }
    } else if (c == '"' && trimmed(cells.back()).empty()) {
      quoted = true;
    } else if (c == separator) {
      cells.emplace_back();
    } else if (c == '\n') {
      return true;
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return !quoted;
}

std::string folded_title(std::string_view title) {
  std::string all;
  for (const std::string& word : name_words(title)) all += word;
  return all;
}

std::optional<std::size_t> column_of(const std::vector<std::string>& header,
                                     const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (folded_title(header[i]) == folded_title(name)) return i;
  }
  return std::nullopt;
}

struct BankCsvPlaces {
  std::size_t date = 0, label = 0;
  std::optional<std::size_t> amount, debit, credit;
};

std::optional<BankCsvPlaces> places_in(const std::vector<std::string>& header,
                                       const BankCsvColumns& columns) {
  const auto date = column_of(header, columns.date);
  const auto label = column_of(header, columns.label);
  if (!date || !label) return std::nullopt;
  BankCsvPlaces places{*date, *label, column_of(header, columns.amount),
                       column_of(header, columns.debit), column_of(header, columns.credit)};
  const bool whole = places.amount || (places.debit && places.credit);
  return whole ? std::optional(places) : std::nullopt;
}

std::string iso_of(std::string_view date) {
  const bool french = date.size() == 10 && date[2] == '/' && date[5] == '/';
  std::string iso(date);
  if (french) {
    iso = std::string(date.substr(6)) + "-" + std::string(date.substr(3, 2)) + "-" +
          std::string(date.substr(0, 2));
  }
  return is_iso_date(iso) ? iso : "";
}

std::optional<BankMovement> movement_in(const std::vector<std::string>& cells,
                                        const BankCsvPlaces& places) {
  const auto cell = [&](std::optional<std::size_t> at) {
    return at && *at < cells.size() ? trimmed(cells[*at]) : std::string();
  };
  BankMovement movement;
  movement.date = iso_of(cell(places.date));
  movement.label = cell(places.label);
  if (movement.date.empty()) return std::nullopt;
  if (places.amount) {
    const auto cents = parse_amount(cell(places.amount));
    if (!cents) return std::nullopt;
    movement.cents = *cents;
    return movement;
  }
  const std::string debit = cell(places.debit);
  const std::string credit = cell(places.credit);
  const auto cents = parse_amount(debit.empty() ? credit : debit);
  // Some banks write what went out with a minus, others without.
  if (!cents || debit.empty() == credit.empty()) return std::nullopt;
  const std::int64_t size = *cents < 0 ? -*cents : *cents;
  movement.cents = debit.empty() ? *cents : -size;
  return movement;
}

}  // namespace

Result<StatusReport> read_pain_002(ByteView file) {
  const auto document = parsed_as(file, "CstmrPmtStsRpt");
  if (!document) return tl::unexpected(document.error());
  const xml::Element message = document->root().child("CstmrPmtStsRpt");
  StatusReport report;
  const xml::Element group = message.child("OrgnlGrpInfAndSts");
  report.original_batch = trimmed(group.child("OrgnlMsgId").text());
  if (report.original_batch.empty()) return unreadable("The report names no file that was sent.");
  if (const xml::Element status = group.child("GrpSts")) {
    report.payments.push_back({"", trimmed(status.text()), reason_of(group.child("StsRsnInf"))});
  }
  for (const xml::Element block : message.children("OrgnlPmtInfAndSts")) {
    for (const xml::Element one : block.children("TxInfAndSts")) {
      report.payments.push_back({trimmed(one.child("OrgnlEndToEndId").text()),
                                 trimmed(one.child("TxSts").text()),
                                 reason_of(one.child("StsRsnInf"))});
    }
  }
  return report;
}

Result<std::vector<BankMovement>> read_camt_054(ByteView file) {
  const auto document = parsed_as(file, "BkToCstmrDbtCdtNtfctn");
  if (!document) return tl::unexpected(document.error());
  std::vector<BankMovement> movements;
  const xml::Element message = document->root().child("BkToCstmrDbtCdtNtfctn");
  for (const xml::Element notice : message.children("Ntfctn")) {
    for (const xml::Element entry : notice.children("Ntry")) {
      if (auto read = read_entry(entry, movements); !read) return tl::unexpected(read.error());
    }
  }
  return movements;
}

Result<std::vector<BankMovement>> read_bank_csv(ByteView file, const BankCsvColumns& columns) {
  std::string text(as_text(file));
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (!is_valid_utf8(text)) {
    // text_from_device() leaves no carriage return: lines stay lines.
    text = text_from_device(as_bytes(text));
  }
  std::vector<std::string> cells;
  for (const char separator : {';', ',', '\t'}) {
    std::string_view rest = text;
    std::optional<BankCsvPlaces> places;
    std::vector<BankMovement> movements;
    for (int line = 1; !rest.empty(); ++line) {
      if (!take_record(rest, separator, cells)) {
        return unreadable(fmt::format("Record {}: a quotation is never closed.", line));
      }
      if (!places) {
        places = places_in(cells, columns);
        continue;
      }
      const bool blank = std::all_of(cells.begin(), cells.end(),
                                     [](const std::string& cell) { return trimmed(cell).empty(); });
      if (blank) continue;
      auto movement = movement_in(cells, *places);
      if (!movement) {
        return unreadable(fmt::format(
            "Record {}: date and amount cannot be read, such as 31/12/2026 and -12,50.", line));
      }
      movements.push_back(std::move(*movement));
    }
    if (places) return movements;
  }
  return unreadable(fmt::format("No line names the columns {}, {} and {}, or {} and {}.",
                                columns.date, columns.label, columns.amount, columns.debit,
                                columns.credit));
}

}  // namespace telavis
