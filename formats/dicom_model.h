// SPDX-License-Identifier: Apache-2.0
// Data sets as DICOMweb writes them: the JSON model (PS3.18 annex F) and the Native DICOM model in
// XML (PS3.19 A.1). Both are UTF-8, whatever the file is in. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/dicom_walk.h"
#include "formats/result.h"

namespace telavis {

/// Bytes of at most so many stand in the document; longer ones are fetched by their URI. A palette
/// or a padding value has a few, pixels and samples have thousands.
inline constexpr std::size_t kMaxInlineBytes = 1024;

/// The way to an element: its tag, before it those of the sequences around it with the number of
/// the item in each, from 0. "54000100.0.54001010".
using DicomPath = std::string;
/// The URI of what is too long to stand in the document; nullopt: it is left out.
using BulkUri = std::function<std::optional<std::string>(const DicomPath& path)>;

/// {"00100010":{"vr":"PN","Value":[{"Alphabetic":"Essai^Anna"}]},...}. DS and IS are numbers where
/// they are some, else strings; an empty value among several is null.
std::string dicom_json(const DicomItem& dataset, const BulkUri& bulk_uri);
/// A whole document.
std::string dicom_xml(const DicomItem& dataset, const BulkUri& bulk_uri);

/// What a path leads to, as it travels: little endian, whatever the file is (PS3.18 8.7.3). Pixels
/// in fragments are not bytes of one kind: see dicom_frames. Errors: not_found.
Result<Bytes> dicom_bulk_data(const DicomItem& dataset, std::string_view path);

/// The pixels of each frame, from the first: of compressed ones the stream as it is, of others the
/// samples, little endian. Errors: not_found (no pixels), unsupported_encoding (frames that are
/// divided in a way of which the offset table does not tell).
Result<std::vector<Bytes>> dicom_frames(const DicomItem& dataset);

}  // namespace telavis
