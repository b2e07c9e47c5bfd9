// SPDX-License-Identifier: Apache-2.0
#include "engine/core/request.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "engine/core/json_reader.h"
#include "engine/core/mail_address.h"
#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPatientName = 1000;  // a file's name may be longer than what is typed
constexpr std::size_t kMaxRedFlags = 100;      // a checklist of a page has twenty

constexpr std::array kGuardianships = {Guardianship::none, Guardianship::tutelle,
                                       Guardianship::curatelle, Guardianship::habilitation};
constexpr std::array kInsStatuses = {InsStatus::provisional, InsStatus::retrieved,
                                     InsStatus::validated, InsStatus::qualified};

Sex sex_from(std::string_view name) {
  for (const Sex sex : {Sex::male, Sex::female, Sex::other}) {
    if (sex_name(sex) == name) return sex;
  }
  return Sex::unknown;
}

PatientIdentity read_patient(JsonReader& reader, RequestShape shape) {
  const auto needed = [&](std::string_view name, std::size_t most) {
    return shape == RequestShape::whole ? reader.text(name, most)
                                        : reader.optional_text(name, most);
  };
  PatientIdentity patient;
  patient.family_name = needed("family_name", kMaxPatientName);
  patient.given_name = needed("given_name", kMaxPatientName);
  patient.birth_date = needed("birth_date", kMaxName);
  patient.sex = sex_from(reader.choice("sex", {"female", "male", "other", "unknown"}));
  const bool said = shape == RequestShape::whole || !patient.birth_date.empty();
  if (said && !is_iso_date(patient.birth_date))
    reader.wrong("birth_date", "must be a date like 1961-03-02");
  return patient;
}

/// A mandatory choice; of an unfinished request it may be absent or empty.
std::string choice_of(JsonReader& reader, std::string_view name,
                      const std::vector<std::string_view>& allowed, RequestShape shape) {
  const bool absent = shape == RequestShape::unfinished &&
                      (!reader.has(name) || reader.optional_text(name, kMaxName).empty());
  return absent ? std::string() : reader.choice(name, allowed);
}

InsIdentity read_ins(JsonReader& reader) {
  InsIdentity ins;
  ins.matricule = reader.text("matricule", kMaxName);
  std::erase(ins.matricule, ' ');  // as it stands on a card
  ins.oid = reader.text("oid", kMaxName);
  const std::string status =
      reader.choice("status", {"provisional", "retrieved", "validated", "qualified"});
  for (const InsStatus candidate : kInsStatuses) {
    if (ins_status_name(candidate) == status) ins.status = candidate;
  }
  ins.from_insi = reader.boolean("from_insi", false);
  if (const auto checked = check_ins(ins); !checked) reader.refuse(checked.error());
  return ins;
}

InformationGiven read_information(JsonReader& reader, RequestShape shape) {
  InformationGiven information;
  information.text_version = reader.optional_text("text_version", kMaxName);
  information.by = reader.optional_text("by", kMaxName);
  information.at = reader.optional_text("at", kMaxName);
  information.form = choice_of(reader, "form", {"oral", "written"}, shape);
  if (!information.at.empty() && !parse_instant(information.at)) {
    reader.wrong("at", "must be an instant like 2026-01-06T08:02:00+01:00");
  }
  return information;
}

Consent read_consent(JsonReader& reader, RequestShape shape) {
  Consent consent;
  consent.given_by = choice_of(reader, "given_by", {"patient", "representative"}, shape);
  const bool by_other = consent.given_by == "representative";
  const auto named = [&](std::string_view name) {
    return by_other ? reader.text(name, kMaxName) : reader.optional_text(name, kMaxName);
  };
  consent.representative_name = named("representative_name");
  consent.representative_quality = named("representative_quality");
  consent.accompanying_adult = reader.optional_text("accompanying_adult", kMaxName);
  return consent;
}

