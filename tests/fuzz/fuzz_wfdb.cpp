// SPDX-License-Identifier: Apache-2.0
// Hostile WFDB records: two bytes say how long the header is, then header
// and signal file stand. An input that is an archive is read as one.
#include "formats/wfdb.h"
#include "tests/fuzz/check_tracing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  const ByteView file(data, size);
  looks_like_wfdb_header(file);
  looks_like_wfdb_archive(file);
  fuzz::check_tracing(decode_wfdb(file), size);
  // The sum of a tar header keeps changed names and sizes out: so the parts alone, too.
  if (size < 2) return 0;
  const std::size_t header_bytes = std::min<std::size_t>(data[0] + 256 * data[1], size - 2);
  const ByteView header = file.subspan(2, header_bytes);
  const auto names = wfdb_signal_files(header);
  if (!names) return 0;
  std::vector<NamedFile> files = {{"r.hea", header}};
  const ByteView rest = file.subspan(2 + header_bytes);
  for (std::size_t i = 0; i < names->size() && i < 3; ++i) files.push_back({(*names)[i], rest});
  const Bytes archive = pack_wfdb(files);
  fuzz::check_tracing(decode_wfdb(archive), archive.size());
  return 0;
}
