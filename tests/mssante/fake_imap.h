// SPDX-License-Identifier: Apache-2.0
// An IMAP server in memory behind the login, told what to do wrong.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "mssante/mail_connection.h"

namespace telavis::test {

struct FakeImapServer {
  std::uint32_t uid_validity = 7;
  std::map<std::uint32_t, std::string> mails;  // by UID
  std::size_t piece = 64 << 10;                // bytes that one read gives at most
  std::size_t cut_after = std::numeric_limits<std::size_t>::max();  // bytes of all its answers
  std::function<void()> before_read = [] {};
  /// Called with each command without its tag: what it gives is answered instead, with "$T" as the
  /// tag; empty: as a server does.
  std::function<std::string(const std::string& command)> instead = [](const auto&) { return ""; };

  std::vector<std::string> commands;  // without their tags
  std::size_t said = 0;               // bytes

  std::string answer(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string tag = line.substr(0, space), command = line.substr(space + 1);
    commands.push_back(command);
    std::string text = instead(command);
    if (text.empty()) text = answer_to(command);
    for (std::size_t at = text.find("$T"); at != std::string::npos; at = text.find("$T"))
      text.replace(at, 2, tag);
    return text;
  }
  std::string opened() const {
    return fmt::format(
        "* FLAGS (\\Answered)\r\n* {} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY {}] UIDs valid\r\n"
        "$T OK [READ-ONLY] Examine completed.\r\n",
        mails.size(), uid_validity);
  }

 private:
  static std::uint64_t number_behind(const std::string& text, const std::string& what) {
    std::uint64_t number = 0;
    const char* const begin = text.data() + text.find(what) + what.size();
    std::from_chars(begin, text.data() + text.size(), number);
    return number;
  }
  std::string answer_to(const std::string& command) const {
    if (command == "EXAMINE INBOX") return opened();
    if (command == "LOGOUT") return "* BYE Logging out\r\n$T OK Logout completed.\r\n";
    if (command.starts_with("UID SEARCH UID ")) {
      std::string found = "* SEARCH";
      for (const auto& [uid, mail] : mails) {
        // "n:*" means from the last mail to n when that lies behind it.
        if (uid >= number_behind(command, "UID SEARCH UID ") || uid == mails.rbegin()->first)
          found += fmt::format(" {}", uid);
      }
      return found + "\r\n$T OK Search completed.\r\n";
    }
    if (command.starts_with("UID FETCH ")) {
      const auto mail =
          mails.find(static_cast<std::uint32_t>(number_behind(command, "UID FETCH ")));
      if (mail == mails.end()) return "$T OK Fetch completed.\r\n";
      const std::string part = mail->second.substr(
          0, static_cast<std::size_t>(number_behind(command, "BODY.PEEK[]<0.")));
      return fmt::format("* {} FETCH (UID {} RFC822.SIZE {} BODY[]<0> {{{}}}\r\n{})\r\n",
                         std::distance(mails.begin(), mail) + 1, mail->first, mail->second.size(),
                         part.size(), part) +
             "$T OK Fetch completed.\r\n";
    }
    return "$T BAD Unknown command.\r\n";
  }
};

class FakeImapConnection : public MailConnection {
 public:
  explicit FakeImapConnection(FakeImapServer& server) : server_(server) {}

  Result<void> write(std::string_view bytes) override {
    heard_ += bytes;
    for (std::size_t end = heard_.find("\r\n"); end != std::string::npos;
         end = heard_.find("\r\n")) {
      to_say_ += server_.answer(heard_.substr(0, end));
      heard_.erase(0, end + 2);
    }
    return {};
  }
  Result<std::size_t> read(std::span<char> out) override {
    server_.before_read();
    const std::size_t count = std::min(
        {out.size(), server_.piece, to_say_.size() - at_, server_.cut_after - server_.said});
    std::copy_n(to_say_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    server_.said += count;
    return count;
  }

 private:
  FakeImapServer& server_;
  std::string heard_, to_say_;
  std::size_t at_ = 0;
};

}  // namespace telavis::test
