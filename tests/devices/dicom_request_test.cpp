// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_request.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/devices/dicom_pdus.h"

namespace telavis::dicom_request_test {
namespace {

using test::item;
using test::ProposedContext;
using test::put;
using test::put32be;
using test::text_item;

constexpr std::size_t kHeader = 6;  // of a PDU

ByteView body_of(const Bytes& pdu) {
  return ByteView(pdu).subspan(kHeader);
}
std::optional<Bytes> rewritten(const Bytes& pdu) {
  return rewritten_associate_request(body_of(pdu));
}
Bytes plain() {
  return test::associate_request({{1, "1.2.840.10008.1.1"}, {3, "1.2.3", {"1.2.4", "1.2.5"}}});
}
bool holds(const Bytes& bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

TEST(DicomRequest, KeepsTitlesContextsAndTheLength) {
  const auto request = rewritten(plain());
  ASSERT_TRUE(request);
  EXPECT_EQ((*request)[0], 1);
  EXPECT_EQ(ByteReader(ByteView(*request).subspan(2)).u32be(), request->size() - kHeader);
  Bytes expected = plain();
  // All but the implementation's UID, an item of 4 + 7 bytes at the end.
  expected.resize(expected.size() - 11);
  expected[5] = static_cast<std::uint8_t>(expected[5] - 11);
  expected[expected.size() - 9] = 8;
  EXPECT_EQ(*request, expected);
  EXPECT_EQ(rewritten(*request), *request);
}

TEST(DicomRequest, LeavesOutWhatIsNeverTakenUp) {
  Bytes user, length;
  put32be(length, 16384);
  put(user, item(0x53, Bytes(4)));  // asynchronous operations
  put(user, item(0x51, length));
  put(user, item(0x54, Bytes(3)));         // a damaged role
  put(user, item(0x58, Bytes(100, 'x')));  // a user's identity
  Bytes request = plain();
  request.resize(request.size() - 4 - 8 - 11);
  put(request, item(0x50, user));
  put(request, item(0x99, Bytes(9)));
  EXPECT_EQ(rewritten(request), rewritten(plain()));
}

TEST(DicomRequest, TakesPaddedUidsAndTitles) {
  const auto request = rewritten(test::associate_request(
      {{1, std::string("1.2.3\0", 6), {"1.2.4 "}}}, std::string("CART\0", 5)));
  ASSERT_TRUE(request);
  EXPECT_TRUE(holds(*request, "TELAVIS         CART            "));
  EXPECT_TRUE(holds(*request, std::string("\x30\0\0\5", 4) + "1.2.3"));
}

TEST(DicomRequest, BoundsTransferSyntaxes) {
  ProposedContext many{1, "1.2.3", {}};
  for (int i = 0; i < 120; ++i) many.transfer_syntaxes.push_back("1.2." + std::to_string(1000 + i));
  const auto request = rewritten(test::associate_request({many}));
  ASSERT_TRUE(request);
  EXPECT_TRUE(holds(*request, "1.2.1049"));
  EXPECT_FALSE(holds(*request, "1.2.1050"));
}

TEST(DicomRequest, RefusesEveryCutOfOne) {
  const Bytes whole = plain();
  for (std::size_t size = 0; size + kHeader < whole.size(); ++size)
    EXPECT_FALSE(rewritten_associate_request(body_of(whole).first(size))) << size;
}

TEST(DicomRequest, RefusesWhatContradictsItself) {
  const auto with = [](const std::vector<ProposedContext>& contexts) {
    return rewritten(test::associate_request(contexts)).has_value();
  };
  EXPECT_FALSE(with({}));
  EXPECT_FALSE(with({{2, "1.2.3"}}));                // an even id
  EXPECT_FALSE(with({{1, "1.2.3"}, {1, "1.2.4"}}));  // one twice
  EXPECT_FALSE(with({{1, "1.2.3", {}}}));            // without a transfer syntax
  EXPECT_FALSE(with({{1, ""}}));
  EXPECT_FALSE(with({{1, "not a uid"}}));
  EXPECT_FALSE(with({{1, std::string(65, '1')}}));
  EXPECT_FALSE(rewritten(test::associate_request({{1, "1.2.3"}}, "")));
  EXPECT_FALSE(rewritten(test::associate_request({{1, "1.2.3"}}, "A\\B")));
  EXPECT_FALSE(rewritten(test::associate_request({{1, "1.2.3"}}, "\x80")));
  Bytes twice = plain();
  put(twice, text_item(0x10, "1.2.840.10008.3.1.1.1"));
  EXPECT_FALSE(rewritten(twice));
}

}  // namespace
}  // namespace telavis::dicom_request_test
