// SPDX-License-Identifier: Apache-2.0
// DICOMweb on a whole engine: who finds and retrieves what, and what it looks like.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "devices/multipart.h"
#include "fixtures/synthetic_ecg.h"
#include "formats/dicom.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"
#include "formats/dicom_walk.h"
#include "formats/render.h"
#include "formats/scp_ecg.h"
#include "tests/http/api_world.h"
#include "tests/temp_folder.h"

namespace telavis::test::dicomweb_api_test {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string kRoot = "/dicom-web/studies";
const std::string kStow = "multipart/related; type=\"application/dicom\"; boundary=XX";

/// The parts of an answer, and what it says they are.
struct Parts {
  explicit Parts(const HttpResponse& response) : body(response.body) {
    const auto type = parse_parameterised(response.content_type);
    EXPECT_TRUE(type && type->value == "multipart/related") << response.content_type;
    if (!type) return;
    PartWalker walker(boundary_of(*type).value_or("none"), as_text(body));
    EXPECT_TRUE(walker.begin());
    while (!walker.at_end()) {
      auto part = walker.take();
      EXPECT_TRUE(part);
      if (!part) break;
      types.emplace_back(part->header("content-type"));
      contents.emplace_back(as_bytes(part->content).begin(), as_bytes(part->content).end());
    }
  }
  Bytes body;
  std::vector<std::string> types;
  std::vector<Bytes> contents;
};

class DicomWeb : public testing::Test {
 protected:
  DicomWeb() {
    LentDevice cart;
    cart.id = "cart-1";
    cart.programme = kRhythmology;
    cart.serial = "SN-1";
    cart.holder = world.engine.gp.id;
    cart.lent_on = "2026-01-02";
    EXPECT_TRUE(world.engine.repository->put_device(cart, world.engine.by_operator()));
    auto opened = UploadStore::open(folder.path() / "uploads", key, random);
    EXPECT_TRUE(opened);
    uploads = std::move(*opened);
    api = std::make_unique<Api>(world.engine.service, world.engine.registry, world.engine.access,
                                ApiOptions{.reception = ExamReception{&world.engine.service.tray(),
                                                                      &slots, uploads.get()}});
    token = redeemed(world.engine.registry.pair_device({}, "cart-1").value().code);
    holder = world.visitor(world.engine.gp);
  }
  std::string redeemed(const std::string& code) {
    HttpRequest request = world.request({}, "POST", "/api/v1/pair");
    const std::string body = R"({"code":")" + code + R"("})";
    request.body.assign(body.begin(), body.end());
    return std::string(ApiWorld::parsed(api->handle(request)).at("token").as_string());
  }
  static Bytes ecg_object(const std::string& instance = "1.2.826.0.1.3680043.10.1.3.1") {
    DicomContext context;
    context.study_uid = "1.2.826.0.1.3680043.10.1.1";
    context.series_uid = "1.2.826.0.1.3680043.10.1.2";
    context.instance_uid = instance;
    return write_dicom_ecg(fixtures::synthetic_ecg(fixtures::demo_ecg_parameters()), context)
        .value();
  }
  HttpRequest stow_request(const Bytes& file, const std::string& path = kRoot) {
    HttpRequest request = world.request({}, "POST", path);
    request.headers["authorization"] = "Bearer " + token;
    request.headers["content-type"] = kStow;
    const std::string head = "--XX\r\nContent-Type: application/dicom\r\n\r\n";
    request.body.assign(head.begin(), head.end());
    request.body.insert(request.body.end(), file.begin(), file.end());
    const std::string tail = "\r\n--XX--\r\n";
    request.body.insert(request.body.end(), tail.begin(), tail.end());
    return request;
  }
  HttpResponse get(const Visitor& who, const std::string& path, const std::string& accept = "") {
    HttpRequest request = world.request(who, "GET", path);
    if (!accept.empty()) request.headers["accept"] = accept;
    return api->handle(request);
  }
  json::array found(const Visitor& who, const std::string& path = kRoot) {
    const auto answer = get(who, path);
    if (answer.status == 204) return {};
    EXPECT_EQ(answer.status, 200) << as_text(answer.body);
    return ApiWorld::parsed(answer).as_array();
  }
  static std::string value(const json::value& dataset, const char* tag) {
    const json::value& first = dataset.at(tag).at("Value").at(0);
    if (first.is_object()) return std::string(first.at("Alphabetic").as_string());
    return first.is_string() ? std::string(first.as_string()) : json::serialize(first);
  }
  /// ".../studies/1/series/2/instances/3" of each instance of his, without the host.
  std::vector<std::string> instances(const Visitor& who) {
    std::vector<std::string> urls;
    for (const json::value& one : found(who, "/dicom-web/instances")) {
      const std::string url = value(one, "00081190");
      EXPECT_TRUE(url.starts_with("https://localhost:8443/dicom-web/")) << url;
      urls.push_back(url.substr(std::string("https://localhost:8443").size()));
    }
    return urls;
  }
  CaseId submitted(const Bytes& file) {
    const auto answer = world.api.handle(world.upload_request(holder, kClinicalRequestJson, file));
    EXPECT_EQ(answer.status, 201) << as_text(answer.body);
    EXPECT_TRUE(world.engine.settle());
    return CaseId(std::string(ApiWorld::parsed(answer).at("case").at("id").as_string()));
  }
  std::size_t entries(const CaseId& id, const User& reader, const std::string& what) {
    std::size_t count = 0;
    const auto chain = world.engine.repository->audit_chain(id.value).value();
    for (const AuditEntry& entry : chain)
      count += entry.what.actor == reader.id.value && entry.what.detail == what ? 1 : 0;
    return count;
  }

