// SPDX-License-Identifier: Apache-2.0
#include "tests/formats/dicom_written.h"

namespace telavis::dicom_test {

/// Ramps, so that every sample of every lead is different from its neighbours.
EcgRecording recording_of(std::vector<LeadCode> codes, std::size_t samples, double interval_us) {
  EcgRecording recording;
  recording.format = "SCP-ECG";
  recording.patient = {"279035121518989", "DUPONT-LÉVÊQUE", "Éloïse", "1979-03-14", Sex::female};
  recording.device = {"Synthétique SA", "Cardio 12", "SN-0042"};
  recording.acquired_at = {"2026-03-09T10:20:30", -240};
  recording.filters = {0.05, 150, 50};
  for (std::size_t l = 0; l < codes.size(); ++l) {
    Lead lead;
    lead.code = codes[l];
    lead.gain_nv_per_lsb = 2500;
    lead.sampling_interval_us = interval_us;
    for (std::size_t i = 0; i < samples; ++i) {
      lead.samples.push_back(static_cast<std::int32_t>(i % 1000) * 7 -
                             static_cast<std::int32_t>(l * 450) - 1500);
    }
    recording.leads.push_back(std::move(lead));
  }
  return recording;
}

std::vector<LeadCode> in_scp_order() {
  using enum LeadCode;
  return {I, II, V1, V2, V3, V4, V5, V6, III, aVR, aVL, aVF};
}

// ---- text ----

TEST(DicomText, UidIsTheDecimalOfTheInteger) {
  EXPECT_EQ(dicom_uid({}), "2.25.0");
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  EXPECT_EQ(dicom_uid(one), "2.25.1");
  std::array<std::uint8_t, 16> all{};
  all.fill(0xFF);
  EXPECT_EQ(dicom_uid(all), "2.25.340282366920938463463374607431768211455");
  // The example of PS3.5 B.2: f81d4fae-7dec-11d0-a765-00a0c91e6bf6
  EXPECT_EQ(dicom_uid({0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x11, 0xd0, 0xa7, 0x65, 0x00, 0xa0, 0xc9,
                       0x1e, 0x6b, 0xf6}),
            "2.25.329800735698586629295641978511506172918");
}

TEST(DicomText, DecimalsAreExactAndShort) {
  EXPECT_EQ(dicom_decimal(2.5), "2.5");
  EXPECT_EQ(dicom_decimal(183 / 1000.0), "0.183");
  EXPECT_EQ(dicom_decimal(3750 / 1000.0), "3.75");
  EXPECT_EQ(dicom_decimal(2441.40625 / 1000), "2.44140625");
  EXPECT_EQ(dicom_decimal(0.1 * 3), "0.3");
  EXPECT_EQ(dicom_decimal(500), "500");
  EXPECT_EQ(dicom_decimal(1e6 / 1667), "599.880023995201");
  for (const double value : {1.0 / 3, 1e-7 / 3, -1.0 / 3, 1e300 / 3, 123456789.123456789}) {
    EXPECT_LE(dicom_decimal(value).size(), 16U) << dicom_decimal(value);
    EXPECT_NEAR(number(dicom_decimal(value)) / value, 1, 1e-8);
  }
}

TEST(DicomText, NamesDatesAndTextsKeepTheirLimits) {
  EXPECT_EQ(dicom_person_name({"", "DUPONT", "Jean", "", Sex::male}), "DUPONT^Jean");
  EXPECT_EQ(dicom_person_name({"", "DUPONT", "", "", Sex::male}), "DUPONT");
  EXPECT_EQ(dicom_person_name({"", "", "Jean", "", Sex::male}), "^Jean");
  EXPECT_EQ(dicom_person_name({"", "A^B=C\\D\n", "E", "", Sex::male}), "A B C D^E");
  EXPECT_EQ(dicom_person_name({}), "");
  std::string accents;
  for (int i = 0; i < 80; ++i) accents += "é";
  EXPECT_EQ(dicom_text(accents, 64).size(), 128U);
  EXPECT_EQ(dicom_text("two\\values\x01 ", 64), "two values");
  EXPECT_EQ(dicom_instant("1979-03-14").date, "19790314");
  EXPECT_EQ(dicom_instant("2026-03-09T10:20:30").time, "102030");
  for (const char* wrong :
       {"", "1979", "1979-3-14", "19790314xx", "2026-03-09T10:20", "2026/03/09"}) {
    EXPECT_EQ(dicom_instant(wrong).date, "") << wrong;
  }
  EXPECT_EQ(dicom_date_time({"2026-03-09T10:20:30", -240}), "20260309102030-0400");
  EXPECT_EQ(dicom_date_time({"2026-03-09T10:20:30", 345}), "20260309102030+0545");
  EXPECT_EQ(dicom_date_time({"2026-03-09T10:20:30", std::nullopt}), "20260309102030");
  EXPECT_EQ(dicom_date_time({"2026-03-09T10:20:30", -840}), "20260309102030");
}

// ---- ECG ----

void expect_samples(Object& object, DcmItem* group, const EcgRecording& recording,
                    const std::vector<LeadCode>& order) {
  const Uint16* data = nullptr;
  unsigned long count = 0;
  ASSERT_TRUE(group->findAndGetUint16Array(DCM_WaveformData, data, &count).good());
  const std::size_t samples = recording.lead(order[0])->samples.size();
  ASSERT_EQ(count, samples * order.size());
  EXPECT_EQ(object.text(DCM_NumberOfWaveformSamples, group), std::to_string(samples));
  EXPECT_EQ(object.text(DCM_NumberOfWaveformChannels, group), std::to_string(order.size()));
  for (std::size_t channel = 0; channel < order.size(); ++channel) {
    DcmItem* definition =
        object.item(DCM_ChannelDefinitionSequence, static_cast<long>(channel), group);
    DcmItem* source = object.item(DCM_ChannelSourceSequence, 0, definition);
    EXPECT_EQ(object.text(DCM_CodeValue, source),
              "2:" + std::to_string(static_cast<int>(order[channel])));
    EXPECT_EQ(object.text(DCM_CodingSchemeDesignator, source), "MDC");
    const Lead* lead = recording.lead(order[channel]);
    for (std::size_t i = 0; i < samples; ++i) {
      ASSERT_EQ(static_cast<std::int16_t>(data[i * order.size() + channel]), lead->samples[i])
          << channel << " " << i;
    }
  }
}

TEST(WriteDicomEcg, HoldsEverySampleInDicomOrder) {
  const EcgRecording recording = recording_of(in_scp_order(), 5000, 2000);
  const auto bytes = write_dicom_ecg(recording, context());
  ASSERT_TRUE(bytes) << bytes.error().text;
  EXPECT_TRUE(looks_like_dicom(*bytes));
  expect_conformant(*bytes, "TwelveLeadECG");
  Object object(*bytes);
  ASSERT_TRUE(object.status.good()) << object.status.text();
  EXPECT_EQ(object.file.getDataset()->getOriginalXfer(), EXS_LittleEndianExplicit);
  EXPECT_EQ(object.text(DCM_SOPClassUID), UID_TwelveLeadECGWaveformStorage);
  EXPECT_EQ(object.text(DCM_SOPInstanceUID), "2.25.1003");
  EXPECT_EQ(object.text(DCM_SpecificCharacterSet), "ISO_IR 192");
  EXPECT_EQ(object.text(DCM_PatientName), "DUPONT-LÉVÊQUE^Éloïse");
  EXPECT_EQ(object.text(DCM_PatientID), "279035121518989");
  EXPECT_EQ(object.text(DCM_PatientBirthDate), "19790314");
  EXPECT_EQ(object.text(DCM_PatientSex), "F");
  EXPECT_EQ(object.text(DCM_AcquisitionDateTime), "20260309102030-0400");
  EXPECT_EQ(object.text(DCM_ContentDate), "20260309");
  EXPECT_EQ(object.text(DCM_Manufacturer), "Synthétique SA");
  EXPECT_FALSE(object.file.getDataset()->tagExists(DCM_Laterality));
  EXPECT_TRUE(object.file.getDataset()->tagExists(DCM_AcquisitionContextSequence));

  DcmItem* group = object.item(DCM_WaveformSequence, 0);
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(object.item(DCM_WaveformSequence, 1), nullptr);
  EXPECT_EQ(object.text(DCM_SamplingFrequency, group), "500");
  EXPECT_EQ(object.text(DCM_WaveformOriginality, group), "ORIGINAL");
  EXPECT_FALSE(group->tagExists(DCM_MultiplexGroupTimeOffset));
  EXPECT_FALSE(group->tagExists(DCM_WaveformPaddingValue));
  expect_samples(object, group, recording, {kTwelveLeads.begin(), kTwelveLeads.end()});
  DcmItem* avr = object.item(DCM_ChannelDefinitionSequence, 3, group);
  EXPECT_EQ(object.text(DCM_CodeMeaning, object.item(DCM_ChannelSourceSequence, 0, avr)),
            "aVR, augmented voltage, right");
  EXPECT_EQ(object.text(DCM_ChannelSensitivity, avr), "2.5");
  EXPECT_EQ(object.text(DCM_ChannelBaseline, avr), "0");
  EXPECT_EQ(object.text(DCM_ChannelSensitivityCorrectionFactor, avr), "1");
  EXPECT_EQ(object.text(DCM_ChannelSampleSkew, avr), "0");
  EXPECT_EQ(object.text(DCM_WaveformBitsStored, avr), "16");
  EXPECT_EQ(object.text(DCM_FilterLowFrequency, avr), "0.05");
  EXPECT_EQ(object.text(DCM_FilterHighFrequency, avr), "150");
  EXPECT_EQ(object.text(DCM_NotchFilterFrequency, avr), "50");
  EXPECT_FALSE(avr->tagExists(DCM_ChannelDerivationDescription));
  EXPECT_EQ(object.text(DCM_CodeValue, object.item(DCM_ChannelSensitivityUnitsSequence, 0, avr)),
            "uV");
}

TEST(WriteDicomEcg, SaysWhichLeadsWereCalculatedAndTheIntervalItWasGiven) {
  EcgRecording recording = recording_of(in_scp_order(), 6000, 1667);
  for (Lead& lead : recording.leads) {
    using enum LeadCode;
    lead.derived = lead.code == III || lead.code == aVR || lead.code == aVL || lead.code == aVF;
    lead.gain_nv_per_lsb = 183;
  }
  recording.acquired_at.utc_offset_minutes.reset();
  recording.filters = {};
  recording.statements = {"RYTHME SINUSAL, à confirmer", "line one\r\nline \\ two",
                          std::string(2500, 'x'), ""};
  const auto bytes = write_dicom_ecg(recording, context());
  ASSERT_TRUE(bytes) << bytes.error().text;
  expect_conformant(*bytes, "TwelveLeadECG");
  Object object(*bytes);
  DcmItem* group = object.item(DCM_WaveformSequence, 0);
  EXPECT_EQ(object.text(DCM_SamplingFrequency, group), "599.880023995201");
  expect_samples(object, group, recording, {kTwelveLeads.begin(), kTwelveLeads.end()});
  for (long channel = 0; channel < 12; ++channel) {
    DcmItem* definition = object.item(DCM_ChannelDefinitionSequence, channel, group);
    EXPECT_EQ(definition->tagExists(DCM_ChannelDerivationDescription) == OFTrue,
              channel >= 2 && channel <= 5);
    EXPECT_EQ(object.text(DCM_ChannelSensitivity, definition), "0.183");
    EXPECT_FALSE(definition->tagExists(DCM_FilterLowFrequency));
  }
  EXPECT_EQ(object.text(DCM_AcquisitionDateTime), "20260309102030");
  std::vector<std::string> annotations;
  for (long i = 0; DcmItem* annotation = object.item(DCM_WaveformAnnotationSequence, i); ++i) {
    annotations.push_back(object.text(DCM_UnformattedTextValue, annotation));
  }
  EXPECT_THAT(annotations, testing::ElementsAre("RYTHME SINUSAL, à confirmer",
                                                "line one\r\nline \\ two", std::string(1024, 'x'),
                                                std::string(1024, 'x'), std::string(452, 'x'),
                                                "Sampling interval stated by the device: 1667 us"));
}

TEST(WriteDicomEcg, EightLeadsAreEnoughAndOthersFollow) {
  using enum LeadCode;
  const EcgRecording eight = recording_of({V6, V5, V4, V3, V2, V1, II, I}, 2000, 1000);
  const auto bytes = write_dicom_ecg(eight, context());
  ASSERT_TRUE(bytes) << bytes.error().text;
  expect_conformant(*bytes, "TwelveLeadECG");
  Object object(*bytes);
  expect_samples(object, object.item(DCM_WaveformSequence, 0), eight,
                 {I, II, V1, V2, V3, V4, V5, V6});

  const EcgRecording more = recording_of({V4R, I, II, V1, V2, V3, V4, V5, V6, V9}, 2000, 5000);
  const auto other = write_dicom_ecg(more, context());
  ASSERT_TRUE(other);
  expect_conformant(*other, "TwelveLeadECG");
  Object second(*other);
  expect_samples(second, second.item(DCM_WaveformSequence, 0), more,
                 {I, II, V1, V2, V3, V4, V5, V6, V4R, V9});
}

TEST(WriteDicomEcg, LeadsRecordedOneAfterTheOtherKeepTheirPlaces) {
  EcgRecording recording = recording_of(in_scp_order(), 1250, 2000);
  for (std::size_t l = 0; l < 12; ++l) {
    recording.leads[l].first_sample = static_cast<std::uint32_t>(100 + l % 4 * 1250);
  }
  const auto bytes = write_dicom_ecg(recording, context());
  ASSERT_TRUE(bytes) << bytes.error().text;
  expect_conformant(*bytes, "TwelveLeadECG");
  Object object(*bytes);
  DcmItem* group = object.item(DCM_WaveformSequence, 0);
  EXPECT_EQ(object.text(DCM_NumberOfWaveformSamples, group), "5000");
  EXPECT_TRUE(group->tagExists(DCM_WaveformPaddingValue));
  const Uint16* data = nullptr;
  ASSERT_TRUE(group->findAndGetUint16Array(DCM_WaveformData, data).good());
  for (std::size_t channel = 0; channel < 12; ++channel) {
    const Lead* lead = recording.lead(kTwelveLeads[channel]);
    for (std::size_t i = 0; i < 5000; ++i) {
      const std::size_t start = lead->first_sample - 100;
      const bool recorded = i >= start && i < start + 1250;
      ASSERT_EQ(static_cast<std::int16_t>(data[i * 12 + channel]),
                recorded ? lead->samples[i - start] : -32768);
    }
  }
  // A sample with the value that marks gaps needs a wider gap.
  recording.leads[5].samples[9] = -32768;
  const auto wide = write_dicom_ecg(recording, context());
  ASSERT_TRUE(wide);
  EXPECT_EQ(Object(*wide).text(DCM_SOPClassUID), kGeneral32);
}

TEST(WriteDicomEcg, TheIdentityOfTheCaseReplacesThatOfTheFile) {
  DicomContext other = context();
  other.patient = {"", "MARTIN", "Paul", "1950-01-02", Sex::male};
  other.content_local = "2026-03-10T08:00:00";
  const EcgRecording recording = recording_of(in_scp_order(), 1000, 2000);
  const auto bytes = write_dicom_ecg(recording, other);
  ASSERT_TRUE(bytes);
  expect_conformant(*bytes, "TwelveLeadECG");
  EXPECT_FALSE(contains(*bytes, "DUPONT"));
  EXPECT_FALSE(contains(*bytes, recording.patient.id));
  Object object(*bytes);
  EXPECT_EQ(object.text(DCM_PatientName), "MARTIN^Paul");
  EXPECT_EQ(object.text(DCM_ContentDate), "20260310");
  EXPECT_EQ(object.text(DCM_AcquisitionDateTime), "20260309102030-0400");
  EXPECT_EQ(*write_dicom_ecg(recording, other), *bytes);  // the same bytes every time
}

TEST(WriteDicomEcg, RefusesWhatTheObjectCannotHold) {
  const EcgRecording good = recording_of(in_scp_order(), 1000, 2000);
  ASSERT_TRUE(write_dicom_ecg(good, context()));
  const auto refused = [&](auto change) {
    EcgRecording bad = good;
    change(bad);
    return error_of(write_dicom_ecg(bad, context())) == ErrorCode::unsupported_conversion;
  };
  EXPECT_TRUE(refused([](auto& r) { r.leads.clear(); }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[8].code = static_cast<LeadCode>(31); }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[8].code = LeadCode::unspecified; }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].samples.clear(); }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].first_sample = 2'000'000; }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].gain_nv_per_lsb = 0; }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].sampling_interval_us = 999; }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].sampling_interval_us = 5001; }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].sampling_interval_us = 0; }));
  EXPECT_TRUE(refused([](auto& r) { r.acquired_at.local.clear(); }));
  EXPECT_TRUE(refused([](auto& r) { r.patient.id = std::string(65, '1'); }));
  EXPECT_TRUE(refused([](auto& r) { r.patient.id = "12\\34"; }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].sampling_interval_us = 4000; }));
  EXPECT_TRUE(refused([](auto& r) { r.leads[0].first_sample = 0xFFFFFFFF; }));
  EXPECT_TRUE(refused([](auto& r) {
    r.median_beat = {r.leads[0]};
    r.median_beat[0].code = LeadCode::unspecified;
  }));
  EXPECT_TRUE(refused([](auto& r) {
    while (r.leads.size() < 25) r.leads.push_back(r.leads[0]);
  }));
  for (const char* uid : {"", "2.25.01", "2..25", ".2", "2.", "2.25.a"}) {
    DicomContext bad = context();
    bad.series_uid = uid;
    EXPECT_EQ(error_of(write_dicom_ecg(good, bad)), ErrorCode::unsupported_conversion) << uid;
  }
}

