// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/miss_search.h"

#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;
using support::request_for;

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
