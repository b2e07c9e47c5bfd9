// SPDX-License-Identifier: Apache-2.0
// Text from files and people, made safe to draw.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace telavis {

enum class LineBreaks { keep, to_space };

/// Valid UTF-8 whatever the bytes: ill-formed sequences and non-characters become U+FFFD; tabs
/// become a space; control characters, byte order marks, direction overrides and isolates (they
/// could show a name or a dose in another order than written) and tag characters are left out. CR
/// LF, CR, U+0085, U+2028 and U+2029 are line breaks.
std::string printable_text(std::string_view text, LineBreaks breaks);

/// At most `max_characters` code points of valid UTF-8, the last one "…" when something was cut.
std::string shortened(std::string_view text, std::size_t max_characters);

/// An upper bound of the width of a text in DejaVu Sans Bold, in em: for drawings that are made
/// without a font at hand.
double text_width_em(std::string_view text);
/// Of the same text in the regular weight.
inline constexpr double kRegularToBold = 0.93;
/// The text, its end replaced by "…" when it is wider than `max_em`.
std::string fitted(std::string_view text, double max_em);
/// The text in lines no wider than `max_em`, broken at spaces; a word wider than a line is broken
/// where the line ends.
std::vector<std::string> wrapped(std::string_view text, double max_em);

/// "1953-05-08" -> "08/05/1953", "2002-11-22T09:10:00" -> "22/11/2002 09:10:00"; anything else as
/// is.
std::string day_first(std::string_view iso8601_local);

}  // namespace telavis
