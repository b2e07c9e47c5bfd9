// SPDX-License-Identifier: Apache-2.0
#include "mssante/mss_message.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "engine/core/catalogue.h"
#include "mssante/mime.h"
#include "tests/mssante/mime_reading.h"

namespace telavis::test {
namespace {

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

/// The example of the ANS volume: a fictive patient with an INS of the test authority.
MssPatient patient() {
  MssPatient patient;
  patient.ins = {"279035121518989", "1.2.250.1.213.1.4.10", InsStatus::qualified, true};
  patient.family = "CORSE FIGATELLIX";
  patient.given = "ELISE";
  patient.birth_date = "1988-10-12";
  patient.sex = "F";
  return patient;
}

MssProfile profile() {
  MssProfile profile;
  profile.nil = "NIL-TELAVIS-0001";
  profile.citizen_domain = "patient.test";
  profile.test_identities = true;
  return profile;
}

MssMessage report() {
  MssMessage mail;
  mail.message_id = "01jh4x@filiere.test";
  mail.date = from_epoch_ms(1'767'686'520'123);
  mail.from.address = "rythmologie@filiere.test";
  mail.from.label = "Filière rythmologie";
  mail.to = "dr.un@medecin.test";
  mail.patient = patient();
  mail.documents = {{"85208-7", "Compte rendu de téléexpertise", "2026-01-06", "TE-2026-7K3M9Q2A",
                     bytes_of("%PDF-1.4 fictif")}};
  mail.xdm = bytes_of("PK zip fictif");
  mail.text = "Chère consœur, voici l’avis demandé.";
  return mail;
}

MssMessage to_citizen() {
  MssMessage mail = report();
  mail.audience = MssAudience::citizen;
  mail.to = "279035121518989@patient.test";
  mail.patient_informed = true;
  return mail;
}

Bytes composed(const MssMessage& mail, const MssProfile& as = profile()) {
  const auto mime = compose_mss(mail, as);
  EXPECT_TRUE(mime) << mime.error().text;
  return mime ? *mime : Bytes();
}

TEST(MssMessageTest, AReportCarriesWhatTheRulesAskFor) {
  TELAVIS_NEED_PYTHON;
  MssMessage mail = report();
  mail.read_receipt = true;
  const auto read = read_by_python(composed(mail));
  EXPECT_EQ(read.at("subject"),
            "XDM/1.0/DDM+Compte rendu de téléexpertise CORSE FIGATELLIX ELISE 12/10/1988");
  EXPECT_EQ(read.at("from_label"), "Filière rythmologie");
  EXPECT_EQ(read.at("X-MSS-NIL"), "NIL-TELAVIS-0001");
  EXPECT_EQ(read.at("X-MSS-CODECDA"), "85208-7");
  EXPECT_EQ(read.at("X-MSS-INS"), "O");
  EXPECT_EQ(read.at("X-MSS-MES"), "");
  EXPECT_EQ(read.at("Message-ID"), "<01jh4x@filiere.test>");
  EXPECT_EQ(read.at("Disposition-Notification-To"), "rythmologie@filiere.test");
  EXPECT_EQ(read.at("Reply-To"), "");
  EXPECT_EQ(read.at("Auto-Submitted"), "");
  EXPECT_EQ(read.at("text_type"), "text/plain;utf-8");
  EXPECT_EQ(read.at("text"), mail.text + "\n\n" + message(Language::french, "mail.no_link") + "\n");
  EXPECT_EQ(read.at("name0"), "IHE_XDM.zip");
  EXPECT_EQ(read.at("type0"), "application/zip");
  EXPECT_EQ(read.at("bytes0"), "PK zip fictif");
  EXPECT_EQ(read.at("name1"),
            "20260106_Compte_rendu_de_teleexpertise_CORSE_FIGATELLIX_ELISE_TE-2026-7K3M9Q2A.pdf");
  EXPECT_EQ(read.at("type1"), "application/pdf");
  EXPECT_EQ(read.at("bytes1"), "%PDF-1.4 fictif");
  EXPECT_FALSE(read.contains("name2"));
  EXPECT_EQ(read.at("defects"), "");
}

TEST(MssMessageTest, NamesThePdfAsTheExampleDoes) {
  MssPatient other = patient();
  other.family = "CORSE";
  other.given = "FIGATELLIX";
  const MssDocument document{"18748-4", "CR d'imagerie médicale", "2022-05-31", "", {}};
  EXPECT_EQ(pdf_name(document, other), "20220531_CR_d_imagerie_medicale_CORSE_FIGATELLIX.pdf");
  other.family = "ŒUVRÉ-D’ÎLE  /../ÇÂ";
  other.given = "Łukasz 漢";
  EXPECT_EQ(pdf_name(document, other),
            "20220531_CR_d_imagerie_medicale_OEUVRE-D_ILE_CA_Lukasz.pdf");
  other.family.assign(400, 'A');
  EXPECT_LE(pdf_name(document, other).size(), 154U);
}

TEST(MssMessageTest, SeveralDocumentsHaveNamesOfTheirOwn) {
  TELAVIS_NEED_PYTHON;
  MssMessage mail = report();
  mail.documents.push_back(mail.documents[0]);
  mail.documents.push_back(
      {"75496-0", "Demande de téléexpertise", "2026-01-05", "", bytes_of("%PDF-1.4 autre")});
  const auto read = read_by_python(composed(mail));
  EXPECT_EQ(read.at("X-MSS-CODECDA"), "85208-7,85208-7,75496-0");
  std::set<std::string> names;
  for (int i = 0; i < 4; ++i) names.insert(read.at("name" + std::to_string(i)));
  EXPECT_EQ(names.size(), 4U);
}

TEST(MssMessageTest, AReplacementSaysSoAndNamesTheOriginal) {
  TELAVIS_NEED_PYTHON;
  MssMessage mail = report();
  mail.replaces = true;
  EXPECT_EQ(compose_mss(mail, profile()).error().code, ErrorCode::missing_field);
  mail.in_reply_to = "01first@filiere.test";
  mail.references = {"01ask@medecin.test", "01first@filiere.test"};
  const auto read = read_by_python(composed(mail));
  EXPECT_TRUE(read.at("subject").starts_with("[Annule et remplace] XDM/1.0/DDM+Compte rendu"));
  EXPECT_EQ(read.at("In-Reply-To"), "<01first@filiere.test>");
  EXPECT_EQ(read.at("References"), "<01ask@medecin.test> <01first@filiere.test>");
  EXPECT_NE(read.at("text").find("annule et remplace"), std::string::npos);
}

TEST(MssMessageTest, EachKindOfMailboxPresentsItself) {
  TELAVIS_NEED_PYTHON;
  MssMessage mail = report();
  mail.from.type = MailboxType::personal;
  mail.from.title = "Dr";
  mail.from.given = "Zoé";
  mail.from.family = "MARTIN";
  mail.from.entity = "Cabinet des Lilas";
  EXPECT_EQ(read_by_python(composed(mail)).at("from_label"), "Dr_Zoé_MARTIN_Cabinet des Lilas");
  mail = report();
  mail.from.type = MailboxType::application;
  EXPECT_EQ(read_by_python(composed(mail)).at("Reply-To"), "rythmologie@filiere.test");
  MssProfile answered_elsewhere = profile();
  answered_elsewhere.reply_to = "secretariat@filiere.test";
  mail.read_receipt = true;
  const auto read = read_by_python(composed(mail, answered_elsewhere));
  EXPECT_EQ(read.at("Reply-To"), "secretariat@filiere.test");
  EXPECT_EQ(read.at("Disposition-Notification-To"), "secretariat@filiere.test");
}

TEST(MssMessageTest, ACitizenIsWrittenToAtHisOwnBoxAndMayNotReply) {
  TELAVIS_NEED_PYTHON;
  MssMessage mail = to_citizen();
  mail.read_receipt = true;
  const auto read = read_by_python(composed(mail));
  EXPECT_EQ(read.at("to"), "279035121518989@patient.test");
  EXPECT_EQ(read.at("X-MSS-MES"), "FIN");
  EXPECT_EQ(read.at("Disposition-Notification-To"), "");
  EXPECT_NE(read.at("text").find("répondre"), std::string::npos);
}

TEST(MssMessageTest, ACitizenIsNotWrittenToOtherwise) {
  const auto refused = [](const std::function<void(MssMessage&, MssProfile&)>& change) {
    MssMessage mail = to_citizen();
    MssProfile as = profile();
    EXPECT_TRUE(compose_mss(mail, as));
    change(mail, as);
    const auto mime = compose_mss(mail, as);
    EXPECT_FALSE(mime);
    EXPECT_EQ(mime.error().text.find("27903"), std::string::npos);
    return !mime && mime.error().code == ErrorCode::forbidden;
  };
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.patient_informed = false; }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.patient.ins.status = InsStatus::validated; }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.patient.ins.from_insi = false; }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.patient.ins.matricule = "279035121518988"; }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.patient.birth_date.clear(); }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.patient.sex.clear(); }));
  EXPECT_TRUE(refused([](auto&, auto& as) { as.test_identities = false; }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.to = "146026322000196@patient.test"; }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.to = "dr.un@medecin.test"; }));
  EXPECT_TRUE(refused([](auto& mail, auto&) { mail.audience = MssAudience::professional; }));
  MssMessage disguised = report();
  disguised.to = "279035121518989@PATIENT.test";
  EXPECT_EQ(compose_mss(disguised, profile()).error().code, ErrorCode::forbidden);
}

