// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/token_name.h"
#include "cli/doctor/key_seal.h"
#include "cli/doctor/unit_text.h"
#include "cli/session/carry_out.h"
#include "cli/text/duration.h"
#include "cli/text/json.h"
#include "cli/text/status_text.h"
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

Result<client::Dictionary> to_dictionary(const UnlockOptions& options) {
    client::Dictionary dictionary;
    if (!options.id)
        return dictionary;
    const std::int64_t seconds = TRY(parse_duration(options.duration));
    if (seconds > limits::kUnlockSecondsMax)
        return Error{Errc::InvalidExpiry, "a token can be opened for at most 8h"};
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
    const client::Dictionary result = TRY(carry_out(session, TRY(client.begin_unlock(sent))));
    TRY(session.report(to_json(result), options.id
                                            ? "Token " + call_token(token) +
                                                  ", can be released for " + options.duration + "."
                                            : "Your tokens are unlocked."));
    return ExitCode::Success;
}

Result<ExitCode> status(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    client::Dictionary status = TRY(client.status());
    // The service cannot see that; root can.
    if (const auto key = find_sealed_key(session.environment().root);
        key && status.has("key-source") && status.text("key-source") == "credential") {
        status.set("key-file", key->file);
        status.set("key-sealed-by", key->by);
        status.set("tpm-unused", !key->needs_tpm() && has_tpm(session.environment().root));
    }
    if (session.json) {
        TRY(session.print_json(to_json(status)));
        return ExitCode::Success;
    }
    TRY(session.print(format_status(status, session.now())));
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
        ->check(check_duration)
        ->type_name("DURATION");
    add_password_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return unlock(session, *options); };
    });
}

void add_status(CLI::App& app, Session& session) {
    app.add_subcommand("status", "Show how the service sees you, and whether it is well")
        ->callback([&session] {
            session.action = [&session] {
                // The units that could explain a silence are the system service's.
                return session.own_service ? status(session) : with_units(session, status(session));
            };
        });
}

}  // namespace patd::cli
