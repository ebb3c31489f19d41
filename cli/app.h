// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/io/environment.h"
#include "cli/io/exit_code.h"

#include <span>

namespace patd::cli {

// The whole of patctl but its process: `arguments` is argv, the program's name first. Everything
// is said through `environment`. A secret among the arguments is refused before anything else.
ExitCode run(const Environment& environment, std::span<const char* const> arguments);

}  // namespace patd::cli
