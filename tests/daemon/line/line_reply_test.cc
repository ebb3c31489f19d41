// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_reply.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

std::string text_of(const SecretBuffer& reply) {
    return {reply.reveal().data(), reply.size()};
}

TEST(LineReply, GivesTheNameAndTheFixedSentence) {
    SecretBuffer reply(1000);
    write_error(reply, Errc::WrongPassword, Quit::No);
    EXPECT_EQ(text_of(reply),
              "error=WrongPassword\ntext=The password was wrong; nothing was changed.\n\n");
}

TEST(LineReply, TellsGitToStopWhenAsked) {
    SecretBuffer reply(1000);
    write_error(reply, Errc::Locked, Quit::Yes);
    EXPECT_EQ(text_of(reply),
              "error=Locked\ntext=Your tokens are locked; run 'patctl unlock'.\nquit=1\n\n");
}

TEST(LineReply, NeverShowsTheContextOfAnError) {
    SecretBuffer reply(1000);
    write_error(reply, Error{Errc::Internal, "/var/lib/patd is gone"}, Quit::No);
    EXPECT_EQ(text_of(reply).find("gone"), std::string::npos);
}

TEST(LineReply, ReplacesAHalfWrittenAnswer) {
    SecretBuffer reply(1000);
    ASSERT_TRUE(reply.append(std::string_view("password=half")));
    write_error(reply, Errc::Unavailable, Quit::No);
    EXPECT_EQ(text_of(reply).rfind("error=Unavailable\n", 0), 0U);
}

}  // namespace
}  // namespace patd
