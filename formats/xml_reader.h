// SPDX-License-Identifier: Apache-2.0
// XML as the tracings of devices use it: a small read-only tree. No document type, no entity but
// the five predefined ones and character references, nothing fetched, everything bounded.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// Local name of the root element ("AnnotatedECG"), looked for in the first 64 KiB after byte order
/// mark, declaration, comments and document type; nullopt when these bytes do not start like XML.
/// UTF-8, UTF-16 of either byte order with or without mark, any encoding that extends ASCII.
std::optional<std::string> xml_root_name(ByteView file);

}  // namespace telavis

namespace telavis::xml {

struct Tree;

/// An element of a Document, which must outlive it. A default Element is absent: it converts to
/// false and answers every question with nothing, so that paths may be walked without a test a
/// step. Names are without their namespace prefix.
class Element {
 public:
  class Children;

  Element() = default;
  explicit operator bool() const { return tree_ != nullptr; }
  std::string_view name() const;
  /// The character data before the first child element, as written (UTF-8, not trimmed).
  std::string_view text() const;
  /// The character data between the end of this element and the next tag, as written.
  std::string_view tail() const;
  /// Empty when absent.
  std::string_view attribute(std::string_view name) const;
  /// The first child of that name.
  Element child(std::string_view name) const;
  /// The first child of the first child of ..., by names.
  Element path(std::initializer_list<std::string_view> names) const;
  /// The first element of that name below this one, in document order.
  Element descendant(std::string_view name) const;
  /// The children of that name, all of them when it is empty.
  Children children(std::string_view name = {}) const;

 private:
  friend class Document;
  Element(const Tree* tree, std::uint32_t index, std::uint32_t parent_end)
      : tree_(tree), index_(index), parent_end_(parent_end) {}
  Element next(std::string_view name) const;  // sibling
  Element first_child(std::string_view name) const;

  const Tree* tree_ = nullptr;
  std::uint32_t index_ = 0;
  std::uint32_t parent_end_ = 0;
};

class Element::Children {
 public:
  class Iterator {
   public:
    Iterator(Element element, std::string_view name) : element_(element), name_(name) {}
    Element operator*() const { return element_; }
    Iterator& operator++() {
      element_ = element_.next(name_);
      return *this;
    }
    bool operator!=(const Iterator& other) const {
      return static_cast<bool>(element_) != static_cast<bool>(other.element_);
    }

   private:
    Element element_;
    std::string_view name_;
  };
  Children(Element first, std::string_view name) : first_(first), name_(name) {}
  Iterator begin() const { return {first_, name_}; }
  Iterator end() const { return {Element(), name_}; }

 private:
  Element first_;
  std::string_view name_;
};

class Document {
 public:
  explicit Document(std::unique_ptr<const Tree> tree);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();
  Element root() const;

 private:
  std::unique_ptr<const Tree> tree_;
};

/// Reads a whole document. The encoding is taken from the bytes (byte order mark or pattern of
/// UTF-16; UTF-8 where it is valid; else Windows-1252, of which ISO-8859-1 is a part), since the
/// declarations of devices are not always true: a declaration that disagrees is the finding
/// "encoding_mismatch". The document type is passed over, so a reference to an entity that it
/// declares is an error. Control characters, which XML forbids, are read as spaces. What follows
/// the root element is the finding "trailing_bytes". Work and memory are linear in the size.
/// Errors: limit_exceeded (file, depth, elements, attributes), truncated_file, malformed_file.
Result<Document> parse(ByteView file, std::vector<Finding>& findings);

}  // namespace telavis::xml
