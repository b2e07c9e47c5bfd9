// SPDX-License-Identifier: Apache-2.0
// What devices send over HTTPS: pairing, an exam in one request, and resumable uploads (tus 1.0).
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "formats/base64.h"
#include "tests/devices/fake_door.h"
#include "tests/http/api_world.h"
#include "tests/temp_folder.h"

namespace telavis::device_api_test {
namespace {

using test::ApiWorld;
using test::TempFolder;

const std::string kUploads = "/api/v1/exams/uploads";

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

std::string base64_of_hex(const std::string& hex) {
  return base64_encoded(*from_hex(hex));
}

class DeviceApi : public ::testing::Test {
 protected:
  DeviceApi() {
    door_.devices["good-token"] = {"cart-1", UserId("martin"), ProgrammeId("rythmo")};
    door_.devices["other-token"] = {"cart-2", UserId("martin"), ProgrammeId("rythmo")};
    open();
  }
  void open() {
    api_.reset();
    uploads_.reset();
    auto opened = UploadStore::open(folder_.path() / "uploads", key_, random_);
    ASSERT_TRUE(opened.has_value());
    uploads_ = std::move(*opened);
    api_ = std::make_unique<Api>(
        world_.engine.service, world_.engine.registry, world_.engine.access,
        ApiOptions{.reception = ExamReception{&door_, &slots_, uploads_.get()}});
  }
  HttpRequest request(const std::string& method, const std::string& path,
                      const std::string& token = "good-token") {
    HttpRequest out;
    out.method = method;
    out.path = path;
    out.headers["host"] = "localhost:8443";
    if (!token.empty()) out.headers["authorization"] = "Bearer " + token;
    if (path.starts_with(kUploads)) out.headers["tus-resumable"] = "1.0.0";
    out.peer = "192.0.2.1";
    return out;
  }
  HttpResponse sent(HttpRequest request, const std::string& body = "") {
    request.body.assign(body.begin(), body.end());
    return api_->handle(request);
  }
  HttpResponse send_raw(const std::string& bytes, const std::string& digest = "") {
    HttpRequest out = request("POST", "/api/v1/exams");
    out.headers["content-type"] = "application/octet-stream";
    if (!digest.empty()) out.headers["repr-digest"] = digest;
    return sent(out, bytes);
  }
  HttpResponse begin(std::size_t length, const std::string& metadata = "") {
    HttpRequest out = request("POST", kUploads);
    out.headers["upload-length"] = std::to_string(length);
    if (!metadata.empty()) out.headers["upload-metadata"] = metadata;
    return sent(out);
  }
  HttpRequest piece(const std::string& place, std::size_t offset) {
    HttpRequest out = request("PATCH", place);
    out.headers["content-type"] = "application/offset+octet-stream";
    out.headers["upload-offset"] = std::to_string(offset);
    return out;
  }
  std::size_t spooled() {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path() / "uploads"),
                      std::filesystem::directory_iterator()));
  }
  std::vector<std::string> refusals() {
    std::vector<std::string> all;
    const auto chain = world_.engine.repository->audit_chain("node").value();
    for (const AuditEntry& entry : chain) {
      if (entry.what.action.starts_with("refused:"))
        all.push_back(entry.what.actor + " " + entry.what.action.substr(8) + " " +
                      entry.what.detail);
    }
    return all;
  }

  ApiWorld world_;
  TempFolder folder_;
  test::SeededRandom random_{7};
  Key key_ = random_key(random_);
  FakeDoor door_;
  DecodeSlots slots_{1};
  std::unique_ptr<UploadStore> uploads_;
  std::unique_ptr<Api> api_;
};

TEST_F(DeviceApi, OnlyWhoHasATokenMaySend) {
  EXPECT_EQ(sent(request("POST", "/api/v1/exams", "")).status, 401);
  EXPECT_EQ(sent(request("POST", "/api/v1/exams", "wrong")).status, 403);
  EXPECT_EQ(door_.claims().back().peer, "192.0.2.1");
  EXPECT_EQ(door_.claims().back().proof, DeviceProof::token);
  // Before a byte of the body.
  EXPECT_FALSE(api_->body_limit(request("POST", "/api/v1/exams", "")));
  EXPECT_EQ(api_->body_limit(request("POST", "/api/v1/exams")).value(), kMaxUploadBytes);
  HttpRequest basic = request("POST", "/api/v1/exams", "");
  basic.headers["authorization"] = "Basic Z29vZA==";
  EXPECT_EQ(sent(basic).status, 401);
  HttpRequest small = request("POST", "/api/v1/exams", "");
  small.headers["authorization"] = "bearer good-token";
  small.headers["content-type"] = "application/octet-stream";
  EXPECT_EQ(sent(small, "tracing").status, 200);
}

