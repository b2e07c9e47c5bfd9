// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "devices/dicom_data.h"
#include "formats/dicom_builder.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"
#include "formats/dicom_walk.h"
#include "tests/child_process.h"
#include "tests/devices/dicom_client.h"
#include "tests/devices/fake_door.h"
#include "tests/fakes.h"
#include "tests/full_disk.h"
#include "tests/temp_folder.h"

namespace telavis::dicom_server_test {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::SizeIs;

const std::string kVerification = "1.2.840.10008.1.1";
const std::string kTwelveLead = "1.2.840.10008.5.1.4.1.1.9.1.1";
const std::string kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
const std::string kWorklist = "1.2.840.10008.5.1.4.31";
const std::string kCommitment = "1.2.840.10008.1.20.1";
const std::string kImplicit = "1.2.840.10008.1.2";
const std::string kInstance = "1.2.826.0.1.3680043.10.1.7";

Bytes object_data(const std::string& sop_class = kTwelveLead,
                  const std::string& instance = kInstance, std::size_t padding = 100) {
  DicomBuilder data;
  data.text(dicom_tag::kSopClass, "UI", sop_class);
  data.text(dicom_tag::kSopInstance, "UI", instance);
  data.text(dicom_tag::kPatientName, "PN", "Essai^Anna");
  data.bytes(dicom_tag::kEncapsulatedDocument, "OB", Bytes(padding, 7));
  return data.encoded();
}

class DicomServerTest : public ::testing::Test {
 protected:
  DicomServerTest() {
    door.devices["CART"] = {"cart-1", UserId("u-holder"), ProgrammeId("p")};
    door.devices["OTHER"] = {"cart-2", UserId("u-holder"), ProgrammeId("p")};
    config.port = 0;
    config.worklist = true;
    config.spool_folder = folder.path();
  }
  void start() {
    server = std::make_unique<DicomServer>(config, door, slots, clock);
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error().text;
  }
  std::uint16_t port() const { return server->port(); }
  /// The status of one C-STORE on an association of its own.
  std::uint16_t store(const Bytes& data, const std::string& sop_class = kTwelveLead,
                      const std::string& instance = kInstance) {
    DicomClient cart(port());
    EXPECT_TRUE(cart.associate({{1, sop_class}}));
    EXPECT_TRUE(cart.send_message(1, store_command(5, sop_class, instance), data));
    const auto answer = cart.read_message();
    if (!answer) return 0xFFFF;
    EXPECT_EQ(answer->field(), 0x8001);
    EXPECT_EQ(answer->number(0x0120), 5);
    EXPECT_TRUE(cart.release());
    return answer->status();
  }

  TempFolder folder;
  FakeDoor door;
  DecodeSlots slots{2};
  SimClock clock{*parse_instant("2026-03-02T09:30:00Z")};
  DicomConfig config;
  std::unique_ptr<DicomServer> server;
};

TEST_F(DicomServerTest, AnswersAnEcho) {
  start();
  DicomClient cart(port());
  ASSERT_TRUE(cart.associate({{1, kVerification, {kImplicit}}}));
  ASSERT_TRUE(cart.send_message(1, echo_command(3)));
  const auto answer = cart.read_message();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->field(), 0x8030);
  EXPECT_EQ(answer->status(), 0);
  EXPECT_EQ(answer->number(0x0120), 3);
  EXPECT_TRUE(cart.release());
  ASSERT_THAT(door.claims(), SizeIs(1));
  EXPECT_EQ(door.claims()[0].proof, DeviceProof::ae_title);
  EXPECT_EQ(door.claims()[0].name, "CART");
  EXPECT_EQ(door.claims()[0].peer, "127.0.0.1");
  EXPECT_EQ(door.claims()[0].certificate, "");
}

