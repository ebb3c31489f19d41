// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/user_check.h"

#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <thread>

namespace patd::auth {
namespace {

using step_up::FrameKind;
using step_up::FrameStream;
using support::ScriptedLineServer;

// One conversation inside this process; the far end answers every prompt with one password.
class UserCheckTest : public ::testing::Test {
  protected:
    UserCheckTest() {
        std::array<int, 2> ends{};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw std::runtime_error("socketpair");
        near_.reset(ends[0]);
        far_.reset(ends[1]);
        std::ofstream(directory_.file("patd-user"))
            << "auth required pam_permit.so\naccount required pam_permit.so\n";
    }

    Result<void> check(Op op = Op::Authenticate, Uid uid = Uid(getuid())) {
        FrameStream stream(near_.get(), std::chrono::seconds(20));
        std::thread person([this] {
            FrameStream client(far_.get(), std::chrono::seconds(20));
            while (true) {
                const auto frame = client.receive();
                if (!frame)
                    return;
                prompt_ = std::string(frame->text());
                (void)client.send(FrameKind::Answer, "correct horse");
            }
        });
        Conversation conversation(stream);
        const BeginRequest request{op, uid, uid, "me", ""};
        const password::Account account{uid, getgid(), "me"};
        ServiceOptions options;
        options.pam_confdir = directory_.path();
        std::chrono::milliseconds wait{0};
        Result<void> outcome = check_user({request, account, options, uid, conversation, wait},
                                          directory_.file("socket"));
        ::shutdown(near_.get(), SHUT_RDWR);
        person.join();
        return outcome;
    }

    support::TemporaryDirectory directory_;
    UniqueFd near_;
    UniqueFd far_;
    std::string prompt_;
};

TEST_F(UserCheckTest, TheSystemServiceChecksWhereItIsInstalled) {
    const ScriptedLineServer server(directory_.file("socket"),
                                    ScriptedLineServer::reply("valid=1\n\n"));
    check().value();
    EXPECT_EQ(prompt_, "Service password for me: ");
    EXPECT_EQ(server.requests().at(0),
              "patd=1\nop=check\nuser=me\nservice=patd-user\npassword=correct horse\n\n");
}

TEST_F(UserCheckTest, ItsRefusalIsFinal) {
    for (const Errc reason : {Errc::WrongPassword, Errc::Throttled, Errc::NoServicePassword}) {
        std::filesystem::remove(directory_.file("socket"));
        const ScriptedLineServer server(
            directory_.file("socket"),
            ScriptedLineServer::reply("error=" + std::string(errc_name(reason)) + "\n\n"));
        std::array<int, 2> ends{};
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        near_.reset(ends[0]);
        far_.reset(ends[1]);
        EXPECT_EQ(check().error().code, reason);
    }
}

// Never the login password instead: the stack of patd-user would accept it.
TEST_F(UserCheckTest, ASystemServiceThatIsDownIsUnavailable) {
    { const UniqueFd dead = ScriptedLineServer::listen_at(directory_.file("socket")); }
    EXPECT_EQ(check().error().code, Errc::Unavailable);
}

TEST_F(UserCheckTest, WithoutASystemServicePamDecides) {
    check().value();
    std::ofstream(directory_.file("patd-user"))
        << "auth required pam_deny.so\naccount required pam_permit.so\n";
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    near_.reset(ends[0]);
    far_.reset(ends[1]);
    EXPECT_EQ(check().error().code, Errc::WrongPassword);
}

TEST_F(UserCheckTest, ServesThisUserAndThisOperationOnly) {
    EXPECT_EQ(check(Op::Change).error().code, Errc::MalformedRequest);
    EXPECT_EQ(check(Op::Enroll).error().code, Errc::MalformedRequest);
    EXPECT_EQ(check(Op::Authenticate, Uid(getuid() + 1)).error().code, Errc::AccessDenied);
}

}  // namespace
}  // namespace patd::auth
