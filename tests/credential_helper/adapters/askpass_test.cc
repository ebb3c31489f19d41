// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::credential_helper {
namespace {

TEST(Askpass, AnswersGitAndGitLfs) {
    EXPECT_EQ(Conversation(kAskpass, {"Password for 'https://u@git.example/a': "}).asks(),
              get_request("https://u@git.example/a", "askpass"));
    const Conversation name(kAskpass, {"Username for \"https://git.example\""});
    EXPECT_EQ(name.asks(), get_request("https://git.example", "askpass"));
    EXPECT_EQ(name.hears(kPlain), "alice\n");
    EXPECT_EQ(name.hears("username=\npassword=x\n"), "none");
    EXPECT_EQ(Conversation(kAskpass, {"Password for 'https://u@git.example': "}).hears(kPlain),
              "not-a-real-secret\n");
    for (const char* other : {"Enter passphrase for key '/home/u/.ssh/id': ", "Password for ",
                              "Password for ''", "Password for 'x", "Are you sure (yes/no)? ", ""})
        EXPECT_NE(Conversation(kAskpass, {other}).asks().find("no question of git's"),
                  std::string::npos)
            << other;
    EXPECT_EQ(Conversation(kAskpass, {"Password for 'git.example': "}).asks(), "InvalidTarget");
}

}  // namespace
}  // namespace patd::credential_helper
