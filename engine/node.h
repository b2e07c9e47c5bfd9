// SPDX-License-Identifier: Apache-2.0
// One running engine: the only place that wires ports to adapters.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/backup/erasure_log.h"
#include "engine/billing/tariff.h"
#include "engine/blob_sweep.h"
#include "engine/clock.h"
#include "engine/clock_watch.h"
#include "engine/config.h"
#include "engine/confined.h"
#include "engine/core/access_desk.h"
#include "engine/core/audit_rooting.h"
#include "engine/core/registry.h"
#include "engine/core/service.h"
#include "engine/device_gateway.h"
#include "engine/files.h"
#include "engine/mailboxes.h"
#include "engine/storage_trouble.h"
#include "engine/workers.h"
#include "mssante/smtp_mailer.h"
#include "mssante/trust_domain.h"
#include "storage/blobs_file.h"

namespace telavis {

/// Makes what a data folder needs: folders (0700), keys (0600), a self-signed certificate. What is
/// there is left alone. Errors: storage_failed, storage_full, crypto_failed.
Result<void> initialise(const Config& config, Random& random, Instant now);

class Node {
 public:
  /// Locks the data folder, reads the keys, opens database and blob store, forgets the leases of
  /// the process before. Errors: configuration_invalid, storage_failed, not_found (run `telavis
  /// init`; or the database of a folder that was used is gone).
  static Result<std::unique_ptr<Node>> open(const Config& config);
  /// For one command of the operator, also while a server runs on the folder: no lock is taken, no
  /// lease forgotten; the database keeps the two apart. Errors: as open().
  static Result<std::unique_ptr<Node>> open_beside(const Config& config);
  ~Node();

  Service& service() { return *service_; }
  Registry& registry() { return *registry_; }
  AccessDesk& access() { return *access_; }
  Repository& repository() { return *repository_; }
  const Config& config() const { return config_; }
  /// nullptr: no sink for audit roots is configured.
  AuditRooter* rooter() { return rooter_.get(); }
  Random& random() { return random_; }
  Clock& clock() { return clock_; }
  std::string seal_public_key() const { return seal_public_key_; }
  StorageTrouble& storage_trouble() { return storage_trouble_; }
  /// nullptr: no trust list is configured.
  const TrustDomain* trust() const { return trust_.get(); }
  const Mailboxes& mailboxes() const { return *mailboxes_; }
  /// nullptr: there is no operator.
  const SmtpMailer* smtp() const { return smtp_; }
  ClockFigures clock_figures() const { return clock_watch_.figures(); }
  /// nullptr: this is not the server (open_beside).
  DeviceGateway* gateway() { return gateway_.get(); }
  /// Database and blob store can be written. Errors: storage_failed, storage_full.
  Result<void> ready();
  /// What the node does by itself; they use it until they end.
  std::vector<Duty> duties();
  /// Takes up the master keys of the key file when it holds others than those in use; gives whether
  /// it did. By one thread at a time. Errors: as read_master_keys.
  Result<int> take_up_master_keys();
  /// Forgets who access traces were of, and removes logs, once their time is over; nothing while
  /// the clock is doubted. Gives how many. Errors: storage_failed, storage_full.
  Result<int> expire();

 private:
  Node(Config config, std::optional<FolderLock> lock, TariffTable tariffs);
  /// Logs a jump that nobody has told of yet.
  bool clock_holds();
  Result<void> wire_mailer();
  /// What devices send by themselves.
  Result<void> wire_devices();
  /// What reads the mails that arrive, and whom they are taken from.
  void wire_reading(ServicePorts& ports);
  /// Documents that leave, when a root OID is configured, and those that come.
  void wire_documents(ServicePorts& ports) const;
  /// Of who sent a mail: by the trust list; where there is no operator, whoever can write into the
  /// Maildir is trusted with it.
  MailTrust trust_in_sender(std::string_view from, std::string_view return_path);
  MailRules mail_rules() const;
  Result<int> run_timers();
  static Result<std::unique_ptr<Node>> assemble(const Config& config,
                                                std::optional<FolderLock> lock);

  Config config_;
  std::optional<FolderLock> lock_;
  TariffTable tariffs_;
  SystemClock clock_;
  ClockWatch clock_watch_;
  StorageTrouble storage_trouble_;
  SystemRandom random_;
  Decoders decoders_{"/proc/self/exe"};
  std::string seal_public_key_;
  std::vector<Key> master_keys_;  // in use
  ErasureLog erasures_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<FileBlobStore> blobs_;
  std::unique_ptr<BlobSweep> blob_sweep_;
  std::unique_ptr<TrustDomain> trust_;  // none: recipients are not looked up
  SmtpMailer* smtp_ = nullptr;          // transport_, where there is an operator
  std::unique_ptr<Mailer> transport_;
  std::unique_ptr<Mailer> mailer_;  // transport_, to members of the trust domain alone
  std::unique_ptr<Service> service_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<AccessDesk> access_;
  std::unique_ptr<Mailboxes> mailboxes_;
  std::unique_ptr<AuditRooter> rooter_;
  std::unique_ptr<DeviceGateway> gateway_;
};

}  // namespace telavis
