// SPDX-License-Identifier: Apache-2.0
#include "mssante/imap_mailbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mssante/imap_grammar.h"

namespace telavis {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
// What a session may say unasked beside the body that it was asked for.
constexpr std::size_t kUnaskedBytes = std::size_t{1} << 20;
// Untagged responses to one command: one a mail, where another client empties a large mailbox.
constexpr std::size_t kMaxResponses = 200'000;
constexpr std::size_t kMaxFound = 500'000;                       // ranges that one SEARCH gives
constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10;  // kept of a mail above the limit
// Asked for beyond the limit of a call, for those that are gone or withheld.
constexpr std::size_t kSpare = 100;
constexpr std::uint32_t kLastUid = std::numeric_limits<std::uint32_t>::max();

std::string in_brackets(const std::string& code) {
  return code.empty() ? "" : " [" + code + "]";
}

tl::unexpected<Error> unreachable(const std::string& what) {
  return fail(ErrorCode::mail_unreachable, what + " It is tried again.");
}

/// A refusal that asking again does not change (RFC 5530), or one of a server that is busy.
tl::unexpected<Error> refused(const ImapCondition& answer, std::string_view command) {
  constexpr std::array<std::string_view, 8> kLasting = {"AUTHENTICATIONFAILED",
                                                        "AUTHORIZATIONFAILED",
                                                        "EXPIRED",
                                                        "PRIVACYREQUIRED",
                                                        "CONTACTADMIN",
                                                        "NOPERM",
                                                        "NONEXISTENT",
                                                        "CLIENTBUG"};
  if (answer.status == ImapStatus::bad || std::ranges::count(kLasting, answer.code) > 0) {
    return fail(ErrorCode::mail_refused,
                fmt::format("The mail server refuses {}{}: ask the mailbox's operator.", command,
                            in_brackets(answer.code)));
  }
  return unreachable(
      fmt::format("The mail server cannot do {} now{}.", command, in_brackets(answer.code)));
}

/// What one mail is answered with.
struct Answer {
  enum class Kind { mail, gone, withheld };
  Kind kind = Kind::gone;
  FetchedMail mail;
  ImapCondition condition;  // of a mail that is withheld
};

class ImapSession {
 public:
  ImapSession(MailConnection& connection, Clock& clock, const ImapMailboxLimits& limits)
      : connection_(connection),
        clock_(clock),
        limits_(limits),
        end_(clock.now() + limits.session),
        reader_(reader_limits(limits)),
        input_(kReadBytes) {}

  Result<void> open() {
    const auto answer = command("EXAMINE INBOX");
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != ImapStatus::ok) return refused(*answer, "EXAMINE");
    if (uid_validity_ == 0) {
      return fail(ErrorCode::mail_refused,
                  "The mail server gives no UIDVALIDITY, so no mail of this mailbox can be told "
                  "from another: ask the mailbox's operator.");
    }
    return {};
  }
  std::uint32_t uid_validity() const { return uid_validity_; }
  bool is_empty() const { return mails_ == 0U; }

