// SPDX-License-Identifier: Apache-2.0
#include "engine/core/patient_copy.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "engine/core/access_log.h"
#include "engine/core/patient_copy_parts.h"
#include "formats/exam.h"
#include "formats/inspect.h"
#include "formats/normalise.h"
#include "formats/render.h"

namespace telavis {
namespace {

void add(CopiedDocument document, Bytes bytes, CaseDocuments& documents,
         std::vector<ZipEntry>& entries) {
  entries.push_back({document.name, std::move(bytes)});
  documents.list.push_back(std::move(document));
}

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

void add_tracing(const EcgRecording& recording, const std::string& stem, std::size_t exam,
                 Language language, CaseDocuments& documents, std::vector<ZipEntry>& entries) {
  auto drawn = render_ecg_pdf(with_derived_limb_leads(recording), render_labels(language));
  if (drawn) {
    add({DocumentKind::drawing, exam, stem + "trace.pdf"}, std::move(*drawn), documents, entries);
  } else {
    documents.not_drawn.push_back(exam);
  }
  std::string samples;
  write_samples_csv(recording, [&](std::string_view piece) {
    samples += piece;
    return true;
  });
  add({DocumentKind::samples, exam, stem + "valeurs.csv"}, bytes_of(samples), documents, entries);
}

/// Adds what a case holds as files, and gives their names.
CaseDocuments add_documents(const CaseCopy& copy, Language language,
                            std::vector<ZipEntry>& entries) {
  CaseDocuments documents;
  const std::string folder = copy.subject.number + "/";
  for (std::size_t i = 0; i < copy.opinions.size(); ++i) {
    if (copy.opinions[i].report.empty()) continue;
    add({DocumentKind::report, i, fmt::format("{}compte-rendu-{}.pdf", folder, i + 1)},
        copy.opinions[i].report, documents, entries);
  }
  for (std::size_t i = 0; i < copy.exams.size(); ++i) {
    const ArchivedExam& exam = copy.exams[i];
    const std::string stem = fmt::format("{}examen-{}-", folder, i + 1);
    const auto extension = [](const Bytes& file) { return file_extension(sniff(file)); };
    add({DocumentKind::original, i, fmt::format("{}original{}", stem, extension(exam.original))},
        exam.original, documents, entries);
    const Bytes& document = exam.normalised.document;
    if (!document.empty()) {
      add({DocumentKind::normalised, i, fmt::format("{}normalise{}", stem, extension(document))},
          document, documents, entries);
    }
    if (const auto* recording = std::get_if<EcgRecording>(&exam.normalised.exam)) {
      add_tracing(*recording, stem, i, language, documents, entries);
    }
  }
  return documents;
}

}  // namespace

Result<std::vector<ZipEntry>> patient_copy_files(const PatientCopy& copy, Language language) {
  std::vector<ZipEntry> documents;
  std::vector<CaseDocuments> names;
  for (const CaseCopy& one : copy.cases) names.push_back(add_documents(one, language, documents));
  auto page = patient_copy_page(copy, names, language);
  if (!page) return tl::unexpected(page.error());
  const auto log = access_log_document(copy.log, LogFormat::csv, language);
  if (!log) return tl::unexpected(log.error());
  std::vector<ZipEntry> entries;
  entries.push_back({"index.html", bytes_of(*page)});
  entries.push_back({"donnees.json", bytes_of(patient_copy_json(copy, names, language))});
  entries.push_back({"acces.csv", bytes_of(*log)});
  for (ZipEntry& document : documents) entries.push_back(std::move(document));
  return entries;
}

}  // namespace telavis
