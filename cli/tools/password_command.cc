// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/password_command.h"

#include "cli/session/typed_values.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"

#include <algorithm>
#include <array>

namespace patd::cli::tools {
namespace {

constexpr std::array kCommands = {
    PasswordCommand{"restic", "export RESTIC_PASSWORD_COMMAND='", "'",
                    "in the environment of restic: ~/.profile, or Environment= of its unit",
                    "https://backup.example/repo"},
    PasswordCommand{"borg", "export BORG_PASSCOMMAND='", "'",
                    "in the environment of borg: ~/.profile, or Environment= of its unit",
                    "https://backup.example/repo"},
    PasswordCommand{"rclone", "export RCLONE_PASSWORD_COMMAND='", "'",
                    "in the environment of rclone: ~/.profile, or Environment= of its unit",
                    "https://backup.example"},
    PasswordCommand{"msmtp", "passwordeval \"", "\"", "in its account in ~/.msmtprc",
                    "smtp://mail.example:587"},
    PasswordCommand{"isync", "PassCmd \"", "\"", "in its account in ~/.mbsyncrc",
                    "imaps://mail.example"},
    PasswordCommand{"neomutt", "set imap_pass=\"`", "`\"", "in neomuttrc", "imaps://mail.example"},
};

// In quotes and without, neither a shell nor the tool takes a byte of it for its own.
std::string plain_url(const Target& place) {
    return escaped(place.url(), "-._~/:[]@+,=%");
}

}  // namespace

std::span<const PasswordCommand> password_commands() {
    return kCommands;
}

const PasswordCommand* find_password_command(const std::string& name) {
    const auto* const found =
        std::find_if(kCommands.begin(), kCommands.end(),
                     [&](const PasswordCommand& command) { return command.name == name; });
    return found == kCommands.end() ? nullptr : found;
}

Result<ExitCode> tell_password_command(const Session& session, const PasswordCommand& command,
                                       const Surroundings& around, const Order& order) {
    std::vector<std::string> lines;
    std::vector<std::string> places;
    for (const Target& place : TRY(read_targets(order.names))) {
        places.push_back(place.url());
        lines.push_back(std::string(command.before) + around.program("pat-get") + " " +
                        plain_url(place) + command.after);
    }
    if (order.undo || lines.empty()) {
        const std::string name = command.name;
        return session.fail_usage(
            order.undo
                ? "patctl writes nothing for " + name + " that it could take back"
                : "'setup " + name + "' needs the URL of a token, such as " + command.example);
    }
    std::string text = "patctl writes nothing for " + std::string(command.name) + ". Put this " +
                       command.place + ":";
    for (const std::string& line : lines)
        text += own_line(line);
    TRY(session.report({{"tool", command.name},
                        {"places", places},
                        {"changes", nlohmann::json::array()},
                        {"notes", lines},
                        {"undone", false},
                        {"changed", false}},
                       text));
    return ExitCode::Success;
}

}  // namespace patd::cli::tools