Oppositions read_oppositions(JsonReader& reader) {
  return {.exchange = reader.boolean("exchange", false),
          .attending_physician = reader.boolean("attending_physician", false),
          .citizen_mailbox = reader.boolean("citizen_mailbox", false),
          .teaching = reader.boolean("teaching", false),
          .research = reader.boolean("research", false)};
}

NamedDoctor read_doctor(JsonReader& reader) {
  NamedDoctor doctor;
  doctor.name = reader.optional_text("name", kMaxName);
  doctor.address = reader.optional_text("address", kMaxName);
  if (!doctor.is_named()) reader.wrong("name", "is missing");
  if (!doctor.address.empty() && !is_address(doctor.address))
    reader.wrong("address", "must be a mail address");
  return doctor;
}

std::map<std::string, bool> read_red_flags(JsonReader& reader) {
  std::map<std::string, bool> flags;
  const std::vector<std::string> names = reader.names();
  if (names.size() > kMaxRedFlags) {
    reader.refuse({ErrorCode::invalid_field, "'red_flags' holds more than 100 answers."});
    return flags;
  }
  for (const std::string& name : names) {
    // A null is no answer: the flag stays unanswered.
    if (reader.has(name)) flags[name] = reader.boolean(name, false);
  }
  return flags;
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

constexpr std::size_t kMaxTrayPicks = 20;  // as many as a request may have files

std::vector<TrayPick> read_tray(JsonReader& reader) {
  std::vector<TrayPick> picks;
  if (!reader.has("tray")) return picks;
  for (JsonReader& child : reader.objects("tray")) {
    TrayPick pick;
    pick.id = child.text("id", kMaxName);
    if (child.has("confirmed")) pick.confirmed = child.texts("confirmed", kMaxName);
    if (const auto done = child.finish(); !done) reader.refuse(done.error());
    picks.push_back(std::move(pick));
  }
  if (picks.size() > kMaxTrayPicks) reader.wrong("tray", "names more than twenty exams");
  return picks;
}

std::vector<UserId> read_experts(JsonReader& reader) {
  std::vector<UserId> experts;
  if (!reader.has("requested_experts")) return experts;
  for (std::string& id : reader.texts("requested_experts", kMaxName)) {
    const bool repeated = std::ranges::find(experts, UserId(id)) != experts.end();
    if (id.empty() || repeated) reader.wrong("requested_experts", "names nobody, or one twice");
    experts.emplace_back(std::move(id));
  }
  if (experts.size() > kMaxRequestedExperts) {
    reader.wrong("requested_experts", "names more than ten: choose fewer");
  }
  return experts;
}

bool is_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  int hour = -1;
  int minute = -1;
  const auto read = [&](std::size_t from, int& out) {
    const char* end = text.data() + from + 2;
    const bool digit = text[from] >= '0' && text[from] <= '9';
    return digit && std::from_chars(text.data() + from, end, out).ptr == end;
  };
  return read(0, hour) && read(3, minute) && hour < 24 && minute < 60;
}

Guardianship read_guardianship(JsonReader& reader) {
  if (!reader.has("guardianship")) return Guardianship::none;
  const std::string name =
      reader.choice("guardianship", {"none", "tutelle", "curatelle", "habilitation"});
  for (const Guardianship candidate : kGuardianships) {
    if (guardianship_name(candidate) == name) return candidate;
  }
  return Guardianship::none;
}

/// Reads a member that is an object; what is wrong in it is noted in `reader`.
template <typename Read>
auto read_object(JsonReader& reader, std::string_view name, bool mandatory, Read read) {
  decltype(read(reader)) value{};
  if (auto child = reader.object(name, mandatory)) {
    value = read(*child);
    if (const auto done = child->finish(); !done) reader.refuse(done.error());
  }
  return value;
}

