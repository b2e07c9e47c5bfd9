// SPDX-License-Identifier: Apache-2.0
#include "mssante/maildir.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/core/durable_file.h"
#include "engine/core/mail_address.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

// Leaves room for ":2,<flags>" below NAME_MAX (255).
constexpr std::size_t kMaxKeyLength = 128;

bool is_message_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxKeyLength && key.front() != '.' &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

/// Whether a reader has taken the message from new/ to cur/.
Result<bool> was_read(const fs::path& cur, const std::string& key) {
  std::error_code error;
  fs::directory_iterator entry(cur, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().native();
    if (name.starts_with(key) && (name.size() == key.size() || name[key.size()] == ':'))
      return true;
  }
  if (error) return fail(ErrorCode::storage_failed, "listing a mail folder: " + error.message());
  return false;
}

Result<void> deliver(const fs::path& mailbox, const std::string& key, ByteView mime) {
  for (const char* folder : {"tmp", "new", "cur"}) {
    if (auto made = make_folder_durably(mailbox / folder); !made) return made;
  }
  auto read = was_read(mailbox / "cur", key);
  if (!read) return tl::unexpected(read.error());
  if (*read) return {};
  const auto written = write_durably(mailbox / "tmp", mailbox / "new" / key, mime, IfPresent::keep);
  if (!written) return tl::unexpected(written.error());
  if (*written == WriteOutcome::kept) return {};
  // A reader may have moved the first copy between the look into cur/ and the link.
  read = was_read(mailbox / "cur", key);
  if (!read) return tl::unexpected(read.error());
  std::error_code error;
  if (*read) fs::remove(mailbox / "new" / key, error);  // absent: the one copy is the reader's
  if (error)
    return fail(ErrorCode::storage_failed, "removing a second copy of a mail: " + error.message());
  return {};
}

}  // namespace

SendResult MaildirMailer::send(const Envelope& envelope, ByteView mime) {
  if (!is_address(envelope.to))
    return {SendOutcome::refused, "the recipient's address is not usable; correct it"};
  if (!is_message_key(envelope.message_key))
    return {SendOutcome::refused, "the message key cannot name a file"};
  if (auto made = make_folder_durably(root_); !made) return {SendOutcome::retry, made.error().text};
  if (auto delivered = deliver(root_ / envelope.to, envelope.message_key, mime); !delivered)
    return {SendOutcome::retry, delivered.error().text};
  return {SendOutcome::accepted, ""};
}

}  // namespace telavis
