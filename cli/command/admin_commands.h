// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/options.h"

// The commands below `patctl admin`, by what they are about; cli/command/admin.cc declares `admin`
// itself.
namespace patd::cli {

void add_admin_tokens(CLI::App& admin, Session& session);
void add_admin_backup(CLI::App& admin, Session& session);
void add_admin_clock(CLI::App& admin, Session& session);
void add_admin_config(CLI::App& admin, Session& session);
void add_admin_key(CLI::App& admin, Session& session);
void add_admin_rollback(CLI::App& admin, Session& session);

}  // namespace patd::cli
