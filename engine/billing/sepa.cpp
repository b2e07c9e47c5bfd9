// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/sepa.h"

#include <fmt/format.h>

#include <array>

#include "engine/billing/bank_words.h"
#include "formats/xml_text.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxId = 35;
constexpr std::size_t kMaxBatchId = 30;  // a block's id is the batch's and its mandate state
constexpr std::size_t kMaxPartyName = 70;
constexpr std::size_t kMaxRemittance = 140;
constexpr std::int64_t kMaxPayment = 99'999'999'999;  // 999,999,999.99 EUR (EPC)
constexpr std::array<MandateState, 4> kStates = {MandateState::first, MandateState::recurrent,
                                                 MandateState::last, MandateState::one_off};

std::string_view sequence_type(MandateState state) {
  switch (state) {
    case MandateState::first:
      return "FRST";
    case MandateState::recurrent:
      return "RCUR";
    case MandateState::last:
      return "FNAL";
    case MandateState::one_off:
      return "OOFF";
  }
  return "";
}

tl::unexpected<Error> wrong(std::string_view id, std::string_view what) {
  return fail(ErrorCode::invalid_field, fmt::format("Payment {}: {}", id, what));
}

Result<void> check_id(std::string_view id, std::size_t most, std::string_view what) {
  if (id.size() <= most && is_sepa_text(id)) return {};
  return fail(ErrorCode::invalid_field,
              fmt::format("{} '{}' must have 1 to {} characters of the SEPA set, no slash at its "
                          "ends and no two together.",
                          what, sepa_text(id, most), most));
}

Result<void> check_party(std::string_view id, const BankParty& party) {
  if (sepa_text(party.name, kMaxPartyName).empty()) return wrong(id, "a name is missing.");
  if (const auto iban = check_iban(party.iban); !iban) return wrong(id, iban.error().text);
  if (!party.bic.empty()) {
    if (const auto bic = check_bic(party.bic); !bic) return wrong(id, bic.error().text);
  }
  const PostalAddress& address = party.address;
  const bool placed =
      !sepa_text(address.town, kMaxPartyName).empty() && address.country.size() == 2;
  if (!address.empty() && !placed) {
    return wrong(id,
                 "an address has a town and a country; banks refuse lines alone. Leave the "
                 "address out, or complete it.");
  }
  return {};
}

Result<void> check_payment(std::string_view id, std::int64_t cents, const BankParty& party) {
  if (auto checked = check_id(id, kMaxId, "EndToEndId"); !checked) return checked;
  if (cents < 1 || cents > kMaxPayment) {
    return wrong(id, "an amount is between 0.01 and 999,999,999.99 EUR.");
  }
  return check_party(id, party);
}

Result<void> check_batch(const SepaBatch& batch) {
  if (auto checked = check_id(batch.id, kMaxBatchId, "The batch's id"); !checked) return checked;
  if (!is_iso_date(batch.date)) return wrong(batch.id, "the date must be one like 2026-04-15.");
  return check_party(batch.id, batch.owner);
}

/// The last day on which a mandate that was used on `date` may be used again: 36 months later.
std::chrono::sys_days lapses_on(std::string_view date) {
  const auto later = std::chrono::year_month_day(iso_day(date)) + std::chrono::months(36);
  return later.ok() ? std::chrono::sys_days(later)
                    : std::chrono::sys_days(later.year() / later.month() / std::chrono::last);
}

Result<void> check_mandate(const SepaBatch& batch, const DirectDebit& debit) {
  const std::string& id = debit.end_to_end_id;
  if (auto checked = check_id(debit.mandate_id, kMaxId, "Mandate"); !checked) return checked;
  if (!is_iso_date(debit.mandate_signed_on) || debit.mandate_signed_on > batch.date) {
    return wrong(id, "its mandate is signed on a day that is not after the collection.");
  }
  if (!is_iso_date(debit.notified_on)) return wrong(id, "the debtor was not told of it.");
  const std::chrono::sys_days collection = iso_day(batch.date);
  if (collection - iso_day(debit.notified_on) < std::chrono::days(debit.notice_days)) {
    return wrong(id, fmt::format("the debtor is told {} days before: choose a later day.",
                                 debit.notice_days));
  }
  const bool first = debit.last_collected_on.empty();
  if (first != (debit.mandate == MandateState::first || debit.mandate == MandateState::one_off)) {
    return wrong(id, "a mandate's first collection is FRST or OOFF, each later one RCUR or FNAL.");
  }
  if (!first && !is_iso_date(debit.last_collected_on)) {
    return wrong(id, "the last collection has no date.");
  }
  const std::string& used = first ? debit.mandate_signed_on : debit.last_collected_on;
  if (collection > lapses_on(used)) {
    return wrong(id, "its mandate was not used for 36 months: have a new one signed.");
  }
  return {};
}

