// SPDX-License-Identifier: Apache-2.0
#include "mssante/cda.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "formats/base64.h"
#include "mssante/cda_codes.h"
#include "tests/mssante/made_documents.h"

namespace telavis::cda_test {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

CdaDocument request() {
  CdaDocument document;
  document.kind = CdaKind::tlm_da;
  document.id_root = "2.999.1.1.2026.7.2";
  document.set_id_root = "2.999.1.1.2026.7";
  document.version = 2;
  document.replaces_root = "2.999.1.1.2026.7.1";
  document.title = "Demande de téléexpertise";
  document.effective_time = "20260106040200-0400";
  document.author_time = document.signed_time = document.effective_time;
  document.patient.ins = {test::with_ins_key("2790397105189"), "1.2.250.1.213.1.4.10",
                          InsStatus::qualified, true};
  document.patient.local_id = "TE-2026-7K3M9Q2A";
  document.patient.local_id_root = "2.999.1.2";
  document.patient.birth_family = "D'ÉTÉ & <FILS>";
  document.patient.birth_given = {"Marie", "Ange"};
  document.patient.used_family = "EXEMPLE";
  document.patient.used_given = "Ange";
  document.patient.sex = "F";
  document.patient.birth_date = "1979-03-28";
  document.patient.birth_place_insee = "97105";
  document.patient.phone = "0690000001";
  document.author = {"99900000011",
                     "Dr",
                     "Maëlle",
                     "Zéphir",
                     "G15_10/SM54",
                     "Médecin - Médecine Générale (SM)",
                     "zephir@telavis.test",
                     "0590000002",
                     {}};
  document.legal_authenticator = document.author;
  document.performer = document.author;
  document.performer.organization.practice_setting = "AMBULATOIRE";
  document.custodian = {"1990000001", "Association fictive"};
  document.recipients = {{"99900000029", "Pr", "Armand", "Corail", "", "", "", "", {}}};
  document.service_code = "TE2";
  document.service_time_low = "20260106040200-0400";
  document.encounter = {"SA07", "", "", "20260106040200-0400", ""};
  document.sections = {
      {"34117-2", "Anamnèse", {"Question : que faire ?", "Une ligne\nune autre <1 cm"}, {}, {}},
      {"10160-0", "Traitements", {"Selon le médecin"}, {"bisoprolol 2,5 mg", "apixaban & co"}, {}},
      {"8716-3", "Signes vitaux", {}, {}, {{"8867-4", "Fréquence cardiaque", "92", "/min"}}},
      {"30954-2", "Résultats d'examens", {"Tracé ECG : SCP-ECG"}, {}, {}}};
  return document;
}

CdaDocument report() {
  CdaDocument document = request();
  document.kind = CdaKind::tlm_cr;
  document.title = "Compte rendu";
  document.sections.clear();
  document.pdf = test::made_report(0);
  document.service_time_high = "20260107040200-0400";
  return document;
}

std::string written(const CdaDocument& document) {
  const auto bytes = write_cda(document);
  EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().text);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

std::vector<std::string> codes_of(const std::vector<CdaFinding>& findings) {
  std::vector<std::string> codes;
  for (const CdaFinding& finding : findings) codes.push_back(finding.code);
  return codes;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

/// Codes of what is wrong with a text; the code of the refusal when it is not read at all.
std::vector<std::string> findings_in(const std::string& text, std::string* verdict = nullptr) {
  std::vector<CdaFinding> findings;
  const auto read = read_cda(as_bytes(text), findings);
  if (!read) return {std::string(error_name(read.error().code))};
  if (verdict != nullptr) *verdict = cda_verdict(findings);
  return codes_of(findings);
}

std::string verdict_of(const std::string& text) {
  std::string verdict = "refused";
  findings_in(text, &verdict);
  return verdict;
}

TEST(Cda, ARequestReadsBackAsItWasWritten) {
  const CdaDocument document = request();
  std::vector<CdaFinding> findings;
  const auto read = read_cda(as_bytes(written(document)), findings);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, document);
  EXPECT_THAT(codes_of(findings), ElementsAre("ins_test"));
}

TEST(Cda, AReportReadsBackAsItWasWritten) {
  const CdaDocument document = report();
  std::vector<CdaFinding> findings;
  const auto read = read_cda(as_bytes(written(document)), findings);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, document);
  EXPECT_EQ(cda_verdict(findings), "flag");  // a fictive patient
}

