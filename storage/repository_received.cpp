// SPDX-License-Identifier: Apache-2.0
// What arrives by mail: how far each mailbox has been read, and every mail as it came.
#include <string>
#include <utility>
#include <vector>

#include "storage/repository.h"

namespace telavis {
namespace {

// What unhandled_mails() brings into memory at once, beside the first mail.
constexpr std::int64_t kUnhandledBytes = std::int64_t{64} << 20;

constexpr std::string_view kColumns =
    "id, account, uid_validity, uid, received_at, fingerprint, verdict, case_id, detail, "
    "wrapped_key, sealed";
constexpr std::string_view kReceivedColumns =
    "id, account, uid_validity, uid, received_at, fingerprint, verdict, case_id, detail, "
    "null, null";
// Of the table: what makes a mail unreadable, and leaves that it was here.
constexpr std::string_view kForget =
    "update received_mails set wrapping_key = '', wrapped_key = $1, "
    "sealed = $1 where wrapping_key > '' and ";

Value nullable(const CaseId& id) {
  return id.empty() ? Value() : Value(std::string_view(id.value));
}

Result<ReceivedMail> read_mail(const Row& row, bool with_bytes) {
  RowReader reader(row);
  ReceivedMail mail;
  mail.id = reader.text();
  mail.account = reader.text();
  mail.at.uid_validity = static_cast<std::uint32_t>(reader.integer());
  mail.at.last_uid = static_cast<std::uint32_t>(reader.integer());
  mail.received_at = reader.instant();
  mail.fingerprint = reader.text();
  mail.verdict = reader.text();
  if (auto id = reader.optional_text()) mail.case_id = CaseId(std::move(*id));
  mail.detail = reader.text();
  if (with_bytes) {
    mail.wrapped_key = reader.bytes();
    mail.sealed = reader.bytes();
  } else {
    reader.optional_text();
    reader.optional_text();
  }
  if (!reader.sound()) return damaged("mail");
  return mail;
}

Result<std::vector<ReceivedMail>> read_mails(const Result<Rows>& rows, bool with_bytes) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<ReceivedMail> mails;
  mails.reserve(rows->size());
  for (const Row& row : *rows) {
    auto mail = read_mail(row, with_bytes);
    if (!mail) return tl::unexpected(std::move(mail.error()));
    mails.push_back(std::move(*mail));
  }
  return mails;
}

Result<void> insert(Database& database, const ReceivedMail& mail) {
  return without_rows(database.run(
      "insert into received_mails (id, account, uid_validity, uid, received_at, fingerprint, "
      "verdict, case_id, detail, wrapping_key, wrapped_key, sealed) "
      "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
      "on conflict (account, uid_validity, uid) do nothing",
      {mail.id, mail.account, std::int64_t{mail.at.uid_validity}, std::int64_t{mail.at.last_uid},
       value(mail.received_at), mail.fingerprint, mail.verdict, nullable(mail.case_id), mail.detail,
       std::string_view(keys_sql::wrapping_key(mail.wrapped_key)), ByteView(mail.wrapped_key),
       ByteView(mail.sealed)}));
}

/// Gives how many became unreadable.
Result<std::int64_t> forget_where(Database& database, const std::string& condition, Value bound) {
  const Bytes nothing;
  const auto gone =
      database.run(std::string(kForget) + condition + " returning id", {ByteView(nothing), bound});
  if (!gone) return tl::unexpected(gone.error());
  if (!gone->empty()) database.forget_past();
  return static_cast<std::int64_t>(gone->size());
}

}  // namespace

Result<void> received_sql::forget_erased(Database& database, const Case& subject) {
  if (!subject.wrapped_key.empty()) return {};
  const auto gone = forget_where(database, "case_id = $2", std::string_view(subject.id.value));
  if (!gone) return tl::unexpected(gone.error());
  return {};
}

Result<MailboxCursor> SqlRepository::mailbox_cursor(const std::string& account) {
  const auto rows =
      read("select uid_validity, last_uid from mailboxes where account = $1", {account});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return MailboxCursor{};
  RowReader row(rows->front());
  const MailboxCursor cursor{static_cast<std::uint32_t>(row.integer()),
                             static_cast<std::uint32_t>(row.integer())};
  if (!row.sound()) return damaged("mailbox");
  return cursor;
}

Result<void> SqlRepository::put_received(const std::vector<ReceivedMail>& mails,
                                         const std::string& account, const MailboxCursor& cursor) {
  return in_transaction([&](Database& database) -> Result<void> {
    for (const ReceivedMail& mail : mails) {
      if (auto inserted = insert(database, mail); !inserted) return inserted;
    }
    return without_rows(database.run(
        "insert into mailboxes (account, uid_validity, last_uid) values ($1, $2, $3) "
        "on conflict (account) do update set uid_validity = excluded.uid_validity, "
        "last_uid = excluded.last_uid where mailboxes.uid_validity <> excluded.uid_validity or "
        "mailboxes.last_uid < excluded.last_uid",
        {account, std::int64_t{cursor.uid_validity}, std::int64_t{cursor.last_uid}}));
  });
}