  ApiWorld world;
  TempFolder folder;
  SeededRandom random{7};
  Key key = random_key(random);
  DecodeSlots slots{1};
  std::unique_ptr<UploadStore> uploads;
  std::unique_ptr<Api> api;
  std::string token;
  Visitor holder;
};

TEST_F(DicomWeb, WhatIsStoredIsFoundAndRetrievedAsItWas) {
  const Bytes object = ecg_object();
  const auto stored = api->handle(stow_request(object));
  ASSERT_EQ(stored.status, 200) << as_text(stored.body);
  EXPECT_EQ(stored.content_type, "application/dicom+json");
  EXPECT_EQ(value(ApiWorld::parsed(stored).at("00081199").at("Value").at(0), "00081155"),
            "1.2.826.0.1.3680043.10.1.3.1");
  EXPECT_EQ(api->handle(stow_request(object)).status, 200);  // known
  const auto studies = found(holder);
  ASSERT_THAT(studies, SizeIs(1));
  EXPECT_EQ(value(studies[0], "0020000D"), "1.2.826.0.1.3680043.10.1.1");
  EXPECT_EQ(value(studies[0], "00080061"), "ECG");
  EXPECT_EQ(value(studies[0], "00201208"), "1");
  EXPECT_THAT(found(holder, kRoot + "?PatientName=*&ModalitiesInStudy=ECG&limit=1"), SizeIs(1));
  EXPECT_EQ(get(holder, kRoot + "?ModalitiesInStudy=CT").status, 204);
  const auto urls = instances(holder);
  ASSERT_THAT(urls, SizeIs(1));
  for (const std::string& path : {urls[0], kRoot + "/1.2.826.0.1.3680043.10.1.1"}) {
    const Parts parts(get(holder, path));
    ASSERT_THAT(parts.contents, SizeIs(1)) << path;
    EXPECT_EQ(parts.contents[0], object);
    EXPECT_EQ(parts.types[0], "application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
  }
  EXPECT_EQ(get(holder, urls[0], "application/dicom").body, object);
  EXPECT_EQ(get(holder, urls[0] + "/rendered").content_type, "image/jpeg");
  EXPECT_THAT(world.engine.service.tray().list(world.engine.gp).value(), SizeIs(1));
}

TEST_F(DicomWeb, TheAnswerToAStoreIsInJsonOrXml) {
  HttpRequest request = stow_request(ecg_object());
  request.headers["accept"] = "application/dicom+xml";
  const auto stored = api->handle(request);
  EXPECT_EQ(stored.status, 200);
  EXPECT_EQ(stored.content_type, "application/dicom+xml");
  EXPECT_THAT(std::string(as_text(stored.body)), HasSubstr("keyword=\"ReferencedSOPSequence\""));
  request.headers["accept"] = "text/html";
  EXPECT_EQ(api->handle(request).status, 406);
}

TEST_F(DicomWeb, WhatCannotBeStoredHasTheStatusOfTheStandard) {
  HttpRequest request = stow_request(ecg_object());
  request.headers["content-type"] = "application/dicom";
  EXPECT_EQ(api->handle(request).status, 415);
  request.headers["content-type"] = kStow;
  request.body.resize(40);
  EXPECT_EQ(api->handle(request).status, 400);
  EXPECT_EQ(api->handle(stow_request(ecg_object(), kRoot + "/1.2.3")).status, 409);
  EXPECT_EQ(api->handle(stow_request({1, 2, 3})).status, 409);
  Bytes broken = ecg_object();
  broken.resize(broken.size() / 2);
  EXPECT_EQ(api->handle(stow_request(broken)).status, 409);  // and kept for the medical referent
  EXPECT_THAT(world.engine.service.tray().unreadable(world.engine.referent).value(), SizeIs(1));
  EXPECT_EQ(found(holder).size(), 0U);
  HttpRequest large = stow_request({});
  large.headers["content-length"] = "999999999999";
  EXPECT_EQ(api->body_limit(large).error().code, ErrorCode::body_too_large);  // 413
}

TEST_F(DicomWeb, OnlyDevicesStore) {
  HttpRequest nobody = stow_request(ecg_object());
  nobody.headers.erase("authorization");
  EXPECT_EQ(api->handle(nobody).status, 401);
  nobody.headers["authorization"] = "Bearer wrong";
  EXPECT_EQ(api->handle(nobody).status, 403);
  EXPECT_FALSE(api->body_limit(nobody));
  HttpRequest elsewhere = stow_request(ecg_object());
  elsewhere.headers["origin"] = "https://viewer.example.test";
  EXPECT_EQ(api->handle(elsewhere).status, 403);
  // A session is no device, and a device reads nothing.
  HttpRequest session = stow_request(ecg_object());
  session.headers.erase("authorization");
  session.headers["cookie"] = std::string(kSessionCookie) + "=" + holder.cookie;
  EXPECT_EQ(api->handle(session).status, 401);
  HttpRequest reading = world.request({}, "GET", kRoot);
  reading.headers["authorization"] = "Bearer " + token;
  EXPECT_EQ(api->handle(reading).status, 401);
  EXPECT_EQ(found(holder).size(), 0U);
}

TEST_F(DicomWeb, ExamsOfEveryKindAreDicom) {
  const CaseId tracing = submitted(fixture("demo-ecg.scp"));
  const CaseId photo = submitted(fixture("demo-lesion.jpg"));
  const CaseId document =
      submitted(*render_ecg_pdf(decode_scp_ecg(fixture("demo-ecg.scp")).value()));
  EXPECT_THAT(found(holder), SizeIs(3));
  std::set<std::string> modalities;
  for (const std::string& url : instances(holder)) {
    const Parts parts(get(holder, url));
    ASSERT_THAT(parts.contents, SizeIs(1));
    const auto file = walk_dicom(parts.contents[0]);
    ASSERT_TRUE(file);
    const std::string modality(dicom_raw_text(file->dataset, dicom_tag::kModality));
    modalities.insert(modality);
    // The identity is that of the question, and every way to an instance tells the same of it.
    EXPECT_EQ(dicom_raw_text(file->dataset, dicom_tag::kPatientName), "ZZPATIENTNAME^Camille");
    const auto metadata = ApiWorld::parsed(get(holder, url + "/metadata")).at(0);
    EXPECT_EQ(value(metadata, "00080018"), dicom_raw_text(file->dataset, dicom_tag::kSopInstance));
    EXPECT_THAT(url, HasSubstr(value(metadata, "0020000E")));
    EXPECT_EQ(parts.contents[0], Parts(get(holder, url)).contents[0]);  // always the same
    const auto rendered = get(holder, url + "/rendered");
    EXPECT_EQ(rendered.content_type, modality == "DOC" ? "application/pdf" : "image/jpeg");
    const auto frame = get(holder, url + "/frames/1");
    EXPECT_EQ(frame.status, modality == "XC" ? 200 : 404);
    if (modality == "XC") {
      EXPECT_EQ(Parts(frame).types[0], "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50");
      EXPECT_EQ(Parts(get(holder, url + "/bulkdata/7fe00010")).contents[0],
                Parts(frame).contents[0]);
      EXPECT_EQ(get(holder, url + "/frames/2").status, 404);
    }
  }
  EXPECT_EQ(modalities, (std::set<std::string>{"ECG", "XC", "DOC"}));
}

TEST_F(DicomWeb, BytesThatTheMetadataNameAreThere) {
  submitted(fixture("demo-ecg.scp"));
  const std::string url = instances(holder).at(0);
  const auto metadata = ApiWorld::parsed(get(holder, url + "/metadata")).at(0);
  const json::value& group = metadata.at("54000100").at("Value").at(0);
  std::string uri(group.at("54001010").at("BulkDataURI").as_string());
  EXPECT_TRUE(uri.starts_with("https://localhost:8443" + url + "/bulkdata/")) << uri;
  uri = uri.substr(std::string("https://localhost:8443").size());
  const Parts parts(get(holder, uri));
  const std::size_t channels = group.at("003A0005").at("Value").at(0).to_number<std::size_t>();
  const std::size_t samples = group.at("003A0010").at("Value").at(0).to_number<std::size_t>();
  ASSERT_THAT(parts.contents, SizeIs(1));
  EXPECT_EQ(parts.contents[0].size(), 2 * channels * samples);
  EXPECT_EQ(get(holder, uri, "application/octet-stream").body, parts.contents[0]);
  EXPECT_EQ(get(holder, url + "/bulkdata/00100010").status, 404);
}

TEST_F(DicomWeb, WhatIsNotOfferedIsRefused) {
  submitted(fixture("demo-ecg.scp"));
  const std::string url = instances(holder).at(0);
  const std::string dicom = "multipart/related; type=\"application/dicom\"";
  EXPECT_EQ(get(holder, url, dicom + "; transfer-syntax=*").status, 200);
  EXPECT_EQ(get(holder, url, dicom + "; transfer-syntax=1.2.840.10008.1.2.1").status, 200);
  EXPECT_EQ(get(holder, url, dicom + "; transfer-syntax=1.2.840.10008.1.2.4.90").status, 406);
  EXPECT_EQ(get(holder, url, "multipart/related; type=\"image/jpeg\"").status, 406);
  EXPECT_EQ(get(holder, url + "/rendered", "video/mp4").status, 406);
  EXPECT_EQ(get(holder, url + "/rendered?accept=image/jpeg", "text/html").status, 200);
  EXPECT_EQ(get(holder, url + "/metadata", "text/html").status, 406);
  EXPECT_EQ(get(holder, kRoot, "text/html").status, 406);
  EXPECT_EQ(get(holder, kRoot + "?limit=x").status, 400);
  const auto warned = get(holder, kRoot + "?fuzzymatching=true&InstitutionName=x");
  EXPECT_EQ(warned.status, 200);
  EXPECT_THAT(ApiWorld::header_of(warned, "Warning").value_or(""), HasSubstr("fuzzymatching"));
  for (const std::string& path : {kRoot + "/1.2.3", url + "1", url + "1/metadata"})
    EXPECT_EQ(get(holder, path).status, 404) << path;
  EXPECT_EQ(get(holder, "/dicom-web").status, 404);  // none of the pages
  const Parts xml(
      get(holder, url + "/metadata", "multipart/related; type=\"application/dicom+xml\""));
  EXPECT_THAT(std::string(as_text(xml.contents[0])), HasSubstr("<NativeDicomModel"));
}

TEST_F(DicomWeb, ATracingWithoutADateIsNoDicom) {
  EcgRecording recording = fixtures::synthetic_ecg(fixtures::demo_ecg_parameters());
  submitted(fixture("demo-ecg.scp"));
  ASSERT_THAT(found(holder), SizeIs(1));
  recording.acquired_at = {};
  submitted(encode_scp_ecg(recording).value());
  EXPECT_THAT(found(holder), SizeIs(1));
}

TEST_F(DicomWeb, NobodyFindsOrRetrievesWhatIsNotHis) {
  const CaseId id = submitted(fixture("demo-ecg.scp"));
  ASSERT_EQ(api->handle(stow_request(ecg_object())).status, 200);
  const std::vector<std::string> urls = instances(holder);
  ASSERT_THAT(urls, SizeIs(2));
  const std::string of_case = urls[1], in_tray = urls[0];
  const User expert = world.expert_of(id);
  const Visitor asked = world.visitor(expert);
  EXPECT_THAT(instances(asked), testing::ElementsAre(of_case));
  const User& other_expert =
      expert.id == world.engine.expert_a.id ? world.engine.expert_b : world.engine.expert_a;
  const std::vector<std::string> rests = {"", "/metadata", "/rendered", "/frames/1",
                                          "/bulkdata/54000100.0.54001010"};
  const auto study_of = [](const std::string& url) { return url.substr(0, url.find("/series")); };
  for (const User& user :
       {world.engine.other_gp, other_expert, world.engine.referent, world.foreign_referent}) {
    const Visitor visitor = world.visitor(user);
    for (const char* path : {"/dicom-web/studies", "/dicom-web/series", "/dicom-web/instances"}) {
      EXPECT_EQ(get(visitor, path).status, 204) << user.login << path;
    }
    for (const std::string& url : urls) {
      for (const std::string& rest : rests)
        EXPECT_EQ(get(visitor, url + rest).status, 404) << user.login << rest;
      for (const char* rest : {"", "/series", "/instances", "/metadata"})
        EXPECT_EQ(get(visitor, study_of(url) + rest).status, 404) << user.login << rest;
    }
  }
  for (const std::string& rest : rests) EXPECT_EQ(get(asked, in_tray + rest).status, 404) << rest;
  for (const User& user : {world.engine.coordinator, world.engine.treasurer, world.engine.admin}) {
    EXPECT_EQ(get(world.visitor(user), kRoot).status, 403) << user.login;
    EXPECT_EQ(get(world.visitor(user), of_case).status, 403) << user.login;
  }
  EXPECT_EQ(get({}, of_case).status, 401);
  // The medical referent opens a case, for an hour.
  const Visitor referent = world.visitor(world.engine.referent);
  EXPECT_EQ(world
                .post(referent, "/api/v1/cases/" + id.value + "/open",
                      R"({"reason":"a complaint of the patient"})")
                .status,
            200);
  EXPECT_THAT(instances(referent), testing::ElementsAre(of_case));
  EXPECT_EQ(get(referent, of_case).status, 200);
  world.disk.clock.advance(std::chrono::hours(1));
  world.visitor(world.engine.referent);  // his session has locked
  EXPECT_EQ(get(referent, of_case).status, 404);
  EXPECT_EQ(get(referent, kRoot).status, 204);
}

TEST_F(DicomWeb, AnExamKeepsItsUidsWhenACaseTakesIt) {
  ASSERT_EQ(api->handle(stow_request(ecg_object())).status, 200);
  const auto before = instances(holder);
  const auto tray = world.engine.service.tray().list(world.engine.gp).value();
  const std::string request = kClinicalRequestJson.substr(0, kClinicalRequestJson.rfind('}')) +
                              R"(,"tray":[{"id":")" + tray.at(0).exam.id +
                              R"(","confirmed":["identity_differs","exam_old"]}]})";
  const auto taken = world.post(holder, "/api/v1/cases", request);
  ASSERT_EQ(taken.status, 201) << as_text(taken.body);
  EXPECT_EQ(instances(holder), before);
  EXPECT_EQ(Parts(get(holder, before.at(0))).contents.at(0), ecg_object());
  // The search names the patient of the question; what came stays as it came.
  EXPECT_EQ(value(found(holder).at(0), "00100010"), "ZZPATIENTNAME^Camille");
}

TEST_F(DicomWeb, EveryReadingIsWrittenDown) {
  const CaseId id = submitted(fixture("demo-ecg.scp"));
  const CaseId other = submitted(fixture("demo-lesion.jpg"));
  const User& reader = world.engine.gp;
  const auto urls = instances(holder);
  EXPECT_EQ(entries(id, reader, "dicom_search"), 1U);
  EXPECT_EQ(entries(other, reader, "dicom_search"), 1U);
  EXPECT_THAT(found(holder, kRoot + "?ModalitiesInStudy=ECG"), SizeIs(1));
  EXPECT_EQ(entries(id, reader, "dicom_search"), 2U);
  EXPECT_EQ(entries(other, reader, "dicom_search"), 1U);  // was not shown
  std::size_t read = entries(id, reader, "exams") + entries(other, reader, "exams");
  for (const std::string& url : urls) {
    for (const char* rest : {"", "/metadata", "/rendered"}) {
      EXPECT_EQ(get(holder, url + rest).status, 200);
      EXPECT_EQ(entries(id, reader, "exams") + entries(other, reader, "exams"), ++read) << rest;
    }
  }
}

}  // namespace telavis::test::dicomweb_api_test
