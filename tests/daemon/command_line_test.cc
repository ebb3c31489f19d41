// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/command_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace patd {
namespace {

using Words = std::vector<std::string>;

Result<CommandLine> parse(Words words) {
    words.insert(words.begin(), "patd");
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    return parse_command_line(static_cast<int>(words.size()), argv.data());
}

void expect_installed_defaults(const DaemonOptions& options) {
    EXPECT_EQ(options.state_directory, "/var/lib/patd");
    EXPECT_EQ(options.line_socket, "/run/patd/socket");
    EXPECT_EQ(options.step_up.auth, "/run/patd-auth/auth.sock");
    EXPECT_EQ(options.step_up.enroll, "/run/patd-auth/enroll.sock");
    EXPECT_EQ(options.counter_socket, "/run/patd-auth/counter.sock");
    EXPECT_EQ(options.master_key_file, "/etc/patd/master.key");
    EXPECT_EQ(options.bus_address, "system");
    EXPECT_TRUE(options.accept_store);
    EXPECT_EQ(options.config_root, "");
}

TEST(DaemonCommandLine, IsThatOfTheInstalledServiceWithoutAnyOption) {
    const CommandLine line = parse({}).value();
    EXPECT_FALSE(line.exit_status.has_value());
    expect_installed_defaults(line.options);
}

TEST(DaemonCommandLine, TakesEveryOptionInBothForms) {
    const Words pairs = {"--state-dir",     "/s", "--socket",         "/l", "--auth-socket", "/a",
                         "--enroll-socket", "/e", "--master-key",     "/k", "--bus-address", "none",
                         "--config-root",   "/c", "--counter-socket", "/n"};
    Words joined;
    for (std::size_t i = 0; i < pairs.size(); i += 2)
        joined.push_back(pairs[i] + "=" + pairs[i + 1]);
    for (const Words& words : {pairs, joined}) {
        const DaemonOptions options = parse(words).value().options;
        EXPECT_EQ(options.state_directory, "/s");
        EXPECT_EQ(options.line_socket, "/l");
        EXPECT_EQ(options.step_up.auth, "/a");
        EXPECT_EQ(options.step_up.enroll, "/e");
        EXPECT_EQ(options.counter_socket, "/n");
        EXPECT_EQ(options.master_key_file, "/k");
        EXPECT_EQ(options.bus_address, "none");
        EXPECT_EQ(options.config_root, "/c");
        EXPECT_TRUE(options.accept_store);
    }
    EXPECT_FALSE(parse({"--no-accept-store"}).value().options.accept_store);
    EXPECT_TRUE(parse({"--check-config"}).value().check_config);
    EXPECT_FALSE(parse({}).value().check_config);
    EXPECT_TRUE(parse({"--check-config", "--quiet"}).value().quiet);
    EXPECT_TRUE(parse({"--refuse"}).value().refuse);
    EXPECT_FALSE(parse({}).value().refuse);
}

TEST(DaemonCommandLine, LeavesNothingBehindForTheNextParse) {
    ASSERT_TRUE(parse({"--state-dir", "/elsewhere", "--no-accept-store"}).has_value());
    expect_installed_defaults(parse({}).value().options);
}

TEST(DaemonCommandLine, RefusesWhatItDoesNotKnow) {
    const std::vector<Words> bad = {
        {"--unknown"},
        {"-x"},
        {"-h"},
        {"word"},
        {""},
        {"--state-dir"},
        {"--bus-address"},
        {"--no-accept-store=yes"},
        {"--help=yes"},
        {"--state-dir", "/s", "word"},
        {"word", "--state-dir", "/s"},
        {"--", "--state-dir"},
        {"--no-accept-store", "--unknown"},
        {"--s", "/x"},  // state-dir or socket
    };
    for (const Words& words : bad) {
        testing::internal::CaptureStderr();
        const Result<CommandLine> line = parse(words);
        const std::string errors = testing::internal::GetCapturedStderr();
        ASSERT_FALSE(line.has_value()) << words.front();
        EXPECT_EQ(line.error().code, Errc::UnknownOption) << words.front();
        EXPECT_TRUE(errors.starts_with("patd: ")) << words.front();
    }
}

TEST(DaemonCommandLine, HelpNamesEveryOptionAndEndsWell) {
    testing::internal::CaptureStdout();
    const CommandLine line = parse({"--help"}).value();
    const std::string help = testing::internal::GetCapturedStdout();
    EXPECT_EQ(line.exit_status, 0);
    for (const char* option :
         {"--state-dir", "--socket", "--auth-socket", "--enroll-socket", "--counter-socket",
          "--master-key", "--bus-address", "--no-accept-store", "--config-root", "--check-config",
          "--quiet", "--refuse", "--help", "--version"})
        EXPECT_NE(help.find(option), std::string::npos) << option;
}

TEST(DaemonCommandLine, VersionIsThatOfTheProject) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(parse({"--version"}).value().exit_status, 0);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "patd " PATD_VERSION "\n");
}

}  // namespace
}  // namespace patd
