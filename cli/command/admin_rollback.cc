// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/text/json.h"
#include "cli/text/table.h"
#include "cli/text/time_text.h"
#include "cli/text/wrap.h"

#include <memory>

namespace patd::cli {
namespace {

constexpr char kAgain[] = "sudo patctl admin accept-rollback";

struct RollbackOptions {
    bool keep_dead = false;
    bool revive = false;
};

std::string format_living(const std::vector<client::Dictionary>& living, const Style& style) {
    Table table({"USER", "ID", {"DESCRIPTION", Fit::Shortened}, "CAUSE", {"WHEN", Fit::Whole, 1}});
    for (const client::Dictionary& token : living) {
        const bool is_lock = token.text("id").empty();
        const std::string user = token.text("user");
        table.add({user.empty() ? "uid " + std::to_string(token.count("uid")) : printable(user),
                   is_lock ? "-" : printable(token.text("id")),
                   is_lock ? "(all of this user's tokens)" : printable(token.text("description")),
                   printable(token.text("cause")), format_time(token.time("died"))});
    }
    return table.format(style);
}

std::string describe_state(const client::Dictionary& result) {
    const std::string state = result.text("rollback");
    if (state == "older")
        return "The store is older than patd-auth remembers it.\n";
    if (state == "foreign")
        return "The store is not the one that patd-auth remembers.\n";
    if (state == "machine")
        return "The whole machine was put back: the TPM counted further than patd-auth "
               "remembers.\n";
    return "Rows of the store were deleted, added or put back behind patd's back.\n";
}

std::string describe_unknown(const client::Dictionary& result) {
    const UnixTime until = result.has("known-until") ? result.time("known-until") : 0;
    const std::string since = until == 0 ? "" : " since " + format_time(until);
    return "what would live again is not all known: any token that 'patctl admin list' shows may "
           "have been revoked" +
           since;
}

std::string describe_decision(const RollbackOptions& options) {
    if (options.keep_dead)
        return "These were ended again, and the store is served.\n";
    return "These are valid again, and the store is served.\n";
}

std::string describe_choice(const client::Restoration& found) {
    const std::string revive = own_line(std::string(kAgain) + " --revive");
    if (found.dead.empty())
        return "nothing was accepted; to serve the store with all that it has, run:" + revive;
    return "nothing was accepted; to end these again, and serve the rest, run:" +
           own_line(std::string(kAgain) + " --keep-dead") +
           "\nTo let all of them live again:" + revive;
}

Result<void> print(const Session& session, const client::Restoration& found,
                   const RollbackOptions& options) {
    if (session.json) {
        nlohmann::json json = to_json(found.result);
        json["living"] = to_json(found.dead);
        return session.print_json(json);
    }
    if (found.result.text("rollback").empty())
        return session.print(
            "The store is in order. A warning about its witness or TPM is ended.\n");
    TRY(session.print(describe_state(found.result)));
    if (!found.result.flag("complete"))
        session.warn(describe_unknown(found.result));
    if (!found.dead.empty())
        TRY(session.print("What was taken away and would be back:\n" +
                          format_living(found.dead, session.style())));
    if (found.result.flag("done"))
        return session.print(found.dead.empty() ? "Accepted: the store is served.\n"
                                                : describe_decision(options));
    session.warn(describe_choice(found));
    return {};
}

Result<ExitCode> accept_rollback(const Session& session, const RollbackOptions& options) {
    client::TokensClient client = TRY(session.connect());
    client::Dictionary sent;
    if (options.keep_dead)
        sent.set("keep-dead", true);
    if (options.revive)
        sent.set("revive", true);
    const client::Restoration found = TRY(client.admin_accept_rollback(sent));
    TRY(print(session, found, options));
    return found.result.flag("done") ? ExitCode::Success : ExitCode::Refused;
}

}  // namespace

void add_admin_rollback(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<RollbackOptions>();
    CLI::App& command = *admin.add_subcommand("accept-rollback",
                                              "Serve a store that was put back to an older state");
    CLI::Option* const keep =
        command.add_flag("--keep-dead", options->keep_dead,
                         "End again what was revoked, regenerated, edited or locked since");
    command.add_flag("--revive", options->revive, "Let what was taken away live again, all of it")
        ->excludes(keep);
    command.callback([&session, options] {
        session.action = [&session, options] { return accept_rollback(session, *options); };
    });
}

}  // namespace patd::cli
