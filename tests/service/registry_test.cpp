// SPDX-License-Identifier: Apache-2.0
// From the form to the first session, suspension, loans and programmes: in virtual time, on the
// real database.
#include "engine/core/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "engine/core/key_ring.h"
#include "mssante/mime.h"
#include "storage/sqlite.h"
#include "tests/fakes.h"
#include "tests/temp_folder.h"

namespace telavis::registry_test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::SeededRandom;
using test::SimClock;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const RegistryActor kOperator{};
const ProgrammeId kTrained{"rythmologie"};  // asks for a training, lends devices
const ProgrammeId kDirect{"ecg-direct"};
const std::string kPassword = "une phrase assez longue";

struct Gone {
  UserId expert;
  bool holds_on;
  bool operator==(const Gone&) const = default;
};

Programme programme(const ProgrammeId& id, OfferPolicy policy, bool training) {
  Programme out = shipped_programmes().front();
  out.id = id;
  out.version = 1;
  out.policy = policy;
  out.time_zone = "America/Guadeloupe";
  out.training_required = training;
  out.mailbox = id.value + "@guadeloupe.telavis.test";
  return out;
}

User staff(const std::string& id, const ProgrammeId& where, Role role) {
  User user;
  user.id = UserId(id);
  user.login = id;
  user.family_name = "Nom" + id;
  user.mail_address = id + "@association.test";
  user.memberships = {{where, role}};
  return user;
}

std::string form(const std::string& name, const std::string& rpps, const std::string& role,
                 const std::string& more = "") {
  return R"({"programme":"rythmologie","role":")" + role +
         R"(","title":"Dr","given_name":"Zoé","family_name":")" + name + R"(","rpps":")" + rpps +
         R"(","profession":"medecin","speciality":"cardiologie","mail_address":")" + name +
         R"(@medecin.test","mobile_phone":"+590690000000","office_phone":"+590590000000",)" +
         R"("place":"Basse-Terre","territory":"971")" + more + "}";
}

class RegistryTest : public testing::Test {
 protected:
  RegistryTest()
      : repository_(open_sqlite_repository({folder_.path() / "telavis.db",
                                            [this] { return to_epoch_ms(clock_.now()); }})
                        .value()),
        registry_({clock_, random_, *repository_, compose_mime,
                   [this](const UserId& expert, bool holds_on) -> Result<void> {
                     gone_.push_back({expert, holds_on});
                     if (fail_gone_) return fail(ErrorCode::storage_failed, "planned");
                     return {};
                   },
                   [this] { return derive_key(kMaster, kNodeMailPurpose); }}) {
    EXPECT_TRUE(
        registry_.put_programme(kOperator, programme(kTrained, OfferPolicy::rotation, true)));
    EXPECT_TRUE(registry_.put_programme(kOperator, programme(kDirect, OfferPolicy::direct, false)));
    for (const User& user : {*admin_.user, *coordinator_.user, *treasurer_.user}) {
      EXPECT_TRUE(repository_->put_user(user, {clock_.now(), "operator"}));
    }
  }

  UserId requested(const std::string& name, const std::string& rpps,
                   const std::string& role = "expert", const std::string& more = "") {
    const auto record = registry_.request_enrolment(form(name, rpps, role, more));
    EXPECT_TRUE(record) << record.error().text;
    return record ? record->user.id : UserId();
  }
  /// Everything on file that an active membership needs.
  void prepare(const UserId& id) {
    EXPECT_TRUE(registry_.check_identity(coordinator_, id, {}));
    EXPECT_TRUE(registry_.decide(coordinator_, id, true, {}));
    EXPECT_TRUE(registry_.record_training(coordinator_, id, "2026-01-05", {}));
    EXPECT_TRUE(registry_.record_charter(coordinator_, id, "2026-1", "2026-01-05", {}));
  }
  UserId active(const std::string& name, const std::string& rpps,
                const std::string& role = "expert", const std::string& more = "") {
    const UserId id = requested(name, rpps, role, more);
    prepare(id);
    EXPECT_TRUE(registry_.send_activation_kit(coordinator_, id));
    const auto activated = registry_.activate(name + "@medecin.test", code_of(kit()), kPassword);
    EXPECT_TRUE(activated) << activated.error().text;
    return id;
  }
  User stored(const UserId& id) { return repository_->user(id).value().value(); }

