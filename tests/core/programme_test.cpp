// SPDX-License-Identifier: Apache-2.0
#include "engine/core/programme.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "engine/core/catalogue.h"
#include "engine/core/clinical_form.h"
#include "engine/core/retention.h"

namespace telavis {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Programme shipped(const std::string& id) {
  for (Programme& programme : shipped_programmes()) {
    if (programme.id.value == id) return programme;
  }
  ADD_FAILURE() << "no programme " << id;
  return {};
}

json::value document() {
  return json::parse(programme_json(shipped("dermato-oncologie-bretagne")));
}

/// What is said of a document with this value at the pointer; empty when it is taken.
std::string refusal(std::string_view pointer, const json::value& value) {
  json::value changed = document();
  const std::size_t slash = pointer.rfind('/');
  const std::string_view last = pointer.substr(slash + 1);
  json::value& parent = slash == 0 ? changed : changed.at_pointer(pointer.substr(0, slash));
  if (parent.is_object()) {
    parent.as_object()[last] = value;
  } else {
    const std::size_t index = static_cast<std::size_t>(last.front() - '0');
    parent.as_array().resize(std::max(parent.as_array().size(), index + 1));
    parent.as_array()[index] = value;
  }
  const auto parsed = parse_programme(json::serialize(changed));
  if (parsed) return {};
  EXPECT_EQ(parsed.error().code, ErrorCode::configuration_invalid) << pointer;
  return parsed.error().text;
}

/// True when such a document is refused with the path of the member that is wrong.
testing::AssertionResult refused(std::string_view pointer, const json::value& value,
                                 const std::string& path) {
  const std::string text = refusal(pointer, value);
  if (text.find("'" + path + "'") != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << (text.empty() ? "taken" : text);
}

// ---- what is shipped ----------------------------------------------------------------------------

TEST(ShippedProgrammes, AreTheFourModels) {
  ASSERT_EQ(shipped_programmes().size(), 4U);
  const Programme guadeloupe = shipped("rythmologie-guadeloupe");
  EXPECT_EQ(guadeloupe.territories, std::vector<std::string>{"971"});
  EXPECT_EQ(guadeloupe.time_zone, "America/Guadeloupe");
  EXPECT_EQ(guadeloupe.holidays, "guadeloupe");
  EXPECT_EQ(guadeloupe.tariff_zone, "DROM");
  EXPECT_EQ(guadeloupe.policy, OfferPolicy::rotation);
  EXPECT_EQ(guadeloupe.monthly_fee_cents, 500);
  EXPECT_TRUE(guadeloupe.territory_experts_only && guadeloupe.training_required &&
              guadeloupe.lends_devices);

  const Programme brittany = shipped("dermato-oncologie-bretagne");
  EXPECT_EQ(brittany.territories, (std::vector<std::string>{"22", "29", "35", "56"}));
  EXPECT_TRUE(brittany.territory_experts_only);
  EXPECT_EQ(brittany.line_for("suspected_melanoma")->sla.breach, hours(24));
  EXPECT_EQ(brittany.line_for("changing_naevus"), nullptr);

  const Programme ecg = shipped("ecg-pays-de-la-loire");
  EXPECT_EQ(ecg.policy, OfferPolicy::direct);
  EXPECT_EQ(ecg.territories, (std::vector<std::string>{"44", "49", "53", "72", "85"}));
  EXPECT_FALSE(ecg.territory_experts_only);

  const Programme north = shipped("dermatologie-hauts-de-france");
  EXPECT_EQ(north.policy, OfferPolicy::open);
  EXPECT_EQ(north.territories, (std::vector<std::string>{"02", "59", "60", "62", "80"}));
  EXPECT_EQ(north.tariff_zone, "METRO");
}

TEST(ShippedProgrammes, KeepThePromiseOfTheDesignAndNameNobody) {
  for (const Programme& programme : shipped_programmes()) {
    SCOPED_TRACE(programme.id.value);
    EXPECT_EQ(programme.sla, Sla());  // 24, 32, 36 and 48 h: the defaults
    EXPECT_TRUE(programme.mailbox.ends_with(".telavis.test"));
    EXPECT_NE(programme.association.find("fictive"), std::string::npos);
    EXPECT_GE(programme.reasons.size(), 4U);
    EXPECT_GE(programme.red_flags.size(), 8U);
    EXPECT_TRUE(std::any_of(programme.form.begin(), programme.form.end(),
                            [](const FormItem& item) { return item.mandatory; }));
    EXPECT_EQ(programme.wanted_photos.empty(), programme.speciality == "cardiology");
  }
}

TEST(ShippedProgrammes, SendToTheEmergencyServiceUnlessADayIsSafe) {
  std::set<std::string> in_person;
  for (const Programme& programme : shipped_programmes()) {
    for (const RedFlag& flag : programme.red_flags) {
      if (flag.exit != "15_now") in_person.insert(flag.code);
    }
  }
  EXPECT_EQ(in_person, (std::set<std::string>{"extensive_bullous", "neonatal_vesicles"}));
}

// ---- round trip ---------------------------------------------------------------------------------

TEST(Programme, ReadsBackWhatItWrites) {
  for (const Programme& programme : shipped_programmes()) {
    EXPECT_EQ(parse_programme(programme_json(programme)).value(), programme) << programme.id.value;
  }
}

class Variation {
 public:
  explicit Variation(unsigned seed) : random_(seed) {}

  Programme of(Programme programme) {
    programme.version = number(1, 1'000'000);
    programme.name_fr = "Filière « " + std::to_string(number(0, 99)) + " » \\ \"é\"";
    programme.mailbox = "a" + std::to_string(number(0, 99)) + "@b.test";
    programme.territory_experts_only = coin();
    programme.training_required = coin();
    programme.lends_devices = coin();
    programme.policy = static_cast<OfferPolicy>(number(0, 2));
    programme.tariff_zone = coin() ? "METRO" : "DROM";
    programme.retention_years = static_cast<int>(number(20, 100));
    programme.monthly_fee_cents = number(0, 100'000);
    if (coin()) programme.languages = {"en"};
    if (coin()) programme.report_copies = {"citizen_mailbox", "attending_physician"};
    if (coin()) programme.wanted_photos = {PhotoRole::dermoscopy};
    if (coin()) programme.red_flags.pop_back();
    for (FormItem& item : programme.form) item.mandatory = coin();
    if (coin()) add_hours(programme);
    programme.sla = promise(number(240, 10'000), !programme.working_hours.time_zone.empty());
    programme.fast_lines.clear();
    if (coin()) add_line(programme);
    return programme;
  }

 private:
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<unsigned>(most - least + 1));
  }
  bool coin() { return number(0, 1) == 1; }

  Sla promise(std::int64_t breach, bool in_hours) {
    Sla sla;
    sla.working_hours = in_hours && coin();
    sla.breach = minutes(breach);
    sla.take_back = minutes(number(30, breach - 1));
    sla.warn = minutes(number(20, sla.take_back / minutes(1) - 1));
    sla.remind = minutes(number(10, sla.warn / minutes(1) - 1));
    sla.offer_window = minutes(number(1, sla.remind / minutes(1)));
    const std::int64_t rest = (sla.breach - sla.remind) / minutes(1);
    sla.late_offer_window = minutes(number(1, std::min(rest, sla.offer_window / minutes(1))));
    sla.release_delay = seconds(number(0, 600));
    sla.mail_release_delay = minutes(number(0, 30));
    sla.route_retry = minutes(number(1, 30));
    return sla;
  }

  void add_hours(Programme& programme) {
    programme.working_hours.time_zone = programme.time_zone;
    programme.working_hours.holidays = programme.holidays;
    programme.working_hours.week[static_cast<std::size_t>(number(0, 6))] = {{0, 721}, {800, 1440}};
    programme.working_hours.week[0] = {{480, static_cast<int>(number(481, 1440))}};
  }

  void add_line(Programme& programme) {
    FastLine line;
    line.name = "fast_1";
    line.reasons = {programme.reasons[0], programme.reasons[1]};
    line.sla = promise(number(60, programme.sla.breach / minutes(1) - 1), false);
    line.duty_rota = coin();
    if (line.duty_rota) line.gateway_tested_on = "2026-02-28";
    programme.fast_lines = {line};
  }

  std::mt19937 random_;
};

TEST(Programme, ReadsBackEveryVariation) {
  const std::vector<Programme> models = shipped_programmes();
  for (unsigned seed = 0; seed < 400; ++seed) {
    const Programme programme = Variation(seed).of(models[seed % models.size()]);
    const auto parsed = parse_programme(programme_json(programme));
    ASSERT_TRUE(parsed) << "seed " << seed << ": " << parsed.error().text;
    ASSERT_EQ(*parsed, programme) << "seed " << seed;
  }
}

// ---- contradictions -----------------------------------------------------------------------------

TEST(Programme, RefusesAPromiseOutOfOrder) {
  EXPECT_TRUE(refused("/sla/remind_minutes", 1920, "sla.remind_minutes"));
  EXPECT_TRUE(refused("/sla/warn_minutes", 2160, "sla.warn_minutes"));
  EXPECT_TRUE(refused("/sla/take_back_minutes", 2880, "sla.take_back_minutes"));
  EXPECT_TRUE(refused("/sla/breach_minutes", 2000, "sla.take_back_minutes"));
  EXPECT_TRUE(refused("/sla/offer_window_minutes", 1441, "sla.offer_window_minutes"));
  EXPECT_EQ(refusal("/sla/offer_window_minutes", 1440), "");
  EXPECT_TRUE(refused("/sla/late_offer_window_minutes", 241, "sla.late_offer_window_minutes"));
  EXPECT_TRUE(refused("/sla/route_retry_minutes", 2880, "sla.route_retry_minutes"));
  EXPECT_TRUE(refused("/sla/mail_release_delay_minutes", 2880, "sla.mail_release_delay_minutes"));
  EXPECT_TRUE(refused("/sla/release_delay_seconds", 3601, "sla.release_delay_seconds"));
  EXPECT_TRUE(refused("/sla/release_delay_seconds", -1, "sla.release_delay_seconds"));
  EXPECT_TRUE(refused("/sla/offer_window_minutes", 0, "sla.offer_window_minutes"));
  EXPECT_TRUE(refused("/sla/breach_minutes", 48.5, "sla.breach_minutes"));
  EXPECT_TRUE(refused("/sla/breach_minutes", 9'000'000, "sla.breach_minutes"));
  EXPECT_TRUE(refused("/sla/working_hours", "yes", "sla.working_hours"));
  EXPECT_TRUE(refused("/sla/hours", 1, "sla.hours"));
  EXPECT_TRUE(refused("/sla", nullptr, "sla"));
}

TEST(Programme, PromisesLessThanFourHoursOnlyInAFastLine) {
  Programme programme = shipped("rythmologie-guadeloupe");
  programme.sla.remind = minutes(60);
  programme.sla.offer_window = minutes(60);
  programme.sla.warn = minutes(120);
  programme.sla.take_back = minutes(180);
  programme.sla.route_retry = minutes(30);
  programme.sla.breach = minutes(240);
  EXPECT_TRUE(parse_programme(programme_json(programme)));
  programme.sla.breach = minutes(239);
  const auto parsed = parse_programme(programme_json(programme));
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().text.find("'sla.breach_minutes'"), std::string::npos);
}

TEST(Programme, RefusesAFastLineThatIsNone) {
  EXPECT_TRUE(
      refused("/fast_lines/0/sla/breach_minutes", 2880, "fast_lines[0].sla.breach_minutes"));
  EXPECT_TRUE(refused("/fast_lines/0/sla/remind_minutes", 960, "fast_lines[0].sla.remind_minutes"));
  EXPECT_TRUE(refused("/fast_lines/0/sla/working_hours", true, "fast_lines[0].sla.working_hours"));
  EXPECT_TRUE(refused("/fast_lines/0/reasons", json::array{"rash"}, "fast_lines[0].reasons"));
  EXPECT_TRUE(refused("/fast_lines/0/reasons", json::array(), "fast_lines[0].reasons"));
  EXPECT_TRUE(
      refused("/fast_lines/0/reasons", (json::array{"other", "other"}), "fast_lines[0].reasons"));
  EXPECT_TRUE(refused("/fast_lines/0/name", "Fast Line", "fast_lines[0].name"));
  EXPECT_TRUE(
      refused("/fast_lines/0/gateway_tested_on", "soon", "fast_lines[0].gateway_tested_on"));
  EXPECT_TRUE(refused("/fast_lines/0/phone", "0590", "fast_lines[0].phone"));
  EXPECT_TRUE(refused("/fast_lines", json::array{1}, "fast_lines"));

  const json::value line = document().at_pointer("/fast_lines/0");
  EXPECT_TRUE(refused("/fast_lines/1", line, "fast_lines[1].name"));
  json::object other = line.as_object();
  other["name"] = "second";
  EXPECT_TRUE(refused("/fast_lines/1", other, "fast_lines[1].reasons"));
  other["reasons"] = json::array{"other"};
  EXPECT_EQ(refusal("/fast_lines/1", other), "");
}

Programme with_two_hour_line(bool rota, const std::string& tested) {
  Programme programme = shipped("dermato-oncologie-bretagne");
  FastLine& line = programme.fast_lines.front();
  line.sla.offer_window = minutes(15);
  line.sla.late_offer_window = minutes(15);
  line.sla.remind = minutes(30);
  line.sla.warn = minutes(45);
  line.sla.take_back = minutes(60);
  line.sla.breach = hours(2);
  line.sla.route_retry = minutes(5);
  line.duty_rota = rota;
  line.gateway_tested_on = tested;
  return programme;
}

TEST(Programme, OpensALineUnderFourHoursOnlyWithRotaAndTestedGateway) {
  const Programme open = with_two_hour_line(true, "2026-02-01");
  EXPECT_EQ(parse_programme(programme_json(open)).value(), open);
  EXPECT_TRUE(open.fast_lines.front().is_open());
  EXPECT_EQ(open.line_for("suspected_melanoma")->sla.breach, hours(2));

  const Programme shut = with_two_hour_line(false, "");
  EXPECT_EQ(parse_programme(programme_json(shut)).value(), shut);
  EXPECT_FALSE(shut.fast_lines.front().is_open());
  EXPECT_EQ(shut.line_for("suspected_melanoma"), nullptr);
  EXPECT_EQ(shut.line_for("suspected_melanoma"), nullptr);

  for (const auto& [rota, tested, missing] :
       {std::tuple(true, "", "gateway_tested_on"), std::tuple(false, "2026-02-01", "duty_rota")}) {
    const Programme half = with_two_hour_line(rota, tested);
    EXPECT_FALSE(half.fast_lines.front().is_open());
    const auto parsed = parse_programme(programme_json(half));
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().text.find(std::string("'fast_lines[0].") + missing + "'"),
              std::string::npos)
        << parsed.error().text;
  }
  // Four hours need neither.
  FastLine four_hours;
  four_hours.sla.breach = hours(4);
  EXPECT_TRUE(four_hours.is_open());
}

TEST(Programme, RefusesAWrongPlace) {
  EXPECT_TRUE(refused("/territories", json::array(), "territories"));
  EXPECT_TRUE(refused("/territories", (json::array{"29", "29"}), "territories"));
  EXPECT_TRUE(refused("/territories", json::array{"Finistère"}, "territories"));
  EXPECT_TRUE(refused("/territories", json::array{29}, "territories"));
  EXPECT_TRUE(refused("/time_zone", "Europe/Atlantis", "time_zone"));
  EXPECT_TRUE(refused("/time_zone", "../etc/passwd", "time_zone"));
  EXPECT_TRUE(refused("/holidays", "atlantis", "holidays"));
  EXPECT_TRUE(refused("/holidays", "", "holidays"));
  EXPECT_TRUE(refused("/tariff_zone", "EURO", "tariff_zone"));
  for (const char* wrong : {"", "bretagne", "a@", "@b.test", "a@b@c.test", "a b@c.test",
                            "Dermato <a@b.test>", "a@b.test\r\nBcc: x@y.test"}) {
    EXPECT_TRUE(refused("/mailbox", wrong, "mailbox"));
  }
}

TEST(Programme, RefusesWrongRules) {
  EXPECT_TRUE(refused("/id", "Dermato Bretagne", "id"));
  EXPECT_TRUE(refused("/id", "../x", "id"));
  EXPECT_TRUE(refused("/id", "", "id"));
  EXPECT_TRUE(refused("/version", 0, "version"));
  EXPECT_TRUE(refused("/name_fr", "", "name_fr"));
  EXPECT_TRUE(refused("/name_en", "two\nlines", "name_en"));
  EXPECT_TRUE(refused("/association", json::string(201, 'a'), "association"));
  EXPECT_TRUE(refused("/speciality", "astrology", "speciality"));
  EXPECT_TRUE(refused("/policy", "roulette", "policy"));
  EXPECT_TRUE(refused("/languages", json::array(), "languages"));
  EXPECT_TRUE(refused("/languages", json::array{"br"}, "languages"));
  EXPECT_TRUE(refused("/languages", (json::array{"fr", "fr"}), "languages"));
  EXPECT_TRUE(refused("/report_copies", json::array{"insurer"}, "report_copies"));
  EXPECT_TRUE(refused("/wanted_photos", json::array{"unstated"}, "wanted_photos"));
  EXPECT_TRUE(refused("/retention_years", least_retention_years() - 1, "retention_years"));
  EXPECT_TRUE(refused("/retention_years", 101, "retention_years"));
  EXPECT_TRUE(refused("/monthly_fee_cents", -1, "monthly_fee_cents"));
  EXPECT_TRUE(refused("/training_required", 1, "training_required"));
  EXPECT_TRUE(refused("/extra", 1, "extra"));
}

TEST(Programme, RefusesAWrongForm) {
  EXPECT_TRUE(refused("/reasons", json::array(), "reasons"));
  EXPECT_TRUE(
      refused("/reasons", (json::array{"suspected_melanoma", "other", "other"}), "reasons"));
  EXPECT_TRUE(refused("/reasons/0", "no_words_for_this", "reasons"));
  EXPECT_TRUE(refused("/form/0/name", "no.words", "form[0].name"));
  EXPECT_TRUE(refused("/form/0/name", "", "form[0].name"));
  EXPECT_TRUE(refused("/form/0/name", "symptoms.syncope", "form[0].name"));  // of an ECG
  EXPECT_TRUE(refused("/form/1/name", document().at_pointer("/form/0/name"), "form[1].name"));
  EXPECT_TRUE(refused("/form/0/mandatory", "yes", "form[0].mandatory"));
  EXPECT_TRUE(refused("/red_flags/0/code", "no_words", "red_flags[0].code"));
  EXPECT_TRUE(refused("/red_flags/1/code", document().at_pointer("/red_flags/0/code"),
                      "red_flags[1].code"));
  EXPECT_TRUE(refused("/red_flags/0/exit", "112", "red_flags[0].exit"));
}

TEST(Programme, RefusesWrongWorkingHours) {
  EXPECT_TRUE(refused("/sla/working_hours", true, "working_hours"));
  EXPECT_TRUE(refused("/working_hours", json::object(), "working_hours"));
  const auto monday = [](json::array ranges) {
    return json::object{{"monday", std::move(ranges)}};
  };
  EXPECT_EQ(refusal("/working_hours", monday({"08:00-12:30", "14:00-24:00"})), "");
  EXPECT_TRUE(refused("/working_hours", monday({"08:00-12:30", "12:00-18:00"}), "working_hours"));
  for (const char* wrong : {"8:00-12:30", "08:00", "08:00-25:00", "12:00-08:00", "08:60-12:00",
                            "08:00-12:30x", "-8:00-12:00", "08:00–12:00"}) {
    EXPECT_TRUE(refused("/working_hours", monday({wrong}), "working_hours.monday"));
  }
  EXPECT_TRUE(refused("/working_hours", (json::object{{"lundi", json::array{"08:00-12:00"}}}),
                      "working_hours.lundi"));
}

TEST(Programme, RefusesEveryMissingMember) {
  const std::vector<std::string> optional = {
      "territory_experts_only", "fast_lines",   "wanted_photos", "training_required", "by_mail",
      "lends_devices",          "working_hours"};
  const json::object whole = document().as_object();
  for (const auto& member : whole) {
    json::object object = whole;
    object.erase(member.key());
    const bool may_miss =
        std::find(optional.begin(), optional.end(), member.key()) != optional.end();
    EXPECT_EQ(parse_programme(json::serialize(object)).has_value(), may_miss) << member.key();
  }
}

TEST(Programme, SurvivesDamagedText) {
  const std::string whole = programme_json(shipped("rythmologie-guadeloupe"));
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    EXPECT_FALSE(parse_programme(whole.substr(0, length)));
  }
  std::mt19937 random(4);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = whole;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto parsed = parse_programme(damaged);
    if (!parsed) continue;
    EXPECT_EQ(parse_programme(programme_json(*parsed)).value(), *parsed);
  }
}

