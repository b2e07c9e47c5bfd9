// SPDX-License-Identifier: Apache-2.0
#include "mssante/trust_domain.h"

#include <system_error>
#include <utility>

#include "engine/core/durable_file.h"
#include "mssante/https_get.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCaBytes = std::size_t{1} << 20;  // a chain has some kilobytes
// How far the clock of who generates the list may be ahead of ours. A list from further away would
// keep out every true one until then.
constexpr std::chrono::hours kMaxAhead(24);
constexpr std::chrono::minutes kPauseAfterFailure(10);

std::int64_t whole_hours(Duration age) {
  return std::chrono::duration_cast<std::chrono::hours>(age).count();
}

Result<SignatureRules> rules_of(const TrustListOptions& options) {
  SignatureRules rules;
  rules.signer = options.signer;
  rules.required = options.signature_required;
  const fs::path& file =
      options.signature_ca_file.empty() ? options.ca_file : options.signature_ca_file;
  if (file.empty()) return rules;
  const auto pem = read_whole(file, kMaxCaBytes);
  if (!pem)
    return fail(ErrorCode::configuration_invalid,
                "trust_list: the CA file " + file.string() + ": " + pem.error().text);
  rules.ca_pem = as_text(*pem);
  return rules;
}

/// What a crash left of a write.
void remove_scratch(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;  // what cannot be removed does no harm
    if (is_scratch_name(entry->path())) fs::remove(entry->path(), ignored);
  }
}

}  // namespace

TrustDomain::TrustDomain(fs::path folder, TrustListOptions options, SignatureRules rules,
                         Fetch fetch)
    : folder_(std::move(folder)),
      options_(std::move(options)),
      rules_(std::move(rules)),
      fetch_(std::move(fetch)) {}

Result<std::unique_ptr<TrustDomain>> TrustDomain::open(const fs::path& folder,
                                                       const TrustListOptions& options,
                                                       Fetch fetch) {
  auto rules = rules_of(options);
  if (!rules) return tl::unexpected(rules.error());
  if (auto made = make_folder_durably(folder); !made) return tl::unexpected(made.error());
  if (!fetch && !options.url.empty()) {
    fetch = [request = HttpsGet{options.url, options.ca_file, kMaxTrustListBytes}] {
      return https_get(request);
    };
  }
  std::unique_ptr<TrustDomain> trust(
      new TrustDomain(folder, options, std::move(*rules), std::move(fetch)));
  if (auto read = trust->read_file(); !read && read.error().code != ErrorCode::not_found)
    trust->trouble_ = read.error();
  return trust;
}

std::shared_ptr<const TrustList> TrustDomain::list() const {
  const std::lock_guard lock(mutex_);
  return list_;
}

Result<void> TrustDomain::read_file() {
  const auto bytes = read_whole(folder_ / kFileName, kMaxTrustListBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  auto parsed = parse_trust_list(*bytes, rules_);
  if (!parsed) return tl::unexpected(parsed.error());
  const std::lock_guard lock(mutex_);
  // A file that is put here by hand may not bring back what was taken off the list since.
  if (list_ == nullptr || parsed->generated_at > list_->generated_at)
    list_ = std::make_shared<const TrustList>(std::move(*parsed));
  return {};
}

Result<int> TrustDomain::take(ByteView bytes, Instant now) {
  auto parsed = parse_trust_list(bytes, rules_);
  if (!parsed) return tl::unexpected(parsed.error());
  if (parsed->generated_at > now + kMaxAhead)
    return fail(ErrorCode::malformed_file,
                "the trust list was generated in the future; check the clock of this machine");
  const auto held = list();
  if (held != nullptr && parsed->generated_at < held->generated_at)
    return fail(ErrorCode::state_conflict, "the trust list that is offered is older than ours");
  if (held != nullptr && parsed->generated_at == held->generated_at) return 0;
  if (auto written = write_durably(folder_, folder_ / kFileName, bytes, IfPresent::replace);
      !written)
    return tl::unexpected(written.error());
  const std::lock_guard lock(mutex_);
  list_ = std::make_shared<const TrustList>(std::move(*parsed));
  return 1;
}

Result<int> TrustDomain::renew(Instant now) {
  if (!fetch_) {
    if (auto read = read_file(); !read) return tl::unexpected(read.error());
    return 0;
  }
  remove_scratch(folder_);  // here, where nobody else writes
  const auto bytes = fetch_();
  if (!bytes) return tl::unexpected(bytes.error());
  return take(*bytes, now);
}

Result<int> TrustDomain::round(Instant now) {
  // Also when the wall clock went back by more than a pause.
  const bool due = now >= next_attempt_ || next_attempt_ - now > options_.refresh;
  int renewed = 0;
  if (due) {
    const auto done = renew(now);
    renewed = done ? *done : 0;
    const std::lock_guard lock(mutex_);
    trouble_ = done ? std::nullopt : std::optional(done.error());
    if (!done) ++failures_;
    next_attempt_ = now + (done ? Duration(options_.refresh) : Duration(kPauseAfterFailure));
  }
  const auto held = list();
  const std::string why = trouble_ ? " " + trouble_->text : "";
  if (held == nullptr)
    return fail(ErrorCode::unavailable, "there is no MSSanté trust list: no mail leaves." + why);
  if (const Duration age = now - held->generated_at; age > options_.alert_age)
    return fail(ErrorCode::unavailable, "the MSSanté trust list is " +
                                            std::to_string(whole_hours(age)) +
                                            " h old; no mail leaves once it is older than " +
                                            std::to_string(options_.max_age.count()) + " h." + why);
  if (trouble_) return tl::unexpected(*trouble_);
  return renewed;
}

MailTrust TrustDomain::trust_in(std::string_view address, Instant now) const {
  const auto held = list();
  if (held == nullptr || now - held->generated_at > options_.max_age) return MailTrust::unknown;
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return MailTrust::outsider;
  return held->holds(address.substr(at + 1)) ? MailTrust::member : MailTrust::outsider;
}

MailTrust TrustDomain::trust_in_sender(std::string_view from, std::string_view return_path,
                                       Instant now) const {
  const MailTrust sender = trust_in(from, now);
  return sender != MailTrust::member || return_path.empty() ? sender : trust_in(return_path, now);
}

TrustFigures TrustDomain::figures(Instant now) const {
  const std::lock_guard lock(mutex_);
  TrustFigures figures;
  figures.failures = failures_;
  if (list_ == nullptr) return figures;
  figures.domains = static_cast<std::int64_t>(list_->domains.size());
  figures.entries = static_cast<std::int64_t>(list_->entries);
  figures.unusable = static_cast<std::int64_t>(list_->unusable);
  figures.age = now - list_->generated_at;
  return figures;
}

SendResult TrustingMailer::send(const Envelope& envelope, ByteView mime) {
  switch (trust_.trust_in(envelope.to, clock_.now())) {
    case MailTrust::member:
      return inner_.send(envelope, mime);
    case MailTrust::outsider:
      return {SendOutcome::refused,
              std::string(kOutsideTrustDomain) +
                  ": the recipient's domain is not in the MSSanté trust list; nothing was sent. "
                  "Ask for his MSSanté address and correct it.",
              std::string(kOutsideTrustDomain)};
    case MailTrust::unknown:
      break;
  }
  return {SendOutcome::retry,
          "trust_list_outdated: there is no MSSanté trust list young enough to send by"};
}

}  // namespace telavis
