// SPDX-License-Identifier: Apache-2.0
#include "formats/exam_record.h"

#include <gtest/gtest.h>

#include "formats/inspect.h"

namespace telavis::test::exam_record_test {

// Every member set, each to another value, so that two that are swapped are seen.
EcgRecording full_recording() {
  EcgRecording r;
  r.format = "DICOM";
  r.version = "12-lead";
  r.patient = {"id", "family", "given", "1961-03-02", Sex::female};
  r.device = {"maker", "model", "serial"};
  r.acquired_at = {"2026-01-15T09:30:00", -240};
  r.filters = {0.05, 150.5, 50};
  r.leads = {{LeadCode::I, {1, -2, INT32_MIN, INT32_MAX}, 2.5, 1666.6667, 7, true, "label"},
             {LeadCode::II, {}, 1, 2, 3}};
  r.median_beat = {{LeadCode::V6, {9}, 8, 7}};
  r.measurements = {60, 61, 62, 63, 64, 65, 66, 67, 68, -69, 70, -71, 72, QtcFormula::hodges};
  r.lead_measurements = {{LeadCode::V1, 1, 2, 3, 4, 5, 6, 7, -8, 9, 10, -11, 12, 13, 14, 15}};
  r.statements = {"one", "", "three \xC3\xA9"};
  r.statements_confirmed = true;
  r.findings = {{"code", Severity::info, "text"}, {"other", Severity::error, ""}};
  return r;
}

SkinPhoto full_photo() {
  SkinPhoto photo;
  photo.format = "DICOM";
  photo.version = "VL";
  photo.width = 640;
  photo.height = 481;
  photo.orientation = 6;
  photo.role = PhotoRole::close_up;
  photo.patient = {"id", "family", "given", "1961-03-02", Sex::other};
  photo.acquired_at = {"2026-01-15T09:30:00", std::nullopt};
  photo.device = {"a", "b", "c"};
  photo.private_metadata = {PrivateMetadata::gps, PrivateMetadata::other_application_segment};
  photo.findings = {{"code", Severity::warning, "text"}};
  return photo;
}

PdfDocument full_document() {
  PdfDocument document;
  document.format = "DICOM";
  document.version = "1.7";
  document.pages = 3;
  document.patient = {"id", "family", "given", "1961-03-02", Sex::male};
  document.acquired_at = {"2026-01-15T09:30:00", 120};
  document.device = {"a", "b", "c"};
  document.findings = {{"code", Severity::warning, "text"}};
  return document;
}

void expect_same(const Lead& a, const Lead& b) {
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_EQ(a.first_sample, b.first_sample);
  EXPECT_EQ(a.label, b.label);
}

TEST(ExamRecord, GivesBackEveryMember) {
  for (const Exam& exam : {Exam(full_recording()), Exam(full_photo()), Exam(full_document()),
                           Exam(EcgRecording{}), Exam(SkinPhoto{}), Exam(PdfDocument{})}) {
    const Bytes packed = pack_exam(exam);
    const auto back = unpack_exam(packed);
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_EQ(back->index(), exam.index());
    EXPECT_EQ(inspect_json(*back), inspect_json(exam));
    EXPECT_EQ(pack_exam(*back), packed);
  }
  const auto back = std::get<EcgRecording>(unpack_exam(pack_exam(full_recording())).value());
  const EcgRecording whole = full_recording();
  ASSERT_EQ(back.leads.size(), 2U);
  expect_same(back.leads[0], whole.leads[0]);
  expect_same(back.median_beat[0], whole.median_beat[0]);
  EXPECT_EQ(back.measurements.t_axis_deg, -71);
  EXPECT_EQ(back.lead_measurements[0].t_negative_uv, 15);
}

TEST(ExamRecord, RefusesWhatIsCutOrLonger) {
  for (const Exam& exam : {Exam(full_recording()), Exam(full_photo()), Exam(full_document())}) {
    Bytes packed = pack_exam(exam);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      EXPECT_FALSE(unpack_exam(ByteView(packed).first(size))) << size;
    }
    packed.push_back(0);
    EXPECT_FALSE(unpack_exam(packed));
  }
}

TEST(ExamRecord, SurvivesEveryChangedByte) {
  for (const Exam& exam : {Exam(full_recording()), Exam(full_photo()), Exam(full_document())}) {
    const Bytes packed = pack_exam(exam);
    for (std::size_t at = 0; at < packed.size(); ++at) {
      for (const int change : {1, 0x80, 0xFF}) {
        Bytes changed = packed;
        changed[at] = static_cast<std::uint8_t>(changed[at] ^ change);
        const auto back = unpack_exam(changed);
        EXPECT_TRUE(!back || !inspect_json(*back).empty());
      }
    }
  }
}

}  // namespace telavis::test::exam_record_test
