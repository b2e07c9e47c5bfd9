// SPDX-License-Identifier: Apache-2.0
// Drawings: tracings on millimetre paper (25 mm/s, 10 mm/mV) and the report, by cairo and pango.
// Every PDF is PDF/A-1b (ISO 19005-1, see pdfa.h) and deterministic (same content, same bytes: no
// clock). The typeface is DejaVu Sans (package fonts-dejavu-core) and no other: a character
// it lacks is drawn as a box with its code, so that no other installed font changes the result.
#pragma once

#include <functional>
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

/// The few words written on a tracing and in the margins of a report; French unless the caller says
/// otherwise. Instants and dates are written day first, "08/05/1953".
struct RenderLabels {
  std::string recorded = "Enregistré le";
  std::string born = "né(e) le";
  std::string identifier = "ID";
  std::string filters = "filtres";
  std::string mains = "secteur";
  std::string missing_lead = "non enregistrée";
  std::string derived_note = "* dérivation calculée";
  std::string recentred_note = "† tracé recentré";
  std::string own_start_note = "t : début de la colonne";
  std::string total_duration = "extrait, durée totale";
  std::string page = "Page";
  std::string photo = "Photo";
  char decimal_mark = ',';
  // what the device states, above the tracing
  std::string device_measurements = "Appareil, non vérifié :";
  std::string unconfirmed_statements = "Énoncés de l'appareil, non vérifiés, non confirmés :";
  std::string confirmed_statements =
      "Énoncés de l'appareil, confirmés par un médecin selon le fichier :";
  std::string ventricular_rate = "FC";
  std::string atrial_rate = "FC auriculaire";
  std::string axes = "axes";
  std::string unknown_formula = "formule non précisée";
  std::string pacemaker_spikes = "impulsions de stimulateur déclarées :";
  // technical findings of severity warning or error, below the tracing
  std::string findings = "Remarques techniques";
  /// The sentence for a finding in the reader's language. Without it only their number is written.
  std::function<std::string(const Finding&)> finding_text;
};

/// How a tracing stands on its pages, always at 25 mm/s and 10 mm/mV.
enum class EcgLayout {
  /// With at least seven of the twelve standard leads as three_by_four_rhythm; with fewer, each
  /// lead
  /// on a row of 10 s, four a page, and a single lead goes on over four rows (40 s).
  automatic,
  /// 3 rows of 4 leads of 2.5 s and a rhythm strip of 10 s (lead II, or the first present).
  three_by_four_rhythm,
  /// 6 rows of 2 leads of 5 s: limb leads, then chest leads.
  six_by_two,
  /// Each lead on a row of 10 s, up to twelve a page; the recording goes on over as many pages as
  /// it
  /// takes. A single lead: four rows of 10 s a page.
  twelve_by_one,
};

/// Tracing on A4 landscape, leads chosen by code, a calibration pulse (1 mV during 200 ms) at the
/// beginning of each row. The two layouts in columns show the twelve standard leads (an absent one
/// is said to be) and set every other lead on a row of 10 s, four a page; without any standard lead
/// they are as `automatic`. Their columns follow one another in time; when the recording is too
/// short for that, each starts where its leads do, and says so. A trace is cut at the edge of the
/// grid, never squeezed; a lead whose median is more than half a row away from zero is moved back
/// to its row and marked "†". Derived leads carry "*". Leads that no code names have their label.
/// Above the tracing stands what the device states, below it the technical findings, both within a
/// few lines that say how many more there are; rows move closer together to make room (from 4 mV to
/// 3 mV in 3x4). `recording.patient` is printed as it is: the caller decides what stands in it.
/// Errors: render_failed (no sample, a gain or interval that is not a positive number, more than
/// kMaxPages pages, font missing).
Result<Bytes> render_ecg_pdf(const EcgRecording& recording, const RenderLabels& labels = {},
                             EcgLayout layout = EcgLayout::automatic);
/// The same pages one below the other, in millimetres (viewBox "0 0 297 210" for one page). Each
/// lead is a <path class="lead lead-V1">. No script, no style sheet, no reference.
Result<std::string> render_ecg_svg(const EcgRecording& recording, const RenderLabels& labels = {},
                                   EcgLayout layout = EcgLayout::automatic);
/// A raster of the same pages, one below the other, at `dots_per_inch` 72..300. Errors: as
/// render_ecg_pdf, and limit_exceeded above 40 Mpx (six pages at 254 dpi).
Result<Bytes> render_ecg_jpeg(const EcgRecording& recording, int dots_per_inch,
                              const RenderLabels& labels = {},
                              EcgLayout layout = EcgLayout::automatic);
/// One photo on an A4 page, portrait or landscape as the photo is. A normalised JPEG
/// (normalise_jpeg) is embedded byte for byte; any other is normalised first, so that no private
/// metadata travels. Errors: those of normalise_jpeg and decode_jpeg; render_failed.
Result<Bytes> render_photo_pdf(ByteView jpeg);

/// No report is longer: a longer one is a mistake or an attack.
inline constexpr int kMaxPages = 200;

/// What the report says. Every string is already in the reader's language; the renderer adds none
/// but those of `labels`. Text may hold any bytes: what is not UTF-8 becomes U+FFFD, control and
/// direction-override characters are left out, line feeds are kept.
struct ReportSection {
  std::string heading;
  std::vector<std::pair<std::string, std::string>> lines;  // label (may be empty), text
};
struct ReportContent {
  std::string title;                    // "Compte rendu de téléexpertise"
  std::string subtitle;                 // programme, case number
  std::vector<ReportSection> sections;  // patient, request, opinion, ...
  std::vector<EcgRecording> tracings;   // each on a landscape page of its own
  std::vector<Bytes> photos;            // JPEGs, two a page
  std::string footer;                   // seal mention, on every page beside the page number
  RenderLabels labels;
  EcgLayout tracing_layout = EcgLayout::automatic;
};
/// A4, fonts embedded, text selectable. Errors: render_failed (more than kMaxPages pages, more than
/// 1 MiB of text, more than 64 MiB of photos, font missing, and those of a tracing); those of
/// normalise_jpeg and decode_jpeg.
Result<Bytes> render_report_pdf(const ReportContent& content);

}  // namespace telavis
