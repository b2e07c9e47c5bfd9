// SPDX-License-Identifier: Apache-2.0
// What the writers of tables share (table.h is the interface).
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "engine/billing/table.h"

namespace telavis {

/// The wall clock of zones, kept until their next change: a million instants ask tzdata a few
/// times.
class WallClocks {
 public:
  /// The instant as the zone's wall clock shows it, counted as if it were UTC.
  Result<Instant> shown(const ZonedInstant& instant);

 private:
  std::map<std::string, UtcOffset, std::less<>> offsets_;
};

/// Errors: invalid_field, naming the column.
Result<void> check_row(const TableShape& shape, std::span<const TableCell> cells);

Result<std::unique_ptr<TableWriter>> open_xlsx(TableShape shape, ByteSink sink);

}  // namespace telavis
