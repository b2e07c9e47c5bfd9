// SPDX-License-Identifier: Apache-2.0
// The smaller parts of the domain: time, sealing, audit chains, reading of requests and opinions.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "engine/core/audit.h"
#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/exam_archive.h"
#include "engine/core/json_reader.h"
#include "engine/core/opinion.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"
#include "engine/core/routing.h"
#include "tests/fakes.h"

namespace telavis {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t position = text.find(what);
  EXPECT_NE(position, std::string::npos) << what;
  return text.replace(position, what.size(), by);
}

// ---- time ---------------------------------------------------------------------------------------

TEST(Time, FormatsAndParses) {
  const Instant instant = from_epoch_ms(1'767'686'520'000);
  EXPECT_EQ(format_utc(instant), "2026-01-06T08:02:00Z");
  EXPECT_EQ(parse_instant("2026-01-06T08:02:00Z").value(), instant);
  EXPECT_EQ(parse_instant("2026-01-06T04:02:00-04:00").value(), instant);
  EXPECT_EQ(parse_instant("2024-02-29T23:59:59+02:00").value(),
            parse_instant("2024-02-29T21:59:59Z").value());
  for (const char* wrong : {"", "2026-01-06", "2026-13-06T08:02:00Z", "2026-02-30T08:02:00Z",
                            "2026-01-06T24:02:00Z", "2026-01-06T08:02:00", "2026-01-06 08:02:00Z",
                            "2026-01-06T08:02:00+2", "xxxx-01-06T08:02:00Z"}) {
    EXPECT_FALSE(parse_instant(wrong)) << wrong;
  }
}

TEST(Time, KnowsTheZonesOfTheTerritories) {
  const Instant summer = parse_instant("2026-07-14T22:30:00Z").value();
  const Instant winter = parse_instant("2026-01-01T02:30:00Z").value();
  EXPECT_EQ(local_time(summer, "Europe/Paris")->date, "2026-07-15");
  EXPECT_EQ(local_time(winter, "Europe/Paris")->time, "03:30:00");
  EXPECT_EQ(local_time(winter, "America/Guadeloupe")->date, "2025-12-31");
  EXPECT_EQ(local_time(summer, "America/Guadeloupe")->utc_offset_minutes, -240);
  EXPECT_EQ(display_time(*local_time(winter, "Europe/Paris"), true), "01/01/2026 à 03:30");
  EXPECT_EQ(local_time(winter, "Mars/Olympus").error().code, ErrorCode::configuration_invalid);
}

// ---- crypto -------------------------------------------------------------------------------------

TEST(Crypto, SealsAndOpensOnlyWhereItBelongs) {
  test::SeededRandom random(1);
  const Key key = random_key(random), other = random_key(random);
  const Bytes plain = {1, 2, 3};
  Bytes sealed = seal(key, random, "here", plain);
  EXPECT_EQ(unseal(key, "here", sealed).value(), plain);
  EXPECT_EQ(unseal(key, "there", sealed).error().code, ErrorCode::crypto_failed);
  EXPECT_FALSE(unseal(other, "here", sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] ^= 1;
    EXPECT_FALSE(unseal(key, "here", sealed)) << i;
    sealed[i] ^= 1;
  }
  EXPECT_FALSE(unseal(key, "here", ByteView(sealed).first(10)));
}

TEST(Crypto, StreamsOfEverySizeAroundTheChunk) {
  test::SeededRandom random(2);
  const Key key = random_key(random);
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 131072, 200000}) {
    Bytes plain(size);
    random.fill(plain);
    const Bytes sealed = seal_stream(key, "blob", plain);
    ASSERT_EQ(unseal_stream(key, "blob", sealed).value(), plain) << size;
    EXPECT_FALSE(unseal_stream(key, "other", sealed));
    EXPECT_FALSE(unseal_stream(key, "blob", ByteView(sealed).first(sealed.size() - 1)));
    Bytes longer = sealed;
    longer.push_back(0);
    EXPECT_FALSE(unseal_stream(key, "blob", longer));
  }
  // A stream cut at a chunk's end is noticed too: its last chunk is marked.
  const Bytes sealed = seal_stream(key, "blob", Bytes(131072));
  EXPECT_FALSE(unseal_stream(key, "blob", ByteView(sealed).first(24 + 65536 + 17)));
}

