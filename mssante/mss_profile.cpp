// SPDX-License-Identifier: Apache-2.0
#include "mssante/mss_profile.h"

#include <algorithm>

#include "engine/core/mail_address.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxNil = 200;        // a product's reference; one header line takes 998
constexpr std::size_t kMaxReferences = 20;  // RFC 5537, 3.4.4 keeps the first and the last ones
// Headers of a mail, its text's encoding, and those of one part with a long name (RFC 2231).
constexpr std::size_t kHeaderBytes = 4096;
constexpr std::size_t kPartHeaderBytes = 1536;

/// Base64 in lines of 76 characters (RFC 2045, 6.8).
std::size_t base64_size(std::size_t bytes) {
  const std::size_t characters = (bytes + 2) / 3 * 4;
  return characters + (characters / 76 + 1) * 2;
}

tl::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(ErrorCode::configuration_invalid,
              "mss_profile." + std::string(member) + " " + std::string(what));
}

}  // namespace

Result<void> check_profile(const MssProfile& profile) {
  if (profile.nil.size() > kMaxNil ||
      !std::ranges::all_of(profile.nil, [](char c) { return c > ' ' && c < '\x7F'; }))
    return wrong("nil", "is a product's reference: printable ASCII without spaces");
  if (!profile.reply_to.empty() && !is_address(profile.reply_to))
    return wrong("reply_to", "is not a mail address");
  if (!is_address("a@" + profile.citizen_domain)) return wrong("citizen_domain", "is not a domain");
  return {};
}

std::vector<std::pair<std::string, std::string>> profile_headers(const MssProfile& profile,
                                                                 const std::string& from) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (!profile.reply_to.empty())
    headers.emplace_back("Reply-To", profile.reply_to);
  else if (profile.mailbox_type == MailboxType::application)
    headers.emplace_back("Reply-To", from);
  if (!profile.nil.empty()) headers.emplace_back("X-MSS-NIL", profile.nil);
  return headers;
}

Result<std::vector<std::pair<std::string, std::string>>> thread_headers(
    const std::string& in_reply_to, const std::vector<std::string>& references) {
  std::vector<std::string> ids = references;
  if (!in_reply_to.empty() && (ids.empty() || ids.back() != in_reply_to))
    ids.push_back(in_reply_to);
  if (!std::ranges::all_of(ids, is_message_id))
    return fail(ErrorCode::invalid_field, "mail: in_reply_to or references is not local@domain");
  if (ids.size() > kMaxReferences) ids.erase(ids.begin() + 1, ids.end() - (kMaxReferences - 1));
  std::vector<std::pair<std::string, std::string>> headers;
  if (!in_reply_to.empty()) headers.emplace_back("In-Reply-To", "<" + in_reply_to + ">");
  std::string all;
  for (const std::string& id : ids) all += (all.empty() ? "<" : "\n <") + id + ">";
  if (!all.empty()) headers.emplace_back("References", all);
  return headers;
}

FittedParts fitted_parts(std::span<const MailDraft::Attachment> attachments, std::size_t text_bytes,
                         std::size_t limit) {
  const auto size_of = [](const MailDraft::Attachment& attachment) {
    return base64_size(attachment.bytes.size()) + kPartHeaderBytes;
  };
  // Quoted-printable triples a byte at most.
  std::size_t taken = kHeaderBytes + 3 * text_bytes;
  for (const auto& attachment : attachments) {
    if (!attachment.dispensable) taken += size_of(attachment);
  }
  FittedParts fitted;
  for (const auto& attachment : attachments) {
    const std::size_t size = attachment.dispensable ? size_of(attachment) : 0;
    if (attachment.dispensable && limit != 0 && taken + size > limit) {
      fitted.left_out += (fitted.left_out.empty() ? "" : ", ") + attachment.name;
      continue;
    }
    taken += size;
    fitted.parts.push_back(
        {attachment.media_type, attachment.bytes, PartEncoding::base64, attachment.name});
  }
  return fitted;
}

Result<void> check_mail_size(std::size_t bytes, std::size_t limit) {
  if (limit == 0 || bytes <= limit) return {};
  return fail(ErrorCode::limit_exceeded,
              "The mail would have " + std::to_string(bytes) +
                  " bytes, more than the operator takes (" + std::to_string(limit) +
                  "): send a smaller document, or raise the limit in mss_profile if the operator "
                  "takes more.");
}

}  // namespace telavis