  struct Kit {
    std::string to, from, text;
  };
  /// The next message of the outbox, opened.
  Kit kit() {
    const auto claim = repository_->claim_outbox(clock_.now(), minutes(5)).value();
    EXPECT_TRUE(claim);
    if (!claim) return {};
    EXPECT_EQ(claim->message.kind, MessageKind::activation_kit);
    const auto mime = unseal_stream(derive_key(kMaster, kNodeMailPurpose),
                                    "mail/" + claim->message.id.value, claim->message.sealed_mime);
    EXPECT_TRUE(mime) << mime.error().text;
    EXPECT_TRUE(
        repository_->complete_outbox({claim->message.id, claim->lease_token, OutboxState::sent}));
    return {claim->message.to, claim->message.from, std::string(as_text(*mime))};
  }
  static std::string code_of(const Kit& kit) {
    const std::regex pattern("[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}");
    std::smatch found;
    EXPECT_TRUE(std::regex_search(kit.text, found, pattern)) << kit.text;
    return found.str();
  }
  std::vector<std::string> refusals() {
    std::vector<std::string> actions;
    const auto chain = repository_->audit_chain("node").value();
    for (const AuditEntry& entry : chain) {
      if (entry.what.action.starts_with("refused:")) {
        actions.push_back(entry.what.actor + " " + entry.what.action.substr(8) + " " +
                          entry.what.detail);
      }
    }
    return actions;
  }
  template <typename T>
  static ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::internal : result.error().code;
  }

  const Key kMaster{std::array<std::uint8_t, 32>{1}};
  test::TempFolder folder_;
  SimClock clock_{parse_instant("2026-01-06T12:00:00Z").value()};
  SeededRandom random_{7};
  std::unique_ptr<Repository> repository_;
  std::vector<Gone> gone_;
  bool fail_gone_ = false;
  Registry registry_;
  RegistryActor admin_{staff("admin", ProgrammeId(), Role::admin)};
  RegistryActor coordinator_{staff("coordinator", kTrained, Role::coordinator)};
  RegistryActor treasurer_{staff("treasurer", kTrained, Role::treasurer)};
};

// ---- enrolment ----------------------------------------------------------------------------------

TEST_F(RegistryTest, FromTheFormToTheFirstSession) {
  const auto record = registry_.request_enrolment(form("zoe", "79927398713", "expert"));
  ASSERT_TRUE(record) << record.error().text;
  const UserId id = record->user.id;
  EXPECT_THAT(record->warnings, ElementsAre("insurance_missing", "order_check_due"));
  EXPECT_EQ(stored(id).status, PersonStatus::requested);
  EXPECT_EQ(stored(id).enrolment.requested_on, "2026-01-06");

  // Nobody becomes active on the way there.
  EXPECT_EQ(code_of(registry_.decide(coordinator_, id, true, {})), ErrorCode::state_conflict);
  EXPECT_THAT(registry_.send_activation_kit(coordinator_, id).error().text,
              HasSubstr("no_identity_check, no_decision, no_charter, no_training"));
  ASSERT_TRUE(registry_.check_identity(coordinator_, id, {}));
  ASSERT_TRUE(registry_.decide(coordinator_, id, true, {}));
  EXPECT_EQ(stored(id).enrolment.decided_by, "coordinator");
  EXPECT_EQ(code_of(registry_.decide(coordinator_, id, true, {})), ErrorCode::state_conflict);
  ASSERT_TRUE(registry_.record_charter(coordinator_, id, "2026-1", "2026-01-05", {}));
  EXPECT_THAT(registry_.send_activation_kit(coordinator_, id).error().text,
              HasSubstr("yet: no_training."));
  ASSERT_TRUE(registry_.record_training(coordinator_, id, "2026-01-05", {}));
  EXPECT_EQ(stored(id).status, PersonStatus::requested);

  ASSERT_TRUE(registry_.send_activation_kit(coordinator_, id));
  const Kit sent = kit();
  EXPECT_EQ(sent.to, "zoe@medecin.test");
  EXPECT_EQ(sent.from, "rythmologie@guadeloupe.telavis.test");
  const std::string code = code_of(sent);
  EXPECT_EQ(code_of(registry_.activate("zoe@medecin.test", "0000-0000-0000-0000", kPassword)),
            ErrorCode::login_failed);
  EXPECT_EQ(code_of(registry_.activate("nobody@medecin.test", code, kPassword)),
            ErrorCode::login_failed);
  EXPECT_EQ(code_of(registry_.activate("zoe@medecin.test", code, "court")),
            ErrorCode::invalid_field);
  // As a doctor types it.
  std::string typed = code;
  for (char& c : typed) c = c == '-' ? ' ' : c == '0' ? 'O' : c == '1' ? 'l' : c;
  ASSERT_TRUE(registry_.activate("zoe@medecin.test", typed, kPassword));
  EXPECT_EQ(stored(id).status, PersonStatus::active);
  EXPECT_TRUE(verify_password(stored(id).password_hash, kPassword));
  EXPECT_EQ(code_of(registry_.activate("zoe@medecin.test", code, kPassword)),
            ErrorCode::login_failed);

  std::vector<std::string> actors;
  const auto history = registry_.history(admin_, "person", id.value).value();
  for (const Revision& revision : history) {
    EXPECT_EQ(revision.version, static_cast<std::int64_t>(actors.size()) + 1);
    actors.push_back(revision.change.actor);
  }
  EXPECT_THAT(actors, ElementsAre("anybody", "coordinator", "coordinator", "coordinator",
                                  "coordinator", id.value));
  const auto chain = repository_->audit_chain("node").value();
  EXPECT_EQ(verify_chain(chain, repository_->node_audit_head().value()), 0);
  for (const AuditEntry& entry : chain) {
    EXPECT_EQ(entry.what.detail.find("zoe"), std::string::npos) << entry.what.action;
  }
}

