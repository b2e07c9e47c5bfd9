// SPDX-License-Identifier: Apache-2.0
#include "engine/key_commands.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/config.h"
#include "engine/core/key_ring.h"
#include "engine/files.h"
#include "engine/keys.h"
#include "engine/node.h"

namespace telavis {
namespace {

constexpr std::size_t kRewrapBatch = 500;  // cases, and mails, between two lines of progress
// A running server reads the key file every few seconds; one that was stopped for a moment, or
// whose clock was put right, has taken the new key up long before.
constexpr Duration kTakenUpAfter = std::chrono::minutes(10);
// Above it the ring grows by mistake: nobody rotates sixteen times before the cases were rewrapped.
constexpr std::size_t kMaxMasterKeys = 16;
constexpr std::size_t kAll = std::numeric_limits<std::int64_t>::max();
constexpr const char* kKeyLock = "keys.lock";

struct KeyArguments {
  std::string config_file, data_dir;
};

/// Two rotations at once would lose the key of one, and what it has wrapped.
Result<FolderLock> lock_keys(const Config& config) {
  return FolderLock::take_file(config.master_key_file.parent_path() / kKeyLock);
}

Result<void> write_keys(const Config& config, const std::vector<Key>& keys) {
  std::string text;
  for (const Key& key : keys) text += to_hex(key.view()) + "\n";
  return write_file(config.master_key_file, as_bytes(text), FileMode::secret);
}

Result<FolderLock> hold_data(const Config& config) {
  return FolderLock::take(config.data_dir, config.data_dir / "telavis.db");
}

/// A server holds the data folder.
bool server_runs(const Config& config) {
  return !hold_data(config).has_value();
}

/// What hangs on master keys.
struct Hanging {
  std::size_t cases = 0;
  std::size_t mails = 0;   // that were received
  std::size_t others = 0;  // received exams, second factors
};

/// What hangs on other keys than this one.
Result<Hanging> hanging_beside(Node& node, const std::string& key_id) {
  const auto cases = node.repository().cases_not_wrapped_by(key_id, kAll);
  if (!cases) return tl::unexpected(cases.error());
  const auto mails = node.repository().received_not_wrapped_by(key_id, kAll);
  if (!mails) return tl::unexpected(mails.error());
  const auto exams = node.repository().exams_not_wrapped_by(key_id, kAll);
  if (!exams) return tl::unexpected(exams.error());
  const auto factors = node.repository().factors_not_wrapped_by(key_id, kAll);
  if (!factors) return tl::unexpected(factors.error());
  return Hanging{cases->size(), mails->size(), exams->size() + factors->size()};
}

/// Everything that has a key: no key has the empty name.
Result<Hanging> hanging_in_all(Node& node) {
  return hanging_beside(node, "");
}

std::string id_of(const Key& key) {
  return KeyRing({key}).current_id();
}

// ---- rotate -------------------------------------------------------------------------------------

Result<void> rewrap_here(Node& node) {
  int all = 0;
  while (true) {
    const auto done = node.service().rewrap(kRewrapBatch);
    if (!done) return tl::unexpected(done.error());
    all += *done;
    if (*done == 0) break;
  }
  return print(stdout,
               fmt::format("rewrapped: {} keys of cases, received mails and others\n", all));
}

Result<void> rotate(const KeyArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto lock = lock_keys(*config);
  if (!lock) return tl::unexpected(lock.error());
  auto keys = read_master_keys(config->master_key_file);
  if (!keys) return tl::unexpected(keys.error());
  if (keys->size() >= kMaxMasterKeys) {
    return fail(ErrorCode::limit_exceeded,
                "The key file holds as many keys as it may: run `telavis key retire` first.");
  }
  SystemRandom random;
  const Key fresh = random_key(random);
  const std::string before = id_of(keys->front());
  // First behind the one in use, where it opens and does not wrap: nothing is wrapped by a key that
  // a power cut could take away.
  keys->insert(keys->begin() + 1, fresh);
  if (auto written = write_keys(*config, *keys); !written) return written;
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  const std::string now = id_of(fresh);
  const auto audited = (*node)->repository().append_node_audit(
      {(*node)->clock().now(), "operator", "key_rotated", before + " -> " + now});
  if (!audited) return tl::unexpected(audited.error());
  std::swap((*keys)[0], (*keys)[1]);
  if (auto written = write_keys(*config, *keys); !written) return written;
  (*node)->service().use_ring(KeyRing(*keys));
  if (auto said = print(stdout, fmt::format("master key: {} (before: {})\n", now, before)); !said) {
    return said;
  }
  const auto alone = hold_data(*config);
  if (!alone) {
    return print(
        stdout,
        "The running server takes it up and wraps the cases anew; follow it with `telavis key "
        "status`.\n");
  }
  return rewrap_here(**node);
}

// ---- status -------------------------------------------------------------------------------------

Result<void> status(const KeyArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto keys = read_master_keys(config->master_key_file);
  if (!keys) return tl::unexpected(keys.error());
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  const auto all = hanging_in_all(**node);
  if (!all) return tl::unexpected(all.error());
  Hanging known;
  std::string text;
  for (const Key& key : *keys) {
    const std::string id = id_of(key);
    const auto others = hanging_beside(**node, id);
    if (!others) return tl::unexpected(others.error());
    // What came between the two counts is seen by the next run.
    const Hanging own{all->cases - std::min(others->cases, all->cases),
                      all->mails - std::min(others->mails, all->mails),
                      all->others - std::min(others->others, all->others)};
    known.cases += own.cases;
    known.mails += own.mails;
    known.others += own.others;
    text += fmt::format("{} {:>9} cases {:>9} received mails {:>9} others{}\n", id, own.cases,
                        own.mails, own.others, text.empty() ? "  in use" : "");
  }
  const auto messages = (*node)->repository().pending_of_no_case();
  if (!messages) return tl::unexpected(messages.error());
  text += fmt::format("messages of no case that wait: {}\n", *messages);
  const std::string put_back =
      " hang on a key that is not in the file: put it back on a line of its own, from where the "
      "keys are kept.\n";
  if (known.cases < all->cases)
    text += fmt::format("{} cases", all->cases - known.cases) + put_back;
  if (known.mails < all->mails)
    text += fmt::format("{} received mails", all->mails - known.mails) + put_back;
  if (known.others < all->others)
    text +=
        fmt::format("{} received exams or second factors", all->others - known.others) + put_back;
  return print(stdout, text);
}

// ---- retire -------------------------------------------------------------------------------------

/// What still needs an older key. Errors: state_conflict, which says what.
Result<void> check_unneeded(Node& node, const std::string& current) {
  const auto others = hanging_beside(node, current);
  if (!others) return tl::unexpected(others.error());
  if (others->cases + others->mails + others->others > 0) {
    return fail(ErrorCode::state_conflict,
                fmt::format("{} cases, {} received mails and {} exams or second factors still hang "
                            "on an older key: the running server wraps them anew, look again "
                            "later.",
                            others->cases, others->mails, others->others));
  }
  const auto messages = node.repository().pending_of_no_case();
  if (!messages) return tl::unexpected(messages.error());
  if (*messages > 0) {
    return fail(ErrorCode::state_conflict,
                fmt::format("{} messages of no case have not left yet and may need an older key: "
                            "run this again when they have.",
                            *messages));
  }
  return {};
}

/// A server that has not read the file since the rotation would go on wrapping by an older key.
Result<void> check_taken_up(const Config& config, Instant now) {
  if (!server_runs(config)) return {};
  struct ::stat status {};
  if (::stat(config.master_key_file.c_str(), &status) != 0) {
    return fail(ErrorCode::storage_failed, "The key file cannot be examined.");
  }
  const Instant changed = from_epoch_ms(std::int64_t{status.st_mtim.tv_sec} * 1000);
  if (now - changed >= kTakenUpAfter) return {};
  return fail(ErrorCode::state_conflict,
              "The key file changed less than ten minutes ago and a server runs: run this again "
              "when it has surely taken the new key up.");
}

Result<void> retire(const KeyArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto lock = lock_keys(*config);
  if (!lock) return tl::unexpected(lock.error());
  const auto keys = read_master_keys(config->master_key_file);
  if (!keys) return tl::unexpected(keys.error());
  if (keys->size() == 1) return print(stdout, "there is one key, and it is in use\n");
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  const std::string current = id_of(keys->front());
  auto taken_up = check_taken_up(*config, (*node)->clock().now());
  if (!taken_up) return taken_up;
  if (!server_runs(*config)) {
    if (auto done = rewrap_here(**node); !done) return done;
  }
  if (auto unneeded = check_unneeded(**node, current); !unneeded) return unneeded;
  std::string removed;
  for (std::size_t i = 1; i < keys->size(); ++i) removed += " " + id_of((*keys)[i]);
  const auto audited = (*node)->repository().append_node_audit(
      {(*node)->clock().now(), "operator", "key_retired", removed.substr(1)});
  if (!audited) return tl::unexpected(audited.error());
  if (auto written = write_keys(*config, {keys->front()}); !written) return written;
  return print(
      stdout,
      fmt::format(
          "removed:{}\nA backup made while one of them was in use cannot be restored without it: "
          "keep "
          "it away from this machine until the last such backup is destroyed, then destroy it too. "
          "Only then is what was erased meanwhile gone from the backups as well.\n",
          removed));
}

}  // namespace

void add_key_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<KeyArguments>();
  CLI::App* key = app.add_subcommand("key", "the master keys, without stopping the server");
  key->require_subcommand(1);
  const auto add = [&](const char* name, const char* what,
                       Result<void> (*action)(const KeyArguments&)) {
    CLI::App* sub = key->add_subcommand(name, what);
    sub->add_option("--config", arguments->config_file, "configuration file");
    sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
    sub->callback([&chosen, arguments, action] {
      chosen = [arguments, action] { return action(*arguments); };
    });
  };
  add("rotate", "puts a new master key before the others", rotate);
  add("status", "how many cases and received mails hang on which key", status);
  add("retire", "removes the older keys once nothing needs them", retire);
}

}  // namespace telavis
