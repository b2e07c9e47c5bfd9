// SPDX-License-Identifier: Apache-2.0
// make_xml_seeds FOLDER: writes FOLDER/{aecg,muse_xml,sierra_xml} anew, small tracings of one
// feature each, named by the SHA-256 of their bytes.
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/formats/xml_builder.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace telavis;
using namespace telavis::test;

std::vector<Bytes> aecg_seeds() {
  const std::string set = aecg_set(aecg_absolute("20240229101112.000"),
                                   {{"MDC_ECG_LEAD_I", "1 2.5 -3e1"},
                                    {"MDC_ECG_LEAD_II", "1 2", R"(<scale value="-1" unit="mV"/>)",
                                     R"(<origin value="0.5" unit="uV"/>)"}});
  const std::string annotations =
      "<subjectOf><annotationSet>" + aecg_annotation("MDC_ECG_HEART_RATE", aecg_pq("72", "bpm")) +
      aecg_annotation("MDC_ECG_TIME_PD_QTcB", aecg_pq("0.41", "s")) +
      aecg_annotation("MDC_ECG_INTERPRETATION_STATEMENT", "<value>Text &amp; more</value>") +
      "</annotationSet></subjectOf>";
  const std::string staggered =
      aecg_set(aecg_relative("0"), {{"MDC_ECG_LEAD_I", "1 2"}}) +
      aecg_set(aecg_relative("4", "ms"), {{"MDC_ECG_LEAD_I", "3"}, {"MDC_ECG_LEAD_V1", "4"}});
  return {xml_bytes(small_aecg()), as_utf16(small_aecg(), false, true),
          xml_bytes(aecg_file(aecg_series(set, annotations), "<id extension=\"P\"/>")),
          xml_bytes(aecg_file(aecg_series(staggered))),
          xml_bytes(aecg_file(aecg_series(set) + aecg_series(set, "", "", "REPRESENTATIVE_BEAT")))};
}

std::vector<Bytes> muse_seeds() {
  return {xml_bytes(small_muse()), as_utf16(small_muse(), true, false),
          xml_bytes(muse_file(
              "<PatientDemographics><DateofBirth>15-03-1985</DateofBirth></PatientDemographics>"
              "<TestDemographics><AcquisitionDate>02-03-2024</AcquisitionDate><AcquisitionTime>"
              "14:30:05</AcquisitionTime></TestDemographics><RestingECGMeasurements><QTInterval>400"
              "</QTInterval></RestingECGMeasurements><Diagnosis><DiagnosisStatement><StmtFlag>"
              "ENDSLINE</StmtFlag><StmtText>Text</StmtText></DiagnosisStatement></Diagnosis>" +
              muse_waveform("Rhythm",
                            {{"V3R", {1, 2}, {{"LeadAmplitudeUnits", "MILLIVOLTS"}}},
                             {"V1", {1, 2}, {{"LeadDataCRC32", "1"}}}},
                            "5", "2")))};
}

std::vector<Bytes> sierra_seeds() {
  const std::string beats =
      R"(<repbeats dataencoding="Plain" samplespersec="1000" resolution="2.5"><repbeat leadname="I"><waveform>1 2</waveform></repbeat></repbeats>)";
  const std::string words = base64_of(words_of({1, -2, 3, 4}));
  return {
      xml_bytes(small_sierra()), as_utf16(small_sierra(), true, true),
      xml_bytes(sierra_file(
          sierra_waveform(R"(dataencoding="Base64" leadlabels="V1 V2" signaloffset="3")", words) +
          beats)),
      xml_bytes(sierra_file(sierra_waveform(R"(dataencoding="Hex" leadlabels="I")", "01 00fF"))),
      xml_bytes(sierra_file("<leadwaveforms dataencoding=\"Plain\"><leadwaveform "
                            "leadname=\"aVR\" duration=\"4\">1 2</leadwaveform></leadwaveforms>",
                            "<interpretations><interpretation><globalmeasurements><qtcf>400"
                            "</qtcf></globalmeasurements><statement><leftstatement>a"
                            "</leftstatement></statement></interpretation></interpretations>"))};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_xml_seeds FOLDER\n", stderr));
    return 2;
  }
  const std::filesystem::path out = argv[1];
  return write_seeds(out / "aecg", aecg_seeds()) && write_seeds(out / "muse_xml", muse_seeds()) &&
                 write_seeds(out / "sierra_xml", sierra_seeds())
             ? 0
             : 1;
}
