// SPDX-License-Identifier: Apache-2.0
#include "engine/core/letters.h"

#include <fmt/format.h>

#include <utility>

#include "engine/core/exam_intake.h"
#include "engine/core/request_words.h"
#include "formats/render.h"

namespace telavis {
namespace {

class LetterWriter {
 public:
  LetterWriter(const LetterInput& input, std::string written, std::string today)
      : in_(input), written_(std::move(written)), today_(std::move(today)) {}

  ReportContent content() const {
    ReportContent content;
    content.labels = render_labels(in_.language);
    content.title = text("letter.title." + in_.exit);
    content.subtitle = text("letter.about." + in_.exit);
    content.footer = message(in_.language, "letter.footer",
                             {{"number", in_.case_number}, {"written", written_}});
    content.sections = {sender(), patient_section(in_.request, today_, in_.language), situation()};
    ReportSection clinical = clinical_section(in_.request, in_.language);
    if (!clinical.lines.empty()) content.sections.push_back(std::move(clinical));
    add_exams(content, in_.request, in_.exams);
    return content;
  }

 private:
  std::string text(const std::string& id) const { return message(in_.language, id); }
  void add(ReportSection& section, const std::string& id, const std::string& value) const {
    if (!value.empty()) section.lines.emplace_back(text(id), value);
  }

  ReportSection sender() const {
    const User& doctor = in_.requester;
    ReportSection section;
    add(section, "letter.to", text("letter.to." + in_.exit));
    add(section, "letter.written", written_);
    add(section, "letter.from",
        person_in_words(doctor) + (doctor.place.empty() ? "" : ", " + doctor.place));
    std::string phones = doctor.mobile_phone;
    if (!doctor.office_phone.empty()) phones += (phones.empty() ? "" : " ; ") + doctor.office_phone;
    add(section, "letter.call_back", phones);
    add(section, "letter.why", red_flags_in_words(in_.request, in_.language));
    return section;
  }
  ReportSection situation() const {
    ReportSection section{text("letter.situation"), {}};
    add(section, "letter.added", in_.added);
    add(section, "report.reason", coded(in_.language, "reason", in_.request.reason));
    add(section, "report.question", in_.request.question);
    add(section, "report.context", in_.request.context);
    add(section, "report.own_reading", in_.request.own_reading);
    std::vector<ExamSummary> exams;
    for (const ArchivedExam& exam : in_.exams) exams.push_back(summary_of(exam.normalised.exam));
    add(section, "report.exams", exams_in_words(exams, in_.language));
    return section;
  }

