// SPDX-License-Identifier: Apache-2.0
#include "formats/pdfa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lcms2.h>

#include <cmath>
#include <string>

#include "formats/jpeg.h"
#include "formats/render.h"
#include "formats/srgb_profile.h"
#include "tests/formats/pdf_reader.h"
#include "tests/formats/render_fixtures.h"

namespace telavis::pdfa_test {

using test::beating_recording;
using test::info_text;
using test::pdfa_faults;
using test::xmp_text;
using testing::IsEmpty;

Bytes drawn(const Result<Bytes>& pdf) {
  EXPECT_TRUE(pdf.has_value()) << (pdf ? "" : pdf.error().text);
  return pdf.value_or(Bytes{});
}

Bytes photo() {
  Pixels pixels{64, 48, {}};
  for (int i = 0; i < 64 * 48 * 3; ++i) pixels.rgb.push_back(static_cast<std::uint8_t>(i));
  return encode_jpeg(pixels, 85).value_or(Bytes{});
}

TEST(PdfA, TracingsFollowTheStandardInEveryLayout) {
  EcgRecording recording = beating_recording(12, 500);
  recording.patient = {"1 53", "EXEMPLE Ωλ שלום 日本 😀", "Élodie", "1953-05-08"};
  recording.leads[3].derived = true;
  for (const EcgLayout layout : {EcgLayout::automatic, EcgLayout::three_by_four_rhythm,
                                 EcgLayout::six_by_two, EcgLayout::twelve_by_one}) {
    EXPECT_THAT(pdfa_faults(drawn(render_ecg_pdf(recording, {}, layout))), IsEmpty());
  }
}

TEST(PdfA, PhotosAndReportsFollowTheStandard) {
  EXPECT_THAT(pdfa_faults(drawn(render_photo_pdf(photo()))), IsEmpty());
  ReportContent content;
  content.title = "Compte rendu <de> téléexpertise & suite Ω";
  content.sections = {{"Avis", {{"", "ﬁn – « texte » αβγ שלום 日本"}}}};
  content.tracings = {beating_recording(10, 250)};
  content.photos = {photo()};
  content.footer = "Scellé";
  EXPECT_THAT(pdfa_faults(drawn(render_report_pdf(content))), IsEmpty());
}

TEST(PdfA, MetadataSayWhatTheInfoDictionarySays) {
  ReportContent content;
  content.title = "Compte rendu <de> téléexpertise & suite Ω";
  const Bytes pdf = drawn(render_report_pdf(content));
  EXPECT_EQ(info_text(pdf, "/Title"), content.title);
  EXPECT_EQ(xmp_text(pdf, "dc:title"), "Compte rendu &lt;de&gt; téléexpertise &amp; suite Ω");
  EXPECT_EQ(info_text(pdf, "/Creator"), "Telavis");
  EXPECT_EQ(xmp_text(pdf, "xmp:CreatorTool"), "Telavis");
  EXPECT_NE(info_text(pdf, "/Producer"), "");
  EXPECT_EQ(xmp_text(pdf, "pdf:Producer"), info_text(pdf, "/Producer"));
  for (const char* date : {"/CreationDate", "/ModDate"}) EXPECT_EQ(info_text(pdf, date), "");
  EXPECT_EQ(xmp_text(pdf, "xmp:CreateDate"), "");
  // Without a title there is none in either place.
  const Bytes untitled = drawn(render_ecg_pdf(beating_recording(1, 250)));
  EXPECT_EQ(info_text(untitled, "/Title"), "");
  EXPECT_EQ(xmp_text(untitled, "dc:title"), "");
}

/// A page of `content` with the given resources, and what else the catalogue and the trailer hold.
Bytes handmade(const std::string& resources, const std::string& content = "q Q",
               const std::string& catalogue = "", const std::string& more_objects = "") {
  std::string out = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
  std::vector<std::size_t> offsets;
  const auto object = [&](const std::string& body) {
    offsets.push_back(out.size());
    out += std::to_string(offsets.size()) + " 0 obj\n" + body + "\nendobj\n";
  };
  object("<< /Type /Catalog /Pages 2 0 R " + catalogue + " >>");
  object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
  object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << " +
         resources + " >> /Group << /S /Transparency /CS /DeviceRGB >> >>");
  object("<< /Length " + std::to_string(content.size()) + " >>\nstream\n" + content +
         "\nendstream");
  object(more_objects.empty() ? "null" : more_objects);
  const std::size_t table = out.size();
  out += "xref\n0 " + std::to_string(offsets.size() + 1) + "\n0000000000 65535 f \n";
  for (const std::size_t offset : offsets) {
    const std::string digits = std::to_string(offset);
    out += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  }
  out += "trailer\n<< /Size " + std::to_string(offsets.size() + 1) +
         " /Root 1 0 R >>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
  return {out.begin(), out.end()};
}

const std::string kImage =
    "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /Length 3 "
    "/ColorSpace ";
const std::string kPixel = " >>\nstream\nabc\nendstream";

TEST(PdfA, MendsWhatChangesNothingThatIsShown) {
  const Bytes pdf = drawn(to_pdfa_1b(
      handmade("/XObject << /i 5 0 R >> /ExtGState << /a << /CA 1 /ca 1 /BM /Normal >> >>", "/i Do",
               "", kImage + "/DeviceRGB /Interpolate true" + kPixel)));
  EXPECT_THAT(pdfa_faults(pdf), IsEmpty());
  EXPECT_EQ(info_text(pdf, "/Producer"), "");
}

