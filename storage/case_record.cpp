// SPDX-License-Identifier: Apache-2.0
#include "storage/case_record.h"

#include <array>
#include <boost/json.hpp>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/json_reader.h"
#include "formats/base64.h"

namespace telavis {
namespace {

namespace json = boost::json;

// Bounds what a damaged row makes us read. The longest text is a sealed opinion of some ten texts
// of 20,000 bytes, in base64.
constexpr std::size_t kMaxStoredText = 1'000'000;

template <typename T, typename Struct>
concept Is = std::same_as<std::remove_const_t<T>, Struct>;

// What is stored of each struct, said once for writing and reading. Every member is bound by name:
// one that is added to a struct stops the build here until it has its place.

void members(auto& archive, Is<Offer> auto& offer) {
  auto& [expert, offered_at, expires_at, outcome, reason] = offer;
  archive("expert", expert);
  archive("offered_at", offered_at);
  archive("expires_at", expires_at);
  archive("outcome", outcome);
  archive("reason", reason);
}

void members(auto& archive, Is<ExamSummary> auto& exam) {
  auto& [kind, format, detail, findings] = exam;
  archive("kind", kind);
  archive("format", format);
  archive("detail", detail);
  archive("findings", findings);
}

void members(auto& archive, Is<Sla> auto& sla) {
  auto& [working_hours, offer_window, late_offer_window, remind, warn, take_back, breach,
         release_delay, mail_release_delay, route_retry] = sla;
  archive("working_hours", working_hours);
  archive("offer_window", offer_window);
  archive("late_offer_window", late_offer_window);
  archive("remind", remind);
  archive("warn", warn);
  archive("take_back", take_back);
  archive("breach", breach);
  archive("release_delay", release_delay);
  archive("mail_release_delay", mail_release_delay);
  archive("route_retry", route_retry);
}

void members(auto& archive, Is<MinuteRange> auto& range) {
  auto& [from, to] = range;
  archive("from", from);
  archive("to", to);
}

void members(auto& archive, Is<DateRange> auto& range) {
  auto& [from, to] = range;
  archive("from", from);
  archive("to", to);
}

// Not by calendar_json.h, which checks against the holidays and zones of the day: a promise that
// was made stays readable when those change.
void members(auto& archive, Is<Timetable> auto& timetable) {
  static constexpr std::array<std::string_view, 7> kDays = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  auto& [time_zone, holidays, week, shut] = timetable;
  archive("time_zone", time_zone);
  archive("holidays", holidays);
  for (std::size_t day = 0; day < kDays.size(); ++day) archive(kDays[day], week[day]);
  archive("shut", shut);
}

void members(auto& archive, Is<Plan> auto& plan) {
  auto& [policy, line, sla, time_zone, working_hours, retention_years] = plan;
  archive("policy", policy);
  archive("line", line);
  archive("sla", sla);
  archive("time_zone", time_zone);
  archive("working_hours", working_hours);
  archive("retention_years", retention_years);
}

void members(auto& archive, Is<Promise> auto& promise) {
  auto& [completed_at, remind_at, warn_at, take_back_at, breach_at] = promise;
  archive("completed_at", completed_at);
  archive("remind_at", remind_at);
  archive("warn_at", warn_at);
  archive("take_back_at", take_back_at);
  archive("breach_at", breach_at);
}

void members(auto& archive, Is<OpinionCodes> auto& codes) {
  auto& [orientation, suspicion, tracing, media_quality, agreement, in_person, data_sufficient] =
      codes;
  archive("orientation", orientation);
  archive("suspicion", suspicion);
  archive("tracing", tracing);
  archive("media_quality", media_quality);
  archive("agreement", agreement);
  archive("in_person", in_person);
  archive("data_sufficient", data_sufficient);
}

void members(auto& archive, Is<OpinionMarks> auto& marks) {
  auto& [urgent, needs_appointment, codes] = marks;
  archive("urgent", urgent);
  archive("needs_appointment", needs_appointment);
  archive("codes", codes);
}

void members(auto& archive, Is<PendingOpinion> auto& pending) {
  auto& [expert, signed_at, release_at, hash, marks, corrects, sealed, slots] = pending;
  archive("expert", expert);
  archive("signed_at", signed_at);
  archive("release_at", release_at);
  archive("hash", hash);
  archive("marks", marks);
  archive("corrects", corrects);
  archive("sealed", sealed);
  archive("slots", slots);
}

void members(auto& archive, Is<Opinion> auto& opinion) {
  auto& [expert, signed_at, released_at, hash, seal, marks, corrects, slots] = opinion;
  archive("expert", expert);
  archive("signed_at", signed_at);
  archive("released_at", released_at);
  archive("hash", hash);
  archive("seal", seal);
  archive("marks", marks);
  archive("corrects", corrects);
  archive("slots", slots);
}

void members(auto& archive, Is<KeptOpinion> auto& kept) {
  auto& [opinion, why, sealed, report] = kept;
  archive("opinion", opinion);
  archive("why", why);
  archive("sealed", sealed);
  archive("report", report);
}

void members(auto& archive, Is<Draft> auto& draft) {
  auto& [expert, changed_at, sealed] = draft;
  archive("expert", expert);
  archive("changed_at", changed_at);
  archive("sealed", sealed);
}

void members(auto& archive, Is<DialogueItem> auto& item) {
  auto& [kind, author, at, sealed] = item;
  archive("kind", kind);
  archive("author", author);
  archive("at", at);
  archive("sealed", sealed);
}

void members(auto& archive, Is<MailReport> auto& report) {
  auto& [message, kind, outcome, status, at] = report;
  archive("message", message);
  archive("kind", kind);
  archive("outcome", outcome);
  archive("status", status);
  archive("at", at);
}

void members(auto& archive, Is<ReferentAccess> auto& access) {
  auto& [referent, until, sealed_reason] = access;
  archive("referent", referent);
  archive("until", until);
  archive("sealed_reason", sealed_reason);
}

void members(auto& archive, Is<LegalHold> auto& hold) {
  auto& [by, since] = hold;
  archive("by", by);
  archive("since", since);
}

void members(auto& archive, Is<ErasureRequest> auto& request) {
  auto& [by, at, reason_hash] = request;
  archive("by", by);
  archive("at", at);
  archive("reason_hash", reason_hash);
}

void members(auto& archive, Is<StaffReason> auto& reason) {
  auto& [action, by, at, sealed] = reason;
  archive("action", action);
  archive("by", by);
  archive("at", at);
  archive("sealed", sealed);
}

void members(auto& archive, Is<Case> auto& subject) {
  // Those that are not archived have columns of their own.
  auto& [id, number, version, state, programme, programme_version, requester, expert, offers,
         requested_experts, requested_group, exams, plan, submitted_at, missing, redirect_exit,
         redirect_remind_at, purge_at, incomplete_remind_at, promise, route_at, reminded, warned,
         hold_until, breach_alert_at, breached_at, requester_waits, no_expert_since, waiting_since,
         waiting_remind_at, waited, draft, pending_opinion, opinion, kept_opinions, answered_at,
         undelivered_at, delivered_at, opened_at, unopened_at, requester_delegate, acknowledged_at,
         urgent_alert_at, appointment_at, close_out_at, follow_up_due_at, outcome_at, dialogue,
         mail_reports, referent_access, kept_until, legal_hold, erasure_request, restricted_at,
         erased_at, staff_reasons, audit, wrapped_key, sealed_request, sealed_opinion, exam_blobs,
         report_blob] = subject;
  archive("programme_version", programme_version);
  archive("offers", offers);
  archive("requested_experts", requested_experts);
  archive("requested_group", requested_group);
  archive("exams", exams);
  archive("plan", plan);
  archive("missing", missing);
  archive("redirect_exit", redirect_exit);
  archive("redirect_remind_at", redirect_remind_at);
  archive("purge_at", purge_at);
  archive("incomplete_remind_at", incomplete_remind_at);
  archive("promise", promise);
  archive("route_at", route_at);
  archive("reminded", reminded);
  archive("warned", warned);
  archive("hold_until", hold_until);
  archive("breach_alert_at", breach_alert_at);
  archive("breached_at", breached_at);
  archive("requester_waits", requester_waits);
  archive("no_expert_since", no_expert_since);
  archive("waiting_since", waiting_since);
  archive("waiting_remind_at", waiting_remind_at);
  archive("waited", waited);
  archive("draft", draft);
  archive("pending_opinion", pending_opinion);
  archive("opinion", opinion);
  archive("kept_opinions", kept_opinions);
  archive("answered_at", answered_at);
  archive("undelivered_at", undelivered_at);
  archive("delivered_at", delivered_at);
  archive("opened_at", opened_at);
  archive("unopened_at", unopened_at);
  archive("requester_delegate", requester_delegate);
  archive("acknowledged_at", acknowledged_at);
  archive("urgent_alert_at", urgent_alert_at);
  archive("appointment_at", appointment_at);
  archive("close_out_at", close_out_at);
  archive("follow_up_due_at", follow_up_due_at);
  archive("outcome_at", outcome_at);
  archive("dialogue", dialogue);
  archive("mail_reports", mail_reports);
  archive("referent_access", referent_access);
  archive("kept_until", kept_until);
  archive("legal_hold", legal_hold);
  archive("erasure_request", erasure_request);
  archive("restricted_at", restricted_at);
  archive("erased_at", erased_at);
  archive("staff_reasons", staff_reasons);
  archive("exam_blobs", exam_blobs);
  archive("report_blob", report_blob);
}

std::string_view name_of(OfferPolicy policy) {
  return offer_policy_name(policy);
}
std::string_view name_of(OfferOutcome outcome) {
  return offer_outcome_name(outcome);
}
std::string_view name_of(DialogueKind kind) {
  return dialogue_kind_name(kind);
}
std::string_view name_of(MessageKind kind) {
  return message_kind_name(kind);
}
std::string_view name_of(MailOutcome outcome) {
  return mail_outcome_name(outcome);
}

void find_name(std::string_view name, std::optional<OfferPolicy>& found) {
  found = enum_from_name(name, offer_policy_name,
                         {OfferPolicy::direct, OfferPolicy::rotation, OfferPolicy::open});
}
void find_name(std::string_view name, std::optional<OfferOutcome>& found) {
  found = enum_from_name(
      name, offer_outcome_name,
      {OfferOutcome::pending, OfferOutcome::accepted, OfferOutcome::declined, OfferOutcome::expired,
       OfferOutcome::given_back, OfferOutcome::taken_back, OfferOutcome::withdrawn});
}
void find_name(std::string_view name, std::optional<DialogueKind>& found) {
  found =
      enum_from_name(name, dialogue_kind_name,
                     {DialogueKind::need_info, DialogueKind::info, DialogueKind::follow_up,
                      DialogueKind::follow_up_answer, DialogueKind::call, DialogueKind::appointment,
                      DialogueKind::close_out, DialogueKind::outcome});
}

void find_name(std::string_view name, std::optional<MessageKind>& found) {
  found = message_kind_from_name(name);
}
void find_name(std::string_view name, std::optional<MailOutcome>& found) {
  found = mail_outcome_from_name(name);
}

/// Calls members() of what it is given; a struct is an object, empty members are left out.
class Writer {
 public:
  json::object take() { return std::move(out_); }

