// SPDX-License-Identifier: Apache-2.0
#include "formats/colour.h"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace telavis {
namespace {

constexpr cmsUInt32Number kFlags = cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOCACHE;
/// Three equal values in, of which lcms reads the first.
constexpr cmsUInt32Number kGreyOfThree =
    COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(2) | BYTES_SH(1);
/// Steps along an axis of the colours that tell whether a profile changes anything.
constexpr int kProbeSteps = 9;

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Transform = std::unique_ptr<void, DeleteTransform>;

Profile open_profile(ByteView icc) {
  if (icc.empty() || icc.size() > kMaxIccBytes) return nullptr;
  return Profile(cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size())));
}

bool describes_pictures(cmsHPROFILE profile) {
  const cmsProfileClassSignature kind = cmsGetDeviceClass(profile);
  return kind == cmsSigInputClass || kind == cmsSigDisplayClass || kind == cmsSigOutputClass ||
         kind == cmsSigColorSpaceClass;
}

/// `format` of 0: whatever suits the profile, to try it only.
Transform open_transform(cmsHPROFILE from, cmsUInt32Number format, cmsUInt32Number flags) {
  if (from == nullptr || !describes_pictures(from)) return nullptr;
  const Profile srgb(cmsCreate_sRGBProfile());
  if (srgb == nullptr) return nullptr;
  return Transform(cmsCreateTransform(from, format, srgb.get(), TYPE_RGB_8,
                                      INTENT_RELATIVE_COLORIMETRIC, flags));
}

std::optional<cmsUInt32Number> picture_format(cmsHPROFILE profile, int components) {
  const cmsColorSpaceSignature space = cmsGetColorSpace(profile);
  if (components == 4) {
    return space == cmsSigCmykData ? std::optional<cmsUInt32Number>(TYPE_CMYK_8) : std::nullopt;
  }
  if (space == cmsSigRgbData) return TYPE_RGB_8;
  if (space == cmsSigGrayData && components == 1) return kGreyOfThree;
  return std::nullopt;
}

/// A lattice over all colours, or all greys.
Bytes probe(bool grey) {
  Bytes colours;
  if (grey) {
    for (int value = 0; value < 256; ++value) {
      colours.insert(colours.end(), 3, static_cast<std::uint8_t>(value));
    }
    return colours;
  }
  for (int i = 0; i < kProbeSteps * kProbeSteps * kProbeSteps; ++i) {
    for (const int step :
         {i / (kProbeSteps * kProbeSteps), i / kProbeSteps % kProbeSteps, i % kProbeSteps}) {
      colours.push_back(static_cast<std::uint8_t>(255 * step / (kProbeSteps - 1)));
    }
  }
  return colours;
}

bool changes_nothing(cmsHTRANSFORM transform, bool grey) {
  const Bytes before = probe(grey);
  Bytes after(before.size());
  cmsDoTransform(transform, before.data(), after.data(),
                 static_cast<cmsUInt32Number>(before.size() / 3));
  return std::equal(before.begin(), before.end(), after.begin(),
                    [](int a, int b) { return std::abs(a - b) <= 1; });
}

