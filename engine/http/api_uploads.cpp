// SPDX-License-Identifier: Apache-2.0
// Resumable uploads: the protocol tus 1.0.0 (https://tus.io/protocols/resumable-upload,
// 2016-03-25): core, creation, expiration, checksum, termination. The length is known from the
// beginning.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "engine/http/digest.h"
#include "engine/http/error_status.h"
#include "engine/http/http_date.h"
#include "engine/http/route.h"
#include "formats/base64.h"

namespace telavis {
namespace {

constexpr std::string_view kVersion = "1.0.0";
constexpr std::string_view kPieceType = "application/offset+octet-stream";
constexpr std::size_t kSha256Bytes = 32;
constexpr int kWrongVersion = 412, kWrongType = 415, kWrongChecksum = 460;  // of the protocol

UploadStore& uploads_of(const Call& call) {
  return *call.options.reception->uploads;
}
Instant now_of(const Call& call) {
  return call.service.clock().now();
}
bool is_of_device(const Call& call) {
  return !call.device.id.empty();
}
/// Whose uploads these are.
std::string sender_of(const Call& call) {
  return is_of_device(call) ? "device:" + call.device.id : "user:" + call.actor.id.value;
}

/// nullopt: the client speaks this version.
std::optional<HttpResponse> wrong_version(const Call& call) {
  if (call.request.header("tus-resumable") == kVersion) return std::nullopt;
  HttpResponse response = refusal_with_status(
      call, kWrongVersion,
      {ErrorCode::malformed_request, "Uploads speak tus 1.0.0: send Tus-Resumable: 1.0.0."});
  response.headers.emplace_back("Tus-Version", kVersion);
  return response;
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// What a header may carry of a sentence.
std::string header_text(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

void say_why(HttpResponse& response, const Error& error) {
  response.headers.emplace_back("Telavis-Why", error_name(error.code));
  response.headers.emplace_back("Telavis-Why-Text", header_text(error.text));
}

HttpResponse answer(int status, const Upload& upload) {
  HttpResponse response;
  response.status = status;
  auto& headers = response.headers;
  headers.emplace_back("Upload-Offset", std::to_string(upload.offset));
  headers.emplace_back("Upload-Expires", http_date(upload.expires_at));
  if (!upload.taken) return response;
  // Ours: what became of the exam. The protocol leaves the last answer without a body.
  headers.emplace_back("Telavis-Exam", upload.taken->id);
  headers.emplace_back("Telavis-Outcome", exam_taken_name(upload.taken->outcome));
  if (upload.taken->why) say_why(response, *upload.taken->why);
  return response;
}

/// Refusals of the door are written down by the door.
tl::unexpected<Error> audited(const Call& call, std::string_view operation, const Error& error) {
  call.service.audit_refusal(is_of_device(call) ? sender_of(call) : call.actor.id.value, operation,
                             error);
  return tl::unexpected(error);
}

/// "filename d29ybGQ=,sha256 <base64>": other keys are passed over.
Result<Upload> parse_metadata(std::string_view text) {
  Upload wanted;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    std::string_view pair = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const auto space = std::min(pair.find(' '), pair.size());
    const std::string_view key = pair.substr(0, space);
    const auto value = base64_decoded(pair.substr(std::min(space + 1, pair.size())));
    if (key == "filename" && value) wanted.name = as_text(*value);
    if (key != "sha256") continue;
    if (!value || value->size() != kSha256Bytes) {
      return fail(ErrorCode::malformed_request,
                  "Upload-Metadata: sha256 is the base64 of the 32 bytes of the file's SHA-256.");
    }
    wanted.sha256 = to_hex(*value);
  }
  return wanted;
}

bool is_for_good(ErrorCode code) {
  return code == ErrorCode::no_exam || code == ErrorCode::limit_exceeded ||
         code == ErrorCode::forbidden || code == ErrorCode::crypto_failed ||
         code == ErrorCode::malformed_request;
}

Result<TakenExam> take_whole(Call& call, const Upload& upload) {
  const auto slot = call.options.reception->slots->take();
  auto bytes = uploads_of(call).whole(upload.id, upload.sender, now_of(call));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!upload.sha256.empty() && sha256_hex(*bytes) != upload.sha256) {
    return audited(call, "continueUpload",
                   {ErrorCode::malformed_request,
                    "What arrived is not what its SHA-256 says: begin the upload anew."});
  }
  return take_from_device(call, {{}, upload.name, std::move(*bytes)});
}

/// One that is whole is told to be so once the engine has the exam, not before: a sender that finds
/// all of its bytes here forgets the file. A doctor's waits for his question.
Result<Upload> settled(Call& call, Upload upload) {
  if (!is_of_device(call) || !upload.is_whole() || upload.taken) return upload;
  const auto taken = take_whole(call, upload);
  if (!taken) {
    if (is_for_good(taken.error().code)) {
      if (auto removed = uploads_of(call).remove(upload.id, upload.sender); !removed)
        return tl::unexpected(removed.error());
    }
    return tl::unexpected(taken.error());
  }
  if (auto noted = uploads_of(call).taken(upload.id, *taken); !noted)
    return tl::unexpected(noted.error());
  upload.taken = *taken;
  return upload;
}

/// Of the file, once it is whole.
Result<UploadedFile> own_file(Call& call, const std::string& id) {
  const auto upload = uploads_of(call).find(id, sender_of(call), now_of(call));
  if (!upload) return tl::unexpected(upload.error());
  auto bytes = uploads_of(call).whole(id, sender_of(call), now_of(call));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!upload->sha256.empty() && sha256_hex(*bytes) != upload->sha256) {
    return fail(ErrorCode::malformed_request,
                "What arrived is not what its SHA-256 says: begin the upload anew.");
  }
  return UploadedFile{"web", upload->name, std::move(*bytes)};
}

}  // namespace

