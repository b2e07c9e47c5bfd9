// SPDX-License-Identifier: Apache-2.0
#include "mssante/case_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mssante/case_document.h"
#include "mssante/cda.h"
#include "mssante/xdm.h"

namespace telavis {
namespace {

void note(std::vector<std::string>& list, std::string_view code) {
  if (std::ranges::find(list, code) == list.end()) list.emplace_back(code);
}

Sex sex_from(std::string_view code) {
  if (code == "M") return Sex::male;
  if (code == "F") return Sex::female;
  return Sex::unknown;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

bool is_whole(const std::string& value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

void read_patient(const CdaPatient& patient, CaseRequest& request) {
  request.patient.family_name = patient.birth_family;
  request.patient.given_name = joined(patient.birth_given, " ");
  request.patient.birth_date = patient.birth_date;
  request.patient.sex = sex_from(patient.sex);
  request.patient.id = patient.ins.matricule;
  request.ins = patient.ins;
  request.patient_phone = patient.phone;
}

void read_section(const CdaSection& section, ReceivedRequest& out) {
  for (const std::string& paragraph : section.paragraphs) out.text += paragraph + "\n";
  if (!section.treatments.empty()) {
    out.request.clinical.push_back(
        {std::string(kTreatmentsItem), joined(section.treatments, "\n")});
  }
  for (const CdaMeasure& measure : section.measures) {
    const std::string item(vital_sign_item(measure.code, measure.unit));
    const bool again = std::ranges::any_of(
        out.request.clinical, [&](const ClinicalItem& one) { return one.name == item; });
    // What no item of the form holds as it was measured stays in the words.
    if (item.empty() || again || !is_whole(measure.value)) {
      out.text += measure.label + " : " + measure.value + " " + measure.unit + "\n";
    } else {
      out.request.clinical.push_back({item, measure.value});
    }
  }
}

ReceivedRequest request_of(const CdaDocument& document) {
  ReceivedRequest out;
  const bool has_set = !document.set_id_root.empty();
  const std::string& root = has_set ? document.set_id_root : document.id_root;
  const std::string& extension = has_set ? document.set_id_extension : document.id_extension;
  out.document = root + "^" + extension;
  out.version = document.version;
  read_patient(document.patient, out.request);
  for (const CdaSection& section : document.sections) read_section(section, out);
  return out;
}

class Reading {
 public:
  void take(ByteView file, const XdmEntry* entry) {
    if (!looks_like_cda(file)) return note(out_.flags, "document_type");
    std::vector<CdaFinding> findings;
    const auto document = read_cda(file, findings);
    if (document && entry != nullptr) check_xdm_document(*entry, *document, findings);
    take(findings);
    if (!document) {
      // A hospital's letter may travel beside a request.
      const bool other_kind = document.error().code == ErrorCode::unsupported_format;
      return note(other_kind ? out_.flags : out_.rejections,
                  other_kind ? "document_kind" : error_name(document.error().code));
    }
    if (!document->pdf.empty()) {
      files_.push_back(
          {fmt::format("document_{}.pdf", files_.size() + 1), "application/pdf", document->pdf});
    }
    if (document->kind != CdaKind::tlm_da) return;
    if (out_.request) return note(out_.rejections, "several_requests");
    out_.request = request_of(*document);
  }

  void take_archive(ByteView file) {
    std::vector<CdaFinding> findings;
    const auto archive = read_xdm(file, findings);
    take(findings);
    if (!archive) {
      if (out_.rejections.empty()) note(out_.rejections, error_name(archive.error().code));
      return;
    }
    for (std::size_t i = 0; i < archive->documents.size(); ++i)
      take(archive->documents[i], &archive->metadata.entries[i]);
  }

  ReceivedDocuments result() {
    if (!out_.rejections.empty()) out_.request.reset();
    if (out_.request) out_.request->files = std::move(files_);
    return std::move(out_);
  }

 private:
  void take(const std::vector<CdaFinding>& findings) {
    for (const CdaFinding& finding : findings) {
      const bool rejects = finding.severity == CdaSeverity::reject;
      note(rejects ? out_.rejections : out_.flags, finding.code);
    }
  }

  ReceivedDocuments out_;
  std::vector<MailAttachment> files_;
};

}  // namespace

std::optional<ReceivedDocuments> read_case_documents(ByteView file) {
  Reading reading;
  if (looks_like_xdm(file)) {
    reading.take_archive(file);
  } else if (looks_like_cda(file)) {
    reading.take(file, nullptr);
  } else {
    return std::nullopt;
  }
  return reading.result();
}

}  // namespace telavis
