// SPDX-License-Identifier: Apache-2.0
#include "engine/core/audit_verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/core/person_json.h"
#include "engine/core/retention.h"

namespace telavis {
namespace {

const std::string kNodeChain = "node";
const std::string kRoots = "roots";
constexpr std::size_t kEntriesAtATime = 10'000;  // some MB
constexpr std::size_t kCasePage = 1000;
constexpr std::size_t kRootsAtATime = 100;
constexpr int kMaxHeadReads = 100;  // of a chain that a server appends to meanwhile
// An entry is dated a moment before it is committed; a root is dated before it reads the heads.
constexpr Duration kCommitTime = std::chrono::minutes(10);

}  // namespace

std::string coverage_words(const AuditVerification& verification) {
  const std::string rest = fmt::format("{} entries in {} chains", verification.uncovered_entries,
                                       verification.uncovered_chains);
  if (!verification.covered_by) {
    return "no root document was given: " + rest +
           " are not covered by an exported root; whoever can write to the database could have "
           "written them anew";
  }
  return fmt::format(
      "covered up to root {} of {}; {} since then are not covered by an exported root",
      *verification.covered_by, format_utc(verification.covered_until), rest);
}

void AuditVerifier::find(std::string chain, std::int64_t sequence, std::string text) {
  result_.findings.push_back({std::move(chain), sequence, std::move(text)});
}

// ---- roots --------------------------------------------------------------------------------------

std::optional<SignedRoot> AuditVerifier::take_root(const std::string& name,
                                                   std::string_view document) {
  auto parsed = parse_root(document);
  if (!parsed) {
    find(kRoots, 0, name + ": " + parsed.error().text);
    return std::nullopt;
  }
  const std::int64_t number = parsed->content.number;
  if (parsed->content.public_key != options_.public_key) {
    find(kRoots, number, name + ": signed by another key, " + parsed->content.public_key);
    return std::nullopt;
  }
  return std::move(*parsed);
}

void AuditVerifier::add_root(const std::string& name, std::string_view document) {
  auto root = take_root(name, document);
  if (!root) return;
  const std::int64_t number = root->content.number;
  const auto known = exported_.find(number);
  if (known != exported_.end()) {
    if (known->second.root.hash != root->hash)
      find(kRoots, number, "two root documents have this number: " + name + " is another");
    return;
  }
  for (const ChainHead& head : root->content.heads)
    points_[head.chain].push_back({number, head.head});
  const auto chains = static_cast<std::int64_t>(root->content.heads.size());
  root->content.heads.clear();
  if (!result_.covered_by || *result_.covered_by < number) {
    result_.covered_by = number;
    result_.covered_until = root->content.at;
  }
  ++result_.roots;
  exported_.emplace(number, KnownRoot{std::move(*root), chains});
}

void AuditVerifier::check_root_row(const AuditRoot& row) {
  auto known = exported_.find(row.number);
  if (known == exported_.end() && row.exported_at) {
    if (!row.document.empty())
      find(kRoots, row.number, "exported, and its document is still there");
    if (!exported_.empty())
      find(kRoots, row.number, "exported, but its document is not among those that were given");
    return;
  }
  if (known == exported_.end()) {
    auto root = take_root("the database", row.document);
    if (!root) return;
    for (const ChainHead& head : root->content.heads)
      points_[head.chain].push_back({root->content.number, head.head});
    const auto chains = static_cast<std::int64_t>(root->content.heads.size());
    root->content.heads.clear();
    known = not_exported_.emplace(row.number, KnownRoot{std::move(*root), chains}).first;
  }
  const AuditRootContent& content = known->second.root.content;
  const auto still_there = parse_root(row.document);
  const bool same_document =
      row.document.empty() || (still_there && still_there->hash == known->second.root.hash);
  if (content.number != row.number || content.at != row.at || known->second.root.hash != row.hash ||
      known->second.chains != row.chains || !same_document ||
      row.document.empty() != row.exported_at.has_value())
    find(kRoots, row.number, "the database says of it what its document does not");
  const auto next = exported_.find(row.number + 1);
  if (next != exported_.end() && next->second.root.content.previous_exported_at != row.exported_at)
    find(kRoots, row.number, "exported at another instant than the next root says");
}

Result<void> AuditVerifier::check_root_rows() {
  std::int64_t last = 0;
  for (;;) {
    const auto page = repository_.audit_roots(last, kRootsAtATime);
    if (!page) return tl::unexpected(page.error());
    for (const AuditRoot& row : *page) {
      for (++last; last < row.number; ++last)
        find(kRoots, last, "the database has no root of this number");
      check_root_row(row);
    }
    if (page->size() < kRootsAtATime) break;
  }
  for (auto known = exported_.upper_bound(last); known != exported_.end(); ++known)
    find(kRoots, known->first, "the database has no root of this number");
  check_root_chaining();
  return {};
}

void AuditVerifier::check_root_chaining() {
  std::map<std::int64_t, const SignedRoot*> all;
  for (const auto& [number, known] : exported_) all[number] = &known.root;
  for (const auto& [number, known] : not_exported_) all[number] = &known.root;
  if (exported_.empty()) return;  // a root of the database alone proves nothing by its place
  std::int64_t expected = 1;
  std::string previous;
  for (const auto& [number, root] : all) {
    if (number != expected)
      find(kRoots, expected, "missing: the next root document is " + std::to_string(number));
    else if (root->content.previous != previous)
      find(kRoots, number, "does not follow the root before it");
    expected = number + 1;
    previous = root->hash;
  }
}

// ---- chains -------------------------------------------------------------------------------------

void AuditVerifier::check_points(const std::string& chain, const AuditEntry& entry) {
  const auto points = points_.find(chain);
  if (points == points_.end()) return;
  for (const RootedPoint& point : points->second) {
    if (point.head.length == entry.sequence && point.head.hash != entry.hash)
      find(chain, entry.sequence,
           fmt::format("root {} names another entry here: this part of the chain was written anew",
                       point.root));
  }
}

bool AuditVerifier::walk_to(const std::string& chain, AuditHead& reached, const AuditHead& head,
                            const Visit& visit) {
  while (reached.length < head.length) {
    const auto left = static_cast<std::size_t>(head.length - reached.length);
    const auto page =
        repository_.audit_entries(chain, reached.length, std::min(left, kEntriesAtATime));
    if (!page || page->empty()) {
      find(chain, reached.length + 1,
           page ? fmt::format("missing: the chain has {} entries, its head says {}", reached.length,
                              head.length)
                : "cannot be read: " + page.error().text);
      return false;
    }
    for (const AuditEntry& entry : *page) {
      if (!follows(reached, entry)) {
        find(chain, reached.length + 1,
             "does not follow from the entry before: changed, removed or inserted");
        return false;
      }
      reached = {entry.sequence, entry.hash};
      ++result_.entries;
      check_points(chain, entry);
      if (!entry.expired.empty() && (!newest_expired_ || newest_expired_->what.at < entry.what.at))
        newest_expired_ = entry;
      visit(entry);
    }
  }
  if (reached.length == head.length && reached.hash == head.hash) return true;
  find(chain, reached.length, "is not the head that the chain should end in");
  return false;
}

bool AuditVerifier::walk(const std::string& chain, const ReadHead& read_head, const Visit& visit) {
  ++result_.chains;
  seen_.insert(chain);
  AuditHead reached;
  for (int reads = 0; reads < kMaxHeadReads; ++reads) {
    const auto head = read_head();
    if (!head) {
      find(chain, 0, "its head cannot be read: " + head.error().text);
      return false;
    }
    if (head->length == reached.length && reads > 0) break;
    if (!walk_to(chain, reached, *head, visit)) return false;
    const auto beyond = repository_.audit_entries(chain, reached.length, 1);
    if (beyond && beyond->empty()) {
      note_coverage(chain, reached.length);
      return true;
    }
    // A server may have appended in between: its head has moved on then.
  }
  find(chain, reached.length + 1, "stands beyond the head of its chain");
  return false;
}

void AuditVerifier::note_coverage(const std::string& chain, std::int64_t length) {
  std::int64_t covered = 0;
  const auto points = points_.find(chain);
  if (points != points_.end()) {
    for (const RootedPoint& point : points->second) {
      if (point.head.length > length)
        find(chain, length,
             fmt::format("cut short: root {} names entry {}", point.root, point.head.length));
      if (exported_.contains(point.root)) covered = std::max(covered, point.head.length);
    }
  }
  if (length <= covered) return;
  result_.uncovered_entries += length - covered;
  ++result_.uncovered_chains;
  const auto first = repository_.audit_entries(chain, covered, 1);
  const bool old = first && !first->empty() && result_.covered_by &&
                   first->front().what.at + kCommitTime < result_.covered_until;
  if (old)
    find(chain, covered + 1,
         fmt::format("is older than root {}, which does not name it: written later, or left out",
                     *result_.covered_by));
}

void AuditVerifier::settled(const ReadHead& read_head, const std::function<void()>& check) {
  std::vector<AuditFinding> before = std::exchange(result_.findings, {});
  const AuditVerification counted = result_;
  for (int attempt = 0; attempt < kMaxHeadReads; ++attempt) {
    const auto first = read_head();
    check();
    const auto last = read_head();
    const bool moved = first && last && first->length != last->length;
    if (result_.findings.empty() || !moved) break;
    result_ = counted;
  }
  std::move(result_.findings.begin(), result_.findings.end(), std::back_inserter(before));
  result_.findings = std::move(before);
}

void AuditVerifier::check_node() {
  const auto head = [this] { return repository_.node_audit_head(); };
  const auto note = [this](const AuditEntry& entry) {
    const auto expiry = expiry_of(entry.what);
    // A note that lets younger traces go than the law does proves nothing.
    if (expiry && entry.what.at <= options_.now &&
        *expiry <= traces_kept_from(entry.what.at, least_trace_months()))
      expired_until_ = std::max(expired_until_, *expiry);
    constexpr std::string_view kChange = "change:";
    if (!entry.what.action.starts_with(kChange)) return;
    const std::string& detail = entry.what.detail;
    changes_[{entry.what.action.substr(kChange.size()), detail.substr(0, detail.find(' '))}]
        .push_back({entry.sequence, entry.what});
  };
  settled(head, [&] {
    changes_.clear();
    if (walk(kNodeChain, head, note)) check_registry();
  });
}

void AuditVerifier::check_expiry() {
  if (!newest_expired_ || newest_expired_->what.at < expired_until_) return;
  find(newest_expired_->chain, newest_expired_->sequence,
       "who this trace was of is gone, and no entry of the node chain says that its time was over");
}

// ---- cases --------------------------------------------------------------------------------------

Result<void> AuditVerifier::check_cases() {
  CaseId after;
  for (;;) {
    const auto page = repository_.case_ids(after, kCasePage);
    if (!page) return tl::unexpected(page.error());
    for (const CaseId& id : *page) {
      const auto head = [&]() -> Result<AuditHead> {
        const auto loaded = repository_.load_case(id);
        if (!loaded) return tl::unexpected(loaded.error());
        return *loaded ? (*loaded)->audit : AuditHead{};
      };
      settled(head, [&] { check_case(id); });
    }
    if (page->size() < kCasePage) break;
    after = page->back();
  }
  for (const auto& [chain, points] : points_) {
    if (!seen_.contains(chain))
      find(chain, 0,
           fmt::format("root {} names this chain; the database has no such case",
                       points.back().root));
  }
  return {};
}

void AuditVerifier::check_case(const CaseId& id) {
  std::optional<Case> subject;
  const auto head = [&]() -> Result<AuditHead> {
    auto loaded = repository_.load_case(id);
    if (!loaded) return tl::unexpected(loaded.error());
    if (!*loaded) return fail(ErrorCode::not_found, "the case is gone");
    subject = std::move(*loaded);
    return subject->audit;
  };
  CaseStory story;
  const auto note = [&](const AuditEntry& entry) {
    if (entry.what.action == "sign" && entry.what.detail.starts_with("kept: "))
      story.kept.push_back(entry.what.detail);
    if (entry.what.action != "release") return;
    const auto record = release_record(entry.what.detail);
    if (record)
      story.releases.push_back({entry.sequence, entry.what.at, *record});
    else
      find(id.value, entry.sequence, "cannot be read as the release of an opinion");
  };
  if (!walk(id.value, head, note)) return;
  check_opinions(*subject, story);
  check_acts(*subject, story);
}

void AuditVerifier::check_opinion(const Case& subject, const Opinion& opinion, ByteView sealed,
                                  const Release& release) {
  const auto wrong = [&](std::string_view what) {
    find(subject.id.value, release.sequence, std::string(what));
  };
  if (opinion.hash != release.record.opinion) wrong("the case holds another opinion than it says");
  if (opinion.seal != release.record.seal) wrong("the case holds another seal than it says");
  if (opinion.released_at != release.at) wrong("the case dates the opinion otherwise");
  if (!verify_seal(options_.public_key, opinion.hash, opinion.seal))
    wrong("the engine's seal on the opinion is not good");
  if (!has_its_words(subject, opinion, sealed))
    wrong("the opinion's words or its author are others");
}

bool AuditVerifier::has_its_words(const Case& subject, const Opinion& opinion,
                                  ByteView sealed) const {
  if (!options_.opinion_hash || subject.wrapped_key.empty()) return true;
  const auto hash = options_.opinion_hash(subject, opinion, sealed);
  return hash && *hash == opinion.hash;
}

void AuditVerifier::check_opinions(const Case& subject, const CaseStory& story) {
  std::vector<std::pair<const Opinion*, const Bytes*>> released;
  std::vector<std::string> kept;
  for (const KeptOpinion& one : subject.kept_opinions) {
    if (one.why == "corrected") {
      released.emplace_back(&one.opinion, &one.sealed);
      continue;
    }
    kept.push_back("kept: " + one.why + ", opinion " + one.opinion.hash);
    if (!has_its_words(subject, one.opinion, one.sealed))
      find(subject.id.value, 0, "the words of an opinion kept beside the answer are others");
  }
  if (subject.opinion) released.emplace_back(&*subject.opinion, &subject.sealed_opinion);
  if (released.size() != story.releases.size()) {
    find(subject.id.value, 0,
         fmt::format("the case holds {} released opinions, its chain tells of {}", released.size(),
                     story.releases.size()));
    return;
  }
  for (std::size_t i = 0; i < released.size(); ++i)
    check_opinion(subject, *released[i].first, *released[i].second, story.releases[i]);
  if (kept != story.kept)
    find(subject.id.value, 0, "the opinions kept beside the answer are not those of the chain");
}

void AuditVerifier::check_acts(const Case& subject, const CaseStory& story) {
  ActQuery query;
  query.case_id = subject.id;
  const auto rows = repository_.acts(query);
  if (!rows) {
    find(subject.id.value, 0, "its acts cannot be read: " + rows.error().text);
    return;
  }
  const auto made =
      std::find_if(story.releases.begin(), story.releases.end(),
                   [](const Release& release) { return !release.record.acts.empty(); });
  if (made == story.releases.end()) {
    if (!rows->empty()) find(subject.id.value, 0, "acts stand in the table that no entry made");
    return;
  }
  std::vector<BillableAct> acts;
  Instant signed_at;
  for (const ActRow& row : *rows) {
    if (!acts.empty() && row.signed_at != signed_at)
      find(subject.id.value, made->sequence, "its acts bear two instants of signature");
    signed_at = row.signed_at;
    acts.push_back(row.act);
  }
  if (acts_digest(std::move(acts), signed_at) != made->record.acts)
    find(subject.id.value, made->sequence, "the acts in the table are not those that it made");
}

// ---- what is on file ----------------------------------------------------------------------------

void AuditVerifier::check_revisions(const RecordName& name,
                                    const std::vector<RecordedChange>& changes) {
  const auto revisions = repository_.revisions(name.first, name.second);
  if (!revisions) {
    find(kNodeChain, changes.back().sequence, "its version cannot be read");
    return;
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const AuditDraft& what = changes[i].what;
    const Revision* one = i < revisions->size() ? &(*revisions)[i] : nullptr;
    const bool same = one != nullptr && one->version == static_cast<std::int64_t>(i) + 1 &&
                      one->change.at == what.at && one->change.actor == what.actor &&
                      revision_words(*one) == what.detail;
    if (!same) {
      find(kNodeChain, changes[i].sequence, "the version on file is not the one of this change");
      return;
    }
  }
  if (revisions->size() > changes.size())
    find(kNodeChain, 0,
         name.first + " " + name.second + " has versions on file that no entry made");
}

Result<std::map<AuditVerifier::RecordName, std::string>> AuditVerifier::records_in_force() {
  std::map<RecordName, std::string> found;
  const auto programmes = repository_.programmes();
  if (!programmes) return tl::unexpected(programmes.error());
  for (const Programme& one : *programmes) {
    found[{"programme", one.id.value}] = programme_json(one);
    const auto groups = repository_.groups(one.id);
    if (!groups) return tl::unexpected(groups.error());
    for (const GroupPractice& group : *groups) found[{"group", group.id}] = group_json(group);
  }
  const auto users = repository_.users();
  if (!users) return tl::unexpected(users.error());
  for (const User& one : *users) found[{"person", one.id.value}] = person_json(one);
  const auto devices = repository_.lent_devices();
  if (!devices) return tl::unexpected(devices.error());
  for (const LentDevice& one : *devices) found[{"device", one.id}] = lent_device_json(one);
  return found;
}

void AuditVerifier::check_registry() {
  for (const auto& [name, changes] : changes_) check_revisions(name, changes);
  const auto in_force = records_in_force();
  if (!in_force) {
    find(kNodeChain, 0, "what is on file cannot be read: " + in_force.error().text);
    return;
  }
  for (const auto& [name, changes] : changes_) {
    const auto record = in_force->find(name);
    const auto version = static_cast<std::int64_t>(changes.size());
    const bool same = record != in_force->end() &&
                      revision_words({name.first, name.second, version, {}, record->second}) ==
                          changes.back().what.detail;
    if (!same)
      find(kNodeChain, changes.back().sequence, "what is in force is not what it changed to");
  }
  for (const auto& [name, definition] : *in_force) {
    if (!changes_.contains(name))
      find(kNodeChain, 0, name.first + " " + name.second + " is on file, and no entry made it");
  }
}

Result<AuditVerification> AuditVerifier::run() {
  if (auto checked = check_root_rows(); !checked) return tl::unexpected(checked.error());
  check_node();
  if (auto checked = check_cases(); !checked) return tl::unexpected(checked.error());
  check_expiry();
  return std::move(result_);
}

}  // namespace telavis
