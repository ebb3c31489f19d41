// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patd::credential_helper {
namespace {

CommandLine parse(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size());
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    return parse_command_line(pointers);
}

TEST(CommandLine, TakesTheVerbThatGitAppends) {
    EXPECT_EQ(parse({"get"}).verb, Verb::Get);
    EXPECT_FALSE(parse({"get"}).show);
    EXPECT_EQ(parse({"--show", "get"}).verb, Verb::Get);
    EXPECT_TRUE(parse({"--show", "get"}).show);
    EXPECT_TRUE(parse({"get", "--show"}).show);
}

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

TEST(CommandLine, PrintsHelpAndVersion) {
    EXPECT_TRUE(parse({"--help"}).text.starts_with("usage: git-credential-pat"));
    EXPECT_EQ(parse({"--help"}).status, 0);
    EXPECT_TRUE(parse({"get", "--version"}).text.starts_with("git-credential-pat "));
    EXPECT_FALSE(parse({"get", "--version"}).verb);
}

}  // namespace
}  // namespace patd::credential_helper
