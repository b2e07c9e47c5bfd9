// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_worklist.h"

#include <gtest/gtest.h>

#include "devices/dicom_data.h"
#include "engine/core/crypto.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"

namespace telavis::dicom_worklist_test {
namespace {

WorklistEntry entry() {
  WorklistEntry made;
  made.exam.case_id = CaseId("c1");
  made.exam.number = "2026-00017";
  made.exam.patient = {"P-9", "D'Été-Œuf", "Élise Anne", "1953-05-08", Sex::female};
  made.exam.ins = "253057512345678";
  made.exam.requester = "Dr Camille Essai";
  made.station = "CART";
  made.date = "20260302";
  made.time = "000000";
  made.modality = "ECG";
  return made;
}

WorklistQuery named(const std::string& name) {
  WorklistQuery query;
  query.patient_name = name;
  return query;
}

TEST(DicomWorklist, MatchesNamesWithoutCaseAccentsOrOrder) {
  for (const char* name : {"", "*", "ete", "D'ETE-OEUF^ELISE", "d'été-œuf^élise anne", "elise",
                           "oe*", "ELISE^OEUF", "E?ISE", "*UF^EL*", "D ETE OEUF*", "D*ANNE"})
    EXPECT_TRUE(matches(named(name), entry())) << name;
  for (const char* name : {"elis", "martin", "martin*", "oeuf^marie", "?????????????", "^x"})
    EXPECT_FALSE(matches(named(name), entry())) << name;
}

TEST(DicomWorklist, APatternOfStarsEndsSoon) {
  EXPECT_FALSE(
      matches(named(std::string(5000, '*') + "x" + std::string(5000, '*') + "y"), entry()));
}

TEST(DicomWorklist, MatchesNumbers) {
  WorklistQuery query;
  query.patient_id = "253057512345678";
  EXPECT_TRUE(matches(query, entry()));
  query.patient_id = "P-9";
  EXPECT_TRUE(matches(query, entry()));
  query.patient_id = "P-?";
  EXPECT_TRUE(matches(query, entry()));
  query.patient_id = "P";
  EXPECT_FALSE(matches(query, entry()));
  query = {};
  query.accession = "2026-00017";
  EXPECT_TRUE(matches(query, entry()));
  query.accession = "2026-00018";
  EXPECT_FALSE(matches(query, entry()));
}

TEST(DicomWorklist, MatchesDates) {
  for (const char* date : {"", "20260302", "20260301-20260303", "20260302-", "-20260302", "-"}) {
    WorklistQuery query;
    query.date = date;
    EXPECT_TRUE(matches(query, entry())) << date;
  }
  for (const char* date : {"20260301", "20260303-", "-20260301", "20250101-20251231", "x"}) {
    WorklistQuery query;
    query.date = date;
    EXPECT_FALSE(matches(query, entry())) << date;
  }
  WorklistQuery born;
  born.birth_date = "19530508";
  EXPECT_TRUE(matches(born, entry()));
  born.birth_date = "19530509";
  EXPECT_FALSE(matches(born, entry()));
}

TEST(DicomWorklist, MatchesTheStationAndTheModality) {
  WorklistQuery query;
  query.station = "CART";
  EXPECT_TRUE(matches(query, entry()));
  query.station = "OTHER";
  EXPECT_FALSE(matches(query, entry()));
  const auto modality = [](const char* asked) {
    WorklistQuery of;
    of.modality = asked;
    return worklist_modality(of);
  };
  EXPECT_EQ(modality(""), "ECG");
  EXPECT_EQ(modality("ECG"), "ECG");
  EXPECT_EQ(modality("DMS"), "DMS");
  EXPECT_EQ(modality("CT"), "");
  WorklistEntry none = entry();
  none.modality = "";
  EXPECT_FALSE(matches({}, none));
}

TEST(DicomWorklist, ReadsAQueryInItsCharacterSet) {
  DicomBuilder query, step;
  query.text(dicom_tag::kSpecificCharacterSet, "CS", "ISO_IR 100");
  query.text(dicom_tag::kPatientName, "PN", "\xC9T\xC9^Anna=x=y");
  query.text(dicom_tag::kAccessionNumber, "SH", " 17 ");
  step.text(0x00400002, "DA", "20260302-20260303");
  step.text(dicom_tag::kModality, "CS", "ECG");
  query.item(0x00400100, step);
  const auto data = read_dicom_data(query.encoded(), kExplicitLittle);
  ASSERT_TRUE(data);
  const WorklistQuery read = read_worklist_query(data->elements);
  EXPECT_EQ(read.patient_name, "ÉTÉ^Anna");
  EXPECT_EQ(read.accession, "17");
  EXPECT_EQ(read.date, "20260302-20260303");
  EXPECT_EQ(read.modality, "ECG");
}

TEST(DicomWorklist, WritesTheSameStudyForACase) {
  const auto study = [](const WorklistEntry& of) {
    const auto data = read_dicom_data(worklist_item(of).encoded(), kExplicitLittle);
    return data ? std::string(dicom_raw_text(data->elements, dicom_tag::kStudyInstance))
                : std::string();
  };
  WorklistEntry other = entry();
  EXPECT_EQ(study(entry()), study(other));
  EXPECT_TRUE(study(other).starts_with("2.25."));
  other.exam.case_id = CaseId("c2");
  EXPECT_NE(study(entry()), study(other));
}

TEST(DicomData, WritesBothEncodings) {
  DicomBuilder inner, outer;
  inner.text(dicom_tag::kModality, "CS", "ECG");
  outer.item(0x00400100, inner);
  outer.item(0x00400100, inner);
  outer.text(dicom_tag::kPatientId, "LO", "7");
  // PS3.5 7.1.3: tag, length of four bytes, value.
  const Bytes implicit = dicom_data_bytes(outer, kImplicitLittle);
  const Bytes expected = {
      0x10, 0,    0x20, 0,    2,  0, 0, 0, '7', ' ',                            //
      0x40, 0,    0,    1,    40, 0, 0, 0,                                      //
      0xFE, 0xFF, 0,    0xE0, 12, 0, 0, 0, 8,   0,   0x60, 0, 4, 0, 0, 0, 'E',  //
      'C',  'G',  ' ',                                                          //
      0xFE, 0xFF, 0,    0xE0, 12, 0, 0, 0, 8,   0,   0x60, 0, 4, 0, 0, 0, 'E', 'C', 'G', ' '};
  EXPECT_EQ(to_hex(implicit), to_hex(expected));
  EXPECT_EQ(dicom_data_bytes(outer, kExplicitLittle), outer.encoded());
}

}  // namespace
}  // namespace telavis::dicom_worklist_test
