// SPDX-License-Identifier: Apache-2.0
#include "mssante/mail_reader.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/crypto.h"
#include "engine/core/mail_address.h"
#include "engine/core/mail_lines.h"
#include "formats/text.h"
#include "mssante/gmime_lock.h"
#include "mssante/gmime_owned.h"
#include "mssante/mail_parts.h"
#include "mssante/mail_reports.h"

namespace telavis {
namespace {

struct FreeOptions {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};
using Options = std::unique_ptr<GMimeParserOptions, FreeOptions>;

constexpr std::size_t kMaxHeaderValue = 4'000;  // a subject; a name is far shorter
constexpr std::size_t kMaxAddresses = 200;
constexpr int kMaxHeaders = 2'000;  // a mail has some fifty, a list's fan-out a hundred

Options lenient() {
  Options options(g_mime_parser_options_new());
  g_mime_parser_options_set_rfc2047_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
  g_mime_parser_options_set_address_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
  g_mime_parser_options_set_parameter_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
  const char* charsets[] = {"utf-8", "windows-1252", nullptr};
  g_mime_parser_options_set_fallback_charsets(options.get(), charsets);
  return options;
}

std::string cut_text(std::string text) {
  if (text.size() <= kMaxHeaderValue) return text;
  text.resize(kMaxHeaderValue);
  while (!text.empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.pop_back();
  return text;
}

struct Header {
  MailFields fields;  // decoded
  std::map<std::string, int> counts;
};

/// Encoded words in base64 (RFC 2047, 4.1) written as quoted ones: gmime takes words that follow
/// each other as one base64 text, and drops what stands behind the padding of the first.
std::string without_base64_words(std::string_view raw) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  while (!raw.empty()) {
    const std::size_t begin = raw.find("=?");
    const std::size_t mark = begin == std::string_view::npos ? begin : raw.find('?', begin + 2);
    const bool base64 = mark != std::string_view::npos && mark + 3 < raw.size() &&
                        (raw[mark + 1] == 'B' || raw[mark + 1] == 'b') && raw[mark + 2] == '?';
    const std::size_t end = base64 ? raw.find("?=", mark + 3) : std::string_view::npos;
    if (end == std::string_view::npos) {
      const std::size_t passed = begin == std::string_view::npos ? raw.size() : begin + 2;
      out += raw.substr(0, passed);
      raw.remove_prefix(passed);
      continue;
    }
    const std::string coded(raw.substr(mark + 3, end - mark - 3));
    gsize size = 0;
    guchar* const bytes = g_base64_decode(coded.c_str(), &size);
    out += std::string(raw.substr(0, mark)) + "?Q?";
    for (gsize i = 0; i < size; ++i) {
      out += '=';
      out += kHex[bytes[i] >> 4U];
      out += kHex[bytes[i] & 15U];
    }
    g_free(bytes);
    out += "?=";
    raw.remove_prefix(end + 2);
  }
  return out;
}

Header header_of(GMimeMessage* message, GMimeParserOptions* options) {
  Header header;
  GMimeHeaderList* list = g_mime_object_get_header_list(GMIME_OBJECT(message));
  const int count = std::min(g_mime_header_list_get_count(list), kMaxHeaders);
  for (int i = 0; i < count; ++i) {
    GMimeHeader* one = g_mime_header_list_get_header_at(list, i);
    const char* name = g_mime_header_get_name(one);
    if (name == nullptr) continue;
    const char* raw = g_mime_header_get_raw_value(one);
    char* const line = g_mime_utils_header_unfold(raw == nullptr ? "" : raw);
    char* const value =
        g_mime_utils_header_decode_text(options, without_base64_words(line).c_str());
    g_free(line);
    const std::string key = lowered(name);
    ++header.counts[key];
    header.fields.emplace(key, header_text(value));
    g_free(value);
  }
  return header;
}

/// As written, for what has a structure of its own.
std::string raw_value(GMimeMessage* message, const char* name) {
  GMimeHeader* header =
      g_mime_header_list_get_header(g_mime_object_get_header_list(GMIME_OBJECT(message)), name);
  const char* raw = header == nullptr ? nullptr : g_mime_header_get_raw_value(header);
  return raw == nullptr ? std::string() : std::string(raw);
}

/// gmime keeps it with the body.
std::string content_type(GMimeMessage* message) {
  GMimeObject* body = g_mime_message_get_mime_part(message);
  if (body == nullptr) return {};
  GMimeHeader* header =
      g_mime_header_list_get_header(g_mime_object_get_header_list(body), "Content-Type");
  const char* raw = header == nullptr ? nullptr : g_mime_header_get_raw_value(header);
  return raw == nullptr ? std::string() : std::string(raw);
}

struct Address {
  std::string label;
  std::string address;  // in lower case; empty when it is none
};

void collect(InternetAddressList* list, std::vector<Address>& out, int depth) {
  constexpr int kMaxGroups = 3;
  for (int i = 0; list != nullptr && i < internet_address_list_length(list); ++i) {
    if (out.size() >= kMaxAddresses) return;
    InternetAddress* one = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(one)) {
      if (depth < kMaxGroups) {
        collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), out, depth + 1);
      }
      continue;
    }
    const char* name = internet_address_get_name(one);
    const char* address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
    std::string bare = lowered(header_text(address == nullptr ? "" : address));
    if (!is_address(bare)) bare.clear();
    out.push_back({cut_text(header_text(name == nullptr ? "" : name)), bare});
  }
}

