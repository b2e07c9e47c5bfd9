// SPDX-License-Identifier: Apache-2.0
// The document describes the route table, and real answers fit the document.
#include "engine/http/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/http/api_world.h"

namespace telavis::openapi_test {
namespace {

namespace json = boost::json;
using test::ApiWorld;

const json::value& document() {
  static const json::value parsed = json::parse(openapi_json(routes()));
  return parsed;
}

bool has_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  return false;
}

/// The part of JSON Schema 2020-12 that the document uses. Gives the first fault, or "".
std::string fault(const json::value& value, const json::object& schema, const std::string& where);

std::string object_fault(const json::object& value, const json::object& schema,
                         const std::string& where) {
  if (const auto* required = schema.if_contains("required")) {
    for (const auto& name : required->as_array()) {
      if (!value.contains(name.as_string())) {
        return where + " lacks " + std::string(name.as_string());
      }
    }
  }
  const auto* properties = schema.if_contains("properties");
  for (const auto& [name, member] : value) {
    const auto* known = properties == nullptr ? nullptr : properties->as_object().if_contains(name);
    if (known == nullptr) {
      if (schema.contains("additionalProperties")) return where + " has " + std::string(name);
      continue;
    }
    auto inner = fault(member, known->as_object(), where + "." + std::string(name));
    if (!inner.empty()) return inner;
  }
  return "";
}

std::string fault(const json::value& value, const json::object& schema, const std::string& where) {
  if (const auto* reference = schema.if_contains("$ref")) {
    const std::string name(reference->as_string().subview(sizeof("#/components/schemas/") - 1));
    return fault(value, document().at("components").at("schemas").at(name).as_object(), where);
  }
  if (const auto* choices = schema.if_contains("oneOf")) {
    const auto& array = choices->as_array();
    const auto fitting = std::count_if(array.begin(), array.end(), [&](const json::value& choice) {
      return fault(value, choice.as_object(), where).empty();
    });
    return fitting == 1 ? "" : where + " fits " + std::to_string(fitting) + " of its choices";
  }
  if (const auto* constant = schema.if_contains("const")) {
    if (*constant != value) return where + " is not the constant";
  }
  if (const auto* values = schema.if_contains("enum")) {
    const auto& array = values->as_array();
    if (std::find(array.begin(), array.end(), value) == array.end()) return where + " is no choice";
  }
  if (const auto* type = schema.if_contains("type")) {
    const bool fits =
        type->is_string()
            ? has_type(value, type->as_string())
            : std::any_of(type->as_array().begin(), type->as_array().end(),
                          [&](const auto& t) { return has_type(value, t.as_string()); });
    if (!fits) return where + " has the wrong type";
  }
  if (value.is_object()) return object_fault(value.as_object(), schema, where);
  if (const auto* items = schema.if_contains("items"); items != nullptr && value.is_array()) {
    for (const auto& item : value.as_array()) {
      auto inner = fault(item, items->as_object(), where + "[]");
      if (!inner.empty()) return inner;
    }
  }
  return "";
}

const json::object& operation_of(const Route& route) {
  std::string method(route.method);
  for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
  return document().at("paths").at(route.path).at(method).as_object();
}

/// Faults of an answer by the document's own words about this route and status.
std::string fault_of(std::string_view operation, const HttpResponse& answer) {
  for (const Route& route : routes()) {
    if (route.operation != operation) continue;
    const auto& responses = operation_of(route).at("responses").as_object();
    const auto* response = responses.if_contains(std::to_string(answer.status));
    if (response == nullptr) response = &responses.at("default");
    const auto& content = response->at("content").as_object();
    const auto* body = content.if_contains(answer.content_type);
    if (body == nullptr) return "media type " + answer.content_type;
    return fault(ApiWorld::parsed(answer), body->at("schema").as_object(), std::string(operation));
  }
  return "no such operation";
}

TEST(OpenApi, HasWhatTheStandardRequires) {
  EXPECT_EQ(document().at("openapi").as_string(), "3.1.0");
  EXPECT_FALSE(document().at("info").at("title").as_string().empty());
  EXPECT_FALSE(document().at("info").at("version").as_string().empty());
  EXPECT_TRUE(document().at("components").at("securitySchemes").at("session").is_object());
}

TEST(OpenApi, EveryRouteIsInItAndNothingElse) {
  std::size_t described = 0;
  for (const auto& [path, operations] : document().at("paths").as_object()) {
    described += operations.as_object().size();
  }
  EXPECT_EQ(described, routes().size());
  std::set<std::string> ids;
  for (const Route& route : routes()) {
    const auto& operation = operation_of(route);
    EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second);
    EXPECT_FALSE(operation.at("summary").as_string().empty());
    EXPECT_TRUE(operation.at("responses").as_object().contains(std::to_string(route.success)));
    std::set<std::string> parameters;
    for (const auto& parameter : operation.at("parameters").as_array()) {
      parameters.insert(std::string(parameter.at("name").as_string()));
    }
    EXPECT_EQ(parameters.count("id"), route.path.find("{id}") == std::string_view::npos ? 0U : 1U);
    EXPECT_EQ(parameters.count("Idempotency-Key"), route.is_command ? 1U : 0U);
    EXPECT_EQ(operation.contains("security"),
              route.audience == Audience::users || route.audience == Audience::devices);
  }
}

