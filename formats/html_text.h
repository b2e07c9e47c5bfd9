// SPDX-License-Identifier: Apache-2.0
// The text of an HTML mail, as its reader sees it.
#pragma once

#include <string>
#include <string_view>

namespace telavis {

/// Plain text of HTML, by libxml2's tolerant parser: nothing is fetched, no script or style is
/// text. `html` is UTF-8, whatever it declares. Blocks are lines, paragraphs are parted by a blank
/// line, cells of a table by a tab, list items begin with "- ". What the mail program marks as a
/// quotation (blockquote of type cite, of a class of Gmail, Yahoo, Proton, or with a line at its
/// left) gets
/// "> " in front of each line; other indentation is none. Never more than `max_bytes` of text.
/// Work is linear in the size; what nests deeper than libxml2 follows is left out.
std::string text_of_html(std::string_view html, std::size_t max_bytes);

}  // namespace telavis