std::vector<Address> addresses(GMimeMessage* message, GMimeParserOptions* options,
                               const char* name) {
  const std::string raw = without_base64_words(raw_value(message, name));
  std::vector<Address> out;
  if (raw.empty()) return out;
  const GOwned<InternetAddressList> list(internet_address_list_parse(options, raw.c_str()));
  collect(list.get(), out, 0);
  return out;
}

std::vector<std::string> bare(const std::vector<Address>& addresses) {
  std::vector<std::string> out;
  for (const Address& one : addresses) {
    if (!one.address.empty()) out.push_back(one.address);
  }
  return out;
}

std::string value(const Header& header, const std::string& name) {
  const auto found = header.fields.find(name);
  return found == header.fields.end() ? std::string() : found->second;
}

/// Two senders, or none that can be read, are nobody: a registered address must not stand behind
/// another one.
void read_sender(GMimeMessage* message, GMimeParserOptions* options, const Header& header,
                 IncomingMail& mail) {
  const auto from = addresses(message, options, "From");
  const auto count = header.counts.find("from");
  const bool one = count != header.counts.end() && count->second == 1 && from.size() == 1;
  if (!one || from[0].address.empty()) {
    mail.doubts.emplace_back("sender_unclear");
    return;
  }
  mail.from = from[0].address;
  mail.from_label = from[0].label;
}

void read_header(GMimeMessage* message, GMimeParserOptions* options, const Header& header,
                 IncomingMail& mail) {
  read_sender(message, options, header, mail);
  const auto ids = message_ids(raw_value(message, "Message-ID"));
  if (!ids.empty()) mail.message_id = ids.front();
  mail.in_reply_to = message_ids(raw_value(message, "In-Reply-To"));
  mail.references = message_ids(raw_value(message, "References"));
  mail.to = bare(addresses(message, options, "To"));
  mail.cc = bare(addresses(message, options, "Cc"));
  const auto path = bare(addresses(message, options, "Return-Path"));
  if (!path.empty()) mail.return_path = path.front();
  const auto receipt = bare(addresses(message, options, "Disposition-Notification-To"));
  if (!receipt.empty()) mail.read_receipt_to = receipt.front();
  mail.subject = cut_text(value(header, "subject"));
  GDateTime* date = g_mime_message_get_date(message);
  if (date != nullptr) mail.date = from_epoch_ms(g_date_time_to_unix(date) * 1000);
  for (const auto& [name, text] : header.fields) {
    if (!name.starts_with("x-mss-")) continue;
    std::string upper = name;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    mail.mss_headers[upper] = cut_text(text);
  }
}

std::size_t body_offset(ByteView bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\n') continue;
    if (i + 1 < bytes.size() && bytes[i + 1] == '\n') return i + 2;
    if (i + 2 < bytes.size() && bytes[i + 1] == '\r' && bytes[i + 2] == '\n') return i + 3;
  }
  return bytes.size();
}

