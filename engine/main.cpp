// SPDX-License-Identifier: Apache-2.0
// The command line.
#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/account_commands.h"
#include "engine/admin_commands.h"
#include "engine/audit_commands.h"
#include "engine/backup_commands.h"
#include "engine/billing/acts.h"
#include "engine/confined.h"
#include "engine/core/crypto.h"
#include "engine/demonstration.h"
#include "engine/document_commands.h"
#include "engine/document_inspect.h"
#include "engine/erasure_commands.h"
#include "engine/exam_commands.h"
#include "engine/export_commands.h"
#include "engine/files.h"
#include "engine/key_commands.h"
#include "engine/log.h"
#include "engine/mail_commands.h"
#include "engine/node.h"
#include "engine/patient_commands.h"
#include "engine/send_command.h"
#include "engine/serve.h"
#include "engine/simulate_command.h"

namespace telavis {
namespace {

/// False when the stream takes no more: a full disk, a reader that went away.
void report(const std::string& line) {
  // Progress that nobody reads any more is no reason to stop a server.
  static_cast<void>(print(stdout, line + "\n"));
}

/// Blocks the signals that end a server, before any thread starts, so that one sigwait gets them.
sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for(const sigset_t& signals) {
  int received = 0;
  sigwait(&signals, &received);
}

constexpr std::string_view kDemonstrationResponsible =
    "démonstration, personnes fictives : aucun usage clinique";

struct Arguments {
  std::string config_file;
  std::string data_dir;
  bool demonstration = false;
  bool once = false;
  std::vector<std::string> files;
  std::string in, out, samples;
};

Result<void> init(const Arguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  SystemRandom random;
  SystemClock clock;
  if (auto made = initialise(*config, random, clock.now()); !made) return made;
  auto node = Node::open(*config);
  if (!node) return tl::unexpected(node.error());
  if (arguments.demonstration) {
    const auto logins = install_demonstration(**node);
    if (!logins) return tl::unexpected(logins.error());
  }
  report("ready: " + config->data_dir.string());
  return {};
}

Result<void> begin_log(const Config& config) {
  set_log_level(config.log_level);
  return config.log_folder.empty() ? Result<void>{} : log_to_folder(config.log_folder);
}

Result<void> serve(const Arguments& arguments) {
  const sigset_t signals = ending_signals();
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  if (auto logs = begin_log(*config); !logs) return logs;
  auto node = Node::open(*config);
  if (!node) return tl::unexpected(node.error());
  auto running = Running::start(**node);
  if (!running) return tl::unexpected(running.error());
  report("listening on " + (*running)->base_url());
  wait_for(signals);
  return {};
}

Result<std::vector<DemonstrationExam>> exams_of(const Arguments& arguments) {
  if (arguments.files.empty()) return embedded_exams();
  std::vector<DemonstrationExam> exams;
  for (const std::string& file : arguments.files) {
    auto bytes = read_file(file, kMaxFileBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    exams.push_back({std::filesystem::path(file).filename().string(), std::move(*bytes)});
  }
  return exams;
}

Result<std::string> billing_export(Repository& repository) {
  const auto rows = repository.acts({});
  if (!rows) return tl::unexpected(rows.error());
  return billing_file(TableFormat::csv_french, *rows, repository);
}

Result<std::vector<DemonstrationLogin>> installed_demonstration(const Config& config) {
  auto node = Node::open(config);
  if (!node) return tl::unexpected(node.error());
  return install_demonstration(**node);
}

Result<void> demonstrate(const Arguments& arguments) {
  const sigset_t signals = ending_signals();
  auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  // Fictive people only: whoever runs the demonstration may look at everything.
  if (!config->clinical_tools.enabled) {
    config->clinical_tools = {true, std::string(kDemonstrationResponsible), ""};
  }
  const auto exams = exams_of(arguments);
  if (!exams) return tl::unexpected(exams.error());
  SystemRandom random;
  SystemClock clock;
  if (auto made = initialise(*config, random, clock.now()); !made) return made;
  if (auto logs = begin_log(*config); !logs) return logs;
  const auto logins = installed_demonstration(*config);
  if (!logins) return tl::unexpected(logins.error());
  // Whoever tries it out needs no telephone for each of its doctors.
  config->demonstration_without_second_factor = true;
  auto node = Node::open(*config);
  if (!node) return tl::unexpected(node.error());
  auto running = Running::start(**node);
  if (!running) return tl::unexpected(running.error());
  report("Telavis demonstration on " + (*running)->base_url());
  for (const DemonstrationExam& exam : *exams) {
    auto done = run_main_job(**node, (*running)->base_url(), *logins, exam, report);
    if (!done) return done;
  }
  const auto csv = billing_export((*node)->repository());
  if (!csv) return tl::unexpected(csv.error());
  const std::filesystem::path export_file = config->data_dir / "demonstration" / "billing.csv";
  if (auto written = write_file(export_file, as_bytes(*csv), FileMode::secret); !written) {
    return written;
  }
  report("telavis export billing --format csv-fr: " + export_file.string());
  if (arguments.once) return {};
  report("\nOpen " + (*running)->base_url() +
         " (the certificate is self-signed). Demonstration logins, also in " +
         (config->data_dir / "demonstration-logins.json").string() + ":");
  for (const DemonstrationLogin& login : *logins) {
    report(fmt::format("  {:<12} {:<21} {:<28} {}", login.login, login.password,
                       login.programme.empty() ? "(service)" : login.programme, login.role));
  }
  report(
      "They come in by password alone here; `telavis serve` asks for their second factor too: "
      "its secrets stand in the same file.");
  report("Ctrl-C ends it.");
  wait_for(signals);
  return {};
}

Result<void> inspect(const Arguments& arguments) {
  const auto json = run_confined([&] { return inspect_file(arguments.in, arguments.samples); });
  if (json) {
    report(std::string(as_text(*json)));
    if (!is_rejected(as_text(*json))) return {};
    return fail(ErrorCode::malformed_file, "This document is rejected: its findings say why.");
  }
  namespace bj = boost::json;
  report(bj::serialize(bj::object{{"error", bj::object{{"code", error_name(json.error().code)},
                                                       {"text", json.error().text}}}}));
  return tl::unexpected(json.error());
}

Result<void> convert(const Arguments& arguments) {
  const auto converted = run_confined([&]() -> Result<Bytes> {
    SystemRandom random;
    return convert_file(arguments.in, std::filesystem::path(arguments.out).extension().string(),
                        random);
  });
  if (!converted) return tl::unexpected(converted.error());
  return write_file(arguments.out, *converted, FileMode::plain);
}

Result<void> serve_decoding_requests(const Arguments&) {
  serve_decoding();
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Telavis: teleexpertise from the tracing to the two billable acts"};
  app.require_subcommand(1);
  std::function<Result<void>(const Arguments&)> chosen;
  const auto command = [&](CLI::App* parent, const char* name, const char* what,
                           Result<void> (*action)(const Arguments&)) {
    CLI::App* sub = parent->add_subcommand(name, what);
    sub->callback([&chosen, action] { chosen = action; });
    return sub;
  };
  const auto located = [&](CLI::App* sub) {
    sub->add_option("--config", arguments.config_file, "configuration file");
    sub->add_option("--data-dir", arguments.data_dir, "data folder, without a configuration file");
    return sub;
  };
  located(command(&app, "init", "make the data folder, keys and a certificate", init))
      ->add_flag("--demonstration", arguments.demonstration,
                 "with two programmes of fictive people");
  located(command(&app, "serve", "run the server until SIGTERM", serve));
  CLI::App* demo =
      located(command(&app, "demo", "perform the main job and leave the server up", demonstrate));
  demo->add_flag("--once", arguments.once, "end after the main job");
  demo->add_option("FILES", arguments.files, "exams to use instead of the built-in ones");
  CLI::App* look = command(&app, "inspect", "what a file holds, as JSON", inspect);
  look->add_option("FILE", arguments.in)->required();
  look->add_option("--samples", arguments.samples, "write the samples as CSV (nanovolts)");
  CLI::App* turn =
      command(&app, "convert", "write .dcm .scp .xml .pdf .svg .jpg by the extension", convert);
  turn->add_option("IN", arguments.in)->required();
  turn->add_option("OUT", arguments.out)->required();
  command(&app, kServeDecoding, "", serve_decoding_requests)->group("");  // the server's own
  std::function<Result<void>()> administration;
  add_admin_commands(app, administration);
  add_document_commands(app, administration);
  add_erasure_commands(app, administration);
  add_patient_commands(app, administration);
  add_mail_commands(app, administration);
  add_key_commands(app, administration);
  add_account_commands(app, administration);
  add_audit_commands(app, administration);
  add_export_commands(app, administration);
  add_simulate_command(app, administration);
  add_backup_commands(app, administration);
  add_send_command(app, administration);

  CLI11_PARSE(app, argc, argv);
  const auto done = administration ? administration() : chosen(arguments);
  if (done) return 0;
  static_cast<void>(print(stderr, fmt::format("telavis: {}: {}\n", error_name(done.error().code),
                                              done.error().text)));  // the exit code says it too
  return 1;
}

}  // namespace
}  // namespace telavis

int main(int argc, char** argv) {
  return telavis::run(argc, argv);
}
