// SPDX-License-Identifier: Apache-2.0
// From a PDF of cairo to PDF/A-1b, the form in which documents are kept.
#pragma once

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// A PDF/A-1b document (ISO 19005-1:2005 with its corrigenda, conformance B) from an opaque PDF
/// that was drawn with RGB or grey and has its fonts embedded. Added: the header comment, XMP
/// metadata that say the same as the Info dictionary, an sRGB output intent, the CIDSet of font
/// subsets, a file identifier made from the content. Taken off: the transparency groups of pages
/// (cairo marks every page with one), the Interpolate flag of images, dates (nobody could say when
/// a document that is drawn twice was made). Nothing is drawn anew; the same input gives the same
/// bytes.
/// Errors: render_failed when the input breaks a rule that cannot be mended without changing what
/// is shown (soft mask, opacity, blend mode, DeviceCMYK, a font that is not embedded, encryption,
/// scripts, attachments, ...) or is not a sound PDF. Operators in the page contents are not read:
/// cairo writes no colour but that of its surface.
Result<Bytes> to_pdfa_1b(ByteView pdf);

/// The document says in its XMP metadata that it is PDF/A-1, of whichever conformance (ISO 19005-1,
/// 6.7.11): in the metadata stream of the catalogue, which must not be compressed (6.7.2). Whether
/// it keeps its word is not looked at. False also for what is no sound PDF.
bool claims_pdfa_1(ByteView pdf);

}  // namespace telavis
