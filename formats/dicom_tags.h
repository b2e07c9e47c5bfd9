// SPDX-License-Identifier: Apache-2.0
// The attributes that the DICOM codec reads or writes (PS3.6 chapter 6), as group << 16 | element.
#pragma once

#include <cstdint>

namespace telavis::dicom_tag {

inline constexpr std::uint32_t kMetaLength = 0x00020000;
inline constexpr std::uint32_t kMetaVersion = 0x00020001;
inline constexpr std::uint32_t kMediaSopClass = 0x00020002;
inline constexpr std::uint32_t kMediaSopInstance = 0x00020003;
inline constexpr std::uint32_t kTransferSyntax = 0x00020010;
inline constexpr std::uint32_t kImplementationClass = 0x00020012;
inline constexpr std::uint32_t kImplementationVersion = 0x00020013;

inline constexpr std::uint32_t kSpecificCharacterSet = 0x00080005;
inline constexpr std::uint32_t kImageType = 0x00080008;
inline constexpr std::uint32_t kSopClass = 0x00080016;
inline constexpr std::uint32_t kSopInstance = 0x00080018;
inline constexpr std::uint32_t kStudyDate = 0x00080020;
inline constexpr std::uint32_t kSeriesDate = 0x00080021;
inline constexpr std::uint32_t kAcquisitionDate = 0x00080022;
inline constexpr std::uint32_t kContentDate = 0x00080023;
inline constexpr std::uint32_t kAcquisitionDateTime = 0x0008002A;
inline constexpr std::uint32_t kStudyTime = 0x00080030;
inline constexpr std::uint32_t kSeriesTime = 0x00080031;
inline constexpr std::uint32_t kAcquisitionTime = 0x00080032;
inline constexpr std::uint32_t kContentTime = 0x00080033;
inline constexpr std::uint32_t kAccessionNumber = 0x00080050;
inline constexpr std::uint32_t kModality = 0x00080060;
inline constexpr std::uint32_t kConversionType = 0x00080064;
inline constexpr std::uint32_t kManufacturer = 0x00080070;
inline constexpr std::uint32_t kReferringPhysician = 0x00080090;
inline constexpr std::uint32_t kCodeValue = 0x00080100;
inline constexpr std::uint32_t kCodingScheme = 0x00080102;
inline constexpr std::uint32_t kCodeMeaning = 0x00080104;
inline constexpr std::uint32_t kLongCodeValue = 0x00080119;
inline constexpr std::uint32_t kUrnCodeValue = 0x00080120;
inline constexpr std::uint32_t kTimezoneOffset = 0x00080201;
inline constexpr std::uint32_t kModelName = 0x00081090;

inline constexpr std::uint32_t kPatientName = 0x00100010;
inline constexpr std::uint32_t kPatientId = 0x00100020;
inline constexpr std::uint32_t kPatientBirthDate = 0x00100030;
inline constexpr std::uint32_t kPatientSex = 0x00100040;

inline constexpr std::uint32_t kLightSourcePolarization = 0x00161001;
inline constexpr std::uint32_t kEmitterColourTemperature = 0x00161002;
inline constexpr std::uint32_t kContactMethod = 0x00161003;
inline constexpr std::uint32_t kOpticalMagnification = 0x00161005;

inline constexpr std::uint32_t kDeviceSerialNumber = 0x00181000;
inline constexpr std::uint32_t kSoftwareVersions = 0x00181020;
inline constexpr std::uint32_t kMultiplexTimeOffset = 0x00181068;

inline constexpr std::uint32_t kStudyInstance = 0x0020000D;
inline constexpr std::uint32_t kSeriesInstance = 0x0020000E;
inline constexpr std::uint32_t kStudyId = 0x00200010;
inline constexpr std::uint32_t kSeriesNumber = 0x00200011;
inline constexpr std::uint32_t kInstanceNumber = 0x00200013;
inline constexpr std::uint32_t kPatientOrientation = 0x00200020;
inline constexpr std::uint32_t kFrameOfReference = 0x00200052;
inline constexpr std::uint32_t kLaterality = 0x00200060;
inline constexpr std::uint32_t kPositionReference = 0x00201040;

inline constexpr std::uint32_t kSamplesPerPixel = 0x00280002;
inline constexpr std::uint32_t kPhotometric = 0x00280004;
inline constexpr std::uint32_t kPlanarConfiguration = 0x00280006;
inline constexpr std::uint32_t kNumberOfFrames = 0x00280008;
inline constexpr std::uint32_t kRows = 0x00280010;
inline constexpr std::uint32_t kColumns = 0x00280011;
inline constexpr std::uint32_t kBitsAllocated = 0x00280100;
inline constexpr std::uint32_t kBitsStored = 0x00280101;
inline constexpr std::uint32_t kHighBit = 0x00280102;
inline constexpr std::uint32_t kPixelRepresentation = 0x00280103;
inline constexpr std::uint32_t kBurnedIn = 0x00280301;
inline constexpr std::uint32_t kRecognizableFeatures = 0x00280302;
inline constexpr std::uint32_t kWindowCenter = 0x00281050;
inline constexpr std::uint32_t kWindowWidth = 0x00281051;
inline constexpr std::uint32_t kRescaleIntercept = 0x00281052;
inline constexpr std::uint32_t kRescaleSlope = 0x00281053;
inline constexpr std::uint32_t kPaletteDescriptorRed = 0x00281101;  // green and blue follow
inline constexpr std::uint32_t kPaletteDataRed = 0x00281201;
inline constexpr std::uint32_t kPaletteSegmentedRed = 0x00281221;
inline constexpr std::uint32_t kIccProfile = 0x00282000;
inline constexpr std::uint32_t kLossyCompression = 0x00282110;
inline constexpr std::uint32_t kLossyRatio = 0x00282112;
inline constexpr std::uint32_t kLossyMethod = 0x00282114;

inline constexpr std::uint32_t kWaveformOriginality = 0x003A0004;
inline constexpr std::uint32_t kWaveformChannels = 0x003A0005;
inline constexpr std::uint32_t kWaveformSamples = 0x003A0010;
inline constexpr std::uint32_t kSamplingFrequency = 0x003A001A;
inline constexpr std::uint32_t kMultiplexLabel = 0x003A0020;
inline constexpr std::uint32_t kChannelDefinitions = 0x003A0200;
inline constexpr std::uint32_t kChannelLabel = 0x003A0203;
inline constexpr std::uint32_t kChannelSource = 0x003A0208;
inline constexpr std::uint32_t kChannelDerivation = 0x003A020C;
inline constexpr std::uint32_t kChannelSensitivity = 0x003A0210;
inline constexpr std::uint32_t kChannelUnits = 0x003A0211;
inline constexpr std::uint32_t kChannelCorrection = 0x003A0212;
inline constexpr std::uint32_t kChannelBaseline = 0x003A0213;
inline constexpr std::uint32_t kChannelTimeSkew = 0x003A0214;
inline constexpr std::uint32_t kChannelSampleSkew = 0x003A0215;
inline constexpr std::uint32_t kWaveformBitsStored = 0x003A021A;
// Named after the edges of the pass-band: "low" is the high-pass corner (PS3.3 C.10.9.1.4).
inline constexpr std::uint32_t kFilterLow = 0x003A0220;
inline constexpr std::uint32_t kFilterHigh = 0x003A0221;
inline constexpr std::uint32_t kFilterNotch = 0x003A0222;

inline constexpr std::uint32_t kAcquisitionContext = 0x00400555;
inline constexpr std::uint32_t kMeasurementUnits = 0x004008EA;
inline constexpr std::uint32_t kConceptName = 0x0040A043;
inline constexpr std::uint32_t kReferencedChannels = 0x0040A0B0;
inline constexpr std::uint32_t kTemporalRangeType = 0x0040A130;
inline constexpr std::uint32_t kAnnotationGroup = 0x0040A180;
inline constexpr std::uint32_t kNumericValue = 0x0040A30A;
inline constexpr std::uint32_t kAnnotations = 0x0040B020;

inline constexpr std::uint32_t kDocumentTitle = 0x00420010;
inline constexpr std::uint32_t kEncapsulatedDocument = 0x00420011;
inline constexpr std::uint32_t kDocumentMimeType = 0x00420012;
inline constexpr std::uint32_t kDocumentLength = 0x00420015;

inline constexpr std::uint32_t kUnformattedText = 0x00700006;

inline constexpr std::uint32_t kWaveformSequence = 0x54000100;
inline constexpr std::uint32_t kWaveformBitsAllocated = 0x54001004;
inline constexpr std::uint32_t kWaveformInterpretation = 0x54001006;
inline constexpr std::uint32_t kWaveformPadding = 0x5400100A;
inline constexpr std::uint32_t kWaveformData = 0x54001010;

inline constexpr std::uint32_t kPixelData = 0x7FE00010;

}  // namespace telavis::dicom_tag
