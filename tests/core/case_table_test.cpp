// SPDX-License-Identifier: Apache-2.0
// Every state meets every event from everybody. The tables say what design.md asks for, by hand:
//   "-"       nobody can: state_conflict for whoever may send this kind of event
//   "x=Y,..." these people (letters below) get this; everybody else is refused as forbidden
//   "!"       forbidden for everybody
// People: r requester, d his delegate who was asked to read, h the expert who has the case (in
// Queued and before: who never heard of it; in Offered: asked, like o), o asked together with him
// and withdrawn since, e window passed, n declined, t taken back, c coordinator, m medical
// referent, s stranger, E the engine; @ all but the engine.
// Outcomes: the state afterwards (Incomplete, Redirected, Queued, Offered, Accepted, Waiting,
// aNswered, Delivered, Closed, X cancelled), or the refusal: s state_conflict, f forbidden,
// v invalid_field, i internal.
// An event of a person that names nobody, and one of the engine that names a person, is forbidden.
#include <fmt/format.h>

#include <array>
#include <map>
#include <sstream>

#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

// ---- what is expected ---------------------------------------------------------------------------

constexpr std::string_view kBeforeTheAnswer = R"(
event             | incomplete | redirected | queued  | offered    | accepted   | waiting
submit            | -          | -          | -       | -          | -          | -
complete          | r=Q        | -          | -       | -          | -          | -
still_incomplete  | r=I        | -          | -       | -          | -          | -
red_flag_found    | r=R        | -          | -       | -          | -          | -
resume            | -          | r=Q        | -       | -          | -          | -
info              | -          | -          | r=Q     | r=O        | r=A        | r=A
wait_on           | -          | -          | -       | -          | -          | -
transfer          | -          | -          | r=s     | r=s        | r=s        | r=s
cancel            | r=X        | r=X        | r=X     | r=X        | r=X        | r=X
patient_withdrew  | r=X        | r=X        | r=X     | r=X        | r=X        | r=X
acknowledge       | -          | -          | -       | -          | -          | -
patient_informed  | -          | -          | -       | -          | -          | -
follow_up         | -          | -          | -       | -          | -          | -
close_out         | -          | -          | -       | -          | -          | -
record_outcome    | -          | -          | -       | -          | -          | -
log_call          | -          | -          | -       | -          | -          | -
set_appointment   | -          | -          | -       | -          | -          | -
accept            | !          | !          | ent=s   | ho=A,ent=s | h=A,oent=s | hoent=s
decline           | -          | -          | -       | ho=O       | -          | -
give_back         | -          | -          | -       | -          | h=Q        | h=Q
need_info         | -          | -          | -       | -          | h=W        | h=W
save_draft        | -          | -          | -       | -          | h=A        | h=W
sign              | !          | !          | ent=A   | hoent=A    | hoent=A    | hoent=W
sign_urgent       | !          | !          | ent=A   | hoent=A    | hoent=A    | hoent=W
correct           | !          | !          | ent=s   | hoent=s    | hoent=s    | hoent=s
take_opinion_back | -          | -          | -       | -          | -          | -
follow_up_answer  | -          | -          | -       | -          | -          | -
reassign          | -          | -          | c=O     | c=O        | hc=O       | hc=O
reassign_to_h     | -          | -          | c=O     | c=v        | hc=v       | hc=v
reassign_to_r     | -          | -          | c=v     | c=v        | hc=v       | hc=v
request_erasure   | -          | -          | -       | -          | -          | -
approve_erasure   | -          | -          | -       | -          | -          | -
withdraw_erasure  | -          | -          | -       | -          | -          | -
hold              | -          | -          | cm=Q    | cm=O       | cm=A       | cm=W
release_hold      | -          | -          | -       | -          | -          | -
restrict          | -          | -          | -       | -          | -          | -
lift_restriction  | -          | -          | -       | -          | -          | -
expert_gone       | E=I        | E=R        | E=Q     | E=O        | E=Q        | E=Q
expert_absent     | E=I        | E=R        | E=Q     | E=O        | E=A        | E=W
route             | -          | -          | E=O     | -          | -          | -
route_to_nobody   | -          | -          | E=Q     | -          | -          | -
release           | -          | -          | -       | -          | -          | -
timer release     | -          | -          | -       | -          | -          | -
timer offer_window| -          | -          | -       | E=Q        | -          | -
timer route       | -          | -          | E=i     | -          | -          | -
timer take_back   | -          | -          | -       | -          | E=Q        | -
timer breach      | -          | -          | E=Q     | E=O        | E=A        | E=W
timer remind      | -          | -          | E=Q     | E=O        | E=A        | E=W
timer warn        | -          | -          | E=Q     | E=O        | E=A        | E=W
timer waiting_reminder|-       | -          | -       | -          | -          | E=W
timer urgent_alert| -          | -          | -       | -          | -          | -
timer follow_up   | -          | -          | -       | -          | -          | -
timer undelivered | -          | -          | -       | -          | -          | -
timer unopened    | -          | -          | -       | -          | -          | -
timer appointment | -          | -          | -       | -          | -          | -
timer close_out   | -          | -          | -       | -          | -          | -
timer outcome     | -          | -          | -       | -          | -          | -
timer redirect_reminder|-      | E=R        | -       | -          | -          | -
timer incomplete_reminder| E=I        | -          | -       | -          | -          | -
timer purge       | E=X        | -          | -       | -          | -          | -
timer retention   | -          | -          | -       | -          | -          | -
message_sent      | E=I        | E=R        | E=Q     | E=O        | E=A        | E=W
message_reported  | E=I        | E=R        | E=Q     | E=O        | E=A        | E=W
message_dead      | E=I        | E=R        | E=Q     | E=O        | E=A        | E=W
report_read       | -          | -          | -       | -          | -          | -
content_read      | @=I        | @=R        | @=Q     | @=O        | @=A        | @=W
files_refused     | @=I        | @=R        | @=Q     | @=O        | @=A        | @=W
mail_unclear      | @=I        | @=R        | @=Q     | @=O        | @=A        | @=W
referent_opened   | m=I        | m=R        | m=Q     | m=O        | m=A        | m=W
)";

