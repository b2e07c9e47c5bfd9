// SPDX-License-Identifier: Apache-2.0
#include "engine/mss_config.h"

#include <string>

namespace telavis {
namespace {

constexpr std::size_t kMaxMssText = 4096;
// No operator is known to take more than 25 MB; a mail is built in memory.
constexpr std::int64_t kMostMailBytes = 100'000'000;
constexpr std::int64_t kMostHours = 24 * 365;

MailboxType mailbox_type(const std::string& code) {
  if (code == "PER") return MailboxType::personal;
  if (code == "APP") return MailboxType::application;
  if (code == "CAB") return MailboxType::practice;
  return MailboxType::organisation;
}

}  // namespace

Result<void> read_mss_profile(JsonReader& reader, MssProfile& profile) {
  auto members = reader.object("mss_profile", false);
  if (!members) return {};
  const auto bytes = [&](const char* name, std::size_t& value) {
    if (members->has(name))
      value = static_cast<std::size_t>(members->number(name, 0, kMostMailBytes));
  };
  profile.nil = members->optional_text("nil", kMaxMssText);
  if (members->has("mailbox_type"))
    profile.mailbox_type =
        mailbox_type(members->choice("mailbox_type", {"PER", "ORG", "APP", "CAB"}));
  profile.reply_to = members->optional_text("reply_to", kMaxMssText);
  bytes("size_limit_bytes", profile.size_limit_bytes);
  bytes("citizen_size_limit_bytes", profile.citizen_size_limit_bytes);
  const std::string domain = members->optional_text("citizen_domain", kMaxMssText);
  if (!domain.empty()) profile.citizen_domain = domain;
  profile.test_identities = members->boolean("test_identities", profile.test_identities);
  if (auto read = members->finish(); !read) return read;
  return check_profile(profile);
}

Result<void> read_trust_list(JsonReader& reader, std::optional<TrustListOptions>& options) {
  auto members = reader.object("trust_list", false);
  if (!members) return {};
  TrustListOptions read;
  const auto hours = [&](const char* name, std::chrono::hours& value) {
    if (members->has(name)) value = std::chrono::hours(members->number(name, 1, kMostHours));
  };
  read.url = members->optional_text("url", kMaxMssText);
  read.ca_file = members->optional_text("ca_file", kMaxMssText);
  read.signature_ca_file = members->optional_text("signature_ca_file", kMaxMssText);
  read.signer = members->optional_text("signer", kMaxMssText);
  read.signature_required = members->boolean("signature_required", read.signature_required);
  hours("refresh_hours", read.refresh);
  hours("alert_age_hours", read.alert_age);
  hours("max_age_hours", read.max_age);
  if (!read.url.empty() && !read.url.starts_with("https://"))
    members->wrong("url", "must begin with https://");
  if (!read.url.empty() && read.ca_file.empty())
    members->wrong("ca_file", "must name the authorities that vouch for the URL");
  if (read.signature_required && read.ca_file.empty() && read.signature_ca_file.empty())
    members->wrong("signature_ca_file", "must name the authorities that vouch for the signer");
  if (read.alert_age > read.max_age)
    members->wrong("alert_age_hours", "must not be more than max_age_hours");
  options = std::move(read);
  return members->finish();
}

}  // namespace telavis
