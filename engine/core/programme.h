// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/calendar.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// Who is asked, and what he sees before he accepts.
/// direct: the requester names an expert or a group practice; the pool takes over when that fails.
/// rotation: one named expert of the pool at a time, with the whole case.
/// open: the whole pool at once, without identity, image or free text; the first to accept has it.
enum class OfferPolicy { direct, rotation, open };
std::string_view offer_policy_name(OfferPolicy policy);

/// The promise of a programme. Durations count from completeness of the request, in elapsed time or
/// in the working hours of the programme.
struct Sla {
  bool working_hours = false;  // remind .. breach count in `Programme::working_hours`
  Duration offer_window = std::chrono::hours(4);       // in the expert's availability
  Duration late_offer_window = std::chrono::hours(1);  // of offers made after `remind`
  Duration remind = std::chrono::hours(24);
  Duration warn = std::chrono::hours(32);
  Duration take_back = std::chrono::hours(36);
  Duration breach = std::chrono::hours(48);
  /// Between signing and leaving: time for the expert to take the opinion back.
  Duration release_delay = std::chrono::seconds(60);
  Duration mail_release_delay = std::chrono::minutes(15);  // for an answer that came by mail
  /// How long to wait before routing again when nobody was eligible.
  Duration route_retry = std::chrono::hours(1);

  bool operator==(const Sla&) const = default;
};

/// A promise shorter than this needs somebody on duty who can be rung up at any hour.
inline constexpr Duration kDutyRotaBelow = std::chrono::hours(4);

/// A quicker promise for some reasons, e.g. a suspected melanoma.
struct FastLine {
  std::string name;                  // code, see Case's plan
  std::vector<std::string> reasons;  // request reasons that take it
  Sla sla;
  /// A line under 4 h is open only with both; otherwise it is shown closed and its cases take the
  /// ordinary promise.
  bool duty_rota = false;
  std::string gateway_tested_on;  // ISO date of the last test of the phone or SMS gateway

  bool is_open() const;
  bool operator==(const FastLine&) const = default;
};

/// A question of the red-flag checklist: yes leads out of the programme.
struct RedFlag {
  std::string code;
  std::string exit;  // "15_now" or "in_person_today"
  bool operator==(const RedFlag&) const = default;
};

/// An item of the request form beside identity, question and consent.
struct FormItem {
  std::string name;  // dotted path inside the request's `clinical` object, e.g. "lesion.since"
  bool mandatory = false;
  bool operator==(const FormItem&) const = default;
};

/// One line of expertise. Programmes are data: loaded from JSON, versioned, never changed in place.
struct Programme {
  ProgrammeId id;
  std::int64_t version = 1;
  std::string name_fr;
  std::string name_en;
  std::string association;
  std::string speciality;                // "cardiology" or "dermatology"
  std::vector<std::string> territories;  // département codes served
  bool territory_experts_only = false;   // an expert answers for his own territories alone
  bool training_required = false;        // of requesters and experts, before the first case
  std::string time_zone;                 // IANA, e.g. "America/Guadeloupe"
  std::string holidays;                  // region of holidays.json
  Timetable working_hours;               // shut on those holidays
  std::string tariff_zone;               // "METRO" or "DROM", see tariffs.json
  std::string mailbox;                   // From of the messages, an MSSanté address
  bool by_mail = false;  // messages carry the question, its exams and how to answer by mail; false:
                         // they announce, and the doctor opens his inbox
  OfferPolicy policy = OfferPolicy::rotation;
  Sla sla;
  std::vector<FastLine> fast_lines;
  std::vector<std::string> report_copies;  // "attending_physician", "citizen_mailbox", besides the
                                           // requester; both obey the patient's oppositions
  std::vector<std::string> reasons;        // closed list of the request form
  std::vector<FormItem> form;
  std::vector<RedFlag> red_flags;
  std::vector<PhotoRole> wanted_photos;  // a set of photos without one of these says so
  std::vector<std::string> languages;    // "fr", "en": first is the default
  int retention_years = 20;
  std::int64_t monthly_fee_cents = 0;  // what a requester pays the association
  bool lends_devices = false;

  std::string name(bool french) const { return french ? name_fr : name_en; }
  /// The fast line that is open and takes this reason, or nullptr: the ordinary promise.
  const FastLine* line_for(std::string_view reason) const;
  bool operator==(const Programme&) const = default;
};

/// Strict: unknown members and contradictions are refused: instants of the promise out of order, an
/// unknown time or holiday zone, no territory, a fast line slower than the ordinary one, a line
/// under 4 h that claims to be open without rota and tested gateway, a code that the catalogue has
/// no words for, ... docs/programmes.md explains each member.
/// Errors: configuration_invalid with the path of the member.
Result<Programme> parse_programme(std::string_view json);
/// The whole document, one line; parse_programme gives an equal Programme back.
std::string programme_json(const Programme& programme);

/// True for a French département or overseas collectivity, as INSEE's official geographic code has
/// it: "01".."95" without "20", "2A", "2B", "971".."978", "984", "986".."989".
bool is_departement(std::string_view code);

/// The programmes that come with Telavis (engine/programmes), ready for use or as models.
std::vector<Programme> shipped_programmes();

}  // namespace telavis
