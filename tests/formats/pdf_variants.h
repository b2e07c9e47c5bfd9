// SPDX-License-Identifier: Apache-2.0
// PDF files written byte by byte for the tests and fuzz seeds.
#pragma once

#include <string>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

/// Objects: 1 catalogue, 2 page tree, 3 first page, 4 content, 5 font, 6 free for nothing, then
/// `objects` from 7 on, then the further pages.
struct PdfVariant {
  int pages = 1;
  std::string catalog = {};  // further entries of the catalogue; the last of a name counts
  std::string page = {};     // further entries of the first page
  std::vector<std::string> objects = {};
  std::string trailer = {};
};
Bytes make_pdf(const PdfVariant& variant);

/// A PDF 1.5 whose catalogue, pages and one object more stand in an object stream, with a
/// cross-reference stream.
Bytes make_packed_pdf(const std::string& object);

/// A deflate stream of few bytes that unpacks to `bytes` zeros.
std::string flate_bomb(std::size_t bytes);

void write_file(const std::string& path, const Bytes& bytes);

}  // namespace telavis::test
