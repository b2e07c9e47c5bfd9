// SPDX-License-Identifier: Apache-2.0
// The engine on a stage: the real Service over ports of virtual time, a queue of what people do,
// and the invariants watched after every step.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/billing/tariff.h"
#include "engine/core/service.h"
#include "engine/simulation/crashes.h"
#include "engine/simulation/invariants.h"
#include "engine/simulation/memory_blobs.h"
#include "engine/simulation/memory_repository.h"
#include "engine/simulation/seeded_stream.h"

namespace telavis {

/// The clock that the engine sees: true time, and how far it is wrong.
class StageClock : public Clock {
 public:
  explicit StageClock(Instant start) : true_now_(start) {}
  Instant now() override { return true_now_ + error_; }
  Instant true_now() const { return true_now_; }
  Duration error() const { return error_; }
  void go_to(Instant true_instant) { true_now_ = std::max(true_now_, true_instant); }
  void be_wrong_by(Duration error) { error_ = error; }

 private:
  Instant true_now_;
  Duration error_{};
};

struct StageOptions {
  std::uint64_t seed = 1;
  Instant start;
  bool calm = false;  // mail arrives, always once
  /// Of the commands, the share before which permitted_commands() is asked and compared: it tries
  /// every command, and costs more than the command itself.
  double compared = 1;
  double crashes = 0;  // of the calls of ports, the share at which the process dies
  /// What the service is given in place of the model, which it must pass everything on to.
  std::function<Repository&(MemoryRepository& model, std::function<std::int64_t()> lease_now_ms)>
      door;
};

class Stage : private Mailer {
 public:
  explicit Stage(const StageOptions& options);
  ~Stage() override = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // ---- time
  Instant now() const { return clock_.true_now(); }
  /// Something that somebody does at `true_instant` (at once when that is past).
  void at(Instant true_instant, std::function<void()> what);
  /// Until nothing is planned or due before `end`, or an invariant failed.
  void run(Instant end);
  void be_wrong_by(Duration error) { clock_.be_wrong_by(error); }

  // ---- what people ask of the engine; each goes through the service and is compared with what
  // decide() says that the person may do
  /// How sure it is that the service takes what decide() would.
  enum class Body { sound, may_be_refused };
  /// True when the command was taken.
  bool send(const UserId& actor, std::string_view command, const CaseId& id,
            const std::string& body = {}, Body kind = Body::sound);
  struct Submission {
    std::string request;  // JSON
    bool tracing = true;  // or a photo
    bool keep_incomplete = false;
    bool sound = true;  // is to be taken, or else to be refused
  };
  /// The case's id; nullopt when it was refused, or when the requester gave up and does not know.
  std::optional<CaseId> submit(const UserId& actor, const Submission& submission);
  /// Reads the report; false when there is none or the person has no right.
  bool read_report(const UserId& actor, const CaseId& id);
  /// Opens the content, or what a pool may see of it.
  void look_at(const UserId& actor, const CaseId& id);
  /// Is the case on the person's list?
  bool is_listed(const UserId& actor, const CaseId& id);
  /// Changes what is on file about somebody.
  void put(const User& user);
  void expert_gone(const UserId& expert, bool holds_on);

  /// Whoever was given a receipt is given it again; every file is named by its case, and whole.
  void at_the_end();
  /// Twenty years pass. Where every case has ended, every one is erased then, with its files.
  void live_on();

  /// Called when a message reaches an address.
  using OnMail = std::function<void(const std::string& to, const CaseId& id, MessageKind kind)>;
  void on_mail(OnMail handler) { on_mail_ = std::move(handler); }
  /// Called when a message will never reach it.
  void on_bounce(OnMail handler) { on_bounce_ = std::move(handler); }

  const Case* look(const CaseId& id) const { return model_.peek(id); }
  const User& user(const UserId& id) const { return *model_.peek_user(id); }
  MemoryRepository& model() { return model_; }
  Repository& repository() { return repository_; }
  Invariants& invariants() { return invariants_; }
  SeededStream& chance() { return chance_; }
  bool is_calm() const { return calm_; }

