// SPDX-License-Identifier: Apache-2.0
#include "devices/send_queue.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/core/durable_file.h"
#include "formats/exam.h"

namespace telavis {
namespace {

constexpr std::string_view kExamEnd = ".exam";
constexpr std::string_view kPlaceEnd = ".upload";
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxPlaceBytes = 1024;
// Above what sealing adds: 17 bytes to each 64 KiB, and a header.
constexpr std::size_t kMaxSealedBytes = kMaxFileBytes + (std::size_t{1} << 20);
constexpr std::size_t kSha256Hex = 64;

std::string bound_to(const std::string& id) {
  return "send-queue/" + id;
}

tl::unexpected<Error> asks_the_server() {
  return fail(ErrorCode::unavailable, "Only the server knows: ask it.");
}

}  // namespace

Result<std::unique_ptr<SendQueue>> SendQueue::open(std::filesystem::path folder, const Key& key) {
  if (auto made = make_folder_durably(folder); !made) return tl::unexpected(made.error());
  return std::unique_ptr<SendQueue>(new SendQueue(std::move(folder), key));
}

/// Says nothing of the bytes to who has not the key.
std::string SendQueue::id_of(const std::string& sha256) const {
  return hash_hex(to_hex(key_.view()) + sha256);
}

Result<SendingDevice> SendQueue::admit(const DeviceClaim& claim) {
  return SendingDevice{claim.name, {}, {}};
}

Result<TakenExam> SendQueue::take(const SendingDevice&, const UploadedFile& file,
                                  const std::string&) {
  if (file.bytes.empty()) return fail(ErrorCode::no_exam, "The file is empty.");
  if (file.bytes.size() > kMaxFileBytes) {
    return fail(ErrorCode::limit_exceeded, "A file is larger than " +
                                               std::to_string(kMaxFileBytes >> 20) +
                                               " MiB. Export a smaller one.");
  }
  const std::string sha256 = sha256_hex(file.bytes);
  const std::string id = id_of(sha256);
  // One byte of the name's length, the name, the sum, the bytes.
  const std::string name = file.name.substr(0, kMaxNameBytes);
  Bytes plain;
  plain.reserve(1 + name.size() + kSha256Hex + file.bytes.size());
  plain.push_back(static_cast<std::uint8_t>(name.size()));
  for (const std::string_view text : {std::string_view(name), std::string_view(sha256)})
    plain.insert(plain.end(), text.begin(), text.end());
  plain.insert(plain.end(), file.bytes.begin(), file.bytes.end());
  const auto path = folder_ / (id + std::string(kExamEnd));
  std::error_code unknown;
  const bool is_there = std::filesystem::exists(path, unknown);
  const auto written =
      write_durably(folder_, path, seal_stream(key_, bound_to(id), plain), IfPresent::replace);
  if (!written) return tl::unexpected(written.error());
  return TakenExam{id, is_there ? ExamTaken::known : ExamTaken::waiting, std::nullopt};
}

Result<std::vector<bool>> SendQueue::keeps(const SendingDevice&, const std::vector<std::string>&) {
  return asks_the_server();
}
Result<std::vector<AwaitedExam>> SendQueue::awaited(const SendingDevice&) {
  return asks_the_server();
}

Result<std::vector<std::string>> SendQueue::waiting() const {
  std::error_code failed;
  std::vector<std::pair<std::filesystem::file_time_type, std::string>> found;
  std::filesystem::directory_iterator entries(folder_, failed);
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    const std::string name = entries->path().filename().native();
    std::error_code gone;
    if (!name.ends_with(kExamEnd) || is_scratch_name(entries->path())) continue;
    found.emplace_back(entries->last_write_time(gone),
                       name.substr(0, name.size() - kExamEnd.size()));
  }
  if (failed) return tl::unexpected(disk_error("Reading the queue", failed.value()));
  std::ranges::sort(found);
  std::vector<std::string> ids;
  ids.reserve(found.size());
  for (auto& [time, id] : found) ids.push_back(std::move(id));
  return ids;
}

Result<QueuedExam> SendQueue::load(const std::string& id) const {
  const auto sealed = read_whole(folder_ / (id + std::string(kExamEnd)), kMaxSealedBytes);
  if (!sealed) return tl::unexpected(sealed.error());
  const auto plain = unseal_stream(key_, bound_to(id), *sealed);
  if (!plain) return tl::unexpected(plain.error());
  const std::size_t name_size = plain->empty() ? 0 : plain->front();
  const std::string_view text = as_text(*plain);
  if (text.size() < 1 + name_size + kSha256Hex)
    return fail(ErrorCode::crypto_failed, "A file of the queue is damaged.");
  QueuedExam exam;
  exam.name = text.substr(1, name_size);
  exam.sha256 = text.substr(1 + name_size, kSha256Hex);
  exam.bytes.assign(plain->begin() + static_cast<std::ptrdiff_t>(1 + name_size + kSha256Hex),
                    plain->end());
  return exam;
}

std::string SendQueue::place(const std::string& id) const {
  const auto bytes = read_whole(folder_ / (id + std::string(kPlaceEnd)), kMaxPlaceBytes);
  return bytes ? std::string(as_text(*bytes)) : std::string();  // without it the upload begins anew
}

Result<void> SendQueue::set_place(const std::string& id, const std::string& place) {
  const auto path = folder_ / (id + std::string(kPlaceEnd));
  if (place.empty()) return remove_durably(path);
  const auto written = write_durably(folder_, path, as_bytes(place), IfPresent::replace);
  if (!written) return tl::unexpected(written.error());
  return {};
}

Result<void> SendQueue::remove(const std::string& id) {
  if (auto removed = remove_durably(folder_ / (id + std::string(kExamEnd))); !removed)
    return removed;
  return remove_durably(folder_ / (id + std::string(kPlaceEnd)));
}

}  // namespace telavis
