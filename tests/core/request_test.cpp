// SPDX-License-Identifier: Apache-2.0
#include "engine/core/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/core/catalogue.h"
#include "engine/core/json_reader.h"
#include "tests/core/clinical_requests.h"

namespace telavis {
namespace {

using test::dermatology_programme;
using test::dermatology_request;
using test::ecg_programme;
using test::ecg_request;
using test::with;

CaseRequest parsed(const std::string& json) {
  const auto request = parse_case_request(json);
  EXPECT_TRUE(request) << request.error().text;
  return request.value_or(CaseRequest{});
}
CaseRequest parsed(const boost::json::object& json) {
  return parsed(boost::json::serialize(json));
}
/// What a request is refused for, "" when it is taken.
std::string refusal_of_request(const std::string& json) {
  const auto request = parse_case_request(json);
  return request ? "" : std::string(error_name(request.error().code));
}
std::string value_of(const CaseRequest& request, const std::string& name) {
  const auto found = std::ranges::find(request.clinical, name, &ClinicalItem::name);
  return found == request.clinical.end() ? "absent" : found->value;
}

// ---- reading and writing ------------------------------------------------------------------------

TEST(Request, ReadsTheEcgForm) {
  const CaseRequest request = parsed(ecg_request());
  EXPECT_EQ(request.patient.family_name, "EXEMPLE");
  EXPECT_EQ(request.patient.sex, Sex::female);
  EXPECT_EQ(request.patient.id, "261039935000181");
  EXPECT_TRUE(is_qualified(request.ins));
  EXPECT_EQ(request.clinical.size(), 17U);
  EXPECT_EQ(value_of(request, "symptoms.palpitations"), "yes");
  EXPECT_EQ(value_of(request, "symptoms.onset"), "2026-01-03");
  EXPECT_EQ(value_of(request, "vitals.heart_rate_bpm"), "92");
  EXPECT_EQ(value_of(request, "labs.potassium_mmol_l"), "4.1");
  EXPECT_EQ(value_of(request, "history"), "HTA\nasthme");
  EXPECT_EQ(request.red_flags,
            (std::map<std::string, bool>{{"shock", false}, {"st_elevation", false}}));
}

TEST(Request, ReadsTheDermatologyForm) {
  const CaseRequest request = parsed(dermatology_request());
  EXPECT_EQ(request.clinical.size(), 26U);
  EXPECT_EQ(value_of(request, "lesion.since"), "2025-06");
  EXPECT_EQ(value_of(request, "lesion.evolution"), "growing");
  EXPECT_EQ(value_of(request, "history.sun_exposure"), "high");
  EXPECT_EQ(value_of(request, "treatments_tried"), "");  // none, and that is an answer
  EXPECT_EQ(request.file_roles.size(), 3U);
  EXPECT_TRUE(request.oppositions.teaching);
  EXPECT_FALSE(request.oppositions.attending_physician);
  EXPECT_EQ(request.information.text_version, "association-3");
}

TEST(Request, WritesWhatItReads) {
  for (const boost::json::object& json : {ecg_request(), dermatology_request()}) {
    const CaseRequest request = parsed(json);
    const std::string canonical = case_request_json(request);
    const CaseRequest again = parsed(canonical);
    EXPECT_EQ(case_request_json(again), canonical);
    EXPECT_EQ(again.clinical, request.clinical);
    EXPECT_EQ(again.ins, request.ins);
    EXPECT_EQ(again.red_flags, request.red_flags);
    EXPECT_EQ(again.information, request.information);
    EXPECT_EQ(again.consent, request.consent);
    EXPECT_EQ(again.oppositions, request.oppositions);
  }
}

TEST(Request, CanonicalBytesDoNotDependOnTheOrderOfMembers) {
  boost::json::object turned;
  const boost::json::object straight = ecg_request();
  for (auto it = straight.end(); it != straight.begin();) {
    --it;
    turned[it->key()] = it->value();
  }
  EXPECT_EQ(case_request_json(parsed(turned)), case_request_json(parsed(straight)));
}

TEST(Request, DecimalsComeBackAsTheyWere) {
  for (const char* value : {"1", "4.1", "12", "3.55", "4.0", "5.4321"}) {
    const CaseRequest request =
        parsed(with(ecg_request(), "clinical.labs.potassium_mmol_l", value));
    EXPECT_EQ(parsed(case_request_json(request)).clinical, request.clinical) << value;
  }
}

TEST(Request, TheFileMayNameThePatient) {
  const CaseRequest request = parsed(with(ecg_request(), "patient", ""));
  EXPECT_TRUE(request.patient.family_name.empty());
  EXPECT_EQ(request.patient.id, "261039935000181");
  EXPECT_TRUE(parsed(case_request_json(request)).patient.family_name.empty());
}

TEST(Request, ReadsAMatriculeWrittenInGroups) {
  EXPECT_EQ(parsed(with(ecg_request(), "ins.matricule", R"("2 61 03 99 350 001 81")")).patient.id,
            "261039935000181");
}

// ---- what is refused ----------------------------------------------------------------------------

TEST(Request, ABareYesIsNoConsent) {
  for (const char* consent : {"", "true", "null", "\"patient\"", "[]", "1"}) {
    EXPECT_EQ(refusal_of_request(with(ecg_request(), "consent", consent)), "consent_missing")
        << consent;
  }
  EXPECT_EQ(refusal_of_request(with(ecg_request(), "consent", "{}")), "missing_field");
  EXPECT_EQ(refusal_of_request(with(ecg_request(), "consent", R"({"given_by":"doctor"})")),
            "invalid_field");
}

TEST(Request, ARepresentativeHasNameAndQuality) {
  const std::string somebody = R"({"given_by":"representative","representative_name":"M. Tiers"})";
  EXPECT_EQ(refusal_of_request(with(ecg_request(), "consent", somebody)), "missing_field");
  EXPECT_EQ(
      refusal_of_request(with(ecg_request(), "consent",
                              R"({"given_by":"representative","representative_name":"M. Tiers",
                             "representative_quality":"père"})")),
      "");
}

TEST(Request, InformationSaysItsForm) {
  EXPECT_EQ(refusal_of_request(with(ecg_request(), "information", "")), "missing_field");
  EXPECT_EQ(refusal_of_request(with(ecg_request(), "information.form", "\"telepathy\"")),
            "invalid_field");
  EXPECT_EQ(refusal_of_request(with(ecg_request(), "information.at", "\"yesterday\"")),
            "invalid_field");
}

TEST(Request, RefusesWhatIsMissingOrWrong) {
  const std::string long_text = "\"" + std::string(kMaxTextBytes + 1, 'a') + "\"";
  struct Wrong {
    const char* path;
    std::string value;
    const char* refusal;
  };
  for (const auto& [path, value, expected] : std::vector<Wrong>{
           {"programme", "", "missing_field"},
           {"reason", "", "missing_field"},
           {"question", "\"  \"", "missing_field"},
           {"question", long_text, "invalid_field"},
           {"question", R"("a\u0000b")", "invalid_field"},
           {"patient.birth_date", "\"02/03/1961\"", "invalid_field"},
           {"patient.id", "\"1\"", "invalid_field"},
           {"patient.sex", "\"F\"", "invalid_field"},
           {"ins.matricule", "\"261039935000182\"", "invalid_field"},
           {"ins.oid", "\"1.2.3\"", "invalid_field"},
           {"ins.from_insi", "false", "invalid_field"},
           {"ins.status", "\"certain\"", "invalid_field"},
           {"regulated_at", "\"24:00\"", "invalid_field"},
           {"regulated_at", "\"9:05\"", "invalid_field"},
           {"regulated_at", "\"-1:05\"", "invalid_field"},
           {"regulated_at", "\"14h05\"", "invalid_field"},
           {"red_flags", "true", "invalid_field"},
           {"red_flags.shock", "\"no\"", "invalid_field"},
           {"guardianship", "\"parents\"", "invalid_field"},
           {"minor_secrecy", "\"yes\"", "invalid_field"},
           {"oppositions.selling", "true", "invalid_field"},
           {"file_roles", R"(["selfie"])", "invalid_field"},
           {"requested_experts", R"(["a","a"])", "invalid_field"},
           {"requested_experts", R"(["1","2","3","4","5","6","7","8","9","10","11"])",
            "invalid_field"},
           {"more", "1", "invalid_field"},
           {"clinical", "[]", "invalid_field"},
           {"clinical.mood", "\"good\"", "invalid_field"},
           {"clinical.vitals.mood", "1", "invalid_field"},
           {"clinical.vitals", "7", "invalid_field"},
           {"clinical.vitals.heart_rate_bpm", "9", "invalid_field"},
           {"clinical.vitals.heart_rate_bpm", "351", "invalid_field"},
           {"clinical.vitals.heart_rate_bpm", "92.5", "invalid_field"},
           {"clinical.vitals.heart_rate_bpm", "\"92\"", "invalid_field"},
           {"clinical.vitals.spo2_percent", "101", "invalid_field"},
           {"clinical.labs.potassium_mmol_l", "41", "invalid_field"},
           {"clinical.symptoms.onset", "\"last week\"", "invalid_field"},
           {"clinical.symptoms.onset", "\"2026-13\"", "invalid_field"},
           {"clinical.symptoms.chest_pain", "\"no\"", "invalid_field"},
           {"clinical.treatments", "\"none\"", "invalid_field"},
           {"clinical.treatments", R"(["a\nb"])", "invalid_field"},
           {"clinical.treatments", R"([" "])", "invalid_field"},
           {"clinical.treatments", R"(["a\u0007"])", "invalid_field"},
           {"clinical.own_reading.rhythm", "\"" + std::string(501, 'a') + "\"", "invalid_field"},
           {"clinical.lesion.evolution", "\"exploding\"", "invalid_field"},
           {"clinical.phototype", "7", "invalid_field"},
       }) {
    EXPECT_EQ(refusal_of_request(with(ecg_request(), path, value)), expected)
        << path << " " << value;
  }
  for (const char* text : {"", "{", "[]", "null", "{\"a\":\"\xff\"}"}) {
    EXPECT_EQ(refusal_of_request(text), "malformed_request") << text;
  }
  EXPECT_EQ(refusal_of_request(std::string(20, '[') + std::string(20, ']')), "malformed_request");
}

TEST(Request, RefusalsNameTheMember) {
  const auto refused =
      parse_case_request(with(ecg_request(), "clinical.vitals.heart_rate_bpm", "1000"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("'clinical.vitals.heart_rate_bpm'"), std::string::npos);
}

TEST(Request, NullIsNoAnswer) {
  const CaseRequest request = parsed(
      with(boost::json::parse(with(ecg_request(), "clinical.treatments", "null")).as_object(),
           "red_flags.shock", "null"));
  EXPECT_EQ(value_of(request, "treatments"), "absent");
  EXPECT_FALSE(request.red_flags.contains("shock"));
}

// ---- the programme ------------------------------------------------------------------------------

/// The refusal of check_against, "" when the request belongs to the programme.
std::string against(const std::string& json, const Programme& programme) {
  const auto checked = check_against(parsed(json), programme);
  return checked ? "" : checked.error().text;
}

TEST(Request, BelongsToItsProgramme) {
  EXPECT_EQ(against(boost::json::serialize(ecg_request()), ecg_programme()), "");
  EXPECT_EQ(against(boost::json::serialize(dermatology_request()), dermatology_programme()), "");
  EXPECT_NE(against(with(ecg_request(), "reason", "\"rash\""), ecg_programme()).find("'reason'"),
            std::string::npos);
  EXPECT_NE(against(with(ecg_request(), "clinical.lesion.itch", "true"), ecg_programme())
                .find("'clinical.lesion.itch'"),
            std::string::npos);
  EXPECT_NE(against(with(ecg_request(), "red_flags.headache", "false"), ecg_programme())
                .find("'red_flags'"),
            std::string::npos);
}

TEST(Request, NamesExpertsOnlyWhereTheRequesterChooses) {
  Programme programme = ecg_programme();
  const std::string expert = with(ecg_request(), "requested_experts", R"(["corail"])");
  const std::string group = with(ecg_request(), "requested_group", "\"cabinet\"");
  const std::string both =
      with(boost::json::parse(expert).as_object(), "requested_group", "\"cabinet\"");
  for (const OfferPolicy policy : {OfferPolicy::rotation, OfferPolicy::open}) {
    programme.policy = policy;
    EXPECT_NE(against(expert, programme), "");
    EXPECT_NE(against(group, programme), "");
  }
  programme.policy = OfferPolicy::direct;
  EXPECT_EQ(against(expert, programme), "");
  EXPECT_EQ(against(group, programme), "");
  EXPECT_NE(against(both, programme), "");
  EXPECT_EQ(against(boost::json::serialize(ecg_request()), programme), "");
}

TEST(Request, NamesWhatIsMissing) {
  const Programme programme = ecg_programme();
  EXPECT_EQ(missing_items(parsed(ecg_request()), programme),
            (std::vector<std::string>{"red_flag.fever"}));
  EXPECT_TRUE(
      missing_items(parsed(with(ecg_request(), "red_flags.fever", "true")), programme).empty());
  const CaseRequest bare = parsed(
      with(boost::json::parse(with(ecg_request(), "clinical", "")).as_object(), "red_flags", ""));
  EXPECT_EQ(
      missing_items(bare, programme),
      (std::vector<std::string>{"vitals.heart_rate_bpm", "treatments", "own_reading.rhythm",
                                "red_flag.shock", "red_flag.st_elevation", "red_flag.fever"}));
  // An empty list is an answer, an empty text is none.
  EXPECT_EQ(
      missing_items(parsed(with(ecg_request(), "clinical.own_reading.rhythm", "\" \"")), programme)
          .front(),
      "own_reading.rhythm");
  EXPECT_TRUE(missing_items(parsed(dermatology_request()), dermatology_programme()).empty());
}

TEST(Request, TheShippedProgrammesAskOnlyForKnownItems) {
  for (const Programme& programme : shipped_programmes()) {
    for (const FormItem& item : programme.form) {
      const auto known = clinical_items(programme.speciality);
      EXPECT_TRUE(std::ranges::any_of(
          known, [&](const ClinicalItemKind& kind) { return kind.name == item.name; }))
          << programme.id.value << " " << item.name;
    }
  }
}

TEST(Request, EveryItemHasALabelAndEveryCodeItsWord) {
  for (const std::string_view speciality : {"cardiology", "dermatology"}) {
    std::set<std::string_view> names;
    for (const ClinicalItemKind& kind : clinical_items(speciality)) {
      EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
      EXPECT_TRUE(has_message("form." + std::string(kind.name))) << kind.name;
      EXPECT_EQ(clinical_item(kind.name)->type, kind.type) << kind.name;
      for (const std::string_view code : kind.choices) {
        EXPECT_TRUE(has_message("form_value." + std::string(kind.name) + "." + std::string(code)))
            << kind.name << " " << code;
      }
    }
  }
  EXPECT_EQ(clinical_items("cardiology").size(), 17U);
  EXPECT_EQ(clinical_items("dermatology").size(), 26U);
  EXPECT_TRUE(clinical_items("astrology").empty());
}

// ---- red flags ----------------------------------------------------------------------------------

TEST(Request, OnlyTheDoctorsYesLeadsOut) {
  const Programme programme = ecg_programme();
  const auto exit = [&](const std::string& flags, const char* regulated = "\"\"") {
    const std::string json = with(ecg_request(), "red_flags", flags);
    return redirect_exit(
        parsed(with(boost::json::parse(json).as_object(), "regulated_at", regulated)), programme);
  };
  EXPECT_EQ(exit("{}"), "");
  EXPECT_EQ(exit(R"({"shock":false})"), "");
  EXPECT_EQ(exit(R"({"shock":true})"), "15_now");
  EXPECT_EQ(exit(R"({"fever":true})"), "in_person_today");
  EXPECT_EQ(exit(R"({"fever":true,"shock":true})"), "15_now");
  EXPECT_EQ(exit(R"({"fever":true,"shock":true})", "\"14:05\""), "");
  // Neither text nor items are read.
  EXPECT_EQ(redirect_exit(parsed(with(ecg_request(), "question", "\"Choc, sus-décalage ST !\"")),
                          programme),
            "");
  EXPECT_EQ(
      redirect_exit(parsed(with(ecg_request(), "clinical.vitals.systolic_mmhg", "60")), programme),
      "");
}

// ---- information and consent --------------------------------------------------------------------

const Instant kNow = parse_instant("2026-01-06T10:00:00Z").value();

/// What check_consent refuses the request for, "" when it may be sent.
std::string consent_refusal(const std::string& json) {
  const auto checked = check_consent(parsed(json), ecg_programme(), kNow);
  return checked ? "" : std::string(error_name(checked.error().code));
}

std::string request_of(const std::string& birth_date, const std::string& consent,
                       bool minor_secrecy = false, const std::string& guardianship = "none") {
  boost::json::object json = ecg_request();
  json["patient"].as_object()["birth_date"] = birth_date;
  json["consent"] = boost::json::parse(consent);
  json["minor_secrecy"] = minor_secrecy;
  json["guardianship"] = guardianship;
  return boost::json::serialize(json);
}

const std::string kPatient = R"({"given_by":"patient"})";
const std::string kAccompanied = R"({"given_by":"patient","accompanying_adult":"Mme Tante"})";
const std::string kParent = R"({"given_by":"representative","representative_name":"M. Tiers",
                                "representative_quality":"père"})";
const std::string kWithTutor = R"({"given_by":"patient","representative_name":"M. Tiers",
                                   "representative_quality":"tuteur"})";

