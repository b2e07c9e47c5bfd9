// SPDX-License-Identifier: Apache-2.0
#include "engine/http/access_views.h"

#include <boost/json.hpp>
#include <utility>

#include "engine/http/qr_svg.h"

namespace telavis {

Result<std::string> proposed_factor_json(const ProposedFactor& proposed) {
  const auto svg = qr_svg(proposed.uri);
  if (!svg) return tl::unexpected(svg.error());
  return boost::json::serialize(
      boost::json::object{{"secret", proposed.secret}, {"uri", proposed.uri}, {"qr_svg", *svg}});
}

std::string recovery_codes_json(const std::vector<std::string>& codes) {
  boost::json::array list;
  for (const std::string& code : codes) list.emplace_back(code);
  return boost::json::serialize(boost::json::object{{"recovery_codes", std::move(list)}});
}

std::string sessions_json(const std::vector<SessionSummary>& sessions) {
  boost::json::array list;
  for (const SessionSummary& session : sessions) {
    list.push_back(boost::json::object{{"id", session.id},
                                       {"created_at", format_utc(session.created_at)},
                                       {"last_seen_at", format_utc(session.last_seen_at)},
                                       {"browser", session.browser},
                                       {"current", session.current}});
  }
  return boost::json::serialize(boost::json::object{{"sessions", std::move(list)}});
}

}  // namespace telavis
