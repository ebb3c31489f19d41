// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/tool.h"

namespace patd::cli::tools {

// Whether the link or script is not yet as it is to be. Somebody else's file is to change too.
bool is_to_change(const LinkChange& change);

// Makes it, with its folder, or removes it. BadFile: something else is there, which stays.
Result<void> carry_out(const LinkChange& change);

}  // namespace patd::cli::tools
