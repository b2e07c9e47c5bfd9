// SPDX-License-Identifier: Apache-2.0
#include "formats/html_text.h"
#include "formats/text.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>
#include <vector>

namespace telavis {
namespace {

constexpr std::size_t kMaxHtmlBytes = std::size_t{8} << 20;  // a mail's text; pictures are parts
constexpr int kMaxDepth = 400;  // of elements: newsletters nest some 60 tables
constexpr int kMaxQuotes = 20;  // "> > > ..."

struct FreeContext {
  void operator()(htmlParserCtxt* context) const { htmlFreeParserCtxt(context); }
};
struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};

bool is_one_of(std::string_view name, const auto& list) {
  return std::ranges::find(list, name) != list.end();
}

constexpr auto kSkipped = std::to_array<std::string_view>(
    {"script", "style", "head", "title", "object", "template", "noscript", "svg"});
constexpr auto kParagraphs = std::to_array<std::string_view>(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre", "hr"});
constexpr auto kBlocks = std::to_array<std::string_view>(
    {"div", "tr", "li", "dt", "dd", "address", "article", "section", "header", "footer", "center",
     "body", "form", "tbody", "thead"});

std::string_view name_of(const xmlNode* node) {
  return node->name == nullptr ? std::string_view()
                               : std::string_view(reinterpret_cast<const char*>(node->name));
}

std::string attribute(const xmlNode* node, const char* name) {
  for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
    if (xmlStrcasecmp(at->name, reinterpret_cast<const xmlChar*>(name)) != 0) continue;
    const xmlNode* value = at->children;
    if (value == nullptr || value->content == nullptr) return {};
    return lowered(reinterpret_cast<const char*>(value->content));
  }
  return {};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool is_quotation(const xmlNode* node, std::string_view name) {
  const std::string classes = attribute(node, "class");
  if (has(classes, "gmail_quote_container") || has(classes, "gmail_attr")) return false;
  if (name != "blockquote") return has(classes, "yahoo_quoted");
  const std::string style = attribute(node, "style");
  return attribute(node, "type") == "cite" || !attribute(node, "cite").empty() ||
         has(classes, "quote") || has(classes, "cite") || has(style, "border-left");
}

/// Lines with their marks of quotation, spaces run together as a browser does.
class Writer {
 public:
  explicit Writer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  void text(std::string_view content, bool preformatted) {
    while (!content.empty() && !full()) {
      const char c = content.front();
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
      content.remove_prefix(1);
      if (preformatted && c == '\n') {
        end_line();
      } else if (blank) {
        space_ = space_ || !line_empty_;
        if (preformatted && c != '\r') put_space();
      } else {
        put(c);
      }
    }
  }
  void end_line() {
    if (full()) return;
    if (line_empty_) prefix();
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
    blank_lines_ = line_empty_ ? blank_lines_ + 1 : 0;
    line_empty_ = true;
    space_ = false;
  }
  void block() {
    if (!line_empty_) end_line();
  }
  void paragraph() {
    block();
    if (blank_lines_ == 0 && !out_.empty()) end_line();
  }
  void tab() {
    if (line_empty_) return;
    out_ += '\t';
    space_ = false;
  }
  void quote(int change) {
    block();
    quotes_ += change;
  }
  void mark(std::string_view characters) {
    for (const char c : characters) put(c);
  }
  bool full() const { return out_.size() >= max_bytes_; }
  std::string take() {
    if (!full()) return std::move(out_);
    out_.resize(max_bytes_);
    // The limit may cut a character.
    while (!out_.empty() && static_cast<unsigned char>(out_.back()) >= 0x80) out_.pop_back();
    return std::move(out_);
  }

 private:
  void prefix() {
    for (int i = 0; i < std::min(quotes_, kMaxQuotes); ++i) out_ += "> ";
  }
  void put_space() {
    if (!line_empty_) out_ += ' ';
    space_ = false;
  }
  void put(char c) {
    if (line_empty_) prefix();
    if (space_ && !line_empty_ && out_.back() != '\t') out_ += ' ';
    space_ = false;
    line_empty_ = false;
    blank_lines_ = 0;
    out_ += c;
  }

  std::string out_;
  std::size_t max_bytes_;
  int quotes_ = 0;
  int blank_lines_ = 1;
  bool line_empty_ = true;
  bool space_ = false;
};

class Walk {
 public:
  explicit Walk(std::size_t max_bytes) : writer_(max_bytes) {}

  void children(const xmlNode* parent, int depth, bool preformatted) {
    for (const xmlNode* node = parent->children; node != nullptr; node = node->next) {
      if (writer_.full() || depth > kMaxDepth) return;
      if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        if (node->content != nullptr) {
          writer_.text(reinterpret_cast<const char*>(node->content), preformatted);
        }
      } else if (node->type == XML_ELEMENT_NODE) {
        element(node, depth, preformatted);
      }
    }
  }
  std::string take() { return writer_.take(); }

 private:
  void element(const xmlNode* node, int depth, bool preformatted) {
    const std::string_view name = name_of(node);
    if (is_one_of(name, kSkipped)) return;
    if (name == "br") return writer_.end_line();
    const bool paragraph = is_one_of(name, kParagraphs);
    const bool block = paragraph || is_one_of(name, kBlocks);
    const bool quotation = is_quotation(node, name);
    if (paragraph) {
      writer_.paragraph();
    } else if (block) {
      writer_.block();
    }
    if (name == "li") writer_.mark("- ");
    if (name == "td" || name == "th") writer_.tab();
    if (quotation) writer_.quote(1);
    // A rule is what Outlook draws above the mail that it answers.
    if (name == "hr") writer_.mark("________________________________");
    children(node, depth + 1, preformatted || name == "pre");
    if (quotation) writer_.quote(-1);
    if (paragraph && name != "p") {
      writer_.paragraph();
    } else if (block) {
      writer_.block();
    }
  }

  Writer writer_;
};

/// Characters that HTML does not know end the parser of libxml2 early.
std::string without_zero(std::string_view html) {
  std::string out(html);
  std::ranges::replace(out, '\0', ' ');
  return out;
}

}  // namespace

std::string text_of_html(std::string_view html, std::size_t max_bytes) {
  const std::string bytes = without_zero(html.substr(0, std::min(html.size(), kMaxHtmlBytes)));
  if (bytes.empty()) return {};
  const std::unique_ptr<htmlParserCtxt, FreeContext> context(htmlNewParserCtxt());
  if (!context) return {};
  const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                      HTML_PARSE_NONET | HTML_PARSE_COMPACT | HTML_PARSE_IGNORE_ENC;
  const std::unique_ptr<xmlDoc, FreeDocument> document(htmlCtxtReadMemory(
      context.get(), bytes.data(), static_cast<int>(bytes.size()), nullptr, "UTF-8", options));
  if (!document) return {};
  Walk walk(max_bytes);
  walk.children(reinterpret_cast<const xmlNode*>(document.get()), 0, false);
  return walk.take();
}

}  // namespace telavis
