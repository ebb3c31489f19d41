// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/pam_module/pam_fixture.h"
#include "tests/support/scripted_line_server.h"

#include <gtest/gtest.h>

#include <set>

#ifdef PATD_SANITIZED
// The module frees, with its own operator delete, what this build's shared C++ library allocated;
// both are malloc and free underneath.
extern "C" [[gnu::visibility("default")]] const char* __asan_default_options();
const char* __asan_default_options() {
    return "alloc_dealloc_mismatch=0";
}
#endif

// Row P1: every allocation of the module fails once, and no PAM stack lets anybody in because of
// it.
namespace patd::pam {
namespace {

using support::PamLogin;
using support::ScriptedLineServer;

const std::string kModule = PATD_TEST_FAULTY_MODULE;
const std::set<int> kRefusals = {PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_AUTHINFO_UNAVAIL,
                                 PAM_MAXTRIES, PAM_CONV_ERR,     PAM_SERVICE_ERR};
constexpr int kMoreThanThereAre = 1000;

int login_with_failure(const std::string& stack, int failing) {
    PamLogin login(stack, "a-user-name-too-long-for-any-small-string");
    login.conversation.answers = {"a password too long for any small string"};
    setenv("PATD_TEST_FAILING_ALLOCATION", std::to_string(failing).c_str(), 1);
    const int code = login.authenticate();
    unsetenv("PATD_TEST_FAILING_ALLOCATION");
    return code;
}

// The number of the first allocation that is never reached.
int first_success(const std::string& stack) {
    for (int failing = 1; failing < kMoreThanThereAre; ++failing) {
        const int code = login_with_failure(stack, failing);
        if (code == PAM_SUCCESS)
            return failing;
        EXPECT_TRUE(kRefusals.contains(code)) << "allocation " << failing << " gave " << code;
    }
    return kMoreThanThereAre;
}

class AllocationFailure : public testing::Test {
  protected:
    AllocationFailure() { support::point_module_at(directory_.file("socket")); }

    support::TemporaryDirectory directory_;
    const std::string alone_ = "auth required " + kModule + " password";
    const std::string permitted_ = alone_ + "\nauth optional pam_permit.so";
};

// Row D18.
TEST_F(AllocationFailure, NeverTurnsIntoASuccess) {
    const ScriptedLineServer patd(directory_.file("socket"),
                                  ScriptedLineServer::reply("error=WrongPassword\n\n"));
    for (const std::string& stack : {alone_, permitted_}) {
        for (int failing = 1; failing < 40; ++failing)
            EXPECT_TRUE(kRefusals.contains(login_with_failure(stack, failing))) << failing;
    }
}

// Row P1.
TEST_F(AllocationFailure, RefusesTheRightPasswordUntilNoneFails) {
    const ScriptedLineServer patd(directory_.file("socket"),
                                  ScriptedLineServer::reply("valid=1\n\n"));
    const int alone = first_success(alone_);
    EXPECT_GT(alone, 3);
    EXPECT_LT(alone, kMoreThanThereAre);
    EXPECT_EQ(first_success(permitted_), alone);
}

}  // namespace
}  // namespace patd::pam
