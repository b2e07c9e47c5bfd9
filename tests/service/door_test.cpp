// SPDX-License-Identifier: Apache-2.0
// The one door: who comes through with which command, what is written down when he does not, and
// two who come at the same time.
#include <gmock/gmock.h>

#include <thread>

#include "formats/sanitized.h"
#include "tests/service/stories_world.h"

namespace telavis::test::door_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Door : public Story {
 protected:
  std::vector<std::string> refusals() {
    std::vector<std::string> found;
    const auto chain = engine.repository->audit_chain("node").value();
    for (const AuditEntry& entry : chain) {
      if (entry.what.action.starts_with("refused:")) {
        found.push_back(entry.what.actor + " " + entry.what.action + " " + entry.what.detail);
      }
    }
    return found;
  }
};

/// A body that each command takes.
std::string body_of(std::string_view command, const Case& subject) {
  if (command == "complete") return kRequestJson;
  if (command == "resume") return R"({"regulated_at":"14:05"})";
  if (command == "transfer") return R"({"programme":"rythmologie-2"})";
  if (command == "cancel") return reason("patient_withdrew");
  if (command == "close-out") return kCloseOutJson;
  if (command == "outcome") return R"({"result":"benign"})";
  if (command == "appointment") return R"({"reason":"seen already"})";
  if (command == "decline" || command == "give-back") return reason("other");
  if (command == "draft") return "{}";
  if (command == "opinion") return kOpinionJson;
  if (command == "reassign") {
    for (const char* expert : {"u-experta", "u-expertb", "u-expertc"}) {
      if (subject.expert == UserId(expert) || pending_offer(subject, UserId(expert))) continue;
      return R"({"expert":")" + std::string(expert) + R"(","reason":"other"})";
    }
  }
  if (command == "correct") {
    const std::string hash = subject.opinion ? subject.opinion->hash : "none";
    return with(kOpinionJson, "{", R"({"corrects":")" + hash + R"(",)");
  }
  for (const char* explained : {"request-erasure", "hold", "release-hold", "restrict"}) {
    if (command == explained) return R"({"reason":"asked by the patient"})";
  }
  for (const char* written : {"info", "need-info", "follow-up", "follow-up-answer", "call"}) {
    if (command == written) return kText;
  }
  return "{}";
}

