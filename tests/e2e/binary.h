// SPDX-License-Identifier: Apache-2.0
#pragma once

// The build says where the program is; a reader of single files (clang-tidy) does not know it.
#ifndef TELAVIS_BINARY
#define TELAVIS_BINARY "telavis"
#endif
