// SPDX-License-Identifier: Apache-2.0
// Bodies of several parts (RFC 2046, 5.1) taken apart, and header values with parameters (RFC 9110,
// 5.6.6). What is in a part is the caller's matter. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// Of one part's header. Browsers send two lines of together about 200 bytes.
inline constexpr std::size_t kMaxPartHeaderBytes = 4096;

/// `form-data; name="file"; filename="a.scp"`.
struct Parameterised {
  std::string value;                                            // lower case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, none twice

  std::optional<std::string_view> parameter(std::string_view name) const;
};
/// A backslash in quotes stands for itself unless it stands before a quote or a backslash. nullopt:
/// no such value.
std::optional<Parameterised> parse_parameterised(std::string_view text);

/// Without spaces and tabs around.
std::string_view trimmed_blanks(std::string_view text);

/// The boundary of a Content-Type (RFC 2046, 5.1.1: 1 to 70 characters); nullopt: none, or none
/// that is valid.
std::optional<std::string> boundary_of(const Parameterised& content_type);

struct BodyPart {
  std::map<std::string, std::string> headers;  // names in lower case, none twice
  std::string_view content;                    // in the body that was given

  std::string_view header(const std::string& lower_case_name) const;
};

/// Goes over the parts; what stands before the first and behind the last is not read. Errors:
/// malformed_request (broken framing, header lines that are none, one twice, a transfer encoding).
class PartWalker {
 public:
  PartWalker(std::string_view boundary, std::string_view body);
  /// Goes to the first part.
  Result<void> begin();
  bool at_end() const { return at_end_; }
  /// The part here; goes to the next.
  Result<BodyPart> take();

 private:
  Result<void> end_of_delimiter();

  std::string delimiter_;
  std::string_view rest_;
  bool at_end_ = false;
};

}  // namespace telavis
