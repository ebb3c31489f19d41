// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/ask_patd.h"

#include "tests/support/process.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <string>

namespace patd::credential_helper {
namespace {

using support::ScriptedLineServer;

class AskPatd : public testing::Test {
  protected:
    std::string ask(const std::string& input, Verb verb = Verb::Get) const {
        return ask_from(support::detail::filled_pipe(input), verb);
    }
    // The reply, or the name of the error.
    std::string ask_from(const UniqueFd& input, Verb verb = Verb::Get) const {
        const Result<SecretBuffer> reply = ask_patd(verb, input.get(), {socket_.c_str()});
        if (!reply)
            return std::string(errc_name(reply.error().code));
        return {reply->reveal().data(), reply->size()};
    }

    support::TemporaryDirectory directory_;
    std::string socket_ = directory_.file("socket");
};

TEST_F(AskPatd, SendsTheInputAndGivesTheReply) {
    const ScriptedLineServer server(socket_, ScriptedLineServer::reply("username=alice\n\n"));
    EXPECT_EQ(ask("protocol=https\nhost=a\n"), "username=alice\n\n");
    EXPECT_EQ(server.requests().front(), "patd=1\nop=get\nprotocol=https\nhost=a\n\n");
}

TEST_F(AskPatd, SendsNothingOfInputThatIsMalformed) {
    const ScriptedLineServer server(socket_, ScriptedLineServer::reply("username=alice\n\n"));
    EXPECT_EQ(ask("protocol=https\nhost=a\nhost=b\n"), "MalformedRequest");
    EXPECT_EQ(ask("protocol=https\n"), "MalformedRequest");
    for (const std::string& request : server.requests())
        EXPECT_EQ(request, "");
}

TEST_F(AskPatd, SaysThatInputIsMalformedAlsoWhenNobodyListens) {
    EXPECT_EQ(ask("protocol=https\n"), "MalformedRequest");
    EXPECT_EQ(ask("protocol=https\nhost=a\n"), "Unavailable");
    EXPECT_EQ(ask("", Verb::Capability), "Unavailable");
}

TEST_F(AskPatd, TakesInputFromATerminal) {
    const ScriptedLineServer server(socket_, ScriptedLineServer::reply("username=alice\n\n"));
    int master = -1;
    int slave = -1;
    ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const UniqueFd keyboard(master);
    const UniqueFd terminal(slave);
    const std::string typed = "protocol=https\nhost=a\n\n";
    ASSERT_EQ(::write(keyboard.get(), typed.data(), typed.size()),
              static_cast<ssize_t>(typed.size()));
    EXPECT_EQ(ask_from(terminal), "username=alice\n\n");
}

}  // namespace
}  // namespace patd::credential_helper
