// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/operations.h"

#include "common/base/limits.h"
#include "tests/support/failing_random.h"
#include "tests/support/operation_fixture.h"

#include <gtest/gtest.h>

#include <set>

namespace patd {
namespace {

using step_up::FrameKind;
using support::recorded_plan;
using support::StepUpConversation;

const Caller kFirst{Uid(1000), ":1.1"};
const Caller kSecond{Uid(1000), ":1.2"};
const Caller kOther{Uid(1001), ":1.3"};

class OperationsTest : public support::OperationFixture {
  protected:
    std::string begin(const Caller& caller) {
        return operations_.begin(caller, "bob", recorded_plan(record_)).value();
    }
    Errc begin_error(const Caller& caller) {
        return operations_.begin(caller, "bob", recorded_plan(record_)).error().code;
    }
    Errc find_error(const Caller& caller, const std::string& name) {
        return operations_.find(caller, name).error().code;
    }

    support::FailingRandom random_;
    Quota under_way_{{limits::kOperationsPerUser, limits::kOperations}};
    Operations operations_{*loop_, services_, random_, {under_way_, quota_}};
};

TEST_F(OperationsTest, NamesAre128RandomBits) {
    std::set<std::string> names;
    for (int i = 0; i < 200; ++i) {
        const std::string name = begin(kFirst);
        EXPECT_EQ(name.size(), 32U);
        EXPECT_EQ(name.find_first_not_of("0123456789abcdef"), std::string::npos);
        EXPECT_TRUE(names.insert(name).second);
        operations_.end_connection(kFirst.connection);
        support::turn_while_ready(*loop_);
    }
}

TEST_F(OperationsTest, WithoutRandomnessNothingBegins) {
    random_.set_failing(true);
    EXPECT_EQ(begin_error(kFirst), Errc::Unavailable);
    EXPECT_EQ(operations_.size(), 0U);
}

// Rows A9, A19.
TEST_F(OperationsTest, AnOperationIsFoundByTheConnectionAndUidThatBeganIt) {
    const std::string name = begin(kFirst);
    EXPECT_TRUE(operations_.find(kFirst, name));
    EXPECT_EQ(find_error(kSecond, name), Errc::OperationGone);
    EXPECT_EQ(find_error(kOther, name), Errc::OperationGone);
    EXPECT_EQ(find_error({Uid(0), kFirst.connection}, name), Errc::OperationGone);
    EXPECT_EQ(find_error({kOther.uid, kFirst.connection}, name), Errc::OperationGone);
    for (const std::string& wrong :
         {std::string(), name.substr(1), name + "0", std::string(32, '0')})
        EXPECT_EQ(find_error(kFirst, wrong), Errc::OperationGone);
}

// Row D1.
TEST_F(OperationsTest, FourAConnection) {
    for (std::size_t i = 0; i < limits::kOperationsPerConnection; ++i)
        (void)begin(kFirst);
    EXPECT_EQ(begin_error(kFirst), Errc::LimitExceeded);
    (void)begin(kSecond);
    (void)begin(kOther);
}

// Row D1.
TEST_F(OperationsTest, SixteenAUserAndOthersAreNotConcerned) {
    for (std::size_t i = 0; i < limits::kOperationsPerUser; ++i)
        (void)begin({Uid(1000), ":2." + std::to_string(i)});
    EXPECT_EQ(begin_error({Uid(1000), ":2.99"}), Errc::LimitExceeded);
    (void)begin(kOther);
    EXPECT_EQ(operations_.size(), limits::kOperationsPerUser + 1);
}

// Verify is open to every uid, and a user has thousands.
TEST_F(OperationsTest, AllUsersTogetherHaveALimit) {
    std::uint32_t uid = 100'000;
    while (operations_.size() < limits::kOperations) {
        for (std::size_t i = 0; i < limits::kOperationsPerUser; ++i)
            (void)begin({Uid(uid), std::to_string(uid) + "." + std::to_string(i)});
        ++uid;
    }
    // Lots that have none have a reserve.
    for (; operations_.size() < limits::kOperations * 3 / 2; ++uid)
        (void)begin({Uid(uid), std::to_string(uid)});
    EXPECT_EQ(begin_error(kFirst), Errc::LimitExceeded);
    operations_.end_connection("100000.0");
    support::turn_while_ready(*loop_);
    (void)begin(kFirst);
}

TEST_F(OperationsTest, WhatIsOverMakesRoom) {
    for (std::size_t i = 0; i < limits::kOperationsPerConnection; ++i)
        (*operations_.find(kFirst, begin(kFirst)))->end(Errc::Cancelled);
    operations_.sweep_later();
    support::turn_while_ready(*loop_);
    EXPECT_EQ(operations_.size(), 0U);
    (void)begin(kFirst);
}

TEST_F(OperationsTest, WhatIsOverIsGoneBeforeItIsSwept) {
    const std::string name = begin(kFirst);
    (*operations_.find(kFirst, name))->end(Errc::Cancelled);
    EXPECT_EQ(find_error(kFirst, name), Errc::OperationGone);
}

// Rows A10, A17.
TEST_F(OperationsTest, AConnectionThatGoesEndsItsOperationsOnly) {
    const std::string first = begin(kFirst);
    const std::string second = begin(kSecond);
    Operation& operation = **operations_.find(kFirst, first);
    const auto waiting = begin_next(operation);
    StepUpConversation conversation = auth_.accept();
    operations_.end_connection(kFirst.connection);
    ASSERT_TRUE(waiting->has_come());
    EXPECT_EQ(waiting->error(), Errc::OperationGone);
    EXPECT_EQ(find_error(kFirst, first), Errc::OperationGone);
    EXPECT_TRUE(conversation.peer_is_gone());
    EXPECT_TRUE(operations_.find(kSecond, second));
    support::turn_while_ready(*loop_);
    EXPECT_EQ(operations_.size(), 1U);
    EXPECT_EQ(record_->commits, 0);
}

// Row D2.
TEST_F(OperationsTest, OnePasswordPromptAUser) {
    Operation& first = **operations_.find(kFirst, begin(kFirst));
    Operation& second = **operations_.find(kSecond, begin(kSecond));
    Operation& other = **operations_.find(kOther, begin(kOther));
    EXPECT_TRUE(operations_.may_step_up(second));
    const auto waiting = begin_next(first);
    StepUpConversation conversation = auth_.accept();
    EXPECT_EQ(operations_.may_step_up(second).error().code, Errc::Busy);
    EXPECT_TRUE(operations_.may_step_up(first));
    EXPECT_TRUE(operations_.may_step_up(other));
    conversation.send(FrameKind::Refused, "WrongPassword");
    ASSERT_TRUE(wait(waiting));
    EXPECT_TRUE(operations_.may_step_up(second));
}

// A service of the same user that verifies tokens is not concerned by the user's open prompt.
TEST_F(OperationsTest, WhatAsksForNoPasswordIsNeverBusy) {
    Operation& first = **operations_.find(kFirst, begin(kFirst));
    Plan plan = recorded_plan(record_);
    plan.step_up = Plan::StepUp::None;
    const std::string name = operations_.begin(kSecond, "", std::move(plan)).value();
    Operation& verify = **operations_.find(kSecond, name);
    const auto waiting = begin_next(first);
    const StepUpConversation conversation = auth_.accept();
    EXPECT_TRUE(operations_.may_step_up(verify));
    EXPECT_EQ(next(verify).kind, "done");
}

class IdleOperationsTest : public OperationsTest {
  protected:
    IdleOperationsTest() {
        // The real limit is a minute; here it is a moment, with the same effect.
        quick_.set_idle(std::chrono::milliseconds(400));
        name_ = quick_.begin(kFirst, "bob", recorded_plan(record_)).value();
    }

