// SPDX-License-Identifier: Apache-2.0
#include "devices/upload_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "engine/core/descriptor.h"
#include "engine/core/durable_file.h"
#include "engine/core/json_reader.h"
#include "engine/core/people.h"

namespace telavis {
namespace {

constexpr std::size_t kIdBytes = 16;  // 128 bits: 26 characters
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kSealBytes = 40;             // nonce and tag (crypto.h)
constexpr std::size_t kMaxHeaderBytes = 4 * 1024;  // two names and a hash
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxUploads = 10'000;  // finished ones with them, which are some bytes each
constexpr std::int64_t kMaxInstant = std::int64_t{1} << 53;

std::string bound_header(const std::string& id) {
  return "upload/" + id;
}
std::string bound_piece(const std::string& id, std::int64_t offset) {
  return "upload/" + id + "/" + std::to_string(offset);
}

Bytes record_of(const Bytes& sealed) {
  Bytes record;
  record.reserve(kLengthBytes + sealed.size());
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    record.push_back(static_cast<std::uint8_t>(sealed.size() >> (8 * i)));
  record.insert(record.end(), sealed.begin(), sealed.end());
  return record;
}

bool read_at(int fd, std::int64_t at, std::uint8_t* into, std::size_t count) {
  while (count > 0) {
    const ssize_t read = ::pread(fd, into, count, at);
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return false;
    at += read;
    into += read;
    count -= static_cast<std::size_t>(read);
  }
  return true;
}

/// The sealed bytes of the record there; nullopt: none that is whole.
std::optional<Bytes> record_at(int fd, std::int64_t at, std::int64_t end, std::size_t limit) {
  std::array<std::uint8_t, kLengthBytes> length{};
  if (end - at < static_cast<std::int64_t>(kLengthBytes) ||
      !read_at(fd, at, length.data(), length.size()))
    return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) size |= std::size_t{length[i]} << (8 * i);
  if (size < kSealBytes || size > limit + kSealBytes ||
      static_cast<std::int64_t>(size + kLengthBytes) > end - at)
    return std::nullopt;
  Bytes sealed(size);
  if (!read_at(fd, at + static_cast<std::int64_t>(kLengthBytes), sealed.data(), size))
    return std::nullopt;
  return sealed;
}

/// JSON; nothing of what it holds has a character to be escaped: ids, digits.
std::string header_text(const Upload& upload) {
  return R"({"sender":")" + upload.sender + R"(","name":")" + to_hex(as_bytes(upload.name)) +
         R"(","sha256":")" + upload.sha256 + R"(","length":)" + std::to_string(upload.length) +
         R"(,"expires_at":)" + std::to_string(to_epoch_ms(upload.expires_at)) + "}";
}

std::optional<Upload> parse_header(const std::string& id, std::string_view text) {
  JsonReader json(text);
  Upload upload;
  upload.id = id;
  upload.sender = json.text("sender", kMaxHeaderBytes);
  const auto name = from_hex(json.optional_text("name", kMaxHeaderBytes));
  upload.sha256 = json.optional_text("sha256", kMaxHeaderBytes);
  upload.length = json.number("length", 1, static_cast<std::int64_t>(kMaxFileBytes));
  upload.expires_at = from_epoch_ms(json.number("expires_at", 0, kMaxInstant));
  if (!json.finish() || !name) return std::nullopt;
  upload.name = as_text(*name);
  return upload;
}

tl::unexpected<Error> no_such_upload() {
  return fail(ErrorCode::not_found,
              "There is no such upload of this sender, or its time is over: begin it anew.");
}

}  // namespace

/// One at a time writes to an upload, or reads it whole.
class UploadStore::Turn {
 public:
  static std::optional<Turn> take(UploadStore& store, const std::string& id) {
    const std::lock_guard lock(store.mutex_);
    if (!store.busy_.insert(id).second) return std::nullopt;
    return Turn(store, id);
  }
  Turn(Turn&& other) noexcept
      : store_(std::exchange(other.store_, nullptr)), id_(std::move(other.id_)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (store_ == nullptr) return;
    const std::lock_guard lock(store_->mutex_);
    store_->busy_.erase(id_);
  }

 private:
  Turn(UploadStore& store, std::string id) : store_(&store), id_(std::move(id)) {}
  UploadStore* store_;
  std::string id_;
};

Result<std::unique_ptr<UploadStore>> UploadStore::open(std::filesystem::path folder, const Key& key,
                                                       Random& random) {
  if (auto made = make_folder_durably(folder); !made) return tl::unexpected(made.error());
  std::unique_ptr<UploadStore> store(new UploadStore(std::move(folder), key, random));
  if (auto loaded = store->load(); !loaded) return tl::unexpected(loaded.error());
  return store;
}

