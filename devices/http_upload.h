// SPDX-License-Identifier: Apache-2.0
// What a browser or a gateway uploads: multipart/form-data (RFC 7578) taken apart. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/service.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// One question has a tracing or a handful of photos; 20 leaves room and bounds the work.
inline constexpr std::size_t kMaxUploadFiles = 20;
/// Four clinical texts of kMaxTextBytes, doubled by JSON's escapes.
inline constexpr std::size_t kMaxUploadRequestBytes = 8 * kMaxTextBytes;
/// All of it: the largest file and what stands around it. A set of photos shares this room.
inline constexpr std::size_t kMaxUploadBytes = kMaxFileBytes + (std::size_t{1} << 20);

/// Source of a file that came in pieces before the form: its name is the id of the upload, whose
/// bytes and name the API puts there.
inline constexpr std::string_view kInPieces = "upload";

struct UploadForm {
  std::string request_json;  // part "request"
  /// Parts "file" (source "web") and "upload" (kInPieces), in order.
  std::vector<UploadedFile> files;
};

/// The boundary of a `multipart/form-data` Content-Type (RFC 2046, 5.1.1: 1 to 70 characters).
/// Errors: malformed_request.
Result<std::string> multipart_boundary(std::string_view content_type);

/// Errors: malformed_request (not multipart/form-data, broken framing, a part that is none of
/// these, `request` twice, a transfer encoding), missing_field (no `request`), limit_exceeded
/// (too many or too large parts).
Result<UploadForm> parse_upload(std::string_view content_type, ByteView body);

/// What a device sends as a form: one part `file` and nothing else. Errors: malformed_request,
/// no_exam, limit_exceeded.
Result<UploadedFile> parse_lone_file(std::string_view content_type, ByteView body);

}  // namespace telavis
