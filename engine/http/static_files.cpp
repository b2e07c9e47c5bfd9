// SPDX-License-Identifier: Apache-2.0
#include "engine/http/static_files.h"

#include <array>
#include <utility>

#include "engine/core/crypto.h"
#include "engine/http/security_headers.h"

namespace telavis {
namespace {

constexpr std::size_t kEtagHexDigits = 32;  // 128 bits: no two versions meet

// Below assets/ a name changes with its content; everything else is asked for each time, by ETag.
constexpr std::string_view kHashedNames = "/assets/";

std::string_view caching_of(std::string_view path) {
  return path.starts_with(kHashedNames) ? "public, max-age=31536000, immutable" : "no-cache";
}

}  // namespace

std::string_view media_type_of(std::string_view path) {
  using Entry = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Entry, 14> kTypes = {{{".html", "text/html; charset=utf-8"},
                                                    {".js", "text/javascript; charset=utf-8"},
                                                    {".css", "text/css; charset=utf-8"},
                                                    {".json", "application/json"},
                                                    {".webmanifest", "application/manifest+json"},
                                                    {".svg", "image/svg+xml"},
                                                    {".png", "image/png"},
                                                    {".jpg", "image/jpeg"},
                                                    {".ico", "image/x-icon"},
                                                    {".webp", "image/webp"},
                                                    {".woff2", "font/woff2"},
                                                    {".txt", "text/plain; charset=utf-8"},
                                                    {".map", "application/json"},
                                                    {".pdf", "application/pdf"}}};
  const auto dot = path.rfind('.');
  const auto extension = dot == std::string_view::npos ? std::string_view() : path.substr(dot);
  for (const auto& [known, type] : kTypes) {
    if (extension == known) return type;
  }
  return "application/octet-stream";
}

StaticFiles::StaticFiles(std::span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    files_["/" + std::string(file.path)] = {
        file.bytes, media_type_of(file.path),
        "\"" + hash_hex(file.bytes).substr(0, kEtagHexDigits) + "\""};
  }
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path);
  if (found != files_.end()) return &found->second;
  const bool is_place = path.find('.', path.rfind('/')) == std::string_view::npos;
  const auto index = files_.find("/index.html");
  return is_place && index != files_.end() ? &index->second : nullptr;
}

HttpResponse StaticFiles::get(const HttpRequest& request) const {
  HttpResponse response;
  const File* const file = find(request.path);
  if (file == nullptr) {
    response.status = 404;
    return response;
  }
  response.content_type = file->media_type;
  response.headers = {{"ETag", file->etag},
                      {"Cache-Control", std::string(caching_of(request.path))},
                      {"Content-Security-Policy", std::string(kPagePolicy)}};
  if (request.header("if-none-match").find(file->etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.body.assign(file->bytes.begin(), file->bytes.end());
  return response;
}

}  // namespace telavis
