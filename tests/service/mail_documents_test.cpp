// SPDX-License-Identifier: Apache-2.0
// The clinical documents in the life of a case by mail: what leaves for whom, and what comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/sanitized.h"
#include "mssante/xdm.h"
#include "tests/service/mail_world.h"

namespace telavis::test::mail_documents_test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

const DocumentSettings kSettings = {"2.999.1", "990000001",   "Association fictive",
                                    "SA57",    "AMBULATOIRE", true};
// 2610397101001 and its key, 97 - n mod 97, reckoned apart.
const std::string kMatricule = "261039710100139";
const std::string kIns =
    R"("ins":{"matricule":")" + kMatricule +
    R"(","oid":"1.2.250.1.213.1.4.10","status":"qualified","from_insi":true},)";
const std::string kDoctor = "traitant@guadeloupe.telavis.test";

/// A mail that left, opened as its recipient's software does.
struct Opened {
  IncomingMail mail;
  XdmReading archive;
  CdaDocument document;
  Bytes pdf;
  std::vector<std::string> names;  // of the other files
};

class MailDocuments : public MailStory {
 protected:
  MailDocuments() : MailStory(kSettings) {}

  Bytes archive_of(const LeftMail& left) {
    const auto mail = read_mail(as_bytes(left.mime));
    EXPECT_TRUE(mail);
    for (const MailAttachment& file : mail->attachments) {
      if (file.name == "IHE_XDM.zip") return file.bytes;
    }
    return {};
  }
  Opened opened(const LeftMail& left) {
    Opened out;
    const auto mail = read_mail(as_bytes(left.mime));
    EXPECT_TRUE(mail);
    out.mail = *mail;
    std::vector<CdaFinding> findings;
    const auto archive = read_xdm(archive_of(left), findings);
    if (!archive || archive->documents.size() != 1) {
      ADD_FAILURE() << "no archive: " << left.to;
      return out;
    }
    out.archive = *archive;
    const auto document = read_cda(out.archive.documents[0], findings);
    EXPECT_TRUE(document);
    if (document) out.document = *document;
    check_xdm_document(out.archive.metadata.entries[0], out.document, findings);
    EXPECT_NE(cda_verdict(findings), "reject");
    for (const MailAttachment& file : mail->attachments) {
      const bool ours = file.media_type == "application/pdf" && file.name.starts_with("2026");
      if (ours) out.pdf = file.bytes;
      if (!ours && file.name != "IHE_XDM.zip") out.names.push_back(file.name);
    }
    return out;
  }
  static std::vector<std::string> masks(const Opened& mail) {
    std::vector<std::string> codes;
    for (const XdmCode& code : mail.archive.metadata.entries[0].confidentiality_codes)
      codes.push_back(code.code);
    return codes;
  }
  LeftMail to(const std::string& address) {
    User somebody;
    somebody.mail_address = address;
    somebody.login = address;
    return got(MessageKind::report_copy, somebody);
  }
  CaseId asked_with(const std::string& lines) {
    EXPECT_EQ(arrives({engine.gp.mail_address, kFormText + lines, "Avis", "", {tracing()}}),
              MailVerdict::submitted);
    const CaseId id = last().case_id;
    name_experts(id);
    return id;
  }
  void released() {
    disk.clock.advance(minutes(20));
    EXPECT_TRUE(engine.settle());
  }
  /// Of a patient whose identity is qualified, in a programme that sends to his own mailbox.
  CaseId qualified(const std::string& more = "") {
    Programme programme = by_mail(OfferPolicy::rotation);
    programme.report_copies = {"attending_physician", "citizen_mailbox"};
    use(programme);
    return submitted(with(kRequestJson, R"("reason")", kIns + more + R"("reason")"));
  }
  std::vector<std::string> recipients(MessageKind kind) {
    std::vector<std::string> all;
    for (const LeftMail& mail : engine.postman.left()) {
      if (mail.kind == kind) all.push_back(mail.to);
    }
    return all;
  }
  std::size_t case_count() { return engine.repository->cases({}).value().size(); }
};

