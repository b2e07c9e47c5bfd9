// SPDX-License-Identifier: Apache-2.0
#include "engine/node.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/audit_sinks.h"
#include "engine/billing/acts.h"
#include "engine/confined.h"
#include "engine/core/durable_file.h"
#include "engine/demonstration.h"
#include "engine/http/self_signed.h"
#include "engine/keys.h"
#include "engine/log.h"
#include "engine/mail_archive.h"
#include "mssante/case_mailing.h"
#include "mssante/case_reading.h"
#include "mssante/mail_reader.h"
#include "mssante/maildir.h"
#include "mssante/mime.h"
#include "mssante/smtp_mailer.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxTariffBytes = 1 << 20;
constexpr std::size_t kBatch = 100;  // of timers or messages: bounds how long a stop has to wait
constexpr std::chrono::seconds kKeysPause(5);  // until a changed key file is taken up
constexpr std::chrono::minutes kRootPause(1);  // a daily root is at most a minute late
constexpr std::chrono::hours kExpiryPause(1);  // of what expires by the day
constexpr std::size_t kExpiryBatch = 1000;     // some 20 ms of the writer at a time
constexpr std::chrono::minutes kDigestPause(1);
constexpr std::chrono::minutes kTidyPause(5);   // sessions and codes that have ended
constexpr std::chrono::minutes kTrustPause(1);  // it knows itself when the list is to be renewed
constexpr std::chrono::seconds kProbePause(10);
// What a probe of the blob store writes: a disk that takes this takes an exam.
constexpr std::size_t kProbeBytes = 64 * 1024;

std::filesystem::path database_of(const Config& config) {
  return config.data_dir / "telavis.db";
}

/// On the disk when it returns: what is put into it must not be lost with it.
Result<void> make_folder(const std::filesystem::path& folder) {
  const auto made = make_folder_durably(folder);
  if (!made) {
    return fail(made.error().code,
                "Cannot make the folder " + folder.string() + ": " + made.error().text + ".");
  }
  std::error_code failed;
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  if (!failed) return {};
  return fail(ErrorCode::storage_failed,
              "Cannot keep others out of " + folder.string() + ": " + failed.message() + ".");
}

/// When the database was last written, by the file system: no instant that it holds is later, but
/// for those that are yet to come.
Instant last_written(const std::filesystem::path& database) {
  Instant newest;
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::path file = database;
    file += suffix;
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) continue;
    newest = std::max(newest, Instant(std::chrono::seconds(status.st_mtim.tv_sec)));
  }
  return newest;
}

Result<void> make_certificate(const Config& config, Instant now) {
  if (std::filesystem::exists(config.certificate_file)) return {};
  const auto pair = make_self_signed("localhost", now);
  if (!pair) return tl::unexpected(pair.error());
  auto key = write_file(config.certificate_key_file, as_bytes(pair->key_pem), FileMode::secret);
  if (!key) return key;
  return write_file(config.certificate_file, as_bytes(pair->certificate_pem), FileMode::plain);
}

Result<TariffTable> tariffs_of(const Config& config) {
  if (config.tariffs_file.empty()) return TariffTable::embedded();
  const auto bytes = read_file(config.tariffs_file, kMaxTariffBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  return TariffTable::parse(as_text(*bytes));
}

/// Our own codecs run here; those of other people in a process that may die.
auto guarded(Decoders& decoders) {
  return [&decoders](ByteView file) -> Result<NormalisedExam> {
    return decoded_by_libraries(sniff(file)) ? decoders.normalise(file) : normalise_exam(file);
  };
}

Result<void> check_folder(const Config& config) {
  if (std::filesystem::exists(config.data_dir)) return {};
  return fail(ErrorCode::not_found,
              "There is no " + config.data_dir.string() + ": run `telavis init` first.");
}

/// A folder with sealed files and no database has lost it: starting with an empty one would hide
/// that until it is too late to bring the old one back.
Result<void> check_database(const Config& config) {
  const auto blobs = config.data_dir / "blobs";
  if (std::filesystem::exists(database_of(config)) || !std::filesystem::exists(blobs)) return {};
  return fail(ErrorCode::not_found, "The database telavis.db is gone from " +
                                        config.data_dir.string() +
                                        ": put it back or restore a backup. To begin anew, name "
                                        "another data_dir.");
}

/// Those of the configuration; in a demonstration its fictive people may be let off.
Result<AccessRules> access_rules_of(const Config& config) {
  AccessRules rules = config.access;
  if (!config.demonstration_without_second_factor) return rules;
  if (!is_demonstration(config)) {
    return fail(ErrorCode::configuration_invalid,
                "access.demonstration_without_second_factor is for a demonstration only, and " +
                    config.data_dir.string() + " is none: leave it out.");
  }
  const auto logins = demonstration_logins(config);
  if (!logins) return tl::unexpected(logins.error());
  for (const DemonstrationLogin& login : *logins) rules.exempt.insert(login.login);
  return rules;
}

/// To the operators' servers.
Result<std::unique_ptr<SmtpMailer>> smtp_mailer_of(const Config& config) {
  if (auto checked = check_mail_keys(config.mail); !checked) return tl::unexpected(checked.error());
  std::vector<SmtpAccount> accounts;
  for (const MailboxConfig& mailbox : config.mail.mailboxes)
    accounts.push_back({mailbox.submission, tokens_of(mailbox)});
  SmtpOptions options;
  options.delivery_reports = config.mail.delivery_reports;
  // Never so long that a retry finds the account still at rest.
  options.rest = std::min(options.rest, config.mail.first_retry / 2);
  return std::make_unique<SmtpMailer>(std::move(accounts), options, smtp_ports(log_error));
}

}  // namespace