TEST_F(RegistryTest, AKitEndsAndIsReplaced) {
  const UserId id = requested("zoe", "79927398713");
  prepare(id);
  ASSERT_TRUE(registry_.send_activation_kit(coordinator_, id));
  const std::string first = code_of(kit());
  ASSERT_TRUE(registry_.send_activation_kit(coordinator_, id));
  const std::string second = code_of(kit());
  EXPECT_NE(first, second);
  EXPECT_FALSE(registry_.activate("zoe@medecin.test", first, kPassword));
  clock_.advance(hours(7 * 24));
  EXPECT_EQ(code_of(registry_.activate("zoe@medecin.test", second, kPassword)),
            ErrorCode::login_failed);
  ASSERT_TRUE(registry_.send_activation_kit(coordinator_, id));
  clock_.advance(hours(7 * 24) - minutes(1));
  EXPECT_TRUE(registry_.activate("zoe@medecin.test", code_of(kit()), kPassword));
}

TEST_F(RegistryTest, AKitIsWorthNothingToASuspendedPerson) {
  const UserId id = active("zoe", "79927398713");
  ASSERT_TRUE(registry_.send_activation_kit(coordinator_, id));
  const std::string code = code_of(kit());
  ASSERT_TRUE(registry_.suspend(coordinator_, id, {}));
  EXPECT_EQ(code_of(registry_.activate("zoe@medecin.test", code, kPassword)),
            ErrorCode::login_failed);
  EXPECT_EQ(code_of(registry_.send_activation_kit(coordinator_, id)), ErrorCode::state_conflict);
  EXPECT_EQ(stored(id).status, PersonStatus::suspended);
}

TEST_F(RegistryTest, WhoIsOnFileAlreadyIsToldSoAndNotWhoItIs) {
  requested("zoe", "79927398713");
  for (const std::string& again :
       {form("autre", "79927398713", "requester"), form("ZOE", "10000000009", "requester")}) {
    const auto refused = registry_.request_enrolment(again);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::state_conflict);
    EXPECT_EQ(refused.error().text.find("zoe"), std::string::npos);
    EXPECT_EQ(refused.error().text.find("7992"), std::string::npos);
  }
  std::string unknown = form("luc", "10000000009", "expert");
  unknown.replace(unknown.find("rythmologie"), 11, "cosmologie!");
  EXPECT_EQ(code_of(registry_.request_enrolment(unknown)), ErrorCode::unknown_programme);
  EXPECT_THAT(refusals(), ElementsAre("anybody request_enrolment state_conflict",
                                      "anybody request_enrolment state_conflict",
                                      "anybody request_enrolment unknown_programme"));
}

TEST_F(RegistryTest, ARefusedRequestEndsAndMayBeMadeAgain) {
  const UserId id = requested("zoe", "79927398713");
  ASSERT_TRUE(registry_.decide(coordinator_, id, false, {}));
  EXPECT_EQ(stored(id).status, PersonStatus::left);
  EXPECT_EQ(code_of(registry_.send_activation_kit(coordinator_, id)), ErrorCode::state_conflict);
  ASSERT_TRUE(registry_.resume(coordinator_, id, {}));
  EXPECT_EQ(stored(id).status, PersonStatus::requested);
  EXPECT_EQ(stored(id).enrolment.decided_on, "");
}

TEST_F(RegistryTest, DatesAreThoseOfThePlaceAndNotToCome) {
  const UserId id = requested("zoe", "79927398713");
  clock_.set(parse_instant("2026-01-07T03:00:00Z").value());  // still the 6th in Guadeloupe
  EXPECT_TRUE(registry_.record_training(coordinator_, id, "2026-01-06", {}));
  EXPECT_EQ(code_of(registry_.record_training(coordinator_, id, "2026-01-07", {})),
            ErrorCode::invalid_field);
  EXPECT_EQ(code_of(registry_.record_order_check(coordinator_, id, "06/01/2026", {})),
            ErrorCode::invalid_field);
  EXPECT_EQ(code_of(registry_.record_insurance(coordinator_, id, "2026-01-05", {})),
            ErrorCode::invalid_field);
  EXPECT_TRUE(registry_.record_insurance(coordinator_, id, "2026-12-31", {}));
  EXPECT_EQ(code_of(registry_.record_charter(coordinator_, id, "", "2026-01-05", {})),
            ErrorCode::missing_field);
}

