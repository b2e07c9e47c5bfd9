// SPDX-License-Identifier: Apache-2.0
// Every kind of file on its way from the upload to the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/normalise.h"
#include "formats/render.h"
#include "formats/scp_ecg.h"
#include "tests/service/world.h"

namespace telavis::test::exam_intake_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class ExamIntake : public ::testing::Test {
 protected:
  ExamIntake() { engine.enrol(); }

  Result<std::vector<ArchivedExam>> sent(const std::vector<UploadedFile>& files,
                                         const std::string& json = kRequestJson) {
    const auto receipt = engine.service.submit(engine.gp, std::to_string(++key), json, files);
    if (!receipt) return tl::unexpected(receipt.error());
    return engine.service.exams(engine.gp, engine.repository->cases({})->front().id);
  }
  static std::vector<std::string> codes(const Exam& exam) {
    std::vector<std::string> list;
    std::visit(
        [&](const auto& kind) {
          for (const Finding& finding : kind.findings) list.push_back(finding.code);
        },
        exam);
    return list;
  }
  static std::string and_also(const std::string& json, const std::string& member) {
    return json.substr(0, json.rfind('}')) + "," + member + "}";
  }

  Disk disk;
  Engine engine{disk};
  int key = 0;
  const Bytes ecg = fixture("demo-ecg.scp");
  const Bytes photo = fixture("demo-lesion.jpg");
};

TEST_F(ExamIntake, KeepsTheValuesOfATracingAsDecodedWhenItCame) {
  const auto exams = sent({{"web", "ecg.scp", ecg}});
  ASSERT_TRUE(exams) << exams.error().text;
  const auto& recording = std::get<EcgRecording>(exams->front().normalised.exam);
  const auto again = decode_scp_ecg(ecg);
  ASSERT_EQ(recording.leads.size(), again->leads.size());
  EXPECT_EQ(recording.leads[0].samples, again->leads[0].samples);
  EXPECT_EQ(exams->front().original, ecg);
  EXPECT_TRUE(exams->front().normalised.document.empty());
  // The request names another patient than the tracing.
  EXPECT_THAT(codes(exams->front().normalised.exam), Contains("identity_differs"));
  EXPECT_THAT(engine.repository->cases({})->front().exams.front().findings,
              Contains("identity_differs"));
}

TEST_F(ExamIntake, TakesThePatientFromTheTracingWhenTheRequestNamesNone) {
  std::string json = kRequestJson;
  const std::size_t from = json.find("\"patient\"");
  json.erase(from, json.find("\"reason\"") - from);
  const auto exams = sent({{"web", "ecg.scp", ecg}}, json);
  ASSERT_TRUE(exams) << exams.error().text;
  EXPECT_THAT(codes(exams->front().normalised.exam), Not(Contains("identity_differs")));
  const auto photos = sent({{"web", "lesion.jpg", photo}}, json);
  ASSERT_FALSE(photos);
  EXPECT_EQ(photos.error().code, ErrorCode::missing_field);
}

TEST_F(ExamIntake, CarriesAPdfToTheReport) {
  const auto pdf = render_ecg_pdf(with_derived_limb_leads(*decode_scp_ecg(ecg)));
  ASSERT_TRUE(pdf);
  const auto exams = sent({{"web", "ecg.pdf", *pdf}});
  ASSERT_TRUE(exams) << exams.error().text;
  EXPECT_EQ(std::get<PdfDocument>(exams->front().normalised.exam).pages, 1);
  EXPECT_EQ(exams->front().normalised.document, *pdf);
  const CaseId id = engine.repository->cases({})->front().id;
  EXPECT_EQ(engine.repository->load_case(id).value()->exams.front().kind, "document");
  ASSERT_TRUE(engine.settle());
  engine.done(engine.expert_of(id), "opinion", id, kOpinionJson);
  disk.clock.advance(std::chrono::minutes(2));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.repository->load_case(id).value()->state, CaseState::delivered);
}

TEST_F(ExamIntake, JoinsTheFilesOfOneRecording) {
  const std::string header = "rec 1 500 3\nrec.dat 16 200 16 0 1 0 0 II\n";
  const Bytes signal = {1, 0, 2, 0, 3, 0};
  const auto exams =
      sent({{"web", "rec.dat", signal},
            {"web", "lesion.jpg", photo},
            {"web", "rec.hea", Bytes(header.begin(), header.end())}},
           and_also(kRequestJson, R"("file_roles":["unstated","close_up","unstated"])"));
  ASSERT_TRUE(exams) << exams.error().text;
  ASSERT_EQ(exams->size(), 2U);
  EXPECT_EQ(std::get<SkinPhoto>((*exams)[0].normalised.exam).role, PhotoRole::close_up);
  const auto& recording = std::get<EcgRecording>((*exams)[1].normalised.exam);
  EXPECT_THAT(recording.leads.at(0).samples, ElementsAre(1, 2, 3));
  EXPECT_EQ(sniff((*exams)[1].original), FileFormat::wfdb);
  const auto alone = sent({{"web", "rec.hea", Bytes(header.begin(), header.end())}});
  ASSERT_FALSE(alone);
}

TEST_F(ExamIntake, RolesAreOneAFileAndOfPhotosOnly) {
  const auto refused = [&](const std::string& roles) {
    const auto exams = sent({{"web", "ecg.scp", ecg}, {"web", "lesion.jpg", photo}},
                            and_also(kRequestJson, "\"file_roles\":" + roles));
    return exams ? ErrorCode::internal : exams.error().code;
  };
  EXPECT_EQ(refused(R"(["unstated","overview"])"), ErrorCode::internal);
  EXPECT_EQ(refused("[]"), ErrorCode::internal);
  EXPECT_EQ(refused(R"(["overview","overview"])"), ErrorCode::invalid_field);
  EXPECT_EQ(refused(R"(["unstated"])"), ErrorCode::invalid_field);
  EXPECT_EQ(refused(R"(["unstated","portrait"])"), ErrorCode::invalid_field);
}

TEST_F(ExamIntake, SaysWhichPhotoIsThereTwiceAndWhichIsMissing) {
  Programme programme = engine.repository->programme(ProgrammeId("rythmologie")).value().value();
  programme.wanted_photos = {PhotoRole::overview, PhotoRole::dermoscopy};
  CaseRequest request = parse_case_request(kRequestJson).value();
  request.file_roles = {PhotoRole::overview, PhotoRole::unstated};
  const ServicePorts ports = {
      disk.clock,     disk.random, *engine.repository, engine.blobs, engine.mailer, {}, {}, {},
      normalise_exam, {}};
  const auto exams =
      take_in(request, programme, {{"web", "a.jpg", photo}, {"web", "b.jpg", photo}}, ports);
  ASSERT_TRUE(exams) << exams.error().text;
  EXPECT_THAT(codes(exams->front().normalised.exam), Not(Contains("photo_duplicate")));
  EXPECT_THAT(codes(exams->back().normalised.exam),
              ::testing::IsSupersetOf({"photo_duplicate", "dermoscopy_missing"}));
  EXPECT_THAT(codes(exams->back().normalised.exam), Not(Contains("overview_missing")));
}

TEST_F(ExamIntake, AProgrammeKeepsTheRolesItWants) {
  Programme programme = engine.repository->programme(ProgrammeId("rythmologie")).value().value();
  programme.wanted_photos = {PhotoRole::close_up, PhotoRole::dermoscopy};
  const auto again = parse_programme(programme_json(programme));
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(again->wanted_photos, programme.wanted_photos);
}

}  // namespace telavis::test::exam_intake_test
