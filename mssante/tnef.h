// SPDX-License-Identifier: Apache-2.0
// winmail.dat: what Outlook wraps a mail's files into when it takes the reader for another Outlook.
#pragma once

#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

struct TnefFile {
  std::string name;        // as it stands there; may be empty
  std::string media_type;  // likewise
  Bytes bytes;
};

struct TnefContent {
  std::string text;  // UTF-8; the plain body, or the HTML one
  bool text_is_html = false;
  bool has_rich_text = false;   // a body in compressed RTF, which is not read
  std::vector<TnefFile> files;  // those of enclosed messages too
  bool cut = false;             // it ends early, or holds more than is read
};

/// Transport Neutral Encapsulation Format ([MS-OXTNEF], from memory: unverified). Reads no more
/// than 100 files and four enclosed messages deep; lengths are held against the bytes that are
/// there. Errors: unknown_format (no TNEF).
Result<TnefContent> read_tnef(ByteView bytes);

}  // namespace telavis
