// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/helper_chain.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace patd::credential_helper {
namespace {

constexpr char kUrl[] = "credential.https://git.example.helper";

// As git writes it: key, newline, value, NUL.
bool alone(const std::vector<std::pair<std::string, std::string>>& lines) {
    std::string text;
    for (const auto& [key, value] : lines) {
        text += key + "\n" + value;
        text += '\0';
    }
    return is_alone(text, "https", "git.example");
}

TEST(HelperChain, IsOursAloneAfterAnEmptyHelper) {
    const std::string all = "credential.helper";
    EXPECT_TRUE(alone({{all, "/usr/bin/git-credential-pat"}}));
    EXPECT_TRUE(alone({{all, "store"}, {all, ""}, {all, "pat --ttl 5m"}}));
    EXPECT_TRUE(alone({{all, "store"}, {kUrl, ""}, {kUrl, "!/usr/bin/git-credential-pat"}}));
    EXPECT_TRUE(alone({{all, "!git-credential-pat --ttl 5m"}}));
    EXPECT_TRUE(alone({{all, "!'/opt/my programs/git-credential-pat' --ttl 5m"}}));
    EXPECT_FALSE(alone({{all, "store"}, {all, "pat"}}));
    EXPECT_FALSE(alone({{all, ""}, {all, "pat"}, {all, "cache"}}));
    EXPECT_FALSE(alone({{all, ""}, {all, "pat"}, {kUrl, "store"}}));
    EXPECT_FALSE(alone({{all, "pat"}, {all, ""}})) << "who runs us then, nobody knows";
    EXPECT_FALSE(alone({}));
}

TEST(HelperChain, LeavesOtherHostsOut) {
    const std::string all = "credential.helper";
    const std::string other = "credential.https://github.com.helper";
    EXPECT_TRUE(alone({{all, ""}, {all, "pat"}, {other, ""}, {other, "!gh auth git-credential"}}));
    EXPECT_FALSE(alone({{all, "store"}, {other, ""}, {all, "pat"}})) << "its empty one is not ours";
}

TEST(HelperChain, IsNotAloneWhereItCannotBeTold) {
    const std::string all = "credential.helper";
    for (const char* value :
         {"!/usr/bin/git-credential-pat; other", "!f() { cat; }; f", "/usr/bin/git-credential-path",
          "!'/usr/bin/git-credential-pat' & x", "!pat", "git-credential-pat",
          "bin/git-credential-pat", "!x=/git-credential-pat other", "!other\t/git-credential-pat",
          "!other\t /git-credential-pat", "pat\tx"})
        EXPECT_FALSE(alone({{all, "pat"}, {all, value}})) << value;
    for (const char* url :
         {"https://*.example", "https://GIT.example:444/team", "git.example",
          "https://me@git.example", "http://git.example", "https://%67it.example"})
        EXPECT_FALSE(alone({{all, "pat"}, {"credential." + std::string(url) + ".helper", "store"}}))
            << url;
    for (const char* url : {"https://git.example/team", "https://*.example", "http://git.example"})
        EXPECT_FALSE(alone(
            {{all, "store"}, {"credential." + std::string(url) + ".helper", ""}, {all, "pat"}}))
            << url;
    EXPECT_FALSE(is_alone(std::string("credential.helper\0", 18), "https", "git.example"));
    EXPECT_FALSE(is_alone("nonsense", "https", "git.example"));
}

class NoteChain : public testing::Test {
  protected:
    void SetUp() override {
        setenv("GIT_CONFIG_GLOBAL", directory_.file("gitconfig").c_str(), 1);
        setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
        setenv("GIT_CEILING_DIRECTORIES", "/", 1);
        ASSERT_EQ(chdir(directory_.path().c_str()), 0);
    }
    void TearDown() override { ASSERT_EQ(chdir("/"), 0); }
    void configure(const std::string& text) const {
        std::ofstream(directory_.file("gitconfig")) << text;
    }
    static std::string noted(const std::string& text,
                             std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
        SecretBuffer request(1024);
        (void)request.append(std::string_view(text));
        note_chain(request, deadline);
        return {request.reveal().data(), request.size()};
    }

    support::TemporaryDirectory directory_;
};

constexpr char kGet[] = "patd=1\nop=get\ncapability[]=authtype\nprotocol=https\nhost=git.example\n";

TEST_F(NoteChain, AsksTheRealGit) {
    configure("[credential]\nhelper = store\nhelper =\nhelper = /usr/bin/git-credential-pat\n");
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "alone=1\n\n");
    configure("[credential]\nhelper =\nhelper = pat\nhelper = cache\n");
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "\n");
    configure("[credential]\nhelper\n");
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "\n");
    configure("");
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "\n");
}

TEST_F(NoteChain, SaysNothingOfWhatIsNoGetOfANewerGit) {
    configure("[credential]\nhelper = pat\n");
    for (const std::string text :
         {"patd=1\nop=get\nprotocol=https\nhost=git.example\n\n",
          "patd=1\nop=store\ncapability[]=authtype\nprotocol=https\nhost=git.example\n\n"})
        EXPECT_EQ(noted(text), text);
}

// What is simple it reads by itself (git_config_test.cc), what is not is git's to say.
TEST_F(NoteChain, NeedsNoGitWhereTheFilesAreSimple) {
    configure("[credential]\nhelper = pat\n");
    const std::string path = getenv("PATH");
    setenv("PATH", directory_.path().c_str(), 1);
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "alone=1\n\n");
    setenv("PATH", path.c_str(), 1);
}

TEST_F(NoteChain, AsksGitWhatTheFilesInclude) {
    std::ofstream(directory_.file("included")) << "[credential]\nhelper = store\n";
    configure("[credential]\nhelper = pat\n[include]\npath = included\n");
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "\n");
    configure("[include]\npath = included\n[credential]\nhelper =\nhelper = pat\n");
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "alone=1\n\n");
}

// Row C8. $GIT_CONFIG is for `git config` alone; whoever else keeps secrets stands elsewhere.
TEST_F(NoteChain, ReadsNoOtherConfigurationThanGit) {
    std::ofstream(directory_.file("other")) << "[credential]\nhelper = pat\n";
    configure("[credential]\nhelper = \"store\"\nhelper = pat\n");
    setenv("GIT_CONFIG", directory_.file("other").c_str(), 1);
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "\n");
    unsetenv("GIT_CONFIG");
}

TEST_F(NoteChain, SaysNothingWithoutAGitThatAnswers) {
    configure("[credential]\nhelper = \"pat\"\n");
    EXPECT_EQ(noted(std::string(kGet) + "\n", std::chrono::milliseconds(0)),
              std::string(kGet) + "\n");
    const std::string path = getenv("PATH");
    setenv("PATH", directory_.path().c_str(), 1);
    EXPECT_EQ(noted(std::string(kGet) + "\n"), std::string(kGet) + "\n");
    setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace patd::credential_helper
