// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_huffman.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/formats/scp_builder.h"

namespace telavis::test::scp_ecg_huffman_test {

// What a reader of strings finds: the values whose codes are whole, and the bits that are left.
std::pair<std::vector<std::int32_t>, std::size_t> expected(const std::vector<int>& values,
                                                           std::size_t bytes, std::size_t wanted) {
  std::vector<std::int32_t> whole;
  std::size_t used = 0;
  for (const int value : values) {
    const std::size_t length = huffman_code(value).size();
    if (whole.size() == wanted || used + length > 8 * bytes) break;
    used += length;
    whole.push_back(value);
  }
  return {whole, 8 * bytes - used};
}

TEST(ScpEcgHuffman, DecodesEveryTruncationLikeAReaderOfStrings) {
  std::mt19937 random(7);
  for (int run = 0; run < 40; ++run) {
    std::vector<int> values;
    values.reserve(121);
    const unsigned spread = 1U << (random() % 16);
    for (int i = 0; i < 120; ++i) {
      values.push_back(static_cast<int>(random() % (2 * spread)) - static_cast<int>(spread));
    }
    values.push_back(30'000);  // ends with the longest code
    const Bytes data = huffman_bytes(values);
    for (std::size_t bytes = 0; bytes <= data.size(); ++bytes) {
      for (const std::size_t wanted : {std::size_t{40}, values.size()}) {
        const auto [whole, left] = expected(values, bytes, wanted);
        std::vector<std::int32_t> out(wanted);
        const auto read = scp::decode_default_huffman(ByteView(data).first(bytes), out);
        ASSERT_EQ(read.values, whole.size()) << run << " " << bytes;
        ASSERT_EQ(read.bits_left, left) << run << " " << bytes;
        out.resize(read.values);
        ASSERT_EQ(out, whole);
      }
    }
  }
}

TEST(ScpEcgHuffman, StopsAtALiteralCutInTheLastByte) {
  // Four times 11 bits, then 20 of the 26 bits of a literal: the end of eight bytes.
  std::vector<int> values;
  for (int i = 0; i < 4; ++i) values.insert(values.end(), {2, 2, 1});
  values.push_back(30'000);
  const Bytes data = huffman_bytes(values);
  std::vector<std::int32_t> out(40);
  const auto read = scp::decode_default_huffman(ByteView(data).first(8), out);
  EXPECT_EQ(read.values, 12);
  EXPECT_EQ(read.bits_left, 20);
}

TEST(ScpEcgHuffman, EncodesAsTheTableIsSpelled) {
  std::vector<int> values;
  for (int value = -140; value <= 140; ++value) values.push_back(value);
  values.insert(values.end(), {32767, -32768, 0, 0, 1});
  Bytes out = {0xAB};  // what stands there stays
  scp::encode_default_huffman({values.begin(), values.end()}, out);
  Bytes whole = {0xAB};
  append_all(whole, huffman_bytes(values));
  EXPECT_EQ(out, whole);
}

TEST(ScpEcgHuffman, PadsWithOnesThatNoReaderTakesForAValue) {
  for (int run = 0; run < 9; ++run) {
    const std::vector<std::int32_t> values(static_cast<std::size_t>(run), 0);  // a bit each
    Bytes data;
    scp::encode_default_huffman(values, data, scp::Padding::ones);
    std::vector<std::int32_t> out(40);
    EXPECT_EQ(scp::decode_default_huffman(data, out).values, values.size());
  }
}

}  // namespace telavis::test::scp_ecg_huffman_test
