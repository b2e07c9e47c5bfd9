// SPDX-License-Identifier: Apache-2.0
// Sends what waits in a queue, by resumable uploads (tus 1.0), to an engine.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "devices/https_client.h"
#include "devices/send_queue.h"
#include "formats/result.h"

namespace telavis {

/// So much is sent again when the line breaks: half a minute at the 8 KiB/s of the slowest line.
inline constexpr std::size_t kSentPieceBytes = std::size_t{256} << 10;

struct PairedServer {
  std::string device;
  std::string token;
};

class ExamSender {
 public:
  /// One exchange with the server: HttpsClient::send, but in tests.
  using Exchange = std::function<Result<HttpsAnswer>(
      const std::string& method, const std::string& path, const HttpsClient::Headers& headers,
      const std::string& body)>;

  ExamSender(SendQueue& queue, std::string token, Exchange exchange)
      : queue_(queue), token_(std::move(token)), exchange_(std::move(exchange)) {}

  /// Exchanges a pairing code. Errors: login_failed, too_many_attempts, unavailable.
  static Result<PairedServer> pair(const Exchange& exchange, const std::string& code);

  /// Goes on where the last attempt ended. The exam stays in the queue: remove it once what became
  /// of it has been told. Errors: no_exam, limit_exceeded, body_too_large, malformed_request and
  /// others of the file, for good; forbidden (the device is suspended, or its token ended);
  /// not to be had now: unavailable, too_many_attempts, storage_failed, storage_full.
  Result<TakenExam> send(const std::string& id);

 private:
  struct Progress {
    std::int64_t offset = 0;
    std::optional<TakenExam> taken;
  };
  Result<HttpsAnswer> ask(const std::string& method, const std::string& path,
                          HttpsClient::Headers headers, const std::string& body = {});
  Result<std::string> begin(const std::string& id, const QueuedExam& exam);
  Result<Progress> progress(const std::string& id, const QueuedExam& exam, std::string& place);
  Result<TakenExam> send_pieces(const QueuedExam& exam, const std::string& place, Progress at);

  SendQueue& queue_;
  std::string token_;
  Exchange exchange_;
};

/// Trying again later may help; otherwise the file is refused for good.
bool may_succeed_later(ErrorCode code);

}  // namespace telavis
