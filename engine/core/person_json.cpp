// SPDX-License-Identifier: Apache-2.0
#include "engine/core/person_json.h"

#include <boost/json.hpp>
#include <utility>

#include "engine/core/calendar_json.h"
#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxOpenCases = 10'000;  // more than a pool ever has open: a typing error

template <typename Tag>
std::vector<Id<Tag>> read_ids(JsonReader& reader, std::string_view name) {
  std::vector<Id<Tag>> ids;
  if (!reader.has(name)) return ids;
  for (std::string& text : reader.texts(name, kMaxName)) ids.emplace_back(std::move(text));
  return ids;
}

std::vector<std::string> read_list(JsonReader& reader, std::string_view name) {
  return reader.has(name) ? reader.texts(name, kMaxName) : std::vector<std::string>();
}

DateRange read_dates(JsonReader& reader, std::string_view name) {
  DateRange range;
  if (auto object = reader.object(name, false)) {
    range.from = object->text("from", kMaxDate);
    range.to = object->text("to", kMaxDate);
    static_cast<void>(object->finish());  // what is wrong stays noted in `reader`
  }
  return range;
}

Enrolment read_enrolment(JsonReader& reader) {
  Enrolment enrolment;
  auto object = reader.object("enrolment", false);
  if (!object) return enrolment;
  enrolment.requested_on = object->optional_text("requested_on", kMaxDate);
  enrolment.identity_checked_on = object->optional_text("identity_checked_on", kMaxDate);
  enrolment.decided_on = object->optional_text("decided_on", kMaxDate);
  enrolment.decided_by = object->optional_text("decided_by", kMaxName);
  enrolment.trained_on = object->optional_text("trained_on", kMaxDate);
  enrolment.charter_signed_on = object->optional_text("charter_signed_on", kMaxDate);
  enrolment.charter_version = object->optional_text("charter_version", kMaxName);
  enrolment.insured_until = object->optional_text("insured_until", kMaxDate);
  enrolment.order_checked_on = object->optional_text("order_checked_on", kMaxDate);
  enrolment.replaces = object->optional_text("replaces", kMaxName);
  enrolment.replaces_during = read_dates(*object, "replaces_during");
  static_cast<void>(object->finish());
  return enrolment;
}

json::array array_of(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

template <typename Tag>
json::array array_of(const std::vector<Id<Tag>>& ids) {
  json::array out;
  for (const Id<Tag>& id : ids) out.emplace_back(id.value);
  return out;
}

json::value dates(const DateRange& range) {
  if (range.from.empty() && range.to.empty()) return nullptr;
  return json::object{{"from", range.from}, {"to", range.to}};
}

json::object enrolment_object(const Enrolment& enrolment) {
  return {{"requested_on", enrolment.requested_on},
          {"identity_checked_on", enrolment.identity_checked_on},
          {"decided_on", enrolment.decided_on},
          {"decided_by", enrolment.decided_by},
          {"trained_on", enrolment.trained_on},
          {"charter_signed_on", enrolment.charter_signed_on},
          {"charter_version", enrolment.charter_version},
          {"insured_until", enrolment.insured_until},
          {"order_checked_on", enrolment.order_checked_on},
          {"replaces", enrolment.replaces},
          {"replaces_during", dates(enrolment.replaces_during)}};
}

json::object terms_object(const ExpertTerms& terms) {
  json::object object{{"territories", array_of(terms.territories)},
                      {"exam_kinds", array_of(terms.exam_kinds)},
                      {"max_open_cases", terms.max_open_cases},
                      {"conflicts", array_of(terms.conflicts)},
                      {"availability", json::parse(timetable_json(terms.availability))}};
  // Came later: a record that does not use them keeps the bytes that the audit chain knows.
  if (terms.max_weekly_cases > 0) object["max_weekly_cases"] = terms.max_weekly_cases;
  if (!terms.digest_hours.empty()) {
    object["digest_hours"] = json::array(terms.digest_hours.begin(), terms.digest_hours.end());
  }
  return object;
}

json::array memberships_array(const std::vector<Membership>& memberships) {
  json::array out;
  for (const Membership& membership : memberships) {
    out.push_back(json::object{{"programme", membership.programme.value},
                               {"role", role_name(membership.role)}});
  }
  return out;
}

}  // namespace

