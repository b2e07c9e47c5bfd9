// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: mailboxes and the mails that arrived in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const std::string kBox = "avis.rythmologie@telavis.test";
const Bytes kWrapped = {1, 2, 3, 4, 5, 6, 7, 8, 9};

ReceivedMail mail_of(const std::string& id, std::uint32_t uid, Instant received_at = kMonday) {
  ReceivedMail mail;
  mail.id = id;
  mail.account = kBox;
  mail.at = {7, uid};
  mail.received_at = received_at;
  mail.wrapped_key = kWrapped;
  mail.sealed = bytes_of("sealed " + id);
  mail.fingerprint = "print of " + id;
  return mail;
}

class ReceivedContract : public RepositoryContract {
 protected:
  void put(const std::vector<ReceivedMail>& mails, MailboxCursor cursor = {7, 100},
           const std::string& account = kBox) {
    const auto done = repository().put_received(mails, account, cursor);
    ASSERT_TRUE(done) << done.error().text;
  }
  void close(const std::string& id, const std::string& verdict, const std::string& case_id = "",
             const std::string& detail = "") {
    const auto done = repository().close_received(id, verdict, CaseId(case_id), detail);
    ASSERT_TRUE(done) << done.error().text;
  }
  MailboxCursor cursor_of(const std::string& account) {
    const auto cursor = repository().mailbox_cursor(account);
    EXPECT_TRUE(cursor) << cursor.error().text;
    return cursor.value_or(MailboxCursor{});
  }
  ReceivedMail one(const std::string& id) {
    const auto found = repository().received_mail(id);
    EXPECT_TRUE(found) << found.error().text;
    EXPECT_TRUE(found && *found) << "no mail " << id;
    return found && *found ? **found : ReceivedMail{};
  }
  static std::vector<std::string> ids(const Result<std::vector<ReceivedMail>>& mails) {
    EXPECT_TRUE(mails) << mails.error().text;
    std::vector<std::string> all;
    for (const ReceivedMail& mail : mails.value_or(std::vector<ReceivedMail>{}))
      all.push_back(mail.id);
    return all;
  }
  std::vector<std::string> unhandled(std::size_t limit = 100) {
    return ids(repository().unhandled_mails(limit));
  }
  std::vector<std::string> listed(const ReceivedQuery& query) {
    return ids(repository().received_mails(query));
  }
  std::vector<std::string> wrapped_by_others(const std::string& key_id, std::size_t limit = 100) {
    const auto keys = repository().received_not_wrapped_by(key_id, limit);
    EXPECT_TRUE(keys) << keys.error().text;
    std::vector<std::string> all;
    for (const ReceivedKey& key : keys.value_or(std::vector<ReceivedKey>{})) {
      all.push_back(key.id);
      EXPECT_EQ(key.wrapped, one(key.id).wrapped_key);
    }
    return all;
  }
  Case stored_case(const std::string& id) {
    Commit commit = commit_of(queued_case(id), "submit-" + id);
    must_commit(repository(), commit);
    return commit.next;
  }
  void erase(Case subject) {
    subject.wrapped_key.clear();
    must_commit(repository(), commit_of(subject, "erase-" + subject.id.value));
  }
  void expect_unreadable(const std::string& id) {
    const ReceivedMail mail = one(id);
    EXPECT_THAT(mail.wrapped_key, IsEmpty()) << id;
    EXPECT_THAT(mail.sealed, IsEmpty()) << id;
    EXPECT_EQ(mail.fingerprint, "print of " + id);
  }
};

TEST_P(ReceivedContract, AMailboxIsReadFromItsStartAndThenOn) {
  EXPECT_EQ(cursor_of(kBox), (MailboxCursor{0, 0}));
  put({}, {7, 3});
  EXPECT_EQ(cursor_of(kBox), (MailboxCursor{7, 3}));
  put({}, {7, 2});  // a second reader, late
  EXPECT_EQ(cursor_of(kBox), (MailboxCursor{7, 3}));
  const std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  put({}, {most, most});
  EXPECT_EQ(cursor_of(kBox), (MailboxCursor{most, most}));
  put({}, {6, 1});  // the mailbox was made anew
  EXPECT_EQ(cursor_of(kBox), (MailboxCursor{6, 1}));
  EXPECT_EQ(cursor_of("other@telavis.test"), (MailboxCursor{0, 0}));
}

