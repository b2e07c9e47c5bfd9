// SPDX-License-Identifier: Apache-2.0
// An attacker writes to the database, and can compute every hash, but has not the signing key: each
// change before the last exported root is found.
#include <gmock/gmock.h>

#include <iostream>

#include "formats/sanitized.h"
#include "storage/case_record.h"
#include "storage/repository.h"
#include "tests/service/audit_world.h"

namespace telavis::test::audit_mutation_test {
namespace {

/// The one connection of the attacker, under a repository that reads what he has not committed.
class Shared : public Database {
 public:
  using Database::run;
  explicit Shared(Database& inner) : inner_(inner) {}
  Result<Rows> run(std::string_view sql, std::span<const Value> values) override {
    return inner_.run(sql, values);
  }
  Result<void> run_script(std::string_view sql) override { return inner_.run_script(sql); }
  Result<bool> has_table(std::string_view name) override { return inner_.has_table(name); }
  Result<void> begin() override { return {}; }
  Result<void> commit() override { return {}; }
  void rollback() override {}
  void forget_past() override { inner_.forget_past(); }

 private:
  Database& inner_;
};

using Chain = std::vector<AuditEntry>;

class Mutation : public AuditStory {
 protected:
  void SetUp() override {
    live();
    database = open_sqlite({disk.folder / "telavis.db", {}}).value();
    ASSERT_TRUE(database->run_script("pragma foreign_keys = off"));
    repository = std::make_unique<SqlRepository>(std::make_unique<Shared>(*database),
                                                 std::make_unique<Shared>(*database));
    ASSERT_THAT(words(verify_all(*repository, keeper, &engine.service)), testing::IsEmpty());
    chains["node"] = repository->audit_chain("node").value();
    for (const CaseId& id : cases) chains[id.value] = repository->audit_chain(id.value).value();
  }
  void TearDown() override {
    std::cout << "[ mutants  ] " << found << " of " << made << " found\n";
    EXPECT_EQ(found, made);
    EXPECT_GT(made, 0);
  }

  /// Does it, looks, and undoes it.
  void mutant(const std::string& name, const std::function<void()>& change) {
    ASSERT_TRUE(database->begin());
    change();
    ++made;
    const bool seen = !verify_all(*repository, keeper, &engine.service).findings.empty();
    found += seen ? 1 : 0;
    EXPECT_TRUE(seen) << name;
    database->rollback();
  }
  void sql(const std::string& text, std::initializer_list<Value> values = {}) {
    const auto done = database->run(text, values);
    EXPECT_TRUE(done) << text << ": " << done.error().text;
  }
  void set_head(const std::string& chain, const AuditHead& head) {
    if (chain == "node")
      sql("update node_audit_head set length = $1, hash = $2", {head.length, head.hash});
    else
      sql("update cases set audit_length = $1, audit_hash = $2 where id = $3",
          {head.length, head.hash, chain});
  }
  void write(const std::string& chain, const Chain& entries) {
    sql("delete from audit where chain = $1", {chain});
    for (const AuditEntry& entry : entries)
      sql("insert into audit (chain, sequence, at, actor, action, detail, salt, hash, expired) "
          "values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
          {chain, entry.sequence, value(entry.what.at), entry.what.actor, entry.what.action,
           entry.what.detail, entry.what.salt, entry.hash, entry.expired});
  }
  /// With every place and hash computed anew, and the head too.
  void write_anew(const std::string& chain, const Chain& entries) {
    AuditHead head;
    Chain anew;
    for (const AuditEntry& entry : entries) anew.push_back(append_audit(chain, head, entry.what));
    write(chain, anew);
    set_head(chain, head);
  }
  /// Places as they come, hashes as they were.
  void write_renumbered(const std::string& chain, Chain entries) {
    for (std::size_t i = 0; i < entries.size(); ++i)
      entries[i].sequence = static_cast<std::int64_t>(i) + 1;
    write(chain, entries);
  }
  /// Both ways: hashes left alone, and computed anew.
  void both(const std::string& name, const std::string& chain, const Chain& changed) {
    mutant(name, [&] { write_renumbered(chain, changed); });
    mutant(name + ", hashes anew", [&] { write_anew(chain, changed); });
  }

