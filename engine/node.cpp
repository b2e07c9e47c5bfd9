// SPDX-License-Identifier: Apache-2.0
#include "engine/node.h"

#include <utility>

#include "engine/billing/acts.h"
#include "engine/confined.h"
#include "engine/http/self_signed.h"
#include "engine/keys.h"
#include "mssante/maildir.h"
#include "mssante/mime.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxTariffBytes = 1 << 20;

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  }
  if (!failed) return {};
  return fail(ErrorCode::storage_failed,
              "Cannot make the folder " + folder.string() + ": " + failed.message() + ".");
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
Result<NormalisedExam> normalise_guarded(ByteView file) {
  if (!decoded_by_libraries(sniff(file))) return normalise_exam(file);
  return normalise_in_child("/proc/self/exe", file);
}

Result<void> check_folder(const Config& config) {
  if (std::filesystem::exists(config.data_dir)) return {};
  return fail(ErrorCode::not_found,
              "There is no " + config.data_dir.string() + ": run `telavis init` first.");
}

}  // namespace

Result<void> initialise(const Config& config, Random& random, Instant now) {
  for (const std::filesystem::path& folder :
       {config.data_dir, config.master_key_file.parent_path(), config.seal_key_file.parent_path(),
        config.certificate_file.parent_path(), config.certificate_key_file.parent_path(),
        config.maildir}) {
    if (auto made = make_folder(folder); !made) return made;
  }
  for (const std::filesystem::path& file : {config.master_key_file, config.seal_key_file}) {
    if (auto made = create_key_file(file, random); !made) return made;
  }
  return make_certificate(config, now);
}

Node::Node(Config config, std::optional<FolderLock> lock, TariffTable tariffs)
    : config_(std::move(config)), lock_(std::move(lock)), tariffs_(std::move(tariffs)) {}

Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(const Config& config) {
  if (auto there = check_folder(config); !there) return tl::unexpected(there.error());
  auto lock = FolderLock::take(config.data_dir);
  if (!lock) return tl::unexpected(lock.error());
  auto node = assemble(config, std::move(*lock));
  if (!node) return node;
  // This process holds the folder alone: whatever was leased was leased by one that is gone.
  if (const auto released = (*node)->repository().release_leases(); !released) {
    return tl::unexpected(released.error());
  }
  return node;
}

Result<std::unique_ptr<Node>> Node::open_beside(const Config& config) {
  if (auto there = check_folder(config); !there) return tl::unexpected(there.error());
  return assemble(config, std::nullopt);
}

Result<std::unique_ptr<Node>> Node::assemble(const Config& config, std::optional<FolderLock> lock) {
  auto tariffs = tariffs_of(config);
  if (!tariffs) return tl::unexpected(tariffs.error());
  std::unique_ptr<Node> node(new Node(config, std::move(lock), std::move(*tariffs)));

  const auto master = read_key_file(config.master_key_file);
  if (!master) return tl::unexpected(master.error());
  const auto seal_seed = read_key_file(config.seal_key_file);
  if (!seal_seed) return tl::unexpected(seal_seed.error());
  node->seal_public_key_ = SealKey(*seal_seed).public_key();

  auto repository = open_sqlite_repository({config.data_dir / "telavis.db", {}});
  if (!repository) return tl::unexpected(repository.error());
  node->repository_ = std::move(*repository);
  auto blobs = FileBlobStore::open(config.data_dir / "blobs");
  if (!blobs) return tl::unexpected(blobs.error());
  node->blobs_ = std::make_unique<FileBlobStore>(std::move(*blobs));
  node->mailer_ = std::make_unique<MaildirMailer>(config.maildir);
  const TariffTable& table = node->tariffs_;
  node->service_ = std::make_unique<Service>(
      ServicePorts{node->clock_, node->random_, *node->repository_, *node->blobs_, *node->mailer_,
                   compose_mime,
                   [&table](const ActContext& context) { return price_acts(table, context); },
                   render_report_pdf, normalise_guarded, config.exam_limits},
      ServiceKeys{*master, *seal_seed});
  Service& service = *node->service_;
  node->registry_ = std::make_unique<Registry>(
      RegistryPorts{node->clock_, node->random_, *node->repository_, compose_mime,
                    [&service](const UserId& expert, bool holds_on) -> Result<void> {
                      const auto looked_at = service.expert_gone(expert, holds_on);
                      if (!looked_at) return tl::unexpected(looked_at.error());
                      return {};
                    }},
      *master);
  return node;
}

Result<void> Node::ready() {
  const BlobRef probe("readyz-probe");
  if (auto written = blobs_->put(probe, as_bytes("probe")); !written) return written;
  if (auto erased = blobs_->erase(probe); !erased) return erased;
  const auto counted = repository_->outbox_counts();
  if (!counted) return tl::unexpected(counted.error());
  return {};
}

}  // namespace telavis
