// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/password_state.h"

#include "common/base/service_limits.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <vector>

namespace patd {
namespace {

using step_up::FrameKind;

class PasswordStateTest : public ::testing::Test {
  protected:
    void find(std::uint32_t uid = 7, const std::string& user = "bob") {
        state_.find(Uid(uid), user,
                    [this](std::optional<bool> is_set) { said_.push_back(is_set); });
    }
    std::map<std::string, std::string> answer(FrameKind kind, const std::string& text = {}) {
        support::StepUpConversation conversation = service_.accept();
        std::map<std::string, std::string> begin = conversation.begin();
        conversation.send(kind, text);
        const std::size_t before = said_.size();
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return said_.size() > before; }));
        return begin;
    }
    // Another conversation about this account.
    void end_step_up(std::uint32_t uid, FrameKind kind, const std::string& text) {
        bool is_over = false;
        StepUp::Handler handler;
        handler.on_prompt = [](FrameKind, const std::string&) {};
        handler.on_outcome = [&is_over](const Result<void>&) { is_over = true; };
        const auto step_up =
            services_.start({"authenticate", Uid(uid), Uid(uid), "bob", "", ""}, handler).value();
        support::StepUpConversation conversation = service_.accept();
        conversation.begin();
        conversation.send(kind, text);
        EXPECT_TRUE(support::turn_until(*loop_, [&] { return is_over; }));
    }
    bool is_asked() {
        support::turn_while_ready(*loop_);
        return service_.has_caller();
    }

    static constexpr std::chrono::seconds kKept =
        std::chrono::ceil<std::chrono::seconds>(limits::kPasswordStateKept);
    using Said = std::vector<std::optional<bool>>;
    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    support::TemporaryDirectory directory_;
    support::ScriptedStepUp service_{*loop_, directory_.file("auth.sock")};
    support::FakeClock clock_;
    StepUpServices services_{*loop_, {service_.path(), ""}, clock_};
    PasswordState state_{*loop_, services_, clock_};
    Said said_;
};

TEST_F(PasswordStateTest, AsksForTheAccountItself) {
    find();
    std::map<std::string, std::string> begin = answer(FrameKind::Granted);
    EXPECT_EQ(begin["op"], "state");
    EXPECT_EQ(begin["caller"], "7");
    EXPECT_EQ(begin["uid"], "7");
    EXPECT_EQ(begin["user"], "bob");
    EXPECT_EQ(said_, Said{true});
}

// Row D5: a Status in a loop starts no process each time, whatever the answer was.
TEST_F(PasswordStateTest, BelievesEachAnswerForAWhile) {
    find();
    answer(FrameKind::Refused, "NoServicePassword");
    find();
    find(8, "carol");
    answer(FrameKind::Granted);
    find(8, "carol");
    find(9, "dave");
    answer(FrameKind::Refused, "Unavailable");
    find(9, "dave");
    EXPECT_EQ(said_, (Said{false, false, true, true, std::nullopt, std::nullopt}));
    EXPECT_FALSE(is_asked());
    // The same uid under another name is another account.
    find(7, "robert");
    EXPECT_TRUE(is_asked());
}

TEST_F(PasswordStateTest, AsksAgainAfterThatBecauseFilesMayHaveBeenRemovedOrRestored) {
    find();
    answer(FrameKind::Granted);
    clock_.advance(kKept);
    find();
    answer(FrameKind::Refused, "NoServicePassword");
    clock_.advance(kKept);
    find();
    answer(FrameKind::Granted);
    EXPECT_EQ(said_, (Said{true, false, true}));
}

TEST_F(PasswordStateTest, AsksAgainAtOnceWhenAConversationShowedWhetherThereIsOne) {
    for (const auto& [kind, text] :
         {std::pair(FrameKind::Granted, ""), std::pair(FrameKind::Refused, "NoServicePassword")}) {
        find();
        answer(FrameKind::Granted);
        end_step_up(7, kind, text);
        find();
        answer(FrameKind::Granted);
        clock_.advance(kKept);
    }
    EXPECT_EQ(said_.size(), 4U);
}

TEST_F(PasswordStateTest, AsksAgainAtOnceWhenRootSetOne) {
    find();
    answer(FrameKind::Refused, "NoServicePassword");
    services_.end_wait(Uid(8));
    find();
    EXPECT_FALSE(is_asked());
    services_.end_wait(Uid(7));
    find();
    EXPECT_TRUE(is_asked());
}

TEST_F(PasswordStateTest, DoesNotRememberAnAnswerThatMayBeOlderThanTheNews) {
    find();
    services_.end_wait(Uid(7));
    answer(FrameKind::Refused, "NoServicePassword");
    find();
    EXPECT_TRUE(is_asked());
}

TEST_F(PasswordStateTest, LearnsNothingFromAWrongPassword) {
    find();
    answer(FrameKind::Granted);
    end_step_up(7, FrameKind::Refused, "WrongPassword");
    find();
    EXPECT_FALSE(is_asked());
}

TEST_F(PasswordStateTest, AsksOnceForAllWhoWait) {
    find();
    find();
    answer(FrameKind::Refused, "NoServicePassword");
    EXPECT_EQ(said_, (Said{false, false}));
    EXPECT_FALSE(is_asked());
}

TEST_F(PasswordStateTest, KnowsNothingWhereNobodySays) {
    for (const char* refusal : {"Unavailable", "MalformedRequest", "Throttled 9000"}) {
        find();
        answer(FrameKind::Refused, refusal);
        clock_.advance(kKept);
    }
    EXPECT_EQ(said_, (Said{std::nullopt, std::nullopt, std::nullopt}));
    service_.stop();
    find();
    EXPECT_EQ(said_.size(), 4U);
    EXPECT_EQ(said_.back(), std::nullopt);
}

TEST_F(PasswordStateTest, WaitsForNobodyForLong) {
    find();
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return !said_.empty(); }));
    EXPECT_EQ(said_, Said{std::nullopt});
}

TEST_F(PasswordStateTest, AsksAboutAFewAtOnce) {
    for (std::uint32_t uid = 1; uid <= limits::kPasswordStates; ++uid)
        find(uid, "user");
    EXPECT_TRUE(said_.empty());
    find(4000, "other");
    EXPECT_EQ(said_, Said{std::nullopt});
}

}  // namespace
}  // namespace patd
