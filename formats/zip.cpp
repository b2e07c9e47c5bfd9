// SPDX-License-Identifier: Apache-2.0
#include "formats/zip.h"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

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

// ---- reading ----

struct ZipReader::Archive {
  std::unique_ptr<zip_t, DiscardArchive> handle;
};

namespace {

// Of the Unix mode, the upper half of the external attributes: the kind of file.
constexpr unsigned kModeShift = 16;
constexpr zip_uint32_t kKindMask = 0170000;
constexpr zip_uint32_t kRegular = 0100000;
constexpr zip_uint32_t kFolder = 0040000;

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::malformed_file,
              "This ZIP archive is damaged or contradicts itself: ask for it to be sent again.");
}

bool is_special(zip_t* archive, zip_uint64_t index) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0) return false;
  const zip_uint32_t kind = (attributes >> kModeShift) & kKindMask;
  return system == ZIP_OPSYS_UNIX && kind != 0 && kind != kRegular && kind != kFolder;
}

Result<ZipMember> member_at(zip_t* archive, zip_uint64_t index) {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded) {
    return damaged();
  }
  ZipMember member;
  member.name = status.name;
  member.size = status.size;
  member.folder = member.name.ends_with('/');
  member.encrypted = status.encryption_method != ZIP_EM_NONE;
  member.special = is_special(archive, index);
  return member;
}

struct CloseFile {
  // What was read has been checked before.
  void operator()(zip_file_t* file) const { static_cast<void>(zip_fclose(file)); }
};

}  // namespace

bool looks_like_zip(ByteView file) {
  const std::string_view start = as_text(file.first(std::min<std::size_t>(file.size(), 4)));
  return start == std::string_view("PK\3\4", 4) || start == std::string_view("PK\5\6", 4);
}

ZipReader::ZipReader(std::unique_ptr<Archive> archive) : archive_(std::move(archive)) {}
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader& ZipReader::operator=(ZipReader&&) noexcept = default;
ZipReader::~ZipReader() = default;

Result<ZipReader> ZipReader::open(ByteView archive, std::size_t max_members) {
  // libzip takes no bytes for an empty archive, and a program with an archive behind it for one.
  if (!looks_like_zip(archive)) return damaged();
  zip_source_t* source = zip_source_buffer_create(archive.data(), archive.size(), 0, nullptr);
  if (source == nullptr) return damaged();
  auto opened = std::make_unique<Archive>();
  opened->handle.reset(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, nullptr));
  if (!opened->handle) {
    zip_source_free(source);
    return damaged();
  }
  const zip_int64_t count = zip_get_num_entries(opened->handle.get(), 0);
  if (count < 0) return damaged();
  if (static_cast<zip_uint64_t>(count) > max_members) {
    return fail(ErrorCode::limit_exceeded,
                "This ZIP archive holds " + std::to_string(count) + " files, more than the " +
                    std::to_string(max_members) + " that are taken: send fewer at a time.");
  }
  ZipReader reader(std::move(opened));
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    auto member = member_at(reader.archive_->handle.get(), i);
    if (!member) return tl::unexpected(member.error());
    reader.members_.push_back(std::move(*member));
  }
  return reader;
}

Result<Bytes> ZipReader::read(std::size_t index) const {
  zip_t* archive = archive_->handle.get();
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat_index(archive, index, 0, &status) != 0) return damaged();
  if (status.encryption_method != ZIP_EM_NONE ||
      (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE)) {
    return fail(ErrorCode::unsupported_encoding,
                "A file of this ZIP archive is encrypted or packed in an unusual way: ask for the "
                "archive to be made anew without a password, by plain deflate.");
  }
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive, index, 0));
  if (!file) return damaged();
  Bytes bytes(status.size);
  const zip_int64_t read = bytes.empty() ? 0 : zip_fread(file.get(), bytes.data(), bytes.size());
  if (read < 0 || static_cast<zip_uint64_t>(read) != status.size) return damaged();
  std::uint8_t further = 0;  // at the end, and only there, the check sum is compared
  if (zip_fread(file.get(), &further, 1) != 0) return damaged();
  return bytes;
}

}  // namespace telavis
