// SPDX-License-Identifier: Apache-2.0
// Numbers, dates and names as the XML tracings write them. Shared by aecg, muse_xml, sierra_xml.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/recording.h"

namespace telavis::xml {

std::string_view trimmed(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// The decimal number `text` times 10^`power`, rounded once: "0.00488" with power 6 is exactly
/// 4880. Blanks around it and a leading '+' are allowed; a comma stands for the point where a
/// French device wrote one. nullopt when it is no finite number.
std::optional<double> scaled_number(std::string_view text, int power);

/// The nearest whole number, nullopt when `text` is no number in lowest..highest.
std::optional<int> whole_number(std::string_view text, int lowest, int highest);

/// `value` times 10^`power` in plain decimals, with as many as it takes to read the same value
/// back.
std::string decimal_text(double value, int power);

struct Timestamp {
  std::string date;               // "2002-11-22"
  std::string time;               // "09:10:00", empty when the text gives none
  std::int64_t microseconds = 0;  // since 0000-03-01, local
  std::optional<int> utc_offset_minutes;
};

/// HL7 TS ("20021122091000.000+0100", any precision from the day on) or ISO 8601
/// ("2002-11-22T09:10:00.5+01:00", "2002-11-22 09:10"). nullopt when it is no day of the calendar
/// or no time of day.
std::optional<Timestamp> timestamp(std::string_view text);

/// What the file says, or "acquisition_time_missing" or "acquisition_time_invalid" when it does not
/// give a day and a time. `stated` is empty when the file says nothing.
void set_acquired_at(std::string_view stated, EcgRecording& recording);
void note_acquisition_time(bool stated, std::vector<Finding>& findings);
void note_birth_date(std::vector<Finding>& findings);

/// Text of an element as it may be shown: trimmed, without control characters.
std::string shown_text(std::string_view text);

/// Sets `code`, or `label` when the name is not one of a lead that has a code.
void name_lead(std::string_view name, Lead& lead);

/// Appends `lead` unless it is empty ("lead_empty") or its name stands already ("duplicate_lead").
void add_lead(Lead lead, std::vector<Lead>& leads, std::vector<Finding>& findings);

/// "lead_unreadable": the lead is left out because of `why` ("has no gain").
void note_unreadable(const Lead& lead, std::string_view why, std::vector<Finding>& findings);

/// "lead_length_mismatch".
void note_length(const Lead& lead, std::vector<Finding>& findings);

}  // namespace telavis::xml
