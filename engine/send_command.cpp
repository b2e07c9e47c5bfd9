// SPDX-License-Identifier: Apache-2.0
#include "engine/send_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "devices/drop_folder.h"
#include "devices/exam_sender.h"
#include "devices/send_queue.h"
#include "engine/clock.h"
#include "engine/core/durable_file.h"
#include "engine/core/json_reader.h"
#include "engine/files.h"
#include "engine/keys.h"
#include "engine/log.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxSmallFile = 64 * 1024;  // settings, a token, a certificate of a CA
constexpr std::size_t kMaxReason = 4'000;
constexpr std::chrono::seconds kLookPause(2);
// --once ends then, also when a file goes on growing: a whole export is written by then.
constexpr std::chrono::minutes kOncePatience(2);
constexpr Duration kFirstSendPause = std::chrono::seconds(15);
constexpr Duration kLongestSendPause = std::chrono::minutes(15);
// Of one exchange with a piece of kSentPieceBytes, on a line of 8 KiB/s.
constexpr std::chrono::minutes kExchangeTimeout(2);

struct SendArguments {
  std::vector<std::string> pair;  // URL, code
  std::string ca_file;
  std::string folder;
  std::string state = "telavis-send";
  bool once = false;
};

/// What a practice's computer keeps of its server, in a folder of its own (0700).
struct State {
  std::filesystem::path folder;
  std::string url, device, token;
  bool has_ca = false;

  std::filesystem::path settings_file() const { return folder / "settings.json"; }
  std::filesystem::path token_file() const { return folder / "token"; }
  std::filesystem::path ca_file() const { return folder / "ca.pem"; }
  std::filesystem::path key_file() const { return folder / "queue.key"; }
  std::filesystem::path queue() const { return folder / "queue"; }
};

HttpsClientOptions options_for(const State& state) {
  HttpsClientOptions options;
  options.base_url = state.url;
  if (state.has_ca) options.ca_file = state.ca_file().string();
  options.timeout = kExchangeTimeout;
  return options;
}

ExamSender::Exchange exchange_with(const State& state) {
  auto client = std::make_shared<HttpsClient>(options_for(state));
  return [client](const std::string& method, const std::string& path,
                  const HttpsClient::Headers& headers,
                  const std::string& body) { return client->send(method, path, headers, body); };
}

Result<State> read_state(const std::filesystem::path& folder) {
  State state;
  state.folder = folder;
  const auto settings = read_file(state.settings_file(), kMaxSmallFile);
  const auto token = read_secret_file(state.token_file(), kMaxSmallFile);
  if (!settings || !token) {
    const Error& error = settings ? token.error() : settings.error();
    if (error.code != ErrorCode::not_found) return tl::unexpected(error);
    return fail(ErrorCode::not_found,
                "This computer is not paired: telavis send --pair URL CODE, with the code that the "
                "association gives for the device.");
  }
  JsonReader json(as_text(*settings));
  state.url = json.text("url", kMaxReason);
  state.device = json.text("device", kMaxReason);
  state.has_ca = json.boolean("own_ca", false);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  state.token = as_text(*token);
  return state;
}

Result<void> pair(const SendArguments& arguments) {
  State state;
  state.folder = arguments.state;
  state.url = arguments.pair.at(0);
  while (state.url.ends_with('/')) state.url.pop_back();
  if (!state.url.starts_with("https://")) {
    return fail(ErrorCode::invalid_field, "The address of the server begins with https://.");
  }
  if (auto made = make_folder_durably(state.folder); !made) return made;
  if (!arguments.ca_file.empty()) {
    const auto ca = read_file(arguments.ca_file, kMaxSmallFile);
    if (!ca) return tl::unexpected(ca.error());
    if (auto kept = write_file(state.ca_file(), *ca, FileMode::plain); !kept) return kept;
    state.has_ca = true;
  }
  SystemRandom random;
  if (auto made = create_key_file(state.key_file(), random); !made) return made;
  const auto paired = ExamSender::pair(exchange_with(state), arguments.pair.at(1));
  if (!paired) return tl::unexpected(paired.error());
  const std::string settings = boost::json::serialize(boost::json::object{
      {"url", state.url}, {"device", paired->device}, {"own_ca", state.has_ca}});
  if (auto kept = write_file(state.token_file(), as_bytes(paired->token), FileMode::secret); !kept)
    return kept;
  if (auto kept = write_file(state.settings_file(), as_bytes(settings), FileMode::secret); !kept)
    return kept;
  log_info("paired: this computer sends for the device " + paired->device);
  return {};
}

/// One watched folder and its queue.
class Post {
 public:
  Post(std::filesystem::path folder, const State& state, SendQueue& queue)
      : folder_(std::move(folder)),
        queue_(queue),
        box_(folder_, state.device,
             {queue, slots_, clock_,
              [](const std::string&, const Error& error) { log_error(error.text); }}),
        sender_(queue, state.token, exchange_with(state)) {}

