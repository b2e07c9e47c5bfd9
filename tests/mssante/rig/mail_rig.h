// SPDX-License-Identifier: Apache-2.0
// Two operators with real servers, for the tests; mail_rig.py beside this says what it has.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mssante/mail_connection.h"

namespace telavis::test {

/// Starts the servers; they end with it, or with the test's process. Where they cannot run (not as
/// root), `why_not()` says so: skip.
class MailRig {
 public:
  MailRig() {
    if (::geteuid() != 0) {
      why_not_ = "the mail servers of the rig need root";
      return;
    }
    int to[2], from[2];
    EXPECT_EQ(::pipe2(to, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(from, O_CLOEXEC), 0);
    const std::string script = std::string(TELAVIS_SOURCE_DIR) + "/tests/mssante/rig/mail_rig.py";
    const char* words[] = {"/usr/bin/python3", script.c_str(), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, from[1], STDOUT_FILENO);
    posix_spawnattr_t
        group;  // its own: what ends the tests does not end the rig before it tidies up
    posix_spawnattr_init(&group);
    posix_spawnattr_setflags(&group, POSIX_SPAWN_SETPGROUP);
    EXPECT_EQ(::posix_spawn(&pid_, words[0], &files, &group, const_cast<char**>(words), ::environ),
              0);
    posix_spawnattr_destroy(&group);
    posix_spawn_file_actions_destroy(&files);
    ::close(to[0]);
    ::close(from[1]);
    to_ = to[1];
    from_ = from[0];
    about_ = read_line();
    if (!about_.is_object() || !about_.as_object().contains("ports"))
      why_not_ = "it has not started";
  }
  ~MailRig() {
    if (pid_ <= 0) return;
    ::close(to_);
    ::waitpid(pid_, nullptr, 0);
    ::close(from_);
  }
  MailRig(const MailRig&) = delete;
  MailRig& operator=(const MailRig&) = delete;

  const std::string& why_not() const { return why_not_; }  // empty: it runs

  /// One command of mail_rig.py; its answer.
  boost::json::value ask(const std::string& command) {
    const std::string line = command + "\n";
    EXPECT_EQ(::write(to_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    auto answer = read_line();
    if (answer.is_object() && answer.as_object().contains("error"))
      ADD_FAILURE() << command << ": " << boost::json::serialize(answer);
    return answer;
  }
  std::string token(const std::string& address, int seconds = 600) {
    return std::string(
        ask("token " + address + " " + std::to_string(seconds)).at("token").as_string());
  }
  std::uint16_t proxy(const std::string& name, std::uint16_t port) {
    return static_cast<std::uint16_t>(
        ask("proxy " + name + " " + std::to_string(port)).at("port").as_int64());
  }
  std::vector<std::filesystem::path> files(const std::string& command) {
    std::vector<std::filesystem::path> found;
    const auto answer = ask(command);
    if (!answer.is_object() || !answer.as_object().contains("files")) return found;
    for (const auto& file : answer.at("files").as_array())
      found.emplace_back(std::string(file.as_string()));
    return found;
  }
  std::vector<std::filesystem::path> mails(const std::string& address) {
    return files("mails " + address);
  }
  std::vector<std::filesystem::path> wait_mail(const std::string& address, std::size_t count) {
    return files("wait_mail " + address + " " + std::to_string(count));
  }

  std::string password() const { return std::string(about_.at("password").as_string()); }
  std::filesystem::path pki(const std::string& name) const {
    return std::filesystem::path(std::string(about_.at("pki").as_string())) / name;
  }
  /// What a Postfix ("cardio", "mg") has written down.
  std::filesystem::path log_of(const std::string& server) const {
    return std::filesystem::path(std::string(about_.at("folder").as_string())) / server / "log";
  }
  std::uint16_t imap_port() const { return port_of(about_.at("ports").at("imap")); }
  std::uint16_t imaps_port() const { return port_of(about_.at("ports").at("imaps")); }
  /// `way`: submission, submissions, mutual, ... of "cardio" or "mg".
  std::uint16_t smtp_port(const std::string& server, const std::string& way) const {
    return port_of(about_.at("ports").at(server).at(way));
  }

  /// A mailbox with trust set up and no login; port and login are the test's.
  MailAccount account(const std::string& address) const {
    MailAccount account;
    account.address = address;
    account.host = "localhost";
    account.ca_file = pki("ca.pem");
    account.timeout = std::chrono::seconds(30);
    return account;
  }
  void show_certificate(MailAccount& account, const std::string& name = "client") const {
    account.certificate_file = pki(name + ".pem");
    account.key_file = pki(name + ".key");
  }

 private:
  static std::uint16_t port_of(const boost::json::value& value) {
    return static_cast<std::uint16_t>(value.as_int64());
  }
  boost::json::value read_line() {
    std::string line;
    char c = 0;
    while (::read(from_, &c, 1) == 1 && c != '\n') line += c;
    boost::json::error_code error;
    auto value = boost::json::parse(line, error);
    if (error) ADD_FAILURE() << "the rig has said: " << line;
    return value;
  }

  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  std::string why_not_;
  boost::json::value about_;
};

}  // namespace telavis::test
