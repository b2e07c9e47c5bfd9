// SPDX-License-Identifier: Apache-2.0
// The daily root: made when due, exported until everybody has it, whatever fails in between; and
// what the verification says of the part that no root covers.
#include <gmock/gmock.h>

#include "engine/core/retention.h"
#include "tests/service/audit_world.h"

namespace telavis::test::audit_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Rooting : public AuditStory {
 protected:
  AuditRooter daily{rooter(*engine.repository)};
  int rounds() {
    int steps = 0;
    while (true) {
      const auto taken = daily.round();
      EXPECT_TRUE(taken) << (taken ? "" : taken.error().text);
      if (!taken || *taken == 0) return steps;
      steps += *taken;
    }
  }
  std::vector<std::string> finding() {
    return words(verify_all(*engine.repository, keeper, &engine.service));
  }
};

TEST_F(Rooting, OnceADayAndOnlyWhatHasGrown) {
  answered();
  EXPECT_EQ(rounds(), 2);  // made, exported
  EXPECT_EQ(rounds(), 0);
  disk.clock.set(at("2026-01-07T01:59:00Z"));
  EXPECT_EQ(rounds(), 0);
  disk.clock.set(at("2026-01-07T02:00:00Z"));
  EXPECT_EQ(rounds(), 2);
  submitted();
  disk.clock.set(at("2026-01-08T02:00:00Z"));
  EXPECT_EQ(rounds(), 2);
  ASSERT_EQ(keeper.documents.size(), 3U);
  std::vector<std::size_t> chains;
  for (const auto& [name, document] : keeper.documents)
    chains.push_back(parse_root(document).value().content.heads.size());
  EXPECT_THAT(chains, ElementsAre(2, 0, 1));  // node and case; nothing; another case
  EXPECT_THAT(finding(), IsEmpty());
  const auto roots = engine.repository->audit_roots(0, 10).value();
  ASSERT_EQ(roots.size(), 3U);
  for (const AuditRoot& root : roots) {
    EXPECT_TRUE(root.exported_at);
    EXPECT_EQ(root.document, "");
  }
}

TEST_F(Rooting, WhatIsNotExportedIsTriedAgainTheSameAndKeepsItsDocument) {
  answered();
  keeper.fails_next = 3;
  EXPECT_EQ(daily.round(), 1);
  const std::string document = engine.repository->audit_roots(0, 1)->front().document;
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(daily.round().error().text, HasSubstr("nobody is at home"));
    EXPECT_EQ(engine.repository->audit_roots(0, 1)->front().document, document);
    disk.clock.advance(hours(24));  // no second root before the first has left
  }
  EXPECT_THAT(verify_all(*engine.repository, keeper).findings, IsEmpty());
  EXPECT_EQ(daily.round(), 1);
  EXPECT_EQ(keeper.documents.begin()->second, document);
  EXPECT_EQ(rounds(), 2);
  EXPECT_EQ(keeper.documents.size(), 2U);
  EXPECT_THAT(finding(), IsEmpty());
}

TEST_F(Rooting, ACrashBetweenAnyTwoStepsLosesNothingAndDoublesNothing) {
  answered();
  FaultPlan counting;
  {
    FaultyRepository faulty(*engine.repository, counting);
    ASSERT_TRUE(rooter(faulty).root_now());
  }
  ASSERT_GT(counting.calls(), 5);
  std::size_t runs = 1;
  for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
    for (std::int64_t call = 1; call <= counting.calls() + 2; ++call) {
      submitted();
      FaultPlan plan(call, side, FaultExtent::from_then_on);
      FaultyRepository faulty(*engine.repository, plan);
      static_cast<void>(rooter(faulty).root_now());
      root_now();  // another process, after the crash
      ++runs;
      EXPECT_THAT(finding(), IsEmpty()) << "call " << call;
    }
  }
  const auto verification = verify_all(*engine.repository, keeper);
  EXPECT_EQ(verification.uncovered_entries, 0);
  EXPECT_EQ(*verification.covered_by, static_cast<std::int64_t>(keeper.documents.size()));
  EXPECT_GE(keeper.documents.size(), runs);
}

