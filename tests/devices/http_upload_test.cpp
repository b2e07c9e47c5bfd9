// SPDX-License-Identifier: Apache-2.0
#include "devices/http_upload.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace telavis::http_upload_test {
namespace {

const std::string kType = "multipart/form-data; boundary=XX";

std::string part(const std::string& disposition, const std::string& content) {
  return "--XX\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}
const std::string kRequest = part("name=\"request\"", "{}");
const std::string kFile = part("name=\"file\"; filename=\"a.scp\"", "bytes");
const std::string kEnd = "--XX--\r\n";

Result<UploadForm> parse(const std::string& body, const std::string& type = kType) {
  return parse_upload(type, as_bytes(body));
}

ErrorCode refusal(const std::string& body, const std::string& type = kType) {
  const auto form = parse(body, type);
  EXPECT_FALSE(form.has_value()) << body;
  return form ? ErrorCode::internal : form.error().code;
}

TEST(HttpUpload, WhatABrowserSends) {
  // As Firefox 128 sends a form of two fields, but for the shorter boundary.
  const std::string content("\0\r\n--\xFF", 6);
  const std::string whole =
      "------geckoformboundary1\r\n"
      "Content-Disposition: form-data; name=\"request\"; filename=\"blob\"\r\n"
      "Content-Type: application/json\r\n\r\n"
      "{\"a\":1}\r\n"
      "------geckoformboundary1\r\n"
      "Content-Disposition: form-data; name=\"file\"; filename=\"trac\xC3\xA9 1.scp\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n" +
      content + "\r\n------geckoformboundary1--\r\n";
  const auto form = parse(whole, "multipart/form-data; boundary=----geckoformboundary1");
  ASSERT_TRUE(form.has_value()) << form.error().text;
  EXPECT_EQ(form->request_json, "{\"a\":1}");
  ASSERT_EQ(form->files.size(), 1U);
  EXPECT_EQ(form->files[0].source, "web");
  EXPECT_EQ(form->files[0].name, "trac\xC3\xA9 1.scp");
  EXPECT_EQ(as_text(form->files[0].bytes), content);
}

TEST(HttpUpload, FilesKeepTheirOrderAndMayBeEmptyOrNameless) {
  const auto form = parse(kFile + kRequest + part("name=file", "") +
                          part("name=\"file\"; filename=\"\"", "x") + kEnd);
  ASSERT_TRUE(form.has_value()) << form.error().text;
  ASSERT_EQ(form->files.size(), 3U);
  EXPECT_EQ(form->files[0].name, "a.scp");
  EXPECT_TRUE(form->files[1].bytes.empty());
  EXPECT_EQ(form->files[2].name, "");
}

TEST(HttpUpload, PreambleEpilogueAndPaddingAreAllowed) {
  EXPECT_TRUE(parse("to be ignored\r\n" + kRequest + kFile + "--XX-- \t\r\nignored too"));
  std::string padded = kRequest + kFile + kEnd;
  padded.replace(padded.find("--XX\r\n"), 6, "--XX \t\r\n");
  EXPECT_TRUE(parse(padded));
  EXPECT_TRUE(parse(kRequest + kFile + "--XX--"));  // no line end after the last: many do that
}

TEST(HttpUpload, QuotedNamesAreUnescaped) {
  const auto form =
      parse(kRequest + part(R"(name="file"; filename="a\"b\\c.scp")", "x") +
            part(R"(name="file"; filename="C:\temp\x.scp")", "x") +
            part("name=\"file\"; filename=\"" + std::string(400, 'n') + "\"", "x") + kEnd);
  ASSERT_TRUE(form.has_value()) << form.error().text;
  EXPECT_EQ(form->files[0].name, R"(a"b\c.scp)");
  EXPECT_EQ(form->files[1].name, R"(C:\temp\x.scp)");
  EXPECT_EQ(form->files[2].name.size(), 255U);
}

TEST(HttpUpload, ContentMayLookLikeABoundary) {
  const std::string content = "-XX\r\n--X\r\n --XX--\n--XX";
  const auto form = parse(kRequest + part("name=\"file\"", content) + kEnd);
  ASSERT_TRUE(form.has_value()) << form.error().text;
  EXPECT_EQ(std::string(as_text(form->files[0].bytes)), content);
}

TEST(HttpUpload, BoundaryInTheContentType) {
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data ; Boundary=\"a b'()\""), "a b'()");
  EXPECT_EQ(
      multipart_boundary("multipart/form-data; charset=utf-8; boundary=" + std::string(70, 'b')),
      std::string(70, 'b'));
  for (const std::string& type :
       {std::string(""), std::string("application/json"),
        std::string("multipart/mixed; boundary=a"), std::string("multipart/form-data"),
        std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"\""),
        std::string("multipart/form-data; boundary=\"a"),
        std::string("multipart/form-data; boundary=\"a \""),
        std::string("multipart/form-data; boundary=a; boundary=b"),
        std::string("multipart/form-data; boundary=\"a\r\nb\""),
        "multipart/form-data; boundary=" + std::string(71, 'b')}) {
    const auto boundary = multipart_boundary(type);
    EXPECT_FALSE(boundary.has_value()) << type;
  }
}

