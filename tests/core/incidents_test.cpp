// SPDX-License-Identifier: Apache-2.0
#include "engine/core/incidents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis::test::incidents_test {

using testing::ElementsAre;
using testing::IsEmpty;

Instant hour(int count) {
  return parse_instant("2026-01-06T12:00:00Z").value() + std::chrono::hours(count);
}
AuditEntry entry(int at_hour, const std::string& action, const std::string& detail) {
  return {"case", 1, {hour(at_hour), "engine", action, detail}, ""};
}
std::vector<std::string> said(const Case& subject, const std::vector<AuditEntry>& chain,
                              Language language = Language::french) {
  std::vector<std::string> words;
  for (const Incident& incident : technical_incidents(subject, chain, hour(50), language)) {
    words.push_back(format_utc(incident.at).substr(8, 8) + " " + incident.text);
  }
  return words;
}

TEST(Incidents, AnOrdinaryCaseHasNone) {
  EXPECT_THAT(said({}, {entry(0, "submit", ""), entry(1, "message_sent", "invitation"),
                        entry(2, "message_sent", "report"), entry(3, "report_read", "")}),
              IsEmpty());
}

TEST(Incidents, RemarksOnADocumentStandWithTheCaseThatItMade) {
  AuditEntry flagged = entry(1, "", "");
  flagged.what = document_flagged(hour(1), UserId("gp"), {"ins_absent", "cda_unheard_of"});
  EXPECT_EQ(flagged.what.action, "document_flagged");
  EXPECT_EQ(flagged.what.actor, "gp");
  EXPECT_EQ(flagged.what.detail, "ins_absent cda_unheard_of");
  EXPECT_THAT(said({}, {flagged}),
              ElementsAre("06T13:00 Le document reçu ne porte pas d'INS : l'identité n'est pas "
                          "qualifiée. Remarque sur le document reçu : cda_unheard_of."));
}

TEST(Incidents, AreToldInTheOrderOfTime) {
  Case subject;
  subject.dialogue = {{DialogueKind::need_info, UserId("e"), hour(4), {}},
                      {DialogueKind::info, UserId("r"), hour(9), {}},
                      {DialogueKind::need_info, UserId("e"), hour(10), {}}};
  subject.waited = std::chrono::minutes(305);
  subject.breached_at = hour(48);
  EXPECT_THAT(
      said(subject,
           {entry(49, "message_dead", "report"), entry(5, "files_refused", "unknown_format"),
            entry(1, "message_dead", "invitation"), entry(49, "message_sent", "report after 3")}),
      ElementsAre("06T13:00 Un message de ce dossier n’a pas pu être remis.",
                  "06T16:00 Attente d’un complément demandé au médecin requérant : "
                  "5 h 05 min.",
                  "06T17:00 Un fichier envoyé en complément a été refusé "
                  "(unknown_format).",
                  "08T12:00 Le délai promis est passé sans avis.",
                  "08T13:00 Le compte rendu n’a pas pu être remis par messagerie.",
                  "08T13:00 Le compte rendu est parti après des essais sans succès (3)."));
}

TEST(Incidents, ARefusedMessageSaysWhy) {
  EXPECT_THAT(
      said({},
           {entry(1, "message_dead", "report mailbox_full"),
            entry(2, "message_dead", "invitation outside_trust_domain"),
            entry(3, "message_dead", "invitation of_tomorrow")},
           Language::english),
      ElementsAre("06T13:00 The report could not be delivered by mail. The recipient’s mailbox is "
                  "full. Call the doctor.",
                  "06T14:00 A message of this case could not be delivered. The message did not "
                  "leave: the recipient’s address is not in the MSSanté trust domain. Ask the "
                  "doctor for the MSSanté address and correct it on file.",
                  "06T15:00 A message of this case could not be delivered. The recipient’s server "
                  "refused the message."));
  EXPECT_EQ(send_refusal_in_words("5.1.1", Language::english),
            send_refusal_in_words("unknown_recipient", Language::english));
}

TEST(Incidents, AWaitThatLastsIsCountedUntilNow) {
  Case subject;
  subject.dialogue = {{DialogueKind::need_info, UserId("e"), hour(49), {}}};
  subject.waiting_since = hour(49);
  EXPECT_THAT(said(subject, {}, Language::english),
              ElementsAre("08T13:00 Waited for what the requester was asked for: 1 h 00 min."));
  subject.waiting_since = hour(60);  // the clock was set back
  EXPECT_THAT(said(subject, {}), IsEmpty());
}

}  // namespace telavis::test::incidents_test
