// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/cast.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace telavis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr int kMembersOfAGroup = 4;
constexpr int kNeighbourExperts = 4;
constexpr double kHoursAMonth = 730.5;
constexpr double kWithDelegate = 0.5;
constexpr double kAlsoNextDoor = 0.5;  // requesters who are enrolled in the other programme too
constexpr double kKeepsHours = 0.6;    // experts with hours of their own

Timetable week_hours(const std::string& zone, int from, int to, std::initializer_list<int> days) {
  Timetable hours_of_week;
  hours_of_week.time_zone = zone;
  for (const int day : days) {
    hours_of_week.week[static_cast<std::size_t>(day)] = {{from * 60, to * 60}};
  }
  return hours_of_week;
}

int weekday_of(Instant local) {
  const auto days = std::chrono::floor<std::chrono::days>(local);
  return static_cast<int>(std::chrono::weekday(days).iso_encoding()) - 1;
}

}  // namespace

Cast::Cast(Stage& stage, std::vector<Programme> programmes, const Profile& profile)
    : stage_(stage), programmes_(std::move(programmes)), profile_(profile) {
  // Its doctors work in the inbox; drawing a question for every offer would be most of the time.
  for (Programme& one : programmes_) one.by_mail = false;
  const std::string& zone = programme().time_zone;
  office_hours_ = week_hours(zone, 8, 19, {0, 1, 2, 3, 4});
  office_hours_.week[5] = {{9 * 60, 12 * 60}};
  last_arrival_ = stage.now();
  stage_.on_mail(
      [this](const std::string& to, const CaseId& id, MessageKind kind) { receive(to, id, kind); });
  stage_.on_bounce([this](const std::string& to, const CaseId& id, MessageKind kind) {
    find_on_the_web(to, id, kind);
  });
}

// ---- who they are -------------------------------------------------------------------------------

User Cast::person(const std::string& name, Role role, const Programme& of) const {
  User user;
  user.id = UserId(name);
  user.login = name;
  user.title = "Dr";
  user.given_name = "Prénom";
  user.family_name = "Nom" + name;
  user.rpps = "10000000003";
  user.profession = "medecin";
  user.mail_address = name + of.mailbox.substr(of.mailbox.find('@'));
  user.mobile_phone = "+33600000000";
  user.territory = of.territories.front();
  user.enrolment.identity_checked_on = user.enrolment.decided_on = "2025-01-06";
  user.enrolment.trained_on = user.enrolment.charter_signed_on = "2025-01-08";
  user.enrolment.insured_until = "2099-12-31";
  user.enrolment.order_checked_on = "2025-01-06";
  user.memberships = {{of.id, role}};
  return user;
}

Timetable Cast::expert_hours() {
  const std::string& zone = programme().time_zone;
  if (profile_.equals || !chance().chance(kKeepsHours)) return {};
  if (chance().chance(0.4)) return week_hours(zone, 8, 19, {0, 1, 2, 3, 4});
  if (chance().chance(0.5)) return week_hours(zone, 12, 21, {0, 1, 2, 3, 4, 5});
  return week_hours(zone, 9, 18, {0, 1, 3, 4});
}

void Cast::enrol_experts() {
  const auto& territories = programme().territories;
  for (int i = 0; i < profile_.experts; ++i) {
    User user = person(fmt::format("expert-{:02}", i + 1), Role::expert, programme());
    user.territory = territories[static_cast<std::size_t>(i) % territories.size()];
    user.terms.availability = expert_hours();
    if (!profile_.equals && chance().chance(0.3)) user.terms.max_open_cases = 15;
    if (!profile_.equals && chance().chance(0.1)) {
      user.terms.conflicts = {UserId("requester-001")};
    }
    hours_[user.id] = user.terms.availability.time_zone.empty() ? daytime(programme().time_zone)
                                                                : user.terms.availability;
    at_address_[user.mail_address] = {user.id};
    experts_.push_back(user.id);
    stage_.put(user);
  }
}

/// Group practices, for requesters who write to one.
void Cast::enrol_groups() {
  if (programme().policy != OfferPolicy::direct) return;
  for (std::size_t first = 0; first + kMembersOfAGroup <= experts_.size();
       first += std::size_t{2} * kMembersOfAGroup) {
    GroupPractice group;
    group.id = fmt::format("groupe-{}", groups_.size() + 1);
    group.programme = programme().id;
    group.name = "Cabinet " + group.id;
    group.mail_address = group.id + programme().mailbox.substr(programme().mailbox.find('@'));
    for (std::size_t i = first; i < first + kMembersOfAGroup; ++i) {
      group.members.push_back(experts_[i]);
    }
    at_address_[group.mail_address] = group.members;
    groups_.push_back(group.id);
    if (!stage_.repository().put_group(group, {stage_.now(), "operator"})) {
      stage_.invariants().fail(CaseId(), "cannot store " + group.id);
    }
  }
}