TEST_P(ReceivedContract, AMailComesBackAsItWas) {
  ReceivedMail mail = mail_of("m1", 5, kMonday + Duration(1));
  mail.detail = "too_large 52428801";
  put({mail});
  const ReceivedMail found = one("m1");
  EXPECT_EQ(found.account, kBox);
  EXPECT_EQ(found.at, (MailboxCursor{7, 5}));
  EXPECT_EQ(found.received_at, kMonday + Duration(1));
  EXPECT_EQ(found.wrapped_key, kWrapped);
  EXPECT_EQ(found.sealed, bytes_of("sealed m1"));
  EXPECT_EQ(found.fingerprint, "print of m1");
  EXPECT_EQ(found.verdict, "");
  EXPECT_TRUE(found.case_id.empty());
  EXPECT_EQ(found.detail, "too_large 52428801");
  const auto none = repository().received_mail("m2");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

TEST_P(ReceivedContract, WhatIsThereIsLeftAsItIs) {
  put({mail_of("m1", 5)}, {7, 5});
  close("m1", "case_made");
  ReceivedMail again = mail_of("m2", 5, kMonday + hours(1));
  put({again, mail_of("m3", 6)}, {7, 6});
  EXPECT_EQ(one("m1").verdict, "case_made");
  EXPECT_FALSE(repository().received_mail("m2").value().has_value());
  EXPECT_THAT(unhandled(), ElementsAre("m3"));
  again.at.uid_validity = 8;  // the same number in a mailbox made anew is another mail
  put({again}, {8, 5});
  EXPECT_THAT(unhandled(), ElementsAre("m3", "m2"));
}

TEST_P(ReceivedContract, AllOrNothingIsPut) {
  put({mail_of("m1", 5)}, {7, 5});
  const auto refused =
      repository().put_received({mail_of("m2", 6), mail_of("m1", 7)}, kBox, {7, 7});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::storage_failed);
  EXPECT_EQ(cursor_of(kBox), (MailboxCursor{7, 5}));
  EXPECT_THAT(unhandled(), ElementsAre("m1"));
  ReceivedMail of_nothing = mail_of("m4", 8);
  of_nothing.case_id = CaseId("none");
  EXPECT_FALSE(repository().put_received({of_nothing}, kBox, {7, 8}));
  EXPECT_THAT(unhandled(), ElementsAre("m1"));
}

TEST_P(ReceivedContract, WhatWaitsComesInTheOrderOfArrival) {
  put({mail_of("a", 9), mail_of("b", 8), mail_of("c", 1, kMonday + hours(1)),
       mail_of("d", 2, kMonday - hours(1))});
  ReceivedMail elsewhere = mail_of("e", 1);
  elsewhere.account = "a@telavis.test";
  put({elsewhere}, {7, 1}, elsewhere.account);
  EXPECT_THAT(unhandled(), ElementsAre("d", "e", "b", "a", "c"));
  EXPECT_THAT(unhandled(2), ElementsAre("d", "e"));
  EXPECT_THAT(unhandled(0), IsEmpty());
  close("d", "unclear");
  close("b", "case_made");
  EXPECT_THAT(unhandled(), ElementsAre("e", "a", "c"));
  const auto mails = repository().unhandled_mails(1);
  ASSERT_TRUE(mails);
  EXPECT_EQ(mails->front().sealed, bytes_of("sealed e"));
  EXPECT_EQ(mails->front().wrapped_key, kWrapped);
}

TEST_P(ReceivedContract, LargeMailsWaitForTheNextRound) {
  ReceivedMail large = mail_of("a", 1);
  large.sealed = Bytes((std::size_t{64} << 20) + 1);
  ReceivedMail other = mail_of("b", 2);
  put({large, other});
  EXPECT_THAT(unhandled(), ElementsAre("a"));
  close("a", "case_made");
  EXPECT_THAT(unhandled(), ElementsAre("b"));
}

