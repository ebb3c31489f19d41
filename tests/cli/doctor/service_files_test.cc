// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/service_files.h"

#include "tests/cli/doctor/services_fixture.h"

namespace patd::cli::doctor {
namespace {

TEST(SplitLines, CountsEveryLineAndGivesThoseWithWords) {
    const std::vector<FileLine> lines = split_lines("/etc/x", "# none\n\n a\tb # c\n\r\nlast");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].number, 3U);
    EXPECT_EQ(lines[0].words, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(lines[1].number, 5U);
    EXPECT_EQ(lines[1].words, std::vector<std::string>{"last"});
    EXPECT_EQ(lines[0].edit("d"), "'3d' '/etc/x'");
}

TEST(SplitLines, TellsWhatIsIndented) {
    const std::vector<FileLine> lines = split_lines("/etc/x", "\n  a\nb\n\tc");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[0].indented);
    EXPECT_FALSE(lines[1].indented);
    EXPECT_TRUE(lines[2].indented);
}

TEST(SplitLines, QuotesTheNameOfAFileForTheShell) {
    EXPECT_EQ(split_lines("/etc/a b;c", "x")[0].edit("d"), "'1d' '/etc/a b;c'");
}

TEST(SplitLines, GivesNothingOfNothing) {
    for (const char* text : {"", "\n", " ", "#", "\n\n# x\n"})
        EXPECT_TRUE(split_lines("/etc/x", text).empty()) << text;
}

TEST(SplitLines, TakesEveryPrefixOfAText) {
    const std::string text = "a b # c\n\nd e\n";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        for (const FileLine& line : split_lines("/etc/x", text.substr(0, size)))
            EXPECT_FALSE(line.words.empty());
    }
}

TEST_F(MachineTest, ReadsAFolderInTheOrderOfItsNames) {
    put("/etc/x.d/20.conf", "second\n");
    put("/etc/x.d/10.conf", "first\n");
    put("/etc/x.d/15.bak", "never\n");
    const std::vector<FileLine> lines = read_folder(machine_, "/etc/x.d", ".conf");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].words[0], "first");
    EXPECT_EQ(lines[1].path, "/etc/x.d/20.conf");
    EXPECT_TRUE(read_folder(machine_, "/etc/none", ".conf").empty());
}

TEST_F(MachineTest, KnowsAServiceThatTakesTokensAlsoByWhatItIncludes) {
    put("/etc/pam.d/direct", kTokenRule);
    put("/etc/pam.d/common", kTokenRule);
    put("/etc/pam.d/debian", "@include common\n");
    put("/etc/pam.d/include", "auth include common\n");
    put("/etc/pam.d/substack", "auth substack common\n");
    for (const char* service : {"direct", "debian", "include", "substack"})
        EXPECT_TRUE(takes_tokens(machine_, service)) << service;
}

TEST_F(MachineTest, KnowsAServiceThatTakesNone) {
    put("/etc/pam.d/password", "auth required pam_pat.so password\n");
    put("/etc/pam.d/account", "account required pam_pat.so\n");
    put("/etc/pam.d/unix", "auth required pam_unix.so token\n");
    put("/etc/pam.d/itself", "@include itself\n");
    put("/etc/other", kTokenRule);
    for (const char* service : {"password", "account", "unix", "itself", "none", "", "../other"})
        EXPECT_FALSE(takes_tokens(machine_, service)) << service;
}

}  // namespace
}  // namespace patd::cli::doctor