TEST_F(MailDocuments, TheExpertGetsTheQuestionAsADocument) {
  const CaseId id = asked();
  const Opened mail = opened(got(MessageKind::invitation, first));
  EXPECT_EQ(mail.mail.subject,
            "XDM/1.0/DDM+Demande de téléexpertise ZZPATIENTNAME Camille 02/03/1961");
  EXPECT_EQ(mail.mail.mss_headers.at("X-MSS-CODECDA"), "75496-0");
  EXPECT_EQ(mail.mail.mss_headers.at("X-MSS-INS"), "N");
  EXPECT_EQ(mail.document.kind, CdaKind::tlm_da);
  EXPECT_EQ(mail.document.patient.birth_family, "ZZPATIENTNAME");
  EXPECT_EQ(mail.document.author.family, engine.gp.family_name);
  EXPECT_THAT(mail.archive.metadata.unique_id, StartsWith("2.999.1.3."));
  EXPECT_THAT(masks(mail), ElementsAre("N", "INVISIBLE_PATIENT"));
  EXPECT_THAT(mail.names, ElementsAre(engine.load(id).number + "_trace_1.scp"));
  EXPECT_FALSE(mail.pdf.empty());
  // What was said before holds: words without a name, how to answer, no machine answers it.
  EXPECT_THAT(mail.mail.text, HasSubstr("ZZQUESTION"));
  EXPECT_THAT(mail.mail.text, Not(HasSubstr("ZZPATIENTNAME")));
  EXPECT_THAT(mail.mail.text, HasSubstr("AVIS :"));
  EXPECT_EQ(answers(first, "AVIS : ZZFOUND"), MailVerdict::opinion);
}

TEST_F(MailDocuments, TheReportGoesToRequesterExpertAndTheirPatientsDoctor) {
  asked_with("Médecin traitant : Dr Prénom Exemple, Le Moule, " + kDoctor + "\n");
  ASSERT_EQ(answers(first, "AVIS : ZZREPORT"), MailVerdict::opinion);
  released();
  EXPECT_THAT(recipients(MessageKind::report), ElementsAre(engine.gp.mail_address));
  EXPECT_THAT(recipients(MessageKind::report_copy),
              UnorderedElementsAre(first.mail_address, kDoctor));
  EXPECT_THAT(recipients(MessageKind::report_patient), IsEmpty());
  const Opened report = opened(got(MessageKind::report, engine.gp));
  EXPECT_EQ(report.document.kind, CdaKind::tlm_cr);
  EXPECT_EQ(report.document.author.family, first.family_name);
  EXPECT_EQ(report.document.pdf, report.pdf);
  EXPECT_EQ(report.mail.read_receipt_to, kMailbox);
  EXPECT_THAT(report.mail.text, Not(HasSubstr("ZZREPORT")));
  for (const std::string& address : {first.mail_address, kDoctor}) {
    const Opened copy = opened(to(address));
    EXPECT_EQ(copy.document, report.document);
    EXPECT_NE(copy.archive.metadata.unique_id, report.archive.metadata.unique_id);
    EXPECT_THAT(masks(copy), ElementsAre("N", "INVISIBLE_PATIENT"));
    EXPECT_THAT(copy.mail.text, Not(HasSubstr("ZZ")));
    EXPECT_TRUE(copy.mail.read_receipt_to.empty());
  }
}

TEST_F(MailDocuments, WhomThePatientOpposesGetsNothing) {
  asked_with("Médecin traitant : Dr Exemple, " + kDoctor + "\nOpposition : médecin traitant\n");
  ASSERT_EQ(answers(first, "AVIS : ZZREPORT"), MailVerdict::opinion);
  released();
  EXPECT_THAT(recipients(MessageKind::report_copy), ElementsAre(first.mail_address));
}

TEST_F(MailDocuments, ADoctorWithoutAnAddressIsSaidToGetNothing) {
  asked_with("Médecin traitant : Dr Exemple, Le Moule\n");
  EXPECT_THAT(got(MessageKind::request_received, engine.gp).text, HasSubstr("Dr Exemple"));
  ASSERT_EQ(answers(first, "AVIS : ZZREPORT"), MailVerdict::opinion);
  released();
  EXPECT_THAT(recipients(MessageKind::report_copy), ElementsAre(first.mail_address));
}

