// SPDX-License-Identifier: Apache-2.0
// A practice's queue against the real API, on a line that breaks at any exchange.
#include "devices/exam_sender.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/devices/fake_door.h"
#include "tests/http/api_world.h"
#include "tests/temp_folder.h"

namespace telavis::exam_sender_test {
namespace {

using test::ApiWorld;
using test::TempFolder;

class ExamSenderTest : public ::testing::Test {
 protected:
  ExamSenderTest() {
    door_.devices["good-token"] = {"cart-1", UserId("martin"), ProgrammeId("rythmo")};
    open_server();
    open_queue();
  }
  void open_server() {
    api_.reset();
    uploads_.reset();
    auto opened = UploadStore::open(folder_.path() / "uploads", key_, random_);
    ASSERT_TRUE(opened.has_value());
    uploads_ = std::move(*opened);
    api_ = std::make_unique<Api>(
        world_.engine.service, world_.engine.registry, world_.engine.access,
        ApiOptions{.reception = ExamReception{&door_, &slots_, uploads_.get()}});
  }
  void open_queue() {
    queue_.reset();
    auto opened = SendQueue::open(folder_.path() / "queue", key_);
    ASSERT_TRUE(opened.has_value());
    queue_ = std::move(*opened);
  }
  ExamSender::Exchange line() {
    return [this](const std::string& method, const std::string& path,
                  const HttpsClient::Headers& headers,
                  const std::string& body) -> Result<HttpsAnswer> {
      ++exchanges_;
      const auto broken = [] { return fail(ErrorCode::unavailable, "The line broke."); };
      if (exchanges_ == lose_request_) return broken();
      HttpRequest request;
      request.method = method;
      request.path = path;
      request.headers["host"] = "localhost:8443";
      for (const auto& [name, value] : headers) {
        std::string lower = name;
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        request.headers[lower] = value;
      }
      request.body.assign(body.begin(), body.end());
      if (exchanges_ == change_request_ && !request.body.empty()) request.body[0] ^= 1U;
      const HttpResponse response = api_->handle(request);
      if (exchanges_ == lose_answer_) return broken();
      HttpsAnswer answer;
      answer.status = response.status;
      for (const auto& [name, value] : response.headers) {
        std::string lower = name;
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        answer.headers[lower] = value;
      }
      if (method != "HEAD") answer.body = response.body;
      return answer;
    };
  }
  std::string queued(const Bytes& bytes, const std::string& name = "a.scp") {
    return queue_->take({"cart-1", {}, {}}, {"folder:cart-1", name, bytes}, {}).value().id;
  }
  Result<TakenExam> send(const std::string& id, const std::string& token = "good-token") {
    return ExamSender(*queue_, token, line()).send(id);
  }
  static Bytes tracing(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
    return bytes;
  }

