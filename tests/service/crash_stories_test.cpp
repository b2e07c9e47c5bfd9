// SPDX-License-Identifier: Apache-2.0
// What can become of a case beside the main job, with the Nth call of any port failing: before or
// after the work, once or for good. Whoever got no answer asks again with his key; in the end
// everything is as if nothing had failed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "formats/sanitized.h"
#include "tests/service/world.h"

namespace telavis::test::crash_stories_test {
namespace {

using std::chrono::minutes;

const std::string kText = R"({"text":"ZZTEXT"})";
const std::string kUrgentJson = R"({"conclusion":"ZZURGENT","orientation":"emergency_15"})";
const std::string kStaffReason = R"({"reason":"Motif fictif, assez long."})";
const std::string kCloseOutJson =
    R"({"outcome":"new_advice","referral":"avoided","value_for_patient":5,"value_for_requester":4})";

std::string reason(const std::string& code) {
  return R"({"reason":")" + code + R"("})";
}

/// What people know of their case, whatever dies.
struct Memory {
  CaseId id;
  std::size_t step = 0;  // the first that nobody has answered
};

/// One thing that somebody does, with a key of its own. False: no answer, or not the one wished.
using Step = std::function<bool(Engine& engine, Memory& memory, const std::string& key)>;
using Who = std::function<User(Engine& engine, const CaseId& id)>;

const Who kGp = [](Engine& engine, const CaseId&) { return engine.gp; };
const Who kCoordinator = [](Engine& engine, const CaseId&) { return engine.coordinator; };
const Who kReferent = [](Engine& engine, const CaseId&) { return engine.referent; };
const Who kExpert = [](Engine& engine, const CaseId& id) { return engine.expert_of(id); };

Step submit(const std::string& json) {
  return [json](Engine& engine, Memory& memory, const std::string& key) {
    static const Bytes ecg = fixture("demo-ecg.scp");
    const auto receipt =
        engine.service.submit(engine.gp, key, json, {{"web", "ecg.scp", ecg}}, Incomplete::kept);
    if (!receipt) return false;
    constexpr std::string_view kId = R"("id":")";
    const auto from = receipt->json.find(kId) + kId.size();
    memory.id = CaseId(receipt->json.substr(from, receipt->json.find('"', from) - from));
    return true;
  };
}

/// `body` may depend on the case as it is before.
Step does(const Who& who, const std::string& command,
          const std::function<std::string(const Case&)>& body) {
  // Who he is and what he sends is settled once: he repeats just that.
  struct Sent {
    std::string key;
    User actor;
    std::string body;
  };
  const auto sent = std::make_shared<std::map<CaseId, Sent>>();
  return [=](Engine& engine, Memory& memory, const std::string& key) {
    Sent& one = (*sent)[memory.id];
    if (one.key != key) one = {key, who(engine, memory.id), body(engine.load(memory.id))};
    return engine.service.command(one.actor, command, key, memory.id, one.body).has_value();
  };
}
Step does(const Who& who, const std::string& command, const std::string& body = "{}") {
  return does(who, command, [body](const Case&) { return body; });
}

Step pass(minutes time) {
  return [time](Engine& engine, Memory&, const std::string&) {
    engine.clock.advance(time);
    return true;
  };
}
/// Until a signed opinion has left.
const Step kTwoMinutes = pass(minutes(2));
/// Until a message that a failure took from its sender is free again.
const Step kTwelveMinutes = pass(minutes(12));

struct Play {
  std::string name;
  std::vector<Step> steps;
};

/// The expert who is not asked, or was not first.
std::string other_expert(const Case& subject) {
  const bool a = subject.offers.front().expert.value == "u-experta";
  return fmt::format(R"({{"expert":"{}","reason":"other"}})", a ? "u-expertb" : "u-experta");
}

std::vector<Play> plays() {
  const std::string flagged =
      with(kRequestJson, R"("st_elevation":false)", R"("st_elevation":true)");
  return {
      {"decline",
       {submit(kRequestJson), does(kExpert, "decline", reason("unavailable")),
        does(kExpert, "accept"), does(kExpert, "draft", kOpinionJson),
        does(kExpert, "opinion", kOpinionJson)}},
      {"red flag and resume",
       {submit(flagged), does(kGp, "resume", R"({"regulated_at":"14:05"})"),
        does(kExpert, "opinion", kOpinionJson)}},
      {"urgent",
       {submit(kRequestJson), does(kExpert, "opinion", kUrgentJson), kTwoMinutes,
        does(kGp, "acknowledge"), does(kGp, "call", kText), does(kGp, "close-out", kCloseOutJson)}},
      {"question about the opinion",
       {submit(kRequestJson), does(kExpert, "opinion", kOpinionJson), kTwoMinutes,
        does(kGp, "follow-up", kText), does(kExpert, "follow-up-answer", kText),
        does(kGp, "close-out", kCloseOutJson)}},
      {"given back, taken back",
       {submit(kRequestJson), does(kExpert, "accept"),
        does(kExpert, "give-back", reason("not_my_field")), does(kExpert, "accept"),
        does(kExpert, "opinion", kOpinionJson), does(kExpert, "take-opinion-back"),
        does(kExpert, "opinion", kOpinionJson)}},
      {"passed on",
       {submit(kRequestJson), does(kExpert, "accept"), does(kExpert, "reassign", other_expert),
        does(kExpert, "opinion", kOpinionJson)}},
      {"cancelled, held, erased",
       {submit(kRequestJson), does(kGp, "cancel", reason("patient_withdrew")),
        does(kCoordinator, "hold", kStaffReason), does(kCoordinator, "release-hold", kStaffReason),
        kTwelveMinutes, does(kCoordinator, "request-erasure", kStaffReason),
        does(kReferent, "approve-erasure")}},
  };
}

/// What is left of the play. False: somebody got no answer.
bool go_on(Disk& disk, Engine& engine, const Play& play, Memory& memory) {
  for (; memory.step < play.steps.size(); ++memory.step) {
    if (!engine.settle()) return false;
    const std::string key = fmt::format("step-{}", memory.step);
    if (!play.steps[memory.step](engine, memory, key)) return false;
    // Nothing leaves before the next one acts but what leaves at once: an opinion can be taken
    // back.
    disk.clock.advance(std::chrono::seconds(5));
  }
  disk.clock.advance(minutes(2));
  return engine.settle();
}

/// All that a case has become, without what chance or the clock decides.
std::vector<std::string> outcome(Disk& disk, Engine& engine, const Memory& memory) {
  const auto cases = engine.repository->cases({}).value();
  if (cases.size() != 1) return {fmt::format("{} cases", cases.size())};
  const Case& subject = cases.front();
  EXPECT_EQ(subject.id, memory.id);
  std::map<std::string, std::string> names;  // experts by the order in which they were asked
  for (const Offer& offer : subject.offers) {
    names.try_emplace(offer.expert.value, fmt::format("expert {}", names.size() + 1));
  }
  const auto name = [&](const std::string& id) { return names.contains(id) ? names.at(id) : id; };
  std::vector<std::string> lines;
  const auto chain = engine.repository->audit_chain(subject.id.value).value();
  EXPECT_EQ(verify_chain(chain, subject.audit), 0);
  for (const AuditEntry& entry : chain) {
    const bool is_mail = entry.what.action == "message_sent";
    lines.push_back(
        fmt::format("{} {} {}", name(entry.what.actor), entry.what.action,
                    is_mail ? entry.what.detail.substr(0, entry.what.detail.find(' ')) : ""));
  }
  const auto acts = engine.repository->acts({}).value();
  for (const ActRow& row : acts) {
    lines.push_back(fmt::format("act {} {} {}", act_role_name(row.act.role), row.act.code,
                                name(row.act.professional.value)));
  }
  const auto users = engine.repository->users().value();
  for (const User& user : users) {
    const std::size_t mails = mails_of(disk, user.mail_address).size();
    if (mails > 0) lines.push_back(fmt::format("{} mails to {}", mails, name(user.id.value)));
  }
  lines.push_back(fmt::format("{}, {} offers, {} words, {} kept opinions{}",
                              case_state_name(subject.state), subject.offers.size(),
                              subject.dialogue.size(), subject.kept_opinions.size(),
                              subject.erased_at ? ", erased" : ""));
  const auto counts = engine.repository->outbox_counts().value();
  for (const auto& [state, count] : counts) {
    lines.push_back(fmt::format("{} {}", count, state));
  }
  const auto node = engine.repository->audit_chain("node").value();
  EXPECT_EQ(verify_chain(node, engine.repository->node_audit_head().value()), 0);
  for (const BlobRef& blob : blobs_of(subject)) EXPECT_TRUE(engine.blobs.get(blob)) << blob.value;
  std::ranges::sort(lines);
  return lines;
}

/// A mail leaves twice only when its sender got no answer after it had left; with the same bytes.
void expect_copies_only_after(const std::string& failed_call, const std::vector<LeftMail>& left) {
  std::map<std::string, std::string> first;
  int copies = 0;
  for (const LeftMail& mail : left) {
    const auto [known, is_first] = first.try_emplace(mail.key, mail.bytes);
    if (is_first) continue;
    EXPECT_EQ(known->second, mail.bytes);
    ++copies;
  }
  EXPECT_LE(copies, 1);
  if (copies > 0) {
    EXPECT_TRUE(failed_call == "mailer.send" || failed_call == "commit") << failed_call;
  }
}

constexpr std::int64_t kStride = kAddressSanitizer ? 13 : 1;

struct Fault {
  FaultSide side;
  FaultExtent extent;
};

/// False: the play has fewer than `n` calls.
bool plays_out(std::size_t which, std::int64_t n, const Fault& fault,
               const std::vector<std::string>& undisturbed) {
  const Play play = plays()[which];
  Disk disk;
  { Engine(disk).enrol(); }
  FaultPlan plan(n, fault.side, fault.extent);
  Memory memory;
  std::vector<LeftMail> left;
  bool done = false;
  {
    Engine engine(disk, &plan, Reports::plain);
    // He asks again at once, then every two minutes: a message that a failure took from its sender
    // is free again after ten.
    for (int attempt = 0; attempt < 9 && !done; ++attempt) {
      if (attempt > 1) disk.clock.advance(minutes(2));
      done = go_on(disk, engine, play, memory);
      if (fault.extent == FaultExtent::from_then_on) break;
    }
    if (plan.failed_call().empty()) return false;
    left = engine.postman.left();
  }
  Engine reopened(disk, nullptr, Reports::plain);
  for (int attempt = 0; attempt < 3 && !(done = go_on(disk, reopened, play, memory)); ++attempt) {
  }
  const std::string where = fmt::format("{}, call {}, {}", play.name, n, plan.failed_call());
  EXPECT_TRUE(done) << where << ": stands at step " << memory.step;
  EXPECT_EQ(outcome(disk, reopened, memory), undisturbed) << where;
  const auto more = reopened.postman.left();
  left.insert(left.end(), more.begin(), more.end());
  expect_copies_only_after(plan.failed_call(), left);
  return true;
}

std::vector<std::string> undisturbed_outcome(std::size_t which) {
  const Play play = plays()[which];
  Disk disk;
  { Engine(disk).enrol(); }
  Engine engine(disk, nullptr, Reports::plain);
  Memory memory;
  EXPECT_TRUE(go_on(disk, engine, play, memory)) << play.name << ": step " << memory.step;
  return outcome(disk, engine, memory);
}

class CrashStories : public testing::TestWithParam<std::size_t> {};

TEST_P(CrashStories, EndAsIfNothingHadFailed) {
  const auto undisturbed = undisturbed_outcome(GetParam());
  ASSERT_FALSE(HasFailure());
  int points = 0;
  for (const FaultExtent extent : {FaultExtent::from_then_on, FaultExtent::once}) {
    for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
      for (std::int64_t n = 1; plays_out(GetParam(), n, {side, extent}, undisturbed);
           n += kStride) {
        ++points;
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(points, 10);
  RecordProperty("crash_points", points);
  fmt::print("{}: {} crash points\n", plays()[GetParam()].name, points);
}

INSTANTIATE_TEST_SUITE_P(Plays, CrashStories, testing::Range(std::size_t{0}, plays().size()));

// ---- what the association keeps on file ---------------------------------------------------------

/// Every kit that lies in the mailbox has a code: of several, the newest is good.
std::set<std::string> codes_for(const Disk& disk, const User& person) {
  static const std::regex pattern("[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}");
  std::set<std::string> codes;
  for (const std::string& mail : mails_of(disk, person.mail_address)) {
    std::smatch found;
    if (std::regex_search(mail, found, pattern)) codes.insert(found.str());
  }
  return codes;
}

/// A doctor gets a code by mail and takes a new password with it. These commands have no keys: who
/// got no answer looks at what there is. False: something failed.
bool renew_password(Disk& disk, Engine& engine) {
  const auto stored = [&] { return engine.repository->user(engine.other_gp.id).value().value(); };
  if (!stored().password_hash.empty()) return true;
  if (codes_for(disk, engine.other_gp).empty() &&
      !engine.registry.send_activation_kit({}, engine.other_gp.id)) {
    return false;
  }
  if (!engine.settle()) return false;
  for (const std::string& code : codes_for(disk, engine.other_gp)) {
    if (engine.registry.activate(engine.other_gp.login, code, "une phrase assez longue")) {
      return true;
    }
  }
  if (!stored().password_hash.empty()) return true;
  // The code may be spent though the password was not stored: he asks for another kit.
  return engine.registry.send_activation_kit({}, engine.other_gp.id) && engine.settle() && false;
}

/// The expert who is asked is suspended, and comes back when another one has his case.
bool suspend_and_resume(Engine& engine, Memory& memory) {
  if (!engine.settle()) return false;
  const UserId expert = engine.load(memory.id).offers.front().expert;
  const auto status = [&] { return engine.repository->user(expert).value().value().status; };
  if (memory.step == 1) {
    if (!engine.registry.suspend({}, expert, {})) return false;
    memory.step = 2;
  }
  if (!engine.settle()) return false;
  return status() == PersonStatus::active || engine.registry.resume({}, expert, {}).has_value();
}

bool keep_on_file(Disk& disk, Engine& engine, Memory& memory) {
  if (memory.step == 0) {
    if (!submit(kRequestJson)(engine, memory, "submit")) return false;
    memory.step = 1;
  }
  if (!suspend_and_resume(engine, memory) || !renew_password(disk, engine)) return false;
  disk.clock.advance(minutes(2));  // until a mail that was not taken over is tried again
  return engine.settle();
}

/// Without what a second kit changes.
std::vector<std::string> case_outcome(Disk& disk, Engine& engine, const Memory& memory) {
  std::vector<std::string> lines = outcome(disk, engine, memory);
  std::erase_if(lines, [](const std::string& line) {
    return line.ends_with("u-othergp") || line.ends_with(" sent");
  });
  const auto people = engine.repository->users().value();
  for (const User& user : people) {
    lines.push_back(fmt::format("{} {}{}", user.id.value, person_status_name(user.status),
                                user.password_hash.empty() ? "" : ", password"));
  }
  return lines;
}

/// With everything on file that an active membership needs.
void enrol_whole(Engine& engine) {
  engine.enrol();
  for (User person : {engine.other_gp, engine.expert_a, engine.expert_b}) {
    Enrolment& enrolment = person.enrolment;
    enrolment.identity_checked_on = enrolment.decided_on = "2026-01-05";
    enrolment.trained_on = enrolment.charter_signed_on = "2026-01-05";
    enrolment.decided_by = "u-admin";
    enrolment.charter_version = "2026-1";
    engine.put(person);
  }
}

bool file_is_kept(std::int64_t n, const Fault& fault, std::vector<std::string>& undisturbed) {
  Disk disk;
  {
    Engine engine(disk);
    enrol_whole(engine);
  }
  FaultPlan plan(n, fault.side, fault.extent);
  Memory memory;
  {
    Engine engine(disk, &plan, Reports::plain);
    bool done = false;
    for (int attempt = 0; attempt < 9 && !done; ++attempt) {
      if (attempt > 1) disk.clock.advance(minutes(2));
      done = keep_on_file(disk, engine, memory);
      if (fault.extent == FaultExtent::from_then_on) break;
    }
    if (n == 0) undisturbed = case_outcome(disk, engine, memory);
    if (plan.failed_call().empty()) return false;
  }
  Engine reopened(disk, nullptr, Reports::plain);
  bool done = false;
  for (int attempt = 0; attempt < 3 && !done; ++attempt) {
    done = keep_on_file(disk, reopened, memory);
  }
  const std::string where = fmt::format("call {}, {}", n, plan.failed_call());
  EXPECT_TRUE(done) << where;
  EXPECT_EQ(case_outcome(disk, reopened, memory), undisturbed) << where;
  return true;
}

TEST(CrashRegistry, KeepsWhoMayDoWhatAndWhoseCaseItIs) {
  std::vector<std::string> undisturbed;
  file_is_kept(0, {FaultSide::before, FaultExtent::once}, undisturbed);
  EXPECT_EQ(std::ranges::count(undisturbed, "u-othergp active, password"), 1);
  EXPECT_EQ(std::ranges::count(undisturbed, "offered, 2 offers, 0 words, 0 kept opinions"), 1);
  int points = 0;
  for (const FaultExtent extent : {FaultExtent::from_then_on, FaultExtent::once}) {
    for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
      for (std::int64_t n = 1; file_is_kept(n, {side, extent}, undisturbed); n += kStride) {
        ++points;
        if (HasFailure()) return;
      }
    }
  }
  RecordProperty("crash_points", points);
  fmt::print("what is kept on file: {} crash points\n", points);
}

}  // namespace
}  // namespace telavis::test::crash_stories_test
