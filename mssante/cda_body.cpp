// SPDX-License-Identifier: Apache-2.0
#include "mssante/cda_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/core/catalogue.h"
#include "formats/base64.h"
#include "mssante/cda_codes.h"
#include "mssante/cda_oids.h"

namespace telavis::cda {
namespace {

using Roots = std::vector<std::string_view>;

/// Templates of a section: those of CCD and IHE PCC before the French one.
Roots templates_of(std::string_view section) {
  if (section == kCdaTreatments) {
    return {"2.16.840.1.113883.10.20.1.8", "1.3.6.1.4.1.19376.1.5.3.1.3.19",
            "1.2.250.1.213.1.1.2.143"};
  }
  if (section == kCdaVitalSigns) {
    return {"2.16.840.1.113883.10.20.1.16", "1.3.6.1.4.1.19376.1.5.3.1.3.25",
            "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2", "1.2.250.1.213.1.1.2.75"};
  }
  if (section == kCdaResults) {
    return {"1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150"};
  }
  return {"1.2.250.1.213.1.1.2.69"};
}

class BodyWriter {
 public:
  BodyWriter(const CdaDocument& document, XmlWriter& xml) : in_(document), xml_(xml) {}

  void sections() {
    xml_.open("component");
    xml_.open("structuredBody");
    for (const CdaSection& one : in_.sections) {
      xml_.open("component");
      if (one.code == kCdaAnamnesis) {
        anamnesis_and_risks(one);
      } else {
        section(one);
      }
      xml_.close();
    }
    xml_.close();
    xml_.close();
  }

 private:
  void templates(const Roots& roots) {
    for (const std::string_view root : roots) xml_.empty("templateId", {{"root", root}});
  }
  /// Unique within the document and, by its root, outside.
  void id(std::string_view name) {
    const std::string extension =
        in_.id_extension.empty() ? std::string(name) : in_.id_extension + "." + std::string(name);
    xml_.empty("id", {{"root", in_.id_root}, {"extension", extension}});
  }
  void code(std::string_view code, std::string_view label) {
    xml_.empty("code", {{"code", code},
                        {"displayName", label},
                        {"codeSystem", kLoinc},
                        {"codeSystemName", "LOINC"}});
  }
  void heading(const Roots& roots, std::string_view section, std::string_view title) {
    templates(roots);
    id(fmt::format("section-{}", section));
    code(section, cda_label(CdaValueSet::sections, section).value_or(std::string()));
    xml_.text("title", title);
  }
  void reference(std::string_view name) {
    xml_.open("text");
    xml_.empty("reference", {{"value", "#" + std::string(name)}});
    xml_.close();
  }

  void anamnesis_and_risks(const CdaSection& inner) {
    xml_.open("section");
    heading({"1.2.250.1.213.1.1.2.68"}, kAnamnesisAndRisks,
            message(Language::french, "document.anamnesis_and_risks"));
    xml_.open("component");
    section(inner);
    xml_.close();
    xml_.close();
  }

  void section(const CdaSection& one) {
    xml_.open("section");
    heading(templates_of(one.code), one.code, one.title);
    narrative(one);
    if (one.code == kCdaTreatments) treatments(one);
    if (one.code == kCdaVitalSigns && !one.measures.empty()) vital_signs(one);
    xml_.close();
  }

  /// The paragraphs, then a line for each entry, which refers to it.
  void narrative(const CdaSection& one) {
    xml_.open("text");
    for (const std::string& paragraph : one.paragraphs) xml_.lines("paragraph", paragraph);
    if (!one.treatments.empty() || !one.measures.empty()) {
      xml_.open("list");
      for (std::size_t i = 0; i < one.treatments.size(); ++i) {
        item(fmt::format("treatment-{}", i + 1), one.treatments[i]);
      }
      for (std::size_t i = 0; i < one.measures.size(); ++i) {
        const CdaMeasure& measure = one.measures[i];
        item(fmt::format("vital-{}", i + 1),
             message(Language::french, "report.clinical.value",
                     {{"item", measure.label}, {"value", measure.value + " " + measure.unit}}));
      }
      xml_.close();
    }
    xml_.close();
  }
  void item(const std::string& name, std::string_view words) {
    xml_.open("item");
    xml_.text("content", words, {{"ID", name}});
    xml_.close();
  }

  /// The section must have an entry: where nothing is known of treatments, or there is none, one
  /// that says so little; the paragraphs say which.
  void treatments(const CdaSection& one) {
    if (one.treatments.empty()) treatment("treatment-0", {});
    for (std::size_t i = 0; i < one.treatments.size(); ++i) {
      treatment(fmt::format("treatment-{}", i + 1), one.treatments[i]);
    }
  }

