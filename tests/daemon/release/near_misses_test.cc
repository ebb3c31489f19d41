// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/near_misses.h"

#include "common/base/limits.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;
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

class MissSearchTest : public support::ServiceFixture {
  protected:
    Result<std::vector<NearMiss>> search(Uid uid, const char* url) {
        std::optional<Result<std::vector<NearMiss>>> answer;
        search_near_misses(context(), caller_of(uid), request_for(url), [&](auto found) {
            EXPECT_FALSE(answer.has_value()) << "called twice";
            answer.emplace(std::move(found));
        });
        return std::move(answer).value();
    }
};

TEST_F(MissSearchTest, LooksThroughTheCallersTokensOnly) {
    const Token own = import(kAlice, "1", {.targets = {"https://git.example/team"}});
    (void)import(kBob, "2", {.targets = {"https://git.example/other"}});
    const std::vector<NearMiss> found = search(kAlice, "https://git.example/x").value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id.text(), own.id.text());
    EXPECT_EQ(found[0].why, Miss::OtherPath);
}

// Row A13.
TEST_F(MissSearchTest, ShowsNothingOfTheAccountThatHadTheUidBefore) {
    const Token own = import(kAlice, "1", {.targets = {"https://git.example/team"}});
    edit(own, [](Token& token) -> Result<void> {
        token.owner_name = "somebody-else";
        return {};
    });
    EXPECT_TRUE(search(kAlice, "https://git.example/x").value().empty());
}

TEST_F(MissSearchTest, FailsForAUidWithoutAnAccount) {
    EXPECT_EQ(search(Uid(4000000000U), "https://git.example").error().code, Errc::AccessDenied);
}

}  // namespace
}  // namespace patd
