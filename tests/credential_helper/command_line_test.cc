// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patd::credential_helper {
namespace {

// What it gives views the arguments, so that they must outlive it.
CommandLine parse_kept(std::vector<std::string>& arguments) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size());
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    return parse_command_line(pointers);
}

CommandLine parse(std::vector<std::string> arguments) {
    CommandLine command = parse_kept(arguments);
    command.narrowing.permissions = "";
    return command;
}

TEST(CommandLine, TakesTheVerbThatGitAppends) {
    EXPECT_EQ(parse({"get"}).verb, Verb::Get);
    EXPECT_FALSE(parse({"get"}).show);
    EXPECT_EQ(parse({"--show", "get"}).verb, Verb::Get);
    EXPECT_TRUE(parse({"--show", "get"}).show);
    EXPECT_TRUE(parse({"get", "--show"}).show);
}

// Row C16.
TEST(CommandLine, IgnoresAnUnknownVerbSilently) {
    const CommandLine command = parse({"frobnicate"});
    EXPECT_FALSE(command.verb);
    EXPECT_EQ(command.text, "");
    EXPECT_EQ(command.status, 0);
}

TEST(CommandLine, WithoutAVerbIsAnErrorWithTheUsage) {
    for (const CommandLine& command : {parse({}), parse({"--show"}), parse({"--frob", "get"})}) {
        EXPECT_FALSE(command.verb);
        EXPECT_TRUE(command.text.starts_with("usage: git-credential-pat"));
        EXPECT_EQ(command.status, 2);
    }
}

TEST(CommandLine, TakesWhatNarrowsAGet) {
    std::vector<std::string> arguments = {"--permission", "vcs:repository:ro,project:issue:ro",
                                          "--ttl", "5m", "get"};
    const CommandLine both = parse_kept(arguments);
    EXPECT_EQ(both.verb, Verb::Get);
    EXPECT_EQ(both.narrowing.permissions, "vcs:repository:ro,project:issue:ro");
    EXPECT_EQ(both.narrowing.lifetime_seconds, 300U);
    arguments = {"get"};
    const CommandLine none = parse_kept(arguments);
    EXPECT_EQ(none.narrowing.permissions, "");
    EXPECT_EQ(none.narrowing.lifetime_seconds, 0U);
    for (const auto& [text, seconds] : {std::pair{"1", 1U},
                                        {"90s", 90U},
                                        {"5m", 300U},
                                        {"1h", 3600U},
                                        {"007", 7U},
                                        {"5min", 300U},
                                        {"1 hour", 3600U}})
        EXPECT_EQ(parse({"--ttl", text, "get"}).narrowing.lifetime_seconds, seconds) << text;
}

TEST(CommandLine, AsksNothingWithAValueThatAnOptionDoesNotTake) {
    for (const char* bad : {"", "0", "0m", "m", "-5", "5x", "5mm", "1.5h", " 5", "5 ", "5M",
                            "1000001", "99999999999999999999", "5m\n"}) {
        const CommandLine command = parse({"--ttl", bad, "get"});
        EXPECT_FALSE(command.verb) << bad;
        EXPECT_TRUE(command.fault.starts_with("--ttl takes")) << bad;
        EXPECT_EQ(command.fault.find(", not '") == std::string::npos,
                  std::string_view(bad).size() > 16)
            << command.fault;
        EXPECT_EQ(command.status, 2) << bad;
    }
    for (const char* bad :
         {"", "VCS", "vcs:repository:ro, project", "vcs\nhost=evil.example", "vcs;x", "vcs=x"}) {
        const CommandLine command = parse({"--permission", bad, "get"});
        EXPECT_FALSE(command.verb) << bad;
        EXPECT_TRUE(command.fault.starts_with("--permission takes")) << bad;
        EXPECT_EQ(command.status, 2) << bad;
    }
    EXPECT_TRUE(parse({"get", "--ttl"}).text.starts_with("usage: "));
    EXPECT_TRUE(parse({"--permission"}).text.starts_with("usage: "));
}

TEST(CommandLine, PrintsHelpAndVersion) {
    EXPECT_TRUE(parse({"--help"}).text.starts_with("usage: git-credential-pat"));
    EXPECT_EQ(parse({"--help"}).status, 0);
    EXPECT_TRUE(parse({"get", "--version"}).text.starts_with("git-credential-pat "));
    EXPECT_FALSE(parse({"get", "--version"}).verb);
}

TEST(CommandLine, ShowsABadValueWithoutWhatIsInvisibleOrSecret) {
    const auto fault = [](const char* value) { return parse({"--ttl", value, "get"}).fault; };
    EXPECT_TRUE(fault("5\x1b[1m\n").ends_with(", not '5?[1m?'")) << fault("5\x1b[1m\n");
    EXPECT_TRUE(fault("5\xc3").ends_with(", not '5?'"));
    EXPECT_TRUE(fault("").ends_with(", not ''"));
    EXPECT_TRUE(fault("pat1_AbCdEfGhIjKlMnOpQrStUvWxYz").ends_with(" or 1h"));
    EXPECT_TRUE(fault("https://a:b@c").ends_with(" or 1h"));
}

}  // namespace
}  // namespace patd::credential_helper