TEST_F(MailDocuments, ThePatientGetsItOnceHeWasTold) {
  const CaseId id = qualified();
  name_experts(id);
  engine.done(first, "opinion", id, kOpinionJson);
  released();
  EXPECT_THAT(recipients(MessageKind::report_patient), IsEmpty());
  EXPECT_EQ(opened(got(MessageKind::report, engine.gp)).mail.mss_headers.at("X-MSS-INS"), "O");
  EXPECT_EQ(arrives({engine.gp.mail_address, "Patient informé.", "Re",
                     got(MessageKind::report, engine.gp).message_id}),
            MailVerdict::read);
  const std::string box = kMatricule + "@patient.mssante.fr";
  ASSERT_THAT(recipients(MessageKind::report_patient), ElementsAre(box));
  for (const LeftMail& left : engine.postman.left()) {
    if (left.to != box) continue;
    const Opened mail = opened(left);
    EXPECT_EQ(mail.mail.mss_headers.at("X-MSS-MES"), "FIN");
    EXPECT_THAT(masks(mail), ElementsAre("N"));
    EXPECT_EQ(mail.document.kind, CdaKind::tlm_cr);
    EXPECT_EQ(mail.document.patient.ins.matricule, kMatricule);
    EXPECT_THAT(mail.mail.text, Not(HasSubstr("ZZ")));
    EXPECT_TRUE(mail.mail.read_receipt_to.empty());
  }
  engine.done(engine.gp, "patient-informed", id);
  EXPECT_TRUE(engine.settle());
  EXPECT_THAT(recipients(MessageKind::report_patient), SizeIs(1));
  audited(id);
}

TEST_F(MailDocuments, AnOpposedOrUnqualifiedPatientGetsNothing) {
  const CaseId opposed = qualified(R"("oppositions":{"citizen_mailbox":true},)");
  const CaseId unqualified = submitted();
  for (const CaseId& id : {opposed, unqualified}) {
    engine.done(engine.expert_of(id), "opinion", id, kOpinionJson);
    released();
    engine.done(engine.gp, "patient-informed", id);
  }
  EXPECT_TRUE(engine.settle());
  EXPECT_THAT(recipients(MessageKind::report_patient), IsEmpty());
}

TEST_F(MailDocuments, ACorrectionReplacesWhatEachOfThemGot) {
  const CaseId id = asked_with("Médecin traitant : Dr Exemple, " + kDoctor + "\n");
  engine.done(first, "opinion", id, kOpinionJson);
  released();
  const LeftMail before = got(MessageKind::report, engine.gp);
  const LeftMail copy_before = to(kDoctor);
  const std::string corrects = R"({"corrects":")" + engine.load(id).opinion->hash + R"(",)";
  engine.done(first, "correct", id, corrects + kOpinionJson.substr(1));
  released();
  const Opened after = opened(got(MessageKind::report, engine.gp));
  EXPECT_THAT(after.mail.subject, StartsWith("[Annule et remplace] XDM/1.0/DDM+"));
  EXPECT_THAT(after.mail.in_reply_to, ElementsAre(before.message_id));
  EXPECT_EQ(after.document.version, 2);
  EXPECT_EQ(after.document.replaces_root, opened(before).document.id_root);
  EXPECT_THAT(opened(to(kDoctor)).mail.in_reply_to, ElementsAre(copy_before.message_id));
}

TEST_F(MailDocuments, AParamedicalRequesterNamesWhoWillAct) {
  engine.gp.profession = "infirmier";
  engine.put(engine.gp);
  ASSERT_EQ(arrives({engine.gp.mail_address, kFormText, "Avis", "", {tracing()}}),
            MailVerdict::submitted);
  const CaseId id = last().case_id;
  EXPECT_THAT(engine.load(id).missing, ElementsAre("acting_doctor"));
  const LeftMail told = got(MessageKind::incomplete, engine.gp);
  EXPECT_THAT(told.text, HasSubstr("Médecin qui agira"));
  ASSERT_EQ(arrives({engine.gp.mail_address, "Médecin qui agira : Dr Exemple, " + kDoctor, "Re",
                     told.message_id}),
            MailVerdict::completed);
  name_experts(id);
  ASSERT_EQ(answers(first, "AVIS : ZZREPORT"), MailVerdict::opinion);
  released();
  EXPECT_THAT(recipients(MessageKind::report_copy),
              UnorderedElementsAre(first.mail_address, kDoctor));
}

