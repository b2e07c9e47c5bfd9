// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/papers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/clinical_form.h"

namespace telavis {
namespace {

constexpr std::size_t kSamples = 8;

std::string some_value(const ClinicalItemKind& kind, SeededStream& chance) {
  switch (kind.type) {
    case ClinicalType::yes_no:
      return chance.chance(0.3) ? "yes" : "no";
    case ClinicalType::whole_number:
      return fmt::format("{}", std::floor(chance.uniform(kind.least, kind.most)));
    case ClinicalType::decimal:
      return "4.1";
    case ClinicalType::date_or_month:
      return "2025-11";
    case ClinicalType::choice:
      return std::string(kind.choices[chance.below(kind.choices.size())]);
    case ClinicalType::text:
      return "texte fictif";
    case ClinicalType::texts:
      return "bisoprolol 2,5 mg";
  }
  return {};
}

template <typename Items>
const auto& one_of(const Items& items, SeededStream& chance) {
  return items[chance.below(items.size())];
}

}  // namespace

CaseRequest sound_request(const Programme& programme, SeededStream& chance) {
  CaseRequest request;
  request.programme = programme.id;
  request.patient.family_name = std::string(kPatientMark);
  request.patient.given_name = "Camille";
  request.patient.birth_date = fmt::format("{}-05-1{}", 1935 + chance.below(65), chance.below(10));
  request.patient.sex = chance.chance(0.5) ? Sex::female : Sex::male;
  request.patient_phone = "+33100000000";
  request.reason = one_of(programme.reasons, chance);
  request.question = std::string(kQuestionMark) + " : que proposez-vous ?";
  request.context = "Contexte fictif.";
  for (const FormItem& item : programme.form) {
    const ClinicalItemKind* kind = clinical_item(item.name);
    if (kind != nullptr && (item.mandatory || chance.chance(0.5))) {
      request.clinical.push_back({item.name, some_value(*kind, chance)});
    }
  }
  for (const RedFlag& flag : programme.red_flags) request.red_flags[flag.code] = false;
  request.information.form = "oral";
  request.consent.given_by = "patient";
  if (chance.chance(0.1)) {
    request.consent = {"representative", "Mme Exemple", "fille", ""};
    request.guardianship = Guardianship::habilitation;
  }
  request.oppositions.teaching = chance.chance(0.1);
  return request;
}

bool leave_item_out(CaseRequest& request, const Programme& programme, SeededStream& chance) {
  std::vector<std::string> mandatory;
  for (const FormItem& item : programme.form) {
    if (item.mandatory) mandatory.push_back(item.name);
  }
  if (mandatory.empty()) return false;
  const std::string& name = one_of(mandatory, chance);
  std::erase_if(request.clinical, [&](const ClinicalItem& item) { return item.name == name; });
  return true;
}

bool raise_red_flag(CaseRequest& request, const Programme& programme, SeededStream& chance) {
  if (programme.red_flags.empty()) return false;
  request.red_flags[one_of(programme.red_flags, chance).code] = true;
  return true;
}

std::string malformed_request(const CaseRequest& sound, SeededStream& chance) {
  CaseRequest request = sound;
  switch (chance.below(4)) {
    case 0:
      return "{\"consent\": true";
    case 1:
      request.reason = "no_such_reason";
      break;
    case 2:
      request.oppositions.exchange = true;
      break;
    default:
      request.question.clear();
      break;
  }
  return case_request_json(request);
}

OpinionText some_opinion(const OpinionKind& kind, SeededStream& chance) {
  OpinionText opinion;
  opinion.conclusion = "Conclusion fictive, sans valeur médicale.";
  opinion.conduct = "Contrôle à un mois.";
  opinion.orientation = kind.urgent ? "emergency_15" : "gp_management";
  if (kind.in_person) {
    opinion.in_person = {true, "requis", 14};
    if (!kind.urgent) opinion.orientation = "in_person";
  } else if (!kind.urgent && chance.chance(0.05)) {
    opinion.orientation = "repeat_recording";
    opinion.data_sufficient = false;
    opinion.to_redo = "Refaire l’enregistrement.";
  }
  return opinion;
}

std::string text_body(std::string_view text) {
  return fmt::format(R"({{"text":"{}"}})", text);
}

std::string close_out_body(SeededStream& chance) {
  return fmt::format(R"({{"outcome":"confirmed","referral":"avoided","value_for_patient":{},)"
                     R"("value_for_requester":{},"comment":""}})",
                     1 + chance.below(5), 1 + chance.below(5));
}

std::string appointment_body(SeededStream& chance) {
  return chance.chance(0.8) ? R"({"date":"2030-03-02"})" : R"({"reason":"le patient refuse"})";
}

std::string correction_body(const OpinionText& opinion, std::string_view corrects) {
  // The canonical text is one JSON object: the name of what it replaces goes before its members.
  return fmt::format(R"({{"corrects":"{}",)", corrects) + opinion_json(opinion).substr(1);
}

std::vector<UploadedFile> small_upload(bool tracing) {
  const ByteView bytes = as_bytes(tracing ? kTracing : "simulated photo");
  return {{"simulation", "exam.bin", Bytes(bytes.begin(), bytes.end())}};
}

NormalisedExam small_exam(bool tracing) {
  if (!tracing) {
    SkinPhoto photo;
    photo.format = "JPEG";
    photo.width = 1600;
    photo.height = 1200;
    return {photo, {}, {}};
  }
  EcgRecording recording;
  recording.format = "simulated";
  Lead lead;
  lead.code = LeadCode::II;
  lead.samples.assign(kSamples, 100);
  lead.gain_nv_per_lsb = 1000;
  lead.sampling_interval_us = 2000;
  recording.leads.push_back(std::move(lead));
  return {recording, {}, {}};
}

}  // namespace telavis
