// SPDX-License-Identifier: Apache-2.0
// What goes wrong among people and machines.
#include <algorithm>
#include <utility>

#include "engine/core/case_commands.h"
#include "engine/simulation/cast.h"

namespace telavis {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr double kDaysAYear = 365.25;
constexpr double kMeddlesAMonth = 30;  // attempts by people who have no part in a case
constexpr double kFilesAMonth = 6;     // legal holds and erasures
constexpr double kClockErrorsAYear = 24;
constexpr double kSuspensionsAYear = 4;
constexpr double kLongestAwayDays = 12;

std::string date_of(Instant instant) {
  return format_utc(instant).substr(0, 10);
}

Duration some_days(double count) {
  return milliseconds(static_cast<std::int64_t>(count * 86'400'000.0));
}

}  // namespace

void Cast::plan_disturbances(Instant end) {
  const Instant start = stage_.now();
  const double years = static_cast<double>((end - start) / days(1)) / kDaysAYear;
  const auto plan = [&](double a_year, const std::function<void()>& what) {
    double at_year = chance().exponential(1 / a_year);
    while (at_year < years) {
      stage_.at(start + some_days(at_year * kDaysAYear), what);
      at_year += chance().exponential(1 / a_year);
    }
  };
  if (!profile_.equals) {
    for (const UserId& expert : experts_) {
      plan(profile_.expert.away_a_year, [this, expert] { go_away(expert); });
      plan(profile_.expert.silent_a_year, [this, expert] {
        silent_until_[expert] = stage_.now() + some_days(chance().uniform(1, 4));
      });
    }
  }
  if (profile_.calm) return;
  plan(12 * kMeddlesAMonth, [this] { meddle(); });
  plan(12 * kFilesAMonth, [this] { look_after_a_file(); });
  plan(kClockErrorsAYear, [this] { upset_clock(); });
  plan(kSuspensionsAYear, [this] { suspend(experts_[chance().below(experts_.size())]); });
}

/// An absence that is announced: nothing new is offered, what is accepted stays.
void Cast::go_away(const UserId& expert) {
  User user = stage_.user(expert);
  if (!user.may_log_in()) return;
  const Instant back = stage_.now() + some_days(chance().uniform(1, kLongestAwayDays));
  auto& shut = user.terms.availability.shut;
  shut = {{date_of(stage_.now()), date_of(back)}};
  stage_.put(user);
  hours_[expert].shut = shut;
  stage_.expert_gone(expert, true);
}

void Cast::suspend(const UserId& expert) {
  User user = stage_.user(expert);
  if (!user.may_log_in()) return;
  user.status = PersonStatus::suspended;
  stage_.put(user);
  stage_.expert_gone(expert, false);
  stage_.at(stage_.now() + some_days(chance().uniform(5, 30)), [this, expert] {
    User back = stage_.user(expert);
    back.status = PersonStatus::active;
    stage_.put(back);
  });
}

std::optional<CaseId> Cast::some_case() {
  if (recent_.empty()) return std::nullopt;
  return recent_[chance().below(recent_.size())];
}

UserId Cast::some_person() {
  const std::vector<UserId>* lists[] = {&experts_, &requesters_, &coordinators_};
  const auto& list = *lists[chance().below(std::size(lists))];
  return list[chance().below(list.size())];
}

/// Somebody tries a command on a case, whoever he is; the stage compares the answer with his
/// rights.
void Cast::meddle() {
  const auto id = some_case();
  if (!id) return;
  const UserId person = some_person();
  if (!stage_.user(person).may_log_in()) return;
  const Case* subject = stage_.look(*id);
  const auto commands = case_commands();
  const std::string command(commands[chance().below(commands.size())].name);
  if (access_to(stage_.user(person), *subject, stage_.now()) == CaseAccess::none) {
    const std::string body = command == "opinion" ? opinion_json(some_opinion({}, chance())) : "";
    const bool was_asked =
        reaches_decision(stage_.user(person), *subject, *find_case_command(command));
    if (stage_.send(person, command, *id, body, Stage::Body::may_be_refused) && !was_asked) {
      stage_.invariants().fail(*id, person.value + " has no part in it and may " + command);
    }
    stage_.look_at(person, *id);
    if (stage_.read_report(person, *id)) {
      stage_.invariants().fail(*id, person.value + " has no part in it and reads the report");
    }
  } else if (const auto& roles = find_case_command(command)->roles;
             stage_.user(person).has_anywhere(Role::coordinator) &&
             std::ranges::find(roles, Role::coordinator) == roles.end()) {
    if (stage_.send(person, command, *id, "", Stage::Body::may_be_refused)) {
      stage_.invariants().fail(*id, "a coordinator may " + command);
    }
    stage_.look_at(person, *id);
  }
}

/// A legal hold, which ends one day, or an erasure, which two people must want.
void Cast::look_after_a_file() {
  const auto id = some_case();
  if (!id || coordinators_.empty()) return;
  const UserId& coordinator = coordinators_.front();
  const UserId referent(std::string(role_name(Role::medical_referent)));
  const bool holds = chance().chance(0.5);
  const std::string why = reason_body("Motif fictif, de plus de dix caractères.");
  const auto send = [this, id = *id](const UserId& actor, const char* command,
                                     const std::string& body) {
    return stage_.send(actor, command, id, body, Stage::Body::may_be_refused);
  };
  if (!send(coordinator, holds ? "hold" : "request-erasure", why)) return;
  const double days_later = chance().uniform(0.1, holds ? 60 : 5);
  stage_.at(stage_.now() + some_days(days_later), [send, coordinator, referent, holds, why] {
    if (holds) {
      send(coordinator, "release-hold", why);
    } else {
      send(referent, "approve-erasure", "");
    }
  });
}

/// A clock that is set wrongly, and set right again.
void Cast::upset_clock() {
  const bool forward = chance().chance(0.5);
  const auto error = minutes(static_cast<std::int64_t>(chance().uniform(1, forward ? 300 : 90)));
  stage_.be_wrong_by(forward ? error : -error);
  stage_.at(stage_.now() + minutes(1 + chance().below(50)),
            [this] { stage_.be_wrong_by(Duration(0)); });
}

}  // namespace telavis
