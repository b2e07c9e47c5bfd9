// SPDX-License-Identifier: Apache-2.0
#include "engine/audit_commands.h"
#include "engine/files.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "engine/audit_sinks.h"
#include "engine/core/audit_verify.h"
#include "engine/node.h"

namespace telavis {
namespace {

constexpr std::size_t kEntryPage = 1000;
constexpr std::size_t kCasePage = 1000;

struct AuditArguments {
  std::string config_file, data_dir;
  bool now = false;
  std::string roots, public_key;
  std::string from, to, chain;
};

/// Everything that was asked for reaches the terminal, or the command fails.
// ---- root ---------------------------------------------------------------------------------------

Result<void> make_root(Node& node, const AuditArguments& arguments) {
  AuditRooter* const rooter = node.rooter();
  if (rooter == nullptr)
    return fail(ErrorCode::configuration_invalid,
                "There is no place that keeps audit roots: name one in \"audit_root\" of the "
                "configuration.");
  if (arguments.now) {
    const auto number = rooter->root_now();
    if (!number) return tl::unexpected(number.error());
    return print(stdout, fmt::format("audit root {} is made and exported", *number) + "\n");
  }
  int steps = 0;
  for (;;) {
    const auto taken = rooter->round();
    if (!taken) return tl::unexpected(taken.error());
    if (*taken == 0) break;
    steps += *taken;
  }
  return print(stdout, steps > 0 ? "what was due is made and exported\n"
                                 : "no audit root is due: --now makes one all the same\n");
}

// ---- verify -------------------------------------------------------------------------------------

Result<void> verify(Node& node, const AuditArguments& arguments) {
  Service& service = node.service();
  AuditVerifier verifier(
      node.repository(),
      {arguments.public_key.empty() ? node.seal_public_key() : arguments.public_key,
       node.clock().now(),
       [&service](const Case& subject, const Opinion& opinion, ByteView sealed) {
         return service.opinion_hash_of(subject, opinion, sealed);
       }});
  std::vector<std::filesystem::path> folders;
  if (!arguments.roots.empty()) folders.emplace_back(arguments.roots);
  for (const RootSinkConfig& sink : node.config().root_sinks) {
    if (arguments.roots.empty() && !sink.folder.empty()) folders.push_back(sink.folder);
  }
  for (const std::filesystem::path& folder : folders) {
    const auto files = roots_of_folder(folder);
    if (!files) return tl::unexpected(files.error());
    for (const RootFile& file : *files) verifier.add_root(file.name, file.document);
  }
  const auto found = verifier.run();
  if (!found) return tl::unexpected(found.error());
  for (const AuditFinding& finding : found->findings) {
    if (auto printed = print(
            stdout, fmt::format("{} {}: {}", finding.chain, finding.sequence, finding.text) + "\n");
        !printed)
      return printed;
  }
  if (auto printed = print(stdout, fmt::format("{} entries in {} chains, {} root documents",
                                               found->entries, found->chains, found->roots) +
                                       "\n");
      !printed)
    return printed;
  if (auto printed = print(stdout, coverage_words(*found) + "\n"); !printed) return printed;
  if (found->findings.empty()) return {};
  return fail(
      ErrorCode::state_conflict,
      fmt::format("The audit does not hold: {} findings. Stop, keep a copy of everything, and "
                  "follow docs/operations.md, \"When the audit does not hold\".",
                  found->findings.size()));
}

// ---- export -------------------------------------------------------------------------------------

struct Period {
  std::optional<Instant> from, to;
  bool holds(Instant at) const { return (!from || at >= *from) && (!to || at < *to); }
};

/// An instant, or a day from its first instant (UTC).
Result<std::optional<Instant>> instant_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto parsed = parse_instant(is_iso_date(text) ? text + "T00:00:00Z" : text);
  if (!parsed) return tl::unexpected(parsed.error());
  return *parsed;
}

Result<void> export_chain(Repository& repository, const std::string& chain, const Period& period) {
  std::int64_t after = 0;
  for (;;) {
    const auto page = repository.audit_entries(chain, after, kEntryPage);
    if (!page) return tl::unexpected(page.error());
    for (const AuditEntry& entry : *page) {
      after = entry.sequence;
      if (!period.holds(entry.what.at)) continue;
      const boost::json::object line{{"chain", entry.chain},
                                     {"sequence", entry.sequence},
                                     {"at", format_utc(entry.what.at)},
                                     {"at_ms", to_epoch_ms(entry.what.at)},
                                     {"actor", entry.what.actor},
                                     {"action", entry.what.action},
                                     {"detail", entry.what.detail},
                                     {"salt", entry.what.salt},
                                     {"hash", entry.hash},
                                     {"expired", entry.expired}};
      if (auto printed = print(stdout, boost::json::serialize(line) + "\n"); !printed)
        return printed;
    }
    if (page->size() < kEntryPage) return {};
  }
}

Result<void> export_entries(Node& node, const AuditArguments& arguments) {
  const auto from = instant_of(arguments.from);
  if (!from) return tl::unexpected(from.error());
  const auto to = instant_of(arguments.to);
  if (!to) return tl::unexpected(to.error());
  const Period period{*from, *to};
  Repository& repository = node.repository();
  if (!arguments.chain.empty()) return export_chain(repository, arguments.chain, period);
  if (auto done = export_chain(repository, "node", period); !done) return done;
  CaseId after;
  for (;;) {
    const auto page = repository.case_ids(after, kCasePage);
    if (!page) return tl::unexpected(page.error());
    for (const CaseId& id : *page) {
      if (auto done = export_chain(repository, id.value, period); !done) return done;
    }
    if (page->size() < kCasePage) return {};
    after = page->back();
  }
}

Result<void> run(const AuditArguments& arguments,
                 Result<void> (*action)(Node&, const AuditArguments&)) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  return action(**node, arguments);
}

}  // namespace

void add_audit_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  CLI::App* const group = app.add_subcommand("audit", "the audit chains: sign, verify, export");
  group->require_subcommand(1);
  const auto arguments = std::make_shared<AuditArguments>();
  const auto command = [&](const char* name, const char* what,
                           Result<void> (*action)(Node&, const AuditArguments&)) {
    CLI::App* const sub = group->add_subcommand(name, what);
    sub->add_option("--config", arguments->config_file, "configuration file");
    sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
    sub->callback([&chosen, arguments, action] {
      chosen = [arguments, action] { return run(*arguments, action); };
    });
    return sub;
  };
  command("root", "make and export the signed root that is due", make_root)
      ->add_flag("--now", arguments->now, "also when none is due");
  CLI::App* const check =
      command("verify", "look for every change up to the last exported root", verify);
  check->add_option("--roots", arguments->roots,
                    "folder with the exported roots; otherwise that of the configuration");
  check->add_option("--public-key", arguments->public_key,
                    "of the seal key, 64 hexadecimal digits, as noted elsewhere");
  CLI::App* const lines = command("export", "the entries as JSON lines", export_entries);
  lines->add_option("--from", arguments->from, "first instant or day (UTC), inclusive");
  lines->add_option("--to", arguments->to, "last instant or day (UTC), exclusive");
  lines->add_option("--chain", arguments->chain, "one chain: a case's id, or \"node\"");
}

}  // namespace telavis
