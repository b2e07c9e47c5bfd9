// SPDX-License-Identifier: Apache-2.0
// What the service is given by main.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/core/ports.h"
#include "formats/exam.h"
#include "formats/render.h"

namespace telavis {

/// A mail to be composed. Text is in the recipient's language and already free of what MSSanté does
/// not allow in it.
struct MailDraft {
  std::string message_id;  // without angle brackets: "<outbox id>@<domain>"
  std::string from_label;
  std::string from;
  std::string to;
  std::string subject;
  std::string text;  // text/plain, UTF-8
  Instant date;
  std::string in_reply_to;  // Message-ID of the first message of the case to this person, or empty
  struct Attachment {
    std::string name;
    std::string media_type;
    Bytes bytes;
  };
  std::vector<Attachment> attachments;
};

/// What billing needs to price a case's acts; the rules stand in engine/billing.
struct ActContext {
  Case subject;
  User expert;
  User requester;
  Programme programme;
  std::string care_date;  // local date of the opinion
};

/// What is kept outside the database, so that a restore of an older backup erases a case again.
class ErasureRecord {
 public:
  virtual ~ErasureRecord() = default;
  /// Called before the commit: without this line nothing is erased. Errors: storage_full,
  /// storage_failed.
  virtual Result<void> erased(const CaseId& id, Instant at) = 0;
  /// Takes the line back: the commit lost, and what won (a legal hold) keeps the case. Errors: as
  /// erased().
  virtual Result<void> kept(const CaseId& id, Instant at) = 0;
};

/// Given by main: the domain does not include its neighbours.
struct ServicePorts {
  Clock& clock;
  Random& random;
  Repository& repository;
  BlobStore& blobs;
  Mailer& mailer;
  std::function<Result<Bytes>(const MailDraft&)> compose_mail;
  std::function<std::vector<BillableAct>(const ActContext&)> price_acts;
  /// render_report_pdf, or what stands for it where a hundred thousand are made.
  std::function<Result<Bytes>(const ReportContent&)> render_report;
  /// normalise_exam, or a form of it that survives the decoders of other people.
  std::function<Result<NormalisedExam>(ByteView)> normalise;
  ExamLimits exam_limits;
  ErasureRecord* erasures = nullptr;  // none where nothing is ever restored
};

}  // namespace telavis
