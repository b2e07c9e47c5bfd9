// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/scp_ecg.h"
#include "tests/formats/finding_codes.h"
#include "tests/formats/scp_compression.h"

namespace telavis::test::scp_ecg_tables_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Samples = std::vector<std::int32_t>;

Result<scp::HuffmanTables> tables_from(const Bytes& section) {
  ByteReader reader(section);
  return scp::HuffmanTables::read(reader, reader.u16le().value_or(0));
}

// The default table (19999) as a file would spell it.
CodeTable default_table() {
  CodeTable table = {{"0", 0, false, 0}};
  for (int value = 1; value <= 8; ++value) {
    const std::string ones(static_cast<std::size_t>(value), '1');
    table.push_back({ones + "00", 0, false, value});
    table.push_back({ones + "01", 0, false, -value});
  }
  table.push_back({"1111111110", 8, false, 0});
  table.push_back({"1111111111", 16, false, 0});
  return table;
}

TEST(ScpEcgTables, DecodesRandomTablesAndEveryTruncationLikeAReaderOfStrings) {
  std::mt19937 random(11);
  for (int run = 0; run < 60; ++run) {
    const auto tables = random_tables(1 + random() % 5, random);
    const auto decoder = tables_from(tables_section(tables));
    ASSERT_TRUE(decoder) << decoder.error().text;
    Values values;
    const int spread = 1 << (random() % 15);
    for (int i = 0; i < 100; ++i) {
      values.push_back(static_cast<int>(random()) % (spread + 1));
    }
    const auto spelled = spell_all(tables, values, random);
    std::string bits;
    for (const std::string& code : spelled) bits += code;
    const Bytes data = pack_bits(bits);
    for (std::size_t bytes = 0; bytes <= data.size(); bytes += 1 + random() % 3) {
      std::size_t whole = 0;
      std::size_t used = 0;
      while (whole < spelled.size() && used + spelled[whole].size() <= 8 * bytes) {
        used += spelled[whole++].size();
      }
      Samples out(values.size());
      const auto read = decoder->decode(ByteView(data).first(bytes), out);
      ASSERT_GE(read.values, whole) << run << " " << bytes;
      for (std::size_t i = 0; i < whole; ++i) ASSERT_EQ(out[i], values[i]) << run << " " << i;
      ASSERT_EQ(read.values, whole) << run << " " << bytes;
      if (bytes == data.size()) {
        ASSERT_EQ(read.bits_left, 8 * bytes - used);
      }
    }
  }
}

TEST(ScpEcgTables, AgreesWithTheDefaultTable) {
  Values values;
  for (int value = -200; value <= 200; ++value) values.push_back(value);
  values.insert(values.end(), {32767, -32768, 0, 0});
  const auto decoder = tables_from(tables_section({default_table()}));
  ASSERT_TRUE(decoder);
  Samples out(values.size());
  EXPECT_EQ(decoder->decode(huffman_bytes(values), out).values, values.size());
  EXPECT_EQ(out, Samples(values.begin(), values.end()));
}

