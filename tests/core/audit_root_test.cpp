// SPDX-License-Identifier: Apache-2.0
#include "engine/core/audit_root.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/core/release_record.h"

namespace telavis::audit_root_test {
namespace {

const SealKey kKey(Key(std::array<std::uint8_t, 32>{7}));

Instant at(const char* text) {
  return parse_instant(text).value();
}

AuditRootContent content() {
  AuditRootContent content;
  content.number = 2;
  content.at = at("2026-11-21T02:00:00Z");
  content.previous = hash_hex("root 1");
  content.previous_exported_at = at("2026-11-20T02:00:04Z");
  content.engine = "0.1.0";
  content.heads = {{"node", {17, hash_hex("n")}}, {"0k3", {12, hash_hex("c")}}};
  return content;
}

TEST(AuditRoot, IsWrittenAndReadTheSame) {
  const std::string document = root_document(sign_root(content(), kKey));
  // Computed by hand from the description at the head of audit_root.h.
  EXPECT_EQ(document.substr(0, document.find('\n')),
            R"({"root":2,"at":"2026-11-21T02:00:00Z","previous":")" + hash_hex("root 1") +
                R"(","previous_exported_at":"2026-11-20T02:00:04Z","public_key":")" +
                kKey.public_key() + R"(","engine":"0.1.0"})");
  const std::size_t last = document.rfind('\n', document.size() - 2) + 1;
  EXPECT_NE(document.substr(last).find(hash_hex(document.substr(0, last))), std::string::npos);
  EXPECT_EQ(root_document(sign_root(content(), kKey)), document);
  const auto parsed = parse_root(document);
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(root_document(*parsed), document);
  EXPECT_EQ(parsed->content.heads.front().chain, "0k3");
  EXPECT_EQ(parsed->content.heads.back().head.length, 17);
  EXPECT_EQ(root_file_name(2), "audit-root-000002.jsonl");
}

TEST(AuditRoot, OfNoChainAndTheFirstOne) {
  AuditRootContent first;
  first.number = 1;
  first.at = at("2026-11-20T02:00:00Z");
  first.engine = "0.1.0";
  const auto parsed = parse_root(root_document(sign_root(first, kKey)));
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_TRUE(parsed->content.heads.empty());
  EXPECT_FALSE(parsed->content.previous_exported_at);
}

TEST(AuditRoot, EveryChangedByteIsRefused) {
  const std::string document = root_document(sign_root(content(), kKey));
  for (std::size_t i = 0; i < document.size(); ++i) {
    std::string changed = document;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(parse_root(changed)) << i;
    EXPECT_FALSE(parse_root(document.substr(0, i))) << i;
    changed = document;
    changed.insert(i, " ");
    EXPECT_FALSE(parse_root(changed)) << i;
  }
  EXPECT_FALSE(parse_root(document + "\n"));
  EXPECT_FALSE(parse_root(document + document));
}

TEST(AuditRoot, AnotherKeysSignatureIsRefused) {
  const SealKey other(Key(std::array<std::uint8_t, 32>{8}));
  SignedRoot root = sign_root(content(), kKey);
  root.signature = sign_root(content(), other).signature;
  EXPECT_EQ(parse_root(root_document(root)).error().code, ErrorCode::crypto_failed);
  // The seal on an opinion is no signature of a root.
  root.signature = kKey.sign(root.hash);
  EXPECT_EQ(parse_root(root_document(root)).error().code, ErrorCode::crypto_failed);
}

TEST(AuditRoot, ChainsTwiceOrOutOfOrderAreRefused) {
  for (const char* second : {"a", "b", "0"}) {
    SignedRoot root = sign_root(content(), kKey);
    root.content.heads = {{"b", {1, hash_hex("x")}}, {second, {1, hash_hex("x")}}};
    EXPECT_FALSE(parse_root(root_document(root))) << second;
  }
}

