// SPDX-License-Identifier: Apache-2.0
// Whatever happens in whatever order, from whomever, with a clock that stands, runs and jumps: what
// case_invariants.h says holds after every step. The seed is printed when it does not.
#include "tests/core/case_invariants.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/core/case_commands.h"
#include "formats/sanitized.h"
#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

constexpr unsigned kSeeds = kAddressSanitizer ? 100 : 1'000;
constexpr int kSteps = 120;

const std::vector<UserId>& experts() {
  static const std::vector<UserId> all = {kHolder, kOffered, kExpired, kDecliner, kTakenBack};
  return all;
}

const std::map<UserId, User>& people() {
  static const std::map<UserId, User> all = [] {
    std::map<UserId, User> made;
    const auto add = [&](const UserId& id, Role role) {
      made[id].id = id;
      for (const char* programme : {"p", "q"}) {
        made[id].memberships.push_back({ProgrammeId(programme), role});
      }
    };
    add(kRequester, Role::requester);
    add(kDelegate, Role::requester);
    for (const UserId& expert : experts()) add(expert, Role::expert);
    add(kCoordinator, Role::coordinator);
    add(kReferent, Role::medical_referent);
    add(kStranger, Role::expert);
    return made;
  }();
  return all;
}

class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) {}

  void run() {
    Case draft = draft_case();
    draft.plan.policy = static_cast<OfferPolicy>(pick(3));
    if (pick(4) == 0) draft.missing = {"question"};
    if (pick(5) == 0) draft.redirect_exit = "15_now";
    subject_ = submitted(std::move(draft), now_);
    ASSERT_EQ(wrong_case(subject_), "");
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
      move_clock();
      if (pick(3) == 0) fire_next_timer();
      try_event();
    }
  }

  std::size_t taken = 0, refused = 0, fired = 0;
  std::map<CaseState, int> seen;

 private:
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_()) % count; }
  const UserId& any_expert() { return experts()[pick(experts().size())]; }

  void move_clock() {
    switch (pick(12)) {
      case 0:  // an operator, or a clock server
        now_ -= std::chrono::hours(pick(100));
        break;
      case 1:
        now_ += std::chrono::hours(pick(40 * 24));
        break;
      case 2:
      case 3:
        break;  // the same millisecond
      default:
        now_ += std::chrono::minutes(pick(500));
    }
  }

  EventBody routed() {
    if (pick(5) == 0) return event::Route{};
    const bool open = subject_.plan.policy == OfferPolicy::open;
    if (!open && pick(3) != 0) return route_to({any_expert()}, now_);
    auto body = route_to({kHolder, kOffered, kExpired}, now_,
                         open ? std::nullopt : std::optional<Duration>(std::chrono::hours(4)));
    if (!open) body.assignment.group = "practice";
    return body;
  }

  std::optional<UserId> some_delegate() {
    return pick(2) == 0 ? std::optional(kDelegate) : std::nullopt;
  }

  void apply(const Event& event, bool must) {
    const auto decision = decide(&subject_, event);
    if (!decision) {
      EXPECT_FALSE(must) << event_name(event.body) << ": " << decision.error().text;
      EXPECT_FALSE(decision.error().text.empty());
      ++refused;
      return;
    }
    EXPECT_EQ(wrong_step(subject_, event, *decision, people()), "")
        << event_name(event.body) << " in " << case_state_name(subject_.state);
    subject_ = decision->next;
    ++seen[subject_.state];
    ++taken;
  }

  /// The next timer, at its instant: it is taken, and it does not come back at that instant.
  void fire_next_timer() {
    const auto next = next_timer(subject_);
    if (!next) return;
    now_ = std::max(now_, next->at);
    const EventBody body = body_of_timer(subject_, *next, routed(), some_delegate());
    apply(event_of(now_, {}, body), true);
    const auto again = timer_at(subject_, next->kind);
    // Another expert may be asked, or another text be late, at once; the same timer never.
    EXPECT_TRUE(!again || *again > next->at) << timer_kind_name(next->kind);
    ++fired;
  }

  EventBody any_body() {
    const OpinionMarks marks{pick(4) == 0, pick(4) == 0};
    switch (pick(36)) {
      case 0:
        return event::Submit{draft_case()};
      case 1:
        return event::Complete{
            {5},
            pick(2) == 0 ? std::vector<std::string>{"x"} : std::vector<std::string>{},
            pick(4) == 0 ? "in_person_today" : "",
            {},
            {}};
      case 2:
        return event::Resume{
            {5}, pick(2) == 0 ? std::vector<std::string>{"x"} : std::vector<std::string>{}};
      case 3:
        return event::Info{{5}, {}, {}};
      case 4:
        return event::WaitOn{};
      case 5:
        return event::Transfer{ProgrammeId(pick(2) == 0 ? "p" : "q"), 2, subject_.plan};
      case 6:
        if (pick(6) != 0) return event::NeedInfo{{5}};
        return event::Cancel{pick(2) == 0 ? "other" : "patient_withdrew"};
      case 7:
        return event::Acknowledge{};
      case 8:
        return event::FollowUp{{5}};
      case 9:
        return event::CloseOut{{5}};
      case 10:
        return event::LogCall{{5}};
      case 11:
        return event::SetAppointment{{5}};
      case 12:
        return event::Accept{};
      case 13:
        if (pick(2) == 0) return event::Accept{};
        return event::RecordOutcome{{5}, pick(3) != 0};
      case 14:
        return event::Decline{pick(3) == 0 ? "conflict_of_interest" : "other"};
      case 15:
        return event::GiveBack{"other"};
      case 16:
        return event::NeedInfo{{5}};
      case 17:
        return event::SaveDraft{{5}};
      case 18:
      case 19:
        return opinion("h" + std::to_string(++hashes_), marks);
      case 20:
        return opinion("h" + std::to_string(++hashes_), marks,
                       subject_.opinion ? subject_.opinion->hash : "none");
      case 21:
        return event::TakeOpinionBack{};
      case 22:
        return event::FollowUpAnswer{{5}};
      case 23:
        return reassign_to(pick(5) == 0 ? kRequester : any_expert(), now_);
      case 24:
        return event::ExpertGone{any_expert(), pick(2) == 0};
      case 25:
        return routed();
      case 26:
        return release();
      case 27:
        return timer(static_cast<TimerKind>(pick(18)), some_delegate());
      case 28:
        return event::MessageSent{static_cast<MessageKind>(pick(25))};
      case 29:
        return event::MessageDead{static_cast<MessageKind>(pick(25))};
      case 30:
        return event::ReportRead{};
      case 31:
        if (pick(2) == 0) return event::WithdrawErasure{};
        return event::RequestErasure{{5}};
      case 32:
        return event::ApproveErasure{};
      case 33:
        if (pick(2) == 0) return event::ReleaseHold{{5}};
        return event::Hold{{5}};
      case 34:
        if (pick(2) == 0) return event::LiftRestriction{};
        return event::Restrict{{5}};
      default:
        return event::ReferentOpened{now_ + std::chrono::hours(1), "ab"};
    }
  }

  Event by(std::optional<UserId> actor, const EventBody& body) {
    std::optional<Role> role;
    if (actor) role = people().at(*actor).memberships.front().role;
    return event_of(now_, std::move(actor), body, role);
  }

  void try_event() {
    const EventBody body = any_body();
    std::vector<std::optional<UserId>> anybody = {std::nullopt};
    for (const auto& [id, person] : people()) anybody.emplace_back(id);
    std::shuffle(anybody.begin(), anybody.end(), random_);
    Event event = by(anybody.front(), body);
    if (pick(3) != 0) {  // mostly somebody who can do it, so that the walk gets somewhere
      for (const auto& actor : anybody) {
        event = by(actor, body);
        if (decide(&subject_, event)) break;
      }
    }
    apply(event, false);
    if (pick(10) == 0) apply(event, false);  // the same again
  }

  std::mt19937 random_;
  Case subject_;
  Instant now_ = kStart;
  int hashes_ = 0;
};