TEST_F(DicomServerTest, HandsOnWhatWasSentAsAFile) {
  start();
  const Bytes data = object_data();
  EXPECT_EQ(store(data), 0);
  const auto taken = door.taken();
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].device, "cart-1");
  EXPECT_EQ(taken[0].object_id, kInstance);
  EXPECT_EQ(taken[0].file.source, "dicom:CART");
  const auto file = walk_dicom(taken[0].file.bytes);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->transfer_syntax, kExplicitLittle);
  EXPECT_TRUE(file->findings.empty());
  EXPECT_EQ(dicom_raw_text(file->dataset, dicom_tag::kPatientName), "Essai^Anna");
  EXPECT_TRUE(std::equal(data.rbegin(), data.rend(), taken[0].file.bytes.rbegin()));
  EXPECT_EQ(server->counts().objects, 1);
}

TEST_F(DicomServerTest, StoresSeveralObjectsOnOneAssociation) {
  start();
  DicomClient cart(port());
  ASSERT_TRUE(cart.associate({{1, kTwelveLead}, {3, kSecondaryCapture}, {5, kVerification}}));
  for (int i = 0; i < 5; ++i) {
    const std::string instance = kInstance + "." + std::to_string(i);
    const std::string& sop_class = i % 2 == 0 ? kTwelveLead : kSecondaryCapture;
    // Odd fragments, fragments of one byte: the larger object first, so that nothing is left over.
    ASSERT_TRUE(cart.send_message(i % 2 == 0 ? 1 : 3, store_command(1, sop_class, instance),
                                  object_data(sop_class, instance, 300U - 50U * unsigned(i)),
                                  i == 4 ? 1 : 33));
    const auto answer = cart.read_message();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), 0);
    const auto taken = door.taken();
    ASSERT_THAT(taken, SizeIs(i + 1));
    EXPECT_TRUE(walk_dicom(taken.back().file.bytes));
  }
  EXPECT_TRUE(cart.release());
}

TEST_F(DicomServerTest, TellsWhyAnObjectWasNotTaken) {
  start();
  const auto status_when = [&](ErrorCode code) {
    door.refuse = [code](const UploadedFile&) { return Error{code, "Not now."}; };
    return store(object_data());
  };
  EXPECT_EQ(status_when(ErrorCode::storage_full), 0xA700);
  EXPECT_EQ(status_when(ErrorCode::storage_failed), 0xA700);
  EXPECT_EQ(status_when(ErrorCode::too_many_attempts), 0xA700);
  EXPECT_EQ(status_when(ErrorCode::forbidden), 0x0124);
  EXPECT_EQ(status_when(ErrorCode::internal), 0xA700);
  EXPECT_TRUE(door.taken().empty());
  EXPECT_EQ(server->counts().not_taken, 5);
  door.refuse = nullptr;
  EXPECT_EQ(store(object_data()), 0);
}

