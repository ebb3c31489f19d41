// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/password_check.h"

#include "common/base/limits.h"
#include "tests/support/failing_memory.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace patd {
namespace {

using step_up::FrameKind;

class PasswordCheckTest : public ::testing::Test {
  protected:
    using Outcome = std::shared_ptr<std::optional<Result<void>>>;

    // How a service that runs as root asks about `user`.
    static PasswordCheck::Request of_service(const std::string& user,
                                             const std::string& rhost = "192.0.2.1") {
        return {Uid(0), Uid(1000), user, "sshd", rhost};
    }
    // How a user has their own password checked.
    static PasswordCheck::Request of_user(std::uint32_t uid) {
        return {Uid(uid), Uid(uid), "user" + std::to_string(uid), "test", ""};
    }
    Outcome check(const PasswordCheck::Request& request = of_service("alice")) {
        auto outcome = std::make_shared<std::optional<Result<void>>>();
        check_.check(request, PromptAnswer(SecretBuffer::copy_of(std::string("a password"))),
                     [outcome](const Result<void>& result) { *outcome = result; });
        return outcome;
    }
    std::vector<Outcome> check(int count, const PasswordCheck::Request& request) {
        std::vector<Outcome> outcomes;
        for (int i = 0; i < count; ++i)
            outcomes.push_back(check(request));
        return outcomes;
    }
    Errc wait_for_refusal(const Outcome& outcome) {
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return outcome->has_value(); }));
        return (*outcome)->has_value() ? Errc::Internal : (*outcome)->error().code;
    }
    bool is_asked() {
        support::turn_while_ready(*loop_);
        return service_.has_caller();
    }
    // Answers the next check at patd-auth, and says whose it was.
    std::string answer_next(const std::string& refusal) {
        support::StepUpConversation conversation = service_.accept();
        std::string user = conversation.begin()["user"];
        conversation.send(FrameKind::Refused, refusal);
        support::turn_while_ready(*loop_);
        return user;
    }
    void refuse(int count, const PasswordCheck::Request& request, const std::string& refusal) {
        for (int i = 0; i < count; ++i) {
            const Outcome outcome = check(request);
            (void)answer_next(refusal);
            (void)wait_for_refusal(outcome);
        }
    }

    support::TemporaryDirectory directory_;
    support::FakeClock clock_;
    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    support::ScriptedStepUp service_{*loop_, directory_.file("auth.sock")};
    StepUpServices services_{*loop_, {service_.path(), ""}, clock_};
    PasswordCheck check_{*loop_, services_, clock_};
};

TEST_F(PasswordCheckTest, AnswersTheOnePromptAndTellsTheOutcome) {
    const Outcome outcome = check();
    support::StepUpConversation conversation = service_.accept();
    EXPECT_EQ(conversation.begin()["op"], "check");
    conversation.send(FrameKind::Info, "Welcome");
    conversation.send(FrameKind::PromptSecret, "Service password for alice: ");
    EXPECT_EQ(conversation.answer(), "a password");
    conversation.send(FrameKind::Granted);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return outcome->has_value(); }));
    EXPECT_TRUE((*outcome)->has_value());
}

// Row D18. Only one check per account is in progress: it must end, or no other ever begins.
TEST_F(PasswordCheckTest, WhicheverAllocationFailsACheckEndsAndTheNextBegins) {
    const auto held = std::make_shared<int>();
    testing::internal::CaptureStderr();
    const auto end_all = [&] {
        while (is_asked()) {
            service_.accept().close();
            support::turn_while_ready(*loop_);
        }
    };
    const std::size_t failed = support::with_each_allocation_failing(
        [&] {
            check_.check(of_service("alice"),
                         PromptAnswer(SecretBuffer::copy_of(std::string("a password"))),
                         [held](const Result<void>&) {});
        },
        [&](std::size_t nth) {
            end_all();
            EXPECT_EQ(held.use_count(), 1) << nth << ": neither answered nor let go";
            const Outcome next = check();
            ASSERT_TRUE(is_asked()) << nth;
            end_all();
            EXPECT_EQ(wait_for_refusal(next), Errc::Unavailable) << nth;
        });
    (void)testing::internal::GetCapturedStderr();
    EXPECT_GT(failed, 10U);
}

TEST_F(PasswordCheckTest, GivesThePasswordToASecondPromptNever) {
    const Outcome outcome = check();
    support::StepUpConversation conversation = service_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptSecret, "Service password for alice: ");
    EXPECT_EQ(conversation.answer(), "a password");
    conversation.send(FrameKind::PromptSecret, "Again: ");
    EXPECT_EQ(wait_for_refusal(outcome), Errc::Unavailable);
    EXPECT_TRUE(conversation.peer_is_gone());
}