void read_people(JsonReader& reader, CaseRequest& request, RequestShape shape) {
  const bool whole = shape == RequestShape::whole;
  request.patient = read_object(reader, "patient", false,
                                [&](JsonReader& child) { return read_patient(child, shape); });
  request.ins = read_object(reader, "ins", false, read_ins);
  request.patient.id = request.ins.matricule;
  request.patient_phone = reader.optional_text("patient_phone", kMaxPhone);
  if (whole && !reader.is_object("consent")) {
    reader.refuse({ErrorCode::consent_missing,
                   "The patient's consent is missing: say who gave it ('consent': {'given_by': "
                   "'patient' or 'representative'}), and in 'information' how he was informed "
                   "('form': 'oral' or 'written')."});
  }
  request.information = read_object(reader, "information", whole, [&](JsonReader& child) {
    return read_information(child, shape);
  });
  request.consent = read_object(reader, "consent", whole,
                                [&](JsonReader& child) { return read_consent(child, shape); });
  request.oppositions = read_object(reader, "oppositions", false, read_oppositions);
  request.minor_secrecy = reader.boolean("minor_secrecy", false);
  request.guardianship = read_guardianship(reader);
  request.attending_physician = read_object(reader, "attending_physician", false, read_doctor);
  request.acting_doctor = read_object(reader, "acting_doctor", false, read_doctor);
  request.patient_informed = reader.boolean("patient_informed", false);
  request.requested_experts = read_experts(reader);
  request.requested_group = reader.optional_text("requested_group", kMaxName);
}

}  // namespace

std::string_view guardianship_name(Guardianship guardianship) {
  switch (guardianship) {
    case Guardianship::none:
      return "none";
    case Guardianship::tutelle:
      return "tutelle";
    case Guardianship::curatelle:
      return "curatelle";
    case Guardianship::habilitation:
      return "habilitation";
  }
  return "none";
}

Result<CaseRequest> parse_case_request(std::string_view text, RequestShape shape) {
  JsonReader reader(text);
  CaseRequest request;
  const auto needed = [&](std::string_view name, std::size_t most) {
    return shape == RequestShape::whole ? reader.text(name, most)
                                        : reader.optional_text(name, most);
  };
  request.programme = ProgrammeId(reader.text("programme", kMaxName));
  request.reason = needed("reason", kMaxName);
  request.question = needed("question", kMaxTextBytes);
  request.context = reader.optional_text("context", kMaxTextBytes);
  request.own_reading = reader.optional_text("own_reading", kMaxTextBytes);
  request.clinical = read_object(reader, "clinical", false, read_clinical);
  request.red_flags = read_object(reader, "red_flags", false, read_red_flags);
  request.regulated_at = reader.optional_text("regulated_at", kMaxName);
  if (!request.regulated_at.empty() && !is_time_of_day(request.regulated_at)) {
    reader.wrong("regulated_at", "must be a time of day like 14:05");
  }
  request.file_roles = read_roles(reader);
  request.tray = read_tray(reader);
  read_people(reader, request, shape);
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return request;
}

