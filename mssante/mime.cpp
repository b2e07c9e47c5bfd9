// SPDX-License-Identifier: Apache-2.0
#include "mssante/mime.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/core/crypto.h"
#include "engine/core/mail_address.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxLineBytes = 998;   // RFC 5322, 2.1.1, without the CRLF
constexpr std::size_t kMaxMessageId = 250;   // with its brackets on one header line of 998
constexpr std::size_t kMaxHeaderText = 200;  // a subject or a name that a mail program can show
constexpr std::size_t kMaxTextBytesOfMail = std::size_t{1} << 20;  // a mail is read, not archived

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

struct FreeOptions {
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
};

/// One mail is composed at a time: gmime and glib keep tables of their own, and under a millisecond
/// a mail there is nothing to win.
std::unique_lock<std::mutex> hold_gmime() {
  static std::mutex mutex;
  std::unique_lock lock(mutex);
  static const bool initialised = [] {
    g_mime_init();
    return true;
  }();
  static_cast<void>(initialised);
  return lock;
}

tl::unexpected<Error> invalid(std::string_view member, std::string_view what) {
  return fail(ErrorCode::invalid_field, "mail: " + std::string(member) + " " + std::string(what));
}

bool is_utf8(std::string_view text) {
  return g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) != 0;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

/// A line break in a header would let its author write headers of his own.
Result<void> check_header_text(std::string_view member, std::string_view text) {
  if (!is_utf8(text)) return invalid(member, "is not UTF-8");
  if (has_control(text)) return invalid(member, "holds a line break or a control character");
  if (text.size() > kMaxHeaderText) return invalid(member, "is longer than 200 bytes");
  return {};
}

bool is_message_id(std::string_view id) {
  const std::size_t at = id.find('@');
  return id.size() <= kMaxMessageId && at != std::string_view::npos &&
         is_dot_atom(id.substr(0, at)) && is_dot_atom(id.substr(at + 1));
}

/// RFC 2045, 5.1: a token is ASCII without specials.
bool is_token(std::string_view text) {
  static constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?= ";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && kSpecials.find(c) == std::string_view::npos;
  });
}

Result<void> check_attachment(const MailDraft::Attachment& attachment) {
  if (attachment.name.empty()) return invalid("an attachment", "has no name");
  if (auto checked = check_header_text("an attachment's name", attachment.name); !checked)
    return checked;
  if (attachment.name.find_first_of("/\\") != std::string::npos)
    return invalid("an attachment's name", "holds a folder");
  const std::string_view type = attachment.media_type;
  const std::size_t slash = type.find('/');
  if (slash == std::string_view::npos || !is_token(type.substr(0, slash)) ||
      !is_token(type.substr(slash + 1)) || type.size() > kMaxHeaderText)
    return invalid("an attachment's media type", "is not type/subtype");
  return {};
}

Result<void> check(const MailDraft& draft) {
  if (!is_message_id(draft.message_id)) return invalid("message_id", "is not local@domain");
  if (!draft.in_reply_to.empty() && !is_message_id(draft.in_reply_to))
    return invalid("in_reply_to", "is not local@domain");
  if (!is_address(draft.from)) return invalid("from", "is not a mail address");
  if (!is_address(draft.to)) return invalid("to", "is not a mail address");
  if (auto checked = check_header_text("from_label", draft.from_label); !checked) return checked;
  if (auto checked = check_header_text("subject", draft.subject); !checked) return checked;
  if (!is_utf8(draft.text) || draft.text.find('\0') != std::string::npos)
    return invalid("text", "is not UTF-8 text");
  if (draft.text.size() > kMaxTextBytesOfMail) return invalid("text", "is longer than 1 MiB");
  for (const auto& attachment : draft.attachments) {
    if (auto checked = check_attachment(attachment); !checked) return checked;
  }
  return {};
}

/// Line ends as the text part wants them: LF, one at the end.
std::string canonical_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

