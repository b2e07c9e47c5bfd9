// SPDX-License-Identifier: Apache-2.0
#include "devices/stow_rs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devices/dicom_command.h"
#include "devices/dicom_data.h"
#include "devices/multipart.h"
#include "formats/dicom_model.h"
#include "formats/dicom_tags.h"
#include "tests/devices/fake_door.h"

namespace telavis::test::stow_rs_test {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string kType = "multipart/related; type=\"application/dicom\"; boundary=XX";
const std::string kTwelveLead = "1.2.840.10008.5.1.4.1.1.9.1.1";

Bytes instance(const std::string& uid, const std::string& study = "1.2.3") {
  DicomBuilder data;
  data.text(dicom_tag::kSopClass, "UI", kTwelveLead);
  data.text(dicom_tag::kSopInstance, "UI", uid);
  data.text(dicom_tag::kStudyInstance, "UI", study);
  return dicom_file(kTwelveLead, uid, kExplicitLittle, data);
}

std::string part(const std::string& content, const std::string& type = "application/dicom") {
  return "--XX\r\nContent-Type: " + type + "\r\n\r\n" + content + "\r\n";
}
std::string part(const Bytes& content) {
  return part(std::string(as_text(content)));
}

TEST(StowRs, TakesTheBodyApart) {
  const std::string body = "preamble\r\n" + part("one") + part("two\r\n--X") + "--XX--\r\nepilogue";
  const auto instances = parse_stow(kType, as_bytes(body));
  ASSERT_TRUE(instances) << instances.error().text;
  ASSERT_THAT(*instances, SizeIs(2));
  EXPECT_EQ(as_text((*instances)[1]), "two\r\n--X");
  // A transfer syntax beside the type, or no type at all.
  const std::string other = part("x", "application/dicom; transfer-syntax=1.2.840.10008.1.2.1") +
                            "--XX\r\nMIME-Version: 1.0\r\n\r\ny\r\n--XX--";
  EXPECT_TRUE(parse_stow(kType, as_bytes(other)));
}

TEST(StowRs, WhatIsNoneIsRefused) {
  for (const char* type : {"", "application/dicom", "multipart/form-data; boundary=XX",
                           "multipart/related; boundary=XX",
                           "multipart/related; type=\"application/dicom+json\"; boundary=XX",
                           "multipart/related; type=\"application/dicom"})
    EXPECT_FALSE(is_stow_type(type)) << type;
  EXPECT_TRUE(is_stow_type("Multipart/Related; type=application/DICOM; boundary=XX"));
  const std::string one = part("x");
  for (const std::string& body : std::vector<std::string>{
           std::string(), std::string("--XX--"), one, one + "--XX", one + "--YY--",
           "--XX\r\n\r\n" + one, "--XX\r\nNo colon\r\n\r\nx\r\n--XX--",
           "--XX\r\nA: 1\r\nA: 2\r\n\r\nx\r\n--XX--",
           "--XX\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--XX--",
           part("x", "image/jpeg") + "--XX--",
           "--XX\r\nA: " + std::string(kMaxPartHeaderBytes, 'x') + "\r\n\r\nx\r\n--XX--"}) {
    EXPECT_EQ(parse_stow(kType, as_bytes(body)).error().code, ErrorCode::malformed_request) << body;
  }
  for (const char* type : {"multipart/related; type=\"application/dicom\"",
                           "multipart/related; type=\"application/dicom\"; boundary=\"\""})
    EXPECT_FALSE(parse_stow(type, as_bytes(one + "--XX--"))) << type;
  std::string many;
  for (std::size_t i = 0; i <= kMaxStowInstances; ++i) many += part("x");
  EXPECT_EQ(parse_stow(kType, as_bytes(many + "--XX--")).error().code, ErrorCode::limit_exceeded);
}

class Stow : public testing::Test {
 protected:
  std::vector<StowedInstance> stowed(const std::vector<Bytes>& files,
                                     const std::string& study = "") {
    return stow({door, slots, device}, {files.begin(), files.end()}, study);
  }
  static std::string said(const std::vector<StowedInstance>& instances) {
    const auto read = read_dicom_data(
        stow_answer(instances, [](const StowedInstance& one) { return "https://x/" + one.study; })
            .encoded(),
        kExplicitLittle);
    return dicom_json(read.value().elements, {});
  }

