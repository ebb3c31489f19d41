// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace patd::cli {
namespace {

// An empty machine, and a home without a configuration of git.
class DoctorTest : public testing::Test {
  protected:
    DoctorTest() {
        setenv("HOME", tree_.path().c_str(), 1);
        setenv("GIT_CONFIG_SYSTEM", tree_.file("system").c_str(), 1);
        unsetenv("XDG_CONFIG_HOME");
        patctl_.root = tree_.path();
    }

    support::TemporaryDirectory tree_;
    Patctl patctl_;
};

TEST_F(DoctorTest, SaysWhatIsWrongAndTheCommandBelow) {
    const Ran ran = patctl_.run({"doctor"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.out.find("error: pam: /etc/pam.d/patd is missing, so no user can prove their "
                           "identity.\n    sudo apt install --reinstall"),
              std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find(" found.\n"), std::string::npos);
    EXPECT_EQ(ran.err, "");
}

TEST_F(DoctorTest, GivesJson) {
    const Ran ran = patctl_.run({"doctor", "--json"});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    const nlohmann::json told = nlohmann::json::parse(ran.out);
    EXPECT_EQ(told["reachable"], true);
    ASSERT_FALSE(told["findings"].empty());
    for (const char* key : {"severity", "check", "text", "fix"})
        EXPECT_TRUE(told["findings"][0][key].is_string()) << key;
}

TEST_F(DoctorTest, WorksWhenTheServiceDoesNot) {
    patctl_.reachable = false;
    const Ran ran = patctl_.run({"doctor"});
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    EXPECT_NE(ran.out.find("error: service: the service does not answer"), std::string::npos);
    EXPECT_NE(ran.out.find("error: pam:"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
