// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"

#include <CLI/CLI.hpp>

namespace patd::cli {

// Declares `patctl converse`: one operation for another program (patctl-converse(7)).
void add_converse(CLI::App& app, Session& session);

}  // namespace patd::cli
