// SPDX-License-Identifier: Apache-2.0
// Reads the documents back with programs that nobody here wrote: poppler-utils and qpdf.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/jpeg.h"
#include "formats/render.h"
#include "tests/formats/render_fixtures.h"

/// fontconfig keeps its patterns for the life of the process, behind pointers that the leak checker
/// does not see; their number does not grow with the documents drawn.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name that the sanitizer looks for
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig";
}

namespace telavis::render_pdf_test {

using test::add_square;
using test::beating_recording;
using test::flat_lead;
using test::lead_of;
using test::twelve_flat_leads;
using testing::HasSubstr;
using testing::Not;

/// A document in a folder of its own, for other programs to read.
class Printed {
 public:
  explicit Printed(const Result<Bytes>& pdf) {
    EXPECT_TRUE(pdf.has_value()) << (pdf ? "" : pdf.error().text);
    std::string pattern = std::filesystem::temp_directory_path() / "telavis-render-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << pattern;
    folder_ = pattern;
    if (!pdf) return;
    std::ofstream out(folder_ / "a.pdf", std::ios::binary);
    out.write(reinterpret_cast<const char*>(pdf->data()),
              static_cast<std::streamsize>(pdf->size()));
  }
  ~Printed() {
    std::error_code ignored;  // a folder left in /tmp does not make a test fail
    std::filesystem::remove_all(folder_, ignored);
  }
  Printed(const Printed&) = delete;
  Printed& operator=(const Printed&) = delete;

  /// What a program prints about the document, which it sees as a.pdf.
  std::string run(const std::string& command) const {
    const std::string line = "cd '" + folder_.string() + "' && " + command + " 2>&1";
    std::FILE* pipe = popen(line.c_str(), "r");
    if (pipe == nullptr) return "popen failed";
    std::string out;
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      out.append(buffer, n);
    }
    EXPECT_EQ(WEXITSTATUS(pclose(pipe)), 0) << command << "\n" << out;
    return out;
  }
  std::string text(const std::string& options = "") const {
    return run("pdftotext -enc UTF-8 " + options + " a.pdf -");
  }
  Bytes file(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    EXPECT_TRUE(in.good()) << name;
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

 private:
  std::filesystem::path folder_;
};

bool pdf_tools_are_installed() {
  std::FILE* pipe = popen("command -v pdftotext && command -v qpdf", "r");
  if (pipe == nullptr) return false;
  while (std::fgetc(pipe) != EOF) continue;
  return pclose(pipe) == 0;
}

/// Every whole number of a text, in order.
std::vector<int> numbers_in(std::string_view text) {
  std::vector<int> out;
  while (!text.empty()) {
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc{}) out.push_back(value);
    const auto used = static_cast<std::size_t>(read.ptr - text.data());
    text.remove_prefix(std::max<std::size_t>(used, 1));
  }
  return out;
}

/// Grey levels of a page at ten dots a millimetre.
struct Raster {
  int width = 0;
  int height = 0;
  Bytes grey;
  bool dark(int x, int y) const {
    return grey.at(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                   static_cast<std::size_t>(x)) < 100;  // the trace; the grid is above 180
  }
  /// Middle of the first dark run of a column, from `from` to `to`.
  double dark_y(int x, int from, int to) const {
    int first = from;
    while (first < to && !dark(x, first)) ++first;
    int last = first;
    while (last < to && dark(x, last)) ++last;
    return (first + last - 1) / 2.0;
  }
  double dark_x(int y, int from, int to) const {
    int first = from;
    while (first < to && !dark(first, y)) ++first;
    int last = first;
    while (last < to && dark(last, y)) ++last;
    return (first + last - 1) / 2.0;
  }
};

