// SPDX-License-Identifier: Apache-2.0
#include "mssante/mail_parts.h"

#include <fmt/format.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "engine/core/mail_lines.h"
#include "formats/html_text.h"
#include "formats/text.h"
#include "mssante/gmime_owned.h"
#include "mssante/mail_reader.h"
#include "mssante/tnef.h"

namespace telavis {
namespace {

struct Free {
  void operator()(void* memory) const { g_free(memory); }
};

constexpr std::size_t kMaxNameBytes = 200;  // a file name that every file system takes

/// Of what GMime may not have.
std::string lowered_or_empty(const char* text) {
  return text == nullptr ? "" : lowered(text);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Cuts a text that is too long at a whole character; false: it was not.
bool limit_text(std::string& text) {
  if (text.size() <= kMaxMailTextBytes) return false;
  std::size_t size = kMaxMailTextBytes;
  while (size > 0 && is_continuation(text[size])) --size;
  text.resize(size);
  return true;
}

/// LF, no control characters, and no more than a mail's text may have.
std::string clean_text(std::string_view text, bool& cut) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      out += '\n';
    } else if ((byte < 0x20 && text[i] != '\n' && text[i] != '\t') || byte == 0x7F) {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  cut = limit_text(out) || cut;
  return out;
}

/// UTF-8 of a part's bytes. Charsets are often wrong: UTF-8 that says it is Latin 1 is UTF-8, and
/// Latin 1 is Windows-1252, as every mail program has it.
std::string decode_text(ByteView bytes, const std::string& charset) {
  static constexpr std::array<std::string_view, 14> kWestern = {
      "",       "utf-8",   "utf8",         "us-ascii", "ascii",        "iso-8859-1", "iso8859-1",
      "latin1", "latin-1", "windows-1252", "cp1252",   "unknown-8bit", "ansi",       "x-unknown"};
  const std::string_view text = as_text(bytes);
  const bool ascii = std::ranges::all_of(bytes, [](std::uint8_t b) { return b < 0x80; });
  const bool wide = charset.starts_with("utf-16") || charset.starts_with("utf-7") ||
                    charset.starts_with("utf-32") || charset.starts_with("iso-2022");
  if (!wide && (ascii || is_valid_utf8(text))) return std::string(text);
  if (std::ranges::find(kWestern, charset) == kWestern.end()) {
    gsize written = 0;
    const std::unique_ptr<char, Free> converted(
        g_convert(text.data(), static_cast<gssize>(text.size()), "UTF-8", charset.c_str(), nullptr,
                  &written, nullptr));
    if (converted && is_valid_utf8({converted.get(), written})) return {converted.get(), written};
  }
  return text_from_device(bytes);
}

/// Soft line breaks of format=flowed (RFC 3676, 4.1 to 4.5).
std::string unflowed(std::string_view text, bool delete_space) {
  std::string out;
  bool joins = false;
  std::size_t last_quotes = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t quotes = std::min(line.find_first_not_of('>'), line.size());
    std::string_view content = line.substr(quotes);
    if (content.starts_with(' ')) content.remove_prefix(1);  // space-stuffed
    const bool delimiter = content == "-- ";
    if (joins && quotes == last_quotes && !delimiter) {
      out.pop_back();
    } else {
      out += std::string(quotes, '>') + (quotes > 0 ? " " : "");
    }
    joins = content.ends_with(' ') && !delimiter;
    if (joins && delete_space) content.remove_suffix(1);
    out.append(content);
    out += '\n';
    last_quotes = quotes;
  }
  return out;
}

bool is_blank(std::string_view text) {
  return trim_blank(text).empty();
}

/// A bare file name without characters that hide or turn what follows.
std::string file_name(std::string_view raw) {
  constexpr std::size_t kWindow = 2'000;  // bytes: ten times what is kept
  raw.remove_prefix(raw.size() - std::min(raw.size(), kWindow));
  std::string name = header_text(raw);
  name.erase(0, name.find_last_of("/\\") + 1);
  static constexpr std::array<std::string_view, 12> kHidden = {
      "\u200E", "\u200F", "\u202A", "\u202B", "\u202C", "\u202D",
      "\u202E", "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF"};
  for (const std::string_view hidden : kHidden) {
    for (std::size_t at = name.find(hidden); at != std::string::npos; at = name.find(hidden)) {
      name.erase(at, hidden.size());
    }
  }
  if (name.size() > kMaxNameBytes) {
    // The ending says what it is.
    constexpr std::size_t kEnding = 40;
    std::size_t head = kMaxNameBytes - kEnding;
    std::size_t tail = name.size() - kEnding;
    while (head > 0 && is_continuation(name[head])) --head;
    while (tail < name.size() && is_continuation(name[tail])) ++tail;
    name = name.substr(0, head) + name.substr(tail);
  }
  const bool dots = name.find_first_not_of(". ") == std::string::npos;
  return dots ? std::string() : name;
}

Bytes content_of(GMimePart* part, bool& readable) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const GOwned<GMimeStream> out(g_mime_stream_mem_new());
  if (g_mime_data_wrapper_write_to_stream(content, out.get()) < 0) readable = false;
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
  if (array == nullptr || array->len == 0) return {};
  return {array->data, array->data + array->len};
}

