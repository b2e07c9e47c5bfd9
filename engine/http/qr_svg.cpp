// SPDX-License-Identifier: Apache-2.0
#include "engine/http/qr_svg.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <iterator>
#include <memory>

namespace telavis {
namespace {

constexpr std::size_t kMaxQrBytes = 2'000;  // below what the largest symbol holds at level M
constexpr int kQuietZone = 4;               // modules (ISO/IEC 18004, 5.3.8)

}  // namespace

Result<std::string> qr_svg(std::string_view text) {
  if (text.size() > kMaxQrBytes) {
    return fail(ErrorCode::limit_exceeded, "This is too long for a QR code.");
  }
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
      &QRcode_free);
  if (!code) return fail(ErrorCode::internal, "The QR code could not be made.");
  std::string path;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      constexpr unsigned kDark = 1;  // the lowest bit of a module
      if ((code->data[y * code->width + x] & kDark) == 0) continue;
      fmt::format_to(std::back_inserter(path), "M{} {}h1v1h-1z", x + kQuietZone, y + kQuietZone);
    }
  }
  const int side = code->width + 2 * kQuietZone;
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" shape-rendering="crispEdges">)"
      R"(<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{1}"/></svg>)",
      side, path);
}

}  // namespace telavis
