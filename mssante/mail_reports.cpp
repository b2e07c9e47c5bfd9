// SPDX-License-Identifier: Apache-2.0
#include "mssante/mail_reports.h"

#include <algorithm>
#include <array>

#include "engine/core/mail_lines.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxFields = 2'000;
constexpr std::size_t kMaxFieldBytes = 4'000;
constexpr std::size_t kMaxIds = 100;  // References of a long thread
constexpr std::size_t kMaxReports = 100;

bool is_field_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string field(const MailFields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

/// "rfc822; a@b" -> "a@b"
std::string without_type(std::string_view value) {
  const std::size_t semicolon = value.find(';');
  if (semicolon != std::string_view::npos) value.remove_prefix(semicolon + 1);
  value = trim_blank(value);
  if (value.starts_with('<')) value.remove_prefix(1);
  if (value.ends_with('>')) value.remove_suffix(1);
  return lowered(value);
}

std::string recipient_of(const MailFields& fields) {
  const std::string original = without_type(field(fields, "original-recipient"));
  return original.empty() ? without_type(field(fields, "final-recipient")) : original;
}

bool has(const MailFields& header, const std::string& name) {
  return header.contains(name);
}

/// Starts of folded subjects that absences have, and answers of people do not.
bool is_absence(std::string_view subject) {
  static constexpr std::array<std::string_view, 21> kStarts = {
      "REPONSE AUTOMATIQUE", "MESSAGE D ABSENCE", "NOTIFICATION D ABSENCE", "ABSENCE DU BUREAU",
      "ABSENT DU BUREAU",    "ABSENTE DU BUREAU", "ABSENT E DU BUREAU",     "JE SUIS ABSENT",
      "OUT OF OFFICE",       "OUT OF THE OFFICE", "AUTOMATIC REPLY",        "AUTO REPLY",
      "AUTOREPLY",           "AUTO RESPONSE",     "AUTORESPONSE",           "REPONSE AUTO ",
      "ABSENCE ET CONGES",   "VACATION REPLY",    "MESSAGE AUTOMATIQUE",    "EN CONGES",
      "AVIS D ABSENCE"};
  const std::string folded = folded_text(subject) + " ";
  return std::ranges::any_of(kStarts, [&](auto start) { return folded.starts_with(start); }) ||
         folded.starts_with("AUTO ABSEN") || folded == "ABSENCE " || folded == "CONGES ";
}

bool is_bounce(std::string_view subject, std::string_view from) {
  static constexpr std::array<std::string_view, 9> kStarts = {"UNDELIVERED MAIL RETURNED TO SENDER",
                                                              "UNDELIVERABLE",
                                                              "DELIVERY STATUS NOTIFICATION",
                                                              "MAIL DELIVERY FAILED",
                                                              "RETURNED MAIL",
                                                              "FAILURE NOTICE",
                                                              "NON REMIS",
                                                              "NON DISTRIBUE",
                                                              "ECHEC DE LA REMISE"};
  const std::string folded = folded_text(subject);
  const std::string_view local = from.substr(0, from.find('@'));
  return (local == "mailer-daemon" || local == "postmaster") &&
         std::ranges::any_of(kStarts, [&](auto start) { return folded.starts_with(start); });
}

}  // namespace

std::vector<MailFields> read_fields(std::string_view text) {
  std::vector<MailFields> groups(1);
  std::string* open = nullptr;
  std::size_t count = 0;
  while (!text.empty() && count < kMaxFields) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim_blank(line).empty()) {
      if (!groups.back().empty()) groups.emplace_back();
      open = nullptr;
      continue;
    }
    if (line.starts_with(' ') || line.starts_with('\t')) {
      if (open != nullptr && open->size() < kMaxFieldBytes) {
        *open += " " + std::string(trim_blank(line).substr(0, kMaxFieldBytes));
      }
      continue;
    }
    const std::size_t colon = line.find(':');
    open = nullptr;
    if (colon == std::string_view::npos || !is_field_name(trim_blank(line.substr(0, colon))))
      continue;
    ++count;
    const auto [at, added] = groups.back().emplace(
        lowered(trim_blank(line.substr(0, colon))),
        std::string(trim_blank(line.substr(colon + 1)).substr(0, kMaxFieldBytes)));
    if (added) open = &at->second;
  }
  if (groups.back().empty()) groups.pop_back();
  return groups;
}

