// SPDX-License-Identifier: Apache-2.0
// What is on file about people: keys, contradictions, obstacles, JSON.
#include "engine/core/people.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "engine/core/catalogue.h"
#include "engine/core/enrolment_form.h"
#include "engine/core/person_json.h"
#include "engine/core/programme.h"
#include "engine/core/registry_rights.h"

namespace telavis {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const ProgrammeId kEcg{"ecg"}, kSkin{"skin"};

User doctor() {
  User user;
  user.id = UserId("dr-test");
  user.login = "dr@medecin.test";
  user.title = "Dr";
  user.given_name = "Zoé";
  user.family_name = "D'Été-Ferré";
  user.rpps = "10000000008";
  user.profession = "medecin";
  user.speciality = "médecine générale";
  user.mail_address = "dr@medecin.test";
  user.mobile_phone = "+590 690 00 00 00";
  user.office_phone = "0590.00.00.00";
  user.place = "Basse-Terre";
  user.territory = "971";
  user.memberships = {{kEcg, Role::requester}};
  user.enrolment.identity_checked_on = "2026-01-05";
  user.enrolment.decided_on = "2026-01-06";
  user.enrolment.decided_by = "board-1";
  user.enrolment.charter_signed_on = "2026-01-06";
  user.enrolment.charter_version = "2026-1";
  user.enrolment.insured_until = "2026-12-31";
  user.enrolment.order_checked_on = "2026-01-05";
  return user;
}

TEST(Rpps, ItsLastDigitIsTheKeyOfTheOthers) {
  // 1000000000k: the leading 1 stands on an undoubled place (11th from the right), so 1 + k = 10.
  EXPECT_FALSE(is_rpps("10000000001"));
  EXPECT_TRUE(is_rpps("10000000009"));
  // Luhn's own example, 7992739871 with the key 3.
  EXPECT_TRUE(is_rpps("79927398713"));
  for (const char* wrong : {"", "7992739871", "799273987130", "7992739871x", "79927398710",
                            "79927398703", " 9927398713", "７9927398713"}) {
    EXPECT_FALSE(is_rpps(wrong)) << wrong;
  }
}

TEST(Rpps, EverySingleWrongDigitShows) {
  const std::string sound = "79927398713";
  for (std::size_t place = 0; place < sound.size(); ++place) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string other = sound;
      other[place] = digit;
      EXPECT_EQ(is_rpps(other), other == sound) << other;
    }
  }
}

TEST(Person, IsWarnedOfAndNotRefused) {
  User user = doctor();
  user.rpps = "10000000008";  // a wrong key
  EXPECT_TRUE(check_person(user));
  EXPECT_THAT(person_warnings(user, "2026-06-01"), ElementsAre("rpps_key"));
  user.rpps = "10000000009";
  EXPECT_THAT(person_warnings(user, "2026-06-01"), IsEmpty());
  user.rpps.clear();
  user.enrolment.insured_until.clear();
  EXPECT_THAT(person_warnings(user, "2026-06-01"),
              ElementsAre("rpps_missing", "insurance_missing"));
  user.enrolment.insured_until = "2026-05-31";
  EXPECT_THAT(person_warnings(user, "2026-06-01"), Contains("insurance_ended"));
  EXPECT_THAT(person_warnings(user, "2026-05-31"), Not(Contains("insurance_ended")));
  user.memberships = {{ProgrammeId(), Role::admin}};
  EXPECT_THAT(person_warnings(user, "2026-06-01"), IsEmpty());
}

TEST(Person, TheOrderIsAskedAgainAfterAYear) {
  User user = doctor();
  EXPECT_FALSE(order_check_is_due(user, "2027-01-04"));
  EXPECT_TRUE(order_check_is_due(user, "2027-01-05"));
  user.enrolment.order_checked_on = "2024-02-29";
  EXPECT_FALSE(order_check_is_due(user, "2025-02-28"));
  EXPECT_TRUE(order_check_is_due(user, "2025-03-01"));
  user.enrolment.order_checked_on.clear();
  EXPECT_TRUE(order_check_is_due(user, "2024-01-01"));
}