  void look() {
    news_.watch(folder_, "");
    for (const FolderNews::Item& item : news_.read()) {
      if (item.closed) {
        box_.was_closed(item.name);
      } else {
        box_.was_written(item.name);
      }
    }
    box_.look();
  }

  /// All that waits, until one cannot be sent now.
  Result<void> send() {
    const auto waiting = queue_.waiting();
    if (!waiting) return tl::unexpected(waiting.error());
    Result<void> all;
    for (const std::string& id : *waiting) {
      auto sent = send_one(id);
      if (sent) continue;
      const bool is_of_this_exam =
          !may_succeed_later(sent.error().code) || sent.error().code == ErrorCode::internal;
      if (!is_of_this_exam) return sent;
      all = std::move(sent);
    }
    return all;
  }

  /// As send(), but not again before some time after a failure.
  void send_when_due() {
    const Instant now = clock_.now();
    if (now < not_before_ && not_before_ - now <= kLongestSendPause) return;
    const auto sent = send();
    if (sent) {
      pause_ = kFirstSendPause;
      failing_.reset();
      return;
    }
    if (failing_ != sent.error().code) log_error(sent.error().text);
    failing_ = sent.error().code;
    not_before_ = clock_.now() + pause_;
    pause_ = std::min(pause_ * 2, kLongestSendPause);
  }

  Result<void> once() {
    const Instant until = clock_.now() + kOncePatience;
    look();
    while (box_.holds_files() && clock_.now() < until) {
      std::this_thread::sleep_for(kLookPause);
      look();
    }
    if (auto sent = send(); !sent) return sent;
    if (!box_.holds_files()) return {};
    return fail(ErrorCode::state_conflict,
                "Files are left in the folder: they are still being written, or cannot be read.");
  }

 private:
  Result<void> send_one(const std::string& id) {
    const auto taken = sender_.send(id);
    if (taken && !taken->why) {
      log_info("sent, " + std::string(exam_taken_name(taken->outcome)));
      return queue_.remove(id);
    }
    if (!taken && may_succeed_later(taken.error().code)) return tl::unexpected(taken.error());
    const Error error = taken ? *taken->why : taken.error();
    log_error("refused: " + error.text);
    const auto exam = queue_.load(id);
    if (!exam) return tl::unexpected(exam.error());
    if (auto told = put_refused(folder_, exam->name, exam->bytes, error, taken.has_value()); !told)
      return told;
    return queue_.remove(id);
  }

  std::filesystem::path folder_;
  SystemClock clock_;
  DecodeSlots slots_{1};
  FolderNews news_;
  SendQueue& queue_;
  DropBox box_;
  ExamSender sender_;
  Instant not_before_;
  Duration pause_ = kFirstSendPause;
  std::optional<ErrorCode> failing_;
};

Result<void> watch(const SendArguments& arguments) {
  const auto state = read_state(arguments.state);
  if (!state) return tl::unexpected(state.error());
  const auto alone = FolderLock::take_file(state->folder / "lock");
  if (!alone) return tl::unexpected(alone.error());
  const auto key = read_key_file(state->key_file());
  if (!key) return tl::unexpected(key.error());
  const auto queue = SendQueue::open(state->queue(), *key);
  if (!queue) return tl::unexpected(queue.error());
  std::error_code unknown;
  const auto folder = std::filesystem::canonical(arguments.folder, unknown);
  if (unknown) {
    return fail(ErrorCode::not_found, "There is no folder of that name: make it, or mount it.");
  }
  Post post(folder, *state, **queue);
  if (arguments.once) return post.once();
  log_info("watching for the device " + state->device);
  // Ended by a signal, at any instant: what counts is on the disk.
  for (;;) {
    post.look();
    post.send_when_due();
    std::this_thread::sleep_for(kLookPause);
  }
}

}  // namespace

void add_send_command(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<SendArguments>();
  CLI::App* send = app.add_subcommand(
      "send", "on a practice's computer: send what a device exports (docs/devices.md)");
  auto* pairing =
      send->add_option("--pair", arguments->pair, "URL CODE: connect this computer, once")
          ->expected(2);
  send->add_option("--ca", arguments->ca_file,
                   "with --pair: certificate of the authority that signed the server's")
      ->needs(pairing);
  auto* folder = send->add_option("--folder", arguments->folder, "the folder to watch");
  pairing->excludes(folder);
  send->add_option("--state", arguments->state, "where token and queue are kept");
  send->add_flag("--once", arguments->once, "send what is there, and end")->needs(folder);
  send->callback([&chosen, arguments] {
    chosen = [arguments]() -> Result<void> {
      if (!arguments->pair.empty()) return pair(*arguments);
      if (!arguments->folder.empty()) return watch(*arguments);
      return fail(ErrorCode::missing_field, "Say --pair URL CODE, or --folder PATH.");
    };
  });
}

}  // namespace telavis
