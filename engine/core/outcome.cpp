// SPDX-License-Identifier: Apache-2.0
#include "engine/core/outcome.h"

#include <boost/json.hpp>

#include "engine/core/json_reader.h"

namespace telavis {

Result<Outcome> parse_outcome(std::string_view text) {
  JsonReader reader(text);
  const std::string result = reader.choice(
      "result", {"benign", "premalignant", "carcinoma", "melanoma", "other_malignant", "confirmed",
                 "other_diagnosis", "not_known_yet", "lost_to_follow_up"});
  const std::string words = reader.optional_text("text", kMaxOutcomeText);
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return Outcome{boost::json::serialize(boost::json::object{{"result", result}, {"text", words}}),
                 result != "not_known_yet"};
}

}  // namespace telavis
