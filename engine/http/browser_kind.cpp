// SPDX-License-Identifier: Apache-2.0
#include "engine/http/browser_kind.h"

#include <array>
#include <utility>

namespace telavis {
namespace {

using Sign = std::pair<std::string_view, std::string_view>;  // what stands there, what it means

// Browsers name those that they are like: the most particular first.
constexpr std::array kBrowserSigns = {Sign{"Firefox/", "firefox"}, Sign{"FxiOS/", "firefox"},
                                      Sign{"Edg", "edge"},         Sign{"CriOS/", "chrome"},
                                      Sign{"Chrome/", "chrome"},   Sign{"Safari/", "safari"}};
constexpr std::array kSystemSigns = {Sign{"Windows", "windows"}, Sign{"iPhone", "ios"},
                                     Sign{"iPad", "ios"},        Sign{"Macintosh", "macos"},
                                     Sign{"Android", "android"}, Sign{"Linux", "linux"}};

template <typename Signs>
std::string meaning(std::string_view text, const Signs& signs) {
  for (const auto& [sign, means] : signs) {
    if (text.find(sign) != std::string_view::npos) return std::string(means);
  }
  return "other";
}

}  // namespace

std::string browser_kind(std::string_view user_agent) {
  return meaning(user_agent, kBrowserSigns) + "/" + meaning(user_agent, kSystemSigns);
}

}  // namespace telavis
