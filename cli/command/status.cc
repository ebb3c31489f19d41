// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/doctor/key_seal.h"
#include "cli/doctor/unit_text.h"
#include "cli/git/git_chain.h"
#include "cli/text/json.h"
#include "cli/text/status_text.h"

#include <algorithm>

namespace patd::cli {
namespace {

// Whether git asks patd at places that have no helpers of their own; nothing when it cannot say.
std::optional<bool> git_asks_patd() {
    const Result<std::vector<ConfigLine>> lines = read_credential_lines();
    if (!lines)
        return std::nullopt;
    const Result<Asked> asked = ask_git(*lines, kSomewhere);
    if (!asked)
        return std::nullopt;
    return std::any_of(asked->helpers.begin(), asked->helpers.end(), is_ours);
}

std::optional<std::size_t> count_exposures(client::TokensClient& client) {
    const Result<std::vector<client::Dictionary>> exposures = client.list_exposures();
    return exposures ? std::optional(exposures->size()) : std::nullopt;
}

nlohmann::json status_to_json(const client::Dictionary& status, const Surroundings& around) {
    nlohmann::json object = to_json(status);
    object["git_asks_patd"] = around.git_asks ? nlohmann::json(*around.git_asks) : nlohmann::json();
    object["exposures"] = around.exposures ? nlohmann::json(*around.exposures) : nlohmann::json();
    return object;
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
    Surroundings around{git_asks_patd(), {}};
    if (!status.has("keyring"))
        around.exposures = count_exposures(client);
    if (session.json)
        TRY(session.print_json(status_to_json(status, around)));
    else
        TRY(session.print(format_status(status, around, session.now(), session.style())));
    return ExitCode::Success;
}

}  // namespace

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
