// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

namespace telavis {

/// Starts gmime and holds it for one thread: gmime and glib keep tables of their own, and under a
/// millisecond a mail there is nothing to win.
std::unique_lock<std::mutex> hold_gmime();

}  // namespace telavis
