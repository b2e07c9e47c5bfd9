// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "formats/recording.h"

namespace telavis::test {

inline std::vector<std::string> codes(const EcgRecording& recording) {
  std::vector<std::string> list;
  list.reserve(recording.findings.size());
  for (const Finding& finding : recording.findings) list.push_back(finding.code);
  return list;
}

}  // namespace telavis::test