TEST_F(DeviceApi, AnExamInOneRequest) {
  const auto answer = send_raw("tracing");
  ASSERT_EQ(answer.status, 200) << as_text(answer.body);
  EXPECT_EQ(as_text(answer.body), R"({"id":"exam-0","outcome":"waiting","why":null})");
  EXPECT_EQ(door_.taken()[0].device, "cart-1");
  EXPECT_EQ(door_.taken()[0].file.source, "https:cart-1");
  EXPECT_EQ(as_text(send_raw("tracing").body), R"({"id":"exam-0","outcome":"known","why":null})");
  HttpRequest form = request("POST", "/api/v1/exams");
  form.headers["content-type"] = "multipart/form-data; boundary=XX";
  const std::string part =
      "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.scp\"\r\n\r\nanother";
  EXPECT_EQ(sent(form, part + "\r\n--XX--\r\n").status, 200);
  EXPECT_EQ(door_.taken()[1].file.name, "a.scp");
  EXPECT_EQ(as_text(door_.taken()[1].file.bytes), "another");
  EXPECT_EQ(sent(form, part + "\r\n" + part + "\r\n--XX--\r\n").status, 422);
  EXPECT_EQ(sent(form, "--XX--\r\n").status, 422);
  EXPECT_EQ(door_.taken().size(), 2U);
}

TEST_F(DeviceApi, WhatIsDeclaredIsChecked) {
  const std::string right = "sha-256=:" + base64_of_hex(sha256_hex(as_bytes("tracing"))) + ":";
  EXPECT_EQ(send_raw("tracing", right).status, 200);
  EXPECT_EQ(send_raw("tracing", "sha-512=:AAAA:, " + right).status, 200);
  EXPECT_EQ(send_raw("tracing", "sha-512=:AAAA:").status, 200);  // not spoken here
  for (const std::string& wrong :
       {"sha-256=:" + base64_of_hex(sha256_hex(as_bytes("tracinG"))) + ":",
        std::string("sha-256=:not base64:"), std::string("sha-256=AAAA"), std::string("sha-256=")})
    EXPECT_EQ(send_raw("tracing", wrong).status, 400) << wrong;
  HttpRequest content = request("POST", "/api/v1/exams");
  content.headers["content-type"] = "application/octet-stream";
  content.headers["content-digest"] = right;
  EXPECT_EQ(sent(content, "another").status, 400);
  EXPECT_EQ(door_.taken().size(), 1U);
  EXPECT_EQ(refusals().back(), "device:cart-1 takeExam malformed_request");
}

TEST_F(DeviceApi, AnUnreadableExamIsKeptAndSaidToBe) {
  door_.unreadable = [](const UploadedFile&) {
    return Error{ErrorCode::unknown_format, "This is no format that is read here."};
  };
  const auto answer = ApiWorld::parsed(send_raw("noise"));
  EXPECT_EQ(answer.at("outcome").as_string(), "unreadable");
  EXPECT_EQ(answer.at("why").at("code").as_string(), "unknown_format");
}

TEST_F(DeviceApi, RefusalsOfTheDoorHaveTheirStatus) {
  for (const auto& [code, status] : {std::pair(ErrorCode::storage_full, 507),
                                     {ErrorCode::storage_failed, 503},
                                     {ErrorCode::too_many_attempts, 429},
                                     {ErrorCode::forbidden, 403},
                                     {ErrorCode::no_exam, 422}}) {
    door_.refuse = [code = code](const UploadedFile&) { return Error{code, "not now"}; };
    EXPECT_EQ(send_raw("tracing").status, status);
  }
}

TEST_F(DeviceApi, UploadsSayWhatTheySpeak) {
  const auto answer = sent(request("OPTIONS", kUploads, ""));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(header(answer, "Tus-Version"), "1.0.0");
  EXPECT_EQ(header(answer, "Tus-Extension"), "creation,expiration,checksum,termination");
  EXPECT_EQ(header(answer, "Tus-Max-Size"), "67108864");
  HttpRequest old = request("POST", kUploads);
  old.headers["tus-resumable"] = "0.2.2";
  old.headers["upload-length"] = "7";
  const auto refused = sent(old);
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(header(refused, "Tus-Version"), "1.0.0");
  EXPECT_EQ(header(refused, "Tus-Resumable"), "1.0.0");
}

