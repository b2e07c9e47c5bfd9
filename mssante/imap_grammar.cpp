// SPDX-License-Identifier: Apache-2.0
#include "mssante/imap_grammar.h"
#include "formats/text.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

namespace telavis {
namespace {

// Of one response: we ask for one body at a time; what comes unasked has a few.
constexpr std::size_t kMaxLiterals = 64;
constexpr std::size_t kMaxResponseCode = 32;  // the longest registered one has 21 letters
constexpr std::size_t kMaxArgument =
    1'024;  // of a code; longer ones name flags, which are not used

tl::unexpected<Error> not_imap(std::string_view what) {
  return fail(ErrorCode::mail_unreachable,
              "The mail server's answer is not understood (" + std::string(what) +
                  "): it is asked again; if that goes on, show it to the mailbox's operator.");
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return upper(c); });
  return out;
}

template <typename Number>
std::optional<Number> number_in(std::string_view digits) {
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return number;
}

/// The first word, taken off.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

std::optional<ImapStatus> status_named(std::string_view word) {
  const std::string name = upper(word);
  if (name == "OK") return ImapStatus::ok;
  if (name == "NO") return ImapStatus::no;
  if (name == "BAD") return ImapStatus::bad;
  if (name == "PREAUTH") return ImapStatus::preauth;
  if (name == "BYE") return ImapStatus::bye;
  return std::nullopt;
}

/// The length in "... {310}" at the end of a line, with the forms "{310+}" and "~{310}".
std::optional<std::string_view> announced_length(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  return digits;
}

/// The free text of a status response may end like an announced literal; it has none.
bool may_have_literals(std::string_view line) {
  if (take_word(line) != "*") return false;
  return !status_named(take_word(line));
}

// ---- one response -------------------------------------------------------------------------------

/// Reads a response from its start to its end. Each step that cannot be taken gives false or
/// nullopt, and the response is none.
class Parser {
 public:
  Parser(std::string_view line, std::span<Bytes> literals) : rest_(line), literals_(literals) {}

  std::optional<ImapResponse> response() {
    ImapResponse response;
    if (rest_.empty()) return ImapResponse{"*", ImapIgnored{}};
    if (rest_.front() == '+') return ImapResponse{"+", ImapIgnored{}};
    response.tag = take_word(rest_);
    if (response.tag.empty()) return std::nullopt;
    const bool read = response.tag == "*" ? untagged(response) : tagged(response);
    if (!read) return std::nullopt;
    return response;
  }

 private:
  bool tagged(ImapResponse& response) {
    const auto status = status_named(take_word(rest_));
    if (!status || *status == ImapStatus::bye || *status == ImapStatus::preauth) return false;
    response.what = condition(*status);
    return true;
  }

  bool untagged(ImapResponse& response) {
    const std::string_view word = take_word(rest_);
    if (word.empty()) return false;
    if (is_digit(word.front())) return numbered(word, response);
    if (const auto status = status_named(word)) {
      response.what = condition(*status);
      return true;
    }
    const std::string name = upper(word);
    if (name == "SEARCH") return search(response);
    if (name == "ESEARCH") return extended_search(response);
    return true;
  }

  bool numbered(std::string_view digits, ImapResponse& response) {
    const auto number = number_in<std::uint32_t>(digits);
    if (!number) return false;
    const std::string name = upper(take_word(rest_));
    if (name == "EXISTS") response.what = ImapExists{*number};
    return name == "FETCH" ? fetch(response) : !name.empty();
  }

  /// resp-text: "[CODE argument] words for a person".
  ImapCondition condition(ImapStatus status) {
    ImapCondition condition;
    condition.status = status;
    const std::size_t close = rest_.find(']');
    if (!rest_.starts_with('[') || close == std::string_view::npos) return condition;
    std::string_view inside = rest_.substr(1, close - 1);
    const std::string code = upper(take_word(inside));
    const bool plain = code.size() <= kMaxResponseCode && std::ranges::all_of(code, [](char c) {
                         return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-';
                       });
    if (!plain) return condition;
    condition.code = code;
    if (inside.size() <= kMaxArgument) condition.argument = inside;
    return condition;
  }

