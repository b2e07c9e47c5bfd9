// SPDX-License-Identifier: Apache-2.0
// Who gets the report besides its requester, and when the patient does.
#include <utility>

#include "engine/core/report_copies.h"
#include "engine/core/service.h"

namespace telavis {

std::vector<CopyTo> Service::copies_of(const Programme& programme, const CaseRequest& request,
                                       const User& requester, const User& expert) const {
  // A patient is sent documents alone, never a bare mail.
  const bool box = ports_.compose_documents && ports_.citizen_address &&
                   !ports_.citizen_address(request).empty();
  return report_copies({programme, request, requester, expert, box});
}

Result<EventBody> Service::read_patient_informed(const CommandCall& call) {
  auto request = applier_.request_of(call.subject);
  if (!request) return tl::unexpected(request.error());
  const bool again = request->patient_informed;
  request->patient_informed = true;
  event::PatientInformed body{sealed_request(call.subject, call.data_key, *request), false};
  if (again || !call.subject.opinion) return body;
  const auto programme = applier_.programme_of(call.subject);
  if (!programme) return tl::unexpected(programme.error());
  const auto expert = applier_.person(call.subject.opinion->expert);
  if (!expert) return tl::unexpected(expert.error());
  const auto copies = copies_of(*programme, *request, call.actor, *expert);
  body.to_citizen = !copies.empty() && copies.back() == CopyTo::citizen;
  return body;
}

}  // namespace telavis
