// SPDX-License-Identifier: Apache-2.0
#include "engine/backup_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "engine/backup/backup.h"
#include "engine/backup/manifest.h"
#include "engine/backup/restore.h"
#include "engine/clock.h"
#include "engine/config.h"
#include "engine/files.h"
#include "engine/keys.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

struct BackupArguments {
  std::string config_file, data_dir;
  std::string out;                       // of a backup
  std::string from, keys, wrapped_keys;  // of a restore
  std::vector<std::string> erasures;
};

/// All of it reaches the terminal, or the command fails.
Result<void> back_up(const BackupArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto backup_key = read_key_file(config->backup_key_file);
  if (!backup_key) return tl::unexpected(backup_key.error());
  const auto seal_seed = read_key_file(config->seal_key_file);
  if (!seal_seed) return tl::unexpected(seal_seed.error());
  const auto database = config->data_dir / "telavis.db";
  if (auto alone = FolderLock::check_beside(config->data_dir, database); !alone) return alone;
  const auto report = make_backup({database, config->data_dir / "blobs", config->data_dir,
                                   arguments.out, *backup_key, *seal_seed, SystemClock().now()});
  if (!report) return tl::unexpected(report.error());
  const fs::path out = arguments.out;
  return print(
      stdout,
      fmt::format(
          "backup {}: {} cases, {} sealed files ({} of them linked to an earlier backup), {} bytes "
          "written\n"
          "keys of the cases: {} -- keep it for a short time only, then delete it\n"
          "erased so far: {} cases ({})\n"
          "not in the backup, to be kept apart from it: {}, {}, {}, {}\n",
          (out / report->name).string(), report->cases, report->blobs, report->linked,
          report->bytes, (out / keys_file_name(report->name)).string(), report->erased_cases,
          (out / kErasureFile).string(), config->master_key_file.string(),
          config->seal_key_file.string(), config->lookup_key_file.string(),
          config->backup_key_file.string()));
}

fs::path folder_beside(const fs::path& backup) {
  std::error_code error;
  const fs::path whole = fs::absolute(backup, error).lexically_normal();
  return whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
}

Result<void> restore(const BackupArguments& arguments) {
  const fs::path keys = arguments.keys;
  const auto master = read_master_keys(keys / "master.key");
  if (!master) return tl::unexpected(master.error());
  const auto seal_seed = read_key_file(keys / "seal.key");
  if (!seal_seed) return tl::unexpected(seal_seed.error());
  const auto backup_key = read_key_file(keys / "backup.key");
  if (!backup_key) return tl::unexpected(backup_key.error());
  if (const auto lookup = read_key_file(keys / "lookup.key"); !lookup)
    return tl::unexpected(lookup.error());

  const fs::path out = folder_beside(arguments.from);
  auto wrapped_keys = arguments.wrapped_keys.empty() ? newest_wrapped_keys(out)
                                                     : Result<fs::path>(arguments.wrapped_keys);
  if (!wrapped_keys) return tl::unexpected(wrapped_keys.error());
  RestoreJob job{arguments.from,
                 *wrapped_keys,
                 {arguments.erasures.begin(), arguments.erasures.end()},
                 {keys / "master.key", keys / "seal.key", keys / "lookup.key", keys / "backup.key"},
                 arguments.data_dir,
                 *backup_key,
                 *seal_seed,
                 KeyRing(*master),
                 SystemClock().now()};
  std::error_code error;
  if (fs::exists(out / kErasureFile, error))
    job.erasures.insert(job.erasures.begin(), out / kErasureFile);
  const auto report = restore_backup(job);
  if (!report) return tl::unexpected(report.error());
  return print(
      stdout, fmt::format("restored {} into {} (schema {}), with the keys of {}\n"
                          "verified: manifest and its signature, every part, the database's pages "
                          "and indexes, rows of "
                          "every table\n"
                          "verified: {} audit chains with {} entries; last audit root {}\n"
                          "verified: {} sealed files ({} bytes), each opened under its case's key\n"
                          "cases: {}, of these erased again: {}\n"
                          "messages that wait to be sent, and may have been since: {}\n"
                          "run `telavis init` on it for a certificate, then `telavis serve`\n",
                          report->name, arguments.data_dir, report->schema,
                          wrapped_keys->filename().string(), report->chains, report->entries,
                          report->last_root, report->blobs, report->bytes, report->cases,
                          report->erased_again, report->pending_messages));
}

}  // namespace

void add_backup_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<BackupArguments>();
  const auto command = [&](const char* name, const char* what,
                           Result<void> (*action)(const BackupArguments&)) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->callback([&chosen, arguments, action] {
      chosen = [arguments, action] { return action(*arguments); };
    });
    return sub;
  };
  CLI::App* backup = command("backup", "a sealed copy, also while the server runs", back_up);
  backup->add_option("--config", arguments->config_file, "configuration file");
  backup->add_option("--data-dir", arguments->data_dir,
                     "data folder, without a configuration file");
  backup->add_option("--out", arguments->out, "folder of the backups; one a run")->required();
  CLI::App* back = command("restore", "a backup into a new data folder, verified", restore);
  back->add_option("--from", arguments->from, "one backup: OUT/<instant>")->required();
  back->add_option("--keys", arguments->keys,
                   "folder of master.key, seal.key, lookup.key and backup.key")
      ->required();
  back->add_option("--wrapped-keys", arguments->wrapped_keys,
                   "keys-<instant>.tlv of this backup or a later one; the newest beside it");
  back->add_option("--erasures", arguments->erasures, "erasures.jsonl of the node, if it is there");
  back->add_option("--data-dir", arguments->data_dir, "the new folder")->required();
}

}  // namespace telavis