std::vector<std::string> message_ids(std::string_view text) {
  std::vector<std::string> ids;
  const auto add = [&](std::string_view id) {
    std::string clean;
    for (const char c : id) {
      if (c > ' ' && c != '<' && c != '>' && c != 0x7F) clean += c;
    }
    if (!clean.empty() && clean.size() <= kMaxFieldBytes && ids.size() < kMaxIds) {
      ids.push_back(std::move(clean));
    }
  };
  if (text.find('<') == std::string_view::npos) {
    while (!(text = trim_blank(text)).empty() && ids.size() < kMaxIds) {
      const std::size_t end = std::min(text.find_first_of(" \t\r\n,"), text.size());
      if (text.substr(0, end).find('@') != std::string_view::npos) add(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return ids;
  }
  for (std::size_t open = text.find('<'); open != std::string_view::npos && ids.size() < kMaxIds;) {
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) break;
    add(text.substr(open + 1, close - open - 1));
    open = text.find('<', close);
  }
  return ids;
}

std::vector<DeliveryReport> delivery_reports(const std::vector<MailFields>& groups) {
  std::vector<DeliveryReport> reports;
  std::string envelope;
  for (const MailFields& group : groups) {
    if (envelope.empty()) envelope = field(group, "original-envelope-id");
    const std::string recipient = recipient_of(group);
    const std::string action = lowered(field(group, "action"));
    if (recipient.empty() && action.empty()) continue;
    if (reports.size() >= kMaxReports) break;
    DeliveryReport report;
    report.recipient = recipient;
    report.action = action.substr(0, action.find_first_of(" (;"));
    const std::string status = field(group, "status");
    report.status = status.substr(0, status.find_first_not_of("0123456789."));
    report.diagnostic = field(group, "diagnostic-code");
    reports.push_back(std::move(report));
  }
  for (DeliveryReport& report : reports) report.envelope_id = envelope;
  return reports;
}

std::optional<ReadReport> read_report_of(const MailFields& fields) {
  const std::string disposition = field(fields, "disposition");
  if (disposition.empty()) return std::nullopt;
  ReadReport report;
  const auto ids = message_ids(field(fields, "original-message-id"));
  if (!ids.empty()) report.original_message_id = ids.front();
  report.recipient = recipient_of(fields);
  // "automatic-action/MDN-sent-automatically; processed/Error: 902^..."
  const std::size_t semicolon = disposition.find(';');
  const std::string_view type = trim_blank(
      std::string_view(disposition).substr(semicolon == std::string::npos ? 0 : semicolon + 1));
  const std::size_t slash = type.find('/');
  report.disposition = lowered(trim_blank(type.substr(0, slash)));
  if (slash != std::string_view::npos) {
    const std::string_view modifier = type.substr(slash + 1);
    const std::size_t colon = modifier.find(':');
    report.error =
        trim_blank(colon == std::string_view::npos ? modifier : modifier.substr(colon + 1));
  }
  for (const char* name : {"error", "failure"}) {
    const std::string text = field(fields, name);
    if (!text.empty() && (report.error.empty() || lowered(report.error) == name))
      report.error = text;
  }
  return report;
}

MailNature nature_of(const MailFields& header, std::string_view subject, std::string_view from,
                     bool null_return_path) {
  if (is_bounce(subject, from) || has(header, "x-failed-recipients")) {
    return MailNature::delivery_report;
  }
  const std::string submitted = lowered(field(header, "auto-submitted"));
  const std::string precedence = lowered(field(header, "precedence"));
  // "OOF" alone asks others to keep silent, and programs of people set it; "All" is what Exchange
  // puts on its own notices.
  const std::string suppress = lowered(field(header, "x-auto-response-suppress"));
  const bool automatic = (!submitted.empty() && !submitted.starts_with("no")) ||
                         precedence == "auto_reply" || precedence == "auto-reply" ||
                         suppress.find("all") != std::string::npos ||
                         suppress.find("autoreply") != std::string::npos ||
                         has(header, "x-autoreply") || has(header, "x-autorespond") ||
                         has(header, "x-autoresponder") || has(header, "x-autogenerated") ||
                         has(header, "x-mail-autoreply") || is_absence(subject) || null_return_path;
  if (automatic) return MailNature::auto_reply;
  const bool list = has(header, "list-id") || has(header, "list-post") ||
                    has(header, "list-unsubscribe") || has(header, "list-help") ||
                    has(header, "mailing-list") || precedence == "list" || precedence == "bulk" ||
                    precedence == "junk";
  return list ? MailNature::mailing_list : MailNature::message;
}

std::string integration_error(std::string_view subject) {
  const std::size_t end = subject.find(']');
  if (!subject.starts_with('[') || end == std::string_view::npos) return {};
  const std::string first = folded_text(subject.substr(1, end - 1));
  if (first != "KO INTEGRATION SYSTEME" && first != "ERREUR D INTEGRATION") return {};
  std::string_view rest = trim_blank(subject.substr(end + 1));
  const std::size_t close = rest.find(']');
  if (!rest.starts_with('[') || close == std::string_view::npos) return "unknown";
  return std::string(trim_blank(rest.substr(1, close - 1)));
}

}  // namespace telavis
