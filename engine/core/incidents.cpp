// SPDX-License-Identifier: Apache-2.0
#include "engine/core/incidents.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/exam_intake.h"
#include "engine/core/request_words.h"
#include "engine/core/send_refusal.h"

namespace telavis {
namespace {

/// "3 h 05 min", "12 min".
std::string span_in_words(Duration span) {
  const auto whole = std::chrono::duration_cast<std::chrono::minutes>(span).count();
  return whole < 60 ? fmt::format("{} min", whole)
                    : fmt::format("{} h {:02} min", whole / 60, whole % 60);
}

constexpr std::string_view kDocumentFlagged = "document_flagged";

/// `codes`: with a space between them.
std::string document_flags_in_words(std::string_view codes, Language language) {
  std::string text;
  while (!codes.empty()) {
    const std::size_t end = std::min(codes.find(' '), codes.size());
    text += (text.empty() ? "" : " ") +
            document_flag_in_words(std::string(codes.substr(0, end)), language);
    codes.remove_prefix(std::min(end + 1, codes.size()));
  }
  return text;
}

/// What an entry of the chain says of an incident; empty: nothing.
std::string incident_of(const AuditDraft& what, Language language) {
  constexpr std::string_view kAfter = " after ";  // decide_answer.cpp, MessageSent
  if (what.action == "files_refused") {
    return message(language, "incident.files_refused", {{"code", what.detail}});
  }
  if (what.action == kDocumentFlagged) return document_flags_in_words(what.detail, language);
  if (what.action == "message_dead") {
    const auto space = what.detail.find(' ');
    const std::string_view kind = std::string_view(what.detail).substr(0, space);
    std::string text =
        message(language, kind == message_kind_name(MessageKind::report) ? "incident.report_dead"
                                                                         : "incident.message_dead");
    if (space == std::string::npos) return text;
    return text + " " + send_refusal_in_words(what.detail.substr(space + 1), language);
  }
  if (what.action == "message_reported") {
    const std::string failed = " " + std::string(mail_outcome_name(MailOutcome::failed));
    if (what.detail.find(failed) == std::string::npos || what.detail.ends_with(" again")) return {};
    const bool report = what.detail.starts_with(message_kind_name(MessageKind::report));
    return message(language, report ? "incident.report_failed" : "incident.message_failed");
  }
  const auto after = what.detail.find(kAfter);
  if (what.action != "message_sent" || after == std::string::npos) return {};
  return message(language, "incident.report_delayed",
                 {{"attempts", what.detail.substr(after + kAfter.size())}});
}

}  // namespace

AuditDraft document_flagged(Instant at, const UserId& sender,
                            const std::vector<std::string>& codes) {
  AuditDraft draft{at, sender.value, std::string(kDocumentFlagged), {}, {}};
  for (const std::string& code : codes) draft.detail += (draft.detail.empty() ? "" : " ") + code;
  return draft;
}

std::string document_flag_in_words(const std::string& code, Language language) {
  const std::string id = "mail.document.flag." + code;
  if (has_message(id)) return message(language, id);
  return message(language, "mail.document.flag.other", {{"code", code}});
}

std::string send_refusal_in_words(const std::string& code, Language language) {
  const std::string id = "send_refusal." + code;
  return message(language,
                 has_message(id) ? id : "send_refusal." + std::string(refusal_code(code)));
}

std::vector<Incident> technical_incidents(const Case& subject, const std::vector<AuditEntry>& chain,
                                          Instant now, Language language) {
  std::vector<Incident> found;
  for (const AuditEntry& entry : chain) {
    std::string text = incident_of(entry.what, language);
    if (!text.empty()) found.push_back({entry.what.at, std::move(text)});
  }
  const auto asked =
      std::ranges::find(subject.dialogue, DialogueKind::need_info, &DialogueItem::kind);
  Duration waited = subject.waited;
  if (subject.waiting_since) waited += std::max(Duration{}, now - *subject.waiting_since);
  // An answer within the minute kept nobody waiting.
  if (waited >= std::chrono::minutes(1) && asked != subject.dialogue.end()) {
    found.push_back(
        {asked->at, message(language, "incident.waited", {{"span", span_in_words(waited)}})});
  }
  if (subject.breached_at) {
    found.push_back({*subject.breached_at, message(language, "incident.breach")});
  }
  std::ranges::stable_sort(found, {}, &Incident::at);
  return found;
}

std::vector<std::string> hindering_findings(const std::vector<ArchivedExam>& exams,
                                            Language language) {
  std::vector<std::string> texts;
  for (const ArchivedExam& archived : exams) {
    const Exam& exam = archived.normalised.exam;
    std::vector<std::string> said;
    for (const Finding& finding : findings_of(exam)) {
      if (finding.severity == Severity::info) continue;
      std::string sentence = coded(language, "finding", finding.code);
      if (std::ranges::find(said, sentence) == said.end()) said.push_back(std::move(sentence));
    }
    if (said.empty()) continue;
    std::string text = exams_in_words(std::vector<ExamSummary>{summary_of(exam)}, language) +
                       message(language, "incident.of_exam");
    for (const std::string& sentence : said) text += " " + sentence;
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace telavis
