// SPDX-License-Identifier: Apache-2.0
// The folder that the software of one device exports to. Also for a share (NFS, SMB), whose other
// writers nobody hears of: what counts is what two looks find, by our own clock.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/decode_slots.h"
#include "engine/core/exam_door.h"
#include "engine/core/ports.h"
#include "formats/result.h"

namespace telavis {

/// Where what was taken goes, and what cannot be taken, with a text beside it that says why.
inline constexpr std::string_view kDoneFolder = "done";
inline constexpr std::string_view kRefusedFolder = "refused";

/// Unchanged for so long, and in three looks, a file is complete: above what an NFS or SMB mount
/// keeps of a file's size (acregmin 3 s, actimeo 1 s), and above the pauses in which ECG software
/// writes.
inline constexpr Duration kSettledAfter = std::chrono::seconds(10);
/// Of a file whose writer has closed it: some close and open again.
inline constexpr Duration kClosedFor = std::chrono::seconds(1);
/// An empty file is one that is still to be written, up to here.
inline constexpr Duration kEmptyPatience = std::chrono::minutes(10);
/// How long a WFDB header waits for its signal files, and a ".dat" for its header.
inline constexpr Duration kRecordPatience = std::chrono::minutes(10);
/// After a failure a file or the whole folder is left alone so long; doubled with each.
inline constexpr Duration kFirstPause = std::chrono::seconds(15);
inline constexpr Duration kLongestPauseOfAFile = std::chrono::minutes(15);
/// Files that are looked at at a time; the others come when these have gone.
inline constexpr std::size_t kMaxFilesSeen = 10'000;

struct DropPorts {
  ExamDoor& door;
  DecodeSlots& slots;
  Clock& clock;
  /// Told when the folder of a device begins to fail, or fails otherwise; no file is named.
  std::function<void(const std::string& device, const Error&)> failed;
};

/// Names that are no exam whatever they hold: hidden, temporary, litter of the system.
bool is_passed_over(std::string_view name);

/// Puts into `refused` of this folder, with a text that says why, what was taken from it before.
/// `kept`: the engine has it all the same, sealed. Errors: storage_failed, storage_full.
Result<void> put_refused(const std::filesystem::path& folder, const std::string& name,
                         ByteView bytes, const Error& error, bool kept);

/// Not for use by two threads at a time.
class DropBox {
 public:
  DropBox(std::filesystem::path folder, std::string device, DropPorts ports)
      : folder_(std::move(folder)), device_(std::move(device)), ports_(std::move(ports)) {}

  /// What the system tells of a file of this folder: written to, or closed or renamed by its
  /// writer. Only to be quicker: without it everything is found as well.
  void was_written(const std::string& name);
  void was_closed(const std::string& name);

  /// Takes what is complete: each file is durable in the engine before it is moved. A file stays
  /// where it is, and is tried again, when the engine cannot take it now. Gives how many were
  /// moved.
  int look();
  /// Files lie there that may be complete later, or are tried again.
  bool holds_files() const { return !seen_.empty(); }

 private:
  struct Stamp {
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Pause {
    Instant until;
    Duration next = kFirstPause;
    bool over(Instant now) const {
      return now >= until || until - now > kLongestPauseOfAFile;  // the clock went back
    }
    void begin(Instant now);
  };
  struct Seen {
    Stamp stamp;
    Instant since;  // that it is as it is, by our clock
    int looks = 0;
    bool closed = false;
    bool present = false;
    Pause pause;
  };
  /// A file as it was read.
  struct Part {
    std::string name;
    Stamp stamp;
    Bytes bytes;
  };
  struct Verdict {
    std::vector<Part> parts;  // without their bytes; the one that names the exam comes last
    std::optional<Error> refused;
    bool kept = false;  // although it is refused: the engine has it, sealed
  };
  enum class Step { moved, left };

  static Stamp stamp_of(const struct stat& status);
  Result<void> list(int folder, Instant now);
  bool is_complete(const Seen& file, Instant now) const;
  bool waits_for_header(const std::string& name, const Seen& file, Instant now) const;
  std::vector<std::string> complete_files(Instant now) const;
  Result<Step> handle(int folder, const SendingDevice& from, const std::string& name);
  /// nullopt: it is not as it was seen, or gone.
  Result<std::optional<Part>> read(int folder, const std::string& name, std::size_t limit);
  /// Its other files, when it is a WFDB header. nullopt: they are still to come.
  Result<std::optional<Verdict>> gather(int folder, Part header);
  Result<Verdict> take(const SendingDevice& from, Part file, Bytes bytes);
  Result<Step> place(int folder, const Verdict& verdict);
  Result<Step> place_one(int folder, const Part& part, std::string_view into,
                         const std::string& text);
  void note(const std::optional<Error>& error);

  std::filesystem::path folder_;
  std::string device_;
  DropPorts ports_;
  std::map<std::string, Seen> seen_;
  Pause pause_;  // of all of it
  std::optional<ErrorCode> failing_;
};

}  // namespace telavis