ExpertTerms read_terms(JsonReader& reader) {
  ExpertTerms terms;
  terms.territories = read_list(reader, "territories");
  terms.exam_kinds = read_list(reader, "exam_kinds");
  if (reader.has("max_open_cases")) {
    terms.max_open_cases = reader.number("max_open_cases", 0, kMaxOpenCases);
  }
  if (reader.has("max_weekly_cases")) {
    terms.max_weekly_cases = reader.number("max_weekly_cases", 0, kMaxOpenCases);
  }
  terms.conflicts = read_ids<UserTag>(reader, "conflicts");
  terms.availability = read_timetable(reader, "availability");
  constexpr std::int64_t kLastHour = 23;
  if (reader.has("digest_hours")) terms.digest_hours = reader.numbers("digest_hours", 0, kLastHour);
  return terms;
}

std::vector<Membership> read_memberships(JsonReader& reader, std::string_view name) {
  std::vector<Membership> memberships;
  for (JsonReader& item : reader.objects(name)) {
    const std::string programme = item.optional_text("programme", kMaxName);
    const std::string role_text = item.text("role", kMaxName);
    const auto role = role_from_name(role_text);
    if (!role) {
      item.wrong("role",
                 "must be requester, expert, coordinator, treasurer, medical_referent or admin");
    }
    memberships.push_back({ProgrammeId(programme), role.value_or(Role::requester)});
    static_cast<void>(item.finish());
  }
  return memberships;
}

User read_person(JsonReader& reader) {
  User user;
  user.id = UserId(reader.text("id", kMaxName));
  user.login = reader.text("login", kMaxName);
  user.title = reader.optional_text("title", kMaxName);
  user.given_name = reader.optional_text("given_name", kMaxName);
  user.family_name = reader.optional_text("family_name", kMaxName);
  user.rpps = reader.optional_text("rpps", kMaxName);
  user.profession = reader.optional_text("profession", kMaxName);
  user.speciality = reader.optional_text("speciality", kMaxName);
  user.mail_address = reader.optional_text("mail_address", kMaxName);
  user.mobile_phone = reader.optional_text("mobile_phone", kMaxName);
  user.office_phone = reader.optional_text("office_phone", kMaxName);
  user.place = reader.optional_text("place", kMaxName);
  user.territory = reader.optional_text("territory", kMaxName);
  const std::string status = reader.choice(
      "status",
      {person_status_name(PersonStatus::requested), person_status_name(PersonStatus::active),
       person_status_name(PersonStatus::suspended), person_status_name(PersonStatus::left)});
  user.status = person_status_from_name(status).value_or(PersonStatus::left);
  user.available = reader.boolean("available", true);
  const std::string delegate = reader.optional_text("delegate", kMaxName);
  if (!delegate.empty()) user.delegate = UserId(delegate);
  user.enrolment = read_enrolment(reader);
  if (auto terms = reader.object("terms", false)) {
    user.terms = read_terms(*terms);
    static_cast<void>(terms->finish());
  }
  user.memberships = read_memberships(reader, "memberships");
  return user;
}

GroupPractice read_group(JsonReader& reader) {
  GroupPractice group;
  group.id = reader.text("id", kMaxName);
  group.programme = ProgrammeId(reader.text("programme", kMaxName));
  group.name = reader.text("name", kMaxName);
  group.mail_address = reader.text("mail_address", kMaxName);
  group.phone = reader.optional_text("phone", kMaxName);
  group.members = read_ids<UserTag>(reader, "members");
  return group;
}

Result<User> parse_person(std::string_view text) {
  JsonReader reader(text);
  User user = read_person(reader);
  if (auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return user;
}

Result<GroupPractice> parse_group(std::string_view text) {
  JsonReader reader(text);
  GroupPractice group = read_group(reader);
  if (auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return group;
}

std::string terms_json(const ExpertTerms& terms) {
  return json::serialize(terms_object(terms));
}

std::string person_json(const User& user) {
  return json::serialize(json::object{
      {"id", user.id.value},
      {"login", user.login},
      {"title", user.title},
      {"given_name", user.given_name},
      {"family_name", user.family_name},
      {"rpps", user.rpps},
      {"profession", user.profession},
      {"speciality", user.speciality},
      {"mail_address", user.mail_address},
      {"mobile_phone", user.mobile_phone},
      {"office_phone", user.office_phone},
      {"place", user.place},
      {"territory", user.territory},
      {"status", person_status_name(user.status)},
      {"available", user.available},
      {"delegate", user.delegate ? json::value(user.delegate->value) : json::value(nullptr)},
      {"enrolment", enrolment_object(user.enrolment)},
      {"terms", terms_object(user.terms)},
      {"memberships", memberships_array(user.memberships)},
  });
}

std::string group_json(const GroupPractice& group) {
  return json::serialize(json::object{{"id", group.id},
                                      {"programme", group.programme.value},
                                      {"name", group.name},
                                      {"mail_address", group.mail_address},
                                      {"phone", group.phone},
                                      {"members", array_of(group.members)}});
}

}  // namespace telavis
