// SPDX-License-Identifier: Apache-2.0
// What the messages of a programme by mail carry: the question, its exams, the latest words.
#include <algorithm>
#include <utility>

#include "engine/core/case_mail.h"
#include "engine/core/exam_intake.h"
#include "engine/core/letters.h"
#include "engine/core/service_apply.h"

namespace telavis {
namespace {

/// The words and headers of a mail beside its files.
constexpr std::size_t kRoomForText = 100'000;

/// The files that a requester sent with his answer.
const BlobRef* sent_with(const EventBody& body) {
  const auto* info = std::get_if<event::Info>(&body);
  return info == nullptr || info->more_exams_blob.empty() ? nullptr : &info->more_exams_blob;
}

}  // namespace

Result<std::vector<ArchivedExam>> EventApplier::exams_in(const Case& subject,
                                                         const BlobRef& blob) const {
  const auto key = data_key(subject);
  if (!key) return tl::unexpected(key.error());
  const auto sealed = ports_.blobs.get(blob);
  if (!sealed) return tl::unexpected(sealed.error());
  const auto plain = unseal_stream(*key, "exams/" + blob.value, *sealed);
  if (!plain) return tl::unexpected(plain.error());
  return unpack_exams(*plain);
}

Result<bool> EventApplier::is_shared(const std::string& address) const {
  const auto users = ports_.repository.users();
  if (!users) return tl::unexpected(users.error());
  return std::ranges::count(*users, address, &User::mail_address) > 1;
}

Result<std::string> EventApplier::words_of(const Composition& common, const DialogueItem& item) {
  if (item.sealed.empty()) return std::string();
  const auto words = unseal(common.data_key, "dialogue/" + common.subject.id.value, item.sealed);
  if (!words) return tl::unexpected(words.error());
  return std::string(as_text(*words));
}

Result<void> EventApplier::put_added(Composition& common) {
  for (const DialogueItem& item : common.subject.dialogue) {
    if (item.kind != DialogueKind::info) continue;
    const auto words = words_of(common, item);
    if (!words) return tl::unexpected(words.error());
    common.added += (common.added.empty() ? "" : "\n\n") + *words;
  }
  if (common.added.empty()) return {};
  common.question += "\n" + message(kMailLanguage, "letter.added") + " :\n" + common.added + "\n";
  return {};
}

Result<void> EventApplier::put_content(const std::vector<MessageDraft>& drafts,
                                       Composition& common) {
  if (!common.programme.by_mail) return {};
  const Case& subject = common.subject;
  if (!subject.dialogue.empty()) {
    auto words = words_of(common, subject.dialogue.back());
    if (!words) return tl::unexpected(words.error());
    common.dialogue = std::move(*words);
  }
  const BlobRef* added = sent_with(common.event.body);
  // The letter after a red flag shows the exams too.
  const bool question = std::ranges::any_of(drafts, [](const MessageDraft& draft) {
    return carries_question(draft.kind) || draft.kind == MessageKind::emergency;
  });
  if (!question && added == nullptr) return {};
  const auto request = request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto local = local_time(common.now, common.programme.time_zone);
  if (!local) return tl::unexpected(local.error());
  common.question = question_in_words(*request, subject.exams, local->date, kMailLanguage);
  if (auto put = put_added(common); !put) return put;
  common.sensitive_photos = has_sensitive_photos(*request, common.programme, local->date);
  const std::vector<BlobRef> blobs = question ? subject.exam_blobs : std::vector<BlobRef>{*added};
  for (const BlobRef& blob : blobs) {
    auto exams = exams_in(subject, blob);
    if (!exams) return tl::unexpected(exams.error());
    std::ranges::move(*exams, std::back_inserter(common.exams));
  }
  if (!ports_.exam_limits.ecg.exchanged_electrodes) leave_out_clinical_hints(common.exams);
  return {};
}

Result<Bytes> EventApplier::question_pdf(const Composition& common, const std::string& exit,
                                         bool without_photos) {
  std::vector<ArchivedExam> exams;
  for (const ArchivedExam& exam : common.exams) {
    const bool photo = std::holds_alternative<SkinPhoto>(exam.normalised.exam);
    if (!photo || !without_photos) exams.push_back(exam);
  }
  return letter_pdf(common, exit, exams);
}

Result<Bytes> EventApplier::letter_pdf(const Composition& common, const std::string& exit,
                                       const std::vector<ArchivedExam>& exams) {
  const auto request = request_of(common.subject);
  if (!request) return tl::unexpected(request.error());
  const auto requester = person(common.subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  const LetterInput input{common.programme,
                          *requester,
                          *request,
                          exams,
                          common.subject.number,
                          exit,
                          common.now,
                          kMailLanguage,
                          exit == kInformationExit ? common.dialogue : common.added};
  const bool to_expert = exit == kQuestionExit || exit == kInformationExit;
  const auto content = to_expert ? question_content(input) : transfer_letter_content(input);
  if (!content) return tl::unexpected(content.error());
  return ports_.render_report(*content);
}

Result<void> EventApplier::attach(const Composition& common, MessageKind kind, bool shared,
                                  MailDraft& mail, std::string& notes) {
  if (is_report(kind)) {
    mail.attachments.push_back(
        {common.subject.number + "_compte_rendu.pdf", "application/pdf", common.report});
    return {};
  }
  if (kind == MessageKind::refusal) {
    auto pdf = refusal_pdf(common);
    if (!pdf) return tl::unexpected(pdf.error());
    mail.attachments.push_back(
        {common.subject.number + "_refus.pdf", "application/pdf", std::move(*pdf)});
    return {};
  }
  if (kind == MessageKind::emergency && common.subject.state == CaseState::redirected) {
    auto pdf = letter_pdf(common, common.subject.redirect_exit, common.exams);
    if (!pdf) return tl::unexpected(pdf.error());
    mail.attachments.push_back(
        {common.subject.number + "_courrier.pdf", "application/pdf", std::move(*pdf)});
    return {};
  }
  const bool question = common.programme.by_mail && carries_question(kind);
  const bool added = common.programme.by_mail && kind == MessageKind::info_given;
  if (!question && !added) return {};
  const auto read_by_several = is_shared(mail.to);
  if (!read_by_several) return tl::unexpected(read_by_several.error());
  const bool withhold = (shared || *read_by_several) && common.sensitive_photos;
  std::size_t budget = ports_.mail_rules.size_limit_bytes;
  budget -= std::min(budget, kRoomForText);
  if (question || !common.exams.empty()) {
    const std::string exit(question ? kQuestionExit : kInformationExit);
    auto pdf = question_pdf(common, exit, withhold);
    if (!pdf) return tl::unexpected(pdf.error());
    if (!withhold && wire_bytes(pdf->size()) > budget) {
      // Its photos follow as files, as small as they must be.
      pdf = question_pdf(common, exit, true);
      if (!pdf) return tl::unexpected(pdf.error());
    }
    budget -= std::min(budget, wire_bytes(pdf->size()));
    const std::string_view name = question ? "_demande.pdf" : "_complement.pdf";
    mail.attachments.push_back(
        {common.subject.number + std::string(name), "application/pdf", std::move(*pdf)});
  }
  ExamFiles files = exam_files(common.subject.number, common.exams, withhold, budget);
  // Whatever else comes into the mail, the question leaves.
  for (MailDraft::Attachment& file : files.files) file.dispensable = true;
  std::ranges::move(files.files, std::back_inserter(mail.attachments));
  for (const std::string& note : files.notes) notes += message(kMailLanguage, note) + "\n";
  return {};
}

}  // namespace telavis
