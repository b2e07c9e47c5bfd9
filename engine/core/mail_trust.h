// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace telavis {

/// Whether a mail address belongs to MSSanté's trust domain: its domain stands in the trust list
/// (liste blanche). Nothing is sent to an outsider, and nothing an outsider writes is read as a
/// case. `unknown`: there is no list, or none young enough to go by; what depends on it waits.
enum class MailTrust { member, outsider, unknown };

}  // namespace telavis
