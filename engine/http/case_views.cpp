// SPDX-License-Identifier: Apache-2.0
#include "engine/http/case_views.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "engine/core/case_delays.h"
#include "engine/core/case_mail.h"
#include "engine/core/incidents.h"
#include "engine/core/request_words.h"
#include "engine/http/names.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::array kDialogueKinds = {DialogueKind::need_info, DialogueKind::info,
                                       DialogueKind::follow_up, DialogueKind::follow_up_answer,
                                       DialogueKind::call,      DialogueKind::appointment,
                                       DialogueKind::close_out, DialogueKind::outcome};

json::value instant_or_null(const std::optional<Instant>& instant) {
  return instant ? json::value(format_utc(*instant)) : json::value(nullptr);
}

template <typename Texts>
json::array text_array(const Texts& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

/// What is one JSON document already: made by opinion_json(), kept as a draft, ...
json::value parsed(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value(nullptr) : value;
}

Result<json::value> doctor(Names& names, const UserId& id) {
  const auto user = names.person(id);
  if (!user) return tl::unexpected(user.error());
  return json::value(json::object{
      {"id", id.value}, {"display_name", (*user)->display_name()}, {"rpps", (*user)->rpps}});
}

Result<json::value> doctor_or_null(Names& names, const std::optional<UserId>& id) {
  if (!id) return json::value(nullptr);
  return doctor(names, *id);
}

json::array exam_summaries(const Case& subject) {
  json::array exams;
  for (const ExamSummary& exam : subject.exams) {
    exams.push_back(json::object{{"kind", exam.kind},
                                 {"format", exam.format},
                                 {"detail", exam.detail},
                                 {"findings", text_array(exam.findings)}});
  }
  return exams;
}

json::value promise_view(const Case& subject) {
  if (!subject.promise) return nullptr;
  const Promise& promise = *subject.promise;
  return json::object{{"completed_at", format_utc(promise.completed_at)},
                      {"remind_at", format_utc(promise.remind_at)},
                      {"warn_at", format_utc(promise.warn_at)},
                      {"take_back_at", format_utc(promise.take_back_at)},
                      {"breach_at", format_utc(promise.breach_at)}};
}

/// The first answer came, or is still owed, after the promised instant.
bool is_late(const Case& subject, Instant now) {
  if (!subject.promise) return false;
  if (subject.answered_at) return *subject.answered_at > subject.promise->breach_at;
  return is_open(subject.state) && now > subject.promise->breach_at;
}

/// A month after an opinion that wanted the patient seen, nobody has said what was found.
bool asks_for_outcome(const Case& subject, Instant now) {
  const bool told =
      std::any_of(subject.dialogue.begin(), subject.dialogue.end(),
                  [](const DialogueItem& item) { return item.kind == DialogueKind::outcome; });
  return subject.opinion && subject.opinion->marks.needs_appointment && !told &&
         now >= *subject.answered_at + delay::kFirstOutcome;
}

/// One case for one reader.
class CaseView {
 public:
  CaseView(const Reader& reader, Names& names, const Case& subject)
      : reader_(reader),
        names_(names),
        subject_(subject),
        now_(reader.service.clock().now()),
        access_(access_to(reader.actor, subject, now_)),
        role_(role_in_case(reader.actor, subject)) {}

  Result<json::object> figures();

 private:
  bool sees_content() const { return access_ == CaseAccess::content; }
  Result<void> add_people(json::object& view);
  Result<json::array> offers();
  void add_instants(json::object& view) const;
  void add_marks(json::object& view) const;
  Result<void> add_custody(json::object& view);
  json::array missing() const;
  json::object dialogue_counts() const;
  json::array mail_reports() const;
  json::array readable() const;

  const Reader& reader_;
  Names& names_;
  const Case& subject_;
  Instant now_;
  CaseAccess access_;
  std::optional<Role> role_;
};

Result<json::object> CaseView::figures() {
  const auto programme = names_.programme(subject_.programme);
  if (!programme) return tl::unexpected(programme.error());
  json::object view{{"id", subject_.id.value},
                    {"number", subject_.number},
                    {"state", case_state_name(subject_.state)},
                    {"programme", subject_.programme.value},
                    {"programme_name", names_.name_of(**programme)},
                    {"speciality", (*programme)->speciality},
                    {"time_zone", (*programme)->time_zone},
                    {"policy", offer_policy_name(subject_.plan.policy)},
                    {"exams", exam_summaries(subject_)},
                    {"missing", missing()},
                    {"dialogue", dialogue_counts()},
                    {"mail_reports", mail_reports()},
                    {"my_role", role_ ? json::value(role_name(*role_)) : json::value(nullptr)},
                    {"actions", text_array(permitted_commands(reader_.actor, subject_, now_))},
                    {"readable", readable()}};
  if (const auto added = add_people(view); !added) return tl::unexpected(added.error());
  add_instants(view);
  add_marks(view);
  if (const auto added = add_custody(view); !added) return tl::unexpected(added.error());
  return view;
}

Result<void> CaseView::add_people(json::object& view) {
  const std::array<std::pair<std::string_view, std::optional<UserId>>, 3> people = {
      {{"requester", subject_.requester},
       {"expert", subject_.expert},
       {"delegate", subject_.requester_delegate}}};
  for (const auto& [name, id] : people) {
    auto person = doctor_or_null(names_, id);
    if (!person) return tl::unexpected(person.error());
    view[name] = std::move(*person);
  }
  auto made = offers();
  if (!made) return tl::unexpected(made.error());
  view["offers"] = std::move(*made);
  return {};
}

/// An expert is shown what was offered to him; why a colleague declined is for the staff that looks
/// after the pool.
Result<json::array> CaseView::offers() {
  const bool staff = looks_after(reader_.actor, subject_);
  json::array out;
  for (const Offer& offer : subject_.offers) {
    const bool own = offer.expert == reader_.actor.id;
    if (role_ == Role::expert && !own && !staff) continue;
    auto expert = doctor(names_, offer.expert);
    if (!expert) return tl::unexpected(expert.error());
    out.push_back(json::object{{"expert", std::move(*expert)},
                               {"offered_at", format_utc(offer.offered_at)},
                               {"expires_at", instant_or_null(offer.expires_at)},
                               {"outcome", offer_outcome_name(offer.outcome)},
                               {"reason", own || staff ? offer.reason : std::string()}});
  }
  return out;
}

void CaseView::add_instants(json::object& view) const {
  view["submitted_at"] = format_utc(subject_.submitted_at);
  view["promise"] = promise_view(subject_);
  view["breached_at"] = instant_or_null(subject_.breached_at);
  view["late"] = is_late(subject_, now_);
  view["requester_waits"] = subject_.requester_waits;
  view["no_expert_since"] = instant_or_null(subject_.no_expert_since);
  view["waiting_since"] = instant_or_null(subject_.waiting_since);
  view["waited_seconds"] =
      std::chrono::duration_cast<std::chrono::seconds>(subject_.waited).count();
  view["answered_at"] = instant_or_null(subject_.answered_at);
  view["delivered_at"] = instant_or_null(subject_.delivered_at);
  view["opened_at"] = instant_or_null(subject_.opened_at);
  view["follow_up_due_at"] = instant_or_null(subject_.follow_up_due_at);
  view["close_out_at"] = instant_or_null(subject_.close_out_at);
  const auto& pending = subject_.pending_opinion;
  // Until it leaves, an opinion is nobody's business but its author's.
  const bool own = pending && pending->expert == reader_.actor.id;
  view["pending_release_at"] =
      own ? json::value(format_utc(pending->release_at)) : json::value(nullptr);
}

/// What doctors answered in codes says something of the patient: it is content. An alert that is
/// open is the staff's business too.
void CaseView::add_marks(json::object& view) const {
  const bool marked = sees_content() && subject_.opinion;
  view["line"] = sees_content() ? json::value(subject_.plan.line) : json::value(nullptr);
  view["redirect_exit"] = sees_content() && !subject_.redirect_exit.empty()
                              ? json::value(subject_.redirect_exit)
                              : json::value(nullptr);
  view["urgent"] = marked ? json::value(subject_.opinion->marks.urgent) : json::value(nullptr);
  view["urgent_alert"] = subject_.urgent_alert_at.has_value();
  view["acknowledged_at"] =
      marked ? instant_or_null(subject_.acknowledged_at) : json::value(nullptr);
  view["appointment_awaited"] =
      marked ? json::value(subject_.appointment_at.has_value()) : json::value(nullptr);
  view["outcome_asked"] =
      marked ? json::value(asks_for_outcome(subject_, now_)) : json::value(nullptr);
}

/// What was decided about the case as a file. Who asks what of it is the business of those who
/// approve.
Result<void> CaseView::add_custody(json::object& view) {
  const bool staff = looks_after(reader_.actor, subject_);
  view["restricted_at"] = instant_or_null(subject_.restricted_at);
  view["erased_at"] = instant_or_null(subject_.erased_at);
  view["kept_until"] = staff ? json::value(format_utc(subject_.kept_until)) : json::value(nullptr);
  view["legal_hold_since"] = staff && subject_.legal_hold
                                 ? json::value(format_utc(subject_.legal_hold->since))
                                 : json::value(nullptr);
  view["erasure_request"] = nullptr;
  if (staff && is_erasure_asked(subject_, now_)) {
    auto by = doctor(names_, subject_.erasure_request->by);
    if (!by) return tl::unexpected(by.error());
    view["erasure_request"] =
        json::object{{"by", std::move(*by)}, {"at", format_utc(subject_.erasure_request->at)}};
  }
  return {};
}

json::array CaseView::missing() const {
  json::array out;
  for (const std::string& name : subject_.missing) {
    out.push_back(
        json::object{{"name", name}, {"label", missing_in_words({name}, reader_.language)}});
  }
  return out;
}

json::object CaseView::dialogue_counts() const {
  json::object counts;
  for (const DialogueKind kind : kDialogueKinds) {
    counts[dialogue_kind_name(kind)] =
        std::count_if(subject_.dialogue.begin(), subject_.dialogue.end(),
                      [&](const DialogueItem& item) { return item.kind == kind; });
  }
  return counts;
}

/// What became of messages of the case, for the staff and for whoever sees its content: kinds and
/// codes, no address.
json::array CaseView::mail_reports() const {
  json::array out;
  if (!sees_content() && !looks_after(reader_.actor, subject_)) return out;
  for (const MailReport& report : subject_.mail_reports) {
    const bool failed = report.outcome == MailOutcome::failed;
    out.push_back(json::object{
        {"kind", message_kind_name(report.kind)},
        {"outcome", mail_outcome_name(report.outcome)},
        {"status", report.status},
        {"text", failed ? send_refusal_in_words(report.status, reader_.language) : std::string()},
        {"at", format_utc(report.at)}});
  }
  return out;
}

json::array CaseView::readable() const {
  json::array out;
  if (access_ == CaseAccess::coded) out.emplace_back("coded");
  if (sees_content()) out.emplace_back("content");
  if (sees_content() && !subject_.report_blob.empty()) out.emplace_back("report");
  if (sees_content() && !subject_.redirect_exit.empty()) out.emplace_back("letter");
  if (looks_after(reader_.actor, subject_)) {
    out.emplace_back("routing");
    if (!subject_.staff_reasons.empty() && !subject_.erased_at) out.emplace_back("staff_reasons");
  }
  return out;
}

// ---- content ------------------------------------------------------------------------------------

/// The request's codes and values as a person reads them.
json::object words_of(const CaseRequest& request, Language language) {
  json::array clinical;
  for (const ClinicalItem& item : request.clinical) {
    clinical.push_back(json::object{{"name", item.name},
                                    {"label", coded(language, "form", item.name)},
                                    {"value", value_in_words(item, language)}});
  }
  json::array flags;
  for (const auto& [code, answer] : request.red_flags) {
    flags.push_back(json::object{
        {"code", code}, {"sentence", coded(language, "red_flag", code)}, {"answer", answer}});
  }
  return {{"reason", coded(language, "reason", request.reason)},
          {"clinical", std::move(clinical)},
          {"red_flags", std::move(flags)},
          {"ins_qualified", is_qualified(request.ins)}};
}

Result<json::value> contact_or_null(Names& names, const std::optional<UserId>& id) {
  if (!id) return json::value(nullptr);
  const auto user = names.person(*id);
  if (!user) return tl::unexpected(user.error());
  return json::value(json::object{{"display_name", (*user)->display_name()},
                                  {"place", (*user)->place},
                                  {"office_phone", (*user)->office_phone},
                                  {"mobile_phone", (*user)->mobile_phone},
                                  {"mail_address", (*user)->mail_address}});
}

Result<json::array> dialogue_view(Names& names, const std::vector<DialogueText>& dialogue) {
  json::array out;
  for (const DialogueText& entry : dialogue) {
    auto author = doctor(names, entry.author);
    if (!author) return tl::unexpected(author.error());
    const bool is_form = entry.kind == DialogueKind::appointment ||
                         entry.kind == DialogueKind::close_out ||
                         entry.kind == DialogueKind::outcome;
    out.push_back(json::object{{"kind", dialogue_kind_name(entry.kind)},
                               {"author", std::move(*author)},
                               {"at", format_utc(entry.at)},
                               {"text", is_form ? json::value(nullptr) : json::value(entry.text)},
                               {"answers", is_form ? parsed(entry.text) : json::value(nullptr)}});
  }
  return out;
}

Result<json::value> opinion_view(const Reader& reader, Names& names, const OpenCase& opened) {
  if (!opened.opinion) return json::value(nullptr);
  const auto& pending = opened.subject.pending_opinion;
  const auto& released = opened.subject.opinion;
  // The service opens the one about to leave for its author, and the released one for others.
  const bool own_pending = pending && pending->expert == reader.actor.id;
  if (!own_pending && !released) {
    return fail(ErrorCode::internal, "A case has the text of an opinion that nobody signed.");
  }
  auto expert = doctor(names, own_pending ? pending->expert : released->expert);
  if (!expert) return tl::unexpected(expert.error());
  const OpinionMarks& marks = own_pending ? pending->marks : released->marks;
  return json::value(json::object{
      {"text", parsed(opinion_json(*opened.opinion))},
      {"expert", std::move(*expert)},
      {"signed_at", format_utc(own_pending ? pending->signed_at : released->signed_at)},
      {"released_at",
       own_pending ? json::value(nullptr) : json::value(format_utc(released->released_at))},
      {"hash", own_pending ? pending->hash : released->hash},
      {"seal", own_pending ? json::value(nullptr) : json::value(released->seal)},
      {"corrects", own_pending ? pending->corrects : released->corrects},
      {"urgent", marks.urgent},
      {"needs_appointment", marks.needs_appointment}});
}

/// Opinions that a correction replaced. Second and late ones are their author's alone.
json::array corrected_view(const Case& subject) {
  json::array out;
  for (const KeptOpinion& kept : subject.kept_opinions) {
    if (kept.why != "corrected") continue;
    out.push_back(json::object{{"hash", kept.opinion.hash},
                               {"signed_at", format_utc(kept.opinion.signed_at)},
                               {"released_at", format_utc(kept.opinion.released_at)}});
  }
  return out;
}

/// What keeps photos out of shared mailboxes keeps them covered on a screen, too.
Result<bool> are_photos_sensitive(const Reader& reader, Names& names, const OpenCase& opened) {
  const auto programme = names.programme(opened.subject.programme);
  if (!programme) return tl::unexpected(programme.error());
  const auto local = local_time(reader.service.clock().now(), (*programme)->time_zone);
  if (!local) return tl::unexpected(local.error());
  return has_sensitive_photos(opened.request, **programme, local->date);
}

Result<json::object> content_view(const Reader& reader, Names& names, const OpenCase& opened) {
  const auto sensitive = are_photos_sensitive(reader, names, opened);
  if (!sensitive) return tl::unexpected(sensitive.error());
  auto opinion = opinion_view(reader, names, opened);
  if (!opinion) return tl::unexpected(opinion.error());
  auto dialogue = dialogue_view(names, opened.dialogue);
  if (!dialogue) return tl::unexpected(dialogue.error());
  auto requester = contact_or_null(names, opened.subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  auto expert = contact_or_null(names, opened.subject.expert);
  if (!expert) return tl::unexpected(expert.error());
  json::object contacts;
  contacts["requester"] = std::move(*requester);
  contacts["expert"] = std::move(*expert);
  json::object content;
  content["request"] = parsed(case_request_json(opened.request));
  content["sensitive_photos"] = *sensitive;
  content["words"] = words_of(opened.request, reader.language);
  content["contacts"] = std::move(contacts);
  content["dialogue"] = std::move(*dialogue);
  content["draft"] = opened.draft.empty() ? json::value(nullptr) : parsed(opened.draft);
  content["opinion"] = std::move(*opinion);
  content["corrected_opinions"] = corrected_view(opened.subject);
  json::array incidents;
  for (const Incident& incident : opened.incidents) {
    incidents.push_back(json::object{{"at", format_utc(incident.at)}, {"text", incident.text}});
  }
  content["technical_incidents"] = std::move(incidents);
  return content;
}

}  // namespace

Result<std::string> case_list_json(const Reader& reader, const std::vector<Case>& cases) {
  Names names(reader);
  json::array list;
  for (const Case& subject : cases) {
    auto view = CaseView(reader, names, subject).figures();
    if (!view) return tl::unexpected(view.error());
    list.push_back(std::move(*view));
  }
  return json::serialize(json::object{{"cases", std::move(list)}});
}

Result<std::string> case_figures_json(const Reader& reader, const Case& subject) {
  Names names(reader);
  auto view = CaseView(reader, names, subject).figures();
  if (!view) return tl::unexpected(view.error());
  return json::serialize(json::object{{"case", std::move(*view)}});
}

Result<std::string> case_coded_json(const Reader& reader, const CodedCase& opened) {
  Names names(reader);
  auto view = CaseView(reader, names, opened.subject).figures();
  if (!view) return tl::unexpected(view.error());
  const CodedRequest& request = opened.coded;
  return json::serialize(json::object{
      {"case", std::move(*view)},
      {"coded", json::object{{"age_band", request.age_band},
                             {"sex", request.sex},
                             {"reason", request.reason},
                             {"reason_words", coded(reader.language, "reason", request.reason)}}}});
}

Result<std::string> case_content_json(const Reader& reader, const OpenCase& opened) {
  Names names(reader);
  auto view = CaseView(reader, names, opened.subject).figures();
  if (!view) return tl::unexpected(view.error());
  auto content = content_view(reader, names, opened);
  if (!content) return tl::unexpected(content.error());
  return json::serialize(
      json::object{{"case", std::move(*view)}, {"content", std::move(*content)}});
}

Result<std::string> routing_json(const Reader& reader, const std::vector<RoutingRound>& rounds) {
  Names names(reader);
  json::array list;
  for (const RoutingRound& round : rounds) {
    json::array considered;
    for (const Considered& one : round.considered) {
      auto expert = doctor(names, one.expert);
      if (!expert) return tl::unexpected(expert.error());
      const bool eligible = one.excluded_because.empty();
      const bool chosen =
          std::find(round.chosen.begin(), round.chosen.end(), one.expert) != round.chosen.end();
      considered.push_back(
          json::object{{"expert", std::move(*expert)},
                       {"chosen", chosen},
                       {"excluded_because", one.excluded_because},
                       {"score", eligible ? json::value(one.score) : json::value(nullptr)},
                       {"why", one.why}});
    }
    list.push_back(
        json::object{{"at", format_utc(round.at)}, {"considered", std::move(considered)}});
  }
  return json::serialize(json::object{{"rounds", std::move(list)}});
}

Result<std::string> staff_reasons_json(const Reader& reader,
                                       const std::vector<StaffReasonText>& reasons) {
  Names names(reader);
  json::array list;
  for (const StaffReasonText& reason : reasons) {
    auto by = doctor(names, reason.by);
    if (!by) return tl::unexpected(by.error());
    list.push_back(json::object{{"action", reason.action},
                                {"by", std::move(*by)},
                                {"at", format_utc(reason.at)},
                                {"reason", reason.text}});
  }
  return json::serialize(json::object{{"reasons", std::move(list)}});
}

Result<CaseId> case_of_receipt(const Receipt& receipt) {
  boost::system::error_code error;
  const json::value value = json::parse(receipt.json, error);
  if (!error) {
    const json::value* const id = value.find_pointer("/case/id", error);
    if (id != nullptr && id->is_string()) return CaseId(std::string(id->get_string()));
  }
  return fail(ErrorCode::internal, "The receipt of a command does not name its case.");
}

}  // namespace telavis
