// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/pam_transaction.h"

#include "tests/support/socket_pair.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace patd::auth {
namespace {

constexpr std::chrono::milliseconds kPatience{60'000};

// Stacks of pam_debug, which returns what its arguments say.
class PamTransactionTest : public testing::Test {
  protected:
    Result<PamTransaction> start(const std::string& stack) {
        std::ofstream(directory_.file("patd")) << stack << "\n";
        return PamTransaction::start({"patd", "daemon", "192.0.2.1", directory_.path()},
                                     conversation_);
    }
    Errc authenticate(const std::string& result) {
        const Result<void> outcome =
            start("auth required pam_debug.so auth=" + result)->authenticate();
        return outcome ? Errc::Internal : outcome.error().code;
    }
    Errc check_account(const std::string& result) {
        const Result<void> outcome =
            start("account required pam_debug.so acct=" + result)->check_account();
        return outcome ? Errc::Internal : outcome.error().code;
    }

    support::TemporaryDirectory directory_;
    support::SocketPair sockets_;
    step_up::FrameStream stream_{sockets_.near.get(), kPatience};
    Conversation conversation_{stream_};
};

TEST_F(PamTransactionTest, SucceedsWithTheStack) {
    Result<PamTransaction> pam = start(
        "auth required pam_debug.so auth=success\naccount required pam_debug.so acct=success\n"
        "password required pam_debug.so prechauthtok=success chauthtok=success");
    ASSERT_TRUE(pam);
    EXPECT_TRUE(pam->authenticate());
    EXPECT_TRUE(pam->check_account());
    EXPECT_TRUE(pam->change_password());
}

TEST_F(PamTransactionTest, TellsTheReasonsOfARefusalApart) {
    EXPECT_EQ(authenticate("auth_err"), Errc::WrongPassword);
    EXPECT_EQ(authenticate("user_unknown"), Errc::NoServicePassword);
    EXPECT_EQ(authenticate("maxtries"), Errc::Throttled);
    EXPECT_EQ(authenticate("authinfo_unavail"), Errc::Unavailable);
    EXPECT_EQ(authenticate("service_err"), Errc::Unavailable);
    EXPECT_EQ(authenticate("abort"), Errc::Unavailable);
    EXPECT_EQ(authenticate("conv_err"), Errc::Cancelled);
    EXPECT_EQ(check_account("acct_expired"), Errc::AccessDenied);
    EXPECT_EQ(check_account("perm_denied"), Errc::AccessDenied);
    EXPECT_EQ(check_account("auth_err"), Errc::AccessDenied);
    EXPECT_EQ(check_account("user_unknown"), Errc::AccessDenied);
}

TEST_F(PamTransactionTest, ReportsANewPasswordThatIsNotAccepted) {
    const Result<void> outcome =
        start("password required pam_debug.so prechauthtok=success chauthtok=authtok_err")
            ->change_password();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::PasswordNotAccepted);
}

TEST_F(PamTransactionTest, NeverSucceedsWithoutAStack) {
    EXPECT_NE(authenticate("ignore"), Errc::Internal);
    Result<PamTransaction> module = start("auth required no_such_module.so");
    EXPECT_TRUE(!module || !module->authenticate());
}

TEST_F(PamTransactionTest, NeverSucceedsAfterTheConversationBroke) {
    sockets_.far.reset();
    ASSERT_FALSE(conversation_.ask("Password: "));
    const Result<void> outcome = start("auth required pam_debug.so auth=success")->authenticate();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::Cancelled);
}

}  // namespace
}  // namespace patd::auth