Result<std::vector<ReceivedMail>> SqlRepository::unhandled_mails(std::size_t limit) {
  const auto listed = read(
      "select id, length(sealed) from received_mails where verdict = '' "
      "order by received_at, account, uid_validity, uid limit $1",
      {static_cast<std::int64_t>(limit)});
  if (!listed) return tl::unexpected(listed.error());
  std::vector<ReceivedMail> mails;
  std::int64_t bytes = 0;
  for (const Row& row : *listed) {
    RowReader reader(row);
    const std::string id = reader.text();
    bytes += reader.integer();
    if (!reader.sound()) return damaged("mail");
    if (!mails.empty() && bytes > kUnhandledBytes) break;
    auto mail = received_mail(id);
    if (!mail) return tl::unexpected(std::move(mail.error()));
    if (*mail && (*mail)->verdict.empty()) mails.push_back(std::move(**mail));
  }
  return mails;
}

Result<std::vector<ReceivedMail>> SqlRepository::received_by_fingerprint(
    const std::string& fingerprint) {
  return read_mails(read("select " + std::string(kReceivedColumns) +
                             " from received_mails where fingerprint = $1 "
                             "order by received_at, account, uid_validity, uid",
                         {fingerprint}),
                    false);
}

Result<std::vector<ReceivedMail>> SqlRepository::received_mails(const ReceivedQuery& query) {
  std::vector<Value> values = {static_cast<std::int64_t>(query.limit)};
  std::string where;
  for (const auto& [column, wanted] :
       {std::pair("verdict", &query.verdict), std::pair("account", &query.account)}) {
    if (wanted->empty()) continue;
    values.emplace_back(std::string_view(*wanted));
    where += (where.empty() ? " where " : " and ") + std::string(column) + " = $" +
             std::to_string(values.size());
  }
  return read_mails(
      read("select " + std::string(kReceivedColumns) + " from received_mails" + where +
               " order by received_at desc, account desc, uid_validity desc, uid desc limit $1",
           values),
      false);
}

Result<std::optional<ReceivedMail>> SqlRepository::received_mail(const std::string& id) {
  return only(read_mails(
      read("select " + std::string(kColumns) + " from received_mails where id = $1", {id}), true));
}

Result<void> SqlRepository::close_received(const std::string& id, const std::string& verdict,
                                           const CaseId& case_id, const std::string& detail) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto closed = database.run(
        "update received_mails set verdict = $2, case_id = $3, detail = $4 where id = $1 "
        "returning id",
        {id, verdict, nullable(case_id), detail});
    if (!closed) return tl::unexpected(closed.error());
    if (closed->empty()) return fail(ErrorCode::not_found, "there is no received mail of this id");
    const auto gone = forget_where(
        database, "id = $2 and case_id in (select id from cases where wrapping_key = '')",
        std::string_view(id));
    if (!gone) return tl::unexpected(gone.error());
    return {};
  });
}

Result<std::int64_t> SqlRepository::forget_received(Instant received_before) {
  std::int64_t count = 0;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    const auto gone = forget_where(
        database, "verdict > '' and case_id is null and received_at < $2", value(received_before));
    if (!gone) return tl::unexpected(gone.error());
    count = *gone;
    return {};
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return count;
}

Result<std::map<std::string, std::int64_t>> SqlRepository::received_counts() {
  const auto rows = read("select verdict, count(*) from received_mails group by verdict", {});
  if (!rows) return tl::unexpected(rows.error());
  std::map<std::string, std::int64_t> counts;
  for (const Row& row : *rows) {
    RowReader reader(row);
    const std::string verdict = reader.text();
    counts[verdict] = reader.integer();
    if (!reader.sound()) return damaged("count of mails");
  }
  return counts;
}

Result<std::vector<ReceivedKey>> SqlRepository::received_not_wrapped_by(const std::string& key_id,
                                                                        std::size_t limit) {
  return keys_sql::keys_in(
      read(keys_sql::not_wrapped_by("received_mails"), {key_id, static_cast<std::int64_t>(limit)}));
}

Result<bool> SqlRepository::rewrap_received(const std::string& id, ByteView before,
                                            ByteView after) {
  const auto rows = write(keys_sql::rewrap("received_mails"),
                          {id, before, after, std::string_view(keys_sql::wrapping_key(after))});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

}  // namespace telavis
