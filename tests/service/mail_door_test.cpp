// SPDX-License-Identifier: Apache-2.0
// Who may write, what is never answered, and what waits for a person.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/mail_world.h"

namespace telavis::test::mail_door_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using MailDoor = MailStory;

constexpr Duration kOfNoCaseKept = std::chrono::hours(24 * 90);

const std::string kReason = "Message resté sans suite, à relire.";

TEST_F(MailDoor, OutsideTheSpaceOfConfidenceNothingIsReadAndNothingIsSent) {
  const SentMail foreign{"gp@mail.example.test", kFormText, "x", "", {tracing()}};
  const std::size_t left = engine.postman.left().size();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(arrives(foreign), MailVerdict::refused);
  EXPECT_EQ(last().detail, "untrusted_domain");
  EXPECT_EQ(engine.postman.left().size(), left);
  EXPECT_THAT(engine.repository->cases({}).value(), IsEmpty());
  const auto chain = engine.repository->audit_chain("node").value();
  EXPECT_EQ(std::ranges::count(chain, "mail_turned_away",
                               [](const AuditEntry& entry) { return entry.what.action; }),
            3);
  EXPECT_EQ(engine.repository->received_counts()->at("refused"), 3);
}

TEST_F(MailDoor, AMailWaitsUntilItIsKnownWhomToTrust) {
  disk.trust_list_known = false;
  deliver({engine.gp.mail_address, kFormText, "x", "", {tracing()}});
  const auto round = duty.round();
  ASSERT_FALSE(round);
  EXPECT_EQ(round.error().code, ErrorCode::unavailable);
  EXPECT_EQ(engine.repository->received_counts()->at(""), 1);
  disk.trust_list_known = true;
  ASSERT_TRUE(mail_upkeep(engine.service, kOfNoCaseKept));
  EXPECT_EQ(last().verdict, "submitted");
}

TEST_F(MailDoor, OneWhoIsNotEnrolledIsToldOnceADay) {
  const SentMail stranger{"unknown@guadeloupe.telavis.test", kFormText, "x", "", {tracing()}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(arrives(stranger), MailVerdict::refused);
  EXPECT_EQ(count(MessageKind::mail_refused), 1U);
  const LeftMail refusal = engine.postman.left().back();
  EXPECT_EQ(refusal.to, stranger.from);
  EXPECT_THAT(refusal.text, Not(HasSubstr("ZZ")));
  EXPECT_EQ(refusal.auto_submitted, "auto-replied");
  disk.clock.advance(hours(24));
  arrives(stranger);
  EXPECT_EQ(count(MessageKind::mail_refused), 2U);
}

TEST_F(MailDoor, AMailboxThatCannotBeReadForAnHourIsItsCoordinatorsBusiness) {
  arrives({engine.gp.mail_address, kFormText, "x", "", {tracing()}});
  EXPECT_EQ(duty.last_look(), disk.clock.now());
  const auto fails = [&] {
    mailbox.fail_next({ErrorCode::mail_unreachable, "planned"});
    return !duty.round();
  };
  const Instant before = disk.clock.now();
  disk.clock.advance(std::chrono::minutes(59));
  EXPECT_TRUE(fails());
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(count(MessageKind::mailbox_alert), 0U);
  disk.clock.advance(std::chrono::minutes(1));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fails());
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(count(MessageKind::mailbox_alert), 1U);
  got(MessageKind::mailbox_alert, engine.coordinator);
  EXPECT_EQ(duty.last_look(), before);
  disk.clock.advance(hours(24));
  EXPECT_TRUE(fails());
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(count(MessageKind::mailbox_alert), 2U);
}

TEST_F(MailDoor, WhoIsNotEnrolledIsTold) {
  EXPECT_EQ(arrives({"unknown@guadeloupe.telavis.test", kFormText}), MailVerdict::refused);
  EXPECT_THAT(engine.postman.left().back().text, HasSubstr("enregistrée"));
  User left = engine.repository->user(engine.gp.id).value().value();
  left.status = PersonStatus::suspended;
  engine.put(left);
  EXPECT_EQ(arrives({engine.gp.mail_address, kFormText, "x", "", {tracing()}}),
            MailVerdict::refused);
  EXPECT_THAT(engine.repository->cases({}).value(), IsEmpty());
}

