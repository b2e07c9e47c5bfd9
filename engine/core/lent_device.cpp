// SPDX-License-Identifier: Apache-2.0
#include "engine/core/lent_device.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "engine/core/crypto.h"
#include "engine/core/people.h"
#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxAeTitle = 16;
constexpr std::size_t kSha256Hex = 64;
constexpr std::size_t kMaxNotes = 4'000;

tl::unexpected<Error> invalid_device(std::string_view name, std::string_view what) {
  return fail(ErrorCode::invalid_field, "'" + std::string(name) + "' " + std::string(what) + ".");
}

/// Spaces around it do not count in DICOM, and one inside helps nobody: none at all.
bool is_ae_title(std::string_view text) {
  return text.size() <= kMaxAeTitle &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
}

bool is_sha256_hex(std::string_view text) {
  return text.size() == kSha256Hex &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Result<void> check_lent_device(const LentDevice& device) {
  if (!is_record_id(device.id)) {
    return invalid_device("id", "must have 1 to 64 of a-z, 0-9, '-', '_' and '.'");
  }
  if (device.serial.empty()) {
    return fail(ErrorCode::missing_field, "'serial' is missing: fill it in as the files have it.");
  }
  for (const auto& [name, date] :
       {std::pair("lent_on", &device.lent_on), std::pair("due_back_on", &device.due_back_on),
        std::pair("returned_on", &device.returned_on)}) {
    if (!date->empty() && !is_iso_date(*date)) {
      return invalid_device(name, "must be a date such as 2026-02-14");
    }
  }
  if (device.holder.has_value() == device.lent_on.empty()) {
    return invalid_device("holder", "and lent_on belong together: to whom, and since when");
  }
  if (!device.returned_on.empty() && device.returned_on < device.lent_on) {
    return invalid_device("returned_on", "must not be before lent_on");
  }
  if (!device.due_back_on.empty() && device.due_back_on < device.lent_on) {
    return invalid_device("due_back_on", "must not be before lent_on");
  }
  if (!device.ae_title.empty() && !is_ae_title(device.ae_title)) {
    return invalid_device("ae_title", "must have 1 to 16 visible characters without '\\'");
  }
  if (!device.certificate.empty() && !is_sha256_hex(device.certificate)) {
    return invalid_device("certificate",
                          "must be the SHA-256 of the certificate, 64 of 0-9 and a-f");
  }
  if (!device.holder && !(device.due_back_on + device.returned_on).empty()) {
    return invalid_device("holder", "is missing beside the dates of a loan");
  }
  return {};
}

std::string device_token_hash(std::string_view token) {
  return hash_hex("device-token/" + std::string(token));
}

LentDevice read_lent_device(JsonReader& reader) {
  LentDevice device;
  device.id = reader.text("id", kMaxName);
  device.programme = ProgrammeId(reader.text("programme", kMaxName));
  device.serial = reader.text("serial", kMaxName);
  device.model = reader.optional_text("model", kMaxName);
  device.owner = reader.optional_text("owner", kMaxName);
  const std::string holder = reader.optional_text("holder", kMaxName);
  if (!holder.empty()) device.holder = UserId(holder);
  device.lent_on = reader.optional_text("lent_on", kMaxDate);
  device.due_back_on = reader.optional_text("due_back_on", kMaxDate);
  device.returned_on = reader.optional_text("returned_on", kMaxDate);
  device.consumables = reader.optional_text("consumables", kMaxNotes);
  device.ae_title = reader.optional_text("ae_title", kMaxName);
  device.certificate = reader.optional_text("certificate", kMaxName);
  device.suspended = reader.boolean("suspended", false);
  return device;
}

Result<LentDevice> parse_lent_device(std::string_view text) {
  JsonReader reader(text);
  LentDevice device = read_lent_device(reader);
  if (auto read = reader.finish(); !read) return tl::unexpected(read.error());
  if (auto sound = check_lent_device(device); !sound) return tl::unexpected(sound.error());
  return device;
}

std::string lent_device_json(const LentDevice& device) {
  return json::serialize(json::object{
      {"id", device.id},
      {"programme", device.programme.value},
      {"serial", device.serial},
      {"model", device.model},
      {"owner", device.owner},
      {"holder", device.holder ? json::value(device.holder->value) : json::value(nullptr)},
      {"lent_on", device.lent_on},
      {"due_back_on", device.due_back_on},
      {"returned_on", device.returned_on},
      {"consumables", device.consumables},
      {"ae_title", device.ae_title},
      {"certificate", device.certificate},
      {"suspended", device.suspended}});
}

std::optional<Finding> loan_finding(const std::optional<LentDevice>& device, const UserId& sender) {
  if (!device || !device->is_lent() || device->holder == sender) return std::nullopt;
  return Finding{"device_lent_to_other", Severity::warning,
                 "The association lent this device to another doctor: check that the exam is of "
                 "your patient, and tell the association who has the device."};
}

std::string serial_of(const Exam& exam) {
  return std::visit([](const auto& any) { return any.device.serial; }, exam);
}

}  // namespace telavis
