// SPDX-License-Identifier: Apache-2.0
// Four DICOM associations and eight uploads at a time into the real server, which is killed or
// whose disk fills up: what a sender was told is there is there. TELAVIS_DEVICE_KILLS sets how many
// kills (default 4).
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "fixtures/synthetic_ecg.h"
#include "formats/dicom.h"
#include "formats/scp_ecg.h"
#include "storage/sqlite.h"
#include "tests/e2e/binary.h"
#include "tests/e2e/server_process.h"

namespace telavis::test::devices_kill_test {

namespace fs = std::filesystem;

constexpr int kAssociations = 4, kUploaders = 8;
constexpr int kObjectsAnAssociation = 12;
constexpr int kMostLooks = 6000;  // at a machine that is busy with other things
const std::string kToken = "token-of-the-gateway";

int kills_wanted() {
  const char* text = std::getenv("TELAVIS_DEVICE_KILLS");  // NOLINT(concurrency-mt-unsafe)
  int kills = 4;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), kills);
  return kills;
}

/// What the senders were told; no file is sent twice by them.
class Told {
 public:
  void object(const std::string& uid) {
    const std::lock_guard lock(mutex_);
    objects_.insert(uid);
  }
  void exam(const std::string& id) {
    const std::lock_guard lock(mutex_);
    exams_.insert(id);
  }
  std::set<std::string> objects() const {
    const std::lock_guard lock(mutex_);
    return objects_;
  }
  std::set<std::string> exams() const {
    const std::lock_guard lock(mutex_);
    return exams_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> objects_, exams_;
};

class DevicesKill : public ::testing::Test {
 protected:
  DevicesKill() {
    auto repository = open_repository();
    const auto holder = repository->members(ProgrammeId(std::string(kProgramme)), Role::requester);
    EXPECT_TRUE(holder && !holder->empty());
    for (const char* id : {"cart", "gateway"}) {
      LentDevice device;
      device.id = id;
      device.programme = ProgrammeId(std::string(kProgramme));
      device.serial = id;
      device.holder = holder->front().id;
      device.lent_on = "2026-01-02";
      device.ae_title = device.id == "cart" ? "CART" : "";
      EXPECT_TRUE(repository->put_device(device, {Instant(), "operator", std::nullopt}));
    }
    EXPECT_TRUE(repository->put_pairing("gateway", "code", Instant(std::chrono::hours(1))));
    const auto paired = repository->take_pairing("code", device_token_hash(kToken), Instant());
    EXPECT_TRUE(paired && *paired);
  }
  std::unique_ptr<Repository> open_repository() const {
    auto opened = open_sqlite_repository({demo_.data / "telavis.db", {}});
    EXPECT_TRUE(opened) << opened.error().text;
    return std::move(*opened);
  }
  void start() {
    server_.reset();
    server_ = std::make_unique<Process>(demo_.serve(), demo_.folder / "log", [this] {
      ::setenv("LD_PRELOAD", TELAVIS_FAILING_MACHINE, 1);     // NOLINT(concurrency-mt-unsafe)
      ::setenv("TELAVIS_FAILING_MACHINE", plan_.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    });
    ASSERT_TRUE(server_->wait_for("listening on"));
  }
  /// See failing_machine.cpp; empty: all is well.
  void machine(const std::string& plan) const {
    const fs::path beside = demo_.folder / "plan.new";
    std::ofstream(beside) << plan;
    fs::rename(beside, plan_);
  }

  /// A recording that nobody has sent yet.
  EcgRecording recording() {
    fixtures::SyntheticEcg parameters = fixtures::demo_ecg_parameters();
    parameters.duration_s = 2;
    parameters.seed = static_cast<std::uint64_t>(++made_);
    return fixtures::synthetic_ecg(parameters);
  }
  /// Files of one association, and the UID of each by its path.
  std::map<std::string, std::string> objects() {
    std::map<std::string, std::string> files;
    for (int i = 0; i < kObjectsAnAssociation; ++i) {
      const EcgRecording ecg = recording();
      const std::string uid = "1.2.826.0.1.3680043.10.1.3." + std::to_string(made_);
      const auto object = write_dicom_ecg(
          ecg, {"1.2.826.0.1.3680043.10.1.1", "1.2.826.0.1.3680043.10.1.2", uid, {}, {}, {}});
      EXPECT_TRUE(object);
      const std::string path = (demo_.folder / (std::to_string(made_) + ".dcm")).string();
      std::ofstream(path, std::ios::binary) << as_text(object.value_or(Bytes()));
      files.emplace(path, uid);
    }
    return files;
  }

  /// One association of the real tool; what it says was stored is noted.
  void store(const std::map<std::string, std::string>& files) {
    std::string command =
        "storescu -v -aet CART -aec TELAVIS localhost " + std::to_string(dicom_port_);
    for (const auto& [path, uid] : files) command += " " + path;
    std::istringstream said(run_command(command).output);
    std::string sending;
    for (std::string line; std::getline(said, line);) {
      const auto file = line.find("Sending file: ");
      if (file != std::string::npos) sending = line.substr(file + 14);
      if (line.find("Received Store Response (Success)") != std::string::npos &&
          files.contains(sending))
        told_.object(files.at(sending));
    }
  }
  void upload(const Bytes& file) {
    HttpsClient client({demo_.url, (demo_.data / "tls/certificate.pem").string()});
    const auto answer = client.send(
        "POST", "/api/v1/exams",
        {{"Authorization", "Bearer " + kToken}, {"Content-Type", "application/octet-stream"}},
        std::string(as_text(file)));
    if (!answer || answer->status / 100 != 2) return;
    told_.exam(std::string(boost::json::parse(as_text(answer->body)).at("id").as_string()));
  }
  /// Everybody sends until `done`, which is called beside them, has returned.
  template <typename Meanwhile>
  void everybody_sends(Meanwhile meanwhile) {
    std::atomic<bool> done = false;
    std::mutex making;
    std::vector<std::thread> senders;
    for (int i = 0; i < kAssociations; ++i) {
      senders.emplace_back([&] {
        while (!done) {
          std::map<std::string, std::string> files;
          {
            const std::lock_guard lock(making);
            files = objects();
          }
          store(files);
        }
      });
    }
    for (int i = 0; i < kUploaders; ++i) {
      senders.emplace_back([&] {
        while (!done) {
          Bytes file;
          {
            const std::lock_guard lock(making);
            file = encode_scp_ecg(recording()).value();
          }
          upload(file);
        }
      });
    }
    meanwhile();
    done = true;
    for (std::thread& sender : senders) sender.join();
  }
  void wait_for_more(std::size_t more) {
    // Of both kinds, so that a kill finds both on their way.
    const auto count = [this] { return std::min(told_objects(), told_exams()); };
    const std::size_t wanted = count() + more;
    for (int look = 0; look < kMostLooks && count() < wanted; ++look) {
      ASSERT_TRUE(server_->runs_for(20)) << "the server has ended";
    }
    EXPECT_GE(count(), wanted) << "nothing is taken any more";
  }
  std::size_t told_objects() const { return told_.objects().size(); }
  std::size_t told_exams() const { return told_.exams().size(); }

  void expect_all_there() {
    const auto repository = open_repository();
    for (const std::string& uid : told_.objects())
      EXPECT_TRUE(repository->keeps_object("cart", uid).value_or(false)) << uid;
    for (const std::string& id : told_.exams()) {
      const auto exam = repository->received_exam(id);
      ASSERT_TRUE(exam && *exam) << id;
      EXPECT_EQ((*exam)->state, ReceivedExamState::waiting);
      EXPECT_FALSE((*exam)->sealed.empty());
    }
  }

  int dicom_port_ = free_port();
  Demonstration demo_{R"("log_level":"error","dicom":{"listen_port":)" +
                      std::to_string(dicom_port_) +
                      R"(,"ae_title":"TELAVIS","tls":false},"tray":{"exams_an_hour":100000})"};
  fs::path plan_ = demo_.folder / "plan";
  std::unique_ptr<Process> server_;
  Told told_;
  int made_ = 0;
};

TEST_F(DevicesKill, WhatWasAcknowledgedIsThere) {
  machine("");
  start();
  for (int kill = 0; kill < kills_wanted() && !HasFailure(); ++kill) {
    everybody_sends([&] {
      wait_for_more(20);
      server_->kill_now();
    });
    expect_all_there();
    start();
  }
  RecordProperty("objects", static_cast<int>(told_objects()));
  RecordProperty("uploads", static_cast<int>(told_exams()));
  std::printf("devices: %zu objects and %zu uploads acknowledged, all there\n", told_objects(),
              told_exams());
}

TEST_F(DevicesKill, AFullDiskAcknowledgesNothingThatIsNotThere) {
  machine("");
  start();
  everybody_sends([&] {
    wait_for_more(10);
    machine("write " + std::to_string(ENOSPC));
    server_->runs_for(1500);
    machine("");
    wait_for_more(10);
  });
  EXPECT_TRUE(server_->stop());
  expect_all_there();
}

}  // namespace telavis::test::devices_kill_test
