// SPDX-License-Identifier: Apache-2.0
#include "engine/backup/erasure_log.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/core/durable_file.h"
#include "engine/core/json_reader.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxText = 64;                         // an id, an instant
constexpr std::size_t kUnsettled = 100;                      // more than requests at one time
constexpr std::size_t kMaxListBytes = std::size_t{1} << 30;  // ten million lines

}  // namespace

std::string erasure_line(const Erasure& erasure) {
  boost::json::object line{{"case", erasure.id.value}, {"at", format_utc(erasure.at)}};
  if (erasure.kept) line["kept"] = true;
  return boost::json::serialize(line) + "\n";
}

Result<void> ErasureLog::append(const Erasure& erasure) {
  const std::lock_guard lock(mutex_);
  return append_line_durably(file_, erasure_line(erasure));
}

Result<void> ErasureLog::settle(Repository& repository, Instant now) {
  if (!std::filesystem::exists(file_)) return {};
  const auto lines = read_erasures(file_);
  if (!lines) return tl::unexpected(lines.error());
  std::map<CaseId, bool> last;
  for (const Erasure& one : std::span(*lines).last(std::min(lines->size(), kUnsettled)))
    last[one.id] = one.kept;
  for (const auto& [id, is_kept] : last) {
    const auto subject = repository.load_case(id);
    if (!subject) return tl::unexpected(subject.error());
    if (!*subject || is_kept || (*subject)->erased_at) continue;
    if (auto written = kept(id, now); !written) return written;
  }
  return {};
}

Result<std::vector<Erasure>> read_erasures(const std::filesystem::path& file) {
  const auto bytes = read_whole(file, kMaxListBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  std::string_view rest = as_text(*bytes);
  std::vector<Erasure> erasures;
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    JsonReader reader(rest.substr(0, end));
    Erasure one{CaseId(reader.text("case", kMaxText)), {}};
    one.kept = reader.boolean("kept", false);
    const auto at = parse_instant(reader.text("at", kMaxText));
    if (auto read = reader.finish(); !read || !at) {
      return fail(ErrorCode::configuration_invalid,
                  "Line " + std::to_string(erasures.size() + 1) +
                      " of the list of erasures is none: give the file as the node wrote it.");
    }
    one.at = *at;
    erasures.push_back(std::move(one));
    rest.remove_prefix(end + 1);
  }
  return erasures;
}

}  // namespace telavis