TEST(PdfA, RefusesWhatCannotBeMended) {
  const auto text_of = [](const Bytes& pdf) -> std::string {
    const auto made = to_pdfa_1b(pdf);
    if (made) return "made";
    EXPECT_EQ(made.error().code, ErrorCode::render_failed);
    return made.error().text;
  };
  using testing::HasSubstr;
  EXPECT_EQ(text_of(handmade("")), "made");
  EXPECT_THAT(text_of(handmade("/ExtGState << /a << /ca 0.5 >> >>")), HasSubstr("opaque"));
  EXPECT_THAT(text_of(handmade("/ExtGState << /a << /CA 0 >> >>")), HasSubstr("opaque"));
  EXPECT_THAT(text_of(handmade("/ExtGState << /a << /BM /Multiply >> >>")), HasSubstr("blends"));
  EXPECT_THAT(text_of(handmade("/ExtGState << /a << /BM [/Screen] >> >>")), HasSubstr("blends"));
  EXPECT_THAT(text_of(handmade("/ExtGState << /a << /SMask << /S /Alpha >> >> >>")),
              HasSubstr("soft mask"));
  EXPECT_THAT(text_of(handmade("/ExtGState << /a << /TR /Identity >> >>")),
              HasSubstr("transfer function"));
  EXPECT_THAT(text_of(handmade("/ColorSpace << /c [/Indexed /DeviceCMYK 0 (abcd)] >>")),
              HasSubstr("CMYK"));
  EXPECT_THAT(text_of(handmade("/XObject << /i 5 0 R >>", "", "", kImage + "/DeviceCMYK" + kPixel)),
              HasSubstr("CMYK"));
  EXPECT_THAT(text_of(handmade("/XObject << /i 5 0 R >>", "", "",
                               kImage + "/DeviceRGB /SMask 5 0 R" + kPixel)),
              HasSubstr("soft mask"));
  const std::string font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
  EXPECT_THAT(text_of(handmade("/Font << /f 5 0 R >>", "", "", font)), HasSubstr("not embedded"));
  EXPECT_THAT(text_of(handmade("/Font << /f " + font + " >>")), HasSubstr("not embedded"));
  EXPECT_THAT(text_of(handmade("", "", "/OpenAction << /S /JavaScript /JS (x) >>")),
              HasSubstr("actions"));
  EXPECT_THAT(text_of(handmade("", "", "/Names << /EmbeddedFiles << >> >>")),
              HasSubstr("attachments"));
  EXPECT_THAT(text_of(handmade("", "", "", "<< /S /JavaScript /JS (x) >>")), HasSubstr("script"));
  EXPECT_THAT(text_of({}), HasSubstr("damaged"));
  EXPECT_THAT(text_of(Bytes(1000, 'a')), HasSubstr("damaged"));
}

TEST(PdfA, DamagedBytesAreRefusedOrMade) {
  const Bytes whole = handmade("/ExtGState << /a << /CA 1 >> >>");
  for (std::size_t size = 0; size < whole.size(); size += 3) {
    (void)to_pdfa_1b(ByteView(whole).first(size));
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] ^= 0x15;
    (void)to_pdfa_1b(damaged);
  }
}

TEST(SrgbProfile, GivesTheColoursOfAnIndependentSrgb) {
  const Bytes profile = srgb_profile();
  EXPECT_EQ(profile, srgb_profile());
  cmsHPROFILE ours =
      cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size()));
  ASSERT_NE(ours, nullptr);
  EXPECT_NEAR(cmsGetProfileVersion(ours), 2.1, 1e-6);
  EXPECT_EQ(cmsGetDeviceClass(ours), cmsSigDisplayClass);
  cmsHPROFILE theirs = cmsCreate_sRGBProfile();
  cmsHPROFILE lab = cmsCreateLab4Profile(nullptr);
  const auto transform = [&](cmsHPROFILE from) {
    return cmsCreateTransform(from, TYPE_RGB_8, lab, TYPE_Lab_DBL, INTENT_RELATIVE_COLORIMETRIC,
                              cmsFLAGS_NOOPTIMIZE);
  };
  cmsHTRANSFORM by_ours = transform(ours);
  cmsHTRANSFORM by_theirs = transform(theirs);
  ASSERT_NE(by_ours, nullptr);
  for (int red = 0; red < 256; red += 15) {
    for (int green = 0; green < 256; green += 15) {
      for (int blue = 0; blue < 256; blue += 15) {
        const std::array<std::uint8_t, 3> rgb = {static_cast<std::uint8_t>(red),
                                                 static_cast<std::uint8_t>(green),
                                                 static_cast<std::uint8_t>(blue)};
        cmsCIELab a{};
        cmsCIELab b{};
        cmsDoTransform(by_ours, rgb.data(), &a, 1);
        cmsDoTransform(by_theirs, rgb.data(), &b, 1);
        ASSERT_LT(cmsDeltaE(&a, &b), 0.1) << red << " " << green << " " << blue;
      }
    }
  }
  for (cmsHTRANSFORM made : {by_ours, by_theirs}) cmsDeleteTransform(made);
  for (cmsHPROFILE made : {ours, theirs, lab}) cmsCloseProfile(made);
}

}  // namespace telavis::pdfa_test
