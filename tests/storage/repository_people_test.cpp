// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: users, programmes, sessions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/repository_contract.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::IsEmpty;

class PeopleContract : public RepositoryContract {};

TEST_P(PeopleContract, AUserIsReplacedWhole) {
  User user = user_of("u1", {{ProgrammeId("p"), Role::expert},
                             {ProgrammeId(""), Role::admin},
                             {ProgrammeId("a"), Role::coordinator}});
  ASSERT_TRUE(repository().put_user(user));
  user.family_name = "Nouveau";
  user.active = false;
  user.available = true;
  user.memberships = {{ProgrammeId("q"), Role::treasurer}, {ProgrammeId("b"), Role::requester}};
  ASSERT_TRUE(repository().put_user(user));
  for (const auto& found :
       {repository().user(UserId("u1")), repository().user_by_login("u1@telavis.test")}) {
    ASSERT_TRUE(found && *found);
    const User& read = **found;
    EXPECT_EQ(read.id, user.id);
    EXPECT_EQ(read.login, user.login);
    EXPECT_EQ(read.password_hash, user.password_hash);
    EXPECT_EQ(read.title, user.title);
    EXPECT_EQ(read.given_name, user.given_name);
    EXPECT_EQ(read.family_name, "Nouveau");
    EXPECT_EQ(read.rpps, user.rpps);
    EXPECT_EQ(read.profession, user.profession);
    EXPECT_EQ(read.mail_address, user.mail_address);
    EXPECT_EQ(read.mobile_phone, user.mobile_phone);
    EXPECT_EQ(read.territory, user.territory);
    EXPECT_FALSE(read.active);
    EXPECT_TRUE(read.available);
    ASSERT_EQ(read.memberships.size(), 2U);
    EXPECT_EQ(read.memberships[0].programme, ProgrammeId("q"));
    EXPECT_EQ(read.memberships[0].role, Role::treasurer);
    EXPECT_EQ(read.memberships[1].programme, ProgrammeId("b"));
  }
  EXPECT_FALSE(*repository().user(UserId("u2")));
  EXPECT_FALSE(*repository().user_by_login("u1"));
}

TEST_P(PeopleContract, ALoginBelongsToOneUser) {
  ASSERT_TRUE(repository().put_user(user_of("u1", {})));
  User thief = user_of("u2", {});
  thief.login = "u1@telavis.test";
  const auto stored = repository().put_user(thief);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::invalid_field);
  EXPECT_FALSE(*repository().user(UserId("u2")));
  EXPECT_THAT((*repository().user(UserId("u1")))->memberships, IsEmpty());
}

TEST_P(PeopleContract, MembersAreThoseOfTheProgrammeAndRoleWithAllTheirRoles) {
  ASSERT_TRUE(repository().put_user(
      user_of("u3", {{ProgrammeId("p"), Role::expert}, {ProgrammeId("q"), Role::requester}})));
  ASSERT_TRUE(repository().put_user(user_of("u1", {{ProgrammeId("p"), Role::expert}})));
  ASSERT_TRUE(repository().put_user(user_of("u2", {{ProgrammeId("p"), Role::requester}})));
  const auto members = repository().members(ProgrammeId("p"), Role::expert);
  ASSERT_TRUE(members) << members.error().text;
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ(members->at(0).id, UserId("u1"));
  EXPECT_EQ(members->at(1).id, UserId("u3"));
  EXPECT_EQ(members->at(1).memberships.size(), 2U);
  EXPECT_THAT(*repository().members(ProgrammeId("q"), Role::expert), IsEmpty());
}

Programme programme_of(const std::string& id, std::int64_t version) {
  Programme programme;
  programme.id = ProgrammeId(id);
  programme.version = version;
  programme.name_fr = "Rythmologie Guadeloupe";
  programme.name_en = "Rhythmology Guadeloupe";
  programme.association = "Association fictive";
  programme.speciality = "cardiology";
  programme.territories = {"971"};
  programme.time_zone = "America/Guadeloupe";
  programme.tariff_zone = "DROM";
  programme.mailbox = "filiere@telavis.test";
  return programme;
}

TEST_P(PeopleContract, AProgrammeHasVersionsThatNeverChange) {
  EXPECT_FALSE(*repository().programme(ProgrammeId("p")));
  ASSERT_TRUE(repository().put_programme(programme_of("p", 1)));
  ASSERT_TRUE(repository().put_programme(programme_of("a", 7)));
  Programme changed = programme_of("p", 1);
  changed.name_fr = "Autre";
  const auto stored = repository().put_programme(changed);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::configuration_invalid);
  EXPECT_EQ((*repository().programme(ProgrammeId("p")))->name_fr, "Rythmologie Guadeloupe");
  changed.version = 10;  // after 2 and 9 as numbers, before them as texts
  ASSERT_TRUE(repository().put_programme(programme_of("p", 2)));
  ASSERT_TRUE(repository().put_programme(programme_of("p", 9)));
  ASSERT_TRUE(repository().put_programme(changed));
  EXPECT_EQ((*repository().programme(ProgrammeId("p")))->name_fr, "Autre");
  const auto all = repository().programmes();
  ASSERT_TRUE(all) << all.error().text;
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).id, ProgrammeId("a"));
  EXPECT_EQ(all->at(1).version, 10);
}

TEST_P(PeopleContract, SessionsEnd) {
  ASSERT_TRUE(repository().put_user(user_of("u1", {})));
  Session session{"hash1", UserId("u1"), kMonday, kMonday, kMonday + hours(1)};
  ASSERT_TRUE(repository().put_session(session));
  session.last_seen_at = kMonday + minutes(30);
  session.expires_at = kMonday + hours(2);
  ASSERT_TRUE(repository().put_session(session));
  ASSERT_TRUE(
      repository().put_session({"hash2", UserId("u1"), kMonday, kMonday, kMonday + hours(1)}));
  ASSERT_TRUE(repository().erase_expired_sessions(kMonday + hours(1)));
  EXPECT_FALSE(*repository().session("hash2"));
  const auto read = repository().session("hash1");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->user, UserId("u1"));
  EXPECT_EQ((*read)->created_at, kMonday);
  EXPECT_EQ((*read)->last_seen_at, kMonday + minutes(30));
  EXPECT_EQ((*read)->expires_at, kMonday + hours(2));
  ASSERT_TRUE(repository().erase_session("hash1"));
  EXPECT_FALSE(*repository().session("hash1"));
  EXPECT_TRUE(repository().erase_session("hash1"));
  EXPECT_FALSE(repository().put_session({"h", UserId("nobody"), kMonday, kMonday, kMonday}));
}

INSTANTIATE_TEST_SUITE_P(Each, PeopleContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