// What the views offer is what the door takes, for everybody, in every state on the way.
TEST_F(Door, TakesWhatItOffersAndNothingElse) {
  Programme other = rhythmology();
  other.id = kSecondRhythmology;
  engine.put(other);
  engine.gp.memberships.push_back({kSecondRhythmology, Role::requester});
  engine.put(engine.gp);
  const User expert_c = person("expertc", Role::expert, kRhythmology);
  engine.put(expert_c);
  using Who = std::function<User(const Case&)>;
  const auto always = [](const User& user) -> Who { return [&user](const Case&) { return user; }; };
  const auto asked = [&](const Case& subject) {
    UserId id = engine.expert_a.id;
    if (!subject.offers.empty()) id = subject.offers.back().expert;
    return engine.repository->user(subject.expert.value_or(id)).value().value();
  };
  const std::vector<Who> everybody = {
      always(engine.gp),
      always(engine.other_gp),
      asked,
      [&](const Case& subject) {
        return asked(subject).id == engine.expert_a.id ? engine.expert_b : engine.expert_a;
      },
      always(engine.treasurer),
      always(engine.coordinator),
      always(engine.referent),
      always(engine.admin)};
  struct Stage {
    const char* name;
    std::function<CaseId()> reach;
  };
  const std::vector<Stage> stages = {
      {"incomplete",
       [&] {
         return submitted(with(kRequestJson, R"("red_flags":{"st_elevation":false},)", ""),
                          Incomplete::kept);
       }},
      {"redirected", [&] { return submitted(with(kRequestJson, ":false}", ":true}")); }},
      {"offered", [&] { return submitted(); }},
      {"accepted",
       [&] {
         const CaseId id = submitted();
         engine.done(engine.expert_of(id), "accept", id);
         return id;
       }},
      {"waiting",
       [&] {
         const CaseId id = submitted();
         engine.done(engine.expert_of(id), "accept", id);
         engine.done(engine.expert_of(id), "need-info", id, kText);
         return id;
       }},
      {"signed",
       [&] {
         const CaseId id = submitted();
         engine.done(engine.expert_of(id), "opinion", id, kOpinionJson);
         return id;
       }},
      {"delivered", [&] { return answered(kInPersonJson); }},
      {"urgent", [&] { return answered(kUrgentJson); }},
      {"asked",
       [&] {
         const CaseId id = answered();
         engine.done(engine.gp, "follow-up", id, kText);
         return id;
       }},
      {"breached",
       [&] {
         const CaseId id = submitted();
         run_until(disk.clock.now() + hours(49));
         return id;
       }},
      {"cancelled",
       [&] {
         const CaseId id = submitted();
         engine.done(engine.gp, "cancel", id, reason("other"));
         return id;
       }},
      {"to be erased",
       [&] {
         const CaseId id = submitted();
         engine.done(engine.gp, "cancel", id, reason("other"));
         engine.done(engine.coordinator, "request-erasure", id, body_of("request-erasure", {}));
         return id;
       }},
      {"held and restricted",
       [&] {
         const CaseId id = submitted();
         engine.done(engine.gp, "cancel", id, reason("other"));
         engine.done(engine.coordinator, "hold", id, body_of("hold", {}));
         engine.done(engine.coordinator, "restrict", id, body_of("restrict", {}));
         return id;
       }},
  };
  std::set<std::string_view> taken;
  // In full where the code is optimised.
  for (std::size_t at = 0; at < stages.size(); at += kAddressSanitizer ? 4 : 1) {
    const Stage& stage = stages[at];
    CaseId id = stage.reach();
    for (const Who& who : everybody) {
      for (const CaseCommand& command : case_commands()) {
        const Case subject = engine.load(id);
        const User actor = who(subject);
        // A second opinion is taken and kept, but nobody is asked for it.
        const bool answered = subject.pending_opinion || subject.opinion || !is_open(subject.state);
        if (command.name == "opinion" && answered) continue;
        // Nor to accept what he has.
        if (command.name == "accept" && subject.expert == actor.id) continue;
        const auto offered = permitted_commands(actor, subject, disk.clock.now());
        const bool may = std::find(offered.begin(), offered.end(), command.name) != offered.end();
        const auto receipt =
            engine.service.command(actor, command.name, "k", id, body_of(command.name, subject));
        EXPECT_EQ(receipt.has_value(), may)
            << actor.login << " " << command.name << " when " << stage.name
            << (receipt ? "" : ": " + receipt.error().text);
        if (!receipt) {
          EXPECT_EQ(engine.load(id).version, subject.version);
          continue;
        }
        taken.insert(command.name);
        if (is_open(engine.load(id).state)) {
          engine.done(engine.gp, "cancel", id, reason("patient_withdrew"));
        }
        id = stage.reach();
      }
    }
  }
  for (const CaseCommand& command : case_commands()) {
    if (kAddressSanitizer) break;
    EXPECT_TRUE(taken.contains(command.name)) << command.name;
  }
}

TEST_F(Door, TwoAcceptsInTheSameMillisecond) {
  Programme open = rhythmology();
  open.policy = OfferPolicy::open;
  engine.put(open);
  for (int round = 0; round < 20; ++round) {
    const CaseId id = submitted();
    Result<Receipt> a = fail(ErrorCode::internal, ""), b = a;
    std::thread one([&] { a = engine.service.command(engine.expert_a, "accept", "k", id, "{}"); });
    std::thread two([&] { b = engine.service.command(engine.expert_b, "accept", "k", id, "{}"); });
    one.join();
    two.join();
    ASSERT_NE(a.has_value(), b.has_value());
    const Case subject = engine.load(id);
    EXPECT_EQ(subject.expert, a ? engine.expert_a.id : engine.expert_b.id);
    const Error& lost = a ? b.error() : a.error();
    // Whoever was slower has no part in it any more: it is out of his list.
    EXPECT_TRUE(lost.code == ErrorCode::not_found || lost.code == ErrorCode::state_conflict)
        << lost.text;
    EXPECT_FALSE(lost.text.empty());
    EXPECT_THAT(audited(id), Contains("accept").Times(1));
  }
}

TEST_F(Door, TheSameCommandTwiceIsOneEvent) {
  const CaseId id = submitted();
  const User expert = engine.expert_of(id);
  const auto once = engine.service.command(expert, "accept", "k", id, "{}");
  const auto twice = engine.service.command(expert, "accept", "k", id, "{}");
  ASSERT_TRUE(once && twice);
  EXPECT_FALSE(once->replayed);
  EXPECT_TRUE(twice->replayed);
  EXPECT_EQ(once->json, twice->json);
  EXPECT_EQ(engine.service.command(expert, "accept", "k", id, "{} ").error().code,
            ErrorCode::idempotency_key_reused);
  // The key is one of this command: another one with the same word is another event.
  EXPECT_TRUE(engine.service.command(expert, "need-info", "k", id, kText));
}