constexpr std::string_view kFromTheAnswerOn = R"(
event             | answered   | delivered  | closed     | cancelled
submit            | -          | -          | -          | -
complete          | -          | -          | -          | -
still_incomplete  | -          | -          | -          | -
red_flag_found    | -          | -          | -          | -
resume            | -          | -          | -          | -
info              | -          | -          | -          | -
wait_on           | -          | -          | -          | -
transfer          | -          | -          | -          | -
cancel            | -          | -          | -          | -
patient_withdrew  | -          | -          | -          | -
acknowledge       | rd=N       | rd=D       | -          | -
patient_informed  | r=D        | r=D        | r=C        | -
follow_up         | -          | r=D        | r=D        | -
close_out         | r=N        | r=D        | -          | -
record_outcome    | r=N        | r=D        | r=C        | -
log_call          | rdh=N      | rdh=D      | rdh=C      | -
set_appointment   | rdh=N      | rdh=D      | -          | -
accept            | hoent=s    | hoent=s    | hoent=s    | hoent=s
decline           | -          | -          | -          | -
give_back         | -          | -          | -          | -
need_info         | -          | -          | -          | -
save_draft        | -          | -          | -          | -
sign              | hoent=N    | hoent=D    | hoent=C    | hoent=X
sign_urgent       | hoent=N    | hoent=D    | hoent=C    | hoent=X
correct           | h=N,oent=s | h=D,oent=s | h=D,oent=s | hoent=s
take_opinion_back | -          | -          | -          | -
follow_up_answer  | -          | h=D        | -          | -
reassign          | -          | -          | -          | -
reassign_to_h     | -          | -          | -          | -
reassign_to_r     | -          | -          | -          | -
request_erasure   | -          | -          | cm=C       | cm=X
approve_erasure   | -          | -          | -          | -
withdraw_erasure  | -          | -          | -          | -
hold              | cm=N       | cm=D       | cm=C       | cm=X
release_hold      | -          | -          | -          | -
restrict          | cm=s       | cm=s       | cm=C       | cm=X
lift_restriction  | -          | -          | -          | -
expert_gone       | -          | -          | -          | -
expert_absent     | -          | -          | -          | -
route             | -          | -          | -          | -
route_to_nobody   | -          | -          | -          | -
release           | -          | -          | -          | -
timer release     | -          | -          | -          | -
timer offer_window| -          | -          | -          | -
timer route       | -          | -          | -          | -
timer take_back   | -          | -          | -          | -
timer breach      | -          | -          | -          | -
timer remind      | -          | -          | -          | -
timer warn        | -          | -          | -          | -
timer waiting_reminder|-       | -          | -          | -
timer urgent_alert| E=N        | E=D        | -          | -
timer follow_up   | -          | E=D        | -          | -
timer undelivered | E=N        | -          | -          | -
timer unopened    | E=N        | E=D        | -          | -
timer appointment | E=N        | E=D        | -          | -
timer close_out   | -          | E=D        | -          | -
timer outcome     | E=N        | E=D        | -          | -
timer redirect_reminder|-      | -          | -          | -
timer incomplete_reminder| -          | -          | -          | -
timer purge       | -          | -          | -          | -
timer retention   | -          | -          | E=C        | E=X
message_sent      | E=D        | E=D        | E=C        | E=X
message_reported  | E=N        | E=D        | E=C        | E=X
message_dead      | E=N        | E=D        | E=C        | E=X
report_read       | @=N,rd=D   | @=D        | @=C        | -
content_read      | @=N        | @=D        | @=C        | @=X
files_refused     | @=N        | @=D        | @=C        | @=X
mail_unclear      | @=N        | @=D        | @=C        | @=X
referent_opened   | m=N        | m=D        | m=C        | m=X
)";

