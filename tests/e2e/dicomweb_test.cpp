// SPDX-License-Identifier: Apache-2.0
// DICOMweb with clients that nobody here wrote (dicomweb-client and dcmjs; DCMTK and pydicom read
// what they got), against the API over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "engine/http/session_cookie.h"
#include "fixtures/synthetic_ecg.h"
#include "formats/dicom.h"
#include "tests/e2e/binary.h"
#include "tests/e2e/server_process.h"
#include "tests/http/api_world.h"
#include "tests/http/test_server.h"
#include "tests/temp_folder.h"

namespace telavis::dicomweb_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DicomWebClients : public test::ServerTest {
 protected:
  DicomWebClients() {
    auto opened = UploadStore::open(place_.path() / "uploads", key_, random_);
    EXPECT_TRUE(opened);
    uploads_ = std::move(*opened);
    api_ =
        std::make_unique<Api>(world_.engine.service, world_.engine.registry, world_.engine.access,
                              ApiOptions{.reception = ExamReception{&world_.engine.service.tray(),
                                                                    &slots_, uploads_.get()}});
    HttpHandler handler;
    handler.handle = [this](const HttpRequest& request) { return api_->handle(request); };
    handler.body_limit = [this](const HttpRequest& header) { return api_->body_limit(header); };
    handler.refuse = [this](const HttpRequest& header, const Error& error) {
      return api_->refuse(header, error);
    };
    start(options(), std::move(handler));
    LentDevice device;
    device.id = "cart-1";
    device.programme = test::kRhythmology;
    device.serial = "SN-1";
    device.holder = world_.engine.gp.id;
    device.lent_on = "2026-01-05";
    EXPECT_TRUE(world_.engine.registry.put_device({}, device, 0));
    const auto code = world_.engine.registry.pair_device({}, "cart-1").value().code;
    const auto paired = world_.engine.registry.redeem_pairing(code);
    EXPECT_TRUE(paired);
    token_ = paired->token;
  }
  ~DicomWebClients() override { server_.reset(); }

  test::TempFolder place_;
  test::ApiWorld world_;
  test::SeededRandom random_{7};
  Key key_ = random_key(random_);
  DecodeSlots slots_{2};
  std::unique_ptr<UploadStore> uploads_;
  std::unique_ptr<Api> api_;
  std::string token_;
};

TEST_F(DicomWebClients, StoreSearchAndRetrieve) {
  const std::string here = std::string(TELAVIS_SOURCE_DIR) + "/tests/e2e";
  if (!fs::exists(here + "/node_modules/dicomweb-client")) {
    const test::Ran installed = test::run_command("npm ci --silent --prefix " + here);
    ASSERT_EQ(installed.status, 0) << installed.output;
  }
  const test::Visitor gp = world_.visitor(world_.engine.gp);
  for (const char* file : {"demo-ecg.scp", "demo-lesion.jpg"}) {
    const auto answer = world_.api.handle(
        world_.upload_request(gp, test::kClinicalRequestJson, test::fixture(file)));
    ASSERT_EQ(answer.status, 201) << as_text(answer.body);
  }
  DicomContext context;
  context.study_uid = "1.2.826.0.1.3680043.10.1.1";
  context.series_uid = "1.2.826.0.1.3680043.10.1.2";
  context.instance_uid = "1.2.826.0.1.3680043.10.1.3";
  const Bytes object =
      write_dicom_ecg(fixtures::synthetic_ecg(fixtures::demo_ecg_parameters()), context).value();
  const std::string file = (place_.path() / "ecg.dcm").string();
  std::ofstream(file, std::ios::binary) << as_text(object);
  const fs::path got = place_.path() / "got";
  fs::create_directory(got);
  const test::Ran ran = test::run_command(
      "NODE_EXTRA_CA_CERTS=" + folder_.certificate() + " node " + here +
      "/dicomweb_client.mjs https://localhost:" + std::to_string(server_->port()) + " " + token_ +
      " '" + std::string(kSessionCookie) + "=" + gp.cookie + "' " + file + " " + got.string());
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("stored " + context.instance_uid + "\n"));
  EXPECT_THAT(ran.output, HasSubstr("studies 2\nnone 0\n"));
  // The tray's newest first, then the photo, then the tracing.
  EXPECT_THAT(ran.output, HasSubstr("ECG 12 x 5000\nsamples 120000\n"));
  EXPECT_THAT(ran.output, HasSubstr("jpeg ffd8\n"));
  EXPECT_EQ(test::slurp(got / "0.dcm"), as_text(object));
  for (const std::string n : {"0", "1", "2"}) {
    const std::string dicom = (got / (n + ".dcm")).string();
    const test::Ran dumped = test::run_command("dcmdump -E " + dicom);
    EXPECT_EQ(dumped.status, 0) << dumped.output;
    const test::Ran same = test::run_command("/usr/bin/python3 " + here + "/compare_metadata.py " +
                                             dicom + " " + (got / (n + ".json")).string());
    EXPECT_EQ(same.status, 0) << same.output;
    EXPECT_TRUE(test::slurp(got / (n + ".rendered")).starts_with("\xFF\xD8")) << n;
  }
}

}  // namespace
}  // namespace telavis::dicomweb_test