TEST_F(RegistryTest, TheOrderIsAskedEveryYear) {
  const UserId id = active("zoe", "79927398713");
  const auto ids = [&](const RegistryActor& by) {
    std::vector<std::string> out;
    const auto due = registry_.due_order_checks(by).value();
    for (const User& user : due) out.push_back(user.id.value);
    return out;
  };
  EXPECT_THAT(ids(coordinator_), ElementsAre(id.value));
  ASSERT_TRUE(registry_.record_order_check(coordinator_, id, "2026-01-06", {}));
  EXPECT_THAT(ids(coordinator_), IsEmpty());
  clock_.advance(hours(24 * 365));
  EXPECT_THAT(ids(admin_), ElementsAre(id.value));
  EXPECT_THAT(ids(treasurer_), IsEmpty());
}

TEST_F(RegistryTest, ALocumWorksFromHisFirstDayToHisLast) {
  const UserId id =
      requested("zoe", "79927398713", "expert",
                R"(,"replaces":{"name":"Dr Fictif","from":"2026-01-12","to":"2026-01-16"})");
  prepare(id);
  ASSERT_TRUE(registry_.send_activation_kit(coordinator_, id));
  const std::string code = code_of(kit());
  EXPECT_EQ(code_of(registry_.activate("zoe@medecin.test", code, kPassword)),
            ErrorCode::state_conflict);
  clock_.set(parse_instant("2026-01-12T04:00:00Z").value());  // midnight in Guadeloupe
  ASSERT_TRUE(registry_.activate("zoe@medecin.test", code, kPassword));
  clock_.set(parse_instant("2026-01-17T03:59:00Z").value());
  EXPECT_EQ(registry_.tidy_up().value(), 0);
  EXPECT_EQ(stored(id).status, PersonStatus::active);
  clock_.advance(minutes(1));
  EXPECT_EQ(registry_.tidy_up().value(), 1);
  EXPECT_EQ(stored(id).status, PersonStatus::left);
  EXPECT_THAT(gone_, ElementsAre(Gone{id, false}));
  EXPECT_EQ(registry_.tidy_up().value(), 0);
  // The next replacement is decided upon anew.
  ASSERT_TRUE(registry_.resume(coordinator_, id, {}));
  ASSERT_TRUE(registry_.decide(coordinator_, id, true, {}));
  EXPECT_THAT(registry_.send_activation_kit(coordinator_, id).error().text,
              HasSubstr("locum_ended"));
  ASSERT_TRUE(registry_.record_replacement(coordinator_, id, "Dr Fictif",
                                           {"2026-02-02", "2026-02-13"}, {}));
  EXPECT_TRUE(registry_.send_activation_kit(coordinator_, id));
}

// ---- membership ---------------------------------------------------------------------------------

TEST_F(RegistryTest, WhoIsSuspendedOrLeavesHasHisCasesPassedOn) {
  const UserId id = active("zoe", "79927398713");
  ASSERT_TRUE(registry_.suspend(coordinator_, id, {}));
  EXPECT_THAT(gone_, ElementsAre(Gone{id, false}));
  EXPECT_FALSE(stored(id).may_log_in());
  ASSERT_TRUE(registry_.resume(coordinator_, id, {}));
  EXPECT_TRUE(stored(id).may_log_in());
  EXPECT_EQ(code_of(registry_.resume(coordinator_, id, {})), ErrorCode::state_conflict);
  ASSERT_TRUE(registry_.leave(coordinator_, id, {}));
  EXPECT_THAT(gone_, ElementsAre(Gone{id, false}, Gone{id, false}));
  EXPECT_EQ(code_of(registry_.suspend(coordinator_, id, {})), ErrorCode::state_conflict);
}

TEST_F(RegistryTest, ARequesterHasNoCasesToPassOn) {
  const UserId id = active("zoe", "79927398713", "requester");
  ASSERT_TRUE(registry_.suspend(coordinator_, id, {}));
  EXPECT_THAT(gone_, IsEmpty());
}

TEST_F(RegistryTest, ASuspensionStandsWhenItsCasesCannotBePassedOnYet) {
  const UserId id = active("zoe", "79927398713");
  fail_gone_ = true;
  const auto suspended = registry_.suspend(coordinator_, id, {});
  ASSERT_FALSE(suspended);
  EXPECT_THAT(suspended.error().text, HasSubstr("repeat the command"));
  EXPECT_EQ(stored(id).status, PersonStatus::suspended);
  fail_gone_ = false;
  EXPECT_TRUE(registry_.suspend(coordinator_, id, {}));
  EXPECT_EQ(gone_.size(), 2U);
}