TEST_F(MailDoor, MachinesAreNeverAnswered) {
  const CaseId id = asked();
  const std::string invitation = got(MessageKind::invitation, first).message_id;
  const auto before = engine.load(id).version;
  const std::size_t left = engine.postman.left().size();
  for (const std::string& header :
       {std::string("Auto-Submitted: auto-replied\r\n"), std::string("Precedence: bulk\r\n"),
        std::string("List-Id: <l.guadeloupe.telavis.test>\r\n")}) {
    SentMail machine{first.mail_address, "ACCEPTE", "Re: Absence", invitation};
    machine.headers = header;
    EXPECT_EQ(arrives(machine), MailVerdict::recorded) << header;
  }
  SentMail meeting{first.mail_address, "", "Réunion", invitation};
  meeting.content =
      "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\n"
      "METHOD:REQUEST\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
  EXPECT_EQ(arrives(meeting), MailVerdict::recorded);
  EXPECT_EQ(engine.load(id).version, before);
  EXPECT_EQ(engine.postman.left().size(), left);
}

TEST_F(MailDoor, OurOwnMailComesBackWithoutALoop) {
  asked();
  const std::size_t left = engine.postman.left().size();
  EXPECT_EQ(arrives({kMailbox, kFormText}), MailVerdict::recorded);
  // A robot that answers everything and says so nowhere.
  std::string answered = got(MessageKind::request_received, engine.gp).message_id;
  for (int i = 0; i < 100; ++i) {
    arrives({engine.gp.mail_address, "Je suis un robot.", "Re", answered});
    const auto all = engine.postman.left();
    if (all.back().kind == MessageKind::mail_unclear) answered = all.back().message_id;
  }
  EXPECT_LE(engine.postman.left().size() - left, disk.mail_rules.answers_an_hour);
  EXPECT_EQ(last().verdict, "kept");
  // A restart forgets nothing of the last hour, and no more than that.
  const auto answered_after = [&](Duration pause) {
    disk.clock.advance(pause);
    Engine again(disk);
    const std::string text =
        "Return-Path: <" + engine.gp.mail_address + ">\r\nFrom: <" + engine.gp.mail_address +
        ">\r\nTo: <" + kMailbox + ">\r\nSubject: Re\r\nMessage-ID: <again" +
        format_utc(disk.clock.now()).substr(11, 2) + "@client.test>\r\n\r\nJe suis un robot.\r\n";
    FetchedMail fetched;
    fetched.cursor = {1, 100'000 + static_cast<std::uint32_t>(pause.count() / 1000)};
    fetched.mime.assign(text.begin(), text.end());
    const ReceivedMail mail = again.service.taken_in(kMailbox, fetched);
    EXPECT_TRUE(again.repository->put_received({mail}, kMailbox, fetched.cursor));
    EXPECT_TRUE(again.service.handle_mails(10));
    return again.repository->received_mail(mail.id).value().value().verdict;
  };
  EXPECT_EQ(answered_after(minutes(1)), "kept");
  EXPECT_EQ(answered_after(minutes(61)), "asked_again");
}

TEST_F(MailDoor, TheSameMailAgainIsADuplicate) {
  SentMail mail{engine.gp.mail_address, kFormText, "x", "", {tracing()}, "one@client.test"};
  EXPECT_EQ(arrives(mail), MailVerdict::submitted);
  EXPECT_EQ(arrives(mail), MailVerdict::duplicate);
  EXPECT_THAT(engine.repository->cases({}).value(), SizeIs(1));
  EXPECT_EQ(count(MessageKind::request_received), 1U);
  // The same id, another body: a person decides.
  mail.text = with(kFormText, "ZZQUESTION", "ZZOTHER");
  EXPECT_EQ(arrives(mail), MailVerdict::kept);
  EXPECT_EQ(last().detail, "same_id_other_body");
  EXPECT_THAT(engine.repository->cases({}).value(), SizeIs(1));
  // From somebody else the id means nothing.
  mail.from = engine.other_gp.mail_address;
  EXPECT_EQ(arrives(mail), MailVerdict::submitted);
}

TEST_F(MailDoor, WithoutAMessageIdEachMailIsItsOwn) {
  const SentMail mail{engine.gp.mail_address, kFormText, "x", "", {tracing()}, "-"};
  EXPECT_EQ(arrives(mail), MailVerdict::submitted);
  EXPECT_EQ(arrives(mail), MailVerdict::submitted);
  EXPECT_THAT(engine.repository->cases({}).value(), SizeIs(2));
}

TEST_F(MailDoor, ARenumberedMailboxBringsNothingTwice) {
  asked();
  disk.clock.advance(minutes(1));
  mailbox.renumber(2);
  ASSERT_TRUE(duty.round());
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(last().verdict, "duplicate");
  EXPECT_THAT(engine.repository->cases({}).value(), SizeIs(1));
}

TEST_F(MailDoor, WhatIsKeptIsSealedAndWhole) {
  const SentMail mail{engine.gp.mail_address, kFormText, "x", "", {tracing()}};
  deliver(mail);
  const Bytes sent = wire(mail, last_message_id);
  ASSERT_TRUE(duty.round());
  const auto kept = engine.repository->received_mail(last().id).value().value();
  EXPECT_EQ(as_text(kept.sealed).find("ZZQUESTION"), std::string_view::npos);
  EXPECT_EQ(open_received(kept, KeyRing({kMasterKey})).value(), sent);
  EXPECT_EQ(engine.repository->mailbox_cursor(kMailbox).value().last_uid, 1U);
}

TEST_F(MailDoor, TheMedicalReferentIsToldOpensAndFiles) {
  const CaseId id = asked();
  const std::string number = engine.load(id).number;
  answers(first, "Tracé normal à mes yeux, ZZOWNWORDS.");
  const std::string mail = last().id;
  EXPECT_THAT(engine.service.kept_mails(engine.referent).value(), SizeIs(1));
  disk.clock.advance(minutes(119));
  ASSERT_TRUE(mail_upkeep(engine.service, kOfNoCaseKept));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(count(MessageKind::mail_kept_alert), 0U);
  disk.clock.advance(minutes(2));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(mail_upkeep(engine.service, kOfNoCaseKept));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(count(MessageKind::mail_kept_alert), 1U);
  got(MessageKind::mail_kept_alert, engine.referent);

  // Nobody else.
  EXPECT_EQ(engine.service.kept_mails(engine.coordinator).error().code, ErrorCode::forbidden);
  EXPECT_EQ(engine.service.open_kept_mail(engine.gp, mail, kReason).error().code,
            ErrorCode::forbidden);
  EXPECT_EQ(engine.service.open_kept_mail(engine.referent, mail, "non").error().code,
            ErrorCode::invalid_field);
  const auto opened = engine.service.open_kept_mail(engine.referent, mail, kReason);
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_THAT(opened->content.text, HasSubstr("ZZOWNWORDS"));
  const auto chain = engine.repository->audit_chain("node").value();
  EXPECT_EQ(chain.back().what.action, "mail_opened");
  EXPECT_EQ(chain.back().what.detail, mail + " " + hash_hex(kReason));

  // An expert gives no information in the requester's name.
  const auto wrong =
      engine.service.file_mail(engine.referent, mail, {"information", number}, kReason);
  EXPECT_FALSE(wrong);
  const auto filed = engine.service.file_mail(engine.referent, mail, {"opinion", number}, kReason);
  ASSERT_TRUE(filed) << filed.error().text;
  EXPECT_EQ(*filed, MailVerdict::filed);
  ASSERT_TRUE(engine.settle());
  EXPECT_THAT(got(MessageKind::opinion_echo, first).text, HasSubstr("ZZOWNWORDS"));
  EXPECT_EQ(engine.load(id).pending_opinion->expert, first.id);
  EXPECT_EQ(
      engine.service.file_mail(engine.referent, mail, {"opinion", number}, kReason).error().code,
      ErrorCode::state_conflict);
  EXPECT_THAT(engine.service.kept_mails(engine.referent).value(), IsEmpty());
}

TEST_F(MailDoor, OnceItsSenderIsKnownAMailIsReadAgain) {
  User twin = engine.repository->user(engine.gp.id).value().value();
  twin.id = UserId("u-twin");
  twin.login = "twin";
  engine.put(twin);  // two people with one address: nobody can tell which of them writes
  EXPECT_EQ(arrives({engine.gp.mail_address, kFormText, "x", "", {tracing()}}), MailVerdict::kept);
  EXPECT_EQ(last().detail, "shared_address");
  const std::string mail = last().id;
  twin.mail_address = "twin@guadeloupe.telavis.test";
  engine.put(twin);
  const auto read = engine.service.file_mail(engine.referent, mail, {"again", ""}, kReason);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, MailVerdict::submitted);
  EXPECT_THAT(engine.repository->cases({}).value(), SizeIs(1));
}

TEST_F(MailDoor, NothingIsToBeDoneWithSome) {
  arrives({engine.gp.mail_address, "Bonjour"});
  const auto done = engine.service.file_mail(engine.referent, last().id, {"nothing", ""}, kReason);
  ASSERT_TRUE(done);
  EXPECT_EQ(*done, MailVerdict::dismissed);
  EXPECT_THAT(engine.service.kept_mails(engine.referent).value(), IsEmpty());
}

TEST_F(MailDoor, GarbageWaitsForAPerson) {
  for (const std::string& bytes : {std::string(), std::string("\0\0\0", 3), std::string("x")}) {
    disk.clock.advance(minutes(1));
    const ByteView view = as_bytes(bytes);
    mailbox.deliver({view.begin(), view.end()});
    ASSERT_TRUE(duty.round());
    EXPECT_EQ(last().verdict, "kept") << bytes;
  }
}

}  // namespace
}  // namespace telavis::test::mail_door_test
