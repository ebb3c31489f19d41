// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <span>

namespace patd::cli {

// Whether an argument holds a token's secret: anything with the prefix of one, also inside a URL or
// an option. Arguments are readable by every process of the machine, so patctl takes none there.
bool holds_secret(std::span<const char* const> arguments);

}  // namespace patd::cli
