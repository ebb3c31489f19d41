// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/token/permission.h"
#include "common/token/target.h"

#include <optional>
#include <span>
#include <string>

namespace patd::pam {

enum class Mode { None, Password, Token };
enum class Backend { Daemon, File };
enum class FirstPass { Ask, Try, Use };

// The arguments of one pam_pat.so line in /etc/pam.d (pam_pat(8)).
struct ModuleOptions {
    Mode mode = Mode::None;
    Backend backend = Backend::Daemon;
    FirstPass first_pass = FirstPass::Ask;
    bool keep_authtok = false;
    std::string prompt;                    // the prompt text; "": the module's own words
    std::optional<Permission> permission;  // set exactly in token mode
    std::optional<Origin> audience;        // set exactly in token mode
    std::string state_directory;           // backend=file
    std::optional<int> cost;               // backend=file; unset: the machine's own
};

// Strict: an argument that is unknown, repeated, or does not fit the mode is a configuration error
// (UnknownOption, InvalidPermission, InvalidTarget), because a login must not proceed with half of
// what an administrator wrote.
Result<ModuleOptions> parse_module_options(std::span<const char* const> arguments);

}  // namespace patd::pam