Raster raster_of(const Printed& printed, int page = 1) {
  (void)printed.run(
      fmt::format("pdftoppm -r 254 -gray -singlefile -f {0} -l {0} a.pdf page", page));
  const Bytes pgm = printed.file("page.pgm");
  constexpr std::string_view kAfterHeader = "\n255\n";  // P5, width, height, the deepest level
  const std::size_t header = as_text(pgm).find(kAfterHeader);
  const std::vector<int> sizes = numbers_in(as_text(pgm).substr(0, header));
  if (header == std::string_view::npos || sizes.size() != 3) {
    ADD_FAILURE() << "no PGM";
    return {};
  }
  Raster raster{sizes[1], sizes[2], {}};
  raster.grey.assign(pgm.begin() + static_cast<std::ptrdiff_t>(header + kAfterHeader.size()),
                     pgm.end());
  return raster;
}

#define TELAVIS_NEED_PDF_TOOLS() \
  if (!pdf_tools_are_installed()) GTEST_SKIP() << "skipped: no poppler-utils or no qpdf";

/// The tests below look at row 1, whose baseline and left edge they find on the drawing: the
/// pulse's foot is the leftmost dark dot between the header and the second row.
struct FirstRow {
  int foot_x = 0;
  int baseline_y = 0;
};
FirstRow first_row(const Raster& raster) {
  for (int x = 150; x < 400; ++x) {
    for (int y = 260; y < 620; ++y) {
      if (raster.dark(x, y)) return {x, y + 1};
    }
  }
  ADD_FAILURE() << "no calibration pulse";
  return {};
}

void expect_calibration(const Raster& raster) {
  const FirstRow row = first_row(raster);
  const double baseline = raster.dark_y(row.foot_x + 5, row.baseline_y - 150, row.baseline_y + 20);
  const double top = raster.dark_y(row.foot_x + 35, row.baseline_y - 150, row.baseline_y + 20);
  EXPECT_NEAR(baseline - top, 100, 1) << "1 mV = 10 mm = 100 dots";
  const double rise = raster.dark_x(row.baseline_y - 50, row.foot_x - 5, row.foot_x + 200);
  const double fall =
      raster.dark_x(row.baseline_y - 50, static_cast<int>(rise) + 10, row.foot_x + 200);
  EXPECT_NEAR(fall - rise, 50, 1) << "200 ms = 5 mm = 50 dots";
}

TEST(RenderPdf, TracingIsToScaleOnPaper) {
  TELAVIS_NEED_PDF_TOOLS();
  EcgRecording recording = twelve_flat_leads(10);
  add_square(lead_of(recording, LeadCode::I), 1, 2, 0.5);
  const Printed printed(render_ecg_pdf(recording));
  EXPECT_THAT(printed.run("pdfinfo a.pdf"), HasSubstr("841.89 x 595.276 pts (A4)"));
  const Raster raster = raster_of(printed);
  ASSERT_NEAR(raster.width, 2970, 1) << "poppler rounds up";
  ASSERT_NEAR(raster.height, 2100, 1);
  expect_calibration(raster);

  const int baseline = first_row(raster).baseline_y;
  const double rise = raster.dark_x(baseline - 25, 380, 1000);
  const double fall = raster.dark_x(baseline - 25, static_cast<int>(rise) + 10, 1000);
  EXPECT_NEAR(fall - rise, 250, 1) << "1 s = 25 mm";
  const int middle = static_cast<int>(rise + 100);
  EXPECT_NEAR(raster.dark_y(static_cast<int>(rise) - 50, baseline - 100, baseline + 20) -
                  raster.dark_y(middle, baseline - 100, baseline + 20),
              50, 1);
}

TEST(RenderPdf, TracingSaysWhatItIs) {
  TELAVIS_NEED_PDF_TOOLS();
  EcgRecording recording = beating_recording(12, 500);
  recording.patient = {"1 53 05 97 101 123 45", "EXEMPLE", "Élodie", "1953-05-08"};
  recording.acquired_at.local = "2002-11-22T09:10:00";
  recording.device.model = "Modèle";
  lead_of(recording, LeadCode::III).derived = true;
  const std::string text = Printed(render_ecg_pdf(recording)).text("-layout");
  for (const char* expected :
       {"EXEMPLE Élodie", "né(e) le 08/05/1953", "ID 1 53 05 97 101 123 45", "22/11/2002 09:10:00",
        "Modèle", "25 mm/s", "10 mm/mV", "III*", "* dérivation calculée", "aVR", "V6",
        "extrait, durée totale 12,0 s"}) {
    EXPECT_THAT(text, HasSubstr(expected));
  }
}

