// SPDX-License-Identifier: Apache-2.0
// One-time codes against the values of the standards.
#include "engine/core/totp.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace telavis {
namespace {

// RFC 4226, appendix D, and RFC 6238, appendix B: the key of SHA-1.
constexpr std::string_view kStandardSecret = "12345678901234567890";

Instant second_of(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

TEST(Totp, GivesTheCodesOfTheStandardForCounters) {
  constexpr std::array kCodes = {"755224", "287082", "359152", "969429", "338314",
                                 "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    EXPECT_EQ(totp_code(as_bytes(kStandardSecret), static_cast<std::int64_t>(i)), kCodes[i]);
  }
}

TEST(Totp, GivesTheCodesOfTheStandardForInstants) {
  // The last six of its eight digits.
  constexpr std::array<std::pair<std::int64_t, const char*>, 6> kCodes = {
      {{59, "287082"},
       {1111111109, "081804"},
       {1111111111, "050471"},
       {1234567890, "005924"},
       {2000000000, "279037"},
       {20000000000, "353130"}}};
  for (const auto& [seconds, code] : kCodes) {
    EXPECT_EQ(totp_code(as_bytes(kStandardSecret), totp_step(second_of(seconds))), code);
  }
}

TEST(Totp, TakesTheStepsAroundNowAndNoOther) {
  const ByteView secret = as_bytes(kStandardSecret);
  const Instant now = second_of(1111111109);
  const std::int64_t here = totp_step(now);
  for (std::int64_t away = -3; away <= 3; ++away) {
    const auto step = totp_step_of(secret, totp_code(secret, here + away), now, 0);
    EXPECT_EQ(step.has_value(), away >= -1 && away <= 1) << away;
    if (step) {
      EXPECT_EQ(*step, here + away);
    }
  }
}

TEST(Totp, TakesNoStepTwiceAndNoneBeforeOneThatWasTaken) {
  const ByteView secret = as_bytes(kStandardSecret);
  const Instant now = second_of(1111111109);
  const std::int64_t here = totp_step(now);
  EXPECT_FALSE(totp_step_of(secret, totp_code(secret, here), now, here));
  EXPECT_FALSE(totp_step_of(secret, totp_code(secret, here - 1), now, here));
  EXPECT_TRUE(totp_step_of(secret, totp_code(secret, here + 1), now, here));
}

TEST(Totp, AClockThatStoodAheadLocksNobodyOut) {
  const ByteView secret = as_bytes(kStandardSecret);
  const Instant now = second_of(1111111109);
  const std::int64_t here = totp_step(now);
  EXPECT_EQ(totp_step_of(secret, totp_code(secret, here), now, here + 6000), here);
  EXPECT_FALSE(totp_step_of(secret, totp_code(secret, here), now, here + 1));
}

TEST(Totp, TakesNothingThatIsNoCode) {
  const ByteView secret = as_bytes(kStandardSecret);
  for (const char* typed : {"", "28708", "2870822", "28708a", "      "}) {
    EXPECT_FALSE(totp_step_of(secret, typed, second_of(59), 0)) << typed;
  }
}

TEST(Totp, WritesSecretsAsTheyAreTyped) {
  // RFC 4648, 10, without its padding.
  EXPECT_EQ(base32(as_bytes("")), "");
  EXPECT_EQ(base32(as_bytes("f")), "MY");
  EXPECT_EQ(base32(as_bytes("fo")), "MZXQ");
  EXPECT_EQ(base32(as_bytes("foo")), "MZXW6");
  EXPECT_EQ(base32(as_bytes("foob")), "MZXW6YQ");
  EXPECT_EQ(base32(as_bytes("fooba")), "MZXW6YTB");
  EXPECT_EQ(base32(as_bytes("foobar")), "MZXW6YTBOI");
}

TEST(Totp, NamesTheAccountInItsUri) {
  EXPECT_EQ(otpauth_uri("Telavis", "zoé@exemple.test", as_bytes("foobar")),
            "otpauth://totp/Telavis:zo%C3%A9%40exemple.test?secret=MZXW6YTBOI&issuer=Telavis"
            "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace telavis
