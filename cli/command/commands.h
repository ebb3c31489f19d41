// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/options.h"

// One function a command: declares it with its options, and what to do when it was named
// (Session::action). The table is in app.cc.
namespace patd::cli {

void add_create(CLI::App& app, Session& session);
void add_import(CLI::App& app, Session& session);
void add_list_tokens(CLI::App& app, Session& session);
void add_show(CLI::App& app, Session& session);
void add_edit(CLI::App& app, Session& session);
void add_regenerate(CLI::App& app, Session& session);
void add_delete(CLI::App& app, Session& session);
void add_remove_all(CLI::App& app, Session& session);
void add_passwd(CLI::App& app, Session& session);
void add_verify(CLI::App& app, Session& session);
void add_lock(CLI::App& app, Session& session);
void add_unlock(CLI::App& app, Session& session);
void add_status(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);
void add_audit(CLI::App& app, Session& session);
void add_explain(CLI::App& app, Session& session);
void add_exec(CLI::App& app, Session& session);
void add_get(CLI::App& app, Session& session);
void add_expose(CLI::App& app, Session& session);
void add_list_permissions(CLI::App& app, Session& session);
void add_setup(CLI::App& app, Session& session);
void add_admin(CLI::App& app, Session& session);
void add_help(CLI::App& app, Session& session);

}  // namespace patd::cli
