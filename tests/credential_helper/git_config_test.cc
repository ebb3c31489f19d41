// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/git_config.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

namespace patd::credential_helper {
namespace {

constexpr char kNotTold[] = "only git can tell";

// The lines of one file, with `|` for the ends of names and `;` for those of values.
std::string lines_of(const std::string& file) {
    std::string lines;
    if (!add_helper_lines(file, lines))
        return kNotTold;
    for (char& c : lines)
        c = c == '\n' ? '|' : c == '\0' ? ';' : c;
    return lines;
}

TEST(HelperLines, AreReadInEverySimpleSpelling) {
    EXPECT_EQ(lines_of("[credential]\n\thelper = store\n"), "credential.helper|store;");
    EXPECT_EQ(lines_of("[Credential]\nHELPER=pat --ttl 5m  "), "credential.helper|pat --ttl 5m;");
    EXPECT_EQ(lines_of("[credential \"https://git.example\"]\nhelper =\nhelper = pat\n"),
              "credential.https://git.example.helper|;credential.https://git.example.helper|pat;");
    EXPECT_EQ(
        lines_of("# credential\n\n  [credential]\n; x\nhelpers = no\n helper\t=\t!/bin/x get\n"
                 "[core]\nhelper = no\n[credential]\nusername = helper\nhelper = cache\n"),
        "credential.helper|!/bin/x get;credential.helper|cache;");
    EXPECT_EQ(lines_of("[core] bare = true\n[alias]\n\tx = \"!f() { \\\n\techo; }; f\"\n"), "")
        << "no word of it stands there";
    EXPECT_EQ(lines_of("[user]\nname = credential\n[a \"b\"]\nc = include\n"), "");
    EXPECT_EQ(lines_of(""), "");
}

// Row C8. What is not read as git reads it must be left to git.
TEST(HelperLines, AreLeftToGitWhereTheyAreNotSimple) {
    for (const std::string text : {
             "[credential]\nhelper\n",
             "[credential]\nhelper = \"store\"\n",
             "[credential]\nhelper = st\\\\ore\n",
             "[credential]\nhelper = store # mine\n",
             "[credential]\nhelper = store;mine\n",
             "[credential]\nhelper = store\tmine\n",
             "[credential]\nhelper = st\\\nore\n",
             "[credential]\r\nhelper = store\r\n",
             "[credential] helper = store\n",
             "[credential.https://git.example]\nhelper = store\n",
             "[credential \"a\\\"b\"]\nhelper = store\n",
             "[credential \"a\"\nhelper = store\n",
             "[core][credential]\nhelper = store\n",
             "[core] [credential] helper = store\n",
             "[credentials]\nhelper = store\n",
             "\xEF\xBB\xBF[credential]\nhelper = store\n",
             "[include]\npath = credentials\n",
             "[includeIf \"gitdir:~/team/\"]\npath = work\n",
             "[INCLUDE] path = work\n",
             "[extensions]\nworktreeConfig = true\n",
             "[extensions] worktreeConfig = true\n",
             "[alias]\nx = y \\\n[credential]\nhelper = store\n",
         })
        EXPECT_EQ(lines_of(text), kNotTold) << text;
    EXPECT_EQ(lines_of(std::string("[credential]\nhelper = st\0re\n", 29)), kNotTold);
}

class ReadHelperLines : public testing::Test {
  protected:
    void SetUp() override {
        clear();
        ASSERT_EQ(mkdir(file("home").c_str(), 0700), 0);
        set("HOME", file("home"));
        set("GIT_CONFIG_SYSTEM", file("system"));
        ASSERT_EQ(mkdir(file("outside").c_str(), 0700), 0);
        ASSERT_EQ(chdir(file("outside").c_str()), 0);
    }
    void TearDown() override {
        ASSERT_EQ(chdir("/"), 0);
        set("PATH", path_);
        clear();
    }
    static void clear() {
        for (const char* name :
             {"GIT_DIR", "GIT_COMMON_DIR", "GIT_EXEC_PATH", "GIT_CONFIG", "GIT_CONFIG_NOSYSTEM",
              "GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
              "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "XDG_CONFIG_HOME"})
            unsetenv(name);
    }
    static void set(const char* name, const std::string& value) {
        ASSERT_EQ(setenv(name, value.c_str(), 1), 0);
    }
    std::string file(const std::string& name) const { return directory_.file(name.c_str()); }
    void configure(const std::string& name, const std::string& helper) const {
        std::ofstream(file(name)) << "[credential]\n\thelper = " << helper << "\n";
    }
    void make_repository(const std::string& name) const {
        ASSERT_EQ(std::system(("git init -q " + file(name)).c_str()), 0);
    }
    // What the real git says, in the same place and with the same environment.
    static std::string git_says() {
        std::string text;
        FILE* pipe = popen("git config --null --get-regexp '^credential\\.(.*\\.)?helper$'", "r");
        std::array<char, 4096> piece{};
        while (const std::size_t got = fread(piece.data(), 1, piece.size(), pipe))
            text.append(piece.data(), got);
        (void)pclose(pipe);
        return text;
    }
    static void expect_as_git() {
        const std::optional<std::string> lines = read_helper_lines();
        ASSERT_TRUE(lines);
        EXPECT_EQ(*lines, git_says());
        EXPECT_NE(*lines, "");
    }

    support::TemporaryDirectory directory_;
    const std::string path_ = getenv("PATH");
};

TEST_F(ReadHelperLines, SaysWhatGitSaysOfItsFiles) {
    configure("system", "of-the-system");
    expect_as_git();
    configure("home/.gitconfig", "of-the-user");
    ASSERT_EQ(std::system(("mkdir -p " + file("home/.config/git") + " " + file("xdg/git")).c_str()),
              0);
    configure("home/.config/git/config", "of-the-folder");
    configure("xdg/git/config", "of-xdg");
    expect_as_git();
    set("XDG_CONFIG_HOME", file("xdg"));
    expect_as_git();
    make_repository("work");
    set("GIT_DIR", file("work/.git"));
    ASSERT_EQ(
        std::system(
            ("git -C " + file("work") + " config credential.https://a.example.helper x").c_str()),
        0);
    expect_as_git();
    set("GIT_CONFIG_GLOBAL", file("home/.gitconfig"));
    expect_as_git();
    set("GIT_CONFIG_NOSYSTEM", "1");
    expect_as_git();
    set("GIT_CONFIG_GLOBAL", "/dev/null");
    expect_as_git();
    set("GIT_CONFIG_PARAMETERS", "'http.proactiveauth'='basic'");
    expect_as_git();
}

// Debian's git, and every other that was made with the prefix /usr.
TEST_F(ReadHelperLines, KnowsTheSystemFileOfAGitBelowUsr) {
    unsetenv("GIT_CONFIG_SYSTEM");
    configure("home/.gitconfig", "pat");
    const std::string path = "/usr/bin:/bin";
    set("PATH", path);
    EXPECT_FALSE(read_helper_lines()) << "the git that runs us is not known";
    set("PATH", "/usr/lib/git-core:" + path);
    expect_as_git();
    set("GIT_EXEC_PATH", "/usr/lib/git-core");
    expect_as_git();
    set("GIT_EXEC_PATH", "/opt/libexec/git-core");
    EXPECT_FALSE(read_helper_lines());
    unsetenv("GIT_EXEC_PATH");
    set("PATH", "/opt/libexec/git-core:" + path);
    EXPECT_FALSE(read_helper_lines());
}

TEST_F(ReadHelperLines, LeavesToGitWhatComesFromTheEnvironmentOrIsElsewhere) {
    configure("home/.gitconfig", "pat");
    ASSERT_TRUE(read_helper_lines());
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
             {"GIT_CONFIG_PARAMETERS", "'credential.helper'='store'"},
             {"GIT_CONFIG_PARAMETERS", "'Include.path'='/a'"},
             {"GIT_CONFIG_KEY_0", "CREDENTIAL.helper"},
             {"GIT_COMMON_DIR", "/a"},
             {"GIT_CONFIG_NOSYSTEM", "on"},
             {"GIT_CONFIG_SYSTEM", file("home")},
             {"GIT_DIR", "/nowhere"},
             {"HOME", ""}}) {
        const char* before = getenv(name);
        const std::optional<std::string> kept =
            before == nullptr ? std::nullopt : std::optional<std::string>(before);
        set(name, value);
        EXPECT_FALSE(read_helper_lines()) << name;
        if (kept)
            set(name, *kept);
        else
            unsetenv(name);
        ASSERT_TRUE(read_helper_lines()) << name;
    }
}

TEST_F(ReadHelperLines, LeavesToGitAWorktreeAndARepositoryThatItWouldLookFor) {
    configure("home/.gitconfig", "pat");
    make_repository("work");
    ASSERT_EQ(chdir(file("work/.git/objects").c_str()), 0);
    EXPECT_FALSE(read_helper_lines());
    ASSERT_EQ(std::system(("cd " + file("work") +
                           " && git -c user.name=a -c user.email=b commit -q --allow-empty -m c"
                           " && git worktree add -q ../tree 2>/dev/null")
                              .c_str()),
              0);
    ASSERT_EQ(chdir(file("outside").c_str()), 0);
    set("GIT_DIR", file("work/.git"));
    expect_as_git();
    set("GIT_DIR", file("work/.git/worktrees/tree"));
    EXPECT_FALSE(read_helper_lines());
    set("GIT_DIR", file("tree/.git"));
    EXPECT_FALSE(read_helper_lines());
}

TEST_F(ReadHelperLines, LeavesToGitAFileThatIsNoneOrTooLong) {
    ASSERT_EQ(mkfifo(file("home/.gitconfig").c_str(), 0600), 0);
    EXPECT_FALSE(read_helper_lines());
    ASSERT_EQ(unlink(file("home/.gitconfig").c_str()), 0);
    std::ofstream(file("home/.gitconfig")) << std::string(70'000, '#');
    EXPECT_FALSE(read_helper_lines());
}

}  // namespace
}  // namespace patd::credential_helper
