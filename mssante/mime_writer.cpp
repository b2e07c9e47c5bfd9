// SPDX-License-Identifier: Apache-2.0
#include "mssante/mime_writer.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "engine/core/crypto.h"
#include "engine/core/mail_address.h"
#include "formats/text.h"
#include "mssante/gmime_lock.h"
#include "mssante/gmime_owned.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxLineBytes = 998;  // RFC 5322, 2.1.1, without the CRLF
constexpr std::size_t kMaxMessageId = 250;  // with its brackets on one header line of 998
constexpr std::size_t kMaxFileName = 200;   // one that a mail program can show
constexpr std::size_t kMaxTextBytesOfMail = std::size_t{1} << 20;  // a mail is read, not archived

struct FreeFormatOptions {
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
};

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

/// RFC 2045, 5.1: a token is ASCII without specials.
bool is_token(std::string_view text) {
  static constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?= ";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && kSpecials.find(c) == std::string_view::npos;
  });
}

bool is_media_type(std::string_view type) {
  const std::size_t slash = type.find('/');
  return slash != std::string_view::npos && is_token(type.substr(0, slash)) &&
         is_token(type.substr(slash + 1)) && type.size() <= kMaxFileName;
}

/// UTF-8 also where gmime would find a smaller charset enough: one charset for every reader.
void use_utf8(GMimeParamList* parameters, const char* name) {
  GMimeParam* parameter = g_mime_param_list_get_parameter(parameters, name);
  if (parameter != nullptr) g_mime_param_set_charset(parameter, "utf-8");
}

GMimeContentEncoding encoding_of(PartEncoding encoding) {
  switch (encoding) {
    case PartEncoding::quoted_printable:
      return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
    case PartEncoding::base64:
      return GMIME_CONTENT_ENCODING_BASE64;
    case PartEncoding::as_it_is:
      break;
  }
  return GMIME_CONTENT_ENCODING_7BIT;
}

GOwned<GMimeObject> part_of(const MimePart& given) {
  const std::size_t slash = given.media_type.find('/');
  // Not a GMimeTextPart: that one would choose the smallest charset, and MSSanté wants UTF-8
  // (ECO.2.2.3).
  GMimePart* part = g_mime_part_new_with_type(given.media_type.substr(0, slash).c_str(),
                                              given.media_type.substr(slash + 1).c_str());
  const GOwned<GMimeStream> stream(g_mime_stream_mem_new());
  if (!given.bytes.empty()) {  // gmime refuses the null pointer of an empty vector
    g_mime_stream_write(stream.get(), reinterpret_cast<const char*>(given.bytes.data()),
                        given.bytes.size());
    g_mime_stream_reset(stream.get());
  }
  const GOwned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part, content.get());
  g_mime_part_set_content_encoding(part, encoding_of(given.encoding));
  if (given.file_name.empty()) {
    if (given.media_type == "text/plain")
      g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    return GOwned<GMimeObject>(GMIME_OBJECT(part));
  }
  g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
  g_mime_part_set_filename(part, given.file_name.c_str());
  use_utf8(g_mime_content_type_get_parameters(g_mime_object_get_content_type(GMIME_OBJECT(part))),
           "name");
  use_utf8(g_mime_content_disposition_get_parameters(
               g_mime_object_get_content_disposition(GMIME_OBJECT(part))),
           "filename");
  return GOwned<GMimeObject>(GMIME_OBJECT(part));
}

GOwned<GMimeObject> body_of(const MimeMail& mail) {
  if (mail.parts.size() == 1 && mail.report_type.empty()) return part_of(mail.parts.front());
  GMimeMultipart* whole =
      g_mime_multipart_new_with_subtype(mail.report_type.empty() ? "mixed" : "report");
  if (!mail.report_type.empty())
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(whole), "report-type",
                                             mail.report_type.c_str());
  g_mime_multipart_set_boundary(whole, mime_boundary(mail.message_id).c_str());
  for (const MimePart& part : mail.parts) g_mime_multipart_add(whole, part_of(part).get());
  return GOwned<GMimeObject>(GMIME_OBJECT(whole));
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

/// How many bytes of `text` a word of at most `most` takes: whole characters and, so that no word
/// but the last ends with "=", whole groups of three. Some readers (gmime among them) leave out
/// what follows a padded word.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  const auto starts = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
  };
  std::size_t size = most;
  while (size > 0 && (size % 3 != 0 || !starts(size))) --size;
  if (size > 0) return size;
  for (size = most; size > 1 && !starts(size);) --size;
  return size;
}

/// RFC 2047, whole: gmime encodes word by word, which loses double spaces, breaks long words of a
/// name and leaves alone what looks like an encoded word already. `text` is UTF-8.
std::string encoded_words(std::string_view text) {
  // RFC 2047, 2: 75 characters a word, 76 a line that holds one. 36 bytes are 48 characters of
  // base64, 60 with the frame, 69 behind "Subject: ".
  constexpr std::size_t kBytesPerWord = 36;
  std::string out;
  while (!text.empty()) {
    const std::size_t size = std::min(whole_characters(text, kBytesPerWord), text.size());
    gchar* base64 = g_base64_encode(reinterpret_cast<const guchar*>(text.data()), size);
    out += (out.empty() ? "=?UTF-8?B?" : "\n =?UTF-8?B?") + std::string(base64) + "?=";
    g_free(base64);
    text.remove_prefix(size);
  }
  return out;
}