TEST_F(RegistryTest, AnAbsenceFromTodayLeavesHimWhatHeAccepted) {
  const UserId id = active("zoe", "79927398713");
  const UserId friend_id = active("luc", "10000000009");
  const RegistryActor zoe{stored(id)};
  ASSERT_TRUE(registry_.set_absence(zoe, id, {{"2026-02-02", "2026-02-13"}, friend_id}, {}));
  EXPECT_THAT(gone_, IsEmpty());
  EXPECT_EQ(stored(id).delegate, friend_id);
  EXPECT_EQ(stored(id).terms.availability.time_zone, "America/Guadeloupe");
  EXPECT_THAT(stored(id).terms.availability.shut,
              ElementsAre(DateRange{"2026-02-02", "2026-02-13"}));
  EXPECT_TRUE(check_timetable(stored(id).terms.availability));
  ASSERT_TRUE(registry_.set_absence(zoe, id, {{"2026-01-06", "2026-01-07"}, {}}, {}));
  EXPECT_THAT(gone_, ElementsAre(Gone{id, true}));
  EXPECT_EQ(stored(id).delegate, friend_id);
  for (const DateRange& wrong : {DateRange{"2026-01-01", "2026-01-05"}, DateRange{"", ""},
                                 DateRange{"2026-02-02", "2026-02-01"}}) {
    EXPECT_EQ(code_of(registry_.set_absence(zoe, id, {wrong, {}}, {})), ErrorCode::invalid_field);
  }
  for (const char* delegate : {"nobody", "treasurer"}) {
    EXPECT_EQ(code_of(registry_.set_absence(zoe, id,
                                            {{"2026-02-02", "2026-02-13"}, UserId(delegate)}, {})),
              ErrorCode::invalid_field);
  }
  EXPECT_EQ(stored(id).status, PersonStatus::active);
}

TEST_F(RegistryTest, OneChangesHisOwnHoursAndNothingThatWidensHisPart) {
  const UserId id = active("zoe", "79927398713");
  const RegistryActor zoe{stored(id)};
  ASSERT_TRUE(registry_.set_contact(zoe, id, {"+590690999999", "", "Pointe-à-Pitre"}, {}));
  EXPECT_EQ(stored(id).mobile_phone, "+590690999999");
  EXPECT_EQ(stored(id).office_phone, "+590590000000");
  TermsChange change;
  change.available = false;
  change.terms = ExpertTerms{};
  change.terms->max_open_cases = 3;
  change.terms->conflicts = {UserId("treasurer")};
  change.terms->availability = daytime("America/Guadeloupe");
  ASSERT_TRUE(registry_.set_terms(zoe, id, change, {}));
  EXPECT_FALSE(stored(id).available);
  EXPECT_EQ(stored(id).terms.max_open_cases, 3);
  change.terms->territories = {"971", "978"};
  EXPECT_EQ(code_of(registry_.set_terms(zoe, id, change, {})), ErrorCode::forbidden);
  EXPECT_TRUE(registry_.set_terms(coordinator_, id, change, {}));
  change.terms->conflicts = {UserId("nobody")};
  EXPECT_EQ(code_of(registry_.set_terms(coordinator_, id, change, {})), ErrorCode::invalid_field);
  change.terms->conflicts.clear();
  change.terms->availability.week = {};
  EXPECT_EQ(code_of(registry_.set_terms(coordinator_, id, change, {})), ErrorCode::invalid_field);
  for (const auto& refused :
       {registry_.check_identity(zoe, id, {}), registry_.decide(zoe, id, true, {}),
        registry_.record_training(zoe, id, "2026-01-05", {}), registry_.suspend(zoe, id, {}),
        registry_.set_memberships(zoe, id, {{kTrained, Role::coordinator}}, {}),
        registry_.put_person(zoe, stored(id), {})}) {
    EXPECT_EQ(code_of(refused), ErrorCode::forbidden);
  }
  EXPECT_THAT(refusals(), Contains(id.value + " set_memberships forbidden"));
}

TEST_F(RegistryTest, ACoordinatorGivesNobodyARightHeWasNotGiven) {
  const UserId id = active("zoe", "79927398713");
  const UserId self("coordinator");
  for (const Role role : {Role::coordinator, Role::treasurer, Role::medical_referent}) {
    EXPECT_EQ(code_of(registry_.set_memberships(coordinator_, id, {{kTrained, role}}, {})),
              ErrorCode::forbidden)
        << role_name(role);
  }
  EXPECT_EQ(
      code_of(registry_.set_memberships(coordinator_, id, {{ProgrammeId(), Role::admin}}, {})),
      ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.set_memberships(
                coordinator_, id, {{kTrained, Role::expert}, {kDirect, Role::expert}}, {})),
            ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.set_memberships(
                coordinator_, self, {{kTrained, Role::coordinator}, {kTrained, Role::expert}}, {})),
            ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.suspend(coordinator_, UserId("treasurer"), {})),
            ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.suspend(coordinator_, UserId("admin"), {})), ErrorCode::not_found);
  EXPECT_EQ(code_of(registry_.put_person(coordinator_, stored(id), {})), ErrorCode::forbidden);
  EXPECT_EQ(
      code_of(registry_.put_programme(coordinator_, programme(kTrained, OfferPolicy::open, false))),
      ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.send_activation_kit(coordinator_, self)), ErrorCode::forbidden);
  EXPECT_TRUE(registry_.set_memberships(
      coordinator_, id, {{kTrained, Role::expert}, {kTrained, Role::requester}}, {}));
  EXPECT_TRUE(registry_.set_memberships(admin_, id,
                                        {{kTrained, Role::expert}, {kDirect, Role::expert}}, {}));
  // Now another programme is concerned too.
  EXPECT_EQ(code_of(registry_.suspend(coordinator_, id, {})), ErrorCode::forbidden);
  EXPECT_EQ(
      code_of(registry_.set_memberships(admin_, id, {{ProgrammeId("none"), Role::expert}}, {})),
      ErrorCode::unknown_programme);
}

