// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_command.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/devices/dicom_client.h"

namespace telavis::dicom_command_test {
namespace {

TEST(DicomCommand, ReadsAStoreRequest) {
  const auto command = parse_dicom_command(test::store_command(7, "1.2.840.1", "1.2.3"));
  ASSERT_TRUE(command);
  EXPECT_EQ(command->field, dicom_field::kStore);
  EXPECT_EQ(command->message_id, 7);
  EXPECT_TRUE(command->has_data);
  EXPECT_EQ(command->sop_class, "1.2.840.1");
  EXPECT_EQ(command->sop_instance, "1.2.3");
}

TEST(DicomCommand, ReadsRequestedUidsAndTheAction) {
  const auto command = parse_dicom_command(test::commitment_command(1));
  ASSERT_TRUE(command);
  EXPECT_EQ(command->sop_class, "1.2.840.10008.1.20.1");
  EXPECT_EQ(command->sop_instance, "1.2.840.10008.1.20.1.1");
  EXPECT_EQ(command->action_type, 1);
}

TEST(DicomCommand, RefusesEveryCutOfOne) {
  const Bytes whole = test::store_command(7, "1.2.840.1", "1.2.3");
  int read = 0;
  for (std::size_t size = 0; size < whole.size(); ++size)
    read += parse_dicom_command(ByteView(whole).first(size)) ? 1 : 0;
  // Between two elements, behind the command field.
  EXPECT_EQ(read, 4);
}

TEST(DicomCommand, RefusesOtherGroups) {
  Bytes bytes = test::echo_command(1);
  bytes.insert(bytes.end(), {8, 0, 5, 0, 0, 0, 0, 0});
  EXPECT_FALSE(parse_dicom_command(bytes));
}

TEST(DicomCommand, WritesAnAnswer) {
  DicomReply reply;
  reply.field = dicom_field::kStore | dicom_field::kAnswer;
  reply.answers = 258;
  reply.status = 0xA700;
  reply.sop_class = "1.2";
  reply.comment = std::string("Réessayez\\") + std::string(80, 'x');
  const Bytes bytes = dicom_command_bytes(reply);
  test::Message message;
  message.command = bytes;
  // 12 bytes of the group length are not counted.
  EXPECT_EQ(message.number(0x0000), bytes.size() - 12);
  EXPECT_EQ(message.field(), 0x8001);
  EXPECT_EQ(message.number(0x0120), 258);
  EXPECT_EQ(message.status(), 0xA700);
  EXPECT_FALSE(message.has_data());
  EXPECT_FALSE(message.number(0x0110));
  const std::string text(as_text(bytes));
  EXPECT_NE(text.find("R  essayez xxx"), std::string::npos);
  EXPECT_EQ(text.find(std::string(65, 'x')), std::string::npos);
  EXPECT_EQ(bytes.size() % 2, 0U);
}

TEST(DicomCommand, KnowsTextsOfUids) {
  EXPECT_TRUE(is_uid_text("1.2.840..0099"));
  EXPECT_TRUE(is_uid_text(std::string(64, '1')));
  EXPECT_FALSE(is_uid_text(std::string(65, '1')));
  EXPECT_FALSE(is_uid_text(""));
  EXPECT_FALSE(is_uid_text("1.2/../3"));
}

}  // namespace
}  // namespace telavis::dicom_command_test
