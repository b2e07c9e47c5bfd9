// SPDX-License-Identifier: Apache-2.0
// What a device sends on one connection, from its first byte to its last, to the code that serves
// it. Nothing of it is taken unless it arrived whole.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "devices/dicom_command.h"
#include "devices/dicom_session.h"
#include "engine/core/time.h"
#include "formats/dicom_walk.h"

namespace {

using namespace telavis;

constexpr std::size_t kMostBytes = 64 * 1024;  // what the socket holds without a reader
constexpr std::size_t kObjectBytes = 16 * 1024;

void require(bool holds) {
  if (!holds) std::abort();
}

class StandingClock : public Clock {
 public:
  Instant now() override { return Instant(std::chrono::hours(500'000)); }
};

/// Everybody may send; whatever is taken is looked at.
class OpenDoor : public ExamDoor {
 public:
  Result<SendingDevice> admit(const DeviceClaim& claim) override {
    require(claim.name.size() <= 16);
    return SendingDevice{"device", UserId("holder"), ProgrammeId("programme")};
  }
  Result<TakenExam> take(const SendingDevice& /*from*/, const UploadedFile& file,
                         const std::string& object_id) override {
    require(file.bytes.size() <= kObjectBytes && is_uid_text(object_id));
    require(as_text(ByteView(file.bytes).subspan(128, 4)) == "DICM");
    TakenExam taken{"exam", ExamTaken::waiting, std::nullopt};
    if (!walk_dicom(file.bytes)) taken.outcome = ExamTaken::unreadable;
    return taken;
  }
  Result<std::vector<bool>> keeps(const SendingDevice& /*by*/,
                                  const std::vector<std::string>& ids) override {
    std::vector<bool> kept;
    for (const std::string& id : ids) kept.push_back(id.size() % 2 == 0);
    return kept;
  }
  Result<std::vector<AwaitedExam>> awaited(const SendingDevice& /*by*/) override {
    AwaitedExam one;
    one.case_id = CaseId("c");
    one.number = "17";
    one.patient = {"P", "ESSAI", "Zoé", "1953-05-08", Sex::female};
    return std::vector<AwaitedExam>{one, one};
  }
};

DicomConfig config_of_fuzzing() {
  DicomConfig config;
  config.spool_folder = std::filesystem::temp_directory_path();
  config.worklist = true;
  config.limits.object_bytes = kObjectBytes;
  config.limits.pdu_bytes = 4096;
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static OpenDoor door;
  static DecodeSlots slots(1);
  static StandingClock clock;
  static const DicomConfig config = config_of_fuzzing();
  if (size > kMostBytes) return 0;
  DicomShared shared{config, door, slots, clock, nullptr, {}, {}};
  shared.enter = [](const std::string&) { return std::make_shared<int>(0); };
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  // Answers that nobody reads would fill the socket: writing fails then, as with a peer that is
  // gone.
  const timeval at_once{0, 1000};
  ::setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &at_once, sizeof(at_once));
  require(size == 0 || ::write(ends[1], data, size) == static_cast<ssize_t>(size));
  ::shutdown(ends[1], SHUT_WR);
  DicomDeadline deadline{std::chrono::hours(1)};
  serve_dicom_connection(ends[0], "socket", shared, deadline);
  ::close(ends[0]);
  ::close(ends[1]);
  return 0;
}