/// A part of one media type with `bytes` in it, to be written in `encoding`.
GMimePart* part_of(const std::string& type, const std::string& subtype, ByteView bytes,
                   GMimeContentEncoding encoding) {
  GMimePart* part = g_mime_part_new_with_type(type.c_str(), subtype.c_str());
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  if (!bytes.empty()) {  // gmime refuses the null pointer of an empty vector
    g_mime_stream_write(stream.get(), reinterpret_cast<const char*>(bytes.data()), bytes.size());
    g_mime_stream_reset(stream.get());
  }
  const Owned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part, content.get());
  g_mime_part_set_content_encoding(part, encoding);
  return part;
}

/// Not a GMimeTextPart: that one would choose the smallest charset, and MSSanté wants UTF-8
/// (ECO.2.2.3).
Owned<GMimeObject> text_part(const MailDraft& draft) {
  GMimePart* part = part_of("text", "plain", as_bytes(canonical_text(draft.text)),
                            GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
  return Owned<GMimeObject>(GMIME_OBJECT(part));
}

/// UTF-8 also where gmime would find a smaller charset enough: one charset for every reader.
void use_utf8(GMimeParamList* parameters, const char* name) {
  GMimeParam* parameter = g_mime_param_list_get_parameter(parameters, name);
  if (parameter != nullptr) g_mime_param_set_charset(parameter, "utf-8");
}

Owned<GMimeObject> attachment_part(const MailDraft::Attachment& attachment) {
  const std::size_t slash = attachment.media_type.find('/');
  GMimePart* part =
      part_of(attachment.media_type.substr(0, slash), attachment.media_type.substr(slash + 1),
              attachment.bytes, GMIME_CONTENT_ENCODING_BASE64);
  g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
  g_mime_part_set_filename(part, attachment.name.c_str());
  use_utf8(g_mime_content_type_get_parameters(g_mime_object_get_content_type(GMIME_OBJECT(part))),
           "name");
  use_utf8(g_mime_content_disposition_get_parameters(
               g_mime_object_get_content_disposition(GMIME_OBJECT(part))),
           "filename");
  return Owned<GMimeObject>(GMIME_OBJECT(part));
}

Owned<GMimeObject> body_of(const MailDraft& draft) {
  auto text = text_part(draft);
  if (draft.attachments.empty()) return text;
  GMimeMultipart* mixed = g_mime_multipart_new_with_subtype("mixed");
  // "=_" can stand neither in base64 nor in quoted-printable: no part can hold the boundary.
  g_mime_multipart_set_boundary(mixed, ("=_" + hash_hex(draft.message_id).substr(0, 32)).c_str());
  g_mime_multipart_add(mixed, text.get());
  for (const auto& attachment : draft.attachments)
    g_mime_multipart_add(mixed, attachment_part(attachment).get());
  return Owned<GMimeObject>(GMIME_OBJECT(mixed));
}

/// Text that every reader gives back as it is: ASCII of `allowed` or letters, digits and single
/// spaces, on one short line, and nothing that looks like an encoded word.
bool is_plain(std::string_view text, std::string_view allowed) {
  constexpr std::size_t kMaxPlain = 60;  // with the header's name below the 78 of RFC 5322, 2.1.1
  return !text.empty() && text.size() <= kMaxPlain && text.front() != ' ' && text.back() != ' ' &&
         text.find("  ") == std::string_view::npos && text.find("=?") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == ' ' || allowed.find(c) != std::string_view::npos;
         });
}