  bool search(ImapResponse& response) {
    ImapSearch search;
    // A server with CONDSTORE may add "(MODSEQ 917162500)".
    while (!rest_.empty() && rest_.front() != '(') {
      const std::string_view word = take_word(rest_);
      if (word.empty()) continue;
      const auto uid = number_in<std::uint32_t>(word);
      if (!uid || *uid == 0) return false;
      search.found.push_back({*uid, *uid});
    }
    response.what = std::move(search);
    return true;
  }

  /// "(TAG "A282") UID ALL 4:18,21 COUNT 17"
  bool extended_search(ImapResponse& response) {
    ImapSearch search;
    bool of_uids = false;
    if (rest_.starts_with('(') && !(skip_value() && skip_space_or_end())) return false;
    while (!rest_.empty()) {
      const std::string name = upper(take_word(rest_));
      if (name == "UID") {
        of_uids = true;
      } else if (name == "ALL") {
        if (!uid_set(take_word(rest_), search.found)) return false;
      } else if (!(skip_value() && skip_space_or_end())) {
        return false;
      }
    }
    if (!of_uids && !search.found.empty()) return false;
    response.what = std::move(search);
    return true;
  }

  static bool uid_set(std::string_view set, std::vector<ImapUids>& found) {
    while (true) {
      const std::size_t end = std::min(set.find(','), set.size());
      const std::string_view part = set.substr(0, end);
      const std::size_t colon = std::min(part.find(':'), part.size());
      const auto one = number_in<std::uint32_t>(part.substr(0, colon));
      const auto other =
          colon == part.size() ? one : number_in<std::uint32_t>(part.substr(colon + 1));
      if (!one || !other || *one == 0 || *other == 0) return false;
      found.push_back({std::min(*one, *other), std::max(*one, *other)});
      if (end == set.size()) return true;
      set.remove_prefix(end + 1);
    }
  }

  // ---- FETCH

  bool fetch(ImapResponse& response) {
    ImapFetch fetch;
    if (!take('(')) return false;
    while (!take(')')) {
      if (!item(fetch)) return false;
      if (!take(' ') && !rest_.starts_with(')')) return false;
    }
    if (!rest_.empty() || next_literal_ != literals_.size()) return false;
    response.what = std::move(fetch);
    return true;
  }

  bool item(ImapFetch& fetch) {
    const std::size_t end = std::min(rest_.find_first_of(" [()\"{"), rest_.size());
    const std::string name = upper(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (name.empty()) return false;
    bool whole = false;
    if (rest_.starts_with('[') && !section(whole)) return false;
    if (!take(' ')) return false;
    if (name == "BODY" && whole) return body(fetch);
    if (name == "UID") return uid(fetch);
    if (name == "RFC822.SIZE") return size(fetch);
    return skip_value();
  }

  /// "[HEADER.FIELDS (DATE FROM)]<0>"; `whole`: "[]", from the first byte on.
  bool section(bool& whole) {
    const std::size_t close = rest_.find(']');
    if (close == std::string_view::npos) return false;
    whole = close == 1;
    rest_.remove_prefix(close + 1);
    if (!take('<')) return true;
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos) return false;
    const auto origin = number_in<std::uint64_t>(rest_.substr(0, end));
    if (!origin) return false;
    whole = whole && *origin == 0;
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool body(ImapFetch& fetch) {
    if (at_literal()) {
      Bytes* const bytes = take_literal();
      if (bytes == nullptr) return false;
      fetch.body = std::move(*bytes);
      return true;
    }
    if (rest_.starts_with('"')) {
      std::string text;
      if (!quoted(&text)) return false;
      const ByteView bytes = as_bytes(text);
      fetch.body = Bytes(bytes.begin(), bytes.end());
      return true;
    }
    return upper(atom()) == "NIL";
  }

  bool uid(ImapFetch& fetch) {
    fetch.uid = number_in<std::uint32_t>(atom());
    return fetch.uid && *fetch.uid != 0;
  }
  bool size(ImapFetch& fetch) {
    fetch.size = number_in<std::uint64_t>(atom());
    return fetch.size.has_value();
  }

  // ---- values

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool skip_space_or_end() { return take(' ') || rest_.empty(); }

  std::string_view atom() {
    const std::size_t end = std::min(rest_.find_first_of(" ()\"{"), rest_.size());
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }

  bool at_literal() const { return rest_.starts_with('{') || rest_.starts_with("~{"); }
  Bytes* take_literal() {
    const std::size_t close = rest_.find('}');
    if (close == std::string_view::npos || next_literal_ == literals_.size()) return nullptr;
    Bytes& bytes = literals_[next_literal_++];
    const auto length = announced_length(rest_.substr(0, close + 1));
    if (!length || number_in<std::uint64_t>(*length) != bytes.size()) return nullptr;
    rest_.remove_prefix(close + 1);
    return &bytes;
  }

  bool quoted(std::string* text) {
    if (!take('"')) return false;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      if (text != nullptr) *text += rest_[i];
    }
    return false;
  }

