// SPDX-License-Identifier: Apache-2.0
#include "engine/http/dicomweb_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/http/media_types.h"
#include "formats/dicom_tags.h"

namespace telavis::test::dicomweb_query_test {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

DicomSearch parsed(const std::string& query, DicomLevel level = DicomLevel::study) {
  auto search = parse_dicom_search(level, query);
  EXPECT_TRUE(search) << query;
  return search.value_or(DicomSearch());
}

DicomInstance instance(const std::string& study, const std::string& series,
                       const std::string& uid) {
  DicomInstance made;
  made.case_id = CaseId("c-" + study);
  made.heading = {study,
                  series,
                  uid,
                  "1.2.840.10008.5.1.4.1.1.9.1.1",
                  "1.2.840.10008.1.2.1",
                  "ECG",
                  "",
                  "20260302",
                  "093000",
                  1,
                  1,
                  0,
                  0,
                  0};
  made.patient = {"279035121518989", "D'Été-Œuf", "Élise", "1979-03-14", Sex::female};
  made.accession = "TE-2026-1";
  made.requester = "Dr Camille Essai";
  return made;
}

std::vector<DicomInstance> all() {
  std::vector<DicomInstance> made = {instance("1.1", "1.1.1", "1.1.1.1"),
                                     instance("1.1", "1.1.2", "1.1.2.1"),
                                     instance("1.2", "1.2.1", "1.2.1.1")};
  made[1].heading.modality = "XC";
  made[1].heading.rows = 480;
  made[2].patient.family_name = "Martin";
  made[2].heading.study_date = "20250101";
  made[2].accession = "TE-2025-9";
  return made;
}

std::vector<std::string> studies(const std::string& query) {
  std::vector<std::string> found;
  for (const DicomInstance& one : find_dicom(parsed(query), all(), "").shown)
    found.push_back(one.heading.study);
  return found;
}

TEST(DicomSearch, ReadsKeywordsTagsAndOptions) {
  const DicomSearch search = parsed(
      "PatientName=D%2A&00100020=1&includefield=StudyDescription,00081030&includefield=all&limit=7"
      "&offset=3&&fuzzymatching=true");
  ASSERT_THAT(search.keys, SizeIs(2));
  EXPECT_EQ(search.keys[0].tag, dicom_tag::kPatientName);
  EXPECT_EQ(search.keys[0].value, "D*");
  EXPECT_EQ(search.keys[1].tag, dicom_tag::kPatientId);
  EXPECT_THAT(search.include, ElementsAre(0x00081030U, 0x00081030U));
  EXPECT_TRUE(search.include_all);
  EXPECT_EQ(search.limit, 7U);
  EXPECT_EQ(search.offset, 3U);
  EXPECT_THAT(search.warnings, SizeIs(1));
  EXPECT_THAT(parsed("fuzzymatching=false").warnings, IsEmpty());
  EXPECT_EQ(parsed("limit=100000").limit, kMaxSearchResults);
}

TEST(DicomSearch, WhatIsNotMatchedOnIsSaid) {
  for (const char* query : {"InstitutionName=x", "NoSuchKeyword=x", "00091010=x",
                            "ScheduledProcedureStepSequence.Modality=x", "=x"}) {
    const DicomSearch search = parsed(query);
    EXPECT_THAT(search.warnings, SizeIs(1)) << query;
    EXPECT_THAT(search.keys, IsEmpty()) << query;
  }
}

TEST(DicomSearch, HostileQueriesAreRefused) {
  std::string many;
  for (std::size_t i = 0; i <= kMaxSearchKeys; ++i) many += "&PatientID=1";
  for (const std::string& query :
       {std::string("limit=-1"), std::string("limit="), std::string("offset=1x"),
        std::string("limit=99999999999999999999"), std::string("PatientID=%zz"), many}) {
    EXPECT_EQ(parse_dicom_search(DicomLevel::study, query).error().code,
              ErrorCode::malformed_request)
        << query;
  }
}

TEST(DicomSearch, MatchesByKindOfValue) {
  const std::vector<std::string> both = {"1.1", "1.2"};
  for (const char* query :
       {"", "PatientName=*", "PatientID=27903*", "PatientBirthDate=19790314", "PatientSex=F",
        "ModalitiesInStudy=ECG", "StudyInstanceUID=1.1,1.2", "StudyInstanceUID=1.2%5C1.1",
        "StudyDate=20250101-20260302", "AccessionNumber=TE-*", "ReferringPhysicianName=essai"})
    EXPECT_EQ(studies(query), both) << query;
  for (const char* query :
       {"PatientName=ete", "PatientName=d%27%C3%A9t%C3%A9-oeuf%5Eelise", "ModalitiesInStudy=XC",
        "StudyDate=20260101-", "AccessionNumber=TE-2026-1", "SOPInstanceUID=1.1.2.1",
        "StudyInstanceUID=1.1"})
    EXPECT_EQ(studies(query), std::vector<std::string>{"1.1"}) << query;
  for (const char* query :
       {"PatientName=marti", "PatientID=2", "ModalitiesInStudy=CT", "StudyInstanceUID=1.*",
        "StudyDate=2024", "PatientSex=M", "PatientName=ete&ModalitiesInStudy=CT"})
    EXPECT_THAT(studies(query), IsEmpty()) << query;
}

TEST(DicomSearch, PagesAndSaysHowManyThereAreMore) {
  const auto found = [&](const std::string& query) {
    return find_dicom(parsed(query, DicomLevel::instance), all(), "");
  };
  EXPECT_THAT(found("").results, SizeIs(3));
  EXPECT_EQ(found("limit=1").more, 2U);
  EXPECT_EQ(found("limit=1&offset=1").shown[0].heading.instance, "1.1.2.1");
  EXPECT_EQ(found("limit=1&offset=1").more, 1U);
  EXPECT_THAT(found("offset=3").results, IsEmpty());
  EXPECT_THAT(found("limit=0").shown, IsEmpty());
}

TEST(AcceptHeader, TheBestLikedComesFirst) {
  EXPECT_TRUE(accepted_types("").at(0).includes("image/jpeg"));
  const auto ranges = accepted_types(
      "text/html;q=0.1, multipart/related; type=\"application/dicom\"; transfer-syntax=*, "
      "image/*;q=0.5, application/json;q=0, broken;;=");
  ASSERT_THAT(ranges, SizeIs(3));
  EXPECT_TRUE(ranges[0].includes_parts("application/dicom"));
  EXPECT_FALSE(ranges[0].includes_parts("application/dicom+xml"));
  EXPECT_TRUE(ranges[1].includes("image/jpeg"));
  EXPECT_FALSE(ranges[1].includes("imagejpeg"));
  EXPECT_EQ(ranges[2].type.value, "text/html");
  EXPECT_THAT(accepted_types(std::string(10'000, ',')), IsEmpty());
}

}  // namespace telavis::test::dicomweb_query_test
