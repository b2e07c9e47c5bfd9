// SPDX-License-Identifier: Apache-2.0
// First line of the input: the Content-Type; the rest: the body.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "devices/http_upload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t* const end = data + size;
  const std::uint8_t* const line_end = std::find(data, end, static_cast<std::uint8_t>('\n'));
  const telavis::ByteView type(data, line_end);
  const telavis::ByteView body(line_end == end ? end : line_end + 1, end);
  const auto form = telavis::parse_upload(telavis::as_text(type), body);
  if (!form) return 0;
  std::size_t held = form->request_json.size();
  for (const auto& file : form->files) held += file.bytes.size();
  // What is handed on was sent, and is within the limits that are promised.
  if (held > body.size() || form->files.size() > telavis::kMaxUploadFiles) std::abort();
  return 0;
}
