// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/path_targets.h"

#include "common/token/target.h"

namespace patd::cli {

std::set<std::string> path_bound_origins(const std::vector<std::string>& targets) {
    std::set<std::string> origins;
    for (const std::string& text : targets) {
        const Result<Target> target = Target::parse(text);
        if (target && !target->path().empty())
            origins.insert(target->origin().text());
    }
    return origins;
}

std::set<std::string> path_bound_origins(const std::vector<client::Dictionary>& tokens) {
    std::set<std::string> origins;
    for (const client::Dictionary& token : tokens)
        origins.merge(path_bound_origins(token.texts("targets")));
    return origins;
}

void warn_of_paths(const Session& session, const std::vector<std::string>& targets) {
    if (session.json)
        return;
    for (const std::string& origin : path_bound_origins(targets))
        session.warn("note: git does not tell the path of URLs at " + origin +
                     " (useHttpPath), so this token would not be found; run 'patctl setup git'");
}

}  // namespace patd::cli
