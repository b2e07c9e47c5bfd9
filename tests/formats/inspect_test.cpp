// SPDX-License-Identifier: Apache-2.0
#include "formats/inspect.h"

#include <gtest/gtest.h>

#include "formats/sanitized.h"
#include "formats/text.h"

namespace telavis::test::inspect_test {

std::string samples_csv(const EcgRecording& r) {
  std::string all;
  EXPECT_TRUE(write_samples_csv(r, [&](std::string_view piece) {
    all += piece;
    return true;
  }));
  return all;
}

EcgRecording recording() {
  EcgRecording r;
  r.format = "SCP-ECG";
  r.version = "2.0";
  r.patient = {"7", "D\"É\\MO", "Zoë\n", "", Sex::male};
  r.device = {"Maker", "M", "1"};
  r.acquired_at = {"2026-01-15T09:30:00", -240};
  r.leads = {{LeadCode::I, {1, -2}, 2500, 2000},
             {LeadCode::unspecified, {0}, 4.88, 1667, 3, true, "Vx,\"1\""}};
  r.median_beat = {{LeadCode::V1, {7}, 1, 1000}};
  r.filters = {0.05, 150, 50};
  r.measurements.qtc_formula = QtcFormula::bazett;
  r.lead_measurements = {{LeadCode::V2}};
  r.lead_measurements[0].r_uv = 1200;
  r.statements_confirmed = true;
  r.measurements.qrs_ms = 96;
  r.statements = {
      "a\xFF"
      "b\x01\x7F"};
  r.findings = {{"trailing_bytes", Severity::warning, "5 bytes."}};
  return r;
}

TEST(Inspect, PrintsARecordingAsOneObject) {
  EXPECT_EQ(
      inspect_json(recording()),
      R"({"format":"SCP-ECG","version":"2.0","integrity":{"ok":true,"findings":[)"
      R"({"code":"trailing_bytes","severity":"warning","text":"5 bytes."}]},)"
      R"("patient":{"id":"7","family_name":"D\"É\\MO","given_name":"Zoë\u000a","birth_date":null,)"
      R"("sex":"male"},"acquired_at":"2026-01-15T09:30:00-04:00",)"
      R"("device":{"manufacturer":"Maker","model":"M","serial":"1"},)"
      R"("filters":{"high_pass_hz":0.05,"low_pass_hz":150,"notch_hz":50},"leads":[)"
      R"({"code":"I","samples":2,"sampling_interval_us":2000,"gain_nv_per_lsb":2500,)"
      R"("first_sample":0,"derived":false},)"
      R"({"code":"Vx,\"1\"","samples":1,"sampling_interval_us":1667,"gain_nv_per_lsb":4.88,)"
      R"("first_sample":3,"derived":true}],"median_beat":[{"code":"V1","samples":1,)"
      R"("sampling_interval_us":1000,"gain_nv_per_lsb":1,"first_sample":0,"derived":false}],)"
      R"("measurements":{"ventricular_rate_bpm":null,"atrial_rate_bpm":null,"rr_ms":null,)"
      R"("pp_ms":null,"p_duration_ms":null,"pr_ms":null,"qrs_ms":96,"qt_ms":null,"qtc_ms":null,)"
      R"("p_axis_deg":null,"qrs_axis_deg":null,"t_axis_deg":null,"pacemaker_spikes":null,)"
      R"("qtc_formula":"bazett"},"lead_measurements":[{"code":"V2","r_uv":1200}],)"
      "\"statements\":[\"a\xEF\xBF\xBD"
      R"(b\u0001\u007f"],"statements_confirmed":true})");
}

TEST(Inspect, IsNotOkAfterAnError) {
  EcgRecording r = recording();
  r.findings.push_back({"crc_mismatch", Severity::error, ""});
  EXPECT_NE(inspect_json(r).find(R"("integrity":{"ok":false)"), std::string::npos);
}

