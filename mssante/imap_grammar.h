// SPDX-License-Identifier: Apache-2.0
// What an IMAP server says (RFC 3501 section 7; RFC 9051), as far as somebody who reads one mailbox
// needs it. Bytes in, responses out: no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// How much one response may take, whatever the server announces.
struct ImapLimits {
  // Without its literals. A SEARCH that finds half a million mails fits.
  std::size_t line = std::size_t{8} << 20;
  std::size_t literals = std::size_t{51} << 20;  // all of them together
};

enum class ImapStatus { ok, no, bad, preauth, bye };

/// OK, NO, BAD, PREAUTH or BYE. The server's own words are not kept: they may name somebody.
struct ImapCondition {
  ImapStatus status = ImapStatus::ok;
  std::string code;      // of "[UIDVALIDITY 385]", upper case, A-Z 0-9 - only; or empty
  std::string argument;  // "385"
};
struct ImapExists {
  std::uint32_t mails = 0;
};
/// UIDs from `first` to `last`, both included.
struct ImapUids {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
/// SEARCH, or ESEARCH of UIDs: as the server gave them, in no order.
struct ImapSearch {
  std::vector<ImapUids> found;
};
/// FETCH, without the items that nobody asked for.
struct ImapFetch {
  std::optional<std::uint32_t> uid;
  std::optional<std::uint64_t> size;  // RFC822.SIZE
  std::optional<Bytes> body;          // BODY[], from its start; none also where the server says NIL
};
/// A response that says nothing of use here (FLAGS, RECENT, CAPABILITY ...).
struct ImapIgnored {};

struct ImapResponse {
  std::string tag;  // "*": untagged; "+": the server waits for more
  std::variant<ImapIgnored, ImapCondition, ImapExists, ImapSearch, ImapFetch> what;
};

class ImapReader {
 public:
  explicit ImapReader(ImapLimits limits = {}) : limits_(limits) {}

  /// What was read from the server. Call next() until it gives none before more is added: that
  /// keeps what is held within the limits.
  void add(std::string_view bytes) { buffer_ += bytes; }
  /// The next response that is whole; nullopt: it takes more bytes. Errors, after which there is
  /// nothing more to read: mail_unreachable (not IMAP, or above a limit).
  Result<std::optional<ImapResponse>> next();

 private:
  bool fill_literal();
  /// Moves what stands before the next line end into `line_`. False: there is none yet.
  Result<bool> fill_line();
  Result<void> begin_literal(std::uint64_t length);

  ImapLimits limits_;
  std::string buffer_;
  std::size_t at_ = 0;        // in buffer_: what stands before is done with
  std::size_t seen_ = 0;      // in buffer_: no line end before it
  std::string line_;          // of the response so far; a literal is left as "{length}"
  std::size_t piece_at_ = 0;  // in line_: behind the last literal
  std::vector<Bytes> literals_;
  std::uint64_t missing_ = 0;  // bytes of the last literal
  std::size_t literal_bytes_ = 0;
};

}  // namespace telavis
