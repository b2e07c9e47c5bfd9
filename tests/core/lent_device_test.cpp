// SPDX-License-Identifier: Apache-2.0
#include "engine/core/lent_device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/core/catalogue.h"

namespace telavis {
namespace {

LentDevice lent() {
  LentDevice device;
  device.id = "ecg-03";
  device.programme = ProgrammeId("rythmologie");
  device.serial = "SN-0042/é";
  device.model = "12 dérivations";
  device.owner = "Association fictive";
  device.holder = UserId("gp-1");
  device.lent_on = "2026-01-05";
  device.due_back_on = "2026-06-30";
  device.consumables = "100 électrodes\npapier : 2 rouleaux";
  return device;
}

TEST(LentDevice, GivesBackWhatItWrote) {
  LentDevice stored = lent();
  for (const bool returned : {false, true}) {
    if (returned) stored.returned_on = "2026-03-01";
    stored.suspended = !returned;
    stored.ae_title = returned ? "" : "CART_1";
    stored.certificate = returned ? std::string() : std::string(64, 'a');
    const auto read = parse_lent_device(lent_device_json(stored));
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(lent_device_json(*read), lent_device_json(stored));
    EXPECT_EQ(read->is_lent(), !returned);
  }
  LentDevice bare;
  bare.id = "x";
  bare.programme = ProgrammeId("p");
  bare.serial = "1";
  const auto read = parse_lent_device(lent_device_json(bare));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_FALSE(read->holder);
  EXPECT_FALSE(read->is_lent());
}

TEST(LentDevice, ContradictionsAreRefused) {
  for (const auto& change : std::vector<std::function<void(LentDevice&)>>{
           [](LentDevice& d) { d.id = "A/B"; }, [](LentDevice& d) { d.serial.clear(); },
           [](LentDevice& d) { d.lent_on = "yesterday"; }, [](LentDevice& d) { d.lent_on.clear(); },
           [](LentDevice& d) { d.holder.reset(); },
           [](LentDevice& d) { d.returned_on = "2026-01-04"; },
           [](LentDevice& d) { d.due_back_on = "2025-12-31"; },
           [](LentDevice& d) { d.ae_title = "SEVENTEEN_LETTERS"; },
           [](LentDevice& d) { d.ae_title = "TWO WORDS"; },
           [](LentDevice& d) { d.ae_title = "A\\B"; },
           [](LentDevice& d) { d.certificate = std::string(64, 'A'); },
           [](LentDevice& d) { d.certificate = "ab"; },
           [](LentDevice& d) {
             d.holder.reset();
             d.lent_on.clear();
           }}) {
    LentDevice device = lent();
    change(device);
    EXPECT_FALSE(check_lent_device(device)) << lent_device_json(device);
    EXPECT_FALSE(parse_lent_device(lent_device_json(device)));
  }
  for (const char* wrong : {"", "[]", "{}", R"({"id":"x","programme":"p"})",
                            R"({"id":"x","programme":"p","serial":"1","colour":"red"})"}) {
    EXPECT_FALSE(parse_lent_device(wrong)) << wrong;
  }
}

TEST(LentDevice, AnExamFromSomebodyElsesDeviceIsRemarked) {
  const auto finding = loan_finding(lent(), UserId("gp-2"));
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->code, "device_lent_to_other");
  EXPECT_EQ(finding->severity, Severity::warning);
  for (const Language language : {Language::french, Language::english}) {
    EXPECT_FALSE(message(language, "finding." + finding->code).empty());
  }
  EXPECT_FALSE(loan_finding(lent(), UserId("gp-1")));
  EXPECT_FALSE(loan_finding(std::nullopt, UserId("gp-2")));
  LentDevice back = lent();
  back.returned_on = "2026-03-01";
  EXPECT_FALSE(loan_finding(back, UserId("gp-2")));
}

TEST(LentDevice, TheSerialIsThatOfTheFile) {
  EcgRecording recording;
  recording.device.serial = "SN-0042";
  EXPECT_EQ(serial_of(Exam(recording)), "SN-0042");
  EXPECT_EQ(serial_of(Exam(SkinPhoto{})), "");
  EXPECT_EQ(serial_of(Exam(PdfDocument{})), "");
}

}  // namespace
}  // namespace telavis
