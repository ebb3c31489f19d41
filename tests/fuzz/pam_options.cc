// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/module_options.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

#include <vector>

namespace patd::fuzz {
namespace {

using pam::Backend;
using pam::FirstPass;
using pam::Mode;
using pam::ModuleOptions;

Result<ModuleOptions> parse(const std::vector<std::string>& words) {
    std::vector<const char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(word.c_str());
    return pam::parse_module_options(arguments);
}

std::vector<std::string> format(const ModuleOptions& options) {
    std::vector<std::string> words;
    if (options.mode != Mode::None)
        words.emplace_back(options.mode == Mode::Token ? "token" : "password");
    if (options.first_pass != FirstPass::Ask)
        words.emplace_back(options.first_pass == FirstPass::Use ? "use_first_pass"
                                                                : "try_first_pass");
    if (options.keep_authtok)
        words.emplace_back("keep_authtok");
    if (!options.prompt.empty())
        words.push_back("prompt=" + options.prompt);
    if (options.permission)
        words.push_back("permission=" + options.permission->text());
    if (options.audience)
        words.push_back("audience=" + options.audience->text());
    if (options.backend == Backend::File) {
        words.emplace_back("backend=file");
        words.push_back("state_directory=" + options.state_directory);
    }
    if (options.cost)
        words.push_back("cost=" + std::to_string(*options.cost));
    return words;
}

}  // namespace

// An argument a line.
void pam_options(std::string_view input) {
    std::vector<std::string> words;
    for (Input parts(input); !parts.empty();) {
        const std::string_view word = parts.part();
        words.emplace_back(word.substr(0, word.find('\0')));
    }
    const Result<ModuleOptions> options = parse(words);
    if (!options)
        return;
    require(options->permission.has_value() == (options->mode == Mode::Token) &&
                options->audience.has_value() == (options->mode == Mode::Token),
            "a token is taken with a permission and for an audience");
    std::vector<std::string> again = format(*options);
    const Result<ModuleOptions> read = parse(again);
    require(read && format(*read) == again, "what is accepted is printed as itself");
    again.emplace_back("unheard-of");
    require(!parse(again), "an unknown argument is refused");
}

}  // namespace patd::fuzz