Result<void> initialise(const Config& config, Random& random, Instant now) {
  for (const std::filesystem::path& folder :
       {config.data_dir, config.master_key_file.parent_path(), config.seal_key_file.parent_path(),
        config.lookup_key_file.parent_path(), config.backup_key_file.parent_path(),
        config.certificate_file.parent_path(), config.certificate_key_file.parent_path(),
        config.maildir}) {
    if (auto made = make_folder(folder); !made) return made;
  }
  for (const std::filesystem::path& file : {config.master_key_file, config.seal_key_file,
                                            config.lookup_key_file, config.backup_key_file}) {
    if (auto made = create_key_file(file, random); !made) return made;
  }
  return make_certificate(config, now);
}

Node::Node(Config config, std::optional<FolderLock> lock, TariffTable tariffs)
    : config_(std::move(config)),
      lock_(std::move(lock)),
      tariffs_(std::move(tariffs)),
      clock_watch_(look_at_clocks(), last_written(database_of(config_)), config_.clock_jump_hold),
      storage_trouble_(log_error),
      erasures_(config_.data_dir / "erasures.jsonl") {}

Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(const Config& config) {
  if (auto there = check_folder(config); !there) return tl::unexpected(there.error());
  if (auto there = check_database(config); !there) return tl::unexpected(there.error());
  if (auto made = make_sqlite_file(database_of(config)); !made) return tl::unexpected(made.error());
  auto lock = FolderLock::take(config.data_dir, database_of(config));
  if (!lock) return tl::unexpected(lock.error());
  auto node = assemble(config, std::move(*lock));
  if (!node) return node;
  // This process holds the folder alone: whatever was leased was leased by one that is gone.
  if (const auto released = (*node)->repository().release_leases(); !released) {
    return tl::unexpected(released.error());
  }
  if (const auto settled = (*node)->erasures_.settle((*node)->repository(), (*node)->clock_.now());
      !settled)
    return tl::unexpected(settled.error());
  if (auto wired = (*node)->wire_devices(); !wired) return tl::unexpected(wired.error());
  return node;
}

Result<std::unique_ptr<Node>> Node::open_beside(const Config& config) {
  if (auto there = check_folder(config); !there) return tl::unexpected(there.error());
  if (auto there = check_database(config); !there) return tl::unexpected(there.error());
  if (auto alone = FolderLock::check_beside(config.data_dir, database_of(config)); !alone)
    return tl::unexpected(alone.error());
  return assemble(config, std::nullopt);
}