  FakeDoor door;
  DecodeSlots slots{1};
  SendingDevice device{"cart-1", UserId("holder"), ProgrammeId("p")};
};

TEST_F(Stow, EachGoesThroughTheDoor) {
  const auto all = stowed({instance("1.2.3.4"), instance("1.2.3.5"), instance("1.2.3.4")});
  EXPECT_EQ(stow_status(all), 200);
  ASSERT_THAT(door.taken(), SizeIs(2));  // the same again is known
  EXPECT_EQ(door.taken()[0].object_id, "1.2.3.4");
  EXPECT_EQ(door.taken()[0].device, "cart-1");
  EXPECT_EQ(door.taken()[0].file.source, "stow:cart-1");
  EXPECT_EQ(door.taken()[0].file.bytes, instance("1.2.3.4"));
  const std::string answer = said(all);
  EXPECT_THAT(answer, HasSubstr(R"("00081155":{"vr":"UI","Value":["1.2.3.5"]})"));
  EXPECT_THAT(answer, HasSubstr(R"("00081190":{"vr":"UR","Value":["https://x/1.2.3"]})"));
  EXPECT_THAT(answer, Not(HasSubstr("00081198")));
}

TEST_F(Stow, WhatIsNotKeptHasItsReason) {
  door.refuse = [](const UploadedFile& file) {
    return file.name == "1.2.3.5.dcm" ? std::optional(Error{ErrorCode::storage_full, "full"})
                                      : std::nullopt;
  };
  const auto some = stowed({instance("1.2.3.4"), instance("1.2.3.5")});
  EXPECT_EQ(stow_status(some), 202);
  EXPECT_EQ(some[1].failure, dicom_status::kOutOfResources);
  EXPECT_THAT(said(some), HasSubstr(R"("00081198":{"vr":"SQ","Value":[{"00081150")"));
  EXPECT_THAT(said(some), HasSubstr(R"("00081197":{"vr":"US","Value":[42752]})"));
  EXPECT_EQ(stow_status(stowed({instance("1.2.3.5")})), 503);
  for (const auto& [code, failure] :
       {std::pair(ErrorCode::forbidden, dicom_status::kNotAuthorized),
        {ErrorCode::limit_exceeded, dicom_status::kTooLarge},
        {ErrorCode::too_many_attempts, dicom_status::kOutOfResources}}) {
    door.refuse = [code = code](const UploadedFile&) { return Error{code, "no"}; };
    EXPECT_EQ(stowed({instance("1.2.3.9")})[0].failure, failure);
  }
}

TEST_F(Stow, WhatCannotBeReadIsKeptAndSaidToBe) {
  for (const auto& [code, failure] :
       {std::pair(ErrorCode::malformed_file, dicom_status::kCannotUnderstand),
        {ErrorCode::unsupported_format, dicom_status::kClassNotSupported},
        {ErrorCode::unsupported_encoding, dicom_status::kSyntaxNotSupported}}) {
    door.unreadable = [code = code](const UploadedFile&) { return Error{code, "unread"}; };
    const auto one = stowed({instance("1.2.3." + std::to_string(failure))});
    EXPECT_EQ(one[0].failure, failure);
    EXPECT_EQ(stow_status(one), 409);
  }
  EXPECT_THAT(door.taken(), SizeIs(3));
}

TEST_F(Stow, AnotherStudyAndWhatIsNoDicomAreNotKept) {
  const auto other = stowed({instance("1.2.3.4")}, "1.2.4");
  EXPECT_EQ(other[0].failure, dicom_status::kNotOfClass);
  EXPECT_EQ(stow_status(other), 409);
  const std::string noise = "noise";
  const auto none = stowed({Bytes(noise.begin(), noise.end()), Bytes()});
  EXPECT_EQ(stow_status(none), 409);
  // Without UIDs they stand apart.
  EXPECT_THAT(said(none), HasSubstr(R"("0008119A":{"vr":"SQ","Value":[{"00081197")"));
  EXPECT_THAT(said(none), Not(HasSubstr("00081198")));
  EXPECT_THAT(door.taken(), IsEmpty());
  EXPECT_EQ(stow_status(stowed({instance("1.2.3.4")}, "1.2.3")), 200);
}

}  // namespace telavis::test::stow_rs_test
