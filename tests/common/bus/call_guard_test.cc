// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/call_guard.h"

#include "tests/support/bus_pair.h"
#include "tests/support/scripted_identity.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace patd::bus {
namespace {

using support::Reply;

class Sample final : public Object {
  public:
    explicit Sample(CallGuard& guard) : Object(guard) {}
    void anyone(Call call) { note(std::move(call)); }
    void owner(Call call) { note(std::move(call)); }
    void holder(Call call) { note(std::move(call)); }
    void root(Call call) { note(std::move(call)); }
    void buggy(Call) { throw std::logic_error("a bug"); }

    std::vector<Caller> callers;

  private:
    void note(Call call) {
        callers.push_back(call.caller());
        call.reply();
    }
};

constexpr std::uint64_t kFlags = SD_BUS_VTABLE_UNPRIVILEGED;
constinit const sd_bus_vtable kVtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Anyone", "", "", (method<Access::Anyone, &Sample::anyone>), kFlags),
    SD_BUS_METHOD("Owner", "", "", (method<Access::Owner, &Sample::owner>), kFlags),
    SD_BUS_METHOD("Holder", "", "", (method<Access::Holder, &Sample::holder>), kFlags),
    SD_BUS_METHOD("Root", "", "", (method<Access::Root, &Sample::root>), kFlags),
    SD_BUS_METHOD("Once", "", "", (method_once<Access::Owner, &Sample::owner>), kFlags),
    SD_BUS_METHOD("Query", "", "", (query<Access::Owner, &Sample::owner>), kFlags),
    SD_BUS_METHOD("Buggy", "", "", (method<Access::Anyone, &Sample::buggy>), kFlags),
    SD_BUS_VTABLE_END};

constexpr const char* kMethods[] = {"Anyone", "Owner", "Holder", "Root"};

class CallGuardTest : public ::testing::Test {
  protected:
    CallGuardTest() {
        sd_bus_slot* slot = nullptr;
        auto* object = static_cast<Object*>(&sample_);
        support::must(
            sd_bus_add_object_vtable(pair_.service(), &slot, "/o", "i.f", kVtable, object),
            "sd_bus_add_object_vtable");
        slot_.reset(slot);
        caller_.set_sender(":1.7");
    }
    Reply call(const char* member) { return caller_.call("/o", "i.f", member); }

    std::unique_ptr<EventLoop> loop_ = EventLoop::create().value();
    support::BusPair pair_{*loop_};
    support::BusCaller caller_{*loop_, pair_.client()};
    support::ScriptedIdentity identity_;
    std::vector<std::pair<Caller, Access>> asked_;
    Result<void> verdict_;
    CallGuard guard_{identity_, [this](const Caller& caller, Access access) {
                         asked_.emplace_back(caller, access);
                         return verdict_;
                     }};
    Sample sample_{guard_};
    SlotPtr slot_;
};

// Row A1: an unknown identity is nobody, whatever the method.
TEST_F(CallGuardTest, NobodyPassesWithoutAnIdentity) {
    for (const Errc why : {Errc::AccessDenied, Errc::Unavailable, Errc::Internal}) {
        identity_.set_default(why);
        for (const char* member : kMethods)
            EXPECT_EQ(call(member).error, "org.patd.Tokens1.Error." + std::string(errc_name(why)));
    }
    EXPECT_TRUE(sample_.callers.empty());
    EXPECT_TRUE(asked_.empty());
}

// Row A2.
TEST_F(CallGuardTest, TheAccessLevelOfTheRowIsWhatIsAskedFor) {
    identity_.set_default(Uid(5));
    for (const char* member : kMethods)
        EXPECT_TRUE(call(member).ok());
    ASSERT_EQ(asked_.size(), 4U);
    EXPECT_EQ(asked_[0].second, Access::Anyone);
    EXPECT_EQ(asked_[1].second, Access::Owner);
    EXPECT_EQ(asked_[2].second, Access::Holder);
    EXPECT_EQ(asked_[3].second, Access::Root);
    EXPECT_EQ(asked_[0].first.uid, Uid(5));
}

// Row A2.
TEST_F(CallGuardTest, ARefusalOfTheBouncerEndsTheCall) {
    identity_.set_default(Uid(5));
    verdict_ = Errc::AccessDenied;
    for (const char* member : kMethods)
        EXPECT_EQ(call(member).error, "org.patd.Tokens1.Error.AccessDenied");
    EXPECT_TRUE(sample_.callers.empty());
}

// Row A5.
TEST_F(CallGuardTest, TheHandlerLearnsUidAndConnection) {
    identity_.set(":1.7", Uid(4000000000));
    ASSERT_TRUE(call("Owner").ok());
    ASSERT_EQ(sample_.callers.size(), 1U);
    EXPECT_EQ(sample_.callers[0].uid, Uid(4000000000));
    EXPECT_EQ(sample_.callers[0].connection, ":1.7");
}

