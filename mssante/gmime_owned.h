// SPDX-License-Identifier: Apache-2.0
// For the sources that call gmime: its objects, let go with the owner.
#pragma once

#include <memory>

namespace telavis {

struct GUnref {
  /// `object`: any GObject.
  void operator()(void* object) const;
};
template <typename T>
using GOwned = std::unique_ptr<T, GUnref>;

}  // namespace telavis