TEST(Person, ContradictionsAreRefusedByName) {
  struct Wrong {
    const char* named;
    std::function<void(User&)> change;
  };
  const std::vector<Wrong> cases = {
      {"'id'", [](User& u) { u.id = UserId("A B"); }},
      {"'id'", [](User& u) { u.id = UserId("../x"); }},
      {"'id'", [](User& u) { u.id = UserId(std::string(65, 'a')); }},
      {"'login'", [](User& u) { u.login.clear(); }},
      {"'family_name'", [](User& u) { u.family_name.clear(); }},
      {"'mail_address'", [](User& u) { u.mail_address = "dr@"; }},
      {"'mail_address'", [](User& u) { u.mail_address = "a@b.test\nBcc: x@y.test"; }},
      {"'rpps'", [](User& u) { u.rpps = "1234"; }},
      {"'rpps'", [](User& u) { u.rpps = "1234567890x"; }},
      {"'mobile_phone'", [](User& u) { u.mobile_phone = "call me"; }},
      {"'mobile_phone'", [](User& u) { u.mobile_phone = "12345"; }},
      {"'office_phone'", [](User& u) { u.office_phone = "+1234567890123456"; }},
      {"'office_phone'", [](User& u) { u.office_phone = "05+90000000"; }},
      {"'territory'", [](User& u) { u.territory = "20"; }},
      {"'enrolment.trained_on'", [](User& u) { u.enrolment.trained_on = "2026-02-30"; }},
      {"'enrolment.insured_until'", [](User& u) { u.enrolment.insured_until = "soon"; }},
      {"'enrolment.decided_by'", [](User& u) { u.enrolment.decided_by.clear(); }},
      {"'enrolment.replaces_during'",
       [](User& u) {
         u.enrolment.replaces_during = {"2026-02-02", "2026-02-01"};
       }},
      {"'enrolment.replaces_during'",
       [](User& u) {
         u.enrolment.replaces_during = {"2026-02-02", ""};
       }},
      {"'memberships'",
       [](User& u) {
         u.memberships.push_back({kEcg, Role::admin});
       }},
      {"'memberships'",
       [](User& u) {
         u.memberships.push_back({ProgrammeId(), Role::expert});
       }},
      {"'memberships'",
       [](User& u) {
         u.memberships.push_back({kEcg, Role::requester});
       }},
      {"'terms.territories'", [](User& u) { u.terms.territories = {"99999"}; }},
      {"'terms.exam_kinds'", [](User& u) { u.terms.exam_kinds = {"mri"}; }},
      {"'terms.max_open_cases'", [](User& u) { u.terms.max_open_cases = -1; }},
      {"'terms.conflicts'", [](User& u) { u.terms.conflicts = {UserId("dr-test")}; }},
      {"'delegate'", [](User& u) { u.delegate = UserId("dr-test"); }},
  };
  EXPECT_TRUE(check_person(doctor()));
  for (const Wrong& wrong : cases) {
    User user = doctor();
    wrong.change(user);
    const auto checked = check_person(user);
    ASSERT_FALSE(checked) << wrong.named;
    EXPECT_THAT(checked.error().text, HasSubstr(wrong.named));
  }
}

TEST(Person, BecomesActiveOnlyWithEverythingOnFile) {
  Programme trained;
  trained.id = kEcg;
  trained.training_required = true;
  Programme free;
  free.id = kSkin;
  User user = doctor();
  EXPECT_THAT(obstacles_to_activity(user, {free}, "2026-02-01"), IsEmpty());
  EXPECT_THAT(obstacles_to_activity(user, {trained}, "2026-02-01"), ElementsAre("no_training"));
  user.enrolment.trained_on = "2026-01-20";
  EXPECT_THAT(obstacles_to_activity(user, {trained}, "2026-02-01"), IsEmpty());
  User fresh;
  EXPECT_THAT(obstacles_to_activity(fresh, {}, "2026-02-01"),
              ElementsAre("no_membership", "no_identity_check", "no_decision"));
  fresh.memberships = {{kEcg, Role::expert}};
  EXPECT_THAT(obstacles_to_activity(fresh, {trained}, "2026-02-01"),
              ElementsAre("no_identity_check", "no_decision", "no_charter", "no_training"));
  // Staff signs no doctor's charter and needs no training.
  fresh.memberships = {{kEcg, Role::treasurer}};
  EXPECT_THAT(obstacles_to_activity(fresh, {trained}, "2026-02-01"),
              ElementsAre("no_identity_check", "no_decision"));
}