namespace {

json::value value_of(const ClinicalItem& item, ClinicalType type) {
  const char* begin = item.value.data();
  const char* end = begin + item.value.size();
  switch (type) {
    case ClinicalType::yes_no:
      return item.value == "yes";
    case ClinicalType::whole_number: {
      std::int64_t number = 0;
      std::from_chars(begin, end, number);
      return number;
    }
    case ClinicalType::decimal: {
      double number = 0;
      std::from_chars(begin, end, number);
      return number;
    }
    case ClinicalType::texts: {
      json::array lines;
      std::string_view rest = item.value;
      while (!rest.empty()) {
        const std::size_t line_end = std::min(rest.find('\n'), rest.size());
        lines.emplace_back(rest.substr(0, line_end));
        rest.remove_prefix(std::min(line_end + 1, rest.size()));
      }
      return lines;
    }
    case ClinicalType::date_or_month:
    case ClinicalType::choice:
    case ClinicalType::text:
      return json::value(item.value);
  }
  return nullptr;
}

json::object clinical_object(const std::vector<ClinicalItem>& items) {
  json::object clinical;
  for (const ClinicalItem& item : items) {
    const ClinicalItemKind* kind = clinical_item(item.name);
    if (kind == nullptr) continue;  // parse_case_request lets none through
    const std::size_t dot = item.name.find('.');
    if (dot == std::string::npos) {
      clinical[item.name] = value_of(item, kind->type);
    } else {
      json::value& group = clinical[item.name.substr(0, dot)];
      if (!group.is_object()) group = json::object();
      group.as_object()[item.name.substr(dot + 1)] = value_of(item, kind->type);
    }
  }
  return clinical;
}

json::object consent_object(const Consent& consent) {
  return {{"given_by", consent.given_by},
          {"representative_name", consent.representative_name},
          {"representative_quality", consent.representative_quality},
          {"accompanying_adult", consent.accompanying_adult}};
}

json::object oppositions_object(const Oppositions& oppositions) {
  return {{"exchange", oppositions.exchange},
          {"attending_physician", oppositions.attending_physician},
          {"citizen_mailbox", oppositions.citizen_mailbox},
          {"teaching", oppositions.teaching},
          {"research", oppositions.research}};
}

void write_doctor(const NamedDoctor& doctor, const char* name, json::object& out) {
  if (!doctor.is_named()) return;
  out[name] = json::object{{"name", doctor.name}, {"address", doctor.address}};
}

void write_patient(const CaseRequest& request, json::object& out) {
  const PatientIdentity& patient = request.patient;
  const bool named =
      !patient.family_name.empty() || !patient.given_name.empty() || !patient.birth_date.empty();
  if (named) {
    out["patient"] = json::object{{"family_name", patient.family_name},
                                  {"given_name", patient.given_name},
                                  {"birth_date", patient.birth_date},
                                  {"sex", sex_name(patient.sex)}};
  }
  if (!request.ins.matricule.empty()) {
    out["ins"] = json::object{{"matricule", request.ins.matricule},
                              {"oid", request.ins.oid},
                              {"status", ins_status_name(request.ins.status)},
                              {"from_insi", request.ins.from_insi}};
  }
  out["patient_phone"] = request.patient_phone;
}

}  // namespace

std::string case_request_json(const CaseRequest& request) {
  json::object out;
  out["programme"] = request.programme.value;
  write_patient(request, out);
  out["reason"] = request.reason;
  out["question"] = request.question;
  out["context"] = request.context;
  out["own_reading"] = request.own_reading;
  out["clinical"] = clinical_object(request.clinical);
  json::object flags;
  for (const auto& [code, answer] : request.red_flags) flags[code] = answer;
  out["red_flags"] = std::move(flags);
  out["regulated_at"] = request.regulated_at;
  json::object information{{"form", request.information.form}};
  information["text_version"] = request.information.text_version;
  information["by"] = request.information.by;
  information["at"] = request.information.at;
  out["information"] = std::move(information);
  out["consent"] = consent_object(request.consent);
  out["oppositions"] = oppositions_object(request.oppositions);
  out["minor_secrecy"] = request.minor_secrecy;
  out["guardianship"] = guardianship_name(request.guardianship);
  write_doctor(request.attending_physician, "attending_physician", out);
  write_doctor(request.acting_doctor, "acting_doctor", out);
  if (request.patient_informed) out["patient_informed"] = true;
  json::array experts;
  for (const UserId& expert : request.requested_experts) experts.emplace_back(expert.value);
  out["requested_experts"] = std::move(experts);
  out["requested_group"] = request.requested_group;
  json::array roles;
  for (const PhotoRole role : request.file_roles) roles.emplace_back(photo_role_name(role));
  out["file_roles"] = std::move(roles);
  return json::serialize(out);
}

}  // namespace telavis
