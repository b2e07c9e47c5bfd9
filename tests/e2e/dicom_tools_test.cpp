// SPDX-License-Identifier: Apache-2.0
// The DICOM door with programs that nobody here wrote: DCMTK's (package dcmtk), as they come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "devices/dicom_server.h"
#include "fixtures/synthetic_ecg.h"
#include "formats/dicom.h"
#include "formats/exam.h"
#include "tests/devices/fake_door.h"
#include "tests/e2e/binary.h"
#include "tests/e2e/server_process.h"
#include "tests/fakes.h"
#include "tests/temp_folder.h"

namespace telavis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

void write(const std::filesystem::path& file, ByteView bytes) {
  std::ofstream(file, std::ios::binary) << as_text(bytes);
}

class DicomToolsTest : public ::testing::Test {
 protected:
  DicomToolsTest() {
    door.devices["CART"] = {"cart-1", UserId("u-holder"), ProgrammeId("p")};
    config.port = 0;
    config.worklist = true;
    config.spool_folder = folder.path();
  }
  void start() {
    server = std::make_unique<DicomServer>(config, door, slots, clock);
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error().text;
  }
  /// "localhost PORT", with the titles.
  std::string there(const std::string& options = {}) const {
    return " -aet CART -aec TELAVIS " + options + " localhost " + std::to_string(server->port());
  }
  /// ECG objects with UIDs of their own.
  std::string ecg_file(int number, double seconds = 10) const {
    auto parameters = fixtures::demo_ecg_parameters();
    parameters.duration_s = seconds;
    parameters.seed = static_cast<std::uint64_t>(number) + 1;
    DicomContext context;
    context.study_uid = "1.2.826.0.1.3680043.10.1.1";
    context.series_uid = "1.2.826.0.1.3680043.10.1.2";
    context.instance_uid = "1.2.826.0.1.3680043.10.1.3." + std::to_string(number);
    const auto object = write_dicom_ecg(fixtures::synthetic_ecg(parameters), context);
    EXPECT_TRUE(object);
    const auto file = folder.path() / ("ecg" + std::to_string(number) + ".dcm");
    write(file, object.value_or(Bytes()));
    return file.string();
  }
  /// A self-signed pair, made by the command `openssl`.
  void make_certificate(const std::string& name, const std::string& key = "rsa:2048") const {
    const std::string at = (folder.path() / name).string();
    const Ran made = run_command("openssl req -x509 -newkey " + key +
                                 " -nodes -sha256 -days 2 -subj /CN=" + name + " -keyout " + at +
                                 ".key -out " + at + ".pem");
    ASSERT_EQ(made.status, 0) << made.output;
  }

  TempFolder folder;
  FakeDoor door;
  DecodeSlots slots{2};
  SimClock clock{*parse_instant("2026-03-02T09:30:00Z")};
  DicomConfig config;
  std::unique_ptr<DicomServer> server;
};

TEST_F(DicomToolsTest, Echoscu) {
  start();
  const Ran known = run_command("echoscu -v" + there());
  EXPECT_EQ(known.status, 0) << known.output;
  const Ran unknown = run_command("echoscu -v -aet STRANGER -aec TELAVIS localhost " +
                                  std::to_string(server->port()));
  EXPECT_NE(unknown.status, 0);
  EXPECT_THAT(unknown.output, HasSubstr("Calling AE Title Not Recognized"));
  const Ran lost =
      run_command("echoscu -v -aet CART -aec OTHER localhost " + std::to_string(server->port()));
  EXPECT_THAT(lost.output, HasSubstr("Called AE Title Not Recognized"));
}

TEST_F(DicomToolsTest, StorescuAndDcmsend) {
  start();
  std::string files;
  for (int i = 0; i < 6; ++i) files += " " + ecg_file(i);
  const Ran stored = run_command("storescu -v -R" + there() + files);
  EXPECT_EQ(stored.status, 0) << stored.output;
  ASSERT_THAT(door.taken(), SizeIs(6));
  for (const auto& taken : door.taken()) {
    const auto exam = decode_exam(taken.file.bytes);
    EXPECT_TRUE(exam) << exam.error().text;
  }
  const Ran sent = run_command("dcmsend -v" + there() + " " + ecg_file(10) + " " + ecg_file(11));
  EXPECT_EQ(sent.status, 0) << sent.output;
  EXPECT_THAT(door.taken(), SizeIs(8));
  // In other encodings: each that the tool knows.
  for (const char* syntax : {"-xi", "-xb", "-xd"}) {
    const int number = 20 + static_cast<int>(door.taken().size());
    const Ran other =
        run_command(std::string("storescu -v -R ") + syntax + there() + " " + ecg_file(number));
    EXPECT_EQ(other.status, 0) << other.output;
  }
  ASSERT_THAT(door.taken(), SizeIs(11));
  for (const auto& taken : door.taken()) EXPECT_TRUE(decode_exam(taken.file.bytes));
}

