// SPDX-License-Identifier: Apache-2.0
#include "engine/core/programme.h"

#include <array>
#include <boost/json.hpp>

#include "engine/core/json_reader.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::array<OfferPolicy, 3> kPolicies = {OfferPolicy::direct, OfferPolicy::rotation,
                                                  OfferPolicy::open};

constexpr std::size_t kMaxName = 200;                 // bytes of a name, an address or a code
constexpr std::int64_t kYearMinutes = 366 * 24 * 60;  // no promise of this kind is longer

}  // namespace

std::string_view offer_policy_name(OfferPolicy policy) {
  switch (policy) {
    case OfferPolicy::direct:
      return "direct";
    case OfferPolicy::rotation:
      return "rotation";
    case OfferPolicy::open:
      return "open";
  }
  return "open";
}

Result<Programme> parse_programme(std::string_view text) {
  JsonReader reader(text);
  Programme programme;
  programme.id = ProgrammeId(reader.text("id", kMaxName));
  programme.version = reader.number("version", 1, 1'000'000);
  programme.name_fr = reader.text("name_fr", kMaxName);
  programme.name_en = reader.text("name_en", kMaxName);
  programme.association = reader.text("association", kMaxName);
  programme.speciality = reader.choice("speciality", {"cardiology", "dermatology"});
  programme.territories = reader.texts("territories", kMaxName);
  programme.time_zone = reader.text("time_zone", kMaxName);
  programme.tariff_zone = reader.text("tariff_zone", kMaxName);
  programme.mailbox = reader.text("mailbox", kMaxName);
  const std::string policy = reader.choice("policy", {"direct", "rotation", "open"});
  for (const OfferPolicy candidate : kPolicies) {
    if (offer_policy_name(candidate) == policy) programme.policy = candidate;
  }
  using std::chrono::minutes;
  programme.sla.offer_window = minutes(reader.number("offer_window_minutes", 1, kYearMinutes));
  programme.sla.breach = minutes(reader.number("answer_minutes", 1, kYearMinutes));
  programme.sla.release_delay =
      std::chrono::seconds(reader.number("release_delay_seconds", 0, 3600));
  programme.sla.route_retry = minutes(reader.number("route_retry_minutes", 1, kYearMinutes));
  for (const std::string& name : reader.has("wanted_photos")
                                     ? reader.texts("wanted_photos", kMaxName)
                                     : std::vector<std::string>()) {
    const auto role = photo_role_from_name(name);
    if (!role || *role == PhotoRole::unstated) {
      reader.wrong("wanted_photos", "must be overview, close_up or dermoscopy");
    }
    programme.wanted_photos.push_back(role.value_or(PhotoRole::unstated));
  }
  if (programme.sla.breach < programme.sla.offer_window) {
    reader.wrong("answer_minutes", "must not be shorter than offer_window_minutes");
  }
  if (programme.territories.empty()) reader.wrong("territories", "must name at least one");
  if (!local_time(Instant{}, programme.time_zone))
    reader.wrong("time_zone", "is no IANA time zone");
  if (const auto read = reader.finish(); !read) {
    return fail(ErrorCode::configuration_invalid, "Programme: " + read.error().text);
  }
  return programme;
}

std::string programme_json(const Programme& programme) {
  const auto minutes = [](Duration duration) {
    return std::chrono::duration_cast<std::chrono::minutes>(duration).count();
  };
  json::array territories(programme.territories.begin(), programme.territories.end());
  json::array wanted_photos;
  for (const PhotoRole role : programme.wanted_photos) {
    wanted_photos.emplace_back(photo_role_name(role));
  }
  return json::serialize(json::object{
      {"id", programme.id.value},
      {"version", programme.version},
      {"name_fr", programme.name_fr},
      {"name_en", programme.name_en},
      {"association", programme.association},
      {"speciality", programme.speciality},
      {"territories", std::move(territories)},
      {"time_zone", programme.time_zone},
      {"tariff_zone", programme.tariff_zone},
      {"mailbox", programme.mailbox},
      {"policy", offer_policy_name(programme.policy)},
      {"wanted_photos", std::move(wanted_photos)},
      {"offer_window_minutes", minutes(programme.sla.offer_window)},
      {"answer_minutes", minutes(programme.sla.breach)},
      {"release_delay_seconds",
       std::chrono::duration_cast<std::chrono::seconds>(programme.sla.release_delay).count()},
      {"route_retry_minutes", minutes(programme.sla.route_retry)},
  });
}

}  // namespace telavis
