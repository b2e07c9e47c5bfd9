// SPDX-License-Identifier: Apache-2.0
#include "engine/erasure_commands.h"
#include "engine/files.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/case_records.h"
#include "engine/config.h"
#include "engine/node.h"
#include "engine/operator_login.h"

namespace telavis {
namespace {

constexpr std::size_t kKeyDigits = 32;  // of a hash: tells two reasons apart

struct ErasureArguments {
  std::string config_file, data_dir, number;
  OperatorLogin login;
};

/// A command of case_commands.h.
struct StaffCommand {
  const char* name;
  const char* what;
  Reason reason;
  /// The case is as the command would leave it.
  bool (*stands)(const Case& subject, const User& actor, Instant now);
};

bool asked_by(const Case& subject, const User& actor, Instant now) {
  return is_erasure_asked(subject, now) && subject.erasure_request->by == actor.id;
}

constexpr std::array<StaffCommand, 7> kCommands{{
    {"request-erasure", "asks for the erasure of a case that has ended", Reason::needed, asked_by},
    {"approve-erasure", "erases, when another person has asked for it", Reason::none,
     [](const Case& subject, const User&, Instant) { return subject.erased_at.has_value(); }},
    {"withdraw-erasure", "takes the request for an erasure back", Reason::none,
     [](const Case& subject, const User&, Instant now) { return !is_erasure_asked(subject, now); }},
    {"hold", "keeps the case whatever its age: a complaint, a lawsuit", Reason::needed,
     [](const Case& subject, const User&, Instant) { return subject.legal_hold.has_value(); }},
    {"release-hold", "ends a legal hold", Reason::needed,
     [](const Case& subject, const User&, Instant) { return !subject.legal_hold; }},
    {"restrict", "keeps the case and lets nobody use it", Reason::needed,
     [](const Case& subject, const User&, Instant) { return subject.restricted_at.has_value(); }},
    {"lift-restriction", "lets the case be used again", Reason::none,
     [](const Case& subject, const User&, Instant) { return !subject.restricted_at; }},
}};

/// The node, who acts, and the case as it stands.
struct Scene {
  std::unique_ptr<Node> node;
  User actor;
  Case subject;
};

Result<Scene> scene_of(const ErasureArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  auto actor = log_in((*node)->access(), arguments.login);
  if (!actor) return tl::unexpected(actor.error());
  auto named = case_named((*node)->repository(), arguments.number);
  if (!named) return tl::unexpected(named.error());
  // Again through the door: who has no part in the case learns nothing of it.
  auto subject = (*node)->service().figures(*actor, named->id);
  if (!subject) return tl::unexpected(subject.error());
  return Scene{std::move(*node), std::move(*actor), std::move(*subject)};
}

/// Of the same case as it stands, with the same words: the same key, so that a repeated command is
/// done once.
Result<void> give(const Scene& scene, const StaffCommand& command,
                  const ErasureArguments& arguments) {
  std::string body = "{}";
  if (command.reason == Reason::needed) {
    const auto reason = reason_in(arguments.login);
    if (!reason) return tl::unexpected(reason.error());
    body = reason_body(*reason);
  }
  const std::string key = fmt::format("operator/{}/{}/{}", command.name, scene.subject.version,
                                      hash_hex(body).substr(0, kKeyDigits));
  const auto receipt =
      scene.node->service().command(scene.actor, command.name, key, scene.subject.id, body);
  if (!receipt) return tl::unexpected(receipt.error());
  return {};
}

const StaffCommand& command_named(std::string_view name) {
  for (const StaffCommand& command : kCommands) {
    if (command.name == name) return command;
  }
  return kCommands.front();
}

Result<void> run(const StaffCommand& command, const ErasureArguments& arguments) {
  const auto scene = scene_of(arguments);
  if (!scene) return tl::unexpected(scene.error());
  const Instant now = scene->node->clock().now();
  if (command.stands(scene->subject, scene->actor, now)) {
    return print(stdout, fmt::format("{} {}: nothing to do, so it stands already\n",
                                     scene->subject.number, command.name));
  }
  if (auto done = give(*scene, command, arguments); !done) return done;
  return print(stdout, fmt::format("{} {}: done\n", scene->subject.number, command.name));
}

std::string what_stays() {
  return "What stays: number, dates, states, doctors and offers; the acts, which billing must be "
         "able to prove; the audit chain, which holds ids and codes. Nothing of them names the "
         "patient.\nA backup that holds the case's key reads it until that backup, or the master "
         "key "
         "of its time, is destroyed; restoring it applies the erasure again.\n";
}

/// The first person asks, a second one running the same command approves.
Result<void> erase(const ErasureArguments& arguments) {
  const auto scene = scene_of(arguments);
  if (!scene) return tl::unexpected(scene.error());
  const Case& subject = scene->subject;
  if (subject.erased_at) {
    return print(stdout, fmt::format("{} was erased on {}\n{}", subject.number,
                                     format_utc(*subject.erased_at), what_stays()));
  }
  const Instant now = scene->node->clock().now();
  const std::string second = fmt::format(
      "Another coordinator or medical referent of {} runs the same command within 30 days; until "
      "then nothing is erased.\n",
      subject.programme.value);
  if (asked_by(subject, scene->actor, now)) {
    return print(stdout, fmt::format("{}: you asked for it on {}. {}", subject.number,
                                     format_utc(subject.erasure_request->at), second));
  }
  const bool approves = is_erasure_asked(subject, now);
  const StaffCommand& command = command_named(approves ? "approve-erasure" : "request-erasure");
  if (auto done = give(*scene, command, arguments); !done) return done;
  if (approves) return print(stdout, fmt::format("{}: erased\n{}", subject.number, what_stays()));
  return print(stdout, fmt::format("{}: erasure asked for; kept until {} otherwise. {}",
                                   subject.number, format_utc(subject.kept_until), second));
}

}  // namespace

void add_erasure_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<ErasureArguments>();
  CLI::App* cases = app.get_subcommand("case");
  const auto add = [&](const char* name, const char* what, Reason reason,
                       std::function<Result<void>()> action) {
    CLI::App* sub = cases->add_subcommand(name, what);
    sub->add_option("--config", arguments->config_file, "configuration file");
    sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
    sub->add_option("NUMBER", arguments->number, "or its id")->required();
    add_login_options(*sub, arguments->login, reason);
    sub->callback([&chosen, action = std::move(action)] { chosen = action; });
  };
  for (const StaffCommand& command : kCommands) {
    add(command.name, command.what, command.reason,
        [arguments, &command] { return run(command, *arguments); });
  }
  add("erase", "the first person asks, a second one approves by the same command", Reason::needed,
      [arguments] { return erase(*arguments); });
}

}  // namespace telavis
