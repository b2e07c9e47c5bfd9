// SPDX-License-Identifier: Apache-2.0
// Any events in any order: an open case always has a timer, a promise never moves, acts are made
// once.
#include <cstdlib>

#include "engine/core/case.h"

namespace {

using namespace telavis;

const UserId kRequester("r"), kExpert("e"), kOther("o");

EventBody body_of(std::uint8_t choice) {
  switch (choice % 12) {
    case 0:
      return event::Route{{kExpert, {}}};
    case 1:
      return event::Route{};
    case 2:
      return event::OfferWindowOver{};
    case 3:
      return event::Accept{};
    case 4:
      return event::Decline{"other"};
    case 5:
      return event::Sign{"hash", {1}};
    case 6:
      return event::Release{"seal", BlobRef("b"), {BillableAct{}}};
    case 7:
      return event::Breach{};
    case 8:
      return event::MessageSent{"report"};
    case 9:
      return event::MessageDead{"report"};
    case 10:
      return event::ReportRead{};
    default:
      return event::Cancel{"other"};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Instant now{};
  Case draft;
  draft.id = CaseId("c");
  draft.requester = kRequester;
  Case subject = decide(nullptr, {"s", now, kRequester, event::Submit{draft, Sla{}}})->next;
  const Instant promise = subject.breach_at;
  int acts = 0;
  for (std::size_t i = 0; i + 2 < size; i += 3) {
    now += std::chrono::minutes(data[i]);
    const UserId actors[] = {kRequester, kExpert, kOther};
    std::optional<UserId> actor;
    if (data[i + 1] % 4 < 3) actor = actors[data[i + 1] % 4];
    const auto decision = decide(&subject, {"e", now, actor, body_of(data[i + 2])});
    if (!decision) continue;
    acts += static_cast<int>(decision->acts.size());
    subject = decision->next;
    const bool sound = subject.breach_at == promise && acts <= 1 &&
                       is_open(subject.state) == next_timer(subject).has_value();
    if (!sound) std::abort();
  }
  return 0;
}
