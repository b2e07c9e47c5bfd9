// SPDX-License-Identifier: Apache-2.0
// Requests of both specialities with everything in them, and the programmes that take them. Every
// person is fictive.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "engine/core/programme.h"

namespace telavis::test {

inline boost::json::object ecg_request() {
  return boost::json::parse(R"({
    "programme": "p",
    "patient": {"family_name": "EXEMPLE", "given_name": "Camille", "birth_date": "1961-03-02",
                "sex": "female"},
    "ins": {"matricule": "261039935000181", "oid": "1.2.250.1.213.1.4.10", "status": "qualified",
            "from_insi": true},
    "patient_phone": "0590 00 00 01",
    "reason": "rhythm_disorder",
    "question": "Fibrillation atriale ? Faut-il anticoaguler avant le rendez-vous ?",
    "context": "Palpitations depuis trois jours, sans malaise.",
    "own_reading": "Rythme irrégulier.",
    "clinical": {
      "symptoms": {"chest_pain": false, "syncope": false, "dyspnoea": false, "palpitations": true,
                   "onset": "2026-01-03"},
      "vitals": {"systolic_mmhg": 132, "diastolic_mmhg": 78, "heart_rate_bpm": 92,
                 "spo2_percent": 98},
      "treatments": ["bisoprolol 2,5 mg"], "history": ["HTA", "asthme"],
      "device": {"pacemaker": false, "icd": false}, "labs": {"potassium_mmol_l": 4.1},
      "own_reading": {"rhythm": "irrégulier", "conclusion": "FA ?"},
      "previous_ecg_available": false},
    "red_flags": {"shock": false, "st_elevation": false},
    "information": {"form": "oral"},
    "consent": {"given_by": "patient"}
  })")
      .as_object();
}

inline boost::json::object dermatology_request() {
  return boost::json::parse(R"({
    "programme": "p",
    "patient": {"family_name": "MODELE", "given_name": "Dominique", "birth_date": "1958-07-19",
                "sex": "male"},
    "reason": "suspicious_lesion",
    "question": "Exérèse ? Dans quel délai ?",
    "clinical": {
      "lesion": {"site": "dos, haut gauche", "count": 1, "size_mm": 9, "since": "2025-06",
                 "evolution": "growing", "asymmetry": true, "border": true, "colour": true,
                 "diameter": true, "change": true, "ugly_duckling": true, "bleeding": false,
                 "itch": false, "pain": false},
      "phototype": 2,
      "history": {"personal_melanoma": false, "family_melanoma": true, "immunosuppression": false,
                  "sun_exposure": "high", "naevi_over_50": true},
      "treatments": [], "treatments_tried": [], "fever": false, "mucosa": false,
      "recent_drug": false, "own_reading": {"hypothesis": "mélanome ?"}},
    "red_flags": {"fever_purpura": false},
    "information": {"form": "written", "text_version": "association-3", "by": "Mme Tiers, IDE",
                    "at": "2026-01-05T10:00:00-04:00"},
    "consent": {"given_by": "patient"},
    "oppositions": {"teaching": true, "research": true},
    "file_roles": ["overview", "close_up", "dermoscopy"]
  })")
      .as_object();
}

/// `object` with the member at a dotted path set to `value_json`, or taken out when that is empty.
inline std::string with(boost::json::object object, std::string_view path,
                        std::string_view value_json) {
  boost::json::object* at = &object;
  std::size_t dot = path.find('.');
  while (dot != std::string_view::npos) {
    boost::json::value& child = (*at)[path.substr(0, dot)];
    if (!child.is_object()) child = boost::json::object();
    at = &child.get_object();
    path.remove_prefix(dot + 1);
    dot = path.find('.');
  }
  if (value_json.empty()) {
    at->erase(path);
  } else {
    (*at)[path] = boost::json::parse(value_json);
  }
  return boost::json::serialize(object);
}

inline Programme ecg_programme() {
  Programme programme;
  programme.id = ProgrammeId("p");
  programme.name_fr = "Rythmologie (essai)";
  programme.name_en = "Rhythmology (trial)";
  programme.association = "Association fictive";
  programme.speciality = "cardiology";
  programme.time_zone = "America/Guadeloupe";
  programme.mailbox = "rythme@telavis.test";
  programme.reasons = {"rhythm_disorder", "other"};
  programme.form = {{"vitals.heart_rate_bpm", true},
                    {"treatments", true},
                    {"labs.potassium_mmol_l", false},
                    {"own_reading.rhythm", true}};
  programme.red_flags = {
      {"shock", "15_now"}, {"st_elevation", "15_now"}, {"fever", "in_person_today"}};
  return programme;
}

inline Programme dermatology_programme() {
  Programme programme = ecg_programme();
  programme.speciality = "dermatology";
  programme.time_zone = "Europe/Paris";
  programme.reasons = {"suspicious_lesion"};
  programme.form = {{"lesion.size_mm", true}, {"treatments_tried", true}};
  programme.red_flags = {{"fever_purpura", "15_now"}};
  return programme;
}

}  // namespace telavis::test
