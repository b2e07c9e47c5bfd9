// SPDX-License-Identifier: Apache-2.0
// What experts keep to work with: their texts, the appointments that they can offer.
#include <string>
#include <vector>

#include "storage/repository.h"

namespace telavis {
namespace {

bool has_rows(const Rows& rows) {
  return !rows.empty();
}

}  // namespace

Result<std::optional<SealedTexts>> SqlRepository::personal_texts(const UserId& user) {
  const auto rows = read("select version, sealed from personal_texts where id = $1", {user.value});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  RowReader reader(rows->front());
  SealedTexts texts{user, reader.integer(), reader.bytes()};
  if (!reader.sound()) return damaged("personal texts");
  return texts;
}

Result<bool> SqlRepository::put_personal_texts(const SealedTexts& texts) {
  const bool first = texts.version == 1;
  return write(first ? "insert into personal_texts (id, version, sealed) values ($1, $2, $3) "
                       "on conflict do nothing returning id"
                     : "update personal_texts set version = $2, sealed = $3 "
                       "where id = $1 and version = $2 - 1 returning id",
               {texts.user.value, texts.version, ByteView(texts.sealed)})
      .map(has_rows);
}

// ---- appointments -------------------------------------------------------------------------------

Result<bool> slots_sql::offer(Database& database, const Commit& commit) {
  if (!commit.slots) return true;
  const std::string& id = commit.next.id.value;
  if (auto freed =
          without_rows(database.run("update slots set case_id = null where case_id = $1", {id}));
      !freed)
    return tl::unexpected(freed.error());
  for (const std::string& slot : *commit.slots) {
    const auto taken = database.run(
        "update slots set case_id = $1 where id = $2 and case_id is null returning id", {id, slot});
    if (!taken) return tl::unexpected(taken.error());
    if (taken->empty()) return false;
  }
  return true;
}

Result<bool> SqlRepository::put_slot(const Slot& slot) {
  return write(
             "insert into slots (id, expert, starts_at, place, booking, case_id) "
             "values ($1, $2, $3, $4, $5, null) on conflict do nothing returning id",
             {slot.id, slot.expert.value, value(slot.starts_at), slot.place, slot.booking})
      .map(has_rows);
}

Result<std::vector<Slot>> SqlRepository::slots(const UserId& expert, Instant from) {
  const auto rows = read(
      "select id, starts_at, place, booking, case_id from slots "
      "where expert = $1 and starts_at >= $2 order by starts_at",
      {expert.value, value(from)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Slot> found;
  for (const Row& row : *rows) {
    RowReader reader(row);
    Slot slot{reader.text(), expert, reader.instant(), reader.text(), reader.text(), {}};
    if (auto id = reader.optional_text()) slot.offered_in = CaseId(std::move(*id));
    if (!reader.sound()) return damaged("slot");
    found.push_back(std::move(slot));
  }
  return found;
}

Result<bool> SqlRepository::erase_slot(const UserId& expert, const std::string& id) {
  return write("delete from slots where id = $1 and expert = $2 and case_id is null returning id",
               {id, expert.value})
      .map(has_rows);
}

}  // namespace telavis
