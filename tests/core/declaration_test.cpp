// SPDX-License-Identifier: Apache-2.0
#include "engine/core/declaration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis::test::declaration_test {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Declaration kWhole{"ESS fictive", "Hébergeur fictif", "HDS 0001", "dpo@ess.test",
                         "2026-03-02"};

TEST(Declaration, LoopbackNeedsNone) {
  for (const char* address : {"127.0.0.1", "127.9.0.1", "::1"}) {
    EXPECT_TRUE(may_listen(address, {})) << address;
  }
}

TEST(Declaration, AnyOtherAddressNeedsAllAndIsToldWhatIsMissing) {
  for (const char* address : {"0.0.0.0", "::", "10.0.0.7", "192.0.2.1", "::ffff:127.0.0.1", ""}) {
    EXPECT_FALSE(may_listen(address, {})) << address;
    EXPECT_TRUE(may_listen(address, kWhole)) << address;
  }
  Declaration declared = kWhole;
  declared.dpo = declared.host_certificate = "";
  const auto refused = may_listen("0.0.0.0", declared);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::configuration_invalid);
  EXPECT_THAT(refused.error().text,
              AllOf(HasSubstr("declaration.host_certificate, declaration.dpo. "),
                    Not(HasSubstr("declaration.controller")), HasSubstr("0.0.0.0")));
}

TEST(Declaration, EveryMemberIsNeeded) {
  for (std::string Declaration::*member :
       {&Declaration::controller, &Declaration::host, &Declaration::host_certificate,
        &Declaration::dpo, &Declaration::date}) {
    Declaration declared = kWhole;
    (declared.*member).clear();
    EXPECT_EQ(undeclared(declared).size(), 1U);
    EXPECT_FALSE(may_listen("0.0.0.0", declared));
  }
}

TEST(ClinicalToolsSwitch, IsNotTurnedOnByNobody) {
  EXPECT_TRUE(check_clinical_tools({}));
  EXPECT_TRUE(check_clinical_tools({true, "Dr Armand Corail", ""}));
  const auto refused = check_clinical_tools({true, "", "2026-03-02"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::configuration_invalid);
  EXPECT_THAT(refused.error().text, HasSubstr("clinical_tools.responsible"));
}

}  // namespace telavis::test::declaration_test
