// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"

#include <CLI/CLI.hpp>

#include <span>
#include <string_view>

namespace patd::cli {

// `patctl __complete WORD...` is what the shells' completions ask (cli/completions); it is in no
// help, and its form may change with them.
inline constexpr std::string_view kCompleteCommand = "__complete";

// Prints what may stand in the place of the last of `words`, of which the first is what follows the
// program's name: one line each, the word, a tab and what it means. A line `:files` or `:users`
// stands for what the shell knows better. Nothing is printed where nothing is known: a completion
// never fails and never asks. Commands and options come from `app`, so they cannot differ from the
// help; ids from the service.
ExitCode complete_words(const Session& session, const CLI::App& app,
                        std::span<const char* const> words);

}  // namespace patd::cli
