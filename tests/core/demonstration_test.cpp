// SPDX-License-Identifier: Apache-2.0
// engine/demo/demonstration.json against the domain that has to take it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "engine/core/person_json.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"

namespace telavis {
namespace {

namespace json = boost::json;

const json::object& document() {
  static const json::value parsed = [] {
    std::ifstream file(TELAVIS_SOURCE_DIR "/engine/demo/demonstration.json");
    return json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  }();
  return parsed.as_object();
}

std::vector<User> people() {
  std::vector<User> users;
  for (const json::value& person : document().at("people").as_array()) {
    const auto user = parse_person(json::serialize(person));
    EXPECT_TRUE(user) << (user ? "" : user.error().text);
    if (user) users.push_back(*user);
  }
  return users;
}

TEST(Demonstration, HoldsPeopleThatAreAccepted) {
  std::set<std::string> logins;
  std::set<std::string> numbers;
  for (const User& user : people()) {
    const auto checked = check_person(user);
    EXPECT_TRUE(checked) << user.login << (checked ? "" : checked.error().text);
    EXPECT_TRUE(logins.insert(user.login).second) << user.login;
    EXPECT_TRUE(user.mail_address.ends_with(".test")) << user.login;
    ASSERT_EQ(user.memberships.size(), 1U);
    if (user.rpps.empty()) continue;
    EXPECT_TRUE(is_rpps(user.rpps)) << user.login;
    EXPECT_TRUE(numbers.insert(user.rpps).second) << user.login;
  }
}

TEST(Demonstration, HasARequesterAndTwoExpertsWhoMayAnswerInEveryProgramme) {
  const std::vector<User> all = people();
  for (const Programme& programme : shipped_programmes()) {
    SCOPED_TRACE(programme.id.value);
    const auto requester = std::find_if(all.begin(), all.end(), [&](const User& user) {
      return user.has(Role::requester, programme.id);
    });
    ASSERT_NE(requester, all.end());
    EXPECT_TRUE(!programme.training_required || !requester->enrolment.trained_on.empty());
    const auto able = std::count_if(all.begin(), all.end(), [&](const User& user) {
      const auto& taken = user.terms.territories;
      const bool place = taken.empty() ||
                         std::find(taken.begin(), taken.end(), requester->territory) != taken.end();
      return user.has(Role::expert, programme.id) && place &&
             (!programme.training_required || !user.enrolment.trained_on.empty()) &&
             is_open_at(user.terms.availability, from_epoch_ms(1'767'686'520'000)) &&
             is_open_at(user.terms.availability, from_epoch_ms(1'767'729'600'000));
    });
    EXPECT_EQ(able, 2);
  }
}

TEST(Demonstration, AsksWhatIsComplete) {
  std::set<std::string> specialities;
  for (const json::value& item : document().at("requests").as_array()) {
    const auto request = parse_case_request(json::serialize(item));
    ASSERT_TRUE(request) << request.error().text;
    for (const Programme& programme : shipped_programmes()) {
      if (programme.id != request->programme) continue;
      specialities.insert(programme.speciality);
      const auto fits = check_against(*request, programme);
      EXPECT_TRUE(fits) << (fits ? "" : fits.error().text);
      // Who the patient is comes with the exam, or from the person who sends it.
      EXPECT_THAT(missing_items(*request, programme), testing::ElementsAre("patient"));
      EXPECT_EQ(redirect_exit(*request, programme), "");
    }
  }
  EXPECT_EQ(specialities, (std::set<std::string>{"cardiology", "dermatology"}));
}

TEST(Demonstration, HasAGroupOfKnownExperts) {
  const std::vector<User> all = people();
  for (const json::value& item : document().at("groups").as_array()) {
    const auto group = parse_group(json::serialize(item));
    ASSERT_TRUE(group) << group.error().text;
    EXPECT_TRUE(check_group(*group));
    for (const UserId& member : group->members) {
      EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const User& user) {
        return user.id == member && user.has(Role::expert, group->programme);
      })) << member.value;
    }
  }
}

}  // namespace
}  // namespace telavis