TEST(WriteDicomEcg, ChoosesTheNarrowestObject) {
  const EcgRecording twelve = recording_of(in_scp_order(), 1000, 2000);
  const auto class_of = [&](auto change, const char* conformant = nullptr) {
    EcgRecording other = twelve;
    change(other);
    const auto bytes = write_dicom_ecg(other, context());
    if (!bytes) return bytes.error().text;
    if (conformant != nullptr) expect_conformant(*bytes, conformant);
    return Object(*bytes).text(DCM_SOPClassUID);
  };
  const auto resize = [](EcgRecording& r, std::size_t samples) {
    for (Lead& lead : r.leads) lead.samples.resize(samples);
  };
  const std::string kTwelve = UID_TwelveLeadECGWaveformStorage;
  const std::string kGeneral = UID_GeneralECGWaveformStorage;
  EXPECT_EQ(class_of([](auto&) {}, "TwelveLeadECG"), kTwelve);
  EXPECT_EQ(class_of([&](auto& r) { resize(r, 16'384); }), kTwelve);
  EXPECT_EQ(class_of([&](auto& r) { resize(r, 16'385); }, "GeneralECG"), kGeneral);
  EXPECT_EQ(class_of([&](auto& r) { resize(r, 37'855); }), kGeneral);
  EXPECT_EQ(class_of([](auto& r) { r.leads.erase(r.leads.begin() + 1); }, "GeneralECG"), kGeneral);
  EXPECT_EQ(class_of([](auto& r) { r.leads.resize(1); }, "GeneralECG"), kGeneral);
  EXPECT_EQ(class_of([](auto& r) {
              for (const auto code : {LeadCode::V7, LeadCode::V8}) {
                r.leads.push_back(r.leads[0]);
                r.leads.back().code = code;
              }
            }),
            kGeneral);
  EXPECT_EQ(class_of([](auto& r) { r.leads[3].samples[7] = -32768; }), kTwelve);
  EXPECT_EQ(class_of([](auto& r) { r.leads[3].samples[7] = 32768; }), kGeneral32);
  EXPECT_EQ(class_of([](auto& r) { r.leads[3].samples[7] = -32769; }), kGeneral32);
  EXPECT_EQ(class_of([](auto& r) {
              for (Lead& lead : r.leads) lead.sampling_interval_us = 500;
            }),
            kGeneral32);
}

TEST(WriteDicomEcg, StatesMeasurementsAndTheMedianBeat) {
  EcgRecording recording = recording_of(in_scp_order(), 5000, 2000);
  recording.median_beat = recording_of(in_scp_order(), 600, 2000).leads;
  recording.measurements.ventricular_rate_bpm = 62;
  recording.measurements.qtc_ms = 400;
  recording.measurements.qtc_formula = QtcFormula::hodges;
  recording.measurements.qrs_axis_deg = -30;
  recording.statements_confirmed = true;
  const auto bytes = write_dicom_ecg(recording, context());
  ASSERT_TRUE(bytes) << bytes.error().text;
  expect_conformant(*bytes, "TwelveLeadECG");
  Object object(*bytes);
  DcmItem* beat = object.item(DCM_WaveformSequence, 1);
  ASSERT_NE(beat, nullptr);
  EXPECT_EQ(object.text(DCM_WaveformOriginality, beat), "DERIVED");
  EXPECT_EQ(object.text(DCM_NumberOfWaveformSamples, beat), "600");
  EXPECT_FALSE(beat->tagExists(DCM_MultiplexGroupTimeOffset));
  std::vector<std::string> stated;
  for (long i = 0; DcmItem* annotation = object.item(DCM_WaveformAnnotationSequence, i); ++i) {
    DcmItem* name = object.item(DCM_ConceptNameCodeSequence, 0, annotation);
    DcmItem* unit = object.item(DCM_MeasurementUnitsCodeSequence, 0, annotation);
    if (name == nullptr) {
      stated.push_back(object.text(DCM_UnformattedTextValue, annotation));
      continue;
    }
    stated.push_back(object.text(DCM_CodeValue, name) + "|" + object.text(DCM_CodeMeaning, name) +
                     "|" + object.text(DCM_NumericValue, annotation) + "|" +
                     object.text(DCM_CodeValue, unit));
  }
  EXPECT_THAT(stated,
              testing::ElementsAre("CONFIRMED REPORT", "2:16016|Ventricular Heart Rate|62|/min",
                                   "2:15876|QTc global using Hodges formula|400|ms",
                                   "8632-2|QRS axis|-30|deg"));
}

void expect_equal_leads(const std::vector<Lead>& read, const std::vector<Lead>& written) {
  ASSERT_EQ(read.size(), written.size());
  std::uint32_t start = 0xFFFFFFFF;
  for (const Lead& lead : written) start = std::min(start, lead.first_sample);
  for (const Lead& lead : written) {
    const auto found = std::find_if(read.begin(), read.end(),
                                    [&](const Lead& other) { return other.code == lead.code; });
    ASSERT_NE(found, read.end());
    EXPECT_EQ(found->samples, lead.samples);
    EXPECT_EQ(found->gain_nv_per_lsb, lead.gain_nv_per_lsb);
    EXPECT_EQ(found->sampling_interval_us, lead.sampling_interval_us);
    EXPECT_EQ(found->first_sample, lead.first_sample - start);
    EXPECT_EQ(found->derived, lead.derived);
  }
}

void expect_round_trip(const EcgRecording& recording) {
  const auto bytes = write_dicom_ecg(recording, context());
  ASSERT_TRUE(bytes) << bytes.error().text;
  const auto exam = decode_dicom(*bytes);
  ASSERT_TRUE(exam) << exam.error().text;
  const auto& read = std::get<EcgRecording>(exam->exam);
  EXPECT_THAT(read.findings, testing::IsEmpty());
  expect_equal_leads(read.leads, recording.leads);
  expect_equal_leads(read.median_beat, recording.median_beat);
  EXPECT_EQ(read.patient.id, recording.patient.id);
  EXPECT_EQ(read.patient.family_name, recording.patient.family_name);
  EXPECT_EQ(read.patient.given_name, recording.patient.given_name);
  EXPECT_EQ(read.patient.birth_date, recording.patient.birth_date);
  EXPECT_EQ(read.patient.sex, recording.patient.sex);
  EXPECT_EQ(read.device.manufacturer, recording.device.manufacturer);
  EXPECT_EQ(read.device.model, recording.device.model);
  EXPECT_EQ(read.device.serial, recording.device.serial);
  EXPECT_EQ(read.acquired_at.iso8601(), recording.acquired_at.iso8601());
  EXPECT_EQ(read.filters.high_pass_hz, recording.filters.high_pass_hz);
  EXPECT_EQ(read.filters.low_pass_hz, recording.filters.low_pass_hz);
  EXPECT_EQ(read.filters.notch_hz, recording.filters.notch_hz);
  EXPECT_EQ(read.statements, recording.statements);
  EXPECT_EQ(read.statements_confirmed, recording.statements_confirmed);
  const Measurements& m = read.measurements;
  const Measurements& e = recording.measurements;
  EXPECT_EQ(m.ventricular_rate_bpm, e.ventricular_rate_bpm);
  EXPECT_EQ(m.atrial_rate_bpm, e.atrial_rate_bpm);
  EXPECT_EQ(m.rr_ms, e.rr_ms);
  EXPECT_EQ(m.pp_ms, e.pp_ms);
  EXPECT_EQ(m.p_duration_ms, e.p_duration_ms);
  EXPECT_EQ(m.pr_ms, e.pr_ms);
  EXPECT_EQ(m.qrs_ms, e.qrs_ms);
  EXPECT_EQ(m.qt_ms, e.qt_ms);
  EXPECT_EQ(m.qtc_ms, e.qtc_ms);
  EXPECT_EQ(m.qtc_formula, e.qtc_formula);
  EXPECT_EQ(m.p_axis_deg, e.p_axis_deg);
  EXPECT_EQ(m.qrs_axis_deg, e.qrs_axis_deg);
  EXPECT_EQ(m.t_axis_deg, e.t_axis_deg);
}

TEST(WriteDicomEcg, ComesBackWithEveryValue) {
  for (const double interval : {1000.0, 1250.0, 1667.0, 2000.0, 4000.0, 1e6 / 600, 500.0}) {
    for (const double gain : {2500.0, 183.0, 2441.40625, 4.88}) {
      EcgRecording recording = recording_of(in_scp_order(), 1000, interval);
      for (Lead& lead : recording.leads) {
        lead.gain_nv_per_lsb = gain;
        lead.derived = lead.code == LeadCode::III;
      }
      recording.median_beat = recording_of(in_scp_order(), 200, interval).leads;
      recording.measurements = {62,  63,  968, 967, 100, 160, 90,
                                380, 400, 50,  -30, 40,  {},  QtcFormula::bazett};
      recording.statements = {"RYTHME SINUSAL", "à confirmer"};
      recording.statements_confirmed = interval < 2000;
      expect_round_trip(recording);
    }
  }
  EcgRecording staggered = recording_of(in_scp_order(), 1250, 2000);
  for (std::size_t l = 0; l < 12; ++l) {
    staggered.leads[l].first_sample = static_cast<std::uint32_t>(l % 4 * 1250);
  }
  for (const QtcFormula formula :
       {QtcFormula::hodges, QtcFormula::fridericia, QtcFormula::framingham}) {
    staggered.measurements.qtc_ms = 400;
    staggered.measurements.qtc_formula = formula;
    expect_round_trip(staggered);
  }
  staggered.leads[2].samples[5] = 1'000'000;
  staggered.acquired_at.utc_offset_minutes.reset();
  staggered.filters = {};
  expect_round_trip(staggered);
}

TEST(WriteDicomEcg, RealScpRecordingsComeBack) {
  TELAVIS_NEED_SHARED("samples/scp");
  int compared = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(shared_folder() / "samples/scp")) {
    if (!entry.is_regular_file()) continue;
    auto recording = decode_scp_ecg(read_file(entry.path()));
    if (!recording || !write_dicom_ecg(*recording, context())) continue;
    SCOPED_TRACE(entry.path());
    ++compared;
    const auto exam = decode_dicom(*write_dicom_ecg(*recording, context()));
    ASSERT_TRUE(exam) << exam.error().text;
    const auto& read = std::get<EcgRecording>(exam->exam);
    expect_equal_leads(read.leads, recording->leads);
    EXPECT_EQ(read.patient.id, recording->patient.id);
    EXPECT_EQ(read.measurements.qt_ms, recording->measurements.qt_ms);
    EXPECT_EQ(read.statements, recording->statements);
  }
  EXPECT_GT(compared, 2);
}

// Another reader than DCMTK and our own, where it is installed.
TEST(WriteDicomEcg, PydicomReadsTheSameSamples) {
  if (output_of("/usr/bin/python3 -c 'import pydicom, numpy'").find("Error") != std::string::npos) {
    GTEST_SKIP() << "skipped: python3-pydicom is not installed";
  }
  EcgRecording recording = recording_of(in_scp_order(), 700, 2000);
  for (const int extreme : {0, 100'000}) {
    recording.leads[1].samples[3] = extreme;
    const auto bytes = write_dicom_ecg(recording, context());
    ASSERT_TRUE(bytes);
    const test::TempFolder folder;
    const std::string path = folder.path() / "object.dcm";
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes->data()),
               static_cast<std::streamsize>(bytes->size()));
    const std::string sums = output_of(
        "/usr/bin/python3 -c \"import pydicom,numpy as n; d=pydicom.dcmread('" + path +
        "'); w=d.WaveformSequence[0]; a=n.frombuffer(w.WaveformData, dtype='<i%d' % "
        "(w.WaveformBitsAllocated//8)).reshape(-1,w.NumberOfWaveformChannels); "
        "print(d.PatientName.family_name, *[int((c.astype(int)*n.arange(1,len(c)+1)).sum()) for c "
        "in a.T])\"");
    std::string expected = "DUPONT-LÉVÊQUE";
    for (const LeadCode code : kTwelveLeads) {
      std::int64_t sum = 0;
      std::int64_t place = 1;
      for (const std::int32_t sample : recording.lead(code)->samples) sum += place++ * sample;
      expected += " " + std::to_string(sum);
    }
    EXPECT_THAT(sums, testing::HasSubstr(expected));
  }
}

// Said once and plainly, instead of passing the tests above without the validator.
TEST(Dciodvfy, IsInstalled) {
  if (!installed("dciodvfy")) {
    GTEST_SKIP()
        << "skipped: dciodvfy (package dicom3tools) is not installed, so DICOM conformance "
           "was not checked";
  }
}

}  // namespace telavis::dicom_test