TEST(Consent, OfAnAdult) {
  EXPECT_EQ(consent_refusal(request_of("1961-03-02", kPatient)), "");
  EXPECT_EQ(consent_refusal(request_of("1961-03-02", kParent)), "");
  EXPECT_EQ(consent_refusal(request_of("1961-03-02", kAccompanied, true)), "invalid_field");
}

TEST(Consent, OfAMinor) {
  const std::string minor = "2010-05-20";
  EXPECT_EQ(consent_refusal(request_of(minor, kPatient)), "consent_missing");
  EXPECT_EQ(consent_refusal(request_of(minor, kParent)), "");
  EXPECT_EQ(consent_refusal(request_of(minor, kAccompanied)), "consent_missing");
  EXPECT_EQ(consent_refusal(request_of(minor, kAccompanied, true)), "");
  EXPECT_EQ(consent_refusal(request_of(minor, kPatient, true)), "consent_missing");
  EXPECT_EQ(consent_refusal(request_of(minor, kParent, true)), "consent_missing");
  EXPECT_EQ(consent_refusal(request_of(minor, kParent, false, "tutelle")), "invalid_field");
}

TEST(Consent, MajorityComesOnTheLocalBirthday) {
  // 10:00 UTC is 06:00 of the same day in Guadeloupe.
  EXPECT_EQ(consent_refusal(request_of("2008-01-06", kPatient)), "");
  EXPECT_EQ(consent_refusal(request_of("2008-01-07", kPatient)), "consent_missing");
  const CaseRequest request = parsed(request_of("2008-01-06", kPatient));
  const Instant night = parse_instant("2026-01-06T02:00:00Z").value();  // the 5th in Guadeloupe
  EXPECT_FALSE(check_consent(request, ecg_programme(), night));
  EXPECT_TRUE(check_consent(request, dermatology_programme(), night));  // the 6th in Paris
}

