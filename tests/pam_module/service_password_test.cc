// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/service_password.h"

#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace patd::pam {
namespace {

using support::ScriptedLineServer;

ServicePassword password_of(std::string_view text) {
    return ServicePassword(SecretBuffer::copy_of(text));
}

class ServicePasswordTest : public testing::Test {
  protected:
    Endpoint endpoint() const { return {directory_.file("socket"), std::chrono::seconds(60)}; }
    password::PasswordStore store() const {
        return password::PasswordStore::open({directory_.path(), 1}).value();
    }

    support::TemporaryDirectory directory_;
    const Login login_{"daemon", "test", ""};
};

TEST_F(ServicePasswordTest, AsksPatdWithUserAndPassword) {
    const ScriptedLineServer server(endpoint().path, ScriptedLineServer::reply("valid=1\n\n"));
    EXPECT_TRUE(check_with_patd(endpoint(), login_, password_of("correct horse")));
    EXPECT_EQ(server.requests().at(0),
              "patd=1\nop=check\nuser=daemon\nservice=test\npassword=correct horse\n\n");
}

TEST_F(ServicePasswordTest, PassesOnWhatPatdSays) {
    const ScriptedLineServer server(endpoint().path,
                                    ScriptedLineServer::reply("error=Throttled\ntext=w\n\n"));
    EXPECT_EQ(check_with_patd(endpoint(), login_, password_of("x")).error().code, Errc::Throttled);
}

TEST_F(ServicePasswordTest, CountsAPlainNoAsAWrongPassword) {
    const ScriptedLineServer server(endpoint().path, ScriptedLineServer::reply("valid=0\n\n"));
    EXPECT_EQ(check_with_patd(endpoint(), login_, password_of("x")).error().code,
              Errc::WrongPassword);
}

// Row P3.
TEST_F(ServicePasswordTest, SendsNothingThatCannotBeAPassword) {
    const ScriptedLineServer server(endpoint().path, ScriptedLineServer::reply("valid=1\n\n"));
    for (const std::string& text : {std::string(), std::string(513, 'a'), std::string("a\x01b")})
        EXPECT_EQ(check_with_patd(endpoint(), login_, password_of(text)).error().code,
                  Errc::InvalidPassword);
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(ServicePasswordTest, ChecksAgainstTheStore) {
    const password::Account account = password::find_account("daemon").value();
    ASSERT_TRUE(store().set(account, password_of("correct horse"), password::Existing::Keep));
    EXPECT_TRUE(check_with_store(store(), login_, password_of("correct horse")));
    EXPECT_EQ(check_with_store(store(), login_, password_of("wrong horse")).error().code,
              Errc::WrongPassword);
}

// Row P10: NSS may fold, trim or alias names; the module may not.
TEST_F(ServicePasswordTest, KnowsNoNameButTheExactOne) {
    const password::Account account = password::find_account("daemon").value();
    ASSERT_TRUE(store().set(account, password_of("correct horse"), password::Existing::Keep));
    for (const char* name : {"Daemon", " daemon", "daemon ", "daemon\xcc\x81",
                             "d\xd0\xb0"
                             "emon",
                             "1", "no-such-account"}) {
        const Login login{name, "test", ""};
        EXPECT_EQ(check_with_store(store(), login, password_of("correct horse")).error().code,
                  Errc::NotFound)
            << name;
    }
    const Login endless{std::string(70'000, 'a'), "test", ""};
    EXPECT_EQ(check_with_store(store(), endless, password_of("correct horse")).error().code,
              Errc::InvalidUsername);
}

TEST_F(ServicePasswordTest, SaysThatAUserHasNone) {
    EXPECT_EQ(check_with_store(store(), login_, password_of("correct horse")).error().code,
              Errc::NoServicePassword);
}

}  // namespace
}  // namespace patd::pam