void Cast::enrol_requesters() {
  const auto& territories = programme().territories;
  for (int i = 0; i < profile_.requesters; ++i) {
    User user = person(fmt::format("requester-{:03}", i + 1), Role::requester, programme());
    user.territory = territories[static_cast<std::size_t>(i) % territories.size()];
    if (i > 0 && chance().chance(kWithDelegate)) user.delegate = requesters_.back();
    if (programmes_.size() > 1 && chance().chance(kAlsoNextDoor)) {
      user.memberships.push_back({programmes_[1].id, Role::requester});
    }
    at_address_[user.mail_address] = {user.id};
    requesters_.push_back(user.id);
    stage_.put(user);
  }
}

void Cast::enrol_neighbours() {
  if (programmes_.size() < 2) return;
  for (int i = 0; i < kNeighbourExperts; ++i) {
    const User user = person(fmt::format("voisin-{}", i + 1), Role::expert, programmes_[1]);
    hours_[user.id] = daytime(programmes_[1].time_zone);
    at_address_[user.mail_address] = {user.id};
    stage_.put(user);
  }
  const User other = person("coordinator-voisin", Role::coordinator, programmes_[1]);
  at_address_[other.mail_address] = {other.id};
  stage_.put(other);
}

void Cast::enrol() {
  for (const Programme& one : programmes_) {
    const auto stored = stage_.repository().put_programme(one, {stage_.now(), "operator"});
    if (!stored) stage_.invariants().fail(CaseId(), "cannot store " + one.id.value);
  }
  enrol_experts();
  enrol_groups();
  enrol_requesters();
  enrol_neighbours();
  for (int i = 0; i < profile_.coordinators; ++i) {
    const User user = person(fmt::format("coordinator-{}", i + 1), Role::coordinator, programme());
    at_address_[user.mail_address] = {user.id};
    coordinators_.push_back(user.id);
    stage_.put(user);
  }
  for (const Role role : {Role::treasurer, Role::medical_referent}) {
    const User user = person(std::string(role_name(role)), role, programme());
    at_address_[user.mail_address] = {user.id};
    stage_.put(user);
  }
}

const Timetable& Cast::hours_of(const UserId& person) const {
  const auto found = hours_.find(person);
  return found == hours_.end() ? office_hours_ : found->second;
}

// ---- time and mail ------------------------------------------------------------------------------

void Cast::later(const Timetable& hours_of_person, double median_h, double spread,
                 std::function<void()> what) {
  const double waited_h = chance().log_normal(median_h, spread);
  const auto waited = milliseconds(static_cast<std::int64_t>(waited_h * 3'600'000.0));
  stage_.at(add_open_time(hours_of_person, stage_.now(), waited), std::move(what));
}

void Cast::plan_arrivals(std::size_t cases) {
  const std::string& zone = programme().time_zone;
  Instant hour = stage_.now();
  double budget = chance().exponential(1);
  std::size_t planned = 0;
  while (planned < cases) {
    const auto offset = utc_offset(hour, zone).value_or(UtcOffset{});
    const Instant local = hour + offset.ahead;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const double rate =
        profile_.cases_a_month / kHoursAMonth *
        arrival_weight(static_cast<int>(static_cast<unsigned>(date.month())), weekday_of(local),
                       static_cast<int>((local - day) / hours(1)));
    double used = 0;
    while (planned < cases && used + budget <= rate) {
      used += budget;
      budget = chance().exponential(1);
      last_arrival_ = hour + milliseconds(static_cast<std::int64_t>(3'600'000.0 * used / rate));
      stage_.at(last_arrival_, [this] { arrive(); });
      ++planned;
    }
    budget -= rate - used;
    hour += hours(1);
  }
}

void Cast::receive(const std::string& address, const CaseId& id, MessageKind kind) {
  const auto people = at_address_.find(address);
  if (people == at_address_.end()) return;
  if (people->second.size() == 1) {
    receive_as(people->second.front(), id, kind);
    return;
  }
  // A shared mailbox: one of the practice opens it.
  receive_as(people->second[chance().below(people->second.size())], id, kind);
}

void Cast::receive_as(const UserId& person, const CaseId& id, MessageKind kind) {
  const User& user = stage_.user(person);
  if (!user.may_log_in()) return;
  const Case* subject = stage_.look(id);
  if (subject == nullptr) return;
  const bool reads_for = subject->requester == person || subject->requester_delegate == person;
  if (reads_for) {
    requester_gets(person, id, kind);
  } else if (user.has_anywhere(Role::expert)) {
    expert_gets(person, id, kind);
  } else if (user.has_anywhere(Role::coordinator)) {
    coordinator_gets(person, id, kind);
  }
}

/// Whoever gets no mail may still look at his list.
void Cast::find_on_the_web(const std::string& address, const CaseId& id, MessageKind kind) {
  if (!chance().chance(0.6)) return;
  const auto in_hours = static_cast<std::int64_t>(chance().log_normal(20, 0.8) * 60);
  stage_.at(stage_.now() + minutes(in_hours), [this, address, id, kind] {
    const auto people = at_address_.find(address);
    if (people == at_address_.end()) return;
    const UserId& person = people->second.front();
    if (stage_.user(person).may_log_in() && stage_.is_listed(person, id)) {
      receive_as(person, id, kind);
    }
  });
}

}  // namespace telavis
