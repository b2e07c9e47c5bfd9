// SPDX-License-Identifier: Apache-2.0
#include "engine/core/key_ring.h"

#include <gtest/gtest.h>

#include "tests/fakes.h"

namespace telavis {
namespace {

Key key_of(std::uint8_t byte) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(byte);
  return Key(bytes);
}

bool same(const Key& left, const Key& right) {
  return std::equal(left.view().begin(), left.view().end(), right.view().begin());
}

class KeyRingTest : public ::testing::Test {
 protected:
  SystemRandom random_;
  KeyRing old_{{key_of(1)}};
  KeyRing both_{{key_of(2), key_of(1)}};
  KeyRing newest_{{key_of(2)}};
};

TEST_F(KeyRingTest, OpensWhatItWrappedAndOnlyThere) {
  const Key data = random_key(random_);
  const Bytes wrapped = old_.wrap(random_, "data-key/a", data);
  EXPECT_EQ(wrapped.size(), 8U + 24U + 32U + 16U);
  const auto opened = old_.unwrap("data-key/a", wrapped);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(same(*opened, data));
  EXPECT_FALSE(old_.unwrap("data-key/b", wrapped));
}

TEST_F(KeyRingTest, NamesTheNewestKeyBeforeWhatItWraps) {
  const Bytes wrapped = both_.wrap(random_, "data-key/a", random_key(random_));
  EXPECT_EQ(to_hex(ByteView(wrapped).first(8)), both_.current_id());
  EXPECT_EQ(both_.current_id(), newest_.current_id());
  EXPECT_NE(both_.current_id(), old_.current_id());
  EXPECT_EQ(both_.current_id().size(), 16U);
  EXPECT_TRUE(is_wrapped_by(both_.current_id(), wrapped));
  EXPECT_FALSE(is_wrapped_by(old_.current_id(), wrapped));
  EXPECT_FALSE(is_wrapped_by(both_.current_id(), {}));
  EXPECT_FALSE(is_wrapped_by("", wrapped));
}

TEST_F(KeyRingTest, OpensWhatAnOlderKeyWrappedForAsLongAsItHasIt) {
  const Key data = random_key(random_);
  const Bytes wrapped = old_.wrap(random_, "data-key/a", data);
  const auto opened = both_.unwrap("data-key/a", wrapped);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(same(*opened, data));
  const auto gone = newest_.unwrap("data-key/a", wrapped);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::crypto_failed);
}

TEST_F(KeyRingTest, RefusesEveryChangedOrShortenedByte) {
  const Bytes wrapped = both_.wrap(random_, "data-key/a", random_key(random_));
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    Bytes changed = wrapped;
    changed[i] ^= 1U;
    EXPECT_FALSE(both_.unwrap("data-key/a", changed)) << i;
    EXPECT_FALSE(both_.unwrap("data-key/a", ByteView(wrapped).first(i))) << i;
  }
  Bytes other_id = wrapped;  // the id of the other key of the ring
  const Bytes of_old = old_.wrap(random_, "data-key/a", random_key(random_));
  std::copy_n(of_old.begin(), 8, other_id.begin());
  EXPECT_FALSE(both_.unwrap("data-key/a", other_id));
}

TEST_F(KeyRingTest, AWrappedKeyOfTheRightSealButAnotherLengthIsRefused) {
  const Key wrapping = derive_key(key_of(1), "telavis/wrap-data-keys");
  Bytes wrapped = *from_hex(old_.current_id());
  const Bytes sealed = seal(wrapping, random_, "data-key/a", as_bytes("sixteen bytes..."));
  wrapped.insert(wrapped.end(), sealed.begin(), sealed.end());
  EXPECT_FALSE(old_.unwrap("data-key/a", wrapped));
}

TEST_F(KeyRingTest, DerivesOneKeyAPurposeFromEachMaster) {
  EXPECT_TRUE(same(both_.derived("telavis/x"), derive_key(key_of(2), "telavis/x")));
  const auto all = both_.all_derived("telavis/x");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(same(all[0], derive_key(key_of(2), "telavis/x")));
  EXPECT_TRUE(same(all[1], derive_key(key_of(1), "telavis/x")));

  const Bytes sealed = seal_stream(old_.derived("telavis/x"), "mail/1", as_bytes("text"));
  const auto opened = unseal_stream(all, "mail/1", sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(*opened), "text");
  EXPECT_FALSE(unseal_stream(newest_.all_derived("telavis/x"), "mail/1", sealed));
  EXPECT_FALSE(unseal_stream(all, "mail/2", sealed));
}

TEST(HexDigits, AreReadOrRefusedWhole) {
  EXPECT_EQ(from_hex("00ff"), (Bytes{0, 255}));
  EXPECT_EQ(from_hex(""), Bytes{});
  for (const char* wrong : {"0", "0g", "00 ff", "zz"}) EXPECT_FALSE(from_hex(wrong)) << wrong;
}

}  // namespace
}  // namespace telavis
