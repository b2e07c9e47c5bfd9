// SPDX-License-Identifier: Apache-2.0
// The one audited door to what an association keeps on file: programmes, people, group practices,
// lent devices. What Service is for cases. Rights are checked here, refusals are audited here,
// every change makes a version.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/ports.h"
#include "engine/core/registry_rights.h"
#include "engine/core/service_ports.h"

namespace telavis {

struct RegistryPorts {
  Clock& clock;
  Random& random;
  Repository& repository;
  std::function<Result<Bytes>(const MailDraft&)> compose_mail;
  /// The expert is suspended, has left, or is absent (`holds_on`: keeps what he accepted). Called
  /// after the change is stored; calling it again is harmless.
  std::function<Result<void>(const UserId&, bool holds_on)> expert_gone;
  /// The key of messages of no case as it is now (Service::node_mail_key).
  std::function<Key()> mail_key;
};

/// The version a change was made on: another one there by then is a version_conflict. None: the
/// change is made on whichever is there.
using Replaces = std::optional<std::int64_t>;

/// A person with what the association should look at (codes: people.h).
struct PersonRecord {
  User user;
  std::vector<std::string> warnings;
  std::vector<std::string> obstacles;  // to an active membership
};

/// What a person changes of his own accord. Empty members stay as they are.
struct ContactChange {
  std::string mobile_phone;
  std::string office_phone;
  std::string place;
};

/// How an expert takes part; what is left out stays as it is.
struct TermsChange {
  std::optional<bool> available;
  std::optional<ExpertTerms> terms;
};

struct Absence {
  DateRange dates;
  std::optional<UserId> delegate;
};

/// What a practice types once to connect a device (docs/devices.md).
struct PairingCode {
  std::string code;  // "K7Q2-9M4X-3TFA"
  Instant expires_at;
};
struct PairedDevice {
  std::string device;  // id
  std::string token;   // told once; only its hash is stored
};

/// Somebody whom a requester may address, or a group practice.
struct DirectoryEntry {
  std::string id;
  bool is_group = false;
  std::string name;
  std::string speciality;
  std::string place;
  std::string territory;
  std::string phone;                    // direct line
  std::optional<Instant> next_open_at;  // now while his hours run; none when he takes no cases
};

class Registry {
 public:
  /// A message of no case is sealed with the mail key, bound to "mail/<outbox id>".
  explicit Registry(RegistryPorts ports) : ports_(std::move(ports)) {}

  // ---- enrolment. Errors of all changes: not_found, forbidden, version_conflict, missing_field,
  // invalid_field, and what their line says; all are audited.
  /// By anybody. Errors also: unknown_programme, state_conflict (RPPS number or address on file
  /// already; whose is not told).
  Result<PersonRecord> request_enrolment(std::string_view form_json);
  Result<User> check_identity(const RegistryActor& by, const UserId& id, Replaces replaces);
  /// The association's board. Refused: the person has left. Errors also: state_conflict (identity
  /// not checked, decided already).
  Result<User> decide(const RegistryActor& by, const UserId& id, bool accepted, Replaces replaces);
  Result<User> record_training(const RegistryActor& by, const UserId& id, const std::string& date,
                               Replaces replaces);
  Result<User> record_charter(const RegistryActor& by, const UserId& id, const std::string& version,
                              const std::string& date, Replaces replaces);
  Result<User> record_insurance(const RegistryActor& by, const UserId& id, const std::string& until,
                                Replaces replaces);
  Result<User> record_order_check(const RegistryActor& by, const UserId& id,
                                  const std::string& date, Replaces replaces);
  /// The doctor a locum stands for, and his first and last day.
  Result<User> record_replacement(const RegistryActor& by, const UserId& id,
                                  const std::string& replaced_doctor, const DateRange& dates,
                                  Replaces replaces);
  /// Active doctors whose status at the Order was last looked at a year ago or earlier.
  Result<std::vector<User>> due_order_checks(const RegistryActor& by);
  /// A one-time code, by mail to the MSSanté address on file and to nowhere else. A new one makes
  /// the one before worthless; for an active person it is the way to a new password. Errors also:
  /// state_conflict (what is missing is named), configuration_invalid (no programme to write from).
  Result<void> send_activation_kit(const RegistryActor& by, const UserId& id);
  /// By whoever holds the code. Errors: login_failed (login, code or its time is wrong),
  /// invalid_field (the password is too short), state_conflict (a locum before his first day).
  Result<void> activate(const std::string& login, std::string_view code, std::string_view password);

