// SPDX-License-Identifier: Apache-2.0
// The member `mail` of the configuration: operators' servers and the mailboxes there.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/json_reader.h"
#include "mssante/mail_connection.h"

namespace telavis {

struct MailboxConfig {
  MailAccount submission;
  std::optional<MailAccount> imap;   // none: nothing is read there
  std::filesystem::path token_file;  // either of the two, or neither
  std::vector<std::string> token_command;
};

struct MailConfig {
  std::vector<MailboxConfig> mailboxes;  // empty: mails are dropped into Maildir folders
  bool delivery_reports = true;
  std::chrono::seconds first_retry{60};   // MailRules
  std::chrono::seconds poll{30};          // how often each mailbox is looked at
  std::size_t answers_an_hour = 30;       // MailRules
  std::chrono::days of_no_case_kept{90};  // mails that led to no case
};

/// Fills in `mail` when the configuration has it. Errors: as JsonReader::finish.
Result<void> read_mail(JsonReader& reader, MailConfig& mail);

/// What gives the token of a mailbox, nullptr when its login needs none. Made once, asked for each
/// connection.
std::shared_ptr<TokenSource> tokens_of(const MailboxConfig& mailbox);

/// The private keys that the mailboxes name are nobody else's to read. Errors: not_found,
/// configuration_invalid (says the chmod that is needed), storage_failed.
Result<void> check_mail_keys(const MailConfig& mail);

}  // namespace telavis
