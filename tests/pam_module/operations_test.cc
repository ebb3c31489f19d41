// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/operations.h"

#include "common/password/password_store.h"
#include "common/token/token_string.h"
#include "tests/pam_module/pam_fixture.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/watched_calls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <set>
#include <thread>

namespace patd::pam {
namespace {

using support::PamLogin;
using support::ScriptedLineServer;

const std::string kModule = PATD_TEST_MODULE;
const std::string kPassword = "auth required " + kModule + " password";
const std::string kPermit = "\nauth optional pam_permit.so";
constexpr int kShortMs = 50;

const std::set<int> kRefusals = {PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_AUTHINFO_UNAVAIL,
                                 PAM_MAXTRIES, PAM_CONV_ERR,     PAM_SERVICE_ERR};

std::string new_token() {
    SystemRandom random;
    const TokenSecret secret =
        make_issued_secret(TokenId::generate(random).value(), random).value();
    return std::string(secret.reveal().data(), secret.size());
}

class OperationsTest : public testing::Test {
  protected:
    OperationsTest() { support::point_module_at(socket()); }

    std::string socket() const { return directory_.file("socket"); }
    std::string file_backend() const {
        return kModule + " password backend=file cost=1 state_directory=" + state_.path().string();
    }
    password::PasswordStore store() const {
        return password::PasswordStore::open({state_.path(), 1}).value();
    }
    void give_password(const std::string& text) const {
        ASSERT_TRUE(store().set(password::find_account("daemon").value(),
                                ServicePassword(SecretBuffer::copy_of(text)),
                                password::Existing::Replace));
    }
    bool accepts(const std::string& text) const {
        return store()
            .check(password::find_account("daemon").value(),
                   ServicePassword(SecretBuffer::copy_of(text)))
            .has_value();
    }

