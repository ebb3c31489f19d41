// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/session.h"

#include "cli/io/descriptor_io.h"
#include "cli/io/screen.h"
#include "cli/text/json.h"
#include "cli/text/wrap.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace patd::cli {

namespace {

// Where somebody else failed, the class says who, and the context why. In all else the context says
// all of it, and the class is for programs.
bool is_of_the_service(Errc code) {
    return errc_kind(code) == ErrcKind::Unreachable || code == Errc::Internal ||
           code == Errc::Corrupt;
}

// A command stays on a line of its own.
std::string printable_lines(std::string_view text) {
    const std::string separator = own_line("");
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos)
        return printable(text);
    return printable(text.substr(0, end)) + separator +
           printable_lines(text.substr(end + separator.size()));
}

// The sentence of a class, with the command that looks at the service that was asked.
std::string sentence_of(Errc code, bool own_service) {
    std::string sentence(errc_message(code));
    if (!own_service)
        return sentence;
    for (const std::string_view command : {"'sudo patctl doctor'", "'patctl doctor'"}) {
        if (const std::size_t at = sentence.find(command); at != std::string::npos)
            sentence.replace(at, command.size(), "'patctl --session doctor'");
    }
    return sentence;
}

}  // namespace

Result<void> Session::write(int fd, std::string_view text) const {
    const std::optional<ScreenSize> size = screen_size(fd);
    return write_all(fd, size ? wrap_text(text, size->columns) : std::string(text));
}

Result<void> Session::print(std::string_view text) const {
    return write(environment_.output, text);
}

Result<void> Session::print_long(std::string_view text) const {
    const std::optional<ScreenSize> size = screen_size(environment_.output);
    if (!size || no_pager)
        return print(text);
    return write_paged(environment_.output, wrap_text(text, size->columns));
}

Result<void> Session::print_json(const nlohmann::json& value) const {
    return write_all(environment_.output, format_json(value));
}

Result<void> Session::report(const nlohmann::json& value, std::string_view sentence) const {
    if (json)
        return print_json(value);
    // A script that takes the secret from standard output gets nothing else there.
    const int fd = output_fd == environment_.output ? environment_.errors : environment_.output;
    return write(fd, std::string(sentence) + "\n");
}

Style Session::style() const {
    const std::optional<ScreenSize> size = screen_size(environment_.output);
    Style style{.color = shows_color(environment_.output), .whole = whole};
    if (size)
        style.width = size->columns;
    return style;
}

void Session::warn(std::string_view text) const {
    if (json)
        (void)write_all(environment_.errors, format_json({{"warning", text}}));
    else
        (void)write(environment_.errors, "patctl: " + std::string(text) + "\n");
}

std::string Session::describe(const Error& error) const {
    std::string sentence = sentence_of(error.code, own_service);
    std::string context = printable_lines(error.context);
    if (context.empty())
        return sentence;
    if (!is_of_the_service(error.code))
        return context;
    const std::size_t end = std::min(sentence.find(';'), sentence.size() - 1);
    return sentence.substr(0, end) + ": " + context + sentence.substr(end);
}

ExitCode Session::fail(std::string_view name, const std::string& text, ExitCode code) const {
    if (json)
        (void)write_all(environment_.errors, format_json({{"error", name}, {"message", text}}));
    else
        warn(text);
    return code;
}

ExitCode Session::fail(const Error& error) const {
    if (is_output_error(error))
        return fail("Output", error.context + ".", ExitCode::Failure);
    return fail(errc_name(error.code), describe(error), exit_code_of(error.code));
}

ExitCode Session::fail_usage(std::string_view text) const {
    return fail("Usage", printable(text), ExitCode::Usage);
}

}  // namespace patd::cli
