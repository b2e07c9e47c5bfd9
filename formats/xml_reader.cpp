// SPDX-License-Identifier: Apache-2.0
#include "formats/xml_reader.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <utility>

#include "formats/exam.h"
#include "formats/text.h"

namespace telavis::xml {
namespace {

// Comments before the root element of an aECG run to some kilobytes.
constexpr std::size_t kRootNameWindowBytes = std::size_t{64} << 10;
// An aECG nests about 30 deep.
constexpr std::uint32_t kMaxDepth = 100;
// An aECG with every wave of a minute annotated has some 20,000.
constexpr std::size_t kMaxElements = 500'000;
// Philips has 25 on one element. libxml2 compares the attributes of an element with one another.
constexpr std::size_t kMaxAttributes = 64;
// Of the elements around one: libxml2 goes through them for each prefix. Two or three are usual.
constexpr int kMaxNamespaces = 64;
constexpr int kPointersOfAttribute = 5;  // name, prefix, URI, begin and end of the value
constexpr std::uint32_t kReplacementCharacter = 0xFFFD;
constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

struct Slice {  // of Tree::characters
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

struct NamedValue {
  Slice name;
  Slice value;
};

struct Node {
  Slice name;
  Slice text;
  Slice tail;
  std::uint32_t attributes_begin = 0;
  std::uint32_t attributes_end = 0;
  std::uint32_t end = 0;  // index after the last node below this one
};

}  // namespace

struct Tree {
  std::string characters;
  std::vector<Node> nodes;  // in document order; the children of i start at i + 1
  std::vector<NamedValue> attributes;

