// SPDX-License-Identifier: Apache-2.0
// The API on a whole engine in virtual time, and everyone who may come to it.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/http/api.h"
#include "engine/http/route.h"
#include "engine/http/session_cookie.h"
#include "tests/service/world.h"

namespace telavis::test {

inline const std::string kOrigin = "https://localhost:8443";
inline const ProgrammeId kDermatology{"dermatologie"};

/// The patient is to be sent to the SAMU, and to be seen by the expert afterwards.
inline const std::string kUrgentOpinionJson =
    R"({"conclusion":"ZZCONCLUSION","orientation":"emergency_15",
        "in_person":{"needed":true,"with":"requis","delay_days":7}})";

/// A multipart body of one request and one file.
struct Form {
  std::string content_type = "multipart/form-data; boundary=XX";
  Bytes body;

  Form(const std::string& request_json, const Bytes& file) {
    const std::string head = "--XX\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n" +
                             request_json +
                             "\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; "
                             "filename=\"x\"\r\n\r\n";
    const std::string tail = "\r\n--XX--\r\n";
    body.assign(head.begin(), head.end());
    body.insert(body.end(), file.begin(), file.end());
    body.insert(body.end(), tail.begin(), tail.end());
  }
};

/// Who speaks: a user's session, or nobody.
struct Visitor {
  std::string name;
  std::string cookie;  // empty: nobody
  std::string peer = "127.0.0.1";
};

/// A programme whose form asks for something, and a request that answers it.
inline Programme clinical_rhythmology() {
  Programme programme = rhythmology();
  programme.reasons = {"rhythm_disorder", "other"};
  programme.form = {{"treatments", true}, {"vitals.heart_rate_bpm", false}};
  programme.red_flags = {{"shock_or_hypotension", "15_now"}, {"icd_shock", "in_person_today"}};
  return programme;
}
inline const std::string kClinicalRequestJson = R"({"programme":"rythmologie","patient":{
  "family_name":"ZZPATIENTNAME","given_name":"Camille","birth_date":"1961-03-02","sex":"female"},
  "reason":"rhythm_disorder","question":"ZZQUESTION","context":"ZZCONTEXT",
  "clinical":{"treatments":["ZZTREATMENT"],"vitals":{"heart_rate_bpm":84}},
  "red_flags":{"shock_or_hypotension":false,"icd_shock":false},
  "information":{"form":"oral"},"consent":{"given_by":"patient"}})";

class ApiWorld {
 public:
  explicit ApiWorld(std::span<const EmbeddedFile> pages = {}, const ClinicalTools& tools = {},
                    const Declaration& declaration = {})
      : engine(disk, nullptr, Reports::drawn, limits_with(tools)),
        api(engine.service, engine.registry, engine.access,
            {.static_files = pages,
             .ready = [this] { return ready; },
             .figures = [this] { return node; },
             .clinical_tools = tools,
             .declaration = declaration}) {
    engine.enrol();
    EXPECT_TRUE(engine.put(clinical_rhythmology()));
    Programme dermatology = clinical_rhythmology();
    dermatology.id = kDermatology;
    dermatology.speciality = "dermatology";
    dermatology.reasons = {"suspicious_lesion", "other"};
    dermatology.form = {{"treatments", true}};
    dermatology.red_flags = {{"burns", "15_now"}};
    EXPECT_TRUE(engine.put(dermatology));
    for (const User& user : {expert_c, foreign_referent, foreign_coordinator}) {
      EXPECT_TRUE(engine.put(user));
    }
  }

  static ExamLimits limits_with(const ClinicalTools& tools) {
    ExamLimits limits;
    limits.ecg.exchanged_electrodes = tools.enabled;
    return limits;
  }

  /// A session without the cost of a password and a second factor.
  Visitor visitor(const User& user) {
    const std::string cookie = "session-of-" + user.id.value;
    const Instant now = disk.clock.now();
    EXPECT_TRUE(engine.repository->put_session(
        {hash_hex(cookie), user.id, now, now, now + std::chrono::hours(12), now}));
    return {user.login, cookie};
  }

  HttpRequest request(const Visitor& visitor, const std::string& method, const std::string& path) {
    HttpRequest out;
    out.method = method;
    const auto question = path.find('?');
    out.path = path.substr(0, question);
    if (question != std::string::npos) out.query = path.substr(question + 1);
    out.headers["host"] = "localhost:8443";
    if (!visitor.cookie.empty()) {
      out.headers["cookie"] = std::string(kSessionCookie) + "=" + visitor.cookie;
    }
    if (method == "POST") out.headers["idempotency-key"] = "key-" + std::to_string(++keys_);
    out.peer = visitor.peer;
    return out;
  }
  HttpResponse get(const Visitor& visitor, const std::string& path) {
    return api.handle(request(visitor, "GET", path));
  }
  HttpResponse post(const Visitor& visitor, const std::string& path, const std::string& json) {
    HttpRequest out = request(visitor, "POST", path);
    out.body.assign(json.begin(), json.end());
    return api.handle(out);
  }
  HttpRequest upload_request(const Visitor& visitor, const std::string& json, const Bytes& file,
                             const std::string& path = "/api/v1/cases") {
    const Form form(json, file);
    HttpRequest out = request(visitor, "POST", path);
    out.headers["content-type"] = form.content_type;
    out.body = form.body;
    return out;
  }

  /// Submits the tracing of the fixtures and lets it be offered.
  CaseId submitted() {
    const auto answer = api.handle(
        upload_request(visitor(engine.gp), kClinicalRequestJson, fixture("demo-ecg.scp")));
    EXPECT_EQ(answer.status, 201) << as_text(answer.body);
    EXPECT_TRUE(engine.settle());
    return CaseId(std::string(parsed(answer).at("case").at("id").as_string()));
  }
  User expert_of(const CaseId& id) { return engine.expert_of(id); }

  static boost::json::value parsed(const HttpResponse& response) {
    return boost::json::parse(as_text(response.body));
  }
  static std::string code_of(const HttpResponse& response) {
    return std::string(parsed(response).at("error").at("code").as_string());
  }
  static std::optional<std::string> header_of(const HttpResponse& response,
                                              const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }

  User expert_c = person("expertc", Role::expert, kRhythmology);
  User foreign_referent = person("foreignreferent", Role::medical_referent, kDermatology);
  User foreign_coordinator = person("foreigncoordinator", Role::coordinator, kDermatology);
  Result<void> ready;
  NodeFigures node;
  Disk disk;
  Engine engine;
  Api api;

 private:
  int keys_ = 0;
};

}  // namespace telavis::test
