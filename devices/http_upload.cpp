// SPDX-License-Identifier: Apache-2.0
#include "devices/http_upload.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace telavis {
namespace {

constexpr std::size_t kMaxBoundaryBytes = 70;   // RFC 2046, 5.1.1
constexpr std::size_t kMaxFileNameBytes = 255;  // what file systems keep
constexpr std::string_view kLineEnd = "\r\n";

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::malformed_request,
              "The upload is not valid multipart/form-data (RFC 7578): " + std::string(what) + ".");
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

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// A header value with parameters: `form-data; name="file"; filename="a.scp"`.
struct Parameterised {
  std::string value;                                            // lower case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, none twice

  std::optional<std::string_view> parameter(std::string_view name) const {
    for (const auto& [key, text] : parameters) {
      if (key == name) return text;
    }
    return std::nullopt;
  }
};

/// Reads `"..."` at the front of `text` and takes it off. A backslash stands for itself unless it
/// stands before a quote or a backslash: old browsers sent Windows paths as they were.
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

std::string take_token(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
  const auto size = static_cast<std::size_t>(end - text.begin());
  std::string out(text.substr(0, size));
  text.remove_prefix(size);
  return out;
}

std::optional<Parameterised> parse_parameterised(std::string_view text) {
  Parameterised out;
  const auto semicolon = text.find(';');
  out.value = lower(trimmed(text.substr(0, semicolon)));
  text.remove_prefix(semicolon == std::string_view::npos ? text.size() : semicolon);
  while (!(text = trimmed(text)).empty()) {
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    text = trimmed(text);
    if (text.empty()) break;  // a semicolon at the end does no harm
    const std::string name = lower(take_token(text));
    if (name.empty() || !text.starts_with('=') || out.parameter(name)) return std::nullopt;
    text.remove_prefix(1);
    auto value = text.starts_with('"') ? take_quoted(text) : std::optional(take_token(text));
    if (!value) return std::nullopt;
    out.parameters.emplace_back(name, std::move(*value));
  }
  return out;
}

struct PartHeader {
  std::string name;
  std::string file_name;
};

Result<PartHeader> parse_disposition(std::string_view value) {
  const auto disposition = parse_parameterised(value);
  if (!disposition || disposition->value != "form-data") {
    return malformed("a part has no readable Content-Disposition");
  }
  const auto name = disposition->parameter("name");
  if (!name) return malformed("a part has no name");
  // `filename*` is not allowed here (RFC 7578, 4.2) and read by nobody.
  std::string file_name(disposition->parameter("filename").value_or(""));
  if (file_name.size() > kMaxFileNameBytes) file_name.resize(kMaxFileNameBytes);
  return PartHeader{std::string(*name), std::move(file_name)};
}

/// `lines` is the header of one part without the empty line at its end.
Result<PartHeader> parse_part_header(std::string_view lines) {
  std::optional<PartHeader> header;
  while (!lines.empty()) {
    const auto end = lines.find(kLineEnd);
    const auto line = lines.substr(0, end);
    lines =
        end == std::string_view::npos ? std::string_view() : lines.substr(end + kLineEnd.size());
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 ||
        !std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                     is_token_character)) {
      return malformed("a part has a broken header line");
    }
    const std::string name = lower(line.substr(0, colon));
    const auto value = trimmed(line.substr(colon + 1));
    if (name == "content-transfer-encoding") {
      const std::string encoding = lower(value);
      if (encoding != "binary" && encoding != "8bit" && encoding != "7bit") {
        return malformed("a part has a transfer encoding; send the bytes as they are");
      }
    }
    if (name != "content-disposition") continue;
    if (header) return malformed("a part has two Content-Dispositions");
    auto parsed = parse_disposition(value);
    if (!parsed) return tl::unexpected(parsed.error());
    header = std::move(*parsed);
  }
  if (!header) return malformed("a part has no Content-Disposition");
  return std::move(*header);
}

/// Walks the parts: each is the text between two delimiters.
class PartWalker {
 public:
  PartWalker(std::string_view boundary, std::string_view body)
      : delimiter_(std::string(kLineEnd) + "--" + std::string(boundary)), rest_(body) {}

  /// Goes to the first part. What stands before it is not read (RFC 2046, 5.1.1).
  Result<void> begin() {
    const std::string_view first = std::string_view(delimiter_).substr(kLineEnd.size());
    if (rest_.starts_with(first)) {
      rest_.remove_prefix(first.size());
      return end_of_delimiter();
    }
    const auto found = rest_.find(delimiter_);
    if (found == std::string_view::npos) return malformed("the boundary does not occur");
    rest_.remove_prefix(found + delimiter_.size());
    return end_of_delimiter();
  }

  bool at_end() const { return at_end_; }

