// SPDX-License-Identifier: Apache-2.0
#include "devices/exam_sender.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "engine/core/crypto.h"
#include "engine/core/json_reader.h"
#include "engine/core/one_time_code.h"
#include "formats/base64.h"

namespace telavis {
namespace {

constexpr const char* kUploads = "/api/v1/exams/uploads";
constexpr std::size_t kMaxAnswerText = 4'000;
constexpr std::size_t kMaxTokenBytes = 200;
constexpr int kTries = 3;  // of one piece that arrives changed, or at another place

std::string header(const HttpsAnswer& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? std::string() : found->second;
}

/// By its stable name, as the server says it.
std::optional<ErrorCode> code_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (error_name(code) == name) return code;
  }
  return std::nullopt;
}

ErrorCode code_of(int status) {
  if (status == 401 || status == 403) return ErrorCode::forbidden;
  if (status == 429) return ErrorCode::too_many_attempts;
  if (status == 413) return ErrorCode::body_too_large;
  if (status == 422) return ErrorCode::malformed_file;
  if (status == 507) return ErrorCode::storage_full;
  return ErrorCode::unavailable;
}

std::optional<Error> why_in(const HttpsAnswer& answer) {
  const auto code = code_named(header(answer, "telavis-why"));
  if (!code) return std::nullopt;
  return Error{*code, header(answer, "telavis-why-text")};
}

/// What a server says that refuses; one that says nothing is not ours, or a gateway in between.
Error refusal_in(const HttpsAnswer& answer) {
  Error error{code_of(answer.status),
              "The server answered with status " + std::to_string(answer.status) + "."};
  // Outside of uploads it stands in the body alone.
  JsonReader json(as_text(answer.body));
  if (auto said = json.object("error", true)) {
    const auto code = code_named(said->text("code", kMaxAnswerText));
    const std::string text = said->text("text", kMaxAnswerText);
    static_cast<void>(said->optional_text("field", kMaxAnswerText));
    if (said->finish() && code) error = {*code, text};
  }
  if (const auto why = why_in(answer)) error = *why;
  if (error.code == ErrorCode::login_required) error.code = ErrorCode::forbidden;
  return error;
}

std::string base64_of_hex(const std::string& hex) {
  const auto bytes = from_hex(hex);
  return bytes ? base64_encoded(*bytes) : std::string();
}

std::optional<TakenExam> taken_in(const HttpsAnswer& answer) {
  const std::string outcome = header(answer, "telavis-outcome");
  for (const ExamTaken taken : {ExamTaken::waiting, ExamTaken::known, ExamTaken::unreadable}) {
    if (outcome != exam_taken_name(taken)) continue;
    TakenExam exam{header(answer, "telavis-exam"), taken, std::nullopt};
    exam.why = why_in(answer);
    return exam;
  }
  return std::nullopt;
}

std::optional<std::int64_t> offset_in(const HttpsAnswer& answer) {
  const std::string text = header(answer, "upload-offset");
  std::int64_t offset = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc() || end != text.data() + text.size() || offset < 0) return std::nullopt;
  return offset;
}

/// Of an absolute URL too.
std::string path_in(const std::string& location) {
  const auto scheme = location.find("://");
  if (scheme == std::string::npos) return location;
  const auto slash = location.find('/', scheme + 3);
  return slash == std::string::npos ? std::string() : location.substr(slash);
}

tl::unexpected<Error> strange_server() {
  return fail(ErrorCode::unavailable,
              "The server does not speak tus 1.0 as Telavis does: check the address.");
}

}  // namespace

bool may_succeed_later(ErrorCode code) {
  constexpr std::array kLater = {
      ErrorCode::unavailable,    ErrorCode::too_many_attempts, ErrorCode::storage_failed,
      ErrorCode::storage_full,   ErrorCode::forbidden,         ErrorCode::login_failed,
      ErrorCode::state_conflict, ErrorCode::not_found,         ErrorCode::internal};
  return std::ranges::find(kLater, code) != kLater.end();
}

Result<PairedServer> ExamSender::pair(const Exchange& exchange, const std::string& code) {
  std::string letters = code_as_made(code);
  std::erase_if(letters, [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); });
  const std::string body = R"({"code":")" + letters + "\"}";
  const auto answer =
      exchange("POST", "/api/v1/pair",
               {{"Content-Type", "application/json"}, {"Accept-Language", "en"}}, body);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status != 200) return tl::unexpected(refusal_in(*answer));
  JsonReader json(as_text(answer->body));
  PairedServer paired{json.text("device", kMaxTokenBytes), json.text("token", kMaxTokenBytes)};
  if (!json.finish()) return strange_server();
  return paired;
}

