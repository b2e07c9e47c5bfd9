// SPDX-License-Identifier: Apache-2.0
// What experts do.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/simulation/cast.h"

namespace telavis {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr double kLooksFirst = 0.5;  // opens what he is asked before he accepts
constexpr double kRaces = 0.02;      // accepts at the very moment in which a colleague does

}  // namespace

bool Cast::holds(const UserId& expert, const CaseId& id) const {
  const Case* subject = stage_.look(id);
  const bool held = subject->state == CaseState::accepted || subject->state == CaseState::waiting;
  return held && subject->expert == expert;
}

void Cast::expert_gets(const UserId& expert, const CaseId& id, MessageKind kind) {
  const ExpertHabits& habits = profile_.expert;
  const auto read = [&](double share, double median_h, std::function<void()> what) {
    if (!chance().chance(share)) return;
    later(hours_of(expert), median_h, habits.spread, std::move(what));
  };
  const auto silent = silent_until_.find(expert);
  const bool is_silent = silent != silent_until_.end() && stage_.now() < silent->second;
  switch (kind) {
    case MessageKind::invitation:
    case MessageKind::open_invitation:
      if (is_silent) return;
      return read(1 - habits.ignores, habits.reads_after_h,
                  [=, this] { consider_offer(expert, id); });
    case MessageKind::expert_reminder:
    case MessageKind::expert_warning:
      return read(is_silent ? 0.2 : 0.7, 1, [=, this] { sign(expert, id); });
    case MessageKind::taken_back:
      return read(habits.answers_late, 4, [=, this] { sign(expert, id); });
    case MessageKind::info_given:
      return read(0.95, habits.answers_after_h, [=, this] { sign(expert, id); });
    case MessageKind::follow_up:
    case MessageKind::follow_up_overdue:
      return read(0.85, habits.answers_after_h, [=, this] {
        const Case* subject = stage_.look(id);
        if (!subject->follow_up_due_at || subject->expert != expert) return;
        stage_.send(expert, "follow-up-answer", id, text_body("Réponse fictive."));
      });
    case MessageKind::urgent_alert:
      if (!chance().chance(0.7)) return;
      return stage_.at(stage_.now() + minutes(5), [=, this] {
        if (stage_.look(id)->expert != expert || !stage_.look(id)->opinion) return;
        stage_.send(expert, "call", id, text_body("Appel au médecin requérant."));
      });
    case MessageKind::appointment_reminder:
      return read(0.2, 10, [=, this] {
        const Case* subject = stage_.look(id);
        if (!subject->appointment_at || subject->expert != expert) return;
        stage_.send(expert, "appointment", id, appointment_body(chance()));
      });
    default:  // NOLINT: he has nothing to do
      return;
  }
}

void Cast::consider_offer(const UserId& expert, const CaseId& id) {
  const ExpertHabits& habits = profile_.expert;
  const Case* subject = stage_.look(id);
  const Offer* offer = pending_offer(*subject, expert);
  if (offer == nullptr) {
    // He comes too late, and some try all the same.
    if (!chance().chance(0.1)) return;
    if (stage_.send(expert, "accept", id) && !holds(expert, id)) {
      stage_.invariants().fail(id, "somebody who is not asked has taken it");
    }
    return;
  }
  if (chance().chance(kLooksFirst)) stage_.look_at(expert, id);
  if (chance().chance(habits.declines)) {
    static constexpr std::array<std::string_view, 4> kReasons = {"unavailable", "not_my_field",
                                                                 "conflict_of_interest", "other"};
    stage_.send(expert, "decline", id, reason_body(kReasons[chance().below(kReasons.size())]));
    return;
  }
  const bool sees_all = offer->expires_at.has_value();
  if (sees_all && chance().chance(habits.answers_at_once)) {
    sign(expert, id);
  } else {
    accept(expert, id);
  }
}