TEST_F(DeviceApi, AnUploadInPieces) {
  const std::string sha = base64_of_hex(sha256_hex(as_bytes("tracing!")));
  const auto begun = begin(8, "filename " + base64_encoded(as_bytes("a.scp")) + ",sha256 " + sha);
  ASSERT_EQ(begun.status, 201) << as_text(begun.body);
  const std::string place = header(begun, "Location");
  EXPECT_TRUE(place.starts_with(kUploads + "/")) << place;
  EXPECT_EQ(header(begun, "Upload-Expires").substr(25), " GMT");
  auto answer = sent(piece(place, 0), "trac");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(header(answer, "Upload-Offset"), "4");
  EXPECT_EQ(header(answer, "Telavis-Outcome"), "");
  open();  // kill -9
  answer = sent(request("HEAD", place));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header(answer, "Upload-Offset"), "4");
  EXPECT_EQ(header(answer, "Upload-Length"), "8");
  EXPECT_EQ(sent(piece(place, 0), "trac").status, 409);
  answer = sent(piece(place, 4), "ing!");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(header(answer, "Upload-Offset"), "8");
  EXPECT_EQ(header(answer, "Telavis-Exam"), "exam-0");
  EXPECT_EQ(header(answer, "Telavis-Outcome"), "waiting");
  EXPECT_EQ(header(answer, "Tus-Resumable"), "1.0.0");
  ASSERT_EQ(door_.taken().size(), 1U);
  EXPECT_EQ(as_text(door_.taken()[0].file.bytes), "tracing!");
  EXPECT_EQ(door_.taken()[0].file.name, "a.scp");
  EXPECT_EQ(spooled(), 0U);
  // The last answer was lost.
  EXPECT_EQ(header(sent(request("HEAD", place)), "Telavis-Outcome"), "waiting");
  EXPECT_EQ(door_.taken().size(), 1U);
}

TEST_F(DeviceApi, NothingIsSaidToBeWholeBeforeTheEngineHasIt) {
  const std::string place = header(begin(7), "Location");
  door_.refuse = [](const UploadedFile&) { return Error{ErrorCode::storage_full, "full"}; };
  EXPECT_EQ(sent(piece(place, 0), "tracing").status, 507);
  EXPECT_EQ(sent(request("HEAD", place)).status, 507);
  open();
  EXPECT_EQ(sent(request("HEAD", place)).status, 507);
  EXPECT_TRUE(door_.taken().empty());
  door_.refuse = nullptr;
  EXPECT_EQ(header(sent(request("HEAD", place)), "Upload-Offset"), "7");
  EXPECT_EQ(door_.taken().size(), 1U);
}

TEST_F(DeviceApi, WhatNeverBecomesAnExamIsForgotten) {
  const std::string wrong = base64_of_hex(sha256_hex(as_bytes("another")));
  std::string place = header(begin(7, "sha256 " + wrong), "Location");
  EXPECT_EQ(sent(piece(place, 0), "tracing").status, 400);
  EXPECT_EQ(refusals().back(), "device:cart-1 continueUpload malformed_request");
  EXPECT_EQ(sent(request("HEAD", place)).status, 404);
  door_.refuse = [](const UploadedFile&) { return Error{ErrorCode::limit_exceeded, "too large"}; };
  place = header(begin(7), "Location");
  EXPECT_EQ(sent(piece(place, 0), "tracing").status, 422);
  EXPECT_EQ(sent(request("HEAD", place)).status, 404);
  EXPECT_EQ(spooled(), 0U);
}

TEST_F(DeviceApi, PiecesHaveTheirChecksum) {
  const std::string place = header(begin(7), "Location");
  const auto with = [&](const std::string& checksum) {
    HttpRequest out = piece(place, 0);
    out.headers["upload-checksum"] = checksum;
    return sent(out, "trac").status;
  };
  EXPECT_EQ(with("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="), 460);
  EXPECT_EQ(with("sha256 " + base64_of_hex(sha256_hex(as_bytes("else")))), 460);
  EXPECT_EQ(with("md5 AAAA"), 400);
  EXPECT_EQ(with("sha1"), 460);
  EXPECT_EQ(with("sha1 ***"), 400);
  EXPECT_EQ(header(sent(request("HEAD", place)), "Upload-Offset"), "0");
  // sha1 of "trac", by coreutils.
  EXPECT_EQ(with("sha1 " + base64_of_hex("4ebc5718fd0519741ff05c97c02d571d4735c0b8")), 204);
}

