// SPDX-License-Identifier: Apache-2.0
#include "formats/inspect.h"

#include <gtest/gtest.h>

#include "formats/text.h"

namespace telavis::test::inspect_test {

EcgRecording recording() {
  EcgRecording r;
  r.format = "SCP-ECG";
  r.version = "2.0";
  r.patient = {"7", "D\"É\\MO", "Zoë\n", "", Sex::male};
  r.device = {"Maker", "M", "1"};
  r.acquired_at = {"2026-01-15T09:30:00", -240};
  r.leads = {{LeadCode::I, {1, -2}, 2500, 2000}, {LeadCode::III, {0}, 4.88, 1667, 0, true}};
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
      R"("device":{"manufacturer":"Maker","model":"M","serial":"1"},"leads":[)"
      R"({"code":"I","samples":2,"sampling_interval_us":2000,"gain_nv_per_lsb":2500,"derived":false},)"
      R"({"code":"III","samples":1,"sampling_interval_us":1667,"gain_nv_per_lsb":4.88,"derived":true}],)"
      R"("measurements":{"ventricular_rate_bpm":null,"atrial_rate_bpm":null,"rr_ms":null,)"
      R"("pp_ms":null,"p_duration_ms":null,"pr_ms":null,"qrs_ms":96,"qt_ms":null,"qtc_ms":null,)"
      R"("p_axis_deg":null,"qrs_axis_deg":null,"t_axis_deg":null,"pacemaker_spikes":null},)"
      "\"statements\":[\"a\xEF\xBF\xBD"
      R"(b\u0001\u007f"]})");
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
            R"("private_metadata":["exif","gps"],"findings":[]})");
}

TEST(Inspect, NeverPrintsInvalidUtf8) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
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
  EXPECT_EQ(samples_csv(r), "I,II,V1\n2500,,\n-5000,,\n7500,10,\n,13,\n");
  EXPECT_EQ(samples_csv({}), "\n");
}

}  // namespace telavis::test::inspect_test
