// SPDX-License-Identifier: Apache-2.0
// What a simulation tells about the cases it ran.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/simulation/cast.h"
#include "engine/simulation/stage.h"

namespace telavis {

struct Figures {
  std::int64_t cases = 0;
  std::map<std::string, std::int64_t> by_state;
  std::int64_t promised = 0;  // complete: a promise was made
  std::int64_t answered = 0;
  std::int64_t in_promise = 0;   // answered before the promised instant
  std::int64_t in_48_h = 0;      // answered within 48 elapsed hours
  std::vector<double> delays_h;  // from completeness to the opinion leaving
  std::int64_t breaches = 0, offers = 0, declines = 0, waits = 0;
  std::int64_t urgent = 0, corrected = 0, kept_opinions = 0, transferred = 0;
  std::int64_t billable_acts = 0;
  std::vector<std::int64_t> answers_by_expert;  // of every world, the experts one after the other
  std::vector<double> fairness;                 // of each world: the most asked over the mean
  Stage::Counts counts;
  std::int64_t decisions = 0;

  void add(const Figures& other);
};

Figures figures_of(Stage& stage, const Cast& cast);

/// Lines of text, the same for the same figures.
std::string figures_text(const Figures& figures);

}  // namespace telavis
