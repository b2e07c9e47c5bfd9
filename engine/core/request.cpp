// SPDX-License-Identifier: Apache-2.0
#include "engine/core/request.h"

#include <boost/json.hpp>

#include "engine/core/json_reader.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxName = 200;  // bytes; the longest names of the national registry fit

Sex sex_from(std::string_view name) {
  for (const Sex sex : {Sex::male, Sex::female, Sex::other}) {
    if (sex_name(sex) == name) return sex;
  }
  return Sex::unknown;
}

PatientIdentity read_patient(JsonReader& reader) {
  PatientIdentity patient;
  patient.id = reader.optional_text("id", kMaxName);
  patient.family_name = reader.text("family_name", kMaxName);
  patient.given_name = reader.text("given_name", kMaxName);
  patient.birth_date = reader.text("birth_date", kMaxName);
  patient.sex = sex_from(reader.choice("sex", {"female", "male", "other", "unknown"}));
  if (!is_iso_date(patient.birth_date))
    reader.wrong("birth_date", "must be a date like 1961-03-02");
  return patient;
}

std::vector<PhotoRole> read_roles(JsonReader& reader) {
  std::vector<PhotoRole> roles;
  if (!reader.has("file_roles")) return roles;
  for (const std::string& name : reader.texts("file_roles", kMaxName)) {
    const auto role = photo_role_from_name(name);
    if (!role) reader.wrong("file_roles", "must be unstated, overview, close_up or dermoscopy");
    roles.push_back(role.value_or(PhotoRole::unstated));
  }
  return roles;
}

}  // namespace

Result<CaseRequest> parse_case_request(std::string_view json) {
  JsonReader reader(json);
  CaseRequest request;
  request.programme = ProgrammeId(reader.text("programme", kMaxName));
  request.reason = reader.text("reason", kMaxName);
  request.question = reader.text("question", kMaxTextBytes);
  request.context = reader.optional_text("context", kMaxTextBytes);
  request.own_reading = reader.optional_text("own_reading", kMaxTextBytes);
  request.file_roles = read_roles(reader);
  if (auto patient = reader.object("patient", false)) {
    request.patient = read_patient(*patient);
    if (const auto read = patient->finish(); !read) return tl::unexpected(read.error());
  }
  if (!reader.is_object("consent")) {
    reader.refuse({ErrorCode::consent_missing,
                   "The patient's consent is missing: say who gave it ('given_by': patient or "
                   "representative) and how the information was given ('information': oral or "
                   "written)."});
  } else if (auto consent = reader.object("consent", true)) {
    request.consent.given_by = consent->choice("given_by", {"patient", "representative"});
    request.consent.information = consent->choice("information", {"oral", "written"});
    if (const auto read = consent->finish(); !read) return tl::unexpected(read.error());
  }
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return request;
}

std::string case_request_json(const CaseRequest& request) {
  namespace json = boost::json;
  const PatientIdentity& patient = request.patient;
  json::array roles;
  for (const PhotoRole role : request.file_roles) roles.emplace_back(photo_role_name(role));
  return json::serialize(json::object{
      {"programme", request.programme.value},
      {"patient", json::object{{"id", patient.id},
                               {"family_name", patient.family_name},
                               {"given_name", patient.given_name},
                               {"birth_date", patient.birth_date},
                               {"sex", sex_name(patient.sex)}}},
      {"reason", request.reason},
      {"question", request.question},
      {"context", request.context},
      {"own_reading", request.own_reading},
      {"consent", json::object{{"given_by", request.consent.given_by},
                               {"information", request.consent.information}}},
      {"file_roles", std::move(roles)},
  });
}

}  // namespace telavis
