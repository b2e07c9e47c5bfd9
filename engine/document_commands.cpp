// SPDX-License-Identifier: Apache-2.0
#include "engine/document_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/case_records.h"
#include "engine/config.h"
#include "engine/core/crypto.h"
#include "engine/demonstration.h"
#include "engine/files.h"
#include "engine/node.h"
#include "engine/operator_login.h"
#include "mssante/case_document.h"
#include "mssante/case_mailing.h"

namespace telavis {
namespace {

constexpr std::size_t kKeyBytes = 16;  // of the idempotency key of an opening

struct DocumentArguments {
  std::string config_file, data_dir;
  std::string number, kind, out;
  OperatorLogin login;
};

/// The requester of the case, whose password a demonstration keeps.
Result<User> fictive_requester(Node& node, const Case& subject) {
  const auto requester = node.repository().user(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  const auto logins = install_demonstration(node);  // is there: read alone
  if (!logins) return tl::unexpected(logins.error());
  for (const DemonstrationLogin& login : *logins) {
    if (!*requester || login.login != (*requester)->login) continue;
    return node.access().identify(login.login, login.password);
  }
  return fail(ErrorCode::missing_field, "Name who reads the document: --as LOGIN.");
}

Result<User> who_reads(Node& node, const DocumentArguments& arguments, const Case& subject) {
  if (!arguments.login.login.empty()) return log_in(node.access(), arguments.login);
  if (is_demonstration(node.config())) return fictive_requester(node, subject);
  return fail(ErrorCode::missing_field,
              "Name who reads the document: --as LOGIN. It is somebody who sees the case's content "
              "in the browser too; a medical referent also gives --reason-file.");
}

Result<void> open_with_reason(Node& node, const User& actor, const CaseId& id,
                              const OperatorLogin& login) {
  if (login.reason_file.empty()) return {};
  const auto reason = reason_in(login);
  if (!reason) return tl::unexpected(reason.error());
  const auto opened = node.service().open_as_referent(
      actor, "document/" + random_id(node.random(), kKeyBytes), id, *reason);
  if (!opened) return tl::unexpected(opened.error());
  return {};
}

Result<User> user_named(Repository& repository, const UserId& id) {
  auto user = repository.user(id);
  if (!user) return tl::unexpected(user.error());
  if (!*user) {
    return fail(ErrorCode::not_found, "A doctor of this case is no longer on file.");
  }
  return **std::move(user);
}

/// The archive of the report, and before there is one, that of the request; as a professional gets
/// it. It is the same whenever it is asked for.
Result<Bytes> archive_bytes(Node& node, const User& actor, const CaseId& id) {
  const auto opened = node.service().open(actor, id);
  if (!opened) return tl::unexpected(opened.error());
  const Case& subject = opened->subject;
  const auto document =
      read_case_document(node, actor, id, subject.opinion ? CdaKind::tlm_cr : CdaKind::tlm_da);
  if (!document) return tl::unexpected(document.error());
  const auto masking = masking_of(opened->request, false);
  if (!masking) return tl::unexpected(masking.error());
  const Instant at = subject.opinion ? subject.opinion->released_at : subject.submitted_at;
  return document_archive(documents_in_use(node.config()), *document,
                          "document " + document->id_root, at, *masking);
}

Result<Bytes> document_bytes(Node& node, const User& actor, const CaseId& id,
                             const std::string& kind) {
  if (kind == "pdf") return node.service().report(actor, id);
  if (kind == "xdm") return archive_bytes(node, actor, id);
  const CdaKind wanted = kind == cda_kind_name(CdaKind::tlm_da) ? CdaKind::tlm_da : CdaKind::tlm_cr;
  const auto document = read_case_document(node, actor, id, wanted);
  if (!document) return tl::unexpected(document.error());
  return write_cda(*document);
}

Result<void> run(const DocumentArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  if (std::filesystem::exists(arguments.out)) {
    return fail(ErrorCode::state_conflict,
                "There is a file of that name already, and it is not replaced: name another.");
  }
  const auto node = Node::open_beside(*config);
  if (!node) return tl::unexpected(node.error());
  const auto subject = case_named((*node)->repository(), arguments.number);
  if (!subject) return tl::unexpected(subject.error());
  const auto actor = who_reads(**node, arguments, *subject);
  if (!actor) return tl::unexpected(actor.error());
  if (auto opened = open_with_reason(**node, *actor, subject->id, arguments.login); !opened) {
    return opened;
  }
  const auto bytes = document_bytes(**node, *actor, subject->id, arguments.kind);
  if (!bytes) return tl::unexpected(bytes.error());
  return write_new_file(arguments.out, *bytes);
}

}  // namespace

Result<CdaDocument> read_case_document(Node& node, const User& actor, const CaseId& id,
                                       CdaKind kind) {
  const auto opened = node.service().open(actor, id);
  if (!opened) return tl::unexpected(opened.error());
  const Case& subject = opened->subject;
  const auto programme = node.repository().programme(subject.programme);
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme) return fail(ErrorCode::not_found, "The case's programme is not on file.");
  const auto requester = user_named(node.repository(), subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  const DocumentSettings settings = documents_in_use(node.config());
  DocumentInput input{settings, subject, **programme, *requester, opened->request, {}, nullptr, {}};
  if (kind == CdaKind::tlm_da) {
    for (const UserId& named : subject.requested_experts) {
      auto user = user_named(node.repository(), named);
      if (!user) return tl::unexpected(user.error());
      input.recipients.push_back(*std::move(user));
    }
    return request_document(input);
  }
  if (!subject.opinion) return report_document(input);  // says that there is none
  const auto expert = user_named(node.repository(), subject.opinion->expert);
  if (!expert) return tl::unexpected(expert.error());
  const auto report = node.service().report(actor, id);
  if (!report) return tl::unexpected(report.error());
  input.expert = &*expert;
  input.report = *report;
  return report_document(input);
}

void add_document_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<DocumentArguments>();
  CLI::App* sub = app.add_subcommand("document", "a case's request or report, as it would be sent");
  sub->add_option("--config", arguments->config_file, "configuration file");
  sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
  sub->add_option("--case", arguments->number, "id or number of the case")->required();
  sub->add_option("--kind", arguments->kind,
                  "the request, the report, the archive that carries it, or its PDF alone")
      ->required()
      ->check(CLI::IsMember({"tlm-da", "tlm-cr", "xdm", "pdf"}));
  sub->add_option("--out", arguments->out, "a new file; none is replaced")->required();
  add_login_options(*sub, arguments->login, Reason::possible);
  sub->callback([&chosen, arguments] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace telavis
