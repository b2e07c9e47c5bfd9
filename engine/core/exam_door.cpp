// SPDX-License-Identifier: Apache-2.0
#include "engine/core/exam_door.h"

namespace telavis {

std::string_view device_proof_name(DeviceProof proof) {
  switch (proof) {
    case DeviceProof::ae_title:
      return "ae_title";
    case DeviceProof::token:
      return "token";
    case DeviceProof::folder:
      return "folder";
  }
  return "";
}

std::string_view exam_taken_name(ExamTaken taken) {
  switch (taken) {
    case ExamTaken::waiting:
      return "waiting";
    case ExamTaken::known:
      return "known";
    case ExamTaken::unreadable:
      return "unreadable";
  }
  return "";
}

}  // namespace telavis