  /// The first `limit` UIDs above `after`, ascending.
  Result<std::vector<std::uint32_t>> search(std::uint32_t after, std::size_t limit) {
    found_.clear();
    // "n:*" always names the last mail as well, also one below n.
    const auto answer = command(fmt::format("UID SEARCH UID {}:*", after + 1));
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != ImapStatus::ok) return refused(*answer, "SEARCH");
    std::ranges::sort(found_, {}, &ImapUids::first);
    std::vector<std::uint32_t> uids;
    std::uint32_t last = after;
    for (const ImapUids& range : found_) {
      while (uids.size() < limit && last < range.last) {
        last = std::max(last + 1, range.first);
        uids.push_back(last);
      }
    }
    return uids;
  }

  Result<Answer> fetch(std::uint32_t uid) {
    wanted_ = uid;
    fetched_ = {};
    // One byte more than is kept tells a mail of the limit from a larger one.
    const auto answer = command(fmt::format("UID FETCH {} (UID RFC822.SIZE BODY.PEEK[]<0.{}>)", uid,
                                            limits_.mail_bytes + 1));
    wanted_ = 0;
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status == ImapStatus::bad) return refused(*answer, "FETCH");
    if (answer->status == ImapStatus::ok && fetched_.body) return whole_mail(uid);
    const bool gone = answer->status == ImapStatus::ok ? !fetched_.uid.has_value()
                                                       : answer->code == "EXPUNGEISSUED";
    if (gone) return Answer{};
    return Answer{Answer::Kind::withheld,
                  {{uid_validity_, uid}, {}, MailGap::withheld, fetched_.size.value_or(0)},
                  *answer};
  }

  /// All has been read: whether the server still hears it is of no matter.
  void leave() { static_cast<void>(connection_.write(next_tag() + " LOGOUT\r\n")); }

 private:
  static ImapLimits reader_limits(const ImapMailboxLimits& limits) {
    ImapLimits of_reader;
    of_reader.literals = limits.mail_bytes + kUnaskedBytes;
    return of_reader;
  }

  std::string next_tag() { return "T" + std::to_string(++commands_); }

  Answer whole_mail(std::uint32_t uid) {
    Answer answer;
    answer.kind = Answer::Kind::mail;
    answer.mail.cursor = {uid_validity_, uid};
    answer.mail.mime = std::move(*fetched_.body);
    Bytes& mime = answer.mail.mime;
    answer.mail.size = std::max<std::uint64_t>(fetched_.size.value_or(0), mime.size());
    if (mime.size() <= limits_.mail_bytes) return answer;
    answer.mail.gap = MailGap::too_large;
    const std::string_view text = as_text(mime).substr(0, kMaxHeaderBytes);
    const std::size_t end = text.find("\r\n\r\n");
    mime.resize(end == std::string_view::npos ? text.size() : end + 4);
    mime.shrink_to_fit();
    return answer;
  }

  /// Errors: mail_unreachable.
  Result<ImapCondition> command(const std::string& words) {
    const std::string tag = next_tag();
    if (auto written = connection_.write(tag + " " + words + "\r\n"); !written)
      return tl::unexpected(written.error());
    for (std::size_t count = 0; count < kMaxResponses; ++count) {
      auto response = receive();
      if (!response) return tl::unexpected(response.error());
      if (auto* const condition = std::get_if<ImapCondition>(&response->what);
          condition != nullptr && response->tag == tag)
        return std::move(*condition);
      if (response->tag != "*") return unreachable("The mail server answers what nobody asked.");
      if (auto taken = take(*response); !taken) return tl::unexpected(taken.error());
    }
    return unreachable("The mail server does not come to the end of its answer.");
  }

  Result<ImapResponse> receive() {
    while (true) {
      auto response = reader_.next();
      if (!response) return tl::unexpected(std::move(response.error()));
      if (*response) return std::move(**response);
      if (clock_.now() > end_) return unreachable("The mail server is too slow to read from.");
      const auto count = connection_.read(input_);
      if (!count) return tl::unexpected(count.error());
      if (*count == 0) return unreachable("The mail server closed the connection.");
      reader_.add(std::string_view(input_.data(), *count));
    }
  }

  Result<void> take(ImapResponse& response) {
    if (auto* const condition = std::get_if<ImapCondition>(&response.what))
      return take_condition(*condition);
    if (const auto* const exists = std::get_if<ImapExists>(&response.what)) mails_ = exists->mails;
    if (const auto* const search = std::get_if<ImapSearch>(&response.what)) {
      if (search->found.size() > kMaxFound - found_.size())
        return unreachable("The mail server finds more mails than a mailbox holds.");
      found_.insert(found_.end(), search->found.begin(), search->found.end());
    }
    if (auto* const fetch = std::get_if<ImapFetch>(&response.what)) take_fetch(*fetch);
    return {};
  }

  Result<void> take_condition(const ImapCondition& condition) {
    if (condition.status == ImapStatus::bye) {
      return unreachable(
          fmt::format("The mail server ends the session{}.", in_brackets(condition.code)));
    }
    if (condition.status != ImapStatus::ok || condition.code != "UIDVALIDITY") return {};
    const auto value = uid_validity_in(condition.argument);
    if (!value || (uid_validity_ != 0 && uid_validity_ != *value))
      return unreachable("The mailbox was made anew, or its UIDVALIDITY is no number.");
    uid_validity_ = *value;
    return {};
  }

  static std::optional<std::uint32_t> uid_validity_in(const std::string& text) {
    std::uint64_t number = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return std::nullopt;
      number = 10 * number + static_cast<std::uint64_t>(c - '0');
      if (number > kLastUid) return std::nullopt;
    }
    if (number == 0) return std::nullopt;
    return static_cast<std::uint32_t>(number);
  }

  /// What is told of other mails, or told twice, is not wanted.
  void take_fetch(ImapFetch& fetch) {
    if (wanted_ == 0 || fetch.uid != wanted_) return;
    fetched_.uid = fetch.uid;
    if (fetch.size) fetched_.size = fetch.size;
    if (fetch.body && !fetched_.body) fetched_.body = std::move(fetch.body);
  }

  MailConnection& connection_;
  Clock& clock_;
  const ImapMailboxLimits& limits_;
  Instant end_;
  ImapReader reader_;
  std::vector<char> input_;
  int commands_ = 0;
  std::uint32_t uid_validity_ = 0;  // 0: not told
  std::optional<std::uint32_t> mails_;
  std::vector<ImapUids> found_;
  std::uint32_t wanted_ = 0;
  ImapFetch fetched_;
};