TEST_F(Rooting, TracesExpireWhenTheirTimeIsOverAndTheRestIsProvenAsBefore) {
  const CaseId id = answered();
  ASSERT_TRUE(engine.service.open(engine.gp, id));
  root_now();
  const Instant now = at("2029-02-01T12:00:00Z");
  disk.clock.set(now);
  const auto traces = [&] {
    const auto chain = engine.repository->audit_chain(id.value).value();
    return std::ranges::count_if(chain, [](const AuditEntry& entry) {
      return entry.what.action == "content_read" && entry.what.actor.empty();
    });
  };
  ASSERT_TRUE(engine.repository->expire_traces(traces_kept_from(now, 38), now, 1000));
  EXPECT_EQ(traces(), 0);
  const auto expired =
      engine.repository->expire_traces(traces_kept_from(now, usual_trace_months()), now, 1000);
  ASSERT_TRUE(expired) << expired.error().text;
  EXPECT_GT(*expired, 0);
  EXPECT_GT(traces(), 0);
  EXPECT_THAT(finding(), IsEmpty());
  root_now();
  EXPECT_THAT(finding(), IsEmpty());
  // What was done is told as before.
  const auto chain = engine.repository->audit_chain(id.value).value();
  for (const AuditEntry& entry : chain) {
    if (!is_access_trace(entry.what.action)) {
      EXPECT_NE(entry.what.actor, "") << entry.what.action;
    }
  }
}

TEST_F(Rooting, SaysPlainlyWhatIsNotCovered) {
  answered();
  const auto before = verify_all(*engine.repository, keeper);
  EXPECT_THAT(before.findings, IsEmpty());
  EXPECT_THAT(coverage_words(before), HasSubstr("no root document was given"));
  root_now();
  const auto rooted = verify_all(*engine.repository, keeper);
  EXPECT_EQ(
      coverage_words(rooted),
      "covered up to root 1 of 2026-01-06T12:01:00Z; 0 entries in 0 chains since then are not "
      "covered by an exported root");
  const std::int64_t all = rooted.entries;
  disk.clock.advance(hours(1));
  const CaseId id = submitted();
  const auto later = verify_all(*engine.repository, keeper);
  EXPECT_THAT(later.findings, IsEmpty());
  EXPECT_EQ(later.uncovered_entries, later.entries - all);
  EXPECT_EQ(later.uncovered_chains, 1);
  EXPECT_THAT(coverage_words(later), HasSubstr(" entries in 1 chains since then are not covered"));

  // The attacker writes the new case's chain anew: nothing can tell.
  auto database = open_sqlite({disk.folder / "telavis.db", {}}).value();
  const auto chain = engine.repository->audit_chain(id.value).value();
  AuditHead head;
  for (const AuditEntry& entry : chain) {
    AuditDraft what = entry.what;
    what.detail += "?";
    const AuditEntry anew = append_audit(id.value, head, what);
    ASSERT_TRUE(
        database->run("update audit set detail = $1, hash = $2 where chain = $3 and sequence = $4",
                      {anew.what.detail, anew.hash, id.value, anew.sequence}));
  }
  ASSERT_TRUE(
      database->run("update cases set audit_hash = $1 where id = $2", {head.hash, id.value}));
  EXPECT_THAT(finding(), IsEmpty());
}

