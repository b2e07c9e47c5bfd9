// SPDX-License-Identifier: Apache-2.0
// MSSanté's trust domain as this node knows it: the last good trust list, kept on disk and renewed.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/mail_trust.h"
#include "engine/core/ports.h"
#include "mssante/trust_list.h"

namespace telavis {

/// What telavis.conf.json says under "trust_list"; the reasons stand there.
struct TrustListOptions {
  std::string url;  // https; empty: the file on disk is an operator's to put there and renew
  std::filesystem::path ca_file;            // for `url`, PEM
  std::filesystem::path signature_ca_file;  // empty: ca_file
  std::string signer;
  bool signature_required = false;
  std::chrono::hours refresh{6};
  std::chrono::hours alert_age{72};
  std::chrono::hours max_age{30 * 24};
};

/// For /metrics.
struct TrustFigures {
  std::int64_t domains = 0;   // 0: there is no list
  std::int64_t entries = 0;   // a domain counts once a certificate
  std::int64_t unusable = 0;  // of these
  Duration age{0};            // since the list was generated
  std::int64_t failures = 0;  // attempts to renew it
};

/// Ages count from the list's own DateDeGeneration: an old list served again stays old.
/// Thread-safe.
class TrustDomain {
 public:
  using Fetch = std::function<Result<Bytes>()>;

  /// The name of the list in `folder`.
  static constexpr std::string_view kFileName = "listeblanche.xml";

  /// Makes the folder and reads the list that is there. A list that cannot be read is no list, and
  /// round() tells of it. `fetch` gives the bytes of a list; none: https_get from the URL. Errors:
  /// configuration_invalid (a CA file cannot be read), storage_failed, storage_full.
  static Result<std::unique_ptr<TrustDomain>> open(const std::filesystem::path& folder,
                                                   const TrustListOptions& options,
                                                   Fetch fetch = nullptr);

  /// Renews the list when that is due: a good one that is newer than the one held is written to
  /// disk before it counts; an older one, one from the future and one that is not accepted are
  /// left. Gives 1 for a new list, 0 else. Errors, as long as something is wrong: unavailable (no
  /// list, or one older than `alert_age`; the text says which and why), those of fetch, of
  /// parse_trust_list and of storage. To be called every minute, by one thread.
  Result<int> round(Instant now);

  /// `address`: local@domain, the domain in letters of any alphabet.
  MailTrust trust_in(std::string_view address, Instant now) const;
  /// Of who sent a mail: From and, where there is one, the return path.
  MailTrust trust_in_sender(std::string_view from, std::string_view return_path, Instant now) const;

  TrustFigures figures(Instant now) const;

 private:
  TrustDomain(std::filesystem::path folder, TrustListOptions options, SignatureRules rules,
              Fetch fetch);
  std::shared_ptr<const TrustList> list() const;
  Result<void> read_file();
  Result<int> renew(Instant now);
  Result<int> take(ByteView bytes, Instant now);

  const std::filesystem::path folder_;
  const TrustListOptions options_;
  const SignatureRules rules_;
  const Fetch fetch_;  // none: the file is looked at again
  mutable std::mutex mutex_;
  std::shared_ptr<const TrustList> list_;
  std::int64_t failures_ = 0;
  std::optional<Error> trouble_;  // of the last attempt
  Instant next_attempt_;
};

/// Sends to members of the trust domain alone. A recipient outside is refused, for good, with a
/// reason that begins with kOutsideTrustDomain (engine/messages.json has the coordinator's words
/// under "send_refusal." + it); without a list young enough every mail waits (retry).
class TrustingMailer : public Mailer {
 public:
  static constexpr std::string_view kOutsideTrustDomain = "outside_trust_domain";

  TrustingMailer(Mailer& inner, const TrustDomain& trust, Clock& clock)
      : inner_(inner), trust_(trust), clock_(clock) {}
  SendResult send(const Envelope& envelope, ByteView mime) override;

 private:
  Mailer& inner_;
  const TrustDomain& trust_;
  Clock& clock_;
};

}  // namespace telavis
