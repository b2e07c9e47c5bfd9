// SPDX-License-Identifier: Apache-2.0
#include "engine/core/opinion.h"

#include <boost/json.hpp>

#include "engine/core/crypto.h"
#include "engine/core/json_reader.h"
#include "engine/core/request.h"

namespace telavis {

Result<OpinionText> parse_opinion(std::string_view json) {
  JsonReader reader(json);
  OpinionText opinion;
  opinion.conclusion = reader.text("conclusion", kMaxTextBytes);
  opinion.conduct = reader.optional_text("conduct", kMaxTextBytes);
  opinion.orientation = reader.choice("orientation", {"gp_management", "in_person", "emergency_15",
                                                      "other_specialty", "repeat_recording"});
  opinion.data_sufficient = reader.boolean("data_sufficient", true);
  opinion.pedagogy = reader.optional_text("pedagogy", kMaxTextBytes);
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return opinion;
}

std::string opinion_json(const OpinionText& opinion) {
  namespace json = boost::json;
  return json::serialize(json::object{{"conclusion", opinion.conclusion},
                                      {"conduct", opinion.conduct},
                                      {"orientation", opinion.orientation},
                                      {"data_sufficient", opinion.data_sufficient},
                                      {"pedagogy", opinion.pedagogy}});
}

std::string opinion_hash(const CaseId& case_id, const UserId& expert, Instant signed_at,
                         std::string_view canonical_json) {
  namespace json = boost::json;
  // An array of strings: no two different inputs serialise alike.
  return hash_hex(json::serialize(json::array{
      case_id.value, expert.value, std::to_string(to_epoch_ms(signed_at)), canonical_json}));
}

}  // namespace telavis
