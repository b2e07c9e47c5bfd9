// SPDX-License-Identifier: Apache-2.0
// DICOM objects: ECG waveforms, photos of visible light, dermoscopy, PDF documents. Structure and
// samples are read and written here; DCMTK converts characters and decompresses frames
// (formats/dicom_library.cpp).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// "DICM" at offset 128 (or 0), or the elements of a file without preamble.
bool looks_like_dicom(ByteView file);

/// Reads (PS3.3, PS3.5, PS3.10):
/// - tracings: 12-lead, General, Ambulatory, General 32-bit ECG and the ECG leads of Hemodynamic
///   Waveform. No document.
/// - photos: VL Photographic, Dermoscopic (role dermoscopy), VL Endoscopic and Microscopic,
///   Secondary Capture; first frame; uncompressed, RLE, JPEG, JPEG lossless and JPEG-LS. The
///   document is the upright private-free JPEG: the encapsulated one when it is of 8 bits (at most
///   64 megapixels), else one of quality 95 without loss of chroma (at most 32).
/// - Encapsulated PDF: the document is the PDF; `pages` stays 0.
/// Any other class is unsupported_format with its name: pictures of other modalities need their own
/// viewer. Errors besides: empty_file, truncated_file, malformed_file, limit_exceeded,
/// unsupported_encoding (JPEG 2000, video, sound, colours that are not read).
/// Findings: acquisition_time_invalid, acquisition_time_missing, birth_date_invalid,
/// channel_not_ecg, dicom_meta_missing, dimensions_mismatch, document_length_mismatch,
/// duplicate_lead, filters_differ, filters_swapped, group_unread, lead_empty, lead_gap,
/// lead_length_mismatch, lead_scale_missing, lead_skew, lead_start_invalid, multiple_frames,
/// sample_out_of_range, statements_truncated, time_zone_invalid, trailing_bytes,
/// transfer_syntax_mismatch, and those of inspect_jpeg.
Result<DecodedExam> decode_dicom(ByteView file);

/// What decode_dicom reads, as a network negotiates it: SOP Class UIDs (PS3.4 table B.5-1) with
/// their names, and transfer syntaxes (PS3.5 chapter 10), the best first.
struct DicomUidName {
  std::string_view uid;
  std::string_view name;
};
std::span<const DicomUidName> dicom_storage_classes();
std::span<const DicomUidName> dicom_transfer_syntaxes();

/// What a DICOM object needs and a recording does not hold. UIDs: PS3.5 chapter 9, at most 64
/// characters, made by the caller (see dicom_uid). Instants "YYYY-MM-DDTHH:MM:SS" local time.
struct DicomContext {
  std::string study_uid, series_uid, instance_uid;
  PatientIdentity patient;            // replaces the identity of the file when it is not empty
  DeviceIdentity device;              // of a photo or document, where known
  std::string content_local;          // ContentDate and ContentTime; empty: the acquisition's
  std::string accession_number = {};  // SH; empty: none
  std::string referring_physician = {};
};

/// A legal UID "2.25.<integer>" from 16 bytes (PS3.5 B.2).
std::string dicom_uid(const std::array<std::uint8_t, 16>& uuid);

/// The narrowest of three objects that holds the recording, Explicit VR Little Endian:
/// - 12-lead ECG (1.2.840.10008.5.1.4.1.1.9.1.1): at most 13 channels and 16,384 samples, 200..1000
///   Hz, the eight leads I II V1..V6 among them;
/// - General ECG (...9.1.2): 1..24 channels, 200..1000 Hz;
/// - General 32-bit ECG (...9.1.4): when a sample exceeds 16 bits or the rate 200..1000 Hz; its
///   limits (1..24 channels, SL) are unverified.
/// Where a lead was not recorded all the time its gaps hold the Waveform Padding Value. The median
/// beat is a second, DERIVED group. Measurements become annotations (MDC and LOINC codes), device
/// statements text annotations, a confirmation the text "CONFIRMED REPORT". Not carried:
/// pacemaker_spikes, lead_measurements (unverified codes). Errors: unsupported_conversion, also for
/// a recording without date, a lead without a code (CID 3001) and more than 16 Mi samples.
Result<Bytes> write_dicom_ecg(const EcgRecording& recording, const DicomContext& context);

/// VL Photographic Image Storage (1.2.840.10008.5.1.4.1.1.77.1.4), or Dermoscopic Photography Image
/// Storage (...77.1.7) for a photo of that role, around a normalised baseline JPEG, bytes passed
/// through unchanged (1.2.840.10008.1.2.4.50). What that syntax cannot show as it is (progressive,
/// CMYK, RGB components, an orientation left in EXIF) is encoded anew, upright. An ICC profile of
/// the photo is repeated as the attribute.
Result<Bytes> write_dicom_photo(ByteView normalised_jpeg, const DicomContext& context,
                                PhotoRole role = PhotoRole::unstated);

/// Encapsulated PDF Storage (1.2.840.10008.5.1.4.1.1.104.1) around the bytes as they are. Errors:
/// malformed_file when they are no PDF, unsupported_conversion.
Result<Bytes> write_dicom_pdf(ByteView pdf, std::string_view title, const DicomContext& context);

}  // namespace telavis
