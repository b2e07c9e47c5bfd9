// SPDX-License-Identifier: Apache-2.0
// What the tests of written DICOM objects share: DCMTK reads them, dciodvfy judges them.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <fstream>

#include "fixtures/synthetic_photo.h"
#include "formats/dicom.h"
#include "formats/dicom_text.h"
#include "formats/scp_ecg.h"
#include "tests/formats/jpeg_variants.h"
#include "tests/shared_samples.h"
#include "tests/temp_folder.h"

namespace telavis::dicom_test {

using namespace telavis::test;

inline const std::string kGeneral32 = "1.2.840.10008.5.1.4.1.1.9.1.4";  // newer than DCMTK 3.6.7

inline DicomContext context() {
  DicomContext context;
  context.study_uid = "2.25.1001";
  context.series_uid = "2.25.1002";
  context.instance_uid = "2.25.1003";
  return context;
}

struct Object {
  explicit Object(const Bytes& bytes) {
    DcmInputBufferStream stream;
    stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    stream.setEos();
    file.transferInit();
    status = file.read(stream);
    file.transferEnd();
  }
  std::string text(const DcmTagKey& key, DcmItem* item = nullptr) {
    OFString value;
    (item == nullptr ? file.getDataset() : item)->findAndGetOFStringArray(key, value);
    return {value.data(), value.length()};
  }
  DcmItem* item(const DcmTagKey& sequence, long index, DcmItem* in = nullptr) {
    DcmItem* found = nullptr;
    (in == nullptr ? file.getDataset() : in)->findAndGetSequenceItem(sequence, found, index);
    return found;
  }
  DcmFileFormat file;
  OFCondition status;
};

inline double number(const std::string& text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  EXPECT_EQ(read.ec, std::errc()) << text;
  return value;
}

/// The lines of dciodvfy that say Error.
inline std::vector<std::string> dciodvfy_errors(const Bytes& object, std::string* all = nullptr) {
  const test::TempFolder folder;
  const std::string path = folder.path() / "object.dcm";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(object.data()),
             static_cast<std::streamsize>(object.size()));
  const std::string output = output_of("dciodvfy " + path);
  if (all != nullptr) *all = output;
  std::vector<std::string> errors;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    if (line.find("Error") != std::string::npos) errors.push_back(line);
    at = end + 1;
  }
  return errors;
}

inline void expect_conformant(const Bytes& object, const std::string& iod) {
  if (!installed("dciodvfy")) return;  // said by Dciodvfy.IsInstalled
  std::string output;
  EXPECT_THAT(dciodvfy_errors(object, &output), testing::IsEmpty());
  EXPECT_THAT(output, testing::HasSubstr(iod));
}

template <typename T>
ErrorCode error_of(const Result<T>& result) {
  return result ? ErrorCode::internal : result.error().code;
}

}  // namespace telavis::dicom_test
