// SPDX-License-Identifier: Apache-2.0
// Who gets the report besides its requester, and the doctors whom a mail names for it.
#pragma once

#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"

namespace telavis {

struct ReportCopying {
  const Programme& programme;
  const CaseRequest& request;
  const User& requester;
  const User& expert;
  bool citizen_box = false;  // the patient has a mailbox that may be written to
};

/// In this order:
/// - the expert, who keeps it too, in a programme by mail (otherwise he has it in his inbox);
/// - the patient's own doctor, where the programme sends to him, the patient does not oppose it and
///   the requester names him as somebody else than himself;
/// - the doctor who will act for a paramedical requester;
/// - the patient, where the programme sends to him, he does not oppose it, and the requester has
///   said that he was told.
/// Who has no address gets nothing, and nobody gets it twice.
std::vector<CopyTo> report_copies(const ReportCopying& copying);

/// "Dr Prénom Exemple, Le Moule, prenom.exemple@mss.test": the first mail address in the words
/// leaves them. Without one, that of the only doctor among `known` whose two names stand there.
NamedDoctor named_doctor(std::string_view words, const std::vector<User>& known);

}  // namespace telavis
