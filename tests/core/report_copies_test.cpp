// SPDX-License-Identifier: Apache-2.0
#include "engine/core/report_copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

User doctor(const std::string& given, const std::string& family) {
  User user;
  user.given_name = given;
  user.family_name = family;
  user.profession = "medecin";
  user.mail_address = family + "@mss.test";
  return user;
}

struct World {
  Programme programme;
  CaseRequest request;
  User requester = doctor("Rémi", "requester");
  User expert = doctor("Eva", "expert");
  bool citizen_box = true;

  World() {
    programme.by_mail = true;
    programme.report_copies = {"attending_physician", "citizen_mailbox"};
    request.attending_physician = {"Dr Exemple", "exemple@mss.test"};
    request.patient_informed = true;
  }
  std::vector<CopyTo> copies() const {
    return report_copies({programme, request, requester, expert, citizen_box});
  }
};

TEST(ReportCopies, GoToWhoeverIsNamedAndNotOpposed) {
  World world;
  EXPECT_THAT(world.copies(),
              ElementsAre(CopyTo::expert, CopyTo::attending_physician, CopyTo::citizen));
  world.request.acting_doctor = {"", "agit@mss.test"};
  EXPECT_THAT(world.copies(), ElementsAre(CopyTo::expert, CopyTo::attending_physician,
                                          CopyTo::acting_doctor, CopyTo::citizen));
  world.request.oppositions.attending_physician = true;
  world.request.oppositions.citizen_mailbox = true;
  EXPECT_THAT(world.copies(), ElementsAre(CopyTo::expert, CopyTo::acting_doctor));
}

TEST(ReportCopies, NeedWhatTheyNeed) {
  World world;
  world.programme.by_mail = false;
  world.request.patient_informed = false;
  EXPECT_THAT(world.copies(), ElementsAre(CopyTo::attending_physician));
  world.request.attending_physician.address.clear();
  EXPECT_THAT(world.copies(), IsEmpty());
  world.request.patient_informed = true;
  EXPECT_THAT(world.copies(), ElementsAre(CopyTo::citizen));
  world.citizen_box = false;
  EXPECT_THAT(world.copies(), IsEmpty());
  world = {};
  world.programme.report_copies.clear();
  EXPECT_THAT(world.copies(), ElementsAre(CopyTo::expert));
}

TEST(ReportCopies, ReachNobodyTwice) {
  World world;
  world.request.acting_doctor = {"", "EXEMPLE@mss.test"};
  EXPECT_THAT(world.copies(),
              ElementsAre(CopyTo::expert, CopyTo::attending_physician, CopyTo::citizen));
  world.request.attending_physician.address = "Requester@mss.test";  // he is the requester himself
  world.request.acting_doctor.address = "expert@mss.test";
  EXPECT_THAT(world.copies(), ElementsAre(CopyTo::expert, CopyTo::citizen));
}

TEST(NamedDoctor, HasTheAddressThatStandsThere) {
  for (const char* words :
       {"Dr Exemple, Le Moule, exemple@mss.test", "Dr Exemple, Le Moule <exemple@mss.test>",
        "exemple@mss.test : Dr Exemple, Le Moule"}) {
    EXPECT_EQ(named_doctor(words, {}), (NamedDoctor{"Dr Exemple, Le Moule", "exemple@mss.test"}))
        << words;
  }
  EXPECT_EQ(named_doctor("exemple@mss.test", {}), (NamedDoctor{"", "exemple@mss.test"}));
  EXPECT_EQ(named_doctor("Dr Exemple", {}), (NamedDoctor{"Dr Exemple", ""}));
  EXPECT_EQ(named_doctor("joindre @ le matin", {}).address, "");
}

TEST(NamedDoctor, IsLookedUpByBothNamesAlone) {
  std::vector<User> known = {doctor("Élise", "D'Été"), doctor("Paul", "Martin"),
                             doctor("Anne", "Martin")};
  known[0].mail_address = "elise@mss.test";
  EXPECT_EQ(named_doctor("dr elise d ete", known).address, "elise@mss.test");
  EXPECT_EQ(named_doctor("Dr Martin", known).address, "");
  EXPECT_EQ(named_doctor("Dr Paul Martin", known).address, "Martin@mss.test");
  known.push_back(doctor("Paul", "Martin"));  // a namesake
  EXPECT_EQ(named_doctor("Dr Paul Martin", known).address, "");
  known[0].status = PersonStatus::left;
  EXPECT_EQ(named_doctor("Dr Élise D'Été", known).address, "");
  known[1].profession = "infirmier";
  known.pop_back();
  EXPECT_EQ(named_doctor("Paul Martin", known).address, "");
}

}  // namespace
}  // namespace telavis::test