TEST(Person, ALocumIsActiveFromHisFirstDayToHisLast) {
  User user = doctor();
  user.enrolment.replaces = "Dr Fictif";
  EXPECT_THAT(obstacles_to_activity(user, {}, "2026-02-01"), ElementsAre("locum_dates_missing"));
  user.enrolment.replaces_during = {"2026-02-02", "2026-02-13"};
  EXPECT_THAT(obstacles_to_activity(user, {}, "2026-02-01"), ElementsAre("locum_not_begun"));
  EXPECT_THAT(obstacles_to_activity(user, {}, "2026-02-02"), IsEmpty());
  EXPECT_THAT(obstacles_to_activity(user, {}, "2026-02-13"), IsEmpty());
  EXPECT_THAT(obstacles_to_activity(user, {}, "2026-02-14"), ElementsAre("locum_ended"));
}

TEST(Person, EveryCodeHasItsSentences) {
  for (const char* code :
       {"rpps_missing", "rpps_key", "insurance_missing", "insurance_ended", "order_check_due",
        "no_membership", "no_identity_check", "no_decision", "no_charter", "no_training",
        "locum_dates_missing", "locum_ended", "locum_not_begun"}) {
    ASSERT_TRUE(has_message(std::string("person.") + code)) << code;
    EXPECT_NE(message(Language::french, std::string("person.") + code),
              message(Language::english, std::string("person.") + code));
  }
}

// ---- JSON ---------------------------------------------------------------------------------------

TEST(PersonJson, GivesBackWhatItWrote) {
  User user = doctor();
  user.version = 7;
  user.password_hash = "$argon2id$secret";
  user.status = PersonStatus::suspended;
  user.available = false;
  user.delegate = UserId("other");
  user.enrolment.requested_on = "2026-01-01";
  user.enrolment.trained_on = "2026-01-20";
  user.enrolment.replaces = "Dr Fictif";
  user.enrolment.replaces_during = {"2026-02-02", "2026-02-13"};
  user.terms.territories = {"971", "978"};
  user.terms.exam_kinds = {"ecg"};
  user.terms.max_open_cases = 5;
  user.terms.max_weekly_cases = 3;
  user.terms.digest_hours = {8, 20};
  user.terms.conflicts = {UserId("gp-1")};
  user.terms.availability.time_zone = "America/Guadeloupe";
  user.terms.availability.holidays = "guadeloupe";
  user.terms.availability.week[0] = {{480, 720}, {840, 1440}};
  user.terms.availability.shut = {{"2026-02-01", "2026-02-14"}};
  user.memberships.push_back({ProgrammeId(), Role::admin});
  const std::string text = person_json(user);
  EXPECT_THAT(text, Not(HasSubstr("argon2id")));
  const auto read = parse_person(text);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->version, 0);
  EXPECT_EQ(read->password_hash, "");
  EXPECT_EQ(person_json(*read), text);
  EXPECT_EQ(read->terms.availability, user.terms.availability);
  EXPECT_EQ(read->memberships, user.memberships);
  EXPECT_EQ(read->delegate, user.delegate);
  EXPECT_EQ(read->status, PersonStatus::suspended);
}

TEST(PersonJson, AnEmptyRecordComesBackToo) {
  User user;
  user.id = UserId("x");
  user.login = "x";
  const auto read = parse_person(person_json(user));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(person_json(*read), person_json(user));
}

TEST(PersonJson, ARecordThatUsesNothingNewKeepsItsBytes) {
  // The audit chain knows the hash of each record: members that came later are left out while they
  // say nothing.
  const std::string terms = person_json(doctor());
  const auto begin = terms.find("\"terms\":");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_EQ(terms.substr(begin).find("max_weekly_cases"), std::string::npos) << terms;
  EXPECT_EQ(terms.substr(begin).find("digest_hours"), std::string::npos) << terms;
}

