// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "engine/core/access_log.h"
#include "engine/core/patient_copy_parts.h"
#include "engine/core/report.h"

namespace telavis {
namespace {

constexpr std::string_view kStyle =
    "body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em;line-height:1.5}"
    "h2{border-top:2px solid;padding-top:1em}dt{font-weight:bold}dd{white-space:pre-wrap}"
    "table{border-collapse:collapse}td,th{border:1px solid;padding:.2em .6em;text-align:left}";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool is_json(DialogueKind kind) {
  return kind == DialogueKind::appointment || kind == DialogueKind::close_out;
}

/// The answers of a close-out, the date of an appointment: what the engine keeps as JSON, in words.
std::string said_in_words(const DialogueText& item, Language language) {
  boost::system::error_code wrong;
  const auto parsed = boost::json::parse(item.text, wrong);
  const auto* members = wrong ? nullptr : parsed.if_object();
  if (members == nullptr) return item.text;
  std::string words;
  for (const auto& member : *members) {
    const std::string id = "close_out." + std::string(member.key());
    const std::string value = member.value().is_string() ? std::string(member.value().as_string())
                                                         : boost::json::serialize(member.value());
    if (value.empty()) continue;
    if (!words.empty()) words += "\n";
    if (has_message(id)) words += message(language, id) + " : ";
    words += coded(language, id, value);
  }
  return words;
}

class Page {
 public:
  Page(const PatientCopy& copy, Language language) : copy_(copy), language_(language) {}

  std::string whole(const std::vector<CaseDocuments>& documents) {
    const std::string title = text("copy.title");
    out_ = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title>"
        "<style>{}</style></head>\n<body>\n<h1>{}</h1>\n",
        language_ == Language::french ? "fr" : "en", escaped(title), kStyle, escaped(title));
    paragraph(message(language_, "copy.made_at", {{"at", format_utc(copy_.made_at)}}));
    for (const char* id : {"copy.content", "copy.files", "copy.left_out", "copy.rights"}) {
      paragraph(text(id));
    }
    if (copy_.found.elsewhere > 0) paragraph(text("copy.elsewhere"));
    for (std::size_t i = 0; i < copy_.cases.size(); ++i) add_case(copy_.cases[i], documents[i]);
    out_ += "</body>\n</html>\n";
    return std::move(out_);
  }
  /// What a time zone or a section was refused for, if one was.
  const std::optional<Error>& error() const { return error_; }

 private:
  std::string text(std::string_view id) const { return message(language_, id); }
  void paragraph(std::string_view words) { out_ += "<p>" + escaped(words) + "</p>\n"; }
  void heading(int level, std::string_view words) {
    out_ += fmt::format("<h{0}>{1}</h{0}>\n", level, escaped(words));
  }
  void link(const std::string& name) {
    out_ += fmt::format("<li><a href=\"{0}\">{0}</a></li>\n", escaped(name));
  }
  template <typename T>
  T taken(Result<T> result) {
    if (result) return std::move(*result);
    error_ = std::move(result.error());
    return T{};
  }
  void section(const ReportSection& section) {
    if (section.lines.empty()) return;
    heading(3, section.heading);
    out_ += "<dl>\n";
    for (const auto& [label, value] : section.lines) {
      if (!label.empty()) out_ += "<dt>" + escaped(label) + "</dt>";
      out_ += "<dd>" + escaped(value) + "</dd>\n";
    }
    out_ += "</dl>\n";
  }
  std::string name_of(const UserId& id) const {
    const auto found = copy_.people.find(id);
    return found == copy_.people.end() ? id.value : found->second.display_name();
  }
  const User& user_of(const UserId& id) const {
    static const User nobody;
    const auto found = copy_.people.find(id);
    return found == copy_.people.end() ? nobody : found->second;
  }