TEST_F(PasswordCheckTest, GivesThePasswordToAPromptWithEchoNever) {
    const Outcome outcome = check();
    support::StepUpConversation conversation = service_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::PromptVisible, "Login: ");
    EXPECT_EQ(wait_for_refusal(outcome), Errc::Unavailable);
}

TEST_F(PasswordCheckTest, TellsTheReasonOfARefusal) {
    const Outcome outcome = check();
    support::StepUpConversation conversation = service_.accept();
    (void)conversation.begin();
    conversation.send(FrameKind::Refused, "Throttled");
    EXPECT_EQ(wait_for_refusal(outcome), Errc::Throttled);
}

TEST_F(PasswordCheckTest, FailsWhenTheServiceLeavesOrIsNotThere) {
    const Outcome outcome = check();
    {
        support::StepUpConversation conversation = service_.accept();
        (void)conversation.begin();
    }
    EXPECT_EQ(wait_for_refusal(outcome), Errc::Unavailable);
    service_.stop();
    EXPECT_EQ(wait_for_refusal(check()), Errc::Unavailable);
}

TEST_F(PasswordCheckTest, AsksForAUserHimselfAsAnOperationDoes) {
    (void)check(of_user(1000));
    support::StepUpConversation conversation = service_.accept();
    auto begin = conversation.begin();
    EXPECT_EQ(begin["op"], "authenticate");
    EXPECT_EQ(begin["caller"], "1000");
}

// Row P11
TEST_F(PasswordCheckTest, AsksForANameThatIsNobodysToo) {
    PasswordCheck::Request request = of_service("no-such-account");
    request.uid.reset();
    const Outcome outcome = check(request);
    support::StepUpConversation conversation = service_.accept();
    const std::map<std::string, std::string> expected = {{"op", "check"},
                                                         {"caller", "0"},
                                                         {"user", "no-such-account"},
                                                         {"service", "sshd"},
                                                         {"rhost", "192.0.2.1"}};
    EXPECT_EQ(conversation.begin(), expected);
    conversation.send(FrameKind::Refused, "WrongPassword");
    EXPECT_EQ(wait_for_refusal(outcome), Errc::WrongPassword);
}

// Row P18: how much patd-auth can be made to do at once for one account.
TEST_F(PasswordCheckTest, HasSoManyOfOneAccountUnderWayAndNoMore) {
    const auto outcomes = check(8, of_user(1001));
    std::vector<support::StepUpConversation> conversations;
    for (std::size_t i = 0; i < limits::kPasswordChecksPerUser; ++i)
        conversations.push_back(service_.accept());
    EXPECT_FALSE(is_asked());
    conversations.front().send(FrameKind::Refused, "WrongPassword");
    EXPECT_EQ(wait_for_refusal(outcomes[0]), Errc::WrongPassword);
    conversations.push_back(service_.accept());
    EXPECT_FALSE(is_asked());
    EXPECT_FALSE(outcomes[1]->has_value()) << "in order";
}

// Row D6: a full queue blocks nobody else.
TEST_F(PasswordCheckTest, LetsNobodyWaitBehindTheQueueOfAnother) {
    const auto outcomes = check(32, of_user(1001));
    std::vector<support::StepUpConversation> conversations;
    for (std::size_t i = 0; i < limits::kPasswordChecksPerUser; ++i)
        conversations.push_back(service_.accept());
    EXPECT_FALSE(is_asked());
    (void)check(of_user(1000));
    EXPECT_EQ(answer_next("WrongPassword"), "user1000");
    (void)check(of_service("user1001"));
    EXPECT_EQ(answer_next("WrongPassword"), "user1001") << "asked for at a service";
}

TEST_F(PasswordCheckTest, LetsAccountsTakeTurnsWhereAllTogetherAreTooMany) {
    std::vector<support::StepUpConversation> conversations;
    std::vector<std::vector<Outcome>> outcomes;
    for (std::uint32_t i = 0; i < limits::kPasswordChecks; ++i) {
        outcomes.push_back(check(1, of_user(2000 + i)));
        conversations.push_back(service_.accept());
    }
    outcomes.push_back(check(5, of_user(3001)));
    outcomes.push_back(check(5, of_user(3002)));
    ASSERT_FALSE(is_asked());
    std::vector<std::string> order;
    for (std::size_t i = 0; i < 2; ++i) {
        conversations[i].send(FrameKind::Refused, "WrongPassword");
        conversations.push_back(service_.accept());
        order.push_back(conversations.back().begin()["user"]);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"user3001", "user3002"}));
}