/// Mails one by one. A mail that is withheld counts once a later one is given: before that it may
/// be the server that gives none.
class Collection {
 public:
  void add(Answer&& answer) {
    if (answer.kind == Answer::Kind::gone) return;
    if (answer.kind == Answer::Kind::withheld) {
      if (!refusal_) refusal_ = answer.condition;
      doubtful_.push_back(std::move(answer.mail));
      return;
    }
    std::ranges::move(doubtful_, std::back_inserter(mails_));
    doubtful_.clear();
    bytes_ += answer.mail.mime.size();
    mails_.push_back(std::move(answer.mail));
  }
  std::size_t count() const { return mails_.size(); }
  std::size_t bytes() const { return bytes_; }
  /// The first `limit` of what there is; nothing but `error`, or refusals, is an error.
  Result<std::vector<FetchedMail>> given(std::size_t limit, const std::optional<Error>& error) && {
    if (mails_.size() > limit) mails_.resize(limit);
    if (!mails_.empty()) return std::move(mails_);
    if (error) return tl::unexpected(*error);
    if (refusal_) return refused(*refusal_, "FETCH");
    return std::vector<FetchedMail>{};
  }

 private:
  std::vector<FetchedMail> mails_;
  std::vector<FetchedMail> doubtful_;
  std::optional<ImapCondition> refusal_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::vector<FetchedMail>> ImapMailbox::fetch_after(const MailboxCursor& cursor,
                                                          std::size_t limit) {
  const auto connection = connect_();
  if (!connection) return tl::unexpected(connection.error());
  ImapSession session(**connection, clock_, limits_);
  if (auto opened = session.open(); !opened) return tl::unexpected(opened.error());
  const std::uint32_t after =
      cursor.uid_validity == session.uid_validity() ? cursor.last_uid : std::uint32_t{0};
  std::vector<std::uint32_t> uids;
  if (!session.is_empty() && after < kLastUid) {
    auto found = session.search(after, limit + kSpare);
    if (!found) return tl::unexpected(found.error());
    uids = std::move(*found);
  }
  Collection mails;
  for (const std::uint32_t uid : uids) {
    auto answer = session.fetch(uid);
    if (!answer) return std::move(mails).given(limit, answer.error());
    mails.add(std::move(*answer));
    if (mails.count() >= limit || mails.bytes() >= limits_.batch_bytes) break;
  }
  session.leave();
  return std::move(mails).given(limit, std::nullopt);
}

}  // namespace telavis