// ---- neighbours ---------------------------------------------------------------------------------

TEST(Programme, HasWordsForEveryItemOfAForm) {
  for (const char* speciality : {"cardiology", "dermatology"}) {
    EXPECT_GT(clinical_items(speciality).size(), 15U);
    for (const ClinicalItemKind& kind : clinical_items(speciality)) {
      EXPECT_TRUE(has_message("form." + std::string(kind.name))) << kind.name;
    }
  }
}

TEST(Programme, TakesTheTariffZonesThatHavePrices) {
  std::ifstream file(TELAVIS_SOURCE_DIR "/engine/billing/tariffs.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json::value tariffs = json::parse(text);
  for (const json::value& tariff : tariffs.at("tariffs").as_array()) {
    EXPECT_EQ(refusal("/tariff_zone", tariff.at("zone")), "");
  }
}

TEST(Programme, IsExplainedMemberByMember) {
  std::ifstream file(TELAVIS_SOURCE_DIR "/docs/programmes.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto explained = [&](std::string_view name) {
    return text.find("`" + std::string(name) + "`") != std::string::npos ||
           text.find("\"" + std::string(name) + "\"") != std::string::npos;
  };
  const json::value whole = document();
  for (const auto& member : whole.as_object()) EXPECT_TRUE(explained(member.key()));
  for (const auto& member : whole.at("sla").as_object()) EXPECT_TRUE(explained(member.key()));
  for (const auto& member : whole.at_pointer("/fast_lines/0").as_object()) {
    EXPECT_TRUE(explained(member.key()));
  }
  for (const char* speciality : {"cardiology", "dermatology"}) {
    for (const ClinicalItemKind& kind : clinical_items(speciality)) {
      EXPECT_TRUE(explained(kind.name)) << kind.name;
    }
  }
}

TEST(Departement, IsACodeOfTheOfficialList) {
  for (const char* code :
       {"01", "22", "95", "2A", "2B", "971", "974", "976", "978", "984", "988"}) {
    EXPECT_TRUE(is_departement(code)) << code;
  }
  for (const char* code : {"", "1", "00", "20", "96", "97", "2C", "2a", "970", "979", "985", "990",
                           "0971", "9 1", "-1"}) {
    EXPECT_FALSE(is_departement(code)) << code;
  }
}

}  // namespace
}  // namespace telavis
