// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/help.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

#include <sstream>

namespace patd::cli {
namespace {

std::string help_of(std::vector<std::string> command) {
    command.emplace_back("--help");
    return Patctl().run(command).out;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Help, ListsTheCommandsInGroups) {
    const std::string text = help_of({});
    std::size_t last = 0;
    for (const char* heading :
         {"\nTokens:\n  create ", "\nGit and programs:\n  setup ", "\nSecurity:\n  passwd ",
          "\nAdministration:\n  status ", "\nOptions:\n", "\nExit status:\n"}) {
        const std::size_t at = text.find(heading);
        ASSERT_NE(at, std::string::npos) << heading << text;
        EXPECT_GT(at, last);
        last = at;
    }
    EXPECT_FALSE(has(text, "Others:")) << text;
}

TEST(Help, ShowsHowACommandIsUsed) {
    const std::string text = help_of({"create"});
    EXPECT_TRUE(
        text.starts_with("Make a token; its secret is shown once\n\n"
                         "Usage: patctl create DESCRIPTION -p PERMISSION... [-t URL]...\n"
                         "           [--only-unit UNIT]... [-e WHEN] [--confirm]\n"))
        << text;
    EXPECT_TRUE(has(text, "\nArguments:\n  DESCRIPTION ")) << text;
    EXPECT_TRUE(has(text, "\n  -p, --permission PERMISSION\n                        What "))
        << text;
    EXPECT_TRUE(has(text, "\nExample:\n  patctl create \"laptop\" -p ")) << text;
    EXPECT_TRUE(has(text, "--json, --session and --no-pager")) << text;
    EXPECT_TRUE(has(text, "man patctl")) << text;
}

TEST(Help, SaysNothingInTheWordsOfALibrary) {
    const std::string text = Patctl().run({"--help-all"}).out;
    for (const char* word : {"REQUIRED", "Excludes:", "Needs:", "UINT", "TEXT:", "SUBCOMMAND"})
        EXPECT_FALSE(has(text, word)) << word;
    EXPECT_TRUE(has(help_of({"import"}), "--format FORMAT ")) << help_of({"import"});
}

TEST(Help, FitsEightyColumns) {
    std::istringstream text(Patctl().run({"--help-all"}).out);
    for (std::string line; std::getline(text, line);)
        EXPECT_LE(line.size(), 80U) << line;
}

TEST(Help, HasAnExampleOfEveryCommand) {
    std::istringstream text(Patctl().run({"--help-all"}).out);
    std::size_t usages = 0;
    std::size_t examples = 0;
    std::size_t groups = 0;
    for (std::string line; std::getline(text, line);) {
        usages += line.starts_with("Usage: ") ? 1 : 0;
        examples += line == "Example:" ? 1 : 0;
        groups += line.starts_with("Usage: ") && line.ends_with("COMMAND [ARGUMENT...]") ? 1 : 0;
    }
    EXPECT_GT(examples, 30U);
    EXPECT_EQ(examples + groups, usages);
}

}  // namespace
}  // namespace patd::cli
