// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

client::Script of_alice() {
    return {.status = dictionary({{"version", "0.1.0"},
                                  {"user", "alice"},
                                  {"uid", std::uint32_t{1000}},
                                  {"locked", false},
                                  {"tokens", std::uint32_t{3}},
                                  {"tokens-max", std::uint32_t{1000}},
                                  {"schema", std::uint32_t{1}}})};
}

TEST(Status, ShowsWhoOneIsAndWhatIsThere) {
    EXPECT_TRUE(Patctl(of_alice()).run({"status"}).out.starts_with("User       alice (1000)\n"));
    EXPECT_NE(Patctl(of_alice()).run({"status", "--json"}).out.find("\"tokens_max\":1000"),
              std::string::npos);
}

TEST(Status, NamesTheFixWhenLocked) {
    const client::Script script{.status = dictionary({{"locked", true}})};
    EXPECT_NE(Patctl(script).run({"status"}).out.find("patctl unlock"), std::string::npos);
}

class StatusInAHome : public GitHome {};

TEST_F(StatusInAHome, SaysWhetherGitAsksPatd) {
    EXPECT_NE(Patctl(of_alice()).run({"status"}).out.find("patctl setup git"), std::string::npos);
    EXPECT_NE(Patctl(of_alice()).run({"status", "--json"}).out.find("\"git_asks_patd\":false"),
              std::string::npos);
    ASSERT_EQ(Patctl().run({"setup", "git"}).code, ExitCode::Success);
    EXPECT_NE(Patctl(of_alice()).run({"status"}).out.find("asks patd\n"), std::string::npos);
}

TEST(Status, CountsTheExposures) {
    client::Script script = of_alice();
    script.exposures = {dictionary({{"id", "AbC123"}})};
    EXPECT_NE(Patctl(script).run({"status"}).out.find("Exposures  1; see"), std::string::npos);
    EXPECT_NE(Patctl(script).run({"status", "--json"}).out.find("\"exposures\":1"),
              std::string::npos);
}

}  // namespace
}  // namespace patd::cli