TEST(Crypto, HashesAndSeals) {
  // BLAKE2b-256 of "abc", from b2sum -l 256.
  EXPECT_EQ(hash_hex("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  test::SeededRandom random(3);
  const SealKey key(random_key(random));
  const std::string seal_text = key.sign("opinion");
  EXPECT_TRUE(verify_seal(key.public_key(), "opinion", seal_text));
  EXPECT_FALSE(verify_seal(key.public_key(), "Opinion", seal_text));
  EXPECT_FALSE(verify_seal(key.public_key(), "opinion", "00"));
  EXPECT_NE(to_hex(derive_key(random_key(random), "a").view()),
            to_hex(derive_key(random_key(random), "a").view()));
}

TEST(Crypto, HashesPasswordsWithArgon2id) {
  const std::string hash = hash_password("correct horse").value();
  EXPECT_EQ(hash.rfind("$argon2id$", 0), 0U);
  EXPECT_TRUE(verify_password(hash, "correct horse"));
  EXPECT_FALSE(verify_password(hash, "correct horsf"));
  EXPECT_FALSE(verify_password("", "x"));
  EXPECT_FALSE(verify_password(std::string(500, 'x'), "x"));
}

TEST(Crypto, IdsAreBase32) {
  test::SeededRandom random(4);
  EXPECT_EQ(random_id(random, 16).size(), 26U);
  EXPECT_EQ(random_id(random, 5).size(), 8U);
  EXPECT_NE(random_id(random, 16), random_id(random, 16));
}

// ---- audit --------------------------------------------------------------------------------------

std::vector<AuditEntry> chain_of(int length, AuditHead& head) {
  std::vector<AuditEntry> entries;
  entries.reserve(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) {
    entries.push_back(
        append_audit("case", head, {from_epoch_ms(i), "user", "action", std::to_string(i)}));
  }
  return entries;
}

TEST(Audit, FindsEveryChange) {
  AuditHead head;
  const std::vector<AuditEntry> entries = chain_of(5, head);
  EXPECT_EQ(verify_chain(entries, head), 0);
  const std::vector<std::function<void(AuditEntry&)>> changes = {
      [](AuditEntry& entry) { entry.what.actor += "x"; },
      [](AuditEntry& entry) { entry.what.action += "x"; },
      [](AuditEntry& entry) { entry.what.detail += "x"; },
      [](AuditEntry& entry) { entry.what.at += Duration(1); },
      [](AuditEntry& entry) { entry.hash[0] = entry.hash[0] == '0' ? '1' : '0'; },
      [](AuditEntry& entry) { entry.sequence += 1; },
      [](AuditEntry& entry) { entry.chain += "x"; },
  };
  for (const auto& change : changes) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::vector<AuditEntry> changed = entries;
      change(changed[i]);
      EXPECT_NE(verify_chain(changed, head), 0);
    }
  }
  std::vector<AuditEntry> shorter(entries.begin(), entries.end() - 1);
  EXPECT_EQ(verify_chain(shorter, head), 5);
  std::vector<AuditEntry> without_second = entries;
  without_second.erase(without_second.begin() + 1);
  EXPECT_EQ(verify_chain(without_second, head), 2);
}

TEST(Audit, FieldsCannotRunIntoEachOther) {
  AuditHead first, second;
  EXPECT_NE(append_audit("c", first, {Instant{}, "ab", "c", ""}).hash,
            append_audit("c", second, {Instant{}, "a", "bc", ""}).hash);
}

// ---- catalogue ----------------------------------------------------------------------------------

TEST(Catalogue, HasASentenceForEveryRefusal) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const std::string id = "error." + std::string(error_name(static_cast<ErrorCode>(code)));
    EXPECT_TRUE(has_message(id)) << id;
  }
}

TEST(Catalogue, HasEveryIdThatTheCodeAsksFor) {
  const std::regex asked(R"re("((?:mail|report|reason|orientation|sex|error)\.[a-z_.]+[a-z_])")re");
  std::ifstream messages(std::filesystem::path(TELAVIS_SOURCE_DIR) / "engine/messages.json");
  std::ostringstream all;
  all << messages.rdbuf();
  const std::string catalogue = all.str();
  int found = 0;
  for (const char* folder : {"engine/core", "engine/http", "engine/billing"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(TELAVIS_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream in(entry.path());
      std::ostringstream text;
      text << in.rdbuf();
      const std::string content = text.str();
      for (std::sregex_iterator it(content.begin(), content.end(), asked), end; it != end; ++it) {
        ++found;
        // "report.exam" is completed by a code: then sentences begin with it.
        const bool prefix = catalogue.find("\"" + (*it)[1].str() + ".") != std::string::npos;
        EXPECT_TRUE(prefix || has_message((*it)[1].str())) << (*it)[1];
      }
    }
  }
  EXPECT_GT(found, 20);
}

TEST(Catalogue, FillsPlaceholdersAndChoosesTheLanguage) {
  EXPECT_EQ(message(Language::french, "mail.report.subject", {{"number", "TE-1"}}),
            "Téléexpertise TE-1 : l'avis est rendu");
  EXPECT_EQ(language_from_header(""), Language::french);
  EXPECT_EQ(language_from_header("en-GB,en;q=0.9"), Language::english);
  EXPECT_EQ(language_from_header("fr-FR,fr;q=0.9,en;q=0.8"), Language::french);
  EXPECT_EQ(language_from_header("en;q=0.5, fr;q=0.4"), Language::english);
  EXPECT_EQ(language_from_header("de"), Language::french);
  const Error error{ErrorCode::consent_missing, "English text."};
  EXPECT_EQ(error_sentence(Language::english, error), "English text.");
  EXPECT_NE(error_sentence(Language::french, error).find("consentement"), std::string::npos);
}

// ---- requests, opinions, programmes -------------------------------------------------------------

const std::string kRequest = R"({"programme":"p","patient":{"family_name":"EXEMPLE",
  "given_name":"Camille","birth_date":"1961-03-02","sex":"female"},"reason":"rhythm_disorder",
  "question":"Que faire ?","consent":{"given_by":"patient","information":"oral"}})";

