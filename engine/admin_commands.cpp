// SPDX-License-Identifier: Apache-2.0
#include "engine/admin_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "engine/admin_records.h"
#include "engine/case_records.h"
#include "engine/config.h"
#include "engine/core/mail_form.h"
#include "engine/files.h"
#include "engine/node.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxImportBytes = 64 << 20;  // tens of thousands of people, one a line

struct AdminArguments {
  std::string config_file, data_dir;
  std::string id, file, output;
  std::string programme, status;               // of list
  std::string date, until, charter, from, to;  // of a person
  std::string name, delegate, due_back, holder, consumables;
  bool json = false, accept = false, refuse = false, due = false, open = false;
};

/// Everything that was asked for reaches the terminal, or the command fails.
using RegistryAction = std::function<Result<void>(Registry&, const AdminArguments&)>;

Result<void> run(const AdminArguments& arguments,
                 const std::function<Result<void>(Node&)>& action) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  return action(**node);
}

Result<void> print_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return print(stdout, text);
}

// ---- cases: numbers, delays and people ----------------------------------------------------------

using NodeAction = Result<void> (*)(Node& node, const AdminArguments& arguments);

Result<void> list_cases(Node& node, const AdminArguments& arguments) {
  const auto rows =
      case_listing(node.repository(), arguments.programme, arguments.open, node.clock().now());
  if (!rows) return tl::unexpected(rows.error());
  return print(stdout, table(*rows));
}

Result<void> show_case_figures(Node& node, const AdminArguments& arguments) {
  const auto subject = case_named(node.repository(), arguments.id);
  if (!subject) return tl::unexpected(subject.error());
  return print(stdout, case_figures_line(*subject) + "\n");
}

Result<void> show_case_history(Node& node, const AdminArguments& arguments) {
  const auto subject = case_named(node.repository(), arguments.id);
  if (!subject) return tl::unexpected(subject.error());
  const auto lines = case_chain_lines(node.repository(), subject->id);
  if (!lines) return tl::unexpected(lines.error());
  return print_lines(*lines);
}

// ---- of every kind ------------------------------------------------------------------------------

Result<void> list_records(Registry& registry, RecordKind kind, const AdminArguments& arguments) {
  const RecordFilter filter{arguments.programme, arguments.status};
  if (arguments.json) {
    const auto lines = export_records(registry, kind, filter);
    if (!lines) return tl::unexpected(lines.error());
    return print_lines(*lines);
  }
  const auto rows = listing(registry, kind, filter);
  if (!rows) return tl::unexpected(rows.error());
  return print(stdout, table(*rows));
}

/// The warnings and obstacles of a person, below his record.
Result<void> print_remarks(Registry& registry, const std::string& id) {
  const auto person = person_named(registry, id);
  if (!person) return tl::unexpected(person.error());
  const auto record = registry.person(kOperator, *person);
  if (!record) return tl::unexpected(record.error());
  std::string text = fmt::format("version {}\n", record->user.version);
  for (const std::string& code : record->warnings) {
    text += "warning: " + message(Language::english, "person." + code) + "\n";
  }
  for (const std::string& code : record->obstacles) {
    text += "before an active membership: " + message(Language::english, "person." + code) + "\n";
  }
  return print(stdout, text);
}

Result<void> show_record(Registry& registry, RecordKind kind, const AdminArguments& arguments) {
  const auto text = export_record(registry, kind, arguments.id);
  if (!text) return tl::unexpected(text.error());
  if (auto printed = print(stdout, *text + "\n"); !printed) return printed;
  if (kind != RecordKind::person || arguments.json) return {};
  return print_remarks(registry, arguments.id);
}