  // ---- membership
  /// Suspended, or suspended already: his open cases go to others. Also leave().
  Result<User> suspend(const RegistryActor& by, const UserId& id, Replaces replaces);
  Result<User> leave(const RegistryActor& by, const UserId& id, Replaces replaces);
  /// From a suspension back to active; who had left is decided upon anew. Errors also:
  /// state_conflict.
  Result<User> resume(const RegistryActor& by, const UserId& id, Replaces replaces);
  Result<User> set_memberships(const RegistryActor& by, const UserId& id,
                               const std::vector<Membership>& memberships, Replaces replaces);
  Result<User> set_contact(const RegistryActor& by, const UserId& id, const ContactChange& contact,
                           Replaces replaces);
  /// The person himself does not widen what he takes: territories and kinds of exams are changed by
  /// his coordinator.
  Result<User> set_terms(const RegistryActor& by, const UserId& id, const TermsChange& change,
                         Replaces replaces);
  /// Adds the dates to his hours; from today on, what he has not accepted goes to others.
  Result<User> set_absence(const RegistryActor& by, const UserId& id, const Absence& absence,
                           Replaces replaces);
  /// The whole record, new or not; the password stays. Errors also: state_conflict (active without
  /// what that needs).
  Result<User> put_person(const RegistryActor& by, const User& person, Replaces replaces);

  // ---- groups, devices, programmes
  Result<GroupPractice> put_group(const RegistryActor& by, const GroupPractice& group,
                                  Replaces replaces);
  Result<LentDevice> put_device(const RegistryActor& by, const LentDevice& device,
                                Replaces replaces);
  /// Errors also: state_conflict (it is lent).
  Result<LentDevice> lend_device(const RegistryActor& by, const std::string& id,
                                 const UserId& holder, const std::string& due_back_on,
                                 Replaces replaces);
  /// Errors also: state_conflict (it is not lent). `consumables` replaces the notes unless empty.
  Result<LentDevice> return_device(const RegistryActor& by, const std::string& id,
                                   const std::string& consumables, Replaces replaces);
  /// A code that serves once, within a day, and makes the one before worthless. Errors also:
  /// state_conflict (the device may not send).
  Result<PairingCode> pair_device(const RegistryActor& by, const std::string& id);
  /// By whoever holds the code; the device's token of before ends. Errors: login_failed.
  Result<PairedDevice> redeem_pairing(std::string_view code);
  /// The next version; open cases keep the plan of theirs. Errors also: configuration_invalid.
  Result<Programme> put_programme(const RegistryActor& by, const Programme& programme);

  // ---- reading. What the actor may not see is not found, or left out; reading of people, loans
  // and histories is an audit entry.
  Result<std::vector<User>> people(const RegistryActor& by);
  Result<PersonRecord> person(const RegistryActor& by, const UserId& id);
  Result<std::vector<GroupPractice>> groups(const RegistryActor& by);
  Result<GroupPractice> group(const RegistryActor& by, const std::string& id);
  Result<std::vector<LentDevice>> devices(const RegistryActor& by);
  Result<LentDevice> device(const RegistryActor& by, const std::string& id);
  /// Those that the reader holds now; not audited, they are his.
  Result<std::vector<LentDevice>> devices_of(const User& reader);
  Result<std::vector<Programme>> programmes(const RegistryActor& by);
  Result<Programme> programme(const RegistryActor& by, const ProgrammeId& id);
  /// `kind`: "programme", "person", "group", "device". Oldest first.
  Result<std::vector<Revision>> history(const RegistryActor& by, const std::string& kind,
                                        const std::string& id);
  /// Active experts and groups of a programme, for its requesters, experts and coordinators: whom a
  /// requester addresses himself under the policy `direct`, whom a case can be passed on to under
  /// any. Errors: forbidden.
  Result<std::vector<DirectoryEntry>> directory(const User& reader, const ProgrammeId& id);

