// SPDX-License-Identifier: Apache-2.0
#include "engine/http/case_views.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <utility>

#include "formats/normalise.h"

namespace telavis {
namespace {

namespace json = boost::json;

json::value instant_or_null(const std::optional<Instant>& instant) {
  return instant ? json::value(format_utc(*instant)) : json::value(nullptr);
}

template <typename Texts>
json::array text_array(const Texts& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

/// Names of people and programmes, each looked up once an answer.
class Names {
 public:
  explicit Names(const Reader& reader) : reader_(reader) {}

  Result<const User*> person(const UserId& id) {
    const auto known = people_.find(id);
    if (known != people_.end()) return &known->second;
    auto user = reader_.service.repository().user(id);
    if (!user) return tl::unexpected(user.error());
    return &people_.emplace(id, std::move(*user).value_or(User{})).first->second;
  }
  Result<const Programme*> programme(const ProgrammeId& id) {
    const auto known = programmes_.find(id);
    if (known != programmes_.end()) return &known->second;
    auto programme = reader_.service.repository().programme(id);
    if (!programme) return tl::unexpected(programme.error());
    return &programmes_.emplace(id, std::move(*programme).value_or(Programme{})).first->second;
  }
  std::string name_of(const Programme& programme) const {
    return programme.name(reader_.language == Language::french);
  }

 private:
  const Reader& reader_;
  std::map<UserId, User> people_;
  std::map<ProgrammeId, Programme> programmes_;
};

json::object doctor(const User& user) {
  return {{"display_name", user.display_name()}, {"rpps", user.rpps}};
}

json::object permitted(const PermittedActions& may) {
  return {
      {"accept", may.accept},          {"decline", may.decline}, {"answer", may.answer},
      {"cancel", may.cancel},          {"open", may.open},       {"read_content", may.read_content},
      {"read_report", may.read_report}};
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

Result<json::object> figures(const Reader& reader, Names& names, const Case& subject) {
  const auto programme = names.programme(subject.programme);
  if (!programme) return tl::unexpected(programme.error());
  const auto requester = names.person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  json::value expert = nullptr;
  if (subject.expert) {
    const auto person = names.person(*subject.expert);
    if (!person) return tl::unexpected(person.error());
    expert = doctor(**person);
  }
  const auto role = role_in_case(reader.actor, subject);
  std::optional<Instant> answered_at, release_at;
  if (subject.opinion) answered_at = subject.opinion->signed_at;
  // Until it leaves, an opinion is nobody's business but its author's.
  if (subject.pending_opinion && subject.pending_opinion->expert == reader.actor.id) {
    release_at = subject.pending_opinion->release_at;
  }
  const Instant now = reader.service.clock().now();
  return json::object{{"id", subject.id.value},
                      {"number", subject.number},
                      {"state", case_state_name(subject.state)},
                      {"programme", subject.programme.value},
                      {"programme_name", names.name_of(**programme)},
                      {"speciality", (*programme)->speciality},
                      {"submitted_at", format_utc(subject.submitted_at)},
                      {"breach_at", format_utc(subject.breach_at)},
                      {"breached", subject.breached_at.has_value()},
                      {"answered_at", instant_or_null(answered_at)},
                      {"delivered_at", instant_or_null(subject.delivered_at)},
                      {"requester", doctor(**requester)},
                      {"expert", std::move(expert)},
                      {"exams", exam_summaries(subject)},
                      {"my_role", role ? json::value(role_name(*role)) : json::value(nullptr)},
                      {"may", permitted(permitted_actions(reader.actor, subject, now))},
                      {"pending_release_at", instant_or_null(release_at)}};
}

Result<json::value> opinion_view(Names& names, const OpenCase& opened) {
  if (!opened.opinion) return json::value(nullptr);
  const Case& subject = opened.subject;
  const auto& signature = subject.opinion;
  const auto& pending = subject.pending_opinion;
  if (!signature && !pending) {
    return fail(ErrorCode::internal, "A case has the text of an opinion that nobody signed.");
  }
  const auto expert = names.person(signature ? signature->expert : pending->expert);
  if (!expert) return tl::unexpected(expert.error());
  return json::value(
      json::object{{"conclusion", opened.opinion->conclusion},
                   {"conduct", opened.opinion->conduct},
                   {"orientation", opened.opinion->orientation},
                   {"data_sufficient", opened.opinion->data_sufficient},
                   {"pedagogy", opened.opinion->pedagogy},
                   {"signed_at", format_utc(signature ? signature->signed_at : pending->signed_at)},
                   {"expert", json::object{{"display_name", (*expert)->display_name()}}}});
}

json::array findings_view(const std::vector<Finding>& findings) {
  json::array out;
  for (const Finding& finding : findings) {
    out.push_back(json::object{{"code", finding.code},
                               {"severity", severity_name(finding.severity)},
                               {"text", finding.text}});
  }
  return out;
}

json::object recording_view(const EcgRecording& recorded) {
  const EcgRecording recording = with_derived_limb_leads(recorded);
  json::array leads;
  for (const Lead& lead : recording.leads) {
    leads.push_back(
        json::object{{"code", lead_title(lead)},
                     {"derived", lead.derived},
                     {"gain_nv_per_lsb", lead.gain_nv_per_lsb},
                     {"sampling_interval_us", lead.sampling_interval_us},
                     {"first_sample", lead.first_sample},
                     {"samples", json::array(lead.samples.begin(), lead.samples.end())}});
  }
  return {{"kind", "ecg"},
          {"acquired_at", recording.acquired_at.iso8601()},
          {"device", json::object{{"manufacturer", recording.device.manufacturer},
                                  {"model", recording.device.model}}},
          {"findings", findings_view(recording.findings)},
          {"leads", std::move(leads)}};
}

}  // namespace

Result<std::string> case_list_json(const Reader& reader, const std::vector<Case>& cases) {
  Names names(reader);
  json::array list;
  for (const Case& subject : cases) {
    auto view = figures(reader, names, subject);
    if (!view) return tl::unexpected(view.error());
    list.push_back(std::move(*view));
  }
  return json::serialize(json::object{{"cases", std::move(list)}});
}

Result<std::string> case_figures_json(const Reader& reader, const Case& subject) {
  Names names(reader);
  auto view = figures(reader, names, subject);
  if (!view) return tl::unexpected(view.error());
  return json::serialize(json::object{{"case", std::move(*view)}});
}

Result<std::string> case_content_json(const Reader& reader, const OpenCase& opened) {
  Names names(reader);
  auto view = figures(reader, names, opened.subject);
  if (!view) return tl::unexpected(view.error());
  auto opinion = opinion_view(names, opened);
  if (!opinion) return tl::unexpected(opinion.error());
  const CaseRequest& request = opened.request;
  return json::serialize(json::object{
      {"case", std::move(*view)},
      {"content",
       json::object{{"patient", json::object{{"id", request.patient.id},
                                             {"family_name", request.patient.family_name},
                                             {"given_name", request.patient.given_name},
                                             {"birth_date", request.patient.birth_date},
                                             {"sex", sex_name(request.patient.sex)}}},
                    {"reason", request.reason},
                    {"question", request.question},
                    {"context", request.context},
                    {"own_reading", request.own_reading},
                    {"opinion", std::move(*opinion)}}}});
}

Result<CaseId> case_of_receipt(const Receipt& receipt) {
  boost::system::error_code error;
  const json::value parsed = json::parse(receipt.json, error);
  if (!error) {
    const json::value* const id = parsed.find_pointer("/case/id", error);
    if (id != nullptr && id->is_string()) return CaseId(std::string(id->get_string()));
  }
  return fail(ErrorCode::internal, "The receipt of a command does not name its case.");
}

Result<std::string> me_json(const Reader& reader) {
  Names names(reader);
  json::array memberships;
  for (const Membership& membership : reader.actor.memberships) {
    const auto programme = names.programme(membership.programme);
    if (!programme) return tl::unexpected(programme.error());
    memberships.push_back(json::object{{"programme", membership.programme.value},
                                       {"programme_name", names.name_of(**programme)},
                                       {"role", role_name(membership.role)}});
  }
  return json::serialize(
      json::object{{"user", json::object{{"id", reader.actor.id.value},
                                         {"login", reader.actor.login},
                                         {"display_name", reader.actor.display_name()},
                                         {"rpps", reader.actor.rpps},
                                         {"memberships", std::move(memberships)}}}});
}

Result<std::string> programmes_json(const Reader& reader) {
  Names names(reader);
  std::vector<ProgrammeId> seen;
  json::array list;
  for (const Membership& membership : reader.actor.memberships) {
    const ProgrammeId& id = membership.programme;
    if (id.empty() || std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
    seen.push_back(id);
    const auto programme = names.programme(id);
    if (!programme) return tl::unexpected(programme.error());
    const auto answer_hours =
        std::chrono::duration_cast<std::chrono::hours>((*programme)->sla.breach).count();
    list.push_back(json::object{{"id", id.value},
                                {"name", names.name_of(**programme)},
                                {"speciality", (*programme)->speciality},
                                {"association", (*programme)->association},
                                {"time_zone", (*programme)->time_zone},
                                {"answer_hours", answer_hours}});
  }
  return json::serialize(json::object{{"programmes", std::move(list)}});
}

Result<std::string> acts_json(const Reader& reader, const std::vector<ActRow>& rows) {
  Names names(reader);
  json::array list;
  for (const ActRow& row : rows) {
    const auto professional = names.person(row.act.professional);
    if (!professional) return tl::unexpected(professional.error());
    list.push_back(json::object{{"case_number", row.case_number},
                                {"role", act_role_name(row.act.role)},
                                {"code", row.act.code},
                                {"professional", (*professional)->display_name()},
                                {"care_date", row.act.care_date},
                                {"tariff_zone", row.act.tariff_zone},
                                {"amount_cents", row.act.amount_cents},
                                {"billable", row.act.billable},
                                {"refusal", row.act.refusal}});
  }
  return json::serialize(json::object{{"acts", std::move(list)}});
}

std::string exam_json(const Exam& exam) {
  if (const auto* recording = std::get_if<EcgRecording>(&exam)) {
    return json::serialize(recording_view(*recording));
  }
  if (const auto* document = std::get_if<PdfDocument>(&exam)) {
    return json::serialize(json::object{{"kind", "document"},
                                        {"pages", document->pages},
                                        {"findings", findings_view(document->findings)}});
  }
  const auto& photo = std::get<SkinPhoto>(exam);
  return json::serialize(json::object{{"kind", "photo"},
                                      {"role", photo_role_name(photo.role)},
                                      {"width", photo.width},
                                      {"height", photo.height},
                                      {"findings", findings_view(photo.findings)}});
}

}  // namespace telavis