TEST_F(Door, EveryRefusalIsWrittenDown) {
  const CaseId id = submitted();
  const std::int64_t version = engine.load(id).version;
  engine.refused(engine.other_gp, "cancel", id, reason("other"));
  engine.refused(engine.coordinator, "accept", id);
  engine.refused(engine.gp, "wait", id);
  engine.refused(engine.gp, "cancel", id, reason("because"));
  engine.refused(engine.gp, "nonsense", id);
  EXPECT_FALSE(engine.service.command(engine.gp, "cancel", "", id, reason("other")));
  const auto written = refusals();
  for (const char* line :
       {"u-othergp refused:cancel not_found", "u-coordinator refused:accept forbidden",
        "u-gp refused:wait state_conflict", "u-gp refused:cancel invalid_field",
        "u-gp refused:unknown_command not_found", "u-gp refused:cancel idempotency_key_missing"}) {
    EXPECT_THAT(written, Contains(line));
  }
  EXPECT_EQ(engine.service.unaudited_refusals(), 0);
  EXPECT_EQ(engine.load(id).version, version);
}

TEST_F(Door, BodiesThatAreNoneAreRefused) {
  const CaseId id = submitted();
  const User expert = engine.expert_of(id);
  engine.done(expert, "accept", id);
  const std::string long_text = R"({"text":")" + std::string(8'001, 'x') + R"("})";
  struct Row {
    const User* actor;
    const char* command;
    std::string body;
    ErrorCode expected;
  };
  const std::vector<Row> rows = {
      {&expert, "need-info", "", ErrorCode::malformed_request},
      {&expert, "need-info", "{}", ErrorCode::missing_field},
      {&expert, "need-info", R"({"text":"a","more":1})", ErrorCode::invalid_field},
      {&expert, "need-info", long_text, ErrorCode::invalid_field},
      {&expert, "draft", "[]", ErrorCode::malformed_request},
      {&expert, "draft", "{", ErrorCode::malformed_request},
      {&expert, "draft", R"({"a":")" + std::string(200'000, 'x') + R"("})",
       ErrorCode::limit_exceeded},
      {&expert, "opinion", "{}", ErrorCode::missing_field},
      {&expert, "give-back", reason("tired"), ErrorCode::invalid_field},
      {&expert, "accept", "[1]", ErrorCode::malformed_request},
      {&expert, "accept", R"({"a":1})", ErrorCode::invalid_field},
      {&expert, "reassign", R"({"expert":"u-gp","reason":"other"})", ErrorCode::invalid_field},
      {&expert, "correct", "no json", ErrorCode::missing_field},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(engine.refused(*row.actor, row.command, id, row.body), row.expected)
        << row.command << " " << row.body.substr(0, 40);
  }
  EXPECT_EQ(
      engine.service.command(expert, "accept", "f", id, "{}", {{"web", "x", ecg}}).error().code,
      ErrorCode::malformed_request);
  EXPECT_EQ(engine.service.command(engine.gp, "info", "f", CaseId("nowhere"), kText).error().code,
            ErrorCode::not_found);
}

TEST_F(Door, ADraftIsItsAuthorsAlone) {
  const CaseId id = submitted();
  const User expert = engine.expert_of(id);
  engine.done(expert, "accept", id);
  engine.done(expert, "draft", id, R"({"conclusion":"ZZDRAFT"})");
  EXPECT_THAT(engine.service.open(expert, id)->draft, HasSubstr("ZZDRAFT"));
  EXPECT_EQ(engine.service.open(engine.gp, id)->draft, "");
  engine.done(expert, "opinion", id, kOpinionJson);
  EXPECT_FALSE(engine.service.open(engine.gp, id)->opinion);  // until it leaves
  EXPECT_EQ(engine.service.open(expert, id)->opinion->conclusion, "ZZCONCLUSION");
  engine.done(expert, "take-opinion-back", id);
  EXPECT_THAT(engine.service.open(expert, id)->draft, HasSubstr("ZZCONCLUSION"));
}

}  // namespace
}  // namespace telavis::test::door_test
