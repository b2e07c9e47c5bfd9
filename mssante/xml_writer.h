// SPDX-License-Identifier: Apache-2.0
// Writes elements one after the other, an element a line, everything escaped.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/bytes.h"

namespace telavis {

/// Name and value of an attribute. One with an empty value is left out.
using XmlAttribute = std::pair<std::string_view, std::string_view>;
using XmlAttributes = std::initializer_list<XmlAttribute>;

class XmlWriter {
 public:
  XmlWriter();

  void open(std::string_view name, XmlAttributes attributes = {});
  /// Ends the innermost element.
  void close();
  void empty(std::string_view name, XmlAttributes attributes = {});
  /// An element with text alone, without blanks around it.
  void text(std::string_view name, std::string_view content, XmlAttributes attributes = {});
  /// As text(), of characters that need no escaping: base64.
  void plain(std::string_view name, std::string_view content, XmlAttributes attributes);
  /// The lines of a text, with <br/> between them.
  void lines(std::string_view name, std::string_view content, XmlAttributes attributes = {});
  /// What was opened must be closed.
  Bytes finish();

 private:
  void indent();
  void start(std::string_view name, XmlAttributes attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace telavis
