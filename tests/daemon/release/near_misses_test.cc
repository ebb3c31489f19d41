// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/near_misses.h"

#include "common/base/limits.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;
using support::make_token;
using support::request_for;

using Names = std::vector<std::string>;

// Target and reason of each, in order, for tokens of `me` with these targets.
Names near(const ReleaseRequest& request, const std::vector<Names>& tokens) {
    NearMisses misses(request);
    for (const Names& targets : tokens)
        misses.add(make_token(kAlice, TokenKind::Imported, {.targets = targets, .username = "me"}));
    Names found;
    for (const NearMiss& miss : misses.take())
        found.push_back(miss.target.text() + " " + std::string(miss_name(miss.why)));
    return found;
}

TEST(NearMisses, NamesWhatAloneIsOther) {
    const ReleaseRequest request = request_for("https://git.example/team/tool", "bob");
    EXPECT_EQ(
        near(request, {{"http://git.example/team"},
                       {"https://git.example:8443"},
                       {"https://git.example/other"},
                       {"https://git.example/team"},
                       {"https://git.example/team/tool.git"},
                       {"https://other.example"},
                       {"https://sub.git.example"}}),
        (Names{"https://git.example/team other-user", "https://git.example/other other-path",
               "https://git.example/team/tool.git other-path",
               "https://git.example:8443 other-port", "http://git.example/team other-protocol"}));
}

TEST(NearMisses, TakesTheNearestTargetOfAToken) {
    EXPECT_EQ(near(request_for("https://git.example/x"),
                   {{"http://git.example", "https://git.example:1", "https://git.example/y"}}),
              Names{"https://git.example/y other-path"});
}

TEST(NearMisses, LeavesOutWhatFits) {
    EXPECT_EQ(near(request_for("https://git.example/x"), {{"https://git.example"}}), Names{});
    EXPECT_EQ(near(request_for("https://git.example/x", "me"),
                   {{"https://git.example", "https://git.example:1"}}),
              Names{});
}

TEST(NearMisses, AreSoManyAtMostAndTheNearest) {
    std::vector<Names> tokens(limits::kNearMisses + 5, Names{"http://git.example"});
    tokens.push_back({"https://git.example/y"});
    const Names found = near(request_for("https://git.example/x"), tokens);
    EXPECT_EQ(found.size(), limits::kNearMisses);
    EXPECT_EQ(found.front(), "https://git.example/y other-path");
}

}  // namespace
}  // namespace patd