TEST(Consent, UnderProtection) {
  const std::string adult = "1950-01-01";
  for (const char* measure : {"tutelle", "habilitation"}) {
    EXPECT_EQ(consent_refusal(request_of(adult, kPatient, false, measure)), "consent_missing");
    EXPECT_EQ(consent_refusal(request_of(adult, kWithTutor, false, measure)), "");
    EXPECT_EQ(consent_refusal(request_of(adult, kParent, false, measure)), "");
  }
  EXPECT_EQ(consent_refusal(request_of(adult, kPatient, false, "curatelle")), "");
  EXPECT_EQ(consent_refusal(request_of(adult, kParent, false, "curatelle")), "");
}

TEST(Consent, OppositionAndImpossibleDates) {
  EXPECT_EQ(consent_refusal(with(ecg_request(), "oppositions.exchange", "true")),
            "consent_missing");
  EXPECT_EQ(consent_refusal(with(ecg_request(), "oppositions.research", "true")), "");
  EXPECT_EQ(consent_refusal(with(ecg_request(), "patient.birth_date", "\"2026-01-07\"")),
            "invalid_field");
  // Whoever is not known yet keeps the request unfinished.
  EXPECT_EQ(consent_refusal(with(ecg_request(), "patient", "")), "");
  EXPECT_THAT(missing_items(parsed(with(ecg_request(), "patient", "")), ecg_programme()),
              testing::Contains("patient"));
  EXPECT_EQ(consent_refusal(with(ecg_request(), "information.at", "\"2026-01-06T10:09:00Z\"")), "");
  EXPECT_EQ(consent_refusal(with(ecg_request(), "information.at", "\"2026-01-06T10:11:00Z\"")),
            "invalid_field");
}

