// SPDX-License-Identifier: Apache-2.0
#include "engine/core/rights.h"

#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

const ProgrammeId kProgramme("p"), kElsewhere("elsewhere");

User person(const UserId& id, Role role, const ProgrammeId& programme = kProgramme) {
  User user;
  user.id = id;
  user.memberships = {{programme, role}};
  return user;
}

char letter(CaseAccess access) {
  return "-fdc"[static_cast<std::size_t>(access)];  // none, figures, coded, content
}

/// Asked openly, without a window.
Case pool_case() {
  Case draft = draft_case();
  draft.plan.policy = OfferPolicy::open;
  return after(submitted(draft), hour(0), {}, route_to({kHolder, kOffered}, hour(0), {}));
}

// Columns: incomplete, redirected, queued, offered, accepted, waiting, answered, delivered, closed,
// cancelled, asked openly, accepted after that. "-" nothing, "f" figures, "d" coded, "c" content.
TEST(Rights, WhatEachPartSeesInEachState) {
  const Case pool = pool_case();
  const std::vector<Case> cases = {incomplete_case(),
                                   redirected_case(),
                                   queued_case(),
                                   offered_case(),
                                   accepted_case(),
                                   waiting_case(),
                                   answered_case(),
                                   delivered_case(),
                                   closed_case(),
                                   cancelled_case(),
                                   pool,
                                   after(pool, hour(1), kHolder, event::Accept{})};
  struct Row {
    const char* who;
    User actor;
    const char* expected;
  };
  const std::vector<Row> rows = {
      {"requester", person(kRequester, Role::requester), "cccccccccccc"},
      {"another requester", person(UserId("other"), Role::requester), "------------"},
      {"delegate who was not asked", person(kDelegate, Role::requester), "------------"},
      {"who has it", person(kHolder, Role::expert), "---ccccccfdc"},
      {"asked with him", person(kOffered, Role::expert), "---c-----fd-"},
      {"window passed", person(kExpired, Role::expert), "--cccc------"},
      {"declined", person(kDecliner, Role::expert), "------------"},
      {"taken back", person(kTakenBack, Role::expert), "--cccc------"},
      {"expert never asked", person(kStranger, Role::expert), "------------"},
      {"coordinator", person(kCoordinator, Role::coordinator), "ffffffffffff"},
      {"treasurer", person(UserId("t"), Role::treasurer), "ffffffffffff"},
      {"medical referent", person(kReferent, Role::medical_referent), "ffffffffffff"},
      {"admin", person(UserId("a"), Role::admin, ProgrammeId()), "------------"},
      {"coordinator elsewhere", person(UserId("c"), Role::coordinator, kElsewhere), "------------"},
      {"referent elsewhere", person(UserId("m"), Role::medical_referent, kElsewhere),
       "------------"},
  };
  for (const Row& row : rows) {
    std::string seen;
    for (const Case& subject : cases) seen += letter(access_to(row.actor, subject, hour(41)));
    EXPECT_EQ(seen, row.expected) << row.who;
  }
}

TEST(Rights, TheDelegateReadsOnceHeIsAsked) {
  Case subject = answered_case();
  const User delegate = person(kDelegate, Role::requester);
  EXPECT_EQ(access_to(delegate, subject, hour(41)), CaseAccess::none);
  subject.requester_delegate = kDelegate;
  EXPECT_EQ(access_to(delegate, subject, hour(41)), CaseAccess::content);
  EXPECT_EQ(role_in_case(delegate, subject), Role::requester);
}

TEST(Rights, OneWhoIsNamedInAnOpenProgrammeSeesTheCase) {
  const Case named =
      after(pool_case(), hour(1), kCoordinator, reassign_to(kStranger, hour(1)), Role::coordinator);
  EXPECT_EQ(access_to(person(kStranger, Role::expert), named, hour(2)), CaseAccess::content);
  EXPECT_EQ(access_to(person(kHolder, Role::expert), named, hour(2)), CaseAccess::none);
}

TEST(Rights, TheAuthorOfAnOpinionAboutToLeaveSeesTheCase) {
  const Case subject = after(accepted_case(), hour(38), kDecliner, opinion("late"));
  EXPECT_EQ(access_to(person(kDecliner, Role::expert), subject, hour(38)), CaseAccess::content);
}

