// SPDX-License-Identifier: Apache-2.0
#include "formats/foreign.h"

#include <gtest/gtest.h>

#include "tests/formats/hostile.h"
#include "tests/shared_samples.h"

namespace telavis::test::foreign_test {

std::string name_of(std::string_view text) {
  const auto format = recognise_foreign(as_bytes(text));
  return format ? std::string(format->name) : "";
}

TEST(Foreign, RecognisesByContent) {
  using namespace std::string_view_literals;
  EXPECT_EQ(name_of("ISHNE1.0xxxx"), "ISHNE");
  EXPECT_EQ(name_of("PK\x03\x04rest"), "ZIP");
  EXPECT_EQ(name_of("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest"), "Office");
  EXPECT_EQ(name_of("GIF89a..."), "GIF");
  EXPECT_EQ(name_of("II*\0...."sv), "TIFF");
  EXPECT_EQ(name_of("0000ftypqt  "), "video");
  EXPECT_EQ(name_of("  <!DOCTYPE html><!-- <svg> --><HTML lang='fr'>"), "HTML");
  EXPECT_EQ(name_of("\xEF\xBB\xBF<?xml version='1.0'?>\n<CardiologyXML>"), "GE CardioSoft XML");
  EXPECT_EQ(name_of("\xFF\xFE<\0C\0a\0r\0d\0i\0o\0l\0o\0g\0y\0X\0M\0L\0>\0"sv),
            "GE CardioSoft XML");
  EXPECT_EQ(name_of("<?xml?><ECG ACQUISITION_TIME=\"2\">"), "Mortara ELI XML");
  EXPECT_EQ(name_of("<?xml?><autre/>"), "XML");
  EXPECT_EQ(name_of("MSH|^~\\&|A"), "HL7 v2");
  EXPECT_EQ(name_of("01380006310\r\n"), "GDT");
  EXPECT_EQ(name_of("0000053\0\0\0"
                    "2020-1-24 07:19:13\0\0\0\0\0\0"sv),
            "Contec ECG");
  EXPECT_EQ(name_of("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0"sv), "BMP");
  EXPECT_EQ(name_of("BM anything else, longer than a header"), "");
  EXPECT_EQ(name_of("Bonjour"), "");
  EXPECT_EQ(name_of(""), "");
  EXPECT_EQ(name_of("<"), "");
  EXPECT_EQ(name_of("<!--"), "");
}

TEST(Foreign, GivesBothLanguages) {
  for (const std::string_view text : {"ISHNE1.0", "PK\x03\x04", "GIF89a", "<html>", "<xml>"}) {
    const auto format = recognise_foreign(as_bytes(text));
    ASSERT_TRUE(format) << text;
    EXPECT_GT(format->fr.size(), 20);
    EXPECT_GT(format->en.size(), 20);
    EXPECT_FALSE(format->name.empty());
  }
}

TEST(Foreign, RecognisesTheSharedContecFile) {
  TELAVIS_NEED_SHARED("samples/contec/ecg-contec/0000053.ECG");
  const auto file = read_file(shared_folder() / "samples/contec/ecg-contec/0000053.ECG");
  ASSERT_TRUE(recognise_foreign(file));
  EXPECT_EQ(recognise_foreign(file)->name, "Contec ECG");
}

TEST(Foreign, SaysItsRefusalInFrenchToo) {
  for (const char* text : {"ISHNE1.0", "<CardiologyXML>", "PK\x03\x04", "<html>", "<note/>",
                           "MSH|^~\\&|A", "GIF89a"}) {
    const auto format = recognise_foreign(as_bytes(text));
    ASSERT_TRUE(format) << text;
    const auto french = french_of_refusal(refusal_of(*format));
    ASSERT_TRUE(french) << text;
    EXPECT_EQ(*french, std::string(format->name) + " : " + std::string(format->fr));
  }
  EXPECT_FALSE(french_of_refusal("The file is empty."));
  EXPECT_FALSE(french_of_refusal("GIF: something else"));
}

}  // namespace telavis::test::foreign_test