TEST_F(RegistryTest, AStaleVersionIsAConflictAndChangesNothing) {
  const UserId id = active("zoe", "79927398713");
  const std::int64_t version = stored(id).version;
  const RegistryActor zoe{stored(id)};
  ASSERT_TRUE(registry_.suspend(coordinator_, id, version));
  EXPECT_EQ(code_of(registry_.set_contact(admin_, id, {"+590690999999", "", ""}, version)),
            ErrorCode::version_conflict);
  EXPECT_EQ(stored(id).status, PersonStatus::suspended);
  EXPECT_EQ(stored(id).mobile_phone, "+590690000000");
  User whole = stored(id);
  whole.status = PersonStatus::active;
  EXPECT_EQ(code_of(registry_.put_person(admin_, whole, version)), ErrorCode::version_conflict);
  EXPECT_TRUE(registry_.put_person(admin_, whole, version + 1));
}

TEST_F(RegistryTest, AWholeRecordKeepsItsPasswordAndObeysTheSameRules) {
  const UserId id = active("zoe", "79927398713");
  User whole = stored(id);
  const std::string hash = whole.password_hash;
  whole.password_hash = "smuggled";
  whole.family_name = "Nouveau";
  ASSERT_TRUE(registry_.put_person(admin_, whole, {}));
  EXPECT_EQ(stored(id).password_hash, hash);
  whole.enrolment.charter_signed_on.clear();
  EXPECT_EQ(code_of(registry_.put_person(admin_, whole, {})), ErrorCode::state_conflict);
  whole.status = PersonStatus::suspended;
  EXPECT_TRUE(registry_.put_person(admin_, whole, {}));
  EXPECT_THAT(gone_, ElementsAre(Gone{id, false}));
  User fresh = staff("second-admin", ProgrammeId(), Role::admin);
  EXPECT_EQ(code_of(registry_.put_person(kOperator, fresh, {})), ErrorCode::state_conflict);
  fresh.status = PersonStatus::requested;
  ASSERT_TRUE(registry_.put_person(kOperator, fresh, 0));
  EXPECT_EQ(code_of(registry_.put_person(kOperator, fresh, 0)), ErrorCode::version_conflict);
  ASSERT_TRUE(registry_.check_identity(kOperator, fresh.id, {}));
  ASSERT_TRUE(registry_.decide(kOperator, fresh.id, true, {}));
  ASSERT_TRUE(registry_.send_activation_kit(kOperator, fresh.id));
  EXPECT_TRUE(registry_.activate("second-admin", code_of(kit()), kPassword));
}

// ---- groups, devices, programmes ----------------------------------------------------------------

TEST_F(RegistryTest, AGroupHasExpertsOfItsProgramme) {
  const UserId expert = active("zoe", "79927398713");
  const UserId gp = active("luc", "10000000009", "requester");
  GroupPractice group{"cabinet", 0, kTrained, "Cabinet", "cabinet@mss.test", "", {expert}};
  ASSERT_TRUE(registry_.put_group(coordinator_, group, 0));
  EXPECT_EQ(code_of(registry_.put_group(coordinator_, group, 0)), ErrorCode::version_conflict);
  group.members = {expert, gp};
  EXPECT_EQ(code_of(registry_.put_group(coordinator_, group, 1)), ErrorCode::invalid_field);
  group.members = {expert};
  group.programme = kDirect;
  EXPECT_EQ(code_of(registry_.put_group(coordinator_, group, 1)), ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.put_group(treasurer_, group, 1)), ErrorCode::forbidden);
  EXPECT_EQ(registry_.groups(coordinator_)->size(), 1U);
  EXPECT_THAT(*registry_.groups(treasurer_), IsEmpty());
  EXPECT_EQ(code_of(registry_.group(treasurer_, "cabinet")), ErrorCode::not_found);
}

