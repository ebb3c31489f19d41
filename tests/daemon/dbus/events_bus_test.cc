// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/events_bus.h"

#include "common/base/limits.h"
#include "tests/support/bus_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::dict;
using support::kAlice;
using support::kAliceBus;
using support::kBob;
using support::kBobBus;
using support::kRootBus;
using support::patd_error;
using support::Reply;
using support::with;
using Texts = std::vector<std::string>;

using support::kNow;

class EventsBusTest : public support::BusFixture {
  protected:
    void SetUp() override {
        BusFixture::SetUp();
        first_ = issue(kAlice).token.id;
        second_ = issue(kAlice).token.id;
        note(kAlice, first_, "a");
        note(kBob, std::nullopt, "b");
        clock_.advance(std::chrono::seconds(10));
        note(kAlice, second_, "c");
        clock_.advance(std::chrono::seconds(10));
        note(kAlice, first_, "d");
    }
    void note(Uid owner, std::optional<TokenId> token, const std::string& event) {
        auditor_->record(support::caller_of(owner), owner, token, event, "ok").value();
    }
    // "EVENT OWNER" of each, in order.
    static Texts read(const Reply& reply) {
        if (!reply.ok())
            return {reply.error};
        Texts texts;
        sd_bus_message* message = reply.message.get();
        support::must(sd_bus_message_enter_container(message, 'a', "a{sv}"), "enter");
        while (sd_bus_message_at_end(message, 0) == 0) {
            bus::Dict event = bus::Dict::read(message).value();
            texts.push_back(event.take<std::string>("event").value().value() + " " +
                            std::to_string(event.take<std::uint32_t>("owner").value().value()));
        }
        return texts;
    }
    Texts own(const char* who, const bus::Dict& options = {}) {
        return read(manager(who, "ListEvents", with(options)));
    }
    Texts all(const bus::Dict& options = {}, const char* who = kRootBus) {
        return read(admin(who, "ListEvents", with(options)));
    }

    std::optional<TokenId> first_;
    std::optional<TokenId> second_;
};

TEST_F(EventsBusTest, AUserSeesHisOwnAndNeverAnothers) {
    EXPECT_EQ(own(kAliceBus), (Texts{"d 1", "c 1", "a 1"}));
    EXPECT_EQ(own(kBobBus), Texts{"b 2"});
    EXPECT_EQ(own(kBobBus, dict({{"token", first_->text()}})), Texts{});
    EXPECT_EQ(own(kBobBus, dict({{"uid", std::uint32_t{1}}})),
              Texts{patd_error(Errc::UnknownOption)});
    EXPECT_EQ(own(kRootBus), Texts{});
}

TEST_F(EventsBusTest, RootSeesAllByUserTokenAndTime) {
    EXPECT_EQ(all(), (Texts{"d 1", "c 1", "b 2", "a 1"}));
    EXPECT_EQ(all(dict({{"uid", std::uint32_t{2}}})), Texts{"b 2"});
    EXPECT_EQ(all(dict({{"token", first_->text()}})), (Texts{"d 1", "a 1"}));
    EXPECT_EQ(all(dict({{"uid", std::uint32_t{2}}, {"token", first_->text()}})), Texts{});
    EXPECT_EQ(all(dict({{"since", kNow + 10}})), (Texts{"d 1", "c 1"}));
    EXPECT_EQ(all(dict({{"until", kNow + 10}})), (Texts{"b 2", "a 1"}));
    EXPECT_EQ(all(dict({{"limit", std::uint32_t{2}}})), (Texts{"d 1", "c 1"}));
    EXPECT_EQ(all({}, kAliceBus), Texts{patd_error(Errc::AccessDenied)});
}

TEST_F(EventsBusTest, ATimeNarrowsToWhatLiesInIt) {
    EXPECT_EQ(own(kAliceBus, dict({{"since", kNow + 10}, {"until", kNow + 11}})), Texts{"c 1"});
    EXPECT_EQ(own(kAliceBus, dict({{"since", kNow + 21}})), Texts{});
    EXPECT_EQ(own(kAliceBus, dict({{"until", kNow}})), Texts{});
    EXPECT_EQ(own(kAliceBus, dict({{"since", kNow + 20}, {"until", kNow}})), Texts{});
}

TEST_F(EventsBusTest, AUnitNarrowsToWhatItsProcessesDid) {
    for (const Uid uid : {kAlice, kBob}) {
        Caller caller = support::caller_of(uid);
        caller.unit = "backup.service";
        auditor_->record(caller, uid, std::nullopt, "e", "ok").value();
    }
    const bus::Dict unit = dict({{"unit", "backup.service"}});
    EXPECT_EQ(own(kAliceBus, unit), Texts{"e 1"});
    EXPECT_EQ(all(unit), (Texts{"e 2", "e 1"}));
    EXPECT_EQ(all(dict({{"unit", "backup.service"}, {"uid", std::uint32_t{2}}})), Texts{"e 2"});
    EXPECT_EQ(all(dict({{"unit", "other.service"}})), Texts{});
}

TEST_F(EventsBusTest, RefusesWhatIsNoOption) {
    EXPECT_EQ(own(kAliceBus, dict({{"token", "short"}})), Texts{patd_error(Errc::NotFound)});
    EXPECT_EQ(own(kAliceBus, dict({{"since", "now"}})), Texts{patd_error(Errc::MalformedRequest)});
    EXPECT_EQ(all(dict({{"uid", std::int64_t{1}}})), Texts{patd_error(Errc::MalformedRequest)});
    EXPECT_EQ(all(dict({{"unit", true}})), Texts{patd_error(Errc::MalformedRequest)});
    EXPECT_EQ(all(dict({{"units", "x.service"}})), Texts{patd_error(Errc::UnknownOption)});
}

// Row D2: reading events never goes ahead of a change.
TEST_F(EventsBusTest, WaitsForNothingThatIsWritten) {
    writer_.hold();
    EXPECT_EQ(own(kAliceBus).size(), 3U);
    EXPECT_EQ(writer_.waiting(), 0U);
    writer_.release();
}

// Row D1: others decide how many events there are.
TEST_F(EventsBusTest, IsMadeOfBoundedSteps) {
    constexpr std::size_t kEvents = 400;
    for (std::size_t i = 0; i < kEvents; ++i)
        note(kBob, std::nullopt, "many");
    const std::uint64_t before = turns_.steps();
    EXPECT_EQ(own(kBobBus, dict({{"limit", std::uint32_t{1000}}})).size(), kEvents + 1);
    EXPECT_GE(turns_.steps() - before,
              kEvents / limits::kEventRowsPerStep + kEvents / limits::kDictsPerStep);
    // Events that do not match are looked at in steps too.
    const std::uint64_t again = turns_.steps();
    EXPECT_EQ(own(kBobBus, dict({{"unit", "no.service"}})), Texts{});
    EXPECT_GE(turns_.steps() - again, kEvents / limits::kEventRowsPerStep);
}

}  // namespace
}  // namespace patd
