// SPDX-License-Identifier: Apache-2.0
// Object identifiers of the documents (HL7 CDA R2; CI-SIS "Structuration minimale" and
// "Télémédecine" 2022.01).
#pragma once

#include <string_view>

namespace telavis::cda {

inline constexpr std::string_view kNamespace = "urn:hl7-org:v3";
inline constexpr std::string_view kTypeRoot = "2.16.840.1.113883.1.3";
inline constexpr std::string_view kTypeExtension = "POCD_HD000040";

// Templates of documents.
inline constexpr std::string_view kHl7France = "2.16.840.1.113883.2.8.2.1";
inline constexpr std::string_view kCiSisHeader = "1.2.250.1.213.1.1.1.1";
inline constexpr std::string_view kTlmDa = "1.2.250.1.213.1.1.1.38";
inline constexpr std::string_view kTlmDaVersion = "2022.01";
inline constexpr std::string_view kUnstructured = "1.3.6.1.4.1.19376.1.2.20";  // every level 1

// Types of documents, LOINC.
inline constexpr std::string_view kLoinc = "2.16.840.1.113883.6.1";
inline constexpr std::string_view kTlmDaCode = "75496-0";
inline constexpr std::string_view kTlmCrCode = "85208-7";

// Domains of identifiers.
inline constexpr std::string_view kProfessionals = "1.2.250.1.71.4.2.1";
inline constexpr std::string_view kOrganizations = "1.2.250.1.71.4.2.2";
inline constexpr std::string_view kInsDomains = "1.2.250.1.213.1.4.";  // all of them start so
inline constexpr char kRppsPrefix = '8';  // kind of identifier, before the number itself

// Code systems.
inline constexpr std::string_view kConfidentiality = "2.16.840.1.113883.5.25";
inline constexpr std::string_view kGender = "2.16.840.1.113883.5.1";
inline constexpr std::string_view kActCode = "2.16.840.1.113883.5.4";
inline constexpr std::string_view kProfessions = "1.2.250.1.213.1.1.4.5";
inline constexpr std::string_view kPracticeSettings = "1.2.250.1.213.1.1.4.9";
inline constexpr std::string_view kSectors = "1.2.250.1.71.4.2.4";
inline constexpr std::string_view kNgap = "1.2.250.1.215.200.3.3";

// The section that holds the anamnesis.
inline constexpr std::string_view kAnamnesisAndRisks = "46612-8";

}  // namespace telavis::cda
