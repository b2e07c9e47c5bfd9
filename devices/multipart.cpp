// SPDX-License-Identifier: Apache-2.0
#include "devices/multipart.h"
#include "formats/text.h"

#include <algorithm>

namespace telavis {
namespace {

constexpr std::size_t kMaxBoundaryBytes = 70;  // RFC 2046, 5.1.1
constexpr std::string_view kLineEnd = "\r\n";

tl::unexpected<Error> broken_framing(std::string_view what) {
  return fail(ErrorCode::malformed_request,
              "The body is not of several parts as its Content-Type says (RFC 2046): " +
                  std::string(what) + ".");
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_token_character(char c) {  // RFC 9110, 5.6.2
  return is_letter_or_digit(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_boundary_character(char c) {  // RFC 2046, 5.1.1
  return is_letter_or_digit(c) ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

/// Reads `"..."` at the front of `text` and takes it off. Old browsers sent Windows paths as they
/// were: a backslash is one unless it escapes.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    const bool escapes =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escapes) ++i;
    out += text[i];
  }
  return std::nullopt;
}

/// A media type is written without quotes by many, though its slash asks for them.
bool is_value_character(char c) {
  return is_token_character(c) || c == '/';
}

std::string take_token(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_value_character);
  const auto size = static_cast<std::size_t>(end - text.begin());
  std::string out(text.substr(0, size));
  text.remove_prefix(size);
  return out;
}

/// `lines` is the header of one part without the empty line at its end.
Result<void> parse_part_header(std::string_view lines, BodyPart& part) {
  while (!lines.empty()) {
    const auto end = lines.find(kLineEnd);
    const auto line = lines.substr(0, end);
    lines =
        end == std::string_view::npos ? std::string_view() : lines.substr(end + kLineEnd.size());
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 ||
        !std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                     is_token_character)) {
      return broken_framing("a part has a broken header line");
    }
    const auto value = trimmed_blanks(line.substr(colon + 1));
    if (!part.headers.emplace(lowered(line.substr(0, colon)), value).second)
      return broken_framing("a part has a header line twice");
  }
  const std::string encoding = lowered(part.header("content-transfer-encoding"));
  if (!encoding.empty() && encoding != "binary" && encoding != "8bit" && encoding != "7bit")
    return broken_framing("a part has a transfer encoding; send the bytes as they are");
  return {};
}

}  // namespace

std::string_view trimmed_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::string_view> Parameterised::parameter(std::string_view name) const {
  for (const auto& [key, text] : parameters) {
    if (key == name) return text;
  }
  return std::nullopt;
}

std::optional<Parameterised> parse_parameterised(std::string_view text) {
  Parameterised out;
  const auto semicolon = text.find(';');
  out.value = lowered(trimmed_blanks(text.substr(0, semicolon)));
  text.remove_prefix(semicolon == std::string_view::npos ? text.size() : semicolon);
  while (!(text = trimmed_blanks(text)).empty()) {
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    text = trimmed_blanks(text);
    if (text.empty()) break;  // a semicolon at the end does no harm
    const std::string name = lowered(take_token(text));
    if (name.empty() || !text.starts_with('=') || out.parameter(name)) return std::nullopt;
    text.remove_prefix(1);
    auto value = text.starts_with('"') ? take_quoted(text) : std::optional(take_token(text));
    if (!value) return std::nullopt;
    out.parameters.emplace_back(name, std::move(*value));
  }
  return out;
}

std::optional<std::string> boundary_of(const Parameterised& content_type) {
  const auto boundary = content_type.parameter("boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundaryBytes ||
      boundary->back() == ' ' ||
      !std::all_of(boundary->begin(), boundary->end(), is_boundary_character)) {
    return std::nullopt;
  }
  return std::string(*boundary);
}

std::string_view BodyPart::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

PartWalker::PartWalker(std::string_view boundary, std::string_view body)
    : delimiter_(std::string(kLineEnd) + "--" + std::string(boundary)), rest_(body) {}

Result<void> PartWalker::begin() {
  const std::string_view first = std::string_view(delimiter_).substr(kLineEnd.size());
  if (rest_.starts_with(first)) {
    rest_.remove_prefix(first.size());
    return end_of_delimiter();
  }
  const auto found = rest_.find(delimiter_);
  if (found == std::string_view::npos) return broken_framing("the boundary does not occur");
  rest_.remove_prefix(found + delimiter_.size());
  return end_of_delimiter();
}

Result<BodyPart> PartWalker::take() {
  constexpr std::string_view kHeaderEnd = "\r\n\r\n";
  const auto found = rest_.find(delimiter_);
  if (found == std::string_view::npos) return broken_framing("the last boundary is missing");
  const auto whole = rest_.substr(0, found);
  rest_.remove_prefix(found + delimiter_.size());
  if (auto ended = end_of_delimiter(); !ended) return tl::unexpected(ended.error());
  BodyPart part;
  const auto end = whole.substr(0, kMaxPartHeaderBytes + kHeaderEnd.size()).find(kHeaderEnd);
  if (end == std::string_view::npos) return broken_framing("the header of a part does not end");
  if (auto read = parse_part_header(whole.substr(0, end), part); !read)
    return tl::unexpected(read.error());
  part.content = whole.substr(end + kHeaderEnd.size());
  return part;
}

/// After the boundary: "--" ends everything; else white space and a line end.
Result<void> PartWalker::end_of_delimiter() {
  if (rest_.starts_with("--")) {
    at_end_ = true;
    return {};
  }
  const auto text = rest_.find_first_not_of(" \t");
  if (text == std::string_view::npos || rest_.substr(text, kLineEnd.size()) != kLineEnd)
    return broken_framing("a boundary is followed by something else than a line end");
  rest_.remove_prefix(text + kLineEnd.size());
  return {};
}

}  // namespace telavis