TEST(PersonJson, IsStrict) {
  const std::string sound = person_json(doctor());
  const auto with = [&](const std::string& what, const std::string& by) {
    std::string text = sound;
    const auto place = text.find(what);
    EXPECT_NE(place, std::string::npos) << what;
    return text.replace(place, what.size(), by);
  };
  for (const std::string& wrong :
       {std::string(), std::string("[]"), std::string("{}"), with(R"("login")", R"("logon")"),
        with(R"("active")", R"("boss")"), with(R"("requester")", R"("surgeon")"),
        with(R"("charter_version")", R"("charter")"),
        with(R"("max_open_cases":0)", R"("max_open_cases":-1)"),
        with(R"("max_open_cases":0)", R"("max_open_cases":1e9)"),
        with(R"("delegate":null)", R"("password_hash":"x")"),
        with(R"("replaces_during":null)", R"("replaces_during":{"from":"2026-01-01"})"),
        with(R"("availability":null)", R"("availability":{"time_zone":"Mars/Olympus"})")}) {
    EXPECT_FALSE(parse_person(wrong)) << wrong;
  }
}

TEST(GroupJson, GivesBackWhatItWrote) {
  const GroupPractice group{"cabinet-du-port",
                            3,
                            kEcg,
                            "Cabinet du Port",
                            "cabinet@mss.test",
                            "+33 2 00 00 00 00",
                            {UserId("a"), UserId("b")}};
  const auto read = parse_group(group_json(group));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(group_json(*read), group_json(group));
  EXPECT_EQ(read->members, group.members);
  EXPECT_TRUE(check_group(*read));
  for (const auto& change : std::vector<std::function<void(GroupPractice&)>>{
           [](GroupPractice& g) { g.id = "Nom Libre"; }, [](GroupPractice& g) { g.name.clear(); },
           [](GroupPractice& g) { g.mail_address = "x"; },
           [](GroupPractice& g) { g.phone = "none"; }, [](GroupPractice& g) { g.members.clear(); },
           [](GroupPractice& g) { g.members.emplace_back("a"); }}) {
    GroupPractice wrong = group;
    change(wrong);
    EXPECT_FALSE(check_group(wrong));
  }
}

// ---- the form -----------------------------------------------------------------------------------

const std::string kForm = R"({"programme":"ecg","role":"requester","title":"Dr",
  "given_name":"Zoé","family_name":"Été","rpps":"79927398713","profession":"medecin",
  "speciality":"médecine générale","mail_address":"Zoe.Ete@Medecin.test",
  "mobile_phone":"+590690000000","office_phone":"+590590000000","place":"Basse-Terre",
  "territory":"971","replaces":{"name":"Dr Fictif","from":"2026-02-02","to":"2026-02-13"}})";

TEST(EnrolmentForm, AsksForAPersonWithoutRights) {
  const auto user = parse_enrolment_form(kForm);
  ASSERT_TRUE(user) << user.error().text;
  EXPECT_EQ(user->status, PersonStatus::requested);
  EXPECT_FALSE(user->may_log_in());
  EXPECT_EQ(user->login, "zoe.ete@medecin.test");
  EXPECT_THAT(user->memberships, ElementsAre(Membership{kEcg, Role::requester}));
  EXPECT_EQ(user->enrolment.replaces, "Dr Fictif");
  EXPECT_EQ(user->enrolment.replaces_during, (DateRange{"2026-02-02", "2026-02-13"}));
  EXPECT_TRUE(user->enrolment.decided_on.empty());
}

TEST(EnrolmentForm, NobodyAsksForARoleOfTheStaff) {
  for (const char* role : {"coordinator", "treasurer", "medical_referent", "admin", ""}) {
    std::string form = kForm;
    form.replace(form.find("\"requester\""), 11, "\"" + std::string(role) + "\"");
    EXPECT_FALSE(parse_enrolment_form(form)) << role;
  }
  for (const char* smuggled : {"status", "enrolment", "id", "memberships", "password_hash"}) {
    std::string form = kForm;
    form.insert(1, "\"" + std::string(smuggled) + "\":\"active\",");
    EXPECT_FALSE(parse_enrolment_form(form)) << smuggled;
  }
}

