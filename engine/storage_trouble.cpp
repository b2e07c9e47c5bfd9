// SPDX-License-Identifier: Apache-2.0
#include "engine/storage_trouble.h"

#include <chrono>

namespace telavis {

void StorageTrouble::failed(const Error& error, Instant at) {
  const std::lock_guard lock(mutex_);
  const auto found = troubles_.find(error.code);
  if (found == troubles_.end()) return;
  Trouble& trouble = found->second;
  trouble.figures.errors += 1;
  trouble.last = at;
  if (trouble.figures.since) return;
  trouble.figures.since = at;
  log_("storage: " + std::string(error_name(error.code)) + " begins: " + error.text);
}

void StorageTrouble::worked(Instant at) {
  const std::lock_guard lock(mutex_);
  for (auto& [code, trouble] : troubles_) {
    // A clock that was set back must not make a trouble last.
    if (!trouble.figures.since || std::chrono::abs(at - trouble.last) < kQuietEnd) continue;
    trouble.figures.since.reset();
    log_("storage: " + std::string(error_name(code)) + " is over");
  }
}

std::map<std::string, StorageFigures> StorageTrouble::figures() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, StorageFigures> figures;
  for (const auto& [code, trouble] : troubles_) {
    figures[std::string(error_name(code))] = trouble.figures;
  }
  return figures;
}

}  // namespace telavis