Result<void> UploadStore::load() {
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder_, failed);
  std::vector<std::filesystem::path> unusable;
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    const std::string id = entries->path().filename().native();
    auto kept = uploads_.size() < kMaxUploads ? read(id) : std::nullopt;
    if (kept) {
      uploads_.emplace(id, std::move(*kept));
    } else {
      unusable.push_back(entries->path());
    }
  }
  if (failed) return tl::unexpected(disk_error("Reading the folder of uploads", failed.value()));
  for (const auto& file : unusable) {
    if (auto removed = remove_durably(file); !removed) return removed;
  }
  return {};
}

std::optional<UploadStore::Kept> UploadStore::read(const std::string& id) const {
  const Descriptor file(::open(file_of(id).c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return std::nullopt;
  const auto sealed_header = record_at(file.get(), 0, status.st_size, kMaxHeaderBytes);
  if (!sealed_header) return std::nullopt;
  const auto header = unseal(key_, bound_header(id), *sealed_header);
  if (!header) return std::nullopt;
  auto upload = parse_header(id, as_text(*header));
  if (!upload) return std::nullopt;
  Kept kept{std::move(*upload), static_cast<std::int64_t>(kLengthBytes + sealed_header->size()), 0};
  // Every piece is opened: what a power cut left of one may have its length and not its bytes.
  while (const auto sealed = record_at(file.get(), kept.end, status.st_size, kMaxPieceBytes)) {
    const auto size = static_cast<std::int64_t>(sealed->size() - kSealBytes);
    if (kept.upload.offset + size > kept.upload.length ||
        !unseal(key_, bound_piece(id, kept.upload.offset), *sealed))
      break;
    kept.upload.offset += size;
    kept.end += static_cast<std::int64_t>(kLengthBytes + sealed->size());
    ++kept.pieces;
  }
  if (kept.end != status.st_size &&
      (::ftruncate(file.get(), kept.end) != 0 || ::fsync(file.get()) != 0))
    return std::nullopt;
  return kept;
}

Result<Upload> UploadStore::begin(Upload wanted, Instant now) {
  if (wanted.length <= 0)
    return fail(ErrorCode::no_exam, "This file is empty: there is no exam in it.");
  if (wanted.length > static_cast<std::int64_t>(kMaxFileBytes)) {
    return fail(ErrorCode::body_too_large, "A file may have at most " +
                                               std::to_string(kMaxFileBytes >> 20) +
                                               " MiB: export a smaller one.");
  }
  if (wanted.name.size() > kMaxNameBytes) wanted.name.resize(kMaxNameBytes);
  wanted.id = random_id(random_, kIdBytes);
  wanted.offset = 0;
  wanted.expires_at = now + kUploadLife;
  wanted.taken.reset();
  const Bytes record =
      record_of(seal(key_, random_, bound_header(wanted.id), as_bytes(header_text(wanted))));
  {
    const std::lock_guard lock(mutex_);
    std::size_t of_sender = 0;
    std::int64_t bytes = wanted.length;
    for (const auto& [id, kept] : uploads_) {
      if (kept.upload.taken) continue;
      bytes += kept.upload.length;
      if (kept.upload.sender == wanted.sender) ++of_sender;
    }
    if (of_sender >= kMaxUploadsOfSender || bytes > kMaxSpooledBytes ||
        uploads_.size() >= kMaxUploads) {
      return fail(ErrorCode::too_many_attempts,
                  "Too many uploads are unfinished: end one, or try again in an hour.");
    }
    // Its place is taken before it is written, so that many at once do not pass the limits.
    uploads_.emplace(wanted.id, Kept{wanted, static_cast<std::int64_t>(record.size()), 0});
  }
  const auto written = write_durably(folder_, file_of(wanted.id), record, IfPresent::replace);
  if (written) return wanted;
  const std::lock_guard lock(mutex_);
  uploads_.erase(wanted.id);
  return tl::unexpected(written.error());
}

Result<UploadStore::Kept> UploadStore::held(const std::string& id, const std::string& sender,
                                            Instant now) const {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(id);
  if (found == uploads_.end() || found->second.upload.sender != sender ||
      now >= found->second.upload.expires_at)
    return no_such_upload();
  return found->second;
}

Result<Upload> UploadStore::find(const std::string& id, const std::string& sender, Instant now) {
  return held(id, sender, now).map([](const Kept& kept) { return kept.upload; });
}

Result<void> UploadStore::write_piece(const Kept& kept, ByteView record) {
  const Descriptor file(::open(file_of(kept.upload.id).c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open()) return tl::unexpected(disk_error("Opening an upload", errno));
  std::int64_t at = kept.end;
  const auto failed = [&](int error) {
    // The next piece is written over what this one left, also when it cannot be cut off.
    const int cut = ::ftruncate(file.get(), kept.end);
    return tl::unexpected(disk_error("Writing an upload", cut == 0 ? error : errno));
  };
  while (!record.empty()) {
    const ssize_t written = ::pwrite(file.get(), record.data(), record.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(errno);
    at += written;
    record = record.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return failed(errno);
  return {};
}

Result<Upload> UploadStore::append(const std::string& id, const std::string& sender,
                                   std::int64_t offset, ByteView piece, Instant now) {
  const auto turn = Turn::take(*this, id);
  auto kept = held(id, sender, now);
  if (!kept) return tl::unexpected(kept.error());
  if (!turn || offset != kept->upload.offset) {
    return fail(ErrorCode::state_conflict,
                "The piece does not begin where the last one ended: ask how far the upload is.");
  }
  const auto size = static_cast<std::int64_t>(piece.size());
  if (size == 0 || kept->upload.taken) return kept->upload;
  if (piece.size() > kMaxPieceBytes || size > kept->upload.length - offset) {
    return fail(ErrorCode::body_too_large, "The piece is larger than what is missing, or than " +
                                               std::to_string(kMaxPieceBytes >> 20) + " MiB.");
  }
  if (kept->pieces >= kMaxUploadPieces) {
    return fail(ErrorCode::limit_exceeded,
                "This upload came in too many pieces: begin it anew with larger ones.");
  }
  const Bytes record = record_of(seal(key_, random_, bound_piece(id, offset), piece));
  if (auto written = write_piece(*kept, record); !written) {
    // A sync that failed may hide bytes that are lost: the sender begins anew. A full disk is told
    // by the write before, and what is there stays good.
    if (written.error().code != ErrorCode::storage_full) {
      const std::lock_guard lock(mutex_);
      uploads_.erase(id);
    }
    return tl::unexpected(written.error());
  }
  kept->upload.offset += size;
  kept->end += static_cast<std::int64_t>(record.size());
  ++kept->pieces;
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(id);
  if (found == uploads_.end()) return no_such_upload();
  found->second = *kept;
  return kept->upload;
}

Result<Bytes> UploadStore::whole(const std::string& id, const std::string& sender, Instant now) {
  const auto turn = Turn::take(*this, id);
  const auto kept = held(id, sender, now);
  if (!kept) return tl::unexpected(kept.error());
  if (!turn || !kept->upload.is_whole() || kept->upload.taken) {
    return fail(ErrorCode::state_conflict,
                "This upload is not whole, or is being taken: ask how far it is.");
  }
  const Descriptor file(::open(file_of(id).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open()) return tl::unexpected(disk_error("Opening an upload", errno));
  const auto header = record_at(file.get(), 0, kept->end, kMaxHeaderBytes);
  Bytes bytes;
  bytes.reserve(static_cast<std::size_t>(kept->upload.length));
  std::int64_t at = header ? static_cast<std::int64_t>(kLengthBytes + header->size()) : kept->end;
  while (at < kept->end) {
    const auto sealed = record_at(file.get(), at, kept->end, kMaxPieceBytes);
    const auto piece =
        sealed ? unseal(key_, bound_piece(id, static_cast<std::int64_t>(bytes.size())), *sealed)
               : fail(ErrorCode::crypto_failed, "");
    if (!piece) break;
    bytes.insert(bytes.end(), piece->begin(), piece->end());
    at += static_cast<std::int64_t>(kLengthBytes + sealed->size());
  }
  if (static_cast<std::int64_t>(bytes.size()) == kept->upload.length) return bytes;
  return fail(ErrorCode::crypto_failed,
              "The spooled file of an upload was changed or cut: it is to be sent anew.");
}

Result<void> UploadStore::taken(const std::string& id, const TakenExam& exam) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    if (found == uploads_.end()) return no_such_upload();
    found->second.upload.taken = exam;
  }
  return remove_durably(file_of(id));
}

Result<void> UploadStore::remove(const std::string& id, const std::string& sender) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    if (found == uploads_.end() || found->second.upload.sender != sender) return {};
    uploads_.erase(found);
  }
  return remove_durably(file_of(id));
}

Result<int> UploadStore::expire(Instant now) {
  std::vector<std::string> over;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, kept] : uploads_) {
      if (now >= kept.upload.expires_at && !busy_.contains(id)) over.push_back(id);
    }
    for (const std::string& id : over) uploads_.erase(id);
  }
  for (const std::string& id : over) {
    if (auto removed = remove_durably(file_of(id)); !removed)
      return tl::unexpected(removed.error());
  }
  return static_cast<int>(over.size());
}

}  // namespace telavis