TEST_F(PasswordCheckTest, RefusesWhatIsTooManyOfOneAccountAndOfNoOther) {
    const auto all = limits::kPasswordChecksPerUser + limits::kPasswordChecksWaiting;
    std::vector<Uid> noted;
    check_.on_refused([&](Uid uid) { noted.push_back(uid); });
    const auto outcomes = check(static_cast<int>(all), of_user(1001));
    EXPECT_TRUE(noted.empty());
    EXPECT_EQ(wait_for_refusal(check(of_user(1001))), Errc::LimitExceeded);
    EXPECT_EQ(noted, std::vector<Uid>{Uid(1001)});
    EXPECT_FALSE(outcomes.back()->has_value());
    EXPECT_FALSE(check(of_user(1000))->has_value());
}

// A caller that was told to wait costs no process until then; the same holds for an operation.
TEST_F(PasswordCheckTest, RemembersWhoHasToWait) {
    const auto outcomes = check(6, of_user(1001));
    EXPECT_EQ(answer_next("Throttled 60000"), "user1001");
    // Those in progress with it; the others never begin.
    for (std::size_t i = 1; i < limits::kPasswordChecksPerUser; ++i)
        (void)answer_next("Throttled 60000");
    for (const Outcome& outcome : outcomes)
        EXPECT_EQ(wait_for_refusal(outcome), Errc::Throttled);
    EXPECT_FALSE(is_asked());
    EXPECT_EQ(wait_for_refusal(check(of_user(1001))), Errc::Throttled);
    EXPECT_FALSE(is_asked());
    clock_.advance(std::chrono::seconds(60));
    (void)check(of_user(1001));
    EXPECT_TRUE(is_asked());
}

TEST_F(PasswordCheckTest, RemembersOfAServiceWhichHostHasToWait) {
    refuse(1, of_service("alice", "192.0.2.1"), "Throttled 10000");
    EXPECT_EQ(wait_for_refusal(check(of_service("alice", "192.0.2.1"))), Errc::Throttled);
    EXPECT_FALSE(is_asked());
    (void)check(of_service("alice", "192.0.2.2"));
    EXPECT_TRUE(is_asked());
}

// Row D6: a user without a password is told so again and again, and is not throttled for it.
TEST_F(PasswordCheckTest, BeginsOneASecondAfterManyRefusalsInARow) {
    refuse(5, of_user(33), "NoServicePassword");
    const auto outcomes = check(4, of_user(33));
    EXPECT_FALSE(is_asked());
    clock_.advance(std::chrono::seconds(1));
    (void)check(of_user(1000));
    EXPECT_EQ(answer_next("WrongPassword"), "user1000");
    EXPECT_EQ(answer_next("NoServicePassword"), "user33");
    EXPECT_FALSE(is_asked());
    clock_.advance(std::chrono::seconds(5));
    // The timer for the first one's second, which this clock has passed.
    for (std::size_t i = 1; i < 4; ++i)
        EXPECT_EQ(wait_for_refusal(outcomes[i]), Errc::LimitExceeded) << "who waits no more";
    EXPECT_FALSE(is_asked());
}

TEST_F(PasswordCheckTest, ForgetsRefusalsAfterTheRightPasswordAndAfterAMinute) {
    refuse(5, of_user(1000), "WrongPassword");
    const Outcome outcome = check(of_user(1000));
    clock_.advance(std::chrono::seconds(1));
    support::StepUpConversation conversation = service_.accept();
    conversation.send(FrameKind::Granted);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return outcome->has_value(); }));
    refuse(5, of_user(1000), "WrongPassword");
    clock_.advance(std::chrono::seconds(60));
    (void)check(of_user(1000));
    EXPECT_TRUE(is_asked());
}

// Row P15: guessing at an account through services, from any number of hosts, does not keep its
// owner out; the right password is checked two seconds later.
TEST_F(PasswordCheckTest, DelaysAnOwnerForTwoSecondsAtMostWhileOthersGuess) {
    for (int i = 0; i < 5; ++i)
        refuse(1, of_service("alice", "192.0.2." + std::to_string(i)), "WrongPassword");
    std::vector<Outcome> outcomes;
    for (int i = 0; i < 20; ++i)
        outcomes.push_back(check(of_service("alice", "198.51.100." + std::to_string(i))));
    outcomes.push_back(check(of_service("alice", "203.0.113.1")));
    EXPECT_FALSE(is_asked());
    (void)check(of_user(1000));
    EXPECT_EQ(answer_next("WrongPassword"), "user1000") << "at his own machine nothing is slower";
    clock_.advance(std::chrono::seconds(2));
    (void)check(of_service("bob"));
    for (int i = 0; i < 22; ++i)
        (void)answer_next("WrongPassword");
    EXPECT_EQ(wait_for_refusal(outcomes.back()), Errc::WrongPassword) << "was looked at";
}

}  // namespace
}  // namespace patd
