// SPDX-License-Identifier: Apache-2.0
#include "mssante/cda_read_body.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "formats/base64.h"
#include "formats/xml_values.h"
#include "mssante/cda_oids.h"

namespace telavis::cda {
namespace {

using xml::Element;

constexpr std::size_t kMaxSections = 200;      // the largest French model has some forty
constexpr std::size_t kMaxParagraphs = 5'000;  // of a section; a long history has a hundred
constexpr std::size_t kMaxEntries = 1'000;     // likewise
constexpr int kMaxDepth = 100;                 // as the XML reader

// As a browser shows it: any run of blanks is one; XML's own line breaks mean nothing.
void append_collapsed(std::string& out, std::string_view text) {
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ' && out.back() != '\n') {
      out += ' ';
    }
  }
}

void trim(std::string& text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\n'; };
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(" \n"), text.size()));
}

// What starts a paragraph of its own in a narrative block.
bool is_block(std::string_view name) {
  constexpr std::array<std::string_view, 7> kBlocks = {"paragraph", "item", "tr",   "caption",
                                                       "table",     "list", "thead"};
  return std::ranges::find(kBlocks, name) != kBlocks.end();
}

/// References of the entries to the narrative: "#treatment-1".
using References = std::set<std::string, std::less<>>;

class Narrative {
 public:
  explicit Narrative(const References& references) : references_(references) {}

  std::vector<std::string> read(Element text) {
    walk(text, 0);
    end_paragraph();
    return std::move(paragraphs_);
  }

 private:
  void end_paragraph() {
    trim(line_);
    if (!line_.empty() && paragraphs_.size() < kMaxParagraphs) {
      paragraphs_.push_back(std::move(line_));
    }
    line_.clear();
  }

  /// An item of a list that holds nothing but what an entry says.
  bool stands_in_entry(Element item) const {
    const Element content = item.child("content");
    if (item.name() != "item" || !content) return false;
    for (const Element child : item.children()) {
      if (child.name() != "content" || child.attribute("ID") != content.attribute("ID") ||
          !xml::trimmed(child.tail()).empty()) {
        return false;
      }
    }
    return xml::trimmed(item.text()).empty() &&
           references_.contains("#" + std::string(content.attribute("ID")));
  }

  void walk(Element element, int depth) {
    append_collapsed(line_, element.text());
    for (const Element child : element.children()) {
      const std::string_view name = child.name();
      if (name == "br") {
        while (!line_.empty() && line_.back() == ' ') line_.pop_back();
        line_ += '\n';
      } else if (stands_in_entry(child)) {
        end_paragraph();
      } else {
        const bool block = is_block(name);
        if (block) end_paragraph();
        if ((name == "td" || name == "th") && !line_.empty()) line_ += " | ";
        if (depth < kMaxDepth) walk(child, depth + 1);
        if (block) end_paragraph();
      }
      append_collapsed(line_, child.tail());
    }
  }

  const References& references_;
  std::vector<std::string> paragraphs_;
  std::string line_;
};

std::string shown(std::string_view text) {
  std::string out;
  append_collapsed(out, text);
  trim(out);
  return out;
}

void read_treatment(Element entry, CdaSection& section, References& references) {
  const Element administration = entry.child("substanceAdministration");
  const Element material =
      administration.path({"consumable", "manufacturedProduct", "manufacturedMaterial"});
  std::string name = shown(material.child("name").text());
  if (name.empty()) name = shown(material.child("code").attribute("displayName"));
  if (name.empty()) return;
  section.treatments.push_back(std::move(name));
  references.emplace(administration.path({"text", "reference"}).attribute("value"));
}

void read_measures(Element entry, CdaSection& section, References& references) {
  for (const Element component : entry.child("organizer").children("component")) {
    const Element observation = component.child("observation");
    const Element value = observation.child("value");
    const Element code = observation.child("code");
    if (value.attribute("value").empty() || code.attribute("code").empty()) continue;
    if (section.measures.size() == kMaxEntries) return;
    section.measures.push_back({shown(code.attribute("code")), shown(code.attribute("displayName")),
                                shown(value.attribute("value")), shown(value.attribute("unit"))});
    references.emplace(observation.path({"text", "reference"}).attribute("value"));
  }
}

class BodyReader {
 public:
  std::vector<CdaSection> read(Element structured_body) {
    components(structured_body, 0);
    return std::move(sections_);
  }

 private:
  void components(Element parent, int depth) {
    if (depth > kMaxDepth) return;
    for (const Element component : parent.children("component")) {
      for (const Element section : component.children("section")) {
        one(section);
        components(section, depth + 1);
      }
    }
  }

  void one(Element element) {
    CdaSection section;
    section.code = shown(element.child("code").attribute("code"));
    section.title = shown(element.child("title").text());
    References references;
    for (const Element entry : element.children("entry")) {
      if (section.treatments.size() == kMaxEntries) break;
      if (section.code == kCdaTreatments) read_treatment(entry, section, references);
      if (section.code == kCdaVitalSigns) read_measures(entry, section, references);
    }
    section.paragraphs = Narrative(references).read(element.child("text"));
    // A section that only holds others says nothing itself.
    const bool empty = section.paragraphs.empty() && section.treatments.empty() &&
                       section.measures.empty() && !element.child("text");
    if (!empty && sections_.size() < kMaxSections) sections_.push_back(std::move(section));
  }

  std::vector<CdaSection> sections_;
};

}  // namespace

std::vector<CdaSection> read_sections(Element structured_body) {
  return BodyReader().read(structured_body);
}

std::optional<Bytes> pdf_in(Element text) {
  const std::string_view representation = text.attribute("representation");
  if (representation != "B64") return std::nullopt;
  return base64_decoded(text.text());
}

}  // namespace telavis::cda
