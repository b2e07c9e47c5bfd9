// SPDX-License-Identifier: Apache-2.0
// What requesters and coordinators do.
#include <algorithm>
#include <utility>

#include "engine/simulation/cast.h"

namespace telavis {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr double kNamesAnExpert = 0.7;  // under the policy `direct`; others write to a group
constexpr double kCoordinatorActs = 0.35;
constexpr std::size_t kRecent = 200;

}  // namespace

CaseRequest Cast::write_request(const UserId& requester) {
  CaseRequest request = sound_request(programme(), chance());
  if (programme().policy != OfferPolicy::direct) return request;
  if (!groups_.empty() && !chance().chance(kNamesAnExpert)) {
    request.requested_group = groups_[chance().below(groups_.size())];
    return request;
  }
  // His own two or three cardiologists nearby.
  const std::size_t place =
      static_cast<std::size_t>(std::ranges::find(requesters_, requester) - requesters_.begin());
  for (std::size_t i = 0; i < 2; ++i) {
    request.requested_experts.push_back(experts_[(place * 3 + i * 7) % experts_.size()]);
  }
  if (request.requested_experts[0] == request.requested_experts[1]) {
    request.requested_experts.pop_back();
  }
  return request;
}

void Cast::one_request() {
  arrive();
}

void Cast::arrive() {
  const UserId requester = requesters_[chance().below(requesters_.size())];
  const RequesterHabits& habits = profile_.requester;
  const CaseRequest whole = write_request(requester);
  CaseRequest request = whole;
  bool unfinished = false;
  if (chance().chance(habits.incomplete)) {
    unfinished = leave_item_out(request, programme(), chance());
  }
  if (chance().chance(habits.red_flag)) {
    unfinished = raise_red_flag(request, programme(), chance()) || unfinished;
  }
  const bool tracing = programme().speciality == "cardiology";
  if (chance().chance(habits.malformed)) {
    // Refused at the door; he mends it and sends it again.
    stage_.submit(requester, {malformed_request(whole, chance()), tracing, false, false});
  }
  const auto id = stage_.submit(requester, {case_request_json(request), tracing, true});
  if (!id) return;
  if (unfinished) unfinished_.emplace(*id, whole);
  recent_.push_back(*id);
  if (recent_.size() > kRecent) recent_.erase(recent_.begin());
  after_submission(requester, *id, request);
}

void Cast::after_submission(const UserId& requester, const CaseId& id, const CaseRequest&) {
  const RequesterHabits& habits = profile_.requester;
  if (chance().chance(habits.cancels)) {
    later(office_hours_, 6, 1, [this, requester, id] {
      const Case* subject = stage_.look(id);
      if (is_open(subject->state) && !subject->pending_opinion) {
        stage_.send(requester, "cancel", id, reason_body("resolved_otherwise"));
      }
    });
  }
  if (chance().chance(habits.withdraws)) {
    later(office_hours_, 8, 1, [this, requester, id] {
      if (is_open(stage_.look(id)->state)) {
        stage_.send(requester, "cancel", id, reason_body("patient_withdrew"));
      }
    });
  }
  const bool redirected = stage_.look(id)->state == CaseState::redirected;
  if (redirected && chance().chance(habits.resumes)) {
    later(office_hours_, 1, 0.7, [this, requester, id] {
      if (stage_.look(id)->state != CaseState::redirected) return;
      stage_.send(requester, "resume", id, R"({"regulated_at":"14:05"})");
    });
  }
  if (chance().chance(0.01)) {  // thinks of something else to say
    later(office_hours_, 3, 1, [this, requester, id] {
      const Case* subject = stage_.look(id);
      if (subject->promise && is_open(subject->state)) {
        stage_.send(requester, "info", id, text_body("Précision fictive."));
      }
    });
  }
}

void Cast::requester_gets(const UserId& requester, const CaseId& id, MessageKind kind) {
  const RequesterHabits& habits = profile_.requester;
  const auto read = [&](double share, std::function<void()> what) {
    if (chance().chance(share)) {
      later(office_hours_, habits.reads_after_h, habits.spread, std::move(what));
    }
  };
  switch (kind) {
    case MessageKind::incomplete:
      return read(habits.completes, [=, this] { complete_request(requester, id); });
    case MessageKind::redirect_reminder:
      return read(0.5, [=, this] {
        if (stage_.look(id)->state != CaseState::redirected) return;
        const bool resumes = chance().chance(habits.resumes);
        stage_.send(requester, resumes ? "resume" : "cancel", id,
                    resumes ? R"({"regulated_at":"09:30"})" : reason_body("sent_to_emergency"));
      });
    case MessageKind::info_needed:
    case MessageKind::info_reminder:
      return read(habits.gives_info, [=, this] {
        if (stage_.look(id)->state != CaseState::waiting) return;
        stage_.send(requester, "info", id, text_body("Réponse fictive."));
      });
    case MessageKind::breach_alert:
      return read(0.9, [=, this] { choose_after_breach(requester, id); });
    case MessageKind::report:
      return read(habits.opens_report, [=, this] { open_report(requester, id); });
    case MessageKind::urgent_opinion:
      if (!chance().chance(habits.acknowledges)) return;
      // A telephone rings at any hour.
      return stage_.at(stage_.now() + minutes(2 + chance().below(40)), [=, this] {
        const Case* subject = stage_.look(id);
        if (!subject->opinion || !subject->urgent_alert_at) return;
        stage_.send(requester, "acknowledge", id);
        if (chance().chance(0.5)) {
          stage_.send(requester, "call", id, text_body("Patient prévenu."));
        }
      });
    case MessageKind::unopened_reminder:
      return read(0.6, [=, this] { open_report(requester, id); });
    case MessageKind::close_out_reminder:
      return read(habits.closes_out, [=, this] {
        const CaseState state = stage_.look(id)->state;
        if (state != CaseState::answered && state != CaseState::delivered) return;
        stage_.send(requester, "close-out", id, close_out_body(chance()));
      });
    case MessageKind::appointment_reminder:
      return read(0.6, [=, this] {
        if (!stage_.look(id)->appointment_at) return;
        stage_.send(requester, "appointment", id, appointment_body(chance()));
      });
    case MessageKind::follow_up_answer:
      return read(0.3, [=, this] { open_report(requester, id); });
    default:  // NOLINT: of no concern to him
      return;
  }
}

