// SPDX-License-Identifier: Apache-2.0
// Mails that arrive: as bytes in a mailbox, read by the duty that reads them in production.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/received_mail.h"
#include "engine/mail_duty.h"
#include "formats/base64.h"
#include "tests/service/stories_world.h"

namespace telavis::test {

inline const std::string kMailbox = "rythmologie@guadeloupe.telavis.test";

/// The form of the rhythmology of the tests, filled in.
inline const std::string kFormText =
    "Nom : ZZPATIENTNAME\nPrénom : Camille\nDate de naissance : 02/03/1961\nSexe : F\n"
    "Motif : trouble du rythme\nQuestion : ZZQUESTION\nSignes de gravité : aucun\n"
    "Information : orale\nConsentement : patient\n";

struct SentFile {
  std::string name;
  std::string type;
  Bytes bytes;
};
/// As a doctor's mail program sends it.
struct SentMail {
  std::string from;
  std::string text;
  std::string subject = "Avis";
  std::string in_reply_to = {};
  std::vector<SentFile> files = {};
  std::string message_id = {};   // "-": none; empty: a new one
  std::string return_path = {};  // empty: the sender
  std::string headers = {};      // whole lines with CRLF
  std::string content = {};      // instead of text and files: from Content-Type on
};

inline std::string crlf(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

inline std::string folded_base64(ByteView bytes) {
  const std::string all = base64_encoded(bytes);
  std::string out;
  for (std::size_t i = 0; i < all.size(); i += 76) out += all.substr(i, 76) + "\r\n";
  return out;
}

inline Bytes wire(const SentMail& mail, const std::string& message_id) {
  std::string out = "Return-Path: <" + (mail.return_path.empty() ? mail.from : mail.return_path) +
                    ">\r\nFrom: <" + mail.from + ">\r\nTo: <" + kMailbox +
                    ">\r\nSubject: " + mail.subject +
                    "\r\nDate: Tue, 06 Jan 2026 08:00:00 -0400\r\n";
  if (!message_id.empty()) out += "Message-ID: <" + message_id + ">\r\n";
  if (!mail.in_reply_to.empty()) {
    out += "In-Reply-To: <" + mail.in_reply_to + ">\r\nReferences: <" + mail.in_reply_to + ">\r\n";
  }
  out += mail.headers + "MIME-Version: 1.0\r\n";
  const std::string text =
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
      crlf(mail.text) + "\r\n";
  if (!mail.content.empty()) {
    out += mail.content;
  } else if (mail.files.empty()) {
    out += text;
  } else {
    out += "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n" + text;
    for (const SentFile& file : mail.files) {
      out += "--b\r\nContent-Type: " + file.type + "\r\nContent-Transfer-Encoding: base64\r\n" +
             "Content-Disposition: attachment; filename=\"" + file.name + "\"\r\n\r\n" +
             folded_base64(file.bytes);
    }
    out += "--b--\r\n";
  }
  const ByteView view = as_bytes(out);
  return {view.begin(), view.end()};
}

class MailStory : public Story {
 protected:
  explicit MailStory(const DocumentSettings& documents = {}) : Story(documents) {
    use(by_mail(OfferPolicy::rotation));
  }

  static Programme by_mail(OfferPolicy policy) {
    Programme programme = rhythmology();
    programme.by_mail = true;
    programme.policy = policy;
    return programme;
  }
  void use(const Programme& programme) { engine.put(programme); }

  /// Delivered, read and handled; what became of it.
  MailVerdict arrives(const SentMail& mail) {
    deliver(mail);
    const auto round = duty.round();
    EXPECT_TRUE(round) << (round ? "" : round.error().text);
    EXPECT_TRUE(engine.settle());
    return mail_verdict_from_name(last().verdict).value_or(kLastMailVerdict);
  }
  void deliver(const SentMail& mail) {
    std::string id = mail.message_id;
    if (id.empty()) id = fmt::format("m{}@client.guadeloupe.telavis.test", ++messages);
    if (id == "-") id.clear();
    last_message_id = id;
    mailbox.deliver(wire(mail, id));
  }
  ReceivedMail last() {
    ReceivedQuery query;
    query.limit = 1;
    const auto mails = engine.repository->received_mails(query).value();
    EXPECT_FALSE(mails.empty());
    return mails.empty() ? ReceivedMail() : mails.front();
  }
  Case last_case() { return engine.load(last().case_id); }

  /// The newest mail of this kind to somebody.
  LeftMail got(MessageKind kind, const User& by) {
    const auto left = engine.postman.left();
    for (std::size_t i = left.size(); i-- > 0;) {
      if (left[i].kind == kind && left[i].to == by.mail_address) return left[i];
    }
    ADD_FAILURE() << message_kind_name(kind) << " did not reach " << by.login;
    return {};
  }
  std::size_t count(MessageKind kind) {
    const auto left = engine.postman.left();
    return static_cast<std::size_t>(
        std::ranges::count(left, kind, [](const LeftMail& mail) { return mail.kind; }));
  }
  SentFile tracing() const { return {"trace.scp", "application/octet-stream", ecg}; }

  /// A whole question of the GP, offered to an expert by name.
  CaseId asked() {
    EXPECT_EQ(arrives({engine.gp.mail_address, kFormText, "Avis ECG", "", {tracing()}}),
              MailVerdict::submitted);
    const CaseId id = last().case_id;
    name_experts(id);
    return id;
  }
  /// What an expert answers to the question that was sent to him.
  MailVerdict answers(const User& expert, const std::string& text) {
    return arrives(
        {expert.mail_address, text, "Re: Avis", got(MessageKind::invitation, expert).message_id});
  }

  ScriptedMailbox mailbox;
  MailDuty duty{engine.service, kMailbox, mailbox};
  int messages = 0;
  std::string last_message_id;
};

}  // namespace telavis::test