Result<void> export_to_file(Registry& registry, RecordKind kind, const AdminArguments& arguments) {
  Result<std::vector<std::string>> lines;
  if (arguments.id.empty()) {
    lines = export_records(registry, kind);
  } else {
    auto one = export_record(registry, kind, arguments.id);
    if (!one) return tl::unexpected(one.error());
    lines->push_back(std::move(*one));
  }
  if (!lines) return tl::unexpected(lines.error());
  std::string text;
  for (const std::string& line : *lines) text += line + "\n";
  if (arguments.output.empty()) return print(stdout, text);
  return write_file(arguments.output, as_bytes(text), FileMode::secret);
}

Result<void> import_file(Registry& registry, RecordKind kind, const AdminArguments& arguments) {
  const auto bytes = read_file(arguments.file, kMaxImportBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto documents = documents_in(as_text(*bytes));
  if (!documents) return tl::unexpected(documents.error());
  std::size_t number = 0;
  for (const std::string& document : *documents) {
    ++number;
    const auto done = import_record(registry, kind, document);
    if (!done) {
      return fail(done.error().code,
                  fmt::format("Record {} of {}: {} Those before it are stored; correct it and "
                              "import the file again.",
                              number, documents->size(), done.error().text));
    }
    if (auto printed = print(stdout, *done + "\n"); !printed) return printed;
  }
  return {};
}

Result<void> show_history(Registry& registry, RecordKind kind, const AdminArguments& arguments) {
  std::string id = arguments.id;
  if (kind == RecordKind::person) {
    const auto person = person_named(registry, id);
    if (!person) return tl::unexpected(person.error());
    id = person->value;
  }
  const auto revisions = registry.history(kOperator, std::string(record_kind_name(kind)), id);
  if (!revisions) return tl::unexpected(revisions.error());
  if (!arguments.json) return print(stdout, table(history_rows(*revisions)));
  std::string text;
  for (const Revision& revision : *revisions) text += revision.definition + "\n";
  return print(stdout, text);
}

// ---- people -------------------------------------------------------------------------------------

Result<void> enrol(Registry& registry, const AdminArguments& arguments) {
  const auto form = read_file(arguments.file, kMaxImportBytes);
  if (!form) return tl::unexpected(form.error());
  const auto record = registry.request_enrolment(as_text(*form));
  if (!record) return tl::unexpected(record.error());
  std::string text = "requested " + record->user.id.value + "\n";
  for (const std::string& code : record->warnings) {
    text += "warning: " + message(Language::english, "person." + code) + "\n";
  }
  return print(stdout, text);
}

using PersonStep = std::function<Result<User>(Registry&, const UserId&, const AdminArguments&)>;

/// A change of one person, with what it left.
RegistryAction on_person(const PersonStep& step) {
  return [step](Registry& registry, const AdminArguments& arguments) -> Result<void> {
    const auto id = person_named(registry, arguments.id);
    if (!id) return tl::unexpected(id.error());
    const auto changed = step(registry, *id, arguments);
    if (!changed) return tl::unexpected(changed.error());
    return print(stdout, fmt::format("{} {} version {}\n", changed->id.value,
                                     person_status_name(changed->status), changed->version));
  };
}

Result<void> send_kit(Registry& registry, const AdminArguments& arguments) {
  const auto id = person_named(registry, arguments.id);
  if (!id) return tl::unexpected(id.error());
  if (auto sent = registry.send_activation_kit(kOperator, *id); !sent) return sent;
  return print(stdout, "an activation kit leaves for the MSSanté address of " + id->value + "\n");
}

Result<void> reset_second_factor(Node& node, const AdminArguments& arguments) {
  const auto id = person_named(node.registry(), arguments.id);
  if (!id) return tl::unexpected(id.error());
  if (auto reset = node.access().reset_factor("operator", *id); !reset) return reset;
  return print(
      stdout,
      "the second factor of " + id->value +
          " is gone, his sessions have ended, and he is told by mail: the next login enrols "
          "another one\n");
}

Result<void> check_order(Registry& registry, const AdminArguments& arguments) {
  if (!arguments.due) {
    if (arguments.id.empty() || arguments.date.empty()) {
      return fail(ErrorCode::missing_field,
                  "Name the person and --date, or list with --due who is to be looked up.");
    }
    return on_person([](Registry& door, const UserId& id, const AdminArguments& given) {
      return door.record_order_check(kOperator, id, given.date, {});
    })(registry, arguments);
  }
  const auto due = registry.due_order_checks(kOperator);
  if (!due) return tl::unexpected(due.error());
  std::vector<std::vector<std::string>> rows = {{"ID", "NAME", "RPPS", "LAST CHECKED"}};
  for (const User& user : *due) {
    rows.push_back(
        {user.id.value, user.display_name(), user.rpps, user.enrolment.order_checked_on});
  }
  return print(stdout, table(rows));
}

Result<User> decide(Registry& registry, const UserId& id, const AdminArguments& arguments) {
  if (arguments.accept == arguments.refuse) {
    return fail(ErrorCode::missing_field, "Say either --accept or --refuse.");
  }
  return registry.decide(kOperator, id, arguments.accept, {});
}

Result<User> announce_absence(Registry& registry, const UserId& id,
                              const AdminArguments& arguments) {
  Absence absence{{arguments.from, arguments.to}, std::nullopt};
  if (!arguments.delegate.empty()) {
    const auto delegate = person_named(registry, arguments.delegate);
    if (!delegate) return tl::unexpected(delegate.error());
    absence.delegate = *delegate;
  }
  return registry.set_absence(kOperator, id, absence, {});
}

// ---- devices ------------------------------------------------------------------------------------

Result<void> print_device(const Result<LentDevice>& device) {
  if (!device) return tl::unexpected(device.error());
  return print(stdout, lent_device_json(*device) + "\n");
}

Result<void> lend(Registry& registry, const AdminArguments& arguments) {
  const auto holder = person_named(registry, arguments.holder);
  if (!holder) return tl::unexpected(holder.error());
  return print_device(
      registry.lend_device(kOperator, arguments.id, *holder, arguments.due_back, {}));
}

Result<void> take_back(Registry& registry, const AdminArguments& arguments) {
  return print_device(registry.return_device(kOperator, arguments.id, arguments.consumables, {}));
}

Result<void> pair(Registry& registry, const AdminArguments& arguments) {
  const auto pairing = registry.pair_device(kOperator, arguments.id);
  if (!pairing) return tl::unexpected(pairing.error());
  return print(stdout, fmt::format("{} (serves once, until {})\n", pairing->code,
                                   format_utc(pairing->expires_at)));
}

// ---- the grammar --------------------------------------------------------------------------------

Result<void> print_form(Registry& registry, const AdminArguments& arguments) {
  const auto programme = registry.programme(kOperator, ProgrammeId(arguments.id));
  if (!programme) return tl::unexpected(programme.error());
  return print(stdout, form_template(*programme));
}

/// Builds the subcommands; what they parse into lives as long as the application.
class Grammar {
 public:
  explicit Grammar(std::function<Result<void>()>& chosen)
      : chosen_(chosen), arguments_(std::make_shared<AdminArguments>()) {}

  void add(CLI::App& app) const {
    CLI::App* programme = add_kind(app, RecordKind::programme, "lines of expertise, as data");
    one(programme, "form", "the form for a question by mail, to be given to doctors", print_form);
    CLI::App* person = add_kind(app, RecordKind::person, "doctors and staff, and their enrolment");
    add_enrolment(person);
    add_membership(person);
    add_kind(app, RecordKind::group, "group practices");
    CLI::App* device = add_kind(app, RecordKind::device, "devices that associations lend");
    CLI::App* lending = one(device, "lend", "lent to a doctor from today", lend);
    lending->add_option("--to", arguments_->holder, "id or login of the doctor")->required();
    lending->add_option("--due-back", arguments_->due_back, "YYYY-MM-DD");
    one(device, "return", "back today", take_back)
        ->add_option("--consumables", arguments_->consumables, "new notes");
    one(device, "pair", "a code that connects it once, within a day (telavis send --pair)", pair);
    add_cases(app);
  }

 private:
  CLI::App* command(CLI::App* parent, const char* name, const char* what,
                    RegistryAction action) const {
    CLI::App* sub = parent->add_subcommand(name, what);
    sub->add_option("--config", arguments_->config_file, "configuration file");
    sub->add_option("--data-dir", arguments_->data_dir,
                    "data folder, without a configuration file");
    sub->callback([&chosen = chosen_, arguments = arguments_, action = std::move(action)] {
      chosen = [arguments, action] {
        return run(*arguments, [&](Node& node) { return action(node.registry(), *arguments); });
      };
    });
    return sub;
  }
  CLI::App* of_node(CLI::App* parent, const char* name, const char* what, NodeAction action) const {
    CLI::App* sub = command(parent, name, what, {});
    sub->callback([&chosen = chosen_, arguments = arguments_, action] {
      chosen = [arguments, action] {
        return run(*arguments, [&](Node& node) { return action(node, *arguments); });
      };
    });
    return sub;
  }
  void add_cases(CLI::App& app) const {
    CLI::App* cases =
        app.add_subcommand("case", "numbers, delays and people of cases; nothing of a patient");
    cases->require_subcommand(1);
    CLI::App* listing = of_node(cases, "list", "newest first", list_cases);
    listing->add_option("--programme", arguments_->programme, "of one programme only");
    listing->add_flag("--open", arguments_->open, "those that wait for an answer");
    of_node(cases, "show", "state, promise, next timer and offers, as JSON", show_case_figures)
        ->add_option("NUMBER", arguments_->id, "or its id")
        ->required();
    of_node(cases, "history", "its audit chain, one JSON object a line", show_case_history)
        ->add_option("NUMBER", arguments_->id, "or its id")
        ->required();
  }
  /// A command about one record.
  CLI::App* one(CLI::App* parent, const char* name, const char* what, RegistryAction action) const {
    CLI::App* sub = command(parent, name, what, std::move(action));
    sub->add_option("ID", arguments_->id)->required();
    return sub;
  }
  CLI::App* step(CLI::App* parent, const char* name, const char* what,
                 const PersonStep& action) const {
    return one(parent, name, what, on_person(action));
  }
  CLI::Option* day(CLI::App* sub, const char* name, std::string& value, const char* what) const {
    return sub->add_option(name, value, what)->required();
  }

  CLI::App* add_kind(CLI::App& app, RecordKind kind, const char* what) const {
    CLI::App* group = app.add_subcommand(std::string(record_kind_name(kind)), what);
    group->require_subcommand(1);
    const auto of_kind =
        [kind](Result<void> (*action)(Registry&, RecordKind, const AdminArguments&)) {
          return [kind, action](Registry& registry, const AdminArguments& arguments) {
            return action(registry, kind, arguments);
          };
        };
    CLI::App* listing = command(group, "list", "what is on file", of_kind(list_records));
    listing->add_flag("--json", arguments_->json, "one JSON object a line");
    if (kind != RecordKind::programme) {
      listing->add_option("--programme", arguments_->programme, "of one programme only");
    }
    if (kind == RecordKind::person) {
      listing->add_option("--status", arguments_->status, "of one status only")
          ->check(CLI::IsMember({"requested", "active", "suspended", "left"}));
    }
    one(group, "show", "one record", of_kind(show_record))
        ->add_flag("--json", arguments_->json, "the record alone");
    command(group, "import", "new or changed records: one JSON object, or one a line",
            of_kind(import_file))
        ->add_option("FILE", arguments_->file)
        ->required();
    CLI::App* exporting = command(group, "export", "one record or all, one JSON object a line",
                                  of_kind(export_to_file));
    exporting->add_option("ID", arguments_->id);
    exporting->add_option("--output", arguments_->output, "a file instead of standard output");
    one(group, "history", "every version: who changed it, and when", of_kind(show_history))
        ->add_flag("--json", arguments_->json, "the versions themselves");
    return group;
  }

  void add_enrolment(CLI::App* person) const {
    command(person, "enrol", "file a request to take part (docs/people.md)", enrol)
        ->add_option("FORM", arguments_->file, "JSON file")
        ->required();
    step(person, "identity", "the identity was checked today",
         [](Registry& registry, const UserId& id, const AdminArguments&) {
           return registry.check_identity(kOperator, id, {});
         });
    CLI::App* decision = step(person, "decide", "the association's decision", decide);
    decision->add_flag("--accept", arguments_->accept);
    decision->add_flag("--refuse", arguments_->refuse);
    day(step(person, "train", "the training was followed",
             [](Registry& registry, const UserId& id, const AdminArguments& given) {
               return registry.record_training(kOperator, id, given.date, {});
             }),
        "--date", arguments_->date, "YYYY-MM-DD");
    CLI::App* charter =
        step(person, "charter", "the charter was signed",
             [](Registry& registry, const UserId& id, const AdminArguments& given) {
               return registry.record_charter(kOperator, id, given.charter, given.date, {});
             });
    day(charter, "--charter", arguments_->charter, "which version of it");
    day(charter, "--date", arguments_->date, "YYYY-MM-DD");
    day(step(person, "insure", "professional insurance covering teleexpertise",
             [](Registry& registry, const UserId& id, const AdminArguments& given) {
               return registry.record_insurance(kOperator, id, given.until, {});
             }),
        "--until", arguments_->until, "last insured day, YYYY-MM-DD");
    CLI::App* order =
        command(person, "order", "the status at the Order was looked at", check_order);
    order->add_option("ID", arguments_->id);
    order->add_option("--date", arguments_->date, "YYYY-MM-DD");
    order->add_flag("--due", arguments_->due, "list who is to be looked up again");
    CLI::App* locum = step(
        person, "locum", "whom a locum stands for",
        [](Registry& registry, const UserId& id, const AdminArguments& given) {
          return registry.record_replacement(kOperator, id, given.name, {given.from, given.to}, {});
        });
    day(locum, "--name", arguments_->name, "of the doctor who is replaced");
    day(locum, "--from", arguments_->from, "first day");
    day(locum, "--to", arguments_->to, "last day");
    one(person, "activate", "send an activation kit to the MSSanté address", send_kit);
    of_node(person, "reset-second-factor", "after making sure who asks: another one is enrolled",
            reset_second_factor)
        ->add_option("ID", arguments_->id)
        ->required();
  }

  void add_membership(CLI::App* person) const {
    step(person, "suspend", "suspend; open cases go to others",
         [](Registry& registry, const UserId& id, const AdminArguments&) {
           return registry.suspend(kOperator, id, {});
         });
    step(person, "leave", "has left; open cases go to others",
         [](Registry& registry, const UserId& id, const AdminArguments&) {
           return registry.leave(kOperator, id, {});
         });
    step(person, "return", "after a suspension: active; who had left: to be decided upon anew",
         [](Registry& registry, const UserId& id, const AdminArguments&) {
           return registry.resume(kOperator, id, {});
         });
    CLI::App* absence = step(person, "absence", "is absent", announce_absence);
    day(absence, "--from", arguments_->from, "first day");
    day(absence, "--to", arguments_->to, "last day");
    absence->add_option("--delegate", arguments_->delegate, "id or login of who reads for him");
  }

  std::function<Result<void>()>& chosen_;
  std::shared_ptr<AdminArguments> arguments_;
};

}  // namespace

void add_admin_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  Grammar(chosen).add(app);
}

}  // namespace telavis
