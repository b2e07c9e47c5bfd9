// SPDX-License-Identifier: Apache-2.0
// How keys of a query match values (PS3.4 C.2.2.2), for worklists and searches. Pure.
#pragma once

#include <string_view>

namespace telavis {

/// `*` any characters, `?` one. Linear in both but for one step back a star.
bool matches_dicom_pattern(std::string_view pattern, std::string_view text);
/// Empty, or stars alone: matches everything, also what is absent.
bool is_universal_key(std::string_view key);
/// A key with wildcards, or a universal one.
bool matches_dicom_text(std::string_view key, std::string_view value);
/// Names without regard to case, accents and the order of words, as it differs among devices
/// (PS3.4 C.2.2.2.4): each word of the key is one of the name, or the whole is the whole. Both may
/// be divided by '^'. UTF-8.
bool matches_dicom_name(std::string_view key, std::string_view name);
/// DA or TM: one value or a range `from-until`, each end optional. A time that is cut ("09")
/// stands for all that begin with it.
bool matches_dicom_range(std::string_view key, std::string_view value);

}  // namespace telavis
