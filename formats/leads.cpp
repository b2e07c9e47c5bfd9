// SPDX-License-Identifier: Apache-2.0
#include "formats/leads.h"

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

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                              : character;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

}  // namespace

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
