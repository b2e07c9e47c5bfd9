// SPDX-License-Identifier: Apache-2.0
// The report before its opinion is signed.
#include <utility>

#include "engine/core/report.h"
#include "engine/core/service.h"

namespace telavis {

Result<Bytes> Service::preview(const User& actor, const CaseId& id, std::string_view opinion_json) {
  return audited(actor, "preview", preview_checked(actor, id, opinion_json));
}

Result<Bytes> Service::preview_checked(const User& actor, const CaseId& id,
                                       std::string_view opinion_json) {
  const auto subject = case_with_access(actor, id, CaseAccess::content);
  if (!subject) return tl::unexpected(subject.error());
  const auto data_key = applier_.data_key(*subject);
  if (!data_key) return tl::unexpected(data_key.error());
  const Instant now = ports_.clock.now();
  std::vector<std::string> marks, joins;
  const std::vector<UploadedFile> no_files;
  auto body = signed_opinion(
      {actor, *subject, *data_key, opinion_json, no_files, now, marks, joins}, opinion_json, "");
  if (!body) return tl::unexpected(body.error());
  const auto decision = decide(&*subject, {"preview", now, actor.id, Role::expert, *body});
  if (!decision) return tl::unexpected(decision.error());
  const Case& signed_case = decision->next;
  const bool his = signed_case.pending_opinion && signed_case.pending_opinion->expert == actor.id;
  if (!his) {
    return fail(ErrorCode::state_conflict,
                "This case waits for no opinion of yours: load it again to see where it stands.");
  }
  const auto programme = applier_.programme_of(signed_case);
  if (!programme) return tl::unexpected(programme.error());
  const auto requester = applier_.person(signed_case.requester);
  if (!requester) return tl::unexpected(requester.error());
  const auto request = applier_.request_of(signed_case);
  if (!request) return tl::unexpected(request.error());
  const auto opinion = opinion_of(signed_case, signed_case.pending_opinion->sealed);
  if (!opinion) return tl::unexpected(opinion.error());
  const ActContext about{signed_case, actor, *requester, *programme};
  const auto acts = acts_of(about, *request, *opinion);
  if (!acts) return tl::unexpected(acts.error());
  auto content = report_about_to_leave(about, *request, *opinion, *acts, now);
  if (!content) return tl::unexpected(content.error());
  // On every page: it must not be taken for the report.
  content->title = message(kMailLanguage, "report.preview.title");
  content->footer = message(kMailLanguage, "report.preview.footer", {{"number", subject->number}});
  if (const auto recorded = record_read(actor, id, event::ContentRead{"preview"}); !recorded) {
    return tl::unexpected(recorded.error());
  }
  return ports_.render_report(*content);
}

}  // namespace telavis