    Operations quick_{*loop_, services_, random_, {under_way_, quota_}};
    std::string name_;
};

// Row A10.
TEST_F(IdleOperationsTest, TheLimitIsAMinute) {
    EXPECT_EQ(limits::kOperationIdle, std::chrono::seconds(60));
}

TEST_F(IdleOperationsTest, AnIdleOperationEnds) {
    const auto waiting = begin_next(**quick_.find(kFirst, name_));
    StepUpConversation conversation = auth_.accept();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return quick_.size() == 0; }));
    EXPECT_EQ(waiting->error(), Errc::OperationGone);
    EXPECT_TRUE(conversation.peer_is_gone());
    EXPECT_EQ(quick_.find(kFirst, name_).error().code, Errc::OperationGone);
    EXPECT_EQ(record_->commits, 0);
}

TEST_F(IdleOperationsTest, AFailureThatNobodyAsksForDoesNotLastForever) {
    const auto first = begin_next(**quick_.find(kFirst, name_));
    StepUpConversation conversation = auth_.accept();
    conversation.send(FrameKind::PromptSecret, "Password: ");
    ASSERT_TRUE(wait(first));
    conversation.send(FrameKind::Refused, "WrongPassword");
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return quick_.size() == 0; }));
}

TEST_F(IdleOperationsTest, ACallRestartsTheTime) {
    const auto begun = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(900)) {
        ASSERT_TRUE(quick_.find(kFirst, name_));
        loop_->run_once(std::chrono::milliseconds(1));
    }
    // Nobody else's call does.
    EXPECT_TRUE(support::turn_until(*loop_, [&] {
        EXPECT_FALSE(quick_.find(kSecond, name_));
        return quick_.size() == 0;
    }));
}

// A client that was told that it is gone would believe that nothing was changed.
TEST_F(IdleOperationsTest, ADiskThatStallsEndsNothing) {
    const Caller own{Uid(geteuid()), ":1.1"};  // who makes the sink
    Plan plan = recorded_plan(record_);
    plan.step_up = Plan::StepUp::None;
    const std::string slow = quick_.begin(own, "", std::move(plan)).value();
    ASSERT_EQ(next(**quick_.find(own, slow)).kind, "done");
    support::ClientSink sink;
    const auto committed = commit(**quick_.find(own, slow), sink.give());
    const auto wait_longer_than_idle = [&] {
        (void)quick_.begin(own, "", recorded_plan(record_)).value();
        return support::turn_until(*loop_, [&] { return quick_.size() == 1; });
    };
    ASSERT_FALSE(committed->has_come());
    ASSERT_TRUE(wait_longer_than_idle());
    ASSERT_FALSE(committed->has_come());
    record_->commit_done(support::revealing(record_, "secret"));
    ASSERT_TRUE(committed->result->has_value());
    const auto acknowledged = acknowledge(**quick_.find(own, slow));
    ASSERT_TRUE(wait_longer_than_idle());
    ASSERT_FALSE(acknowledged->has_come());
    record_->acknowledge_done({});
    EXPECT_TRUE(acknowledged->result->has_value());
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return quick_.size() == 0; }));
}

TEST_F(OperationsTest, OperationIdleMayBeShorter) {
    operations_.set_idle(std::chrono::milliseconds(20));
    const std::string name = begin(kFirst);
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return operations_.size() == 0; }));
    EXPECT_EQ(find_error(kFirst, name), Errc::OperationGone);
}

}  // namespace
}  // namespace patd
