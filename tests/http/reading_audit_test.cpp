// SPDX-License-Identifier: Apache-2.0
// Whoever reads of a patient leaves an entry in the case's chain: every route that is read, by
// everyone who may.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "formats/render.h"
#include "formats/scp_ecg.h"
#include "tests/http/api_world.h"

namespace telavis::reading_audit_test {
namespace {

using test::ApiWorld;
using test::Visitor;

constexpr std::string_view kOpenapi = "/api/v1/openapi.json";  // names the members

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto found = text.find(what);
  EXPECT_NE(found, std::string::npos) << what;
  return text.replace(found, what.size(), by);
}

class Reading : public ::testing::Test {
 protected:
  Reading() {
    for (const User& user :
         {world.engine.gp, world.engine.expert_a, world.engine.expert_b, world.engine.referent,
          world.engine.coordinator, world.engine.treasurer, world.engine.admin}) {
      readers.emplace_back(user.id, world.visitor(user));
    }
    answered = world.submitted();
    const Visitor expert = world.visitor(world.expert_of(answered));
    EXPECT_EQ(world.post(expert, path(answered, "/opinion"), test::kOpinionJson).status, 200);
    world.disk.clock.advance(std::chrono::minutes(1));
    EXPECT_TRUE(world.engine.settle());
    redirected = uploaded(replaced(test::kClinicalRequestJson, R"("shock_or_hypotension":false)",
                                   R"("shock_or_hypotension":true)"),
                          test::fixture("demo-lesion.jpg"));
    const auto pdf = render_ecg_pdf(decode_scp_ecg(test::fixture("demo-ecg.scp")).value());
    document = uploaded(test::kClinicalRequestJson, *pdf);
    EXPECT_EQ(world
                  .post(world.visitor(world.engine.referent), path(document, "/open"),
                        R"({"reason":"a complaint of the patient"})")
                  .status,
              200);
    Programme open = test::clinical_rhythmology();
    open.policy = OfferPolicy::open;
    EXPECT_TRUE(world.engine.put(open));
    pool = world.submitted();
  }

  CaseId uploaded(const std::string& json, const Bytes& file) {
    const auto answer =
        world.api.handle(world.upload_request(world.visitor(world.engine.gp), json, file));
    EXPECT_EQ(answer.status, 201) << as_text(answer.body);
    EXPECT_TRUE(world.engine.settle());
    return CaseId(std::string(ApiWorld::parsed(answer).at("case").at("id").as_string()));
  }
  static std::string path(const CaseId& id, const std::string& rest) {
    return "/api/v1/cases/" + id.value + rest;
  }
  static std::string path(const Route& route, const CaseId& id) {
    std::string text(route.path);
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"{id}", id.value}, {"{n}", "0"}}) {
      const auto found = text.find(name);
      if (found != text.npos) text.replace(found, name.size(), value);
    }
    return text;
  }
  /// Entries about this person in the chain of the case.
  std::size_t entries(const CaseId& id, const UserId& reader) {
    std::size_t count = 0;
    const auto chain = world.engine.repository->audit_chain(id.value).value();
    for (const AuditEntry& entry : chain) count += entry.what.actor == reader.value ? 1 : 0;
    return count;
  }
  std::size_t entries_of_all(const UserId& reader) {
    std::size_t count = 0;
    for (const CaseId& id : {answered, redirected, document, pool}) count += entries(id, reader);
    return count;
  }
  /// Identity and content have ZZ in their words here; of an exam and a letter everything is.
  static bool tells_of_the_patient(const Route& route, const HttpResponse& answer) {
    const std::string_view text = as_text(answer.body);
    const bool in_words = text.find("ZZ") != text.npos || text.find("\"age_band\"") != text.npos;
    if (!route.path.starts_with("/api/v1/cases/{id}")) return in_words && route.path != kOpenapi;
    return in_words || answer.content_type != "application/json" ||
           route.path.find("/exams/") != text.npos;
  }

  ApiWorld world;
  std::vector<std::pair<UserId, Visitor>> readers;
  CaseId answered, redirected, document, pool;
};

