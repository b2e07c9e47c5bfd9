// SPDX-License-Identifier: Apache-2.0
#include "formats/text.h"

#include <gtest/gtest.h>

namespace telavis::test::text_test {

TEST(Text, KnowsValidUtf8) {
  for (const char* valid : {"", "abc", "é", "€", "\xF0\x9F\xA9\xBA", "\xED\x9F\xBF", "\xEE\x80\x80",
                            "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(valid)) << valid;
  }
  for (const char* invalid :
       {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82",
        "\xE2\x28\xA1", "\xF0\x9F\xA9"}) {
    EXPECT_FALSE(is_valid_utf8(invalid)) << testing::PrintToString(invalid);
  }
}

TEST(Text, ReadsWindows1252WhereItIsNotUtf8) {
  EXPECT_EQ(text_from_device(as_bytes("l\x92\xE9tude \x80 \x9C")), "l’étude € œ");
  EXPECT_EQ(text_from_device(as_bytes("d\xC3\xA9j\xC3\xA0")), "déjà");
  EXPECT_EQ(text_from_device(as_bytes("\xE9\x81")), "é\xEF\xBF\xBD");
}

TEST(Text, KeepsNoControlCharactersAndNoBlanksAround) {
  EXPECT_EQ(text_from_device(as_bytes("  a\x01"
                                      "b\tc\nd\r\n ")),
            "a b\tc\nd");
  EXPECT_EQ(text_from_device(as_bytes(" \n\t ")), "");
  EXPECT_EQ(text_from_device({}), "");
}

}  // namespace telavis::test::text_test