TEST(RenderPdf, TracingIsSoundOpaqueAndHasItsFonts) {
  TELAVIS_NEED_PDF_TOOLS();
  const Printed printed(render_ecg_pdf(beating_recording(10, 500)));
  EXPECT_THAT(printed.run("qpdf --check a.pdf"), HasSubstr("No syntax or stream encoding errors"));
  const std::string source = printed.run("qpdf --qdf --object-streams=disable a.pdf - | strings");
  EXPECT_THAT(source, HasSubstr("%PDF-1.4"));
  EXPECT_THAT(source, Not(HasSubstr("/SMask")));
  EXPECT_THAT(source, Not(HasSubstr("/ca 0")));
  EXPECT_THAT(source, Not(HasSubstr("/CA 0")));
  EXPECT_THAT(source, Not(HasSubstr("Date")));
  const std::string fonts = printed.run("pdffonts a.pdf");
  EXPECT_THAT(fonts, HasSubstr("DejaVuSans"));
  EXPECT_THAT(fonts, Not(HasSubstr(" no ")));
}

TEST(RenderPdf, SameContentSameBytes) {
  const EcgRecording recording = beating_recording(10, 500);
  const auto first = render_ecg_pdf(recording);
  ASSERT_TRUE(first.has_value());
  // Another document in between: nothing is carried over.
  ASSERT_TRUE(render_ecg_pdf(twelve_flat_leads(3)).has_value());
  EXPECT_EQ(*first, *render_ecg_pdf(recording));
  EXPECT_LT(first->size(), 200'000U);
}

TEST(RenderPdf, OddSetsOfLeadsHaveTheirPages) {
  TELAVIS_NEED_PDF_TOOLS();
  EcgRecording recording = twelve_flat_leads(10);
  for (std::uint16_t id = 19; id < 32; ++id) {
    recording.leads.push_back(flat_lead(static_cast<LeadCode>(id), 10));
  }
  const Printed printed(render_ecg_pdf(recording));
  EXPECT_THAT(printed.run("pdfinfo a.pdf"), testing::ContainsRegex("Pages: +5"));
  EXPECT_THAT(printed.text("-f 5 -l 5"), HasSubstr("Page 5/5"));
  expect_calibration(raster_of(printed, 2));

  EcgRecording one;
  one.leads.push_back(flat_lead(LeadCode::I, 30, 300));
  EXPECT_THAT(Printed(render_ecg_pdf(one)).run("pdfinfo a.pdf"),
              testing::ContainsRegex("Pages: +1"));
}

TEST(RenderPdf, ExtremeSamplesMakeAReadableDocument) {
  TELAVIS_NEED_PDF_TOOLS();
  EcgRecording recording = twelve_flat_leads(10);
  for (Lead& lead : recording.leads) {
    lead.gain_nv_per_lsb = 1e15;
    for (std::size_t i = 0; i < lead.samples.size(); ++i) {
      lead.samples[i] = i % 2 == 0 ? std::numeric_limits<std::int32_t>::min()
                                   : std::numeric_limits<std::int32_t>::max();
    }
  }
  const Printed printed(render_ecg_pdf(recording));
  (void)printed.run("qpdf --check a.pdf");
  expect_calibration(raster_of(printed));
}

TEST(RenderJpeg, IsToScale) {
  const auto jpeg = render_ecg_jpeg(twelve_flat_leads(10), 254);
  ASSERT_TRUE(jpeg.has_value()) << jpeg.error().text;
  const auto pixels = decode_jpeg(*jpeg, 4000);
  ASSERT_TRUE(pixels.has_value());
  Raster raster{pixels->width, pixels->height, {}};
  for (std::size_t i = 1; i < pixels->rgb.size(); i += 3) raster.grey.push_back(pixels->rgb[i]);
  ASSERT_EQ(raster.width, 2970);
  ASSERT_EQ(raster.height, 2100);
  expect_calibration(raster);
}

TEST(RenderJpeg, RefusesWhatIsTooCoarseOrTooLarge) {
  EXPECT_EQ(render_ecg_jpeg(twelve_flat_leads(1), 71).error().code, ErrorCode::render_failed);
  EXPECT_EQ(render_ecg_jpeg(twelve_flat_leads(1), 301).error().code, ErrorCode::render_failed);
  EcgRecording recording = twelve_flat_leads(1);
  for (std::uint16_t id = 19; id < 32; ++id) {
    recording.leads.push_back(flat_lead(static_cast<LeadCode>(id), 1));
  }
  EXPECT_EQ(render_ecg_jpeg(recording, 300).error().code, ErrorCode::limit_exceeded);
}

/// A photo that no other has: colours by position.
Bytes photo(int width, int height) {
  Pixels pixels{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      pixels.rgb.push_back(static_cast<std::uint8_t>(x * 255 / width));
      pixels.rgb.push_back(static_cast<std::uint8_t>(y * 255 / height));
      pixels.rgb.push_back(90);
    }
  }
  return encode_jpeg(pixels, 85).value_or(Bytes{});
}