  struct Counts {
    std::int64_t steps = 0;
    std::int64_t commands = 0;
    std::int64_t refused = 0;
    std::int64_t replayed = 0;
    std::int64_t races = 0;  // commands that another one overtook
    std::int64_t mails = 0;
    std::int64_t mails_bounced = 0;
    std::int64_t crashes = 0;
    std::int64_t asked_again = 0;  // by those whose answer a crash took
    std::int64_t given_up = 0;     // by them
    std::int64_t never_asked = 0;  // questions among these that became no case
    std::int64_t wire_copies = 0;  // mails that left again because their sender died
    std::int64_t files_left = 0;   // that nothing names, from crashes
  };
  const Counts& counts() const { return counts_; }
  void count_race() { counts_.races += 1; }

 private:
  SendResult send(const Envelope& envelope, ByteView mime) override;
  void settle();
  void start_again();
  /// What somebody asks of the engine: when the process dies meanwhile, another one goes on and he
  /// asks again, or gives up (nullopt).
  enum class Patience { asks_again, may_give_up };
  template <typename Ask>
  std::optional<std::invoke_result_t<Ask>> answer_to(const Ask& ask, Patience patience);
  template <typename Ask>
  std::invoke_result_t<Ask> sure_answer_to(const Ask& ask);

  /// What requests so far have left, but for what is explained.
  struct Traces {
    std::int64_t entries = 0;  // of the node's chain: refusals
    std::int64_t commits = 0;  // that somebody asked for
    std::int64_t crashes = 0;
  };
  Traces unexplained() const;
  enum class Outcome { taken, known_already, read, refused, given_up };
  /// A request leaves one commit when it is taken and one entry when it is refused; entries of the
  /// attempts that a crash took may be there too.
  void explain(std::string_view request, const CaseId& id, const Traces& before, Outcome outcome);
  void check_failure(std::string_view request, const CaseId& id, const Error& error);

  /// A receipt that somebody was given.
  struct Acknowledged {
    UserId actor;
    std::string key, command;  // empty: a submission
    CaseId id;
    std::string body, answer;
    Submission submission;
  };
  Result<Receipt> ask_again(const Acknowledged& one);
  void repeat(const Acknowledged& first);
  void check_permission(const User& actor, std::string_view command, const Case& before, bool taken,
                        Body kind);
  void check_files();
  void check_engine(const Result<int>& handled, std::string_view what);
  void step_is_done();
  std::optional<Instant> next_due() const;
  std::function<std::int64_t()> lease_clock();
  ServicePorts ports();

  struct Planned {
    Instant at;
    std::int64_t order;
    std::function<void()> what;
    bool operator>(const Planned& other) const {
      return std::pair(at, order) > std::pair(other.at, other.order);
    }
  };

  bool calm_;
  double compared_;
  StageClock clock_;
  SeededStream chance_;       // of people
  SeededStream look_chance_;  // which commands are compared: changes nothing
  SeededStream mail_chance_;  // of the mail
  SeededStream random_;       // of the engine
  MemoryRepository model_;
  Invariants invariants_;
  Repository& repository_;
  MemoryBlobs blobs_;
  Crashes crashes_;
  CrashingRepository crashing_repository_;
  CrashingBlobs crashing_blobs_;
  CrashingMailer crashing_mailer_;
  TariffTable tariffs_;
  ServiceKeys keys_;
  std::optional<Service> service_;  // of the process that lives
  int asking_ = 0;                  // requests inside each other
  std::priority_queue<Planned, std::vector<Planned>, std::greater<>> planned_;
  std::int64_t order_ = 0;
  std::int64_t request_keys_ = 0;
  std::size_t submitted_ = 0;  // cases that a request has made
  std::vector<Acknowledged> acknowledged_;
  Traces explained_;
  OnMail on_mail_, on_bounce_;
  std::map<std::string, Instant> broken_until_;  // addresses
  Counts counts_;
};

}  // namespace telavis
