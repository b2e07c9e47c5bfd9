// SPDX-License-Identifier: Apache-2.0
// Strict reading of a JSON object by member name; the first thing that is wrong is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/result.h"

namespace telavis {

/// Reads one JSON object. Every member that is not asked for by name is refused by finish(), so
/// that a misspelt member is told and not ignored. Getters give an empty value once something is
/// wrong.
class JsonReader {
 public:
  /// Errors (by finish): malformed_request when the text is no JSON object or nests over 16 levels.
  /// Comments (`//`, `/* */`) and trailing commas are for files that people write.
  enum class Comments { refused, allowed };
  explicit JsonReader(std::string_view json, Comments comments = Comments::refused);
  ~JsonReader();

  /// A mandatory text, 1..max_bytes bytes of UTF-8 without control characters but line breaks.
  std::string text(std::string_view name, std::size_t max_bytes);
  /// As text(), but may be absent, null or empty.
  std::string optional_text(std::string_view name, std::size_t max_bytes);
  /// A mandatory text out of a closed list.
  std::string choice(std::string_view name, const std::vector<std::string_view>& allowed);
  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most);
  double decimal(std::string_view name, double when_absent, double least, double most);
  bool boolean(std::string_view name, bool when_absent);
  /// A mandatory list, each text as optional_text().
  std::vector<std::string> texts(std::string_view name, std::size_t max_bytes);
  /// A mandatory list of whole numbers.
  std::vector<std::int64_t> numbers(std::string_view name, std::int64_t least, std::int64_t most);
  /// Names of all members, for an object whose names are codes of somebody else's list.
  std::vector<std::string> names() const;
  /// Present and not null.
  bool has(std::string_view name) const;
  bool is_object(std::string_view name) const;
  /// A member that is an object itself, or nullopt (and noted as missing when `mandatory`). The
  /// child reports into this reader, with a dotted path.
  std::optional<JsonReader> object(std::string_view name, bool mandatory);
  /// Members of an array of objects.
  std::vector<JsonReader> objects(std::string_view name);

  void wrong(std::string_view name, std::string_view what);  // notes invalid_field
  void refuse(Error error);
  /// To be called last (on children too). Errors: missing_field, invalid_field, malformed_request.
  Result<void> finish();

  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;

 private:
  struct State;
  struct Node;
  JsonReader(std::shared_ptr<State> state, std::unique_ptr<Node> node);
  void missing(std::string_view name);
  std::string path(std::string_view name) const;

  std::shared_ptr<State> state_;
  std::unique_ptr<Node> node_;
};

}  // namespace telavis
