// SPDX-License-Identifier: Apache-2.0
#include "engine/core/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace telavis {
namespace {

constexpr std::size_t kShownHash = 16;  // hex digits; enough to tell two opinions of a case apart

/// The signature that the report is about.
struct Signed {
  Instant at;
  std::string hash;
  std::optional<Instant> replaced_at;  // when the opinion that this one corrects was signed
  std::string replaced_hash;
};

std::optional<Instant> signed_at_of(const Case& subject, const std::string& hash) {
  if (hash.empty()) return std::nullopt;
  if (subject.opinion && subject.opinion->hash == hash) return subject.opinion->signed_at;
  for (const KeptOpinion& kept : subject.kept_opinions) {
    if (kept.opinion.hash == hash) return kept.opinion.signed_at;
  }
  return std::nullopt;
}

std::optional<Signed> signed_of(const Case& subject) {
  const auto made = [&](const auto& opinion) {
    return Signed{opinion.signed_at, opinion.hash, signed_at_of(subject, opinion.corrects),
                  opinion.corrects};
  };
  if (subject.pending_opinion) return made(*subject.pending_opinion);
  if (subject.opinion) return made(*subject.opinion);
  return std::nullopt;
}

class Writer {
 public:
  Writer(const ReportInput& input, Language language) : in_(input), language_(language) {}

  ReportSection request() {
    const CaseRequest& request = in_.request;
    ReportSection section{text("report.request"), {}};
    add(section, "report.requester", person_in_words(in_.requester));
    add(section, "report.submitted_at", time(in_.subject.submitted_at));
    add(section, "report.reason", coded(language_, "reason", request.reason));
    add(section, "report.question", request.question);
    add(section, "report.context", request.context);
    add(section, "report.own_reading", request.own_reading);
    add(section, "report.red_flags", red_flags_in_words(request, language_));
    if (!request.regulated_at.empty()) {
      add(section, "report.regulated",
          message(language_, "report.regulated.text", {{"at", request.regulated_at}}));
    }
    add(section, "report.information", information());
    add(section, "report.consent", consent());
    add(section, "report.oppositions", oppositions());
    return section;
  }

  ReportSection opinion(const Signed& made) {
    const OpinionText& opinion = in_.opinion;
    ReportSection section{text("report.opinion"), {}};
    if (made.replaced_at) {
      line(section, message(language_, "report.corrects",
                            {{"signed", time(*made.replaced_at)},
                             {"hash", made.replaced_hash.substr(0, kShownHash)}}));
    }
    add(section, "report.expert", person_in_words(in_.expert));
    add(section, "report.data_sufficient",
        text(opinion.data_sufficient ? "report.yes" : "report.no"));
    add(section, "report.media_quality", word("media_quality", opinion.media_quality));
    add(section, "report.to_redo", opinion.to_redo);
    add(section, "report.conclusion", opinion.conclusion);
    add(section, "report.suspicion", word("suspicion", opinion.suspicion));
    add(section, "report.tracing", word("tracing", opinion.tracing));
    add(section, "report.confidence", word("confidence", opinion.confidence));
    add(section, "report.conduct", opinion.conduct);
    add(section, "report.prescriptions", opinion.prescriptions);
    add(section, "report.orientation", word("orientation", opinion.orientation));
    add(section, "report.in_person", in_person());
    add(section, "report.slots", slots());
    add(section, "report.agreement", word("agreement", opinion.agreement_with_own_reading));
    add(section, "report.pedagogy", opinion.pedagogy);
    add(section, "report.own_words", opinion.own_words);
    line(section, text("report.limits"));
    if (in_.subject.breached_at && in_.subject.promise) {
      line(section,
           message(language_, "report.late", {{"due", time(in_.subject.promise->breach_at)}}));
    }
    line(section, message(language_, "report.seal",
                          {{"expert", in_.expert.display_name()}, {"signed", time(made.at)}}));
    return section;
  }