/// Gathers some ten kilobytes before it asks the sink.
class SepaXml {
 public:
  SepaXml(const ByteSink& sink, SepaVersion version) : sink_(sink), version_(version) {}

  bool legacy() const { return version_ == SepaVersion::legacy; }
  void add(std::string_view markup) { buffer_ += markup; }
  void element(std::string_view name, std::string_view text) {
    buffer_ += fmt::format("<{0}>{1}</{0}>", name, xml_escaped(text));
  }
  void party(std::string_view name, const BankParty& party) {
    buffer_ += fmt::format("<{}>", name);
    element("Nm", sepa_text(party.name, kMaxPartyName));
    const PostalAddress& address = party.address;
    if (!address.empty()) {
      add("<PstlAdr>");
      if (!address.post_code.empty()) element("PstCd", sepa_text(address.post_code, 16));
      element("TwnNm", sepa_text(address.town, 35));
      element("Ctry", address.country);
      for (const std::string& line : address.street_lines) {
        if (!line.empty()) element("AdrLine", sepa_text(line, kMaxPartyName));
      }
      add("</PstlAdr>");
    }
    buffer_ += fmt::format("</{}>", name);
  }
  void account(std::string_view name, const std::string& iban) {
    buffer_ += fmt::format("<{0}><Id><IBAN>{1}</IBAN></Id></{0}>", name, iban);
  }
  /// Where no BIC is known banks want to read so.
  void agent(std::string_view name, const std::string& bic) {
    const std::string_view tag = legacy() ? "BIC" : "BICFI";
    buffer_ += fmt::format("<{0}><FinInstnId>", name);
    bic.empty() ? add("<Othr><Id>NOTPROVIDED</Id></Othr>") : element(tag, bic);
    buffer_ += fmt::format("</FinInstnId></{0}>", name);
  }
  void head(const SepaBatch& batch, const SepaTotals& totals) {
    add("<GrpHdr>");
    element("MsgId", batch.id);
    element("CreDtTm", format_utc(batch.made_at));
    sums(totals);
    add("<InitgPty>");
    element("Nm", sepa_text(batch.owner.name, kMaxPartyName));
    add("</InitgPty></GrpHdr>\n");
  }
  void sums(const SepaTotals& totals) {
    element("NbOfTxs", std::to_string(totals.count));
    element("CtrlSum", amount_text(totals.cents));
  }
  void remittance(const std::string& words) {
    const std::string text = sepa_text(words, kMaxRemittance);
    if (text.empty()) return;
    add("<RmtInf>");
    element("Ustrd", text);
    add("</RmtInf>");
  }
  Result<void> flush(bool all = false) {
    constexpr std::size_t kChunk = 64 * 1024;
    if (buffer_.size() < kChunk && !all) return {};
    auto taken = sink_(buffer_);
    buffer_.clear();
    return taken;
  }

 private:
  const ByteSink& sink_;
  SepaVersion version_;
  std::string buffer_;
};

void open_document(SepaXml& xml, std::string_view name, std::string_view root) {
  xml.add(
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document "
                  "xmlns=\"urn:iso:std:iso:20022:tech:xsd:{}\"><{}>\n",
                  name, root));
}

Result<SepaTotals> changed() {
  return fail(ErrorCode::internal, "The payments changed while their file was written.");
}

void credit_head(SepaXml& xml, const SepaBatch& batch, const SepaTotals& totals) {
  open_document(xml, xml.legacy() ? "pain.001.001.03" : "pain.001.001.09", "CstmrCdtTrfInitn");
  xml.head(batch, totals);
  xml.add("<PmtInf>");
  xml.element("PmtInfId", batch.id);
  xml.add("<PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>");
  xml.sums(totals);
  xml.add("<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt>");
  xml.legacy() ? xml.add(batch.date) : xml.element("Dt", batch.date);
  xml.add("</ReqdExctnDt>");
  xml.party("Dbtr", batch.owner);
  xml.account("DbtrAcct", batch.owner.iban);
  xml.agent("DbtrAgt", batch.owner.bic);
  xml.add("<ChrgBr>SLEV</ChrgBr>\n");
}

void debit_head(SepaXml& xml, const SepaBatch& batch, MandateState state,
                const SepaTotals& totals) {
  const std::string_view sequence = sequence_type(state);
  xml.add("<PmtInf>");
  xml.element("PmtInfId", fmt::format("{}-{}", batch.id, sequence));
  xml.add("<PmtMtd>DD</PmtMtd><BtchBookg>true</BtchBookg>");
  xml.sums(totals);
  xml.add("<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm>");
  xml.element("SeqTp", sequence);
  xml.add("</PmtTpInf>");
  xml.element("ReqdColltnDt", batch.date);
  xml.party("Cdtr", batch.owner);
  xml.account("CdtrAcct", batch.owner.iban);
  xml.agent("CdtrAgt", batch.owner.bic);
  xml.add("<ChrgBr>SLEV</ChrgBr><CdtrSchmeId><Id><PrvtId><Othr>");
  xml.element("Id", batch.creditor_id);
  xml.add("<SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>\n");
}