TEST_F(RegistryTest, ADeviceIsLentToOneDoctorAtATime) {
  const UserId gp = active("zoe", "79927398713", "requester");
  const UserId other = active("luc", "10000000009", "requester");
  LentDevice device;
  device.id = "ecg-03";
  device.programme = kTrained;
  device.serial = "SN-42";
  ASSERT_TRUE(registry_.put_device(coordinator_, device, 0));
  EXPECT_EQ(code_of(registry_.lend_device(coordinator_, "ecg-03", UserId("treasurer"), "", {})),
            ErrorCode::invalid_field);
  EXPECT_EQ(code_of(registry_.lend_device(treasurer_, "ecg-03", gp, "", {})), ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.lend_device(coordinator_, "none", gp, "", {})), ErrorCode::not_found);
  const auto lent = registry_.lend_device(coordinator_, "ecg-03", gp, "2026-06-30", {});
  ASSERT_TRUE(lent) << lent.error().text;
  EXPECT_EQ(lent->lent_on, "2026-01-06");
  EXPECT_EQ(code_of(registry_.lend_device(coordinator_, "ecg-03", other, "", {})),
            ErrorCode::state_conflict);
  EXPECT_TRUE(loan_finding(repository_->device_by_serial("SN-42").value(), other));
  EXPECT_FALSE(loan_finding(repository_->device_by_serial("SN-42").value(), gp));
  ASSERT_TRUE(registry_.return_device(coordinator_, "ecg-03", "12 électrodes", {}));
  EXPECT_EQ(code_of(registry_.return_device(coordinator_, "ecg-03", "", {})),
            ErrorCode::state_conflict);
  EXPECT_FALSE(loan_finding(repository_->device_by_serial("SN-42").value(), other));
  ASSERT_TRUE(registry_.lend_device(coordinator_, "ecg-03", other, "", {}));
  const auto history = registry_.history(coordinator_, "device", "ecg-03");
  ASSERT_TRUE(history);
  EXPECT_EQ(history->size(), 4U);
  EXPECT_THAT(history->at(2).definition, HasSubstr("12 électrodes"));
}

TEST_F(RegistryTest, ADeviceIsPairedOnce) {
  const UserId gp = active("gp-1", "79927398713");
  LentDevice device;
  device.id = "ecg-03";
  device.programme = kTrained;
  device.serial = "SN-42";
  ASSERT_TRUE(registry_.put_device(coordinator_, device, 0));
  EXPECT_EQ(code_of(registry_.pair_device(coordinator_, "ecg-03")), ErrorCode::state_conflict);
  EXPECT_EQ(code_of(registry_.pair_device(coordinator_, "none")), ErrorCode::not_found);
  ASSERT_TRUE(registry_.lend_device(coordinator_, "ecg-03", gp, "", {}));
  EXPECT_EQ(code_of(registry_.pair_device(treasurer_, "ecg-03")), ErrorCode::forbidden);
  const auto old = registry_.pair_device(coordinator_, "ecg-03").value();
  const auto pairing = registry_.pair_device(coordinator_, "ecg-03").value();
  EXPECT_THAT(pairing.code, testing::MatchesRegex("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"));
  EXPECT_EQ(pairing.expires_at, clock_.now() + std::chrono::hours(24));
  EXPECT_EQ(code_of(registry_.redeem_pairing(old.code)), ErrorCode::login_failed);
  EXPECT_EQ(code_of(registry_.redeem_pairing("")), ErrorCode::login_failed);
  // As somebody types it.
  std::string typed = "  " + pairing.code;
  for (char& c : typed) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == '-' ? ' ' : c;
  const auto paired = registry_.redeem_pairing(typed);
  ASSERT_TRUE(paired) << paired.error().text;
  EXPECT_EQ(paired->device, "ecg-03");
  EXPECT_EQ(paired->token.size(), 64U);
  EXPECT_EQ(code_of(registry_.redeem_pairing(pairing.code)), ErrorCode::login_failed);
  const auto found = repository_->device_by_token(device_token_hash(paired->token)).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "ecg-03");
  EXPECT_FALSE(repository_->device_by_token(paired->token).value());  // the hash alone is stored
  std::string said;
  const auto chain = repository_->audit_chain("node").value();
  for (const AuditEntry& entry : chain) {
    if (entry.what.action.find("pair") != std::string::npos)
      said += entry.what.actor + " " + entry.what.action + " " + entry.what.detail + "\n";
    EXPECT_THAT(entry.what.detail, testing::Not(HasSubstr(pairing.code)));
  }
  EXPECT_THAT(said, HasSubstr(coordinator_.id() + " device_pairing ecg-03\n"));
  EXPECT_THAT(said, HasSubstr("anybody refused:redeem_pairing login_failed\n"));
  EXPECT_THAT(said, HasSubstr("anybody device_paired ecg-03\n"));
  const auto late = registry_.pair_device(coordinator_, "ecg-03").value();
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(code_of(registry_.redeem_pairing(late.code)), ErrorCode::login_failed);
}