TEST(ScpEcgTables, ReadsPrefixesAndLiteralsOf32Bits) {
  const std::string long_zero(31, '0');
  const CodeTable table = {
      {"1", 31, false, 5}, {long_zero + "1", 0, false, -9}, {"01", 0, false, 3}};
  const auto decoder = tables_from(tables_section({table}));
  ASSERT_TRUE(decoder);
  const Bytes data = pack_bits("1" + literal(-1'000'000'000, 31) + long_zero + "1" + "01" + "1" +
                               literal(1'073'741'823, 31));
  Samples out(4);
  EXPECT_EQ(decoder->decode(data, out).values, 4);
  EXPECT_THAT(out, ElementsAre(-1'000'000'000, -9, 3, 1'073'741'823));
}

TEST(ScpEcgTables, SwitchesByNumbersCountedFromOneAndBeginsEachLeadWithTheFirst) {
  // The same bit means 10 in the first table and 20 in the second.
  const std::vector<CodeTable> tables = {
      {{"0", 0, false, 10}, {"1", 0, true, 2}},
      {{"0", 0, false, 20}, {"10", 0, true, 1}, {"11", 0, true, 2}}};
  ScpBuilder builder = small_scp();
  builder.sections[2] = tables_section(tables);
  builder.rhythm({{1, 1, 6,
                   pack_bits("00"
                             "1"
                             "00"
                             "11"
                             "0"
                             "10"
                             "0")},
                  {2, 1, 2, pack_bits("00")}},
                 0);
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording) << recording.error().text;
  ASSERT_EQ(recording->leads.size(), 2);
  EXPECT_THAT(recording->leads[0].samples, ElementsAre(10, 10, 20, 20, 20, 10));
  EXPECT_THAT(recording->leads[1].samples, ElementsAre(10, 10));
  EXPECT_THAT(codes(*recording), IsEmpty());
}

TEST(ScpEcgTables, StopsALeadAtACodeWithoutMeaningAndKeepsTheOthers) {
  const std::vector<CodeTable> tables = {{{"0", 0, false, 1}, {"10", 0, true, 2}}};  // no table 2
  ScpBuilder builder = small_scp();
  builder.sections[2] = tables_section(tables);
  builder.rhythm({{1, 1, 4, pack_bits("001000")},  // to a table that is not there
                  {2, 1, 4, pack_bits("001100")},  // 11 has no meaning
                  {3, 1, 4, pack_bits("0000")}},
                 0);
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  ASSERT_EQ(recording->leads.size(), 3);
  EXPECT_EQ(recording->leads[0].samples.size(), 2);
  EXPECT_EQ(recording->leads[1].samples.size(), 2);
  EXPECT_EQ(recording->leads[2].samples.size(), 4);
  EXPECT_THAT(codes(*recording), ElementsAre("lead_length_mismatch", "lead_length_mismatch"));
}

TEST(ScpEcgTables, RefusesTablesThatCannotBe) {
  const auto error = [](const Bytes& section) {
    const auto tables = tables_from(section);
    return tables ? ErrorCode::internal : tables.error().code;
  };
  const Bytes whole = tables_section({default_table(), default_table()});
  for (std::size_t length = 2; length < whole.size(); ++length) {
    EXPECT_EQ(error(Bytes(whole.begin(), whole.begin() + static_cast<long>(length))),
              ErrorCode::malformed_file);
  }
  EXPECT_EQ(error(tables_section({{{"0", 0, false, 1}, {"01", 0, false, 2}}})),
            ErrorCode::malformed_file);  // one begins with the other
  EXPECT_EQ(error(tables_section({{{"0101", 0, false, 1}, {"0101", 0, false, 2}}})),
            ErrorCode::malformed_file);
  EXPECT_EQ(error(tables_section({{{"", 0, false, 1}}})), ErrorCode::malformed_file);
  EXPECT_EQ(error(tables_section({{{std::string(33, '0'), 0, false, 1}}})),
            ErrorCode::malformed_file);
  EXPECT_EQ(error(tables_section({{{"0", 32, false, 1}}})), ErrorCode::malformed_file);
  Bytes shorter = tables_section({{{"0101", 0, false, 1}}});
  shorter[5] = 3;  // the whole code is shorter than its prefix
  EXPECT_EQ(error(shorter), ErrorCode::malformed_file);
  EXPECT_EQ(error(tables_section(std::vector<CodeTable>(65, {{"0", 0, false, 1}}))),
            ErrorCode::limit_exceeded);
  CodeTable large;
  for (int value = 0; value < 4097; ++value) large.push_back({literal(value, 13), 0, false, value});
  EXPECT_EQ(error(tables_section({large})), ErrorCode::limit_exceeded);
  large.pop_back();
  EXPECT_TRUE(tables_from(tables_section({large})));
}

TEST(ScpEcgTables, NoTableMeansPlainSamples) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 3, plain_bytes({7, 8, -9})}}, 0);
  for (const Bytes& section : {Bytes{}, Bytes{0, 0}}) {
    builder.sections[2] = section;
    const auto recording = decode_scp_ecg(builder.build());
    ASSERT_TRUE(recording);
    EXPECT_THAT(recording->leads.at(0).samples, ElementsAre(7, 8, -9));
    EXPECT_THAT(codes(*recording), IsEmpty());
  }
}

// Every coding of the samples with every order of difference.
TEST(ScpEcgTables, ReadsEveryCodingWithEveryDifference) {
  std::mt19937 random(5);
  for (int run = 0; run < 40; ++run) {
    const auto tables = random_tables(1 + random() % 4, random);
    Values samples;
    int value = 0;
    for (int i = 0; i < 200; ++i) samples.push_back(value += static_cast<int>(random() % 61) - 30);
    for (const int order : {0, 1, 2}) {
      const Values stored = differences(samples, order);
      for (const int coding : {0, 1, 2}) {
        ScpBuilder builder = small_scp();
        Bytes data = plain_bytes(stored);
        if (coding == 0) builder.sections.erase(2);
        if (coding == 1) data = huffman_bytes(stored);
        if (coding == 2) {
          builder.sections[2] = tables_section(tables);
          data = own_table_bytes(tables, stored, random);
        }
        builder.rhythm({{1, 1, 200, data}, {62, 1, 200, data}}, static_cast<unsigned>(order));
        const auto recording = decode_scp_ecg(builder.build());
        ASSERT_TRUE(recording) << recording.error().text;
        ASSERT_EQ(recording->leads.size(), 2);
        for (const Lead& lead : recording->leads) {
          EXPECT_EQ(lead.samples, Samples(samples.begin(), samples.end())) << coding << order;
        }
        EXPECT_THAT(codes(*recording), IsEmpty());
      }
    }
  }
}

}  // namespace telavis::test::scp_ecg_tables_test