  /// One atom, string or list, however deep.
  bool skip_value() {
    std::size_t depth = 0;
    do {
      if (take('(')) {
        ++depth;
      } else if (depth > 0 && take(')')) {
        --depth;
      } else if (depth > 0 && take(' ')) {
        continue;
      } else if (at_literal()) {
        if (take_literal() == nullptr) return false;
      } else if (rest_.starts_with('"')) {
        if (!quoted(nullptr)) return false;
      } else if (atom().empty()) {
        return false;
      }
    } while (depth > 0);
    return true;
  }

  std::string_view rest_;
  std::span<Bytes> literals_;
  std::size_t next_literal_ = 0;
};

}  // namespace

bool ImapReader::fill_literal() {
  if (missing_ == 0) return true;
  const auto count = std::min<std::uint64_t>(missing_, buffer_.size() - at_);
  const ByteView bytes = as_bytes(std::string_view(buffer_).substr(at_, count));
  literals_.back().insert(literals_.back().end(), bytes.begin(), bytes.end());
  at_ += count;
  seen_ = at_;
  missing_ -= count;
  return missing_ == 0;
}

Result<bool> ImapReader::fill_line() {
  const std::size_t end = buffer_.find('\n', seen_);
  const bool whole = end != std::string::npos;
  const std::string_view piece =
      std::string_view(buffer_).substr(at_, whole ? end - at_ : std::string_view::npos);
  if (line_.size() + piece.size() > limits_.line) return not_imap("a line above the limit");
  if (!whole) {
    seen_ = buffer_.size();
    return false;
  }
  piece_at_ = line_.size();
  line_ += piece.ends_with('\r') ? piece.substr(0, piece.size() - 1) : piece;
  at_ = end + 1;
  seen_ = at_;
  return true;
}

Result<void> ImapReader::begin_literal(std::uint64_t length) {
  if (length > limits_.literals - literal_bytes_) return not_imap("a literal above the limit");
  if (literals_.size() == kMaxLiterals) return not_imap("too many literals");
  literals_.emplace_back().reserve(length);
  literal_bytes_ += length;
  missing_ = length;
  return {};
}

Result<std::optional<ImapResponse>> ImapReader::next() {
  while (fill_literal()) {
    const auto filled = fill_line();
    if (!filled) return tl::unexpected(filled.error());
    if (!*filled) break;
    const auto digits = announced_length(std::string_view(line_).substr(piece_at_));
    if (digits && may_have_literals(line_)) {
      const auto length = number_in<std::uint64_t>(*digits);
      if (!length) return not_imap("a literal above the limit");
      if (auto begun = begin_literal(*length); !begun) return tl::unexpected(begun.error());
      continue;
    }
    auto response = Parser(line_, literals_).response();
    line_.clear();
    literals_.clear();
    literal_bytes_ = 0;
    if (!response) return not_imap("a response that is none");
    return Result<std::optional<ImapResponse>>(std::move(response));
  }
  buffer_.erase(0, at_);
  seen_ -= at_;
  at_ = 0;
  return std::nullopt;
}

}  // namespace telavis
