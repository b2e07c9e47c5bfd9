// SPDX-License-Identifier: Apache-2.0
#include "engine/core/case_commands.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

const ProgrammeId kProgramme("p");

User person(const UserId& id, Role role) {
  User user;
  user.id = id;
  user.memberships = {{kProgramme, role}};
  return user;
}

std::string may(const User& actor, const Case& subject, Instant now = hour(41)) {
  std::string all;
  for (const std::string_view name : permitted_commands(actor, subject, now)) {
    all += (all.empty() ? "" : " ") + std::string(name);
  }
  return all;
}

TEST(CaseCommands, EachIsFoundByItsNameAndSaysWhatItDoes) {
  std::set<std::string_view> names;
  for (const CaseCommand& command : case_commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_EQ(find_case_command(command.name), &command);
    EXPECT_FALSE(command.summary.empty());
    EXPECT_FALSE(command.roles.empty());
    EXPECT_NE(command.probe, nullptr);
    EXPECT_NE(command.least, CaseAccess::none);
  }
  EXPECT_EQ(names.size(), 30U);
  EXPECT_EQ(find_case_command(""), nullptr);
  EXPECT_EQ(find_case_command("submit"), nullptr);
  EXPECT_EQ(find_case_command("ACCEPT"), nullptr);
}