TEST(Rights, GivenBackIsOutOfSight) {
  const Case subject = after(accepted_case(), hour(38), kHolder, event::GiveBack{"other"});
  EXPECT_EQ(access_to(person(kHolder, Role::expert), subject, hour(38)), CaseAccess::none);
}

TEST(Rights, AnOpeningLastsUntilItsEndAndIsPersonal) {
  const User referent = person(kReferent, Role::medical_referent);
  const Case subject = after(delivered_case(), hour(40), kReferent,
                             event::ReferentOpened{hour(41), "ab"}, Role::medical_referent);
  EXPECT_EQ(access_to(referent, subject, hour(41) - Duration(1)), CaseAccess::content);
  EXPECT_EQ(access_to(referent, subject, hour(41)), CaseAccess::figures);
  const User second = person(UserId("r2"), Role::medical_referent);
  EXPECT_EQ(access_to(second, subject, hour(40)), CaseAccess::figures);
  // Whoever is no longer a referent of the programme keeps nothing of it.
  const User former = person(kReferent, Role::medical_referent, kElsewhere);
  EXPECT_EQ(access_to(former, subject, hour(40)), CaseAccess::none);
}

TEST(Rights, OfAnErasedCaseFiguresAreLeft) {
  const Case purged = after(incomplete_case(), hour(7 * 24), {}, timer(TimerKind::purge));
  EXPECT_EQ(access_to(person(kRequester, Role::requester), purged, hour(200)), CaseAccess::figures);
  EXPECT_EQ(access_to(person(kStranger, Role::expert), purged, hour(200)), CaseAccess::none);
}

TEST(Rights, OfARestrictedCaseFiguresAreLeftButForAReferentWhoOpenedIt) {
  const Case restricted =
      after(closed_case(), hour(41), kCoordinator, event::Restrict{{7}}, Role::coordinator);
  EXPECT_EQ(access_to(person(kRequester, Role::requester), restricted, hour(42)),
            CaseAccess::figures);
  EXPECT_EQ(access_to(person(kHolder, Role::expert), restricted, hour(42)), CaseAccess::figures);
  EXPECT_EQ(access_to(person(kStranger, Role::expert), restricted, hour(42)), CaseAccess::none);
  const User referent = person(kReferent, Role::medical_referent);
  EXPECT_EQ(access_to(referent, restricted, hour(42)), CaseAccess::figures);
  const Case opened = after(restricted, hour(42), kReferent, event::ReferentOpened{hour(43), "ab"},
                            Role::medical_referent);
  EXPECT_EQ(access_to(referent, opened, hour(42)), CaseAccess::content);
  EXPECT_EQ(access_to(referent, opened, hour(43)), CaseAccess::figures);
  const Case lifted =
      after(opened, hour(44), kReferent, event::LiftRestriction{}, Role::medical_referent);
  EXPECT_EQ(access_to(person(kRequester, Role::requester), lifted, hour(44)), CaseAccess::content);
}

TEST(Rights, HowExpertsWereChosenIsForCoordinatorAndReferent) {
  const Case subject = offered_case();
  EXPECT_TRUE(looks_after(person(kCoordinator, Role::coordinator), subject));
  EXPECT_TRUE(looks_after(person(kReferent, Role::medical_referent), subject));
  for (const Role role : {Role::requester, Role::expert, Role::treasurer}) {
    EXPECT_FALSE(looks_after(person(kHolder, role), subject)) << role_name(role);
  }
  EXPECT_FALSE(looks_after(person(kCoordinator, Role::coordinator, kElsewhere), subject));
}

TEST(Rights, TheRoleShownIsTheClosestToThePatient) {
  const Case subject = offered_case();
  User both = person(kRequester, Role::coordinator);
  EXPECT_EQ(role_in_case(both, subject), Role::requester);
  User three = person(UserId("x"), Role::treasurer);
  three.memberships.push_back({kProgramme, Role::coordinator});
  EXPECT_EQ(role_in_case(three, subject), Role::coordinator);
  three.memberships.push_back({kProgramme, Role::medical_referent});
  EXPECT_EQ(role_in_case(three, subject), Role::medical_referent);
  EXPECT_EQ(role_in_case(person(UserId("a"), Role::admin, ProgrammeId()), subject), std::nullopt);
}

}  // namespace
}  // namespace telavis::test