TEST(OpenApi, NoSchemaIsDescribedTwice) {
  const json::object cases = json::parse(openapi_schemas()).as_object();
  const json::object registry = json::parse(openapi_registry_schemas()).as_object();
  for (const auto& [name, schema] : registry) {
    EXPECT_FALSE(cases.contains(name)) << name;
  }
}

TEST(OpenApi, FilesComeInAFormAndWithoutThemJsonWillDo) {
  for (const Route& route : routes()) {
    // Bytes as they are: the next test.
    if (route.lone_file || route.tus || !route.request_type.empty()) continue;
    const auto* body = operation_of(route).if_contains("requestBody");
    EXPECT_EQ(body != nullptr, !route.request_schema.empty()) << route.operation;
    if (body == nullptr) continue;
    const auto& types = body->at("content").as_object();
    EXPECT_EQ(types.contains("multipart/form-data"), route.takes_files) << route.operation;
    EXPECT_TRUE(types.contains("application/json")) << route.operation;
  }
}

void expect_references_resolve(const json::value& value) {
  if (value.is_array()) {
    for (const auto& item : value.as_array()) expect_references_resolve(item);
  }
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.as_object()) {
    if (name == "$ref") {
      boost::system::error_code error;
      EXPECT_NE(document().find_pointer(std::string_view(member.as_string()).substr(1), error),
                nullptr)
          << member;
    } else {
      expect_references_resolve(member);
    }
  }
}

TEST(OpenApi, DevicesSendBytesAsTheyAre) {
  const auto types = [](std::string_view operation) {
    std::set<std::string> names;
    for (const Route& route : routes()) {
      if (route.operation != operation) continue;
      if (const auto* body = operation_of(route).if_contains("requestBody")) {
        for (const auto& [type, schema] : body->at("content").as_object()) names.emplace(type);
      }
    }
    return names;
  };
  EXPECT_EQ(types("takeExam"),
            (std::set<std::string>{"application/octet-stream", "multipart/form-data"}));
  EXPECT_EQ(types("continueUpload"), std::set<std::string>{"application/offset+octet-stream"});
  EXPECT_EQ(types("storeInstances"), std::set<std::string>{"multipart/related"});
  EXPECT_EQ(types("beginUpload"), std::set<std::string>());
  EXPECT_EQ(types("showUpload"), std::set<std::string>());
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  expect_references_resolve(document());
}

TEST(OpenApi, TheValidatorBites) {
  const auto& schemas = document().at("components").at("schemas").as_object();
  const auto& doctor = schemas.at("Doctor").as_object();
  EXPECT_EQ(fault(json::parse(R"({"id":"u","display_name":"x","rpps":"1"})"), doctor, "d"), "");
  EXPECT_NE(fault(json::parse(R"({"id":"u","display_name":"x"})"), doctor, "d"), "");
  EXPECT_NE(fault(json::parse(R"({"id":"u","display_name":"x","rpps":1})"), doctor, "d"), "");
  EXPECT_NE(fault(json::parse(R"({"id":"u","display_name":"x","rpps":"1","y":2})"), doctor, "d"),
            "");
  EXPECT_NE(fault(json::parse(R"("nobody")"), schemas.at("Role").as_object(), "r"), "");
}

