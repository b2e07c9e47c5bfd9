// SPDX-License-Identifier: Apache-2.0
#include "engine/core/send_refusal.h"

namespace telavis {

std::string_view refusal_code(std::string_view status) {
  if (status == "5.2.2") return "mailbox_full";
  if (status == "5.3.4" || status == "5.2.3") return "too_large";
  if (status.starts_with("5.1.") || status == "5.2.1") return "unknown_recipient";
  return "by_server";
}

}  // namespace telavis
