// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace patd::cli {
namespace {

class AdminConfigTest : public testing::Test {
  protected:
    AdminConfigTest() {
        patctl_.root = tree_.path();
        patctl_.reachable = false;  // it is not asked
    }
    void install() const {
        std::filesystem::create_directories(tree_.file("usr/libexec/patd"));
        std::filesystem::create_symlink(PATD_BINARY, tree_.file("usr/libexec/patd/patd"));
    }
    void write(const std::string& text) const {
        std::filesystem::create_directories(tree_.file("etc/patd"));
        std::ofstream(tree_.file("etc/patd/patd.conf")) << text;
    }

    support::TemporaryDirectory tree_;
    Patctl patctl_;
};

TEST_F(AdminConfigTest, ShowsEveryOptionOfARightOne) {
    install();
    write("[Patd]\nTokensPerUser=7\n");
    const Ran ran = patctl_.run({"admin", "check-config"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("TokensPerUser=7\n"), std::string::npos) << ran.out;
    EXPECT_EQ(nlohmann::json::parse(patctl_.run({"admin", "check-config", "--json"}).out),
              nlohmann::json({{"faults", nlohmann::json::array()}}));
}

TEST_F(AdminConfigTest, NamesEveryFaultAndFails) {
    install();
    write("[Patd]\nTokenPerUser=7\nAcceptStore=maybe\n");
    const Ran ran = patctl_.run({"admin", "check-config"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(
        ran.err.find(
            "/etc/patd/patd.conf:2: an unknown option TokenPerUser=; did you mean TokensPerUser=?"),
        std::string::npos)
        << ran.err;
    const Ran json = patctl_.run({"admin", "check-config", "--json"});
    EXPECT_EQ(json.code, ExitCode::Failure);
    const nlohmann::json faults = nlohmann::json::parse(json.out)["faults"];
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[1]["line"], 3);
    EXPECT_EQ(faults[1]["file"], tree_.file("etc/patd/patd.conf"));
}

TEST_F(AdminConfigTest, SaysThatPatdIsNotInstalled) {
    const Ran ran = patctl_.run({"admin", "check-config"});
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    EXPECT_NE(ran.err.find("patd is not installed"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace patd::cli
