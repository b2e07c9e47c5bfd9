// SPDX-License-Identifier: Apache-2.0
// A whole engine in a temporary folder, in virtual time: real database, real blobs, real Maildir.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "engine/billing/acts.h"
#include "engine/core/access_desk.h"
#include "engine/core/catalogue.h"
#include "engine/core/registry.h"
#include "engine/core/service.h"
#include "formats/render.h"
#include "mssante/case_mailing.h"
#include "mssante/case_reading.h"
#include "mssante/mail_reader.h"
#include "mssante/maildir.h"
#include "mssante/mime.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"
#include "tests/fakes.h"
#include "tests/faulty.h"
#include "tests/temp_folder.h"

namespace telavis::test {

inline Bytes fixture(const std::string& name) {
  std::ifstream in(std::filesystem::path(TELAVIS_SOURCE_DIR) / "fixtures" / name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline Instant at(const char* text) {
  return parse_instant(text).value();
}

inline const ProgrammeId kRhythmology{"rythmologie"};
inline const ProgrammeId kSecondRhythmology{"rythmologie-2"};  // where a question may go on

/// One expert after the other, by name; one red flag, and nothing mandatory on the form.
inline Programme rhythmology() {
  Programme programme;
  for (const Programme& shipped : shipped_programmes()) {
    if (shipped.id.value == "rythmologie-guadeloupe") programme = shipped;
  }
  programme.id = kRhythmology;
  programme.mailbox = "rythmologie@guadeloupe.telavis.test";
  programme.training_required = false;
  programme.by_mail = false;  // what the web inbox is for; the mail stories turn it on
  programme.form.clear();
  programme.red_flags = {{"st_elevation", "15_now"}};
  return programme;
}

inline User person(const std::string& login, Role role, const ProgrammeId& programme) {
  User user;
  user.id = UserId("u-" + login);
  user.login = login;
  user.title = "Dr";
  user.given_name = "Prénom";
  user.family_name = "Nom" + login;
  user.rpps = "99900000014";
  user.profession = "medecin";
  user.mail_address = login + "@guadeloupe.telavis.test";
  user.mobile_phone = "+590690000000";
  user.territory = "971";
  user.memberships = {{programme, role}};
  return user;
}

inline const std::string kRequestJson = R"({"programme":"rythmologie","patient":{
  "family_name":"ZZPATIENTNAME","given_name":"Camille","birth_date":"1961-03-02","sex":"female"},
  "reason":"rhythm_disorder","question":"ZZQUESTION","context":"ZZCONTEXT",
  "red_flags":{"st_elevation":false},
  "information":{"form":"oral"},"consent":{"given_by":"patient"}})";
inline const std::string kOpinionJson =
    R"({"conclusion":"ZZCONCLUSION","orientation":"gp_management","conduct":"ZZCONDUCT"})";

/// The text with its first `what` replaced.
inline std::string with(std::string text, const std::string& what, const std::string& by) {
  const auto found = text.find(what);
  EXPECT_NE(found, std::string::npos) << what;
  return text.replace(found, what.size(), by);
}

/// A mail as it left: what the port saw, and the words before they were made MIME.
struct LeftMail {
  Instant at;
  MessageKind kind;
  std::string to;
  std::string text;
  std::vector<std::string> attachments;
  std::string key = {};    // of the envelope
  std::string bytes = {};  // hash of what went over the wire
  std::string message_id = {}, in_reply_to = {}, auto_submitted = {};
  std::string mime = {};  // the bytes themselves
};

