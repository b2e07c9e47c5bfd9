// SPDX-License-Identifier: Apache-2.0
// A data set as attributes with values that are text, numbers, bytes or items: what the JSON and
// the XML model (formats/dicom_model.h) write down. Internal to the DICOM codec.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/bytes.h"
#include "formats/dicom_walk.h"

namespace telavis {

/// A name in its up to three writings (PS3.5 6.2.1), UTF-8.
struct DicomPersonName {
  std::string alphabetic, ideographic, phonetic;
};

struct DicomAttribute {
  std::uint32_t tag = 0;
  std::string vr;
  std::string keyword;                 // empty: not in the dictionary
  std::vector<std::string> texts;      // UTF-8; an empty one is a value that is missing
  std::vector<DicomPersonName> names;  // PN
  std::vector<std::string> numbers;    // as JSON writes them; empty: missing, or none of a number
  std::vector<DicomItem> items;        // SQ
  ByteView bytes;                      // OB, OW, UN, ...
  bool encapsulated = false;           // the bytes are fragments

  bool is_binary() const;
  bool is_number() const;  // among them IS and DS whose text is one
};

/// Of one level, in the order of the tags, without group lengths, meta information and what follows
/// the data (FFFC,FFFC). `character_sets` are those of the level above.
std::vector<DicomAttribute> dicom_attributes(const DicomItem& item,
                                             std::string_view character_sets);
/// Those that hold within this level.
std::string dicom_character_sets(const DicomItem& item, std::string_view character_sets);

}  // namespace telavis