  ApiWorld world_;
  TempFolder folder_;
  test::SeededRandom random_{7};
  Key key_ = random_key(random_);
  FakeDoor door_;
  DecodeSlots slots_{1};
  std::unique_ptr<UploadStore> uploads_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<SendQueue> queue_;
  int exchanges_ = 0;
  int lose_request_ = 0, lose_answer_ = 0, change_request_ = 0;
};

TEST_F(ExamSenderTest, AnExamIsSentInPieces) {
  const Bytes bytes = tracing(3 * kSentPieceBytes + 7);
  const std::string id = queued(bytes);
  const auto taken = send(id);
  ASSERT_TRUE(taken) << taken.error().text;
  EXPECT_EQ(taken->outcome, ExamTaken::waiting);
  EXPECT_EQ(exchanges_, 5);  // one to begin, four pieces
  ASSERT_EQ(door_.taken().size(), 1U);
  EXPECT_EQ(door_.taken()[0].file.bytes, bytes);
  EXPECT_EQ(door_.taken()[0].file.name, "a.scp");
  // Asked again, before the queue forgot it.
  EXPECT_EQ(send(id).value().outcome, ExamTaken::waiting);
  ASSERT_TRUE(queue_->remove(id));
  EXPECT_TRUE(queue_->waiting()->empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "queue"));
}

TEST_F(ExamSenderTest, WhereverTheLineBreaksItIsSentOnce) {
  std::size_t exams = 0;
  for (int at = 1; at <= 4; ++at) {
    for (int* const failing : {&lose_request_, &lose_answer_}) {
      const std::string id = queued(tracing(2 * kSentPieceBytes + ++exams));
      exchanges_ = 0;
      *failing = at;
      EXPECT_EQ(send(id).error().code, ErrorCode::unavailable);
      *failing = 0;
      open_queue();                    // kill -9 on this side
      if (at % 2 == 0) open_server();  // and on that one
      const auto taken = send(id);
      ASSERT_TRUE(taken) << taken.error().text;
      ASSERT_TRUE(queue_->remove(id));
    }
  }
  EXPECT_EQ(door_.taken().size(), exams);
}

TEST_F(ExamSenderTest, APieceThatArrivesChangedIsSentAgain) {
  const Bytes bytes = tracing(kSentPieceBytes + 1);
  change_request_ = 2;
  const auto taken = send(queued(bytes));
  ASSERT_TRUE(taken) << taken.error().text;
  EXPECT_EQ(door_.taken()[0].file.bytes, bytes);
}

TEST_F(ExamSenderTest, RefusalsComeWithTheirReason) {
  door_.unreadable = [](const UploadedFile&) {
    return Error{ErrorCode::unknown_format, "This is no format that is read here."};
  };
  const auto unreadable = send(queued(tracing(10)));
  ASSERT_TRUE(unreadable && unreadable->why);
  EXPECT_EQ(unreadable->why->code, ErrorCode::unknown_format);
  EXPECT_EQ(unreadable->why->text, "This is no format that is read here.");
  for (const ErrorCode code : {ErrorCode::storage_full, ErrorCode::storage_failed,
                               ErrorCode::too_many_attempts, ErrorCode::limit_exceeded}) {
    door_.refuse = [code](const UploadedFile&) { return Error{code, "so it is"}; };
    const auto refused = send(queued(tracing(20)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(error_name(refused.error().code), error_name(code));
    EXPECT_EQ(may_succeed_later(refused.error().code), code != ErrorCode::limit_exceeded);
  }
  const auto suspended = send(queued(tracing(30)), "ended-token");
  EXPECT_EQ(suspended.error().code, ErrorCode::forbidden);
  EXPECT_TRUE(may_succeed_later(ErrorCode::forbidden));
}

TEST_F(ExamSenderTest, TheQueueIsSealedAndKeepsItsOrder) {
  const std::string id = queued(tracing(100), "DUPONT.scp");
  const auto file = folder_.path() / "queue" / (id + ".exam");
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(queue_->load(id).value().bytes, tracing(100));
  EXPECT_EQ(queue_->load(id).value().name, "DUPONT.scp");
  EXPECT_EQ(queued(tracing(100)), id);  // once
  EXPECT_EQ(queue_->waiting()->size(), 1U);
  EXPECT_EQ(queue_->take({}, {"", "", {}}, {}).error().code, ErrorCode::no_exam);
  key_ = random_key(random_);
  open_queue();
  EXPECT_EQ(queue_->load(id).error().code, ErrorCode::crypto_failed);
  EXPECT_EQ(queue_->load("none").error().code, ErrorCode::not_found);
}

TEST_F(ExamSenderTest, ACodeIsExchanged) {
  auto& engine = world_.engine;
  LentDevice device;
  device.id = "cart-9";
  device.programme = test::kRhythmology;
  device.serial = "SN-9";
  device.holder = engine.gp.id;
  device.lent_on = "2026-01-05";
  ASSERT_TRUE(engine.registry.put_device({}, device, 0));
  const auto code = engine.registry.pair_device({}, "cart-9").value().code;
  EXPECT_EQ(ExamSender::pair(line(), "0000").error().code, ErrorCode::login_failed);
  const auto paired = ExamSender::pair(line(), code);
  ASSERT_TRUE(paired) << paired.error().text;
  EXPECT_EQ(paired->device, "cart-9");
  EXPECT_EQ(paired->token.size(), 64U);
}

}  // namespace
}  // namespace telavis::exam_sender_test
