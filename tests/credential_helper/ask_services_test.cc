// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/ask_services.h"

#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <string>

namespace patd::credential_helper {
namespace {

using support::ScriptedLineServer;
using Script = ScriptedLineServer::Script;

constexpr char kOwn[] = "username=own\npassword=of-own\n\n";
constexpr char kSystem[] = "username=system\npassword=of-system\n\n";
constexpr char kNothing[] = "\n";
constexpr char kLocked[] = "error=StoreLocked\nquit=1\n\n";
constexpr char kExpired[] = "error=Expired\nquit=1\n\n";

class AskServicesTest : public ::testing::Test {
  protected:
    void serve_own(const Script& script) { own_.emplace(directory_.file("own"), script); }
    void serve_system(const Script& script) { system_.emplace(directory_.file("system"), script); }

    // The reply, or the name of the error.
    std::string ask(Verb verb = Verb::Get) {
        int pipe[2];
        if (::pipe2(pipe, O_CLOEXEC) != 0)
            return "pipe2";
        const UniqueFd reader(pipe[0]);
        UniqueFd writer(pipe[1]);
        const std::string input = "protocol=https\nhost=git.example\npassword=p\n";
        (void)!::write(writer.get(), input.data(), input.size());
        writer.reset();
        const std::string own = directory_.file("own");
        const std::string system = directory_.file("system");
        const Result<SecretBuffer> reply =
            ask_services(verb, reader.get(), {own.c_str(), system.c_str()});
        if (!reply)
            return std::string(errc_name(reply.error().code));
        const std::span<const char> bytes = reply->reveal();
        return {bytes.data(), bytes.size()};
    }

    support::TemporaryDirectory directory_;
    std::optional<ScriptedLineServer> own_;
    std::optional<ScriptedLineServer> system_;
};

TEST_F(AskServicesTest, WithoutAnOwnServiceTheSystemsIsAsked) {
    serve_system(ScriptedLineServer::reply(kSystem));
    EXPECT_EQ(ask(), kSystem);
}

TEST_F(AskServicesTest, ADeadSocketIsNoOwnService) {
    { const UniqueFd dead = ScriptedLineServer::listen_at(directory_.file("own")); }
    serve_system(ScriptedLineServer::reply(kSystem));
    EXPECT_EQ(ask(), kSystem);
}

TEST_F(AskServicesTest, AMatchOfTheOwnServiceIsTheAnswerAndTheSystemsIsNotAsked) {
    serve_own(ScriptedLineServer::reply(kOwn));
    serve_system(ScriptedLineServer::reply(kSystem));
    EXPECT_EQ(ask(), kOwn);
    EXPECT_TRUE(system_->requests().empty());
}

TEST_F(AskServicesTest, AMatchOfTheSystemsBeatsWhateverElseTheOwnOneSays) {
    serve_system(ScriptedLineServer::reply(kSystem));
    for (const char* reply : {kNothing, kLocked, ""}) {
        own_.reset();
        std::filesystem::remove(directory_.file("own"));
        serve_own(ScriptedLineServer::reply(reply));
        EXPECT_EQ(ask(), kSystem) << reply;
    }
    EXPECT_EQ(system_->requests().at(0), own_->requests().at(0));
}

TEST_F(AskServicesTest, WithoutAMatchTheOwnRefusalIsTold) {
    serve_own(ScriptedLineServer::reply(kLocked));
    EXPECT_EQ(ask(), kLocked);
    serve_system(ScriptedLineServer::reply(kNothing));
    EXPECT_EQ(ask(), kLocked);
}

TEST_F(AskServicesTest, ARefusalOfTheSystemsIsToldWhenTheOwnOneKnowsNothing) {
    serve_own(ScriptedLineServer::reply(kNothing));
    EXPECT_EQ(ask(), kNothing);
    serve_system(ScriptedLineServer::reply(kExpired));
    EXPECT_EQ(ask(), kExpired);
}

TEST_F(AskServicesTest, StoreIsTheOwnServicesAloneAndEraseIsBoths) {
    serve_own(ScriptedLineServer::reply(kNothing));
    serve_system(ScriptedLineServer::reply(kNothing));
    EXPECT_EQ(ask(Verb::Store), kNothing);
    EXPECT_TRUE(system_->requests().empty());
    EXPECT_EQ(ask(Verb::Erase), kNothing);
    EXPECT_EQ(system_->requests().size(), 1U);
    EXPECT_EQ(own_->requests().size(), 2U);
}

// Row A16
TEST_F(AskServicesTest, A16_TheOwnSocketIsNotWhereTheEnvironmentSays) {
    setenv("XDG_RUNTIME_DIR", "/tmp/elsewhere", 1);
    EXPECT_EQ(std::string(own_socket_path().data()),
              "/run/user/" + std::to_string(getuid()) + "/patd/socket");
}

}  // namespace
}  // namespace patd::credential_helper
