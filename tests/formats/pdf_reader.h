// SPDX-License-Identifier: Apache-2.0
// A strict reader of PDF/A-1b, written from ISO 19005-1 and not from the writer: what a document of
// ours may hold is listed, everything else is a fault.
#pragma once

#include <string>
#include <vector>

#include "formats/bytes.h"
#include "tests/formats/svg_reader.h"

namespace telavis::test {

/// Every rule that the document breaks, empty when none.
std::vector<std::string> pdfa_faults(const Bytes& pdf);

/// What stands at a key of the Info dictionary ("/Title"), and between two tags of the XMP packet.
std::string info_text(const Bytes& pdf, const std::string& key);
std::string xmp_text(const Bytes& pdf, const std::string& tag);

/// One stroke of a page: its lines in millimetres from the upper left corner of the page.
struct Stroke {
  double width_mm = 0;
  bool black = false;
  std::vector<Line> lines;
};
/// From the operators of the page's content.
std::vector<Stroke> strokes_of(const Bytes& pdf, std::size_t page);

}  // namespace telavis::test