TEST(AuditRoot, TooManyChainsAndTooLongLinesAreRefused) {
  std::string many = "{}\n";
  for (std::size_t i = 0; i < kMaxRootHeads + 2; ++i) many += "{}\n";
  EXPECT_EQ(parse_root(many).error().code, ErrorCode::limit_exceeded);
  EXPECT_FALSE(parse_root(std::string(100'000, 'x') + "\n{}\n"));
  EXPECT_FALSE(parse_root(""));
  EXPECT_FALSE(parse_root("\n\n\n"));
}

bool due(const RootSchedule& schedule, const char* last, const char* now) {
  return root_is_due(schedule, at(last), at(now)).value();
}

TEST(AuditRoot, IsDueOnceADay) {
  const RootSchedule schedule;
  EXPECT_TRUE(root_is_due(schedule, std::nullopt, at("2026-11-21T01:00:00Z")).value());
  EXPECT_FALSE(due(schedule, "2026-11-20T02:00:00Z", "2026-11-21T01:59:59Z"));
  EXPECT_TRUE(due(schedule, "2026-11-20T02:00:00Z", "2026-11-21T02:00:00Z"));
  EXPECT_FALSE(due(schedule, "2026-11-21T02:00:00Z", "2026-11-21T23:00:00Z"));
  EXPECT_TRUE(due(schedule, "2026-11-21T01:59:00Z", "2026-11-21T02:00:00Z"));
  EXPECT_TRUE(due(schedule, "2026-11-01T02:00:00Z", "2026-11-21T01:00:00Z"));
  // Made while the clock was wrong: the next one does not wait until it is right again.
  EXPECT_TRUE(due(schedule, "2031-01-01T02:00:00Z", "2026-11-21T02:00:00Z"));
}

TEST(AuditRoot, TheDayIsThatOfTheZone) {
  const RootSchedule guadeloupe{std::chrono::hours(2), "America/Guadeloupe"};  // UTC-4
  EXPECT_FALSE(due(guadeloupe, "2026-11-20T06:00:00Z", "2026-11-21T05:59:00Z"));
  EXPECT_TRUE(due(guadeloupe, "2026-11-20T06:00:00Z", "2026-11-21T06:00:00Z"));
  const RootSchedule paris{std::chrono::hours(2), "Europe/Paris"};
  // 2026-10-25: 02:00 comes twice, 00:00 and 01:00 UTC; 2026-03-29: never, 01:00 UTC is 03:00.
  EXPECT_TRUE(due(paris, "2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z"));
  EXPECT_FALSE(due(paris, "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"));
  EXPECT_FALSE(due(paris, "2026-03-28T01:00:00Z", "2026-03-29T00:59:00Z"));
  EXPECT_TRUE(due(paris, "2026-03-28T01:00:00Z", "2026-03-29T01:00:00Z"));
  EXPECT_FALSE(root_is_due({std::chrono::hours(2), "Europe/Nowhere"}, at("2026-10-25T00:00:00Z"),
                           at("2026-10-25T01:00:00Z")));
}

TEST(ReleaseRecord, IsReadBackAndCoversEveryFigure) {
  Opinion opinion;
  opinion.hash = hash_hex("o");
  opinion.seal = kKey.sign(opinion.hash);
  opinion.signed_at = at("2026-11-21T02:00:00Z");
  const BillableAct expert{
      CaseId("c"), ActRole::expert, "TE2", UserId("e"), "2026-11-21", "metropole", 2000, true, ""};
  const BillableAct requester{
      CaseId("c"), ActRole::requester, "RQD", UserId("r"), "2026-11-21", "metropole", 1000, true,
      ""};
  const auto record = release_record(release_words(opinion, {expert, requester}) + "; report x");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->opinion, opinion.hash);
  EXPECT_EQ(record->seal, opinion.seal);
  EXPECT_EQ(record->acts, acts_digest({requester, expert}, opinion.signed_at));
  EXPECT_NE(record->acts, acts_digest({requester}, opinion.signed_at));
  EXPECT_NE(record->acts, acts_digest({requester, expert}, opinion.signed_at + Duration(1)));
  opinion.corrects = hash_hex("before");
  EXPECT_EQ(release_record(release_words(opinion, {}))->acts, "");
  EXPECT_FALSE(release_record(""));
  EXPECT_FALSE(release_record("opinion x; report y"));
}

}  // namespace
}  // namespace telavis::audit_root_test
