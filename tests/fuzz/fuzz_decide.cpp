// SPDX-License-Identifier: Apache-2.0
// Any events in any order from anybody: what tests/core/case_invariants.h says holds.
#include <cstdio>
#include <cstdlib>

#include "tests/core/case_invariants.h"

namespace {

using namespace telavis;
using std::chrono::hours;

const UserId kRequester("r"), kExpert("e"), kOther("o"), kCoordinator("c");

User person(const UserId& id, Role role) {
  User user;
  user.id = id;
  user.memberships = {{ProgrammeId("p"), role}};
  return user;
}

const std::map<UserId, User>& people() {
  static const std::map<UserId, User> all = {
      {kRequester, person(kRequester, Role::requester)},
      {kExpert, person(kExpert, Role::expert)},
      {kOther, person(kOther, Role::expert)},
      {kCoordinator, person(kCoordinator, Role::coordinator)},
  };
  return all;
}

/// Two bytes choose and colour an event.
class Bodies {
 public:
  Bodies(const Case& subject, Instant now, std::uint8_t colour)
      : subject_(subject), now_(now), colour_(colour) {}

  EventBody make(std::uint8_t choice) const {
    switch (choice % 5) {
      case 0:
        // The seeds keep their meaning: these were the last of the requester's before.
        if (choice / 5 % 11 == 10 && (colour_ & 16) != 0) return of_staff();
        return of_requester(choice / 5);
      case 1:
      case 2:
        return of_expert(choice / 5);
      case 3:
        return of_time();
      default:
        return of_engine(choice / 5);
    }
  }

 private:
  bool flag(int bit) const { return ((colour_ >> bit) & 1) != 0; }
  const UserId& expert() const { return flag(0) ? kExpert : kOther; }
  Chosen chosen(const UserId& who) const {
    return {who, now_, flag(1) ? std::optional(now_ + hours(4)) : std::nullopt};
  }

  EventBody of_requester(int choice) const {
    switch (choice % 11) {
      case 0:
        return event::Complete{{1},
                               flag(0) ? std::vector<std::string>{"x"} : std::vector<std::string>{},
                               flag(1) ? "15_now" : "",
                               {},
                               {}};
      case 1:
        return event::Resume{{1}, {}};
      case 2:
        return event::Info{{1}, {}, {}};
      case 3:
        return event::WaitOn{};
      case 4:
        return event::Transfer{ProgrammeId("p"), 2, subject_.plan};
      case 5:
        return event::Cancel{flag(0) ? "patient_withdrew" : "other"};
      case 6:
        return event::Acknowledge{};
      case 7:
        return event::FollowUp{{1}};
      case 8:
        return event::CloseOut{{1}};
      case 9:
        // As above: a telephone call, before there were outcomes.
        if (flag(3)) return event::RecordOutcome{{1}, flag(2)};
        return event::LogCall{{1}};
      default:
        return event::ReportRead{};
    }
  }
  EventBody of_expert(int choice) const {
    switch (choice % 11) {
      case 0:
        return event::Accept{};
      case 1:
        return event::Decline{flag(0) ? "conflict_of_interest" : "other"};
      case 2:
        return event::GiveBack{"other"};
      case 3:
        return event::NeedInfo{{1}};
      case 4:
        return event::SaveDraft{{1}};
      case 5:
      case 6: {
        event::Sign sign;
        sign.hash = "h" + std::to_string(subject_.version);
        sign.sealed = {1};
        sign.marks = {flag(0), flag(1)};
        sign.by_mail = flag(2);
        if (choice % 11 == 6 && subject_.opinion) sign.corrects = subject_.opinion->hash;
        return sign;
      }
      case 7:
        return event::TakeOpinionBack{};
      case 8:
        return event::FollowUpAnswer{{1}};
      case 9:
        return event::SetAppointment{{1}};
      default:
        return event::Reassign{chosen(expert()), "other"};
    }
  }
  EventBody of_staff() const {
    switch (colour_ & 7) {
      case 0:
        return event::RequestErasure{{1}};
      case 1:
        return event::ApproveErasure{};
      case 2:
        return event::WithdrawErasure{};
      case 3:
        return event::Hold{{1}};
      case 4:
        return event::ReleaseHold{{1}};
      case 5:
        return event::Restrict{{1}};
      default:
        return event::LiftRestriction{};
    }
  }
  EventBody routed() const {
    event::Route route;
    if (flag(2)) route.assignment.chosen = {chosen(kExpert)};
    if (flag(3)) route.assignment.chosen.push_back(chosen(kOther));
    if (flag(4)) route.assignment.group = "g";
    return route;
  }
  EventBody of_time() const {
    const auto next = next_timer(subject_);
    if (!next) return event::TimerFired{};
    return test::body_of_timer(subject_, *next, routed(), std::nullopt);
  }
  EventBody of_engine(int choice) const {
    switch (choice % 5) {
      case 0:
        return event::TimerFired{static_cast<TimerKind>(colour_ % 18), std::nullopt};
      case 1:
        return event::ExpertGone{expert(), flag(1)};
      case 2:
        return event::MessageSent{static_cast<MessageKind>(colour_ % 35)};
      case 3:
        return event::MessageDead{static_cast<MessageKind>(colour_ % 35)};
      default:
        return routed();
    }
  }

  const Case& subject_;
  Instant now_;
  std::uint8_t colour_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Instant now = from_epoch_ms(1'767'600'000'000);
  Case draft;
  draft.id = CaseId("c");
  draft.programme = ProgrammeId("p");
  draft.requester = kRequester;
  draft.plan.time_zone = "UTC";
  draft.plan.policy = static_cast<OfferPolicy>(data[0] % 3);
  draft.wrapped_key = {1};
  if ((data[0] & 8) != 0) draft.missing = {"x"};
  if ((data[0] & 16) != 0) draft.redirect_exit = "15_now";
  Case subject = decide(nullptr, {"s", now, kRequester, {}, event::Submit{draft}})->next;
  const UserId actors[] = {kRequester, kExpert, kOther, kCoordinator};
  for (std::size_t i = 1; i + 3 < size; i += 4) {
    // Signed: the clock jumps back as well.
    now += std::chrono::minutes(9) * static_cast<std::int8_t>(data[i]);
    std::optional<UserId> actor;
    std::optional<Role> role;
    if (data[i + 1] % 5 < 4) {
      actor = actors[data[i + 1] % 5];
      role = people().at(*actor).memberships.front().role;
    }
    const auto next = next_timer(subject);
    if (!actor && next && data[i + 1] >= 128) now = std::max(now, next->at);
    const Event event{"e", now, actor, role, Bodies(subject, now, data[i + 3]).make(data[i + 2])};
    const auto decision = decide(&subject, event);
    if (!decision) continue;
    const std::string wrong = test::wrong_step(subject, event, *decision, people());
    if (!wrong.empty()) {
      std::fprintf(stderr, "%s\n", wrong.c_str());
      std::abort();
    }
    subject = decision->next;
  }
  return 0;
}
