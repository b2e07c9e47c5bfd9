// SPDX-License-Identifier: Apache-2.0
#include "mssante/hl7_field.h"

#include <gtest/gtest.h>

#include "mssante/sha1.h"

namespace telavis {
namespace {

std::string utc(std::string_view text) {
  const auto digits = utc_digits(text);
  return digits ? *digits : "refused";
}

TEST(Hl7Field, TimesCarryOverDaysMonthsAndYears) {
  EXPECT_EQ(utc("20210327153500+0100"), "20210327143500");
  EXPECT_EQ(utc("20260101003000+0100"), "20251231233000");
  EXPECT_EQ(utc("20251231230000-0400"), "20260101030000");
  EXPECT_EQ(utc("20240301003000+0100"), "20240229233000");
  EXPECT_EQ(utc("20230301003000+0100"), "20230228233000");
  EXPECT_EQ(utc("20260101003000+0530"), "20251231190000");
  EXPECT_EQ(utc("20260101003000.123+0000"), "20260101003000");
  EXPECT_EQ(utc("202601010030+0100"), "202512312330");
  EXPECT_EQ(utc("20260101"), "20260101");
  EXPECT_EQ(utc("2026"), "2026");
}

TEST(Hl7Field, TimesThatAreNoInstant) {
  for (const char* text :
       {"", "20260101003000", "20260230003000+0100", "20260101253000+0100", "20260101+0100",
        "20260101003000+1", "20260101003000+9900", "20260101003000Z", "2026-01-01T00:30:00+0100",
        "20260101003000+01:00", "00000101003000+0100", "x", "+0100", "20260101.5"}) {
    EXPECT_EQ(utc(text), "refused") << text;
  }
  EXPECT_TRUE(is_dtm("20251231233000"));
  EXPECT_TRUE(is_dtm("202512"));
  EXPECT_FALSE(is_dtm("20251231233000+0100"));
  EXPECT_FALSE(is_dtm("2025123123300"));
  EXPECT_FALSE(is_dtm("20251301"));
}

TEST(Hl7Field, ComponentsKeepTheirSeparators) {
  const std::string hostile = "A^B&C|D~E\\F\\S\\";
  const std::string escaped = hl7_component(hostile, 100);
  EXPECT_EQ(escaped, "A\\S\\B\\T\\C\\F\\D\\R\\E\\E\\F\\E\\S\\E\\");
  EXPECT_EQ(hl7_components(escaped + "^second", '^'),
            (std::vector<std::string>{hostile, "second"}));
  EXPECT_EQ(hl7_component("a\nb\x7F", 100), "a b ");
  EXPECT_EQ(hl7_component("\u00c9\u00c9\u00c9", 5), "\u00c9\u00c9");
  EXPECT_EQ(hl7_component("ab^", 4), "ab");
  EXPECT_EQ(hl7_component("a\xFFz", 10), "az");
}

TEST(Hl7Field, PatientIdentifiers) {
  const PatientCx ins{"279035121518989", "1.2.250.1.213.1.4.10", "NH"};
  EXPECT_EQ(patient_cx_text(ins), "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH");
  EXPECT_EQ(patient_cx(patient_cx_text(ins)), ins);
  const PatientCx odd{"I^P&P", "1.2.3", "PI"};
  EXPECT_EQ(patient_cx(patient_cx_text(odd)), odd);
  EXPECT_EQ(patient_cx("12"), (PatientCx{"12", "", ""}));
  EXPECT_EQ(patient_cx(""), PatientCx{});
  EXPECT_EQ(patient_cx("1^^^x^NH^^^"), (PatientCx{"1", "", "NH"}));
  EXPECT_EQ(patient_cx_text({}), "");
}

TEST(Hl7Field, Oids) {
  for (const char* oid : {"1.2.250.1.213.1.4.8", "2.16.840", "0.0"}) EXPECT_TRUE(is_oid(oid));
  for (const char* text : {"", "1", "3.1", "1.", ".1", "23.4", "1..2", "1.02", "1.2a", "1.2 "}) {
    EXPECT_FALSE(is_oid(text)) << text;
  }
  EXPECT_FALSE(is_oid("1." + std::string(63, '1')));
}

// FIPS 180-4 and RFC 3174, and Python's hashlib and uuid.uuid5(uuid.NAMESPACE_OID, ...).
TEST(Sha1, IsThatOfTheStandard) {
  EXPECT_EQ(sha1_hex(as_bytes("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1_hex({}), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(named_uuid_urn("1.2.250.1.999"), "urn:uuid:54bb6ac3-132e-5f93-b521-3a6d258e1450");
}

}  // namespace
}  // namespace telavis
