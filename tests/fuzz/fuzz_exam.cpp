// SPDX-License-Identifier: Apache-2.0
// Hostile files of any format through the one door: sniff, decode, normalise, check, pack, write.
#include <cstdlib>

#include "formats/aecg.h"
#include "formats/exam.h"
#include "formats/exam_record.h"
#include "formats/inspect.h"
#include "formats/scp_ecg.h"
#include "formats/text.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// What is written of a recording is read again.
void write_again(const telavis::EcgRecording& recording) {
  if (const auto scp = telavis::encode_scp_ecg(recording)) {
    require(telavis::decode_scp_ecg(*scp).has_value());
  }
  if (const auto aecg = telavis::encode_aecg(recording)) {
    require(telavis::decode_aecg(*aecg).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const telavis::ByteView file(data, size);
  const telavis::FileFormat format = telavis::sniff(file);
  const auto decoded = telavis::decode_exam(file);
  auto exam = telavis::normalise_exam(file);
  if (!decoded) {
    require(!exam && exam.error().code == decoded.error().code);
    require(!decoded.error().text.empty());
    return 0;
  }
  require(format != telavis::FileFormat::foreign && format != telavis::FileFormat::unknown);
  if (!exam) return 0;  // a photo may break where its pixels begin
  telavis::ExamLimits limits;
  limits.ecg.exchanged_electrodes = true;
  telavis::check_exam(*exam, limits);
  const std::string json = telavis::inspect_json(exam->exam);
  require(telavis::is_valid_utf8(json));
  const auto packed = telavis::unpack_exam(telavis::pack_exam(exam->exam));
  require(packed.has_value() && telavis::inspect_json(*packed) == json);
  if (const auto* recording = std::get_if<telavis::EcgRecording>(&exam->exam)) {
    write_again(*recording);
  } else if (std::holds_alternative<telavis::SkinPhoto>(exam->exam)) {
    require(telavis::sniff(exam->document) == telavis::FileFormat::jpeg);
  }
  return 0;
}
