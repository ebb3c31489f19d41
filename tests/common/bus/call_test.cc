// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/call.h"

#include "common/base/names.h"
#include "tests/support/bus_pair.h"

#include <gtest/gtest.h>

#include <optional>

namespace patd::bus {
namespace {

using support::Reply;

// One object that passes every call to the test.
class CallTest : public ::testing::Test {
  protected:
    CallTest() {
        sd_bus_slot* slot = nullptr;
        support::must(sd_bus_add_object(pair_.service(), &slot, "/object/name", on_call, this),
                      "sd_bus_add_object");
        slot_.reset(slot);
    }
    static int on_call(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto* test = static_cast<CallTest*>(userdata);
        test->handler_(Call(ref(message), Caller{Uid(1), ":1.1"}));
        return 1;
    }
    Reply call(std::function<void(Call)> handler) {
        handler_ = std::move(handler);
        return caller_.call("/object/name", "i.f", "M");
    }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    support::BusPair pair_{*loop_};
    support::BusCaller caller_{*loop_, pair_.client()};
    SlotPtr slot_;
    std::function<void(Call)> handler_;
};

TEST_F(CallTest, ARepliesWithWhatIsAppended) {
    const Reply reply = call([](Call call) {
        call.reply([](sd_bus_message* m) {
            return check(sd_bus_message_append(m, "s", "hello"), "append");
        });
    });
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply.string(), "hello");
}

TEST_F(CallTest, RepliesWithNothing) {
    const Reply reply = call([](Call call) { call.reply(); });
    ASSERT_TRUE(reply.ok());
    EXPECT_STREQ(sd_bus_message_get_signature(reply.message.get(), 1), "");
}

TEST_F(CallTest, FailsWithTheNameAndTheFixedSentenceOnly) {
    const Reply reply = call([](Call call) {
        call.fail(Error{Errc::NotFound, "/a/path of this machine"});
    });
    EXPECT_EQ(reply.error, "org.patd.Tokens1.Error.NotFound");
    EXPECT_EQ(reply.text, errc_message(Errc::NotFound));
}

TEST_F(CallTest, EveryErrorHasANameThatTheBusAllows) {
    for (int code = 0; code <= static_cast<int>(Errc::WrongPassword); ++code) {
        const auto errc = static_cast<Errc>(code);
        const Reply reply = call([&](Call call) { call.fail(errc); });
        EXPECT_EQ(reply.error, names::kErrorPrefix + std::string(errc_name(errc)));
        EXPECT_EQ(reply.text, errc_message(errc));
    }
}

TEST_F(CallTest, AnAnswerThatNobodyWantsIsNotMade) {
    const MessagePtr call = caller_.new_call("/object/name", "i.f", "M");
    support::must(sd_bus_message_set_expect_reply(call.get(), 0), "set_expect_reply");
    int handled = 0;
    int filled = 0;
    handler_ = [&](Call now) {
        ++handled;
        now.reply([&](sd_bus_message*) -> Result<void> {
            ++filled;
            return {};
        });
    };
    support::must(sd_bus_send(pair_.client(), call.get(), nullptr), "send");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return handled == 1; }));
    EXPECT_EQ(filled, 0);
}

TEST_F(CallTest, ACallThatIsDroppedUnansweredFailsSoThatNobodyHangs) {
    const Reply reply = call([](const Call&) {});
    EXPECT_EQ(reply.error, "org.patd.Tokens1.Error.Internal");
}

TEST_F(CallTest, ACallMayBeAnsweredLater) {
    std::optional<Call> held;
    handler_ = [&](Call call) { held.emplace(std::move(call)); };
    support::PendingCall pending = caller_.send("/object/name", "i.f", "M");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return held.has_value(); }));
    support::turn_while_ready(*loop_);
    EXPECT_FALSE(pending.answered());
    held->reply();
    EXPECT_TRUE(caller_.finish(std::move(pending)).ok());
}

TEST_F(CallTest, AnswersOnce) {
    int answers = 0;
    const Reply reply = call([&](Call call) {
        call.reply();
        call.fail(Errc::Internal);
        ++answers;
    });
    EXPECT_TRUE(reply.ok());
    EXPECT_EQ(answers, 1);
    // Nothing else is on the way: the next answer is the next call's.
    EXPECT_EQ(call([](Call call) { call.fail(Errc::Busy); }).error, "org.patd.Tokens1.Error.Busy");
}

TEST_F(CallTest, AReplyThatCannotBeWrittenIsAnError) {
    const Reply failing = call([](Call call) {
        call.reply([](sd_bus_message*) -> Result<void> { return Errc::Corrupt; });
    });
    EXPECT_EQ(failing.error, "org.patd.Tokens1.Error.Corrupt");
    const Reply unprintable = call([](Call call) {
        call.reply([](sd_bus_message* m) {
            return check(sd_bus_message_append(m, "s", "\xff"), "append");
        });
    });
    EXPECT_EQ(unprintable.error, "org.patd.Tokens1.Error.Internal");
}

TEST_F(CallTest, KnowsTheLastPartOfThePathAndTheCaller) {
    std::string name;
    std::uint32_t uid = 0;
    (void)call([&](Call call) {
        name = call.object_name();
        uid = call.caller().uid.value();
        call.reply();
    });
    EXPECT_EQ(name, "name");
    EXPECT_EQ(uid, 1U);
}

// Row A17: the client leaves before the answer.
TEST_F(CallTest, AnsweringAClientThatLeftDoesNothing) {
    std::optional<Call> held;
    handler_ = [&](Call call) { held.emplace(std::move(call)); };
    {
        const support::PendingCall pending = caller_.send("/object/name", "i.f", "M");
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return held.has_value(); }));
    }
    pair_.close_client();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return sd_bus_is_open(pair_.service()) <= 0; }));
    held->reply();
    held.reset();
}

}  // namespace
}  // namespace patd::bus
