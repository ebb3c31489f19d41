// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"

#include "cli/io/process.h"
#include "tests/cli/git_home.h"

#include <algorithm>

namespace patd::cli {
namespace {

constexpr char kHelper[] = "/opt/patd/bin/git-credential-pat";

class GitConfigTest : public GitHome {
  protected:
    void write(const char* name, const std::string& text) const {
        std::ofstream(home_ / name) << text;
    }
    static std::vector<std::string> origins() {
        std::vector<std::string> origins;
        const std::vector<HelperLine> lines = find_other_helpers(kHelper).value();
        for (const HelperLine& line : lines)
            origins.push_back(line.scope + " " + line.key + "=" + line.value);
        return origins;
    }
};

TEST_F(GitConfigTest, LeavesOptionsOfTheHelperAsTheyAre) {
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    const std::string narrowed = std::string(kHelper) + " --permission vcs:repository:ro --ttl 5m";
    write(".gitconfig",
          "[credential]\n\thelper = \n\thelper = " + narrowed +
              "\n[credential \"https://git.example\"]\n\thelper = \n\thelper = " + narrowed + "\n");
    const std::string before = read(".gitconfig");
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), before);
    EXPECT_TRUE(origins().empty());
}

// Row C8.
TEST_F(GitConfigTest, WritesTheThreeLines) {
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"),
              "[credential]\n\thelper = \n\thelper = /opt/patd/bin/git-credential-pat\n");
}

TEST_F(GitConfigTest, ASecondRunChangesNothing) {
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    const std::string once = read(".gitconfig");
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"), once);
}

TEST_F(GitConfigTest, KeepsWhatElseIsThereAndGoesLast) {
    write(".gitconfig", "[user]\n\tname = Alice\n[credential]\n\thelper = store\n");
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig"),
              "[user]\n\tname = Alice\n[credential]\n\thelper = store\n\thelper = \n"
              "\thelper = /opt/patd/bin/git-credential-pat\n");
    EXPECT_TRUE(origins().empty());
}

TEST_F(GitConfigTest, ReplacesAHelperThatMoved) {
    ASSERT_TRUE(write_git_config(GitScope::Global, "/old/place/git-credential-pat"));
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    EXPECT_EQ(read(".gitconfig").find("/old/place"), std::string::npos);
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    const std::string text = read(".gitconfig");
    EXPECT_EQ(text.find(kHelper), text.rfind(kHelper));
}

TEST_F(GitConfigTest, GoesLastAgainWhenAnotherHelperWasAddedLater) {
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    ASSERT_EQ(run_process({"git", "config", "--global", "--add", "credential.helper", "cache"})
                  .value()
                  .status,
              0);
    ASSERT_TRUE(write_git_config(GitScope::Global, kHelper));
    EXPECT_TRUE(origins().empty());
    const std::string text = read(".gitconfig");
    EXPECT_EQ(text.find(kHelper), text.rfind(kHelper));
}

TEST_F(GitConfigTest, WritesTheSystemConfiguration) {
    ASSERT_TRUE(write_git_config(GitScope::System, kHelper));
    EXPECT_NE(read("system").find(kHelper), std::string::npos);
    EXPECT_EQ(read(".gitconfig"), "");
}

// Row C8.
TEST_F(GitConfigTest, NamesTheHelpersThatStandAfterOurs) {
    write(".gitconfig",
          "[credential]\n\thelper = store\n[credential \"https://git.example\"]\n"
          "\thelper = cache\n");
    ASSERT_TRUE(write_git_config(GitScope::System, kHelper));
    EXPECT_EQ(origins(), (std::vector<std::string>{"global credential.helper=store",
                                                   "global credential.https://git.example.helper="
                                                   "cache"}));
}

TEST_F(GitConfigTest, ReportsAConfigurationThatCannotBeWritten) {
    std::filesystem::create_directory(home_ / ".gitconfig");
    EXPECT_FALSE(write_git_config(GitScope::Global, kHelper));
}

TEST(SelectRemaining, ForgetsWhatAnEmptyHelperAfterItForgets) {
    const std::vector<HelperLine> lines = {{"system", "f", "credential.helper", "store"},
                                           {"system", "f", "credential.helper", ""},
                                           {"system", "f", "credential.helper", kHelper},
                                           {"system", "f", "credential.helper", "cache"},
                                           {"global", "g", "credential.helper", ""},
                                           {"global", "g", "credential.helper", "libsecret"}};
    const std::vector<HelperLine> remaining = select_remaining(lines, kHelper);
    ASSERT_EQ(remaining.size(), 1U);
    EXPECT_EQ(remaining[0].value, "libsecret");
}

TEST(ParseHelperLines, ReadsGitsFieldsAndLeavesATornEndAlone) {
    using std::string_literals::operator""s;
    const std::vector<HelperLine> lines =
        parse_helper_lines("global\0file:/g\0credential.helper\nstore\0global\0file:/g\0"s +
                           "credential.helper\0local\0file"s);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].origin, "file:/g");
    EXPECT_EQ(lines[0].value, "store");
    EXPECT_EQ(lines[1].key, "credential.helper");
    EXPECT_EQ(lines[1].value, "");
}

TEST(FindHelper, GivesAnAbsolutePath) {
    const std::string helper = find_helper();
    EXPECT_TRUE(helper.starts_with('/'));
    EXPECT_TRUE(helper.ends_with("/git-credential-pat"));
}

}  // namespace
}  // namespace patd::cli
