// SPDX-License-Identifier: Apache-2.0
// Drawings: tracings on millimetre paper (25 mm/s, 10 mm/mV) and the report, by cairo and pango.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// ISO A4 landscape for tracings. Both are exact to 0.1 mm: 25 mm a second, 10 mm a millivolt.
inline constexpr double kPaperSpeedMmPerS = 25.0;
inline constexpr double kPaperGainMmPerMv = 10.0;

/// 3 rows of 4 leads of 2.5 s each and a rhythm strip of lead II below, calibration pulse; leads
/// beyond the twelve are listed on further rows.
Result<Bytes> render_ecg_pdf(const EcgRecording& recording);
Result<std::string> render_ecg_svg(const EcgRecording& recording);
/// A raster of the same page, `dots_per_inch` 72..300.
Result<Bytes> render_ecg_jpeg(const EcgRecording& recording, int dots_per_inch);
/// One photo on an A4 page.
Result<Bytes> render_photo_pdf(ByteView jpeg);

/// What the report says. Every string is already in the reader's language; the renderer adds none.
struct ReportSection {
  std::string heading;
  std::vector<std::pair<std::string, std::string>> lines;  // label (may be empty), text
};
struct ReportContent {
  std::string title;                    // "Compte rendu de téléexpertise"
  std::string subtitle;                 // programme, case number
  std::vector<ReportSection> sections;  // patient, request, opinion, ...
  std::vector<EcgRecording> tracings;   // each on a landscape page of its own
  std::vector<Bytes> photos;            // upright JPEGs, two a page
  std::string footer;                   // seal and page mention, on every page
};
/// A4, fonts embedded, text selectable. Deterministic: same content, same bytes (no clock).
Result<Bytes> render_report_pdf(const ReportContent& content);

}  // namespace telavis
