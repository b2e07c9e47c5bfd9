// SPDX-License-Identifier: Apache-2.0
#include "mssante/mail_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/core/mail_reply.h"
#include "formats/base64.h"
#include "mssante/mime.h"
#include "mssante/tnef.h"

namespace telavis::test {
namespace {

constexpr std::string_view kHead =
    "Return-Path: <paul.martin@medecin.test>\r\nFrom: Paul <Paul.Martin@medecin.test>\r\n"
    "To: ecg@filiere.test\r\nMessage-ID: <m1@medecin.test>\r\nMIME-Version: 1.0\r\n";

IncomingMail read(const std::string& mail) {
  const auto result = read_mail(as_bytes(mail));
  EXPECT_TRUE(result) << result.error().text;
  return result ? *result : IncomingMail();
}
IncomingMail read_with(const std::string& rest) {
  return read(std::string(kHead) + rest);
}
bool doubts(const IncomingMail& mail, std::string_view doubt) {
  return std::ranges::find(mail.doubts, doubt) != mail.doubts.end();
}

TEST(MailReader, ReadsHeaderTextAndFiles) {
  const auto mail = read(
      "Return-Path: <p.m@medecin.test>\nFrom: =?iso-8859-1?Q?Dr_H=E9l=E8ne?= =?utf-8?B?IE3DqXJ5?= "
      "<P.M@Medecin.TEST>\nTo: ecg@filiere.test, \"Un, Deux\" <x@y.test>\nCc: z@y.test\n"
      "Subject: =?utf-8?Q?T=C3=A9l=C3=A9expertise?=\n =?utf-8?Q?_TE-2026-7K3M9Q2A?=\n"
      "Message-ID: <a@medecin.test>\nIn-Reply-To: <o1@filiere.test>\n"
      "References: <o0@filiere.test>\n <o1@filiere.test>\nDate: Mon, 5 Jan 2026 10:02:00 +0100\n"
      "Disposition-Notification-To: p.m@medecin.test\nX-MSS-INS: O\nx-mss-nil: 42\n"
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
      "charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n\nc=9Cur =A4 =E9t=E9\n"
      "--b\nContent-Type: application/octet-stream;\n name*0*=utf-8''trac%C3%A9;\n "
      "name*1*=%20A.scp\n"
      "Content-Transfer-Encoding: base64\n\nAQID\n--b--\n");
  EXPECT_EQ(mail.from, "p.m@medecin.test");
  EXPECT_EQ(mail.from_label, "Dr Hélène Méry");
  EXPECT_EQ(mail.return_path, "p.m@medecin.test");
  EXPECT_EQ(mail.to, (std::vector<std::string>{"ecg@filiere.test", "x@y.test"}));
  EXPECT_EQ(mail.cc, std::vector<std::string>{"z@y.test"});
  EXPECT_EQ(mail.subject, "Téléexpertise TE-2026-7K3M9Q2A");
  EXPECT_EQ(mail.message_id, "a@medecin.test");
  EXPECT_EQ(mail.in_reply_to, std::vector<std::string>{"o1@filiere.test"});
  EXPECT_EQ(mail.references.size(), 2U);
  EXPECT_EQ(format_utc(mail.date.value()), "2026-01-05T09:02:00Z");
  EXPECT_EQ(mail.read_receipt_to, "p.m@medecin.test");
  EXPECT_EQ(mail.mss_headers.at("X-MSS-INS"), "O");
  EXPECT_EQ(mail.mss_headers.at("X-MSS-NIL"), "42");
  EXPECT_EQ(mail.nature, MailNature::message);
  EXPECT_NE(mail.text.find("€ été"), std::string::npos) << mail.text;
  ASSERT_EQ(mail.attachments.size(), 1U);
  EXPECT_EQ(mail.attachments[0].name, "tracé A.scp");
  EXPECT_EQ(mail.attachments[0].bytes, (Bytes{1, 2, 3}));
  EXPECT_EQ(mail.body_hash.size(), 64U);
  EXPECT_TRUE(mail.doubts.empty());
}

TEST(MailReader, CharsetsAreWhatTheBytesSay) {
  const auto plain = [](const std::string& charset, const std::string& bytes) {
    return read_with("Content-Type: text/plain" + charset + "\n\n" + bytes).text;
  };
  EXPECT_EQ(plain("; charset=utf-8", "\xC3\xA9t\xE9 ?"), "Ã©té ?");
  EXPECT_EQ(plain("; charset=iso-8859-1", "\xC3\xA9t\xC3\xA9"), "été");
  EXPECT_EQ(plain("; charset=iso-8859-1", "c\x9Cur\x85"), "cœur…");
  EXPECT_EQ(plain("; charset=windows-1252", "l\x92\xE9t\xE9"), "l’été");
  EXPECT_EQ(plain("", "\xE9t\xE9"), "été");
  EXPECT_EQ(plain("; charset=martian", "\xE9t\xE9"), "été");
  EXPECT_EQ(plain("; charset=utf-8", "a\0b\x01"), "a");
  EXPECT_EQ(plain("; format=flowed", "AVIS : un \ntexte long\n> cite \n> encore\n"),
            "AVIS : un texte long\n> cite encore\n");
}

TEST(MailReader, HtmlIsReadAsItIsSeen) {
  const auto mail = read_with(
      "Content-Type: text/html; charset=utf-8\n\n<html><head><style>p{}</style></head><body>"
      "<p>AVIS&nbsp;: FA &lt; 48 h</p><p>CONDUITE : <b>AOD</b><br>Holter</p><div>DELAI : 15 jours"
      "</div><script>alert(1)</script><blockquote type=\"cite\"><p>AVIS : autre</p></blockquote>"
      "</body></html>");
  EXPECT_EQ(mail.text.find("alert"), std::string::npos);
  EXPECT_NE(mail.text.find("> AVIS : autre"), std::string::npos) << mail.text;
  const ReplyReading reading = read_reply(mail);
  EXPECT_EQ(reading.kind, ReplyReading::Kind::opinion);
  EXPECT_EQ(reading.conclusion, "FA < 48 h");
  EXPECT_EQ(reading.conduct, "AOD\nHolter");
  EXPECT_EQ(reading.delay_days, 15);
}

TEST(MailReader, OutlookAndGmailHtmlAreCutAtTheirQuotation) {
  const auto outlook = read_with(
      "Content-Type: text/html\n\n<div class=\"WordSection1\"><p class=MsoNormal>AVIS : FA</p>"
      "<div style='border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>De :</b> ECG "
      "&lt;e@f.test&gt; <br><b>Envoy&eacute; :</b> lundi 5 janvier 2026 10:02<br><b>&Agrave; :</b> "
      "M<br><b>Objet :</b> avis</p></div><p>AVIS : ancien</p></div>");
  EXPECT_EQ(read_reply(outlook).conclusion, "FA") << outlook.text;
  const auto gmail = read_with(
      "Content-Type: text/html\n\n<div dir=\"ltr\">AVIS : FA</div><br><div class=\"gmail_quote "
      "gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">Le lun. 5 janv. 2026 "
      "&agrave; 10:02, ECG &lt;e@f.test&gt; a &eacute;crit&nbsp;:<br></div><blockquote "
      "class=\"gmail_quote\"><div>AVIS : ancien</div></blockquote></div>");
  EXPECT_EQ(read_reply(gmail).conclusion, "FA") << gmail.text;
  const auto indented =
      read_with("Content-Type: text/html\n\n<p>AVIS :</p><blockquote>FA</blockquote>");
  EXPECT_EQ(read_reply(indented).conclusion, "FA") << indented.text;
}

TEST(MailReader, ThePlainTextOfAnAlternativeWins) {
  const auto mail = read_with(
      "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nAVIS : "
      "FA\n"
      "--b\nContent-Type: multipart/related; boundary=c\n\n--c\nContent-Type: "
      "text/html\n\n<p>FA</p>\n"
      "--c\nContent-Type: image/png; name=logo.png\nContent-ID: <l>\nContent-Disposition: "
      "inline\n\nx\n"
      "--c--\n--b--\n");
  EXPECT_EQ(read_reply(mail).conclusion, "FA");
  ASSERT_EQ(mail.attachments.size(), 1U);
  EXPECT_TRUE(mail.attachments[0].in_text);
  const auto blank = read_with(
      "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n"
      "--b\nContent-Type: text/html\n\n<p>seul</p>\n--b--\n");
  EXPECT_EQ(blank.text, "seul\n");
}

TEST(MailReader, EnclosedMailsGiveTheirFilesAndTheirTextApart) {
  const std::string inner =
      "From: a@b.test\nSubject: x\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nAVIS : "
      "dedans\n"
      "--i\nContent-Type: application/pdf; name=ecg.pdf\n\n%PDF\n--i--\n";
  const auto mail = read_with(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nVoir ci-joint\n--b\nContent-Type: "
      "message/rfc822\n\n" +
      inner + "\n--b\nContent-Type: application/pdf; name=ecg.pdf\n\n%PDF2\n--b--\n");
  EXPECT_EQ(mail.text, "Voir ci-joint");
  EXPECT_NE(mail.forwarded_text.find("AVIS : dedans"), std::string::npos);
  EXPECT_EQ(read_reply(mail).kind, ReplyReading::Kind::unclear);
  ASSERT_EQ(mail.attachments.size(), 2U);
  EXPECT_EQ(mail.attachments[0].name, "ecg.pdf");
  EXPECT_EQ(mail.attachments[1].name, "ecg (2).pdf");
  const auto encoded =
      read_with("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
                base64_encoded(as_bytes(inner)));
  ASSERT_EQ(encoded.attachments.size(), 1U);
}

TEST(MailReader, NamesHoldNoFolderAndHideNothing) {
  const auto mail = read_with(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/jpeg\n"
      "Content-Disposition: attachment; filename=\"../../etc/a\\\\b.jpg\"\n\nx\n--b\n"
      "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEgpj.exe\n\nx\n--b\n"
      "Content-Disposition: attachment; filename=\"..\"\n\nx\n--b--\n");
  ASSERT_EQ(mail.attachments.size(), 3U);
  EXPECT_EQ(mail.attachments[0].name, "b.jpg");
  EXPECT_EQ(mail.attachments[1].name, "agpj.exe");
  EXPECT_EQ(mail.attachments[2].name, "piece-3");
}

TEST(MailReader, TwoSendersAreNobody) {
  const auto body = std::string("To: x@y.test\n\ntexte");
  for (const char* from : {"From: a@b.test\nFrom: c@d.test\n", "From: a@b.test, c@d.test\n",
                           "From: Sans adresse\n", "Subject: rien\n"}) {
    const auto mail = read(from + body);
    EXPECT_EQ(mail.from, "") << from;
    EXPECT_TRUE(doubts(mail, "sender_unclear")) << from;
  }
}

TEST(MailReader, KnowsMachines) {
  const auto nature = [](const std::string& fields) {
    return read(std::string(kHead) + fields + "\ntexte").nature;
  };
  EXPECT_EQ(nature(""), MailNature::message);
  EXPECT_EQ(nature("Auto-Submitted: no\n"), MailNature::message);
  EXPECT_EQ(nature("Subject: RE: absence d'onde P\n"), MailNature::message);
  EXPECT_EQ(nature("X-Auto-Response-Suppress: OOF\n"), MailNature::message);
  for (const char* field :
       {"Auto-Submitted: auto-replied\n", "auto-submitted: auto-generated (x)\n",
        "X-Auto-Response-Suppress: All\n", "Precedence: auto_reply\n", "X-Autoreply: yes\n",
        "Subject: =?utf-8?Q?R=C3=A9ponse_automatique?= : RE: avis\n",
        "Subject: Absence du bureau\n", "Subject: Out of Office: avis\n",
        "Subject: Automatic reply: x\n"}) {
    EXPECT_EQ(nature(field), MailNature::auto_reply) << field;
  }
  for (const char* field : {"List-Id: <x>\n", "List-Unsubscribe: <mailto:a@b.test>\n",
                            "Precedence: bulk\n", "Precedence: list\n"}) {
    EXPECT_EQ(nature(field), MailNature::mailing_list) << field;
  }
  EXPECT_EQ(read("Return-Path: <>\nFrom: a@b.test\n\nx").nature, MailNature::auto_reply);
  EXPECT_EQ(
      read("From: MAILER-DAEMON@b.test\nSubject: Undelivered Mail Returned to Sender\n\nx").nature,
      MailNature::delivery_report);
}

TEST(MailReader, InvitationsAreCalendars) {
  const auto mail = read_with(
      "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nInvitation\n--b\nContent-Type: "
      "text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--\n");
  EXPECT_EQ(mail.nature, MailNature::calendar);
  EXPECT_EQ(
      read_with("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nAVIS : FA\n--b\nContent-Type: "
                "text/calendar; name=a.ics\nContent-Disposition: attachment\n\nBEGIN\n--b--\n")
          .nature,
      MailNature::message);
}

TEST(MailReader, ReadsDeliveryReports) {
  const auto mail = read(
      "Return-Path: <>\nFrom: MAILER-DAEMON@op.test\nContent-Type: multipart/report;\n "
      "report-type=delivery-status; boundary=b\n\n--b\n\nTexte\n--b\nContent-Type: "
      "message/delivery-status\n\nReporting-MTA: dns; op.test\nOriginal-Envelope-Id: env-1\n\n"
      "Original-Recipient: rfc822;Un@Medecin.test\nFinal-Recipient: rfc822; deux@medecin.test\n"
      "Action: failed\nStatus: 5.1.1 (inconnu)\nDiagnostic-Code: smtp; 550\n  5.1.1 unknown\n\n"
      "Final-Recipient: rfc822;trois@medecin.test\nAction: delivered\nStatus: 2.0.0\n\n--b\n"
      "Content-Type: text/rfc822-headers\n\nFrom: x@y.test\nMessage-ID: "
      "<ours@filiere.test>\n--b--\n");
  EXPECT_EQ(mail.nature, MailNature::delivery_report);
  ASSERT_EQ(mail.deliveries.size(), 2U);
  EXPECT_EQ(mail.deliveries[0].envelope_id, "env-1");
  EXPECT_EQ(mail.deliveries[0].recipient, "un@medecin.test");
  EXPECT_EQ(mail.deliveries[0].action, "failed");
  EXPECT_EQ(mail.deliveries[0].status, "5.1.1");
  EXPECT_EQ(mail.deliveries[0].diagnostic, "smtp; 550 5.1.1 unknown");
  EXPECT_EQ(mail.deliveries[1].original_message_id, "ours@filiere.test");
  EXPECT_EQ(mail.deliveries[1].action, "delivered");
}

constexpr std::string_view kFields =
    "Original-Recipient: rfc822;a@chb.test \nFinal-Recipient: rfc822; b@chb.test \n"
    "Original-Message-ID: <199509192301.23456 >\n"
    "Disposition:automatic-action/MDN-sent-automatically; processed/Error: 902^Identifiant de "
    "patient "
    "inconnu\n";

TEST(MailReader, ReadsReadReportsAlsoBrokenOnes) {
  const std::string head =
      "From: a@chb.test\nSubject: [KO =?utf-8?Q?Int=C3=A9gration?= =?utf-8?Q?_syst=C3=A8me?= "
      "!][902] "
      "XDM/1.0/DDM+X\nContent-Type: multipart/report; report-type=disposition-notification; "
      "boundary=\"RAA.1\"\n";
  const std::string part = "Content-Type: message/disposition-notification\n";
  const std::vector<std::string> bodies = {
      "\n--RAA.1\n\nTexte\n--RAA.1\n" + part + "\n" + std::string(kFields) + "\n--RAA.1--\n",
      // No blank line anywhere, the last boundary with a dash of typography.
      "--RAA.1\nTexte\n--RAA.1\n" + part + std::string(kFields) +
          "--RAA.1\nContent-Type: message/rfc822\nIci\n--RAA.1\u2014\nContent-Transfert-Encoding: "
          "base64\n",
      "\nPas de structure\n\n" + std::string(kFields)};
  for (const std::string& body : bodies) {
    const auto mail = read(head + body);
    EXPECT_EQ(mail.nature, MailNature::read_report);
    ASSERT_TRUE(mail.read_report) << body;
    EXPECT_EQ(mail.read_report->original_message_id, "199509192301.23456") << body;
    EXPECT_EQ(mail.read_report->disposition, "processed");
    EXPECT_EQ(mail.read_report->error, "902^Identifiant de patient inconnu");
    EXPECT_EQ(mail.read_report->recipient, "a@chb.test");
  }
  const auto plain = read(
      "From: a@chb.test\nIn-Reply-To: <o@f.test>\nSubject: [KO Integration systeme "
      "!][902] XDM/1.0/DDM+X\n\nTexte");
  EXPECT_EQ(plain.nature, MailNature::read_report);
  EXPECT_EQ(plain.read_report->original_message_id, "o@f.test");
  EXPECT_EQ(plain.read_report->error, "902");
  const auto displayed = read(
      "From: a@b.test\nContent-Type: multipart/report; report-type=disposition-notification; "
      "boundary=b\n\n--b\n\nLu\n--b\n" +
      part +
      "\nFinal-Recipient: rfc822;a@b.test\nOriginal-Message-ID: <o@f.test>\nDisposition: "
      "manual-action/MDN-sent-manually; displayed\n--b--\n");
  EXPECT_EQ(displayed.read_report->disposition, "displayed");
  EXPECT_EQ(displayed.read_report->error, "");
}

Bytes tnef_attribute(std::uint8_t level, std::uint32_t id, ByteView value) {
  Bytes out;
  ByteWriter writer(out);
  writer.u8(level);
  writer.u32le(id);
  writer.u32le(static_cast<std::uint32_t>(value.size()));
  writer.bytes(value);
  std::uint16_t sum = 0;
  for (const std::uint8_t byte : value) sum = static_cast<std::uint16_t>(sum + byte);
  writer.u16le(sum);
  return out;
}

Bytes winmail() {
  Bytes out;
  ByteWriter writer(out);
  writer.u32le(0x223E9F78);
  writer.u16le(1);
  writer.bytes(tnef_attribute(1, 0x0002800C, as_bytes(std::string_view("AVIS : FA\0", 10))));
  writer.bytes(tnef_attribute(2, 0x00069002, Bytes(14, 0)));
  writer.bytes(tnef_attribute(2, 0x00018010, as_bytes(std::string_view("TRAC~1.SCP\0", 11))));
  writer.bytes(tnef_attribute(2, 0x0006800F, as_bytes(std::string_view("\1\2\3", 3))));
  Bytes properties;
  ByteWriter property(properties);
  property.u32le(1);
  property.u16le(0x001F);
  property.u16le(0x3707);
  property.u32le(1);
  constexpr std::u16string_view kName = u"tracé.scp";
  property.u32le(static_cast<std::uint32_t>(kName.size() * 2));
  for (const char16_t c : kName) property.u16le(static_cast<std::uint16_t>(c));
  property.u16le(0);  // to a multiple of four
  writer.bytes(tnef_attribute(2, 0x00069005, properties));
  return out;
}

TEST(MailReader, UnpacksWinmail) {
  const auto mail = read_with(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/ms-tnef; "
      "name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" +
      base64_encoded(winmail()) + "\n--b--\n");
  EXPECT_EQ(mail.text, "AVIS : FA");
  ASSERT_EQ(mail.attachments.size(), 1U);
  EXPECT_EQ(mail.attachments[0].name, "tracé.scp");
  EXPECT_EQ(mail.attachments[0].bytes, (Bytes{1, 2, 3}));
  EXPECT_TRUE(mail.doubts.empty());
}

TEST(Tnef, EveryCutIsReadWithoutReadingPastTheEnd) {
  const Bytes whole = winmail();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto content = read_tnef(ByteView(whole).first(size));
    EXPECT_TRUE(size >= 6 || !content) << size;
    EXPECT_TRUE(!content || content->files.size() <= 1U);
  }
}

TEST(MailReader, HostileMailsAreBounded) {
  std::string deep;
  for (int i = 0; i < 1'900; ++i) {
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" +
            std::to_string(i) + "\n";
  }
  EXPECT_TRUE(doubts(read_with(deep + "\nfin"), "too_deep"));
  std::string enclosed;
  for (int i = 0; i < 1'900; ++i) enclosed += "Content-Type: message/rfc822\n\nFrom: a@b.test\n";
  EXPECT_TRUE(doubts(read_with(enclosed + "\nfin"), "too_deep"));
  EXPECT_EQ(read_mail(as_bytes(std::string(kHead) + enclosed + enclosed)).error().code,
            ErrorCode::limit_exceeded);
  std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 5'000; ++i) many += "--b\nContent-Disposition: attachment\n\nx\n";
  const auto mail = read_with(many + "--b--\n");
  EXPECT_TRUE(doubts(mail, "parts_left_out"));
  EXPECT_LE(mail.attachments.size(), kMaxMailAttachments);
  const auto long_text = read_with("\n" + std::string(kMaxMailTextBytes + 10, 'a'));
  EXPECT_EQ(long_text.text.size(), kMaxMailTextBytes);
  EXPECT_TRUE(doubts(long_text, "text_cut"));
  EXPECT_FALSE(read_mail({}));
  EXPECT_FALSE(read_mail(as_bytes("pas un courriel")));
  EXPECT_FALSE(read_mail(Bytes(kMaxMailBytes + 1, 'a')));
}

TEST(MailReader, ASubjectOfSeveralEncodedWordsIsWhole) {
  MailDraft draft;
  draft.message_id = "01jh4x@telavis.test";
  draft.from = "filiere@telavis.test";
  draft.to = "dr.un@medecin.test";
  // A letter of two bytes at every place of the first word's end.
  for (std::string subject = "Téléexpertise : activez votre accès à l'été"; subject.size() < 120;
       subject.insert(0, "x")) {
    draft.subject = subject;
    const auto mail = read_mail(compose_mime(draft).value());
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->subject, subject);
  }
}

TEST(MailReader, PaddedWordsThatFollowEachOtherAreAllRead) {
  const auto mail =
      read_mail(as_bytes("From: =?UTF-8?B?RHIgUMOp?=\r\n =?utf-8?b?cm9uw6k=?= "
                         "=?ISO-8859-1?B?IGVu?= <dr.un@medecin.test>\r\n"
                         "Subject: =?UTF-8?B?w6k=?=\r\n =?UTF-8?B?w6k=?= et =?UTF-8?Q?=C3=A9?= "
                         "=?iso-8859-1?B?6Q==?= =?x\r\n"
                         "\r\nTexte"));
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->subject, "éé et éé =?x");
  EXPECT_EQ(mail->from_label, "Dr Péroné en");
}

TEST(MailReader, WhatWeComposeIsReadBack) {
  MailDraft draft;
  draft.message_id = "01jh4x@telavis.test";
  draft.from_label = "Filière d’ECG";
  draft.from = "filiere@telavis.test";
  draft.to = "dr.un@medecin.test";
  draft.subject = "Téléexpertise  TE-2026-7K3M9Q2A";
  draft.text = "Été\nligne\n";
  draft.attachments.push_back(
      {"tracé \u00AB1\u00BB.scp", "application/octet-stream", {1, 2, 0, 255}});
  const auto mime = compose_mime(draft);
  ASSERT_TRUE(mime);
  const auto mail = read_mail(*mime);
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->from_label, draft.from_label);
  EXPECT_EQ(mail->subject, draft.subject);
  EXPECT_EQ(mail->text, draft.text);
  ASSERT_EQ(mail->attachments.size(), 1U);
  EXPECT_EQ(mail->attachments[0].name, draft.attachments[0].name);
  EXPECT_EQ(mail->attachments[0].bytes, draft.attachments[0].bytes);
}

}  // namespace
}  // namespace telavis::test