/// Reports whose structure is broken: their fields stand somewhere in the body.
void search_read_report(ByteView bytes, IncomingMail& mail) {
  constexpr std::size_t kWindow = std::size_t{64} << 10;
  const std::string_view window = as_text(bytes.first(std::min(bytes.size(), kWindow)));
  for (const MailFields& group : read_fields(window)) {
    if (!mail.read_report && group.contains("original-message-id")) {
      mail.read_report = read_report_of(group);
    }
  }
}

void complete_reports(const MailParts& parts, const std::string& top_type, ByteView bytes,
                      IncomingMail& mail) {
  const std::string type = lowered(top_type);
  const bool says_read = type.find("disposition-notification") != std::string::npos;
  const bool says_delivery = type.find("delivery-status") != std::string::npos;
  if (says_read && !mail.read_report) search_read_report(bytes, mail);
  const std::string returned = !parts.returned_message_id.empty() ? parts.returned_message_id
                               : mail.in_reply_to.empty()         ? std::string()
                                                                  : mail.in_reply_to.front();
  const std::string code = integration_error(mail.subject);
  if (!code.empty() && !mail.read_report) {
    mail.read_report = ReadReport{returned, mail.from, "processed", code};
  }
  if (mail.read_report && mail.read_report->original_message_id.empty()) {
    mail.read_report->original_message_id = returned;
  }
  for (DeliveryReport& report : mail.deliveries) report.original_message_id = returned;
  if (says_delivery || parts.delivery_report) {
    mail.nature = MailNature::delivery_report;
  } else if (says_read || parts.read_report || !code.empty()) {
    mail.nature = MailNature::read_report;
  } else if (parts.calendar && mail.nature == MailNature::message) {
    mail.nature = MailNature::calendar;
  }
}

/// How many fields there are that may open another level. gmime descends by recursion: this bounds
/// its stack before it starts.
bool nests_too_much(ByteView bytes) {
  constexpr std::string_view kField = "content-type";
  constexpr std::size_t kMaxFields = 2'000;  // four times the parts that are read
  std::size_t count = 0;
  for (std::size_t i = 0; i + kField.size() <= bytes.size(); ++i) {
    if ((bytes[i] | 0x20) != 'c') continue;
    std::size_t same = 1;
    while (same < kField.size()) {
      const std::uint8_t byte = bytes[i + same];
      const bool letter = kField[same] != '-';
      if ((letter ? byte | 0x20 : byte) != static_cast<std::uint8_t>(kField[same])) break;
      ++same;
    }
    if (same == kField.size() && ++count > kMaxFields) return true;
  }
  return false;
}

bool has_header(ByteView bytes) {
  const std::string_view start = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 4'096)));
  const std::size_t end = start.find('\n');
  return start.substr(0, end).find(':') != std::string_view::npos || start.starts_with("From ");
}

}  // namespace

Result<IncomingMail> read_mail(ByteView bytes) {
  if (bytes.empty()) return fail(ErrorCode::empty_file, "The mail is empty.");
  if (bytes.size() > kMaxMailBytes) {
    return fail(ErrorCode::limit_exceeded, "The mail is over 64 MiB: it is not read.");
  }
  if (!has_header(bytes)) {
    return fail(ErrorCode::malformed_file, "These bytes do not start with a mail's header.");
  }
  if (nests_too_much(bytes)) {
    return fail(ErrorCode::limit_exceeded, "The mail has over 2,000 parts: it is not read.");
  }
  const auto lock = hold_gmime();
  const Options options = lenient();
  const GOwned<GMimeStream> stream(
      g_mime_stream_mem_new_with_buffer(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  const GOwned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const GOwned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options.get()));
  if (!message) return fail(ErrorCode::malformed_file, "The mail has no header that can be read.");
  IncomingMail mail;
  const Header header = header_of(message.get(), options.get());
  read_header(message.get(), options.get(), header, mail);
  const std::string path = raw_value(message.get(), "Return-Path");
  const bool null_path = trim_blank(path) == "<>";
  mail.nature = nature_of(header.fields, mail.subject, mail.from, null_path);
  const MailParts parts = read_parts(message.get(), mail);
  complete_reports(parts, content_type(message.get()), bytes, mail);
  if (mail.nature == MailNature::delivery_report || mail.nature == MailNature::read_report) {
    mail.attachments.clear();
  }
  mail.body_hash = hash_hex(as_text(bytes.subspan(body_offset(bytes))));
  return mail;
}

}  // namespace telavis
