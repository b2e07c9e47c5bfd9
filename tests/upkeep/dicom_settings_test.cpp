// SPDX-License-Identifier: Apache-2.0
#include "engine/dicom_settings.h"

#include <gtest/gtest.h>

#include <string>

namespace telavis::dicom_settings_test {
namespace {

Result<std::optional<DicomSettings>> read(const std::string& dicom) {
  JsonReader reader(R"({"dicom":)" + dicom + "}");
  std::optional<DicomSettings> settings;
  if (auto done = read_dicom(reader, settings); !done) return tl::unexpected(done.error());
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return settings;
}

TEST(DicomSettings, NullIsNoDoor) {
  EXPECT_FALSE(read("null").value());
}

TEST(DicomSettings, AreTlsOnLoopbackUnlessSaid) {
  const auto settings = read("{}").value();
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->tls);
  EXPECT_FALSE(settings->config.worklist);
  EXPECT_EQ(settings->config.listen_address, "127.0.0.1");
  EXPECT_EQ(settings->config.port, 11112);
  EXPECT_EQ(settings->config.ae_title, "TELAVIS");
  EXPECT_EQ(settings->config.limits.idle, std::chrono::seconds(60));
}

TEST(DicomSettings, AreRead) {
  const auto settings =
      read(R"({"listen_address":"192.0.2.1","listen_port":104,"ae_title":"GW","tls":true,
               "certificate_file":"c.pem","certificate_key_file":"c.key","worklist":true,"time_zone":"America/Cayenne",
               "connections":9,"connections_per_address":3,"associations_per_device":2,
               "request_s":5,"idle_s":7,"association_minutes":11})")
          .value();
  ASSERT_TRUE(settings);
  const DicomConfig& config = settings->config;
  EXPECT_EQ(config.listen_address, "192.0.2.1");
  EXPECT_EQ(config.port, 104);
  EXPECT_EQ(config.ae_title, "GW");
  EXPECT_EQ(config.certificate_file, "c.pem");
  EXPECT_EQ(config.key_file, "c.key");
  EXPECT_TRUE(config.worklist);
  EXPECT_EQ(config.time_zone, "America/Cayenne");
  EXPECT_EQ(config.limits.connections, 9);
  EXPECT_EQ(config.limits.connections_per_peer, 3);
  EXPECT_EQ(config.limits.associations_per_device, 2);
  EXPECT_EQ(config.limits.request, std::chrono::seconds(5));
  EXPECT_EQ(config.limits.idle, std::chrono::seconds(7));
  EXPECT_EQ(config.limits.association, std::chrono::minutes(11));
}

TEST(DicomSettings, RefuseWhatCannotWork) {
  for (const char* wrong :
       {R"({"certificate_file":"c.pem"})", R"({"listen_port":70000})", R"({"port":104})",
        R"({"tls":false,"certificate_file":"c","certificate_key_file":"k"})",
        R"({"time_zone":"Nowhere/City"})", R"({"connections":0})", "7"})
    EXPECT_FALSE(read(wrong)) << wrong;
}

}  // namespace
}  // namespace telavis::dicom_settings_test
