// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/script_token.h"
#include "cli/io/descriptor_io.h"
#include "cli/text/shown_value.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>

namespace patd::cli {
namespace {

constexpr char kPlaceVariable[] = "PATD_GATEWAY_URL";

struct ExecOptions {
    ScriptTokenOptions token;
    std::string variable = "PATD_TOKEN";
    std::optional<int> fd;
    std::vector<std::string> command;
};

// CLI11's convention: an empty text means that the value is good.
std::string check_variable(const std::string& name) {
    const auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    };
    const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    const bool good = !name.empty() && is_letter(name.front()) &&
                      std::all_of(name.begin(), name.end(), is_allowed);
    return good ? "" : shown_value(name) + " is not the name of an environment variable";
}

std::string check_command_descriptor(const std::string& text) {
    return text == "1" || text == "2" ? "the command needs this descriptor for its output" : "";
}

// `NAME=secret`, in memory that is wiped; the kernel copies it into the new process.
Result<SecretBuffer> make_variable(const std::string& name, const TokenSecret& secret) {
    SecretBuffer entry(name.size() + 1 + secret.size());
    TRY(entry.append(name));
    TRY(entry.append(std::string_view("=")));
    TRY(entry.append(secret.reveal()));
    return entry;
}

// The environment of this process without these; as execvpe takes it, but for the last null.
std::vector<char*> environment_without(const std::vector<std::string>& names) {
    std::vector<char*> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (std::none_of(names.begin(), names.end(), [&](const std::string& name) {
                return !name.empty() && std::string_view(*entry).starts_with(name + "=");
            }))
            entries.push_back(*entry);
    }
    return entries;
}

Result<void> put_at(UniqueFd reading, int wanted) {
    const bool done = reading.get() == wanted ? fcntl(reading.release(), F_SETFD, 0) == 0
                                              : dup2(reading.get(), wanted) == wanted;
    if (!done)
        return Error{Errc::BadFile, "descriptor " + std::to_string(wanted) + ": " +
                                        std::generic_category().message(errno)};
    return {};
}

// Makes descriptor `wanted` the reading end of a pipe that holds the secret as one line.
Result<void> make_pipe(int wanted, const TokenSecret& secret) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return Error{Errc::BadFile, "a pipe: " + std::generic_category().message(errno)};
    UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    // Nobody reads yet: what does not fit must fail, not wait.
    (void)fcntl(writing.get(), F_SETFL, O_NONBLOCK);
    TRY(write_all(writing.get(), secret.reveal()));
    TRY(write_all(writing.get(), std::string_view("\n")));
    return put_at(std::move(reading), wanted);
}

// Becomes the command, and comes back only with the reason why not.
ExitCode become(const Session& session, const ExecOptions& options,
                std::vector<char*> environment) {
    std::vector<std::string> copies = options.command;
    std::vector<char*> arguments;
    arguments.reserve(copies.size() + 1);
    for (std::string& copy : copies)
        arguments.push_back(copy.data());
    arguments.push_back(nullptr);
    environment.push_back(nullptr);
    // patctl ignores SIGPIPE, and an ignored signal would stay ignored.
    std::signal(SIGPIPE, SIG_DFL);
    execvpe(arguments[0], arguments.data(), environment.data());
    const int reason = errno;
    std::signal(SIGPIPE, SIG_IGN);
    const bool missing = reason == ENOENT || reason == ENOTDIR;
    return session.fail(
        "CommandNotRun",
        shown_file(options.command.front()) + ": " + std::generic_category().message(reason),
        missing ? ExitCode::NoCommand : ExitCode::CannotRun);
}

Result<ExitCode> execute(const Session& session, const ExecOptions& options) {
    ScriptSecret fetched = TRY(fetch_secret(session, options.token));
    TokenSecret secret = std::move(fetched.secret);
    std::string place = std::string(kPlaceVariable) + "=" + fetched.url;
    std::vector<char*> environment = environment_without(
        {options.fd ? "" : options.variable, options.token.through_gateway ? kPlaceVariable : ""});
    if (options.token.through_gateway)
        environment.push_back(place.data());
    if (options.fd) {
        TRY(make_pipe(*options.fd, secret));
        secret = {};
        return become(session, options, std::move(environment));
    }
    const SecretBuffer variable = TRY(make_variable(options.variable, secret));
    secret = {};
    // execvpe changes nothing of it; its type is older than const.
    environment.push_back(const_cast<char*>(variable.reveal_c_str()));
    return become(session, options, std::move(environment));
}

}  // namespace

void add_exec(CLI::App& app, Session& session) {
    auto options = std::make_shared<ExecOptions>();
    CLI::App& command =
        *app.add_subcommand("exec", "Run a command with a token in $PATD_TOKEN or in a descriptor");
    add_script_token_options(command, options->token);
    CLI::Option* variable =
        command.add_option("--env", options->variable, "The variable that holds it (PATD_TOKEN)")
            ->check(CLI::Validator(check_variable, ""))
            ->type_name("VARIABLE");
    command
        .add_option("--fd", options->fd,
                    "Put it into a pipe that the command reads as descriptor N instead")
        ->check(CLI::Validator(check_command_descriptor, ""))
        ->check(number_between(0, 1023))
        ->excludes(variable)
        ->type_name("N");
    command.add_option("COMMAND", options->command, "The command and its arguments, after --")
        ->required();
    command.callback([&session, options] {
        session.action = [&session, options] { return execute(session, *options); };
    });
}

}  // namespace patd::cli