TEST_P(ReceivedContract, AVerdictMayBeRepeatedAndReplaced) {
  stored_case("c1");
  put({mail_of("m1", 1)});
  for (int i = 0; i < 2; ++i) close("m1", "unclear", "", "two_cases");
  EXPECT_EQ(one("m1").verdict, "unclear");
  EXPECT_EQ(one("m1").detail, "two_cases");
  close("m1", "opinion", "c1", "refiled");
  EXPECT_EQ(one("m1").case_id, CaseId("c1"));
  EXPECT_EQ(one("m1").sealed, bytes_of("sealed m1"));
  const auto missing = repository().close_received("m9", "unclear", CaseId(), "");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_FALSE(repository().close_received("m1", "opinion", CaseId("none"), ""));
  EXPECT_EQ(one("m1").case_id, CaseId("c1"));
}

TEST_P(ReceivedContract, ListsLeaveTheBytesOut) {
  put({mail_of("a", 1), mail_of("b", 2), mail_of("c", 3, kMonday - hours(1))});
  ReceivedMail elsewhere = mail_of("d", 4);
  elsewhere.account = "z@telavis.test";
  put({elsewhere}, {7, 4}, elsewhere.account);
  for (const char* id : {"a", "c", "d"}) close(id, "unclear");
  EXPECT_THAT(listed({}), ElementsAre("d", "b", "a", "c"));
  EXPECT_THAT(listed({"unclear", 200, ""}), ElementsAre("d", "a", "c"));
  EXPECT_THAT(listed({"unclear", 200, kBox}), ElementsAre("a", "c"));
  EXPECT_THAT(listed({"", 1, kBox}), ElementsAre("b"));
  EXPECT_THAT(listed({"opinion", 200, ""}), IsEmpty());
  const auto list = repository().received_mails({"unclear", 1, ""});
  ASSERT_TRUE(list && list->size() == 1);
  EXPECT_EQ(list->front().verdict, "unclear");
  EXPECT_EQ(list->front().fingerprint, "print of d");
  EXPECT_THAT(list->front().sealed, IsEmpty());
  EXPECT_THAT(list->front().wrapped_key, IsEmpty());
}

TEST_P(ReceivedContract, CountsWhatWaitsAndEachVerdict) {
  const auto counts = [this] {
    const auto counted = repository().received_counts();
    EXPECT_TRUE(counted) << counted.error().text;
    return counted.value_or(std::map<std::string, std::int64_t>{});
  };
  EXPECT_THAT(counts(), IsEmpty());
  const Case gone = stored_case("c1");
  put({mail_of("a", 1), mail_of("b", 2), mail_of("c", 3), mail_of("d", 4)});
  EXPECT_THAT(counts(), ElementsAre(Pair("", 4)));
  close("a", "case_made", "c1");
  close("b", "kept");
  close("c", "kept");
  EXPECT_THAT(counts(), ElementsAre(Pair("", 1), Pair("case_made", 1), Pair("kept", 2)));
  close("b", "filed");             // a verdict is replaced, not counted twice
  put({mail_of("e", 1)}, {7, 1});  // known already
  EXPECT_THAT(counts(),
              ElementsAre(Pair("", 1), Pair("case_made", 1), Pair("filed", 1), Pair("kept", 1)));
  // What became unreadable was a mail all the same.
  erase(gone);
  EXPECT_EQ(*repository().forget_received(kMonday + hours(1)), 2);
  EXPECT_THAT(counts(),
              ElementsAre(Pair("", 1), Pair("case_made", 1), Pair("filed", 1), Pair("kept", 1)));
}

TEST_P(ReceivedContract, TheSameMailIsFoundByItsFingerprint) {
  ReceivedMail again = mail_of("z", 2, kMonday - hours(1));
  again.fingerprint = "print of a";
  put({mail_of("a", 1), again, mail_of("b", 3)});
  EXPECT_THAT(ids(repository().received_by_fingerprint("print of a")), ElementsAre("z", "a"));
  EXPECT_THAT(ids(repository().received_by_fingerprint("print of c")), IsEmpty());
}

