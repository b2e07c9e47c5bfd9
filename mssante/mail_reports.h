// SPDX-License-Identifier: Apache-2.0
// The fields of delivery and read reports, and who or what wrote a mail.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/incoming_mail.h"

namespace telavis {

/// Names in lower case, the first value of each, unfolded and trimmed.
using MailFields = std::map<std::string, std::string>;

/// Groups of fields parted by blank lines. Lines that are no field are passed over.
std::vector<MailFields> read_fields(std::string_view text);

/// "<a@x> b@y <c d@z>": identifiers without brackets and inner blanks, at most 100.
std::vector<std::string> message_ids(std::string_view text);

/// message/delivery-status (RFC 3464): the first group is of the message, each other of a
/// recipient.
std::vector<DeliveryReport> delivery_reports(const std::vector<MailFields>& groups);

/// message/disposition-notification (RFC 8098); nullopt: no disposition.
std::optional<ReadReport> read_report_of(const MailFields& fields);

/// What the header says of its author. `null_return_path`: "Return-Path: <>".
MailNature nature_of(const MailFields& header, std::string_view subject, std::string_view from,
                     bool null_return_path);

/// The code of "[KO Intégration système !][902] XDM/1.0/DDM+...", by which software that was not
/// asked for an MDN says that it could not take a document (Annex of IG-hl7v2-volet-trans-lps);
/// empty: another subject.
std::string integration_error(std::string_view subject);

}  // namespace telavis
