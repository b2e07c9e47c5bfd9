// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/crashes.h"

#include <limits>

namespace telavis {

CaseId case_of(const BlobRef& ref) {
  return CaseId(ref.value.substr(0, ref.value.find('-')));
}

Crashes::Crashes(double rate, SeededStream chance) : rate_(rate), chance_(chance) {
  draw();
}

void Crashes::draw() {
  calls_left_ = rate_ > 0 ? 1 + static_cast<std::int64_t>(chance_.exponential(1 / rate_))
                          : std::numeric_limits<std::int64_t>::max();
}

Crashes::Fate Crashes::next() {
  if (dead_) return Fate::dies_before;
  if (paused_ || --calls_left_ > 0) return Fate::works;
  draw();
  dead_ = true;
  count_ += 1;
  if (!works_on_.empty()) left_behind_.insert(works_on_);
  return chance_.chance(0.5) ? Fate::dies_before : Fate::dies_after;
}

Result<void> CrashingBlobs::put(const BlobRef& ref, ByteView sealed) {
  const bool was_dead = crashes_.is_dead();
  crashes_.works_on(case_of(ref).value);
  switch (crashes_.next()) {
    case Crashes::Fate::works:
      torn_.erase(ref.value);
      return inner_.put(ref, sealed);
    case Crashes::Fate::dies_before:
      if (!was_dead && crashes_.chance().chance(0.5)) {
        torn_.insert(ref.value);
        static_cast<void>(inner_.put(ref, sealed.first(sealed.size() / 2)));
      }
      break;
    case Crashes::Fate::dies_after:
      torn_.erase(ref.value);
      static_cast<void>(inner_.put(ref, sealed));
      break;
  }
  return fail(ErrorCode::storage_failed, "the simulated process is dead");
}

Result<Bytes> CrashingBlobs::get(const BlobRef& ref) {
  return crashes_.run("get", [&] { return inner_.get(ref); });
}

Result<void> CrashingBlobs::erase(const BlobRef& ref) {
  crashes_.works_on(case_of(ref).value);
  return crashes_.run("erase", [&] { return inner_.erase(ref); });
}

SendResult CrashingMailer::send(const Envelope& envelope, ByteView mime) {
  const Crashes::Fate fate = crashes_.next();
  if (fate == Crashes::Fate::works) return inner_.send(envelope, mime);
  if (fate == Crashes::Fate::dies_after) static_cast<void>(inner_.send(envelope, mime));
  return {SendOutcome::retry, "the simulated process is dead"};
}

}  // namespace telavis