TEST_F(Rooting, ADamagedChainIsLeftOutAndSaid) {
  const CaseId id = answered();
  auto database = open_sqlite({disk.folder / "telavis.db", {}}).value();
  ASSERT_TRUE(database->run(
      "update audit set actor = 'u-somebody' where chain = $1 and sequence = 2", {id.value}));
  EXPECT_EQ(daily.round(), 1);
  EXPECT_EQ(daily.round(), 1);
  const auto root = parse_root(keeper.documents.begin()->second).value();
  ASSERT_EQ(root.content.heads.size(), 1U);
  EXPECT_EQ(root.content.heads.front().chain, "node");
  EXPECT_THAT(daily.round().error().text, HasSubstr(id.value));
  EXPECT_THAT(daily.round().error().text,
              HasSubstr("audit verify"));  // and again, until it is mended
  EXPECT_THAT(finding(), ElementsAre(HasSubstr(id.value + " 2: does not follow")));
}

TEST_F(Rooting, AFullDocumentIsFollowedByTheNext) {
  for (int i = 0; i < 4; ++i) submitted();
  AuditRooter small(disk.clock, *engine.repository, seal_key(), {{}, "test", 2}, {keeper.sink()});
  int steps = 0;
  while (small.round().value() > 0) ++steps;
  EXPECT_EQ(steps, 6);  // five chains
  EXPECT_EQ(keeper.documents.size(), 3U);
  EXPECT_THAT(finding(), IsEmpty());
  EXPECT_EQ(verify_all(*engine.repository, keeper).uncovered_entries, 0);
}

TEST_F(Rooting, AnEntryThatIsOlderThanTheRootAndNotInItIsFound) {
  answered();
  root_now();
  disk.clock.advance(hours(2));
  root_now();
  disk.clock.set(at("2026-01-06T12:02:00Z"));  // what a backdated case looks like
  const CaseId id = submitted();
  EXPECT_THAT(finding(), ElementsAre(HasSubstr(id.value + " 1: is older than root 2")));
}

TEST_F(Rooting, RootsThatAreForgedOrMissingAreFound) {
  live();
  ASSERT_THAT(finding(), IsEmpty());
  const auto documents = keeper.documents;
  keeper.documents.erase(root_file_name(2));
  EXPECT_THAT(finding(), Not(IsEmpty()));
  keeper.documents.erase(root_file_name(3));
  EXPECT_THAT(finding(), Not(IsEmpty()));
  keeper.documents = documents;
  SignedRoot forged = parse_root(documents.at(root_file_name(3))).value();
  forged.content.heads.pop_back();
  keeper.documents[root_file_name(3)] =
      root_document(sign_root(forged.content, SealKey(Key(std::array<std::uint8_t, 32>{9}))));
  EXPECT_THAT(finding(), Contains(HasSubstr("signed by another key")));
  keeper.documents = documents;
  keeper.documents["audit-root-000003 (copy).jsonl"] = documents.at(root_file_name(3));
  EXPECT_THAT(finding(), IsEmpty());
  // With the key itself a root can be forged; its number is taken.
  keeper.documents["other.jsonl"] = root_document(sign_root(forged.content, seal_key()));
  EXPECT_THAT(finding(), Contains(HasSubstr("two root documents")));
}

TEST_F(Rooting, AMessageOfNoCaseLeavesOnceHoweverOftenItIsPosted) {
  MailDraft draft;
  draft.from = "telavis@association.telavis.test";
  draft.to = "audit@association.telavis.test";
  draft.subject = message(kMailLanguage, "mail.audit_root.subject");
  draft.text = "ZZROOT";
  draft.date = disk.clock.now();
  draft.attachments.push_back(
      {"audit-root-000001.jsonl", "application/x-ndjson", {'{', '}', '\n'}});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(engine.service.post(MessageKind::audit_root, OutboxId("root-1"), draft));
    ASSERT_TRUE(engine.settle());
  }
  const auto sent = mails_of(disk, "audit@association.telavis.test");
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_THAT(sent.front(), HasSubstr("audit-root-000001.jsonl"));
  EXPECT_THAT(sent.front(), HasSubstr("<root-1@association.telavis.test>"));
}

}  // namespace
}  // namespace telavis::test::audit_test
