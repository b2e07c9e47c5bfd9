// SPDX-License-Identifier: Apache-2.0
#include "engine/patient_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/config.h"
#include "engine/core/access_log.h"
#include "engine/core/patient_copy.h"
#include "engine/core/patient_rights.h"
#include "engine/files.h"
#include "engine/keys.h"
#include "engine/node.h"
#include "engine/operator_login.h"
#include "formats/zip.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxIdentityBytes = 64 << 10;
// The patient's language; the operator's own sentences are English, as everywhere at the terminal.
constexpr Language kPatientLanguage = Language::french;

struct PatientArguments {
  std::string config_file, data_dir;
  OperatorLogin login;
  std::string identity_file;
  std::vector<std::string> include;
  std::string out;
  std::string format = "text";
  bool lift = false;
};

/// Whoever asks, for whom, and why.
struct Asked {
  User referent;
  PatientQuery query;
  std::string reason;
};

Result<Bytes> standard_input() {
  Bytes bytes;
  while (bytes.size() <= kMaxIdentityBytes) {
    const int c = std::fgetc(stdin);
    if (c == EOF) return bytes;
    bytes.push_back(static_cast<std::uint8_t>(c));
  }
  return fail(ErrorCode::limit_exceeded, "Standard input holds more than an identity.");
}

Result<PatientQuery> query_of(const PatientArguments& arguments) {
  const auto bytes = arguments.identity_file == "-"
                         ? standard_input()
                         : read_secret_file(arguments.identity_file, kMaxIdentityBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  auto query = parse_patient_query(as_text(*bytes));
  if (query) query->accepted = arguments.include;
  return query;
}

/// What the search did not settle, for the operator's eyes.
std::string notes(const FoundCases& found) {
  std::string text;
  const PatientMatch& match = found.match;
  std::vector<std::string> numbers;
  for (const Case& subject : match.cases) numbers.push_back(subject.number);
  text += fmt::format("cases of this person: {}\n",
                      numbers.empty() ? "none" : fmt::format("{}", fmt::join(numbers, " ")));
  if (!match.by_traits.empty()) {
    text += fmt::format("of these, by name, birth date and sex alone: {}\n",
                        fmt::join(match.by_traits, " "));
  }
  if (!match.doubtful.empty()) {
    text += fmt::format(
        "left out, may be a namesake's: {} (look at them, then accept each with --include)\n",
        fmt::join(match.doubtful, " "));
  }
  if (match.of_others > 0) {
    text += fmt::format("left out, of another person: {}\n", match.of_others);
  }
  if (found.elsewhere > 0) {
    text += fmt::format("in programmes of other medical referents, not looked at: {}\n",
                        found.elsewhere);
  }
  return text +
         "not found by this search: other spellings and names, another birth date or sex, erased "
         "cases\n";
}

using RightsAction = Result<void> (*)(PatientRights&, const Asked&, const PatientArguments&);

Result<void> run(const PatientArguments& arguments, RightsAction action) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  if (!arguments.out.empty() && std::filesystem::exists(arguments.out)) {
    return fail(ErrorCode::state_conflict,
                "There is a file of that name already, and it is not replaced: name another.");
  }
  auto query = query_of(arguments);
  if (!query) return tl::unexpected(query.error());
  auto reason = reason_in(arguments.login);
  if (!reason) return tl::unexpected(reason.error());
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  const auto lookup = read_key_file(config->lookup_key_file);
  if (!lookup) return tl::unexpected(lookup.error());
  auto referent = log_in((*node)->access(), arguments.login);
  if (!referent) return tl::unexpected(referent.error());
  PatientRights rights((*node)->service(), (*node)->random(), *lookup);
  return action(rights, {std::move(*referent), std::move(*query), std::move(*reason)}, arguments);
}

// ---- the four rights ----------------------------------------------------------------------------

Result<void> export_copy(PatientRights& rights, const Asked& asked,
                         const PatientArguments& arguments) {
  const auto copy = rights.copy(asked.referent, asked.query, asked.reason);
  if (!copy) return tl::unexpected(copy.error());
  const auto files = patient_copy_files(*copy, kPatientLanguage);
  if (!files) return tl::unexpected(files.error());
  const auto archive = write_zip(*files);
  if (!archive) return tl::unexpected(archive.error());
  if (auto written = write_new_file(arguments.out, *archive); !written) return written;
  return print(stdout, fmt::format("{}written: {} files\n", notes(copy->found), files->size()));
}

