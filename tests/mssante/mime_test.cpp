// SPDX-License-Identifier: Apache-2.0
#include "mssante/mime.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "tests/mssante/mime_reading.h"

namespace telavis::test {
namespace {

MailDraft plain_draft() {
  MailDraft draft;
  draft.message_id = "01jh4x@telavis.test";
  draft.from_label = "Rythmologie";
  draft.from = "filiere@telavis.test";
  draft.to = "dr.un@medecin.test";
  draft.subject = "TE-2026-7K3M9Q";
  draft.text = "Bonjour,\nUn avis est attendu.\n";
  draft.date = from_epoch_ms(1'767'686'520'123);  // 2026-01-06T08:02:00.123Z
  return draft;
}

Bytes composed(const MailDraft& draft) {
  const auto mime = compose_mime(draft);
  EXPECT_TRUE(mime) << mime.error().text;
  return mime ? *mime : Bytes();
}

TEST(MimeTest, APlainMailIsReadBackByAnotherReader) {
  TELAVIS_NEED_PYTHON;
  const auto read = read_by_python(composed(plain_draft()));
  EXPECT_EQ(read.at("from_label"), "Rythmologie");
  EXPECT_EQ(read.at("from"), "filiere@telavis.test");
  EXPECT_EQ(read.at("to"), "dr.un@medecin.test");
  EXPECT_EQ(read.at("subject"), "TE-2026-7K3M9Q");
  EXPECT_EQ(read.at("date"), "2026-01-06T08:02:00+00:00");
  EXPECT_EQ(read.at("Message-ID"), "<01jh4x@telavis.test>");
  EXPECT_EQ(read.at("In-Reply-To"), "");
  EXPECT_EQ(read.at("MIME-Version"), "1.0");
  EXPECT_EQ(read.at("text_type"), "text/plain;utf-8");
  EXPECT_EQ(read.at("text"), "Bonjour,\nUn avis est attendu.\n");
  EXPECT_EQ(
      read.at("headers"),
      "auto-submitted,content-transfer-encoding,content-type,date,from,message-id,mime-version,"
      "subject,to");
  EXPECT_EQ(read.at("Auto-Submitted"), "auto-generated");
  EXPECT_EQ(read.at("defects"), "");
}

TEST(MimeTest, AccentsLongHeadersAndAttachmentsComeBackByteForByte) {
  TELAVIS_NEED_PYTHON;
  MailDraft draft = plain_draft();
  draft.from_label = "Filière rythmologie « élan », Guadeloupe (971) \"Cœur\"";
  draft.subject =
      "Télé-expertise : demande d’avis n° TE-2026-7K3M9Q, à rendre avant le 8 août à "
      "08 h 02, dossier complet, tracé de bonne qualité, réponse attendue ici";
  draft.text = "Chère consœur,\r\n\r\n.point en tête\nFrom en tête\n--=_tirets\n" +
               std::string(300, 'x') +
               "\n€ – ’ œ Ÿ 漢 🫀\ttab, espace en fin \n=3D\nsans fin";
  draft.in_reply_to = "01first@telavis.test";
  Bytes all(70'000);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i * i + i / 256);
  draft.attachments = {
      {"TE-2026-7K3M9Q_compte_rendu.pdf", "application/pdf", all},
      {"Tracé d’Élise, très long nom, assez long pour être coupé en morceaux RFC 2231, 2e.scp",
       "application/x-scp-ecg", Bytes{0, 13, 10, 46, 13, 10, 0xFF}},
      {"é.txt", "text/plain", Bytes{'F', 'r', 'o', 'm', ' ', '\n', '\r', '\n'}},
      {"vide.bin", "application/octet-stream", Bytes{}}};
  const auto read = read_by_python(composed(draft));
  EXPECT_EQ(read.at("from_count"), "1");
  EXPECT_EQ(read.at("from_label"), draft.from_label);
  EXPECT_EQ(read.at("from"), draft.from);
  EXPECT_EQ(read.at("subject"), draft.subject);
  EXPECT_EQ(read.at("In-Reply-To"), "<01first@telavis.test>");
  EXPECT_EQ(read.at("References"), "<01first@telavis.test>");
  EXPECT_EQ(read.at("text"),
            "Chère consœur,\n\n.point en tête\nFrom en tête\n--=_tirets\n" + std::string(300, 'x') +
                "\n€ – ’ œ Ÿ 漢 🫀\ttab, espace en fin \n=3D\nsans fin\n");
  for (std::size_t i = 0; i < draft.attachments.size(); ++i) {
    EXPECT_EQ(read.at("name" + std::to_string(i)), draft.attachments[i].name);
    EXPECT_EQ(read.at("type" + std::to_string(i)), draft.attachments[i].media_type);
    EXPECT_EQ(read.at("bytes" + std::to_string(i)), as_text(draft.attachments[i].bytes));
  }
  EXPECT_FALSE(read.contains("name4"));
  EXPECT_EQ(read.at("defects"), "");
}

TEST(MimeTest, EverySubjectAndNameComesBack) {
  TELAVIS_NEED_PYTHON;
  for (const std::string& text :
       {std::string("a"), std::string("é"), std::string(200, 'a'), std::string("a=?utf-8?q?b?="),
        std::string("œ") + std::string(150, 'b') + "œ", std::string("deux  espaces é  è"),
        std::string("virgule, <chevrons> \"guillemets\" \\ (parenthèses) @ ; :")}) {
    MailDraft draft = plain_draft();
    draft.subject = text;
    draft.from_label = text;
    const auto read = read_by_python(composed(draft));
    EXPECT_EQ(read.at("subject"), text);
    EXPECT_EQ(read.at("from_label"), text);
    EXPECT_EQ(read.at("from"), draft.from);
  }
}

TEST(MimeTest, TheWireHasCrlfShortLinesAndAscii) {
  MailDraft draft = plain_draft();
  draft.subject = std::string(99, 'w') + "é" + std::string(99, 'w');
  draft.text = "a\rb\r\nc\nd" + std::string(5'000, 'e') + "é";
  draft.attachments = {{std::string(198, 'n') + "é", "image/jpeg", Bytes(100'000, 0x0A)}};
  const Bytes mime = composed(draft);
  std::size_t line = 0;
  for (std::size_t i = 0; i < mime.size(); ++i) {
    ASSERT_LT(mime[i], 0x80);
    if (mime[i] == '\n') {
      ASSERT_GT(i, 0U);
      ASSERT_EQ(mime[i - 1], '\r');
      line = 0;
    } else {
      ASSERT_LE(++line, 999U);  // the CR is one of them
    }
    if (mime[i] == '\r') {
      ASSERT_EQ(mime.at(i + 1), '\n');
    }
  }
}

TEST(MimeTest, TheSameDraftGivesTheSameBytesInEveryThread) {
  MailDraft draft = plain_draft();
  draft.attachments = {{"a.pdf", "application/pdf", Bytes(1'000, 7)}};
  const Bytes first = composed(draft);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_EQ(composed(draft), first);
    });
  }
  for (auto& thread : threads) thread.join();
  draft.message_id = "other@telavis.test";
  EXPECT_NE(composed(draft), first);
}

TEST(MimeTest, NobodyWritesAHeaderThroughAnother) {
  const auto refused = [](const std::function<void(MailDraft&)>& change) {
    MailDraft draft = plain_draft();
    draft.attachments = {{"a.pdf", "application/pdf", Bytes(10, 7)}};
    EXPECT_TRUE(compose_mime(draft));
    change(draft);
    const auto mime = compose_mime(draft);
    return !mime && mime.error().code == ErrorCode::invalid_field;
  };
  for (const std::string& poison :
       {std::string("x\r\nBcc: a@b"), std::string("x\nBcc: a@b"), std::string("x\rBcc: a@b"),
        std::string("x\0y", 3), std::string("x\x1Fy"), std::string("caf\xE9"), std::string("\xC3"),
        std::string(5'000, 'x')}) {
    EXPECT_TRUE(refused([&](MailDraft& d) { d.subject = poison; }));
    EXPECT_TRUE(refused([&](MailDraft& d) { d.from_label = poison; }));
    EXPECT_TRUE(refused([&](MailDraft& d) { d.from = poison; }));
    EXPECT_TRUE(refused([&](MailDraft& d) { d.to = poison + "@telavis.test"; }));
    EXPECT_TRUE(refused([&](MailDraft& d) { d.message_id = poison + "@telavis.test"; }));
    EXPECT_TRUE(refused([&](MailDraft& d) { d.in_reply_to = poison; }));
    EXPECT_TRUE(refused([&](MailDraft& d) { d.attachments[0].name = poison; }));
    EXPECT_TRUE(refused([&](MailDraft& d) { d.attachments[0].media_type = "text/" + poison; }));
  }
  for (const char* type : {"", "text", "/plain", "text/", "text/plain; x=y", "a b/c"})
    EXPECT_TRUE(refused([&](MailDraft& d) { d.attachments[0].media_type = type; })) << type;
  for (const char* name : {"", "../x", "a\\b"})
    EXPECT_TRUE(refused([&](MailDraft& d) { d.attachments[0].name = name; })) << name;
  for (const char* id : {"", "x", "a b@c", "<a@b>", "a@b>", "@", "a@"})
    EXPECT_TRUE(refused([&](MailDraft& d) { d.message_id = id; })) << id;
  EXPECT_TRUE(refused([](MailDraft& d) { d.to = "a@b, c@d"; }));
  EXPECT_TRUE(refused([](MailDraft& d) { d.text = std::string("x\0y", 3); }));
  EXPECT_TRUE(refused([](MailDraft& d) { d.text = "caf\xE9"; }));
  EXPECT_TRUE(refused([](MailDraft& d) { d.text.assign((std::size_t{1} << 20) + 1, 'x'); }));
}

}  // namespace
}  // namespace telavis::test
