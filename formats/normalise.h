// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/recording.h"

namespace telavis {

/// True when both leads share interval, gain, first sample and length, so that their samples may be
/// added one by one.
bool same_sampling(const Lead& left, const Lead& right);

/// The same recording with those of III, aVR, aVL and aVF that it lacks, flagged `derived`, at the
/// end of the leads: III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2, rounded
/// to the nearest step (halves away from zero). Nothing is added unless I and II are both there
/// with the same sampling.
EcgRecording with_derived_limb_leads(const EcgRecording& recording);

}  // namespace telavis
