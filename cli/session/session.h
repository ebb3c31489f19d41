// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/io/environment.h"
#include "cli/io/exit_code.h"
#include "cli/io/terminal.h"
#include "cli/text/style.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace patd::cli {

// One run of patctl: its options, its output, its connection. A command prints through it, and
// thereby obeys --json and keeps its words out of a descriptor that a secret goes to.
class Session {
  public:
    explicit Session(const Environment& environment) : environment_(environment) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Set by the parser.
    bool json = false;
    bool own_service = false;  // --session
    bool no_pager = false;     // --no-pager
    bool whole = false;        // -l, --long
    std::optional<int> password_fd;
    std::optional<int> secret_fd;
    std::optional<int> output_fd;
    // What to do, set by the command that was named.
    std::function<Result<ExitCode>()> action;

    const Environment& environment() const { return environment_; }
    UnixTime now() const { return environment_.clock.get().now(); }
    // The system service, or the user's own: never one in place of the other.
    Result<client::TokensClient> connect() const {
        return own_service ? environment_.connect_session() : environment_.connect();
    }

    // On a terminal, lines that are too long are divided between words.
    Result<void> print(std::string_view text) const;
    Result<void> print_json(const nlohmann::json& value) const;
    // With --json `value`, else `sentence` as a line of its own.
    Result<void> report(const nlohmann::json& value, std::string_view sentence) const;
    // As `print`, for what may be longer than a screen: a terminal gets it through a pager.
    Result<void> print_long(std::string_view text) const;
    // How standard output shows things.
    Style style() const;

    // To standard error, `patctl: ` before it, or with --json as an object. Never fails: there is
    // nobody left to tell.
    void warn(std::string_view text) const;
    // The error as a sentence. Where it has a context, that is what is told, in the form `WHAT:
    // WHY; what to do`.
    std::string describe(const Error& error) const;
    // That sentence, or with --json an object, in which alone, as in the exit code, the error's
    // class shows.
    ExitCode fail(const Error& error) const;
    ExitCode fail_usage(std::string_view text) const;
    // A reason that is none of the service's, under a name for programs.
    ExitCode fail(std::string_view name, const std::string& text, ExitCode code) const;

  private:
    Result<void> write(int fd, std::string_view text) const;

    const Environment& environment_;
};

}  // namespace patd::cli