  std::unique_ptr<Database> database;
  std::unique_ptr<Repository> repository;
  std::map<std::string, Chain> chains;
  int made = 0, found = 0;
};

TEST_F(Mutation, EveryFieldOfEveryEntry) {
  for (const auto& named : chains) {
    const std::string& chain = named.first;
    const Chain& entries = named.second;
    for (std::size_t i = 0; i < entries.size(); i += kAddressSanitizer ? 8 : 1) {
      const std::string name = chain + " " + std::to_string(i + 1);
      const auto field = [&](const std::string& column, const Value& to) {
        mutant(name + " " + column, [&] {
          sql("update audit set " + column + " = $1 where chain = $2 and sequence = $3",
              {to, chain, entries[i].sequence});
        });
      };
      field("chain", std::string_view("elsewhere"));
      field("sequence", std::int64_t{1000});
      field("at", to_epoch_ms(entries[i].what.at) + 1);
      field("actor", std::string_view("u-somebody"));
      field("action", std::string_view("nothing"));
      field("detail", std::string_view("nothing of it"));
      field("salt", std::string_view("other"));
      field("hash", std::string_view(hash_hex("other")));
      field("expired", std::string_view(hash_hex("other")));
      Chain expired = entries;
      expired[i] = without_trace(expired[i]);
      mutant(name + " expired", [&] { write(chain, expired); });
      mutant(name + " expired, with a note", [&] {
        write(chain, expired);
        const Instant now = entries[i].what.at + std::chrono::hours(24);
        EXPECT_TRUE(repository->append_node_audit(expiry_note(now, now, 1)));
      });
      mutant(name + " expired, with a note of the future", [&] {
        write(chain, expired);
        const Instant before = entries[i].what.at + std::chrono::hours(24);
        EXPECT_TRUE(
            repository->append_node_audit(expiry_note(before, at("2040-01-01T00:00:00Z"), 1)));
      });
      const auto anew = [&](const char* what, const std::function<void(AuditDraft&)>& change) {
        Chain changed = entries;
        change(changed[i].what);
        mutant(name + " " + what + ", hashes anew", [&] { write_anew(chain, changed); });
      };
      anew("at", [](AuditDraft& what) { what.at += Duration(1); });
      anew("actor", [](AuditDraft& what) { what.actor = "u-somebody"; });
      anew("action", [](AuditDraft& what) { what.action = "nothing"; });
      anew("detail", [](AuditDraft& what) { what.detail += "?"; });
    }
  }
}

TEST_F(Mutation, EveryRemovalInsertionTruncationAndSwap) {
  for (const auto& named : chains) {
    const std::string& chain = named.first;
    const Chain& entries = named.second;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto place = static_cast<std::ptrdiff_t>(i);
      const std::string name = chain + " " + std::to_string(i + 1);
      mutant(name + " removed", [&] {
        sql("delete from audit where chain = $1 and sequence = $2", {chain, entries[i].sequence});
      });
      Chain changed = entries;
      changed.erase(changed.begin() + place);
      both(name + " removed", chain, changed);
      changed = entries;
      changed.insert(changed.begin() + place, entries[(i + 1) % entries.size()]);
      both(name + " inserted", chain, changed);
      changed = entries;
      changed.resize(i);
      mutant(name + " cut", [&] { write(chain, changed); });
      mutant(name + " cut, with its head", [&] { write_anew(chain, changed); });
      for (std::size_t j = i + 1; j < std::min(i + 3, entries.size()); ++j) {
        changed = entries;
        std::swap(changed[i], changed[j]);
        both(name + " swapped", chain, changed);
      }
    }
    // At the end nothing is rooted yet, but the head does not know of it.
    Chain longer = entries;
    longer.push_back(entries.back());
    mutant(chain + " one more", [&] { write_renumbered(chain, longer); });
  }
}

TEST_F(Mutation, EveryHeadAndEveryCase) {
  for (const auto& named : chains) {
    const std::string& chain = named.first;
    const Chain& entries = named.second;
    const AuditHead head{entries.back().sequence, entries.back().hash};
    mutant(chain + " length", [&] { set_head(chain, {head.length + 1, head.hash}); });
    mutant(chain + " shorter", [&] { set_head(chain, {head.length - 1, head.hash}); });
    mutant(chain + " no length", [&] { set_head(chain, {0, ""}); });
    mutant(chain + " hash", [&] { set_head(chain, {head.length, hash_hex("other")}); });
    mutant(chain + " emptied", [&] { write_anew(chain, {}); });
    if (chain == "node") continue;
    mutant(chain + " gone, entries left", [&] { sql("delete from cases where id = $1", {chain}); });
    mutant(chain + " gone", [&] {
      for (const char* table : {"audit where chain", "acts where case_id", "events where case_id",
                                "outbox where case_id", "participants where case_id",
                                "named_offers where case_id", "cases where id"})
        sql("delete from " + std::string(table) + " = $1", {chain});
    });
  }
}

TEST_F(Mutation, EveryRootRow) {
  // When the last root was exported is what the next root will say.
  for (std::int64_t number = 1; number <= 3; ++number) {
    const auto field = [&](const std::string& column, const Value& to) {
      mutant("root " + std::to_string(number) + " " + column, [&] {
        sql("update audit_roots set " + column + " = $1 where number = $2", {to, number});
      });
    };
    field("number", std::int64_t{9});
    field("at", std::int64_t{0});
    field("hash", std::string_view(hash_hex("other")));
    field("chains", std::int64_t{1000});
    field("exported_at", Value());
    field("document", std::string_view("{}"));
    if (number < 3) field("exported_at", std::int64_t{1});
    mutant("root gone", [&] { sql("delete from audit_roots where number = $1", {number}); });
  }
  mutant("all roots gone", [&] { sql("delete from audit_roots"); });
  mutant("one root more", [&] {
    sql("insert into audit_roots (number, at, hash, chains, exported_at, document) values "
        "(4, 0, 'other', 1, 1, '')");
  });
}

TEST_F(Mutation, EveryFieldOfActsAndOpinions) {
  const auto acts = repository->acts({}).value();
  ASSERT_EQ(acts.size(), 6U);
  for (const ActRow& row : acts) {
    const std::string id = row.act.case_id.value;
    const std::string_view role = act_role_name(row.act.role);
    const auto field = [&](const std::string& column, const Value& to) {
      mutant("act " + column, [&] {
        sql("update acts set " + column + " = $1 where case_id = $2 and role = $3", {to, id, role});
      });
    };
    field("case_id", std::string_view(cases[3].value));  // the cancelled one
    field("role", std::string_view("somebody"));
    field("code", std::string_view("TE9"));
    field("professional", std::string_view("u-othergp"));
    field("care_date", std::string_view("2026-01-01"));
    field("tariff_zone", std::string_view("moon"));
    field("amount_cents", row.act.amount_cents + 1);
    field("billable", value(!row.act.billable));
    field("refusal", std::string_view("NO_TARIFF!"));
    field("tariff_id", std::string_view("TE9-2026"));
    field("payer", std::string_view("FIR"));
    field("rules", std::string_view("cap\tmet\n"));
    field("signed_at", to_epoch_ms(row.signed_at) + 1);
    mutant("act gone", [&] {
      sql("delete from acts where case_id = $1 and role = $2", {id, role});
    });
    mutant("acts gone", [&] { sql("delete from acts where case_id = $1", {id}); });
    mutant("acts dated anew",
           [&] { sql("update acts set signed_at = signed_at + 1 where case_id = $1", {id}); });
  }
  for (const CaseId& id : cases) {
    const Case subject = repository->load_case(id).value().value();
    const auto changed = [&](const char* name, const std::function<void(Case&)>& change) {
      Case other = subject;
      change(other);
      mutant(std::string("opinion ") + name, [&] {
        sql("update cases set body = $1, sealed_opinion = $2 where id = $3",
            {case_body(other), ByteView(other.sealed_opinion), id.value});
      });
    };
    if (!subject.opinion) {
      const Case answered = repository->load_case(cases.front()).value().value();
      changed("added", [&](Case& other) { other.opinion = answered.opinion; });
      continue;
    }
    changed("hash", [](Case& other) { other.opinion->hash = hash_hex("other"); });
    changed("seal", [](Case& other) { other.opinion->seal = std::string(128, '0'); });
    changed("expert", [](Case& other) { other.opinion->expert = UserId("u-gp"); });
    changed("signed_at", [](Case& other) { other.opinion->signed_at += Duration(1); });
    changed("released_at", [](Case& other) { other.opinion->released_at += Duration(1); });
    changed("gone", [](Case& other) { other.opinion.reset(); });
    changed("words", [](Case& other) { other.sealed_opinion.back() ^= 1U; });
    if (subject.kept_opinions.empty()) continue;
    changed("kept gone", [](Case& other) { other.kept_opinions.clear(); });
    changed("kept hash",
            [](Case& other) { other.kept_opinions.front().opinion.hash = hash_hex("other"); });
    changed("kept words", [](Case& other) { other.kept_opinions.front().sealed.back() ^= 1U; });
    changed("kept reason", [](Case& other) { other.kept_opinions.front().why = "after_cancel"; });
    changed("words of the kept one", [](Case& other) {
      std::swap(other.sealed_opinion, other.kept_opinions.front().sealed);
    });
  }
}

TEST_F(Mutation, EveryVersionOnFile) {
  const auto rows = database->run("select kind, id, version from revisions", {}).value();
  ASSERT_GT(rows.size(), 9U);
  for (const Row& row : rows) {
    const auto& kind = std::get<std::string>(row[0]);
    const auto& id = std::get<std::string>(row[1]);
    const std::int64_t version = std::get<std::int64_t>(row[2]);
    const auto field = [&](const std::string& column, const Value& to) {
      mutant("revision " + column, [&] {
        sql("update revisions set " + column + " = $1 where kind = $2 and id = $3 and version = $4",
            {to, kind, id, version});
      });
    };
    field("kind", std::string_view("thing"));
    field("id", std::string_view("thing"));
    field("version", std::int64_t{77});
    field("at", std::int64_t{0});
    field("actor", std::string_view("u-somebody"));
    field("definition", std::string_view("{}"));
    mutant("revision gone", [&] {
      sql("delete from revisions where kind = $1 and id = $2 and version = $3",
          {kind, id, version});
    });
  }
  mutant("what is in force", [&] {
    sql("update users set profile = replace(profile, 'Nomgp', 'Nomother') where id = 'u-gp'");
  });
  mutant("a person more", [&] {
    sql("insert into users (id, version, login, password_hash, status, mail_address, profile) "
        "select 'u-new', 1, 'new', '', status, mail_address, replace(replace(profile, 'u-gp', "
        "'u-new'), '\"gp\"', '\"new\"') from users where id = 'u-gp'");
  });
  mutant("a person gone", [&] {
    sql("delete from memberships where user_id = 'u-othergp'");
    sql("delete from users where id = 'u-othergp'");
  });
}

}  // namespace
}  // namespace telavis::test::audit_mutation_test