/// Notes what leaves, and passes it on.
class Postman : public Mailer {
 public:
  Postman(Clock& clock, Mailer& inner) : clock_(clock), inner_(inner) {
    for (int i = 0; i <= static_cast<int>(kLastMessageKind); ++i) {
      const auto kind = static_cast<MessageKind>(i);
      const std::string id = "mail." + std::string(message_kind_name(kind)) + ".subject";
      kinds_[message(kMailLanguage, id, {{"number", "#"}})] = kind;
    }
  }
  Result<Bytes> compose(const MailDraft& draft) {
    note(draft);
    return compose_mime(draft);
  }
  /// What is about to leave, in whichever form.
  void note(const MailDraft& draft) {
    const std::lock_guard lock(mutex_);
    LeftMail mail{draft.date, kind_of(draft.subject), draft.to, draft.text, {}};
    for (const auto& attachment : draft.attachments) mail.attachments.push_back(attachment.name);
    mail.message_id = draft.message_id;
    mail.in_reply_to = draft.in_reply_to;
    mail.auto_submitted = draft.auto_submitted;
    composed_[draft.message_id.substr(0, draft.message_id.find('@'))] = std::move(mail);
  }
  SendResult send(const Envelope& envelope, ByteView mime) override {
    SendResult sent = inner_.send(envelope, mime);
    const std::lock_guard lock(mutex_);
    if (sent.outcome == SendOutcome::accepted) {
      const auto here = composed_.find(envelope.message_key);
      LeftMail mail = here != composed_.end() ? here->second : of_another_life(envelope, mime);
      mail.at = clock_.now();
      mail.key = envelope.message_key;
      mail.bytes = hash_hex(mime);
      mail.mime.assign(mime.begin(), mime.end());
      left_.push_back(std::move(mail));
    }
    return sent;
  }
  std::vector<LeftMail> left() {
    const std::lock_guard lock(mutex_);
    return left_;
  }

 private:
  MessageKind kind_of(const std::string& subject) const {
    static const std::regex number("TE-[0-9]{4}-[A-Z0-9]+");
    // The subject that MSSanté prescribes says no more than that it is one of the documents.
    if (subject.find("XDM/1.0/DDM+") != std::string::npos) return MessageKind::report;
    const auto kind = kinds_.find(std::regex_replace(subject, number, "#"));
    EXPECT_NE(kind, kinds_.end()) << subject;
    return kind == kinds_.end() ? MessageKind::activation_kit : kind->second;
  }
  /// Composed before a crash, and sent after it.
  LeftMail of_another_life(const Envelope& envelope, ByteView mime) const {
    const auto read = read_mail(mime);
    if (!read) return {clock_.now(), MessageKind::activation_kit, envelope.to, {}, {}};  // no mail
    return {clock_.now(), kind_of(read->subject), envelope.to, read->text, {}};
  }

  std::mutex mutex_;
  Clock& clock_;
  Mailer& inner_;
  std::map<std::string, MessageKind> kinds_;  // by subject, the number written as "#"
  std::map<std::string, LeftMail> composed_;  // by outbox id
  std::vector<LeftMail> left_;
};

inline const Key kMasterKey(std::array<std::uint8_t, 32>{1});
inline const Key kLookupKey(std::array<std::uint8_t, 32>{3});

/// What outlives a crash: a folder and the time.
struct Disk : ErasureRecord {
  TempFolder temporary;
  std::filesystem::path folder = temporary.path();
  SimClock clock{at("2026-01-06T12:00:00Z")};
  SeededRandom random{7};
  std::vector<CaseId> erasures;  // as the log of erasures has them
  bool erasure_log_fails = false;
  MailRules mail_rules = {};
  TrayRules tray_rules = {.reader = "1"};
  AccessRules access_rules = {};
  DocumentSettings documents = {};  // no root OID: mails go without them
  MssProfile profile = {};
  bool trust_list_known = true;
  std::function<void()> meanwhile;  // between this line and the commit

  Result<void> erased(const CaseId& id, Instant) override {
    if (erasure_log_fails) return fail(ErrorCode::storage_failed, "planned");
    erasures.push_back(id);
    if (meanwhile) meanwhile();
    return {};
  }
  Result<void> kept(const CaseId& id, Instant) override {
    std::erase(erasures, id);
    return {};
  }
};

