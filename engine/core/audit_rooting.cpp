// SPDX-License-Identifier: Apache-2.0
#include "engine/core/audit_rooting.h"

#include <algorithm>
#include <utility>

namespace telavis {
namespace {

constexpr std::size_t kRootPage = 1000;
constexpr std::size_t kEntryPage = 10'000;  // some MB

Instant whole_seconds(Instant instant) {
  return std::chrono::floor<std::chrono::seconds>(instant);
}

}  // namespace

AuditRooter::AuditRooter(Clock& clock, Repository& repository, const SealKey& key,
                         RootingOptions options, std::vector<RootSink> sinks)
    : clock_(clock),
      repository_(repository),
      key_(key),
      options_(std::move(options)),
      sinks_(std::move(sinks)) {}

Result<std::optional<AuditRoot>> AuditRooter::newest() {
  std::optional<AuditRoot> found;
  for (;;) {
    // From the one before the newest known: it may have been exported by another process.
    auto page = repository_.audit_roots(std::max<std::int64_t>(known_ - 1, 0), kRootPage);
    if (!page) return tl::unexpected(page.error());
    if (page->empty()) return found;
    const bool last = page->size() < kRootPage;
    found = std::move(page->back());
    known_ = found->number;
    if (last) return found;
  }
}

Result<int> AuditRooter::round() {
  const auto before = newest();
  if (!before) return tl::unexpected(before.error());
  if (*before && !(*before)->exported_at) {
    if (auto exported = export_root(**before); !exported) return tl::unexpected(exported.error());
    return 1;
  }
  // A full document may have left chains for the next one.
  const bool full = *before && (*before)->chains >= static_cast<std::int64_t>(options_.max_heads);
  const auto due =
      root_is_due(options_.schedule, *before ? std::optional<Instant>((*before)->at) : std::nullopt,
                  clock_.now());
  if (!due) return tl::unexpected(due.error());
  if (*due || full) {
    if (auto made = make(*before); !made) return tl::unexpected(made.error());
    return 1;
  }
  if (damaged_chains_.empty()) return 0;
  return fail(ErrorCode::state_conflict,
              "The last audit root leaves out chains that do not fit their heads (" +
                  damaged_chains_ + "): run `telavis audit verify`.");
}

Result<std::int64_t> AuditRooter::root_now() {
  auto before = newest();
  if (!before) return tl::unexpected(before.error());
  if (*before && !(*before)->exported_at) {
    if (auto exported = export_root(**before); !exported) return tl::unexpected(exported.error());
    before = newest();
    if (!before) return tl::unexpected(before.error());
  }
  if (auto made = make(*before); !made) return tl::unexpected(made.error());
  const auto root = newest();
  if (!root) return tl::unexpected(root.error());
  if (auto exported = export_root(**root); !exported) return tl::unexpected(exported.error());
  return (*root)->number;
}

/// A head is signed only when the entries below it lead to it: a root must not vouch for a chain
/// that was changed before it.
Result<bool> AuditRooter::is_whole(const ChainHead& head) {
  AuditHead reached;
  while (reached.length < head.head.length) {
    const auto left = static_cast<std::size_t>(head.head.length - reached.length);
    const auto page =
        repository_.audit_entries(head.chain, reached.length, std::min(left, kEntryPage));
    if (!page) return tl::unexpected(page.error());
    if (page->empty()) return false;
    for (const AuditEntry& entry : *page) {
      if (!follows(reached, entry)) return false;
      reached = {entry.sequence, entry.hash};
    }
  }
  return reached.hash == head.head.hash;
}

Result<void> AuditRooter::make(const std::optional<AuditRoot>& before) {
  auto heads = repository_.unrooted_heads(options_.max_heads);
  if (!heads) return tl::unexpected(heads.error());
  std::vector<ChainHead> whole;
  std::string damaged;
  for (ChainHead& head : *heads) {
    const auto sound = is_whole(head);
    if (!sound) return tl::unexpected(sound.error());
    if (*sound) {
      whole.push_back(std::move(head));
    } else {
      damaged += (damaged.empty() ? "" : ", ") + head.chain;
    }
  }
  AuditRootContent content;
  content.number = before ? before->number + 1 : 1;
  content.at = whole_seconds(clock_.now());
  if (before) {
    content.previous = before->hash;
    content.previous_exported_at = before->exported_at;
  }
  content.engine = options_.engine_version;
  content.heads = std::move(whole);
  const SignedRoot root = sign_root(std::move(content), key_);
  const AuditRoot row{root.content.number, root.content.at,
                      root.hash,           static_cast<std::int64_t>(root.content.heads.size()),
                      std::nullopt,        root_document(root)};
  if (auto put = repository_.put_audit_root(row, root.content.heads); !put) return put;
  damaged_chains_ = std::move(damaged);
  return {};
}

Result<void> AuditRooter::export_root(const AuditRoot& root) {
  std::optional<Error> first_error;
  for (const RootSink& sink : sinks_) {
    const auto put = sink.put(root);
    if (!put && !first_error)
      first_error =
          Error{put.error().code, "Audit root " + std::to_string(root.number) +
                                      " is not exported (" + sink.name + "): " + put.error().text};
  }
  if (first_error) return tl::unexpected(*first_error);
  return repository_.mark_root_exported(root.number, whole_seconds(clock_.now()));
}

}  // namespace telavis
