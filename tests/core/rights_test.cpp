// SPDX-License-Identifier: Apache-2.0
#include "engine/core/rights.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace telavis::rights_test {
namespace {

const ProgrammeId kProgramme{"rythmologie"};
const ProgrammeId kOther{"dermatologie"};
const Instant kNow = from_epoch_ms(1'000'000'000);

User person(const std::string& id, std::vector<Membership> memberships) {
  User user;
  user.id = UserId(id);
  user.memberships = std::move(memberships);
  return user;
}

Case case_in(CaseState state) {
  Case subject;
  subject.id = CaseId("c");
  subject.state = state;
  subject.programme = kProgramme;
  subject.requester = UserId("requester");
  if (state != CaseState::queued) subject.expert = UserId("expert");
  if (state == CaseState::answered || state == CaseState::delivered || state == CaseState::closed) {
    subject.report_blob = BlobRef("report");
  }
  return subject;
}

const User kRequester = person("requester", {{kProgramme, Role::requester}});
const User kExpert = person("expert", {{kProgramme, Role::expert}});
const User kOtherRequester = person("requester-2", {{kProgramme, Role::requester}});
const User kOtherExpert = person("expert-2", {{kProgramme, Role::expert}});
const User kReferent = person("referent", {{kProgramme, Role::medical_referent}});
const User kCoordinator = person("coordinator", {{kProgramme, Role::coordinator}});
const User kTreasurer = person("treasurer", {{kProgramme, Role::treasurer}});
const User kAdmin = person("admin", {{ProgrammeId(), Role::admin}});
const User kForeignReferent = person("referent-2", {{kOther, Role::medical_referent}});
const User kForeignCoordinator = person("coordinator-2", {{kOther, Role::coordinator}});

/// One letter for each thing that is allowed: Accept, Decline, aNswer, Cancel, Open, read conTent,
/// read Report; preceded by the access: "-" none, "f" figures, "c" content.
std::string rights(const User& actor, const Case& subject) {
  std::string out;
  switch (access_to(actor, subject, kNow)) {
    case CaseAccess::none:
      out = "-";
      break;
    case CaseAccess::figures:
      out = "f";
      break;
    case CaseAccess::content:
      out = "c";
      break;
  }
  const PermittedActions may = permitted_actions(actor, subject, kNow);
  if (may.accept) out += 'A';
  if (may.decline) out += 'D';
  if (may.answer) out += 'N';
  if (may.cancel) out += 'C';
  if (may.open) out += 'O';
  if (may.read_content) out += 'T';
  if (may.read_report) out += 'R';
  return out;
}

struct Row {
  const User* actor;
  // queued, offered, accepted, answered, delivered, closed, cancelled
  std::vector<std::string> expected;
};

TEST(Rights, EveryRoleInEveryState) {
  const std::vector<CaseState> states = {
      CaseState::queued,    CaseState::offered, CaseState::accepted, CaseState::answered,
      CaseState::delivered, CaseState::closed,  CaseState::cancelled};
  const std::vector<Row> table = {
      {&kRequester, {"cCT", "cCT", "cCT", "cTR", "cTR", "cTR", "cT"}},
      {&kExpert, {"-", "cADNT", "cNT", "cTR", "cTR", "cTR", "f"}},
      {&kOtherRequester, {"-", "-", "-", "-", "-", "-", "-"}},
      {&kOtherExpert, {"-", "-", "-", "-", "-", "-", "-"}},
      {&kReferent, {"fO", "fO", "fO", "fO", "fO", "fO", "fO"}},
      {&kCoordinator, {"f", "f", "f", "f", "f", "f", "f"}},
      {&kTreasurer, {"f", "f", "f", "f", "f", "f", "f"}},
      {&kAdmin, {"-", "-", "-", "-", "-", "-", "-"}},
      {&kForeignReferent, {"-", "-", "-", "-", "-", "-", "-"}},
      {&kForeignCoordinator, {"-", "-", "-", "-", "-", "-", "-"}},
  };
  for (const Row& row : table) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      EXPECT_EQ(rights(*row.actor, case_in(states[i])), row.expected[i])
          << row.actor->id.value << " in " << case_state_name(states[i]);
    }
  }
}

TEST(Rights, SignedOpinionIsNotSignedTwice) {
  Case subject = case_in(CaseState::accepted);
  subject.pending_opinion = PendingOpinion{kExpert.id, kNow, kNow + std::chrono::seconds(60), "h"};
  EXPECT_EQ(rights(kExpert, subject), "cT");
  EXPECT_EQ(rights(kRequester, subject), "cT");  // nor thrown away unread
}

TEST(Rights, ExpertWhoDeclinedKnowsNothing) {
  Case subject = case_in(CaseState::offered);
  subject.offers = {{UserId("expert-2"), kNow, kNow, OfferOutcome::declined},
                    {UserId("expert"), kNow, kNow, OfferOutcome::pending}};
  EXPECT_EQ(rights(kOtherExpert, subject), "-");
}

TEST(Rights, OpeningLastsUntilItsEndAndIsPersonal) {
  Case subject = case_in(CaseState::delivered);
  subject.referent_access = {{kReferent.id, kNow + Duration(1)}};
  EXPECT_EQ(rights(kReferent, subject), "cTR");
  const User second = person("referent-3", {{kProgramme, Role::medical_referent}});
  EXPECT_EQ(rights(second, subject), "fO");
  subject.referent_access = {{kReferent.id, kNow}};
  EXPECT_EQ(rights(kReferent, subject), "fO");
  // Whoever is no longer a referent of the programme keeps nothing of it.
  subject.referent_access = {{kForeignReferent.id, kNow + Duration(1)}};
  EXPECT_EQ(rights(kForeignReferent, subject), "-");
}

TEST(Rights, RoleShownIsTheClosestToThePatient) {
  const Case subject = case_in(CaseState::offered);
  const User both = person("requester", {{kProgramme, Role::coordinator}});
  EXPECT_EQ(role_in_case(both, subject), Role::requester);
  const User three = person("x", {{kProgramme, Role::treasurer},
                                  {kProgramme, Role::coordinator},
                                  {kProgramme, Role::medical_referent}});
  EXPECT_EQ(role_in_case(three, subject), Role::medical_referent);
  EXPECT_EQ(role_in_case(kAdmin, subject), std::nullopt);
}

}  // namespace
}  // namespace telavis::rights_test