/// Drawn as in production, or a few bytes where hundreds are made.
enum class Reports { drawn, plain };

/// One run of the engine on a disk. With a plan, every call of a port may fail.
struct Engine {
  explicit Engine(Disk& disk, FaultPlan* plan = nullptr, Reports reports = Reports::drawn,
                  const ExamLimits& limits = {})
      : clock(disk.clock),
        tariffs(TariffTable::embedded().value()),
        repository(open_sqlite_repository({disk.folder / "telavis.db",
                                           [&disk] { return to_epoch_ms(disk.clock.now()); }})
                       .value()),
        blobs(FileBlobStore::open(disk.folder / "blobs").value()),
        mailer(disk.folder / "maildir"),
        postman(disk.clock, mailer),
        faulty_repository(*repository, plan == nullptr ? no_faults : *plan),
        faulty_blobs(blobs, plan == nullptr ? no_faults : *plan),
        faulty_mailer(postman, plan == nullptr ? no_faults : *plan),
        service({disk.clock,
                 disk.random,
                 faulty_repository,
                 faulty_blobs,
                 faulty_mailer,
                 [this](const MailDraft& draft) { return postman.compose(draft); },
                 [this](const ActContext& context) { return price_acts(tariffs, context); },
                 [this, reports](const ReportContent& content) {
                   if (drawn) drawn(content);
                   return reports == Reports::drawn ? render_report_pdf(content)
                                                    : plain_report(content);
                 },
                 normalise_exam,
                 limits,
                 &disk,
                 read_mail,
                 [&disk](std::string_view address, std::string_view) {
                   if (!disk.trust_list_known) return MailTrust::unknown;
                   return address.ends_with("@guadeloupe.telavis.test") ? MailTrust::member
                                                                        : MailTrust::outsider;
                 },
                 {},
                 disk.mail_rules,
                 document_port(disk),
                 citizen_port(disk),
                 read_case_documents,
                 disk.tray_rules},
                {KeyRing({kMasterKey}), Key(std::array<std::uint8_t, 32>{2}), kLookupKey}),
        access({{disk.clock, disk.random, faulty_repository,
                 [this](const MailDraft& draft) { return postman.compose(draft); },
                 [this] { return service.node_mail_key(); }},
                [this] { return service.ring(); },
                kLookupKey},
               disk.access_rules),
        registry({disk.clock, disk.random, faulty_repository,
                  [this](const MailDraft& draft) { return postman.compose(draft); },
                  [this](const UserId& expert, bool holds_on) -> Result<void> {
                    const auto looked_at = service.expert_gone(expert, holds_on);
                    if (!looked_at) return tl::unexpected(looked_at.error());
                    return {};
                  },
                  [this] { return service.node_mail_key(); }}) {
    EXPECT_TRUE(repository->release_leases());
  }

  std::function<Result<Bytes>(const DocumentMail&)> document_port(const Disk& disk) {
    if (disk.documents.root_oid.empty()) return {};
    return [this, &disk](const DocumentMail& mail) {
      postman.note(mail.mail);
      auto mime = compose_document_mail(disk.documents, disk.profile, mail);
      // Whichever node composes it, and however often: it is one message.
      const auto again = compose_document_mail(disk.documents, disk.profile, mail);
      EXPECT_EQ(mime.value_or(Bytes()), again.value_or(Bytes()));
      return mime;
    };
  }
  static std::function<std::string(const CaseRequest&)> citizen_port(const Disk& disk) {
    if (disk.documents.root_oid.empty()) return {};
    return [&disk](const CaseRequest& request) {
      return citizen_box(disk.documents, disk.profile, request);
    };
  }

  static Result<Bytes> plain_report(const ReportContent&) {
    constexpr std::string_view kText = "%PDF-1.4 of a test";
    return Bytes(kText.begin(), kText.end());
  }

