// SPDX-License-Identifier: Apache-2.0
#include "engine/http/table_response.h"

#include "engine/http/case_views.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

std::string_view media_type_of(TableFormat format) {
  switch (format) {
    case TableFormat::csv_french:
    case TableFormat::csv:
      return "text/csv; charset=utf-8";
    case TableFormat::xlsx:
      return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  }
  return "";
}

}  // namespace

HttpResponse table_response(const std::string& table, TableFormat format, const std::string& name) {
  return file_response(Bytes(table.begin(), table.end()), media_type_of(format),
                       "attachment; filename=\"" + name + std::string(table_suffix(format)) + "\"");
}

}  // namespace telavis
