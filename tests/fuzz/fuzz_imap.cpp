// SPDX-License-Identifier: Apache-2.0
// First byte: in what pieces the server's bytes arrive; the rest: all that it says, whatever it is
// asked.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "mssante/imap_grammar.h"
#include "mssante/imap_mailbox.h"

namespace {

using namespace telavis;

constexpr std::size_t kMailBytes = 64;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const ImapResponse& response, const ImapLimits& limits) {
  require(!response.tag.empty());
  if (const auto* const search = std::get_if<ImapSearch>(&response.what)) {
    for (const ImapUids& uids : search->found) require(uids.first > 0 && uids.first <= uids.last);
  }
  if (const auto* const fetch = std::get_if<ImapFetch>(&response.what)) {
    require(fetch->uid != 0U);
    require(!fetch->body || fetch->body->size() <= std::max(limits.literals, limits.line));
  }
}

/// Gives how many responses there were, negative when the bytes ended as no IMAP.
int read_all(std::string_view said, std::size_t piece) {
  const ImapLimits limits{256, 128};
  ImapReader reader(limits);
  int count = 0;
  while (true) {
    const auto response = reader.next();
    if (!response) return -count - 1;
    if (*response) {
      check(**response, limits);
      ++count;
      continue;
    }
    if (said.empty()) return count;
    reader.add(said.substr(0, piece));
    said.remove_prefix(std::min(piece, said.size()));
  }
}

class Monologue : public MailConnection {
 public:
  Monologue(std::string_view said, std::size_t piece) : said_(said), piece_(piece) {}
  Result<void> write(std::string_view) override { return {}; }
  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t count = std::min({out.size(), piece_, said_.size()});
    std::copy_n(said_.begin(), count, out.begin());
    said_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view said_;
  std::size_t piece_;
};

class StandingClock : public Clock {
 public:
  Instant now() override { return Instant(); }
};

void fetch_all(std::string_view said, std::size_t piece) {
  StandingClock clock;
  ImapMailboxLimits limits;
  limits.mail_bytes = kMailBytes;
  ImapMailbox mailbox(
      [&]() -> Result<std::unique_ptr<MailConnection>> {
        return std::make_unique<Monologue>(said, piece);
      },
      clock, limits);
  const auto mails = mailbox.fetch_after({7, 3}, 4);
  if (!mails) return;
  require(mails->size() <= 4);
  std::uint32_t last = 0;
  for (const FetchedMail& mail : *mails) {
    require(mail.cursor.last_uid > last && mail.cursor.uid_validity > 0);
    require(mail.mime.size() <= (mail.gap == MailGap::withheld ? 0 : said.size()));
    require(mail.gap != MailGap::none || mail.mime.size() <= kMailBytes);
    last = mail.cursor.last_uid;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::string_view said = as_text(ByteView(data + 1, size - 1));
  require(read_all(said, piece) == read_all(said, said.size() + 1));
  fetch_all(said, piece);
  return 0;
}
