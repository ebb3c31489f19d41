// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/pam_session.h"

#include "common/token/token_string.h"
#include "tests/pam_module/pam_fixture.h"
#include "tests/support/scripted_line_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <thread>

// PamSession only works inside a module, so each test logs in through the whole module.
namespace patd::pam {
namespace {

using support::PamLogin;
using support::ScriptedConversation;
using support::ScriptedLineServer;

const std::string kModule = PATD_TEST_MODULE;
const std::string kPassword = "auth required " + kModule + " password";
const std::string kToken =
    "auth required " + kModule + " token permission=vcs audience=https://git.example";

std::string new_token() {
    SystemRandom random;
    const TokenSecret secret =
        make_issued_secret(TokenId::generate(random).value(), random).value();
    return std::string(secret.reveal().data(), secret.size());
}

class PamSessionTest : public testing::Test {
  protected:
    PamSessionTest() { support::point_module_at(directory_.file("socket")); }

    support::TemporaryDirectory directory_;
    // Says yes to everything: what must fail, must fail before it gets here.
    const ScriptedLineServer patd_{directory_.file("socket"),
                                   ScriptedLineServer::reply("valid=1\nuser=alice\n\n")};
};

TEST_F(PamSessionTest, NamesTheUserInThePrompt) {
    PamLogin login(kPassword, "alice");
    login.conversation.answers = {"correct horse"};
    EXPECT_EQ(login.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(login.conversation.prompts.at(0), "Service password for alice: ");
}

// sshpass and OpenVPN look for "assword". The brackets are pam.conf(5)'s.
TEST_F(PamSessionTest, AsksInTheWordsOfTheStack) {
    for (const auto& [option, asked] :
         {std::pair("prompt=Password", "Password: "),
          std::pair("[prompt=Password or token]", "Password or token: ")}) {
        for (const std::string& mode : {kPassword, kToken}) {
            PamLogin login(mode + " " + option, "alice");
            login.conversation.answers = {"correct horse"};
            login.authenticate();
            EXPECT_EQ(login.conversation.prompts.at(0), asked);
        }
    }
}

TEST_F(PamSessionTest, AsksForTheUserWhenTheHostDoesNotKnow) {
    PamLogin login(kPassword, "");
    login.conversation.answers = {"alice", "correct horse"};
    EXPECT_EQ(login.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(login.conversation.prompts.at(1), "Service password for alice: ");
}

// Row P3.
TEST_F(PamSessionTest, RefusesAnswersThatAreNoneWithoutAskingPatd) {
    const std::vector<std::optional<std::string>> answers = {
        std::nullopt, "",     std::string(513, 'a'), std::string(100'000, 'a'), "a\x01",
        "a\nb",       "a\x7f"};
    for (const auto& answer : answers) {
        PamLogin login(kPassword, "alice");
        login.conversation.answers = {answer};
        EXPECT_EQ(login.authenticate(), PAM_AUTH_ERR) << answer.value_or("(null)").substr(0, 20);
    }
    PamLogin nothing(kPassword, "alice");
    nothing.conversation.failure = ScriptedConversation::Failure::NullArray;
    EXPECT_EQ(nothing.authenticate(), PAM_AUTH_ERR);
    PamLogin over_long(kToken, "alice");
    over_long.conversation.answers = {"patc1_" + std::string(kOldChildBytesMax, 'a')};
    EXPECT_EQ(over_long.authenticate(), PAM_AUTH_ERR);
    EXPECT_TRUE(patd_.requests().empty());
}

TEST_F(PamSessionTest, TakesThePasswordOf511BytesAndBytesThatAreNoUtf8) {
    for (const std::string& answer : {std::string(511, 'a'), std::string("caf\xe9 au lait")}) {
        PamLogin login(kPassword, "alice");
        login.conversation.answers = {answer};
        EXPECT_EQ(login.authenticate(), PAM_SUCCESS);
    }
}

TEST_F(PamSessionTest, ReportsAConversationThatFails) {
    PamLogin login(kPassword, "alice");
    login.conversation.failure = ScriptedConversation::Failure::ConversationError;
    EXPECT_EQ(login.authenticate(), PAM_CONV_ERR);
}

TEST_F(PamSessionTest, RefusesUserNamesThatCannotBe) {
    for (const std::string& user : {std::string("al\nice"), std::string(300, 'a')}) {
        PamLogin login(kPassword, user);
        login.conversation.answers = {"correct horse"};
        EXPECT_EQ(login.authenticate(), PAM_USER_UNKNOWN);
    }
    EXPECT_TRUE(patd_.requests().empty());
}

TEST_F(PamSessionTest, UsesTheEarlierPasswordWhereTheStackSaysSo) {
    PamLogin both(
        kPassword + "\n" + kPassword + " use_first_pass\n" + kPassword + " try_first_pass",
        "alice");
    both.conversation.answers = {"correct horse"};
    EXPECT_EQ(both.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(both.conversation.prompts.size(), 1U);
    EXPECT_EQ(patd_.requests().size(), 3U);

    PamLogin none(kPassword + " use_first_pass", "alice");
    none.conversation.answers = {"correct horse"};
    EXPECT_EQ(none.authenticate(), PAM_AUTH_ERR);
    EXPECT_TRUE(none.conversation.prompts.empty());

    PamLogin asked(kPassword + " try_first_pass", "alice");
    asked.conversation.answers = {"correct horse"};
    EXPECT_EQ(asked.authenticate(), PAM_SUCCESS);
}

// Row P9: pam_exec writes PAM_AUTHTOK to a script's standard input, and prompts if there is none.
TEST_F(PamSessionTest, KeepsATokenFromLaterModules) {
    const std::string script = directory_.file("script");
    const std::string seen = directory_.file("seen");
    std::ofstream(script) << "#!/bin/sh\ncat > " << seen << "\n";
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    const std::string exec = "\nauth optional pam_exec.so expose_authtok quiet " + script;
    const std::string token = new_token();

    PamLogin cleared(kToken + exec, "alice");
    cleared.conversation.answers = {token, "something else"};
    EXPECT_EQ(cleared.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(cleared.conversation.prompts.size(), 2U);

    PamLogin kept(kToken + " keep_authtok" + exec, "alice");
    kept.conversation.answers = {token};
    EXPECT_EQ(kept.authenticate(), PAM_SUCCESS);
    std::string text;
    std::getline(std::ifstream(seen) >> std::ws, text, '\0');
    EXPECT_EQ(text, token);
}

// Row P6.
TEST_F(PamSessionTest, LeavesNoDescriptorOpen) {
    // What stays open: the fake daemon's thread closes its end of a connection a moment later.
    const auto open_descriptors = [] {
        std::ptrdiff_t fewest = std::numeric_limits<std::ptrdiff_t>::max();
        for (int look = 0; look < 1000; ++look) {
            const std::filesystem::directory_iterator entries("/proc/self/fd");
            fewest = std::min(fewest, std::distance(begin(entries), end(entries)));
            std::this_thread::yield();
        }
        return fewest;
    };
    {
        PamLogin warm_up(kPassword, "alice");
        warm_up.conversation.answers = {"correct horse"};
        ASSERT_EQ(warm_up.authenticate(), PAM_SUCCESS);
    }
    const auto before = open_descriptors();
    PamLogin login(kPassword, "alice");
    login.conversation.answers = {"correct horse"};
    ASSERT_EQ(login.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace patd::pam
