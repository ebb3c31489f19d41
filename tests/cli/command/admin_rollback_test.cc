// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/time_text.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace patd::cli {
namespace {

client::Dictionary rollback_result(bool done, const std::string& state, bool complete = true) {
    return dictionary({{"done", done}, {"rollback", state}, {"complete", complete}});
}

std::vector<client::Dictionary> some_living() {
    constexpr std::int64_t kThen = 1'800'000'000;
    return {dictionary({{"id", std::string("AbCdE01234")},
                        {"uid", std::uint32_t{1000}},
                        {"user", std::string("alice")},
                        {"description", std::string("laptop")},
                        {"cause", std::string("deleted")},
                        {"died", kThen}}),
            dictionary({{"id", std::string()},
                        {"uid", std::uint32_t{1001}},
                        {"user", std::string()},
                        {"description", std::string()},
                        {"cause", std::string("locked")},
                        {"died", kThen}})};
}

TEST(AdminRollback, ListsWhatWouldLiveAgainAndDoesNothing) {
    Patctl patctl({.result = rollback_result(false, "older"), .candidates = some_living()});
    const Ran ran = patctl.run({"admin", "accept-rollback"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(patctl.service.members(), std::vector<std::string>{"AcceptRollback"});
    EXPECT_NE(ran.out.find("older than patd-auth remembers"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("alice"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("uid 1001"), std::string::npos) << ran.out;
    EXPECT_NE(ran.err.find("nothing was accepted"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("accept-rollback --keep-dead\n"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("accept-rollback --revive\n"), std::string::npos) << ran.err;
}

TEST(AdminRollback, PassesRootsWordOn) {
    for (const auto& [option, key] :
         {std::pair("--keep-dead", "keep-dead"), std::pair("--revive", "revive")}) {
        Patctl patctl({.result = rollback_result(true, "older"), .candidates = some_living()});
        const Ran ran = patctl.run({"admin", "accept-rollback", option});
        EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
        EXPECT_TRUE(patctl.service.calls().front().options.flag(key));
        EXPECT_NE(ran.out.find("the store is served"), std::string::npos) << ran.out;
    }
    EXPECT_EQ(Patctl().run({"admin", "accept-rollback", "--keep-dead", "--revive"}).code,
              ExitCode::Usage);
}

TEST(AdminRollback, SaysSinceWhenNothingIsKnownOfAMachineThatWasPutBack) {
    constexpr UnixTime kSnapshot = 1'800'000'000;
    client::Dictionary result = rollback_result(false, "machine", false);
    result.set("known-until", kSnapshot);
    Patctl patctl({.result = result});
    const Ran ran = patctl.run({"admin", "accept-rollback"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_NE(ran.out.find("whole machine was put back"), std::string::npos) << ran.out;
    EXPECT_NE(ran.err.find("revoked since " + format_time(kSnapshot)), std::string::npos)
        << ran.err;
    EXPECT_NE(ran.err.find("accept-rollback --revive\n"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.err.find("--keep-dead"), std::string::npos) << "there is no list to end";
}

TEST(AdminRollback, SaysWhatItDoesNotKnow) {
    Patctl altered({.result = rollback_result(true, "altered", false)});
    const Ran ran = altered.run({"admin", "accept-rollback", "--revive"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_NE(ran.err.find("not all known"), std::string::npos) << ran.err;
    Patctl sound({.result = rollback_result(true, "")});
    EXPECT_EQ(sound.run({"admin", "accept-rollback"}).out,
              "The store is in order. A warning about its witness or TPM is ended.\n");
}

TEST(AdminRollback, IsJson) {
    Patctl patctl({.result = rollback_result(false, "foreign"), .candidates = some_living()});
    const Ran ran = patctl.run({"admin", "accept-rollback", "--json"});
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_EQ(json.at("rollback"), "foreign");
    EXPECT_EQ(json.at("living").size(), 2U);
    EXPECT_EQ(json.at("living").at(0).at("cause"), "deleted");
}

TEST(AdminRollback, IsRoots) {
    Patctl patctl(
        client::Script{.errors = {{"AcceptRollback", "org.patd.Tokens1.Error.AccessDenied"}}});
    EXPECT_EQ(patctl.run({"admin", "accept-rollback"}).code, ExitCode::Refused);
}

}  // namespace
}  // namespace patd::cli