// What the pages show as buttons, by state and part; written from design.md.
TEST(CaseCommands, WhatEachPartMayDoInEachState) {
  const User requester = person(kRequester, Role::requester);
  const User holder = person(kHolder, Role::expert);
  const User offered = person(kOffered, Role::expert);
  const User silent = person(kExpired, Role::expert);
  const User coordinator = person(kCoordinator, Role::coordinator);
  const User referent = person(kReferent, Role::medical_referent);
  const auto decided_by_staff = [](EventBody body) {
    return after(closed_case(), hour(41), kCoordinator, std::move(body), Role::coordinator);
  };
  const Case held = decided_by_staff(event::Hold{{7}});
  const Case restricted = decided_by_staff(event::Restrict{{7}});
  const Case to_erase = decided_by_staff(event::RequestErasure{{7}});
  struct Row {
    const char* name;
    const User* actor;
    Case subject;
    const char* expected;
  };
  const Case breached = after(accepted_case(), hour(48), {}, timer(TimerKind::breach));
  const Case unfound = after(queued_case(), hour(36), {}, event::Route{});
  const Case asked = after(delivered_case(), hour(40), kRequester, event::FollowUp{{6}});
  Case draft = draft_case();
  draft.plan.policy = OfferPolicy::open;
  const Case pool =
      after(submitted(draft), hour(0), {}, route_to({kHolder, kOffered}, hour(0), {}));
  const std::vector<Row> rows = {
      {"incomplete", &requester, incomplete_case(), "complete cancel"},
      {"redirected", &requester, redirected_case(), "resume cancel"},
      {"queued", &requester, queued_case(), "info cancel"},
      {"unfound", &requester, unfound, "info transfer cancel"},
      {"offered", &requester, offered_case(), "info cancel"},
      {"accepted", &requester, accepted_case(), "info cancel"},
      {"waiting", &requester, waiting_case(), "info cancel"},
      {"breached", &requester, breached, "info wait transfer cancel reassign"},
      {"signed", &requester, signed_case(), "info cancel"},  // the patient may withdraw
      {"answered", &requester, answered_case(),
       "acknowledge patient-informed close-out outcome call appointment"},
      {"delivered", &requester, delivered_case(),
       "acknowledge patient-informed follow-up close-out outcome call appointment"},
      {"closed", &requester, closed_case(), "patient-informed follow-up outcome call"},
      {"cancelled", &requester, cancelled_case(), ""},
      {"queued", &holder, queued_case(), ""},
      {"offered", &holder, offered_case(), "accept decline opinion"},
      {"pool", &holder, pool, "accept decline"},
      {"accepted", &holder, accepted_case(), "give-back need-info draft opinion reassign"},
      {"waiting", &holder, waiting_case(), "give-back need-info draft opinion reassign"},
      {"signed", &holder, signed_case(), "take-opinion-back"},
      {"answered", &holder, answered_case(), "call appointment correct"},
      {"asked", &holder, asked, "call appointment correct follow-up-answer"},
      {"closed", &holder, closed_case(), "call correct"},
      {"cancelled", &holder, cancelled_case(), ""},
      {"accepted by another", &offered, accepted_case(), ""},
      {"offered to another", &silent, offered_case(), "opinion"},
      {"answered by another", &silent, answered_case(), ""},
      {"incomplete", &coordinator, incomplete_case(), ""},
      {"offered", &coordinator, offered_case(), "reassign hold"},
      {"waiting", &coordinator, waiting_case(), "reassign hold"},
      {"signed", &coordinator, signed_case(), "hold"},
      {"urgent", &coordinator, delivered_case(), "hold"},
      {"delivered", &coordinator, delivered_case({}), "hold restrict"},
      {"closed", &coordinator, closed_case(), "request-erasure hold restrict"},
      {"cancelled", &referent, cancelled_case(), "request-erasure hold restrict open"},
      {"held", &coordinator, held, "release-hold restrict"},
      {"restricted", &coordinator, restricted, "request-erasure hold lift-restriction"},
      {"restricted", &referent, restricted, "request-erasure hold lift-restriction open"},
      {"restricted", &requester, restricted, ""},
      {"restricted", &holder, restricted, ""},
      {"to erase", &coordinator, to_erase, "withdraw-erasure hold restrict"},
      {"to erase", &referent, to_erase, "approve-erasure withdraw-erasure hold restrict open"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(may(*row.actor, row.subject), row.expected) << row.name << " " << row.actor->id.value;
  }
}

TEST(CaseCommands, StrangersAreOfferedNothing) {
  for (const User& stranger :
       {person(kStranger, Role::expert), person(UserId("gp2"), Role::requester),
        person(kDecliner, Role::expert)}) {
    for (const Case& subject : {queued_case(), offered_case(), accepted_case(), closed_case()}) {
      EXPECT_EQ(may(stranger, subject), "") << stranger.id.value;
    }
  }
}

TEST(CaseCommands, AReferentOpensUntilHeSees) {
  const User referent = person(kReferent, Role::medical_referent);
  EXPECT_EQ(may(referent, accepted_case()), "hold open");
  const Case opened = after(accepted_case(), hour(41), kReferent,
                            event::ReferentOpened{hour(42), "ab"}, Role::medical_referent);
  EXPECT_EQ(may(referent, opened), "hold");
  EXPECT_EQ(may(referent, opened, hour(42)), "hold open");
  const Case purged = after(incomplete_case(), hour(7 * 24), {}, timer(TimerKind::purge));
  EXPECT_EQ(may(referent, purged), "");
}

TEST(CaseCommands, TheStaffsRightIsTheWiderOne) {
  User both = person(kRequester, Role::requester);
  both.memberships.push_back({kProgramme, Role::coordinator});
  const CaseCommand& reassign = *find_case_command("reassign");
  EXPECT_EQ(acting_role(both, accepted_case(), reassign), Role::coordinator);
  EXPECT_EQ(acting_role(both, accepted_case(), *find_case_command("cancel")), Role::requester);
  EXPECT_EQ(acting_role(person(kHolder, Role::expert), accepted_case(), reassign), Role::expert);
  EXPECT_EQ(
      acting_role(person(kHolder, Role::expert), accepted_case(), *find_case_command("cancel")),
      std::nullopt);
  EXPECT_EQ(acting_role(person(kStranger, Role::expert), accepted_case(), reassign), std::nullopt);
  // A requester who is the medical referent as well.
  both.memberships.back().role = Role::medical_referent;
  EXPECT_EQ(acting_role(both, closed_case(), *find_case_command("hold")), Role::medical_referent);
  both.memberships.back().programme = ProgrammeId("elsewhere");
  EXPECT_EQ(acting_role(both, closed_case(), *find_case_command("hold")), std::nullopt);
}

}  // namespace
}  // namespace telavis::test
