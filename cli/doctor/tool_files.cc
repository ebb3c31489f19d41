// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/tool_files.h"

#include "cli/git/git_config.h"
#include "cli/tools/tool.h"

namespace patd::cli::doctor {
namespace {

// An error says what to do behind the first semicolon, and a finding has that apart.
std::string what_of(const Error& error) {
    return error.context.substr(0, error.context.find(';'));
}

}  // namespace

void check_tools(const std::vector<client::Dictionary>& tokens, Findings& findings) {
    const tools::Surroundings around = tools::Surroundings::look(tools::places_of_tokens(tokens));
    for (const tools::Tool* tool : tools::all_tools()) {
        const Result<tools::Standing> standing = tool->look(around);
        if (!standing && around.record.tools.count(tool->name) == 0)
            continue;
        if (!standing) {
            findings.warn(what_of(standing.error()) + ", so that it is not known whether " +
                              tool->name + " asks patd",
                          "${EDITOR:-vi} " + quote_for_shell(tool->file(around).string()));
            continue;
        }
        for (const tools::Trouble& trouble : standing->troubles) {
            if (trouble.is_error)
                findings.error(trouble.text, trouble.fix);
            else
                findings.warn(trouble.text, trouble.fix);
        }
    }
}

}  // namespace patd::cli::doctor
