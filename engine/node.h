// SPDX-License-Identifier: Apache-2.0
// One running engine: the only place that wires ports to adapters.
#pragma once

#include <memory>
#include <optional>

#include "engine/billing/tariff.h"
#include "engine/clock.h"
#include "engine/config.h"
#include "engine/core/registry.h"
#include "engine/core/service.h"
#include "engine/files.h"

namespace telavis {

/// Makes what a data folder needs: folders (0700), keys (0600), a self-signed certificate. What is
/// there is left alone. Errors: storage_failed, storage_full, crypto_failed.
Result<void> initialise(const Config& config, Random& random, Instant now);

class Node {
 public:
  /// Locks the data folder, reads the keys, opens database and blob store, forgets the leases of
  /// the process before. Errors: configuration_invalid, storage_failed, not_found (run `telavis
  /// init`).
  static Result<std::unique_ptr<Node>> open(const Config& config);
  /// For one command of the operator, also while a server runs on the folder: no lock is taken, no
  /// lease forgotten; the database keeps the two apart. Errors: as open().
  static Result<std::unique_ptr<Node>> open_beside(const Config& config);
  ~Node();

  Service& service() { return *service_; }
  Registry& registry() { return *registry_; }
  Repository& repository() { return *repository_; }
  const Config& config() const { return config_; }
  Random& random() { return random_; }
  Clock& clock() { return clock_; }
  std::string seal_public_key() const { return seal_public_key_; }
  /// The database answers and the blob store takes a file. Errors: storage_failed, storage_full.
  Result<void> ready();

 private:
  Node(Config config, std::optional<FolderLock> lock, TariffTable tariffs);
  static Result<std::unique_ptr<Node>> assemble(const Config& config,
                                                std::optional<FolderLock> lock);

  Config config_;
  std::optional<FolderLock> lock_;
  TariffTable tariffs_;
  SystemClock clock_;
  SystemRandom random_;
  std::string seal_public_key_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<Mailer> mailer_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace telavis