TEST(RenderPhoto, TheJpegIsEmbeddedUnchanged) {
  TELAVIS_NEED_PDF_TOOLS();
  const Bytes jpeg = photo(640, 480);
  const Printed printed(render_photo_pdf(jpeg));
  EXPECT_THAT(printed.run("pdfinfo a.pdf"), HasSubstr("841.89 x 595.276 pts (A4)"));
  (void)printed.run("pdfimages -all a.pdf image");
  EXPECT_EQ(printed.file("image-000.jpg"), jpeg);
  EXPECT_THAT(printed.run("qpdf --check a.pdf"), HasSubstr("No syntax"));
  EXPECT_EQ(*render_photo_pdf(jpeg), *render_photo_pdf(jpeg));
}

TEST(RenderPhoto, KeepsTheAspectOnPaper) {
  TELAVIS_NEED_PDF_TOOLS();
  const Printed printed(render_photo_pdf(photo(300, 500)));
  EXPECT_THAT(printed.run("pdfinfo a.pdf"), HasSubstr("595.276 x 841.89 pts (A4)"));
  const std::string list = printed.run("pdfimages -list a.pdf");
  const std::size_t row = list.find("\n   1");
  ASSERT_NE(row, std::string::npos) << list;
  // page num width height components bits object generation x-ppi y-ppi
  const std::vector<int> numbers = numbers_in(std::string_view(list).substr(row));
  ASSERT_GE(numbers.size(), 10U) << list;
  EXPECT_EQ(numbers[2], 300);
  EXPECT_EQ(numbers[3], 500);
  EXPECT_EQ(numbers[8], numbers[9]);
}

