// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/step_up_services.h"

#include "common/base/limits.h"
#include "tests/support/operation_fixture.h"

#include <gtest/gtest.h>

#include <optional>

namespace patd {
namespace {

using std::chrono::seconds;
using step_up::FrameKind;

class StepUpServicesTest : public support::OperationFixture {
  protected:
    static StepUp::Request request(const std::string& op = "authenticate") {
        return {op, Uid(1000), Uid(1000), "alice", "", ""};
    }
    Result<void> start(const StepUp::Request& request) {
        StepUp::Handler handler;
        handler.on_prompt = [](FrameKind, const std::string&) {};
        handler.on_outcome = [this](const Result<void>& outcome) { verdict_ = outcome; };
        verdict_.reset();
        step_up_ = TRY(services_.start(request, std::move(handler)));
        return {};
    }
    void end_with(FrameKind kind, const std::string& payload) {
        support::StepUpConversation conversation = auth_.accept();
        conversation.send(kind, payload);
        ASSERT_TRUE(support::turn_until(*loop_, [this] { return verdict_.has_value(); }));
    }
    void be_throttled() {
        ASSERT_TRUE(start(request()));
        end_with(FrameKind::Refused, "Throttled 60000");
    }
    bool is_throttled(const StepUp::Request& request) {
        const Result<void> admitted = services_.admit(request);
        return !admitted && admitted.error().code == Errc::Throttled;
    }

    std::unique_ptr<StepUp> step_up_;
    std::optional<Result<void>> verdict_;
};

TEST_F(StepUpServicesTest, RememberAThrottledCallerForEveryOperationAsLongAsItHolds) {
    be_throttled();
    for (const char* op : {"authenticate", "change", "enroll"})
        EXPECT_EQ(start(request(op)).error().code, Errc::Throttled);
    support::turn_while_ready(*loop_);
    EXPECT_FALSE(auth_.has_caller());
    EXPECT_FALSE(enroll_.has_caller());
    clock_.advance(seconds(59));
    EXPECT_TRUE(is_throttled(request()));
    clock_.advance(seconds(1));
    EXPECT_FALSE(is_throttled(request()));
}

TEST_F(StepUpServicesTest, SayWhoHasToWaitAndForgetItWhenRootSaysSo) {
    EXPECT_TRUE(services_.waits().empty());
    be_throttled();
    clock_.advance(seconds(18));
    ASSERT_EQ(services_.waits().size(), 1U);
    const StepUpServices::Wait wait = services_.waits().front();
    EXPECT_EQ(wait.uid, Uid(1000));
    EXPECT_EQ(wait.user, "alice");
    EXPECT_EQ(wait.left, seconds(42));
    services_.end_wait(Uid(1001));
    EXPECT_TRUE(is_throttled(request()));
    services_.end_wait(Uid(1000));
    EXPECT_FALSE(is_throttled(request()));
    EXPECT_TRUE(services_.waits().empty());
    be_throttled();
    clock_.advance(seconds(60));
    EXPECT_TRUE(services_.waits().empty());
}

// Who types at a service may type anything, a password in place of a name too.
TEST_F(StepUpServicesTest, SayNothingOfWhoWasRefusedAtAService) {
    ASSERT_TRUE(start({"check", Uid(0), Uid(1000), "hunter22", "sshd", "192.0.2.1"}));
    end_with(FrameKind::Refused, "Throttled 60000");
    EXPECT_TRUE(services_.waits().empty());
}

TEST_F(StepUpServicesTest, RememberNothingOfAServiceThatDoesNotSayHowLong) {
    ASSERT_TRUE(start(request()));
    end_with(FrameKind::Refused, "Throttled");
    EXPECT_FALSE(is_throttled(request()));
}

TEST_F(StepUpServicesTest, KeepBucketsApart) {
    be_throttled();
    EXPECT_FALSE(is_throttled({"authenticate", Uid(1001), Uid(1001), "bob", "", ""}));
    EXPECT_FALSE(is_throttled({"check", Uid(0), Uid(1000), "alice", "", ""}));
    EXPECT_TRUE(is_throttled({"authenticate", Uid(1000), Uid(1000), "alice", "x", "192.0.2.1"}))
        << "only a service's word says where somebody is";
}

// A charged attempt may be returned to the bucket.
TEST_F(StepUpServicesTest, ForgetAtOnceWhenAnotherTryWasRightOrNotMade) {
    ASSERT_TRUE(start(request()));
    std::unique_ptr<StepUp> other = std::move(step_up_);
    support::StepUpConversation conversation = auth_.accept();
    be_throttled();
    ASSERT_TRUE(is_throttled(request()));
    verdict_.reset();
    conversation.send(FrameKind::Granted);
    ASSERT_TRUE(support::turn_until(*loop_, [this] { return verdict_.has_value(); }));
    EXPECT_FALSE(is_throttled(request()));

    ASSERT_TRUE(start(request()));
    other = std::move(step_up_);
    const support::StepUpConversation prompted = auth_.accept();
    be_throttled();
    ASSERT_TRUE(is_throttled(request()));
    other.reset();
    EXPECT_FALSE(is_throttled(request()));
}

TEST_F(StepUpServicesTest, RememberSoManyAndMakeRoomForOthers) {
    const auto throttle = [this](std::uint32_t uid) {
        StepUp::Request request = this->request();
        request.caller = Uid(uid);
        ASSERT_TRUE(start(request));
        end_with(FrameKind::Refused, "Throttled 60000");
    };
    for (std::uint32_t uid = 0; uid < limits::kThrottlesKnown; ++uid)
        throttle(10'000 + uid);
    be_throttled();
    EXPECT_FALSE(is_throttled(request())) << "costs a process, and is refused all the same";
    clock_.advance(seconds(60));
    be_throttled();
    EXPECT_TRUE(is_throttled(request()));
}

}  // namespace
}  // namespace patd