  /// The five items of CSP R6316-4, for the record of both doctors.
  ReportSection legal_items(const Signed& made) {
    ReportSection section{text("report.legal"), {}};
    line(section, text("report.legal.for_both"));
    add(section, "report.legal.report",
        message(language_, "report.legal.report.text",
                {{"number", in_.subject.number}, {"hash", made.hash.substr(0, kShownHash)}}));
    add(section, "report.legal.acts", acts(made));
    add(section, "report.legal.prescriptions", or_none(in_.opinion.prescriptions));
    add(section, "report.legal.requester", identity(in_.requester));
    add(section, "report.legal.expert", identity(in_.expert));
    add(section, "report.legal.when",
        message(language_, "report.legal.when.text",
                {{"asked", zoned(in_.subject.submitted_at)},
                 {"signed", zoned(made.at)},
                 {"made", zoned(in_.made_at)},
                 {"zone", in_.programme.time_zone}}));
    add(section, "report.legal.incidents", or_none(incidents()));
    return section;
  }

  /// What a time zone was refused for, if it was.
  const std::optional<Error>& error() const { return error_; }

 private:
  std::string text(std::string_view id) const { return message(language_, id); }
  void add(ReportSection& section, std::string_view id, const std::string& value) const {
    if (!value.empty()) section.lines.emplace_back(text(id), value);
  }
  static void line(ReportSection& section, std::string value) {
    section.lines.emplace_back("", std::move(value));
  }
  std::string word(std::string_view family, const std::string& code) const {
    return code.empty() ? code : coded(language_, family, code);
  }
  std::string time(Instant instant) {
    auto shown = programme_time(in_.programme, instant, language_);
    if (shown) return *std::move(shown);
    error_ = shown.error();
    return {};
  }

  /// With the offset from UTC: an hour alone is not one across the overseas territories.
  std::string zoned(Instant instant) {
    const auto local = local_time(instant, in_.programme.time_zone);
    if (!local) {
      error_ = local.error();
      return {};
    }
    const int offset = local->utc_offset_minutes;
    return fmt::format("{} (UTC{}{:02}:{:02})", display_time(*local, language_ == Language::french),
                       offset < 0 ? "-" : "+", std::abs(offset) / 60, std::abs(offset) % 60);
  }
  std::string or_none(const std::string& said) const {
    return said.empty() ? text("report.legal.none") : said;
  }
  static std::string identity(const User& user) {
    std::string words = person_in_words(user);
    for (const std::string& more : {user.speciality, user.place}) {
      if (!more.empty()) words += ", " + more;
    }
    return words;
  }
  std::string acts(const Signed& made) const {
    std::string words;
    for (const BillableAct& act : in_.acts) {
      const std::string by =
          text(act.role == ActRole::expert ? "report.expert" : "report.requester");
      const std::string id = act.billable ? "report.legal.act" : "report.legal.act_refused";
      words += (words.empty() ? "" : "\n") +
               message(language_, id,
                       {{"code", act.code},
                        {"by", by},
                        {"why", coded(language_, "web.refusal", act.refusal)}});
    }
    if (!made.replaced_hash.empty()) {
      words += (words.empty() ? "" : "\n") + text("report.legal.no_new_act");
    }
    return or_none(words);
  }
  /// What the checks found, what the engine met, what the expert wrote: an incident a line.
  std::string incidents() {
    std::vector<std::string> lines = hindering_findings(in_.exams, language_);
    for (const Incident& incident : in_.incidents) {
      lines.push_back(message(language_, "report.legal.incident",
                              {{"at", zoned(incident.at)}, {"what", incident.text}}));
    }
    if (!in_.opinion.technical_incidents.empty()) lines.push_back(in_.opinion.technical_incidents);
    std::string words;
    for (const std::string& said : lines) words += (words.empty() ? "" : "\n") + said;
    return words;
  }