Result<std::unique_ptr<Node>> Node::assemble(const Config& config, std::optional<FolderLock> lock) {
  auto tariffs = tariffs_of(config);
  if (!tariffs) return tl::unexpected(tariffs.error());
  std::unique_ptr<Node> node(new Node(config, std::move(lock), std::move(*tariffs)));

  auto master = read_master_keys(config.master_key_file);
  if (!master) return tl::unexpected(master.error());
  const auto seal_seed = read_key_file(config.seal_key_file);
  if (!seal_seed) return tl::unexpected(seal_seed.error());
  const auto lookup = read_key_file(config.lookup_key_file);
  if (!lookup) return tl::unexpected(lookup.error());
  node->seal_public_key_ = SealKey(*seal_seed).public_key();

  auto repository = open_sqlite_repository({database_of(config), {}});
  if (!repository) return tl::unexpected(repository.error());
  node->repository_ = std::move(*repository);
  auto blobs = FileBlobStore::open(config.data_dir / "blobs");
  if (!blobs) return tl::unexpected(blobs.error());
  node->blobs_ = std::make_unique<FileBlobStore>(std::move(*blobs));
  node->blob_sweep_ =
      std::make_unique<BlobSweep>(*node->blobs_, *node->repository_, node->clock_, uptime);
  if (auto wired = node->wire_mailer(); !wired) return tl::unexpected(wired.error());
  const TariffTable& table = node->tariffs_;
  const auto compose = [profile = config.mss_profile](const MailDraft& draft) {
    return compose_mime_as(profile, draft);
  };
  ExamLimits limits = config.exam_limits;
  limits.ecg.exchanged_electrodes = config.clinical_tools.enabled;
  ServicePorts ports{node->clock_,
                     node->random_,
                     *node->repository_,
                     *node->blobs_,
                     *node->mailer_,
                     compose,
                     [&table](const ActContext& context) { return price_acts(table, context); },
                     render_report_pdf,
                     guarded(node->decoders_),
                     limits,
                     &node->erasures_};
  node->wire_reading(ports);
  node->wire_documents(ports);
  ports.tray_rules = config.tray;
  ports.tray_rules.reader = TELAVIS_VERSION;
  node->service_ = std::make_unique<Service>(std::move(ports),
                                             ServiceKeys{KeyRing(*master), *seal_seed, *lookup});
  node->master_keys_ = std::move(*master);
  Service& service = *node->service_;
  node->registry_ = std::make_unique<Registry>(
      RegistryPorts{node->clock_, node->random_, *node->repository_, compose,
                    [&service](const UserId& expert, bool holds_on) -> Result<void> {
                      const auto looked_at = service.expert_gone(expert, holds_on);
                      if (!looked_at) return tl::unexpected(looked_at.error());
                      return {};
                    },
                    [&service] { return service.node_mail_key(); }});
  auto rules = access_rules_of(config);
  if (!rules) return tl::unexpected(rules.error());
  node->access_ = std::make_unique<AccessDesk>(
      AccessDesk::Ports{{node->clock_, node->random_, *node->repository_, compose,
                         [&service] { return service.node_mail_key(); }},
                        [&service] { return service.ring(); },
                        *lookup},
      std::move(*rules));
  node->mailboxes_ = std::make_unique<Mailboxes>(node->config_, service, node->clock_);
  if (!config.root_sinks.empty()) {
    node->rooter_ = std::make_unique<AuditRooter>(
        node->clock_, *node->repository_, SealKey(*seal_seed),
        RootingOptions{config.root_schedule, TELAVIS_VERSION}, root_sinks(config, service));
  }
  return node;
}

void Node::wire_reading(ServicePorts& ports) {
  ports.read_mail = [](ByteView bytes) { return telavis::read_mail(bytes); };
  ports.trust_in_sender = [this](std::string_view from, std::string_view return_path) {
    return trust_in_sender(from, return_path);
  };
  ports.unpack_zip = unpack_mail_archive;
  ports.mail_rules = mail_rules();
}

void Node::wire_documents(ServicePorts& ports) const {
  ports.read_documents = read_case_documents;
  const DocumentSettings& settings = config_.documents;
  if (settings.root_oid.empty()) return;
  const MssProfile& profile = config_.mss_profile;
  ports.compose_documents = [&settings, &profile](const DocumentMail& mail) {
    return compose_document_mail(settings, profile, mail);
  };
  ports.citizen_address = [&settings, &profile](const CaseRequest& request) {
    return citizen_box(settings, profile, request);
  };
}

Result<void> Node::wire_mailer() {
  if (config_.mail.mailboxes.empty()) {
    transport_ = std::make_unique<MaildirMailer>(config_.maildir);
  } else {
    auto smtp = smtp_mailer_of(config_);
    if (!smtp) return tl::unexpected(smtp.error());
    smtp_ = smtp->get();
    transport_ = std::move(*smtp);
  }
  if (!config_.trust_list) {
    mailer_ = std::move(transport_);
    return {};
  }
  auto trust = TrustDomain::open(config_.data_dir / "trust_list", *config_.trust_list);
  if (!trust) return tl::unexpected(trust.error());
  trust_ = std::move(*trust);
  mailer_ = std::make_unique<TrustingMailer>(*transport_, *trust_, clock_);
  return {};
}

MailTrust Node::trust_in_sender(std::string_view from, std::string_view return_path) {
  if (trust_) return trust_->trust_in_sender(from, return_path, clock_.now());
  return config_.mail.mailboxes.empty() ? MailTrust::member : MailTrust::unknown;
}

MailRules Node::mail_rules() const {
  MailRules rules;
  // 0 in the configuration: the operator takes anything.
  const std::size_t limit = config_.mss_profile.size_limit_bytes;
  rules.size_limit_bytes = limit == 0 ? std::numeric_limits<std::size_t>::max() : limit;
  rules.first_retry = config_.mail.first_retry;
  rules.answers_an_hour = config_.mail.answers_an_hour;
  return rules;
}