  /// The part here, header and content, and goes to the next.
  Result<std::string_view> take() {
    const auto found = rest_.find(delimiter_);
    if (found == std::string_view::npos) return malformed("the last boundary is missing");
    const auto part = rest_.substr(0, found);
    rest_.remove_prefix(found + delimiter_.size());
    if (auto ended = end_of_delimiter(); !ended) return tl::unexpected(ended.error());
    return part;
  }

 private:
  /// After the boundary: "--" ends everything; else white space and a line end.
  Result<void> end_of_delimiter() {
    if (rest_.starts_with("--")) {
      at_end_ = true;
      return {};
    }
    const auto text = rest_.find_first_not_of(" \t");
    if (text == std::string_view::npos || rest_.substr(text, kLineEnd.size()) != kLineEnd) {
      return malformed("a boundary is followed by something else than a line end");
    }
    rest_.remove_prefix(text + kLineEnd.size());
    return {};
  }

  std::string delimiter_;
  std::string_view rest_;
  bool at_end_ = false;
};

Result<void> take_part(UploadForm& form, bool& has_request, std::string_view part) {
  constexpr std::string_view kHeaderEnd = "\r\n\r\n";
  const auto end = part.substr(0, kMaxPartHeaderBytes + kHeaderEnd.size()).find(kHeaderEnd);
  if (end == std::string_view::npos) return malformed("the header of a part does not end");
  const auto header = parse_part_header(part.substr(0, end));
  if (!header) return tl::unexpected(header.error());
  const auto content = part.substr(end + kHeaderEnd.size());
  if (header->name == "request") {
    if (has_request) return malformed("the part `request` is there twice");
    if (content.size() > kMaxUploadRequestBytes) {
      return fail(ErrorCode::limit_exceeded, "The part `request` is too long; shorten the texts.");
    }
    has_request = true;
    form.request_json = content;
    return {};
  }
  const bool in_pieces = header->name == "upload";
  if (header->name != "file" && !in_pieces) {
    return malformed("a part is neither `request` nor `file` nor `upload`");
  }
  if (form.files.size() == kMaxUploadFiles) {
    return fail(ErrorCode::limit_exceeded,
                "At most " + std::to_string(kMaxUploadFiles) + " files may be sent at a time.");
  }
  if (content.size() > kMaxFileBytes) {
    return fail(ErrorCode::limit_exceeded, "A file is larger than " +
                                               std::to_string(kMaxFileBytes >> 20) +
                                               " MiB. Export a smaller one.");
  }
  if (in_pieces) {
    if (!is_record_id(content)) return malformed("a part `upload` holds no id of an upload");
    form.files.push_back({std::string(kInPieces), std::string(content), {}});
    return {};
  }
  const auto bytes = as_bytes(content);
  form.files.push_back({"web", header->file_name, Bytes(bytes.begin(), bytes.end())});
  return {};
}

/// Gives whether there is a part `request`.
Result<bool> take_parts(UploadForm& form, std::string_view content_type, ByteView body) {
  const auto boundary = multipart_boundary(content_type);
  if (!boundary) return tl::unexpected(boundary.error());
  PartWalker walker(*boundary, as_text(body));
  if (auto begun = walker.begin(); !begun) return tl::unexpected(begun.error());
  bool has_request = false;
  while (!walker.at_end()) {
    const auto part = walker.take();
    if (!part) return tl::unexpected(part.error());
    if (auto taken = take_part(form, has_request, *part); !taken) {
      return tl::unexpected(taken.error());
    }
  }
  return has_request;
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
  const auto type = parse_parameterised(content_type);
  if (!type || type->value != "multipart/form-data") {
    return malformed("the Content-Type is not multipart/form-data");
  }
  const auto boundary = type->parameter("boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundaryBytes ||
      boundary->back() == ' ' ||
      !std::all_of(boundary->begin(), boundary->end(), is_boundary_character)) {
    return malformed("the Content-Type has no valid boundary");
  }
  return std::string(*boundary);
}

Result<UploadForm> parse_upload(std::string_view content_type, ByteView body) {
  UploadForm form;
  const auto has_request = take_parts(form, content_type, body);
  if (!has_request) return tl::unexpected(has_request.error());
  if (!*has_request) {
    return fail(ErrorCode::missing_field, "The part `request` (JSON) is missing.");
  }
  return form;
}

Result<UploadedFile> parse_lone_file(std::string_view content_type, ByteView body) {
  UploadForm form;
  const auto has_request = take_parts(form, content_type, body);
  if (!has_request) return tl::unexpected(has_request.error());
  if (*has_request) return malformed("a part is not `file`");
  if (form.files.empty()) return fail(ErrorCode::no_exam, "Add the exam (part `file`).");
  if (form.files.front().source == kInPieces) return malformed("a part is not `file`");
  if (form.files.size() > 1) {
    return fail(ErrorCode::limit_exceeded, "Send one exam with each request (one part `file`).");
  }
  return std::move(form.files.front());
}

}  // namespace telavis