TEST(OpenApi, RealAnswersFitIt) {
  ApiWorld world;
  const CaseId id = world.submitted();
  const std::string path = "/api/v1/cases/" + id.value;
  const auto gp = world.visitor(world.engine.gp);
  const auto expert = world.visitor(world.expert_of(id));
  const auto coordinator = world.visitor(world.engine.coordinator);
  EXPECT_EQ(fault_of("showMe", world.get(gp, "/api/v1/me")), "");
  EXPECT_EQ(fault_of("showMe", world.get(world.visitor(world.engine.admin), "/api/v1/me")), "");
  EXPECT_EQ(fault_of("showMe", world.get({}, "/api/v1/me")), "");  // 401
  EXPECT_EQ(fault_of("listSessions", world.get(gp, "/api/v1/me/sessions")), "");
  EXPECT_EQ(fault_of("proposeSecondFactor", world.post(gp, "/api/v1/me/second-factor", "{}")), "");
  EXPECT_EQ(fault_of("listProgrammes", world.get(gp, "/api/v1/programmes")), "");
  LentDevice cart;
  cart.id = "cart-1";
  cart.programme = test::kRhythmology;
  cart.serial = "SN-1";
  cart.holder = world.engine.gp.id;
  cart.lent_on = "2026-01-02";
  ASSERT_TRUE(world.engine.repository->put_device(cart, world.engine.by_operator()));
  EXPECT_EQ(fault_of("listOwnDevices", world.get(gp, "/api/v1/me/devices")), "");
  EXPECT_EQ(ApiWorld::parsed(world.get(gp, "/api/v1/me/devices")).at("devices").as_array().size(),
            1U);
  EXPECT_TRUE(
      ApiWorld::parsed(world.get(world.visitor(world.engine.other_gp), "/api/v1/me/devices"))
          .at("devices")
          .as_array()
          .empty());
  EXPECT_EQ(fault_of("showCase", world.get(gp, path)), "");
  EXPECT_EQ(fault_of("showRouting", world.get(coordinator, path + "/routing")), "");
  const auto say = [&](const test::Visitor& who, const std::string& command,
                       const std::string& operation, const std::string& body) {
    const auto answer = world.post(who, path + "/" + command, body);
    EXPECT_EQ(answer.status, 200) << command << " " << as_text(answer.body);
    EXPECT_EQ(fault_of(operation, answer), "");
    EXPECT_EQ(fault_of("showCase", world.get(gp, path)), "") << "after " << command;
  };
  const std::string text = R"({"text":"ZZ"})";
  say(expert, "accept", "acceptCase", "{}");
  say(expert, "need-info", "needInfoCase", text);
  say(gp, "info", "infoCase", text);
  say(expert, "draft", "draftCase", R"({"conclusion":"Z"})");
  EXPECT_EQ(fault_of("showCase", world.get(expert, path)), "");
  say(expert, "opinion", "opinionCase", test::kUrgentOpinionJson);
  EXPECT_EQ(fault_of("showCase", world.get(expert, path)), "");
  ASSERT_TRUE(world.engine.settle());
  EXPECT_EQ(fault_of("showCase", world.get(world.visitor(world.engine.treasurer), path)), "");
  say(gp, "acknowledge", "acknowledgeCase", "");
  say(gp, "call", "callCase", text);
  say(gp, "appointment", "appointmentCase", R"({"date":"2026-03-02"})");
  say(gp, "follow-up", "followUpCase", text);
  say(expert, "follow-up-answer", "followUpAnswerCase", text);
  say(gp, "close-out", "closeOutCase",
      R"({"outcome":"confirmed","referral":"avoided","value_for_patient":4,
          "value_for_requester":5,"comment":""})");
  say(coordinator, "hold", "holdCase", R"({"reason":"a complaint came in"})");
  EXPECT_EQ(fault_of("showCase", world.get(coordinator, path)), "");
  const auto reasons = world.get(coordinator, path + "/staff-reasons");
  EXPECT_NE(std::string(as_text(reasons.body)).find("a complaint came in"), std::string::npos);
  EXPECT_EQ(fault_of("showStaffReasons", reasons), "");
  EXPECT_EQ(fault_of("listCases", world.get(gp, "/api/v1/cases")), "");
  EXPECT_EQ(fault_of("showExam", world.get(gp, path + "/exams/0")), "");
  EXPECT_EQ(fault_of("listActs", world.get(gp, "/api/v1/acts")), "");
  EXPECT_EQ(fault_of("listExpertLoads", world.get(coordinator, "/api/v1/experts")), "");
  for (const char* question : {"", "?outside=yes"})
    EXPECT_EQ(
        fault_of("showFigures", world.get(coordinator, "/api/v1/figures" + std::string(question))),
        "");
  const json::value definition =
      ApiWorld::parsed(world.get(coordinator, "/api/v1/admin/programmes/rythmologie"));
  const auto preview =
      world.post(coordinator, "/api/v1/admin/programmes/rythmologie/preview",
                 json::serialize(json::object{{"programme", definition.at("programme")},
                                              {"reason", "rhythm_disorder"},
                                              {"exam_kind", "ecg"}}));
  EXPECT_EQ(preview.status, 200) << as_text(preview.body);
  EXPECT_EQ(fault_of("previewProgramme", preview), "");
  const auto submitted = world.api.handle(
      world.upload_request(gp, test::kClinicalRequestJson, test::fixture("demo-lesion.jpg")));
  ASSERT_EQ(submitted.status, 201);
  EXPECT_EQ(fault_of("submitCase", submitted), "");
  const std::string photo(ApiWorld::parsed(submitted).at("case").at("id").as_string());
  EXPECT_EQ(fault_of("showExam", world.get(gp, "/api/v1/cases/" + photo + "/exams/0")), "");
  EXPECT_EQ(fault_of("showHealth", world.get({}, "/healthz")), "");
  EXPECT_EQ(fault_of("showOpenapi", world.get({}, "/api/v1/openapi.json")), "");
}

}  // namespace
}  // namespace telavis::openapi_test