void Cast::complete_request(const UserId& requester, const CaseId& id) {
  const auto whole = unfinished_.find(id);
  if (whole == unfinished_.end() || stage_.look(id)->state != CaseState::incomplete) return;
  CaseRequest request = whole->second;
  if (chance().chance(0.1)) leave_item_out(request, programme(), chance());  // still not whole
  stage_.send(requester, "complete", id, case_request_json(request));
}

void Cast::choose_after_breach(const UserId& requester, const CaseId& id) {
  const Case* subject = stage_.look(id);
  if (!is_open(subject->state) || subject->pending_opinion || !subject->breached_at) return;
  const double choice = chance().uniform();
  if (choice < 0.4) {
    stage_.send(requester, "wait", id);
  } else if (choice < 0.6) {
    reassign(requester, id, "requester_choice");
  } else if (choice < 0.75 && programmes_.size() > 1) {
    const ProgrammeId& other = programmes_[subject->programme == programme().id ? 1 : 0].id;
    stage_.send(requester, "transfer", id, R"({"programme":")" + other.value + R"("})",
                Stage::Body::may_be_refused);
  } else if (choice < 0.85) {
    stage_.send(requester, "cancel", id, reason_body("seen_in_person"));
  }
}

void Cast::open_report(const UserId& requester, const CaseId& id) {
  const Case* subject = stage_.look(id);
  if (!subject->opinion || subject->erased_at) return;
  if (!stage_.read_report(requester, id)) {
    stage_.invariants().fail(id, "the requester cannot read his report");
    return;
  }
  if (requester == stage_.look(id)->requester) after_reading(requester, id);
}

void Cast::after_reading(const UserId& requester, const CaseId& id) {
  const RequesterHabits& habits = profile_.requester;
  const Case* subject = stage_.look(id);
  if (subject->urgent_alert_at && chance().chance(habits.acknowledges)) {
    stage_.send(requester, "acknowledge", id);
  }
  if (stage_.look(id)->appointment_at && chance().chance(0.5)) {
    later(office_hours_, 30, 1, [=, this] {
      if (!stage_.look(id)->appointment_at) return;
      stage_.send(requester, "appointment", id, appointment_body(chance()));
    });
  }
  if (chance().chance(habits.follows_up)) {
    later(office_hours_, 20, 1, [=, this] {
      const Case* now = stage_.look(id);
      const bool answered = now->state == CaseState::delivered || now->state == CaseState::closed;
      if (!answered || stage_.now() > *now->delivered_at + hours(29 * 24)) return;
      stage_.send(requester, "follow-up", id, text_body("Question fictive sur l’avis."));
    });
  }
  if (chance().chance(habits.closes_out)) {
    later(office_hours_, 40, 1, [=, this] {
      const CaseState state = stage_.look(id)->state;
      if (state != CaseState::answered && state != CaseState::delivered) return;
      stage_.send(requester, "close-out", id, close_out_body(chance()));
    });
  }
}

void Cast::coordinator_gets(const UserId& coordinator, const CaseId& id, MessageKind kind) {
  const bool acts = kind == MessageKind::not_accepted || kind == MessageKind::no_expert_alert ||
                    kind == MessageKind::breach_alert;
  if (!acts || !chance().chance(kCoordinatorActs)) return;
  later(office_hours_, 1.5, 1, [=, this] {
    const Case* subject = stage_.look(id);
    const bool unanswered = subject->promise && is_open(subject->state) &&
                            subject->state != CaseState::waiting && !subject->pending_opinion;
    if (unanswered) reassign(coordinator, id, "no_answer");
  });
}

void Cast::reassign(const UserId& actor, const CaseId& id, std::string_view reason) {
  const UserId& to = experts_[chance().below(experts_.size())];
  stage_.send(actor, "reassign", id,
              R"({"expert":")" + to.value + R"(","reason":")" + std::string(reason) + R"("})",
              Stage::Body::may_be_refused);
}

}  // namespace telavis
