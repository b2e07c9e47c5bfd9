// SPDX-License-Identifier: Apache-2.0
#include "engine/operator_login.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "engine/files.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxPasswordFile = 4096;  // a password, and a line break at its end
constexpr std::size_t kMaxReasonFile = 16'384;  // far more than a reason may have: it is then told

void drop_line_end(std::string& text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
}

/// The terminal of this process, which writes nothing of what is typed while it lives.
class SilentTerminal {
 public:
  SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (silent_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  bool is_silent() const { return silent_; }
  bool write(std::string_view text) const {
    return ::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  std::string line() const {
    std::string text;
    char c = 0;
    while (text.size() < kMaxPasswordFile && ::read(descriptor_, &c, 1) == 1 && c != '\n') {
      text += c;
    }
    return text;
  }

 private:
  int descriptor_;
  termios before_{};
  bool silent_ = false;
};

Result<std::string> password_of(const OperatorLogin& login) {
  if (!login.password_file.empty()) {
    const auto bytes = read_secret_file(login.password_file, kMaxPasswordFile);
    if (!bytes) return tl::unexpected(bytes.error());
    std::string password(as_text(*bytes));
    drop_line_end(password);
    return password;
  }
  const SilentTerminal terminal;
  if (!terminal.is_silent() || !terminal.write("Password of " + login.login + ": ")) {
    return fail(ErrorCode::configuration_invalid,
                "There is no terminal to ask for the password: name a file with --password-file.");
  }
  std::string password = terminal.line();
  static_cast<void>(terminal.write("\n"));  // for the eye only
  return password;
}

}  // namespace

void add_login_options(CLI::App& command, OperatorLogin& login, Reason reason) {
  command.add_option("--as", login.login, "login of the person who acts")
      ->required(reason != Reason::possible);
  command.add_option("--password-file", login.password_file,
                     "file with the password (chmod 600); otherwise it is asked for");
  if (reason == Reason::none) return;
  command.add_option("--reason-file", login.reason_file, "file with the reason, in words")
      ->required(reason == Reason::needed);
}

Result<User> log_in(AccessDesk& access, const OperatorLogin& login) {
  const auto password = password_of(login);
  if (!password) return tl::unexpected(password.error());
  return access.identify(login.login, *password);
}

Result<std::string> reason_in(const OperatorLogin& login) {
  const auto bytes = read_file(login.reason_file, kMaxReasonFile);
  if (!bytes) return tl::unexpected(bytes.error());
  std::string reason(as_text(*bytes));
  drop_line_end(reason);
  return reason;
}

}  // namespace telavis