  template <typename T>
  void operator()(std::string_view name, const T& member) {
    // An enumerator is never empty: its first one may stop being the default.
    if constexpr (!std::is_enum_v<T>) {
      if (is_empty(member)) return;
    }
    out_[name] = written(member);
  }

 private:
  template <typename T>
  static bool is_empty(const std::optional<T>& member) {
    return !member;
  }
  template <typename T>
  static bool is_empty(const std::vector<T>& member) {
    return member.empty();
  }
  template <typename Tag>
  static bool is_empty(const Id<Tag>& member) {
    return member.empty();
  }
  static bool is_empty(const std::string& member) { return member.empty(); }
  static bool is_empty(std::int64_t member) { return member == 0; }
  static bool is_empty(Instant member) { return member == Instant{}; }
  static bool is_empty(Duration member) { return member == Duration{}; }
  static bool is_empty(const Timetable& member) { return member == Timetable{}; }
  template <typename Struct>
  requires std::is_aggregate_v<Struct>
  static bool is_empty(const Struct& /*member*/) { return false; }

  // Instants and durations are milliseconds, as in the columns.
  static json::value written(bool member) { return member; }
  static json::value written(std::int64_t member) { return member; }
  static json::value written(int member) { return member; }
  static json::value written(Instant member) { return to_epoch_ms(member); }
  static json::value written(Duration member) { return member.count(); }
  static json::value written(const std::string& member) { return json::value(member); }
  static json::value written(const Bytes& member) { return json::value(base64_encoded(member)); }
  template <typename Tag>
  static json::value written(const Id<Tag>& member) {
    return json::value(member.value);
  }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  static json::value written(Enum member) { return json::value(name_of(member)); }
  template <typename T>
  static json::value written(const std::optional<T>& member) {
    return written(*member);
  }
  template <typename T>
  static json::value written(const std::vector<T>& member) {
    json::array list;
    list.reserve(member.size());
    for (const T& item : member) list.push_back(written(item));
    return list;
  }
  template <typename Struct>
  requires std::is_aggregate_v<Struct>
  static json::value written(const Struct& member) {
    Writer inner;
    members(inner, member);
    return inner.take();
  }

