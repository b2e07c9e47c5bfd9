// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/made_cases.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "engine/core/crypto.h"

namespace telavis::bench {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t kRequestBytes = 1'200;  // plain: question, context, form
constexpr std::size_t kOpinionBytes = 600;

/// Bytes that no disk makes smaller, of the case's own.
Bytes content(std::int64_t number, std::size_t size) {
  Bytes bytes(size);
  std::uint64_t state = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15U + 1;
  for (std::uint8_t& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::uint8_t>(state >> 56U);
  }
  return bytes;
}

void answer(Case& subject, std::int64_t number, const Key& key, Random& random) {
  subject.state = CaseState::closed;
  subject.offers.back().outcome = OfferOutcome::accepted;
  subject.expert = expert_of(number);
  subject.answered_at = subject.submitted_at + hours(20);
  Opinion opinion;
  opinion.expert = *subject.expert;
  opinion.signed_at = *subject.answered_at;
  opinion.released_at = opinion.signed_at + minutes(1);
  opinion.hash = hash_hex("opinion " + subject.id.value);
  subject.opinion = opinion;
  subject.delivered_at = opinion.released_at;
  subject.sealed_opinion =
      seal(key, random, "opinion/" + subject.id.value, content(number, kOpinionBytes));
}

BillableAct act_of(const Case& subject, ActRole role) {
  BillableAct act;
  act.case_id = subject.id;
  act.role = role;
  act.code = role == ActRole::expert ? "TE2" : "RQD";
  act.professional = role == ActRole::expert ? *subject.expert : subject.requester;
  act.care_date = "2026-01-05";
  act.amount_cents = role == ActRole::expert ? 2'300 : 1'000;
  act.billable = true;
  return act;
}

}  // namespace

Instant asked_at(std::int64_t number) {
  return kFirst + std::chrono::seconds(29) * number;
}
UserId requester_of(std::int64_t number) {
  return UserId("gp-" + std::to_string(number % kRequesters));
}
UserId expert_of(std::int64_t number) {
  // Each programme has experts of its own.
  return UserId("expert-" + std::to_string(number % kExperts));
}

MadeCase made_case(std::int64_t number, bool open, const KeyRing& keys, Random& random) {
  MadeCase made;
  made.data_key = random_key(random);
  Case subject;
  subject.id = CaseId("made-" + std::to_string(number));
  subject.number = "TE-MADE-" + std::to_string(number);
  subject.state = CaseState::offered;
  subject.programme = ProgrammeId("programme-" + std::to_string(number % kProgrammes));
  subject.programme_version = 1;
  subject.requester = requester_of(number);
  subject.submitted_at = asked_at(number);
  subject.plan.time_zone = "Europe/Paris";
  subject.promise = promise_of(subject.plan, subject.submitted_at);
  subject.breach_alert_at = subject.promise->breach_at;
  subject.exams = {{"ecg", "SCP-ECG", "12 x 10.0 s", {}}};
  subject.offers = {{expert_of(number), subject.submitted_at, subject.submitted_at + hours(4),
                     OfferOutcome::pending, ""}};
  subject.kept_until = subject.submitted_at + hours(24 * 365 * 20);
  subject.wrapped_key = keys.wrap(random, "data-key/" + subject.id.value, made.data_key);
  subject.sealed_request =
      seal(made.data_key, random, "request/" + subject.id.value, content(number, kRequestBytes));
  if (!open) answer(subject, number, made.data_key, random);
  Commit& commit = made.commit;
  commit.event_id = "made/" + std::to_string(number);
  commit.event_kind = "made";
  commit.at = subject.submitted_at;
  subject.version = 1;
  commit.audit.push_back(append_audit(subject.id.value, subject.audit,
                                      {commit.at, subject.requester.value, "made", "v1"}));
  if (!open) {
    commit.acts = {act_of(subject, ActRole::expert), act_of(subject, ActRole::requester)};
  }
  commit.next = std::move(subject);
  return made;
}

Commit accepted(const Case& offered) {
  Commit commit;
  commit.event_id = "accept/" + offered.id.value;
  commit.event_kind = "accept";
  commit.at = offered.submitted_at + hours(1);
  commit.expected_version = offered.version;
  commit.next = offered;
  commit.next.version += 1;
  commit.next.state = CaseState::accepted;
  commit.next.expert = offered.offers.back().expert;
  commit.next.offers.back().outcome = OfferOutcome::accepted;
  commit.next.hold_until = offered.promise->take_back_at;
  commit.audit.push_back(append_audit(offered.id.value, commit.next.audit,
                                      {commit.at, commit.next.expert->value, "accept", "v2"}));
  return commit;
}

Result<void> fill(Repository& repository, const KeyRing& keys, const Filling& filling) {
  std::atomic<std::int64_t> next = filling.first;
  const std::int64_t end = filling.first + filling.count;
  std::mutex mutex;
  std::optional<Error> failed;
  const auto put_one = [&](std::int64_t number, Random& random) -> Result<void> {
    MadeCase made = made_case(number, number >= end - kOpen, keys, random);
    Case& subject = made.commit.next;
    if (filling.exam_bytes > 0) {
      const BlobRef blob(subject.id.value + "-exams");
      subject.exam_blobs = {blob};
      auto put = filling.blobs->put(blob, seal_stream(made.data_key, "exams/" + blob.value,
                                                      content(number, filling.exam_bytes)));
      if (!put) return put;
    }
    const auto committed = repository.commit(made.commit);
    if (!committed) return tl::unexpected(committed.error());
    if (committed->outcome == CommitOutcome::committed) return {};
    return fail(ErrorCode::state_conflict, "these cases are there already: fill a new database");
  };
  const auto work = [&] {
    SystemRandom random;
    for (std::int64_t number = next++; number < end; number = next++) {
      const auto put = put_one(number, random);
      if (put) continue;
      const std::lock_guard lock(mutex);
      failed = put.error();
      next = end;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < filling.threads; ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  if (failed) return tl::unexpected(*failed);
  return {};
}

}  // namespace telavis::bench