// signed: accepted, and the holder's opinion leaves in a minute. breached: accepted, the promised
// instant has passed. unfound: queued, and no expert was found. correcting: delivered, and the
// holder's correction leaves in a minute. settled: delivered, nothing left open but the close-out.
// purged: never completed.
constexpr std::string_view kVariations = R"(
event             | signed     | breached   | unfound | correcting | settled    | purged
submit            | -          | -          | -       | -          | -          | -
complete          | -          | -          | -       | -          | -          | -
still_incomplete  | -          | -          | -       | -          | -          | -
red_flag_found    | -          | -          | -       | -          | -          | -
resume            | -          | -          | -       | -          | -          | -
info              | r=A        | r=A        | r=Q     | -          | -          | -
wait_on           | -          | r=A        | -       | -          | -          | -
transfer          | r=s        | r=Q        | r=Q     | -          | -          | -
cancel            | r=s        | r=X        | r=X     | -          | -          | -
patient_withdrew  | r=X        | r=X        | r=X     | -          | -          | -
acknowledge       | -          | -          | -       | rd=D       | -          | -
patient_informed  | -          | -          | -       | r=D        | r=D        | -
follow_up         | -          | -          | -       | r=D        | r=D        | -
close_out         | -          | -          | -       | r=D        | r=C        | -
record_outcome    | -          | -          | -       | r=D        | r=D        | -
log_call          | -          | -          | -       | rdh=D      | rdh=D      | -
set_appointment   | -          | -          | -       | rdh=D      | -          | -
accept            | h=A,oent=s | h=A,oent=s | ent=s   | hoent=s    | hoent=s    | !
decline           | -          | -          | -       | -          | -          | -
give_back         | h=s        | h=Q        | -       | -          | -          | -
need_info         | h=s        | h=W        | -       | -          | -          | -
save_draft        | h=s        | h=A        | -       | -          | -          | -
sign              | h=s,oent=A | hoent=A    | ent=A   | h=s,oent=D | hoent=D    | -
sign_urgent       | h=s,oent=A | hoent=A    | ent=A   | h=s,oent=D | hoent=D    | -
correct           | hoent=s    | hoent=s    | ent=s   | hoent=s    | h=D,oent=s | -
take_opinion_back | h=A        | -          | -       | h=D        | -          | -
follow_up_answer  | -          | -          | -       | h=D        | -          | -
reassign          | hc=s       | rhc=O      | c=O     | -          | -          | -
reassign_to_h     | hc=s       | rhc=v      | c=O     | -          | -          | -
reassign_to_r     | hc=s       | rhc=v      | c=v     | -          | -          | -
request_erasure   | -          | -          | -       | -          | -          | -
approve_erasure   | -          | -          | -       | -          | -          | -
withdraw_erasure  | -          | -          | -       | -          | -          | -
hold              | cm=A       | cm=A       | cm=Q    | cm=D       | cm=D       | -
release_hold      | -          | -          | -       | -          | -          | -
restrict          | -          | -          | -       | cm=s       | cm=D       | -
lift_restriction  | -          | -          | -       | -          | -          | -
expert_gone       | E=A        | E=Q        | E=Q     | -          | -          | -
expert_absent     | E=A        | E=A        | E=Q     | -          | -          | -
route             | -          | -          | E=O     | -          | -          | -
route_to_nobody   | -          | -          | E=Q     | -          | -          | -
release           | E=N        | -          | -       | E=N        | -          | -
timer release     | E=i        | -          | -       | E=i        | -          | -
timer offer_window| -          | -          | -       | -          | -          | -
timer route       | -          | -          | E=i     | -          | -          | -
timer take_back   | -          | E=Q        | -       | -          | -          | -
timer breach      | -          | E=A        | E=Q     | -          | -          | -
timer remind      | E=A        | E=A        | E=Q     | -          | -          | -
timer warn        | E=A        | E=A        | E=Q     | -          | -          | -
timer waiting_reminder|-       | -          | -       | -          | -          | -
timer urgent_alert| -          | -          | -       | E=D        | -          | -
timer follow_up   | -          | -          | -       | E=D        | -          | -
timer undelivered | -          | -          | -       | -          | -          | -
timer unopened    | -          | -          | -       | E=D        | -          | -
timer appointment | -          | -          | -       | E=D        | -          | -
timer close_out   | -          | -          | -       | E=D        | E=C        | -
timer outcome     | -          | -          | -       | E=D        | -          | -
timer redirect_reminder|-      | -          | -       | -          | -          | -
timer incomplete_reminder| -          | -          | -       | -          | -          | -
timer purge       | -          | -          | -       | -          | -          | -
timer retention   | -          | -          | -       | -          | -          | -
message_sent      | E=A        | E=A        | E=Q     | E=D        | E=D        | E=X
message_reported  | E=A        | E=A        | E=Q     | E=D        | E=D        | E=X
message_dead      | E=A        | E=A        | E=Q     | E=D        | E=D        | E=X
report_read       | -          | -          | -       | @=D        | @=D        | -
content_read      | @=A        | @=A        | @=Q     | @=D        | @=D        | @=X
files_refused     | @=A        | @=A        | @=Q     | @=D        | @=D        | @=X
mail_unclear      | @=A        | @=A        | @=Q     | @=D        | @=D        | @=X
referent_opened   | m=A        | m=A        | m=Q     | m=D        | m=D        | -
)";

