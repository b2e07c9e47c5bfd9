// SPDX-License-Identifier: Apache-2.0
#include "engine/core/incoming_mail.h"

namespace telavis {

std::string_view mail_nature_name(MailNature nature) {
  switch (nature) {
    case MailNature::message:
      return "message";
    case MailNature::auto_reply:
      return "auto_reply";
    case MailNature::mailing_list:
      return "mailing_list";
    case MailNature::delivery_report:
      return "delivery_report";
    case MailNature::read_report:
      return "read_report";
    case MailNature::calendar:
      return "calendar";
  }
  return "message";
}

}  // namespace telavis
