// SPDX-License-Identifier: Apache-2.0
// What lists show of patients, and the memory of who has seen it: the reading is written down in
// the chain of each case, once a session (docs/decisions/020-lists-that-show-patients.md).
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/core/ids.h"
#include "engine/core/request.h"
#include "engine/core/time.h"

namespace telavis {

/// Of a case that has not ended, for who may read it.
struct CaseBrief {
  bool coded = false;      // of a pool that is asked openly: the age band in place of the age
  std::string reason;      // code
  std::string sex;         // as sex_name()
  std::string age_band;    // "60-69", with `coded`
  std::optional<int> age;  // years when it was asked; none: the birth date is not known
};

/// A requester's own reading beside the opinion.
struct NotebookEntry {
  CaseId id;
  std::string number;
  Instant answered_at;
  CaseRequest request;
  std::string conclusion;
  std::string agreement;  // code of the opinion, or empty
  std::string outcome;    // the latest, JSON as parse_outcome() gives it, or empty
};

/// Which lists a session has shown of which cases. In this process alone: after a restart a reading
/// is written down once more.
class ListReadings {
 public:
  bool knows(const std::string& session, std::string_view list, const CaseId& id);
  /// After the reading has been written down. Sessions that began over a day ago are forgotten.
  void note(const std::string& session, std::string_view list, const CaseId& id, Instant now);

 private:
  struct Seen {
    Instant since;
    std::set<std::pair<std::string, CaseId>> cases;
  };
  std::mutex mutex_;
  std::map<std::string, Seen> sessions_;
};

}  // namespace telavis
