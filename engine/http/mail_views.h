// SPDX-License-Identifier: Apache-2.0
// Mails that wait for a person, as JSON: the shapes of /api/v1/openapi.json.
#pragma once

#include <string>
#include <vector>

#include "engine/core/service.h"

namespace telavis {

/// {"mails":[KeptMail]}: nothing of their content. Errors: those of the repository.
Result<std::string> kept_mails_json(Repository& repository, const std::vector<KeptMail>& mails);
/// {"mail":KeptMail,"content":MailContent}
Result<std::string> opened_mail_json(Repository& repository, const OpenedMail& opened);
/// {"verdict":...}
std::string filed_mail_json(MailVerdict verdict);

}  // namespace telavis