TEST(Cda, TheSameDocumentGivesTheSameBytes) {
  EXPECT_EQ(written(request()), written(request()));
  EXPECT_TRUE(looks_like_cda(as_bytes(written(report()))));
  EXPECT_FALSE(looks_like_cda(as_bytes("<AnnotatedECG/>")));
}

TEST(Cda, RandomCasesReadBackAsTheyWereWritten) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const test::MadeCase made = test::made_case(seed);
    for (const auto& document : {request_document(made.input()), report_document(made.input())}) {
      ASSERT_TRUE(document) << seed << ": " << document.error().text;
      std::vector<CdaFinding> findings;
      const auto read = read_cda(as_bytes(written(*document)), findings);
      ASSERT_TRUE(read) << seed << ": " << read.error().text;
      EXPECT_NE(cda_verdict(findings), "reject") << seed;
      EXPECT_EQ(read->patient.ins, document->patient.ins) << seed;
      EXPECT_EQ(read->id_root, document->id_root) << seed;
      EXPECT_EQ(read->replaces_root, document->replaces_root) << seed;
      EXPECT_EQ(read->author.rpps, document->author.rpps) << seed;
      EXPECT_EQ(read->recipients.size(), document->recipients.size()) << seed;
      EXPECT_EQ(read->pdf, document->pdf) << seed;
      ASSERT_EQ(read->sections.size(), document->sections.size()) << seed;
      for (std::size_t i = 0; i < read->sections.size(); ++i) {
        EXPECT_EQ(read->sections[i].treatments, document->sections[i].treatments) << seed;
        EXPECT_EQ(read->sections[i].measures, document->sections[i].measures) << seed;
        EXPECT_EQ(read->sections[i].paragraphs.size(), document->sections[i].paragraphs.size())
            << seed;
      }
    }
  }
}

// ---- what is not written

TEST(Cda, OnlyAQualifiedInsLeaves) {
  CdaDocument document = request();
  document.patient.ins.status = InsStatus::validated;
  EXPECT_FALSE(write_cda(document));
  document = request();
  document.patient.birth_place_insee.clear();
  EXPECT_FALSE(write_cda(document));
  document = request();
  document.patient.ins.matricule.back() ^= 1;
  EXPECT_FALSE(write_cda(document));
  document = request();
  document.patient.ins = {};
  EXPECT_THAT(findings_in(written(document)), ElementsAre("ins_absent"));
}

TEST(Cda, BillingCodesAndUnknownCodesStayOut) {
  for (const char* code : {"RQD", "DEQP003", "TE3", ""}) {
    CdaDocument document = request();
    document.service_code = code;
    EXPECT_FALSE(write_cda(document)) << code;
  }
  CdaDocument document = request();
  document.author.profession_code = "G15_10/SM99";
  EXPECT_FALSE(write_cda(document));
  document = request();
  document.encounter.sector = "SA99";
  EXPECT_FALSE(write_cda(document));
}

TEST(Cda, NothingIncompleteIsWritten) {
  const auto refuses = [](auto spoil) {
    CdaDocument document = request();
    spoil(document);
    return !write_cda(document).has_value();
  };
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.id_root = "1.02"; }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.set_id_root.clear(); }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.version = 0; }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.replaces_root.clear(); }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.effective_time = "20260106040200"; }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.signed_time = "20260231040200+0100"; }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.author.rpps.clear(); }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.custodian = {}; }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.sections.erase(d.sections.begin()); }));
  EXPECT_TRUE(refuses([](CdaDocument& d) { d.patient.birth_date = "1979-02-30"; }));
  CdaDocument no_pdf = report();
  no_pdf.pdf.clear();
  EXPECT_FALSE(write_cda(no_pdf));
  CdaDocument plain_pdf = report();
  const std::string_view mark = "<pdfaid:part>1";
  const auto at = std::search(plain_pdf.pdf.begin(), plain_pdf.pdf.end(), mark.begin(), mark.end());
  ASSERT_NE(at, plain_pdf.pdf.end());
  *(at + static_cast<std::ptrdiff_t>(mark.size()) - 1) = '2';
  EXPECT_FALSE(write_cda(plain_pdf));
}

// ---- what is not accepted