    support::TemporaryDirectory directory_;
    support::TemporaryDirectory state_;
};

// Rows P1, P19: whatever the other end does, no PAM stack lets the user in, and the code is on the
// list.
TEST_F(OperationsTest, RefuseInEveryStackWhateverPatdDoes) {
    const std::vector<ScriptedLineServer::Script> scripts = {
        ScriptedLineServer::reply("error=WrongPassword\ntext=no\n\n"),
        ScriptedLineServer::reply("error=Throttled\ntext=no\n\n"),
        ScriptedLineServer::reply("error=NoServicePassword\ntext=no\n\n"),
        ScriptedLineServer::reply("error=Unheard-of\n\n"),
        ScriptedLineServer::reply("valid=0\nreason=dead\n\n"),
        ScriptedLineServer::reply("valid=01\n\n"),
        ScriptedLineServer::reply("valid=1\nvalid=1\n\n"),
        ScriptedLineServer::reply("valid=1\n"),
        ScriptedLineServer::reply("\n"),
        ScriptedLineServer::reply(""),
        ScriptedLineServer::reply(std::string(100'000, 'x')),
        ScriptedLineServer::reply(std::string("valid=1\0\n\n", 10)),
        ScriptedLineServer::silence(),
    };
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        std::filesystem::remove(socket());
        const ScriptedLineServer patd(socket(), scripts[i]);
        support::point_module_at(socket(), kShortMs);
        for (const std::string& stack :
             {kPassword, kPassword + kPermit,
              "auth [success=ok default=bad] " + kModule + " password" + kPermit}) {
            PamLogin login(stack, "alice");
            login.conversation.answers = {"correct horse"};
            EXPECT_TRUE(kRefusals.contains(login.authenticate())) << i << stack;
        }
    }
}

// Row P19.
TEST_F(OperationsTest, AreUnavailableWithoutADaemonOrWithASilentOne) {
    PamLogin nobody(kPassword + kPermit, "alice");
    nobody.conversation.answers = {"correct horse"};
    EXPECT_EQ(nobody.authenticate(), PAM_AUTHINFO_UNAVAIL);

    const ScriptedLineServer silent(socket(), ScriptedLineServer::silence());
    support::point_module_at(socket(), kShortMs);
    PamLogin login(kPassword + kPermit, "alice");
    login.conversation.answers = {"correct horse"};
    EXPECT_EQ(login.authenticate(), PAM_AUTHINFO_UNAVAIL);
}

// A UNIX socket that is closed with unread data resets the connection (ECONNRESET).
TEST_F(OperationsTest, AreUnavailableAfterAReset) {
    const UniqueFd listener = ScriptedLineServer::listen_at(socket());
    std::thread closes([&] {
        const UniqueFd connection(accept(listener.get(), nullptr, nullptr));
        pollfd request{connection.get(), POLLIN, 0};
        (void)poll(&request, 1, -1);
        // Nobody listens when the module asks again.
        (void)shutdown(listener.get(), SHUT_RDWR);
    });
    PamLogin login(kPassword + kPermit, "alice");
    login.conversation.answers = {"correct horse"};
    EXPECT_EQ(login.authenticate(), PAM_AUTHINFO_UNAVAIL);
    closes.join();
}

TEST_F(OperationsTest, RefuseABadConfigurationAsServiceError) {
    const ScriptedLineServer patd(socket(), ScriptedLineServer::reply("valid=1\n\n"));
    for (const char* arguments : {"", " pasword", " token permission=vcs", " password nullok"}) {
        PamLogin login("auth required " + kModule + arguments + kPermit, "alice");
        login.conversation.answers = {"correct horse"};
        EXPECT_EQ(login.authenticate(), PAM_SERVICE_ERR) << arguments;
    }
    EXPECT_TRUE(patd.requests().empty());
}

// Row P5: the module runs as root, before directories that others control. It opens, makes and
// changes no file; all it needs is one socket.
TEST_F(OperationsTest, OpenAndChangeNoFile) {
    const ScriptedLineServer patd(socket(), ScriptedLineServer::reply("valid=1\nuser=alice\n\n"));
    for (const char* arguments :
         {" password", " token permission=vcs audience=https://git.example"}) {
        for (const std::string& typed : {new_token(), std::string("no token")}) {
            PamLogin first("auth required " + kModule + arguments, "alice");
            first.conversation.answers = {typed};
            const int expected = first.authenticate();  // libc has now opened what it keeps open
            PamLogin login("auth required " + kModule + arguments, "alice");
            login.conversation.answers = {typed};
            std::thread([&] {
                support::watch_file_calls();
                EXPECT_EQ(login.authenticate(), expected) << arguments;
                EXPECT_EQ(support::first_watched_call, -1) << arguments;
                EXPECT_LT(open("/dev/null", O_RDONLY | O_CLOEXEC), 0) << "it is watched";
                EXPECT_NE(support::first_watched_call.exchange(-1), -1);
            }).join();
        }
    }
}

// Row P2.
TEST_F(OperationsTest, LogInTheOwnerOfATokenAndNobodyElse) {
    const ScriptedLineServer patd(socket(), ScriptedLineServer::reply("valid=1\nuser=alice\n\n"));
    const std::string stack =
        "auth required " + kModule + " token permission=vcs audience=https://git.example";
    PamLogin alice(stack, "alice");
    alice.conversation.answers = {new_token()};
    EXPECT_EQ(alice.authenticate(), PAM_SUCCESS);
    PamLogin bob(stack, "bob");
    bob.conversation.answers = {new_token()};
    EXPECT_EQ(bob.authenticate(), PAM_AUTH_ERR);
    EXPECT_EQ(bob.user(), "bob");
}

// Row P2.
TEST_F(OperationsTest, AccountIsOnlyForTheUserWhomThisHandleAuthenticated) {
    const ScriptedLineServer patd(socket(), ScriptedLineServer::reply("valid=1\n\n"));
    const std::string stack = kPassword + "\naccount required " + kModule + " password";
    PamLogin login(stack, "alice");
    EXPECT_EQ(login.check_account(), PAM_PERM_DENIED);
    login.conversation.answers = {"correct horse"};
    ASSERT_EQ(login.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(login.check_account(), PAM_SUCCESS);
    EXPECT_EQ(login.set_credentials(), PAM_SUCCESS);
    login.set_user("bob");
    EXPECT_EQ(login.check_account(), PAM_PERM_DENIED);
}

// sudo within its ticket, a key of sshd, su by root.
TEST_F(OperationsTest, AccountSaysWhatItMeansThatNobodyWasAuthenticated) {
    PamLogin login(kPassword, "alice");
    PamSession session(login.handle(), 0);
    const Error error = check_account(session).error();
    EXPECT_EQ(error.code, Errc::AccessDenied);
    EXPECT_NE(error.context.find("see MODULE TYPES in pam_pat(8)"), std::string::npos);
}

TEST_F(OperationsTest, AccountForgetsASuccessOnceALaterAttemptFails) {
    ScriptedLineServer::Script replies = [first = true](int connection) mutable {
        ScriptedLineServer::reply(first ? "valid=1\n\n" : "valid=0\n\n")(connection);
        first = false;
    };
    const ScriptedLineServer patd(socket(), std::move(replies));
    PamLogin login(kPassword + "\naccount required " + kModule, "alice");
    login.conversation.answers = {"right", "wrong"};
    ASSERT_EQ(login.authenticate(), PAM_SUCCESS);
    ASSERT_EQ(login.authenticate(), PAM_AUTH_ERR);
    EXPECT_EQ(login.check_account(), PAM_PERM_DENIED);
}

TEST_F(OperationsTest, CheckThePasswordFile) {
    give_password("correct horse");
    PamLogin right("auth required " + file_backend(), "daemon");
    right.conversation.answers = {"correct horse"};
    EXPECT_EQ(right.authenticate(), PAM_SUCCESS);
    PamLogin wrong("auth required " + file_backend() + kPermit, "daemon");
    wrong.conversation.answers = {"correct hors"};
    EXPECT_EQ(wrong.authenticate(), PAM_AUTH_ERR);
}

// Row P11: the same prompt for users without a password, and for users who do not exist.
TEST_F(OperationsTest, AskEverybodyTheSameWay) {
    for (const char* user : {"daemon", "no-such-user"}) {
        PamLogin login("auth required " + file_backend() + kPermit, user);
        login.conversation.answers = {"correct horse"};
        EXPECT_EQ(login.authenticate(), PAM_USER_UNKNOWN);
        EXPECT_EQ(login.conversation.prompts.at(0),
                  std::string("Service password for ") + user + ": ");
    }
}

TEST_F(OperationsTest, ChangeThePasswordAfterTheOldOne) {
    give_password("correct horse");
    PamLogin login("password required " + file_backend(), "daemon");
    login.conversation.answers = {"correct horse", "battery staple", "battery staple"};
    EXPECT_EQ(login.change(), PAM_SUCCESS);
    EXPECT_EQ(login.conversation.prompts,
              (std::vector<std::string>{
                  "Current service password: ", "New service password (8 to 511 bytes): ",
                  "Retype new service password: "}));
    EXPECT_TRUE(accepts("battery staple"));
    EXPECT_FALSE(accepts("correct horse"));
}

TEST_F(OperationsTest, DoNotAskForTheOldPasswordTwice) {
    give_password("correct horse");
    PamLogin login("auth required " + file_backend() + "\npassword required " + file_backend(),
                   "daemon");
    login.conversation.answers = {"correct horse", "battery staple", "battery staple"};
    ASSERT_EQ(login.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(login.change(), PAM_SUCCESS);
    EXPECT_TRUE(accepts("battery staple"));
}

TEST_F(OperationsTest, ChangeNothingWhenAnythingIsWrong) {
    using Answers = std::deque<std::optional<std::string>>;
    give_password("correct horse");
    const std::vector<Answers> refused = {
        {"wrong horse", "battery staple", "battery staple"},
        {"", "battery staple", "battery staple"},
        {"correct horse", "battery staple", "battery stable"},
        {"correct horse", "short", "short"},
        {"correct horse", "daemon", "daemon"},
        {"correct horse", "correct horse", "correct horse"},
        {"correct horse", "battery\tstaple", "battery\tstaple"},
        {"correct horse", std::string(513, 'a'), std::string(513, 'a')},
        {"correct horse", std::nullopt, std::nullopt},
        {"correct horse", "battery staple"},
        {"correct horse"},
        {},
    };
    for (const Answers& answers : refused) {
        PamLogin login("password required " + file_backend(), "daemon");
        login.conversation.answers = answers;
        EXPECT_NE(login.change(), PAM_SUCCESS);
        EXPECT_TRUE(accepts("correct horse"));
    }
}

TEST_F(OperationsTest, NamePatctlWhereThePasswordCannotBeChanged) {
    PamLogin login("password required " + kModule + " password", "daemon");
    EXPECT_EQ(login.change(), PAM_AUTHTOK_ERR);
    ASSERT_EQ(login.conversation.messages.size(), 1U);
    EXPECT_NE(login.conversation.messages[0].find("patctl passwd"), std::string::npos);
}

TEST_F(OperationsTest, AreUnavailableWithAStateDirectoryOpenToOthers) {
    give_password("correct horse");
    std::filesystem::permissions(state_.path(), std::filesystem::perms(0750));
    PamLogin login("auth required " + file_backend() + kPermit, "daemon");
    login.conversation.answers = {"correct horse"};
    EXPECT_EQ(login.authenticate(), PAM_AUTHINFO_UNAVAIL);
}

}  // namespace
}  // namespace patd::pam
