// SPDX-License-Identifier: Apache-2.0
#include "engine/core/access_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "engine/core/request_words.h"

namespace telavis {
namespace {

namespace json = boost::json;

// Beginning with one of these, a cell is a formula to a spreadsheet.
constexpr std::string_view kFormulaSigns = "=+-@";

std::string cell(std::string_view text) {
  std::string quoted = "\"";
  if (!text.empty() && kFormulaSigns.find(text.front()) != std::string_view::npos) quoted += '\'';
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

Result<std::string> local(const AccessLine& line, Language language) {
  const auto shown = local_time(line.at, line.time_zone);
  if (!shown) return tl::unexpected(shown.error());
  return display_time(*shown, language == Language::french);
}

std::string csv_line(const AccessLine& line, const std::string& when, Language language) {
  std::string text;
  for (const std::string& value :
       {when, format_utc(line.at), line.case_number, actor_in_words(line, language), line.actor,
        access_in_words(line, language), line.action, line.detail}) {
    text += (text.empty() ? "" : ";") + cell(value);
  }
  return text + "\r\n";
}

std::string json_line(const AccessLine& line, Language language) {
  return json::serialize(json::object{{"at", format_utc(line.at)},
                                      {"case", line.case_number},
                                      {"actor", line.actor},
                                      {"name", line.actor_name},
                                      {"action", line.action},
                                      {"words", access_in_words(line, language)},
                                      {"detail", line.detail}}) +
         "\n";
}

}  // namespace

std::string access_in_words(const AccessLine& line, Language language) {
  if (line.action == "content_read" && has_message("access.content_read." + line.detail)) {
    return message(language, "access.content_read." + line.detail);
  }
  return coded(language, "access", line.action);
}

std::string actor_in_words(const AccessLine& line, Language language) {
  if (!line.actor_name.empty()) return line.actor_name;
  if (line.actor.empty()) return message(language, "access.expired");
  return coded(language, "access.actor", line.actor);
}

Result<std::string> access_log_document(const std::vector<AccessLine>& lines, LogFormat format,
                                        Language language) {
  std::string document;
  if (format == LogFormat::csv) {
    document = "\xEF\xBB\xBF" + message(language, "access.csv_heading") + "\r\n";
  }
  for (const AccessLine& line : lines) {
    const auto when = local(line, language);
    if (!when) return tl::unexpected(when.error());
    switch (format) {
      case LogFormat::text:
        document += fmt::format("{}  {}  {} : {}\n", *when, line.case_number,
                                actor_in_words(line, language), access_in_words(line, language));
        break;
      case LogFormat::csv:
        document += csv_line(line, *when, language);
        break;
      case LogFormat::json:
        document += json_line(line, language);
        break;
    }
  }
  return document;
}

}  // namespace telavis
