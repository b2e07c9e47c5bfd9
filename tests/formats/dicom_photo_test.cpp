// SPDX-License-Identifier: Apache-2.0
// Photo and PDF objects as they are written.
#include "tests/formats/dicom_written.h"

namespace telavis::dicom_test {

/// The one fragment of the encapsulated pixel data.
Bytes fragment_of(Object& object) {
  DcmElement* element = nullptr;
  object.file.getDataset()->findAndGetElement(DCM_PixelData, element);
  auto* pixels = dynamic_cast<DcmPixelData*>(element);
  DcmPixelSequence* sequence = nullptr;
  if (pixels == nullptr ||
      pixels->getEncapsulatedRepresentation(EXS_JPEGProcess1, nullptr, sequence).bad() ||
      sequence->card() != 2) {
    return {};
  }
  DcmPixelItem* item = nullptr;
  sequence->getItem(item, 1);
  Uint8* bytes = nullptr;
  item->getUint8Array(bytes);
  return {bytes, bytes + item->getLength()};
}

struct PhotoCase {
  std::string name;
  Bytes jpeg;
  std::string photometric;
  int samples;
  bool passed_through;
};

std::vector<PhotoCase> photo_cases() {
  const Pixels photo = fixtures::synthetic_skin_photo(160, 112, 4);
  const auto variant = [&](const JpegVariant& v) { return make_jpeg(photo, v); };
  const Bytes unaligned = make_jpeg(fixtures::synthetic_skin_photo(101, 67, 4), {});
  return {
      {"4:2:0", variant({}), "YBR_FULL_422", 3, true},
      {"4:2:2", variant({.horizontal = 2, .vertical = 1}), "YBR_FULL_422", 3, true},
      {"4:4:4", variant({.horizontal = 1, .vertical = 1}), "YBR_FULL_422", 3, true},
      {"grey", variant({.inks = Inks::grey}), "MONOCHROME2", 1, true},
      {"rgb", variant({.inks = Inks::rgb_with_adobe_marker, .horizontal = 1, .vertical = 1}),
       "YBR_FULL_422", 3, false},
      {"progressive", variant({.progressive = true}), "YBR_FULL_422", 3, false},
      {"cmyk", variant({.inks = Inks::cmyk_adobe, .horizontal = 1, .vertical = 1}), "YBR_FULL_422",
       3, false},
      {"sideways", fixtures::with_private_metadata(variant({}), 6, true), "YBR_FULL_422", 3, true},
      {"unaligned", *normalise_jpeg(fixtures::with_private_metadata(unaligned, 6, true)),
       "YBR_FULL_422", 3, false}};
}

TEST(WriteDicomPhoto, CarriesTheJpegUprightAndRightlyLabelled) {
  for (const PhotoCase& test : photo_cases()) {
    SCOPED_TRACE(test.name);
    DicomContext about = context();
    about.patient = {"42", "ÉTIENNE", "Zoé", "2001-12-31", Sex::female};
    about.content_local = "2026-03-09T10:20:30";
    const auto bytes = write_dicom_photo(test.jpeg, about);
    ASSERT_TRUE(bytes) << bytes.error().text;
    EXPECT_TRUE(looks_like_dicom(*bytes));
    EXPECT_FALSE(contains(*bytes, "PLANTED"));
    expect_conformant(*bytes, "VLPhotographicImage");
    Object object(*bytes);
    ASSERT_TRUE(object.status.good()) << object.status.text();
    EXPECT_EQ(object.file.getDataset()->getOriginalXfer(), EXS_JPEGProcess1);
    EXPECT_EQ(object.text(DCM_SOPClassUID), UID_VLPhotographicImageStorage);
    EXPECT_EQ(object.text(DCM_Modality), "XC");
    EXPECT_EQ(object.text(DCM_PatientName), "ÉTIENNE^Zoé");
    EXPECT_EQ(object.text(DCM_PhotometricInterpretation), test.photometric);
    EXPECT_EQ(object.text(DCM_SamplesPerPixel), std::to_string(test.samples));
    EXPECT_EQ(object.text(DCM_LossyImageCompression), "01");
    EXPECT_EQ(object.text(DCM_LossyImageCompressionMethod), "ISO_10918_1");
    EXPECT_EQ(object.text(DCM_ImageType),
              test.passed_through ? "ORIGINAL\\PRIMARY" : "DERIVED\\PRIMARY");

    const Bytes normalised = *normalise_jpeg(test.jpeg);
    const Bytes fragment = fragment_of(object);
    ASSERT_FALSE(fragment.empty());
    EXPECT_EQ(fragment.size() % 2, 0U);
    const auto inside = inspect_jpeg(fragment);
    ASSERT_TRUE(inside);
    EXPECT_EQ(inside->version, "baseline");
    EXPECT_EQ(inside->orientation, 1);
    EXPECT_TRUE(inside->private_metadata.empty());
    EXPECT_EQ(object.text(DCM_Columns), std::to_string(inside->width));
    EXPECT_EQ(object.text(DCM_Rows), std::to_string(inside->height));
    if (test.passed_through) {
      Bytes padded = normalised;
      if (padded.size() % 2 != 0) padded.push_back(0);
      EXPECT_EQ(fragment, padded);
    }
    const auto expected = decode_jpeg(normalised, 4000);
    const Pixels shown = plain_decode(fragment);
    ASSERT_EQ(shown.rgb.size(), expected->rgb.size());
    double difference = 0;
    for (std::size_t i = 0; i < shown.rgb.size(); ++i) {
      difference += std::abs(shown.rgb[i] - expected->rgb[i]);
    }
    EXPECT_LT(difference / static_cast<double>(shown.rgb.size()), test.passed_through ? 0.001 : 2);
    const double ratio = number(object.text(DCM_LossyImageCompressionRatio));
    const double length =
        static_cast<double>(test.passed_through ? normalised.size() : fragment.size());
    EXPECT_NEAR(ratio, inside->width * inside->height * test.samples / length, 0.02);
  }
}

TEST(WriteDicomPhoto, DermoscopyIsItsOwnObject) {
  const Bytes jpeg = photo_cases()[0].jpeg;
  const auto bytes = write_dicom_photo(jpeg, context(), PhotoRole::dermoscopy);
  ASSERT_TRUE(bytes) << bytes.error().text;
  expect_conformant(*bytes, "DermoscopicPhotographyImage");
  Object object(*bytes);
  EXPECT_EQ(object.text(DCM_SOPClassUID), UID_DermoscopicPhotographyImageStorage);
  EXPECT_EQ(object.text(DCM_Modality), "DMS");
  const auto exam = decode_dicom(*bytes);
  ASSERT_TRUE(exam);
  EXPECT_EQ(std::get<SkinPhoto>(exam->exam).role, PhotoRole::dermoscopy);
  EXPECT_EQ(exam->document, *normalise_jpeg(jpeg));
}

TEST(WriteDicomPhoto, ComesBackAsTheSameJpeg) {
  for (const PhotoCase& test : photo_cases()) {
    SCOPED_TRACE(test.name);
    DicomContext about = context();
    about.patient = {"42", "ÉTIENNE", "Zoé", "2001-12-31", Sex::female};
    about.content_local = "2026-03-09T10:20:30";
    const auto bytes = write_dicom_photo(test.jpeg, about);
    ASSERT_TRUE(bytes);
    const auto exam = decode_dicom(*bytes);
    ASSERT_TRUE(exam) << exam.error().text;
    const auto& photo = std::get<SkinPhoto>(exam->exam);
    EXPECT_EQ(photo.patient.given_name, "Zoé");
    EXPECT_EQ(photo.acquired_at.local, "2026-03-09T10:20:30");
    EXPECT_THAT(photo.findings, testing::IsEmpty());
    EXPECT_THAT(photo.private_metadata, testing::IsEmpty());
    if (test.passed_through) {
      EXPECT_EQ(exam->document, *normalise_jpeg(test.jpeg));
    }
  }
}

TEST(WriteDicomPdf, CarriesTheBytesAsTheyAre) {
  DicomContext about = context();
  about.patient = {"42", "ÉTIENNE", "Zoé", "2001-12-31", Sex::female};
  about.content_local = "2026-03-09T10:20:30";
  for (const std::string pdf : {"%PDF-1.7\neven %%EOF", "%PDF-1.7\nodd, %%EOF"}) {
    const auto bytes = write_dicom_pdf(as_bytes(pdf), "Compte rendu\\d'ECG", about);
    ASSERT_TRUE(bytes) << bytes.error().text;
    expect_conformant(*bytes, "EncapsulatedPDF");
    Object object(*bytes);
    EXPECT_EQ(object.text(DCM_SOPClassUID), UID_EncapsulatedPDFStorage);
    EXPECT_EQ(object.text(DCM_DocumentTitle), "Compte rendu d'ECG");
    EXPECT_EQ(object.text(DCM_EncapsulatedDocumentLength), std::to_string(pdf.size()));
    const Uint8* content = nullptr;
    unsigned long length = 0;
    ASSERT_TRUE(object.file.getDataset()
                    ->findAndGetUint8Array(DCM_EncapsulatedDocument, content, &length)
                    .good());
    EXPECT_EQ(length, pdf.size() + pdf.size() % 2);
    const auto exam = decode_dicom(*bytes);
    ASSERT_TRUE(exam);
    EXPECT_EQ(as_text(exam->document), pdf);
    EXPECT_EQ(std::get<PdfDocument>(exam->exam).patient.family_name, "ÉTIENNE");
  }
  EXPECT_TRUE(write_dicom_pdf(as_bytes("%PDF-1.4"), "", context()));
  EXPECT_EQ(error_of(write_dicom_pdf(as_bytes("no"), "", context())), ErrorCode::malformed_file);
  EXPECT_EQ(error_of(write_dicom_pdf(as_bytes("%PDF-1.4"), "", {})),
            ErrorCode::unsupported_conversion);
}

TEST(WriteDicomPhoto, NeedsNoDateAndNoPatient) {
  const auto bytes = write_dicom_photo(photo_cases()[0].jpeg, context());
  ASSERT_TRUE(bytes);
  expect_conformant(*bytes, "VLPhotographicImage");
  Object object(*bytes);
  EXPECT_EQ(object.text(DCM_StudyDate), "");
  EXPECT_TRUE(object.file.getDataset()->tagExists(DCM_PatientID));
}

TEST(WriteDicomPhoto, RefusesWhatIsNoPhoto) {
  EXPECT_EQ(error_of(write_dicom_photo({}, context())), ErrorCode::empty_file);
  EXPECT_EQ(error_of(write_dicom_photo(as_bytes("%PDF-1.4"), context())),
            ErrorCode::malformed_file);
  EXPECT_EQ(error_of(write_dicom_photo(photo_cases()[0].jpeg, {})),
            ErrorCode::unsupported_conversion);
}

TEST(WriteDicomPhoto, RealDermoscopyIsConformant) {
  TELAVIS_NEED_SHARED("samples/dermoscopy");
  for (const auto& entry :
       std::filesystem::directory_iterator(shared_folder() / "samples/dermoscopy")) {
    const auto bytes = write_dicom_photo(read_file(entry.path()), context());
    ASSERT_TRUE(bytes) << entry.path();
    expect_conformant(*bytes, "VLPhotographicImage");
  }
}

}  // namespace telavis::dicom_test