/// `value` is written as it stands; its folds are "\n ".
void set_raw_header(GMimeMessage* message, const char* name, const std::string& value) {
  GMimeObject* object = GMIME_OBJECT(message);
  g_mime_object_set_header(object, name, "", nullptr);  // makes the header, in this order
  GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
  g_mime_header_set_raw_value(header, (" " + value + "\n").c_str());
}

GOwned<GMimeMessage> message_of(const MimeMail& mail) {
  GOwned<GMimeMessage> message(g_mime_message_new(TRUE));
  for (const auto& [name, value] : mail.headers) set_raw_header(message.get(), name.c_str(), value);
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(mail.date).time_since_epoch().count();
  GDateTime* date = g_date_time_new_from_unix_utc(seconds);
  g_mime_message_set_date(message.get(), date);
  g_date_time_unref(date);
  g_mime_message_set_message_id(message.get(), mail.message_id.c_str());
  g_mime_message_set_mime_part(message.get(), body_of(mail).get());
  return message;
}

struct FreeText {
  void operator()(gchar* text) const { g_free(text); }
};

/// What a compatibility decomposition (NFKD) does not take apart.
std::string_view spelled_out(gunichar character) {
  static constexpr std::pair<gunichar, std::string_view> kLetters[] = {
      {0x0152, "OE"}, {0x0153, "oe"}, {0x00C6, "AE"}, {0x00E6, "ae"}, {0x00D8, "O"},
      {0x00F8, "o"},  {0x0141, "L"},  {0x0142, "l"},  {0x00DF, "ss"}, {0x2019, "'"}};
  for (const auto& [letter, words] : kLetters) {
    if (letter == character) return words;
  }
  return "?";
}

Result<void> check_part(const MimePart& part) {
  if (!is_media_type(part.media_type))
    return invalid_mail("an attachment's media type", "is not type/subtype");
  if (part.file_name.empty()) return {};
  if (auto checked = check_header_text("an attachment's name", part.file_name, kMaxFileName);
      !checked)
    return checked;
  if (part.file_name.find_first_of("/\\") != std::string::npos)
    return invalid_mail("an attachment's name", "holds a folder");
  return {};
}

}  // namespace

tl::unexpected<Error> invalid_mail(std::string_view member, std::string_view what) {
  return fail(ErrorCode::invalid_field, "mail: " + std::string(member) + " " + std::string(what));
}

Result<void> check_header_text(std::string_view member, std::string_view text,
                               std::size_t max_bytes) {
  if (!is_valid_utf8(text)) return invalid_mail(member, "is not UTF-8");
  if (has_control(text)) return invalid_mail(member, "holds a line break or a control character");
  if (text.size() > max_bytes)
    return invalid_mail(member, "is longer than " + std::to_string(max_bytes) + " bytes");
  return {};
}

Result<void> check_body_text(std::string_view text) {
  if (!is_valid_utf8(text) || text.find('\0') != std::string::npos)
    return invalid_mail("text", "is not UTF-8 text");
  if (text.size() > kMaxTextBytesOfMail) return invalid_mail("text", "is longer than 1 MiB");
  return {};
}

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

bool is_message_id(std::string_view id) {
  const std::size_t at = id.find('@');
  return id.size() <= kMaxMessageId && at != std::string_view::npos &&
         is_dot_atom(id.substr(0, at)) && is_dot_atom(id.substr(at + 1));
}

std::string mime_boundary(std::string_view message_id) {
  return "=_" + hash_hex(message_id).substr(0, 32);
}

std::string canonical_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

std::string subject_words(std::string_view subject) {
  constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  return is_plain(subject, kPunctuation) ? std::string(subject) : encoded_words(subject);
}

std::string mailbox_words(std::string_view label, const std::string& address) {
  if (label.empty()) return address;
  constexpr std::string_view kAtomCharacters = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322, 3.2.3
  return (is_plain(label, kAtomCharacters) ? std::string(label) : encoded_words(label)) + "\n <" +
         address + ">";
}

std::string plain_ascii(std::string_view text) {
  const std::unique_ptr<gchar, FreeText> apart(
      g_utf8_normalize(text.data(), static_cast<gssize>(text.size()), G_NORMALIZE_NFKD));
  std::string out;
  for (const gchar* at = apart.get(); at != nullptr && *at != '\0'; at = g_utf8_next_char(at)) {
    const gunichar character = g_utf8_get_char(at);
    const bool combining_mark = character >= 0x300 && character < 0x370;
    if (character < 0x80)
      out += static_cast<char>(character);
    else if (!combining_mark)
      out += spelled_out(character);
  }
  return out;
}

Result<Bytes> write_mime(const MimeMail& mail) {
  if (!is_message_id(mail.message_id)) return invalid_mail("message_id", "is not local@domain");
  for (const MimePart& part : mail.parts) {
    if (auto checked = check_part(part); !checked) return tl::unexpected(checked.error());
  }
  const auto lock = hold_gmime();
  const auto message = message_of(mail);
  const std::unique_ptr<GMimeFormatOptions, FreeFormatOptions> options(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  g_mime_format_options_set_param_encoding_method(options.get(),
                                                  GMIME_PARAM_ENCODING_METHOD_RFC2231);
  const GOwned<GMimeStream> out(g_mime_stream_mem_new());
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
