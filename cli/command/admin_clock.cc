// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/text/json.h"
#include "cli/text/time_text.h"

namespace patd::cli {
namespace {

Result<ExitCode> accept_clock(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    TRY(client.admin_accept_clock());
    TRY(session.report(
        {{"accepted", time_to_json(session.now())}},
        "From now on tokens expire by the clock: " + format_time(session.now()) + "."));
    return ExitCode::Success;
}

}  // namespace

void add_admin_clock(CLI::App& admin, Session& session) {
    admin.add_subcommand("accept-clock", "Confirm that the clock is right, even if it went back")
        ->callback([&session] { session.action = [&session] { return accept_clock(session); }; });
}

}  // namespace patd::cli