/// RFC 2047, whole: gmime encodes word by word, which loses double spaces, breaks long words of a
/// name and leaves alone what looks like an encoded word already. `text` is UTF-8.
std::string encoded_words(std::string_view text) {
  // RFC 2047, 2: 75 characters a word, 76 a line that holds one. 36 bytes are 48 characters of
  // base64, 60 with the frame, 69 behind "Subject: ".
  constexpr std::size_t kBytesPerWord = 36;
  std::string out;
  while (!text.empty()) {
    std::size_t size = std::min(kBytesPerWord, text.size());
    // A word holds whole characters.
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    gchar* base64 = g_base64_encode(reinterpret_cast<const guchar*>(text.data()), size);
    out += (out.empty() ? "=?UTF-8?B?" : "\n =?UTF-8?B?") + std::string(base64) + "?=";
    g_free(base64);
    text.remove_prefix(size);
  }
  return out;
}

std::string subject_value(const MailDraft& draft) {
  constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  return is_plain(draft.subject, kPunctuation) ? draft.subject : encoded_words(draft.subject);
}

std::string from_value(const MailDraft& draft) {
  if (draft.from_label.empty()) return draft.from;
  constexpr std::string_view kAtomCharacters = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322, 3.2.3
  return (is_plain(draft.from_label, kAtomCharacters) ? draft.from_label
                                                      : encoded_words(draft.from_label)) +
         "\n <" + draft.from + ">";
}

/// `value` is written as it stands; its folds are "\n ".
void set_raw_header(GMimeMessage* message, const char* name, const std::string& value) {
  GMimeObject* object = GMIME_OBJECT(message);
  g_mime_object_set_header(object, name, "", nullptr);  // makes the header, in this order
  GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
  g_mime_header_set_raw_value(header, (" " + value + "\n").c_str());
}

Owned<GMimeMessage> message_of(const MailDraft& draft) {
  Owned<GMimeMessage> message(g_mime_message_new(TRUE));
  set_raw_header(message.get(), "From", from_value(draft));
  set_raw_header(message.get(), "To", draft.to);
  set_raw_header(message.get(), "Subject", subject_value(draft));
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(draft.date).time_since_epoch().count();
  GDateTime* date = g_date_time_new_from_unix_utc(seconds);
  g_mime_message_set_date(message.get(), date);
  g_date_time_unref(date);
  g_mime_message_set_message_id(message.get(), draft.message_id.c_str());
  if (!draft.in_reply_to.empty()) {
    const std::string reference = "<" + draft.in_reply_to + ">";
    set_raw_header(message.get(), "In-Reply-To", reference);
    set_raw_header(message.get(), "References", reference);
  }
  g_mime_message_set_mime_part(message.get(), body_of(draft).get());
  return message;
}

/// What a server may refuse or a reader misread; our own output is checked like anybody's.
bool fits_the_wire(ByteView mime) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < mime.size(); ++i) {
    if (mime[i] >= 0x80 || mime[i] == 0) return false;
    if (mime[i] == '\n' && (i == 0 || mime[i - 1] != '\r')) return false;
    if (mime[i] == '\r' && (i + 1 == mime.size() || mime[i + 1] != '\n')) return false;
    line = mime[i] == '\n' ? 0 : line + 1;
    if (line > kMaxLineBytes + 1) return false;  // the CR counts one
  }
  return true;
}

}  // namespace

Result<Bytes> compose_mime(const MailDraft& draft) {
  if (auto checked = check(draft); !checked) return tl::unexpected(checked.error());
  const auto lock = hold_gmime();
  const auto message = message_of(draft);
  const std::unique_ptr<GMimeFormatOptions, FreeOptions> options(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  g_mime_format_options_set_param_encoding_method(options.get(),
                                                  GMIME_PARAM_ENCODING_METHOD_RFC2231);
  const Owned<GMimeStream> out(g_mime_stream_mem_new());
  const gssize written =
      g_mime_object_write_to_stream(GMIME_OBJECT(message.get()), options.get(), out.get());
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
  if (written < 0 || array == nullptr)
    return fail(ErrorCode::mail_failed, "the mail could not be composed");
  Bytes mime(array->data, array->data + array->len);
  if (!fits_the_wire(mime))
    return fail(ErrorCode::mail_failed, "the mail that was composed would not be valid");
  return mime;
}

}  // namespace telavis
