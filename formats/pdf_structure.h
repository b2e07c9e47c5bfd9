// SPDX-License-Identifier: Apache-2.0
// A first look at the bytes of a PDF, so that qpdf never unpacks a bomb. Internal to the codec.
#pragma once

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// Finds every stream that qpdf would unpack to learn the structure (object streams and
/// cross-reference streams) and measures what it unpacks to; counts the objects. Linear in the size
/// of the file. What a crafted file hides from this look meets the limits of the process. Errors:
/// limit_exceeded, unsupported_format (such a stream packed by anything but one FlateDecode: no
/// producer known does so).
Result<void> check_pdf_structure(ByteView file);

}  // namespace telavis