// Closed cases. held: under a legal hold. asked: the coordinator asked for its erasure. restricted:
// kept and not used. erased: the medical referent approved.
constexpr std::string_view kInCustody = R"(
event             | held       | asked      | restricted | erased
submit            | -          | -          | -          | -
complete          | -          | -          | -          | -
still_incomplete  | -          | -          | -          | -
red_flag_found    | -          | -          | -          | -
resume            | -          | -          | -          | -
info              | -          | -          | -          | -
wait_on           | -          | -          | -          | -
transfer          | -          | -          | -          | -
cancel            | -          | -          | -          | -
patient_withdrew  | -          | -          | -          | -
acknowledge       | -          | -          | -          | -
patient_informed  | r=C        | r=C        | -          | -
follow_up         | r=D        | r=D        | -          | -
close_out         | -          | -          | -          | -
record_outcome    | r=C        | r=C        | -          | -
log_call          | rdh=C      | rdh=C      | -          | -
set_appointment   | -          | -          | -          | -
accept            | hoent=s    | hoent=s    | hoent=s    | hoent=s
decline           | -          | -          | -          | -
give_back         | -          | -          | -          | -
need_info         | -          | -          | -          | -
save_draft        | -          | -          | -          | -
sign              | hoent=C    | hoent=C    | -          | -
sign_urgent       | hoent=C    | hoent=C    | -          | -
correct           | h=D,oent=s | h=D,oent=s | -          | -
take_opinion_back | -          | -          | -          | -
follow_up_answer  | -          | -          | -          | -
reassign          | -          | -          | -          | -
reassign_to_h     | -          | -          | -          | -
reassign_to_r     | -          | -          | -          | -
request_erasure   | cm=s       | cm=s       | cm=C       | -
approve_erasure   | -          | m=C        | -          | -
withdraw_erasure  | -          | cm=C       | -          | -
hold              | cm=s       | cm=C       | cm=C       | -
release_hold      | cm=C       | -          | -          | -
restrict          | cm=C       | cm=C       | cm=s       | -
lift_restriction  | -          | -          | cm=C       | -
expert_gone       | -          | -          | -          | -
expert_absent     | -          | -          | -          | -
route             | -          | -          | -          | -
route_to_nobody   | -          | -          | -          | -
release           | -          | -          | -          | -
timer release     | -          | -          | -          | -
timer offer_window| -          | -          | -          | -
timer route       | -          | -          | -          | -
timer take_back   | -          | -          | -          | -
timer breach      | -          | -          | -          | -
timer remind      | -          | -          | -          | -
timer warn        | -          | -          | -          | -
timer waiting_reminder| -          | -          | -          | -
timer urgent_alert| -          | -          | -          | -
timer follow_up   | -          | -          | -          | -
timer undelivered | -          | -          | -          | -
timer unopened    | -          | -          | -          | -
timer appointment | -          | -          | -          | -
timer close_out   | -          | -          | -          | -
timer outcome     | -          | -          | -          | -
timer redirect_reminder| -          | -          | -          | -
timer incomplete_reminder| -          | -          | -          | -
timer purge       | -          | -          | -          | -
timer retention   | -          | E=C        | E=C        | -
message_sent      | E=C        | E=C        | E=C        | E=C
message_reported  | E=C        | E=C        | E=C        | E=C
message_dead      | E=C        | E=C        | E=C        | E=C
report_read       | @=C        | @=C        | @=C        | @=C
content_read      | @=C        | @=C        | @=C        | @=C
files_refused     | @=C        | @=C        | @=C        | @=C
mail_unclear      | @=C        | @=C        | @=C        | @=C
referent_opened   | m=C        | m=C        | m=C        | -
)";

