// SPDX-License-Identifier: Apache-2.0
#include "mssante/trust_list.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "tests/mssante/signed_xml.h"
#include "tests/mssante/trust_list_builder.h"
#include "tests/shared_samples.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

Result<TrustList> read(const std::string& xml, const SignatureRules& rules = {}) {
  return parse_trust_list(as_bytes(xml), rules);
}
ErrorCode refusal(const std::string& xml, const SignatureRules& rules = {}) {
  const auto list = read(xml, rules);
  EXPECT_FALSE(list);
  return list ? ErrorCode::internal : list.error().code;
}
std::string with(std::string text, const std::string& what, const std::string& by) {
  const auto found = text.find(what);
  EXPECT_NE(found, std::string::npos) << what;
  return text.replace(found, what.size(), by);
}

const std::string kList = trust_list_xml({{"medecin.test"},
                                          {"chu.test", "CN=a.test,C=FR"},
                                          {"chu.test", "CN=b.test,C=FR"},
                                          {"chu.test", "CN=b.test,C=FR"},
                                          {"Hôpital-Élan.test"}});

TEST(TrustList, HoldsEachDomainOnceWithAllItsCertificates) {
  const auto list = read(kList);
  ASSERT_TRUE(list) << list.error().text;
  EXPECT_EQ(format_utc(list->generated_at), "2026-01-06T06:00:00Z");
  EXPECT_EQ(list->entries, 5U);
  EXPECT_EQ(list->unusable, 0U);
  EXPECT_FALSE(list->is_signed);
  ASSERT_EQ(list->domains.size(), 3U);
  EXPECT_EQ(list->domains.at("chu.test"),
            (std::vector<std::string>{"CN=a.test,C=FR", "CN=b.test,C=FR"}));
}

TEST(TrustList, ComparesDomainsAsALabels) {
  const auto list = read(kList);
  ASSERT_TRUE(list);
  // The A-label is what Python's idna codec gives.
  for (const char* same : {"medecin.test", "MEDECIN.TEST", "Medecin.Test.", "hôpital-élan.test",
                           "HÔPITAL-ÉLAN.TEST", "xn--hpital-lan-h7a9j.test"}) {
    EXPECT_TRUE(list->holds(same)) << same;
  }
  // Decomposed accents are the same letters.
  EXPECT_TRUE(list->holds("ho\xCC\x82pital-e\xCC\x81lan.test"));
  for (const char* other :
       {"", ".", "test", "medecin.test.evil.test", "xmedecin.test", "sub.medecin.test",
        "medecin.test@evil.test", "medecin .test",
        "m\xD0\xB5"
        "decin.test" /* a Cyrillic e */,
        "hopital-elan.test", "medecin.test\n", "xn--zz--.test", "caf\xE9.test"}) {
    EXPECT_FALSE(list->holds(other)) << other;
  }
}