TEST_F(MailDocuments, ARefusalIsADocument) {
  std::vector<std::pair<std::string, std::string>> lines;
  engine.drawn = [&](const ReportContent& content) {
    if (content.title != message(Language::french, "refusal.title")) return;
    for (const ReportSection& section : content.sections)
      lines.insert(lines.end(), section.lines.begin(), section.lines.end());
  };
  const CaseId id = asked();
  ASSERT_EQ(answers(first, "REFUSE : ZZREASON, je connais le patient."), MailVerdict::declined);
  EXPECT_EQ(count(MessageKind::refusal), 0U);
  engine.done(engine.expert_of(id), "decline", id, reason("unavailable"));
  run_until(hour(2));
  const LeftMail told = got(MessageKind::refusal, engine.gp);
  EXPECT_THAT(told.attachments, ElementsAre(engine.load(id).number + "_refus.pdf"));
  const auto said = [&](const std::string& who, const std::string& why) {
    return Contains(::testing::Pair(HasSubstr(who), HasSubstr(why)));
  };
  EXPECT_THAT(lines, said(first.family_name, "ZZREASON, je connais le patient"));
  EXPECT_THAT(lines, said(second.family_name, "indisponible"));
  EXPECT_THAT(lines, Contains(::testing::Pair(::testing::_, "ZZQUESTION")));
  ASSERT_EQ(arrives({engine.gp.mail_address, "ANNULE", "Re", told.message_id}),
            MailVerdict::cancelled);
  EXPECT_EQ(count(MessageKind::refusal), 2U);
  EXPECT_THAT(lines, said(engine.gp.family_name, "retire la demande, sans autre précision"));
}

TEST_F(MailDocuments, AWithdrawalOnTheWebIsTheSameDocument) {
  std::vector<ReportContent> drawn;
  engine.drawn = [&](const ReportContent& content) { drawn.push_back(content); };
  const CaseId by_mail = asked();
  const CaseId on_web = asked();
  drawn.clear();
  ASSERT_EQ(arrives({engine.gp.mail_address, "ANNULE", "Re",
                     "<" + got(MessageKind::request_received, engine.gp).message_id + ">"}),
            MailVerdict::cancelled);
  const CaseId withdrawn = last().case_id;
  const CaseId other = withdrawn == on_web ? by_mail : on_web;
  engine.done(engine.gp, "cancel", other, reason("other"));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.load(other).state, CaseState::cancelled);
  EXPECT_EQ(count(MessageKind::refusal), 2U);
  const LeftMail told = got(MessageKind::refusal, engine.gp);
  EXPECT_THAT(told.attachments, ElementsAre(engine.load(other).number + "_refus.pdf"));
  EXPECT_THAT(told.text, HasSubstr("La demande est retirée."));
  ASSERT_EQ(drawn.size(), 2U);
  EXPECT_EQ(drawn[0].title, drawn[1].title);
  ASSERT_EQ(drawn[0].sections.size(), drawn[1].sections.size());
  for (std::size_t i = 0; i < drawn[0].sections.size(); ++i) {
    for (auto [label, value] : drawn[0].sections[i].lines) {
      const auto at = value.find(engine.load(withdrawn).number);
      if (at != std::string::npos)
        value.replace(at, engine.load(withdrawn).number.size(), engine.load(other).number);
      EXPECT_THAT(drawn[1].sections[i].lines, Contains(::testing::Pair(label, value)));
    }
  }
}

const std::string kRest =
    "Information : orale\nConsentement : patient\nSignes de gravité : aucun\n"
    "Motif : trouble du rythme\n";

