// SPDX-License-Identifier: Apache-2.0
#include "devices/http_upload.h"

#include <utility>

#include "devices/multipart.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxFileNameBytes = 255;  // what file systems keep

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::malformed_request,
              "The upload is not valid multipart/form-data (RFC 7578): " + std::string(what) + ".");
}

struct PartHeader {
  std::string name;
  std::string file_name;
};

Result<PartHeader> parse_disposition(std::string_view value) {
  const auto disposition = parse_parameterised(value);
  if (!disposition || disposition->value != "form-data") {
    return malformed("a part has no readable Content-Disposition");
  }
  const auto name = disposition->parameter("name");
  if (!name) return malformed("a part has no name");
  // `filename*` is not allowed here (RFC 7578, 4.2) and read by nobody.
  std::string file_name(disposition->parameter("filename").value_or(""));
  if (file_name.size() > kMaxFileNameBytes) file_name.resize(kMaxFileNameBytes);
  return PartHeader{std::string(*name), std::move(file_name)};
}

Result<void> take_part(UploadForm& form, bool& has_request, const BodyPart& part) {
  const auto header = parse_disposition(part.header("content-disposition"));
  if (!header) return tl::unexpected(header.error());
  const std::string_view content = part.content;
  if (header->name == "request") {
    if (has_request) return malformed("the part `request` is there twice");
    if (content.size() > kMaxUploadRequestBytes) {
      return fail(ErrorCode::limit_exceeded, "The part `request` is too long; shorten the texts.");
    }
    has_request = true;
    form.request_json = content;
    return {};
  }
  const bool in_pieces = header->name == "upload";
  if (header->name != "file" && !in_pieces) {
    return malformed("a part is neither `request` nor `file` nor `upload`");
  }
  if (form.files.size() == kMaxUploadFiles) {
    return fail(ErrorCode::limit_exceeded,
                "At most " + std::to_string(kMaxUploadFiles) + " files may be sent at a time.");
  }
  if (content.size() > kMaxFileBytes) {
    return fail(ErrorCode::limit_exceeded, "A file is larger than " +
                                               std::to_string(kMaxFileBytes >> 20) +
                                               " MiB. Export a smaller one.");
  }
  if (in_pieces) {
    if (!is_record_id(content)) return malformed("a part `upload` holds no id of an upload");
    form.files.push_back({std::string(kInPieces), std::string(content), {}});
    return {};
  }
  const auto bytes = as_bytes(content);
  form.files.push_back({"web", header->file_name, Bytes(bytes.begin(), bytes.end())});
  return {};
}

/// Gives whether there is a part `request`.
Result<bool> take_parts(UploadForm& form, std::string_view content_type, ByteView body) {
  const auto boundary = multipart_boundary(content_type);
  if (!boundary) return tl::unexpected(boundary.error());
  PartWalker walker(*boundary, as_text(body));
  if (auto begun = walker.begin(); !begun) return tl::unexpected(begun.error());
  bool has_request = false;
  while (!walker.at_end()) {
    const auto part = walker.take();
    if (!part) return tl::unexpected(part.error());
    if (auto taken = take_part(form, has_request, *part); !taken) {
      return tl::unexpected(taken.error());
    }
  }
  return has_request;
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
  const auto type = parse_parameterised(content_type);
  if (!type || type->value != "multipart/form-data") {
    return malformed("the Content-Type is not multipart/form-data");
  }
  auto boundary = boundary_of(*type);
  if (!boundary) return malformed("the Content-Type has no valid boundary");
  return std::move(*boundary);
}

Result<UploadForm> parse_upload(std::string_view content_type, ByteView body) {
  UploadForm form;
  const auto has_request = take_parts(form, content_type, body);
  if (!has_request) return tl::unexpected(has_request.error());
  if (!*has_request) {
    return fail(ErrorCode::missing_field, "The part `request` (JSON) is missing.");
  }
  return form;
}

Result<UploadedFile> parse_lone_file(std::string_view content_type, ByteView body) {
  UploadForm form;
  const auto has_request = take_parts(form, content_type, body);
  if (!has_request) return tl::unexpected(has_request.error());
  if (*has_request) return malformed("a part is not `file`");
  if (form.files.empty()) return fail(ErrorCode::no_exam, "Add the exam (part `file`).");
  if (form.files.front().source == kInPieces) return malformed("a part is not `file`");
  if (form.files.size() > 1) {
    return fail(ErrorCode::limit_exceeded, "Send one exam with each request (one part `file`).");
  }
  return std::move(form.files.front());
}

}  // namespace telavis