TEST(CdaRead, NationalNumbersAreChecked) {
  const std::string text = written(request());
  const std::string number = request().patient.ins.matricule;
  std::string wrong = number;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_THAT(findings_in(replaced(text, number, wrong)), Contains("ins_key_wrong"));
  EXPECT_EQ(verdict_of(replaced(text, number, wrong)), "reject");
  for (const char* oid : {"1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.99", "2.999.5"}) {
    EXPECT_THAT(findings_in(replaced(text, "1.2.250.1.213.1.4.10", oid)),
                Contains("ins_oid_unknown"))
        << oid;
  }
  EXPECT_EQ(verdict_of(replaced(text, "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8")), "accept");
  const std::string second = "<id root=\"1.2.250.1.213.1.4.8\" extension=\"" + number + "\"/>";
  EXPECT_THAT(findings_in(replaced(text, "<patientRole>", "<patientRole>" + second)),
              Contains("ins_mixed"));
}

TEST(CdaRead, AnInsWithoutTraitsIsNotQualified) {
  const std::string text = written(request());
  std::vector<CdaFinding> findings;
  const auto read = read_cda(as_bytes(replaced(text, "<county>97105</county>", "")), findings);
  ASSERT_TRUE(read);
  EXPECT_FALSE(is_qualified(read->patient.ins));
  EXPECT_THAT(codes_of(findings), Contains("ins_traits_missing"));
  const std::string id =
      "<id root=\"1.2.250.1.213.1.4.10\" extension=\"" + request().patient.ins.matricule + "\"/>";
  EXPECT_THAT(findings_in(replaced(text, id, "")), ElementsAre("ins_absent"));
}

TEST(CdaRead, InstantsWithoutOffsetAreFlagged) {
  const std::string text = written(request());
  const std::string time = "<effectiveTime value=\"20260106040200-0400\"/>";
  const auto with = [&](std::string_view value) {
    return findings_in(
        replaced(text, time, "<effectiveTime value=\"" + std::string(value) + "\"/>"));
  };
  EXPECT_THAT(with("20260106040200"), Contains("time_without_offset"));
  EXPECT_THAT(with("20260106"), Contains("time_without_offset"));
  EXPECT_THAT(with("20260106040200.5-0400"), Not(Contains("time_without_offset")));
  EXPECT_THAT(with("2026-01-06T04:02:00-04:00"), Contains("time_invalid"));
  EXPECT_THAT(with("20260230040200-0400"), Contains("time_invalid"));
  EXPECT_THAT(with(""), Contains("time_missing"));
}

TEST(CdaRead, TemplatesPatientsAndActsAreChecked) {
  const std::string text = written(request());
  for (const char* root : {"2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.38"}) {
    EXPECT_THAT(findings_in(replaced(text, root, "1.2.3")), Contains("template_missing")) << root;
  }
  EXPECT_THAT(findings_in(replaced(text, "POCD_HD000040", "POCD")), Contains("type_id_wrong"));
  EXPECT_THAT(findings_in(replaced(text, "code=\"TE2\"", "code=\"RQD\"")),
              Contains("service_code_invalid"));
  const std::string more =
      "<documentationOf><serviceEvent><code code=\"DEQP003\"/></serviceEvent></documentationOf>";
  EXPECT_THAT(findings_in(replaced(text, "<relatedDocument", more + "<relatedDocument")),
              Contains("service_code_invalid"));
  const std::size_t begin = text.find("<recordTarget>");
  const std::size_t end = text.find("</recordTarget>") + 15;
  std::string twice = text;
  twice.insert(end, text.substr(begin, end - begin));
  EXPECT_THAT(findings_in(twice), Contains("several_patients"));
  EXPECT_EQ(verdict_of(twice), "reject");
  std::string none = text;
  none.erase(begin, end - begin);
  EXPECT_EQ(verdict_of(none), "reject");
}

TEST(CdaRead, APdfThatIsNoneIsRejected) {
  const std::string text = written(report());
  const std::string pdf = base64_encoded(report().pdf);
  EXPECT_THAT(findings_in(replaced(text, pdf, base64_encoded(as_bytes("no document")))),
              Contains("pdf_refused"));
  EXPECT_THAT(findings_in(replaced(text, pdf, "%%%")), Contains("pdf_unreadable"));
  EXPECT_THAT(findings_in(replaced(text, pdf, "")), Contains("pdf_missing"));
  EXPECT_THAT(findings_in(replaced(text, "application/pdf", "text/html")), Contains("pdf_missing"));
}

