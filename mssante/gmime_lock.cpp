// SPDX-License-Identifier: Apache-2.0
#include "mssante/gmime_lock.h"

#include <gmime/gmime.h>

namespace telavis {

std::unique_lock<std::mutex> hold_gmime() {
  static std::mutex mutex;
  std::unique_lock lock(mutex);
  static const bool initialised = [] {
    g_mime_init();
    return true;
  }();
  static_cast<void>(initialised);
  return lock;
}

}  // namespace telavis
