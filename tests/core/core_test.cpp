// SPDX-License-Identifier: Apache-2.0
// The smaller parts of the domain: time, sealing, audit chains, the catalogue, archives of exams.
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
#include "tests/fakes.h"

namespace telavis {
namespace {

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
  const std::regex asked(
      R"re("((?:mail|report|letter|notice|reason|orientation|sex|error)\.[a-z_.]+[a-z_])")re");
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

// ---- archives of exams --------------------------------------------------------------------------

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

}  // namespace
}  // namespace telavis