// ---- who and what -------------------------------------------------------------------------------

struct Actor {
  char letter;
  std::optional<UserId> id;
  std::optional<Role> role;
};
const std::vector<Actor>& actors() {
  static const std::vector<Actor> all = {
      {'r', kRequester, Role::requester},
      {'d', kDelegate, Role::requester},
      {'h', kHolder, Role::expert},
      {'o', kOffered, Role::expert},
      {'e', kExpired, Role::expert},
      {'n', kDecliner, Role::expert},
      {'t', kTakenBack, Role::expert},
      {'c', kCoordinator, Role::coordinator},
      {'m', kReferent, Role::medical_referent},
      {'s', kStranger, Role::expert},
      {'E', {}, {}},
  };
  return all;
}

// Long enough for every timer of every fixture to be due.
const Instant kLater = hour(100 * 24);

// And for the end of every retention.
const Instant kRetained = hour(22 * 366 * 24);

struct Trial {
  EventBody body;
  bool of_engine = false;
  bool later = false;  // at `at`, not when the fixture is ready
  Instant at = kLater;
};

std::map<std::string, Trial> trials() {
  event::Complete red_flag{{5}, {}, "15_now", {}, {}};
  event::Transfer transfer{ProgrammeId("q"), 3, draft_case().plan};
  const Instant now = hour(45);
  std::map<std::string, Trial> all = {
      {"submit", {event::Submit{draft_case()}}},
      {"complete", {event::Complete{{5}, {}, "", {}, {}}}},
      {"still_incomplete", {event::Complete{{5}, {"question"}, "", {}, {}}}},
      {"red_flag_found", {red_flag}},
      {"resume", {event::Resume{{5}, {}}}},
      {"info", {event::Info{{5}, {}, {}}}},
      {"wait_on", {event::WaitOn{}}},
      {"transfer", {transfer}},
      {"cancel", {event::Cancel{"resolved_otherwise"}}},
      {"patient_withdrew", {event::Cancel{"patient_withdrew"}}},
      {"acknowledge", {event::Acknowledge{}}},
      {"patient_informed", {event::PatientInformed{{5}}}},
      {"follow_up", {event::FollowUp{{5}}}},
      {"close_out", {event::CloseOut{{5}}}},
      {"record_outcome", {event::RecordOutcome{{5}}}},
      {"log_call", {event::LogCall{{5}}}},
      {"set_appointment", {event::SetAppointment{{5}}}},
      {"accept", {event::Accept{}}},
      {"decline", {event::Decline{"unavailable"}}},
      {"give_back", {event::GiveBack{"unavailable"}}},
      {"need_info", {event::NeedInfo{{5}}}},
      {"save_draft", {event::SaveDraft{{5}}}},
      {"sign", {opinion("another")}},
      {"sign_urgent", {opinion("another", {true, false})}},
      {"correct", {opinion("another", {}, "hash")}},
      {"take_opinion_back", {event::TakeOpinionBack{}}},
      {"follow_up_answer", {event::FollowUpAnswer{{5}}}},
      {"reassign", {reassign_to(UserId("new"), now)}},
      {"reassign_to_h", {reassign_to(kHolder, now)}},
      {"reassign_to_r", {reassign_to(kRequester, now)}},
      {"request_erasure", {event::RequestErasure{{5}}}},
      {"approve_erasure", {event::ApproveErasure{}}},
      {"withdraw_erasure", {event::WithdrawErasure{}}},
      {"hold", {event::Hold{{5}}}},
      {"release_hold", {event::ReleaseHold{{5}}}},
      {"restrict", {event::Restrict{{5}}}},
      {"lift_restriction", {event::LiftRestriction{}}},
      {"expert_gone", {event::ExpertGone{kHolder, false}, true}},
      {"expert_absent", {event::ExpertGone{kHolder, true}, true}},
      {"route", {route_to({UserId("new")}, kLater), true, true}},
      {"route_to_nobody", {event::Route{}, true, true}},
      {"release", {release("another"), true, true}},
      {"message_sent", {event::MessageSent{MessageKind::report}, true}},
      {"message_dead", {event::MessageDead{MessageKind::report}, true}},
      {"message_reported", {event::MessageReported{{OutboxId("m"), MessageKind::report}}, true}},
      {"report_read", {event::ReportRead{}}},
      {"content_read", {event::ContentRead{"request"}}},
      {"files_refused", {event::FilesRefused{"unknown_format"}}},
      {"mail_unclear", {event::MailUnclear{"no_token"}}},
      {"referent_opened", {event::ReferentOpened{hour(60), "ab"}}},
  };
  for (int i = 0; i <= static_cast<int>(kLastTimerKind); ++i) {
    const auto kind = static_cast<TimerKind>(i);
    all["timer " + std::string(timer_kind_name(kind))] = {timer(kind), true, true};
  }
  all["timer retention"].at = kRetained;
  return all;
}