  json::object out_;
};

/// The same the other way round. What is wrong is noted in the JsonReader.
class Reader {
 public:
  explicit Reader(JsonReader& in) : in_(in) {}

  void operator()(std::string_view name, bool& member) { member = in_.boolean(name, false); }
  void operator()(std::string_view name, std::int64_t& member) { member = number(name); }
  void operator()(std::string_view name, int& member) {
    constexpr int kMinutesOfADay = 1440;
    member = in_.has(name) ? static_cast<int>(in_.number(name, 0, kMinutesOfADay)) : 0;
  }
  void operator()(std::string_view name, Instant& member) { member = from_epoch_ms(number(name)); }
  void operator()(std::string_view name, Duration& member) { member = Duration(number(name)); }
  void operator()(std::string_view name, std::string& member) {
    member = in_.optional_text(name, kMaxStoredText);
  }
  void operator()(std::string_view name, Bytes& member) {
    auto bytes = base64_decoded(in_.optional_text(name, kMaxStoredText));
    if (!bytes) in_.wrong(name, "is not base64");
    member = std::move(bytes).value_or(Bytes());
  }
  template <typename Tag>
  void operator()(std::string_view name, Id<Tag>& member) {
    (*this)(name, member.value);
  }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::string_view name, Enum& member) {
    std::optional<Enum> found;
    find_name(in_.optional_text(name, kMaxStoredText), found);
    if (!found) in_.wrong(name, "is not one that is known here");
    member = found.value_or(member);
  }
  template <typename T>
  void operator()(std::string_view name, std::optional<T>& member) {
    if (in_.has(name)) (*this)(name, member.emplace());
  }
  void operator()(std::string_view name, std::vector<std::string>& member) {
    if (in_.has(name)) member = in_.texts(name, kMaxStoredText);
  }
  template <typename Tag>
  void operator()(std::string_view name, std::vector<Id<Tag>>& member) {
    std::vector<std::string> texts;
    (*this)(name, texts);
    for (std::string& text : texts) member.emplace_back(std::move(text));
  }
  template <typename Struct>
  void operator()(std::string_view name, std::vector<Struct>& member) {
    if (!in_.has(name)) return;
    for (JsonReader& item : in_.objects(name)) read_members(item, member.emplace_back());
  }
  void operator()(std::string_view name, Timetable& member) {
    if (in_.has(name)) read_object(name, member);
  }
  template <typename Struct>
  requires std::is_aggregate_v<Struct>
  void operator()(std::string_view name, Struct& member) { read_object(name, member); }