  /// Locums whose last day has passed leave; open cases of experts who are gone are passed on, in
  /// case the engine stopped in between. Gives how many people were dealt with. Hourly is enough.
  Result<int> tidy_up();

  /// Refusals that could not be written to the audit.
  std::int64_t unaudited_refusals() const { return unaudited_; }

 private:
  using Mutation = std::function<Result<void>(User& person, const std::string& today)>;
  Result<User> change_person(const RegistryActor& by, std::string_view action, const UserId& id,
                             PersonRight right, const Replaces& replaces, const Mutation& mutate);
  Result<User> change_once(const RegistryActor& by, const UserId& id, PersonRight right,
                           const Replaces& replaces, const Mutation& mutate);
  Result<User> set_date(const RegistryActor& by, std::string_view action, const UserId& id,
                        const Replaces& replaces, std::string Enrolment::*member,
                        const std::string& date);
  Result<User> take_out(const RegistryActor& by, std::string_view action, const UserId& id,
                        PersonStatus status, const Replaces& replaces);
  Result<void> pass_on_cases(const User& person, bool holds_on);
  Result<User> put_person_checked(const RegistryActor& by, const User& person,
                                  const Replaces& replaces);
  Result<void> check_links(const User& person);
  Result<void> check_active(const User& person, const std::string& today);
  Result<void> check_not_on_file(const User& person);
  Result<PersonRecord> request_checked(std::string_view form_json);
  Result<void> send_kit_checked(const RegistryActor& by, const UserId& id);
  Result<OutboxMessage> compose_kit(const User& person, const Programme& programme,
                                    const std::string& code, Instant expires_at);
  Result<User> activate_checked(const std::string& login, std::string_view code,
                                std::string_view password);
  Result<GroupPractice> put_group_checked(const RegistryActor& by, const GroupPractice& group,
                                          const Replaces& replaces);
  Result<LentDevice> put_device_checked(const RegistryActor& by, const LentDevice& device,
                                        const Replaces& replaces);
  using DeviceMutation = std::function<Result<void>(LentDevice& device, const std::string& today)>;
  Result<LentDevice> change_device(const RegistryActor& by, const std::string& id,
                                   const Replaces& replaces, const DeviceMutation& mutate);
  Result<PairingCode> pair_device_checked(const RegistryActor& by, const std::string& id);
  Result<PairedDevice> redeem_checked(std::string_view code);
  Result<std::vector<DirectoryEntry>> directory_checked(const User& reader, const ProgrammeId& id);
  Result<void> check_may_see(const RegistryActor& by, const std::string& kind,
                             const std::string& id);

  Result<GroupPractice> visible_group(const RegistryActor& by, const std::string& id);
  Result<LentDevice> visible_device(const RegistryActor& by, const std::string& id);
  Result<Programme> visible_programme(const RegistryActor& by, const ProgrammeId& id);
  /// Nothing when the actor has the right; otherwise what he is told: not_found of whom he may not
  /// even know of.
  Result<void> check_right(const RegistryActor& by, const User& person, PersonRight right);
  Result<User> stored_person(const UserId& id);
  Result<LentDevice> stored_device(const std::string& id);
  Result<std::vector<Programme>> programmes_of(const User& person);
  /// The local date where the person works.
  Result<std::string> today_of(const User& person);
  Result<void> record_read(const RegistryActor& by, std::string_view kind, const std::string& id);
  void audit_refusal(const std::string& actor, std::string_view action, const Error& error);
  template <typename T>
  Result<T> audited(const std::string& actor, std::string_view action, Result<T> result) {
    if (!result) audit_refusal(actor, action, result.error());
    return result;
  }

  RegistryPorts ports_;
  std::atomic<std::int64_t> unaudited_ = 0;
};

}  // namespace telavis