struct Fixture {
  Case subject;
  Instant now;
};

std::map<std::string, Fixture> fixtures() {
  const auto staff = [](const Case& subject, const UserId& who, Role role, EventBody body) {
    return after(subject, hour(41), who, std::move(body), role);
  };
  const Case to_erase =
      staff(closed_case(), kCoordinator, Role::coordinator, event::RequestErasure{{7}});
  Case asked = after(delivered_case(), hour(40), kRequester, event::FollowUp{{6}});
  std::map<std::string, Fixture> all = {
      {"incomplete", {incomplete_case(), hour(1)}},
      {"redirected", {redirected_case(), hour(1)}},
      {"queued", {queued_case(), hour(36)}},
      {"offered", {offered_case(), hour(37)}},
      {"accepted", {accepted_case(), hour(38)}},
      {"waiting", {waiting_case(), hour(38)}},
      {"answered", {answered_case(), hour(39)}},
      {"delivered", {asked, hour(41)}},
      {"closed", {closed_case(), hour(41)}},
      {"cancelled", {cancelled_case(), hour(39)}},
      {"signed", {signed_case(), hour(38)}},
      {"breached", {after(accepted_case(), hour(48), {}, timer(TimerKind::breach)), hour(49)}},
      {"unfound", {after(queued_case(), hour(36), {}, event::Route{}), hour(36)}},
      {"correcting", {after(asked, hour(41), kHolder, opinion("next", {}, "hash")), hour(41)}},
      {"settled", {after(delivered_case({}), hour(40), kRequester, event::ReportRead{}), hour(41)}},
      {"purged", {after(incomplete_case(), hour(7 * 24), {}, timer(TimerKind::purge)), hour(169)}},
      {"held",
       {staff(closed_case(), kReferent, Role::medical_referent, event::Hold{{7}}), hour(42)}},
      {"asked", {to_erase, hour(42)}},
      {"restricted",
       {staff(closed_case(), kReferent, Role::medical_referent, event::Restrict{{7}}), hour(42)}},
      {"erased",
       {staff(to_erase, kReferent, Role::medical_referent, event::ApproveErasure{}), hour(42)}},
  };
  for (auto& [name, fixture] : all) fixture.subject.requester_delegate = kDelegate;
  return all;
}

