// SPDX-License-Identifier: Apache-2.0
#include "engine/core/exam_archive.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "formats/exam_record.h"

namespace telavis {
namespace {

constexpr std::string_view kMagic = "TLVEXAM2";
constexpr std::size_t kFields = 6;

}  // namespace

Bytes pack_exams(const std::vector<ArchivedExam>& exams) {
  Bytes archive;
  ByteWriter writer(archive);
  writer.text(kMagic);
  writer.u32le(static_cast<std::uint32_t>(exams.size()));
  for (const ArchivedExam& exam : exams) {
    const Bytes decoded = pack_exam(exam.normalised.exam);
    for (const ByteView field :
         {as_bytes(exam.source), as_bytes(exam.name), ByteView(exam.original), ByteView(decoded),
          ByteView(exam.normalised.document), ByteView(exam.normalised.preview)}) {
      writer.u32le(static_cast<std::uint32_t>(field.size()));
      writer.bytes(field);
    }
  }
  return archive;
}

Result<std::vector<ArchivedExam>> unpack_exams(ByteView archive) {
  const auto refuse = [] {
    return fail(ErrorCode::storage_failed,
                "A stored exam is not readable: restore the blob store from its backup.");
  };
  ByteReader reader(archive);
  const auto magic = reader.take(kMagic.size());
  const auto count = magic && as_text(*magic) == kMagic ? reader.u32le() : std::nullopt;
  if (!count) return refuse();
  std::vector<ArchivedExam> exams;
  for (std::uint32_t i = 0; i < *count; ++i) {
    std::array<ByteView, kFields> fields;
    for (ByteView& field : fields) {
      const auto length = reader.u32le();
      const auto view = length ? reader.take(*length) : std::nullopt;
      if (!view) return refuse();
      field = *view;
    }
    const auto bytes = [&](std::size_t index) {
      return Bytes(fields[index].begin(), fields[index].end());
    };
    auto decoded = unpack_exam(fields[3]);
    if (!decoded) return refuse();
    exams.push_back({std::string(as_text(fields[0])),
                     std::string(as_text(fields[1])),
                     bytes(2),
                     {std::move(*decoded), bytes(4), bytes(5)}});
  }
  if (reader.remaining() != 0) return refuse();
  return exams;
}

}  // namespace telavis