TEST_F(DicomServerTest, AFullDiskIsToldAndHoldsUpNothingElse) {
  const int answer = run_in_child([&] {
    if (!mount_small_disk(folder.path(), 64)) return kCannotMount;
    start();
    const bool refused = store(object_data(kTwelveLead, kInstance, 200'000)) == 0xA700;
    const bool none_taken = door.taken().empty();
    const bool small_taken = store(object_data()) == 0;
    server->stop();
    return refused && none_taken && small_taken && !HasFailure() ? 0 : 1;
  });
  if (answer == kCannotMount) GTEST_SKIP() << "this machine lets us mount nothing";
  EXPECT_EQ(answer, 0);
}

TEST_F(DicomServerTest, TellsThatAKeptObjectCannotBeRead) {
  door.unreadable = [](const UploadedFile&) {
    return Error{ErrorCode::malformed_file, "Export it again."};
  };
  start();
  EXPECT_EQ(store(Bytes(50, 0xFF)), 0xC000);
  EXPECT_THAT(door.taken(), SizeIs(1));
}

TEST_F(DicomServerTest, TakesNoObjectThatIsNotTheAnnouncedOne) {
  start();
  EXPECT_EQ(store(object_data(kSecondaryCapture)), 0xA900);
  EXPECT_EQ(store(object_data(kTwelveLead, "1.2.3")), 0xA900);
  EXPECT_EQ(store(object_data(), kTwelveLead, "no uid"), 0x0117);
  DicomClient cart(port());
  ASSERT_TRUE(cart.associate({{1, kTwelveLead}}));
  ASSERT_TRUE(cart.send_message(1, store_command(1, kSecondaryCapture, kInstance), object_data()));
  EXPECT_EQ(cart.read_message().value_or(Message()).status(), 0x0122);
  EXPECT_TRUE(door.taken().empty());
}

TEST_F(DicomServerTest, ToleratesUidsThatCartsMake) {
  start();
  const std::string odd = "1.2.840..00123.20260302.";
  EXPECT_EQ(store(object_data(kTwelveLead, odd), kTwelveLead, odd), 0);
}

TEST_F(DicomServerTest, AnswersWhenAnObjectIsTooLarge) {
  config.limits.object_bytes = 2000;
  start();
  DicomClient cart(port());
  ASSERT_TRUE(cart.associate({{1, kTwelveLead}}));
  const auto store_here = [&](std::size_t padding) -> std::optional<Message> {
    if (!cart.send_message(1, store_command(1, kTwelveLead, kInstance),
                           object_data(kTwelveLead, kInstance, padding), 512)) {
      return std::nullopt;
    }
    return cart.read_message();
  };
  EXPECT_EQ(store_here(4000).value_or(Message()).status(), 0xC001);
  EXPECT_TRUE(door.taken().empty());
  EXPECT_EQ(store_here(100).value_or(Message()).status(), 0);
  // Of one without end no answer is worth the wait.
  EXPECT_FALSE(store_here(100'000));
  EXPECT_THAT(door.taken(), SizeIs(1));
}

TEST_F(DicomServerTest, RefusesUnknownTitles) {
  start();
  DicomClient stranger(port());
  stranger.send(associate_request({{1, kVerification}}, "STRANGER"));
  auto refused = stranger.read();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->type, 0x03);
  EXPECT_THAT(refused->body, ElementsAre(0, 1, 1, 3));  // permanent, user, calling AE title
  EXPECT_FALSE(stranger.read());

  DicomClient lost(port());
  lost.send(associate_request({{1, kVerification}}, "CART", "ELSEWHERE"));
  refused = lost.read();
  ASSERT_TRUE(refused);
  EXPECT_THAT(refused->body, ElementsAre(0, 1, 1, 7));  // called AE title
  EXPECT_EQ(server->counts().refused, 2);
  EXPECT_EQ(server->counts().associations, 0);
}

TEST_F(DicomServerTest, AcceptsOnlyWhatItReads) {
  start();
  DicomClient cart(port());
  const std::string ct = "1.2.840.10008.5.1.4.1.1.2", private_syntax = "1.2.276.0.7230010.3.5.1";
  ASSERT_TRUE(cart.send(associate_request({{1, ct},
                                           {3, kTwelveLead, {private_syntax}},
                                           {5, kTwelveLead, {private_syntax, kImplicit}},
                                           {7, kVerification}})));
  const auto accepted = cart.read();
  ASSERT_TRUE(accepted);
  ASSERT_EQ(accepted->type, 0x02);
  // Presentation context items of A-ASSOCIATE-AC (PS3.8 9.3.3.2): id, reserved, result.
  std::map<int, int> results;
  for (std::size_t i = 0; i + 7 < accepted->body.size(); ++i) {
    if (accepted->body[i] == 0x21 && accepted->body[i + 1] == 0)
      results[accepted->body[i + 4]] = accepted->body[i + 6];
  }
  EXPECT_EQ(results[1], 3);  // abstract syntax not supported
  EXPECT_EQ(results[3], 4);  // transfer syntaxes not supported
  EXPECT_EQ(results[5], 0);
  EXPECT_EQ(results[7], 0);
  // A context that was refused is of no use.
  ASSERT_TRUE(cart.send_message(1, store_command(1, ct, kInstance), object_data(ct)));
  EXPECT_EQ(cart.read_type(), 0x07);
  EXPECT_TRUE(door.taken().empty());
}

TEST_F(DicomServerTest, SilentConnectionsHoldUpNobody) {
  start();
  const Bytes request = associate_request({{1, kTwelveLead}});
  std::vector<std::unique_ptr<DicomClient>> silent;
  for (std::size_t i = 0; i < 6; ++i) {
    silent.push_back(std::make_unique<DicomClient>(port()));
    silent.back()->send(Bytes(
        request.begin(), request.begin() + static_cast<std::ptrdiff_t>(i * request.size() / 7)));
  }
  DicomClient half(port());  // in the middle of an object
  ASSERT_TRUE(half.associate({{1, kTwelveLead}}, "OTHER"));
  ASSERT_TRUE(half.send(fragment(1, 3, store_command(1, kTwelveLead, kInstance))));
  EXPECT_EQ(store(object_data()), 0);
  EXPECT_GE(server->counts().open, 7);
}

TEST_F(DicomServerTest, CutsWhoKeepsItWaiting) {
  config.limits.request = std::chrono::milliseconds(20);
  start();
  DicomClient silent(port());
  EXPECT_FALSE(silent.read());
  DicomClient dripping(port());
  const Bytes request = associate_request({{1, kTwelveLead}});
  // Byte after byte, the first one for ever: the time runs on.
  ASSERT_TRUE(dripping.send({request[0]}));
  while (dripping.send({0})) {
  }
  config.limits.request = std::chrono::milliseconds(15'000);
  config.limits.idle = std::chrono::milliseconds(20);
  start();
  DicomClient idle(port());
  ASSERT_TRUE(idle.associate({{1, kTwelveLead}}));
  EXPECT_FALSE(idle.read());
  DicomClient half(port());
  ASSERT_TRUE(half.associate({{1, kTwelveLead}}));
  half.send(fragment(1, 3, store_command(1, kTwelveLead, kInstance)));
  // Fragments without content gain no time.
  while (half.send(fragment(1, 0, {}))) {
  }
  EXPECT_TRUE(door.taken().empty());
}

TEST_F(DicomServerTest, LimitsTheAssociationsOfADevice) {
  config.limits.associations_per_device = 2;
  start();
  auto first = std::make_unique<DicomClient>(port());
  DicomClient second(port()), third(port()), other(port());
  ASSERT_TRUE(first->associate({{1, kVerification}}));
  ASSERT_TRUE(second.associate({{1, kVerification}}));
  third.send(associate_request({{1, kVerification}}));
  const auto refused = third.read();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->type, 0x03);
  EXPECT_THAT(refused->body, ElementsAre(0, 2, 3, 1));  // transient, temporary congestion
  EXPECT_TRUE(other.associate({{1, kVerification}}, "OTHER"));
  ASSERT_TRUE(first->release());
  EXPECT_FALSE(first->read());  // its place is free before the connection ends
  DicomClient fourth(port());
  EXPECT_TRUE(fourth.associate({{1, kVerification}}));
}

TEST_F(DicomServerTest, LimitsConnections) {
  config.limits.connections_per_peer = 2;
  start();
  DicomClient first(port()), second(port()), third(port());
  EXPECT_FALSE(third.read());
  EXPECT_TRUE(first.associate({{1, kVerification}}));
}

TEST_F(DicomServerTest, WhoOnlyConnectsKeepsNobodyOut) {
  config.limits.connections = 8;
  start();
  DicomClient working(port());
  ASSERT_TRUE(working.associate({{1, kVerification}}));
  // From more addresses than there are places; nothing of it waits for the 15 s of a request.
  std::vector<std::unique_ptr<DicomClient>> flood;
  for (int i = 0; i < 40; ++i) {
    const std::string from = "127.0.0." + std::to_string(2 + i);
    flood.push_back(std::make_unique<DicomClient>(port(), from.c_str()));
  }
  DicomClient late(port());
  EXPECT_TRUE(late.associate({{1, kVerification}}));
  EXPECT_FALSE(flood.front()->read());  // cut: it had waited longest
  EXPECT_TRUE(flood.back()->associate({{1, kVerification}}, "OTHER"));
  // Those who have an association keep it.
  ASSERT_TRUE(working.send(fragment(1, 3, echo_command(1))));
  EXPECT_EQ(working.read_message().value_or(Message()).status(), 0);
  EXPECT_GE(server->counts().refused, 36U);
}

TEST_F(DicomServerTest, AStreamCutAnywhereLeavesNothing) {
  start();
  Bytes whole = associate_request({{1, kTwelveLead}});
  put(whole, fragment(1, 3, store_command(1, kTwelveLead, kInstance)));
  const Bytes data = object_data(kTwelveLead, kInstance, 10);
  put(whole, fragment(1, 0, ByteView(data).first(40)));
  put(whole, fragment(1, 2, ByteView(data).subspan(40)));
  for (std::size_t cut = 0; cut < whole.size(); cut += cut < 300 ? 7 : 1) {
    DicomClient cart(port());
    cart.send(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
    cart.end();
    while (cart.read()) {
    }
  }
  EXPECT_TRUE(door.taken().empty());
  EXPECT_EQ(store(data), 0);
}

TEST_F(DicomServerTest, AnAbortAfterAnyPduLeavesNothing) {
  start();
  const Bytes data = object_data();
  const std::vector<Bytes> pdus = {associate_request({{1, kTwelveLead}}),
                                   fragment(1, 3, store_command(1, kTwelveLead, kInstance)),
                                   fragment(1, 0, ByteView(data).first(40))};
  for (std::size_t count = 0; count <= pdus.size(); ++count) {
    for (const Bytes& broken : {pdu(0x07, Bytes(4)), pdu(0x05, Bytes(4)), pdu(0x09, Bytes(40)),
                                pdus[0], pdu(0x04, Bytes(3)), pdu(0x04, {0xFF, 0xFF, 0xFF, 0xFF}),
                                pdu(0x04, {0, 0, 0, 1, 1}), Bytes(100, 0xFF)}) {
      DicomClient cart(port());
      for (std::size_t i = 0; i < count; ++i) cart.send(pdus[i]);
      cart.send(broken);
      cart.end();
      while (cart.read()) {
      }
    }
  }
  EXPECT_TRUE(door.taken().empty());
  EXPECT_EQ(store(data), 0);
}

TEST_F(DicomServerTest, EndsWhatBreaksTheProtocol) {
  start();
  const Bytes store_it = store_command(1, kTwelveLead, kInstance);
  const std::vector<Bytes> wrong = {
      fragment(1, 2, object_data()),    // data without a command
      fragment(9, 3, store_it),         // a context that nobody proposed
      fragment(1, 3, Bytes(20, 0xFF)),  // no command set
      fragment(1, 3, {}),               // an empty one
      fragment(1, 1, Bytes(9000)),      // one that is too long
      fragment(1, 3, echo_command(1)),  // an echo on a storage context
      fragment(1, 3, find_command(1)),
      fragment(1, 3, CommandBytes().number(0x0100, 0x0021).number(0x0800, 0x0101).bytes()),
      fragment(1, 3, CommandBytes().number(0x0100, 0x0001).number(0x0800, 0x0101).bytes()),
      pdu(0x04, Bytes(200'000)),  // above the PDU that was agreed on
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    DicomClient cart(port());
    ASSERT_TRUE(cart.associate({{1, kTwelveLead}}));
    cart.send(wrong[i]);
    if (i == 5) {  // harmless: it is answered
      EXPECT_EQ(cart.read_message().value_or(Message()).status(), 0);
      continue;
    }
    if (i == 9) cart.end();
    const int type = cart.read_type();
    EXPECT_TRUE(type == 0x07 || type == 0) << i << " " << type;
  }
  DicomClient mixed(port());  // the data come on another context
  ASSERT_TRUE(mixed.associate({{1, kTwelveLead}, {3, kTwelveLead}}));
  mixed.send(fragment(1, 3, store_it));
  mixed.send(fragment(3, 2, object_data()));
  EXPECT_EQ(mixed.read_type(), 0x07);
  EXPECT_TRUE(door.taken().empty());
}

TEST_F(DicomServerTest, SaysWhichObjectsItKeeps) {
  start();
  ASSERT_EQ(store(object_data()), 0);
  DicomBuilder request, kept, lost;
  request.text(0x00081195, "UI", "1.2.3.99");
  kept.text(0x00081150, "UI", kTwelveLead);
  kept.text(0x00081155, "UI", kInstance);
  lost.text(0x00081150, "UI", kTwelveLead);
  lost.text(0x00081155, "UI", "1.2.3.4.5");
  request.item(0x00081199, kept);
  for (const bool both : {false, true}) {
    if (both) request.item(0x00081199, lost);
    for (const std::string& syntax : {std::string(kExplicitLittle), kImplicit}) {
      DicomClient cart(port());
      ASSERT_TRUE(cart.associate({{1, kCommitment, {syntax}}}));
      ASSERT_TRUE(cart.send_message(1, commitment_command(8), dicom_data_bytes(request, syntax)));
      const auto answer = cart.read_message();
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->field(), 0x8130);
      EXPECT_EQ(answer->status(), 0);
      const auto report = cart.read_message();
      ASSERT_TRUE(report);
      EXPECT_EQ(report->field(), 0x0100);
      EXPECT_EQ(report->number(0x1002), both ? 2 : 1);
      const auto data = read_dicom_data(report->data, syntax);
      ASSERT_TRUE(data);
      EXPECT_EQ(dicom_raw_text(data->elements, 0x00081195), "1.2.3.99");
      const auto good = dicom_items(data->elements, 0x00081199);
      const auto bad = dicom_items(data->elements, 0x00081198);
      ASSERT_THAT(good, SizeIs(1));
      EXPECT_EQ(dicom_raw_text(good[0], 0x00081155), kInstance);
      ASSERT_THAT(bad, SizeIs(both ? 1 : 0));
      if (both) {
        EXPECT_EQ(dicom_raw_text(bad[0], 0x00081155), "1.2.3.4.5");
        EXPECT_EQ(dicom_unsigned(bad[0], 0x00081197), 0x0112);
      }
      // The device's answer to the report is awaited by nobody.
      ASSERT_TRUE(cart.send(fragment(1, 3,
                                     CommandBytes()
                                         .number(0x0100, 0x8100)
                                         .number(0x0120, 1)
                                         .number(0x0800, 0x0101)
                                         .number(0x0900, 0)
                                         .bytes())));
      EXPECT_TRUE(cart.release());
    }
  }
  DicomClient cart(port());
  ASSERT_TRUE(cart.associate({{1, kCommitment}}));
  ASSERT_TRUE(cart.send_message(1, commitment_command(8), Bytes(30, 0xFF)));
  EXPECT_EQ(cart.read_message().value_or(Message()).status(), 0x0115);
}

TEST_F(DicomServerTest, ShowsTheWorklist) {
  AwaitedExam one;
  one.case_id = CaseId("c1");
  one.number = "2026-00017";
  one.patient = {"", "DUPONT-ÉTÉ", "Chloé", "1953-05-08", Sex::female};
  one.ins = "253057512345678";
  one.asked_at = *parse_instant("2026-03-01T22:00:00Z");
  one.requester = "Dr Camille Essai";
  door.awaited_exams = {one, one};
  door.awaited_exams[1].patient.family_name = "Martin";
  start();
  for (const std::string& syntax : {std::string(kExplicitLittle), kImplicit}) {
    DicomBuilder query, step;
    query.text(dicom_tag::kPatientName, "PN", "dupont*");
    step.text(dicom_tag::kModality, "CS", "ECG");
    step.text(0x00400002, "DA", "20260302");
    query.item(0x00400100, step);
    DicomClient cart(port());
    ASSERT_TRUE(cart.associate({{1, kWorklist, {syntax}}}));
    ASSERT_TRUE(cart.send_message(1, find_command(2), dicom_data_bytes(query, syntax)));
    const auto found = cart.read_message();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->field(), 0x8020);
    EXPECT_EQ(found->status(), 0xFF00);
    const auto data = read_dicom_data(found->data, syntax);
    ASSERT_TRUE(data);
    EXPECT_EQ(dicom_raw_text(data->elements, dicom_tag::kSpecificCharacterSet), "ISO_IR 192");
    EXPECT_EQ(dicom_raw_text(data->elements, dicom_tag::kPatientName), "DUPONT-ÉTÉ^Chloé");
    EXPECT_EQ(dicom_raw_text(data->elements, dicom_tag::kPatientId), "253057512345678");
    EXPECT_EQ(dicom_raw_text(data->elements, dicom_tag::kAccessionNumber), "2026-00017");
    const auto steps = dicom_items(data->elements, 0x00400100);
    ASSERT_THAT(steps, SizeIs(1));
    EXPECT_EQ(dicom_raw_text(steps[0], 0x00400002), "20260302");
    EXPECT_EQ(dicom_raw_text(steps[0], 0x00400001), "CART");
    const auto end = cart.read_message();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->status(), 0);
    EXPECT_FALSE(end->has_data());
    EXPECT_TRUE(cart.release());
  }
}

TEST_F(DicomServerTest, HasNoWorklistUnlessSaid) {
  config.worklist = false;
  door.awaited_exams.resize(1);
  start();
  DicomClient cart(port());
  ASSERT_TRUE(cart.associate({{1, kWorklist}, {3, kVerification}}));
  ASSERT_TRUE(cart.send_message(1, find_command(2), object_data()));
  EXPECT_EQ(cart.read_type(), 0x07);
}

TEST_F(DicomServerTest, BoundsTheWorklist) {
  door.awaited_exams.resize(30);
  config.limits.worklist_entries = 7;
  start();
  DicomClient cart(port());
  ASSERT_TRUE(cart.associate({{1, kWorklist}}));
  DicomBuilder query;
  query.empty(dicom_tag::kPatientName, "PN");
  ASSERT_TRUE(cart.send_message(1, find_command(2), query.encoded()));
  int pending = 0;
  while (cart.read_message().value_or(Message()).status() == 0xFF00) ++pending;
  EXPECT_EQ(pending, 7);
  // A query that is none, or too long.
  ASSERT_TRUE(cart.send_message(1, find_command(2), Bytes(50, 0xFF)));
  EXPECT_EQ(cart.read_message().value_or(Message()).status(), 0xC000);
  ASSERT_TRUE(cart.send_message(1, find_command(2), Bytes(100'000)));
  EXPECT_EQ(cart.read_type(), 0x07);
}

TEST_F(DicomServerTest, ServesSeveralAtATime) {
  start();
  std::vector<std::thread> carts;
  std::atomic<int> stored{0};
  for (int c = 0; c < 4; ++c) {
    carts.emplace_back([&, c] {
      DicomClient cart(port());
      if (!cart.associate({{1, kTwelveLead}})) return;
      for (int i = 0; i < 10; ++i) {
        const std::string instance = "1.2." + std::to_string(c + 1) + "." + std::to_string(i);
        if (!cart.send_message(1, store_command(1, kTwelveLead, instance),
                               object_data(kTwelveLead, instance, 50'000))) {
          return;
        }
        if (cart.read_message().value_or(Message()).status() == 0) ++stored;
      }
      cart.release();
    });
  }
  for (std::thread& cart : carts) cart.join();
  EXPECT_EQ(stored, 40);
  EXPECT_THAT(door.taken(), SizeIs(40));
}

TEST_F(DicomServerTest, StopsWithConnectionsOpen) {
  start();
  DicomClient silent(port()), open(port());
  ASSERT_TRUE(open.associate({{1, kVerification}}));
  server->stop();
  EXPECT_FALSE(open.read());
  EXPECT_FALSE(silent.read());
  EXPECT_EQ(server->counts().open, 0);
}

TEST_F(DicomServerTest, SaysWhatIsWrongWithItsConfiguration) {
  const auto code_of = [&](const DicomConfig& given) {
    const auto started = DicomServer(given, door, slots, clock).start();
    return started ? std::string("started") : std::string(error_name(started.error().code));
  };
  DicomConfig wrong = config;
  wrong.ae_title = "TOO LONG FOR AN AE TITLE";
  EXPECT_EQ(code_of(wrong), "configuration_invalid");
  wrong = config;
  wrong.listen_address = "nowhere";
  EXPECT_EQ(code_of(wrong), "configuration_invalid");
  wrong = config;
  wrong.certificate_file = folder.path() / "missing.pem";
  EXPECT_EQ(code_of(wrong), "configuration_invalid");
  start();
  wrong = config;
  wrong.port = port();
  EXPECT_EQ(code_of(wrong), "configuration_invalid");
}

}  // namespace
}  // namespace telavis::dicom_server_test
