// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: people, their activation and their sessions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/person_json.h"
#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::IsEmpty;

Change by(const std::string& actor, std::optional<std::int64_t> replaces = std::nullopt) {
  return {kMonday, actor, replaces};
}

class PeopleContract : public RepositoryContract {
 protected:
  User stored(const std::string& id) {
    const auto user = repository().user(UserId(id));
    EXPECT_TRUE(user && *user) << id;
    return user && *user ? **user : User{};
  }
  ErrorCode refusal_of(const User& user, const Change& change) {
    const auto put = repository().put_user(user, change);
    EXPECT_FALSE(put) << user.id.value;
    return put ? ErrorCode::internal : put.error().code;
  }
};

TEST_P(PeopleContract, AUserIsReplacedWhole) {
  User user = user_of("u1", {{ProgrammeId("p"), Role::expert},
                             {ProgrammeId(""), Role::admin},
                             {ProgrammeId("a"), Role::coordinator}});
  ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  user.family_name = "Nouveau";
  user.status = PersonStatus::suspended;
  user.available = true;
  user.enrolment.trained_on = "2026-01-05";
  user.terms.territories = {"971", "978"};
  user.terms.availability.time_zone = "America/Guadeloupe";
  user.terms.availability.week[2] = {{480, 720}};
  user.delegate = UserId("u9");
  user.memberships = {{ProgrammeId("q"), Role::treasurer}, {ProgrammeId("b"), Role::requester}};
  ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  for (const auto& found :
       {repository().user(UserId("u1")), repository().user_by_login("u1@telavis.test")}) {
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(person_json(**found), person_json(user));
    EXPECT_EQ((*found)->password_hash, user.password_hash);
    EXPECT_EQ((*found)->version, 2);
  }
  EXPECT_FALSE(*repository().user(UserId("u2")));
  EXPECT_FALSE(*repository().user_by_login("u1"));
  EXPECT_THAT(*repository().members(ProgrammeId("p"), Role::expert), IsEmpty());
}

TEST_P(PeopleContract, ALoginBelongsToOneUser) {
  ASSERT_TRUE(repository().put_user(user_of("u1", {}), by("admin-1")));
  User thief = user_of("u2", {});
  thief.login = "u1@telavis.test";
  EXPECT_EQ(refusal_of(thief, by("admin-1")), ErrorCode::invalid_field);
  EXPECT_FALSE(*repository().user(UserId("u2")));
  EXPECT_THAT(*repository().revisions("person", "u2"), IsEmpty());
  EXPECT_THAT(stored("u1").memberships, IsEmpty());
}

TEST_P(PeopleContract, MembersAreThoseOfTheProgrammeAndRoleWithAllTheirRoles) {
  for (const User& user :
       {user_of("u3", {{ProgrammeId("p"), Role::expert}, {ProgrammeId("q"), Role::requester}}),
        user_of("u1", {{ProgrammeId("p"), Role::expert}}),
        user_of("u2", {{ProgrammeId("p"), Role::requester}})}) {
    ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  }
  const auto members = repository().members(ProgrammeId("p"), Role::expert);
  ASSERT_TRUE(members) << members.error().text;
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ(members->at(0).id, UserId("u1"));
  EXPECT_EQ(members->at(1).id, UserId("u3"));
  EXPECT_EQ(members->at(1).memberships.size(), 2U);
  EXPECT_THAT(*repository().members(ProgrammeId("q"), Role::expert), IsEmpty());
  const auto everybody = repository().users();
  ASSERT_TRUE(everybody);
  ASSERT_EQ(everybody->size(), 3U);
  EXPECT_EQ(everybody->at(1).id, UserId("u2"));
}

TEST_P(PeopleContract, AChangeIsMadeOnTheVersionItWasMeantFor) {
  const User user = user_of("u1", {});
  EXPECT_EQ(refusal_of(user, by("admin-1", 1)), ErrorCode::version_conflict);
  ASSERT_TRUE(repository().put_user(user, by("admin-1", 0)));
  EXPECT_EQ(refusal_of(user, by("admin-1", 0)), ErrorCode::version_conflict);
  ASSERT_TRUE(repository().put_user(user, by("admin-1", 1)));
  // The version inside what is put says nothing.
  User claimed = user;
  claimed.version = 41;
  ASSERT_TRUE(repository().put_user(claimed, by("admin-1")));
  EXPECT_EQ(stored("u1").version, 3);
  User late = user;
  late.family_name = "Tard";
  EXPECT_EQ(refusal_of(late, by("admin-1", 2)), ErrorCode::version_conflict);
  EXPECT_EQ(person_json(stored("u1")), person_json(user));
}

