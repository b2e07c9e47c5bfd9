// SPDX-License-Identifier: Apache-2.0
#include "mssante/smtp_mailer.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include "engine/core/mail_address.h"
#include "mssante/smtp_grammar.h"

namespace telavis {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

/// Servers end a silent session after five minutes (RFC 5321, 4.5.3.2.7), and a token that was good
/// at the login does not bind them for long.
constexpr auto kKeepFor = 30s;
/// Servers limit the mails of a session; a hundred is Postfix's own reuse limit of a client.
constexpr int kMailsPerConnection = 100;
/// Below the lease of an outbox row (10 minutes): while one worker still sends, no other begins.
constexpr auto kLongestSend = 8min;
/// Written at once, so that each piece has the account's timeout to itself.
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kReplyBytes = 4096;

}  // namespace

struct SmtpMailer::Session {
  explicit Session(SmtpAccount given) : account(std::move(given)) {}
  ~Session() { leave(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Ends a session in good order; the server's goodbye is of no use to us.
  void leave() {
    if (connection) static_cast<void>(connection->write("QUIT\r\n"));
    drop();
  }
  void drop() {
    connection.reset();
    reader = SmtpReplyReader();
    mails = 0;
  }

  Result<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      if (uptime() >= until) return too_slow();
      const std::string_view piece = bytes.substr(0, kPiece);
      if (auto written = connection->write(piece); !written) return written;
      bytes.remove_prefix(piece.size());
    }
    return {};
  }
  Result<SmtpReply> read() {
    std::array<char, kReplyBytes> buffer;
    for (;;) {
      auto reply = reader.next();
      if (!reply) return tl::unexpected(reply.error());
      if (*reply) return std::move(**reply);
      if (uptime() >= until) return too_slow();
      const auto count = connection->read(buffer);
      if (!count) return tl::unexpected(count.error());
      if (*count == 0) return ended();
      reader.feed({buffer.data(), *count});
    }
  }
  Result<SmtpReply> exchange(std::string_view command) {
    if (auto written = write(command); !written) return tl::unexpected(written.error());
    return read();
  }
  tl::unexpected<Error> too_slow() const {
    return fail(ErrorCode::mail_unreachable, "The mail server is too slow; it is tried again.");
  }
  tl::unexpected<Error> ended() const {
    return fail(ErrorCode::mail_unreachable,
                "The mail server has ended the connection; it is tried again.");
  }

  SmtpAccount account;
  std::mutex mutex;  // held for a whole mail
  std::function<Time()> uptime;
  Time until;  // of this mail
  std::unique_ptr<MailConnection> connection;
  SmtpReplyReader reader;
  SmtpOffer offer;
  int mails = 0;  // sent on this connection
  Time last_used;
  Time rests_until;
  std::string trouble;  // as last reported; empty: none
};

/// How one mail went, and what that says of the account.
struct SmtpMailer::Sent {
  SmtpVerdict verdict;
  bool judged = false;      // by the server's own words
  bool unanswered = false;  // it has the mail and did not say so
};

struct SmtpMailer::Counters {
  std::atomic<std::int64_t> accepted{0}, retried{0}, refused{0}, connections{0}, unanswered{0};
};

SmtpPorts smtp_ports(std::function<void(const std::string&)> report) {
  return {[](const SmtpAccount& account) {
            return connect_mail(MailProtocol::submission, account.submission, account.tokens.get());
          },
          [] { return std::chrono::steady_clock::now(); }, std::move(report)};
}

SmtpMailer::SmtpMailer(std::vector<SmtpAccount> accounts, SmtpOptions options, SmtpPorts ports)
    : options_(options), ports_(std::move(ports)), counters_(std::make_unique<Counters>()) {
  for (SmtpAccount& account : accounts) {
    sessions_.push_back(std::make_unique<Session>(std::move(account)));
    sessions_.back()->uptime = ports_.uptime;
    sessions_.back()->rests_until = ports_.uptime();
  }
}

SmtpMailer::~SmtpMailer() = default;

SmtpFigures SmtpMailer::figures() const {
  return {counters_->accepted, counters_->retried, counters_->refused, counters_->connections,
          counters_->unanswered};
}

SmtpMailer::Session* SmtpMailer::session_of(const std::string& from) {
  if (from.empty()) return sessions_.empty() ? nullptr : sessions_.front().get();
  const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
    return session->account.submission.address == from;
  });
  return found == sessions_.end() ? nullptr : found->get();
}

