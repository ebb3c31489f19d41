// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "common/token/token.h"
#include "common/token/token_id.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace patd::cli {

// What several commands take about a token, as typed. Empty: not given.
struct TokenOptions {
    std::optional<std::string> description;
    std::vector<std::string> permissions;
    std::vector<std::string> targets;
    bool insecure_http = false;
    std::vector<std::string> only_units;
    std::optional<std::string> username;
    std::optional<std::string> expires;
    std::optional<std::string> confirm;
    SecretKind secret_kind = SecretKind::Text;
    std::optional<bool> through_gateway;
};

// Declare one option each; its value lands in the second argument.
void add_permissions(CLI::App& command, TokenOptions& options);
void add_targets(CLI::App& command, TokenOptions& options);
void add_expires(CLI::App& command, TokenOptions& options);
void add_confirm_flag(CLI::App& command, TokenOptions& options);
void add_kind(CLI::App& command, TokenOptions& options);
void add_gateway_flag(CLI::App& command, TokenOptions& options);
void add_password_fd(CLI::App& command, Session& session);
void add_secret_fd(CLI::App& command, Session& session);
void add_output_fd(CLI::App& command, Session& session);
void add_long(CLI::App& command, Session& session);

// What CLI11 checks and complains of as well, but without bytes of what was typed that nobody may
// see (shown_value.h). The second keeps CLI11's form of the list, which completion reads.
CLI::Validator number_between(std::int64_t least, std::int64_t most);
CLI::Validator one_of(std::vector<std::string> names);

// The a{sv} for what was given, each value checked here already: the service checks again, but a
// user learns of a typing error before anything begins. The Invalid* errors.
Result<client::Dictionary> to_dictionary(const TokenOptions& options, UnixTime now);

// NotFound for what cannot be an id: the same answer as for one that is not there.
Result<TokenId> parse_id(const std::string& text);

}  // namespace patd::cli
