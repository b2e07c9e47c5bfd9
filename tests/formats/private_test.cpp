// SPDX-License-Identifier: Apache-2.0
// What a tracing's file says beyond the recording, its patient and its device goes no further than
// the sealed original: a mark stands in every place where such a thing may stand, and every form
// that leaves is searched for it. (Photos: see the tests of each picture format.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fixtures/synthetic_ecg.h"
#include "formats/aecg.h"
#include "formats/dicom.h"
#include "formats/exam.h"
#include "formats/exam_record.h"
#include "formats/inspect.h"
#include "formats/normalise.h"
#include "formats/render.h"
#include "formats/scp_ecg.h"
#include "tests/formats/dicom_objects.h"
#include "tests/formats/edf_builder.h"
#include "tests/formats/mfer_builder.h"
#include "tests/formats/scp_builder.h"
#include "tests/formats/wfdb_builder.h"
#include "tests/formats/xml_builder.h"

namespace telavis::test::private_test {

constexpr std::string_view kMark = "ZZPRIVATE";

bool marked(ByteView bytes) {
  return as_text(bytes).find(kMark) != std::string_view::npos;
}

DicomContext context() {
  DicomContext context;
  context.study_uid = context.series_uid = context.instance_uid = "2.25.1";
  return context;
}

template <typename T>
void expect_unmarked(const Result<T>& written, const char* what) {
  if (!written) return;  // too short or too odd for this form
  EXPECT_FALSE(
      marked(ByteView(reinterpret_cast<const std::uint8_t*>(written->data()), written->size())))
      << what;
}

void expect_nothing_leaves(const Bytes& file, const char* what) {
  SCOPED_TRACE(what);
  ASSERT_TRUE(marked(file));
  auto exam = normalise_exam(file);
  ASSERT_TRUE(exam) << exam.error().text;
  check_exam(*exam, {});
  EXPECT_FALSE(marked(as_bytes(inspect_json(exam->exam))));
  EXPECT_FALSE(marked(pack_exam(exam->exam)));
  EcgRecording recording = std::get<EcgRecording>(exam->exam);
  if (recording.acquired_at.local.empty()) recording.acquired_at.local = "2026-01-15T09:30:00";
  expect_unmarked(encode_scp_ecg(recording), "SCP-ECG 2");
  expect_unmarked(encode_scp_ecg(recording, ScpVersion::v3), "SCP-ECG 3");
  expect_unmarked(encode_aecg(recording), "aECG");
  expect_unmarked(write_dicom_ecg(recording, context()), "DICOM");
  expect_unmarked(render_ecg_svg(recording), "SVG");
  std::string csv;
  EXPECT_TRUE(write_samples_csv(recording, [&](std::string_view piece) {
    csv += piece;
    return true;
  }));
  EXPECT_FALSE(marked(as_bytes(csv)));
}

TEST(Private, ScpTagsBeyondIdentityAndDevice) {
  ScpBuilder builder = small_scp();
  builder.tags.clear();
  const std::set<unsigned> carried = {0, 1, 2, 5, 8, 14, 25, 26, 34};
  for (unsigned id = 0; id < 255; ++id) {
    if (!carried.contains(id)) builder.tag(id, std::string(kMark) + std::to_string(id));
  }
  builder.tag(25, Bytes{0xEA, 0x07, 1, 15});
  builder.tag(26, Bytes{9, 30, 5});
  builder.end_tags();
  builder.pointers = 13;
  builder.sections[9] = bytes_of(std::string(kMark) + " manufacturer's section");
  builder.sections[12] = bytes_of(std::string(kMark) + " a section of version 3");
  expect_nothing_leaves(builder.build(), "SCP-ECG");
}

// Behind every start tag an element, a comment and an instruction; in the first one an attribute.
std::string with_marks(const std::string& xml, bool inside_elements_only) {
  std::string out;
  const std::string mark(kMark);
  bool first = true;
  for (std::size_t i = 0; i < xml.size(); ++i) {
    const bool start_tag = xml[i] == '<' && i + 1 < xml.size() && xml[i + 1] != '/' &&
                           xml[i + 1] != '?' && xml[i + 1] != '!';
    if (!start_tag) {
      out += xml[i];
      continue;
    }
    const std::size_t end = xml.find('>', i);
    const bool closed = xml[end - 1] == '/';
    const bool leaf = closed || xml.compare(xml.find('<', end), 2, "</") == 0;
    out += xml.substr(i, end - i - (closed ? 1 : 0));
    if (first) out += " remark=\"" + mark + "\"";
    out += closed ? "/>" : ">";
    if (!closed && !(leaf && inside_elements_only)) {
      out += "<!-- " + mark + " --><?note " + mark + "?><physician tel=\"" + mark + "\">" + mark +
             "</physician>";
    }
    first = false;
    i = end;
  }
  return out;
}

TEST(Private, ElementsThatNoReaderAsksFor) {
  expect_nothing_leaves(xml_bytes(with_marks(small_aecg(), true)), "aECG");
  expect_nothing_leaves(xml_bytes(with_marks(small_muse(), true)), "MUSE");
  expect_nothing_leaves(xml_bytes(with_marks(small_sierra(), true)), "Sierra");
}

TEST(Private, PlacesOfMuseAndSierraForOtherPeople) {
  const std::string mark(kMark);
  std::string people;
  for (const char* name :
       {"OrderingMDLastName", "OrderingMDFirstName", "OverreaderLastName", "OverreaderID",
        "AcquisitionTechLastName", "LocationName", "RoomID", "Bed", "HISAccountNum", "SiteName",
        "ReferringMDLastName", "AdmitDiagnosis", "SecondaryID"}) {
    people += std::string("<") + name + ">" + mark + "</" + name + ">";
  }
  expect_nothing_leaves(
      xml_bytes(muse_file("<TestDemographics>" + people + "</TestDemographics><Order>" + people +
                          "</Order>" + muse_waveform("Rhythm", {{"I"}, {"V1", {5, 6, 7}}}))),
      "MUSE");
}

TEST(Private, DicomPrivateElementsAndOtherPeople) {
  auto parameters = fixtures::demo_ecg_parameters();
  const auto plain = write_dicom_ecg(fixtures::synthetic_ecg(parameters), context());
  ASSERT_TRUE(plain) << plain.error().text;
  const std::string mark(kMark);
  ObjectBuilder extra;
  for (const std::uint32_t tag :
       {0x00080080U, 0x00080081U, 0x00080090U, 0x00080092U, 0x00080094U, 0x00081010U, 0x00081030U,
        0x0008103EU, 0x00081048U, 0x00081050U, 0x00081060U, 0x00081070U, 0x00090010U, 0x00091001U,
        0x00101000U, 0x00101001U, 0x00101005U, 0x00101040U, 0x00102154U, 0x00102160U, 0x00102180U,
        0x001021B0U, 0x00104000U, 0x00380300U, 0x00400253U, 0x00400275U}) {
    extra.text(tag, "LO", mark);
  }
  // The meta information has its length in the first element behind the preamble.
  const std::size_t meta = 128 + 4 + 12;
  const std::size_t length = (*plain)[meta - 4] + (*plain)[meta - 3] * 256U;
  Bytes file(plain->begin(), plain->begin() + static_cast<std::ptrdiff_t>(meta + length));
  append_all(file, extra.bytes());
  file.insert(file.end(), plain->begin() + static_cast<std::ptrdiff_t>(meta + length),
              plain->end());
  ObjectBuilder last;
  last.text(0x7FE10010, "LO", mark).raw(0x7FE11001, "OB", bytes_of(mark + mark));
  append_all(file, last.bytes());
  expect_nothing_leaves(file, "DICOM");
}

TEST(Private, CommentsOfBinaryFormats) {
  const std::string mark(kMark);
  EdfFile edf = small_edf();
  edf.recording = "Startdate 02-MAR-2002 " + mark + " " + mark + " SYNTH_1";
  expect_nothing_leaves(edf.build(), "EDF");

  MferBuilder mfer = small_mfer();
  for (const int id : {0x86, 0x88}) mfer.tag(id, mark);
  mfer.wave(mfer.samples({1, 2, 3, 4, 5, 6}));
  expect_nothing_leaves(mfer.build(), "MFER");

  const std::vector<int> samples = {1, 2, 3, 4};
  const std::string header =
      "rec 1 500 4\nrec.dat 16 200 16 0 1 0 0 I\n# " + mark + "\n#<diagnoses> " + mark + "\n";
  expect_nothing_leaves(
      wfdb_archive({wfdb_text("rec.hea", header), {"rec.dat", wfdb_bytes(16, samples)}}), "WFDB");
}

}  // namespace telavis::test::private_test