  void add_case(const CaseCopy& one, const CaseDocuments& documents) {
    const Case& subject = one.subject;
    const Programme& programme = copy_.programmes.at(subject.programme);
    const bool french = language_ == Language::french;
    heading(2, message(language_, "copy.case",
                       {{"number", subject.number},
                        {"programme", programme.name(french)},
                        {"state", coded(language_, "web.state", case_state_name(subject.state))}}));
    const auto& by_traits = copy_.found.match.by_traits;
    if (std::find(by_traits.begin(), by_traits.end(), subject.number) != by_traits.end()) {
      paragraph(text("copy.by_traits"));
    }
    const LocalTime submitted = taken(local_time(subject.submitted_at, programme.time_zone));
    section(patient_section(one.request, submitted.date, language_));
    static const OpinionText kNone;
    section(taken(
        request_section({subject, programme, user_of(subject.requester), user_of(subject.requester),
                         one.request, kNone, one.exams, one.acts, one.incidents, copy_.made_at},
                        language_)));
    section(clinical_section(one.request, language_));
    section(exams_section(subject.exams, language_));
    add_documents(documents);
    add_dialogue(one, programme);
    for (const CopiedOpinion& opinion : one.opinions) add_opinion(one, programme, opinion);
    add_acts(one);
    add_incidents(one, programme);
    add_accesses(subject);
  }
  void add_documents(const CaseDocuments& documents) {
    heading(3, text("copy.documents"));
    out_ += "<ul>\n";
    for (const CopiedDocument& document : documents.list) link(document.name);
    out_ += "</ul>\n";
    if (!documents.not_drawn.empty()) paragraph(text("copy.not_drawn"));
  }
  void add_dialogue(const CaseCopy& one, const Programme& programme) {
    ReportSection said{text("web.dialogue.title"), {}};
    for (const DialogueText& item : one.dialogue) {
      const std::string when = taken(programme_time(programme, item.at, language_));
      said.lines.emplace_back(
          fmt::format("{}, {}, {}", coded(language_, "web.dialogue", dialogue_kind_name(item.kind)),
                      name_of(item.author), when),
          is_json(item.kind) ? said_in_words(item, language_) : item.text);
    }
    section(said);
  }
  void add_opinion(const CaseCopy& one, const Programme& programme, const CopiedOpinion& opinion) {
    if (!opinion.why.empty()) paragraph(coded(language_, "copy.not_the_answer", opinion.why));
    section(taken(opinion_section(
        {one.subject, programme, user_of(one.subject.requester), user_of(opinion.opinion.expert),
         one.request, opinion.text, one.exams, one.acts, one.incidents, copy_.made_at},
        opinion.opinion, language_)));
    ReportSection more{text("copy.prescriptions"), {}};
    if (!opinion.text.prescriptions.empty())
      more.lines.emplace_back("", opinion.text.prescriptions);
    section(more);
  }
  void add_acts(const CaseCopy& one) {
    ReportSection acts{text("copy.acts"), {}};
    for (const BillableAct& act : one.acts) {
      const std::string euros =
          fmt::format("{},{:02}", act.amount_cents / 100, act.amount_cents % 100);
      acts.lines.emplace_back(name_of(act.professional),
                              message(language_, act.billable ? "copy.act" : "copy.act_not_billed",
                                      {{"code", act.code},
                                       {"date", display_date(act.care_date, language_)},
                                       {"amount", euros}}));
    }
    section(acts);
  }
  void add_incidents(const CaseCopy& one, const Programme& programme) {
    ReportSection met{text("copy.incidents"), {}};
    for (const Incident& incident : one.incidents) {
      met.lines.emplace_back(taken(programme_time(programme, incident.at, language_)),
                             incident.text);
    }
    section(met);
  }
  void add_accesses(const Case& subject) {
    heading(3, text("copy.accesses"));
    out_ += "<table>\n";
    for (const AccessLine& line : copy_.log) {
      if (line.case_number != subject.number) continue;
      const LocalTime when = taken(local_time(line.at, line.time_zone));
      out_ += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                          escaped(display_time(when, language_ == Language::french)),
                          escaped(actor_in_words(line, language_)),
                          escaped(access_in_words(line, language_)));
    }
    out_ += "</table>\n";
  }

  const PatientCopy& copy_;
  Language language_;
  std::string out_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::string> patient_copy_page(const PatientCopy& copy,
                                      const std::vector<CaseDocuments>& documents,
                                      Language language) {
  Page page(copy, language);
  std::string whole = page.whole(documents);
  if (page.error()) return tl::unexpected(*page.error());
  return whole;
}

}  // namespace telavis
