// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/module_options.h"

#include "common/base/limits.h"
#include "common/base/names.h"
#include "common/base/parse_number.h"
#include "common/password/yescrypt.h"
#include "common/token/visible_text.h"

#include <set>
#include <string_view>

namespace patd::pam {
namespace {

Result<int> parse_cost(std::string_view text) {
    const auto cost = parse_number<int>(text);
    if (!cost || *cost < password::kCostMin || *cost > password::kCostMax)
        return Error{Errc::UnknownOption, "cost"};
    return *cost;
}

Result<std::string> parse_prompt(std::string_view text) {
    if (text.empty() || text.size() > limits::kPromptOptionBytes || !is_visible_utf8(text))
        return Error{Errc::UnknownOption, "prompt"};
    return std::string(text);
}

Result<void> set_mode(ModuleOptions& options, Mode mode) {
    if (options.mode != Mode::None)
        return Error{Errc::UnknownOption, "two modes"};
    options.mode = mode;
    return {};
}

Result<void> set_first_pass(ModuleOptions& options, FirstPass first_pass) {
    if (options.first_pass != FirstPass::Ask)
        return Error{Errc::UnknownOption, "use_first_pass with try_first_pass"};
    options.first_pass = first_pass;
    return {};
}

Result<void> apply_word(ModuleOptions& options, std::string_view word) {
    if (word == "password")
        return set_mode(options, Mode::Password);
    if (word == "token")
        return set_mode(options, Mode::Token);
    if (word == "use_first_pass")
        return set_first_pass(options, FirstPass::Use);
    if (word == "try_first_pass")
        return set_first_pass(options, FirstPass::Try);
    if (word != "keep_authtok")
        return Error{Errc::UnknownOption, "unknown argument"};
    options.keep_authtok = true;
    return {};
}

Result<void> apply_pair(ModuleOptions& options, std::string_view key, std::string_view value) {
    if (key == "permission")
        options.permission = TRY(Permission::parse(value));
    else if (key == "audience")
        options.audience = TRY(Origin::parse(value));
    else if (key == "backend" && value == "file")
        options.backend = Backend::File;
    else if (key == "state_directory" && value.starts_with('/'))
        options.state_directory = value;
    else if (key == "prompt")
        options.prompt = TRY(parse_prompt(value));
    else if (key == "cost")
        options.cost = TRY(parse_cost(value));
    else
        return Error{Errc::UnknownOption, "unknown argument"};
    return {};
}

Result<void> check_combination(const ModuleOptions& options) {
    const bool token = options.mode == Mode::Token;
    if (options.permission.has_value() != token || options.audience.has_value() != token)
        return Error{Errc::UnknownOption, "permission= and audience= belong to token, both"};
    if (options.keep_authtok && !token)
        return Error{Errc::UnknownOption, "keep_authtok belongs to token"};
    const bool asks = options.mode != Mode::None && options.first_pass != FirstPass::Use;
    if (!options.prompt.empty() && !asks)
        return Error{Errc::UnknownOption, "prompt= belongs to a line that asks"};
    const bool file = options.backend == Backend::File;
    if (file && options.mode != Mode::Password)
        return Error{Errc::UnknownOption, "backend=file belongs to password"};
    if (!file && (options.cost || !options.state_directory.empty()))
        return Error{Errc::UnknownOption, "cost= and state_directory= belong to backend=file"};
    return {};
}

}  // namespace

Result<ModuleOptions> parse_module_options(std::span<const char* const> arguments) {
    ModuleOptions options;
    std::set<std::string_view> seen;
    for (const std::string_view argument : arguments) {
        const std::size_t equals = argument.find('=');
        const std::string_view key = argument.substr(0, equals);
        if (!seen.insert(key).second)
            return Error{Errc::UnknownOption, "argument twice"};
        if (equals == std::string_view::npos)
            TRY(apply_word(options, key));
        else
            TRY(apply_pair(options, key, argument.substr(equals + 1)));
    }
    TRY(check_combination(options));
    if (options.backend == Backend::File && options.state_directory.empty())
        options.state_directory = names::kAuthStateDirectory;
    return options;
}

}  // namespace patd::pam
