// SPDX-License-Identifier: Apache-2.0
#include "formats/srgb_profile.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace telavis {
namespace {

/// X, Y, Z in 1/65536.
using Xyz = std::array<std::uint32_t, 3>;

// The primaries of ITU-R BT.709 seen under D50 (linear Bradford adaptation from D65).
constexpr Xyz kRed{28576, 14581, 912};
constexpr Xyz kGreen{25239, 46983, 6361};
constexpr Xyz kBlue{9375, 3972, 46787};
constexpr Xyz kD50{63190, 65536, 54061};

/// Less than a quarter of a level of 8 bits between two entries, also where the curve is steepest.
constexpr std::uint32_t kCurveEntries = 1024;
constexpr std::string_view kDescription = "sRGB IEC61966-2.1";
constexpr std::string_view kCopyright = "No copyright, use freely";

/// IEC 61966-2-1, 5.2.
double linear(double encoded) {
  return encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
}

Bytes xyz_tag(const Xyz& value) {
  Bytes out;
  ByteWriter writer(out);
  writer.text("XYZ ");
  writer.u32be(0);
  for (const std::uint32_t part : value) writer.u32be(part);
  return out;
}

Bytes curve_tag() {
  Bytes out;
  ByteWriter writer(out);
  writer.text("curv");
  writer.u32be(0);
  writer.u32be(kCurveEntries);
  for (std::uint32_t i = 0; i < kCurveEntries; ++i) {
    const double value = linear(static_cast<double>(i) / (kCurveEntries - 1));
    writer.u16be(static_cast<std::uint16_t>(std::lround(value * 65535)));
  }
  return out;
}

Bytes text_tag(std::string_view text) {
  Bytes out;
  ByteWriter writer(out);
  writer.text("text");
  writer.u32be(0);
  writer.text(text);
  writer.u8(0);
  return out;
}

/// ASCII; the Unicode and the ScriptCode descriptions that follow it are empty.
Bytes description_tag(std::string_view text) {
  constexpr std::size_t kEmptyUnicodeAndScript = 4 + 4 + 2 + 1 + 67;
  Bytes out;
  ByteWriter writer(out);
  writer.text("desc");
  writer.u32be(0);
  writer.u32be(static_cast<std::uint32_t>(text.size() + 1));
  writer.text(text);
  writer.u8(0);
  out.resize(out.size() + kEmptyUnicodeAndScript);
  return out;
}

struct Tag {
  std::string_view signature;
  const Bytes& data;
};

/// ICC.1:1998-09, 6.1.
void write_header(ByteWriter& writer, std::size_t profile_size) {
  writer.u32be(static_cast<std::uint32_t>(profile_size));
  writer.u32be(0);           // no preferred colour engine
  writer.u32be(0x02100000);  // version 2.1.0
  writer.text("mntrRGB XYZ ");
  constexpr std::array<std::uint16_t, 6> kDateOfTheStandard = {1999, 10, 18, 0, 0, 0};
  for (const std::uint16_t part : kDateOfTheStandard) writer.u16be(part);
  writer.text("acsp");
  for (int i = 0; i < 6; ++i) writer.u32be(0);  // platform, flags, maker, model, attributes
  writer.u32be(0);                              // perceptual
  for (const std::uint32_t part : kD50) writer.u32be(part);
  for (int i = 0; i < 12; ++i) writer.u32be(0);  // creator, reserved
}

}  // namespace

Bytes srgb_profile() {
  constexpr std::size_t kHeader = 128;
  constexpr std::size_t kTagEntry = 12;
  const Bytes description = description_tag(kDescription);
  const Bytes copyright = text_tag(kCopyright);
  const Bytes white = xyz_tag(kD50);
  const Bytes red = xyz_tag(kRed);
  const Bytes green = xyz_tag(kGreen);
  const Bytes blue = xyz_tag(kBlue);
  const Bytes curve = curve_tag();
  const std::array<Tag, 9> tags = {{{"desc", description},
                                    {"cprt", copyright},
                                    {"wtpt", white},
                                    {"rXYZ", red},
                                    {"gXYZ", green},
                                    {"bXYZ", blue},
                                    {"rTRC", curve},
                                    {"gTRC", curve},
                                    {"bTRC", curve}}};
  Bytes table;
  Bytes body;
  ByteWriter entries(table);
  entries.u32be(static_cast<std::uint32_t>(tags.size()));
  const std::size_t first = kHeader + 4 + tags.size() * kTagEntry;
  std::size_t at = first;
  const Bytes* previous = nullptr;
  for (const Tag& tag : tags) {
    if (previous != &tag.data) {  // the three curves are one
      at = first + body.size();
      body.insert(body.end(), tag.data.begin(), tag.data.end());
      while (body.size() % 4 != 0) body.push_back(0);
    }
    previous = &tag.data;
    entries.text(tag.signature);
    entries.u32be(static_cast<std::uint32_t>(at));
    entries.u32be(static_cast<std::uint32_t>(tag.data.size()));
  }
  Bytes profile;
  ByteWriter writer(profile);
  write_header(writer, first + body.size());
  writer.bytes(table);
  writer.bytes(body);
  return profile;
}

}  // namespace telavis