 private:
  std::int64_t number(std::string_view name) {
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    return in_.has(name) ? in_.number(name, kLeast, kMost) : 0;
  }
  template <typename Struct>
  void read_object(std::string_view name, Struct& member) {
    if (auto object = in_.object(name, true)) read_members(*object, member);
  }
  template <typename Struct>
  static void read_members(JsonReader& from, Struct& member) {
    Reader inner(from);
    members(inner, member);
    from.finish();  // notes unknown members where the caller's finish() finds them
  }

  JsonReader& in_;
};

}  // namespace

std::string case_body(const Case& subject) {
  Writer writer;
  members(writer, subject);
  return json::serialize(writer.take());
}

Result<void> read_case_body(std::string_view body, Case& subject) {
  JsonReader json(body);
  Reader reader(json);
  members(reader, subject);
  if (!json.finish()) return damaged("case");
  return {};
}

Result<Case> read_case(const Row& row) {
  RowReader reader(row);
  Case subject;
  subject.id = CaseId(reader.text());
  subject.number = reader.text();
  subject.version = reader.integer();
  const auto state = case_state_from_name(reader.text());
  subject.programme = ProgrammeId(reader.text());
  subject.requester = UserId(reader.text());
  if (auto expert = reader.optional_text()) subject.expert = UserId(std::move(*expert));
  subject.submitted_at = reader.instant();
  subject.audit.length = reader.integer();
  subject.audit.hash = reader.text();
  const std::string body = reader.text();
  subject.wrapped_key = reader.bytes();
  subject.sealed_request = reader.bytes();
  subject.sealed_opinion = reader.bytes();
  if (!reader.sound() || !state) return damaged("case");
  subject.state = *state;
  if (auto read = read_case_body(body, subject); !read) return tl::unexpected(read.error());
  return subject;
}

}  // namespace telavis