  /// As the doctor wrote it: a name that no code is given for.
  void treatment(const std::string& name, std::string_view words) {
    xml_.open("entry", {{"typeCode", "DRIV"}});
    xml_.open("substanceAdministration", {{"classCode", "SBADM"}, {"moodCode", "EVN"}});
    templates({"2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.7",
               "1.2.250.1.213.1.1.3.42", "1.3.6.1.4.1.19376.1.5.3.1.4.7.1"});
    id(name);
    if (words.empty()) {
      xml_.open("text");
      xml_.empty("reference", {{"nullFlavor", "NA"}});
      xml_.close();
    } else {
      reference(name);
    }
    xml_.empty("statusCode", {{"code", "completed"}});
    xml_.open("consumable");
    xml_.open("manufacturedProduct");
    templates({"2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2",
               "1.2.250.1.213.1.1.3.43"});
    xml_.open("manufacturedMaterial");
    if (words.empty()) {
      xml_.empty("code", {{"nullFlavor", "NA"}});
      xml_.empty("name", {{"nullFlavor", "NA"}});
    } else {
      xml_.open("code", {{"nullFlavor", "UNK"}});
      xml_.open("originalText");
      xml_.empty("reference", {{"value", "#" + name}});
      xml_.close();
      xml_.close();
      xml_.text("name", words);
    }
    for (int i = 0; i < 5; ++i) xml_.close();
  }

  void vital_signs(const CdaSection& one) {
    xml_.open("entry");
    xml_.open("organizer", {{"classCode", "CLUSTER"}, {"moodCode", "EVN"}});
    templates({"2.16.840.1.113883.10.20.1.32", "2.16.840.1.113883.10.20.1.35",
               "1.3.6.1.4.1.19376.1.5.3.1.4.13.1", "1.2.250.1.213.1.1.3.49"});
    id("vital-signs");
    code("85353-1", cda_label(CdaValueSet::sections, kCdaVitalSigns).value_or(std::string()));
    xml_.empty("statusCode", {{"code", "completed"}});
    xml_.empty("effectiveTime", {{"nullFlavor", "UNK"}});  // the form does not ask when
    for (std::size_t i = 0; i < one.measures.size(); ++i) {
      vital_sign(fmt::format("vital-{}", i + 1), one.measures[i]);
    }
    xml_.close();
    xml_.close();
  }

  void vital_sign(const std::string& name, const CdaMeasure& measure) {
    xml_.open("component", {{"typeCode", "COMP"}});
    xml_.open("observation", {{"classCode", "OBS"}, {"moodCode", "EVN"}});
    templates({"2.16.840.1.113883.10.20.1.31", "1.3.6.1.4.1.19376.1.5.3.1.4.13",
               "1.3.6.1.4.1.19376.1.5.3.1.4.13.2", "1.2.250.1.213.1.1.3.50"});
    id(name);
    code(measure.code, measure.label);
    reference(name);
    xml_.empty("statusCode", {{"code", "completed"}});
    xml_.empty("effectiveTime", {{"nullFlavor", "UNK"}});
    xml_.empty("value", {{"xsi:type", "PQ"}, {"value", measure.value}, {"unit", measure.unit}});
    xml_.close();
    xml_.close();
  }

  const CdaDocument& in_;
  XmlWriter& xml_;
};

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

Result<void> check_body(const CdaDocument& document) {
  for (const CdaSection& section : document.sections) {
    if (document.kind != CdaKind::tlm_da || section.code == kAnamnesisAndRisks ||
        !cda_label(CdaValueSet::sections, section.code)) {
      return fail(ErrorCode::invalid_field,
                  "The document cannot be written: it has a section that its kind does not have.");
    }
    for (const CdaMeasure& measure : section.measures) {
      if (measure.code.empty() || !is_number(measure.value)) {
        return fail(ErrorCode::invalid_field,
                    "The document cannot be written: a vital sign lacks its code or its number.");
      }
    }
  }
  return {};
}

void write_body(const CdaDocument& document, XmlWriter& xml) {
  if (document.kind == CdaKind::tlm_da) {
    BodyWriter(document, xml).sections();
    return;
  }
  xml.open("component");
  xml.open("nonXMLBody");
  xml.plain("text", base64_encoded(document.pdf),
            {{"mediaType", "application/pdf"}, {"representation", "B64"}});
  xml.close();
  xml.close();
}

}  // namespace telavis::cda
