// SPDX-License-Identifier: Apache-2.0
// Records of an association as files and tables, for the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/registry.h"

namespace telavis {

/// Who works at the command line.
inline const RegistryActor kOperator{};

enum class RecordKind { programme, person, group, device };
std::string_view record_kind_name(RecordKind kind);

/// The documents of an import: one JSON object, or one a line. Errors: malformed_request.
Result<std::vector<std::string>> documents_in(std::string_view text);

/// Imports one document as the operator: new or changed. Gives "new <id>", "changed <id>" or
/// "unchanged <id>". Errors: those of the parser and of Registry.
Result<std::string> import_record(Registry& registry, RecordKind kind, std::string_view json);

/// One document, on one line. `id` of a person may be his login. Errors: not_found.
Result<std::string> export_record(Registry& registry, RecordKind kind, const std::string& id);

/// What `list` and `export` are about. Empty members do not restrict.
struct RecordFilter {
  std::string programme;
  std::string status;  // of people
};

/// One document a line.
Result<std::vector<std::string>> export_records(Registry& registry, RecordKind kind,
                                                const RecordFilter& filter = {});

/// A person by id or login. Errors: not_found.
Result<UserId> person_named(Registry& registry, const std::string& id_or_login);

/// Lines of a table with a heading; columns as wide as their longest cell.
std::string table(const std::vector<std::vector<std::string>>& rows);
/// Rows for `list`, the heading first.
Result<std::vector<std::vector<std::string>>> listing(Registry& registry, RecordKind kind,
                                                      const RecordFilter& filter);
std::vector<std::vector<std::string>> history_rows(const std::vector<Revision>& revisions);

}  // namespace telavis
