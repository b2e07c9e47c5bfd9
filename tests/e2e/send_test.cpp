// SPDX-License-Identifier: Apache-2.0
// `telavis send` as a process, killed at any instant, and a foreign tus client, against the API
// over TLS.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/devices/fake_door.h"
#include "tests/e2e/binary.h"
#include "tests/http/api_world.h"
#include "tests/http/test_server.h"
#include "tests/temp_folder.h"

namespace telavis::send_test {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;

/// A child process; killed when it goes.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command, const std::string& output = {},
                 const std::vector<std::pair<std::string, std::string>>& environment = {}) {
    std::vector<char*> arguments;
    for (const std::string& text : command) arguments.push_back(const_cast<char*>(text.c_str()));
    arguments.push_back(nullptr);
    child_ = ::fork();
    if (child_ != 0) return;
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    if (!output.empty()) {
      const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(file, STDOUT_FILENO);
    }
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t child_ = -1;
};

class Send : public test::ServerTest {
 protected:
  Send() {
    fs::create_directory(exports_);
    auto opened = UploadStore::open(place_.path() / "uploads", key_, random_);
    EXPECT_TRUE(opened.has_value());
    uploads_ = std::move(*opened);
    api_ = std::make_unique<Api>(
        world_.engine.service, world_.engine.registry, world_.engine.access,
        ApiOptions{.reception = ExamReception{&door_, &slots_, uploads_.get()}});
    serve(0);
    LentDevice device;
    device.id = "cart-1";
    device.programme = test::kRhythmology;
    device.serial = "SN-1";
    device.holder = world_.engine.gp.id;
    device.lent_on = "2026-01-05";
    EXPECT_TRUE(world_.engine.registry.put_device({}, device, 0));
    const auto code = world_.engine.registry.pair_device({}, "cart-1").value().code;
    EXPECT_EQ(Child({TELAVIS_BINARY, "send", "--state", state_, "--ca", folder_.certificate(),
                     "--pair", url(), code})
                  .wait(),
              0);
    std::ifstream in(state_ + "/token");
    std::getline(in, token_);
    door_.devices[token_] = {"cart-1", world_.engine.gp.id, test::kRhythmology};
  }
  ~Send() override { server_.reset(); }

  void serve(std::uint16_t port) {
    HttpHandler handler;
    handler.handle = [this](const HttpRequest& request) { return api_->handle(request); };
    handler.body_limit = [this](const HttpRequest& header) { return api_->body_limit(header); };
    handler.refuse = [this](const HttpRequest& header, const Error& error) {
      return api_->refuse(header, error);
    };
    ServerOptions with_port = options();
    with_port.port = port;
    start(with_port, std::move(handler));
  }
  std::string url() const { return "https://localhost:" + std::to_string(server_->port()); }
  std::vector<std::string> watching(bool once) const {
    std::vector<std::string> command = {TELAVIS_BINARY, "send",     "--state",
                                        state_,         "--folder", exports_.string()};
    if (once) command.emplace_back("--once");
    return command;
  }
  static void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
  }
  static std::size_t files_in(const fs::path& folder) {
    std::error_code none;
    fs::directory_iterator entries(folder, none);
    std::size_t count = 0;
    for (; !none && entries != fs::directory_iterator(); entries.increment(none)) {
      count += entries->is_regular_file(none) ? 1 : 0;
    }
    return count;
  }

  TempFolder place_;
  fs::path exports_ = place_.path() / "exports";
  std::string state_ = (place_.path() / "state").string();
  std::string token_;
  test::ApiWorld world_;
  test::SeededRandom random_{7};
  Key key_ = random_key(random_);
  FakeDoor door_;
  DecodeSlots slots_{2};
  std::unique_ptr<UploadStore> uploads_;
  std::unique_ptr<Api> api_;
};

