// SPDX-License-Identifier: Apache-2.0
// The same simulation over a real database beside the model: each call must be answered alike, and
// the database that is opened again must hold what the model holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "engine/simulation/simulation.h"
#include "storage/case_record.h"
#include "storage/sqlite.h"
#include "tests/sim/repository_pair.h"
#include "tests/sim/worlds.h"
#include "tests/storage/sample_cases.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

/// What the model held when the world ended.
struct Snapshot {
  std::vector<Case> cases;
  std::map<CaseId, std::vector<AuditEntry>> chains;
  std::map<CaseId, std::vector<BillableAct>> acts;
  std::map<std::string, std::int64_t> outbox;
  std::map<ProgrammeId, CaseFigures> figures;
  AuditHead node;
};

Snapshot snapshot_of(MemoryRepository& model, Instant now) {
  Snapshot snapshot;
  model.each_case([&](const Case& subject) {
    snapshot.cases.push_back(subject);
    snapshot.chains[subject.id] = *model.peek_chain(subject.id);
    snapshot.acts[subject.id] = *model.peek_acts(subject.id);
  });
  snapshot.outbox = *model.outbox_counts();
  snapshot.figures = *model.case_figures(now);
  snapshot.node = *model.node_audit_head();
  return snapshot;
}

void expect_same_database(Repository& database, const Snapshot& model, Instant now) {
  CaseQuery everything;
  everything.limit = model.cases.size() + 1;
  EXPECT_EQ(database.cases(everything)->size(), model.cases.size());
  for (const Case& subject : model.cases) {
    expect_same(loaded(database, subject.id), subject);
    const auto chain = database.audit_chain(subject.id.value);
    EXPECT_EQ(verify_chain(*chain, subject.audit), 0);
    EXPECT_EQ(chain->size(), model.chains.at(subject.id).size());
  }
  std::map<CaseId, std::vector<BillableAct>> acts;
  const auto rows = database.acts({});
  for (const ActRow& row : *rows) acts[row.act.case_id].push_back(row.act);
  for (const auto& [id, expected] : model.acts) {
    ASSERT_EQ(acts[id].size(), expected.size());
    for (const BillableAct& act : expected) {
      const auto found = std::ranges::find(acts[id], act.role, &BillableAct::role);
      ASSERT_NE(found, acts[id].end());
      EXPECT_EQ(found->professional, act.professional);
      EXPECT_EQ(found->amount_cents, act.amount_cents);
    }
  }
  EXPECT_EQ(*database.outbox_counts(), model.outbox);
  const auto figures = database.case_figures(now);
  ASSERT_EQ(figures->size(), model.figures.size());
  for (const auto& [programme, expected] : model.figures) {
    EXPECT_EQ(figures->at(programme).by_state, expected.by_state);
    EXPECT_EQ(figures->at(programme).events, expected.events);
    EXPECT_EQ(figures->at(programme).open_by_time_left, expected.open_by_time_left);
  }
  const auto node = database.audit_chain("node");
  EXPECT_EQ(verify_chain(*node, *database.node_audit_head()), 0);
  EXPECT_EQ(database.node_audit_head()->hash, model.node.hash);
}

class OverADatabase : public testing::TestWithParam<const char*> {};

TEST_P(OverADatabase, TheReopenedDatabaseEqualsTheModel) {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "telavis.db";
  const auto open = [&](const std::function<std::int64_t()>& lease_clock) {
    return open_sqlite_repository({file, lease_clock}).value();
  };
  World world = world_of(GetParam(), kFewCases, 11);
  std::unique_ptr<Repository> database;
  std::unique_ptr<RepositoryPair> pair;
  Snapshot snapshot;
  world.door = [&](MemoryRepository& model,
                   std::function<std::int64_t()> lease_clock) -> Repository& {
    database = open(lease_clock);
    pair = std::make_unique<RepositoryPair>(model, *database);
    return *pair;
  };
  Instant end;
  world.at_the_end = [&](Stage& stage) {
    end = stage.now();
    snapshot = snapshot_of(stage.model(), end);
  };
  const auto figures = simulate_world(world);
  ASSERT_TRUE(figures) << figures.error().text;
  ASSERT_FALSE(HasFailure());
  pair.reset();
  database.reset();
  expect_same_database(*open([] { return 0; }), snapshot, end);
}

INSTANTIATE_TEST_SUITE_P(Shipped, OverADatabase,
                         testing::Values("rythmologie-guadeloupe", "ecg-pays-de-la-loire",
                                         "dermatologie-hauts-de-france"));

}  // namespace
}  // namespace telavis::test
