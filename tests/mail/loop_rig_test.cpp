// SPDX-License-Identifier: Apache-2.0
// The whole job by mail: a GP of one operator, an expert of another, and telavis between them; then
// the same while telavis and the servers are killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>
#include <regex>

#include "storage/sqlite.h"
#include "tests/mail/mail_loop.h"

namespace telavis::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Two of the mandatory items are left out; the patient's identity is in the tracing.
const std::string kUnfinished =
    "Bonjour,\n\nMotif : trouble du rythme\nQuestion : Le rythme est-il régulier ?\n\n"
    "Douleur thoracique : non\nSyncope : non\nDyspnée : non\nPalpitations : oui\nTA : 13/8\n"
    "FC : 84\nATCD : HTA\nPacemaker : non\nDéfibrillateur implanté : non\n"
    "Lecture du médecin requérant : rythme : sinusal\n"
    "Lecture du médecin requérant : conclusion : sans anomalie\nECG antérieur disponible : non\n"
    "Signes de gravité : aucun\nInformation du patient : oralement\n\nCordialement\n";
const std::string kRest = "Traitements : bisoprolol 2,5 mg\nConsentement du patient : oui\n";

/// As mail programs quote what is answered.
std::string quoted(const LandedMail& mail) {
  std::string out = "\n\nLe 22/11/2026, la filière a écrit :\n> ";
  for (const char c : mail.read.text) out += c == '\n' ? std::string("\n> ") : std::string(1, c);
  return out + "\n";
}

/// One question from the GP's first mail to his reading of the report, a step at a time. What is
/// sent in a step and what must follow from it are apart, so that something can happen between.
class Story {
 public:
  explicit Story(MailLoop& loop) : loop_(loop) {}

  struct Step {
    const char* name;
    std::function<void()> send;
    std::function<void()> follows;
  };
  std::vector<Step> steps() {
    return {
        {"asks",
         [this] {
           send({kGp, kUnfinished, "Avis ECG", "", true});
         },
         [this] {
           incomplete_ = loop_.got(kGp, "demande à compléter");
           EXPECT_THAT(incomplete_.read.in_reply_to, testing::ElementsAre(last_id_));
           EXPECT_THAT(incomplete_.read.text, HasSubstr("NON TRANSMIS"));
         }},
        {"completes", [this] { reply(kGp, kRest, incomplete_); },
         [this] {
           received_ = loop_.got(kGp, "demande enregistrée");
           EXPECT_THAT(received_.read.in_reply_to, testing::ElementsAre(last_id_));
           invitation_ = loop_.got(kExpert, "avis à rendre");
           EXPECT_THAT(invitation_.read.text, HasSubstr("Le rythme est-il régulier ?"));
           EXPECT_FALSE(invitation_.read.attachments.empty());
         }},
        {"accepts", [this] { reply(kExpert, "ACCEPTE", invitation_); },
         [this] { EXPECT_THAT(loop_.got(kExpert, "Votre avis est attendu").raw, Not(IsEmpty())); }},
        {"asks back", [this] { reply(kExpert, "PRECISION: Depuis quand ?", invitation_); },
         [this] {
           loop_.got(kExpert, "votre question est transmise");
           needed_ = loop_.got(kGp, "complément à donner");
           EXPECT_THAT(needed_.read.text, HasSubstr("Depuis quand ?"));
         }},
        {"tells", [this] { reply(kGp, "COMPLEMENT: Depuis lundi.", needed_); },
         [this] {
           loop_.got(kGp, "votre complément est transmis");
           EXPECT_THAT(loop_.got(kExpert, "complément reçu").read.text, HasSubstr("Depuis lundi."));
         }},
        {"answers",
         [this] {
           reply(kExpert, "AVIS: Rythme sinusal régulier.\nCONDUITE: Pas de suite cardiologique.",
                 invitation_);
         },
         [this] {
           echo_ = loop_.got(kExpert, "tel qu'il va partir");
           EXPECT_THAT(echo_.read.text, HasSubstr("Rythme sinusal régulier."));
           report_ = loop_.got(kGp, "l'avis est rendu");
           EXPECT_FALSE(report_.read.attachments.empty());
         }},
        {"reads", [this] { reply(kGp, "LU", report_); },
         [this] { loop_.got(kGp, "votre lecture de l'avis est enregistrée"); }},
    };
  }

  /// The case as its coordinator sees it once the story is over: each message took effect once.
  void expect_told_once() {
    const auto figures = loop_.case_of(received_.read.subject);
    const std::string number(figures.at("number").as_string());
    EXPECT_FALSE(figures.at("opened_at").is_null());
    EXPECT_EQ(figures.at("dialogue").at("need_info").as_int64(), 1);
    EXPECT_EQ(figures.at("dialogue").at("info").as_int64(), 1);
    for (const char* action : {"submit", "complete", "accept", "need_info", "info", "sign"}) {
      EXPECT_EQ(loop_.audited(number, action), 1) << action;
    }
    // Nothing came that nobody waited for; the expert may have his copy of the report.
    EXPECT_THAT(loop_.left(kGp), IsEmpty());
    EXPECT_THAT(loop_.left(kExpert), testing::Each(HasSubstr("copie du compte rendu")));
  }