TEST(CdaRead, APdfThatIsNotForKeepingIsFlagged) {
  Bytes other = report().pdf;
  const std::string_view mark = "<pdfaid:part>1";
  const auto at = std::search(other.begin(), other.end(), mark.begin(), mark.end());
  ASSERT_NE(at, other.end());
  *(at + static_cast<std::ptrdiff_t>(mark.size()) - 1) = '2';
  const std::string text =
      replaced(written(report()), base64_encoded(report().pdf), base64_encoded(other));
  EXPECT_THAT(findings_in(text), Contains("pdf_not_pdfa1"));
  EXPECT_EQ(verdict_of(text), "flag");
}

TEST(CdaRead, HostileBytesAreRefused) {
  const std::string text = written(request());
  const std::string declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  const std::string entity =
      declaration + "<!DOCTYPE ClinicalDocument [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
  EXPECT_THAT(findings_in(replaced(text, declaration, entity)), ElementsAre("malformed_file"));
  EXPECT_THAT(findings_in(replaced(text, "urn:hl7-org:v3", "urn:other")),
              ElementsAre("malformed_file"));
  EXPECT_THAT(findings_in(text.substr(0, text.size() / 2)), ElementsAre("truncated_file"));
  EXPECT_THAT(findings_in(replaced(text, "</patient>", "</patience>")),
              ElementsAre("malformed_file"));
  EXPECT_THAT(findings_in(replaced(text, "75496-0", "11502-2")), ElementsAre("unsupported_format"));
  EXPECT_THAT(findings_in(""), ElementsAre("malformed_file"));
  std::string deep = text;
  std::string nest;
  for (int i = 0; i < 200; ++i) nest += "<section>";
  EXPECT_THAT(findings_in(replaced(deep, "<structuredBody>", "<structuredBody>" + nest)),
              ElementsAre("limit_exceeded"));
  std::string utf16;
  for (const char c : text) utf16 += {c, '\0'};
  EXPECT_THAT(findings_in(utf16), ElementsAre("malformed_file"));
}

TEST(CdaRead, ReadsTheNarrativeOfOtherSystems) {
  const std::string own = "<paragraph>Question : que faire ?</paragraph>";
  const std::string other =
      "<table border=\"0\">\n "
      "<thead><tr><th><content>Date</content></th><th>Nom</th></tr></thead>\n"
      " <tbody><tr>\n  <td>2 <sup>e</sup> jour,\n   suite</td><td>Fièvre<br/>38,5</td></tr></tbody>"
      "</table>Fin<list><item>un</item><item>deux</item></list>";
  std::vector<CdaFinding> findings;
  const auto read = read_cda(as_bytes(replaced(written(request()), own, other)), findings);
  ASSERT_TRUE(read);
  EXPECT_THAT(read->sections.front().paragraphs,
              ElementsAre("Date | Nom", "2 e jour, suite | Fièvre\n38,5", "Fin", "un", "deux",
                          "Une ligne\nune autre <1 cm"));
}

// ---- value sets

TEST(CdaCodes, NameProfessionsAndOrganizations) {
  EXPECT_EQ(profession_code("medecin", "Dermatologie", "cardiology")->code, "G15_10/SM15");
  EXPECT_EQ(profession_code("medecin", "Rythmologie", "")->code, "G15_10/SM04");
  EXPECT_EQ(profession_code("medecin", "médecine GENERALE", "")->code, "G15_10/SM54");
  EXPECT_EQ(profession_code("medecin", "", "dermatology")->code, "G15_10/SM15");
  EXPECT_EQ(profession_code("medecin", "autre chose", "")->code, "G15_10");
  EXPECT_EQ(profession_code("sage-femme", "obstétrique", "cardiology")->code, "G15_50");
  EXPECT_FALSE(profession_code("astrologue", "", ""));
  EXPECT_EQ(organization_id("990000001"), "1990000001");
  EXPECT_EQ(organization_id("99900000100015"), "399900000100015");
  EXPECT_EQ(organization_id("12"), "");
  EXPECT_FALSE(cda_label(CdaValueSet::services, "RQD"));
}

}  // namespace telavis::cda_test