TEST_F(CallGuardTest, ACallWaitsForItsIdentity) {
    identity_.set(":1.7", Uid(5));
    identity_.hold();
    support::PendingCall pending = caller_.send("/o", "i.f", "Owner");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return identity_.waiting() == 1; }));
    support::turn_while_ready(*loop_);
    EXPECT_FALSE(pending.answered());
    EXPECT_TRUE(sample_.callers.empty());
    identity_.release();
    EXPECT_TRUE(caller_.finish(std::move(pending)).ok());
    EXPECT_EQ(sample_.callers.size(), 1U);
}

// Row A1.
TEST_F(CallGuardTest, AnIdentityThatFailsLateRefusesAllThatWaited) {
    identity_.hold();
    support::PendingCall first = caller_.send("/o", "i.f", "Owner");
    support::PendingCall second = caller_.send("/o", "i.f", "Root");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return identity_.waiting() == 2; }));
    identity_.release();
    EXPECT_EQ(caller_.finish(std::move(first)).error, "org.patd.Tokens1.Error.AccessDenied");
    EXPECT_EQ(caller_.finish(std::move(second)).error, "org.patd.Tokens1.Error.AccessDenied");
    EXPECT_TRUE(sample_.callers.empty());
}

// Row D3.
// A bug answers its own call, and the connection can still answer others.
TEST_F(CallGuardTest, ABugInAHandlerFailsItsCallOnly) {
    identity_.set_default(Uid(5));
    EXPECT_EQ(call("Buggy").error, "org.patd.Tokens1.Error.Internal");
    EXPECT_TRUE(call("Anyone").ok());
}

TEST_F(CallGuardTest, ABugAfterItsTurnOrItsIdentityCameFailsItsCallOnly) {
    identity_.set_default(Uid(5));
    std::vector<std::function<void()>> held;
    CallGuard holding(
        identity_, [this](const Caller&, Access) { return verdict_; },
        [&held](Uid, std::function<void()> go) { held.push_back(std::move(go)); });
    Sample sample(holding);
    sd_bus_slot* raw = nullptr;
    support::must(sd_bus_add_object_vtable(pair_.service(), &raw, "/held", "i.f", kVtable,
                                           static_cast<Object*>(&sample)),
                  "sd_bus_add_object_vtable");
    const SlotPtr slot(raw);
    support::PendingCall buggy = caller_.send("/held", "i.f", "Buggy");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return held.size() == 1; }));
    // The loop goes on with the turns of others.
    EXPECT_NO_THROW(held.front()());
    EXPECT_EQ(caller_.finish(std::move(buggy)).error, "org.patd.Tokens1.Error.Internal");

    identity_.hold();
    support::PendingCall first = caller_.send("/o", "i.f", "Buggy");
    support::PendingCall second = caller_.send("/o", "i.f", "Owner");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return identity_.waiting() == 2; }));
    EXPECT_NO_THROW(identity_.release());
    EXPECT_EQ(caller_.finish(std::move(first)).error, "org.patd.Tokens1.Error.Internal");
    EXPECT_TRUE(caller_.finish(std::move(second)).ok());
}

// A call that is lost on its way is answered.
TEST_F(CallGuardTest, ACallThatIsLostBeforeItsIdentityCameIsAnswered) {
    class Lost final : public IdentitySource {
      public:
        void look_up(sd_bus_message*, Callback) override {}
    } lost;
    CallGuard losing(lost, [this](const Caller&, Access) { return verdict_; });
    Sample sample(losing);
    sd_bus_slot* raw = nullptr;
    support::must(sd_bus_add_object_vtable(pair_.service(), &raw, "/lost", "i.f", kVtable,
                                           static_cast<Object*>(&sample)),
                  "sd_bus_add_object_vtable");
    const SlotPtr slot(raw);
    EXPECT_EQ(caller_.call("/lost", "i.f", "Owner").error, "org.patd.Tokens1.Error.Internal");
}

TEST_F(CallGuardTest, AHeldCallIsAnsweredWhenItIsLetGoAndHeldOnlyOnceItWasAuthorised) {
    identity_.set_default(Uid(5));
    std::vector<std::function<void()>> held;
    CallGuard holding(
        identity_, [this](const Caller&, Access) { return verdict_; },
        [&held](Uid uid, std::function<void()> go) {
            EXPECT_EQ(uid, Uid(5));
            held.push_back(std::move(go));
        });
    Sample sample(holding);
    sd_bus_slot* raw = nullptr;
    support::must(sd_bus_add_object_vtable(pair_.service(), &raw, "/held", "i.f", kVtable,
                                           static_cast<Object*>(&sample)),
                  "sd_bus_add_object_vtable");
    const SlotPtr slot(raw);
    verdict_ = Errc::AccessDenied;
    EXPECT_FALSE(caller_.call("/held", "i.f", "Owner").ok());
    EXPECT_TRUE(held.empty());
    verdict_ = {};
    support::PendingCall pending = caller_.send("/held", "i.f", "Owner");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return held.size() == 1; }));
    EXPECT_TRUE(sample.callers.empty());
    held.front()();
    EXPECT_TRUE(caller_.finish(std::move(pending)).ok());
    EXPECT_EQ(sample.callers.size(), 1U);
}