Result<void> put_in_pieces(Call& call, std::vector<UploadedFile>& files) {
  std::size_t bytes = 0;
  for (UploadedFile& file : files) {
    if (file.source == kInPieces) {
      if (!call.options.reception)
        return fail(ErrorCode::unavailable, "This engine takes no uploads in pieces.");
      auto whole = own_file(call, file.name);
      if (!whole) return tl::unexpected(whole.error());
      file = std::move(*whole);
    }
    bytes += file.bytes.size();
    if (bytes > kMaxUploadBytes) {
      return fail(ErrorCode::limit_exceeded, "The files come to more than " +
                                                 std::to_string(kMaxUploadBytes >> 20) +
                                                 " MiB: send fewer or smaller ones.");
    }
  }
  return {};
}

void add_tus_headers(HttpResponse& response, const Error* refusal) {
  response.headers.emplace_back("Tus-Resumable", kVersion);
  if (refusal != nullptr) say_why(response, *refusal);
}

Result<HttpResponse> show_upload_options(Call&) {
  HttpResponse response;
  response.status = 204;
  response.headers = {{"Tus-Version", std::string(kVersion)},
                      {"Tus-Extension", "creation,expiration,checksum,termination"},
                      {"Tus-Checksum-Algorithm", "sha1,sha256"},
                      {"Tus-Max-Size", std::to_string(kMaxFileBytes)}};
  return response;
}

Result<HttpResponse> begin_upload(Call& call) {
  if (auto wrong = wrong_version(call)) return std::move(*wrong);
  const auto length = number_in(call.request.header("upload-length"));
  if (!length) {
    return fail(ErrorCode::malformed_request, "Say how long the file is: Upload-Length.");
  }
  auto wanted = parse_metadata(call.request.header("upload-metadata"));
  if (!wanted) return tl::unexpected(wanted.error());
  wanted->sender = sender_of(call);
  wanted->length = *length;
  const auto upload = uploads_of(call).begin(std::move(*wanted), now_of(call));
  if (!upload) return audited(call, "beginUpload", upload.error());
  HttpResponse response = answer(201, *upload);
  const std::string_view path = is_of_device(call) ? kUploadsPath : kOwnUploadsPath;
  response.headers.emplace_back("Location", std::string(path) + "/" + upload->id);
  return response;
}

Result<HttpResponse> show_upload(Call& call) {
  if (auto wrong = wrong_version(call)) return std::move(*wrong);
  const auto found = uploads_of(call).find(call.record, sender_of(call), now_of(call));
  const auto upload = found ? settled(call, *found) : found;
  if (!upload) return tl::unexpected(upload.error());
  HttpResponse response = answer(200, *upload);
  response.headers.emplace_back("Upload-Length", std::to_string(upload->length));
  return response;
}

Result<HttpResponse> continue_upload(Call& call) {
  if (auto wrong = wrong_version(call)) return std::move(*wrong);
  if (call.request.header("content-type") != kPieceType) {
    return refusal_with_status(call, kWrongType,
                               {ErrorCode::malformed_request,
                                "A piece has the Content-Type application/offset+octet-stream."});
  }
  const auto offset = number_in(call.request.header("upload-offset"));
  if (!offset) {
    return fail(ErrorCode::malformed_request, "Say where the piece begins: Upload-Offset.");
  }
  if (const auto checksum = call.request.header("upload-checksum"); !checksum.empty()) {
    switch (check_upload_checksum(checksum, call.request.body)) {
      case ChecksumOutcome::right:
        break;
      case ChecksumOutcome::wrong:
        return refusal_with_status(call, kWrongChecksum,
                                   {ErrorCode::malformed_request,
                                    "The piece is not what its checksum says: send it again."});
      case ChecksumOutcome::unknown_algorithm:
      case ChecksumOutcome::unreadable:
        return fail(ErrorCode::malformed_request,
                    "Upload-Checksum is sha1 or sha256, a space, and the sum in base64.");
    }
  }
  const auto appended = uploads_of(call).append(call.record, sender_of(call), *offset,
                                                call.request.body, now_of(call));
  if (!appended && (appended.error().code == ErrorCode::body_too_large ||
                    appended.error().code == ErrorCode::limit_exceeded))
    return audited(call, "continueUpload", appended.error());
  const auto upload = appended ? settled(call, *appended) : appended;
  if (!upload) return tl::unexpected(upload.error());
  return answer(204, *upload);
}

Result<HttpResponse> end_upload(Call& call) {
  if (auto wrong = wrong_version(call)) return std::move(*wrong);
  const auto found = uploads_of(call).find(call.record, sender_of(call), now_of(call));
  if (!found) return tl::unexpected(found.error());
  if (auto removed = uploads_of(call).remove(call.record, sender_of(call)); !removed)
    return tl::unexpected(removed.error());
  HttpResponse response;
  response.status = 204;
  return response;
}

}  // namespace telavis
