// SPDX-License-Identifier: Apache-2.0
// What simulated people write and send: requests, opinions, one small exam. Patients are fictive.
#pragma once

#include <string>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/exam_intake.h"
#include "engine/core/opinion.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"
#include "engine/simulation/seeded_stream.h"

namespace telavis {

/// Stand in every request and in no message but a report: a mail that holds one has betrayed a
/// patient.
inline constexpr std::string_view kPatientMark = "ZZPATIENT";
inline constexpr std::string_view kQuestionMark = "ZZQUESTION";

/// A request of the programme that lacks nothing and shows no red flag.
CaseRequest sound_request(const Programme& programme, SeededStream& chance);
/// Leaves out one mandatory item; false: the programme's form has none.
bool leave_item_out(CaseRequest& request, const Programme& programme, SeededStream& chance);
/// Says yes to one red flag; false: the programme has none.
bool raise_red_flag(CaseRequest& request, const Programme& programme, SeededStream& chance);
/// A request that is refused at the door, in one of several ways.
std::string malformed_request(const CaseRequest& sound, SeededStream& chance);

struct OpinionKind {
  bool urgent = false;
  bool in_person = false;
};
OpinionText some_opinion(const OpinionKind& kind, SeededStream& chance);

// Bodies of commands (engine/core/case_commands.h); a reason's is reason_body() of the service.
std::string text_body(std::string_view text);
std::string close_out_body(SeededStream& chance);
std::string appointment_body(SeededStream& chance);
/// `opinion` as one that replaces the opinion with this hash.
std::string correction_body(const OpinionText& opinion, std::string_view corrects);

/// The bytes of a tracing; everything else is a photo.
inline constexpr std::string_view kTracing = "simulated tracing";
/// The one file of every request, and what `normalise` makes of it: a tracing of one lead of a few
/// samples, since check_exam on twelve of ten seconds would cost 2 ms a case; a photo without
/// pixels for dermatology.
std::vector<UploadedFile> small_upload(bool tracing);
NormalisedExam small_exam(bool tracing);

}  // namespace telavis
