// SPDX-License-Identifier: Apache-2.0
// `telavis export figures` and `telavis export activity`.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Below `exports`. The chosen command is put into `chosen`.
void add_figure_commands(CLI::App& exports, std::function<Result<void>()>& chosen);

}  // namespace telavis
