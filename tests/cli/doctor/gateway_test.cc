// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/gateway.h"

#include "cli/git/git_block.h"
#include "tests/cli/git_home.h"

namespace patd::cli::doctor {
namespace {

class GatewayCheck : public GitConfigTest {
  protected:
    // "SEVERITY: TEXT -> FIX" of each.
    static std::string found(bool has_gateway, bool through_gateway = true) {
        client::Dictionary status;
        if (has_gateway)
            status.set("gateway", "http://127.0.0.1:9200");
        client::Dictionary token;
        token.set("through-gateway", through_gateway);
        token.set("targets", std::vector<std::string>{"https://forge.example/team"});
        Findings findings;
        check_gateway(status, {token}, findings);
        std::string text;
        for (const Finding& finding : findings.all())
            text += std::string(severity_name(finding.severity)) + ": " + finding.text + " -> " +
                    finding.fix + "\n";
        return text;
    }
};

TEST_F(GatewayCheck, FindsNothingWhereNoTokenGoesThroughIt) {
    EXPECT_EQ(found(true, false), "");
    EXPECT_EQ(found(false, false), "");
}

TEST_F(GatewayCheck, ATokenNeedsAGatewayToGoThrough) {
    EXPECT_EQ(found(false),
              "error: tokens for https://forge.example go through the gateway, and GatewayOrigin= "
              "is not set, so nobody gets them -> man patd-gateway\n");
}

TEST_F(GatewayCheck, GitHasToBeSentThere) {
    EXPECT_EQ(found(true),
              "warning: git does not reach https://forge.example through the gateway, where its "
              "token would be released -> patctl setup gateway\n");
    write(".gitconfig",
          "[url \"http://127.0.0.1:9200/forge.example/\"]\n\tinsteadOf = https://forge.example/\n");
    EXPECT_EQ(found(true), "");
}

}  // namespace
}  // namespace patd::cli::doctor
