// SPDX-License-Identifier: Apache-2.0
// A device's DICOM association and the real tray of its holder, in one process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devices/dicom_server.h"
#include "fixtures/synthetic_ecg.h"
#include "formats/dicom.h"
#include "formats/dicom_walk.h"
#include "tests/devices/dicom_client.h"
#include "tests/http/api_world.h"
#include "tests/temp_folder.h"

namespace telavis::test::dicom_tray_test {

using testing::SizeIs;

const std::string kTwelveLead = "1.2.840.10008.5.1.4.1.1.9.1.1";
const std::string kInstance = "1.2.826.0.1.3680043.10.1.7";
constexpr std::size_t kPreambleBytes = 132;

class DicomTray : public testing::Test {
 protected:
  DicomTray() {
    cart.id = "cart-1";
    cart.programme = kRhythmology;
    cart.serial = "SN-1";
    cart.holder = world.engine.gp.id;
    cart.lent_on = "2026-01-02";
    cart.ae_title = "CART";
    EXPECT_TRUE(world.engine.repository->put_device(cart, world.engine.by_operator()));
    DicomConfig config;
    config.port = 0;
    config.spool_folder = folder.path();
    server = std::make_unique<DicomServer>(config, world.engine.service.tray(), slots,
                                           world.engine.clock);
    EXPECT_TRUE(server->start());
  }
  /// The data set of an ECG object, as it travels.
  static Bytes object() {
    DicomContext context;
    context.study_uid = "1.2.826.0.1.3680043.10.1.1";
    context.series_uid = "1.2.826.0.1.3680043.10.1.2";
    context.instance_uid = kInstance;
    const Bytes file =
        write_dicom_ecg(fixtures::synthetic_ecg(fixtures::demo_ecg_parameters()), context).value();
    // The meta information's length stands in its first element (PS3.10 7.1).
    const std::size_t meta =
        ByteReader(ByteView(file).subspan(kPreambleBytes + 8)).u32le().value() + 12;
    return {file.begin() + static_cast<std::ptrdiff_t>(kPreambleBytes + meta), file.end()};
  }
  std::uint16_t status_of(const Bytes& data) {
    DicomClient device(server->port());
    if (!device.associate({{1, kTwelveLead}})) return 0xFFFF;
    EXPECT_TRUE(device.send_message(1, store_command(1, kTwelveLead, kInstance), data));
    return device.read_message().value_or(Message()).status();
  }

  ApiWorld world;
  LentDevice cart;
  TempFolder folder;
  DecodeSlots slots{2};
  std::unique_ptr<DicomServer> server;
};

TEST_F(DicomTray, WhatIsAnsweredWithSuccessWaitsForTheHolder) {
  EXPECT_EQ(status_of(object()), 0);
  EXPECT_EQ(status_of(object()), 0);  // again, as after an answer that was lost
  const auto waiting = world.engine.service.tray().list(world.engine.gp);
  ASSERT_TRUE(waiting);
  ASSERT_THAT(*waiting, SizeIs(1));
  EXPECT_EQ(waiting->front().exam.device, "cart-1");
}

TEST_F(DicomTray, WhatCannotBeReadIsToldAndKept) {
  Bytes broken = object();
  broken.resize(broken.size() / 2);
  EXPECT_EQ(status_of(broken), 0xC000);
  EXPECT_EQ(status_of(broken), 0xC000);
  EXPECT_THAT(world.engine.service.tray().unreadable(world.engine.referent).value(), SizeIs(1));
}

TEST_F(DicomTray, ASuspendedDeviceIsRejected) {
  LentDevice suspended = world.engine.repository->device("cart-1").value().value();
  suspended.suspended = true;
  ASSERT_TRUE(world.engine.repository->put_device(suspended, world.engine.by_operator()));
  EXPECT_EQ(status_of(object()), 0xFFFF);
  EXPECT_EQ(world.engine.service.tray().refused_claims().at("ae_title"), 1);
}

}  // namespace telavis::test::dicom_tray_test
