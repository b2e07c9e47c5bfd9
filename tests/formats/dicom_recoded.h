// SPDX-License-Identifier: Apache-2.0
// DICOM files in other transfer syntaxes, by DCMTK's own encoders.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmimage/diregist.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpls/djencode.h>

#include "formats/bytes.h"

namespace telavis::test {

/// The same object in another transfer syntax; empty when DCMTK cannot.
inline Bytes recoded(const Bytes& file, E_TransferSyntax syntax,
                     const DcmRepresentationParameter* parameter = nullptr) {
  static const bool registered = [] {
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
    DcmRLEEncoderRegistration::registerCodecs();
    return true;
  }();
  static_cast<void>(registered);
  DcmInputBufferStream in;
  in.setBuffer(file.data(), static_cast<offile_off_t>(file.size()));
  in.setEos();
  DcmFileFormat object;
  object.transferInit();
  if (object.read(in).bad()) return {};
  object.transferEnd();
  if (object.getDataset()->chooseRepresentation(syntax, parameter).bad()) return {};
  Bytes out(file.size() * 2 + 100'000);
  DcmOutputBufferStream stream(out.data(), static_cast<offile_off_t>(out.size()));
  object.transferInit();
  if (object.write(stream, syntax, EET_ExplicitLength, nullptr).bad()) return {};
  object.transferEnd();
  stream.flush();
  void* bytes = nullptr;
  offile_off_t length = 0;
  stream.flushBuffer(bytes, length);
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace telavis::test