TEST_F(RegistryTest, AProgrammeHasItsNextVersionFromAnAdministrator) {
  Programme next = programme(kTrained, OfferPolicy::open, true);
  EXPECT_EQ(code_of(registry_.put_programme(admin_, next)), ErrorCode::version_conflict);
  next.version = 2;
  ASSERT_TRUE(registry_.put_programme(admin_, next));
  EXPECT_EQ(repository_->programme(kTrained).value()->policy, OfferPolicy::open);
  EXPECT_EQ(registry_.history(coordinator_, "programme", kTrained.value)->size(), 2U);
  EXPECT_EQ(code_of(registry_.history(coordinator_, "programme", kDirect.value)),
            ErrorCode::not_found);
  EXPECT_EQ(registry_.programmes(coordinator_)->size(), 1U);
  EXPECT_EQ(registry_.programmes(admin_)->size(), 2U);
}

// ---- reading ------------------------------------------------------------------------------------

TEST_F(RegistryTest, ReadingIsBoundedAndWrittenDown) {
  const UserId id = active("zoe", "79927398713");
  EXPECT_EQ(registry_.people(admin_)->size(), 4U);
  EXPECT_EQ(registry_.people(coordinator_)->size(), 3U);  // himself, the treasurer, the expert
  EXPECT_EQ(registry_.people(treasurer_)->size(), 1U);
  const auto shown = registry_.person(coordinator_, id);
  ASSERT_TRUE(shown);
  EXPECT_THAT(shown->obstacles, IsEmpty());
  EXPECT_THAT(shown->warnings, Contains("insurance_missing"));
  EXPECT_EQ(code_of(registry_.person(treasurer_, id)), ErrorCode::not_found);
  EXPECT_EQ(code_of(registry_.history(treasurer_, "person", id.value)), ErrorCode::not_found);
  EXPECT_EQ(code_of(registry_.history(coordinator_, "person", "treasurer")), ErrorCode::not_found);
  EXPECT_EQ(code_of(registry_.history(admin_, "case", id.value)), ErrorCode::not_found);
  const auto chain = repository_->audit_chain("node").value();
  const auto read = std::count_if(chain.begin(), chain.end(), [&](const AuditEntry& entry) {
    return entry.what.action == "read:person" && entry.what.detail == id.value &&
           entry.what.actor == "coordinator";
  });
  EXPECT_EQ(read, 1);
  EXPECT_THAT(refusals(), Contains("treasurer show_person not_found"));
}

TEST_F(RegistryTest, TheDirectoryIsForThoseWhoChooseOrPassOn) {
  const UserId expert = active("zoe", "79927398713");
  const UserId away = active("luc", "10000000009");
  User gp = staff("gp", kDirect, Role::requester);
  for (const UserId& id : {expert, away}) {
    ASSERT_TRUE(registry_.set_memberships(admin_, id, {{kDirect, Role::expert}}, {}));
  }
  ASSERT_TRUE(registry_.put_group(
      admin_, {"cabinet", 0, kDirect, "Cabinet", "c@mss.test", "+33200000000", {expert}}, {}));
  TermsChange change;
  change.available = false;
  ASSERT_TRUE(registry_.set_terms(admin_, away, change, {}));
  clock_.set(parse_instant("2026-01-06T10:00:00Z").value());  // 6 o'clock in Guadeloupe
  const auto entries = registry_.directory(gp, kDirect);
  ASSERT_TRUE(entries) << entries.error().text;
  ASSERT_EQ(entries->size(), 3U);
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_group) {
      EXPECT_EQ(entry.phone, "+33200000000");
    } else {
      EXPECT_EQ(entry.phone, "+590590000000") << "the direct line, not the mobile";
    }
    const bool open = entry.id != away.value;
    EXPECT_EQ(entry.next_open_at.has_value(), open);
    EXPECT_EQ(format_utc(entry.next_open_at.value_or(Instant())),
              open ? "2026-01-06T12:00:00Z" : "1970-01-01T00:00:00Z");
  }
  ASSERT_TRUE(registry_.suspend(admin_, expert, {}));
  EXPECT_EQ(registry_.directory(gp, kDirect)->size(), 1U);  // nor the group without a member
  EXPECT_EQ(code_of(registry_.directory(*treasurer_.user, kDirect)), ErrorCode::forbidden);
  EXPECT_EQ(code_of(registry_.directory(gp, kTrained)), ErrorCode::forbidden);
  for (const Role role : {Role::requester, Role::expert, Role::coordinator}) {
    gp.memberships = {{kTrained, role}};
    EXPECT_TRUE(registry_.directory(gp, kTrained)) << role_name(role);
  }
}

}  // namespace
}  // namespace telavis::registry_test
