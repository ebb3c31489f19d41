// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"

#include "tests/cli/git_home.h"

namespace patd::cli {
namespace {

TEST_F(GitConfigTest, ReadsWhatHasASayInWhomGitAsks) {
    write("system", "[credential]\n\thelper = one\n");
    write(".gitconfig",
          "[credential]\n\tuseHttpPath = true\n\tother = x\n[user]\n\tname = x\n"
          "[credential \"https://A.example\"]\n\tusername = bob\n\thelper =\n");
    const std::vector<ConfigLine> lines = read_credential_lines().value();
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].scope + " " + lines[0].key + "=" + lines[0].value,
              "system credential.helper=one");
    EXPECT_EQ(lines[1].key, "credential.usehttppath");
    EXPECT_EQ(lines[2].key, "credential.https://A.example.username");
    EXPECT_EQ(lines[3].origin, "file:" + (home_ / ".gitconfig").string());
    EXPECT_TRUE(lines[3].is_helper() && !lines[3].is_general() && lines[3].value.empty());
}

TEST_F(GitConfigTest, HasNoLinesWhereThereAreNone) {
    EXPECT_TRUE(read_credential_lines().value().empty());
}

TEST_F(GitConfigTest, SaysThatGitCannotReadIt) {
    write(".gitconfig", "[credential\n");
    EXPECT_EQ(read_credential_lines().error().code, Errc::Unavailable);
}

TEST(ParseCredentialLines, ReadsGitsFieldsAndLeavesATornEndAlone) {
    using std::string_literals::operator""s;
    const std::vector<ConfigLine> lines =
        parse_credential_lines("global\0file:/g\0credential.helper\nstore\0global\0file:/g\0"s +
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

TEST(GitVersion, IsRead) {
    EXPECT_EQ(parse_git_version("git version 2.39.5 (Debian)\n"), GitVersion(2, 39));
    EXPECT_EQ(parse_git_version("git version 2.46.0"), GitVersion(2, 46));
    for (const char* text : {"", "git version", "git version x", "git version 2", "git 2.3"})
        EXPECT_FALSE(parse_git_version(text)) << text;
}

TEST(QuoteForShell, IsOneWordOfAShell) {
    EXPECT_EQ(quote_for_shell("a b"), "'a b'");
    EXPECT_EQ(quote_for_shell("it's $HOME"), "'it'\\''s $HOME'");
}

class ChangeGitConfig : public GitConfigTest {
  protected:
    static std::string refused() {
        return change_git_config(GitScope::Global, {"a.b", "c"}).error().context;
    }
};

TEST_F(ChangeGitConfig, NamesTheLockAndHowToGetRidOfIt) {
    write(".gitconfig.lock", "");
    const std::string file = (home_ / ".gitconfig").string();
    EXPECT_EQ(refused(), "could not lock config file " + file +
                             ": File exists; another git is writing it, or one was cut off; if "
                             "none runs:\n    rm -- '" +
                             file + ".lock'");
}

TEST_F(ChangeGitConfig, KeepsALinkAndNamesTheDirectoryThatALinkMisses) {
    std::filesystem::create_symlink("dotfiles/gitconfig", home_ / ".gitconfig");
    EXPECT_NE(refused().find("mkdir -p -- '" + (home_ / "dotfiles").string() + "'"),
              std::string::npos)
        << refused();
    std::filesystem::create_directory(home_ / "dotfiles");
    ASSERT_TRUE(change_git_config(GitScope::Global, {"a.b", "c"}));
    EXPECT_TRUE(std::filesystem::is_symlink(home_ / ".gitconfig"));
    EXPECT_EQ(read("dotfiles/gitconfig"), "[a]\n\tb = c\n");
}

TEST_F(ChangeGitConfig, SaysThatThereIsNoHome) {
    unsetenv("HOME");
    EXPECT_TRUE(refused().starts_with("$HOME not set; set it:\n    export HOME=")) << refused();
}

// As root git would put a file into the place of /dev/null.
TEST_F(ChangeGitConfig, ReplacesNothingThatIsNoFile) {
    std::filesystem::create_directory(home_ / "directory");
    setenv("GIT_CONFIG_GLOBAL", (home_ / "directory").c_str(), 1);
    const std::string said = refused();
    unsetenv("GIT_CONFIG_GLOBAL");
    EXPECT_EQ(said, (home_ / "directory").string() +
                        " is no file that git could write; run:\n    unset GIT_CONFIG_GLOBAL");
    std::filesystem::create_symlink("directory", home_ / ".gitconfig");
    EXPECT_NE(refused().find("ls -ld -- "), std::string::npos);
}

TEST(FixRefused, NamesTheCommandThatWasRun) {
    const std::string reason = "could not lock config file /etc/gitconfig: Permission denied";
    for (const char* options : {"", " --undo", " --keep"})
        EXPECT_TRUE(fix_refused(GitScope::System, reason, options)
                        .ends_with("sudo patctl setup git --system" + std::string(options)));
    EXPECT_EQ(fix_refused(GitScope::Global, reason, " --undo").find("sudo"), std::string::npos);
}

TEST_F(ChangeGitConfig, UnsettingWhatIsNotThereIsNoError) {
    EXPECT_TRUE(change_git_config(GitScope::Global, {"--unset-all", "a.b"}));
}

}  // namespace
}  // namespace patd::cli
