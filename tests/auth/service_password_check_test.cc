// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/service_password_check.h"

#include "tests/auth/service_process.h"

#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <fstream>
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
        std::string outcome = service.converse(begin("authenticate", caller), {password});
        EXPECT_EQ(service.finish(), EXIT_SUCCESS);
        return outcome;
    }
    static std::string begin_check(const std::string& user, const std::string& rhost) {
        std::string text = "op=check\ncaller=0\nuser=" + user + "\n";
        if (const auto account = password::find_account(user))
            text += "uid=" + std::to_string(account->uid.value()) + "\n";
        return rhost.empty() ? text : text + "rhost=" + rhost + "\n";
    }
    // As a service that runs as root asks.
    std::string check(const std::string& user, const std::string& password,
                      const std::string& rhost) const {
        ServiceProcess service(command(PATD_AUTH));
        return service.converse(begin_check(user, rhost), {password});
    }
    int lock_of_hashing(int number) const {
        const std::string path = state() + "/hashing." + std::to_string(number);
        const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        EXPECT_EQ(flock(fd, LOCK_EX), 0);
        return fd;
    }
    // Once it waits, /proc/locks shows it as `-> FLOCK ... PID`.
    static bool waits_for_a_turn(pid_t process) {
        const auto deadline = std::chrono::steady_clock::now() + ServiceProcess::kEnough;
        const std::string pid = " " + std::to_string(process) + " ";
        while (std::chrono::steady_clock::now() < deadline) {
            std::ifstream locks("/proc/locks");
            for (std::string line; std::getline(locks, line);) {
                if (line.find("-> FLOCK") != std::string::npos &&
                    line.find(pid) != std::string::npos)
                    return true;
            }
        }
        return false;
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

// Row P11: who asks for himself, where nothing else would let him in, types nothing in vain.
TEST_F(PatdAuthTest, SaysBeforeAnyPromptToTheAccountItselfThatThereIsNoPassword) {
    const auto asked = [&](const std::string& op, int caller) {
        ServiceProcess service(command(PATD_AUTH));
        const std::string outcome = service.converse(begin(op, caller), {"whatever it is"});
        return outcome + " after " + std::to_string(service.seen.size() - 1);
    };
    EXPECT_EQ(asked("state", 1), "G: after 0");
    std::filesystem::remove(state() + "/passwords/1");
    EXPECT_EQ(asked("state", 1), "R:NoServicePassword after 0");
    EXPECT_EQ(asked("authenticate", 1), "R:NoServicePassword after 0");
    EXPECT_EQ(asked("authenticate", 1000), "R:NoServicePassword after 1");
    EXPECT_EQ(asked("state", 1000), "R:MalformedRequest after 0");
    write_stack("patd", "auth sufficient pam_u2f.so\nauth required " + module(state()));
    EXPECT_EQ(asked("state", 1), "R:Unavailable after 0");
    EXPECT_EQ(asked("authenticate", 1), "R:NoServicePassword after 1");
}

// Row P14: every guess is a process of its own, so what throttles them is on disk.
TEST_F(PatdAuthTest, ThrottlesAndDoesNotLookAtThePasswordThen) {
    EXPECT_EQ(refusals_before_throttling(1000, 7), 5);
    ServiceProcess service(command(PATD_AUTH));
    const std::string throttled = service.converse(begin("authenticate"), {"correct horse"});
    EXPECT_TRUE(throttled.starts_with("R:Throttled ")) << throttled;
    const int wait_ms = std::stoi(throttled.substr(12));
    EXPECT_GT(wait_ms, 0);
    EXPECT_LE(wait_ms, 60'000);
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

// Rows P11, P15: for a service that runs as root.
TEST_F(PatdAuthTest, TellsAServiceHowLongARemoteHostIsToWait) {
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(check("daemon", "wrong horse", "192.0.2.1"), "R:WrongPassword");
    const std::string throttled = check("daemon", "correct horse", "192.0.2.1");
    ASSERT_TRUE(throttled.starts_with("R:Throttled ")) << throttled;
    EXPECT_GT(std::stoi(throttled.substr(12)), 0);
    EXPECT_LE(std::stoi(throttled.substr(12)), 10'000);
    EXPECT_EQ(check("daemon", "correct horse", "192.0.2.2"), "G:");
    EXPECT_EQ(check("daemon", "correct horse", ""), "G:");
    EXPECT_EQ(authenticate("correct horse"), "G:");
}

TEST_F(PatdAuthTest, AnswersAServiceTheSameForEveryNameThatIsNoOwnersWithAPassword) {
    for (const char* user : {"daemon", "no-such-account", "bin"}) {
        for (int i = 0; i < 5; ++i) {
            ServiceProcess service(command(PATD_AUTH));
            EXPECT_EQ(service.converse(begin_check(user, "192.0.2.1"), {"wrong horse"}),
                      "R:WrongPassword");
            EXPECT_EQ(service.seen.at(0), std::string("S:Service password for ") + user + ": ");
            EXPECT_EQ(service.seen.size(), 2U);
        }
        EXPECT_TRUE(check(user, "wrong horse", "192.0.2.1").starts_with("R:Throttled "));
    }
}

// The dummy hash has the machine's own cost, which the wrong password waits for too: while somebody
// holds both hashing slots, none of the three gets through.
TEST_F(PatdAuthTest, HashesForAServiceWhateverTheNameIs) {
    for (const char* user : {"daemon", "no-such-account", "bin"}) {
        const auto turns = {lock_of_hashing(0), lock_of_hashing(1)};
        ServiceProcess service(command(PATD_AUTH));
        service.send(FrameKind::Begin, begin_check(user, ""));
        (void)service.next();
        service.send(FrameKind::Answer, "wrong horse");
        EXPECT_TRUE(waits_for_a_turn(service.id())) << user;
        for (const int turn : turns)
            close(turn);
        EXPECT_EQ(service.next(), "R:WrongPassword");
    }
}

TEST_F(PatdAuthTest, GrantsNothingToAServiceForANameThatPatdDoesNotKnow) {
    ServiceProcess service(command(PATD_AUTH));
    EXPECT_EQ(service.converse("op=check\ncaller=0\nuser=daemon\n", {"correct horse"}),
              "R:WrongPassword");
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
    EXPECT_EQ(std::count_if(frames.begin(), frames.end(),
                            [](const auto& frame) { return frame.starts_with("R:Throttled"); }),
              7);
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
    EXPECT_EQ(proved.next(), "S:New service password (8 to 511 bytes): ");
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
    for (const auto& [answers, outcome] : cases) {
        ServiceProcess service(command(PATD_AUTH));
        EXPECT_EQ(service.converse(begin("change"), answers), outcome);
        EXPECT_TRUE(accepts("correct horse"));
    }
}

TEST_F(PatdAuthTest, TellsWhyANewPasswordIsRefused) {
    ServiceProcess service(command(PATD_AUTH));
    (void)service.converse(begin("change"), {"correct horse", "short"});
    EXPECT_TRUE(service.seen.at(2).starts_with("E:The service password needs 8 to 511 bytes"));
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
