// SPDX-License-Identifier: Apache-2.0
// Ports for tests: everything in memory, nothing left to chance, safe to share between threads.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/ports.h"

namespace telavis::test {

/// Stands still until it is told to move, in either direction.
class SimClock : public Clock {
 public:
  explicit SimClock(Instant start) : now_(start) {}
  Instant now() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void set(Instant instant) {
    const std::lock_guard lock(mutex_);
    now_ = instant;
  }
  void advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
  }
  /// What an NTP correction or an operator does to a wall clock.
  void jump_back(Duration by) { advance(-by); }

 private:
  std::mutex mutex_;
  Instant now_;
};

/// The same bytes for the same seed, on every machine (the standard fixes mt19937_64).
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    const std::lock_guard lock(mutex_);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_() >> 56U);
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

class MemoryBlobStore : public BlobStore {
 public:
  Result<void> put(const BlobRef& ref, ByteView sealed) override {
    const std::lock_guard lock(mutex_);
    blobs_[ref] = Bytes(sealed.begin(), sealed.end());
    return {};
  }
  Result<Bytes> get(const BlobRef& ref) override {
    const std::lock_guard lock(mutex_);
    const auto found = blobs_.find(ref);
    if (found == blobs_.end()) return fail(ErrorCode::not_found, "no blob of that name");
    return found->second;
  }
  Result<void> erase(const BlobRef& ref) override {
    const std::lock_guard lock(mutex_);
    blobs_.erase(ref);
    return {};
  }
  /// For assertions.
  std::map<BlobRef, Bytes> blobs() {
    const std::lock_guard lock(mutex_);
    return blobs_;
  }

 private:
  std::mutex mutex_;
  std::map<BlobRef, Bytes> blobs_;
};

/// Accepts every mail and keeps it; `answer_next` scripts other answers, one a call.
class RecordingMailer : public Mailer {
 public:
  struct Sent {
    Envelope envelope;
    Bytes mime;
  };
  SendResult send(const Envelope& envelope, ByteView mime) override {
    const std::lock_guard lock(mutex_);
    SendResult answer{SendOutcome::accepted, ""};
    if (next_ < script_.size()) answer = script_[next_++];
    if (answer.outcome == SendOutcome::accepted)
      sent_.push_back({envelope, Bytes(mime.begin(), mime.end())});
    else
      ++not_accepted_;
    return answer;
  }
  void answer_next(SendResult answer) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(answer));
  }
  /// Accepted mails in order, wire copies included.
  std::vector<Sent> sent() {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  std::size_t not_accepted() {
    const std::lock_guard lock(mutex_);
    return not_accepted_;
  }

 private:
  std::mutex mutex_;
  std::vector<SendResult> script_;
  std::size_t next_ = 0;
  std::vector<Sent> sent_;
  std::size_t not_accepted_ = 0;
};

/// An IMAP account as the port shows it: mails get growing UIDs; a new UIDVALIDITY numbers the
/// mails that are there anew, and a cursor of the old one then stands for nothing.
class ScriptedMailbox : public Mailbox {
 public:
  explicit ScriptedMailbox(std::uint32_t uid_validity = 1) : uid_validity_(uid_validity) {}

  void deliver(Bytes mime) {
    const std::lock_guard lock(mutex_);
    mails_.push_back({{uid_validity_, next_uid_++}, std::move(mime)});
  }
  void renumber(std::uint32_t uid_validity) {
    const std::lock_guard lock(mutex_);
    uid_validity_ = uid_validity;
    next_uid_ = 1;
    for (auto& mail : mails_) mail.cursor = {uid_validity_, next_uid_++};
  }
  /// The next fetch gives this error, once.
  void fail_next(Error error) {
    const std::lock_guard lock(mutex_);
    errors_.push_back(std::move(error));
  }

  Result<std::vector<FetchedMail>> fetch_after(const MailboxCursor& cursor,
                                               std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    if (!errors_.empty()) {
      Error error = std::move(errors_.front());
      errors_.erase(errors_.begin());
      return tl::unexpected<Error>(std::move(error));
    }
    const std::uint32_t after = cursor.uid_validity == uid_validity_ ? cursor.last_uid : 0;
    std::vector<FetchedMail> found;
    for (const auto& mail : mails_) {
      if (mail.cursor.last_uid > after && found.size() < limit) found.push_back(mail);
    }
    return found;
  }

 private:
  std::mutex mutex_;
  std::uint32_t uid_validity_;
  std::uint32_t next_uid_ = 1;
  std::vector<FetchedMail> mails_;
  std::vector<Error> errors_;
};

}  // namespace telavis::test