  const LetterInput& in_;
  std::string written_;
  std::string today_;  // local date
};

Result<ReportContent> letter_content(const LetterInput& input) {
  const auto written = programme_time(input.programme, input.written_at, input.language);
  if (!written) return tl::unexpected(written.error());
  const auto today = local_time(input.written_at, input.programme.time_zone);
  if (!today) return tl::unexpected(today.error());
  return LetterWriter(input, *written, today->date).content();
}

}  // namespace

Result<ReportContent> transfer_letter_content(const LetterInput& input) {
  if (input.exit != "15_now" && input.exit != "in_person_today") {
    return fail(ErrorCode::invalid_field,
                "A transfer letter is for a red flag: answer the checklist first.");
  }
  return letter_content(input);
}

Result<ReportContent> question_content(const LetterInput& input) {
  if (input.exit != kQuestionExit && input.exit != kInformationExit) {
    return fail(ErrorCode::invalid_field, "This is no question.");
  }
  return letter_content(input);
}

Result<ReportContent> refusal_content(const RefusalInput& input) {
  const auto text = [&](const std::string& id) { return message(input.language, id); };
  const auto written = programme_time(input.programme, input.written_at, input.language);
  if (!written) return tl::unexpected(written.error());
  const auto today = local_time(input.written_at, input.programme.time_zone);
  if (!today) return tl::unexpected(today.error());
  ReportContent content;
  content.labels = render_labels(input.language);
  content.title = text("refusal.title");
  content.subtitle =
      message(input.language, "notice.subtitle",
              {{"programme", input.programme.name(input.language == Language::french)},
               {"association", input.programme.association}});
  content.footer = message(input.language, "refusal.footer",
                           {{"number", input.case_number}, {"written", *written}});
  ReportSection asked{text("letter.situation"), {}};
  const auto add = [&](const std::string& id, const std::string& value) {
    if (!value.empty()) asked.lines.emplace_back(text(id), value);
  };
  add("refusal.number", input.case_number);
  add("refusal.requester", person_in_words(input.requester));
  add("report.reason", coded(input.language, "reason", input.request.reason));
  add("report.question", input.request.question);
  ReportSection who{text("refusal.who"), {}};
  for (const Refusal& refusal : input.refusals) {
    const auto at = programme_time(input.programme, refusal.at, input.language);
    if (!at) return tl::unexpected(at.error());
    std::string why = coded(input.language, "refusal.reason", refusal.reason);
    if (!refusal.words.empty()) {
      why = message(input.language, "refusal.in_words", {{"words", refusal.words}});
    }
    who.lines.emplace_back(
        person_in_words(refusal.who),
        message(input.language, "refusal.when_and_why", {{"at", *at}, {"reason", why}}));
  }
  content.sections = {patient_section(input.request, today->date, input.language), std::move(asked),
                      std::move(who)};
  return content;
}

Result<Bytes> transfer_letter_pdf(const LetterInput& input) {
  const auto content = transfer_letter_content(input);
  if (!content) return tl::unexpected(content.error());
  return render_report_pdf(*content);
}

ReportContent patient_notice_content(const Programme& programme, const Declaration& declaration,
                                     Language language) {
  const auto text = [&](const std::string& id) { return message(language, id); };
  const auto paragraph = [](std::string words) {
    return std::pair(std::string(), std::move(words));
  };
  std::string who = text("notice.who.text") + " " +
                    text("notice.who." + std::string(offer_policy_name(programme.policy)));
  for (const std::string& copy : programme.report_copies) {
    const std::string id = "notice.copy." + copy;
    if (has_message(id)) who += " " + text(id);
  }
  ReportContent content;
  content.labels = render_labels(language);
  content.title = text("notice.title");
  content.subtitle = message(language, "notice.subtitle",
                             {{"programme", programme.name(language == Language::french)},
                              {"association", programme.association}});
  content.footer = message(language, "notice.footer", {{"version", kNoticeVersion}});
  content.sections = {
      {text("notice.what"),
       {paragraph(text("notice.what.text")), paragraph(text("notice.engine")),
        paragraph(text("notice.what.emergency"))}},
      {text("notice.who"),
       {paragraph(std::move(who)), paragraph(text("notice.who.referent")),
        paragraph(message(language, "notice.who.kept",
                          {{"years", fmt::format("{}", programme.retention_years)}}))}},
      {text("notice.rights"),
       {paragraph(text("notice.rights.free")), paragraph(text("notice.rights.oppose")),
        paragraph(text("notice.rights.data")), paragraph(text("notice.rights.minor"))}},
      {text("notice.complaint"),
       {paragraph(
           message(language, "notice.complaint.text",
                   {{"association", programme.association}, {"address", programme.mailbox}}))}},
  };
  std::string answers;
  for (const auto& [id, value] :
       {std::pair("notice.controller", declaration.controller),
        std::pair("notice.host", declaration.host), std::pair("notice.dpo", declaration.dpo)}) {
    if (!value.empty()) answers += message(language, id, {{"who", value}}) + " ";
  }
  if (!answers.empty()) content.sections[1].lines.push_back(paragraph(std::move(answers)));
  return content;
}

Result<Bytes> patient_notice_pdf(const Programme& programme, const Declaration& declaration,
                                 Language language) {
  return render_report_pdf(patient_notice_content(programme, declaration, language));
}

}  // namespace telavis
