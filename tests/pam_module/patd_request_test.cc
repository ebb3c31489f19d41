// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/patd_request.h"

#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace patd::pam {
namespace {

using support::ScriptedLineServer;

constexpr std::chrono::milliseconds kEnough{60'000};
constexpr std::chrono::milliseconds kShort{50};

class PatdRequestTest : public testing::Test {
  protected:
    Errc failure_of(ScriptedLineServer::Script script, std::chrono::milliseconds deadline) {
        const ScriptedLineServer server(path(), std::move(script));
        const auto reply = PatdRequest("check").send({path(), deadline});
        EXPECT_FALSE(reply);
        return reply ? Errc::Internal : reply.error().code;
    }

    std::string path() const { return directory_.file("socket"); }

    support::TemporaryDirectory directory_;
};

TEST_F(PatdRequestTest, SendsVerbAndAttributes) {
    const ScriptedLineServer server(path(), ScriptedLineServer::reply("valid=1\n\n"));
    const auto reply =
        PatdRequest("verify").add("token", "t").add({"alice", "sshd", ""}).send({path(), kEnough});
    ASSERT_TRUE(reply);
    EXPECT_TRUE(is_valid(parse_reply(*reply).value()).value());
    EXPECT_EQ(server.requests().at(0), "patd=1\nop=verify\ntoken=t\nuser=alice\nservice=sshd\n\n");
}

TEST_F(PatdRequestTest, LeavesOutAuditTextThatTheFormatCannotCarry) {
    const ScriptedLineServer server(path(), ScriptedLineServer::reply("valid=0\n\n"));
    ASSERT_TRUE(PatdRequest("check")
                    .add({"alice", "ssh\nop=get", std::string(300, 'h')})
                    .send({path(), kEnough}));
    EXPECT_EQ(server.requests().at(0), "patd=1\nop=check\nuser=alice\n\n");
}

TEST_F(PatdRequestTest, SendsNothingWhenAValueDoesNotFit) {
    const ScriptedLineServer server(path(), ScriptedLineServer::reply("valid=1\n\n"));
    EXPECT_FALSE(PatdRequest("check").add("password", "a\nop=get").send({path(), kEnough}));
    EXPECT_FALSE(PatdRequest("check").add("user", std::string(9000, 'a')).send({path(), kEnough}));
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(PatdRequestTest, IsUnavailableWithoutADaemon) {
    const auto reply = PatdRequest("check").send({path(), kEnough});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::Unavailable);
}

// Row P19.
TEST_F(PatdRequestTest, IsUnavailableWhenTheDaemonIsSilentOrDribbles) {
    EXPECT_EQ(failure_of(ScriptedLineServer::silence(), kShort), Errc::Unavailable);
}

TEST_F(PatdRequestTest, IsUnavailableAfterHalfAReply) {
    EXPECT_EQ(failure_of(ScriptedLineServer::reply("valid=1\n"), kEnough), Errc::Unavailable);
}

TEST_F(PatdRequestTest, IsUnavailableAfterGarbage) {
    EXPECT_EQ(failure_of(ScriptedLineServer::reply("\x01\x02\x03\n\n"), kEnough),
              Errc::Unavailable);
}

TEST_F(PatdRequestTest, IsUnavailableAfterMoreThanOneReply) {
    EXPECT_EQ(failure_of(ScriptedLineServer::reply("valid=1\n\nvalid=1\n\n"), kEnough),
              Errc::Unavailable);
}

// Row P23.
TEST(PatdReply, MustSayOneThingClearly) {
    const auto verdict = [](std::string_view text) {
        const SecretBuffer bytes = SecretBuffer::copy_of(text);
        return is_valid(parse_reply(bytes).value());
    };
    EXPECT_TRUE(verdict("valid=1\n\n").value());
    EXPECT_FALSE(verdict("valid=0\nreason=dead\n\n").value());
    EXPECT_EQ(verdict("error=Throttled\ntext=wait\n\n").error().code, Errc::Throttled);
    EXPECT_EQ(verdict("error=Throttled\nvalid=1\n\n").error().code, Errc::Throttled);
    EXPECT_EQ(verdict("error=NewInVersion9\n\n").error().code, Errc::Unavailable);
    EXPECT_EQ(verdict("\n").error().code, Errc::Unavailable);
    EXPECT_EQ(verdict("valid=2\n\n").error().code, Errc::Unavailable);
    EXPECT_EQ(verdict("valid=\n\n").error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace patd::pam
