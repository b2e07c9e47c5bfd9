// SPDX-License-Identifier: Apache-2.0
#include "mssante/mdn.h"

#include <gtest/gtest.h>

#include "engine/core/catalogue.h"
#include "mssante/mime.h"
#include "tests/mssante/mime_reading.h"

namespace telavis::test {
namespace {

const std::string kOriginal =
    "From: Dr Un <dr.un@medecin.test>\r\n"
    "To: rythmologie@filiere.test\r\n"
    "Subject: XDM/1.0/DDM+DEMANDE CORSE FIGATELLIX 12/10/1988\r\n"
    "Message-ID: <01ask@medecin.test>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "From tel:\r\n.point\r\n=C3=A9 \r\n\r\nfin\r\n";

ReadReceipt receipt(const std::string& original = kOriginal) {
  ReadReceipt receipt;
  receipt.message_id = "01mdn@filiere.test";
  receipt.date = from_epoch_ms(1'767'686'520'123);
  receipt.from = "rythmologie@filiere.test";
  receipt.from_label = "Filière rythmologie";
  receipt.asked_by = "dr.un@medecin.test";
  receipt.return_path = "Dr.Un@medecin.test";
  receipt.original_message_id = "01ask@medecin.test";
  receipt.original_subject = "XDM/1.0/DDM+DEMANDE CORSE FIGATELLIX 12/10/1988";
  receipt.original = as_bytes(original);
  return receipt;
}

MssProfile receipt_profile() {
  MssProfile profile;
  profile.nil = "NIL-TELAVIS-0001";
  return profile;
}

std::map<std::string, std::string> read(const ReadReceipt& given,
                                        const MssProfile& as = receipt_profile()) {
  const auto mime = write_mdn(given, as);
  EXPECT_TRUE(mime) << mime.error().text;
  return mime ? read_by_python(*mime) : std::map<std::string, std::string>();
}

std::string with_lf(std::string text) {
  std::erase(text, '\r');
  return text;
}

TEST(MdnTest, SaysThatAMailWasProcessed) {
  TELAVIS_NEED_PYTHON;
  ReadReceipt given = receipt();
  given.attachments = {{"IHE_XDM.zip", "application/zip", Bytes{'P', 'K'}},
                       {"cr.pdf", "application/pdf", Bytes{'%', 'P'}}};
  const auto mdn = read(given);
  EXPECT_EQ(mdn.at("type"), "multipart/report");
  EXPECT_EQ(mdn.at("report-type"), "disposition-notification");
  EXPECT_EQ(mdn.at("to"), "dr.un@medecin.test");
  EXPECT_EQ(mdn.at("subject"), given.original_subject);
  EXPECT_EQ(mdn.at("X-MSS-NIL"), "NIL-TELAVIS-0001");
  EXPECT_EQ(mdn.at("Auto-Submitted"), "auto-replied");
  EXPECT_EQ(mdn.at("In-Reply-To"), "<01ask@medecin.test>");
  EXPECT_EQ(mdn.at("part0"), "text/plain");
  EXPECT_EQ(mdn.at("part1"), "message/disposition-notification");
  EXPECT_EQ(mdn.at("part2"), "message/rfc822");
  EXPECT_EQ(mdn.at("part3"), "application/zip");
  EXPECT_EQ(mdn.at("part4"), "application/pdf");
  EXPECT_FALSE(mdn.contains("part5"));
  EXPECT_EQ(mdn.at("field Disposition"), "automatic-action/MDN-sent-automatically; processed");
  EXPECT_EQ(mdn.at("field Final-Recipient"), "rfc822; rythmologie@filiere.test");
  EXPECT_EQ(mdn.at("field Original-Recipient"), "rfc822; rythmologie@filiere.test");
  EXPECT_EQ(mdn.at("field Original-Message-ID"), "<01ask@medecin.test>");
  EXPECT_EQ(mdn.at("original"), with_lf(kOriginal));
  EXPECT_EQ(mdn.at("defects"), "");
}

TEST(MdnTest, SaysWhyAMailCouldNotBeTaken) {
  TELAVIS_NEED_PYTHON;
  ReadReceipt given = receipt();
  given.failure = MdnFailure{"902", "Identifiant de patient inconnu"};
  given.original_recipient = "filiere@filiere.test";
  auto mdn = read(given);
  EXPECT_EQ(mdn.at("subject"),
            "[KO Intégration système !][902] XDM/1.0/DDM+DEMANDE CORSE FIGATELLIX 12/10/1988");
  EXPECT_EQ(mdn.at("field Disposition"),
            "automatic-action/MDN-sent-automatically; processed/Error: 902^Identifiant de patient "
            "inconnu");
  EXPECT_EQ(mdn.at("field Original-Recipient"), "rfc822; filiere@filiere.test");
  EXPECT_NE(mdn.at("text").find("Identifiant de patient inconnu"), std::string::npos);
  EXPECT_NE(mdn.at("text").find("902"), std::string::npos);
  given.failure = MdnFailure{"905", "L’INS transmis n’est pas complet"};
  mdn = read(given);
  EXPECT_TRUE(mdn.at("field Disposition").ends_with("905^L'INS transmis n'est pas complet"));
}

TEST(MdnTest, IsSentWhenAskedForAndAllowed) {
  EXPECT_EQ(mdn_permission("", "a@b.test"), MdnPermission::not_asked);
  EXPECT_EQ(mdn_permission("a@b.test", "A@B.test"), MdnPermission::automatic);
  EXPECT_EQ(mdn_permission("a@b.test", "c@b.test"), MdnPermission::needs_approval);
  EXPECT_EQ(mdn_permission("a@b.test", ""), MdnPermission::needs_approval);
  ReadReceipt given = receipt();
  given.asked_by.clear();
  EXPECT_EQ(write_mdn(given, receipt_profile()).error().code, ErrorCode::forbidden);
  given = receipt();
  given.return_path = "liste@ailleurs.test";
  EXPECT_EQ(write_mdn(given, receipt_profile()).error().code, ErrorCode::forbidden);
  given.approved = true;
  const auto mime = write_mdn(given, receipt_profile());
  ASSERT_TRUE(mime);
  EXPECT_NE(as_text(*mime).find("manual-action/MDN-sent-manually; processed"), std::string::npos);
}

TEST(MdnTest, GivesTheHeaderBackOfWhatCannotStandInAMail) {
  TELAVIS_NEED_PYTHON;
  const std::string header = kOriginal.substr(0, kOriginal.find("\r\n\r\n") + 2);
  for (const std::string& body :
       {std::string("caf\xC3\xA9\r\n"), std::string("bare\nline\r\n"), std::string(2'000, 'x'),
        "--" + mime_boundary("01mdn@filiere.test") + "\r\n", std::string("a\0b\r\n", 5)}) {
    const auto mdn = read(receipt(header + "\r\n" + body));
    EXPECT_EQ(mdn.at("part2"), "text/rfc822-headers");
    EXPECT_EQ(mdn.at("original"), with_lf(header));
    EXPECT_EQ(mdn.at("defects"), "");
  }
}

TEST(MdnTest, StaysBelowTheLimitOfTheOperator) {
  TELAVIS_NEED_PYTHON;
  std::string original = kOriginal;
  while (original.size() < 300'000) original += "une ligne de plus\r\n";
  ReadReceipt given = receipt(original);
  given.attachments = {{"IHE_XDM.zip", "application/zip", Bytes(200'000, 1)}};
  MssProfile as = receipt_profile();
  as.size_limit_bytes = 400'000;  // the original fits, its attachments a second time do not
  auto mdn = read(given, as);
  EXPECT_EQ(mdn.at("part2"), "message/rfc822");
  EXPECT_FALSE(mdn.contains("part3"));
  as.size_limit_bytes = 300'000;
  mdn = read(given, as);
  EXPECT_EQ(mdn.at("part2"), "text/rfc822-headers");
  EXPECT_EQ(mdn.at("part3"), "application/zip");  // beside the header alone they fit
}

TEST(MdnTest, RefusesWhatWouldWriteHeadersOfItsOwn) {
  const auto refused = [](const std::function<void(ReadReceipt&)>& change) {
    ReadReceipt given = receipt();
    change(given);
    return !write_mdn(given, receipt_profile());
  };
  EXPECT_TRUE(refused([](auto& r) { r.asked_by = r.return_path = "a@b.test\r\nBcc: c@d.test"; }));
  EXPECT_TRUE(refused([](auto& r) { r.asked_by = r.return_path = "a@b.test, c@d.test"; }));
  EXPECT_TRUE(refused([](auto& r) { r.original_subject = "x\r\ny"; }));
  EXPECT_TRUE(refused([](auto& r) { r.original_message_id = "x>\r\ny@z"; }));
  EXPECT_TRUE(refused([](auto& r) { r.original_recipient = "x\r\ny@z"; }));
  EXPECT_TRUE(refused([](auto& r) { r.failure = MdnFailure{"90\r\n2", "x"}; }));
  EXPECT_TRUE(refused([](auto& r) { r.failure = MdnFailure{"902", "x\r\ny"}; }));
  EXPECT_TRUE(refused([](auto& r) { r.from_label = "x\ny"; }));
}

TEST(MdnTest, TakesAnyOriginal) {
  TELAVIS_NEED_PYTHON;
  for (const std::string& original : {std::string(), std::string("\r\n"), std::string("no header"),
                                      std::string(200'000, '\xFF')}) {
    const auto mime = write_mdn(receipt(original), receipt_profile());
    ASSERT_TRUE(mime) << mime.error().text;
  }
  ReadReceipt given = receipt();
  given.original_message_id.clear();
  given.original_subject.clear();
  for (int i = 0; i < 300; ++i) given.original_subject += "é";
  const auto mdn = read(given);
  EXPECT_FALSE(mdn.contains("field Original-Message-ID"));
  EXPECT_TRUE(mdn.at("subject").starts_with("éé"));
}

}  // namespace
}  // namespace telavis::test