std::optional<Chromaticities> chromaticities_of(int primaries) {
  switch (primaries) {  // H.273 table 2
    case 1:
    case 2:  // unspecified: what an ordinary picture has
      return kSrgbChromaticities;
    case 5:  // 625-line television
      return Chromaticities{0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06};
    case 6:  // 525-line television
    case 7:
      return Chromaticities{0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070};
    case 9:  // BT.2020
      return Chromaticities{0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046};
    case 11:  // DCI-P3
      return Chromaticities{0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
    case 12:  // Display P3
      return Chromaticities{0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
    default:
      return std::nullopt;
  }
}

/// 0: the curve of sRGB.
std::optional<double> gamma_of(int transfer) {
  switch (transfer) {  // H.273 table 3
    case 1:            // television curves: their files are meant for the screens of sRGB
    case 2:
    case 6:
    case 13:
    case 14:
    case 15:
      return 0.0;
    case 4:
      return 2.2;
    case 5:
      return 2.8;
    case 8:
      return 1.0;
    case 17:
      return 2.6;
    default:
      return std::nullopt;
  }
}

}  // namespace

bool usable_profile(ByteView icc, int components) {
  const Profile profile = open_profile(icc);
  if (profile == nullptr) return false;
  const auto format = picture_format(profile.get(), components);
  // Without optimisation lcms reads every table and computes none.
  return format && open_transform(profile.get(), *format, kFlags | cmsFLAGS_NOOPTIMIZE) != nullptr;
}

Result<Pixels> to_srgb(Pixels pixels, ByteView icc) {
  const Profile profile = open_profile(icc);
  const auto format = profile == nullptr ? std::nullopt : picture_format(profile.get(), 1);
  const Transform transform =
      format ? open_transform(profile.get(), *format, kFlags) : Transform(nullptr);
  if (transform == nullptr) {
    return fail(ErrorCode::malformed_file,
                "the colour profile of this picture cannot be used: save the picture again in an "
                "image editor");
  }
  if (changes_nothing(transform.get(), *format == kGreyOfThree)) return pixels;
  const std::size_t row = static_cast<std::size_t>(pixels.width) * 3;
  for (std::size_t at = 0; row > 0 && at + row <= pixels.rgb.size(); at += row) {
    cmsDoTransform(transform.get(), pixels.rgb.data() + at, pixels.rgb.data() + at,
                   static_cast<cmsUInt32Number>(pixels.width));
  }
  return pixels;
}

std::optional<InkConverter> InkConverter::open(ByteView icc, bool inverted) {
  const Profile profile = open_profile(icc);
  if (profile == nullptr || !picture_format(profile.get(), 4)) return std::nullopt;
  Transform transform =
      open_transform(profile.get(), inverted ? TYPE_CMYK_8_REV : TYPE_CMYK_8, kFlags);
  if (transform == nullptr) return std::nullopt;
  return InkConverter(std::shared_ptr<void>(transform.release(), DeleteTransform{}));
}

void InkConverter::convert(const std::uint8_t* inks, std::uint8_t* rgb, std::size_t pixels) const {
  cmsDoTransform(transform_.get(), inks, rgb, static_cast<cmsUInt32Number>(pixels));
}

Bytes rgb_profile(const Chromaticities& colours, double gamma) {
  const cmsCIExyY white = {colours.white_x, colours.white_y, 1.0};
  const cmsCIExyYTRIPLE primaries = {{colours.red_x, colours.red_y, 1.0},
                                     {colours.green_x, colours.green_y, 1.0},
                                     {colours.blue_x, colours.blue_y, 1.0}};
  // IEC 61966-2-1: ((v + 0.055) / 1.055) ^ 2.4 above 0.04045, v / 12.92 below
  constexpr std::array<double, 5> kSrgbCurve = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  const std::unique_ptr<cmsToneCurve, decltype(&cmsFreeToneCurve)> curve(
      gamma == 0.0 ? cmsBuildParametricToneCurve(nullptr, 4, kSrgbCurve.data())
                   : cmsBuildGamma(nullptr, gamma),
      &cmsFreeToneCurve);
  if (curve == nullptr || colours.white_y <= 0) return {};
  const std::array<cmsToneCurve*, 3> curves = {curve.get(), curve.get(), curve.get()};
  const Profile profile(cmsCreateRGBProfile(&white, &primaries, curves.data()));
  cmsUInt32Number size = 0;
  if (profile == nullptr || !cmsSaveProfileToMem(profile.get(), nullptr, &size)) return {};
  Bytes icc(size);
  if (!cmsSaveProfileToMem(profile.get(), icc.data(), &size)) return {};
  icc.resize(size);
  return icc;
}

CodedColours colours_of_code_points(int primaries, int transfer) {
  const auto colours = chromaticities_of(primaries);
  const auto gamma = gamma_of(transfer);
  if (!colours || !gamma) return {};
  // The primaries of television (codes 5 and 6) are written by encoders that mean "a plain JPEG".
  const bool plain = primaries == 1 || primaries == 2 || primaries == 5 || primaries == 6;
  if (plain && *gamma == 0.0) return {CodePoints::srgb, {}};
  Bytes icc = rgb_profile(*colours, *gamma);
  if (icc.empty()) return {};
  return {CodePoints::convertible, std::move(icc)};
}

}  // namespace telavis
