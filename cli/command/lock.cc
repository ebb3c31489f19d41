// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/token_name.h"
#include "cli/session/carry_out.h"
#include "cli/session/typed_values.h"
#include "cli/text/json.h"
#include "common/base/limits.h"

#include <memory>

namespace patd::cli {
namespace {

struct UnlockOptions {
    std::optional<std::string> id;
    std::string duration = "5m";
};

Result<ExitCode> lock(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    TRY(client.lock());
    TRY(session.report({{"locked", true}},
                       "Your tokens are locked: none is released until 'patctl unlock'."));
    return ExitCode::Success;
}

Lasting lasting_of(const UnlockOptions& options) {
    return {"--for", options.duration, limits::kUnlockSecondsMax, "UnlockMax=", "unlock-max"};
}

Result<client::Dictionary> to_dictionary(const UnlockOptions& options) {
    client::Dictionary dictionary;
    if (!options.id)
        return dictionary;
    const std::int64_t seconds = TRY(read_lasting(lasting_of(options), false));
    dictionary.set("seconds", static_cast<std::uint64_t>(seconds));
    return dictionary;
}

Result<ExitCode> unlock(const Session& session, const UnlockOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options));
    TRY(check_needs(session, {.password = true}));
    client::TokensClient client = TRY(session.connect());
    client::Dictionary token;
    if (options.id)
        token = TRY(find_token(client, *options.id));
    if (options.id)
        sent.set("token", token.text("id"));
    Result<client::Operation> begun = client.begin_unlock(sent);
    if (!begun)
        return refuse_lasting(client, lasting_of(options), begun.error());
    const client::Dictionary result = TRY(carry_out(session, std::move(*begun)));
    TRY(session.report(to_json(result), options.id
                                            ? "Token " + call_token(token) +
                                                  " can be released for " + options.duration + "."
                                            : "Your tokens are unlocked."));
    return ExitCode::Success;
}

}  // namespace

void add_lock(CLI::App& app, Session& session) {
    app.add_subcommand("lock", "Stop all releases of your tokens at once")->callback([&session] {
        session.action = [&session] { return lock(session); };
    });
}

void add_unlock(CLI::App& app, Session& session) {
    auto options = std::make_shared<UnlockOptions>();
    CLI::App& command = *app.add_subcommand(
        "unlock", "Undo lock, or open for a while a token that needs confirmation");
    CLI::Option* id = command.add_option("ID", options->id,
                                         "The token to open: its id, the beginning of it, or its "
                                         "description");
    command
        .add_option("--for", options->duration, "How long to open it: 5m (the default), at most 8h")
        ->needs(id)
        ->type_name("DURATION");
    add_password_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return unlock(session, *options); };
    });
}

}  // namespace patd::cli