  Change by_operator() const { return {clock.now(), "operator", std::nullopt}; }
  Result<void> put(const User& user) {
    auto done = repository->put_user(user, by_operator());
    EXPECT_TRUE(done) << (done ? "" : done.error().text);
    return done;
  }
  /// The next version of it.
  Result<void> put(Programme programme) {
    const auto known = repository->programme(programme.id);
    programme.version = *known ? (*known)->version + 1 : 1;
    auto done = repository->put_programme(programme, by_operator());
    EXPECT_TRUE(done) << (done ? "" : done.error().text);
    return done;
  }

  /// One GP, two experts, coordinator, treasurer, referent, admin, and strangers.
  void enrol() {
    put(rhythmology());
    for (const User& user :
         {gp, other_gp, expert_a, expert_b, coordinator, treasurer, referent, admin}) {
      put(user);
    }
  }

  Case load(const CaseId& id) { return repository->load_case(id).value().value(); }
  /// The expert who has the case, or else the first who is asked.
  User expert_of(const CaseId& id) {
    const Case subject = load(id);
    std::optional<UserId> expert = subject.expert;
    for (const Offer& offer : subject.offers) {
      if (!expert && offer.outcome == OfferOutcome::pending) expert = offer.expert;
    }
    EXPECT_TRUE(expert) << case_state_name(subject.state);
    return expert ? repository->user(*expert).value().value() : expert_a;
  }
  /// A command that must be done, with a key of its own.
  Case done(const User& actor, std::string_view name, const CaseId& id,
            const std::string& body = "{}", const std::vector<UploadedFile>& files = {}) {
    const auto receipt =
        service.command(actor, name, "done-" + std::to_string(++keys_), id, body, files);
    EXPECT_TRUE(receipt) << name << ": " << (receipt ? "" : receipt.error().text);
    return load(id);
  }
  /// Why a command is refused.
  ErrorCode refused(const User& actor, std::string_view name, const CaseId& id,
                    const std::string& body = "{}") {
    const auto receipt =
        service.command(actor, name, "refused-" + std::to_string(++keys_), id, body);
    EXPECT_FALSE(receipt) << name;
    return receipt ? ErrorCode::internal : receipt.error().code;
  }

  /// Timers and outbox until nothing is due. False: something failed on the way.
  bool settle() {
    for (int round = 0; round < 20; ++round) {
      const auto fired = service.run_timers(100);
      const auto sent = service.deliver_messages(100);
      if (!fired || !sent) return false;
      if (*fired + *sent == 0) return true;
    }
    return false;
  }

  User gp = person("gp", Role::requester, kRhythmology);
  User other_gp = person("othergp", Role::requester, kRhythmology);
  User expert_a = person("experta", Role::expert, kRhythmology);
  User expert_b = person("expertb", Role::expert, kRhythmology);
  User coordinator = person("coordinator", Role::coordinator, kRhythmology);
  User treasurer = person("treasurer", Role::treasurer, kRhythmology);
  User referent = person("referent", Role::medical_referent, kRhythmology);
  User admin = person("admin", Role::admin, ProgrammeId());

  std::function<void(const ReportContent&)> drawn;  // told each report before it is drawn
  SimClock& clock;
  FaultPlan no_faults;
  TariffTable tariffs;
  std::unique_ptr<Repository> repository;
  FileBlobStore blobs;
  MaildirMailer mailer;
  Postman postman;
  FaultyRepository faulty_repository;
  FaultyBlobStore faulty_blobs;
  FaultyMailer faulty_mailer;
  Service service;
  AccessDesk access;
  Registry registry;

 private:
  int keys_ = 0;
};

/// Mails of one address, whichever folder of the Maildir they are in.
inline std::vector<std::string> mails_of(const Disk& disk, const std::string& address) {
  std::vector<std::string> mails;
  for (const char* part : {"new", "cur"}) {
    const auto folder = disk.folder / "maildir" / address / part;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      mails.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  return mails;
}

}  // namespace telavis::test
