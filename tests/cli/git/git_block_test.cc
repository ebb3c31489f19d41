// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_block.h"

#include "cli/git/git_chain.h"
#include "cli/git/git_write.h"
#include "tests/cli/git_home.h"

#include <functional>

namespace patd::cli {
namespace {

constexpr char kOurHelper[] = "/opt/patd/bin/git-credential-pat";
constexpr char kBlockBegin[] = "# >>> patctl setup git";

// What gh writes, what people write, and what an editor leaves.
const std::vector<std::string>& some_files() {
    static const std::vector<std::string> files = {
        "",
        "\n",
        "[user]\n\tname = Alice\n",
        "[user]\n\tname = Alice",
        "[user]\n\tname = Alice\\\n",
        "[user]\n\tname = Alice\\",
        "# patd\r\n[credential]\r\n\thelper = store\r\n",
        "[credential]\n\thelper = cache --timeout=3600\n\thelper = store ; mine\n",
        "[credential \"https://github.com\"]\n\thelper = \n\thelper = !/usr/bin/gh auth "
        "git-credential\n[credential \"https://gist.github.com\"]\n\thelper = \n\thelper = "
        "!/usr/bin/gh auth git-credential\n[credential]\n\thelper = store\n",
        "[credential]\n\thelper = store\n[credential \"https://git.example\"]\n\tusername = a\n"
        "\thelper = \"!f() { echo \\\"password=x\\\"; }; f\"\n\n\n",
        "[credential]\n\thelper =\n\thelper = /usr/bin/git-credential-pat --ttl 5m\n",
        "[credential]\n\thelper = manager\n\tuseHttpPath = true\n# the end",
        "[includeIf \"gitdir:~/job/\"]\n\tpath = job.inc\n[credential]helper=oauth\n",
    };
    return files;
}

class GitSetupUndo : public GitConfigTest {
  protected:
    static std::string asked(const std::string& url) {
        return name_chain(ask_git(read_credential_lines().value(), url).value().helpers);
    }
};

// Whatever is cut, there is a whole block or none.
TEST(GitBlock, IsTakenOutOfWhatItWasPutInto) {
    for (const std::string& text : some_files()) {
        const std::string file = append_block(
            text, {{"credential", {"", "/opt/pat"}}, {"credential.https://a\\\"b", {}, true}});
        EXPECT_EQ(part_file(file).without(), text);
        EXPECT_TRUE(part_file(file).has_block);
        for (std::size_t size = text.size(); size < file.size(); ++size)
            EXPECT_EQ(part_file(file.substr(0, size)).without(), file.substr(0, size));
        EXPECT_EQ(part_file(file + "[user]\n\tname = x\n").after, "[user]\n\tname = x\n");
    }
    EXPECT_TRUE(part_file(append_block({}, {})).made_file);
    EXPECT_FALSE(part_file(append_block("", {})).made_file);
}

TEST(GitBlock, IsReadAsItWasWritten) {
    const BlockSections sections = {{"credential", {"", "!f() { echo \"a; # \\b\"; }; f", " x "}},
                                    {"credential.https://a\\\"b", {"store"}, true}};
    const std::string file = append_block("", sections);
    EXPECT_EQ(to_sections(read_text(part_file(file).block).value()), sections);
}

TEST_F(GitSetupUndo, GivesBackTheFileByteForByte) {
    const std::string gh = "https://github.com";
    const std::vector<std::function<bool()>> setups = {
        [] { return write_helper(GitScope::Global, kOurHelper).has_value(); },
        [] { return write_helper(GitScope::Global, kOurHelper, Others::Kept).has_value(); },
        [&] { return write_helper_for(GitScope::Global, kOurHelper, gh).has_value(); },
        [] { return write_helper(GitScope::Global, "/old/git-credential-pat").has_value(); },
        [] {
            return write_paths(GitScope::Global, {"https://a.example", "https://b.example"})
                .has_value();
        },
    };
    for (const std::string& text : some_files()) {
        for (std::size_t i = 0; i < setups.size(); ++i) {
            SCOPED_TRACE(text + "/" + std::to_string(i));
            write(".gitconfig", text);
            ASSERT_TRUE(setups[i]());
            ASSERT_TRUE(setups[(i + 1) % setups.size()]());
            ASSERT_TRUE(setups[(i + 2) % setups.size()]());
            EXPECT_NE(read(".gitconfig"), text);
            EXPECT_TRUE(undo_setup(GitScope::Global).value());
            EXPECT_EQ(read(".gitconfig"), text);
            EXPECT_FALSE(undo_setup(GitScope::Global).value());
        }
    }
}

TEST_F(GitSetupUndo, RemovesTheFileThatSetupMade) {
    ASSERT_TRUE(write_helper(GitScope::Global, kOurHelper));
    ASSERT_TRUE(write_helper_for(GitScope::Global, kOurHelper, "https://git.example"));
    EXPECT_TRUE(undo_setup(GitScope::Global).value());
    EXPECT_FALSE(std::filesystem::exists(home_ / ".gitconfig"));
    EXPECT_FALSE(undo_setup(GitScope::Global).value());
}

TEST_F(GitSetupUndo, LeavesWhatOthersWroteSince) {
    write(".gitconfig",
          "[credential]\n\thelper = store\n[credential \"https://github.com\"]\n\thelper = gh\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kOurHelper));
    for (const char* command :
         {"git config --global --add credential.helper cache",  // lands in the block
          "git config --global credential.https://github.com.username alice",
          "git config --global user.name Alice",
          "git config --global credential.https://new.example.helper new"})
        ASSERT_EQ(std::system(command), 0);
    EXPECT_TRUE(undo_setup(GitScope::Global).value());
    const std::string text = read(".gitconfig");
    EXPECT_EQ(text.find("patctl"), std::string::npos) << text;
    EXPECT_EQ(text.find("git-credential-pat"), std::string::npos) << text;
    EXPECT_EQ(asked(kSomewhere), "store, then cache") << text;
    EXPECT_EQ(asked("https://github.com/a"), "store, then gh, then cache") << text;
    EXPECT_EQ(asked("https://new.example/a"), "store, then cache, then new") << text;
    EXPECT_NE(text.find("name = Alice"), std::string::npos);
    EXPECT_NE(text.find("username = alice"), std::string::npos);
}

TEST_F(GitSetupUndo, LeavesALineBelowTheBlockInItsSection) {
    ASSERT_TRUE(write_helper(GitScope::Global, kOurHelper));
    write(".gitconfig", read(".gitconfig") + "\thelper = cache\n");
    EXPECT_EQ(asked(kSomewhere), "patd, then cache");
    EXPECT_TRUE(undo_setup(GitScope::Global).value());
    EXPECT_EQ(read(".gitconfig"), "[credential]\n\thelper = cache\n");
}

// What is for one place alone takes nothing from the lines that follow the block.
TEST_F(GitSetupUndo, TakesBackEveryBlock) {
    const std::string later = "[credential]\n\thelper = cache\n";
    ASSERT_TRUE(write_helper(GitScope::Global, kOurHelper));
    write(".gitconfig", read(".gitconfig") + later);
    ASSERT_TRUE(write_helper_for(GitScope::Global, kOurHelper, "https://git.example"));
    ASSERT_TRUE(write_paths(GitScope::Global, {"https://a.example"}));
    EXPECT_EQ(asked(kSomewhere), "patd, then cache") << read(".gitconfig");
    EXPECT_EQ(asked("https://git.example/x"), "patd alone");
    EXPECT_TRUE(undo_setup(GitScope::Global).value());
    EXPECT_EQ(read(".gitconfig"), later);
}

TEST_F(GitSetupUndo, KeepsTheOnlyCopyThatIsLeft) {
    write(".gitconfig", "[credential \"https://github.com\"]\n\thelper = gh\n");
    ASSERT_TRUE(write_helper(GitScope::Global, kOurHelper));
    const std::string text = read(".gitconfig");
    write(".gitconfig", text.substr(text.find(kBlockBegin)));
    EXPECT_TRUE(undo_setup(GitScope::Global).value());
    EXPECT_EQ(asked("https://github.com/a"), "gh alone") << read(".gitconfig");
}

TEST_F(GitSetupUndo, IsOfOneFileAlone) {
    ASSERT_TRUE(write_helper(GitScope::System, kOurHelper));
    EXPECT_FALSE(undo_setup(GitScope::Global).value());
    EXPECT_EQ(asked(kSomewhere), "patd alone");
    EXPECT_TRUE(undo_setup(GitScope::System).value());
    EXPECT_EQ(asked(kSomewhere), "nobody");
}

}  // namespace
}  // namespace patd::cli