// ---- reading the tables -------------------------------------------------------------------------

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  while (true) {
    const auto bar = line.find('|');
    cells.push_back(trimmed(line.substr(0, bar)));
    if (bar == std::string_view::npos) return cells;
    line.remove_prefix(bar + 1);
  }
}

/// The outcome that a cell asks for.
char expected(const std::string& cell, const Actor& actor, bool of_engine) {
  const bool right_source = of_engine == !actor.id;
  if (!right_source || cell == "!") return 'f';
  if (cell == "-") return 's';
  char outcome = 'f';
  std::istringstream items(cell);
  for (std::string item; std::getline(items, item, ',');) {
    const auto equals = item.find('=');
    const std::string who = item.substr(0, equals);
    if (who == "@" || who.find(actor.letter) != std::string::npos) outcome = item.at(equals + 1);
  }
  return outcome;
}

char outcome_of(const Result<Decision>& decision) {
  if (decision) return "IRQOAWNDCX"[static_cast<std::size_t>(decision->next.state)];
  EXPECT_FALSE(decision.error().text.empty());
  switch (decision.error().code) {
    case ErrorCode::state_conflict:
      return 's';
    case ErrorCode::forbidden:
      return 'f';
    case ErrorCode::invalid_field:
      return 'v';
    case ErrorCode::internal:
      return 'i';
    default:
      return '?';
  }
}

void expect_one_entry(const Fixture& fixture, const Actor& actor, const Trial& trial,
                      const Decision& decision) {
  EXPECT_EQ(decision.next.version, fixture.subject.version + 1);
  ASSERT_EQ(decision.audit.size(), 1U);
  EXPECT_EQ(decision.audit[0].actor, actor.id ? actor.id->value : "engine");
  EXPECT_EQ(decision.audit[0].action, event_name(trial.body));
}

struct Walked {
  std::size_t trials = 0;
  std::map<std::string, int> rows;
};

void walk(std::string_view table, Walked& walked) {
  const auto all_trials = trials();
  const auto all_fixtures = fixtures();
  std::istringstream lines{std::string(table.substr(1))};
  std::string line;
  std::getline(lines, line);
  const auto columns = cells_of(line);
  while (std::getline(lines, line)) {
    const auto cells = cells_of(line);
    ASSERT_EQ(cells.size(), columns.size()) << line;
    const Trial& trial = all_trials.at(cells[0]);
    ++walked.rows[cells[0]];
    for (std::size_t i = 1; i < cells.size(); ++i) {
      const Fixture& fixture = all_fixtures.at(columns[i]);
      for (const Actor& actor : actors()) {
        const Instant at = trial.later ? trial.at : fixture.now;
        const auto decision =
            decide(&fixture.subject, event_of(at, actor.id, trial.body, actor.role));
        const char want = expected(cells[i], actor, trial.of_engine);
        EXPECT_EQ(outcome_of(decision), want)
            << cells[0] << " by " << actor.letter << " when " << columns[i]
            << (decision ? "" : ": " + decision.error().text);
        if (decision) expect_one_entry(fixture, actor, trial, *decision);
        ++walked.trials;
      }
    }
  }
}

TEST(CaseTable, EveryStateMeetsEveryEventFromEverybody) {
  Walked walked;
  walk(kBeforeTheAnswer, walked);
  walk(kFromTheAnswerOn, walked);
  walk(kVariations, walked);
  walk(kInCustody, walked);
  for (const auto& [name, trial] : trials()) EXPECT_EQ(walked.rows[name], 4) << name;
  EXPECT_EQ(walked.trials, walked.rows.size() * 20 * actors().size());
  RecordProperty("trials", static_cast<int>(walked.trials));
}