// Row D2: a caller with too many pending calls is refused before the call does anything.
TEST_F(CallGuardTest, ACallIsCountedUntilItIsAnswered) {
    identity_.set_default(Uid(5));
    int counted = 0;
    std::vector<std::function<void()>> held;
    CallGuard counting(
        identity_,
        [this](const Caller& caller, Access access) {
            asked_.emplace_back(caller, access);
            return verdict_;
        },
        [&held](Uid, std::function<void()> go) { held.push_back(std::move(go)); },
        [&counted](Uid) -> Result<Call::Ticket> {
            if (counted > 0)
                return Errc::LimitExceeded;
            ++counted;
            return Call::Ticket(nullptr, [&counted](const void*) { --counted; });
        });
    Sample sample(counting);
    sd_bus_slot* raw = nullptr;
    support::must(sd_bus_add_object_vtable(pair_.service(), &raw, "/counted", "i.f", kVtable,
                                           static_cast<Object*>(&sample)),
                  "sd_bus_add_object_vtable");
    const SlotPtr slot(raw);
    support::PendingCall first = caller_.send("/counted", "i.f", "Owner");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return held.size() == 1; }));
    asked_.clear();
    EXPECT_EQ(caller_.call("/counted", "i.f", "Owner").error,
              "org.patd.Tokens1.Error.LimitExceeded");
    EXPECT_TRUE(asked_.empty());
    held.front()();
    EXPECT_TRUE(caller_.finish(std::move(first)).ok());
    EXPECT_EQ(counted, 0);
    verdict_ = Errc::AccessDenied;
    EXPECT_EQ(caller_.call("/counted", "i.f", "Root").error, "org.patd.Tokens1.Error.AccessDenied");
    EXPECT_EQ(counted, 0);
}

// Row D2: a flood of calls that take effect once costs no more than one, however many wait.
TEST_F(CallGuardTest, ASilentCallIsOneWithThatWhichWaits) {
    identity_.set_default(Uid(5));
    identity_.set(":1.8", Uid(6));
    int counted = 0;
    std::vector<std::function<void()>> held;
    CallGuard holding(
        identity_, [this](const Caller&, Access) { return verdict_; },
        [&held](Uid, std::function<void()> go) { held.push_back(std::move(go)); },
        [&counted](Uid) -> Result<Call::Ticket> {
            ++counted;
            return Call::Ticket();
        });
    Sample sample(holding);
    sd_bus_slot* raw = nullptr;
    support::must(sd_bus_add_object_vtable(pair_.service(), &raw, "/once", "i.f", kVtable,
                                           static_cast<Object*>(&sample)),
                  "sd_bus_add_object_vtable");
    const SlotPtr slot(raw);
    const auto send_silent = [&](int count, const char* sender) {
        caller_.set_sender(sender);
        const int before = counted;
        for (int i = 0; i < count; ++i) {
            const MessagePtr call = caller_.new_call("/once", "i.f", "Once");
            support::must(sd_bus_message_set_expect_reply(call.get(), 0), "set_expect_reply");
            support::must(sd_bus_send(pair_.client(), call.get(), nullptr), "send");
        }
        ASSERT_TRUE(support::turn_until(*loop_, [&] { return counted == before + count; }));
    };
    const auto let_go = [&held] {
        for (const auto& go : std::exchange(held, {}))
            go();
    };
    testing::internal::CaptureStderr();
    send_silent(20, ":1.7");
    send_silent(20, ":1.8");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "none of them is a call that was lost";
    ASSERT_EQ(held.size(), 2U) << "one of each uid";
    caller_.set_sender(":1.7");
    support::PendingCall answered = caller_.send("/once", "i.f", "Once");
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return held.size() == 3; }));
    let_go();
    EXPECT_TRUE(caller_.finish(std::move(answered)).ok()) << "who wants an answer has one";
    EXPECT_EQ(sample.callers.size(), 3U);
    send_silent(1, ":1.7");
    EXPECT_EQ(held.size(), 1U) << "none waits any more";
    let_go();
    verdict_ = Errc::AccessDenied;
    send_silent(1, ":1.7");
    verdict_ = {};
    send_silent(1, ":1.7");
    EXPECT_EQ(held.size(), 1U) << "one that was refused does not wait";
    let_go();
}

// Row D2: a flood of calls whose answers nobody wants only costs the reading.
TEST_F(CallGuardTest, AQueryWithoutAnAnswerIsNotEvenLookedAt) {
    identity_.hold();
    for (const char* member : {"Query", "Owner"}) {
        const MessagePtr call = caller_.new_call("/o", "i.f", member);
        support::must(sd_bus_message_set_expect_reply(call.get(), 0), "set_expect_reply");
        support::must(sd_bus_send(pair_.client(), call.get(), nullptr), "send");
    }
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return identity_.waiting() > 0; }));
    support::turn_while_ready(*loop_);
    EXPECT_EQ(identity_.waiting(), 1U);
    identity_.set_default(Uid(5));
    identity_.release();
    EXPECT_EQ(sample_.callers.size(), 1U);
    EXPECT_TRUE(call("Query").ok());
    EXPECT_EQ(sample_.callers.size(), 2U);
}

}  // namespace
}  // namespace patd::bus