Result<HttpsAnswer> ExamSender::ask(const std::string& method, const std::string& path,
                                    HttpsClient::Headers headers, const std::string& body) {
  headers.emplace_back("Authorization", "Bearer " + token_);
  headers.emplace_back("Accept-Language", "en");
  headers.emplace_back("Tus-Resumable", "1.0.0");
  return exchange_(method, path, headers, body);
}

Result<std::string> ExamSender::begin(const std::string& id, const QueuedExam& exam) {
  std::string metadata = "sha256 " + base64_of_hex(exam.sha256);
  if (!exam.name.empty()) metadata += ",filename " + base64_encoded(as_bytes(exam.name));
  const auto answer =
      ask("POST", kUploads,
          {{"Upload-Length", std::to_string(exam.bytes.size())}, {"Upload-Metadata", metadata}});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status != 201) return tl::unexpected(refusal_in(*answer));
  const std::string place = path_in(header(*answer, "location"));
  if (!place.starts_with('/')) return strange_server();
  if (auto kept = queue_.set_place(id, place); !kept) return tl::unexpected(kept.error());
  return place;
}

Result<ExamSender::Progress> ExamSender::progress(const std::string& id, const QueuedExam& exam,
                                                  std::string& place) {
  if (!place.empty()) {
    const auto answer = ask("HEAD", place, {});
    if (!answer) return tl::unexpected(answer.error());
    const auto offset = offset_in(*answer);
    if (answer->status == 200 && offset) return Progress{*offset, taken_in(*answer)};
    // The server forgot it: it was refused, is older than a day, or another key opens the spool.
    const bool is_gone = answer->status == 404 || answer->status == 410;
    if (!is_gone) return tl::unexpected(refusal_in(*answer));
    if (auto forgotten = queue_.set_place(id, ""); !forgotten)
      return tl::unexpected(forgotten.error());
  }
  auto begun = begin(id, exam);
  if (!begun) return tl::unexpected(begun.error());
  place = std::move(*begun);
  return Progress{};
}

Result<TakenExam> ExamSender::send_pieces(const QueuedExam& exam, const std::string& place,
                                          Progress at) {
  const auto length = static_cast<std::int64_t>(exam.bytes.size());
  int tries = 0;
  while (!at.taken) {
    if (at.offset > length || tries == kTries) return strange_server();
    const auto size =
        std::min<std::int64_t>(length - at.offset, static_cast<std::int64_t>(kSentPieceBytes));
    const ByteView piece =
        ByteView(exam.bytes)
            .subspan(static_cast<std::size_t>(at.offset), static_cast<std::size_t>(size));
    const auto answer = ask("PATCH", place,
                            {{"Content-Type", "application/offset+octet-stream"},
                             {"Upload-Offset", std::to_string(at.offset)},
                             {"Upload-Checksum", "sha256 " + base64_of_hex(sha256_hex(piece))}},
                            std::string(as_text(piece)));
    if (!answer) return tl::unexpected(answer.error());
    ++tries;
    if (answer->status == 460) continue;  // arrived changed
    if (answer->status == 409) {
      const auto now = ask("HEAD", place, {});
      if (!now) return tl::unexpected(now.error());
      const auto offset = offset_in(*now);
      if (now->status != 200 || !offset) return tl::unexpected(refusal_in(*now));
      at = {*offset, taken_in(*now)};
      continue;
    }
    const auto offset = offset_in(*answer);
    if (answer->status != 204 || !offset) return tl::unexpected(refusal_in(*answer));
    if (*offset > at.offset) tries = 0;
    at = {*offset, taken_in(*answer)};
  }
  return *at.taken;
}

Result<TakenExam> ExamSender::send(const std::string& id) {
  const auto exam = queue_.load(id);
  if (!exam) return tl::unexpected(exam.error());
  std::string place = queue_.place(id);
  const auto at = progress(id, *exam, place);
  if (!at) return tl::unexpected(at.error());
  return send_pieces(*exam, place, *at);
}

}  // namespace telavis