TEST_F(DicomToolsTest, APhotoInJpeg) {
  start();
  const std::string photo = TELAVIS_SOURCE_DIR "/fixtures/demo-lesion.jpg";
  const std::string file = (folder.path() / "photo.dcm").string();
  ASSERT_EQ(run_command("img2dcm -vlp " + photo + " " + file).status, 0);
  const Ran stored = run_command("storescu -v -R -xy" + there() + " " + file);
  EXPECT_EQ(stored.status, 0) << stored.output;
  ASSERT_THAT(door.taken(), SizeIs(1));
  const auto exam = decode_exam(door.taken()[0].file.bytes);
  EXPECT_TRUE(exam) << exam.error().text;
}

TEST_F(DicomToolsTest, ASenderLearnsThatTheDiskIsFull) {
  door.refuse = [](const UploadedFile&) {
    return Error{ErrorCode::storage_full, "The disk is full: free space."};
  };
  start();
  const Ran stored = run_command("storescu -d -R" + there() + " " + ecg_file(1));
  EXPECT_THAT(stored.output, HasSubstr("0xa700"));
  EXPECT_THAT(stored.output, HasSubstr("The disk is full"));
  EXPECT_TRUE(door.taken().empty());
}

TEST_F(DicomToolsTest, ASpoolThatCannotBeWrittenAcknowledgesNothing) {
  config.spool_folder = folder.path() / "spool";
  start();
  std::filesystem::remove(config.spool_folder);
  const Ran stored = run_command("storescu -v" + there() + " " + ecg_file(1));
  EXPECT_THAT(stored.output, HasSubstr("Refused: OutOfResources"));
  EXPECT_TRUE(door.taken().empty());
}

TEST_F(DicomToolsTest, ASenderKilledInTheMiddleLeavesNothingHalf) {
  start();
  const std::string file = ecg_file(1, 30);
  const std::size_t size = std::filesystem::file_size(file);
  for (int i = 0; i < 20; ++i) {
    Process sender({"/usr/bin/storescu", "-aet", "CART", "-aec", "TELAVIS", "--repeat", "1000",
                    "localhost", std::to_string(server->port()), file});
    while (server->counts().associations <= static_cast<std::uint64_t>(i))
      std::this_thread::yield();
    sender.kill_now();
  }
  server->stop();
  for (const auto& taken : door.taken()) EXPECT_GE(taken.file.bytes.size() + 512, size);
  EXPECT_LE(door.taken().size(), 1U);  // the same bytes each time
}

TEST_F(DicomToolsTest, FourAtATime) {
  start();
  std::vector<std::string> files(4);
  for (int i = 0; i < 40; ++i) files[static_cast<std::size_t>(i) % 4] += " " + ecg_file(i);
  std::vector<std::thread> senders;
  std::vector<Ran> ran(4);
  for (std::size_t i = 0; i < 4; ++i)
    senders.emplace_back([&, i] { ran[i] = run_command("storescu -v" + there() + files[i]); });
  for (std::thread& sender : senders) sender.join();
  for (const Ran& one : ran) EXPECT_EQ(one.status, 0) << one.output;
  EXPECT_THAT(door.taken(), SizeIs(40));
}

TEST_F(DicomToolsTest, Findscu) {
  AwaitedExam one;
  one.case_id = CaseId("c1");
  one.number = "2026-00017";
  one.patient = {"", "DUPONT", "Chloé", "1953-05-08", Sex::female};
  one.asked_at = *parse_instant("2026-03-02T08:00:00Z");
  door.awaited_exams = {one};
  start();
  const std::string keys =
      " -k AccessionNumber -k PatientID -k 'ScheduledProcedureStepSequence[0].Modality=ECG'"
      " -k 'ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=20260302'";
  const Ran found = run_command("findscu -v -W" + there() + keys + " -k 'PatientName=dup*'");
  EXPECT_EQ(found.status, 0) << found.output;
  EXPECT_THAT(found.output, HasSubstr("DUPONT^Chlo"));
  EXPECT_THAT(found.output, HasSubstr("2026-00017"));
  const Ran none = run_command("findscu -v -W" + there() + keys + " -k 'PatientName=MARTIN*'");
  EXPECT_EQ(none.status, 0) << none.output;
  EXPECT_THAT(none.output, Not(HasSubstr("2026-00017")));
}

TEST_F(DicomToolsTest, MovescuHasAnArchiveSendHere) {
  start();
  const auto archive = folder.path() / "archive";
  std::filesystem::create_directory(archive);
  const int port = free_port();
  std::ofstream(folder.path() / "archive.cfg")
      << "NetworkTCPPort = " << port
      << "\nMaxPDUSize = 16384\nMaxAssociations = 4\nHostTable BEGIN\ntelavis = (TELAVIS, "
         "localhost, "
      << server->port() << ")\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
      << "AETable BEGIN\nCART " << archive.string() << " RW (10, 64mb) ANY\nAETable END\n";
  Process archiving({"/usr/bin/dcmqrscp", "-c", (folder.path() / "archive.cfg").string()});
  const std::string at = " -aet TELAVIS -aec CART localhost " + std::to_string(port);
  const std::string file = ecg_file(1);
  while (run_command("storescu" + at + " " + file).status != 0) {  // until it listens
    ASSERT_FALSE(::testing::Test::HasFailure());
    ASSERT_TRUE(archiving.runs_for(50));
  }
  const Ran moved =
      run_command("movescu -v -S -aem TELAVIS" + at +
                  " -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.826.0.1.3680043.10.1.1");
  EXPECT_EQ(moved.status, 0) << moved.output;
  EXPECT_THAT(door.taken(), SizeIs(1)) << moved.output;
  // And here nothing is moved from.
  EXPECT_NE(
      run_command("movescu -v -S -aem CART" + there() + " -k QueryRetrieveLevel=STUDY").status, 0);
}

