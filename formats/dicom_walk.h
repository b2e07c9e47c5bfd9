// SPDX-License-Identifier: Apache-2.0
// The structure of a DICOM file (PS3.5 chapter 7, PS3.10 chapter 7), walked by ourselves: nothing
// else ever sees the lengths and the nesting that a file claims. Internal to the DICOM reader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// Real objects nest some 8 deep; every level costs a stack frame.
inline constexpr int kMaxDicomNesting = 32;
/// Elements and items of a whole file. An ECG with every beat annotated has some 10,000; a million
/// of the smallest cost 40 MB and a tenth of a second.
inline constexpr std::size_t kMaxDicomElements = 1'000'000;
/// What a deflated data set may grow to: twice the largest file.
inline constexpr std::size_t kMaxInflatedBytes = std::size_t{128} << 20;

struct DicomEncoding {
  bool explicit_vr = true;
  bool big_endian = false;
};

/// One element; `value` points into the file. Of a sequence or of encapsulated pixels of undefined
/// length it holds the items without the delimiter at their end.
struct DicomElement {
  std::uint32_t tag = 0;      // group << 16 | element
  std::array<char, 2> vr{};   // zeros where the file does not write it
  bool encapsulated = false;  // of undefined length
  ByteView value;
};

/// A data set or an item of a sequence.
struct DicomItem {
  DicomEncoding encoding;
  std::vector<DicomElement> elements;

  const DicomElement* find(std::uint32_t tag) const;
  ByteView value(std::uint32_t tag) const;  // empty when absent
};

struct DicomFile {
  std::string transfer_syntax;  // a UID; of a file without meta information what it looks like
  Bytes inflated;               // what the elements of a deflated file point into
  DicomItem dataset;
  std::vector<Finding> findings;
};

/// The elements of the outermost level; everything below is walked once and held to the limits.
/// Errors: malformed_file, truncated_file (an element is longer than what follows it), and
/// limit_exceeded (nesting, elements, size when inflated). Findings: dicom_meta_missing,
/// transfer_syntax_mismatch, trailing_bytes.
Result<DicomFile> walk_dicom(ByteView file);

/// The items of a sequence; none when it is absent. What cannot be read ends the list.
std::vector<DicomItem> dicom_items(const DicomItem& item, std::uint32_t sequence);

/// The fragments of encapsulated pixels (PS3.5 A.4), the offset table first.
std::vector<ByteView> dicom_fragments(const DicomElement& pixels);

inline constexpr std::string_view kImplicitLittle = "1.2.840.10008.1.2";
inline constexpr std::string_view kExplicitLittle = "1.2.840.10008.1.2.1";
inline constexpr std::string_view kDeflatedLittle = "1.2.840.10008.1.2.1.99";
inline constexpr std::string_view kExplicitBig = "1.2.840.10008.1.2.2";

}  // namespace telavis
