// SPDX-License-Identifier: Apache-2.0
// Files that a requester's page sends in pieces, and the question that names them.
#include <gtest/gtest.h>

#include "devices/decode_slots.h"
#include "devices/upload_store.h"
#include "tests/http/api_world.h"
#include "tests/temp_folder.h"

namespace telavis::test::own_uploads_test {

const std::string kUploads = "/api/v1/uploads";

class OwnUploads : public testing::Test {
 protected:
  OwnUploads() {
    auto opened = UploadStore::open(folder.path() / "uploads", key, random);
    EXPECT_TRUE(opened.has_value());
    uploads = std::move(*opened);
    api = std::make_unique<Api>(world.engine.service, world.engine.registry, world.engine.access,
                                ApiOptions{.reception = ExamReception{&world.engine.service.tray(),
                                                                      &slots, uploads.get()}});
  }
  HttpRequest request(const User& user, const std::string& method, const std::string& path) {
    HttpRequest out = world.request(world.visitor(user), method, path);
    out.headers["tus-resumable"] = "1.0.0";
    return out;
  }
  std::string begun(const User& user, std::size_t length) {
    HttpRequest out = request(user, "POST", kUploads);
    out.headers["upload-length"] = std::to_string(length);
    out.headers["upload-metadata"] = "filename dHJhY2Uuc2Nw";
    const auto response = api->handle(out);
    EXPECT_EQ(response.status, 201) << as_text(response.body);
    return ApiWorld::header_of(response, "Location").value_or("");
  }
  HttpResponse piece(const User& user, const std::string& place, std::size_t offset,
                     ByteView bytes) {
    HttpRequest out = request(user, "PATCH", place);
    out.headers["content-type"] = "application/offset+octet-stream";
    out.headers["upload-offset"] = std::to_string(offset);
    out.body.assign(bytes.begin(), bytes.end());
    return api->handle(out);
  }
  HttpResponse asked(const User& user, const std::string& question_key, const std::string& place) {
    const std::string body = "--XX\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n" +
                             kClinicalRequestJson +
                             "\r\n--XX\r\nContent-Disposition: form-data; name=\"upload\"\r\n\r\n" +
                             place.substr(place.rfind('/') + 1) + "\r\n--XX--\r\n";
    HttpRequest out = world.request(world.visitor(user), "POST", "/api/v1/cases");
    out.headers["content-type"] = "multipart/form-data; boundary=XX";
    out.headers["idempotency-key"] = question_key;
    out.body.assign(body.begin(), body.end());
    return api->handle(out);
  }

  ApiWorld world;
  TempFolder folder;
  SeededRandom random{11};
  Key key = random_key(random);
  DecodeSlots slots{1};
  std::unique_ptr<UploadStore> uploads;
  std::unique_ptr<Api> api;
  const Bytes ecg = fixture("demo-ecg.scp");
};

TEST_F(OwnUploads, AQuestionTakesAFileThatCameInPieces) {
  const User& gp = world.engine.gp;
  const std::string place = begun(gp, ecg.size());
  ASSERT_TRUE(place.starts_with(kUploads + "/"));
  const std::size_t half = ecg.size() / 2;
  EXPECT_EQ(piece(gp, place, 0, ByteView(ecg).first(half)).status, 204);
  EXPECT_EQ(asked(gp, "question-1", place).status, 409) << "it is not whole";
  const auto shown = api->handle(request(gp, "HEAD", place));
  EXPECT_EQ(ApiWorld::header_of(shown, "Upload-Offset"), std::to_string(half));
  const auto last = piece(gp, place, half, ByteView(ecg).subspan(half));
  EXPECT_EQ(last.status, 204);
  EXPECT_EQ(ApiWorld::header_of(last, "Telavis-Outcome"), std::nullopt)
      << "it waits for a question";
  const auto first = asked(gp, "question-1", place);
  ASSERT_EQ(first.status, 201) << as_text(first.body);
  EXPECT_EQ(world.engine.repository->cases({}).value().size(), 1U);
  EXPECT_EQ(world.engine.repository->cases({}).value().front().exams.front().kind, "ecg");

  // The answer was lost on the way: the same question with the same file, sent anew, is the same.
  EXPECT_EQ(asked(gp, "question-1", place).body, first.body);
  EXPECT_EQ(api->handle(request(gp, "DELETE", place)).status, 204);
  EXPECT_EQ(asked(gp, "question-1", place).status, 404);
  const std::string again = begun(gp, ecg.size());
  EXPECT_EQ(piece(gp, again, 0, ecg).status, 204);
  EXPECT_EQ(asked(gp, "question-1", again).body, first.body);
  EXPECT_EQ(world.engine.repository->cases({}).value().size(), 1U);
}

TEST_F(OwnUploads, NobodyElseSeesOrNamesThem) {
  const User& gp = world.engine.gp;
  const std::string place = begun(gp, ecg.size());
  EXPECT_EQ(piece(gp, place, 0, ecg).status, 204);
  for (const char* method : {"HEAD", "DELETE"}) {
    EXPECT_EQ(api->handle(request(world.engine.other_gp, method, place)).status, 404) << method;
    EXPECT_EQ(api->handle(request(world.engine.coordinator, method, place)).status, 403) << method;
  }
  EXPECT_EQ(piece(world.engine.other_gp, place, 0, ecg).status, 404);
  EXPECT_EQ(asked(world.engine.other_gp, "question-2", place).status, 404);
  // The devices' way does not lead to it.
  HttpRequest other =
      request(gp, "HEAD", "/api/v1/exams/uploads/" + place.substr(place.rfind('/') + 1));
  EXPECT_EQ(api->handle(other).status, 401);
  EXPECT_EQ(asked(gp, "question-3", "../../etc/passwd?").status, 400);
}

TEST_F(OwnUploads, AnEngineWithoutReceptionSaysSo) {
  HttpRequest out = request(world.engine.gp, "POST", kUploads);
  EXPECT_EQ(world.api.handle(out).status, 503);
}

}  // namespace telavis::test::own_uploads_test
