// SPDX-License-Identifier: Apache-2.0
// Mails to somebody about himself: the activation kit, the way back in, what happened to his
// access.
#pragma once

#include <functional>
#include <string>

#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/ports.h"
#include "engine/core/service_ports.h"

namespace telavis {

struct PersonMailPorts {
  Clock& clock;
  Random& random;
  Repository& repository;
  std::function<Result<Bytes>(const MailDraft&)> compose_mail;
  /// The key of messages of no case as it is now (Service::node_mail_key).
  std::function<Key()> mail_key;
};

/// The programme whose mailbox writes to a person: his first one, otherwise any. Errors:
/// configuration_invalid (there is none).
Result<Programme> programme_writing_to(Repository& repository, const User& person);
Language mail_language(const Programme& programme);
/// An instant as the programme's mails tell it.
Result<std::string> mail_time(const Programme& programme, Instant at);

/// From the programme's mailbox to the person's MSSanté address, leaving at once; the subject is
/// "mail.<kind>.subject". It is sealed with the mail key, bound to "mail/<outbox id>".
Result<OutboxMessage> compose_person_mail(const PersonMailPorts& ports, const User& person,
                                          const Programme& programme, MessageKind kind,
                                          std::string text);

}  // namespace telavis