 private:
  void send(const LoopMail& mail) { last_id_ = loop_.send(mail); }
  void reply(const std::string& from, const std::string& text, const LandedMail& to) {
    send({from, text + quoted(to), "Re: " + to.read.subject, to.read.message_id});
  }

  MailLoop& loop_;
  std::string last_id_;
  LandedMail incomplete_, received_, invitation_, needed_, echo_, report_;
};

class LoopRig : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    rig_ = std::make_unique<MailRig>();
    if (rig_->why_not().empty()) loop_ = std::make_unique<MailLoop>(*rig_);
  }
  static void TearDownTestSuite() {
    loop_.reset();
    rig_.reset();
  }
  void SetUp() override {
    if (!rig_->why_not().empty()) GTEST_SKIP() << rig_->why_not();
  }
  static MailLoop& loop() { return *loop_; }
  static MailRig& rig() { return *rig_; }

 private:
  static std::unique_ptr<MailRig> rig_;
  static std::unique_ptr<MailLoop> loop_;
};
std::unique_ptr<MailRig> LoopRig::rig_;
std::unique_ptr<MailLoop> LoopRig::loop_;

TEST_F(LoopRig, AGpAndAnExpertDoTheWholeJobByMail) {
  Story story(loop());
  for (const Story::Step& step : story.steps()) {
    SCOPED_TRACE(step.name);
    step.send();
    step.follows();
    ASSERT_FALSE(HasFailure());
  }
  story.expect_told_once();
  for (const std::string& address : {kGp, kExpert}) EXPECT_EQ(loop().doubles(address), 0U);
  EXPECT_EQ(loop().metric("telavis_smtp_unanswered_total"), 0);
  EXPECT_GE(loop().metric("telavis_received_mails{verdict=\"reported\"}"), 1);  // Postfix's reports
}