TEST(Inspect, PrintsAPhoto) {
  SkinPhoto photo;
  photo.format = "JPEG";
  photo.version = "baseline";
  photo.width = 640;
  photo.height = 480;
  photo.orientation = 6;
  photo.private_metadata = {PrivateMetadata::exif, PrivateMetadata::gps};
  EXPECT_EQ(inspect_json(photo),
            R"({"format":"JPEG","version":"baseline","width":640,"height":480,"orientation":6,)"
            R"("role":"unstated","private_metadata":["exif","gps"],"findings":[]})");
  photo.format = "DICOM";
  photo.role = PhotoRole::dermoscopy;
  photo.patient.family_name = "DEMO";
  const std::string dicom = inspect_json(photo);
  EXPECT_NE(dicom.find(R"("role":"dermoscopy","patient":{"id":"","family_name":"DEMO")"),
            std::string::npos);
}

TEST(Inspect, NeverPrintsInvalidUtf8) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += kAddressSanitizer ? 7 : 1) {
      EcgRecording r;
      r.statements = {{static_cast<char>(first), static_cast<char>(second), 'x'}};
      EXPECT_TRUE(is_valid_utf8(inspect_json(r))) << first << " " << second;
    }
  }
}

TEST(Inspect, PrintsSamplesInNanovolts) {
  EcgRecording r;
  r.leads = {{LeadCode::I, {1, -2, 3}, 2500, 2000, 10},
             {LeadCode::II, {4, 5}, 2.6, 2000, 12},
             {LeadCode::V1, {9}, 1, 1000, 10}};
  // V1 is sampled twice as fast and starts at 10 ms; I at 20 ms, II at 24 ms.
  EXPECT_EQ(samples_csv(r), "I,II,V1\n,,9\n2500,,\n-5000,,\n7500,10,\n,13,\n");
  EXPECT_EQ(samples_csv({}), "\n");
}

TEST(Inspect, PutsSamplesOfTwoRatesInTheOrderOfTime) {
  EcgRecording r;
  r.leads = {{LeadCode::I, {1, 2, 3}, 1, 2000}, {LeadCode::II, {4, 5, 6, 7, 8}, 1, 1000}};
  EXPECT_EQ(samples_csv(r), "I,II\n1,4\n,5\n2,6\n,7\n3,8\n");
  // 1 / 600 s as a device writes it and as a sum of decimals: one instant.
  r.leads = {{LeadCode::I, {1, 2, 3, 4}, 1, 1666.6667},
             {LeadCode::II, {5, 6, 7, 8}, 1, 1666.66670001}};
  EXPECT_EQ(samples_csv(r), "I,II\n1,5\n2,6\n3,7\n4,8\n");
}

TEST(Inspect, QuotesTitlesThatWouldBreakTheTable) {
  EcgRecording r;
  r.leads = {{LeadCode::unspecified, {1}, 1, 1000, 0, false, "a,\"b\""}};
  EXPECT_EQ(samples_csv(r), "\"a,\"\"b\"\"\"\n1\n");
}

TEST(Inspect, StopsWhenTheSinkTakesNoMore) {
  EcgRecording r;
  r.leads = {{LeadCode::I, std::vector<std::int32_t>(100'000, 7), 1, 1000}};
  int calls = 0;
  EXPECT_FALSE(write_samples_csv(r, [&](std::string_view) { return ++calls < 2; }));
  EXPECT_EQ(calls, 2);
}

TEST(Inspect, PrintsADocument) {
  PdfDocument document;
  document.version = "1.4";
  document.pages = 2;
  document.findings = {{"pdf_repaired", Severity::warning, "t"}};
  EXPECT_EQ(inspect_json(document),
            R"({"format":"PDF","version":"1.4","pages":2,"findings":[{"code":"pdf_repaired",)"
            R"("severity":"warning","text":"t"}]})");
}

}  // namespace telavis::test::inspect_test
