// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "engine/billing/bank_returns.h"
#include "engine/billing/bank_words.h"
#include "engine/billing/fec.h"
#include "engine/billing/invoice.h"
#include "engine/billing/sepa.h"
#include "tests/shared_samples.h"
#include "tests/temp_folder.h"

namespace telavis {
namespace {

constexpr const char* kOurIban = "FR7630006000011234567890189";
constexpr const char* kDoctorsIban = "FR1420041010050500013M02606";

// ---- numbers and words

TEST(BankWords, KnowNumbersByTheirKeys) {
  for (const char* iban : {kOurIban, kDoctorsIban, "DE89370400440532013000", "BE68539007547034",
                           "MC5811222000010123456789030"}) {
    EXPECT_TRUE(check_iban(iban)) << iban;
  }
  for (const char* iban : {"FR7630006000011234567890188", "FR763000600001123456789018",
                           "fr7630006000011234567890189", "FR76 3000 6000 0112 3456 7890 189",
                           "PF5711222000010123456789030", "", "FR", "NO9386011117948"}) {
    EXPECT_FALSE(check_iban(iban)) << iban;
  }
  // A right IBAN key over a wrong RIB key.
  EXPECT_FALSE(check_iban("FR4930006000011234567890190"));
  EXPECT_TRUE(check_bic("AGRIFRPP"));
  EXPECT_TRUE(check_bic("AGRIGPGXXXX"));
  EXPECT_FALSE(check_bic("AGRIFRP"));
  EXPECT_FALSE(check_bic("agrifrpp"));
  EXPECT_FALSE(check_bic("AGR1FRPP"));
  EXPECT_TRUE(check_creditor_id("FR72ZZZ123456"));
  EXPECT_TRUE(check_creditor_id("FR72ABC123456")) << "the business code is not in the key";
  EXPECT_FALSE(check_creditor_id("FR73ZZZ123456"));
  EXPECT_FALSE(check_creditor_id("FR72ZZZ"));
  EXPECT_TRUE(check_siren("732829320"));
  EXPECT_FALSE(check_siren("732829321"));
  EXPECT_FALSE(check_siren("73282932"));
}

TEST(BankWords, WriteInTheSetsOfBanksAndTaxOffices) {
  EXPECT_EQ(sepa_text("Dr Élise D’Été-Œuf & fils", 70), "Dr Elise D'Ete-OEuf + fils");
  EXPECT_EQ(sepa_text("//a//b/ ", 70), "a/b");
  EXPECT_EQ(sepa_text("Łódź  Straße\t№ 1", 70), "Lodz Strasse 1");
  EXPECT_EQ(sepa_text("abc def", 4), "abc");
  EXPECT_TRUE(is_sepa_text("COTIS-202604/GP0042"));
  EXPECT_FALSE(is_sepa_text("a//b"));
  EXPECT_FALSE(is_sepa_text("/a"));
  EXPECT_FALSE(is_sepa_text(""));
  EXPECT_FALSE(is_sepa_text("é"));
  EXPECT_EQ(latin9("Été 5 € œ Ł ¤"), "\xC9t\xE9 5 \xA4 \xBD L ?");
}

TEST(BankWords, ReadAndWriteAmounts) {
  EXPECT_EQ(amount_text(123456), "1234.56");
  EXPECT_EQ(amount_text(-5, ','), "-0,05");
  EXPECT_EQ(amount_text(std::numeric_limits<std::int64_t>::min()), "-92233720368547758.08");
  EXPECT_EQ(parse_amount("1 234,56"), 123456);
  EXPECT_EQ(parse_amount("1\u00A0234,5"), 123450);
  EXPECT_EQ(parse_amount("-12.50"), -1250);
  EXPECT_EQ(parse_amount("+7"), 700);
  for (const char* wrong : {"", "-", "1,234", "1.2.3", "12a", "1-2", "99999999999999999999"}) {
    EXPECT_FALSE(parse_amount(wrong)) << wrong;
  }
  EXPECT_EQ(iso_date(iso_day("2024-02-29")), "2024-02-29");
  EXPECT_EQ(compact_date("2024-02-29"), "20240229");
}

// ---- payments

SepaBatch sepa_batch(SepaVersion version = SepaVersion::current) {
  return {"MELIGUA-20260415",
          parse_instant("2026-04-10T09:30:00Z").value(),
          {"Réseau d’essai", kOurIban, "AGRIFRPPXXX", {{}, "97110", "Pointe-à-Pitre", "FR"}},
          "FR72ZZZ123456",
          "2026-04-20",
          version};
}

std::vector<CreditTransfer> transfers() {
  return {
      {"T1-0001", {"Dr Cardio Un", kDoctorsIban, ""}, 13'800, "Réunions T1 2026, 3 x 2C"},
      {"T1-0002",
       {"Dr Cardio Deux", kOurIban, "AGRIFRPPXXX", {{"1 rue <fictive>", ""}, "", "Le Moule", "FR"}},
       4'600,
       ""}};
}

std::vector<DirectDebit> debits() {
  DirectDebit recurrent{
      "COTIS-1", {"Dr Généraliste", kDoctorsIban, "PSSTFRPPXXX"}, 500, "Cotisation avril 2026"};
  recurrent.mandate_id = "MEL-GP0042-01";
  recurrent.mandate_signed_on = "2025-11-03";
  recurrent.last_collected_on = "2026-03-20";
  recurrent.notified_on = "2026-04-06";
  DirectDebit first = recurrent;
  first.end_to_end_id = "COTIS-2";
  first.mandate_id = "MEL-GP0043-01";
  first.mandate = MandateState::first;
  first.last_collected_on.clear();
  return {recurrent, first};
}

Result<std::string> credit_file(const SepaBatch& batch, const std::vector<CreditTransfer>& all) {
  std::string xml;
  const auto totals = write_credit_transfers(batch, walk_of<CreditTransfer>(all), append_to(xml));
  if (!totals) return tl::unexpected(totals.error());
  return xml;
}

Result<std::string> debit_file(const SepaBatch& batch, const std::vector<DirectDebit>& all) {
  std::string xml;
  const auto totals = write_direct_debits(batch, walk_of<DirectDebit>(all), append_to(xml));
  if (!totals) return tl::unexpected(totals.error());
  return xml;
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Sepa, CreditTransfersAreSummedAndFolded) {
  const std::string xml = credit_file(sepa_batch(), transfers()).value();
  EXPECT_TRUE(says(xml, "<NbOfTxs>2</NbOfTxs><CtrlSum>184.00</CtrlSum>"));
  EXPECT_TRUE(says(xml, "<Nm>Reseau d&apos;essai</Nm>") || says(xml, "<Nm>Reseau d'essai</Nm>"));
  EXPECT_TRUE(says(xml, "<CdtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr>"));
  EXPECT_TRUE(says(xml, "<TwnNm>Le Moule</TwnNm><Ctry>FR</Ctry><AdrLine>1 rue fictive</AdrLine>"));
  EXPECT_TRUE(says(xml, "<ReqdExctnDt><Dt>2026-04-20</Dt></ReqdExctnDt>"));
  EXPECT_EQ(xml, credit_file(sepa_batch(), transfers()).value());
  const std::string old = credit_file(sepa_batch(SepaVersion::legacy), transfers()).value();
  EXPECT_TRUE(says(old, "<ReqdExctnDt>2026-04-20</ReqdExctnDt>"));
  EXPECT_TRUE(says(old, "<BIC>AGRIFRPPXXX</BIC>"));
}

TEST(Sepa, RefusesWhatTheSchemaDoesNotSee) {
  const auto refused = [](const std::function<void(SepaBatch&, CreditTransfer&)>& change) {
    SepaBatch batch = sepa_batch();
    auto all = transfers();
    change(batch, all[1]);
    const auto file = credit_file(batch, all);
    return !file && file.error().code == ErrorCode::invalid_field;
  };
  EXPECT_FALSE(refused([](SepaBatch&, CreditTransfer&) {}));
  EXPECT_TRUE(refused([](SepaBatch& b, CreditTransfer&) { b.id = "a//b"; }));
  EXPECT_TRUE(refused([](SepaBatch& b, CreditTransfer&) { b.id = std::string(31, 'a'); }));
  EXPECT_TRUE(refused([](SepaBatch& b, CreditTransfer&) { b.date = "2026-02-30"; }));
  EXPECT_TRUE(refused([](SepaBatch& b, CreditTransfer&) { b.owner.iban = "FR00"; }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.end_to_end_id = "é"; }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.cents = 0; }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.cents = 100'000'000'000; }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.creditor.name = "№"; }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.creditor.iban.back() = '8'; }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.creditor.bic = "AGRI"; }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.creditor.address.town.clear(); }));
  EXPECT_TRUE(refused([](SepaBatch&, CreditTransfer& t) { t.creditor.address.country = ""; }));
  EXPECT_FALSE(credit_file(sepa_batch(), {}));
}

TEST(Sepa, RefusesAWalkThatChanges) {
  int times = 0;
  const Walk<CreditTransfer> walk = [&](const auto& take) -> Result<void> {
    CreditTransfer one = transfers()[0];
    one.cents += times++;
    return take(one);
  };
  std::string xml;
  EXPECT_FALSE(write_credit_transfers(sepa_batch(), walk, append_to(xml)));
}

TEST(Sepa, DirectDebitsStandInABlockAMandateState) {
  const std::string xml = debit_file(sepa_batch(), debits()).value();
  EXPECT_TRUE(says(xml, "<PmtInfId>MELIGUA-20260415-FRST</PmtInfId>"));
  EXPECT_TRUE(says(xml, "<SeqTp>RCUR</SeqTp>"));
  EXPECT_TRUE(says(xml, "<CtrlSum>10.00</CtrlSum>"));
  EXPECT_LT(xml.find("COTIS-2"), xml.find("COTIS-1")) << "first collections come first";
}

TEST(Sepa, DirectDebitsKeepTheirTermsWithTheDebtor) {
  const auto refused = [](const std::function<void(SepaBatch&, DirectDebit&)>& change) {
    SepaBatch batch = sepa_batch();
    auto all = debits();
    change(batch, all[0]);
    const auto file = debit_file(batch, all);
    return !file && file.error().code == ErrorCode::invalid_field;
  };
  EXPECT_FALSE(refused([](SepaBatch&, DirectDebit&) {}));
  EXPECT_TRUE(refused([](SepaBatch& b, DirectDebit&) { b.creditor_id = "FR73ZZZ123456"; }));
  EXPECT_TRUE(refused([](SepaBatch&, DirectDebit& d) { d.notified_on = "2026-04-07"; }));
  EXPECT_FALSE(refused([](SepaBatch&, DirectDebit& d) {
    d.notified_on = "2026-04-15";
    d.notice_days = 5;
  }));
  EXPECT_TRUE(refused([](SepaBatch&, DirectDebit& d) { d.notified_on.clear(); }));
  EXPECT_TRUE(refused([](SepaBatch&, DirectDebit& d) { d.mandate_id.clear(); }));
  EXPECT_TRUE(refused([](SepaBatch&, DirectDebit& d) { d.mandate_signed_on = "2026-04-21"; }));
  EXPECT_TRUE(refused([](SepaBatch&, DirectDebit& d) { d.last_collected_on.clear(); }));
  EXPECT_TRUE(refused([](SepaBatch&, DirectDebit& d) { d.mandate = MandateState::first; }));
  EXPECT_FALSE(refused([](SepaBatch&, DirectDebit& d) { d.last_collected_on = "2023-04-20"; }));
  EXPECT_TRUE(refused([](SepaBatch&, DirectDebit& d) { d.last_collected_on = "2023-04-19"; }));
  EXPECT_FALSE(refused([](SepaBatch&, DirectDebit& d) { d.mandate = MandateState::last; }));
}

// ---- entries of the ledger

std::vector<FecLine> fec_lines() {
  FecLine debit;
  debit.journal = "VE";
  debit.journal_name = "Cotisations";
  debit.entry = 1;
  debit.entry_date = debit.piece_date = "2026-04-01";
  debit.account = "411000";
  debit.account_name = "Adhérents";
  debit.auxiliary = "GP0042";
  debit.auxiliary_name = "Dr Généraliste";
  debit.piece = "COT-202604-0042";
  debit.label = "Cotisation\tavril";
  debit.debit_cents = 500;
  debit.validated_on = "2026-04-02";
  FecLine credit = debit;
  credit.account = "756100";
  credit.account_name = "Cotisations";
  credit.auxiliary.clear();
  credit.auxiliary_name.clear();
  credit.debit_cents = 0;
  credit.credit_cents = 500;
  FecLine second_debit = debit;
  FecLine second_credit = credit;
  second_debit.entry = second_credit.entry = 2;
  second_debit.lettering = "AA";
  second_debit.lettered_on = "2026-04-20";
  return {debit, credit, second_debit, second_credit};
}

TEST(Fec, HasEighteenColumnsAndBalances) {
  EXPECT_EQ(fec_name("732829320", "2026-12-31").value(), "732829320FEC20261231.txt");
  EXPECT_FALSE(fec_name("732829321", "2026-12-31"));
  EXPECT_FALSE(fec_name("732829320", "2026-13-31"));
  const auto lines = fec_lines();
  std::string file;
  const auto totals = write_fec(walk_of<FecLine>(lines), append_to(file));
  ASSERT_TRUE(totals) << totals.error().text;
  EXPECT_EQ(totals->entries, 2);
  EXPECT_EQ(totals->lines, 4);
  EXPECT_EQ(totals->debit_cents, 1000);
  std::size_t begin = 0;
  for (int line = 0; line < 5; ++line) {
    const std::size_t end = file.find("\r\n", begin);
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(std::count(file.begin() + static_cast<std::ptrdiff_t>(begin),
                         file.begin() + static_cast<std::ptrdiff_t>(end), '\t'),
              17);
    begin = end + 2;
  }
  EXPECT_EQ(begin, file.size());
  EXPECT_TRUE(says(file,
                   "VE\tCotisations\t1\t20260401\t411000\tAdh\xE9rents\tGP0042\tDr "
                   "G\xE9n\xE9raliste\tCOT-202604-0042\t20260401\tCotisation avril\t5,00\t0,00\t\t"
                   "\t20260402\t\t\r\n"));
}

TEST(Fec, RefusesWhatTheTaxOfficeWould) {
  const auto refused = [](const std::function<void(std::vector<FecLine>&)>& change) {
    auto lines = fec_lines();
    change(lines);
    std::string file;
    return !write_fec(walk_of<FecLine>(lines), append_to(file));
  };
  using Lines = std::vector<FecLine>;
  EXPECT_TRUE(refused([](Lines& l) { l[1].credit_cents = 499; }));
  EXPECT_TRUE(refused([](Lines& l) { l.pop_back(); }));
  EXPECT_TRUE(refused([](Lines& l) { l[2].entry = l[3].entry = 3; }));
  EXPECT_TRUE(refused([](Lines& l) { l[2].validated_on = l[3].validated_on = "2026-04-01"; }));
  EXPECT_TRUE(refused([](Lines& l) { l[1].validated_on = "2026-04-03"; }));
  EXPECT_TRUE(refused([](Lines& l) { l[0].account = "41A"; }));
  EXPECT_TRUE(refused([](Lines& l) { l[0].label.clear(); }));
  EXPECT_TRUE(refused([](Lines& l) { l[0].auxiliary_name.clear(); }));
  EXPECT_TRUE(refused([](Lines& l) { l[0].entry_date = "2026-02-30"; }));
  EXPECT_TRUE(refused([](Lines& l) { l[2].lettered_on.clear(); }));
  EXPECT_TRUE(refused([](Lines& l) { l[0].credit_cents = 500; }));
  EXPECT_TRUE(refused([](Lines& l) {
    l[0].debit_cents = -500;
    l[1].credit_cents = -500;
  }));
}

// ---- invoices

Invoice sample_invoice() {
  Invoice invoice;
  invoice.number = "2026-0042";
  invoice.issued_on = "2026-04-01";
  invoice.due_on = "2026-04-20";
  invoice.seller = {"Réseau d’essai", "732829320", "1 rue fictive", "97110", "Pointe-à-Pitre"};
  invoice.buyer = {"Dr Généraliste <fictif>", "", "", "", ""};
  invoice.line_cents = {500, 500};
  return invoice;
}

TEST(Invoice, IsFacturX) {
  const std::string xml = factur_x(sample_invoice()).value();
  EXPECT_TRUE(says(xml, "<ram:GrandTotalAmount>10.00</ram:GrandTotalAmount>"));
  EXPECT_TRUE(says(xml, "Dr Généraliste &lt;fictif&gt;"));
  for (const auto& change : std::vector<std::function<void(Invoice&)>>{
           [](Invoice& i) { i.number.clear(); }, [](Invoice& i) { i.seller.siren = "1"; },
           [](Invoice& i) { i.due_on = "2026-03-31"; }, [](Invoice& i) { i.line_cents = {0}; },
           [](Invoice& i) { i.line_cents.clear(); }, [](Invoice& i) { i.corrects = true; },
           [](Invoice& i) { i.exemption.clear(); }}) {
    Invoice invoice = sample_invoice();
    change(invoice);
    EXPECT_FALSE(factur_x(invoice));
  }
}

// ---- against the published schemas

/// What xmllint says of the file; empty when it is valid.
std::string schema_faults(const std::string& xml, const std::filesystem::path& schema) {
  const test::TempFolder folder;
  const auto path = folder.path() / "file.xml";
  std::ofstream(path, std::ios::binary) << xml;
  const std::string command =
      "xmllint --nonet --noout --schema '" + schema.string() + "' '" + path.string() + "' 2>&1";
  FILE* output = ::popen(command.c_str(), "r");
  if (output == nullptr) return "xmllint does not start";
  std::string said;
  char line[4096];
  while (std::fgets(line, sizeof line, output) != nullptr) said += line;
  return ::pclose(output) == 0 ? "" : said;
}

TEST(Schemas, TakeOurPayments) {
  TELAVIS_NEED_SHARED("conformance/sepa/pain.001.001.09.xsd");
  const auto folder = test::shared_folder() / "conformance/sepa";
  const auto now = SepaVersion::current;
  const auto old = SepaVersion::legacy;
  EXPECT_EQ(schema_faults(credit_file(sepa_batch(now), transfers()).value(),
                          folder / "pain.001.001.09.xsd"),
            "");
  EXPECT_EQ(schema_faults(credit_file(sepa_batch(old), transfers()).value(),
                          folder / "pain.001.001.03.xsd"),
            "");
  EXPECT_EQ(
      schema_faults(debit_file(sepa_batch(now), debits()).value(), folder / "pain.008.001.08.xsd"),
      "");
  EXPECT_EQ(
      schema_faults(debit_file(sepa_batch(old), debits()).value(), folder / "pain.008.001.02.xsd"),
      "");
  EXPECT_NE(schema_faults("<Document/>", folder / "pain.008.001.02.xsd"), "");
}

TEST(Schemas, TakeOurInvoices) {
  TELAVIS_NEED_SHARED("conformance/facturx/Factur-X_BASICWL.xsd");
  const auto schema = test::shared_folder() / "conformance/facturx/Factur-X_BASICWL.xsd";
  EXPECT_EQ(schema_faults(factur_x(sample_invoice()).value(), schema), "");
  Invoice note = sample_invoice();
  note.note = "Annule la facture 2026-0041";
  note.corrects = true;
  note.corrected = "2026-0041";
  note.buyer.siren = "732829320";
  EXPECT_EQ(schema_faults(factur_x(note).value(), schema), "");
}

// ---- what comes back

TEST(BankReturns, AreReadFromAStatusReport) {
  const auto report = read_pain_002(as_bytes(R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
 <GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-04-21T08:00:00</CreDtTm></GrpHdr>
 <OrgnlGrpInfAndSts><OrgnlMsgId>MELIGUA-20260415</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
 <OrgnlPmtInfAndSts><OrgnlPmtInfId>X</OrgnlPmtInfId>
  <TxInfAndSts><OrgnlEndToEndId> COTIS-1 </OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>
  <TxInfAndSts><OrgnlEndToEndId>COTIS-2</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
 </OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>)"));
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->original_batch, "MELIGUA-20260415");
  ASSERT_EQ(report->payments.size(), 3U);
  EXPECT_EQ(report->payments[0].status, "PART");
  EXPECT_EQ(report->payments[1].end_to_end_id, "COTIS-1");
  EXPECT_EQ(report->payments[1].reason, "AC04");
  EXPECT_EQ(report->payments[2].reason, "");
  EXPECT_FALSE(read_pain_002(as_bytes("<Document/>")));
  EXPECT_FALSE(read_pain_002(as_bytes("<Document><CstmrPmtStsRpt/></Document>")));
  EXPECT_FALSE(read_pain_002(as_bytes("no xml")));
}

std::string notice(const std::string& entry) {
  return R"(<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><Ntfctn>)" +
         entry + "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>";
}

TEST(BankReturns, AreReadFromANoticeOfMovements) {
  const std::string file = notice(R"(
  <Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-04-22</Dt></BookgDt><NtryDtls>
    <TxDtls><Refs><EndToEndId>COTIS-1</EndToEndId><MndtId>MEL-GP0042-01</MndtId></Refs><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RtrInf><Rsn><Cd>MD01</Cd></Rsn></RtrInf></TxDtls>
    <TxDtls><Refs><EndToEndId>COTIS-2</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">5.00</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls></Ntry>
  <Ntry><Amt Ccy="EUR">184.5</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><DtTm>2026-04-23T01:02:03</DtTm></BookgDt><AddtlNtryInf>VIR FICTIF</AddtlNtryInf></Ntry>)");
  const auto movements = read_camt_054(as_bytes(file));
  ASSERT_TRUE(movements) << movements.error().text;
  ASSERT_EQ(movements->size(), 3U);
  EXPECT_EQ((*movements)[0].cents, -500);
  EXPECT_TRUE((*movements)[0].returned);
  EXPECT_EQ((*movements)[0].reason, "MD01");
  EXPECT_EQ((*movements)[0].mandate_id, "MEL-GP0042-01");
  EXPECT_EQ((*movements)[1].cents, -500);
  EXPECT_FALSE((*movements)[1].returned);
  EXPECT_EQ((*movements)[2].cents, 18450);
  EXPECT_EQ((*movements)[2].date, "2026-04-23");
  EXPECT_EQ((*movements)[2].label, "VIR FICTIF");
  for (const char* wrong :
       {R"(<Ntry><Amt Ccy="XPF">5</Amt><BookgDt><Dt>2026-04-22</Dt></BookgDt></Ntry>)",
        R"(<Ntry><Amt Ccy="EUR">5.001</Amt><BookgDt><Dt>2026-04-22</Dt></BookgDt></Ntry>)",
        R"(<Ntry><Amt Ccy="EUR">5</Amt></Ntry>)"}) {
    EXPECT_FALSE(read_camt_054(as_bytes(notice(wrong)))) << wrong;
  }
}

TEST(BankReturns, AreReadFromABanksCsv) {
  const auto signed_csv = read_bank_csv(
      as_bytes("\xEF\xBB\xBF"
               "Compte;123\r\nDate;Libellé;Montant\r\n22/04/2026;\"VIR; fictif\";-12,50\r\n;;\r\n"
               "2026-04-23;Cotisation;\"1 005,00\"\r\n"),
      {});
  ASSERT_TRUE(signed_csv) << signed_csv.error().text;
  ASSERT_EQ(signed_csv->size(), 2U);
  EXPECT_EQ((*signed_csv)[0].date, "2026-04-22");
  EXPECT_EQ((*signed_csv)[0].label, "VIR; fictif");
  EXPECT_EQ((*signed_csv)[0].cents, -1250);
  EXPECT_EQ((*signed_csv)[1].cents, 100500);
  const auto two = read_bank_csv(as_bytes("Date,Libell\xE9,D\xE9"
                                          "bit,Cr\xE9"
                                          "dit\n22/04/2026,a,12.50,\n"
                                          "22/04/2026,b,,7\n"),
                                 {});
  ASSERT_TRUE(two) << two.error().text;
  EXPECT_EQ((*two)[0].cents, -1250);
  EXPECT_EQ((*two)[1].cents, 700);
  for (const char* wrong :
       {"Date;Montant\n22/04/2026;1\n", "Date;Libelle;Montant\n31/02/2026;x;1\n",
        "Date;Libelle;Montant\n22/04/2026;x;one\n", "Date;Libelle;Montant\n22/04/2026;\"x;1\n",
        ""}) {
    EXPECT_FALSE(read_bank_csv(as_bytes(wrong), {})) << wrong;
  }
}

}  // namespace
}  // namespace telavis
