// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_address.h"

#include <gtest/gtest.h>

#include <string>

namespace telavis::test {
namespace {

TEST(AddressTest, TakesWhatMssanteUses) {
  for (const char* address : {"elise.dete@medecin.test", "a@b", "171017500@patient.test",
                              "o'neil+avis@cabinet-97.medecin.test", "A_B@X.TEST"})
    EXPECT_TRUE(is_address(address)) << address;
}

TEST(AddressTest, RefusesWhatCannotBeAFolderOrAMailbox) {
  for (const char* address :
       {"",       "a",         "@b",     "a@",   "a@b@c", ".a@b",     "a.@b",  "a..b@c",
        "../a@b", "a/b@c",     "a@../b", "a@.b", "a@b.",  "a@-b",     "a@b-",  "a b@c",
        "a@b c",  "\"a b\"@c", "é@b",    "a@é",  "a@b\n", "a\r\nb@c", "<a@b>", "a@[127.0.0.1]"})
    EXPECT_FALSE(is_address(address)) << address;
  EXPECT_FALSE(is_address(std::string("a\0b@c", 5)));
}

TEST(AddressTest, HasTheLengthsOfTheStandard) {
  const std::string label(63, 'd');
  EXPECT_TRUE(is_address(std::string(64, 'l') + "@" + label));
  EXPECT_FALSE(is_address(std::string(65, 'l') + "@" + label));
  EXPECT_FALSE(is_address("l@d" + label));
  const std::string longest = std::string(62, 'l') + "@" + label + "." + label + "." + label;
  EXPECT_TRUE(is_address(longest)) << longest.size();
  EXPECT_FALSE(is_address("ll" + longest)) << "over 254";
}

TEST(AddressTest, DotAtoms) {
  for (const char* text : {"a", "a.b.c", "0-_", "x!#$%&'*+/=?^_`{|}~"})
    EXPECT_TRUE(is_dot_atom(text)) << text;
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a b", "a@b", "a,b", "\xC3\xA9"})
    EXPECT_FALSE(is_dot_atom(text)) << text;
}

}  // namespace
}  // namespace telavis::test