SendResult SmtpMailer::send(const Envelope& envelope, ByteView mime) {
  const auto refuse = [this](std::string reason, std::string_view code) {
    ++counters_->refused;
    return SendResult{SendOutcome::refused, std::move(reason), std::string(code)};
  };
  if (!is_address(envelope.to))
    return refuse("the recipient's address is not usable; correct it", "unknown_recipient");
  if (!envelope.from.empty() && !is_address(envelope.from))
    return refuse("the sender's address is not usable; correct the programme's mailbox",
                  "by_server");
  const auto data = data_of(mime);
  if (!data) return refuse(data.error().text, "content_refused");
  Session* const session = session_of(envelope.from);
  if (session == nullptr) {
    ++counters_->retried;
    return {SendOutcome::retry,
            "no account of the configuration (mail.accounts) has the sender's address; add it"};
  }
  const std::lock_guard lock(session->mutex);
  return count(*session, send_over(*session, envelope, mime.size(), *data));
}

SmtpMailer::Sent SmtpMailer::send_over(Session& session, const Envelope& envelope,
                                       std::size_t mime_bytes, const std::string& data) {
  const Time now = ports_.uptime();
  session.until = now + kLongestSend;
  if (now < session.rests_until) return {{SendOutcome::retry, session.trouble, true}};
  if (session.connection && (now - session.last_used > kKeepFor ||
                             session.mails >= kMailsPerConnection || session.reader.has_more()))
    session.leave();
  if (session.connection) {
    // A session that the server has ended meanwhile is found before anything depends on it.
    if (const auto cleared = session.exchange("RSET\r\n"); !cleared || cleared->code != 250)
      session.drop();
  }
  if (!session.connection) {
    if (const auto opened = open(session); !opened) {
      session.drop();
      session.rests_until = ports_.uptime() + options_.rest;
      return {{SendOutcome::retry, opened.error().text, true}};
    }
  }
  Sent sent = transact(session, envelope, mime_bytes, data);
  session.last_used = ports_.uptime();
  ++session.mails;
  return sent;
}

Result<void> SmtpMailer::open(Session& session) {
  auto connection = ports_.connect(session.account);
  if (!connection) return tl::unexpected(connection.error());
  ++counters_->connections;
  session.connection = std::move(*connection);
  const std::string& address = session.account.submission.address;
  // Again: what was offered before TLS and login is void (RFC 3207, 4.2), and libcurl keeps it.
  const auto reply = session.exchange(
      "EHLO " + address.substr(std::min(address.find('@'), address.size() - 1) + 1) + "\r\n");
  if (!reply) return tl::unexpected(reply.error());
  if (reply->code != 250) {
    return fail(ErrorCode::mail_unreachable, "The mail server answers EHLO with " +
                                                 std::to_string(reply->code) +
                                                 "; it is tried again.");
  }
  session.offer = read_offer(*reply);
  return {};
}

SmtpMailer::Sent SmtpMailer::transact(Session& session, const Envelope& envelope,
                                      std::size_t mime_bytes, const std::string& data) {
  SmtpTransaction mail(envelope, mime_bytes, data, session.offer, {options_.delivery_reports});
  while (!mail.verdict()) {
    // Bytes that could not be written end no mail: only a missing answer leaves it open.
    auto written = session.write(mail.command());
    const auto reply =
        written ? session.read() : Result<SmtpReply>(tl::unexpected(written.error()));
    if (!reply) {
      session.drop();
      Sent sent{{SendOutcome::retry, reply.error().text, false}};
      sent.unanswered = written && mail.unanswered();
      if (sent.unanswered)
        sent.verdict.reason += " The mail may have been taken, and arrive twice.";
      return sent;
    }
    mail.take(*reply);
    // 421: the server ends the session (RFC 5321, 3.8).
    if (reply->code == 421) session.drop();
    if (session.connection && session.reader.has_more() && !mail.verdict()) {
      session.drop();
      return {{SendOutcome::retry, "the mail server answers what was not asked", false}};
    }
  }
  return {*mail.verdict(), true};
}

SendResult SmtpMailer::count(Session& session, const Sent& sent) {
  const std::string& address = session.account.submission.address;
  const SmtpVerdict& verdict = sent.verdict;
  if (sent.unanswered) ++counters_->unanswered;
  switch (verdict.outcome) {
    case SendOutcome::accepted:
      ++counters_->accepted;
      break;
    case SendOutcome::retry:
      ++counters_->retried;
      break;
    case SendOutcome::refused:
      ++counters_->refused;
      break;
  }
  if (verdict.account_at_fault && verdict.reason != session.trouble) {
    session.trouble = verdict.reason;
    ports_.report("mail from " + address + " cannot leave: " + verdict.reason);
  } else if (sent.judged && !verdict.account_at_fault && !session.trouble.empty()) {
    session.trouble.clear();
    ports_.report("mail from " + address + " leaves again");
  }
  return {verdict.outcome, verdict.reason, verdict.code};
}

}  // namespace telavis
