// SPDX-License-Identifier: Apache-2.0
// The pages, out of the binary.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/http_message.h"
#include "formats/embedded_file.h"

namespace telavis {

/// The media type by the extension of a path; "application/octet-stream" when it is not known.
std::string_view media_type_of(std::string_view path);

class StaticFiles {
 public:
  /// The bytes of `files` must outlive this.
  explicit StaticFiles(std::span<const EmbeddedFile> files);

  /// GET or HEAD of a path. A path without a dot in its last segment that is no file is a place
  /// inside the application: it gives index.html. Status 200, 304 (If-None-Match), or 404 without a
  /// body.
  HttpResponse get(const HttpRequest& request) const;

 private:
  struct File {
    ByteView bytes;
    std::string_view media_type;
    std::string etag;
  };
  const File* find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;  // by path, "/assets/app.js"
};

}  // namespace telavis
