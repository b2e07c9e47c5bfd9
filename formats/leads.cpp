// SPDX-License-Identifier: Apache-2.0
#include "formats/leads.h"
#include "formats/text.h"

#include <algorithm>
#include <charconv>

namespace telavis {
namespace {

struct NamedLead {
  std::uint16_t id;
  std::string_view name;
};

// EN 1064 table of lead identification, as agreed by the open readers of the format. Ids that they
// do not name alike (135..146, 148..184, and the manufacturers' own from 200) have no name here.
// "d" = derived from other leads.
constexpr auto kNames = std::to_array<NamedLead>({
    {0, "unspecified"}, {1, "I"},        {2, "II"},     {3, "V1"},     {4, "V2"},
    {5, "V3"},          {6, "V4"},       {7, "V5"},     {8, "V6"},     {9, "V7"},
    {10, "V2R"},        {11, "V3R"},     {12, "V4R"},   {13, "V5R"},   {14, "V6R"},
    {15, "V7R"},        {16, "X"},       {17, "Y"},     {18, "Z"},     {19, "CC5"},
    {20, "CM5"},        {21, "LA"},      {22, "RA"},    {23, "LL"},    {24, "fI"},
    {25, "fE"},         {26, "fC"},      {27, "fA"},    {28, "fM"},    {29, "fF"},
    {30, "fH"},         {31, "dI"},      {32, "dII"},   {33, "dV1"},   {34, "dV2"},
    {35, "dV3"},        {36, "dV4"},     {37, "dV5"},   {38, "dV6"},   {39, "dV7"},
    {40, "dV2R"},       {41, "dV3R"},    {42, "dV4R"},  {43, "dV5R"},  {44, "dV6R"},
    {45, "dV7R"},       {46, "dX"},      {47, "dY"},    {48, "dZ"},    {49, "dCC5"},
    {50, "dCM5"},       {51, "dLA"},     {52, "dRA"},   {53, "dLL"},   {54, "dfI"},
    {55, "dfE"},        {56, "dfC"},     {57, "dfA"},   {58, "dfM"},   {59, "dfF"},
    {60, "dfH"},        {61, "III"},     {62, "aVR"},   {63, "aVL"},   {64, "aVF"},
    {65, "-aVR"},       {66, "V8"},      {67, "V9"},    {68, "V8R"},   {69, "V9R"},
    {70, "D"},          {71, "A"},       {72, "J"},     {73, "Defib"}, {74, "Extern"},
    {75, "A1"},         {76, "A2"},      {77, "A3"},    {78, "A4"},    {79, "dV8"},
    {80, "dV9"},        {81, "dV8R"},    {82, "dV9R"},  {83, "dD"},    {84, "dA"},
    {85, "dJ"},         {86, "Chest"},   {87, "V"},     {88, "VR"},    {89, "VL"},
    {90, "VF"},         {91, "MCL"},     {92, "MCL1"},  {93, "MCL2"},  {94, "MCL3"},
    {95, "MCL4"},       {96, "MCL5"},    {97, "MCL6"},  {98, "CC"},    {99, "CC1"},
    {100, "CC2"},       {101, "CC3"},    {102, "CC4"},  {103, "CC6"},  {104, "CC7"},
    {105, "CM"},        {106, "CM1"},    {107, "CM2"},  {108, "CM3"},  {109, "CM4"},
    {110, "CM6"},       {111, "dIII"},   {112, "daVR"}, {113, "daVL"}, {114, "daVF"},
    {115, "d-aVR"},     {116, "dChest"}, {117, "dV"},   {118, "dVR"},  {119, "dVL"},
    {120, "dVF"},       {121, "CM7"},    {122, "CH5"},  {123, "CS5"},  {124, "CB5"},
    {125, "CR5"},       {126, "ML"},     {127, "AB1"},  {128, "AB2"},  {129, "AB3"},
    {130, "AB4"},       {131, "ES"},     {132, "AS"},   {133, "AI"},   {134, "S"},
    {147, "RL"},
});

constexpr std::string_view kUnnamedPrefix = "lead-";
// No lead has a longer name; a label of a whole file is cut, not walked.
constexpr std::size_t kMaxLabelCharacters = 64;

char upper(char character) {
  return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A')
                                              : character;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

// Upper case, any run of blanks, '_', '-', ':', '.' or '/' one space, what stands in brackets left
// out ("V4 (mV)"): the words of a label.
std::string words_of(std::string_view label) {
  std::string words;
  int depth = 0;
  for (const char character : label.substr(0, kMaxLabelCharacters)) {
    if (character == '(' || character == '[') ++depth;
    const bool blank = std::string_view(" \t_-:./").find(character) != std::string_view::npos;
    if (depth > 0 || blank) {
      if (!words.empty() && words.back() != ' ') words += ' ';
    } else if (character != '\0') {
      words += upper(character);
    }
    if ((character == ')' || character == ']') && depth > 0) --depth;
  }
  if (!words.empty() && words.back() == ' ') words.pop_back();
  return words;
}

// Takes `word` off the front when something else follows it.
bool take_word(std::string_view& words, std::string_view word) {
  if (words.size() <= word.size() + 1 || !words.starts_with(word) || words[word.size()] != ' ') {
    return false;
  }
  words.remove_prefix(word.size() + 1);
  return true;
}

// "ECG LEAD II REF" -> "II".
std::string_view bare_name(std::string_view words) {
  bool taken = true;
  while (taken) {
    taken = false;
    for (const std::string_view word : {"ECG", "EKG", "ELECTRODE", "LEAD", "DERIVATION"}) {
      taken = take_word(words, word) || taken;
    }
  }
  for (const std::string_view reference : {" REF", " WCT", " WILSON", " MV", " UV"}) {
    if (words.ends_with(reference)) words.remove_suffix(reference.size());
  }
  return words;
}

// "-aVR", also behind a word: in "ECG-aVR" the sign only joins two words.
bool names_minus_avr(std::string_view label) {
  constexpr std::string_view kName = "-aVR";
  const std::size_t last = label.find_last_not_of(' ');
  if (last == std::string_view::npos || last + 1 < kName.size()) return false;
  const std::size_t first = last + 1 - kName.size();
  return equal_ignoring_case(label.substr(first, kName.size()), kName) &&
         (first == 0 || label[first - 1] == ' ');
}

struct Dialect {
  std::string_view name;
  LeadCode code;
};
// D1..D3 and DI..DIII are the French and Iberian names of the bipolar leads; pairs of electrodes
// are plus and minus; vx..vz are those of the PTB recordings.
constexpr auto kDialects = std::to_array<Dialect>({
    {"D1", LeadCode::I},     {"D2", LeadCode::II},    {"D3", LeadCode::III},
    {"DI", LeadCode::I},     {"DII", LeadCode::II},   {"DIII", LeadCode::III},
    {"LA RA", LeadCode::I},  {"LL RA", LeadCode::II}, {"LL LA", LeadCode::III},
    {"A VR", LeadCode::aVR}, {"A VL", LeadCode::aVL}, {"A VF", LeadCode::aVF},
    {"VX", LeadCode::X},     {"VY", LeadCode::Y},     {"VZ", LeadCode::Z},
    {"V 1", LeadCode::V1},   {"V 2", LeadCode::V2},   {"V 3", LeadCode::V3},
    {"V 4", LeadCode::V4},   {"V 5", LeadCode::V5},   {"V 6", LeadCode::V6},
});

// Names of the table that a free label may mean: the codes of one letter ("A", "S") and the
// catheters say too little outside of SCP-ECG.
bool may_be_a_label(LeadCode code) {
  const auto id = static_cast<std::uint16_t>(code);
  const bool standard = (id >= 1 && id <= 18) || (id >= 61 && id <= 64) || (id >= 66 && id <= 69);
  const bool monitoring = id == 19 || id == 20 || (id >= 92 && id <= 97) ||
                          (id >= 99 && id <= 104) || (id >= 106 && id <= 110) || id == 121;
  return standard || monitoring;
}

}  // namespace

std::optional<LeadCode> lead_from_label(std::string_view label) {
  if (names_minus_avr(label)) return LeadCode::minus_aVR;
  const std::string words = words_of(label);
  const std::string_view name = bare_name(words);
  const auto* const dialect = std::ranges::find(kDialects, name, &Dialect::name);
  if (dialect != kDialects.end()) return dialect->code;
  const auto code = lead_from_name(name);
  return code && may_be_a_label(*code) ? code : std::nullopt;
}

SignalKind signal_kind(std::string_view label) {
  if (lead_from_label(label)) return SignalKind::ecg;
  const std::string words = words_of(label);
  for (const std::string_view start : {"ECG", "EKG", "ML", "MCL", "HOLTER"}) {
    if (words.starts_with(start)) return SignalKind::ecg;
  }
  for (const std::string_view start :
       {"EEG",   "EOG",   "EMG",   "ERG",   "EP ",    "RESP",    "RES ",    "RSP",   "IMP",
        "ABP",   "ART",   "BP",    "CVP",   "PAP",    "ICP",     "PLETH",   "PPG",   "SPO2",
        "SAO2",  "CO2",   "ETCO2", "TEMP",  "ACC",    "FLOW",    "PRESS",   "THO",   "ABD",
        "NASAL", "SNORE", "POS",   "EVENT", "MARKER", "STATUS",  "TRIGGER", "LIGHT", "SCG",
        "PCG",   "GSR",   "EDA",   "HR",    "PULSE",  "EDF ANN", "BDF ANN", "CHIN",  "LEG"}) {
    if (words.starts_with(start)) return SignalKind::other;
  }
  return SignalKind::unclear;
}

std::string lead_name(LeadCode code) {
  const auto id = static_cast<std::uint16_t>(code);
  const auto* const found = std::ranges::find(kNames, id, &NamedLead::id);
  if (found != kNames.end()) return std::string(found->name);
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id).ptr;
  return std::string(kUnnamedPrefix).append(digits.data(), end);
}

std::optional<LeadCode> lead_from_name(std::string_view name) {
  for (const NamedLead& named : kNames) {
    if (equal_ignoring_case(named.name, name)) return LeadCode{named.id};
  }
  if (name.size() <= kUnnamedPrefix.size() ||
      !equal_ignoring_case(name.substr(0, kUnnamedPrefix.size()), kUnnamedPrefix)) {
    return std::nullopt;
  }
  name.remove_prefix(kUnnamedPrefix.size());
  std::uint16_t id = 0;
  const char* const end = name.data() + name.size();
  const auto [parsed, error] = std::from_chars(name.data(), end, id);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return LeadCode{id};
}

}  // namespace telavis
