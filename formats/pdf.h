// SPDX-License-Identifier: Apache-2.0
// PDF documents (ISO 32000-1) that hold a drawing of a tracing: looked through, never rendered.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// A report of a long recording has some dozens of pages.
inline constexpr std::size_t kMaxPdfPages = 200;
/// A page of a tracing has some dozens of objects. qpdf needs about 0.5 KiB for each.
inline constexpr std::size_t kMaxPdfObjects = 200'000;
/// Unpacked object streams of one document, all together: 200,000 objects at a usual 80 bytes.
inline constexpr std::size_t kMaxPdfStructureBytes = std::size_t{16} << 20;
/// Unpacked cross-reference streams: 200,000 entries of 10 bytes; a shorter entry counts as more
/// objects to qpdf, before it is known whether they exist.
inline constexpr std::size_t kMaxPdfXrefBytes = std::size_t{2} << 20;

/// "%PDF-" within the first 1,024 bytes (ISO 32000-1 annex H.3.4).
bool looks_like_pdf(ByteView file);

/// Version and number of pages of a document that only shows. Every object is looked at, also
/// those that no page uses; content streams stay packed, and how much the streams of the structure
/// unpack to is measured before qpdf sees the file.
/// Errors, each saying what to do: empty_file; unsupported_format (encrypted, also without a
/// password; JavaScript; an action that leaves the document or changes it: Launch, SubmitForm,
/// ImportData, ResetForm, GoToR, GoToE, Rendition, Movie, Sound, RichMediaExecute...; films,
/// sounds, 3D; embedded or external files; XFA forms; an odd packing of the structure);
/// limit_exceeded; malformed_file (no page, damaged beyond repair). Findings: pdf_repaired
/// (warning), pdf_has_links (info).
Result<PdfDocument> inspect_pdf(ByteView file);

}  // namespace telavis