/// The file with an EXIF segment that holds an orientation and, behind it, a secret.
Bytes with_exif(const Bytes& jpeg, std::uint8_t orientation) {
  Bytes exif;
  ByteWriter writer(exif);
  writer.u16be(0xFFE1);
  writer.u16be(2 + 6 + 8 + 2 + 12 + 4 + 12);
  writer.text(std::string_view("Exif\0\0II*\0\x08\0\0\0\x01\0", 16));
  writer.u16le(0x0112);  // Orientation, one SHORT
  writer.u16le(3);
  writer.u32le(1);
  writer.u32le(orientation);
  writer.u32le(0);
  writer.text("GPS-16.2412N");
  Bytes out(jpeg.begin(), jpeg.begin() + 2);
  out.insert(out.end(), exif.begin(), exif.end());
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

TEST(RenderPhoto, IsTurnedUprightAndLosesItsMetadata) {
  TELAVIS_NEED_PDF_TOOLS();
  // 640 x 480 turns without loss; 333 x 250 does not stand on whole blocks.
  for (const auto& [width, height] : {std::pair(640, 480), std::pair(333, 250)}) {
    const Printed printed(render_photo_pdf(with_exif(photo(width, height), 6)));
    EXPECT_THAT(printed.run("pdfinfo a.pdf"), HasSubstr("595.276 x 841.89 pts (A4)"));
    (void)printed.run("pdfimages -all a.pdf image");
    const Bytes shown = printed.file("image-000.jpg");
    EXPECT_THAT(std::string(as_text(shown)), Not(HasSubstr("GPS")));
    const auto pixels = decode_jpeg(shown, 2000);
    ASSERT_TRUE(pixels.has_value());
    EXPECT_EQ(pixels->width, height);
    EXPECT_EQ(pixels->height, width);
    // Orientation 6: the left side of the stored picture is up, where there is no red.
    const auto red = [&](int x, int y) { return pixels->rgb.at((y * pixels->width + x) * 3); };
    EXPECT_LT(red(height / 2, 5), 30);
    EXPECT_GT(red(height / 2, width - 6), 225);
    const auto inspected = inspect_jpeg(shown);
    ASSERT_TRUE(inspected.has_value());
    EXPECT_EQ(inspected->orientation, 1);
  }
}

TEST(RenderPhoto, RefusesWhatIsNoPhoto) {
  EXPECT_FALSE(render_photo_pdf({}).has_value());
  EXPECT_FALSE(render_photo_pdf(as_bytes("hello")).has_value());
}

ReportContent short_report() {
  ReportContent content;
  content.title = "Compte rendu de téléexpertise";
  content.subtitle = "Filière d'essai · dossier 42";
  content.sections = {{"Patient", {{"Nom", "EXEMPLE"}, {"Né le", "08/05/1953"}}},
                      {"Avis", {{"", "Réponse sur toute la largeur."}}}};
  content.footer = "Scellé le 22/11/2024";
  return content;
}

TEST(RenderReport, EveryPartIsThereAndEveryPageIsNumbered) {
  TELAVIS_NEED_PDF_TOOLS();
  ReportContent content = short_report();
  content.tracings = {beating_recording(10, 500)};
  content.photos = {photo(640, 480), photo(300, 500), photo(400, 400)};
  const Printed printed(render_report_pdf(content));
  const std::string info = printed.run("pdfinfo a.pdf");
  EXPECT_THAT(info, testing::ContainsRegex("Pages: +4"));
  EXPECT_THAT(info, testing::ContainsRegex("Title: +Compte rendu de téléexpertise"));
  for (int page = 1; page <= 4; ++page) {
    const std::string text = printed.text(fmt::format("-f {0} -l {0}", page));
    EXPECT_THAT(text, HasSubstr(fmt::format("Page {}/4", page)));
    EXPECT_THAT(text, HasSubstr("Scellé le 22/11/2024"));
  }
  const std::string first = printed.text("-layout -f 1 -l 1");
  for (const char* expected : {"Compte rendu de téléexpertise", "Filière d'essai · dossier 42",
                               "Patient", "EXEMPLE", "Réponse sur toute la largeur."}) {
    EXPECT_THAT(first, HasSubstr(expected));
  }
  EXPECT_THAT(printed.run("pdfinfo -f 1 -l 4 a.pdf"),
              testing::ContainsRegex("Page +2 size: +841.89 x 595.276"));
  expect_calibration(raster_of(printed, 2));
  (void)printed.run("pdfimages -all a.pdf image");
  for (std::size_t i = 0; i < content.photos.size(); ++i) {
    EXPECT_EQ(printed.file(fmt::format("image-{:03}.jpg", i)), content.photos[i]);
  }
  EXPECT_THAT(printed.run("qpdf --check a.pdf"), HasSubstr("No syntax"));
}

TEST(RenderReport, LongTextsFlowWithoutLosingAWord) {
  TELAVIS_NEED_PDF_TOOLS();
  ReportContent content = short_report();
  std::string text;
  std::string expected;
  for (int i = 0; i < 6000; ++i) {
    const std::string word = "mot" + std::to_string(i);
    text += word + (i % 500 == 499 ? "\n\n" : " ");
    expected += word + "\n";
  }
  content.sections.push_back({"Texte long", {{"Contexte", text}}});
  const Printed printed(render_report_pdf(content));
  std::string found =
      printed.run("pdftotext -enc UTF-8 -nopgbrk a.pdf - | tr -s ' \\n' '\\n' | grep '^mot'");
  EXPECT_EQ(found, expected);
}

TEST(RenderReport, NothingIsDrawnInTheMargins) {
  TELAVIS_NEED_PDF_TOOLS();
  ReportContent content = short_report();
  content.title = content.subtitle = content.footer = std::string(600, 'W');
  content.sections = {{std::string(300, 'M'), {{std::string(300, 'm'), std::string(3000, 'W')}}}};
  const Printed printed(render_report_pdf(content));
  const Raster raster = raster_of(printed);
  for (int y = 0; y < raster.height; ++y) {
    for (int x = 0; x < 190; ++x) {
      ASSERT_FALSE(raster.dark(x, y)) << x << " " << y;
      ASSERT_FALSE(raster.dark(raster.width - 1 - x, y)) << x << " " << y;
    }
  }
}

TEST(RenderReport, SameContentSameBytes) {
  ReportContent content = short_report();
  content.tracings = {beating_recording(10, 500)};
  content.photos = {photo(64, 48)};
  const auto first = render_report_pdf(content);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(*first, *render_report_pdf(content));
  content.footer += ".";
  EXPECT_NE(*first, *render_report_pdf(content));
}

TEST(RenderReport, HostileTextsMakeAReadableDocument) {
  TELAVIS_NEED_PDF_TOOLS();
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  std::string marks = "a";
  for (int i = 0; i < 5000; ++i) marks += "\xCC\x81";
  std::string mixed;
  for (int i = 0; i < 300; ++i)
    mixed += "שלום مرحبا 😀👨‍👩‍👧 日本語 fin. ";
  for (const std::string& text :
       {every_byte, marks, mixed, std::string(500, '\n'), std::string(5000, ' '),
        std::string("\xE2\x80\xAE\xE2\x81\xA6\0x", 8)}) {
    ReportContent content = short_report();
    content.subtitle = content.footer = text;
    content.sections.push_back({text, {{text, text}, {"", text}}});
    content.tracings = {twelve_flat_leads(1)};
    content.tracings[0].patient = {text, text, text, text};
    content.tracings[0].device = {text, text, text};
    content.tracings[0].acquired_at.local = text;
    const Printed printed(render_report_pdf(content));
    EXPECT_THAT(printed.run("qpdf --check a.pdf"), HasSubstr("No syntax"));
    EXPECT_THAT(printed.text(), HasSubstr("EXEMPLE"));
  }
}

TEST(RenderReport, AVeryLongWordIsBrokenAndWhole) {
  TELAVIS_NEED_PDF_TOOLS();
  ReportContent content = short_report();
  content.sections = {{"", {{"", std::string(100'000, 'Q')}}}};
  const std::string text = Printed(render_report_pdf(content)).text();
  EXPECT_EQ(std::count(text.begin(), text.end(), 'Q'), 100'000);
}

TEST(RenderReport, RefusesWhatIsTooLong) {
  const auto code_of = [](const ReportContent& content) {
    const auto pdf = render_report_pdf(content);
    return pdf ? "drawn" : std::string(error_name(pdf.error().code));
  };
  ReportContent content = short_report();
  content.sections = {{"", {{"", std::string(20'000, '\n')}}}};
  EXPECT_EQ(code_of(content), "render_failed") << "pages";
  content.sections = {{"", {{"", std::string((1 << 20) + 1, 'a')}}}};
  EXPECT_EQ(code_of(content), "render_failed") << "text";
  content = short_report();
  content.photos = {Bytes((std::size_t{64} << 20) + 1)};
  EXPECT_EQ(code_of(content), "render_failed") << "photos";
  content.photos = {Bytes(100)};
  EXPECT_NE(code_of(content), "drawn") << "not a photo";
  content = short_report();
  content.tracings = {EcgRecording{}};
  EXPECT_EQ(code_of(content), "render_failed") << "a tracing without samples";
}

TEST(RenderReport, AnEmptyReportIsAPage) {
  TELAVIS_NEED_PDF_TOOLS();
  EXPECT_THAT(Printed(render_report_pdf({})).run("pdfinfo a.pdf"),
              testing::ContainsRegex("Pages: +1"));
}

}  // namespace telavis::render_pdf_test
