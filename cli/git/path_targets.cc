// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/path_targets.h"

#include "cli/git/git_chain.h"
#include "cli/text/counted.h"
#include "common/token/target.h"

namespace patd::cli {

std::set<std::string> path_bound_origins(const std::vector<std::string>& targets) {
    std::set<std::string> origins;
    for (const std::string& text : targets) {
        const Result<Target> target = Target::parse(text);
        if (target && !target->path().empty() && target->origin().protocol().starts_with("http"))
            origins.insert(target->origin().text());
    }
    return origins;
}

std::set<std::string> path_bound_origins(const std::vector<client::Dictionary>& tokens) {
    std::set<std::string> origins;
    for (const client::Dictionary& token : tokens) {
        if (!token.flag("through-gateway"))
            origins.merge(path_bound_origins(token.texts("targets")));
    }
    return origins;
}

void warn_of_paths(const Session& session, const std::vector<std::string>& targets) {
    if (session.json)
        return;
    std::set<std::string> origins = path_bound_origins(targets);
    std::erase_if(origins, [](const std::string& origin) { return sends_path(origin); });
    if (origins.empty())
        return;
    std::string where = *origins.begin();
    if (origins.size() > 1)
        where += " and " + counted(origins.size() - 1, "more place");
    session.warn(
        "note: git does not send the path of URLs at " + where +
        " (useHttpPath), so it gets no token bound to a path there; run 'patctl setup git'");
}

}  // namespace patd::cli
