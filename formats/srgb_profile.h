// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/bytes.h"

namespace telavis {

/// The ICC profile of sRGB (IEC 61966-2-1), a display profile of version 2.1 as PDF 1.4 and hence
/// PDF/A-1 ask for (ICC.1:1998-09), with primaries adapted to D50. The same bytes at every call:
/// its date is that of the standard. About 2.5 kB.
Bytes srgb_profile();

}  // namespace telavis
