// SPDX-License-Identifier: Apache-2.0
// The whole job by mail with the Nth call of any port failing, before or after its work, once or
// for good: in the end each mail has had its effect once, and nobody was written to twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "formats/sanitized.h"
#include "tests/service/mail_world.h"

namespace telavis::test::mail_crash_test {
namespace {

/// One life of the engine: rounds of all duties until nothing is left, or until it dies.
void live(Engine& engine, MailDuty& duty, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    static_cast<void>(duty.round());
    static_cast<void>(engine.service.run_timers(100));
    static_cast<void>(engine.service.deliver_messages(100));
  }
}

/// What came of it, without what chance decides.
struct Outcome {
  std::vector<std::string> verdicts;
  std::vector<std::string> states;
  std::map<std::string, std::size_t> mails;  // by kind; copies on the wire counted once
  std::size_t acts = 0;
  bool operator==(const Outcome&) const = default;
  friend void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << ::testing::PrintToString(outcome.verdicts) << ::testing::PrintToString(outcome.states)
         << ::testing::PrintToString(outcome.mails) << outcome.acts << " acts";
  }
};

class Play {
 public:
  explicit Play(FaultPlan* plan) : plan_(plan) {}

  Outcome run() {
    {
      Engine first(disk_);
      first.enrol();
      Programme programme = rhythmology();
      programme.by_mail = true;
      first.put(programme);
    }
    // A question, unfinished at first; its completion; an opinion and its correction.
    step([&](Engine&) {
      return SentMail{"gp@guadeloupe.telavis.test", kFormText, "Avis", "", {}, "a@client.test"};
    });
    step([&](Engine& engine) {
      return SentMail{"gp@guadeloupe.telavis.test",
                      "Voici le tracé.",
                      "Re " + number(engine),
                      "",
                      {{"t.scp", "application/octet-stream", ecg_}},
                      "b@client.test"};
    });
    step([&](Engine& engine) { return opinion(engine, "AVIS : ZZONE", "c@client.test"); });
    step([&](Engine& engine) { return opinion(engine, "AVIS : ZZTWO", "d@client.test"); });
    disk_.clock.advance(minutes(20));
    Engine last(disk_);
    disk_.clock.advance(minutes(15));  // leases of the dead end
    EXPECT_TRUE(last.settle());
    note(last);
    return outcome_of(last);
  }

 private:
  void step(const std::function<SentMail(Engine&)>& mail) {
    {
      Engine looker(disk_);
      const SentMail sent = mail(looker);
      mailbox_.deliver(wire(sent, sent.message_id));
    }
    if (plan_ != nullptr) {
      Engine engine(disk_, plan_, Reports::plain);
      FaultyMailbox faulty(mailbox_, *plan_);
      MailDuty duty(engine.service, kMailbox, faulty);
      live(engine, duty, 3);
      note(engine);
    }
    Engine engine(disk_, nullptr, Reports::plain);
    MailDuty duty(engine.service, kMailbox, mailbox_);
    disk_.clock.advance(minutes(11));
    live(engine, duty, 4);
    note(engine);
    disk_.clock.advance(-minutes(11));
  }
  void note(Engine& engine) {
    for (const LeftMail& mail : engine.postman.left()) left_[mail.key] = mail.kind;
  }
  static std::string number(Engine& engine) {
    return engine.repository->cases({}).value().at(0).number;
  }
  static SentMail opinion(Engine& engine, const std::string& text, const std::string& id) {
    const Case subject = engine.repository->cases({}).value().at(0);
    const User expert = engine.expert_of(subject.id);
    return {expert.mail_address, text, "Re " + subject.number, "", {}, id};
  }
  Outcome outcome_of(Engine& engine) {
    Outcome out;
    const auto received = engine.repository->received_mails({}).value();
    for (const ReceivedMail& mail : received) {
      out.verdicts.push_back(mail.verdict);
    }
    std::sort(out.verdicts.begin(), out.verdicts.end());
    const auto cases = engine.repository->cases({}).value();
    for (const Case& subject : cases) {
      out.states.emplace_back(case_state_name(subject.state));
      EXPECT_EQ(
          verify_chain(engine.repository->audit_chain(subject.id.value).value(), subject.audit), 0);
    }
    for (const auto& [key, kind] : left_) out.mails[std::string(message_kind_name(kind))] += 1;
    out.acts = engine.repository->acts({}).value().size();
    return out;
  }

  FaultPlan* plan_;
  Disk disk_;
  ScriptedMailbox mailbox_;
  const Bytes ecg_ = fixture("demo-ecg.scp");
  std::map<std::string, MessageKind> left_;
};

TEST(MailCrash, EachMailTakesEffectOnce) {
  const Outcome expected = Play(nullptr).run();
  EXPECT_EQ(expected.verdicts,
            (std::vector<std::string>{"completed", "opinion", "opinion", "submitted"}));
  EXPECT_EQ(expected.states, std::vector<std::string>{"delivered"});
  EXPECT_EQ(expected.acts, 2U);
  EXPECT_EQ(expected.mails.at("opinion_echo"), 2U);
  FaultPlan counting;
  EXPECT_EQ(Play(&counting).run(), expected);
  // Of every call of the first life; in under a minute.
  const std::int64_t calls = counting.calls();
  ASSERT_GT(calls, 100);
  constexpr std::int64_t kStride = kAddressSanitizer ? 61 : 3;
  for (std::int64_t n = 1; n <= calls; n += kStride) {
    for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
      for (const FaultExtent extent : {FaultExtent::once, FaultExtent::from_then_on}) {
        FaultPlan plan(n, side, extent);
        EXPECT_EQ(Play(&plan).run(), expected) << "call " << n << ": " << plan.failed_call();
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace telavis::test::mail_crash_test