void Cast::accept(const UserId& expert, const CaseId& id) {
  const Case* subject = stage_.look(id);
  const auto rival = std::ranges::find_if(subject->offers, [&](const Offer& offer) {
    return offer.outcome == OfferOutcome::pending && offer.expert != expert;
  });
  const bool races = rival != subject->offers.end() && chance().chance(kRaces);
  const UserId other = races ? rival->expert : UserId();
  if (races) {
    stage_.count_race();
    stage_.model().interleave([this, other, id] { stage_.send(other, "accept", id); });
  }
  const bool taken = stage_.send(expert, "accept", id);
  stage_.model().interleave({});
  if (races && taken) stage_.invariants().fail(id, "two experts have accepted it");
  if (races && holds(other, id)) work_on(other, id);
  if (taken) work_on(expert, id);
}

void Cast::work_on(const UserId& expert, const CaseId& id) {
  const ExpertHabits& habits = profile_.expert;
  const double choice = chance().uniform();
  const auto in_hours = [&](double median_h, std::function<void()> what) {
    later(hours_of(expert), median_h, habits.spread, std::move(what));
  };
  if (choice < habits.forgets) return;
  if (choice < habits.forgets + habits.gives_back) {
    return in_hours(habits.answers_after_h, [=, this] {
      if (!holds(expert, id) || stage_.look(id)->pending_opinion) return;
      stage_.send(expert, "give-back", id, reason_body("not_my_field"));
    });
  }
  if (choice < habits.forgets + habits.gives_back + habits.asks) {
    return in_hours(habits.answers_after_h / 2, [=, this] {
      if (!holds(expert, id) || stage_.look(id)->pending_opinion) return;
      stage_.send(expert, "need-info", id, text_body("Depuis quand, et sous quel traitement ?"));
      // Some answer without what they asked for.
      if (chance().chance(0.15)) {
        later(hours_of(expert), 12, 0.5, [=, this] { sign(expert, id); });
      }
    });
  }
  if (chance().chance(habits.drafts)) {
    in_hours(habits.answers_after_h / 2, [=, this] {
      if (!holds(expert, id) || stage_.look(id)->pending_opinion) return;
      stage_.send(expert, "draft", id, R"({"conclusion":"Ébauche"})");
    });
  }
  in_hours(habits.answers_after_h, [=, this] { sign(expert, id); });
}

/// Signs whatever has become of the case, as people do: who has it, and who had it and is late.
void Cast::sign(const UserId& expert, const CaseId& id) {
  const ExpertHabits& habits = profile_.expert;
  if (!stage_.user(expert).may_log_in()) return;
  const Case* subject = stage_.look(id);
  if (subject->pending_opinion || !is_open(subject->state)) {
    if (!chance().chance(habits.signs_twice * 10)) return;
  }
  OpinionKind kind;
  kind.urgent = chance().chance(habits.urgent);
  kind.in_person = chance().chance(habits.needs_appointment);
  const bool taken = stage_.send(expert, "opinion", id, opinion_json(some_opinion(kind, chance())));
  if (taken) after_signing(expert, id);
}

void Cast::after_signing(const UserId& expert, const CaseId& id) {
  const ExpertHabits& habits = profile_.expert;
  const auto& pending = stage_.look(id)->pending_opinion;
  if (pending && pending->expert == expert && chance().chance(habits.takes_back)) {
    stage_.at(stage_.now() + seconds(30), [=, this] {
      const auto& still = stage_.look(id)->pending_opinion;
      if (!still || still->expert != expert) return;
      stage_.send(expert, "take-opinion-back", id);
      stage_.at(stage_.now() + minutes(20), [=, this] { sign(expert, id); });
    });
  }
  if (chance().chance(habits.signs_twice)) {
    stage_.at(stage_.now() + minutes(10), [=, this] {
      stage_.send(expert, "opinion", id, opinion_json(some_opinion({}, chance())));
    });
  }
  if (chance().chance(habits.corrects)) {
    later(hours_of(expert), 20, 1, [=, this] { correct(expert, id); });
  }
}

void Cast::correct(const UserId& expert, const CaseId& id) {
  const Case* subject = stage_.look(id);
  if (!subject->opinion || subject->opinion->expert != expert || subject->pending_opinion) return;
  stage_.send(expert, "correct", id,
              correction_body(some_opinion({}, chance()), subject->opinion->hash));
}

}  // namespace telavis