TEST_F(MailDocuments, ACaseArrivesAsTheArchiveOfAnotherSystem) {
  asked();
  const Bytes archive = archive_of(got(MessageKind::invitation, first));
  const SentMail sent{engine.other_gp.mail_address,
                      kRest,
                      "XDM/1.0/DDM+Demande",
                      "",
                      {{"ihe_xdm.ZIP", "application/zip", archive}, tracing()}};
  ASSERT_EQ(arrives(sent), MailVerdict::submitted);
  const CaseId id = last().case_id;
  EXPECT_EQ(engine.load(id).state, CaseState::offered);
  const auto opened = engine.service.open(engine.other_gp, id);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->request.patient.family_name, "ZZPATIENTNAME");
  EXPECT_EQ(opened->request.patient.birth_date, "1961-03-02");
  EXPECT_THAT(opened->request.context, HasSubstr("ZZQUESTION"));
  EXPECT_EQ(opened->request.question, "ZZQUESTION");
  EXPECT_THAT(got(MessageKind::request_received, engine.other_gp).text,
              HasSubstr("l'identité n'est pas qualifiée"));
  // Who opens the case sees it as well.
  ASSERT_EQ(opened->incidents.size(), 1U);
  EXPECT_THAT(opened->incidents[0].text, HasSubstr("l'identité n'est pas qualifiée"));
  ASSERT_EQ(case_count(), 2U);
  SentMail again = sent;
  again.text += "Encore une fois.\n";
  EXPECT_EQ(arrives(again), MailVerdict::duplicate);
  EXPECT_EQ(case_count(), 2U);
  EXPECT_THAT(got(MessageKind::mail_unclear, engine.other_gp).text, HasSubstr("déjà reçu"));
}

TEST_F(MailDocuments, AnUnfinishedDocumentIsCompletedByTheSameOneAgain) {
  asked();
  const Bytes archive = archive_of(got(MessageKind::invitation, first));
  const SentFile file{"IHE_XDM.zip", "application/zip", archive};
  ASSERT_EQ(arrives({engine.other_gp.mail_address, "", "x", "", {file}}), MailVerdict::submitted);
  const CaseId id = last().case_id;
  EXPECT_EQ(engine.load(id).state, CaseState::incomplete);
  ASSERT_EQ(arrives({engine.other_gp.mail_address, kRest, "x", "", {file, tracing()}}),
            MailVerdict::completed);
  EXPECT_EQ(last().case_id, id);
  EXPECT_EQ(engine.load(id).state, CaseState::offered);
}

TEST_F(MailDocuments, AWrongIdentityIsNeverACase) {
  const CaseId id = qualified();
  name_experts(id);
  const std::size_t before = case_count();
  std::vector<CdaFinding> findings;
  const auto archive = read_xdm(archive_of(got(MessageKind::invitation, first)), findings);
  ASSERT_TRUE(archive);
  const std::string cda(as_text(archive->documents[0]));
  const auto sends = [&](const std::string& xml) {
    const ByteView bytes = as_bytes(xml);
    return arrives({engine.other_gp.mail_address,
                    kRest,
                    "x",
                    "",
                    {{"demande.xml", "text/xml", {bytes.begin(), bytes.end()}}, tracing()}});
  };
  std::string wrong_key = cda;
  for (std::size_t at = wrong_key.find(kMatricule); at != std::string::npos;
       at = wrong_key.find(kMatricule, at)) {
    wrong_key[at + 14] = '8';
  }
  EXPECT_EQ(sends(wrong_key), MailVerdict::not_done);
  EXPECT_THAT(got(MessageKind::mail_refused, engine.other_gp).text,
              HasSubstr("la clé du matricule INS est fausse"));
  EXPECT_EQ(sends(with(cda, "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.7")), MailVerdict::not_done);
  EXPECT_EQ(case_count(), before);
  // The mail names somebody else than the document.
  const ByteView bytes = as_bytes(cda);
  EXPECT_EQ(arrives({engine.other_gp.mail_address,
                     "Nom : AUTRE\nPrénom : Paul\n" + kRest,
                     "x",
                     "",
                     {{"d.xml", "text/xml", {bytes.begin(), bytes.end()}}}}),
            MailVerdict::asked_again);
  EXPECT_EQ(case_count(), before);
  EXPECT_EQ(sends(cda), MailVerdict::submitted);
  EXPECT_EQ(case_count(), before + 1);
}

