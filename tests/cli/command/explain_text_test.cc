// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/explain_text.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

client::Dictionary candidate(const std::string& id, const std::string& verdict) {
    client::Dictionary row;
    row.set("id", id);
    row.set("description", std::string("laptop"));
    row.set("target", std::string("https://git.example"));
    row.set("username", "user-" + id);
    row.set("verdict", verdict);
    return row;
}

client::Explanation answer(const std::string& outcome, std::vector<client::Dictionary> rows) {
    client::Explanation explanation;
    explanation.outcome = outcome;
    explanation.candidates = std::move(rows);
    return explanation;
}

Remote remote() {
    return parse_remote("https://git.example/team/app", std::nullopt).value();
}

TEST(ExplainText, APhraseNamesTheTokenOrWhyThereIsNone) {
    EXPECT_EQ(describe_result(answer("released", {candidate("a", "other-permission"),
                                                  candidate("b", "released")}),
                              remote()),
              "token b 'laptop'");
    EXPECT_EQ(describe_result(answer("none", {}), remote()), "no token");
    const std::string expired =
        describe_result(answer("Expired", {candidate("a", "Expired")}), remote());
    EXPECT_NE(expired.find("token a 'laptop' has expired"), std::string::npos) << expired;
    EXPECT_NE(expired.find("patctl regenerate a"), std::string::npos) << expired;
    const std::string gateway =
        describe_result(answer("ThroughGateway", {candidate("a", "ThroughGateway")}), remote());
    EXPECT_NE(gateway.find("token a 'laptop' leaves this machine through the gateway alone: run "
                           "'patctl setup gateway', and give git https://git.example/..."),
              std::string::npos)
        << gateway;
    EXPECT_EQ(describe_result(answer("FromTheFuture", {}), remote()), "FromTheFuture");
}

TEST(ExplainText, ATieNamesBothAndHowToChoose) {
    const std::string text = describe_result(
        answer("Ambiguous", {candidate("a", "tied"), candidate("b", "tied")}), remote());
    EXPECT_NE(text.find("a as user-a, b as user-b"), std::string::npos) << text;
    EXPECT_NE(text.find("https://user-b@git.example/"), std::string::npos) << text;
}

TEST(ExplainText, TheLineThatAnnouncesTheTableIsRightBeforeIt) {
    const ToolFacts tool = {"docker", "docker", "https", "asks the registry without a token", ""};
    ExplainOptions options;
    options.facts = &tool;
    const std::string text =
        format_answer(answer("none", {candidate("a", "other-path")}), options, remote(), Style{});
    const std::size_t announced = text.find("these come close:\n");
    ASSERT_NE(announced, std::string::npos) << text;
    EXPECT_EQ(text.find("ID", announced), announced + std::string("these come close:\n").size());
    EXPECT_LT(text.find("docker then asks the registry without a token."), announced);
}

TEST(ExplainText, ForRootTheTokensAreTheOtherUsers) {
    ExplainOptions options;
    options.user = "bob";
    const std::string text = format_answer(answer("none", {}), options, remote(), Style{});
    EXPECT_EQ(text,
              "None of bob's tokens fits this URL; see 'sudo patctl admin list --user bob'.\n");
}

}  // namespace
}  // namespace patd::cli