TEST(Request, ReadsAndWritesTheSame) {
  const CaseRequest request = parse_case_request(kRequest).value();
  EXPECT_EQ(request.patient.family_name, "EXEMPLE");
  EXPECT_EQ(request.patient.sex, Sex::female);
  const std::string canonical = case_request_json(request);
  EXPECT_EQ(case_request_json(parse_case_request(canonical).value()), canonical);
}

ErrorCode refusal_of(const std::string& json) {
  const auto request = parse_case_request(json);
  return request ? ErrorCode::internal : request.error().code;
}

TEST(Request, RefusesWhatIsMissingOrWrong) {
  EXPECT_EQ(refusal_of("{"), ErrorCode::malformed_request);
  EXPECT_EQ(refusal_of("[]"), ErrorCode::malformed_request);
  EXPECT_EQ(
      refusal_of(replaced(kRequest, R"("consent":{"given_by":"patient","information":"oral"})",
                          R"("context":"")")),
      ErrorCode::consent_missing);
  EXPECT_EQ(
      refusal_of(replaced(kRequest, R"({"given_by":"patient","information":"oral"})", "true")),
      ErrorCode::consent_missing);
  EXPECT_EQ(
      refusal_of(replaced(kRequest, R"({"given_by":"patient","information":"oral"})", "null")),
      ErrorCode::consent_missing);
  EXPECT_EQ(refusal_of(replaced(kRequest, "\"oral\"", "\"maybe\"")), ErrorCode::invalid_field);
  EXPECT_EQ(refusal_of(replaced(kRequest, "Que faire ?", "   ")), ErrorCode::missing_field);
  EXPECT_EQ(refusal_of(replaced(kRequest, "1961-03-02", "02/03/1961")), ErrorCode::invalid_field);
  EXPECT_EQ(refusal_of(replaced(kRequest, "\"reason\"", "\"raison\"")), ErrorCode::missing_field);
  EXPECT_EQ(refusal_of(replaced(kRequest, "\"consent\"", "\"more\":1,\"consent\"")),
            ErrorCode::invalid_field);
  EXPECT_EQ(refusal_of(replaced(kRequest, "Que faire ?", std::string(kMaxTextBytes + 1, 'a'))),
            ErrorCode::invalid_field);
  EXPECT_EQ(refusal_of(replaced(kRequest, "Que faire ?", "a\\u0000b")), ErrorCode::invalid_field);
  EXPECT_EQ(refusal_of(std::string(20, '[') + std::string(20, ']')), ErrorCode::malformed_request);
  EXPECT_EQ(refusal_of(replaced(kRequest, "Que faire ?", "\xff")), ErrorCode::malformed_request);
}

TEST(Opinion, IsCanonicalAndBoundToItsCase) {
  const std::string json =
      R"({"orientation":"in_person","conclusion":"Vu.","data_sufficient":false})";
  const OpinionText opinion = parse_opinion(json).value();
  EXPECT_FALSE(opinion.data_sufficient);
  const std::string canonical = opinion_json(opinion);
  EXPECT_EQ(opinion_json(parse_opinion(canonical).value()), canonical);
  const auto hash = [&](const char* id, const char* expert, int at) {
    return opinion_hash(CaseId(id), UserId(expert), from_epoch_ms(at), canonical);
  };
  EXPECT_EQ(hash("a", "b", 1), hash("a", "b", 1));
  EXPECT_NE(hash("a", "b", 1), hash("x", "b", 1));
  EXPECT_NE(hash("a", "b", 1), hash("a", "x", 1));
  EXPECT_NE(hash("a", "b", 1), hash("a", "b", 2));
  EXPECT_EQ(parse_opinion(R"({"conclusion":"x","orientation":"nowhere"})").error().code,
            ErrorCode::invalid_field);
  EXPECT_EQ(parse_opinion(R"({"conclusion":"","orientation":"in_person"})").error().code,
            ErrorCode::missing_field);
}