TEST_F(MailDocuments, NoSensitivePhotoGoesToASharedMailboxWithTheDocument) {
  Programme skin = by_mail(OfferPolicy::direct);
  skin.speciality = "dermatology";
  use(skin);
  ASSERT_TRUE(engine.repository->put_group({"g",
                                            0,
                                            kRhythmology,
                                            "Cabinet",
                                            "cabinet@guadeloupe.telavis.test",
                                            "",
                                            {engine.expert_a.id, engine.expert_b.id}},
                                           engine.by_operator()));
  const std::string json =
      with(kRequestJson, R"("context")",
           R"("requested_group":"g","clinical":{"lesion":{"site":"sein gauche"}},"context")");
  ASSERT_TRUE(
      engine.service.submit(engine.gp, "k", json, {{"web", "a.jpg", fixture("demo-lesion.jpg")}}));
  ASSERT_TRUE(engine.settle());
  const Opened mail = opened(engine.postman.left().back());
  EXPECT_EQ(mail.mail.to, std::vector<std::string>{"cabinet@guadeloupe.telavis.test"});
  EXPECT_THAT(mail.names, IsEmpty());
  EXPECT_EQ(mail.document.kind, CdaKind::tlm_da);
}

/// What goes over the wire when an opinion leaves, by message; the life in which it is released has
/// the plan's fault.
std::map<std::string, std::set<std::string>> released_under(FaultPlan* plan) {
  Disk disk;
  disk.documents = kSettings;
  disk.profile.test_identities = true;
  std::map<std::string, std::set<std::string>> wire;
  const auto collect = [&](Engine& engine) {
    for (const LeftMail& mail : engine.postman.left()) wire[mail.key].insert(mail.bytes);
  };
  {
    Engine engine(disk);
    engine.enrol();
    Programme programme = rhythmology();
    programme.by_mail = true;
    engine.put(programme);
    const std::string doctor = R"("attending_physician":{"address":")" + kDoctor + R"("},"reason")";
    const auto receipt =
        engine.service.submit(engine.gp, "k", with(kRequestJson, R"("reason")", doctor),
                              {{"web", "ecg.scp", fixture("demo-ecg.scp")}});
    EXPECT_TRUE(receipt);
    EXPECT_TRUE(engine.settle());
    const CaseId id = engine.repository->cases({}).value().at(0).id;
    engine.done(engine.expert_of(id), "opinion", id, kOpinionJson);
  }
  disk.clock.advance(minutes(20));
  if (plan != nullptr) {
    Engine engine(disk, plan);
    static_cast<void>(engine.service.run_timers(100));
    static_cast<void>(engine.service.deliver_messages(100));
    collect(engine);
  }
  for (int life = 0; life < 2; ++life) {  // the second after the leases of the dead have ended
    disk.clock.advance(minutes(15));
    Engine engine(disk);
    EXPECT_TRUE(engine.settle());
    collect(engine);
  }
  return wire;
}

TEST(MailDocumentsCrash, EachMessageIsTheSameHoweverOftenItIsTried) {
  FaultPlan counting;
  const auto expected = released_under(&counting);
  EXPECT_EQ(expected.size(), 3U);  // requester, expert, the patient's doctor
  const std::int64_t calls = counting.calls();
  ASSERT_GT(calls, 20);
  constexpr std::int64_t kStride = kAddressSanitizer ? 17 : 2;
  for (std::int64_t n = 1; n <= calls; n += kStride) {
    for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
      FaultPlan plan(n, side, FaultExtent::from_then_on);
      const auto wire = released_under(&plan);
      EXPECT_EQ(wire.size(), expected.size()) << "call " << n << ": " << plan.failed_call();
      for (const auto& [key, copies] : wire) {
        EXPECT_TRUE(expected.contains(key)) << "call " << n << ": " << plan.failed_call();
        EXPECT_EQ(copies.size(), 1U) << "call " << n << ": " << plan.failed_call();
      }
    }
  }
}

}  // namespace
}  // namespace telavis::test::mail_documents_test
