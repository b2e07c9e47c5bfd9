// SPDX-License-Identifier: Apache-2.0
// Where the access token of a mailbox comes from: asked anew for each connection, kept by nobody.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "mssante/mail_connection.h"

namespace telavis {

/// More than any access token has; the claims of Pro Santé Connect make some kilobytes.
inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;

/// Takes the token from what `read` gives each time it is asked: a file that another program
/// renews, or the output of a command. Blanks and line ends around it are cut off.
class ReadTokens : public TokenSource {
 public:
  explicit ReadTokens(std::function<Result<Bytes>()> read) : read_(std::move(read)) {}
  /// Errors: mail_refused (nothing could be read, or what was read is empty, too long or not
  /// printable ASCII). The text never holds what was read.
  Result<std::string> token() override;

 private:
  std::function<Result<Bytes>()> read_;
};

/// What a program prints (kMaxTokenBytes at most), started without a shell: its first word is the
/// path of a file. Its standard error is that of this process. After `patience` it is killed with
/// what it started. Errors: mail_refused.
Result<Bytes> output_of(const std::vector<std::string>& command, std::chrono::seconds patience);

}  // namespace telavis
