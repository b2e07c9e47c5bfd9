// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/ids.h"
#include "engine/core/json_reader.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// An ECG device or dermatoscope that an association lends. Dates are ISO, empty when open.
struct LentDevice {
  std::string id;            // a slug
  std::int64_t version = 0;  // given by the repository; 0: not stored yet
  ProgrammeId programme;
  std::string serial;  // as in the files that the device writes
  std::string model;
  std::string owner;  // the association, or who gave it
  std::optional<UserId> holder;
  std::string lent_on;
  std::string due_back_on;
  std::string returned_on;
  std::string consumables;  // notes: electrodes, paper, batteries
  // How it sends by itself (exam_door.h); without them its files come with a request.
  std::string ae_title;     // DICOM calling AE title, 1 to 16 characters; empty: none
  std::string certificate;  // hex SHA-256 of the certificate that goes with it; empty: none asked
  bool suspended = false;   // nothing is taken from it until somebody has looked

  bool is_lent() const { return holder && returned_on.empty(); }
  bool may_send() const { return is_lent() && !suspended; }
};

/// Errors: missing_field, invalid_field: no serial, dates that are none or out of order, a loan
/// without holder, no AE title (DICOM PS3.5, 6.2, AE) and no hash of a certificate where one
/// stands.
Result<void> check_lent_device(const LentDevice& device);

/// What of a device's token is stored: hex BLAKE2b-256. The token is 256 random bits.
std::string device_token_hash(std::string_view token);

/// A member `device` of a request or a whole document; wrong members are noted in the reader.
LentDevice read_lent_device(JsonReader& reader);
/// Strict JSON, checked. Errors: malformed_request, missing_field, invalid_field.
Result<LentDevice> parse_lent_device(std::string_view json);
std::string lent_device_json(const LentDevice& device);

/// What the intake remarks about an exam that names its device: "device_lent_to_other" when the
/// association lent this device to somebody else than the sender; nothing of a device that is not
/// on file or not lent.
std::optional<Finding> loan_finding(const std::optional<LentDevice>& device, const UserId& sender);
/// The serial that the device wrote into its file; empty when there is none.
std::string serial_of(const Exam& exam);

}  // namespace telavis
