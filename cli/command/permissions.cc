// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/text/json.h"
#include "cli/text/permissions_text.h"

namespace patd::cli {
namespace {

Result<ExitCode> list_permissions(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    const std::vector<client::Dictionary> entries = TRY(client.list_permissions());
    if (session.json)
        TRY(session.print_json(to_json(entries)));
    else if (entries.empty())
        TRY(
            session.print("This machine has no permission catalogue, so tokens cannot have "
                          "permissions; see patd.permissions(5).\n"));
    else
        TRY(session.print(format_catalogue(entries)));
    return ExitCode::Success;
}

}  // namespace

void add_list_permissions(CLI::App& app, Session& session) {
    app.add_subcommand("permissions", "Show which permissions a token can have")
        ->callback(
            [&session] { session.action = [&session] { return list_permissions(session); }; });
}

}  // namespace patd::cli