/// The text of one body: of a part, or of the best part of an alternative.
struct Text {
  std::string text;
  bool html = false;
};

void append(std::string& text, const std::string& more) {
  if (is_blank(more)) return;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += more;
}

class Walk {
 public:
  explicit Walk(IncomingMail& mail) : mail_(mail) {}

  Text object(GMimeObject* object, int depth, bool alternative) {
    if (object == nullptr) return {};
    if (depth > kMaxMailDepth) return doubt("too_deep");
    if (++count_ > kMaxMailParts) return doubt("parts_left_out");
    if (GMIME_IS_MULTIPART(object)) return multipart(GMIME_MULTIPART(object), depth);
    if (GMIME_IS_MESSAGE_PARTIAL(object)) return doubt("part_unreadable");
    if (GMIME_IS_MESSAGE_PART(object)) {
      return enclosed(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)), depth);
    }
    if (GMIME_IS_PART(object)) return part(GMIME_PART(object), depth, alternative);
    return doubt("part_unreadable");
  }

  MailParts found;

 private:
  Text doubt(std::string_view code) {
    if (std::ranges::find(mail_.doubts, code) == mail_.doubts.end()) {
      mail_.doubts.emplace_back(code);
    }
    return {};
  }

  Text multipart(GMimeMultipart* parts, int depth) {
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(parts));
    const std::string subtype = lowered_or_empty(g_mime_content_type_get_media_subtype(type));
    if (subtype == "encrypted") doubt("encrypted");
    const bool choose = subtype == "alternative";
    const int count = g_mime_multipart_get_count(parts);
    Text all;
    Text best;
    for (int i = 0; i < count; ++i) {
      const Text one = object(g_mime_multipart_get_part(parts, i), depth + 1, choose);
      if (count_ > kMaxMailParts) break;
      if (is_blank(one.text)) continue;
      if (is_blank(best.text) || (best.html && !one.html)) best = one;
      all.html = is_blank(all.text) ? one.html : (all.html && one.html);
      append(all.text, one.text);
      if (limit_text(all.text)) doubt("text_cut");
    }
    if (count == 0) {
      // A boundary that never comes: what there is stands before it.
      const char* prologue = g_mime_multipart_get_prologue(parts);
      if (prologue != nullptr) {
        bool cut = false;
        return {clean_text(decode_text(as_bytes(prologue), ""), cut), false};
      }
      doubt("part_unreadable");
    }
    return choose ? best : all;
  }

  /// A mail inside the mail: its files count, its text is not the sender's.
  Text enclosed(GMimeMessage* message, int depth) {
    if (message == nullptr) return doubt("part_unreadable");
    if (found.returned_message_id.empty()) {
      const char* id = g_mime_object_get_header(GMIME_OBJECT(message), "Message-ID");
      const auto ids = message_ids(id == nullptr ? "" : id);
      if (!ids.empty()) found.returned_message_id = ids.front();
    }
    const bool outer = !inside_;
    inside_ = true;
    const Text text = object(g_mime_message_get_mime_part(message), depth + 1, false);
    inside_ = !outer;
    append(mail_.forwarded_text, text.text);
    if (limit_text(mail_.forwarded_text)) doubt("text_cut");
    return {};
  }

  Text part(GMimePart* part, int depth, bool alternative) {
    GMimeObject* const object = GMIME_OBJECT(part);
    GMimeContentType* type = g_mime_object_get_content_type(object);
    const std::string media = lowered_or_empty(g_mime_content_type_get_media_type(type));
    const std::string subtype = lowered_or_empty(g_mime_content_type_get_media_subtype(type));
    const std::string full = media + "/" + subtype;
    const std::string disposition = lowered_or_empty(g_mime_object_get_disposition(object));
    const char* raw_name = g_mime_part_get_filename(part);
    const std::string name = file_name(raw_name == nullptr ? "" : raw_name);
    bool readable = true;
    Bytes bytes = content_of(part, readable);
    if (!readable) doubt("part_unreadable");
    if (report(part, full, bytes)) return {};
    if (subtype == "pkcs7-signature" || subtype == "x-pkcs7-signature" ||
        subtype == "pgp-signature" || subtype == "applefile") {
      return {};
    }
    if (subtype == "pkcs7-mime" || subtype == "x-pkcs7-mime" || subtype == "pgp-encrypted") {
      doubt("encrypted");
    }
    if (subtype == "ms-tnef" || subtype == "vnd.ms-tnef" || lowered(name) == "winmail.dat") {
      if (auto unpacked = tnef(bytes)) return *unpacked;
    }
    if (media == "message" && (subtype == "rfc822" || subtype == "global")) {
      return encoded_message(bytes, depth);
    }
    if (full == "text/calendar" && disposition != "attachment") {
      if (!inside_) found.calendar = true;
      if (alternative) return {};
    }
    const bool shown = name.empty() && disposition != "attachment";
    if (shown && (full == "text/plain" || full == "text/html" || full == "text/")) {
      return body(type, bytes, full == "text/html");
    }
    const bool in_text = disposition == "inline" ||
                         (disposition.empty() && g_mime_object_get_content_id(object) != nullptr);
    attach(name, full, std::move(bytes), in_text);
    return {};
  }

  Text body(GMimeContentType* type, const Bytes& bytes, bool html) {
    const std::string charset =
        lowered_or_empty(g_mime_content_type_get_parameter(type, "charset"));
    std::string text = decode_text(bytes, charset);
    bool cut = false;
    if (html) {
      text = text_of_html(text, kMaxMailTextBytes);
      cut = text.size() + 8 >= kMaxMailTextBytes;
    } else if (lowered_or_empty(g_mime_content_type_get_parameter(type, "format")) == "flowed") {
      text = clean_text(text, cut);
      text = unflowed(text,
                      lowered_or_empty(g_mime_content_type_get_parameter(type, "delsp")) == "yes");
    }
    text = clean_text(text, cut);
    if (cut) doubt("text_cut");
    return {std::move(text), html};
  }

  /// Parts of a report (RFC 6522) that are for machines.
  bool report(GMimePart* part, const std::string& type, const Bytes& bytes) {
    if (type == "text/rfc822-headers" || type == "message/rfc822-headers" ||
        type == "message/global-headers") {
      for (const MailFields& group : read_fields(as_text(bytes))) {
        const auto id = group.find("message-id");
        if (id == group.end() || !found.returned_message_id.empty()) continue;
        const auto ids = message_ids(id->second);
        if (!ids.empty()) found.returned_message_id = ids.front();
      }
      return true;
    }
    const bool delivery =
        type == "message/delivery-status" || type == "message/global-delivery-status";
    const bool read = type == "message/disposition-notification" ||
                      type == "message/global-disposition-notification";
    if ((!delivery && !read) || inside_) return false;
    // A writer that forgets the blank line puts the fields into the part's own header.
    std::string fields;
    GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(part));
    for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
      GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
      const char* value = g_mime_header_get_value(header);
      fields += std::string(g_mime_header_get_name(header)) + ": " +
                header_text(value == nullptr ? "" : value) + "\n";
    }
    fields += decode_text(bytes, "");
    const auto groups = read_fields(fields);
    if (delivery) {
      found.delivery_report = true;
      for (DeliveryReport& one : delivery_reports(groups))
        mail_.deliveries.push_back(std::move(one));
    } else {
      found.read_report = true;
      for (const MailFields& group : groups) {
        if (!mail_.read_report) mail_.read_report = read_report_of(group);
      }
    }
    return true;
  }

  std::optional<Text> tnef(const Bytes& bytes) {
    auto content = read_tnef(bytes);
    if (!content) {
      doubt("part_unreadable");
      return std::nullopt;
    }
    if (content->cut) doubt("part_unreadable");
    for (TnefFile& file : content->files) {
      attach(file_name(file.name), header_text(file.media_type), std::move(file.bytes), false);
    }
    bool cut = false;
    std::string text = content->text_is_html ? text_of_html(content->text, kMaxMailTextBytes)
                                             : std::move(content->text);
    text = clean_text(text, cut);
    if (cut) doubt("text_cut");
    if (is_blank(text) && content->has_rich_text) rich_text_ = true;
    tnef_text_ = tnef_text_.empty() ? text : tnef_text_;
    return Text{};
  }

  /// message/rfc822 in base64, which the standard forbids and some gateways write.
  Text encoded_message(const Bytes& bytes, int depth) {
    if (bytes.empty() || depth + 1 > kMaxMailDepth) return doubt("part_unreadable");
    const GOwned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(
        reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    const GOwned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const GOwned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
    return enclosed(message.get(), depth + 1);
  }

  void attach(std::string name, std::string type, Bytes bytes, bool in_text) {
    if (mail_.attachments.size() >= kMaxMailAttachments) {
      doubt("parts_left_out");
      return;
    }
    if (name.empty()) name = fmt::format("piece-{}", mail_.attachments.size() + 1);
    const std::size_t dot = name.rfind('.');
    const std::string stem = name.substr(0, dot);
    const std::string ending = dot == std::string::npos ? std::string() : name.substr(dot);
    for (int n = 2; !names_.insert(name).second; ++n)
      name = fmt::format("{} ({}){}", stem, n, ending);
    if (type.find('/') == std::string::npos) type = "application/octet-stream";
    mail_.attachments.push_back({std::move(name), lowered(type), std::move(bytes), in_text});
  }

 public:
  /// The text of a winmail.dat counts where the mail has no other.
  std::string text(std::string outer) {
    if (!is_blank(outer)) return outer;
    if (rich_text_ && is_blank(tnef_text_)) doubt("rich_text");
    return tnef_text_;
  }

 private:
  IncomingMail& mail_;
  std::size_t count_ = 0;
  bool inside_ = false;  // of a mail that is enclosed
  bool rich_text_ = false;
  std::string tnef_text_;
  std::set<std::string> names_;
};

}  // namespace

std::string header_text(std::string_view value) {
  std::string text = is_valid_utf8(value) ? std::string(value) : text_from_device(as_bytes(value));
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  return std::string(trim_blank(text));
}

MailParts read_parts(_GMimeMessage* message, IncomingMail& mail) {
  Walk walk(mail);
  Text text = walk.object(g_mime_message_get_mime_part(message), 0, false);
  mail.text = walk.text(std::move(text.text));
  return walk.found;
}

}  // namespace telavis