TEST(CaseProperty, HoldsOverRandomEvents) {
  std::size_t taken = 0, refused = 0, fired = 0;
  std::map<CaseState, int> seen;
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Walk walk(seed);
    walk.run();
    taken += walk.taken;
    refused += walk.refused;
    fired += walk.fired;
    for (const auto& [state, count] : walk.seen) seen[state] += count;
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  // The walk went everywhere.
  for (int i = 0; i <= static_cast<int>(CaseState::cancelled); ++i) {
    EXPECT_GT(seen[static_cast<CaseState>(i)], kSeeds / 20) << i;
  }
  EXPECT_GT(taken, 20 * kSeeds);
  EXPECT_GT(refused, 20 * kSeeds);
  EXPECT_GT(fired, 10 * kSeeds);
}

// A case that nobody touches moves on by its timers alone, never twice at one instant by the same
// timer, and ends or waits for people.
TEST(CaseProperty, TimersAloneNeverSpin) {
  for (const Case& start :
       {incomplete_case(), redirected_case(), queued_case(), offered_case(), accepted_case(),
        waiting_case(), signed_case(), answered_case(), delivered_case()}) {
    Case subject = start;
    Instant now = hour(41);
    std::map<TimerKind, Instant> last;
    for (int firings = 0; firings < 400; ++firings) {
      const auto next = next_timer(subject);
      if (!next) break;
      now = std::max(now, next->at);
      const auto before = last.find(next->kind);
      EXPECT_TRUE(before == last.end() || before->second < now)
          << timer_kind_name(next->kind) << " from " << case_state_name(start.state);
      last[next->kind] = now;
      const Event event =
          event_of(now, {}, body_of_timer(subject, *next, event::Route{}, kDelegate));
      const Decision decision = decided(subject, event);
      ASSERT_EQ(wrong_step(subject, event, decision, people()), "")
          << event_name(event.body) << timer_kind_name(next->kind);
      subject = decision.next;
    }
  }
}

}  // namespace
}  // namespace telavis::test
