// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"
#include "cli/session/session.h"

#include <optional>
#include <string>

namespace patd::cli {

// `patctl setup git`: writes (git_write.h), asks git whom it would ask now, and says that, and who
// is not asked any more.
struct GitSetup {
    GitScope scope = GitScope::Global;
    std::optional<std::string> url{};                         // for that place only
    bool keep = false;                                        // others are asked after patd
    std::optional<std::vector<client::Dictionary>> tokens{};  // the caller's, where they are known
};
struct SetUp {
    ExitCode code;
    std::vector<ConfigLine> silenced{};        // helpers that are not asked any more
    std::vector<client::Dictionary> tokens{};  // the caller's, as far as they are known
};
Result<SetUp> set_up_git(const Session& session, const GitSetup& setup);

// `patctl setup git --undo`: takes back what was written into the file of `scope`, and says whom
// git asks then.
Result<ExitCode> undo_git(const Session& session, GitScope scope);

}  // namespace patd::cli