TEST(HttpUpload, BrokenFramingIsRefused) {
  const std::vector<std::string> bodies = {
      std::string(),
      std::string("--XX"),
      std::string("--XX\r\n"),
      kRequest,
      kRequest + kFile,
      kRequest + kFile + "--XX-",
      "--XXX\r\n" + kRequest + kFile + kEnd,
      std::string("--XX\r\nno header end"),
      std::string("--XX\r\n\r\ncontent\r\n--XX--\r\n"),
      "--XX\r\nContent-Disposition form-data\r\n\r\nx\r\n" + kEnd,
      "--XX\r\n: x\r\n\r\nx\r\n" + kEnd,
      "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n folded: y\r\n\r\nx\r\n" + kEnd,
      "--XX\r\nContent-Disposition: attachment; name=\"file\"\r\n\r\nx\r\n" + kEnd,
      "--XX\r\nContent-Disposition: form-data; name=\"file\r\n\r\nx\r\n" + kEnd,
      "--XX\r\nContent-Disposition: form-data; filename=\"x\"\r\n\r\nx\r\n" + kEnd,
      part("name=\"file\"; name=\"request\"", "x") + kEnd,
      "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n"
      "Content-Disposition: form-data; name=\"request\"\r\n\r\nx\r\n" +
          kEnd,
      "--XX\r\nX: " + std::string(5000, 'x') +
          "\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n" + kEnd,
      "--XX\r\nContent-Transfer-Encoding: base64\r\n"
      "Content-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n" +
          kEnd,
      kRequest + kRequest + kFile + kEnd,
      kRequest + kFile + part("name=\"other\"", "x") + kEnd};
  for (const std::string& body : bodies) {
    EXPECT_EQ(refusal(body), ErrorCode::malformed_request) << body;
  }
}

TEST(HttpUpload, SaysWhatIsMissing) {
  EXPECT_EQ(refusal(kFile + kEnd), ErrorCode::missing_field);
  EXPECT_EQ(refusal(kEnd), ErrorCode::missing_field);
}

TEST(HttpUpload, TheRequestAloneIsAForm) {
  const std::string alone = kRequest + kEnd;
  const auto form = parse_upload(kType, as_bytes(alone));
  ASSERT_TRUE(form.has_value()) << form.error().text;
  EXPECT_EQ(form->request_json, "{}");
  EXPECT_TRUE(form->files.empty());
  const std::string no_request = kFile + kEnd;
  const auto without_request = parse_upload(kType, as_bytes(no_request));
  EXPECT_FALSE(without_request.has_value());
}

TEST(HttpUpload, LimitsHold) {
  std::string twenty = kRequest;
  for (std::size_t i = 0; i < kMaxUploadFiles; ++i) twenty += kFile;
  EXPECT_TRUE(parse(twenty + kEnd));
  EXPECT_EQ(refusal(twenty + kFile + kEnd), ErrorCode::limit_exceeded);
  EXPECT_EQ(refusal(part("name=\"request\"", std::string(kMaxUploadRequestBytes + 1, 'x')) + kFile +
                    kEnd),
            ErrorCode::limit_exceeded);
  EXPECT_EQ(refusal(kRequest + part("name=\"file\"", std::string(kMaxFileBytes + 1, 'x')) + kEnd),
            ErrorCode::limit_exceeded);
}

TEST(HttpUpload, EveryPrefixIsRefusedWithoutHarm) {
  const std::string whole = kRequest + kFile + "--XX--";
  ASSERT_TRUE(parse(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(refusal(whole.substr(0, length)), ErrorCode::malformed_request) << length;
  }
}

}  // namespace
}  // namespace telavis::http_upload_test
