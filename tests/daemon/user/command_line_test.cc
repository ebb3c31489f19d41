// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/user/command_line.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace patd::user {
namespace {

Result<CommandLine> parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "patd-user");
    std::vector<char*> argv;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    return parse_command_line(static_cast<int>(argv.size()) - 1, argv.data());
}

// Row A16: the environment does not decide where secrets are opened.
TEST(UserCommandLine, A16_DefaultsComeFromTheAccountAndTheUid) {
    setenv("HOME", "/elsewhere", 1);
    setenv("XDG_RUNTIME_DIR", "/elsewhere", 1);
    const DaemonOptions options = parse({}).value().options;
    const std::string runtime = "/run/user/" + std::to_string(getuid()) + "/patd/";
    EXPECT_EQ(options.state_directory,
              std::string(getpwuid(getuid())->pw_dir) + "/.local/state/patd");
    EXPECT_EQ(options.line_socket, runtime + "socket");
    EXPECT_EQ(options.step_up.auth, runtime + "auth.sock");
    EXPECT_EQ(options.bus_address, "session");
    EXPECT_TRUE(options.accept_store);
}

TEST(UserCommandLine, TakesEveryOption) {
    const DaemonOptions options =
        parse({"--state-dir", "s", "--socket", "l", "--auth-socket", "a", "--bus-address", "none",
               "--no-accept-store", "--config-root", "c"})
            .value()
            .options;
    EXPECT_EQ(options.state_directory, "s");
    EXPECT_EQ(options.line_socket, "l");
    EXPECT_EQ(options.step_up.auth, "a");
    EXPECT_EQ(options.bus_address, "none");
    EXPECT_FALSE(options.accept_store);
    EXPECT_EQ(options.config_root, "c");
}

TEST(UserCommandLine, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(parse({"--master-key", "f"}).error().code, Errc::UnknownOption);
    EXPECT_EQ(parse({"word"}).error().code, Errc::UnknownOption);
    EXPECT_EQ(parse({"--socket"}).error().code, Errc::UnknownOption);
}

}  // namespace
}  // namespace patd::user