TEST_F(DeviceApi, WhatIsNotTheProtocolIsRefused) {
  EXPECT_EQ(sent(request("POST", kUploads)).status, 400);  // no length
  HttpRequest deferred = request("POST", kUploads);
  deferred.headers["upload-length"] = "-1";
  EXPECT_EQ(sent(deferred).status, 400);
  EXPECT_EQ(begin(7, "sha256 AAAA").status, 400);
  EXPECT_EQ(begin(7, "filename,other b3RoZXI=,").status, 201);
  EXPECT_EQ(begin(0).status, 422);
  EXPECT_EQ(begin(kMaxFileBytes + 1).status, 413);
  EXPECT_EQ(refusals().back(), "device:cart-1 beginUpload body_too_large");
  const std::string place = header(begin(7), "Location");
  HttpRequest typeless = piece(place, 0);
  typeless.headers["content-type"] = "application/octet-stream";
  EXPECT_EQ(sent(typeless, "x").status, 415);
  HttpRequest placeless = piece(place, 0);
  placeless.headers.erase("upload-offset");
  EXPECT_EQ(sent(placeless, "x").status, 400);
  EXPECT_EQ(sent(piece(place, 0), "more than seven").status, 413);
  EXPECT_EQ(sent(request("HEAD", place, "other-token")).status, 404);
  EXPECT_EQ(sent(request("DELETE", place, "other-token")).status, 404);
  EXPECT_EQ(sent(request("HEAD", kUploads + "/" + std::string(26, 'a'))).status, 404);
  EXPECT_EQ(api_->body_limit(piece(place, 0)).value(), kMaxPieceBytes);
  HttpRequest overridden = piece(place, 0);
  overridden.method = "POST";
  overridden.headers["x-http-method-override"] = "PATCH";
  EXPECT_EQ(sent(overridden, "trac").status, 204);
  EXPECT_EQ(sent(request("DELETE", place)).status, 204);
  EXPECT_EQ(sent(request("HEAD", place)).status, 404);
  EXPECT_TRUE(door_.taken().empty());
}

TEST_F(DeviceApi, UnfinishedUploadsHaveTheirTime) {
  const std::string place = header(begin(7), "Location");
  for (std::size_t i = 1; i < kMaxUploadsOfSender; ++i) EXPECT_EQ(begin(7).status, 201);
  EXPECT_EQ(begin(7).status, 429);
  world_.disk.clock.advance(kUploadLife);
  EXPECT_EQ(sent(piece(place, 0), "trac").status, 404);
  EXPECT_EQ(uploads_->expire(world_.disk.clock.now()).value(),
            static_cast<int>(kMaxUploadsOfSender));
  EXPECT_EQ(begin(7).status, 201);
}

TEST_F(DeviceApi, ACodeBecomesAToken) {
  auto& engine = world_.engine;
  LentDevice device;
  device.id = "cart-9";
  device.programme = test::kRhythmology;
  device.serial = "SN-9";
  device.holder = engine.gp.id;
  device.lent_on = "2026-01-05";
  ASSERT_TRUE(engine.registry.put_device({}, device, 0));
  const auto asked = sent([&] {
    HttpRequest out = world_.request(world_.visitor(engine.coordinator), "POST",
                                     "/api/v1/admin/devices/cart-9/pairing");
    return out;
  }());
  ASSERT_EQ(asked.status, 201) << as_text(asked.body);
  const std::string code(ApiWorld::parsed(asked).at("code").as_string());
  const auto redeem = [&](const std::string& typed, const std::string& peer = "192.0.2.1") {
    HttpRequest out = request("POST", "/api/v1/pair", "");
    out.peer = peer;
    return sent(out, R"({"code":")" + typed + R"("})");
  };
  EXPECT_EQ(redeem("0000-0000-0000").status, 401);
  const auto paired = redeem(code);
  ASSERT_EQ(paired.status, 200) << as_text(paired.body);
  EXPECT_EQ(ApiWorld::parsed(paired).at("device").as_string(), "cart-9");
  const std::string token(ApiWorld::parsed(paired).at("token").as_string());
  EXPECT_EQ(engine.repository->device_by_token(device_token_hash(token)).value()->id, "cart-9");
  EXPECT_EQ(redeem(code).status, 401);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(redeem("wrong").status, 401);
  EXPECT_EQ(redeem("wrong").status, 429);
  EXPECT_EQ(redeem("wrong", "192.0.2.2").status, 401);
}

}  // namespace
}  // namespace telavis::device_api_test
