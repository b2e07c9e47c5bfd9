// SPDX-License-Identifier: Apache-2.0
// Looks at everything that the audit proves: exported roots, every chain from its first entry to
// its head, and what the entries say of opinions, acts and registry. Finds every change, removal,
// insertion and cut that lies before the last root it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/audit_root.h"
#include "engine/core/release_record.h"

namespace telavis {

struct AuditFinding {
  std::string chain;          // case id, "node" or "roots"
  std::int64_t sequence = 0;  // entry, or number of the root; 0: the chain as a whole
  std::string text;
};

struct AuditVerification {
  std::vector<AuditFinding> findings;
  std::int64_t chains = 0;
  std::int64_t entries = 0;
  std::int64_t roots = 0;  // root documents that were given and are good
  /// The newest root document that was given; what came after it is not covered.
  std::optional<std::int64_t> covered_by;
  Instant covered_until;
  std::int64_t uncovered_entries = 0;
  std::int64_t uncovered_chains = 0;
};
/// "covered up to root 12 of 2026-11-21T02:00:00Z; 37 entries in 5 chains since then are not
/// covered by an exported root"
std::string coverage_words(const AuditVerification& verification);

struct AuditVerifyOptions {
  std::string public_key;  // hex, of the seal key: known from elsewhere than from this machine
  Instant now;             // a note of the future lets no trace expire
  /// Hash of what is sealed, as its author would have signed it; empty: contents are not opened.
  std::function<Result<std::string>(const Case& subject, const Opinion& opinion, ByteView sealed)>
      opinion_hash;
};

/// May run beside a server. For one use.
class AuditVerifier {
 public:
  AuditVerifier(Repository& repository, AuditVerifyOptions options)
      : repository_(repository), options_(std::move(options)) {}

  /// A root document that was kept away from this machine, in any order.
  void add_root(const std::string& name, std::string_view document);
  /// Errors: those of storage, where nothing could be looked at; a case that cannot be read is a
  /// finding.
  Result<AuditVerification> run();

 private:
  /// What a root says of one chain.
  struct RootedPoint {
    std::int64_t root = 0;
    AuditHead head;
  };
  struct KnownRoot {
    SignedRoot root;  // without its heads
    std::int64_t chains = 0;
  };
  /// An entry of the node chain about something on file.
  struct RecordedChange {
    std::int64_t sequence = 0;
    AuditDraft what;
  };
  using RecordName = std::pair<std::string, std::string>;  // kind, id
  struct Release {
    std::int64_t sequence = 0;
    Instant at;
    ReleaseRecord record;
  };
  /// What the entries of a case say.
  struct CaseStory {
    std::vector<Release> releases;
    std::vector<std::string> kept;  // details of signatures that were not released
  };
  using Visit = std::function<void(const AuditEntry&)>;
  using ReadHead = std::function<Result<AuditHead>()>;

  void find(std::string chain, std::int64_t sequence, std::string text);
  std::optional<SignedRoot> take_root(const std::string& name, std::string_view document);
  Result<void> check_root_rows();
  void check_root_row(const AuditRoot& row);
  void check_root_chaining();
  Result<void> check_cases();
  void check_case(const CaseId& id);
  void check_node();
  void check_expiry();
  /// False: a finding was made.
  bool walk(const std::string& chain, const ReadHead& read_head, const Visit& visit);
  bool walk_to(const std::string& chain, AuditHead& reached, const AuditHead& head,
               const Visit& visit);
  void check_points(const std::string& chain, const AuditEntry& entry);
  void note_coverage(const std::string& chain, std::int64_t length);
  void check_opinions(const Case& subject, const CaseStory& story);
  void check_opinion(const Case& subject, const Opinion& opinion, ByteView sealed,
                     const Release& release);
  /// True also where contents are not opened.
  bool has_its_words(const Case& subject, const Opinion& opinion, ByteView sealed) const;
  void check_acts(const Case& subject, const CaseStory& story);
  /// Looks again when it found something of a chain that a server moved on meanwhile.
  void settled(const ReadHead& read_head, const std::function<void()>& check);
  void check_registry();
  Result<std::map<RecordName, std::string>> records_in_force();
  void check_revisions(const RecordName& name, const std::vector<RecordedChange>& changes);

  Repository& repository_;
  AuditVerifyOptions options_;
  AuditVerification result_;
  std::map<std::string, std::vector<RootedPoint>> points_;
  std::map<std::int64_t, KnownRoot> exported_;      // as given
  std::map<std::int64_t, KnownRoot> not_exported_;  // of the database
  std::map<RecordName, std::vector<RecordedChange>> changes_;
  std::set<std::string> seen_;  // rooted chains that are there
  std::optional<AuditEntry> newest_expired_;
  Instant expired_until_;  // as the node chain says
};

}  // namespace telavis
