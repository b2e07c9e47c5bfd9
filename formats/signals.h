// SPDX-License-Identifier: Apache-2.0
// What formats of many signals (EDF, WFDB, MFER) have in common: volts, samples that were not
// measured, and a list of leads in which none stands twice.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "formats/recording.h"

namespace telavis {

/// More signals than any recorder has; a header that states more is refused.
inline constexpr std::size_t kMaxSignals = 512;
/// Texts of a device that are kept: a tracing has a dozen, an annotated Holter one a beat.
inline constexpr std::size_t kMaxStatements = 200;

/// Stands in `Lead::samples` for a sample that the file marks as not measured, until `add_lead`.
inline constexpr std::int32_t kNotMeasured = std::numeric_limits<std::int32_t>::min();

/// Nanovolts of a unit of voltage: "nV", "uV" (with either micro sign, in UTF-8 or Latin-1), "mV",
/// "V", in any case of letters. nullopt for anything else.
std::optional<double> nanovolts_of_unit(std::string_view unit);

/// The number that `text` is, blanks around it aside: "12", "-0.5", "1e-3", "+3", "0,5". nullopt
/// when anything else stands there or the number is not finite.
std::optional<double> number_of(std::string_view text);
std::optional<std::int64_t> whole_number_of(std::string_view text);
std::string_view without_blanks(std::string_view text);

/// Adds `lead` to the recording by the name `label`, which becomes its code when it names a lead
/// and its label otherwise. Samples that were not measured are left out at both ends
/// (`first_sample` moves); between them the last measured value stands instead, with the finding
/// `samples_not_measured`. A lead without any sample is left out (`lead_empty`), one whose code is
/// already there too (`duplicate_lead`); equal labels are numbered. Linear in the samples.
void add_lead(EcgRecording& recording, Lead lead, std::string_view label);

/// Text the device wrote, kept once. False when `kMaxStatements` are there already (finding
/// `statements_truncated`): the caller stops.
bool add_statement(EcgRecording& recording, std::string text);

}  // namespace telavis