Result<void> print_log(PatientRights& rights, const Asked& asked,
                       const PatientArguments& arguments) {
  const auto log = rights.access_log(asked.referent, asked.query, asked.reason);
  if (!log) return tl::unexpected(log.error());
  const LogFormat format = arguments.format == "csv"    ? LogFormat::csv
                           : arguments.format == "json" ? LogFormat::json
                                                        : LogFormat::text;
  const auto document = access_log_document(log->lines, format, kPatientLanguage);
  if (!document) return tl::unexpected(document.error());
  if (auto said = print(stderr, notes(log->found)); !said) return said;
  if (arguments.out.empty()) return print(stdout, *document);
  return write_new_file(arguments.out, as_bytes(*document));
}

std::string open_cases(const FoundCases& found) {
  std::string text;
  for (const Case& subject : found.match.cases) {
    if (!is_open(subject.state)) continue;
    text += fmt::format("open: {} {} {}, asked by {}\n", subject.number, subject.programme.value,
                        case_state_name(subject.state), subject.requester.value);
  }
  if (!text.empty()) {
    text += "Tell the coordinators: an open case goes on until its requester withdraws it.\n";
  }
  return text;
}

Result<void> oppose(PatientRights& rights, const Asked& asked, const PatientArguments& arguments) {
  const auto answer = arguments.lift
                          ? rights.lift_opposition(asked.referent, asked.query, asked.reason)
                          : rights.oppose(asked.referent, asked.query, asked.reason);
  if (!answer) return tl::unexpected(answer.error());
  std::string text = notes(answer->found);
  if (arguments.lift) {
    text += answer->stood_before ? "opposition lifted\n" : "there was no opposition to lift\n";
    return print(stdout, text);
  }
  text += answer->stood_before ? "opposition: on file already, kept\n" : "opposition: on file\n";
  text +=
      "New requests about this person are refused until it is lifted (--lift). What was answered "
      "stays: it is part of the medical record; see `patient restrict` and `case erase`.\n";
  if (asked.query.ins.matricule.empty()) {
    text += "Without an INS the opposition also meets namesakes born the same day.\n";
  }
  return print(stdout, text + open_cases(answer->found));
}

Result<void> restrict_all(PatientRights& rights, const Asked& asked,
                          const PatientArguments& arguments) {
  const auto answer = rights.restrict_cases(asked.referent, asked.query, asked.reason,
                                            arguments.lift ? Restriction::lift : Restriction::put);
  if (!answer) return tl::unexpected(answer.error());
  const char* done = arguments.lift ? "used again" : "restricted";
  std::string text = notes(answer->found);
  std::size_t refused = 0;
  for (const auto& row : answer->rows) {
    if (row.refused) ++refused;
    text += row.refused
                ? fmt::format("{} not: {}\n", row.number, row.refused->text)
                : fmt::format("{} {}{}\n", row.number, done, row.stood_before ? " already" : "");
  }
  if (auto said = print(stdout, text); !said || refused == 0) return said;
  return fail(ErrorCode::state_conflict,
              fmt::format("{} of {} cases were left as they are: run the command again once what "
                          "is said of each is settled.",
                          refused, answer->rows.size()));
}

}  // namespace

void add_patient_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<PatientArguments>();
  CLI::App* patient =
      app.add_subcommand("patient", "a patient's rights: copy, accesses, opposition, restriction");
  patient->require_subcommand(1);
  const auto command = [&](const char* name, const char* what, RightsAction action) {
    CLI::App* sub = patient->add_subcommand(name, what);
    sub->add_option("--config", arguments->config_file, "configuration file");
    sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
    sub->add_option("--identity", arguments->identity_file,
                    "JSON file with the identity (chmod 600), or - for standard input")
        ->required();
    sub->add_option("--include", arguments->include,
                    "number of a doubtful case that was looked at and is the person's");
    add_login_options(*sub, arguments->login, Reason::needed);
    sub->callback([&chosen, arguments, action] {
      chosen = [arguments, action] { return run(*arguments, action); };
    });
    return sub;
  };
  command("export", "everything about the person in a ZIP file", export_copy)
      ->add_option("--out", arguments->out, "a new file; none is replaced")
      ->required();
  CLI::App* log = command("access-log", "who read or changed what, and when", print_log);
  log->add_option("--format", arguments->format)->check(CLI::IsMember({"text", "csv", "json"}));
  log->add_option("--out", arguments->out, "a new file instead of standard output");
  command("oppose", "later requests about the person are refused", oppose)
      ->add_flag("--lift", arguments->lift, "takes the opposition back");
  command("restrict", "the person's cases are kept and not used", restrict_all)
      ->add_flag("--lift", arguments->lift, "they are used again");
}

}  // namespace telavis
