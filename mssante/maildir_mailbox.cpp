// SPDX-License-Identifier: Apache-2.0
#include "mssante/maildir_mailbox.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "engine/core/durable_file.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUidsFile = "telavis-uids";
constexpr std::size_t kMaxUidsBytes = std::size_t{64} << 20;  // some 500,000 mails
// As of mails by IMAP (ImapMailboxLimits): of one, and of those of one call together.
constexpr std::size_t kMaxMailBytes = std::size_t{50} << 20;
constexpr std::size_t kMaxBatchBytes = std::size_t{64} << 20;

struct Known {
  std::uint32_t validity = 0;                 // 0: there is no file yet
  std::map<std::string, std::uint32_t> uids;  // by the mail's name, without flags
  std::uint32_t last = 0;
};
struct Found {
  fs::path file;
  std::string name;
  fs::file_time_type written;
};

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

/// The first line is the UIDVALIDITY, each other one "<uid> <name>".
Result<Known> read_known(const fs::path& folder) {
  Known known;
  const auto bytes = read_whole(folder / kUidsFile, kMaxUidsBytes);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return known;
  if (!bytes) return tl::unexpected(bytes.error());
  std::string_view text = as_text(*bytes);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // what a crash left of a line
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t space = known.validity == 0 ? line.size() : line.find(' ');
    const auto number = number_of(line.substr(0, space));
    if (!number ||
        (known.validity != 0 && (space == std::string_view::npos || *number <= known.last)))
      return fail(
          ErrorCode::malformed_file,
          "telavis-uids of a Maildir was changed: take it away, and its mails are read anew.");
    if (known.validity == 0) {
      known.validity = *number;
      continue;
    }
    known.uids.emplace(line.substr(space + 1), *number);
    known.last = *number;
  }
  return known;
}

Result<std::vector<Found>> list_mails(const fs::path& folder) {
  std::vector<Found> found;
  for (const char* part : {"new", "cur"}) {
    std::error_code error;
    fs::directory_iterator entry(folder / part, error);
    if (error == std::errc::no_such_file_or_directory) continue;
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      std::error_code gone;  // moved by a reader meanwhile: it is found the next time
      const bool regular = entry->symlink_status(gone).type() == fs::file_type::regular;
      const auto written = gone ? fs::file_time_type() : entry->last_write_time(gone);
      std::string name = entry->path().filename().native();
      if (gone || !regular || name.starts_with('.') || name.find('\n') != std::string::npos)
        continue;
      name.erase(std::min(name.find(':'), name.size()));
      found.push_back({entry->path(), std::move(name), written});
    }
    if (error) return fail(ErrorCode::storage_failed, "listing a Maildir: " + error.message());
  }
  return found;
}

/// In the order in which they are given: those with a number, then the new ones.
void sort_mails(std::vector<Found>& mails, const Known& known) {
  const auto rank = [&](const Found& mail) {
    const auto uid = known.uids.find(mail.name);
    return std::tuple(uid == known.uids.end(), uid == known.uids.end() ? 0U : uid->second,
                      mail.written, mail.name);
  };
  std::ranges::sort(mails, {}, rank);
}

Result<std::optional<FetchedMail>> read_mail_file(const fs::path& file) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  if (error) return std::nullopt;
  FetchedMail mail;
  mail.size = size;
  if (size > kMaxMailBytes) {
    mail.gap = MailGap::too_large;
    return mail;
  }
  auto bytes = read_whole(file, kMaxMailBytes);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return std::nullopt;
  if (!bytes) return tl::unexpected(bytes.error());
  mail.mime = std::move(*bytes);
  return mail;
}

/// Gives the mail its number. Nothing is on the disk that was not there before when it fails.
Result<void> number_mail(const fs::path& folder, Known& known, const std::string& name) {
  const std::uint32_t uid = known.last + 1;
  auto written = append_line_durably(folder / kUidsFile, std::to_string(uid) + " " + name + "\n");
  if (!written) return written;
  known.uids.emplace(name, uid);
  known.last = uid;
  return {};
}

}  // namespace

Result<std::vector<FetchedMail>> MaildirMailbox::fetch_after(const MailboxCursor& cursor,
                                                             std::size_t limit) {
  auto known = read_known(folder_);
  if (!known) return tl::unexpected(known.error());
  auto mails = list_mails(folder_);
  if (!mails) return tl::unexpected(mails.error());
  if (mails->empty()) return std::vector<FetchedMail>{};
  if (known->validity == 0) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch());
    known->validity = std::max(static_cast<std::uint32_t>(seconds.count()), 1U);
    const auto made =
        append_line_durably(folder_ / kUidsFile, std::to_string(known->validity) + "\n");
    if (!made) return tl::unexpected(made.error());
  }
  sort_mails(*mails, *known);
  const std::uint32_t after = cursor.uid_validity == known->validity ? cursor.last_uid : 0;
  std::vector<FetchedMail> given;
  std::size_t bytes = 0;
  for (const Found& mail : *mails) {
    if (given.size() >= limit || bytes >= kMaxBatchBytes) break;
    const auto numbered = known->uids.find(mail.name);
    if (numbered != known->uids.end() && numbered->second <= after) continue;
    auto read = read_mail_file(mail.file);
    if (!read) return tl::unexpected(read.error());
    if (!*read) continue;
    if (numbered == known->uids.end()) {
      if (auto done = number_mail(folder_, *known, mail.name); !done)
        return tl::unexpected(done.error());
    }
    bytes += (*read)->mime.size();
    (*read)->cursor = {known->validity, known->uids.at(mail.name)};
    given.push_back(std::move(**read));
  }
  return given;
}

}  // namespace telavis
