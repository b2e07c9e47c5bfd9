// SPDX-License-Identifier: Apache-2.0
// Lines for the operator on standard error: ids and codes, never a name or clinical text.
#pragma once

#include <string>

namespace telavis {

void set_log_level(const std::string& level);  // debug, info, warning, error
void log_info(const std::string& line);
void log_warning(const std::string& line);
void log_error(const std::string& line);

}  // namespace telavis
