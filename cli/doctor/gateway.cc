// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/gateway.h"

#include "cli/git/git_gateway.h"
#include "cli/text/table.h"

#include <set>
#include <string>

namespace patd::cli::doctor {

void check_gateway(const client::Dictionary& status, const std::vector<client::Dictionary>& tokens,
                   Findings& findings) {
    const std::set<std::string> forges = gateway_forges(tokens);
    const std::string gateway = status.text("gateway");
    if (forges.empty())
        return;
    if (gateway.empty())
        return findings.error(
            "tokens for " + printable(*forges.begin()) +
                " go through the gateway, and GatewayOrigin= is not set, so nobody gets them",
            "man patd-gateway");
    for (const std::string& forge : forges) {
        const Result<std::string> goes_to = git_goes_to(forge);
        if (!goes_to)
            return;  // the check of git says why
        if (!goes_to->starts_with(gateway_url(gateway, forge)))
            findings.warn("git does not reach " + printable(forge) +
                              " through the gateway, where its token would be released",
                          "patctl setup gateway");
    }
}

}  // namespace patd::cli::doctor
