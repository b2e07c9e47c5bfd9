// SPDX-License-Identifier: Apache-2.0
// A hostile server: its bytes give the same replies in any pieces, and no answer but 250 to the
// whole mail makes it accepted. What is sent is read as a mail too: nothing in it ends it early.
#include <algorithm>
#include <cstdlib>

#include "mssante/smtp_grammar.h"

namespace {

using namespace telavis;

struct Heard {
  std::vector<SmtpReply> replies;
  bool broken = false;
};

Heard hear(std::string_view bytes, std::size_t piece) {
  Heard heard;
  SmtpReplyReader reader;
  while (!bytes.empty() && !heard.broken) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto reply = reader.next();
      heard.broken = !reply;
      if (!reply || !*reply) break;
      heard.replies.push_back(std::move(**reply));
    }
  }
  return heard;
}

void check_transaction(const std::vector<SmtpReply>& replies) {
  const std::string data = "x\r\n.\r\n";
  const SmtpOffer offer = read_offer(replies.front());
  SmtpTransaction mail({"k", "a@b.test", "c@d.test"}, 3, data, offer, {});
  std::size_t next = 1;
  int well = 0;
  for (; !mail.verdict() && next < replies.size(); ++next) {
    const bool body = mail.step() == SmtpStep::body;
    mail.take(replies[next]);
    if (replies[next].code < 400) ++well;
    if (mail.verdict() && mail.verdict()->outcome == SendOutcome::accepted &&
        (!body || replies[next].code / 100 != 2 || well != 4))
      std::abort();
    if (mail.verdict() && mail.verdict()->outcome == SendOutcome::refused &&
        (replies[next].code < 500 || mail.verdict()->account_at_fault))
      std::abort();
  }
}

void check_data(ByteView bytes) {
  const auto data = data_of(bytes);
  if (!data) return;
  // The first line of one dot is the last of all.
  const std::string framed = "\r\n" + *data;
  if (framed.find("\r\n.\r\n") != framed.size() - 5) std::abort();
  if (framed.find("\n.\n") != framed.npos || framed.find("\r.\r") != framed.npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = as_text({data, size});
  const Heard whole = hear(bytes, size + 1), single = hear(bytes, 1);
  if (whole.broken != single.broken || whole.replies.size() != single.replies.size()) std::abort();
  for (std::size_t i = 0; i < whole.replies.size(); ++i) {
    if (whole.replies[i].code != single.replies[i].code ||
        whole.replies[i].enhanced != single.replies[i].enhanced ||
        whole.replies[i].lines != single.replies[i].lines)
      std::abort();
  }
  if (!whole.replies.empty()) check_transaction(whole.replies);
  check_data({data, size});
  return 0;
}
