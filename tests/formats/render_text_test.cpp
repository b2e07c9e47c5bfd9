// SPDX-License-Identifier: Apache-2.0
#include "formats/render_text.h"

#include <gtest/gtest.h>

#include "formats/text.h"

namespace telavis::render_text_test {

std::string clean(std::string_view text) {
  return printable_text(text, LineBreaks::to_space);
}

TEST(RenderText, KeepsWhatPeopleWrite) {
  constexpr std::string_view kText = "Élodie Ñ — 37,5 °C · Ω שלום 日本 😀";
  EXPECT_EQ(clean(kText), kText);
}

TEST(RenderText, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(clean("a\x80z"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(clean("\xE9t\xE9"), "\xEF\xBF\xBDt\xEF\xBF\xBD");            // ISO-8859-1
  EXPECT_EQ(clean("\xED\xA0\x80").find("\xED\xA0"), std::string::npos);  // a surrogate
  EXPECT_EQ(clean("\xC0\xAF").find('/'), std::string::npos);             // an overlong "/"
  EXPECT_EQ(clean("\xEF\xBF\xBF"), "\xEF\xBF\xBD");                      // U+FFFF, forbidden in XML
  EXPECT_EQ(clean("\xF0\x9F\x98"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(RenderText, LeavesOutControlsAndDirectionOverrides) {
  EXPECT_EQ(clean(std::string_view("a\0b\x1b[31mc\x7f", 10)), "ab[31mc");
  EXPECT_EQ(clean("\xC2\x9B"), "");  // C1 CSI
  EXPECT_EQ(clean("dose \xE2\x80\xAE"
                  "01 mg"),
            "dose 01 mg");                             // U+202E would show "10"
  EXPECT_EQ(clean("\xE2\x81\xA6x\xE2\x81\xA9"), "x");  // isolates
  EXPECT_EQ(clean("\xEF\xBB\xBFx"), "x");              // byte order mark
}

TEST(RenderText, UnderstandsEveryLineBreak) {
  constexpr std::string_view kText =
      "a\r\nb\rc\nd\xE2\x80\xA8"
      "e\xC2\x85"
      "f\tg";
  EXPECT_EQ(printable_text(kText, LineBreaks::keep), "a\nb\nc\nd\ne\nf g");
  EXPECT_EQ(clean(kText), "a b c d e f g");
}

TEST(RenderText, AnyTwoBytesGiveValidUtf8) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second), 'x'};
      ASSERT_TRUE(is_valid_utf8(clean(text))) << first << " " << second;
      ASSERT_EQ(clean(text).back(), 'x');
    }
  }
}

TEST(RenderText, ShortensByCharacters) {
  EXPECT_EQ(shortened("éàü", 3), "éàü");
  EXPECT_EQ(shortened("éàüö", 3), "éà…");
  EXPECT_EQ(shortened("", 3), "");
}

TEST(RenderText, WritesDatesDayFirst) {
  EXPECT_EQ(day_first("1953-05-08"), "08/05/1953");
  EXPECT_EQ(day_first("2002-11-22T09:10:00"), "22/11/2002 09:10:00");
  EXPECT_EQ(day_first("1953"), "1953");
  EXPECT_EQ(day_first("08.05.1953"), "08.05.1953");
  EXPECT_EQ(day_first(""), "");
}

}  // namespace telavis::render_text_test