TEST_P(PeopleContract, EveryVersionIsOnFileAndInTheAudit) {
  User user = user_of("u1", {});
  ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  user.family_name = "Nouveau";
  ASSERT_TRUE(repository().put_user(user, {kMonday + hours(1), "operator"}));
  EXPECT_EQ(refusal_of(user, by("admin-1", 1)), ErrorCode::version_conflict);
  const auto revisions = repository().revisions("person", "u1");
  ASSERT_TRUE(revisions) << revisions.error().text;
  ASSERT_EQ(revisions->size(), 2U);
  EXPECT_EQ(revisions->at(0).version, 1);
  EXPECT_EQ(revisions->at(0).change.actor, "admin-1");
  EXPECT_EQ(revisions->at(0).change.at, kMonday);
  EXPECT_EQ(revisions->at(1).change.actor, "operator");
  EXPECT_EQ(revisions->at(1).kind, "person");
  EXPECT_EQ(revisions->at(1).id, "u1");
  EXPECT_EQ(revisions->at(1).definition, person_json(user));
  EXPECT_EQ(revisions->at(1).definition.find("argon2id"), std::string::npos);
  const auto chain = repository().audit_chain("node");
  ASSERT_TRUE(chain);
  ASSERT_EQ(chain->size(), 2U);
  EXPECT_EQ(chain->at(1).what.action, "change:person");
  EXPECT_EQ(chain->at(1).what.detail, "u1 v2 " + hash_of_fields({person_json(user)}));
  EXPECT_EQ(chain->at(1).what.actor, "operator");
  EXPECT_EQ(verify_chain(*chain, repository().node_audit_head().value()), 0);
}

TEST_P(PeopleContract, AnActivationCodeServesOnce) {
  ASSERT_TRUE(repository().put_user(user_of("u1", {}), by("admin-1")));
  ASSERT_TRUE(repository().put_user(user_of("u2", {}), by("admin-1")));
  OutboxMessage kit = message_of(CaseId(), "kit-1", kMonday);
  kit.kind = MessageKind::activation_kit;
  const UserId u1("u1");
  EXPECT_FALSE(repository().take_activation(u1, "code", kMonday).value());
  ASSERT_TRUE(repository().put_activation(u1, "code", kMonday + hours(1), kit));
  EXPECT_FALSE(repository().take_activation(u1, "other", kMonday).value());
  EXPECT_FALSE(repository().take_activation(UserId("u2"), "code", kMonday).value());
  EXPECT_FALSE(repository().take_activation(u1, "code", kMonday + hours(1)).value());
  EXPECT_TRUE(repository().take_activation(u1, "code", kMonday + minutes(59)).value());
  EXPECT_FALSE(repository().take_activation(u1, "code", kMonday).value());
  const OutboxClaim claim = must_claim(kMonday);
  EXPECT_EQ(claim.message.kind, MessageKind::activation_kit);
  EXPECT_TRUE(claim.message.case_id.empty());
  EXPECT_EQ(claim.message.sealed_mime, kit.sealed_mime);
  EXPECT_TRUE(repository().complete_outbox({kit.id, claim.lease_token, OutboxState::sent}));
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(24)));
}

TEST_P(PeopleContract, ANewCodeReplacesTheOneBefore) {
  ASSERT_TRUE(repository().put_user(user_of("u1", {}), by("admin-1")));
  const UserId u1("u1");
  ASSERT_TRUE(repository().put_activation(u1, "old", kMonday + hours(9),
                                          message_of(CaseId(), "kit-1", kMonday)));
  ASSERT_TRUE(repository().put_activation(u1, "new", kMonday + hours(1),
                                          message_of(CaseId(), "kit-2", kMonday)));
  EXPECT_FALSE(repository().take_activation(u1, "old", kMonday).value());
  EXPECT_TRUE(repository().take_activation(u1, "new", kMonday).value());
  // Code and mail come together or not at all.
  EXPECT_FALSE(repository().put_activation(u1, "third", kMonday + hours(1),
                                           message_of(CaseId(), "kit-2", kMonday)));
  EXPECT_FALSE(repository().take_activation(u1, "third", kMonday).value());
}

TEST_P(PeopleContract, ANewPasswordOrASuspensionEndsTheSessions) {
  User user = user_of("u1", {});
  ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  ASSERT_TRUE(repository().put_user(user_of("u2", {}), by("admin-1")));
  const auto log_in = [&](const std::string& hash, const std::string& id) {
    ASSERT_TRUE(
        repository().put_session({hash, UserId(id), kMonday, kMonday, kMonday + hours(12)}));
  };
  log_in("other", "u2");
  log_in("first", "u1");
  user.mobile_phone = "+590690000001";
  ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  EXPECT_TRUE(*repository().session("first"));
  user.password_hash = "$argon2id$another";
  ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  EXPECT_FALSE(*repository().session("first"));
  log_in("second", "u1");
  user.status = PersonStatus::suspended;
  ASSERT_TRUE(repository().put_user(user, by("admin-1")));
  EXPECT_FALSE(*repository().session("second"));
  EXPECT_TRUE(*repository().session("other"));
}

TEST_P(PeopleContract, SessionsEnd) {
  ASSERT_TRUE(repository().put_user(user_of("u1", {}), by("admin-1")));
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
