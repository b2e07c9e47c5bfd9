// SPDX-License-Identifier: Apache-2.0
#include "mssante/xml_writer.h"

#include "formats/xml_text.h"

namespace telavis {

XmlWriter::XmlWriter() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

void XmlWriter::indent() {
  out_.append(open_.size() * 2, ' ');
}

void XmlWriter::start(std::string_view name, XmlAttributes attributes) {
  indent();
  out_ += '<';
  out_ += name;
  for (const auto& [attribute, value] : attributes) {
    if (value.empty()) continue;
    out_ += ' ';
    out_ += attribute;
    out_ += "=\"" + xml_escaped(value) + "\"";
  }
}

void XmlWriter::open(std::string_view name, XmlAttributes attributes) {
  start(name, attributes);
  out_ += ">\n";
  open_.emplace_back(name);
}

void XmlWriter::close() {
  const std::string name = std::move(open_.back());
  open_.pop_back();
  indent();
  out_ += "</" + name + ">\n";
}

void XmlWriter::empty(std::string_view name, XmlAttributes attributes) {
  start(name, attributes);
  out_ += "/>\n";
}

void XmlWriter::plain(std::string_view name, std::string_view content, XmlAttributes attributes) {
  start(name, attributes);
  out_ += '>';
  out_ += content;
  out_ += "</";
  out_ += name;
  out_ += ">\n";
}

void XmlWriter::text(std::string_view name, std::string_view content, XmlAttributes attributes) {
  plain(name, xml_escaped(content), attributes);
}

void XmlWriter::lines(std::string_view name, std::string_view content, XmlAttributes attributes) {
  std::string inner;
  while (true) {
    const std::size_t end = content.find('\n');
    inner += xml_escaped(content.substr(0, end));
    if (end == std::string_view::npos) break;
    inner += "<br/>";
    content.remove_prefix(end + 1);
  }
  plain(name, inner, attributes);
}

Bytes XmlWriter::finish() {
  return {out_.begin(), out_.end()};
}

}  // namespace telavis