TEST_F(LoopRig, WhoeverIsOutsideTheTrustDomainIsNotReadAndNotWrittenTo) {
  const double before = loop().metric("telavis_received_mails{verdict=\"refused\"}");
  const double sent = loop().metric("telavis_smtp_mails_total{end=\"accepted\"}");
  loop().send({"docteur@mail.outside.test", kUnfinished + kRest, "Avis", "", true});
  for (int i = 0; i < 300; ++i) {
    if (loop().metric("telavis_received_mails{verdict=\"refused\"}") > before) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(loop().metric("telavis_received_mails{verdict=\"refused\"}"), before + 1);
  EXPECT_EQ(loop().metric("telavis_smtp_mails_total{end=\"accepted\"}"), sent);
}

TEST_F(LoopRig, WhatNobodyCouldFileIsOpenedAndFiledByTheMedicalReferent) {
  // Two cases in one answer: nobody guesses which.
  loop().send({kExpert, "AVIS: Normal, pour TE-2026-AAAAAAAA et TE-2026-BBBBBBBB", "Re: avis"});
  loop().got(kExpert, "NON TRANSMIS");
  const auto answer = loop().get("medical_referent", "/api/v1/kept-mails");
  const auto& listed = answer.at("mails").as_array();
  ASSERT_EQ(listed.size(), 1U);
  const std::string id(listed[0].at("id").as_string());
  EXPECT_EQ(boost::json::serialize(listed[0]).find("Normal"), std::string::npos);
  const std::string reason = R"({"reason":"Message resté sans suite, à relire.")";
  const auto opened =
      loop().post("medical_referent", "/api/v1/kept-mails/" + id + "/open", reason + "}");
  EXPECT_THAT(std::string(opened.at("content").at("text").as_string()), HasSubstr("Normal"));
  EXPECT_EQ(loop()
                .post("medical_referent", "/api/v1/kept-mails/" + id + "/file",
                      reason + R"(,"as":"nothing"})")
                .at("verdict")
                .as_string(),
            "dismissed");
  const auto after = loop().get("medical_referent", "/api/v1/kept-mails");
  EXPECT_THAT(after.at("mails").as_array(), IsEmpty());
}

TEST_F(LoopRig, AMailThatComesBackIsTheCoordinatorsBusiness) {
  // The expert's mailbox is gone: his operator takes the mail and sends it back.
  namespace json = boost::json;
  auto person = json::parse(loop().telavis("person export demo-corail"));
  const auto with_address = [&](const std::string& address) {
    person.at("mail_address") = address;
    std::ofstream(loop().folder() / "person.json") << json::serialize(person);
    loop().telavis("person import person.json");
    person = json::parse(loop().telavis("person export demo-corail"));
  };
  with_address("gone@mg.mssante.test");
  loop().send({kGp, kUnfinished + kRest, "Avis ECG", "", true});
  const LandedMail received = loop().got(kGp, "demande enregistrée");
  loop().got(kCoordinator, "message refusé, prévenez le médecin");
  const auto figures = loop().case_of(received.read.subject);
  bool failed = false;
  for (const auto& report : figures.at("mail_reports").as_array()) {
    failed = failed || (report.at("kind") == "invitation" && report.at("outcome") == "failed" &&
                        report.at("status") == "5.1.1");
  }
  EXPECT_TRUE(failed) << json::serialize(figures.at("mail_reports"));
  with_address(kExpert);
}

/// The mails that telavis handed over more than once, by Message-ID, as its operator saw them come.
std::set<std::string> handed_over_again(const MailRig& rig) {
  const std::string log = slurp(rig.log_of("cardio"));
  const std::regex line("cleanup\\[[0-9]+\\]: [0-9A-Za-z]+: message-id=<([0-9a-f]{32}@[^>]+)>");
  std::set<std::string> seen, again;
  for (std::sregex_iterator at(log.begin(), log.end(), line), last; at != last; ++at) {
    const std::string id = (*at)[1].str();
    if (!seen.insert(id).second) again.insert(id);
  }
  EXPECT_FALSE(seen.empty()) << "Postfix writes other lines than these";
  return again;
}

/// Adds the outbox rows that a dead telavis held: of these alone it cannot know whether the
/// operator took them, so that these alone may leave again.
void add_in_flight(MailLoop& loop, std::set<std::string>& rows) {
  SqliteOptions options;
  options.file = loop.data() / "telavis.db";
  const auto database = open_sqlite(options);
  ASSERT_TRUE(database) << database.error().text;
  const auto held =
      (*database)->run("select id from outbox where state = 'pending' and claimed_until > 0");
  ASSERT_TRUE(held) << held.error().text;
  for (const Row& row : *held) rows.insert(std::get<std::string>(row.at(0)));
}

/// Every step of the story while one of the servers dies in it. Short form: each step once, the
/// next victim each time; TELAVIS_MAIL_KILLS=n: n whole stories, each step with each victim in
/// turn.
TEST_F(LoopRig, KilledInEveryStepEachMessageTakesEffectOnce) {
  const std::size_t stories = amount_of("TELAVIS_MAIL_KILLS", 1);
  const std::array<std::string, 4> victims = {"telavis", "cardio", "mg", "dovecot"};
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same kills each time
  std::size_t kills = 0, kills_of_servers = 0;
  double unanswered = 0;
  std::set<std::string> in_flight;
  const auto count_unanswered = [&] {
    unanswered += loop().metric("telavis_smtp_unanswered_total");
  };
  for (std::size_t n = 0; n < stories; ++n) {
    Story story(loop());
    std::size_t number = n;
    for (const Story::Step& step : story.steps()) {
      const std::string& victim = victims[number++ % victims.size()];
      // From before the mail has arrived to after its answers have left.
      const std::chrono::milliseconds delay(random() % 1800);
      SCOPED_TRACE(std::string(step.name) + ", " + victim + " killed after " +
                   std::to_string(delay.count()) + " ms, story " + std::to_string(n));
      step.send();
      std::this_thread::sleep_for(delay);
      if (victim == "telavis") {
        count_unanswered();  // it is counted by the process that dies now
        loop().kill_engine();
        add_in_flight(loop(), in_flight);
        loop().start();
      } else {
        rig().ask("kill9 " + victim);
        rig().ask("start " + victim);
        ++kills_of_servers;
      }
      ++kills;
      step.follows();
      ASSERT_FALSE(HasFailure());
    }
    story.expect_told_once();
  }
  count_unanswered();
  // A copy of ours is of the window between the operator's 250 and our commit: telavis died while
  // it held this very mail, or the connection ended before the operator's answer, and was counted.
  std::size_t of_the_window = 0, others = 0;
  for (const std::string& id : handed_over_again(rig()))
    ++(in_flight.contains(id.substr(0, id.find('@'))) ? of_the_window : others);
  EXPECT_LE(static_cast<double>(others), unanswered);
  // The servers have such a window too, each kill one mail; all copies have the same bytes.
  std::size_t doubles = 0;
  for (const std::string& address : {kGp, kExpert}) doubles += loop().doubles(address);
  EXPECT_LE(doubles, of_the_window + others + kills_of_servers);
  std::cout << "killed " << kills << " times, " << in_flight.size() << " mails of ours in flight, "
            << unanswered << " without the operator's answer: " << of_the_window << " and "
            << others << " of these left again, " << doubles << " mails came twice\n";
}

}  // namespace
}  // namespace telavis::test
