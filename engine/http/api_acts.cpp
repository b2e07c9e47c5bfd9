// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <chrono>

#include "engine/billing/acts.h"
#include "engine/http/case_views.h"
#include "engine/http/route.h"
#include "engine/http/table_response.h"
#include "engine/http/target.h"

namespace telavis {
namespace {

/// "2026-01-31", a day that exists.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t from, std::size_t count) {
    unsigned int value = 0;
    const char* const end = text.data() + from + count;
    const auto [parsed, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc() && parsed == end ? std::optional(value) : std::nullopt;
  };
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)),
                                     std::chrono::month(*month), std::chrono::day(*day))
      .ok();
}

struct Period {
  std::string from, to;  // inclusive; empty: open
};

Result<Period> period_of(std::string_view query) {
  Period period{query_value(query, "from").value_or(""), query_value(query, "to").value_or("")};
  for (const std::string& date : {period.from, period.to}) {
    if (!date.empty() && !is_date(date)) {
      return fail(ErrorCode::invalid_field, "from and to must be dates such as 2026-01-31.");
    }
  }
  return period;
}

Result<std::vector<ActRow>> rows_of(Call& call) {
  const auto period = period_of(call.request.query);
  if (!period) return tl::unexpected(period.error());
  return call.service.acts(call.actor, period->from, period->to);
}

}  // namespace

Result<HttpResponse> list_acts(Call& call) {
  const auto rows = rows_of(call);
  if (!rows) return tl::unexpected(rows.error());
  const auto text = acts_json(call.reader(), *rows);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> export_billing(Call& call) {
  const auto format = table_format(query_value(call.request.query, "format").value_or("csv-fr"));
  if (!format) return tl::unexpected(format.error());
  auto rows = rows_of(call);
  if (!rows) return tl::unexpected(rows.error());
  // The service gives a person every act he may see; this document is the treasurer's.
  std::erase_if(*rows,
                [&](const ActRow& row) { return !call.actor.has(Role::treasurer, row.programme); });
  const auto table = billing_file(*format, *rows, call.service.repository());
  if (!table) return tl::unexpected(table.error());
  return table_response(*table, *format, "actes");
}

}  // namespace telavis
