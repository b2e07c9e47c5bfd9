// SPDX-License-Identifier: Apache-2.0
#include "storage/case_record.h"

#include <boost/json.hpp>
#include <limits>
#include <vector>

#include "engine/core/json_reader.h"

namespace telavis {
namespace {

namespace json = boost::json;

// Ids, codes and hashes are short; a medical referent's reason is up to 20,000 bytes, sealed and in
// hex.
constexpr std::size_t kMaxStoredText = 100'000;

// Instants and durations are milliseconds, as in the columns.
json::value written(Instant instant) {
  return to_epoch_ms(instant);
}
json::value written(Duration duration) {
  return duration.count();
}

// Below, every member is bound by name: one that is added to a struct stops the build here until it
// has its place.

json::array written(const std::vector<Offer>& offers) {
  json::array list;
  for (const auto& [expert, offered_at, expires_at, outcome] : offers) {
    list.push_back(json::object{{"expert", expert.value},
                                {"offered_at", written(offered_at)},
                                {"expires_at", written(expires_at)},
                                {"outcome", offer_outcome_name(outcome)}});
  }
  return list;
}

json::array written(const std::vector<ExamSummary>& exams) {
  json::array list;
  for (const auto& [kind, format, detail, findings] : exams) {
    list.push_back(json::object{{"kind", kind},
                                {"format", format},
                                {"detail", detail},
                                {"findings", json::array(findings.begin(), findings.end())}});
  }
  return list;
}

json::array written(const std::vector<ReferentAccess>& accesses) {
  json::array list;
  for (const auto& [referent, until, sealed_reason] : accesses) {
    list.push_back(json::object{
        {"referent", referent.value}, {"until", written(until)}, {"sealed_reason", sealed_reason}});
  }
  return list;
}

json::object written(const Sla& sla) {
  const auto& [offer_window, breach, release_delay, route_retry] = sla;
  return {{"offer_window", written(offer_window)},
          {"breach", written(breach)},
          {"release_delay", written(release_delay)},
          {"route_retry", written(route_retry)}};
}

json::value written(const std::optional<PendingOpinion>& pending) {
  if (!pending) return nullptr;
  const auto& [expert, signed_at, release_at, hash] = *pending;
  return json::object{{"expert", expert.value},
                      {"signed_at", written(signed_at)},
                      {"release_at", written(release_at)},
                      {"hash", hash}};
}

json::value written(const std::optional<Opinion>& opinion) {
  if (!opinion) return nullptr;
  const auto& [expert, signed_at, hash, seal] = *opinion;
  return json::object{
      {"expert", expert.value}, {"signed_at", written(signed_at)}, {"hash", hash}, {"seal", seal}};
}

std::int64_t number(JsonReader& reader, std::string_view name) {
  return reader.number(name, std::numeric_limits<std::int64_t>::min(),
                       std::numeric_limits<std::int64_t>::max());
}
std::string text(JsonReader& reader, std::string_view name) {
  return reader.optional_text(name, kMaxStoredText);
}
Instant instant(JsonReader& reader, std::string_view name) {
  return from_epoch_ms(number(reader, name));
}
std::optional<Instant> optional_instant(JsonReader& reader, std::string_view name) {
  if (!reader.has(name)) return std::nullopt;
  return instant(reader, name);
}

OfferOutcome outcome(JsonReader& reader) {
  const auto found = enum_from_name(text(reader, "outcome"), offer_outcome_name,
                                    {OfferOutcome::pending, OfferOutcome::accepted,
                                     OfferOutcome::declined, OfferOutcome::expired});
  if (!found) reader.wrong("outcome", "is not one that is known here");
  return found.value_or(OfferOutcome::expired);
}

Sla read_sla(JsonReader& reader) {
  Sla sla;
  auto member = reader.object("sla", true);
  if (!member) return sla;
  sla.offer_window = Duration(number(*member, "offer_window"));
  sla.breach = Duration(number(*member, "breach"));
  sla.release_delay = Duration(number(*member, "release_delay"));
  sla.route_retry = Duration(number(*member, "route_retry"));
  return sla;
}

std::optional<PendingOpinion> read_pending(JsonReader& reader) {
  auto member = reader.object("pending_opinion", false);
  if (!member) return std::nullopt;
  return PendingOpinion{UserId(text(*member, "expert")), instant(*member, "signed_at"),
                        instant(*member, "release_at"), text(*member, "hash")};
}

std::optional<Opinion> read_opinion(JsonReader& reader) {
  auto member = reader.object("opinion", false);
  if (!member) return std::nullopt;
  return Opinion{UserId(text(*member, "expert")), instant(*member, "signed_at"),
                 text(*member, "hash"), text(*member, "seal")};
}

}  // namespace

std::string case_body(const Case& subject) {
  // The members that the body does not hold have columns of their own.
  const auto& [id, case_number, version, state, programme, programme_version, requester, expert,
               offers, exams, sla, submitted_at, breach_at, route_at, breach_alert_at, breached_at,
               no_expert_since, pending_opinion, opinion, delivered_at, referent_access, audit,
               wrapped_key, sealed_request, sealed_opinion, exam_blob, report_blob] = subject;
  json::object body{{"programme_version", programme_version},
                    {"offers", written(offers)},
                    {"exams", written(exams)},
                    {"sla", written(sla)},
                    {"breach_at", written(breach_at)},
                    {"route_at", written(route_at)},
                    {"breach_alert_at", written(breach_alert_at)},
                    {"pending_opinion", written(pending_opinion)},
                    {"opinion", written(opinion)},
                    {"referent_access", written(referent_access)},
                    {"exam_blob", exam_blob.value},
                    {"report_blob", report_blob.value}};
  // Absent, not null: has() tells a member that is there.
  if (breached_at) body["breached_at"] = written(*breached_at);
  if (no_expert_since) body["no_expert_since"] = written(*no_expert_since);
  if (delivered_at) body["delivered_at"] = written(*delivered_at);
  return json::serialize(body);
}

Result<void> read_case_body(std::string_view body, Case& subject) {
  JsonReader reader(body);
  subject.programme_version = number(reader, "programme_version");
  for (JsonReader& item : reader.objects("offers")) {
    subject.offers.push_back({UserId(text(item, "expert")), instant(item, "offered_at"),
                              instant(item, "expires_at"), outcome(item)});
  }
  for (JsonReader& item : reader.objects("exams")) {
    subject.exams.push_back({text(item, "kind"), text(item, "format"), text(item, "detail"),
                             item.texts("findings", kMaxStoredText)});
  }
  subject.sla = read_sla(reader);
  subject.breach_at = instant(reader, "breach_at");
  subject.route_at = instant(reader, "route_at");
  subject.breach_alert_at = instant(reader, "breach_alert_at");
  subject.breached_at = optional_instant(reader, "breached_at");
  subject.no_expert_since = optional_instant(reader, "no_expert_since");
  subject.pending_opinion = read_pending(reader);
  subject.opinion = read_opinion(reader);
  subject.delivered_at = optional_instant(reader, "delivered_at");
  for (JsonReader& item : reader.objects("referent_access")) {
    subject.referent_access.push_back(
        {UserId(text(item, "referent")), instant(item, "until"), text(item, "sealed_reason")});
  }
  subject.exam_blob = BlobRef(text(reader, "exam_blob"));
  subject.report_blob = BlobRef(text(reader, "report_blob"));
  if (!reader.finish()) return damaged("case");
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

std::optional<TimerKind> timer_kind_from_name(std::string_view name) {
  return enum_from_name(
      name, timer_kind_name,
      {TimerKind::route, TimerKind::offer_window, TimerKind::release, TimerKind::breach});
}

}  // namespace telavis
