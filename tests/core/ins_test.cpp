// SPDX-License-Identifier: Apache-2.0
#include "engine/core/ins.h"

#include <gtest/gtest.h>

namespace telavis {
namespace {

// Keys worked out apart from the code: 97 - (number mod 97), in Python's integers.
TEST(Ins, KnowsTheRightKey) {
  EXPECT_TRUE(has_right_ins_key("261039935000181"));
  EXPECT_TRUE(has_right_ins_key("185039935000122"));
  EXPECT_TRUE(has_right_ins_key("290032A00410241"));  // Corse-du-Sud
  EXPECT_TRUE(has_right_ins_key("290032B00410268"));  // Haute-Corse
}

TEST(Ins, RefusesEveryOtherKey) {
  for (int key = 0; key < 100; ++key) {
    if (key == 81) continue;
    const std::string two = (key < 10 ? "0" : "") + std::to_string(key);
    EXPECT_FALSE(has_right_ins_key("2610399350001" + two)) << key;
  }
}

TEST(Ins, FindsEveryWrongDigit) {
  const std::string right = "261039935000181";
  for (std::size_t at = 0; at < right.size(); ++at) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string wrong = right;
      wrong[at] = digit;
      EXPECT_EQ(has_right_ins_key(wrong), wrong == right) << wrong;
    }
  }
}

TEST(Ins, RefusesWhatIsNoMatricule) {
  for (const std::string wrong :
       {"", "2610399350001", "26103993500018", "2610399350001811", "26103993500018x",
        "2A1039935000181", "290032a00410241", "290032C00410241", "2-1039935000181",
        "+61039935000181", " 61039935000181"}) {
    EXPECT_FALSE(has_right_ins_key(wrong)) << wrong;
  }
  EXPECT_FALSE(has_right_ins_key(std::string(15, '\0')));
}

TEST(Ins, NamesItsAuthorities) {
  EXPECT_EQ(ins_authority("1.2.250.1.213.1.4.8"), "nir");
  EXPECT_EQ(ins_authority("1.2.250.1.213.1.4.9"), "nia");
  EXPECT_EQ(ins_authority("1.2.250.1.213.1.4.10"), "test");
  EXPECT_EQ(ins_authority("1.2.250.1.213.1.4.11"), "demo");
  EXPECT_EQ(ins_authority("1.2.250.1.213.1.4.1"), "");
  EXPECT_EQ(ins_authority(""), "");
}

TEST(Ins, IsQualifiedOnlyFromTheService) {
  InsIdentity ins{"261039935000181", "1.2.250.1.213.1.4.10", InsStatus::qualified, true};
  EXPECT_TRUE(check_ins(ins));
  EXPECT_TRUE(is_qualified(ins));
  for (const InsStatus status :
       {InsStatus::provisional, InsStatus::retrieved, InsStatus::validated}) {
    ins.status = status;
    EXPECT_TRUE(check_ins(ins)) << ins_status_name(status);
    EXPECT_FALSE(is_qualified(ins)) << ins_status_name(status);
  }
  ins.from_insi = false;
  EXPECT_TRUE(check_ins(ins));  // validated: a document was seen, nobody asked the service
  for (const InsStatus status : {InsStatus::retrieved, InsStatus::qualified}) {
    ins.status = status;
    EXPECT_EQ(check_ins(ins).error().code, ErrorCode::invalid_field);
    EXPECT_FALSE(is_qualified(ins));
  }
}

TEST(Ins, RefusalsDoNotRepeatTheMatricule) {
  const auto wrong = check_ins({"261039935000182", "1.2.250.1.213.1.4.10"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text.find("2610399"), std::string::npos);
  EXPECT_NE(wrong.error().text.find("ins.matricule"), std::string::npos);
  EXPECT_NE(check_ins({"261039935000181", "1.2.3"}).error().text.find("ins.oid"),
            std::string::npos);
  EXPECT_TRUE(check_ins({}));
  EXPECT_FALSE(is_qualified({}));
}

}  // namespace
}  // namespace telavis
