// SPDX-License-Identifier: Apache-2.0
// How many people a simulated programme has and how they behave. Every number here is an
// assumption, explained in docs/simulation.md; none is a measure of a real programme.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/programme.h"
#include "engine/core/time.h"

namespace telavis {

struct ExpertHabits {
  double reads_after_h = 1.2;    // median until he looks at what came, in his hours
  double answers_after_h = 4;    // median from accepting to signing, in his hours
  double spread = 1.0;           // deviation of the logarithm of both
  double declines = 0.06;        // of the offers he reads
  double ignores = 0.05;         // of the offers: he never reads them
  double answers_at_once = 0.4;  // signs while he is still only asked
  double forgets = 0.03;         // accepts and falls silent until somebody reminds him
  double gives_back = 0.02;
  double asks = 0.08;  // for information
  double drafts = 0.15;
  double takes_back = 0.01;    // his opinion, within its minute
  double signs_twice = 0.01;   // a second opinion on an answered case
  double answers_late = 0.15;  // after the case was taken from him
  double corrects = 0.005;
  double urgent = 0.02;             // orientation "emergency_15"
  double needs_appointment = 0.12;  // orientation "in_person"
  double away_a_year = 5;           // absences, a mean of 6 days each
  double silent_a_year = 4;         // of 1 to 4 days, unannounced
};

struct RequesterHabits {
  double reads_after_h = 3;  // median until he looks at what came, in his hours
  double spread = 1.1;
  double opens_report = 0.92;
  double completes = 0.75;   // an unfinished request
  double resumes = 0.35;     // after a red flag
  double gives_info = 0.8;   // when he is asked, at each asking
  double cancels = 0.02;     // of the requests, of his own accord
  double withdraws = 0.003;  // the patient does
  double follows_up = 0.06;
  double closes_out = 0.45;
  double acknowledges = 0.9;
  double incomplete = 0.04;  // of the requests: a mandatory item is missing
  double red_flag = 0.015;
  double malformed = 0.02;  // refused at the door
};

struct Profile {
  int experts = 10;
  int requesters = 60;
  int coordinators = 2;
  double cases_a_month = 150;
  ExpertHabits expert;
  RequesterHabits requester;
  bool equals = false;  // experts without absences and differences: for the measure of fairness
  bool calm = false;    // without wrong persons, clock jumps, suspensions and bounces
};

/// Of a shipped programme by its id; the defaults for any other.
Profile profile_of(const Programme& programme);

/// Relative to the mean of a week: 1 a flat curve. `weekday` 0 is Monday.
double arrival_weight(int month, int weekday, int hour);

}  // namespace telavis