TEST(TrustList, LeavesOutWhatIsNoDomain) {
  const auto list = read(trust_list_xml({{"a.test"},
                                         {""},
                                         {"no domain"},
                                         {"a@b.test"},
                                         {std::string(5'000, 'x') + ".test"},
                                         {"-x.test"},
                                         {"under_score.test"}}));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->domains.size(), 1U);
  EXPECT_EQ(list->unusable, 6U);
}

TEST(TrustList, RefusesWhatIsCutAtAnyByte) {
  const std::string list = trust_list_xml({{"a.test"}, {"b.test"}});
  const std::size_t end = list.rfind('>') + 1;
  for (std::size_t size = 0; size < end; ++size) EXPECT_FALSE(read(list.substr(0, size))) << size;
  EXPECT_TRUE(read(list.substr(0, end)));
  EXPECT_EQ(refusal(with(list, "</ListeBlancheMSSante>", "")), ErrorCode::truncated_file);
}

TEST(TrustList, RefusesDocumentTypesAndEntities) {
  const std::string root = "<ListeBlancheMSSante ";
  for (const std::string& type :
       {std::string("<!DOCTYPE ListeBlancheMSSante>"),
        std::string("<!DOCTYPE x [<!ENTITY a \"b\">]>"),
        std::string("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">"),
        std::string("<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>")}) {
    EXPECT_EQ(refusal(with(kList, root, type + root)), ErrorCode::malformed_file);
  }
  EXPECT_FALSE(read(with(kList, "medecin.test", "&unknown;.test")));
  // UTF-16 would hide a document type from who looks for ASCII.
  std::string wide = "\xFF\xFE";
  for (const char c : trust_list_xml({{"a.test"}})) {
    wide += c;
    wide += '\0';
  }
  EXPECT_EQ(refusal(wide), ErrorCode::malformed_file);
  EXPECT_EQ(refusal(with(kList, "UTF-8", "UTF-7")), ErrorCode::malformed_file);
}

TEST(TrustList, RefusesWhatIsNoListOrNamesNothing) {
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("not XML"));
  EXPECT_EQ(refusal("<html><body/></html>"), ErrorCode::unknown_format);
  EXPECT_EQ(refusal(trust_list_xml({})), ErrorCode::malformed_file);
  EXPECT_EQ(refusal(trust_list_xml({{"no domain"}})), ErrorCode::malformed_file);
  for (const char* date : {"", "yesterday", "2026-13-06T06:00:00Z", "2026-01-06"})
    EXPECT_EQ(refusal(trust_list_xml({{"a.test"}}, date)), ErrorCode::malformed_file) << date;
  EXPECT_TRUE(read(trust_list_xml({{"a.test"}}, " 2026-01-06T06:00:00.123Z ")));
  EXPECT_EQ(refusal(kList + "<ListeBlancheMSSante/>"), ErrorCode::malformed_file);
  EXPECT_EQ(refusal(with(kList, "medecin",
                         "m\xE9"
                         "decin")),
            ErrorCode::malformed_file);
  EXPECT_EQ(refusal(std::string(kMaxTrustListBytes + 1, ' ')), ErrorCode::limit_exceeded);
  // A domain elsewhere than in the list is none.
  EXPECT_EQ(refusal(with(trust_list_xml({}), "<ListeDomaines>",
                         "<Autre><Domaine><Nom>a.test</Nom></Domaine></Autre><ListeDomaines>")),
            ErrorCode::malformed_file);
}

class SignedTrustList : public ::testing::Test {
 protected:
  SignatureRules rules() const { return {authority.pem(), "", true}; }
  Identity authority{"Autorité fictive", nullptr};
  Identity signer{"liste.espace.test", &authority};
  Identity other_authority{"Autre autorité", nullptr};
  Identity stranger{"liste.espace.test", &other_authority};
  Identity expired{"ancien.espace.test", &authority, "20251231000000Z"};
};

TEST_F(SignedTrustList, IsReadWhenTheSignatureIsRight) {
  const auto list = read(sign_xml(kList, signer), rules());
  ASSERT_TRUE(list) << list.error().text;
  EXPECT_TRUE(list->is_signed);
  EXPECT_EQ(list->domains, read(kList)->domains);
  SignatureRules by_name = rules();
  by_name.ca_pem = other_authority.pem() + authority.pem();
  by_name.signer = "liste.espace.test";
  EXPECT_TRUE(read(sign_xml(kList, signer), by_name));
}

TEST_F(SignedTrustList, IsRefusedWhenAnythingIsWrong) {
  const std::string good = sign_xml(kList, signer);
  EXPECT_EQ(refusal(with(good, "medecin.test", "malefic.test"), rules()), ErrorCode::forbidden);
  EXPECT_EQ(refusal(with(good, "2026-01-06", "2026-02-06"), rules()), ErrorCode::forbidden);
  EXPECT_EQ(refusal(sign_xml(kList, stranger), rules()), ErrorCode::forbidden);
  EXPECT_EQ(refusal(sign_xml(kList, expired), rules()), ErrorCode::forbidden);
  EXPECT_EQ(refusal(kList, rules()), ErrorCode::forbidden);  // unsigned, and it must be
  SignatureRules by_name = rules();
  by_name.signer = "autre.espace.test";
  EXPECT_EQ(refusal(good, by_name), ErrorCode::forbidden);
  // Also where none is required: one that is there has to be right.
  SignatureRules lenient = rules();
  lenient.required = false;
  EXPECT_EQ(refusal(with(good, "medecin.test", "malefic.test"), lenient), ErrorCode::forbidden);
  EXPECT_EQ(refusal(good, {}), ErrorCode::configuration_invalid);  // and nobody to vouch for it
  EXPECT_TRUE(read(kList, lenient));
}

TEST_F(SignedTrustList, IsNotVouchedForByTheSystemsAuthorities) {
  // What the machine trusts for the web (here: the other authority) signs no list.
  const TempFolder folder;
  const auto file = folder.path() / "system.pem";
  std::ofstream(file) << other_authority.pem();
  ASSERT_EQ(setenv("SSL_CERT_FILE", file.c_str(), 1), 0);
  EXPECT_EQ(refusal(sign_xml(kList, stranger), rules()), ErrorCode::forbidden);
  EXPECT_TRUE(read(sign_xml(kList, signer), rules()));
  unsetenv("SSL_CERT_FILE");
}

TEST_F(SignedTrustList, BringsNoKeyAndNoWeakAlgorithmOfItsOwn) {
  const Identity rsa("liste.espace.test", &authority, "20270101000000Z", true);
  SigningWay way;
  way.signature = xmlSecTransformRsaSha256Id;
  EXPECT_TRUE(read(sign_xml(kList, rsa, way), rules()));
  way.with_certificate = false;
  EXPECT_EQ(refusal(sign_xml(kList, rsa, way), rules()), ErrorCode::forbidden);
  SigningWay weak_digest;
  weak_digest.digest = xmlSecTransformSha1Id;
  EXPECT_EQ(refusal(sign_xml(kList, signer, weak_digest), rules()), ErrorCode::forbidden);
  SigningWay weak_signature;
  weak_signature.signature = xmlSecTransformEcdsaSha1Id;
  EXPECT_EQ(refusal(sign_xml(kList, signer, weak_signature), rules()), ErrorCode::forbidden);
  SigningWay part;
  part.uri = "#xpointer(/)";
  EXPECT_EQ(refusal(sign_xml(kList, signer, part), rules()), ErrorCode::forbidden);
}

TEST_F(SignedTrustList, CannotBeWrappedIntoAnother) {
  const std::string good = sign_xml(kList, signer);
  const std::size_t from = good.find("<Signature");
  const std::size_t end = good.find("</Signature>") + std::string("</Signature>").size();
  const std::string signature = good.substr(from, end - from);
  const std::string evil = trust_list_xml({{"malefic.test"}});
  const std::string closing = "</ListeBlancheMSSante>";
  // The signature of another list.
  EXPECT_EQ(refusal(with(evil, closing, signature + closing), rules()), ErrorCode::forbidden);
  // The whole signed list inside another one, with its signature moved up.
  std::string inner = good.substr(good.find("<ListeBlancheMSSante"));
  EXPECT_EQ(refusal(with(evil, closing, inner + signature + closing), rules()),
            ErrorCode::forbidden);
  EXPECT_EQ(refusal(with(good, closing, signature + closing), rules()), ErrorCode::forbidden);
  // Deeper than the root it is no signature of the list.
  EXPECT_EQ(refusal(with(evil, "</ListeDomaines>", signature + "</ListeDomaines>"), rules()),
            ErrorCode::forbidden);
}

TEST(TrustList, ReadsTheCopyOfTwoThousandTwentyFive) {
  const std::string file = "conformance/mssante/liste_blanche_dev.xml";
  TELAVIS_NEED_SHARED(file);
  const Bytes bytes = read_file(shared_folder() / file);
  const std::string xml(as_text(bytes));
  const auto list = read(xml);
  ASSERT_TRUE(list) << list.error().text;
  EXPECT_EQ(format_utc(list->generated_at), "2025-03-13T14:54:10Z");
  EXPECT_EQ(list->unusable, 0U);
  // Counted by looking for the elements, without reading XML.
  std::size_t entries = 0;
  std::set<std::string> names;
  for (std::size_t at = xml.find("<Nom>"); at != std::string::npos;
       at = xml.find("<Nom>", at + 1)) {
    ++entries;
    names.insert(xml.substr(at + 5, xml.find('<', at + 1) - at - 5));
  }
  EXPECT_EQ(list->entries, entries);
  EXPECT_EQ(list->domains.size(), names.size());
  for (const char* member : {"medecin.mssante.fr", "mssante.apicrypt.org", "lifen.mssante.fr"})
    EXPECT_TRUE(list->holds(member)) << member;
  EXPECT_FALSE(list->holds("mssante.fr"));
  EXPECT_GE(list->domains.at("medecin.mssante.fr").size(), 2U);
}

}  // namespace
}  // namespace telavis::test
