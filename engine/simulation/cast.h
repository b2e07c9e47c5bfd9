// SPDX-License-Identifier: Apache-2.0
// The people of a simulated programme: who they are and what they do about what reaches them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/simulation/papers.h"
#include "engine/simulation/profile.h"
#include "engine/simulation/stage.h"

namespace telavis {

class Cast {
 public:
  /// `programmes.front()` is the one simulated; another one of the same speciality, when there is
  /// one, takes transferred cases with a few experts of its own.
  Cast(Stage& stage, std::vector<Programme> programmes, const Profile& profile);

  /// Puts everybody on file. Errors of the repository are violations of the stage.
  void enrol();
  /// Plans the arrival of `cases` requests from the stage's instant on.
  void plan_arrivals(std::size_t cases);
  /// One request now, by anybody: for tests that count days themselves.
  void one_request();
  /// Plans what goes wrong among people and machines: absences, suspensions, strangers, clocks.
  void plan_disturbances(Instant end);

  Instant last_arrival() const { return last_arrival_; }
  const std::vector<UserId>& experts() const { return experts_; }
  const Programme& programme() const { return programmes_.front(); }

 private:
  // ---- cast.cpp: who they are
  User person(const std::string& name, Role role, const Programme& programme) const;
  void enrol_experts();
  void enrol_groups();
  void enrol_requesters();
  void enrol_neighbours();
  Timetable expert_hours();
  void receive(const std::string& address, const CaseId& id, MessageKind kind);
  void receive_as(const UserId& person, const CaseId& id, MessageKind kind);
  void find_on_the_web(const std::string& address, const CaseId& id, MessageKind kind);
  /// `median_h` in somebody's hours from now, log-normal.
  void later(const Timetable& hours, double median_h, double spread, std::function<void()> what);

  // ---- requesters.cpp
  void arrive();
  CaseRequest write_request(const UserId& requester);
  void after_submission(const UserId& requester, const CaseId& id, const CaseRequest& request);
  void requester_gets(const UserId& requester, const CaseId& id, MessageKind kind);
  void choose_after_breach(const UserId& requester, const CaseId& id);
  void complete_request(const UserId& requester, const CaseId& id);
  void open_report(const UserId& requester, const CaseId& id);
  void after_reading(const UserId& requester, const CaseId& id);
  void coordinator_gets(const UserId& coordinator, const CaseId& id, MessageKind kind);
  void reassign(const UserId& actor, const CaseId& id, std::string_view reason);

  // ---- experts.cpp
  void expert_gets(const UserId& expert, const CaseId& id, MessageKind kind);
  void consider_offer(const UserId& expert, const CaseId& id);
  void accept(const UserId& expert, const CaseId& id);
  void work_on(const UserId& expert, const CaseId& id);
  void sign(const UserId& expert, const CaseId& id);
  void after_signing(const UserId& expert, const CaseId& id);
  void correct(const UserId& expert, const CaseId& id);
  bool holds(const UserId& expert, const CaseId& id) const;

  // ---- disturbances.cpp
  void go_away(const UserId& expert);
  void suspend(const UserId& expert);
  void meddle();
  void look_after_a_file();
  void upset_clock();
  std::optional<CaseId> some_case();
  UserId some_person();

  SeededStream& chance() { return stage_.chance(); }
  const Timetable& hours_of(const UserId& person) const;

  Stage& stage_;
  std::vector<Programme> programmes_;
  Profile profile_;
  std::vector<UserId> experts_, requesters_, coordinators_;
  std::vector<std::string> groups_;
  std::map<UserId, Timetable> hours_;
  Timetable office_hours_;
  std::map<std::string, std::vector<UserId>> at_address_;
  std::map<UserId, Instant> silent_until_;
  std::map<CaseId, CaseRequest> unfinished_;  // requests that lack an item, or showed a red flag
  std::vector<CaseId> recent_;                // for those who meddle
  Instant last_arrival_;
};

}  // namespace telavis