// ---- unreadable with the case -------------------------------------------------------------------

TEST_P(ReceivedContract, AnErasedCaseTakesItsMailsWithIt) {
  const Case gone = stored_case("c1");
  stored_case("c2");
  put({mail_of("m1", 1), mail_of("m2", 2), mail_of("m3", 3), mail_of("m4", 4)});
  close("m1", "case_made", "c1");
  close("m2", "opinion", "c1");
  close("m3", "case_made", "c2");
  erase(gone);
  expect_unreadable("m1");
  expect_unreadable("m2");
  EXPECT_EQ(one("m1").verdict, "case_made");
  EXPECT_EQ(one("m3").sealed, bytes_of("sealed m3"));
  EXPECT_EQ(one("m4").sealed, bytes_of("sealed m4"));
  // The mailbox is read again from its start: the mail is known, whole as it comes.
  put({mail_of("m9", 1)}, {7, 1});
  expect_unreadable("m1");
  EXPECT_THAT(unhandled(), ElementsAre("m4"));
  EXPECT_THAT(ids(repository().received_by_fingerprint("print of m1")), ElementsAre("m1"));
  EXPECT_THAT(wrapped_by_others(""), ElementsAre("m3", "m4"));
  EXPECT_EQ(*repository().rewrap_received("m1", {}, kWrapped), false);
}

TEST_P(ReceivedContract, AMailFiledWithAnErasedCaseIsUnreadableAtOnce) {
  erase(stored_case("c1"));
  put({mail_of("m1", 1), mail_of("m2", 2)});
  close("m1", "late", "c1");
  close("m2", "late");
  expect_unreadable("m1");
  EXPECT_EQ(one("m2").sealed, bytes_of("sealed m2"));
}

TEST_P(ReceivedContract, WhatIsOfNoCaseIsForgottenByItsAge) {
  stored_case("c1");
  put({mail_of("old", 1, kMonday), mail_of("filed", 2, kMonday), mail_of("waits", 3, kMonday),
       mail_of("new", 4, kMonday + hours(1))});
  close("old", "auto_reply");
  close("filed", "case_made", "c1");
  close("new", "auto_reply");
  EXPECT_EQ(*repository().forget_received(kMonday), 0);
  EXPECT_EQ(*repository().forget_received(kMonday + hours(1)), 1);
  EXPECT_EQ(*repository().forget_received(kMonday + hours(1)), 0);
  expect_unreadable("old");
  for (const char* id : {"filed", "waits", "new"}) EXPECT_EQ(one(id).wrapped_key, kWrapped) << id;
}

// ---- master keys --------------------------------------------------------------------------------

TEST_P(ReceivedContract, RewrapsWhatIsStillThere) {
  const auto wrapped = [](std::uint8_t by) { return Bytes{by, by, by, by, by, by, by, by, 5}; };
  ReceivedMail a = mail_of("a", 1), b = mail_of("b", 2), c = mail_of("c", 3), d = mail_of("d", 4);
  a.wrapped_key = wrapped(1);
  b.wrapped_key = wrapped(2);
  c.wrapped_key = wrapped(3);
  d.wrapped_key = {};
  put({a, b, c, d});
  EXPECT_THAT(wrapped_by_others("0202020202020202"), ElementsAre("a", "c"));
  EXPECT_THAT(wrapped_by_others("0202020202020202", 1), ElementsAre("a"));
  EXPECT_EQ(*repository().rewrap_received("a", wrapped(1), wrapped(2)), true);
  EXPECT_EQ(*repository().rewrap_received("a", wrapped(1), wrapped(2)), false);
  EXPECT_EQ(*repository().rewrap_received("z", wrapped(1), wrapped(2)), false);
  EXPECT_THAT(wrapped_by_others("0202020202020202"), ElementsAre("c"));
  EXPECT_EQ(one("a").wrapped_key, wrapped(2));
  EXPECT_EQ(one("a").sealed, a.sealed);
}

INSTANTIATE_TEST_SUITE_P(Stores, ReceivedContract, every_store(),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace telavis::test
