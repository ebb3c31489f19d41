// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace patd::cli {

// How patctl explains itself, in 80 columns: commands in groups, usage lines as in patctl(1) (a
// test compares them), an example of each command.
class Help final : public CLI::FormatterBase {
  public:
    // `name` is the program's with the commands that lead to `app`.
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
};

}  // namespace patd::cli
