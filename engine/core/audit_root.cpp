// SPDX-License-Identifier: Apache-2.0
#include "engine/core/audit_root.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "engine/core/json_reader.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRootLine = 1024;  // the header has 350 bytes
constexpr std::size_t kMaxChainName = 100;  // ids have 26
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kSignatureDigits = 128;
constexpr std::size_t kMaxVersion = 50;
constexpr std::int64_t kMaxNumber = 1'000'000'000;          // a root a second for thirty years
constexpr std::int64_t kMaxLength = 1'000'000'000'000'000;  // exact in a JSON number

// The seal key signs opinions too: what it signs here says what it is.
constexpr std::string_view kSigned = "telavis audit root ";

std::string signed_words(const std::string& hash) {
  return std::string(kSigned) + hash;
}

std::string lines_above(const AuditRootContent& content) {
  json::object header{
      {"root", content.number}, {"at", format_utc(content.at)}, {"previous", content.previous}};
  if (content.previous_exported_at)
    header["previous_exported_at"] = format_utc(*content.previous_exported_at);
  header["public_key"] = content.public_key;
  header["engine"] = content.engine;
  std::string text = json::serialize(header) + "\n";
  for (const ChainHead& head : content.heads) {
    text += json::serialize(json::object{
        {"chain", head.chain}, {"length", head.head.length}, {"head", head.head.hash}});
    text += '\n';
  }
  return text;
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string hex(JsonReader& reader, std::string_view name, std::size_t digits) {
  std::string value = reader.text(name, digits);
  if (!value.empty() && !is_hex(value, digits)) reader.wrong(name, "is no hexadecimal value");
  return value;
}

Instant instant(JsonReader& reader, std::string_view name) {
  const std::string text = reader.text(name, kMaxVersion);
  if (text.empty()) return {};
  const auto parsed = parse_instant(text);
  if (!parsed) reader.wrong(name, "is no instant");
  return parsed.value_or(Instant());
}

Result<void> read_header(std::string_view line, AuditRootContent& content) {
  JsonReader reader(line);
  content.number = reader.number("root", 1, kMaxNumber);
  content.at = instant(reader, "at");
  if (content.number > 1) {
    content.previous = hex(reader, "previous", kHashDigits);
  } else {
    content.previous = reader.optional_text("previous", 0);
  }
  if (reader.has("previous_exported_at"))
    content.previous_exported_at = instant(reader, "previous_exported_at");
  content.public_key = hex(reader, "public_key", kHashDigits);
  content.engine = reader.text("engine", kMaxVersion);
  return reader.finish();
}

Result<void> read_head(std::string_view line, std::vector<ChainHead>& heads) {
  JsonReader reader(line);
  ChainHead head;
  head.chain = reader.text("chain", kMaxChainName);
  head.head.length = reader.number("length", 1, kMaxLength);
  head.head.hash = hex(reader, "head", kHashDigits);
  if (!heads.empty() && heads.back().chain >= head.chain)
    reader.wrong("chain", "is not in the order of the names, each once");
  heads.push_back(std::move(head));
  return reader.finish();
}

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::malformed_request, "This is no root document: " + std::string(what) + ".");
}

/// The lines of a text that ends with a line break.
Result<std::vector<std::string_view>> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return malformed("its last line is cut off");
    if (end > kMaxRootLine) return malformed("a line is too long");
    if (lines.size() == kMaxRootHeads + 2)
      return fail(ErrorCode::limit_exceeded, "This root document names too many chains.");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 2) return malformed("it has no header or no signature");
  return lines;
}

}  // namespace

SignedRoot sign_root(AuditRootContent content, const SealKey& key) {
  content.public_key = key.public_key();
  std::sort(content.heads.begin(), content.heads.end(),
            [](const ChainHead& left, const ChainHead& right) { return left.chain < right.chain; });
  SignedRoot root{std::move(content), {}, {}};
  root.hash = hash_hex(lines_above(root.content));
  root.signature = key.sign(signed_words(root.hash));
  return root;
}

std::string root_document(const SignedRoot& root) {
  return lines_above(root.content) +
         json::serialize(json::object{{"hash", root.hash}, {"signature", root.signature}}) + "\n";
}

Result<SignedRoot> parse_root(std::string_view document) {
  const auto lines = lines_of(document);
  if (!lines) return tl::unexpected(lines.error());
  SignedRoot root;
  if (auto read = read_header(lines->front(), root.content); !read)
    return tl::unexpected(read.error());
  root.content.heads.reserve(lines->size() - 2);
  for (std::size_t i = 1; i + 1 < lines->size(); ++i) {
    if (auto read = read_head((*lines)[i], root.content.heads); !read)
      return tl::unexpected(read.error());
  }
  JsonReader last(lines->back());
  root.hash = hex(last, "hash", kHashDigits);
  root.signature = hex(last, "signature", kSignatureDigits);
  if (auto read = last.finish(); !read) return tl::unexpected(read.error());
  // One way to write a root only: nothing rides along that the signature does not cover.
  if (root_document(root) != document) return malformed("it is not written as an engine writes it");
  if (hash_hex(lines_above(root.content)) != root.hash)
    return fail(ErrorCode::crypto_failed, "The root document was changed: its hash is another.");
  if (!verify_seal(root.content.public_key, signed_words(root.hash), root.signature))
    return fail(ErrorCode::crypto_failed, "The signature of the root document is not good.");
  return root;
}

std::string root_file_name(std::int64_t number) {
  return fmt::format("audit-root-{:06}.jsonl", number);
}

Result<bool> root_is_due(const RootSchedule& schedule, std::optional<Instant> last, Instant now) {
  const auto day_of = [&](Instant instant) -> Result<std::int64_t> {
    const auto offset = utc_offset(instant, schedule.time_zone);
    if (!offset) return tl::unexpected(offset.error());
    const auto wall = instant.time_since_epoch() + offset->ahead - schedule.at;
    return std::chrono::floor<std::chrono::days>(wall).count();
  };
  if (!last || *last > now) return true;
  const auto today = day_of(now);
  if (!today) return today.map([](std::int64_t) { return false; });
  const auto rooted = day_of(*last);
  if (!rooted) return rooted.map([](std::int64_t) { return false; });
  return *rooted < *today;
}

}  // namespace telavis
