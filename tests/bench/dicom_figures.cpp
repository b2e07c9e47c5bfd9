// SPDX-License-Identifier: Apache-2.0
// dicom_figures FOLDER [OBJECTS] [KILOBYTES]: how many objects a second untouched storescu and
// dcmsend (package dcmtk) get into the DICOM server over 1 and 4 associations, and what each costs
// it. The door writes each object to FOLDER and syncs it before it says yes, and once more without
// writing: what the network alone allows. Clients run on the same processors.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "devices/dicom_data.h"
#include "devices/dicom_server.h"
#include "formats/dicom_builder.h"
#include "formats/dicom_tags.h"

namespace {

using namespace telavis;
namespace fs = std::filesystem;

constexpr const char* kGeneralEcg = "1.2.840.10008.5.1.4.1.1.9.1.2";

class Door : public ExamDoor {
 public:
  explicit Door(fs::path folder) : folder_(std::move(folder)) {}
  bool durable = false;
  std::atomic<int> taken{0};

  Result<SendingDevice> admit(const DeviceClaim& /*claim*/) override {
    return SendingDevice{"cart", UserId("holder"), ProgrammeId("programme")};
  }
  Result<TakenExam> take(const SendingDevice& /*from*/, const UploadedFile& file,
                         const std::string& /*object_id*/) override {
    const int number = taken++;
    if (durable) {
      const fs::path name = folder_ / fmt::format("taken-{}", number % 64);
      const int out = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      const bool kept = out >= 0 &&
                        ::write(out, file.bytes.data(), file.bytes.size()) ==
                            static_cast<ssize_t>(file.bytes.size()) &&
                        ::fsync(out) == 0;
      if (out >= 0) ::close(out);
      if (!kept) return fail(ErrorCode::storage_failed, "The folder cannot be written.");
    }
    return TakenExam{"exam", ExamTaken::waiting, std::nullopt};
  }
  Result<std::vector<bool>> keeps(const SendingDevice& /*by*/,
                                  const std::vector<std::string>& ids) override {
    return std::vector<bool>(ids.size(), true);
  }
  Result<std::vector<AwaitedExam>> awaited(const SendingDevice& /*by*/) override {
    return std::vector<AwaitedExam>();
  }

 private:
  fs::path folder_;
};

class SystemClock : public Clock {
 public:
  Instant now() override { return Instant(); }  // nothing here asks for the day
};

int number(std::string_view text) {
  int value = 1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void make_objects(const fs::path& folder, int count, std::size_t bytes) {
  for (int i = 0; i < count; ++i) {
    DicomBuilder data;
    const std::string instance = "1.2.826.0.1.3680043.10.1.9." + std::to_string(i + 1);
    data.text(dicom_tag::kSopClass, "UI", kGeneralEcg);
    data.text(dicom_tag::kSopInstance, "UI", instance);
    data.bytes(dicom_tag::kEncapsulatedDocument, "OB", Bytes(bytes, 7));
    Bytes file = dicom_file_start(kGeneralEcg, instance, kExplicitLittle);
    const Bytes content = data.encoded();
    file.insert(file.end(), content.begin(), content.end());
    std::ofstream(folder / fmt::format("object-{}.dcm", i), std::ios::binary) << as_text(file);
  }
}

void measure(const std::string& tool, int associations, const fs::path& objects, int count,
             DicomServer& server, Door& door) {
  door.taken = 0;
  const std::string command = tool + " -aet CART -aec TELAVIS localhost " +
                              std::to_string(server.port()) + " " + objects.string() +
                              "/*.dcm >/dev/null 2>&1";
  const double before = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> clients;
  std::atomic<int> failed{0};
  for (int i = 0; i < associations; ++i)
    clients.emplace_back([&] { failed += std::system(command.c_str()) == 0 ? 0 : 1; });
  for (std::thread& client : clients) client.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const int taken = door.taken;
  fmt::print("{:8} {} association(s), {:8}: {:6.0f} objects/s, {:5.2f} ms of processor each{}\n",
             tool, associations, door.durable ? "synced" : "unsynced", taken / took.count(),
             (processor_seconds() - before) * 1000 / taken,
             failed == 0 && taken == count * associations ? "" : "  NOT ALL WERE TAKEN");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: dicom_figures FOLDER [OBJECTS] [KILOBYTES]\n");
    return 2;
  }
  const fs::path folder = argv[1];
  const int count = argc > 2 ? number(argv[2]) : 300;
  const std::size_t bytes = (argc > 3 ? static_cast<std::size_t>(number(argv[3])) : 180) * 1000;
  const fs::path objects = folder / "objects";
  fs::create_directories(objects);
  make_objects(objects, count, bytes);

  Door door(folder);
  DecodeSlots slots(2);
  SystemClock clock;
  DicomConfig config;
  config.port = 0;
  config.spool_folder = folder;
  DicomServer server(config, door, slots, clock);
  if (const auto started = server.start(); !started) {
    fmt::print(stderr, "{}\n", started.error().text);
    return 1;
  }
  for (const bool durable : {false, true}) {
    door.durable = durable;
    for (const char* tool : {"storescu", "dcmsend"}) {
      for (const int associations : {1, 4})
        measure(tool, associations, objects, count, server, door);
    }
  }
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  fmt::print("{} objects of {} kB; at most {} MB of memory\n", count, bytes / 1000,
             used.ru_maxrss / 1024);
  return 0;
}