TEST_F(Reading, OfAPatientLeavesAnEntryWhoeverReadsWhat) {
  std::set<std::string> told;
  for (const Route& route : routes()) {
    if (route.method != "GET") continue;
    for (const CaseId& id : {answered, redirected, document, pool}) {
      const bool of_one = route.path.find("{id}") != std::string_view::npos;
      for (const auto& [reader, visitor] : readers) {
        const std::size_t before = of_one ? entries(id, reader) : entries_of_all(reader);
        const auto answer = world.get(visitor, path(route, id));
        const bool tells = answer.status == 200 && tells_of_the_patient(route, answer);
        if (!tells) continue;
        told.insert(std::string(route.operation));
        EXPECT_TRUE(route.reading_acts) << route.operation;
        if (of_one) {
          // A tracing is printed under the patient of the request, which is read for it.
          const bool prints = route.operation == "showExamDocument" && id != document;
          EXPECT_EQ(entries(id, reader), before + (prints ? 2 : 1))
              << route.operation << " by " << visitor.name << " leaves no entry";
        } else {  // a search: one in each case that it tells of (tests/http/dicomweb_api_test.cpp)
          EXPECT_GT(entries_of_all(reader), before)
              << route.operation << " by " << visitor.name << " leaves no entry";
        }
      }
      // Routes without a case are asked once for each reader.
      if (!of_one) break;
    }
  }
  EXPECT_EQ(told, (std::set<std::string>{"showCase", "showExam", "showExamImage",
                                         "showExamDocument", "downloadOriginal", "downloadReport",
                                         "downloadLetter", "searchStudies", "searchAllSeries",
                                         "searchAllInstances", "listBriefs", "showNotebook"}));
}

TEST_F(Reading, InAListLeavesOneEntryACaseAndSession) {
  const UserId gp = world.engine.gp.id;
  const Visitor visitor = world.visitor(world.engine.gp);
  const std::size_t before = entries_of_all(gp);
  const auto first = ApiWorld::parsed(world.get(visitor, "/api/v1/briefs"));
  const std::size_t listed = first.at("briefs").as_array().size();
  EXPECT_EQ(listed, 4u);  // none of them has ended
  EXPECT_EQ(entries_of_all(gp), before + listed);
  EXPECT_EQ(first.at("briefs").at(0).at("age").as_int64(), 64);
  EXPECT_TRUE(first.at("briefs").at(0).at("age_band").is_null());
  world.get(visitor, "/api/v1/briefs");
  EXPECT_EQ(entries_of_all(gp), before + listed);
  world.get(visitor, "/api/v1/me/notebook");  // another list
  world.get(visitor, "/api/v1/me/notebook");
  EXPECT_EQ(entries_of_all(gp), before + listed + 1);
  // Of a pool that is asked openly: the age band alone.
  const auto asked =
      ApiWorld::parsed(world.get(world.visitor(world.engine.expert_b), "/api/v1/briefs"));
  for (const auto& brief : asked.at("briefs").as_array()) {
    const bool openly = brief.at("id").as_string() == pool.value;
    EXPECT_EQ(brief.at("age").is_null(), openly);
    EXPECT_EQ(brief.at("age_band").is_null(), !openly);
  }
}

TEST_F(Reading, ARefusalLeavesOneToo) {
  const auto length = [&] { return world.engine.repository->node_audit_head()->length; };
  for (const char* rest : {"", "/exams/0", "/exams/0/original", "/report", "/letter"}) {
    const auto before = length();
    const auto status =
        world.get(world.visitor(world.engine.other_gp), path(answered, rest)).status;
    EXPECT_EQ(status, 404) << rest;
    EXPECT_EQ(length(), before + 1) << rest;
  }
}

}  // namespace
}  // namespace telavis::reading_audit_test
