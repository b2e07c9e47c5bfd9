// SPDX-License-Identifier: Apache-2.0
#include "formats/zip.h"

#include <zip.h>

#include <memory>
#include <set>

namespace telavis {
namespace {

constexpr zip_uint16_t kFirstDosDate = (1 << 5) | 1;  // 1980-01-01: years since 1980, month, day

struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Source = std::unique_ptr<zip_source_t, FreeSource>;

tl::unexpected<Error> failure(zip_error_t& error) {
  auto failed = fail(ErrorCode::render_failed,
                     std::string("The archive could not be made: ") + zip_error_strerror(&error));
  zip_error_fini(&error);
  return failed;
}

bool is_plain(const std::string& name) {
  return !name.empty() && name.front() != '/' && name.find('\\') == std::string::npos &&
         ("/" + name + "/").find("/../") == std::string::npos;
}

Result<void> check_names(const std::vector<ZipEntry>& entries) {
  if (entries.empty())
    return fail(ErrorCode::malformed_request, "An archive holds a file at least.");
  std::set<std::string> names;
  for (const ZipEntry& entry : entries) {
    if (is_plain(entry.name) && names.insert(entry.name).second) continue;
    return fail(ErrorCode::malformed_request,
                "A name in the archive is empty, repeated or leads out of it.");
  }
  return {};
}

bool add(zip_t* archive, const ZipEntry& entry) {
  zip_source_t* source = zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
  if (source == nullptr) return false;
  const zip_int64_t index = zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  return zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, kFirstDosDate, 0) == 0;
}

Result<Bytes> content(zip_source_t* source) {
  const auto broken = [] {
    return fail(ErrorCode::render_failed, "The archive could not be read back.");
  };
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_source_stat(source, &status) != 0 || (status.valid & ZIP_STAT_SIZE) == 0) return broken();
  Bytes bytes(status.size);
  if (zip_source_open(source) != 0) return broken();
  const zip_int64_t read = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (read < 0 || static_cast<zip_uint64_t>(read) != status.size) return broken();
  return bytes;
}

}  // namespace

Result<Bytes> write_zip(const std::vector<ZipEntry>& entries) {
  if (const auto sound = check_names(entries); !sound) return tl::unexpected(sound.error());
  zip_error_t error;
  zip_error_init(&error);
  const Source target(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!target) return failure(error);
  zip_source_keep(target.get());  // the archive lets go of its own share
  std::unique_ptr<zip_t, DiscardArchive> archive(
      zip_open_from_source(target.get(), ZIP_TRUNCATE, &error));
  if (!archive) {
    zip_source_free(target.get());
    return failure(error);
  }
  zip_error_fini(&error);
  for (const ZipEntry& entry : entries) {
    if (!add(archive.get(), entry)) return failure(*zip_get_error(archive.get()));
  }
  if (zip_close(archive.get()) != 0) return failure(*zip_get_error(archive.get()));
  static_cast<void>(archive.release());  // closed
  return content(target.get());
}

}  // namespace telavis
