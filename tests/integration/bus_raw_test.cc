// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/raw_bus.h"
#include "tests/support/real_bus_fixture.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>

// patd receives only what a message bus has checked and delivers; a client may send it any bytes.
namespace patd {
namespace {

using hostile::odd_messages;
using hostile::RawBus;
using hostile::RawMessage;
using hostile::RawType;
using support::kAlice;
using support::kBob;
using support::SystemBus;

class BusRawTest : public support::RealBusFixture,
                   public ::testing::WithParamInterface<SystemBus::Program> {
  protected:
    BusRawTest() : RealBusFixture(GetParam()) {}
    void SetUp() override {
        RealBusFixture::SetUp();
        alice_ = connect_as(kAlice);
        const char* name = nullptr;
        support::must(sd_bus_get_unique_name(bus_.get(), &name), "sd_bus_get_unique_name");
        service_ = name;
    }

    std::unique_ptr<RawBus> connect_raw() {
        const support::AsUid user(kBob);
        return std::make_unique<RawBus>(system_.address());
    }
    std::vector<RawMessage> odd(const RawBus& raw) {
        return odd_messages(service_, raw.name(), null_.get());
    }
    // Waits until the bus or patd has answered, or the bus has ended the connection. True: an
    // answer.
    bool is_answered(RawBus& raw, std::uint32_t serial) {
        const auto is_over = [&] {
            raw.read(0);
            return raw.gone() || raw.has_answer(serial);
        };
        EXPECT_TRUE(support::turn_until(*loop_, is_over));
        return raw.has_answer(serial);
    }
    void expect_served() { EXPECT_TRUE(manager(alice_, "Status").ok()); }

    bus::BusPtr alice_;
    std::string service_;
    UniqueFd null_{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
};

// Row D3
TEST_P(BusRawTest, OddMessagesAreAnsweredOrDroppedAndHarmNobody) {
    auto raw = connect_raw();
    std::vector<RawMessage> all = odd(*raw);
    std::size_t answered = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (raw->gone()) {
            raw = connect_raw();
            all = odd(*raw);
        }
        const RawMessage& message = all[i];
        SCOPED_TRACE(message.name);
        const std::uint32_t serial = raw->send(message);
        if (message.type == RawType::Call && (message.flags & hostile::kNoReply) == 0)
            answered += is_answered(*raw, serial) ? 1U : 0U;
        expect_served();
    }
    // The bus does not deliver the others.
    EXPECT_GT(answered, all.size() / 3);
}

// Row D3
TEST_P(BusRawTest, BrokenMessagesEndTheirOwnConnectionAtMost) {
    const std::string whole = odd(*connect_raw()).front().marshal(2);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        SCOPED_TRACE(at);
        const auto raw = connect_raw();
        std::string bytes = whole;
        bytes[at] = static_cast<char>(~bytes[at]);
        raw->send(bytes);
        const auto cut = connect_raw();
        cut->send(whole.substr(0, at));
        expect_served();
    }
}

std::string bus_program(const ::testing::TestParamInfo<SystemBus::Program>& tested) {
    return tested.param == SystemBus::Program::DbusDaemon ? "DbusDaemon" : "DbusBroker";
}

INSTANTIATE_TEST_SUITE_P(Programs, BusRawTest,
                         ::testing::Values(SystemBus::Program::DbusDaemon,
                                           SystemBus::Program::DbusBroker),
                         bus_program);

}  // namespace
}  // namespace patd