TEST_F(Send, WhatLiesThereIsSentOrWaitsForTheLine) {
  EXPECT_EQ(fs::status(state_ + "/token").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  door_.unreadable = [](const UploadedFile& file) {
    return file.name == "noise.bin"
               ? std::optional(Error{ErrorCode::unknown_format, "No format that is read here."})
               : std::nullopt;
  };
  write(exports_ / "a.scp", "tracing");
  write(exports_ / "noise.bin", "noise");
  EXPECT_EQ(Child(watching(true)).wait(), 0);
  EXPECT_EQ(door_.taken().size(), 2U);
  EXPECT_TRUE(fs::exists(exports_ / "done" / "a.scp"));
  EXPECT_TRUE(fs::exists(exports_ / "refused" / "noise.bin.txt"));
  EXPECT_EQ(files_in(state_ + "/queue"), 0U);
  const std::uint16_t port = server_->port();
  server_.reset();
  write(exports_ / "b.scp", "another");
  EXPECT_EQ(Child(watching(true)).wait(), 1);
  EXPECT_TRUE(fs::exists(exports_ / "done" / "b.scp"));
  EXPECT_EQ(files_in(state_ + "/queue"), 1U);
  serve(port);
  EXPECT_EQ(Child(watching(true)).wait(), 0);
  EXPECT_EQ(door_.taken().size(), 3U);
  EXPECT_EQ(files_in(state_ + "/queue"), 0U);
}

TEST_F(Send, KilledAtAnyInstantItLosesAndDoublesNothing) {
  constexpr std::size_t kFiles = 40;
  std::map<std::string, int> wanted;
  for (std::size_t i = 0; i < kFiles; ++i) {
    const std::string text(600'000 + i, static_cast<char>('a' + i % 26));
    write(exports_ / ("exam-" + std::to_string(i) + ".scp"), text);
    wanted[text] = 0;
  }
  std::mt19937 dice(20261123);  // NOLINT(bugprone-random-generator-seed): the same each time
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(4);
  int kills = 0;
  while (door_.taken().size() < kFiles && std::chrono::steady_clock::now() < deadline) {
    Child sender(watching(false));
    const std::size_t moved = files_in(exports_ / "done");
    const std::size_t sent = door_.taken().size();
    // Until something has happened, and a little longer.
    while (files_in(exports_ / "done") == moved && door_.taken().size() == sent &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(dice() % 300));
    sender.kill();
    ++kills;
  }
  EXPECT_EQ(Child(watching(true)).wait(), 0);
  EXPECT_GT(kills, 3);
  for (const auto& one : door_.taken()) {
    const auto found = wanted.find(std::string(as_text(one.file.bytes)));
    ASSERT_NE(found, wanted.end());
    ++found->second;
  }
  for (const auto& [text, count] : wanted) EXPECT_EQ(count, 1) << text.size();
  EXPECT_EQ(files_in(exports_), 0U);
  EXPECT_EQ(files_in(exports_ / "done"), kFiles);
  EXPECT_EQ(files_in(state_ + "/queue"), 0U);
  RecordProperty("kills", kills);
}

TEST_F(Send, AForeignTusClientIsUnderstood) {
  const std::string here = std::string(TELAVIS_SOURCE_DIR) + "/tests/e2e";
  if (!fs::exists(here + "/node_modules/tus-js-client")) {
    EXPECT_EQ(Child({"npm", "ci", "--silent", "--prefix", here}).wait(), 0);
  }
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += static_cast<char>(i * 7 + i / 255);
  write(place_.path() / "tracing.scp", text);
  const std::string output = (place_.path() / "output").string();
  EXPECT_EQ(Child({"node", here + "/tus_client.mjs", url(), token_,
                   (place_.path() / "tracing.scp").string()},
                  output, {{"NODE_EXTRA_CA_CERTS", folder_.certificate()}})
                .wait(),
            0);
  std::ifstream said(output);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(said), {}), "waiting\nterminated\n");
  ASSERT_EQ(door_.taken().size(), 1U);
  EXPECT_EQ(as_text(door_.taken()[0].file.bytes), text);
  EXPECT_EQ(door_.taken()[0].file.name, "tracing.scp");
  EXPECT_EQ(files_in(place_.path() / "uploads"), 0U);
}

}  // namespace
}  // namespace telavis::send_test
