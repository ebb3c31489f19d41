// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/auth/service_password_check.h"

#include "tests/daemon/auth/service_process.h"

#include <algorithm>
#include <memory>

// The real patd-auth with a real PAM stack and a real password file.
namespace patd::auth {
namespace {

using step_up::FrameKind;
using support::ServiceProcess;

constexpr int kAnother = 1001;

class PatdAuthTest : public support::ServiceTest {
  protected:
    PatdAuthTest() { set_password(state(), "correct horse"); }

    std::string authenticate(const std::string& password, int caller = 1000) const {
        ServiceProcess service(command(PATD_AUTH));
        std::string verdict = service.converse(begin("authenticate", caller), {password});
        EXPECT_EQ(service.finish(), EXIT_SUCCESS);
        return verdict;
    }
    int refusals_before_throttling(int caller, int guesses) const {
        int refused = 0;
        for (int i = 0; i < guesses; ++i)
            refused += authenticate("wrong horse", caller) == "R:WrongPassword" ? 1 : 0;
        return refused;
    }
};

TEST_F(PatdAuthTest, GrantsTheRightPassword) {
    ServiceProcess service(command(PATD_AUTH));
    EXPECT_EQ(service.converse(begin("authenticate"), {"correct horse"}), "G:");
    EXPECT_EQ(service.seen.at(0), "S:Service password for daemon: ");
    EXPECT_EQ(service.finish(), EXIT_SUCCESS);
}

TEST_F(PatdAuthTest, RefusesWrongEmptyAndOverLongOnes) {
    EXPECT_EQ(authenticate("wrong horse"), "R:WrongPassword");
    EXPECT_EQ(authenticate(""), "R:WrongPassword");
    EXPECT_EQ(authenticate(std::string(511, 'a')), "R:WrongPassword");
    EXPECT_EQ(authenticate(std::string(512, 'a')), "R:WrongPassword");
    EXPECT_EQ(authenticate(std::string(513, 'a')), "R:MalformedRequest");
    EXPECT_EQ(authenticate(std::string("correct horse\0", 14)), "R:MalformedRequest");
}

// Row P11.
TEST_F(PatdAuthTest, SaysThatThereIsNoPasswordAfterTheSamePrompt) {
    std::filesystem::remove(state() + "/passwords/1");
    for (int i = 0; i < 7; ++i) {
        ServiceProcess service(command(PATD_AUTH));
        EXPECT_EQ(service.converse(begin("authenticate"), {"whatever it is"}),
                  "R:NoServicePassword");
        EXPECT_EQ(service.seen.at(0), "S:Service password for daemon: ");
    }
    ServiceProcess change(command(PATD_AUTH));
    EXPECT_EQ(change.converse(begin("change"), {}), "R:NoServicePassword");
}

// Row P14: every guess is a process of its own, so what throttles them is on disk.
TEST_F(PatdAuthTest, ThrottlesAndDoesNotLookAtThePasswordThen) {
    EXPECT_EQ(refusals_before_throttling(1000, 7), 5);
    ServiceProcess service(command(PATD_AUTH));
    EXPECT_EQ(service.converse(begin("authenticate"), {"correct horse"}), "R:Throttled");
    EXPECT_EQ(service.seen.size(), 1U) << "no prompt";
}

// Row P15.
TEST_F(PatdAuthTest, ThrottlesNobodyForTheFailuresOfAnother) {
    EXPECT_EQ(refusals_before_throttling(kAnother, 7), 5);
    EXPECT_EQ(authenticate("correct horse"), "G:");
}

TEST_F(PatdAuthTest, DoesNotThrottleRoot) {
    EXPECT_EQ(refusals_before_throttling(0, 7), 7);
}

TEST_F(PatdAuthTest, GivesATryBackThatWasRight) {
    for (int i = 0; i < 7; ++i)
        EXPECT_EQ(authenticate("correct horse"), "G:");
    EXPECT_EQ(refusals_before_throttling(1000, 6), 5);
}

// Row P13: all begin before any of them answers.
TEST_F(PatdAuthTest, AllowsNoMoreGuessesInParallel) {
    std::vector<std::unique_ptr<ServiceProcess>> services;
    for (int i = 0; i < 12; ++i) {
        services.push_back(std::make_unique<ServiceProcess>(command(PATD_AUTH)));
        services.back()->send(FrameKind::Begin, begin("authenticate"));
    }
    std::vector<std::string> frames;
    for (const auto& service : services) {
        frames.push_back(service->next());
        if (frames.back()[0] == 'S')
            service->send(FrameKind::Answer, "wrong horse");
    }
    EXPECT_EQ(std::count(frames.begin(), frames.end(), "S:Service password for daemon: "), 5);
    EXPECT_EQ(std::count(frames.begin(), frames.end(), "R:Throttled"), 7);
}

TEST_F(PatdAuthTest, EndsWithTheClientAtEveryStepAndCountsOnlyWhatWasGuessed) {
    for (int i = 0; i < 6; ++i) {
        ServiceProcess at_once(command(PATD_AUTH));
        EXPECT_EQ(at_once.finish(), EXIT_SUCCESS);
        ServiceProcess half(command(PATD_AUTH));
        half.send_raw("B\0");
        EXPECT_EQ(half.finish(), EXIT_SUCCESS);
        ServiceProcess begun(command(PATD_AUTH));
        begun.send(FrameKind::Begin, begin("authenticate"));
        EXPECT_EQ(begun.finish(), EXIT_SUCCESS);
        ServiceProcess asked(command(PATD_AUTH));
        asked.send(FrameKind::Begin, begin("change"));
        EXPECT_EQ(asked.next(), "S:Service password for daemon: ");
        EXPECT_EQ(asked.finish(), EXIT_SUCCESS);
    }
    ServiceProcess proved(command(PATD_AUTH));
    proved.send(FrameKind::Begin, begin("change"));
    (void)proved.next();
    proved.send(FrameKind::Answer, "correct horse");
    EXPECT_EQ(proved.next(), "S:New service password: ");
    EXPECT_EQ(proved.finish(), EXIT_SUCCESS);
    EXPECT_EQ(authenticate("correct horse"), "G:");
    EXPECT_EQ(refusals_before_throttling(1000, 6), 5);
}

TEST_F(PatdAuthTest, ChangesThePassword) {
    ServiceProcess service(command(PATD_AUTH));
    EXPECT_EQ(
        service.converse(begin("change"), {"correct horse", "battery staple", "battery staple"}),
        "G:");
    EXPECT_EQ(authenticate("correct horse"), "R:WrongPassword");
    EXPECT_EQ(authenticate("battery staple"), "G:");
}

TEST_F(PatdAuthTest, ChangesNothingWithoutTheOldPasswordOrAGoodNewOne) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{"wrong horse"}, "R:WrongPassword"},
        {{"correct horse", "battery staple", "battery stable"}, "R:PasswordNotAccepted"},
        {{"correct horse", "short", "short"}, "R:PasswordNotAccepted"},
        {{"correct horse", "correct horse", "correct horse"}, "R:PasswordNotAccepted"},
        {{"correct horse", std::string(513, 'a')}, "R:MalformedRequest"},
    };
    for (const auto& [answers, verdict] : cases) {
        ServiceProcess service(command(PATD_AUTH));
        EXPECT_EQ(service.converse(begin("change"), answers), verdict);
        EXPECT_TRUE(accepts("correct horse"));
    }
}