TEST(Consent, InformationIsFilledWhereItIsEmpty) {
  CaseRequest request = parsed(ecg_request());
  fill_information(request, UserId("zephir"), kNow);
  EXPECT_EQ(request.information, (InformationGiven{std::string(kNoticeVersion), "zephir",
                                                   "2026-01-06T10:00:00Z", "oral"}));
  CaseRequest stated = parsed(dermatology_request());
  const InformationGiven before = stated.information;
  fill_information(stated, UserId("zephir"), kNow);
  EXPECT_EQ(stated.information, before);
}

TEST(Age, BandsAndBirthdays) {
  EXPECT_EQ(age_in_years("2000-02-29", "2026-02-28"), 25);
  EXPECT_EQ(age_in_years("2000-02-29", "2026-03-01"), 26);
  EXPECT_EQ(age_in_years("2026-01-06", "2026-01-06"), 0);
  EXPECT_EQ(age_in_years("2026-01-07", "2026-01-06"), -1);
  EXPECT_EQ(age_in_years("", "2026-01-06"), -1);
  EXPECT_EQ(age_in_years("1990-02-30", "2026-01-06"), -1);
  struct Band {
    const char* birth;
    const char* band;
  };
  for (const auto& [birth, band] : std::vector<Band>{{"2026-01-06", "0-2"},
                                                     {"2023-01-07", "0-2"},
                                                     {"2023-01-06", "3-11"},
                                                     {"2014-01-07", "3-11"},
                                                     {"2014-01-06", "12-17"},
                                                     {"2008-01-07", "12-17"},
                                                     {"2008-01-06", "18-29"},
                                                     {"1996-01-07", "18-29"},
                                                     {"1996-01-06", "30-39"},
                                                     {"1961-03-02", "60-69"},
                                                     {"1936-01-07", "80-89"},
                                                     {"1936-01-06", "90+"},
                                                     {"1900-01-01", "90+"},
                                                     {"", ""},
                                                     {"2030-01-01", ""}}) {
    EXPECT_EQ(age_band(birth, "2026-01-06"), band) << birth;
  }
}

}  // namespace
}  // namespace telavis
