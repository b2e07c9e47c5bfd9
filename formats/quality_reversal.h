// SPDX-License-Identifier: Apache-2.0
// Whether the limb electrodes may have been exchanged, from the geometry of the leads alone.
#pragma once

#include "formats/quality.h"

namespace telavis {

enum class Reversal {
  none,
  right_arm_left_arm,  // lead I is turned over
  right_arm_left_leg,  // lead II is turned over
  right_leg,           // II or III measures between the legs: nothing
};

/// Compares the average beat of I and II with that of V5 and V6, which look from the same side: a
/// lead is turned over when neither its P nor its T wave goes with theirs and P or QRS goes against
/// them. An exchange of the left arm and the left leg leaves no such mark and is not found. None
/// without I, II, III and one of V5 and V6, alike in sampling, and five beats.
Reversal reversal_of(const EcgRecording& recording, const EcgQualityLimits& limits);

}  // namespace telavis