const std::string kProgramme = R"({"id":"p","version":1,"name_fr":"F","name_en":"E",
  "association":"A","speciality":"cardiology","territories":["971"],
  "time_zone":"America/Guadeloupe","tariff_zone":"DROM","mailbox":"p@test.test","policy":"rotation",
  "offer_window_minutes":240,"answer_minutes":2880,"release_delay_seconds":60,
  "route_retry_minutes":60})";

TEST(Programme, ReadsWritesAndRefuses) {
  const Programme programme = parse_programme(kProgramme).value();
  EXPECT_EQ(programme.sla.breach, std::chrono::hours(48));
  EXPECT_EQ(programme_json(parse_programme(programme_json(programme)).value()),
            programme_json(programme));
  for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
           {"America/Guadeloupe", "America/Atlantis"},
           {"\"answer_minutes\":2880", "\"answer_minutes\":10"},
           {"\"cardiology\"", "\"astrology\""},
           {"\"rotation\"", "\"roulette\""},
           {"[\"971\"]", "[]"},
           {"\"version\":1", "\"version\":0"},
           {"\"id\":\"p\",", ""},
           {"\"version\":1", "\"version\":1,\"extra\":2"}}) {
    const auto parsed = parse_programme(replaced(kProgramme, what, by));
    ASSERT_FALSE(parsed) << by;
    EXPECT_EQ(parsed.error().code, ErrorCode::configuration_invalid) << by;
  }
}

TEST(ExamArchive, PacksAndUnpacks) {
  SkinPhoto photo;
  photo.width = 640;
  const std::vector<ArchivedExam> exams = {{"web", "a.scp", {1, 2}, {EcgRecording{}, {}, {}}},
                                           {"web", "b.jpg", {}, {photo, Bytes(70000), {9}}}};
  const Bytes packed = pack_exams(exams);
  const auto back = unpack_exams(packed).value();
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].original, exams[0].original);
  EXPECT_EQ(back[1].normalised.document.size(), 70000U);
  EXPECT_EQ(std::get<SkinPhoto>(back[1].normalised.exam).width, 640);
  EXPECT_EQ(back[1].name, "b.jpg");
  for (std::size_t cut = 0; cut < packed.size(); cut += 997) {
    EXPECT_FALSE(unpack_exams(ByteView(packed).first(cut)));
  }
}

// ---- routing ------------------------------------------------------------------------------------

User expert(const std::string& id) {
  User user;
  user.id = UserId(id);
  return user;
}

TEST(Routing, ExplainsWhoWasLeftOut) {
  Case subject;
  subject.id = CaseId("c");
  subject.requester = UserId("d");
  subject.offers.push_back({UserId("b"), {}, {}, OfferOutcome::declined});
  std::vector<User> pool = {expert("a"), expert("b"), expert("c"), expert("d"), expert("e")};
  pool[0].available = false;
  pool[4].active = false;
  const Assignment assignment = route(subject, pool, {});
  EXPECT_EQ(assignment.expert, UserId("c"));
  ASSERT_EQ(assignment.considered.size(), 5U);
  EXPECT_EQ(assignment.considered[0].excluded_because, "unavailable");
  EXPECT_EQ(assignment.considered[1].excluded_because, "asked_before");
  EXPECT_EQ(assignment.considered[3].excluded_because, "is_requester");
  EXPECT_EQ(assignment.considered[4].excluded_because, "inactive");
  EXPECT_FALSE(route(subject, {pool[0]}, {}).expert);
}

TEST(Routing, TakesTheLeastBusyAndIsFairBetweenEquals) {
  const std::vector<User> pool = {expert("a"), expert("b"), expert("c"), expert("d")};
  Case subject;
  subject.id = CaseId("c");
  EXPECT_EQ(
      route(subject, pool, {{UserId("a"), 2}, {UserId("b"), 1}, {UserId("c"), 3}, {UserId("d"), 2}})
          .expert,
      UserId("b"));
  std::map<UserId, int> chosen;
  for (int i = 0; i < 4000; ++i) {
    subject.id = CaseId("case" + std::to_string(i));
    const auto assignment = route(subject, pool, {});
    EXPECT_EQ(assignment.expert, route(subject, pool, {}).expert);
    ++chosen[*assignment.expert];
  }
  for (const auto& [id, count] : chosen) EXPECT_NEAR(count, 1000, 120) << id.value;
}

}  // namespace
}  // namespace telavis