bool Node::clock_holds() {
  const ClockWatch::Verdict clock = clock_watch_.look(look_at_clocks());
  if (clock.jump) {
    log_error(
        fmt::format("clock: it jumped by {} s; what is due by time alone waits {} min unless "
                    "it comes back: check the clock of this machine",
                    std::chrono::duration_cast<std::chrono::seconds>(*clock.jump).count(),
                    config_.clock_jump_hold.count()));
  }
  return clock.holds;
}

Result<int> Node::run_timers() {
  // Looked at first: a timer that only a jump made due must not have fired by then.
  return service_->run_timers(kBatch, clock_holds() ? DueTimers::asked_for : DueTimers::all);
}

Result<int> Node::expire() {
  const Instant now = clock_.now();
  if (clock_holds()) return 0;
  const auto traces = repository_->expire_traces(traces_kept_from(now, config_.access_trace_months),
                                                 now, kExpiryBatch);
  if (!traces) return tl::unexpected(traces.error());
  auto logs = config_.log_folder.empty()
                  ? Result<int>(0)
                  : remove_old_logs(config_.log_folder, now, config_.log_days);
  if (!logs) return logs;
  const auto exams = service_->tray().expire();
  if (!exams) return tl::unexpected(exams.error());
  return static_cast<int>(*traces + *exams) + *logs;
}

Result<void> Node::wire_devices() {
  auto gateway = DeviceGateway::open(
      config_, service_->tray(), clock_, random_, master_keys_.front(),
      [this](const Error& error) { storage_trouble_.failed(error, clock_.now()); });
  if (!gateway) return tl::unexpected(gateway.error());
  gateway_ = std::move(*gateway);
  return {};
}

std::vector<Duty> Node::duties() {
  const auto tidy = [this]() -> Result<int> {
    if (auto erased = repository_->erase_expired_sessions(clock_.now()); !erased)
      return tl::unexpected(erased.error());
    if (auto forgotten = access_->throttle().tidy(); !forgotten)
      return tl::unexpected(forgotten.error());
    if (auto tidied = registry_->tidy_up(); !tidied) return tl::unexpected(tidied.error());
    return 0;
  };
  const auto probe = [this]() -> Result<int> {
    if (auto works = ready(); !works) return tl::unexpected(works.error());
    storage_trouble_.worked(clock_.now());
    return 0;
  };
  constexpr auto kSweepPause =
      std::chrono::milliseconds(kSweepTurn) / static_cast<std::int64_t>(FileBlobStore::kParts);
  std::vector<Duty> duties{
      {"timers", config_.worker_poll, [this] { return run_timers(); }},
      {"outbox", config_.worker_poll, [this] { return service_->deliver_messages(kBatch); }},
      {"digests", kDigestPause, [this] { return service_->send_digests(); }},
      {"tidy", kTidyPause, tidy},
      {"expiry", kExpiryPause, [this] { return expire(); }},
      {"unreadable", kExpiryPause, [this] { return service_->tray().read_again(kBatch); }},
      {"keys", kKeysPause, [this] { return take_up_master_keys(); }},
      {"rewrap", kKeysPause, [this] { return service_->rewrap(kBatch); }},
      {"storage_probe", kProbePause, probe},
      {"blob_sweep", kSweepPause, [this] { return blob_sweep_->round(); }}};
  for (Duty& duty : mailboxes_->duties()) duties.push_back(std::move(duty));
  if (trust_)
    duties.push_back({"trust_list", kTrustPause, [this] { return trust_->round(clock_.now()); }});
  if (gateway_) {
    for (Duty& duty : gateway_->duties()) duties.push_back(std::move(duty));
  }
  if (rooter_) duties.push_back({"audit_root", kRootPause, [this] { return rooter_->round(); }});
  return duties;
}

Result<int> Node::take_up_master_keys() {
  auto keys = read_master_keys(config_.master_key_file);
  if (!keys) return tl::unexpected(keys.error());
  if (*keys == master_keys_) return 0;
  service_->use_ring(KeyRing(*keys));
  master_keys_ = std::move(*keys);
  return 1;
}

Result<void> Node::ready() {
  // A name for each: two may ask at a time.
  const BlobRef probe("probe-" + random_id(random_, 5));
  const Bytes bytes(kProbeBytes);
  if (auto written = blobs_->put(probe, bytes); !written) return written;
  if (auto erased = blobs_->erase(probe); !erased) return erased;
  // Takes the lock for writing, and writes only where there is something to tidy up.
  return repository_->erase_expired_sessions(clock_.now());
}

}  // namespace telavis