  std::string_view view(Slice slice) const {
    return std::string_view(characters).substr(slice.begin, slice.length);
  }
};

namespace {

// ---- from bytes to UTF-8 ----

enum class Encoding { utf8, windows1252, utf16_little, utf16_big };

std::optional<Encoding> utf16_order(ByteView file) {
  if (file.size() < 2) return std::nullopt;
  if (file[0] == 0xFF && file[1] == 0xFE) return Encoding::utf16_little;
  if (file[0] == 0xFE && file[1] == 0xFF) return Encoding::utf16_big;
  // Without a mark: markup starts with ASCII, one of whose two bytes is zero.
  if (file[0] != 0 && file[0] < 0x80 && file[1] == 0) return Encoding::utf16_little;
  if (file[0] == 0 && file[1] != 0 && file[1] < 0x80) return Encoding::utf16_big;
  return std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t character) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xC0 | (character >> 6));
    put(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    put(0xE0 | (character >> 12));
    put(0x80 | ((character >> 6) & 0x3F));
    put(0x80 | (character & 0x3F));
  } else {
    put(0xF0 | (character >> 18));
    put(0x80 | ((character >> 12) & 0x3F));
    put(0x80 | ((character >> 6) & 0x3F));
    put(0x80 | (character & 0x3F));
  }
}

void blank_forbidden(std::string& text) {
  for (char& character : text) {
    const auto byte = static_cast<std::uint8_t>(character);
    if (byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') character = ' ';
  }
}

bool is_high_surrogate(std::uint32_t unit) {
  return (unit & 0xFC00) == 0xD800;
}
bool is_low_surrogate(std::uint32_t unit) {
  return (unit & 0xFC00) == 0xDC00;
}

std::string utf8_from_utf16(ByteView bytes, bool little) {
  const auto unit = [&](std::size_t i) {
    const std::uint32_t first = bytes[i];
    const std::uint32_t second = bytes[i + 1];
    return little ? first | (second << 8) : (first << 8) | second;
  };
  std::string out;
  out.reserve(bytes.size() / 2);
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t character = unit(i);
    if (i == 0 && character == 0xFEFF) continue;  // byte order mark
    if (is_high_surrogate(character) && i + 3 < bytes.size() && is_low_surrogate(unit(i + 2))) {
      character = 0x10000 + ((character & 0x3FF) << 10) + (unit(i + 2) & 0x3FF);
      i += 2;
    } else if (is_high_surrogate(character) || is_low_surrogate(character)) {
      character = kReplacementCharacter;
    }
    append_utf8(out, character);
  }
  blank_forbidden(out);
  return out;
}

Encoding encoding_of(ByteView file) {
  if (const auto order = utf16_order(file)) return *order;
  return is_valid_utf8(as_text(file)) ? Encoding::utf8 : Encoding::windows1252;
}

std::string utf8_from(ByteView file, Encoding encoding) {
  switch (encoding) {
    case Encoding::utf16_little:
      return utf8_from_utf16(file, true);
    case Encoding::utf16_big:
      return utf8_from_utf16(file, false);
    case Encoding::windows1252:
      return text_from_device(file);
    case Encoding::utf8:
      break;
  }
  std::string text(as_text(file));
  if (text.starts_with(kUtf8Mark)) text.erase(0, kUtf8Mark.size());
  blank_forbidden(text);
  return text;
}

// ---- what stands before the root element ----

// Past a "<!DOCTYPE ...>", whose internal subset in brackets may hold '>', as may quoted texts and
// comments.
std::size_t past_document_type(std::string_view text, std::size_t position) {
  bool in_subset = false;
  while (position < text.size()) {
    const char character = text[position];
    if (character == '"' || character == '\'') {
      position = text.find(character, position + 1);
      if (position == std::string_view::npos) return position;
    } else if (text.substr(position).starts_with("<!--")) {
      position = text.find("-->", position + 4);
      if (position == std::string_view::npos) return position;
    } else if (character == '[') {
      in_subset = true;
    } else if (character == ']') {
      in_subset = false;
    } else if (character == '>' && !in_subset) {
      return position + 1;
    }
    ++position;
  }
  return std::string_view::npos;
}

struct Prolog {
  std::string_view declaration;  // "<?xml ... ?>", empty when there is none
  std::size_t root = 0;          // position of the root element's '<'
};

std::optional<Prolog> read_prolog(std::string_view text) {
  const auto past = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? found : found + mark.size();
  };
  Prolog prolog;
  std::size_t position = 0;
  while (position != std::string_view::npos) {
    position = text.find_first_not_of(kBlank, position);
    if (position == std::string_view::npos || text[position] != '<') return std::nullopt;
    const std::string_view rest = text.substr(position);
    const std::size_t begin = position;
    if (rest.starts_with("<?")) {
      position = past("?>", position);
      if (rest.starts_with("<?xml ") && position != std::string_view::npos) {
        prolog.declaration = text.substr(begin, position - begin);
      }
    } else if (rest.starts_with("<!--")) {
      position = past("-->", position + 4);
    } else if (rest.starts_with("<!DOCTYPE")) {
      position = past_document_type(text, position + 1);
    } else if (rest.size() > 1 && rest[1] != '!') {
      prolog.root = position;
      return prolog;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string_view local_name(std::string_view name) {
  return name.substr(name.find(':') + 1);  // npos + 1 is 0: no prefix
}

std::string declared_encoding(std::string_view declaration) {
  constexpr std::string_view kName = "encoding";
  std::size_t position = declaration.find(kName);
  if (position == std::string_view::npos) return {};
  position = declaration.find_first_of("\"'", position);
  if (position == std::string_view::npos) return {};
  const std::size_t end = declaration.find(declaration[position], position + 1);
  if (end == std::string_view::npos) return {};
  std::string name(declaration.substr(position + 1, end - position - 1));
  std::ranges::transform(name, name.begin(), to_lower);
  return name;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

// Whether bytes that are `actual` may be declared as `declared`.
bool declaration_holds(std::string_view declared, Encoding actual, std::string_view text) {
  const bool utf16 = declared.starts_with("utf-16") || declared.starts_with("ucs-2");
  switch (actual) {
    case Encoding::utf16_little:
    case Encoding::utf16_big:
      return declared.empty() || utf16;
    case Encoding::utf8:
      return declared.empty() || declared == "utf-8" || declared == "utf8" ||
             (!utf16 && is_ascii(text));
    case Encoding::windows1252:
      return declared.starts_with("iso-8859-1") || declared == "latin1" ||
             declared == "windows-1252" || declared == "cp1252";
  }
  return true;
}

void note_encoding(std::string_view declaration, Encoding actual, std::string_view text,
                   std::vector<Finding>& findings) {
  if (declaration_holds(declared_encoding(declaration), actual, text)) return;
  findings.push_back({"encoding_mismatch", Severity::info,
                      "The character encoding that the file declares is not the one of its bytes; "
                      "the bytes are followed. Check the accents in the name."});
}

// ---- the tree ----

// More attributes on one element than libxml2 may be shown. Comments and character data are passed
// over, as they may hold anything.
bool too_many_attributes(std::string_view text) {
  std::size_t position = 0;
  while ((position = text.find('<', position)) != std::string_view::npos) {
    const std::string_view rest = text.substr(position);
    const bool comment = rest.starts_with("<!--");
    const bool data = rest.starts_with("<![CDATA[");
    if (comment || data || rest.starts_with("<?")) {
      position = text.find(comment ? "-->" : data ? "]]>" : "?>", position + 2);
      if (position == std::string_view::npos) return false;
      continue;
    }
    std::size_t quoted = 0;
    position = text.find_first_of("\"'>", position + 1);
    while (position != std::string_view::npos && text[position] != '>') {
      if (++quoted > kMaxAttributes) return true;
      position = text.find(text[position], position + 1);
      if (position != std::string_view::npos) position = text.find_first_of("\"'>", position + 1);
    }
    if (position == std::string_view::npos) return false;
  }
  return false;
}

struct Builder {
  xmlParserCtxtPtr context = nullptr;
  Tree tree;
  struct Open {
    std::uint32_t node = 0;
    int namespaces = 0;  // declared there
  };
  std::vector<Open> open;      // the elements not yet ended
  int open_namespaces = 0;     // declared by them
  bool may_take_text = false;  // nothing but text since the innermost element started
  std::uint32_t ended = 0;     // the element that ended last
  bool finished = false;       // the root has ended
  std::size_t root_end = 0;    // bytes up to there
  std::string_view exceeded;   // which limit, empty when none
  int error = XML_ERR_OK;      // the first
  int error_line = 0;
  bool error_at_end = false;

  Slice keep(std::string_view text) {
    const Slice slice{static_cast<std::uint32_t>(tree.characters.size()),
                      static_cast<std::uint32_t>(text.size())};
    tree.characters.append(text);
    return slice;
  }
  void give_up(std::string_view limit) {
    exceeded = limit;
    xmlStopParser(context);
  }
};

std::string_view view_of(const xmlChar* text) {
  return reinterpret_cast<const char*>(text);
}

void on_start(void* user, const xmlChar* name, const xmlChar* /*prefix*/, const xmlChar* /*uri*/,
              int namespaces, const xmlChar** /*declared*/, int attributes, int /*defaulted*/,
              const xmlChar** values) {
  auto& builder = *static_cast<Builder*>(user);
  Tree& tree = builder.tree;
  builder.open_namespaces += namespaces;
  if (builder.open.size() >= kMaxDepth) return builder.give_up("nesting");
  if (tree.nodes.size() >= kMaxElements) return builder.give_up("number of elements");
  if (builder.open_namespaces > kMaxNamespaces) return builder.give_up("number of namespaces");
  Node node;
  node.name = builder.keep(view_of(name));
  node.attributes_begin = static_cast<std::uint32_t>(tree.attributes.size());
  for (int i = 0; i < attributes; ++i, values += kPointersOfAttribute) {
    const Slice kept = builder.keep(view_of(values[0]));
    const auto length = static_cast<std::size_t>(values[4] - values[3]);
    tree.attributes.push_back(
        {kept, builder.keep({reinterpret_cast<const char*>(values[3]), length})});
  }
  node.attributes_end = static_cast<std::uint32_t>(tree.attributes.size());
  node.text.begin = static_cast<std::uint32_t>(tree.characters.size());
  builder.open.push_back({static_cast<std::uint32_t>(tree.nodes.size()), namespaces});
  tree.nodes.push_back(node);
  builder.may_take_text = true;
}

void on_end(void* user, const xmlChar* /*name*/, const xmlChar* /*prefix*/,
            const xmlChar* /*uri*/) {
  auto& builder = *static_cast<Builder*>(user);
  if (builder.open.empty()) return;
  const Builder::Open ended = builder.open.back();
  builder.tree.nodes[ended.node].end = static_cast<std::uint32_t>(builder.tree.nodes.size());
  builder.tree.nodes[ended.node].tail.begin =
      static_cast<std::uint32_t>(builder.tree.characters.size());
  builder.open_namespaces -= ended.namespaces;
  builder.open.pop_back();
  builder.may_take_text = false;
  builder.ended = ended.node;
  if (!builder.open.empty()) return;
  builder.finished = true;
  builder.root_end = static_cast<std::size_t>(xmlByteConsumed(builder.context));
}

void on_text(void* user, const xmlChar* text, int length) {
  auto& builder = *static_cast<Builder*>(user);
  if (builder.open.empty() || length <= 0) return;
  builder.tree.characters.append(reinterpret_cast<const char*>(text),
                                 static_cast<std::size_t>(length));
  Slice& slice = builder.may_take_text ? builder.tree.nodes[builder.open.back().node].text
                                       : builder.tree.nodes[builder.ended].tail;
  slice.length += static_cast<std::uint32_t>(length);
}

tl::unexpected<Error> too_large(std::string_view what) {
  return fail(ErrorCode::limit_exceeded,
              fmt::format("The {} of this XML file is beyond what tracings have. Export the "
                          "recording again from the device and send the new file.",
                          what));
}

// The first error ends the reading: libxml2 would go on without telling.
void on_error(void* user, const xmlError* error) {
  auto& builder = *static_cast<Builder*>(user);
  if (error == nullptr || error->level < XML_ERR_FATAL || builder.error != XML_ERR_OK) return;
  builder.error = error->code;
  builder.error_line = error->line;
  const xmlParserInput* input = builder.context->input;
  builder.error_at_end =
      error->code != XML_ERR_TAG_NAME_MISMATCH && (input == nullptr || input->cur >= input->end);
  xmlStopParser(builder.context);
}

Result<void> refusal(const Builder& builder) {
  if (!builder.exceeded.empty()) return too_large(builder.exceeded);
  if (builder.error == XML_ERR_UNDECLARED_ENTITY) {
    return fail(ErrorCode::malformed_file,
                "This XML file uses entities of a document type, which are not read. Export the "
                "recording again from the device, without document type.");
  }
  if (builder.error_at_end) {
    return fail(ErrorCode::truncated_file,
                "This XML file ends too early: it was cut on its way. Export it again from the "
                "device and send the new file.");
  }
  return fail(ErrorCode::malformed_file,
              fmt::format("This XML file is damaged at line {}, counted from its root element. "
                          "Export the recording again from the device and send the new file.",
                          builder.error_line));
}

Result<void> fill(Builder& builder, std::string_view text) {
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> context(
      xmlCreateMemoryParserCtxt(text.data(), static_cast<int>(text.size())), &xmlFreeParserCtxt);
  if (!context) return too_large("size");
  xmlSAXHandler handler{};
  handler.startElementNs = on_start;
  handler.endElementNs = on_end;
  handler.characters = on_text;
  handler.ignorableWhitespace = on_text;
  handler.cdataBlock = on_text;
  handler.serror = [](void* user, xmlErrorPtr error) { on_error(user, error); };
  handler.initialized = XML_SAX2_MAGIC;
  *context->sax = handler;  // the table is the context's own
  context->userData = &builder;
  // NOENT: without it SAX2 leaves "&amp;" in attributes as "&#38;". There is no entity to expand
  // but the predefined ones, as no document type is shown to libxml2.
  xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_NOENT);
  builder.context = context.get();
  xmlParseDocument(context.get());
  builder.context = nullptr;
  if (!builder.finished) return refusal(builder);
  return {};
}

// Comments may follow the root element, anything else may not.
void note_trailing(const Builder& builder, std::string_view text, std::vector<Finding>& findings) {
  if (builder.error == XML_ERR_OK || builder.root_end >= text.size()) return;
  findings.push_back({"trailing_bytes", Severity::warning,
                      fmt::format("{} bytes follow the end of the document and are ignored.",
                                  text.size() - builder.root_end)});
}

}  // namespace

// ---- Element ----

std::string_view Element::name() const {
  return tree_ == nullptr ? std::string_view() : tree_->view(tree_->nodes[index_].name);
}

std::string_view Element::text() const {
  return tree_ == nullptr ? std::string_view() : tree_->view(tree_->nodes[index_].text);
}

std::string_view Element::tail() const {
  return tree_ == nullptr ? std::string_view() : tree_->view(tree_->nodes[index_].tail);
}

std::string_view Element::attribute(std::string_view name) const {
  if (tree_ == nullptr) return {};
  const Node& node = tree_->nodes[index_];
  for (std::uint32_t i = node.attributes_begin; i < node.attributes_end; ++i) {
    if (tree_->view(tree_->attributes[i].name) == name) {
      return tree_->view(tree_->attributes[i].value);
    }
  }
  return {};
}

Element Element::first_child(std::string_view name) const {
  if (tree_ == nullptr) return {};
  const std::uint32_t end = tree_->nodes[index_].end;
  if (index_ + 1 >= end) return {};
  const Element first(tree_, index_ + 1, end);
  return name.empty() || first.name() == name ? first : first.next(name);
}

Element Element::next(std::string_view name) const {
  if (tree_ == nullptr) return {};
  for (std::uint32_t i = tree_->nodes[index_].end; i < parent_end_; i = tree_->nodes[i].end) {
    if (name.empty() || tree_->view(tree_->nodes[i].name) == name) {
      return {tree_, i, parent_end_};
    }
  }
  return {};
}

Element Element::child(std::string_view name) const {
  return first_child(name);
}

Element Element::path(std::initializer_list<std::string_view> names) const {
  Element element = *this;
  for (const std::string_view name : names) element = element.child(name);
  return element;
}

Element Element::descendant(std::string_view name) const {
  if (tree_ == nullptr) return {};
  const std::uint32_t end = tree_->nodes[index_].end;
  for (std::uint32_t i = index_ + 1; i < end; ++i) {
    // Its siblings are not asked for, so its own end stands for that of its parent.
    if (tree_->view(tree_->nodes[i].name) == name) return {tree_, i, tree_->nodes[i].end};
  }
  return {};
}

Element::Children Element::children(std::string_view name) const {
  return {first_child(name), name};
}

// ---- Document ----

Document::Document(std::unique_ptr<const Tree> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Element Document::root() const {
  return {tree_.get(), 0, tree_->nodes[0].end};
}

Result<Document> parse(ByteView file, std::vector<Finding>& findings) {
  if (file.size() > kMaxFileBytes) return too_large("size");
  const Encoding encoding = encoding_of(file);
  const std::string text = utf8_from(file, encoding);
  const auto prolog = read_prolog(text);
  if (!prolog) {
    return fail(ErrorCode::malformed_file,
                "This file is no XML document. Export the recording again from the device and send "
                "the new file.");
  }
  note_encoding(prolog->declaration, encoding, text, findings);
  std::string_view body = std::string_view(text).substr(prolog->root);
  body = body.substr(0, body.find_last_not_of(kBlank) + 1);
  if (too_many_attributes(body)) return too_large("number of attributes");
  Builder builder;
  builder.tree.characters.reserve(body.size());
  if (auto filled = fill(builder, body); !filled) return tl::unexpected(filled.error());
  note_trailing(builder, body, findings);
  return Document(std::make_unique<const Tree>(std::move(builder.tree)));
}

}  // namespace telavis::xml

namespace telavis {

std::optional<std::string> xml_root_name(ByteView file) {
  const ByteView start = file.first(std::min(file.size(), xml::kRootNameWindowBytes));
  const auto order = xml::utf16_order(start);
  std::string text = xml::utf8_from(start, order.value_or(xml::Encoding::utf8));
  const auto prolog = xml::read_prolog(text);
  if (!prolog) return std::nullopt;
  const std::string_view rest = std::string_view(text).substr(prolog->root + 1);
  const std::string_view name = rest.substr(0, rest.find_first_of(" \t\r\n/>"));
  if (name.empty()) return std::nullopt;
  return std::string(xml::local_name(name));
}

}  // namespace telavis
