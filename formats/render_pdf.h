// SPDX-License-Identifier: Apache-2.0
// What a document of its own and a report have in common.
#pragma once

#include "formats/bytes.h"
#include "formats/jpeg.h"
#include "formats/render_canvas.h"
#include "formats/render_ecg_layout.h"
#include "formats/result.h"

namespace telavis {

/// On the present page, which must be kA4Landscape.
void draw_ecg_page(Canvas& canvas, const EcgPage& page);

/// A JPEG as it can be embedded (upright, grey or YCbCr, without private metadata), with its pixels
/// reduced: they give the aspect, and that they could be decoded is the proof that a viewer can.
/// The compressed picture is that of the file, bit for bit, unless it must be turned in a way that
/// no lossless transform knows, or has other colours. Errors: those of normalise_jpeg, decode_jpeg.
struct PrintablePhoto {
  Bytes jpeg;
  Pixels pixels;
};
Result<PrintablePhoto> printable_photo(ByteView file);

}  // namespace telavis