TEST_F(PatdAuthTest, TellsWhyANewPasswordIsRefused) {
    ServiceProcess service(command(PATD_AUTH));
    (void)service.converse(begin("change"), {"correct horse", "short", "short"});
    EXPECT_TRUE(service.seen.at(3).starts_with("E:The service password needs 8 to 511 bytes"));
}

TEST_F(PatdAuthTest, RefusesTheOperationsOfPatdEnroll) {
    for (const char* op : {"enroll", "admin"}) {
        ServiceProcess service(command(PATD_AUTH));
        EXPECT_EQ(service.converse(begin(op), {}), "R:MalformedRequest");
    }
    EXPECT_TRUE(accepts("correct horse"));
}

TEST_F(PatdAuthTest, IsUnavailableWhenItsStateOrItsStackIsBroken) {
    std::ofstream(state() + "/passwords/1") << "damaged";
    EXPECT_EQ(authenticate("correct horse"), "R:Unavailable");
    set_password(state(), "correct horse");
    std::ofstream(state() + "/attempts.db") << std::string(4096, 'x');
    EXPECT_EQ(authenticate("correct horse"), "R:Unavailable");
    std::filesystem::remove(state() + "/attempts.db");
    write_stack("patd", "auth required no_such_module.so");
    EXPECT_NE(authenticate("correct horse"), "G:");
    std::filesystem::remove(confdir() + "/patd");
    EXPECT_NE(authenticate("correct horse"), "G:");
}

}  // namespace
}  // namespace patd::auth