void debit_entry(SepaXml& xml, const DirectDebit& debit) {
  xml.add("<DrctDbtTxInf><PmtId>");
  xml.element("EndToEndId", debit.end_to_end_id);
  xml.add(fmt::format("</PmtId><InstdAmt Ccy=\"EUR\">{}</InstdAmt><DrctDbtTx><MndtRltdInf>",
                      amount_text(debit.cents)));
  xml.element("MndtId", debit.mandate_id);
  xml.element("DtOfSgntr", debit.mandate_signed_on);
  xml.add("</MndtRltdInf></DrctDbtTx>");
  xml.agent("DbtrAgt", debit.debtor.bic);
  xml.party("Dbtr", debit.debtor);
  xml.account("DbtrAcct", debit.debtor.iban);
  xml.remittance(debit.remittance);
  xml.add("</DrctDbtTxInf>\n");
}

}  // namespace

Result<SepaTotals> write_credit_transfers(const SepaBatch& batch, const Walk<CreditTransfer>& walk,
                                          const ByteSink& sink) {
  if (auto checked = check_batch(batch); !checked) return tl::unexpected(checked.error());
  SepaTotals totals;
  const auto added = walk([&](const CreditTransfer& one) -> Result<void> {
    ++totals.count;
    totals.cents += one.cents;
    return check_payment(one.end_to_end_id, one.cents, one.creditor);
  });
  if (!added) return tl::unexpected(added.error());
  if (totals.count == 0) return wrong(batch.id, "there is nothing to pay.");
  SepaXml xml(sink, batch.version);
  credit_head(xml, batch, totals);
  SepaTotals written;
  const auto done = walk([&](const CreditTransfer& one) -> Result<void> {
    ++written.count;
    written.cents += one.cents;
    xml.add("<CdtTrfTxInf><PmtId>");
    xml.element("InstrId", one.end_to_end_id);
    xml.element("EndToEndId", one.end_to_end_id);
    xml.add(fmt::format("</PmtId><Amt><InstdAmt Ccy=\"EUR\">{}</InstdAmt></Amt>",
                        amount_text(one.cents)));
    xml.agent("CdtrAgt", one.creditor.bic);
    xml.party("Cdtr", one.creditor);
    xml.account("CdtrAcct", one.creditor.iban);
    xml.remittance(one.remittance);
    xml.add("</CdtTrfTxInf>\n");
    return xml.flush();
  });
  if (!done) return tl::unexpected(done.error());
  if (written != totals) return changed();
  xml.add("</PmtInf></CstmrCdtTrfInitn></Document>\n");
  if (auto end = xml.flush(true); !end) return tl::unexpected(end.error());
  return totals;
}

Result<SepaTotals> write_direct_debits(const SepaBatch& batch, const Walk<DirectDebit>& walk,
                                       const ByteSink& sink) {
  if (auto checked = check_batch(batch); !checked) return tl::unexpected(checked.error());
  if (auto id = check_creditor_id(batch.creditor_id); !id) return tl::unexpected(id.error());
  SepaTotals totals;
  std::array<SepaTotals, kStates.size()> by_state{};
  const auto added = walk([&](const DirectDebit& one) -> Result<void> {
    SepaTotals& block = by_state.at(static_cast<std::size_t>(one.mandate));
    for (SepaTotals* sum : {&totals, &block}) {
      ++sum->count;
      sum->cents += one.cents;
    }
    if (auto checked = check_payment(one.end_to_end_id, one.cents, one.debtor); !checked)
      return checked;
    return check_mandate(batch, one);
  });
  if (!added) return tl::unexpected(added.error());
  if (totals.count == 0) return wrong(batch.id, "there is nothing to collect.");
  SepaXml xml(sink, batch.version);
  open_document(xml, xml.legacy() ? "pain.008.001.02" : "pain.008.001.08", "CstmrDrctDbtInitn");
  xml.head(batch, totals);
  for (const MandateState state : kStates) {
    const SepaTotals& block = by_state.at(static_cast<std::size_t>(state));
    if (block.count == 0) continue;
    debit_head(xml, batch, state, block);
    SepaTotals written;
    const auto done = walk([&](const DirectDebit& one) -> Result<void> {
      if (one.mandate != state) return {};
      ++written.count;
      written.cents += one.cents;
      debit_entry(xml, one);
      return xml.flush();
    });
    if (!done) return tl::unexpected(done.error());
    if (written != block) return changed();
    xml.add("</PmtInf>\n");
  }
  xml.add("</CstmrDrctDbtInitn></Document>\n");
  if (auto end = xml.flush(true); !end) return tl::unexpected(end.error());
  return totals;
}

}  // namespace telavis