TEST(EnrolmentForm, NamesWhatIsMissing) {
  for (const char* name :
       {"programme", "given_name", "family_name", "rpps", "profession", "speciality",
        "mail_address", "mobile_phone", "office_phone", "place", "territory"}) {
    std::string form = kForm;
    const std::string member = "\"" + std::string(name) + "\":\"";
    const auto from = form.find(member) + member.size();
    form.erase(from, form.find('"', from) - from);
    const auto user = parse_enrolment_form(form);
    ASSERT_FALSE(user) << name;
    EXPECT_EQ(user.error().code, ErrorCode::missing_field);
    EXPECT_THAT(user.error().text, HasSubstr(name));
  }
}

// ---- rights -------------------------------------------------------------------------------------

User holder(const std::string& id, std::vector<Membership> memberships) {
  User user;
  user.id = UserId(id);
  user.memberships = std::move(memberships);
  return user;
}

TEST(RegistryRights, WhoMayChangeWhom) {
  const RegistryActor operator_at_work{};
  const RegistryActor admin{holder("admin", {{ProgrammeId(), Role::admin}})};
  const RegistryActor coordinator{holder("coordinator", {{kEcg, Role::coordinator}})};
  const User gp = holder("gp", {{kEcg, Role::requester}});
  const User expert = holder("expert", {{kEcg, Role::expert}, {kEcg, Role::requester}});
  const User of_two = holder("two", {{kEcg, Role::expert}, {kSkin, Role::expert}});
  const User foreign = holder("foreign", {{kSkin, Role::expert}});
  const User referent = holder("referent", {{kEcg, Role::expert}, {kEcg, Role::medical_referent}});
  const User colleague = holder("colleague", {{kEcg, Role::coordinator}});
  const User nobody = holder("nobody", {});
  // own, steward, whole
  using Rights = std::array<bool, 3>;
  const auto rights = [](const RegistryActor& actor, const User& person) {
    return Rights{may_change(actor, person, PersonRight::own),
                  may_change(actor, person, PersonRight::steward),
                  may_change(actor, person, PersonRight::whole)};
  };
  const Rights all{true, true, true}, none{false, false, false};
  for (const User* person : {&gp, &expert, &of_two, &foreign, &referent, &colleague, &nobody}) {
    EXPECT_EQ(rights(operator_at_work, *person), all) << person->id.value;
    EXPECT_EQ(rights(admin, *person), all) << person->id.value;
    for (const Role role :
         {Role::requester, Role::expert, Role::treasurer, Role::medical_referent}) {
      const RegistryActor other{holder("other", {{kEcg, role}, {kSkin, role}})};
      EXPECT_EQ(rights(other, *person), none) << person->id.value << " by " << role_name(role);
      EXPECT_FALSE(may_see(other, *person));
    }
    const RegistryActor himself{*person};
    const bool steward_of_himself = rights(himself, *person)[1];
    EXPECT_TRUE(rights(himself, *person)[0]);
    EXPECT_FALSE(steward_of_himself) << person->id.value;
  }
  EXPECT_EQ(rights(coordinator, gp), (Rights{true, true, false}));
  EXPECT_EQ(rights(coordinator, expert), (Rights{true, true, false}));
  for (const User* person : {&of_two, &foreign, &referent, &colleague, &nobody}) {
    EXPECT_EQ(rights(coordinator, *person), none) << person->id.value;
  }
  EXPECT_EQ(rights(coordinator, *coordinator.user), (Rights{true, false, false}));
  EXPECT_TRUE(may_see(coordinator, of_two));
  EXPECT_TRUE(may_see(coordinator, referent));
  EXPECT_FALSE(may_see(coordinator, foreign));
  EXPECT_TRUE(may_see(coordinator, kEcg));
  EXPECT_FALSE(may_see(coordinator, kSkin));
}

}  // namespace
}  // namespace telavis
