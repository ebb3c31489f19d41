// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"

#include <CLI/CLI.hpp>

#include <string>

namespace patd::cli {

// Declares --yes.
void add_yes(CLI::App& command, bool& yes);

// Whether whoever sits at the terminal says y to `question`, which ends with a question mark.
// Whoever gave --yes, or a descriptor for the password, has said so: nobody is asked. Cancelled: no
// terminal, or another answer.
Result<void> confirm(const Session& session, bool yes, const std::string& question);

}  // namespace patd::cli
