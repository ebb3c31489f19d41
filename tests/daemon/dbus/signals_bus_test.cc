// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/signals_bus.h"

#include "daemon/upkeep/expiry_notices.h"
#include "tests/support/real_bus_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::Issued;
using support::kAlice;
using support::kBob;
using support::must;
using Texts = std::vector<std::string>;

// A connection that accepts every signal from the bus.
struct Listener {
    bus::BusPtr bus;
    Texts signals = {};

    static int on_signal(sd_bus_message* message, void* userdata, sd_bus_error*) {
        const char* id = nullptr;
        must(sd_bus_message_read(message, "s", &id), "read");
        static_cast<Listener*>(userdata)->signals.push_back(
            std::string(sd_bus_message_get_member(message)) + " " + id);
        return 0;
    }
};

class SignalsBusTest : public support::RealBusFixture {
  protected:
    // A match rule as wide as it can be.
    std::unique_ptr<Listener> listen_as(Uid uid) {
        auto listener = std::make_unique<Listener>();
        listener->bus = connect_as(uid);
        must(sd_bus_add_match(listener->bus.get(), nullptr,
                              "type='signal',interface='org.patd.Tokens1.Manager'",
                              Listener::on_signal, listener.get()),
             "add_match");
        return listener;
    }
    // Presents a dead secret of Alice's.
    std::string raise_alarm() {
        const Issued issued = issue(kAlice);
        store_->remove(issued.token.id, kAlice, clock_.now()).value();
        testing::internal::CaptureStderr();
        (void)line_->verifier.verify(support::caller_of(kBob), issued.secret.reveal(), {}).value();
        testing::internal::GetCapturedStderr();
        return issued.token.id.text();
    }
    // Waits until everything sent before has arrived: each asks once more, and the bus keeps the
    // order.
    void settle(const std::vector<Listener*>& listeners) {
        for (const Listener* listener : listeners)
            EXPECT_TRUE(manager(listener->bus, "Status").ok());
    }
};

// Row A4: a signal goes to the connections of the token's owner that subscribed, and to nobody
// else: not to another subscribed user, not to root, not to the owner of a match rule.
TEST_F(SignalsBusTest, AnAlarmReachesItsOwnerAlone) {
    const auto alice = listen_as(kAlice);
    const auto second = listen_as(kAlice);
    const auto silent = listen_as(kAlice);
    const auto bob = listen_as(kBob);
    const auto root = listen_as(Uid(0));
    const auto stranger = listen_as(kBob);
    for (Listener* listener : {alice.get(), second.get(), bob.get(), root.get()})
        ASSERT_TRUE(manager(listener->bus, "Subscribe").ok());
    const std::string id = raise_alarm();
    settle({alice.get(), second.get(), silent.get(), bob.get(), root.get(), stranger.get()});
    EXPECT_EQ(alice->signals, Texts{"SecretReused " + id});
    EXPECT_EQ(second->signals, Texts{"SecretReused " + id});
    EXPECT_EQ(silent->signals, Texts{});
    EXPECT_EQ(bob->signals, Texts{});
    EXPECT_EQ(root->signals, Texts{});
    EXPECT_EQ(stranger->signals, Texts{});
}

TEST_F(SignalsBusTest, AnExpiryIsToldBeforeItComes) {
    const auto alice = listen_as(kAlice);
    const auto bob = listen_as(kBob);
    for (Listener* listener : {alice.get(), bob.get()})
        ASSERT_TRUE(manager(listener->bus, "Subscribe").ok());
    const Issued issued = issue(kAlice, {.expires = clock_.now() + 3600});
    clock_.advance(std::chrono::seconds(3000));
    testing::internal::CaptureStderr();
    ExpiryNotices notices({*loop_, context()});
    notices.set_notice(std::chrono::hours(1));
    testing::internal::GetCapturedStderr();
    settle({alice.get(), bob.get()});
    EXPECT_EQ(alice->signals, Texts{"TokenExpiring " + issued.token.id.text()});
    EXPECT_EQ(bob->signals, Texts{});
}

TEST_F(SignalsBusTest, AConnectionThatLeftIsForgotten) {
    auto alice = listen_as(kAlice);
    const auto other = listen_as(kAlice);
    ASSERT_TRUE(manager(alice->bus, "Subscribe").ok());
    const int before = vanished_;
    alice.reset();
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return vanished_ > before; }));
    std::size_t sent = 0;
    subscriptions_.send_by([&](const std::string&, const OwnerSignal&) { ++sent; });
    raise_alarm();
    EXPECT_EQ(sent, 0U);
    EXPECT_EQ(other->signals, Texts{});
}

TEST_F(SignalsBusTest, NothingIsSentWithoutAUniqueName) {
    const OwnerSignal signal{.owner = kAlice, .token = TokenId::generate(random_).value()};
    for (const char* name : {"", "org.example.Name", "line"})
        EXPECT_FALSE(send_signal(bus_.get(), name, signal)) << name;
}

}  // namespace
}  // namespace patd