TEST_F(DicomToolsTest, TlsWithAndWithoutACertificate) {
  make_certificate("server");
  make_certificate("cart");
  config.certificate_file = folder.path() / "server.pem";
  config.key_file = folder.path() / "server.key";
  start();
  const std::string at = folder.path().string();
  const std::string file = ecg_file(1);
  const Ran anonymous =
      run_command("storescu -v +tla +cf " + at + "/server.pem" + there() + " " + file);
  EXPECT_EQ(anonymous.status, 0) << anonymous.output;
  EXPECT_EQ(door.claims().back().certificate, "");
  const Ran named = run_command("storescu -v +tls " + at + "/cart.key " + at + "/cart.pem +cf " +
                                at + "/server.pem" + there() + " " + file);
  EXPECT_EQ(named.status, 0) << named.output;
  const Ran printed =
      run_command("openssl x509 -noout -fingerprint -sha256 -in " + at + "/cart.pem");
  std::string expected;
  for (const char c : printed.output.substr(printed.output.find('=') + 1)) {
    if (c >= 'A' && c <= 'F') expected += static_cast<char>(c - 'A' + 'a');
    if (c >= '0' && c <= '9') expected += c;
  }
  EXPECT_EQ(expected.size(), 64U) << printed.output;
  EXPECT_EQ(door.claims().back().certificate, expected);
  // Without TLS, or with what the profile leaves behind: no association.
  EXPECT_NE(run_command("echoscu" + there()).status, 0);
  const std::string host = "localhost:" + std::to_string(server->port());
  EXPECT_NE(run_command("openssl s_client -tls1_1 -cipher ALL:@SECLEVEL=0 -connect " + host +
                        " </dev/null")
                .status,
            0);
  EXPECT_EQ(run_command("openssl s_client -tls1_2 -connect " + host + " </dev/null").status, 0);
  // Who begins a handshake and stops holds up nobody.
  Process begun({"/bin/bash", "-c",
                 "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(server->port()) +
                     "; printf '\\x16\\x03\\x01' >&3; sleep 600"});
  EXPECT_EQ(run_command("storescu +tla +cf " + at + "/server.pem" + there() + " " + file).status,
            0);
}

/// A cart that knows no TLS, and stunnel (package stunnel4) beside it that does it for it.
TEST_F(DicomToolsTest, StunnelSpeaksTlsForACartThatDoesNot) {
  make_certificate("server");
  make_certificate("cart");
  config.certificate_file = folder.path() / "server.pem";
  config.key_file = folder.path() / "server.key";
  start();
  const std::string at = folder.path().string();
  const int plain = free_port();
  std::ofstream(at + "/stunnel.conf")
      << "foreground = yes\npid =\nsyslog = no\n[dicom]\nclient = yes\naccept = 127.0.0.1:" << plain
      << "\nconnect = 127.0.0.1:" << server->port() << "\ncert = " << at
      << "/cart.pem\nkey = " << at << "/cart.key\nCAfile = " << at
      << "/server.pem\nverifyPeer = yes\n";
  Process tunnel({"/usr/bin/stunnel4", at + "/stunnel.conf"}, at + "/stunnel.log");
  const std::string to = " -aet CART -aec TELAVIS localhost " + std::to_string(plain);
  while (run_command("echoscu" + to).status != 0)  // until it listens
    ASSERT_TRUE(tunnel.runs_for(50)) << slurp(at + "/stunnel.log");
  const Ran stored = run_command("storescu -v -R" + to + " " + ecg_file(1));
  EXPECT_EQ(stored.status, 0) << stored.output;
  ASSERT_THAT(door.taken(), SizeIs(1));
  EXPECT_THAT(door.claims().back().certificate, SizeIs(64));
}

TEST_F(DicomToolsTest, TlsWithTheKindOfCertificateThatInitMakes) {
  make_certificate("server", "ec -pkeyopt ec_paramgen_curve:P-256");
  config.certificate_file = folder.path() / "server.pem";
  config.key_file = folder.path() / "server.key";
  start();
  const std::string at = folder.path().string();
  const Ran stored =
      run_command("storescu -v +tla +cf " + at + "/server.pem" + there() + " " + ecg_file(1));
  EXPECT_EQ(stored.status, 0) << stored.output;
  const std::string host = "localhost:" + std::to_string(server->port());
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const Ran shaken = run_command(std::string("openssl s_client ") + version + " -connect " +
                                   host + " </dev/null");
    EXPECT_EQ(shaken.status, 0) << shaken.output;
  }
}

}  // namespace
}  // namespace telavis
