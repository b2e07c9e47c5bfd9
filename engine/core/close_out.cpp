// SPDX-License-Identifier: Apache-2.0
#include "engine/core/close_out.h"

#include <boost/json.hpp>

#include "engine/core/json_reader.h"

namespace telavis {

Result<std::string> parse_close_out(std::string_view text) {
  namespace json = boost::json;
  constexpr std::int64_t kLeastValue = 1;
  constexpr std::int64_t kMostValue = 5;
  JsonReader reader(text);
  json::object answers;
  answers["outcome"] =
      reader.choice("outcome", {"confirmed", "new_advice", "not_useful", "none_of_these"});
  if (reader.has("referral")) {
    answers["referral"] = reader.choice("referral", {"avoided", "still_needed", "still_not_needed",
                                                     "newly_needed", "no_benefit", "other"});
  }
  for (const std::string_view name : {"value_for_patient", "value_for_requester"}) {
    if (reader.has(name)) answers[name] = reader.number(name, kLeastValue, kMostValue);
  }
  answers["comment"] = reader.optional_text("comment", kMaxCloseOutComment);
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return json::serialize(answers);
}

}  // namespace telavis
