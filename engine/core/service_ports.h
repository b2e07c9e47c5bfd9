// SPDX-License-Identifier: Apache-2.0
// What the service is given by main.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/core/incoming_mail.h"
#include "engine/core/mail_trust.h"
#include "engine/core/ports.h"
#include "engine/core/request.h"
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
  std::string in_reply_to;  // Message-ID of the mail that this one answers, or empty
  /// RFC 3834: no machine answers what says so, ours included.
  std::string auto_submitted = "auto-generated";  // or "auto-replied"
  struct Attachment {
    std::string name;
    std::string media_type;
    Bytes bytes;
    /// Left out, and the text says so, when the mail would be larger than its operator takes; the
    /// last ones first.
    bool dispensable = false;
  };
  std::vector<Attachment> attachments;
  /// Message-IDs of the thread, oldest first, when it is longer than what is answered.
  std::vector<std::string> references = {};
};

/// A mail that carries a patient's document: the clinical document of the case in its archive, and
/// the PDF made from it (MSSanté, ECO.2.1.1).
struct DocumentMail {
  MailDraft mail;  // its attachments are exams as they came
  MessageKind kind = MessageKind::report;
  Bytes pdf;
  const Case& subject;
  const Programme& programme;
  const User& requester;
  const CaseRequest& request;
  std::vector<User> named_experts = {};  // whom the requester named
  std::optional<User> expert = {};       // who signed; none: the document is the request
  bool to_citizen = false;
  bool replaces = false;  // the message that mail.in_reply_to names
};

/// A request for an opinion in the documents of another system.
struct ReceivedRequest {
  std::string document;  // its identifier, the same for all versions
  std::int64_t version = 1;
  /// Identity and clinical items; no programme, nothing of the sender.
  CaseRequest request;
  std::string text;  // the narrative, a line a paragraph
  std::vector<MailAttachment> files;
};
struct ReceivedDocuments {
  std::optional<ReceivedRequest> request;  // none: rejected, or there is no request
  std::vector<std::string> rejections;     // codes; with one of them nothing may be taken
  std::vector<std::string> flags;          // likewise: a person should know
};

/// An act that was made before, of a case that is the same patient's.
struct PatientAct {
  /// How sure that is: the same INS; the same names, birth and sex; or it cannot be told.
  enum class Match { ins, traits, doubtful };
  BillableAct act;
  Match match = Match::ins;
};

/// What billing needs to price a case's acts; the rules stand in engine/billing.
struct ActContext {
  Case subject;
  User expert;
  User requester;
  Programme programme;
  std::string care_date;  // local date of the opinion in the programme's zone
  Instant signed_at{};
  bool data_sufficient = true;  // the expert could answer the question
  bool qualified_ins = false;
  std::vector<PatientAct> known = {};  // of these two for the patient, a year back at least
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

/// How much is sent by mail.
struct MailRules {
  /// Of one message on the wire; an operator refuses what is larger (10 MB is usual; unverified).
  std::size_t size_limit_bytes = 10'000'000;
  /// Answers to mails of one sender in an hour: more is a loop, or somebody to telephone to.
  std::size_t answers_an_hour = 30;
  /// After an attempt to send that failed; each further one doubles it, up to an hour.
  Duration first_retry = std::chrono::minutes(1);
};

/// How much a device may leave, and for how long it is kept.
struct TrayRules {
  /// A practice makes a dozen tracings a day; a whole set of photos is twenty files.
  std::int64_t exams_an_hour = 240;
  std::int64_t bytes_a_day = 2'000'000'000;
  /// What nobody has asked about by then goes: the device has its own copy.
  std::chrono::days kept = std::chrono::days(30);
  std::string reader;  // the engine's version: unreadable exams are tried again with another
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
  // ---- of incoming mail; all empty where none is read
  /// Errors: malformed_file (no mail can be read in the bytes).
  std::function<Result<IncomingMail>(ByteView)> read_mail = {};
  /// Of who sent a mail, by From and the return path (empty: it has none). `unknown`: the mail
  /// waits until it is known.
  std::function<MailTrust(std::string_view from, std::string_view return_path)> trust_in_sender =
      {};
  /// The files of a ZIP archive. Errors: malformed_file, limit_exceeded.
  std::function<Result<std::vector<MailAttachment>>(ByteView)> unpack_zip = {};
  MailRules mail_rules = {};
  // ---- of clinical documents; all empty where none is made or read
  /// The whole mail; the same again gives the same bytes. Errors: those of compose_mail;
  /// missing_field, invalid_field, limit_exceeded, forbidden: this document cannot be made of this
  /// case, or not be sent to this recipient.
  std::function<Result<Bytes>(const DocumentMail&)> compose_documents = {};
  /// The patient's own mailbox; empty: his identity is not qualified.
  std::function<std::string(const CaseRequest&)> citizen_address = {};
  /// nullopt: these bytes are no clinical document and no archive of such.
  std::function<std::optional<ReceivedDocuments>(ByteView)> read_documents = {};
  TrayRules tray_rules = {};
};

}  // namespace telavis
