// SPDX-License-Identifier: Apache-2.0
#include "mssante/gmime_owned.h"

#include <glib-object.h>

namespace telavis {

void GUnref::operator()(void* object) const {
  g_object_unref(object);
}

}  // namespace telavis
