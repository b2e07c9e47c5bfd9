// SPDX-License-Identifier: Apache-2.0
// make_dicom_seeds FOLDER: writes fixtures/fuzz/dicom anew, small objects of every kind, each named
// by the SHA-256 of its bytes.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "fixtures/synthetic_photo.h"
#include "formats/dicom.h"
#include "tests/formats/dicom_objects.h"
#include "tests/formats/dicom_recoded.h"
#include "tests/formats/jpeg_variants.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace telavis;
using namespace telavis::test;

/// Two groups, padding, a baseline, annotations of both kinds.
Bytes tracing(ObjectEncoding encoding) {
  TestGroup rhythm;
  rhythm.channels = {TestChannel{}, TestChannel{.code = "5.6.3-9-61", .scheme = "SCPECG"}};
  rhythm.channels[1].baseline = "1.25";
  rhythm.samples = {{1, -2, 3, -32768}, {5, 6, 7, 8}};
  rhythm.padding = {-32768};
  TestGroup beat = rhythm;
  beat.originality = "DERIVED";
  ObjectBuilder text(encoding);
  text.text(0x00700006, "ST", "RYTHME SINUSAL");
  ObjectBuilder measured(encoding);
  measured.code(0x0040A043, "2:16160", "MDC", "QT interval global");
  measured.text(0x0040A30A, "DS", "380").code(0x004008EA, "ms", "UCUM", "millisecond");
  return ecg_object({rhythm, beat}, encoding, kGeneralEcgClass, {text, measured})
      .file(kGeneralEcgClass);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_dicom_seeds FOLDER\n", stderr));
    return 2;
  }
  const Pixels photo = fixtures::synthetic_skin_photo(16, 8, 1);
  const Bytes plain = picture_object(16, 8, 3, "RGB", 8, [&](ObjectBuilder& object) {
                        object.raw(0x7FE00010, "OB", photo.rgb);
                      }).file(kSecondaryCaptureClass);
  DicomContext context;
  context.study_uid = context.series_uid = context.instance_uid = "2.25.1";
  const DJ_RPLossless lossless;
  const Bytes jpeg = make_jpeg(photo, {.quality = 30});
  bool written = true;
  for (const Bytes& seed :
       {tracing({}), tracing({.explicit_vr = false, .open_sequences = true}),
        recoded(plain, EXS_RLELossless), recoded(plain, EXS_JPEGProcess14SV1, &lossless),
        recoded(plain, EXS_JPEGLSLossless),
        write_dicom_photo(jpeg, context, PhotoRole::dermoscopy).value_or(Bytes{}),
        write_dicom_pdf(as_bytes("%PDF-1.4 a report"), "Report", context).value_or(Bytes{}),
        recoded(tracing({}), EXS_BigEndianExplicit)}) {
    written = write_named_by_hash(argv[1], seed) && written;
  }
  return written ? 0 : 1;
}
