// SPDX-License-Identifier: Apache-2.0
#include "formats/xml_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "formats/base64.h"
#include "formats/crc32.h"
#include "formats/xml_digits.h"
#include "tests/formats/xml_builder.h"

namespace telavis::test::xml_values_test {

using ::testing::ElementsAre;
using xml::decimal_text;
using xml::read_digits;
using xml::scaled_number;
using xml::timestamp;

TEST(XmlValues, ScalesDecimalsExactly) {
  EXPECT_EQ(scaled_number("0.00488", 6), 4880.0);
  EXPECT_EQ(scaled_number(" +4.88\n", 3), 4880.0);
  EXPECT_EQ(scaled_number("4,88", 3), 4880.0);
  EXPECT_EQ(scaled_number("1.5e-3", 6), 1500.0);
  EXPECT_EQ(scaled_number("1.5E+3", 0), 1500.0);
  EXPECT_EQ(scaled_number("-.5", 1), -5.0);
  EXPECT_EQ(scaled_number("0.001953125", 6), 1953.125);
  for (const std::string_view text : {"", " ", "inf", "nan", "1e999", "1e", "0x10", "1 2", "--1",
                                      "+-1", "1,2,3", "e5", "1e9999"}) {
    EXPECT_EQ(scaled_number(text, 0), std::nullopt) << text;
  }
  EXPECT_EQ(scaled_number(std::string(100, '1'), 0), std::nullopt);
}

TEST(XmlValues, WritesPlainDecimalsThatReadBack) {
  EXPECT_EQ(decimal_text(2000, -6), "0.002");
  EXPECT_EQ(decimal_text(1953.125, -6), "0.001953125");
  EXPECT_EQ(decimal_text(4880, -3), "4.88");
  EXPECT_EQ(decimal_text(2.5e9, -3), "2500000");
  EXPECT_EQ(decimal_text(-0.25, 0), "-0.25");
  EXPECT_EQ(decimal_text(0, 3), "0");
  for (const double value : {1.0 / 3, 1e6 / 360, 4882.8125, 1e-7, 123456789.125}) {
    EXPECT_EQ(scaled_number(decimal_text(value, -6), 6), value);
  }
}

TEST(XmlValues, ReadsInstants) {
  const auto hl7 = timestamp("20240229101112.500+0130");
  ASSERT_TRUE(hl7);
  EXPECT_EQ(hl7->date, "2024-02-29");
  EXPECT_EQ(hl7->time, "10:11:12");
  EXPECT_EQ(hl7->utc_offset_minutes, 90);
  EXPECT_EQ(timestamp("20240301")->microseconds - timestamp("20240228")->microseconds,
            2 * 86'400'000'000);
  EXPECT_EQ(timestamp("20240229101113")->microseconds - hl7->microseconds, 500'000);
  EXPECT_EQ(timestamp("202402291011")->time, "10:11:00");
  EXPECT_EQ(timestamp("2024-02-29")->time, "");
  EXPECT_EQ(timestamp("2024-02-29T10:11:12Z")->utc_offset_minutes, 0);
  EXPECT_EQ(timestamp("2024-02-29 10:11:12-05:00")->utc_offset_minutes, -300);
  for (const std::string_view text :
       {"", "2024", "202402", "20230229", "20241301", "2024022925", "20240229106100", "x",
        "2024-02-29T10:11:12;5", "20240229101112.x"}) {
    EXPECT_FALSE(timestamp(text)) << text;
  }
}

TEST(XmlDigits, ReadsWholeNumbers) {
  const auto digits = read_digits("\n 1 -2\t3\r\n2147483647 ");
  ASSERT_TRUE(digits);
  EXPECT_THAT(digits->samples, ElementsAre(1, -2, 3, 2147483647));
  EXPECT_EQ(digits->decimals, 0);
  EXPECT_TRUE(read_digits("")->samples.empty());
  for (const std::string_view text : {"1 x", "1,2", "2147483648", "--1", "1e", ".", "1e99", "-"}) {
    EXPECT_FALSE(read_digits(text)) << text;
  }
}

TEST(XmlDigits, KeepsDecimalsAndExponentsExactly) {
  const auto digits = read_digits("1.5 -2 +0.25 1e2 3.10 25e-2 0.0");
  ASSERT_TRUE(digits);
  EXPECT_EQ(digits->decimals, 2);
  EXPECT_FALSE(digits->rounded);
  EXPECT_THAT(digits->samples, ElementsAre(150, -200, 25, 10000, 310, 25, 0));
  const auto fine = read_digits("1000000.0000004 0.25");
  ASSERT_TRUE(fine);
  EXPECT_TRUE(fine->rounded);
  EXPECT_EQ(fine->decimals, 3);
  EXPECT_THAT(fine->samples, ElementsAre(1000000000, 250));
}

TEST(XmlDigits, FoldsAnOriginIntoTheSamples) {
  std::vector<std::int32_t> samples = {1, -2};
  double gain = 2500;
  bool rounded = false;
  EXPECT_TRUE(xml::fold_origin(-5000, samples, gain, rounded));
  EXPECT_THAT(samples, ElementsAre(-1, -4));
  EXPECT_TRUE(xml::fold_origin(1250, samples, gain, rounded));  // half a step
  EXPECT_THAT(samples, ElementsAre(-1, -7));
  EXPECT_EQ(gain, 1250);
  EXPECT_FALSE(rounded);
  gain = -1000;
  EXPECT_TRUE(xml::fold_origin(3000, samples, gain, rounded));
  EXPECT_THAT(samples, ElementsAre(4, 10));
  EXPECT_EQ(gain, 1000);
  EXPECT_TRUE(xml::fold_origin(1000.0 / 3, samples, gain, rounded));
  EXPECT_TRUE(rounded);
  samples = {std::numeric_limits<std::int32_t>::max()};
  EXPECT_FALSE(xml::fold_origin(1000, samples, gain, rounded));
  EXPECT_FALSE(xml::fold_origin(1e300, samples, gain, rounded));
}

TEST(Base64, DecodesWithBlanksAndWithoutPadding) {
  for (const std::string_view plain : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(base64_decoded(base64_of(xml_bytes(plain))), xml_bytes(plain));
  }
  EXPECT_EQ(base64_decoded(" Zm9v\r\nYg"), xml_bytes("foob"));
  for (const std::string_view text : {"Z", "Zm9vY", "Zm9v!", "Zg==Zg", "Zm-v", "Z\xC3"}) {
    EXPECT_EQ(base64_decoded(text), std::nullopt) << text;
  }
}

TEST(Base64, EncodesAsInRfc4648Clause10) {
  const std::vector<std::pair<std::string_view, std::string_view>> vectors = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) EXPECT_EQ(base64_encoded(xml_bytes(plain)), encoded);
  EXPECT_EQ(base64_encoded(Bytes{0xFB, 0xFF, 0xBF}), "+/+/");
}

TEST(Crc32, AgreesWithTheCheckValueAndTheLongDivision) {
  EXPECT_EQ(crc32(xml_bytes("123456789")), 0xCBF43926U);
  EXPECT_EQ(crc32(xml_bytes("")), 0U);
  EXPECT_EQ(crc32(words_of({1, -2, 300})), crc32_bit_by_bit(words_of({1, -2, 300})));
}

}  // namespace telavis::test::xml_values_test
