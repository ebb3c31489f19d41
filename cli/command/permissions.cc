// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/text/json.h"
#include "cli/text/permissions_text.h"
#include "common/base/nearest_name.h"

#include <memory>

namespace patd::cli {
namespace {

// What cannot be found, and what was probably meant.
std::string describe_unknown(const std::vector<client::Dictionary>& entries,
                             const std::string& name) {
    std::vector<std::string> names;
    for (const client::Dictionary& entry : entries) {
        const std::string object = entry.text("object");
        names.push_back(entry.text("area"));
        if (!object.empty())
            names.push_back(entry.text("area") + ":" + object);
    }
    const std::string nearest = nearest_name(name, names);
    const std::string text = "there is no area or object '" + name + "' on this machine; ";
    return text + (nearest.empty() ? "see 'patctl permissions'" : "did you mean " + nearest + "?");
}

Result<ExitCode> list_permissions(const Session& session, const std::string& name) {
    client::TokensClient client = TRY(session.connect());
    const std::vector<client::Dictionary> all = TRY(client.list_permissions());
    const std::vector<client::Dictionary> entries = name.empty() ? all : entries_of(all, name);
    if (entries.empty() && !all.empty())
        return session.fail_usage(describe_unknown(all, name));
    if (session.json)
        TRY(session.print_json(to_json(entries)));
    else if (entries.empty())
        TRY(
            session.print("This machine has no permission catalogue, so tokens cannot have "
                          "permissions; see patd.permissions(5).\n"));
    else
        TRY(session.print_long(format_catalogue(entries, session.style())));
    return ExitCode::Success;
}

}  // namespace

void add_list_permissions(CLI::App& app, Session& session) {
    const auto name = std::make_shared<std::string>();
    CLI::App& command =
        *app.add_subcommand("permissions", "Show which permissions a token can have");
    command.add_option("AREA", *name, "Only this area or object: vcs, vcs:repository");
    command.callback([&session, name] {
        session.action = [&session, name] { return list_permissions(session, *name); };
    });
}

}  // namespace patd::cli