TEST(CaseTable, NoEventIsForgotten) {
  std::array<bool, std::variant_size_v<EventBody>> tried{};
  for (const auto& [name, trial] : trials()) tried[trial.body.index()] = true;
  for (std::size_t i = 0; i < tried.size(); ++i) EXPECT_TRUE(tried[i]) << i;
}

TEST(CaseTable, WithoutACaseOnlyASubmissionIsTaken) {
  for (const auto& [name, trial] : trials()) {
    const auto actor = trial.of_engine ? std::nullopt : std::optional(kRequester);
    const auto decision = decide(nullptr, event_of(kStart, actor, trial.body));
    if (name == "submit") {
      EXPECT_TRUE(decision);
    } else {
      EXPECT_EQ(outcome_of(decision), 's') << name;
    }
  }
  EXPECT_EQ(outcome_of(decide(nullptr, event_of(kStart, kStranger, event::Submit{draft_case()}))),
            'f');
  EXPECT_EQ(outcome_of(decide(nullptr, event_of(kStart, {}, event::Submit{draft_case()}))), 'f');
}

TEST(CaseTable, NoTimerFiresBeforeItsInstant) {
  for (const auto& [name, fixture] : fixtures()) {
    for (int i = 0; i <= static_cast<int>(kLastTimerKind); ++i) {
      const auto kind = static_cast<TimerKind>(i);
      const auto at = timer_at(fixture.subject, kind);
      if (!at) continue;
      EventBody body = timer(kind);
      if (kind == TimerKind::route) body = route_to({UserId("new")}, *at);
      if (kind == TimerKind::release) body = release("another");
      EXPECT_EQ(outcome_of(decide(&fixture.subject, event_of(*at - Duration(1), {}, body))), 's')
          << name << " " << timer_kind_name(kind);
      EXPECT_TRUE(decide(&fixture.subject, event_of(*at, {}, body)))
          << name << " " << timer_kind_name(kind);
    }
  }
}

TEST(CaseTable, NamesAreThereAndBack) {
  for (int i = 0; i <= static_cast<int>(CaseState::cancelled); ++i) {
    const auto state = static_cast<CaseState>(i);
    EXPECT_EQ(case_state_from_name(case_state_name(state)), state);
  }
  EXPECT_FALSE(case_state_from_name("CLOSED"));
  for (int i = 0; i <= static_cast<int>(MessageKind::activation_kit); ++i) {
    const auto kind = static_cast<MessageKind>(i);
    EXPECT_EQ(message_kind_from_name(message_kind_name(kind)), kind);
  }
  EXPECT_FALSE(message_kind_from_name(""));
  const auto name_of = [](OfferOutcome outcome) { return offer_outcome_name(outcome); };
  EXPECT_EQ(name_of(OfferOutcome::pending), "pending");
  EXPECT_EQ(name_of(OfferOutcome::accepted), "accepted");
  EXPECT_EQ(name_of(OfferOutcome::declined), "declined");
  EXPECT_EQ(name_of(OfferOutcome::expired), "expired");
  EXPECT_EQ(name_of(OfferOutcome::given_back), "given_back");
  EXPECT_EQ(name_of(OfferOutcome::taken_back), "taken_back");
  EXPECT_EQ(name_of(OfferOutcome::withdrawn), "withdrawn");
  EXPECT_EQ(dialogue_kind_name(DialogueKind::need_info), "need_info");
  EXPECT_EQ(dialogue_kind_name(DialogueKind::info), "info");
  EXPECT_EQ(dialogue_kind_name(DialogueKind::follow_up), "follow_up");
  EXPECT_EQ(dialogue_kind_name(DialogueKind::follow_up_answer), "follow_up_answer");
  EXPECT_EQ(dialogue_kind_name(DialogueKind::call), "call");
  EXPECT_EQ(dialogue_kind_name(DialogueKind::appointment), "appointment");
  EXPECT_EQ(dialogue_kind_name(DialogueKind::close_out), "close_out");
  EXPECT_EQ(act_role_name(ActRole::expert), "expert");
  EXPECT_EQ(act_role_name(ActRole::requester), "requester");
}

}  // namespace
}  // namespace telavis::test
