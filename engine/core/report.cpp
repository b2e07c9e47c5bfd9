// SPDX-License-Identifier: Apache-2.0
#include "engine/core/report.h"

#include <utility>

#include "formats/exam.h"
#include "formats/normalise.h"

namespace telavis {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string display_person(const User& user) {
  return user.rpps.empty() ? user.display_name()
                           : user.display_name() + " (RPPS " + user.rpps + ")";
}

std::string coded(Language language, const std::string& family, const std::string& code) {
  const std::string id = family + "." + code;
  return has_message(id) ? message(language, id) : code;
}

std::string display_date(const std::string& iso, Language language) {
  if (language == Language::english || iso.size() != 10) return iso;
  return iso.substr(8, 2) + "/" + iso.substr(5, 2) + "/" + iso.substr(0, 4);
}

class Writer {
 public:
  Writer(const ReportInput& input, Language language) : in_(input), language_(language) {}

  ReportSection patient() const {
    const PatientIdentity& patient = in_.request.patient;
    Lines lines;
    add(lines, "report.name", patient.family_name + " " + patient.given_name);
    add(lines, "report.birth_date", display_date(patient.birth_date, language_));
    add(lines, "report.sex", coded(language_, "sex", std::string(sex_name(patient.sex))));
    add(lines, "report.ins", patient.id);
    return {text("report.identity"), std::move(lines)};
  }

  ReportSection request(const std::string& submitted) const {
    const CaseRequest& request = in_.request;
    Lines lines;
    add(lines, "report.requester", display_person(in_.requester));
    add(lines, "report.submitted_at", submitted);
    add(lines, "report.reason", coded(language_, "reason", request.reason));
    add(lines, "report.question", request.question);
    add(lines, "report.context", request.context);
    add(lines, "report.own_reading", request.own_reading);
    add(lines, "report.consent",
        coded(language_, "report.consent",
              request.consent.given_by + "." + request.consent.information));
    return {text("report.request"), std::move(lines)};
  }

  ReportSection exams() const {
    Lines lines;
    for (const ExamSummary& exam : in_.subject.exams) {
      std::string codes;
      for (const std::string& code : exam.findings)
        codes += (codes.empty() ? "" : " ") + coded(language_, "finding", code);
      const std::string findings = codes.empty()
                                       ? text("report.finding.none")
                                       : message(language_, "report.findings", {{"codes", codes}});
      lines.emplace_back(coded(language_, "report.exam", exam.kind),
                         exam.format + ", " + exam.detail + ". " + findings);
    }
    return {text("report.exams"), std::move(lines)};
  }

  ReportSection opinion(const std::string& signed_at) const {
    const OpinionText& opinion = in_.opinion;
    Lines lines;
    add(lines, "report.expert", display_person(in_.expert));
    add(lines, "report.data_sufficient",
        text(opinion.data_sufficient ? "report.yes" : "report.no"));
    add(lines, "report.conclusion", opinion.conclusion);
    add(lines, "report.conduct", opinion.conduct);
    add(lines, "report.orientation", coded(language_, "orientation", opinion.orientation));
    add(lines, "report.pedagogy", opinion.pedagogy);
    lines.emplace_back("", text("report.limits"));
    lines.emplace_back("", message(language_, "report.seal",
                                   {{"expert", in_.expert.display_name()}, {"signed", signed_at}}));
    return {text("report.opinion"), std::move(lines)};
  }

 private:
  std::string text(std::string_view id) const { return message(language_, id); }
  void add(Lines& lines, std::string_view id, const std::string& value) const {
    if (!value.empty()) lines.emplace_back(text(id), value);
  }

  const ReportInput& in_;
  Language language_;
};

}  // namespace

Result<std::string> programme_time(const Programme& programme, Instant instant, Language language) {
  const auto local = local_time(instant, programme.time_zone);
  if (!local) return tl::unexpected(local.error());
  return display_time(*local, language == Language::french);
}

std::string exams_in_words(const Case& subject, Language language) {
  std::string words;
  for (const ExamSummary& exam : subject.exams) {
    if (!words.empty()) words += " ; ";
    words += coded(language, "report.exam", exam.kind) + " (" + exam.detail + ")";
  }
  return words;
}

RenderLabels render_labels(Language language) {
  RenderLabels labels;
  labels.recorded = message(language, "render.recorded");
  labels.born = message(language, "render.born");
  labels.identifier = message(language, "render.identifier");
  labels.filters = message(language, "render.filters");
  labels.mains = message(language, "render.mains");
  labels.missing_lead = message(language, "render.missing_lead");
  labels.derived_note = message(language, "render.derived_note");
  labels.recentred_note = message(language, "render.recentred_note");
  labels.own_start_note = message(language, "render.own_start_note");
  labels.total_duration = message(language, "render.total_duration");
  labels.page = message(language, "render.page");
  labels.photo = message(language, "render.photo");
  labels.device_measurements = message(language, "render.device_measurements");
  labels.unconfirmed_statements = message(language, "render.unconfirmed_statements");
  labels.confirmed_statements = message(language, "render.confirmed_statements");
  labels.ventricular_rate = message(language, "render.ventricular_rate");
  labels.atrial_rate = message(language, "render.atrial_rate");
  labels.axes = message(language, "render.axes");
  labels.unknown_formula = message(language, "render.unknown_formula");
  labels.pacemaker_spikes = message(language, "render.pacemaker_spikes");
  labels.findings = message(language, "render.findings");
  labels.decimal_mark = language == Language::french ? ',' : '.';
  labels.finding_text = [language](const Finding& finding) {
    return coded(language, "finding", finding.code);
  };
  return labels;
}

Result<ReportContent> report_content(const ReportInput& input, Language language) {
  const Case& subject = input.subject;
  const Instant signed_instant =
      subject.opinion ? subject.opinion->signed_at : subject.pending_opinion->signed_at;
  const std::string& hash = subject.opinion ? subject.opinion->hash : subject.pending_opinion->hash;
  const auto submitted = programme_time(input.programme, subject.submitted_at, language);
  if (!submitted) return tl::unexpected(submitted.error());
  const auto signed_at = programme_time(input.programme, signed_instant, language);
  if (!signed_at) return tl::unexpected(signed_at.error());

  const Writer writer(input, language);
  ReportContent content;
  content.labels = render_labels(language);
  content.title = message(language, "report.title");
  content.subtitle = message(language, "report.subtitle",
                             {{"programme", input.programme.name(language == Language::french)},
                              {"number", subject.number}});
  content.footer = message(language, "report.footer",
                           {{"number", subject.number}, {"hash", hash.substr(0, 16)}});
  content.sections = {writer.patient(), writer.request(*submitted), writer.exams(),
                      writer.opinion(*signed_at)};
  for (const ArchivedExam& archived : input.exams) {
    const Exam& exam = archived.normalised.exam;
    if (const auto* recording = std::get_if<EcgRecording>(&exam)) {
      content.tracings.push_back(with_derived_limb_leads(*recording));
      content.tracings.back().patient = input.request.patient;
    } else if (std::holds_alternative<SkinPhoto>(exam)) {
      content.photos.push_back(archived.normalised.document);
    }
  }
  return content;
}

}  // namespace telavis
