// SPDX-License-Identifier: Apache-2.0
#include "formats/pdf.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/formats/pdf_variants.h"
#include "tests/formats/picture_checks.h"
#include "tests/shared_samples.h"

namespace telavis::test::pdf_test {

bool has_finding_in(const PdfDocument& document, std::string_view code) {
  return std::ranges::any_of(document.findings,
                             [&](const Finding& finding) { return finding.code == code; });
}

TEST(InspectPdf, TellsVersionAndPages) {
  for (const int pages : {1, 3, 200}) {
    const auto document = inspect_pdf(make_pdf({.pages = pages}));
    ASSERT_TRUE(document) << document.error().text;
    EXPECT_EQ(document->format, "PDF");
    EXPECT_EQ(document->version, "1.4");
    EXPECT_EQ(document->pages, pages);
    EXPECT_TRUE(document->findings.empty());
  }
  EXPECT_EQ(inspect_pdf(make_pdf({.catalog = "/Version /1.7"}))->version, "1.7");
  EXPECT_EQ(inspect_pdf(make_pdf({.catalog = "/Version /PLANTED"}))->version, "");
}

TEST(InspectPdf, LetsAPlainDocumentPass) {
  // A jump inside the document, an outline, a link and a form field are no harm.
  const auto document = inspect_pdf(make_pdf(
      {.catalog = "/OpenAction [3 0 R /Fit] /Outlines << /First 7 0 R /Last 7 0 R /Count 1 >>",
       .page = "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI "
               "(https://example.test) >> >> << /Subtype /Link /A << /S /GoTo /D [3 0 R /Fit] >> "
               ">>]",
       .objects = {"<< /Title (Tracing) /Parent 1 0 R /Dest [3 0 R /Fit] >>"}}));
  ASSERT_TRUE(document) << document.error().text;
  EXPECT_TRUE(has_finding_in(*document, "pdf_has_links"));
}

struct Active {
  const char* name;
  PdfVariant variant;
};

TEST(InspectPdf, RefusesWhatActsWhereverItHides) {
  const std::string js = "<< /S /JavaScript /JS (app.alert) >>";
  const std::vector<Active> cases = {
      {"open action", {.catalog = "/OpenAction " + js}},
      {"open action by reference", {.catalog = "/OpenAction 7 0 R", .objects = {js}}},
      {"names", {.catalog = "/Names << /JavaScript << /Names [(a) " + js + "] >> >>"}},
      {"names by reference", {.catalog = "/Names << /JavaScript 7 0 R >>", .objects = {"<< >>"}}},
      {"catalogue AA", {.catalog = "/AA << /WC " + js + " >>"}},
      {"page AA", {.page = "/AA << /O " + js + " >>"}},
      {"field AA", {.catalog = "/AcroForm << /Fields [<< /T (a) /AA << /K " + js + " >> >>] >>"}},
      {"annotation", {.page = "/Annots [<< /Subtype /Widget /A " + js + " >>]"}},
      {"next action", {.page = "/Annots [<< /A << /S /GoTo /Next [" + js + "] >> >>]"}},
      {"unused object", {.objects = {js}}},
      {"escaped name", {.catalog = "/OpenAction << /S /Java#53cript /J#53 (a) >>"}},
      {"type by reference",
       {.catalog = "/OpenAction << /S 7 0 R /N (a) >>", .objects = {"/Launch"}}},
      {"script in a stream",
       {.objects = {"<< /JS 8 0 R >>", "<< /Length 3 >>\nstream\n1+1\nendstream"}}},
      {"Launch", {.catalog = "/OpenAction << /S /Launch /F (cmd.exe) >>"}},
      {"SubmitForm", {.page = "/Annots [<< /A << /S /SubmitForm /F (http://a.test) >> >>]"}},
      {"ImportData", {.page = "/Annots [<< /A << /S /ImportData /F (a.fdf) >> >>]"}},
      {"GoToR", {.page = "/Annots [<< /A << /S /GoToR /F (//a.test/b.pdf) >> >>]"}},
      {"GoToE", {.page = "/Annots [<< /A << /S /GoToE >> >>]"}},
      {"Rendition", {.page = "/Annots [<< /A << /S /Rendition >> >>]"}},
      {"RichMedia", {.page = "/Annots [<< /Subtype /RichMedia >>]"}},
      {"Screen", {.page = "/Annots [<< /Subtype /Screen >>]"}},
      {"3D", {.page = "/Annots [<< /Subtype /3D >>]"}},
      {"FileAttachment", {.page = "/Annots [<< /Subtype /FileAttachment >>]"}},
      {"EmbeddedFiles", {.catalog = "/Names << /EmbeddedFiles << /Names [] >> >>"}},
      {"file specification", {.objects = {"<< /Type /Filespec /F (a.exe) /EF << /F 8 0 R >> >>"}}},
      {"embedded file",
       {.objects = {"<< /Type /EmbeddedFile /Length 2 >>\nstream\nMZ\nendstream"}}},
      {"external stream", {.objects = {"<< /F (//a.test/b) /Length 0 >>\nstream\n\nendstream"}}},
      {"XFA", {.catalog = "/AcroForm << /XFA [(template) 7 0 R] >>"}}};
  for (const Active& test : cases) {
    const auto document = inspect_pdf(make_pdf(test.variant));
    EXPECT_EQ(code_of(document), ErrorCode::unsupported_format) << test.name;
    if (!document) {
      EXPECT_NE(document.error().text.find("new PDF"), std::string::npos) << test.name;
    }
  }
}

TEST(InspectPdf, LooksIntoObjectStreams) {
  const auto plain = inspect_pdf(make_packed_pdf("<< /Title (a) >>"));
  ASSERT_TRUE(plain) << plain.error().text;
  EXPECT_EQ(plain->version, "1.5");
  EXPECT_TRUE(plain->findings.empty());
  EXPECT_EQ(code_of(inspect_pdf(make_packed_pdf("<< /S /JavaScript /JS (a) >>"))),
            ErrorCode::unsupported_format);
}

TEST(InspectPdf, RefusesEncryption) {
  const std::vector<std::string> dictionaries = {
      // The standard handler (which needs no password to open), an unknown one, a broken one
      "<< /Filter /Standard /V 1 /R 2 /P -4 /O (" + std::string(32, 'o') + ") /U (" +
          std::string(32, 'u') + ") >>",
      "<< /Filter /Acme.Lock /V 5 >>", "<< >>"};
  for (const std::string& encrypt : dictionaries) {
    const Bytes pdf = make_pdf({.objects = {encrypt}, .trailer = "/Encrypt 7 0 R /ID [(a) (a)]"});
    EXPECT_FALSE(inspect_pdf(pdf)) << encrypt;
  }
  if (!installed("qpdf")) GTEST_SKIP() << "skipped: qpdf is not installed";
  const std::string folder = testing::TempDir();
  write_file(folder + "/telavis_plain.pdf", make_pdf({}));
  for (const char* options :
       {"'' owner 256 --", "'' owner 128 --use-aes=y --", "user owner 256 --", "'' '' 40 --"}) {
    const std::string out = folder + "/telavis_locked.pdf";
    output_of(fmt::format("qpdf --allow-weak-crypto --encrypt {} {}/telavis_plain.pdf {}", options,
                          folder, out));
    const auto document = inspect_pdf(read_file(out));
    ASSERT_FALSE(document) << options;
    EXPECT_EQ(document.error().code, ErrorCode::unsupported_format) << options;
    EXPECT_NE(document.error().text.find("protect"), std::string::npos) << document.error().text;
  }
}

TEST(InspectPdf, BoundsPagesObjectsAndWhatUnpacks) {
  EXPECT_EQ(code_of(inspect_pdf(make_pdf({.pages = 201}))), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(inspect_pdf(make_pdf({.pages = 0}))), ErrorCode::malformed_file);
  std::string many = "%PDF-1.4\n";
  for (int i = 1; i <= 200'001; ++i) many += fmt::format("{} 0 obj 1 endobj\n", i);
  EXPECT_EQ(code_of(inspect_pdf(as_bytes(many))), ErrorCode::limit_exceeded);
  // An object stream and a cross-reference stream that unpack to too much
  EXPECT_EQ(code_of(inspect_pdf(make_packed_pdf(std::string(17 << 20, ' ') + "<< >>"))),
            ErrorCode::limit_exceeded);
  const std::string bomb = flate_bomb(64 << 20);
  for (const char* type : {"/Type /ObjStm /N 1 /First 4", "/N 1 /First 4", "/Type /XRef /Size 9",
                           "/Type /Obj#53tm /N 1 /First 4"}) {
    const auto document = inspect_pdf(make_pdf(
        {.objects = {fmt::format("<< {} /Filter /FlateDecode /Length {} >>\nstream\n{}\nendstream",
                                 type, bomb.size(), bomb)}}));
    EXPECT_EQ(code_of(document), ErrorCode::limit_exceeded) << type;
  }
  // The same bytes as the content of a page are never unpacked.
  const auto content = inspect_pdf(make_pdf(
      {.objects = {fmt::format("<< /Filter /FlateDecode /Length {} >>\nstream\n{}\nendstream",
                               bomb.size(), bomb)}}));
  EXPECT_TRUE(content) << content.error().text;
  const auto twice = inspect_pdf(make_pdf(
      {.objects = {"<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length 3 "
                   ">>\nstream\nabc\nendstream"}}));
  EXPECT_EQ(code_of(twice), ErrorCode::unsupported_format);
  // Deep nesting
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  static_cast<void>(inspect_pdf(make_pdf({.objects = {deep}})));
}

TEST(InspectPdf, RefusesPagesThatPointAtEachOther) {
  // Each node of the tree holds the next one twice: 2^40 pages if it were followed blindly.
  std::vector<std::string> nodes;
  nodes.reserve(41);
  for (int i = 0; i < 40; ++i) {
    nodes.push_back(fmt::format("<< /Type /Pages /Count 2 /Kids [{0} 0 R {0} 0 R] >>", 8 + i));
  }
  nodes.emplace_back("<< /Type /Page /MediaBox [0 0 9 9] >>");
  EXPECT_FALSE(inspect_pdf(make_pdf({.catalog = "/Pages 7 0 R", .objects = nodes})));
}

TEST(InspectPdf, ReadsADamagedFileWithARemark) {
  Bytes pdf = make_pdf({});
  const std::string text(as_text(pdf));
  const std::size_t xref = text.rfind("startxref");
  Bytes cut(pdf.begin(), pdf.begin() + static_cast<std::ptrdiff_t>(xref));
  const auto repaired = inspect_pdf(cut);
  ASSERT_TRUE(repaired) << repaired.error().text;
  EXPECT_TRUE(has_finding_in(*repaired, "pdf_repaired"));
  EXPECT_EQ(code_of(inspect_pdf(as_bytes("%PDF-1.4\nnothing follows"))), ErrorCode::malformed_file);
  EXPECT_EQ(code_of(inspect_pdf({})), ErrorCode::empty_file);
}

TEST(InspectPdf, NoCutAndNoDamagedByteCrashes) {
  for (const Bytes& pdf : {make_pdf({}), make_packed_pdf("<< /Title (a) >>")}) {
    for (std::size_t i = 0; i < pdf.size(); ++i) {
      static_cast<void>(inspect_pdf(ByteView(pdf).first(i)));
      Bytes file = pdf;
      file[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      const auto document = inspect_pdf(file);
      if (!document) {
        EXPECT_FALSE(document.error().text.empty());
      }
    }
  }
}

TEST(LooksLikePdf, WithinTheFirstKilobyte) {
  EXPECT_TRUE(looks_like_pdf(make_pdf({})));
  EXPECT_TRUE(looks_like_pdf(as_bytes(std::string(1019, ' ') + "%PDF-1.4")));
  EXPECT_FALSE(looks_like_pdf(as_bytes(std::string(1020, ' ') + "%PDF-1.4")));
  EXPECT_FALSE(looks_like_pdf({}));
}

TEST(SharedPdf, IsRead) {
  TELAVIS_NEED_SHARED("samples/pdf/orthanc-tests/HelloWorld.pdf");
  const auto document =
      inspect_pdf(read_file(shared_folder() / "samples/pdf/orthanc-tests/HelloWorld.pdf"));
  ASSERT_TRUE(document) << document.error().text;
  EXPECT_EQ(document->pages, 1);
}

}  // namespace telavis::test::pdf_test
