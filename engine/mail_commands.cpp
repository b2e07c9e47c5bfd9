// SPDX-License-Identifier: Apache-2.0
#include "engine/mail_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/config.h"
#include "engine/files.h"
#include "engine/http/mail_views.h"
#include "engine/node.h"
#include "engine/operator_login.h"

namespace telavis {
namespace {

struct MailArguments {
  std::string config_file, data_dir;
  OperatorLogin login;
  std::string id, out;
  MailFiling filing;
};

using MailAction = Result<void> (*)(Node&, const User&, const std::string& reason,
                                    const MailArguments&);

Result<void> run(const MailArguments& arguments, bool with_reason, MailAction action) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  if (!arguments.out.empty() && std::filesystem::exists(arguments.out)) {
    return fail(ErrorCode::state_conflict,
                "There is a file of that name already, and it is not replaced: name another.");
  }
  const auto reason = with_reason ? reason_in(arguments.login) : Result<std::string>("");
  if (!reason) return tl::unexpected(reason.error());
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  const auto referent = log_in((*node)->access(), arguments.login);
  if (!referent) return tl::unexpected(referent.error());
  return action(**node, *referent, *reason, arguments);
}

Result<void> list(Node& node, const User& referent, const std::string&, const MailArguments&) {
  const auto mails = node.service().kept_mails(referent);
  if (!mails) return tl::unexpected(mails.error());
  const auto text = kept_mails_json(node.repository(), *mails);
  if (!text) return tl::unexpected(text.error());
  return print(stdout, *text + "\n");
}

Result<void> open(Node& node, const User& referent, const std::string& reason,
                  const MailArguments& arguments) {
  const auto opened = node.service().open_kept_mail(referent, arguments.id, reason);
  if (!opened) return tl::unexpected(opened.error());
  if (!arguments.out.empty()) return write_new_file(arguments.out, opened->original);
  const auto text = opened_mail_json(node.repository(), *opened);
  if (!text) return tl::unexpected(text.error());
  return print(stdout, *text + "\n");
}

Result<void> file(Node& node, const User& referent, const std::string& reason,
                  const MailArguments& arguments) {
  const auto verdict = node.service().file_mail(referent, arguments.id, arguments.filing, reason);
  if (!verdict) return tl::unexpected(verdict.error());
  return print(stdout, filed_mail_json(*verdict) + "\n");
}

}  // namespace

void add_mail_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<MailArguments>();
  CLI::App* mail = app.add_subcommand("mail", "mails that nobody could file, as JSON");
  mail->require_subcommand(1);
  const auto command = [&](const char* name, const char* what, bool with_reason,
                           MailAction action) {
    CLI::App* sub = mail->add_subcommand(name, what);
    sub->add_option("--config", arguments->config_file, "configuration file");
    sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
    add_login_options(*sub, arguments->login, with_reason ? Reason::needed : Reason::none);
    sub->callback([&chosen, arguments, with_reason, action] {
      chosen = [arguments, with_reason, action] { return run(*arguments, with_reason, action); };
    });
    if (with_reason) sub->add_option("ID", arguments->id, "as listed")->required();
    return sub;
  };
  command("list", "those of the referent's programmes that wait, without their content", false,
          list);
  command("open", "one of them as it is read", true, open)
      ->add_option("--out", arguments->out, "write it as it arrived into this new file instead");
  CLI::App* filing = command("file", "file one", true, file);
  filing->add_option("--into", arguments->filing.as, "what it is")
      ->required()
      ->check(CLI::IsMember({"information", "opinion", "again", "nothing"}));
  filing->add_option("--case", arguments->filing.case_number, "number, for the first two");
}

}  // namespace telavis