  std::string information() {
    const InformationGiven& given = in_.request.information;
    const bool by_requester = given.by == in_.requester.id.value;
    const auto at = parse_instant(given.at);
    return message(language_, "report.information." + given.form,
                   {{"version", given.text_version},
                    {"by", by_requester ? in_.requester.display_name() : given.by},
                    {"at", at ? time(*at) : given.at}});
  }
  std::string consent() const {
    const Consent& consent = in_.request.consent;
    return message(
        language_, "report.consent." + consent.given_by,
        {{"name", consent.representative_name}, {"quality", consent.representative_quality}});
  }
  std::string oppositions() const {
    const Oppositions& given = in_.request.oppositions;
    std::string words;
    for (const auto& [opposed, code] :
         {std::pair(given.attending_physician, "attending_physician"),
          std::pair(given.citizen_mailbox, "citizen_mailbox"),
          std::pair(given.teaching, "teaching"), std::pair(given.research, "research")}) {
      if (opposed) words += (words.empty() ? "" : " ; ") + coded(language_, "opposition", code);
    }
    return words;
  }
  std::string in_person() const {
    const InPerson& seen = in_.opinion.in_person;
    if (!seen.needed || !seen.delay_days) return {};
    const std::string with = seen.with.empty() ? "any" : seen.with;
    const std::string days = fmt::format("{}", *seen.delay_days);
    const std::string when = *seen.delay_days == 0
                                 ? text("report.in_person.today")
                                 : message(language_,
                                           *seen.delay_days == 1 ? "report.in_person.within_a_day"
                                                                 : "report.in_person.within",
                                           {{"days", days}});
    return coded(language_, "report.in_person.with", with) + when;
  }

  /// A line an appointment.
  std::string slots() {
    std::string words;
    for (const OfferedSlot& slot : in_.opinion.slots) {
      words +=
          (words.empty() ? "" : "\n") +
          message(language_, "report.slot",
                  {{"at", time(slot.starts_at)}, {"place", slot.place}, {"booking", slot.booking}});
    }
    return words;
  }

  const ReportInput& in_;
  Language language_;
  std::optional<Error> error_;
};

}  // namespace

Result<ReportContent> report_content(const ReportInput& input, Language language) {
  const Case& subject = input.subject;
  const auto made = signed_of(subject);
  if (!made) return fail(ErrorCode::internal, "A report was asked for before an opinion exists.");
  Writer writer(input, language);
  ReportContent content;
  content.labels = render_labels(language);
  content.title = message(language, "report.title");
  content.subtitle = message(language, "report.subtitle",
                             {{"programme", input.programme.name(language == Language::french)},
                              {"number", subject.number}});
  content.footer =
      message(language, "report.footer",
              {{"number", subject.number}, {"hash", made->hash.substr(0, kShownHash)}});
  const auto submitted = local_time(subject.submitted_at, input.programme.time_zone);
  if (!submitted) return tl::unexpected(submitted.error());
  content.sections = {patient_section(input.request, submitted->date, language), writer.request()};
  if (ReportSection clinical = clinical_section(input.request, language); !clinical.lines.empty()) {
    content.sections.push_back(std::move(clinical));
  }
  content.sections.push_back(exams_section(subject.exams, language));
  content.sections.push_back(writer.opinion(*made));
  content.sections.push_back(writer.legal_items(*made));
  if (writer.error()) return tl::unexpected(*writer.error());
  add_exams(content, input.request, input.exams);
  return content;
}

Result<ReportSection> request_section(const ReportInput& input, Language language) {
  Writer writer(input, language);
  ReportSection section = writer.request();
  if (writer.error()) return tl::unexpected(*writer.error());
  return section;
}

Result<ReportSection> opinion_section(const ReportInput& input, const Opinion& made,
                                      Language language) {
  Writer writer(input, language);
  ReportSection section = writer.opinion(
      {made.signed_at, made.hash, signed_at_of(input.subject, made.corrects), made.corrects});
  if (writer.error()) return tl::unexpected(*writer.error());
  return section;
}

}  // namespace telavis