TEST(MssMessageTest, AnIdentityThatMayNotLeaveIsSaidToBeAbsent) {
  TELAVIS_NEED_PYTHON;
  MssMessage mail = report();
  mail.patient.ins = {};
  EXPECT_EQ(read_by_python(composed(mail)).at("X-MSS-INS"), "N");
  mail = report();
  MssProfile production = profile();
  production.test_identities = false;  // the authority of the example is that for tests
  EXPECT_EQ(read_by_python(composed(mail, production)).at("X-MSS-INS"), "N");
  mail.patient.ins.oid = "1.2.250.1.213.1.4.8";
  EXPECT_EQ(read_by_python(composed(mail, production)).at("X-MSS-INS"), "O");
  EXPECT_EQ(*citizen_address(mail.patient, production), "279035121518989@patient.test");
  mail.patient.birth_date.clear();
  const auto read = read_by_python(composed(mail, production));
  EXPECT_EQ(read.at("X-MSS-INS"), "N");
  EXPECT_TRUE(read.at("subject").ends_with(" CORSE FIGATELLIX ELISE"));
}

TEST(MssMessageTest, LeavesOutWhatIsTooLargeAndSaysWhich) {
  TELAVIS_NEED_PYTHON;
  MssMessage mail = report();
  mail.originals = {{"ecg.scp", "application/octet-stream", Bytes(100'000, 1), true},
                    {"photo1.jpg", "image/jpeg", Bytes(3'000'000, 2), true},
                    {"photo2.jpg", "image/jpeg", Bytes(9'000'000, 3), true},
                    {"petite.jpg", "image/jpeg", Bytes(1'000, 4), true}};
  const Bytes mime = composed(mail);
  EXPECT_LE(mime.size(), 10'000'000U);
  const auto read = read_by_python(mime);
  EXPECT_EQ(read.at("name2"), "ecg.scp");
  EXPECT_EQ(read.at("name3"), "photo1.jpg");
  EXPECT_EQ(read.at("name4"), "petite.jpg");
  EXPECT_FALSE(read.contains("name5"));
  EXPECT_NE(read.at("text").find("photo2.jpg"), std::string::npos);
  EXPECT_EQ(read.at("text").find("photo1.jpg"), std::string::npos);
  // What is not dispensable is never left out.
  mail.originals[2].dispensable = false;
  EXPECT_EQ(compose_mss(mail, profile()).error().code, ErrorCode::limit_exceeded);
}

TEST(MssMessageTest, FillsAMailUpToItsLimitAndNeverBeyond) {
  MssProfile as = profile();
  for (std::size_t limit : {60'000U, 90'000U, 140'000U, 200'000U}) {
    as.size_limit_bytes = limit;
    MssMessage mail = report();
    for (int i = 0; i < 12; ++i)
      mail.originals.push_back({"Tracé d’Élise, numéro " + std::to_string(i) + ".scp",
                                "application/octet-stream", Bytes(9'000, 7), true});
    const Bytes mime = composed(mail, as);
    EXPECT_LE(mime.size(), limit);
    EXPECT_GT(mime.size() + 30'000, std::min<std::size_t>(limit, 160'000));
  }
}

TEST(MssMessageTest, RefusesWhatCannotStandInIt) {
  const auto refused = [](const std::function<void(MssMessage&)>& change) {
    MssMessage mail = report();
    change(mail);
    return !compose_mss(mail, profile());
  };
  for (const std::string& poison :
       {std::string("x\r\nBcc: a@b.test"), std::string("x\ny"), std::string("x\0y", 3)}) {
    EXPECT_TRUE(refused([&](auto& m) { m.documents[0].label = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.patient.family = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.patient.given = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.patient.birth_date = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.from.label = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.from.address = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.to = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.documents[0].code = poison; }));
    EXPECT_TRUE(refused([&](auto& m) { m.references = {poison}; }));
    EXPECT_TRUE(refused([&](auto& m) { m.documents[0].case_number = poison; }));
  }
  EXPECT_TRUE(refused([](auto& m) { m.documents.clear(); }));
  EXPECT_TRUE(refused([](auto& m) { m.documents.resize(21, m.documents[0]); }));
  EXPECT_TRUE(refused([](auto& m) { m.xdm.clear(); }));
  EXPECT_TRUE(refused([](auto& m) { m.documents[0].pdf.clear(); }));
  EXPECT_TRUE(refused([](auto& m) { m.documents[0].act_date = "06/01/2026"; }));
  EXPECT_TRUE(refused([](auto& m) { m.patient.given.clear(); }));
  EXPECT_TRUE(refused([](auto& m) { m.patient.family.assign(600, 'A'); }));
  EXPECT_TRUE(refused([](auto& m) { m.originals = {{"", "image/jpeg", {}}}; }));
}

TEST(MssMessageTest, MasksAsTheMatrixListsAndNotOtherwise) {
  // The three rows, written out: MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REP_LEGAUX, PS, PAT.
  const std::set<std::string> listed = {"NNNYY", "NYNYN", "NNNNY", "NNYNY", "YNNNY", "YNYNY"};
  for (unsigned bits = 0; bits < 32; ++bits) {
    const auto set = [&](unsigned bit) { return (bits >> bit & 1U) != 0; };
    std::string code;
    for (unsigned bit = 0; bit < 5; ++bit) code += set(bit) ? 'Y' : 'N';
    EXPECT_EQ(masking_allows({set(0), set(1), set(2)}, {set(3), set(4)}), listed.contains(code))
        << code;
  }
  EXPECT_EQ(masking_codes(*masking_for({true, false}, false, false)),
            std::vector<std::string>{"INVISIBLE_PATIENT"});
  EXPECT_EQ(masking_codes(*masking_for({true, false}, true, true)),
            std::vector<std::string>{"INVISIBLE_PATIENT"});
  EXPECT_EQ(masking_codes(*masking_for({true, true}, true, false)), std::vector<std::string>{});
  EXPECT_EQ(masking_codes(*masking_for({false, true}, true, true)),
            std::vector<std::string>{"INVISIBLE_REPRESENTANTS_LEGAUX"});
  EXPECT_FALSE(masking_for({false, true}, false, false));
  EXPECT_FALSE(masking_for({true, true}, true, true));  // two messages
  EXPECT_FALSE(masking_for({false, false}, true, false));
}

TEST(MssMessageTest, PlainMailsKeepTheSameProfile) {
  TELAVIS_NEED_PYTHON;
  MailDraft draft;
  draft.message_id = "01jh4x@filiere.test";
  draft.from = "rythmologie@filiere.test";
  draft.to = "dr.un@medecin.test";
  draft.subject = "Téléexpertise TE-2026-7K3M9Q2A : avis à rendre";
  draft.text = "Bonjour.";
  draft.references = {"01ask@medecin.test"};
  draft.in_reply_to = "01answer@medecin.test";
  draft.attachments = {{"question.pdf", "application/pdf", Bytes(10'000, 1)},
                       {"photo.jpg", "image/jpeg", Bytes(9'000'000, 2), true}};
  MssProfile as = profile();
  as.mailbox_type = MailboxType::application;
  const auto mime = compose_mime_as(as, draft);
  ASSERT_TRUE(mime) << mime.error().text;
  const auto read = read_by_python(*mime);
  EXPECT_EQ(read.at("X-MSS-NIL"), "NIL-TELAVIS-0001");
  EXPECT_EQ(read.at("X-MSS-CODECDA"), "");
  EXPECT_EQ(read.at("X-MSS-INS"), "");
  EXPECT_EQ(read.at("Reply-To"), "rythmologie@filiere.test");
  EXPECT_EQ(read.at("Auto-Submitted"), "auto-generated");
  EXPECT_EQ(read.at("In-Reply-To"), "<01answer@medecin.test>");
  EXPECT_EQ(read.at("References"), "<01ask@medecin.test> <01answer@medecin.test>");
  EXPECT_EQ(read.at("name0"), "question.pdf");
  EXPECT_FALSE(read.contains("name1"));
  EXPECT_NE(read.at("text").find("photo.jpg"), std::string::npos);
  draft.attachments[1].dispensable = false;
  EXPECT_EQ(compose_mime_as(as, draft).error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(compose_mime(draft));  // no operator, no limit
  draft.attachments.clear();
  draft.references.clear();
  for (int i = 0; i < 300; ++i) draft.references.push_back("m" + std::to_string(i) + "@x.test");
  const auto long_thread = read_by_python(*compose_mime_as(as, draft)).at("References");
  EXPECT_TRUE(long_thread.starts_with("<m0@x.test> <m282@x.test>")) << long_thread;
  EXPECT_TRUE(long_thread.ends_with("<m299@x.test> <01answer@medecin.test>"));
}

TEST(MssProfileTest, IsCheckedBeforeItIsUsed) {
  EXPECT_TRUE(check_profile(profile()));
  EXPECT_TRUE(check_profile({}));
  const auto wrong = [](const std::function<void(MssProfile&)>& change) {
    MssProfile bad = profile();
    change(bad);
    const auto checked = check_profile(bad);
    return !checked && checked.error().code == ErrorCode::configuration_invalid;
  };
  EXPECT_TRUE(wrong([](auto& p) { p.nil = "a\nb"; }));
  EXPECT_TRUE(wrong([](auto& p) { p.nil = "é"; }));
  EXPECT_TRUE(wrong([](auto& p) { p.nil.assign(201, 'a'); }));
  EXPECT_TRUE(wrong([](auto& p) { p.reply_to = "nobody"; }));
  EXPECT_TRUE(wrong([](auto& p) { p.citizen_domain = "patient..test"; }));
}

}  // namespace
}  // namespace telavis::test
